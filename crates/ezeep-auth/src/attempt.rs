//! One attempt to sign in: its state and verifier, its authorization URL, and the wait for its answer. Must
//! never open a browser itself, reuse a state, or return a code that is not bound to its own verifier.

use std::sync::Mutex;
use std::time::Duration;

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::authorized_code::AuthorizedCode;
use crate::callback::{self, Expected, Rejection};
use crate::error::{BeginError, CallbackError};
use crate::links::{LinkReceiver, Links};
use crate::listener::{Listener, Verdict};
use crate::notices::{NoticeSender, Notices};
use crate::page::Page;
use crate::redirect::{RedirectUri, Scheme};
use crate::token::OAuth;

/// Optional parameters for the sign-in page. Typed, so that nothing can override a standard parameter
/// (security.md 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hints {
    /// `social=azure`: go straight to Microsoft.
    pub social_azure: bool,
    /// `prompt`.
    pub prompt: Option<Prompt>,
}

/// The values of `prompt` that the vendor documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// No account picker at Microsoft.
    None,
    /// Choose Microsoft as the login provider.
    Azure,
}

/// An attempt that waits for its answer: the listener is bound already, or links are accepted already.
/// Dropping it closes the listener, or stops accepting links.
pub struct Attempt {
    url: Url,
    redirect: RedirectUri,
    verifier: SecretString,
    receiver: Receiver,
    notices: NoticeSender,
}

/// How the answer arrives.
enum Receiver {
    Loopback(Listener, Expected),
    Link(LinkReceiver),
}

impl OAuth {
    /// Begins an attempt: binds the redirect's port first (security.md 6), then makes state, verifier and
    /// URL. If the redirect uses a scheme of our own, the attempt becomes the pending one of its [`Links`].
    ///
    /// Needs a Tokio runtime.
    ///
    /// # Errors
    /// [`BeginError`], before anything is shown to the user.
    pub async fn begin(&self, hints: Hints) -> Result<Attempt, BeginError> {
        enum Way<'a> {
            Loopback(Listener),
            Link(&'a Links, &'a Scheme),
        }
        let config = self.config();
        let way = match &config.redirect {
            RedirectUri::Loopback(loopback) => Way::Loopback(Listener::bind(loopback)?),
            RedirectUri::Scheme(scheme) => {
                Way::Link(self.links().ok_or(BeginError::RedirectUnsupported)?, scheme)
            }
        };
        // 32 random bytes each (security.md 2).
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let redirect = RedirectUrl::new(config.redirect.as_str().to_owned())
            .map_err(|_| BeginError::RedirectUnsupported)?;
        let client = BasicClient::new(oauth2::ClientId::new(config.client_id.as_str().to_owned()))
            .set_auth_uri(AuthUrl::from_url(self.authorize_endpoint().clone()))
            .set_redirect_uri(redirect);
        let mut request = client
            .authorize_url(|| CsrfToken::new_random_len(32))
            .set_pkce_challenge(challenge)
            .add_scopes(config.scopes.iter().map(|scope| Scope::new(scope.to_owned())));
        if hints.social_azure {
            request = request.add_extra_param("social", "azure");
        }
        if let Some(prompt) = hints.prompt {
            let value = match prompt {
                Prompt::None => "none",
                Prompt::Azure => "azure",
            };
            request = request.add_extra_param("prompt", value);
        }
        let (url, state) = request.url();
        let expected = Expected {
            state: SecretString::from(state.into_secret()),
            issuer: config.account.origin().ascii_serialization(),
        };
        let notices = NoticeSender::default();
        let receiver = match way {
            Way::Loopback(listener) => Receiver::Loopback(listener, expected),
            Way::Link(links, scheme) => {
                Receiver::Link(links.expect(scheme.clone(), expected, notices.clone()))
            }
        };
        Ok(Attempt {
            url,
            redirect: config.redirect.clone(),
            verifier: SecretString::from(verifier.into_secret()),
            receiver,
            notices,
        })
    }
}

impl Attempt {
    /// The URL to open in the system browser. It contains the state: it may go to the clipboard or the
    /// opener, never to a log.
    pub fn authorization_url(&self) -> &Url {
        &self.url
    }

    /// The redirect URI of this attempt, as sent.
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect
    }

    /// What arrives meanwhile that is not the answer, for a window that explains the wait. Ends with the
    /// attempt.
    pub fn notices(&self) -> watch::Receiver<Notices> {
        self.notices.subscribe()
    }

    /// Waits for the browser's answer, at most `limit`. Other requests are answered and change nothing
    /// (security.md 10). The listener is closed when this returns, or when its future is dropped.
    ///
    /// # Errors
    /// [`CallbackError`]: the answer refuses or can't be used, the wait was cancelled, or its limit has
    /// passed.
    pub async fn wait(
        self,
        cancel: &CancellationToken,
        limit: Duration,
    ) -> Result<AuthorizedCode, CallbackError> {
        let Self {
            verifier,
            redirect,
            receiver,
            notices,
            ..
        } = self;
        let answer = async {
            match receiver {
                Receiver::Loopback(listener, expected) => {
                    listener.serve(judge(expected, notices.clone()), &notices).await
                }
                Receiver::Link(mut receiver) => receiver.answer().await,
            }
        };
        let code = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(CallbackError::Cancelled),
            outcome = answer => outcome?,
            () = tokio::time::sleep(limit) => return Err(CallbackError::TimedOut),
        };
        Ok(AuthorizedCode {
            code,
            verifier,
            redirect,
        })
    }
}

/// Compares each query with the expected answer.
fn judge(
    expected: Expected,
    notices: NoticeSender,
) -> impl Fn(&str) -> Verdict<Result<SecretString, CallbackError>> + Send + Sync + 'static {
    // Single use (security.md 17): the first answer takes it.
    let pending = Mutex::new(Some(expected));
    move |query| {
        let mut pending = pending.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(expected) = pending.as_ref() else {
            return Verdict::Ignored(Page::Refused);
        };
        let (page, outcome) = match callback::read(query, expected) {
            Ok(code) => (Page::Done, Ok(code)),
            Err(Rejection::NotOurs) => {
                notices.refused();
                return Verdict::Ignored(Page::Refused);
            }
            Err(Rejection::AnotherSignIn) => {
                notices.another_sign_in();
                return Verdict::Ignored(Page::AnotherSignIn);
            }
            Err(Rejection::Ends(error)) => (Page::Refused, Err(error)),
        };
        *pending = None;
        Verdict::Settled(page, outcome)
    }
}
