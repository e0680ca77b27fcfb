//! An access token and what is known of it.

use std::sync::Arc;

use secrecy::SecretString;

use crate::claims::{Claims, SpeaksFor};
use crate::reply::TokenSet;

/// A token for the API, with what is known of it. Cheap to clone. Its `Debug` shows no secret.
#[derive(Clone)]
pub struct AccessToken {
    secret: Arc<SecretString>,
    /// Number of rotations of the session: pass it to [`Session::renew`](crate::Session::renew) if the token
    /// was refused.
    pub generation: u64,
    /// The claims of the token.
    pub claims: Arc<Claims>,
    /// The organization it is for, and how that is known.
    pub speaks_for: SpeaksFor,
}

impl AccessToken {
    pub(super) fn of(tokens: &TokenSet, generation: u64, speaks_for: SpeaksFor) -> Self {
        Self {
            secret: Arc::new(tokens.access.clone()),
            generation,
            claims: Arc::new(tokens.claims.clone()),
            speaks_for,
        }
    }

    /// The token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
