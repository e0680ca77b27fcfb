//! The access token as this crate sees it: requested from a source, sent, renewed. Must never be stored or
//! shown here, nor does this crate know how it is made.

use async_trait::async_trait;
use http::HeaderValue;
use ids::OrganizationId;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// An access token and the generation it belongs to.
#[derive(Clone)]
pub struct BearerToken {
    secret: SecretString,
    generation: u64,
}

impl BearerToken {
    /// A token. Each newer token of a source must have a larger generation, so that a late 401 for an old one
    /// can't discard a new one.
    pub fn new(secret: SecretString, generation: u64) -> Self {
        Self { secret, generation }
    }

    /// The generation.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The value of the `Authorization` header, marked sensitive so that no library prints it. `None` if the
    /// token contains a character that a header can't carry.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.secret.expose_secret()));
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The text without this token: a server's error page may repeat the request.
    pub(crate) fn redact(&self, text: String) -> String {
        let secret = self.secret.expose_secret();
        if secret.is_empty() || !text.contains(secret) {
            text
        } else {
            text.replace(secret, "[token]")
        }
    }
}

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerToken")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// The source of tokens. One source speaks for one sign-in in one organization.
#[async_trait]
pub trait TokenSource: Send + Sync + 'static {
    /// A token to use now. The source may renew it first.
    ///
    /// # Errors
    /// [`TokenUnavailable`] with the source's own error.
    async fn token(&self) -> Result<BearerToken, TokenUnavailable>;

    /// After a 401: a token newer than the generation `refused`. If there is a newer one already, that one,
    /// without a request. If the old one is returned, the call ends with the 401.
    ///
    /// # Errors
    /// [`TokenUnavailable`] if there is no newer one.
    async fn renew(&self, refused: u64) -> Result<BearerToken, TokenUnavailable>;

    /// Reports the organization that an answer belongs to (a group's `organization_id`).
    ///
    /// # Errors
    /// [`TokenUnavailable`] if the source's token must speak for another organization. The call fails with
    /// it, so that the answer is discarded (security.md 44).
    fn answered_for(&self, organization: &OrganizationId) -> Result<(), TokenUnavailable> {
        let _ = organization;
        Ok(())
    }

    /// Reports that the token of this generation was refused although it had just been renewed: another token
    /// would not help. The call fails with the 401.
    async fn refused_again(&self, generation: u64) {
        let _ = generation;
    }
}

/// No token to send. Contains the source's own error, for the caller to downcast.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TokenUnavailable(pub Box<dyn std::error::Error + Send + Sync>);

/// The token contains a character that an HTTP header can't carry.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the access token can't be sent in a header")]
pub struct TokenNotSendable;

#[cfg(test)]
mod tests {
    use super::BearerToken;

    #[test]
    fn debug_shows_the_generation_and_no_secret() {
        let token = BearerToken::new("canary-secret".to_owned().into(), 7);
        let text = format!("{token:?} {:?}", token.header());
        assert!(text.contains('7') && !text.contains("canary"), "{text}");
    }

    #[test]
    fn a_token_that_breaks_the_header_is_not_sent() {
        assert!(
            BearerToken::new("a\r\nX-Evil: 1".to_owned().into(), 1)
                .header()
                .is_none()
        );
    }

    #[test]
    fn a_page_that_repeats_the_token_is_cleaned() {
        let token = BearerToken::new("canary".to_owned().into(), 1);
        assert_eq!(
            token.redact("Authorization: Bearer canary!".into()),
            "Authorization: Bearer [token]!"
        );
        let empty = BearerToken::new(String::new().into(), 1);
        assert_eq!(empty.redact("as it was".into()), "as it was");
    }
}
