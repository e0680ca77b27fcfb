//! Sign-in to ezeep Blue for a desktop app: authorization code with PKCE over a loopback redirect or a scheme of
//! our own, pairing codes, one session with rotating refresh tokens, and the native keychain that keeps it.
//! Must never show a token (no type that holds one prints it), follow a redirect with one, or drop one on a guess.
//!
//! The way through: [`OAuthConfig`] → [`OAuth::begin`] → open [`Attempt::authorization_url`] in the system browser →
//! [`Attempt::wait`] → [`OAuth::exchange`] → [`Session::establish`]. Next start: [`Session::restore`]. Where the
//! redirect is a scheme of our own, the app gives its links to [`Links::deliver`]. Without a browser on this computer:
//! [`OAuth::pair`] → [`Pairing::wait`] → [`Session::establish`].
//! "security.md N" in the comments is the numbered rule that the code or the test stands for.

mod attempt;
mod callback;
mod claims;
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

pub use attempt::{Attempt, AuthorizedCode, BeginError, CallbackError, Hints, Prompt};
pub use claims::{Claims, SpeaksFor};
pub use links::{Delivery, Links};
pub use notices::Notices;
pub use pairing::{Pairing, PairingError};
pub use redirect::{Loopback, RedirectError, RedirectUri, Scheme};
pub use reply::{MalformedReply, TokenSet};
pub use session::{AccessToken, EndReason, EndReport, KeepFresh, Session, SessionError, SessionState};
pub use settings::{ClientAuthentication, ClientId, ConfigError, Limits, OAuthConfig, Scopes};
pub use store::{
    FileKey, MemoryStore, OsStore, Record, RecordLock, RecordName, SecretStore, StoreError, StoreKind,
};
pub use token::{OAuth, TokenError};
