//! The session's tokens for one organization. Must never hand out one that speaks for another (security.md
//! 43).

use async_trait::async_trait;
use ezeep_api::{BearerToken, TokenSource, TokenUnavailable};
use ezeep_auth::{AccessToken, SpeaksFor};
use ids::OrganizationId;

use super::live_account::SessionSlot;
use crate::faults::NoToken;

/// Hands the session's tokens to the client, and refuses them once they speak for another organization.
pub struct BoundTokens {
    /// The session.
    pub session: SessionSlot,
    /// Which organization they must speak for; `None` while none has been chosen.
    pub organization: Option<OrganizationId>,
}

impl BoundTokens {
    fn check(&self, token: AccessToken) -> std::result::Result<BearerToken, TokenUnavailable> {
        let bound = self.organization.as_ref();
        if bound.is_some() && bound != token.speaks_for.organization() {
            return Err(unavailable(NoToken::OtherOrganization));
        }
        Ok(BearerToken::new(token.secret().clone(), token.generation))
    }
}

fn unavailable(why: NoToken) -> TokenUnavailable {
    TokenUnavailable(Box::new(why))
}

#[async_trait]
impl TokenSource for BoundTokens {
    async fn token(&self) -> std::result::Result<BearerToken, TokenUnavailable> {
        let token = self.session.get().access().await;
        self.check(token.map_err(|e| unavailable(e.into()))?)
    }

    async fn renew(&self, refused: u64) -> std::result::Result<BearerToken, TokenUnavailable> {
        let token = self.session.get().renew(refused).await;
        self.check(token.map_err(|e| unavailable(e.into()))?)
    }

    fn answered_for(&self, organization: &OrganizationId) -> std::result::Result<(), TokenUnavailable> {
        let Some(bound) = &self.organization else {
            return Ok(());
        };
        // A token that names its organization needs no check.
        let named = self.session.get().speaks_for() == SpeaksFor::Token(bound.clone());
        if named || organization.as_str().eq_ignore_ascii_case(bound.as_str()) {
            Ok(())
        } else {
            Err(unavailable(NoToken::AssumptionContradicted))
        }
    }

    async fn refused_again(&self, generation: u64) {
        self.session.get().refused_again(generation).await;
    }
}
