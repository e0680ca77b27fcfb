//! Pairing: a code that the user enters in a browser of any device, and the polling until it is confirmed
//! (the vendor's pairing grant, after RFC 8628). Must never begin by itself (security.md 24), poll faster
//! than the server allows, or print the code: with it, any program can ask for the tokens.

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

/// A pairing that waits for its confirmation. Has no `Debug`: the code gives access to the tokens.
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
    /// Requests a pairing code for a user (mode `user`). Nothing is polled before [`Pairing::wait`].
    ///
    /// # Errors
    /// [`TokenError`]; a reply without a printable code of at most 64 characters, or with a page that is not
    /// on the account server, is [`TokenError::Malformed`].
    pub async fn pair(&self) -> Result<Pairing, TokenError> {
        self.pair_at(Arc::new(SystemClock)).await
    }

    /// The only pairing request: a code for a user, and the page to enter it on.
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
    /// The code to enter: 1 to 64 printable ASCII characters. For display only, never for a log.
    pub fn code(&self) -> &str {
        self.code.expose_secret()
    }

    /// The page to enter it on, on the account server. The URL may contain the code.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The lifetime of the code, from when it was requested; at most an hour.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// Polls until the pairing is confirmed or refused, the code expires, or `cancel` is called. Needs a
    /// Tokio runtime.
    ///
    /// The interval (RFC 8628 section 3.5): the server's, 5 seconds more from each `slow_down` on, twice the
    /// pause after each lost reply, and at least what a 429 asks for. If the lost reply may have contained
    /// the tokens, the server no longer knows the code: the error is then that of the lost reply, not a
    /// refusal.
    ///
    /// # Errors
    /// [`PairingError`]: refused, expired, cancelled, or a lost reply.
    pub async fn wait(self, cancel: &CancellationToken) -> Result<TokenSet, PairingError> {
        let Self { oauth, code, .. } = &self;
        let poll = || {
            let (oauth, code) = (oauth.clone(), code.clone());
            let (sender, outcome) = oneshot::channel();
            // In its own task: a caller that cancels during a poll must not leave an unused grant behind.
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
        let interval = wait::PollInterval::new(self.interval);
        let life = wait::Life {
            asked: self.asked,
            lasts: self.expires_in,
            clock: self.clock.as_ref(),
        };
        wait::poll_until_decided(poll, interval, &life, cancel).await
    }
}
