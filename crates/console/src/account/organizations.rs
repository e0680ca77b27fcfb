//! From a session to an organization: who the person is, which organizations they have, which one was used
//! last. Owns the list of organizations. Must never show Private as if it were the company (ezeep-api.md),
//! nor leave one organization before the next is open.

use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::{Session, SessionError, SpeaksFor, TokenError};
use futures::StreamExt as _;
use ids::OrganizationId;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::controller_channel::OpeningReport;
use super::live_account::LiveAccount;
use super::opening::OpeningJob;
use super::state::SignedIn;
use crate::account_files::WritePermission;
use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::OrganizationContext;
use crate::plan_store::PlanStore;
use crate::runner::PlanBook;
use crate::views::Views;
use crate::wire::{Organization, Person, TokenStorage};
use crate::workspace::OpenOrganization;

/// Organizations asked for at a time.
const PAGE: u32 = 100;
/// How long the check of a token that names no organization may delay the opening.
const ASSUMPTION_CHECK_LIMIT: Duration = Duration::from_secs(10);

impl OpeningJob {
    /// Asks for the person and the organizations, then opens the organization used last or the only one, or
    /// lets the person choose.
    ///
    /// # Errors
    /// What the servers fail with; the session then speaks for its previous organization.
    pub async fn resolve_organization(&self, account: &Arc<LiveAccount>) -> Result<()> {
        let session = account.session();
        let before = session.organization();
        let signed_in = match self
            .droppable(self.context.fetch_signed_in(account, &session))
            .await
        {
            Ok(signed_in) => Arc::new(signed_in),
            Err(error) => {
                session.bind_to(before);
                return Err(error);
            }
        };
        let last = self.context.services.profile.get().organizations;
        let last = last.get(account.id.as_str());
        let organizations = &signed_in.organizations;
        let by_last = last.and_then(|last| organizations.iter().find(|o| o.id.as_str() == last));
        let real: Vec<_> = organizations.iter().filter(|o| !o.private).collect();
        let chosen = by_last.filter(|o| !o.private).or(match real.as_slice() {
            [only] => Some(*only),
            _ => None,
        });
        let problem = match chosen.cloned() {
            Some(organization) => match self.open_organization(&signed_in, organization).await {
                Ok(()) => return Ok(()),
                Err(error) if matches!(error.code, ErrorCode::SessionEnded | ErrorCode::Cancelled) => {
                    return Err(error);
                }
                Err(error) => Some(error),
            },
            None => real.is_empty().then(|| ErrorCode::NoOrganization.into()),
        };
        self.report(OpeningReport::Choose(signed_in, problem)).await
    }

    /// Opens another organization of the account in front.
    ///
    /// # Errors
    /// [`ErrorCode::SwitchRefused`] if the account has no organization with this id; what the servers fail
    /// with.
    pub async fn choose_organization(&self, signed_in: &Arc<SignedIn>, id: &OrganizationId) -> Result<()> {
        let known = signed_in.organizations.iter().find(|o| o.id == *id).cloned();
        let organization = match known {
            Some(known) => known,
            None => {
                let listed = self.context.list_organizations(&signed_in.account);
                let found = self.droppable(listed).await?.into_iter().find(|o| o.id == *id);
                found.ok_or(ErrorCode::SwitchRefused)?
            }
        };
        self.open_organization(signed_in, organization).await
    }

    /// Opens an organization. The previous one is left only when this one is open. If it is not opened, also
    /// because it was overtaken, the session speaks for its previous organization (security.md 44).
    async fn open_organization(&self, signed_in: &Arc<SignedIn>, organization: Organization) -> Result<()> {
        let session = signed_in.account.session();
        let before = session.organization();
        let opened = self.switch_and_open(signed_in, organization).await;
        if opened.is_err() {
            session.bind_to(before);
        }
        opened
    }

    async fn switch_and_open(&self, signed_in: &Arc<SignedIn>, organization: Organization) -> Result<()> {
        let (context, account) = (&self.context, &signed_in.account);
        let state = context.controller.state();
        let is_open = state.open_from_disk(account, &organization).is_some();
        // The saved copy is read while the server is asked, so that the first rows are shown without waiting
        // for it.
        let prepared = async {
            match is_open {
                true => Ok(None),
                false => context.prepare(account, organization.clone()).await.map(Some),
            }
        };
        // Both run to their end: a switch that is dropped takes effect on the server all the same.
        let (switched, prepared) = futures::join!(self.switch(account, &organization), prepared);
        switched?;
        let report = OpeningReport::Open {
            signed_in: Arc::clone(signed_in),
            organization: organization.clone(),
            prepared: prepared?,
        };
        self.report(report).await?;
        if account.demo.is_none() {
            context.remember_opened(account, organization.id.as_str()).await;
        }
        Ok(())
    }

    /// Switches the session to an organization. If its token does not name the organization, the servers'
    /// answers are checked. A contradiction, like any failure, leaves the session in the previous
    /// organization (security.md 44).
    async fn switch(&self, account: &LiveAccount, organization: &Organization) -> Result<()> {
        let session = account.session();
        let id = &organization.id;
        let before = session.organization().filter(|before| before != id);
        let speaks_for = if session.organization().as_ref() == Some(id) {
            session.speaks_for()
        } else {
            session.switch(id).await.map_err(switch_error)?
        };
        if matches!(speaks_for, SpeaksFor::Token(_)) {
            return Ok(());
        }
        let checked = self
            .droppable(self.context.check_assumed_organization(account, organization))
            .await;
        if let Err(error) = &checked
            && error.code != ErrorCode::Cancelled
        {
            match &before {
                Some(before) if session.switch(before).await.is_ok() => {}
                _ => session.bind_to(before),
            }
        }
        checked
    }
}

