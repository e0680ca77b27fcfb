//! The sign-in by a code that is confirmed on another device (RFC 8628). Must never start by itself
//! (security.md 24).

use ezeep_auth::{Pairing, TokenError};

use super::super::controller_channel::{AttemptReport, BegunSignIn};
use super::super::setup::Setup;
use super::super::step::{Waiting, WaitingFor};
use super::job::SignInJob;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::SignInMethod;

impl SignInJob {
    /// Asks for a code, waits until it is confirmed, and completes the sign-in.
    pub async fn sign_in_with_pairing(mut self, setup: Setup) {
        let result = self.try_sign_in_with_pairing(setup).await;
        self.end(result);
    }

    async fn try_sign_in_with_pairing(&mut self, setup: Setup) -> Result<()> {
        // Also if the wait panics: the next attempt waits for this.
        let closes = self.closed.clone().drop_guard();
        self.wait_for_port().await?;
        let pairing = self.cancel.run_until_cancelled(setup.oauth.pair()).await;
        let pairing = pairing.ok_or(ErrorCode::Cancelled)?.map_err(pairing_refused)?;
        let page = pairing.url().clone();
        let waiting = Waiting {
            attempt: self.id,
            link: page.clone(),
            method: SignInMethod::Pairing,
            keep: setup.wanted.keep,
            demo: false,
            problem: None,
            unopened: None,
            by: WaitingFor::pairing(&pairing)?,
        };
        self.report(AttemptReport::Waiting(Box::new(waiting))).await?;
        self.has_begun(Ok(BegunSignIn {
            attempt: self.id,
            page,
        }));
        let waited = Pairing::wait(pairing, &self.cancel).await;
        drop(closes);
        let tokens = waited?;
        // If it was cancelled meanwhile, `complete` revokes the grant.
        let _ = self.report(AttemptReport::Finishing { demo: false }).await;
        self.complete(setup, tokens).await
    }
}

/// The error of a refused request for a code: a server that gives this client no pairing codes refuses the
/// grant type.
fn pairing_refused(error: TokenError) -> AppError {
    let unsupported = matches!(
        &error,
        TokenError::OAuth { error, .. }
            if matches!(error.as_str(), "unauthorized_client" | "unsupported_grant_type")
    ) || matches!(&error, TokenError::Refused { status: 404 | 405 });
    let told = AppError::from(error);
    if unsupported {
        AppError {
            code: ErrorCode::PairingUnsupported,
            ..told
        }
    } else {
        told
    }
}
