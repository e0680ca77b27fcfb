//! Pairing: a code that the person enters in a browser of any device, and the polling until they have decided
//! (the vendor's pairing grant, after RFC 8628). Must never begin by itself (security.md 24), poll faster than the
//! server allows, or print the code: whoever knows it can ask for the tokens.

mod reply;
mod wait;

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::{Moment, SystemClock, WallClock};
use crate::error::{PairingError, TokenError};
use crate::reply::TokenSet;
use crate::token::{Form, Grant, OAuth};

use reply::Offer;

/// A pairing that waits for the person. Has no Debug: the code is good for the tokens.
pub struct Pairing {
    oauth: OAuth,
    code: SecretString,
    url: Url,
    interval: Duration,
    expires_in: Duration,
    asked: Moment,
    clock: Arc<dyn WallClock>,
}

impl OAuth {
    /// Asks for a pairing code, for a person (mode `user`). Nothing is polled before [`Pairing::wait`].
    ///
    /// # Errors
    /// [`TokenError`]; a reply without a printable code of at most 64 characters, or with a page that is not
    /// at the account server, is [`TokenError::Malformed`].
    pub async fn pair(&self) -> Result<Pairing, TokenError> {
        self.pair_at(Arc::new(SystemClock)).await
    }

    /// The one pairing request: a code for a person, and where to enter it.
    async fn pairing_offer(&self) -> Result<Offer, TokenError> {
        let form = Form::new()
            .add("mode", "user")
            .add("scope", &self.config().scopes.to_string());
        let account = &self.config().account;
        let outcome = self
            .post(self.pairing_endpoint(), form, |reply, now| {
                reply::judge(reply, now, account)
            })
            .await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "pairing could not begin");
        }
        outcome
    }

    async fn pair_at(&self, clock: Arc<dyn WallClock>) -> Result<Pairing, TokenError> {
        let asked = Moment::now(clock.as_ref());
        let offer = self.pairing_offer().await?;
        Ok(Pairing {
            oauth: self.clone(),
            code: offer.code,
            url: offer.url,
            interval: offer.interval,
            expires_in: offer.expires_in,
            asked,
            clock,
        })
    }
}

impl Pairing {
    /// What the person enters: 1 to 64 printable ASCII characters. For their eyes, and for no log.
    pub fn code(&self) -> &str {
        self.code.expose_secret()
    }

    /// Where they enter it: a page of the account server. It may hold the code.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How long the code is good, from when it was asked for; at most an hour.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// Polls until the person has decided, the code expires, or `cancel` is called. Needs a Tokio runtime.
    ///
    /// The pace (RFC 8628 section 3.5): the server's interval, 5 seconds more for good at each `slow_down`, twice the
    /// pause after each reply that did not come, and at least what a 429 asks for. Where a reply was lost that may have
    /// held the tokens, the server no longer knows the code: that is the lost reply's error, not a refusal.
    ///
    /// # Errors
    /// [`PairingError`]: refused, expired, cancelled, or a reply that was lost.
    pub async fn wait(self, cancel: &CancellationToken) -> Result<TokenSet, PairingError> {
        let Self { oauth, code, .. } = &self;
        let poll = || {
            let (oauth, code) = (oauth.clone(), code.clone());
            let (sender, outcome) = oneshot::channel();
            // Away from its caller: whoever cancels in the middle of a poll must not leave a grant behind that nobody
            // holds.
            tokio::spawn(async move {
                let outcome = oauth.token(Grant::Pairing { code: &code }).await;
                if let Err(Ok(tokens)) = sender.send(outcome)
                    && let Some(refresh) = &tokens.refresh
                {
                    let _ = oauth.revoke(refresh).await;
                }
            });
            let host = self.url.host_str().unwrap_or_default().to_owned();
            async move {
                outcome.await.unwrap_or(Err(TokenError::LostReply {
                    host,
                    timed_out: false,
                }))
            }
        };
        let pace = wait::Pace::new(self.interval);
        let life = wait::Life {
            asked: self.asked,
            lasts: self.expires_in,
            clock: self.clock.as_ref(),
        };
        wait::poll_until_decided(poll, pace, &life, cancel).await
    }
}
