//! Sign-in to ezeep Blue for a desktop app: authorization code with PKCE over a loopback redirect or a scheme
//! of our own, pairing codes, one session with rotating refresh tokens, and the native keychain that stores
//! it. Must never show a token (no type that contains one prints it), follow a redirect with one, or discard
//! one without the server's `invalid_grant`.
//!
//! The sequence: [`OAuthConfig`] → [`OAuth::begin`] → open [`Attempt::authorization_url`] in the system
//! browser → [`Attempt::wait`] → [`OAuth::exchange`] → [`Session::establish`]. At the next start:
//! [`Session::restore`]. If the redirect uses a scheme of our own, the app passes its links to
//! [`Links::deliver`]. Without a browser on this computer: [`OAuth::pair`] → [`Pairing::wait`] →
//! [`Session::establish`].
//!
//! "security.md N" in the comments is the numbered rule that the code or the test implements.

mod attempt;
mod authorized_code;
mod callback;
mod claims;
mod clock;
mod error;
mod exclusive;
mod head;
mod links;
mod listener;
mod notices;
mod page;
mod pairing;
mod redirect;
mod reply;
mod session;
mod settings;
mod store;
mod token;

pub use attempt::{Attempt, Hints, Prompt};
pub use authorized_code::AuthorizedCode;
pub use claims::{Claims, SpeaksFor};
pub use error::{BeginError, CallbackError, MalformedReply, PairingError, TokenError};
pub use links::{Delivery, Links};
pub use notices::Notices;
pub use pairing::Pairing;
pub use redirect::{Loopback, RedirectError, RedirectUri, Scheme};
pub use reply::TokenSet;
pub use session::{AccessToken, EndReason, EndReport, KeepFresh, Session, SessionError, SessionState};
pub use settings::{ClientAuthentication, ClientId, ConfigError, Limits, OAuthConfig, Scopes};
pub use store::{MemoryStore, OsStore, Record, RecordLock, RecordName, SecretStore, StoreError};
pub use token::OAuth;
