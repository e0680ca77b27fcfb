//! What a session answers when it can't give a token, and what its end brought.

use ids::OrganizationId;

use crate::error::TokenError;
use crate::store::StoreError;

/// Why a session did not do what it was asked. Cheap to clone: everyone who waits for a refresh gets it. Only
/// [`Ended`](Self::Ended) is for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The session is over: sign in again.
    #[error("the session has ended: {0}")]
    Ended(EndReason),
    /// The token endpoint did not answer with tokens; the credentials are kept.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The store did not do its part; the credentials are kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token that came back speaks for another organization than asked for (security.md 44). The session stays
    /// in the organization it was in.
    #[error("the server answered with a token of another organization")]
    WrongOrganization {
        /// Asked for.
        asked: OrganizationId,
        /// Named by the token.
        got: OrganizationId,
    },
    /// The sign-in brought no refresh token, so there is no session to keep.
    #[error("the server gave no refresh token")]
    NoRefreshToken,
    /// The refresh broke off by a fault of the app; the next call tries again (security.md 40).
    #[error("the refresh broke off")]
    Interrupted,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndReason {
    /// The server no longer takes the grant: expired, revoked, or spent elsewhere.
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
    /// It can, as far as is known here.
    Live,
    /// It can't any more.
    Ended(EndReason),
}

/// What came of a sign-out. The session is over here in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndReport {
    /// Whether the server has revoked the grant. If not, its tokens may live up to an hour (security.md 42).
    pub revoked: Result<(), TokenError>,
    /// Whether the record is gone from the store.
    pub deleted: Result<(), StoreError>,
}
