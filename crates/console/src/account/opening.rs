//! A job that opens an organization: at the start, after a sign-in, after a choice. It decides nothing: it
//! reports to the controller, which says whether the job still counts. If not, the job puts its session back
//! to the organization that it spoke for before.

use std::sync::Arc;

use ids::{AccountId, OrganizationId};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::controller_channel::{Message, OpeningReport};
use super::live_account::LiveAccount;
use super::state::SignedIn;
use crate::error::{ErrorCode, Result};

/// What an opening opens.
#[derive(Clone)]
pub enum OpeningTarget {
    /// The session stored in the keychain.
    Restore {
        /// The app was started by a link that no attempt waits for.
        stale_link: bool,
    },
    /// The organization that is shown from disk, once the servers confirm it.
    ReadAgain(Arc<LiveAccount>),
    /// An organization of an account that has just signed in.
    SignedIn {
        account: Arc<LiveAccount>,
        /// Whether the account was unknown before the sign-in.
        new: bool,
    },
    /// Another organization.
    Organization(Arc<SignedIn>, OrganizationId),
    /// Another account.
    Account(AccountId),
    /// Nothing: the opening under way is undone, and the open organization stays.
    Stay(AccountId),
}

impl OpeningTarget {
    /// The account whose session it uses, if known before it starts.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Restore { .. } => None,
            Self::ReadAgain(account) | Self::SignedIn { account, .. } => Some(&account.id),
            Self::Organization(signed_in, _) => Some(&signed_in.account.id),
            Self::Account(id) | Self::Stay(id) => Some(id),
        }
    }

    /// Whether it only confirms with the servers what is shown already.
    pub fn confirms(&self) -> bool {
        matches!(self, Self::Restore { .. } | Self::ReadAgain(_))
    }
}

/// The job.
pub struct OpeningJob {
    /// What it works with.
    pub context: Context,
    /// The opening that it reports for.
    pub id: u64,
    /// Cancelled when the opening is overtaken.
    pub cancel: CancellationToken,
}

impl OpeningJob {
    /// Runs to the end.
    ///
    /// # Errors
    /// Why nothing was opened; [`ErrorCode::Cancelled`] if it was overtaken.
    pub async fn run(&self, target: OpeningTarget) -> Result<()> {
        match target {
            OpeningTarget::Restore { stale_link } => self.restore(stale_link).await,
            OpeningTarget::ReadAgain(account) => {
                if let Err(error) = self.resolve_organization(&account).await {
                    self.failed(&account.id, error).await?;
                }
                Ok(())
            }
            OpeningTarget::SignedIn { account, .. } => self.resolve_organization(&account).await,
            OpeningTarget::Organization(signed_in, id) => self.choose_organization(&signed_in, &id).await,
            OpeningTarget::Account(id) => self.choose_account(&id).await,
            OpeningTarget::Stay(_) => Ok(()),
        }
    }

    async fn choose_account(&self, id: &AccountId) -> Result<()> {
        let opened = match self.droppable(self.context.restore_account(id)).await {
            Ok(account) => self.resolve_organization(&account).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &opened
            && error.code == ErrorCode::SessionEnded
        {
            self.context.mark_expired(id).await;
        }
        opened
    }

    /// Reports progress to the controller.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if it was overtaken.
    pub async fn report(&self, report: OpeningReport) -> Result<()> {
        let controller = &self.context.controller;
        controller
            .request(|reply| Message::Opening(self.id, report, reply))
            .await
    }

    /// Reports that the servers could not be asked.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if it was overtaken.
    pub async fn failed(&self, account: &AccountId, error: crate::error::AppError) -> Result<()> {
        if error.code == ErrorCode::SessionEnded {
            self.context.mark_expired(account).await;
        }
        self.report(OpeningReport::Failed(account.clone(), error)).await
    }

    /// Runs a step that may be dropped at any point, because nothing of it has to be undone.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if the opening was overtaken meanwhile.
    pub async fn droppable<T>(&self, step: impl Future<Output = Result<T>>) -> Result<T> {
        let done = self.cancel.run_until_cancelled(step).await;
        done.unwrap_or_else(|| Err(ErrorCode::Cancelled.into()))
    }
}
