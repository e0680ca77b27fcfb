//! One signed-in session: returns access tokens, renews, switches, ends. Owns the rule that one refresh runs
//! at a time and that all its callers get the result. Must never discard a credential except after the
//! server's `invalid_grant` with the store unchanged (security.md 37).

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
