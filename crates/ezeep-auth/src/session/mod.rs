//! One signed-in session: hands out access tokens, renews, switches, ends. Owns the rule that one refresh runs at a
//! time and that everyone who waits for it is told. Must never drop a credential on anything but the server's
//! `invalid_grant` with the store unchanged (security.md 37).

mod access_token;
mod core;
mod handle;
mod keep_fresh;
mod life;
mod outcome;
mod rotation;

pub use access_token::AccessToken;
pub use handle::Session;
pub use keep_fresh::KeepFresh;
pub use outcome::{EndReason, EndReport, SessionError, SessionState};

#[cfg(test)]
mod tests;