impl Context {
    /// Asks for the person and their organizations.
    async fn fetch_signed_in(&self, account: &Arc<LiveAccount>, session: &Session) -> Result<SignedIn> {
        // One token for both questions, so that a refused one is refreshed once.
        token_anywhere(session).await?;
        let api = self.services.client(account, None);
        let (me, organizations) =
            futures::try_join!(async { Ok(api.me().await?) }, self.list_organizations(account))?;
        let person = Person {
            id: me.id.clone(),
            email: me.email.clone(),
            name: convert::display_name(&me),
        };
        account.update_info(|info| info.person = Some(person.clone()));
        self.remember_person(&account.id, &person).await;
        Ok(SignedIn {
            account: Arc::clone(account),
            person,
            organizations,
            from_disk: false,
        })
    }

    /// Fails with [`ErrorCode::SwitchRefused`] if the servers' answers contradict the organization assumed
    /// for the token: a group belongs to another organization, or a user who is listed as an admin is refused
    /// as none. A check that can't be made now contradicts nothing: each later read of the groups repeats it.
    async fn check_assumed_organization(
        &self,
        account: &LiveAccount,
        organization: &Organization,
    ) -> Result<()> {
        let api = self.services.client(account, Some(organization.id.clone()));
        let Ok(Err(error)) = timeout(ASSUMPTION_CHECK_LIMIT, api.groups_page(0, 1)).await else {
            return Ok(());
        };
        let error = AppError::from(error);
        let contradicted = match error.code {
            ErrorCode::WrongOrganization => true,
            // If no token was in memory, the call may have fetched one that names its organization.
            ErrorCode::NotAdmin => {
                organization.admin && !matches!(account.session().speaks_for(), SpeaksFor::Token(_))
            }
            ErrorCode::SessionEnded => return Err(error),
            _ => false,
        };
        if contradicted {
            return Err(AppError {
                code: ErrorCode::SwitchRefused,
                ..error
            });
        }
        Ok(())
    }

    /// Makes a workspace of an organization, with its stored plans and views.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`], which would be a fault of the app.
    pub async fn prepare(
        &self,
        account: &LiveAccount,
        organization: Organization,
    ) -> Result<Arc<OpenOrganization>> {
        let services = &self.services;
        let api = services.client(account, Some(organization.id.clone()));
        let left = CancellationToken::new();
        let slot = services.account_files.slot(&account.holder, &organization.id);
        let (host, locks) = (Arc::clone(&services.host), Arc::clone(&services.user_locks));
        let context = OrganizationContext::new(organization, api, host, left.clone(), locks)?;
        let context = Arc::new(context);
        let permission = WritePermission::new(left);
        let is_kept = account.info().storage == TokenStorage::Keychain;
        let plan_store = is_kept.then(|| PlanStore::new(slot.clone(), permission.clone()));
        let plans = PlanBook::open(Arc::clone(&context), plan_store).await;
        let views = match is_kept {
            true => Views::open(slot, permission.clone()).await,
            false => Views::default(),
        };
        Ok(Arc::new(OpenOrganization::new(context, plans, views, permission)))
    }

    /// All organizations of an account, Private last. Saved copies of other organizations are removed.
    ///
    /// # Errors
    /// What the account server fails with.
    pub async fn list_organizations(&self, account: &LiveAccount) -> Result<Vec<Organization>> {
        let services = &self.services;
        let api = services.client(account, None);
        let (mut organizations, mut told) = (Vec::new(), 0);
        let mut pages = api.organizations(PAGE);
        while let Some(page) = pages.next().await {
            let page = page?;
            told = page.count;
            organizations.extend(page.results);
        }
        let before = services.profile.get();
        let mut colors = before.colors.clone();
        let list = convert::organizations(&organizations, &mut colors);
        // The demo's organizations are made anew each time and leave nothing on disk.
        if account.demo.is_some() {
            return Ok(list);
        }
        let ids = list
            .iter()
            .map(|organization| organization.id.as_str().to_owned());
        let (of, ids) = (account.id.as_str().to_owned(), ids.collect());
        if colors != before.colors || before.listed.get(&of) != Some(&ids) {
            let changed = services.remember(move |_, now| {
                now.colors.extend(colors);
                now.listed.insert(of, ids);
            });
            changed.await;
        }
        // If the list is shorter than the server's count, an organization that is missing in it may still
        // exist. Another client of the same person may be shown others.
        if list.len() as u64 >= told {
            let (services, id) = (Arc::clone(services), account.id.clone());
            let holder = account.holder.clone();
            let all: Vec<_> = list.iter().map(|organization| organization.id.clone()).collect();
            tokio::spawn(async move {
                if !services.holder_may_have_another(&holder, &id).await {
                    services.account_files.keep_only(&holder, &all).await;
                }
            });
        }
        Ok(list)
    }
}

/// A token to list the user's organizations with. If the server refuses the organization used last, a token
/// of any organization is used: the user is asked for another one instead of being locked out of all.
async fn token_anywhere(session: &Session) -> Result<()> {
    let Err(error) = session.access().await.map_err(switch_error) else {
        return Ok(());
    };
    if !matches!(error.code, ErrorCode::SwitchRefused | ErrorCode::SignInRefused) {
        return Err(error);
    }
    session.bind_to(None);
    session.access().await?;
    Ok(())
}

/// The error for a failed switch. A refusal is about the organization; whether the session has ended is
/// decided by its next refresh.
pub fn switch_error(error: SessionError) -> AppError {
    match error {
        SessionError::Token(TokenError::InvalidGrant) => ErrorCode::SwitchRefused.into(),
        other => other.into(),
    }
}
