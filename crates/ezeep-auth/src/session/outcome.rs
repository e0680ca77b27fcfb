//! The errors of a session, and the result of its end.

use ids::OrganizationId;

use crate::error::TokenError;
use crate::store::StoreError;

/// Why a session has no token. Cheap to clone: all callers of a refresh get it. Only [`Ended`](Self::Ended)
/// is permanent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The session is over: sign in again.
    #[error("the session has ended: {0}")]
    Ended(EndReason),
    /// The token endpoint did not return tokens; the credentials are kept.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The store failed; the credentials are kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The returned token speaks for another organization than the requested one (security.md 44). The
    /// session stays in its organization.
    #[error("the server answered with a token of another organization")]
    WrongOrganization {
        /// The requested one.
        asked: OrganizationId,
        /// The one that the token names.
        got: OrganizationId,
    },
    /// The sign-in returned no refresh token, so there is no session to store.
    #[error("the server gave no refresh token")]
    NoRefreshToken,
    /// The refresh panicked; the next call tries again (security.md 40).
    #[error("the refresh broke off")]
    Interrupted,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndReason {
    /// The server no longer accepts the grant: expired, revoked, or used elsewhere.
    #[error("the server no longer takes it")]
    InvalidGrant,
    /// [`Session::end`](crate::Session::end) was called.
    #[error("signed out")]
    SignedOut,
    /// The record is no longer in the store: signed out in another process, or removed by hand.
    #[error("its record was removed")]
    RecordGone,
    /// The API refuses the newest token, which was just renewed. The record stays (security.md 37).
    #[error("the server refuses a token that was just renewed")]
    TokenRefused,
}

/// Whether a session can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It can, as far as this process knows.
    Live,
    /// It can't any more.
    Ended(EndReason),
}

/// The result of a sign-out. The session is over here in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndReport {
    /// Whether the server has revoked the grant. If not, its tokens may live up to an hour (security.md 42).
    pub revoked: Result<(), TokenError>,
    /// Whether the record is gone from the store.
    pub deleted: Result<(), StoreError>,
}
