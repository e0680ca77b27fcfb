//! From a session to an organization: who is it, where may they go, where were they last. Owns the organizations.
//! Must never show Private as if it were the company (ezeep-api.md), nor leave one organization before the next is open.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ezeep_api::Client;
use ezeep_auth::{EndReason, Session, SessionError, SessionState, SpeaksFor, TokenError};
use futures::StreamExt as _;
use ids::OrganizationId;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Held, Over, Phase, SignedIn, Step};
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::OrganizationContext;
use crate::plan_store::PlanStore;
use crate::plans::PlanBook;
use crate::views::Views;
use crate::wire::{AppEvent, Organization, Person, SignInReason, TokenStorage};
use crate::workspace::Workspace;
use crate::{Console, convert};

/// Organizations asked for at a time.
const PAGE: u32 = 100;
/// Longest delay of the opening by the check of a token that names no organization.
const BELIEF_CHECK: Duration = Duration::from_secs(10);

impl Console {
    /// Asks who it is and where they may go, then opens the organization used last, the only one, or asks which.
    pub(super) async fn arrive(&self, epoch: u64, held: &Arc<Held>) -> Result<()> {
        let inner = &self.0;
        // One token for both questions, so that a refused one is refreshed once.
        token_anywhere(&held.session()).await?;
        let api = inner.client(held, None);
        let (me, organizations) =
            futures::try_join!(async { Ok(api.me().await?) }, self.list_organizations(&api, held))?;
        let person = Person {
            id: me.id.clone(),
            email: me.email.clone(),
            name: convert::display_name(&me),
        };
        held.learn(|known| known.person = Some(person.clone()));
        inner.remember_person(&held.id, &person);
        let signed_in = Arc::new(SignedIn {
            held: Arc::clone(held),
            person,
            organizations: Mutex::new(organizations.clone()),
            from_disk: false,
        });
        let last = inner.profile.get().organizations.get(held.id.as_str()).cloned();
        let by_last = last.and_then(|last| organizations.iter().find(|o| o.id.as_str() == last));
        let real: Vec<_> = organizations.iter().filter(|o| !o.private).collect();
        let chosen = by_last.filter(|o| !o.private).or(match real.as_slice() {
            [only] => Some(*only),
            _ => None,
        });
        let problem = match chosen.cloned() {
            Some(organization) => match self.enter(epoch, &signed_in, organization).await {
                Ok(()) => return Ok(()),
                Err(error) if matches!(error.code, ErrorCode::SessionEnded | ErrorCode::Cancelled) => {
                    return Err(error);
                }
                Err(error) => Some(error),
            },
            None => real.is_empty().then(|| ErrorCode::NoOrganization.into()),
        };
        self.leave_after(|| inner.go(epoch, Phase::Choosing(signed_in, problem)))
    }

    /// Opens an organization. The one before is left when this one is open, and not before; where it is not opened, also because
    /// something newer has begun, the session is where it was (security.md 44).
    pub(super) async fn enter(
        &self,
        epoch: u64,
        signed_in: &Arc<SignedIn>,
        organization: Organization,
    ) -> Result<()> {
        let session = signed_in.held.session();
        let before = session.organization();
        let entered = self.switch_and_open(epoch, signed_in, organization).await;
        if entered.is_err() {
            session.bind_to(before);
        }
        entered
    }

    async fn switch_and_open(
        &self,
        epoch: u64,
        signed_in: &Arc<SignedIn>,
        organization: Organization,
    ) -> Result<()> {
        let inner = &self.0;
        let held = &signed_in.held;
        let switch = self.switch(held, &organization);
        // What is kept on disk is read while the server is asked: the first rows need not wait for it.
        let opening = async {
            match self.opened_before(held, &organization) {
                Some(_) => Ok(None),
                None => self.open(held, organization.clone()).await.map(Some),
            }
        };
        // Both to their ends: a switch that is left alone lands all the same.
        let (switched, opened) = futures::join!(switch, opening);
        switched?;
        let opened = opened?;
        if let Some(workspace) = self.opened_before(held, &organization) {
            if !self.confirm(epoch, signed_in) {
                return Err(ErrorCode::Cancelled.into());
            }
            self.settle_in(signed_in, &workspace);
            return Ok(());
        }
        let workspace = match opened {
            Some(workspace) => workspace,
            None => self.open(held, organization).await?,
        };
        let next = Phase::In(Arc::clone(signed_in), Arc::clone(&workspace), None);
        self.leave_after(|| inner.go(epoch, next))?;
        self.keep_on_disk(signed_in, &workspace);
        self.settle_in(signed_in, &workspace);
        Ok(())
    }

    /// Switches the session to an organization. If its token does not name the organization, the servers'
    /// answers are checked. A contradiction, like any failure, leaves the session in the previous
    /// organization (security.md 44).
    async fn switch(&self, held: &Held, organization: &Organization) -> Result<()> {
        let session = held.session();
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
        let checked = self.check_belief(held, organization).await;
        if checked.is_err() {
            match &before {
                Some(before) if session.switch(before).await.is_ok() => {}
                _ => session.bind_to(before),
            }
        }
        checked
    }

    /// Fails with [`ErrorCode::SwitchRefused`] if the servers' answers contradict the organization assumed
    /// for the token: a group belongs to another organization, or a user who is listed as an admin is refused
    /// as none. A check that can't be made now contradicts nothing: each later read of the groups repeats it.
    async fn check_belief(&self, held: &Held, organization: &Organization) -> Result<()> {
        let api = self.0.client(held, Some(organization.id.clone()));
        let Ok(Err(error)) = timeout(BELIEF_CHECK, api.groups_page(0, 1)).await else {
            return Ok(());
        };
        let error = AppError::from(error);
        let contradicted = match error.code {
            ErrorCode::WrongOrganization => true,
            // If no token was in memory, the call may have fetched one that names its organization.
            ErrorCode::NotAdmin => {
                organization.admin && !matches!(held.session().speaks_for(), SpeaksFor::Token(_))
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

    /// Makes an opening of an organization, with the plans that are kept of it.
    pub(super) async fn open(&self, held: &Held, organization: Organization) -> Result<Arc<Workspace>> {
        let inner = &self.0;
        let api = inner.client(held, Some(organization.id.clone()));
        let kept = held.known().storage == TokenStorage::Keychain;
        let left = CancellationToken::new();
        let slot = inner.cache.slot(&held.id, &organization.id);
        let context = OrganizationContext::new(
            organization,
            api,
            Arc::clone(&inner.host),
            left.clone(),
            Arc::clone(&inner.user_locks),
        )?;
        let context = Arc::new(context);
        let plan_store = kept.then(|| PlanStore::new(slot.clone(), left.clone()));
        let plans = PlanBook::open(Arc::clone(&context), plan_store).await;
        let views = match kept {
            true => Views::open(slot, left).await,
            false => Views::default(),
        };
        Ok(Arc::new(Workspace::new(context, plans, views)))
    }

    /// Once an organization is open and the server has said that it may be.
    fn settle_in(&self, signed_in: &Arc<SignedIn>, workspace: &Arc<Workspace>) {
        workspace.sync.start();
        let held = &signed_in.held;
        held.learn(|known| known.organization = Some(workspace.context.organization.name.clone()));
        if held.demo.is_none() {
            self.0
                .remember_place(signed_in, workspace.context.organization.id.as_str());
        }
        self.wake_others();
    }

    /// Leaves the organization that was open before `go` went on; not where `go` was too late.
    fn leave_after(&self, go: impl FnOnce() -> bool) -> Result<()> {
        let before = match &*self.0.phase() {
            Phase::In(_, before, _) => Some(Arc::clone(before)),
            _ => None,
        };
        if !go() {
            return Err(ErrorCode::Cancelled.into());
        }
        if let Some(before) = before {
            before.leave();
        }
        Ok(())
    }

    /// The organizations of the signed-in person, asked again.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let signed_in = self.signed_in()?;
        let api = self.0.client(&signed_in.held, None);
        let now = self.list_organizations(&api, &signed_in.held).await?;
        let mut known = signed_in
            .organizations
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        known.clone_from(&now);
        Ok(now)
    }

    /// Every organization, Private last. What is kept on disk of others is removed.
    async fn list_organizations(&self, api: &Client, held: &Held) -> Result<Vec<Organization>> {
        let (mut organizations, mut told) = (Vec::new(), 0);
        let mut pages = api.organizations(PAGE);
        while let Some(page) = pages.next().await {
            let page = page?;
            told = page.count;
            organizations.extend(page.items);
        }
        let before = self.0.profile.get().colors;
        let mut colors = before.clone();
        let list = convert::organizations(&organizations, &mut colors);
        // The demo's organizations are nobody's, and are made anew each time.
        if held.demo.is_some() {
            return Ok(list);
        }
        let ids = list
            .iter()
            .map(|organization| organization.id.as_str().to_owned());
        let (account, ids) = (held.id.as_str().to_owned(), ids.collect());
        if colors != before || self.0.profile.get().listed.get(&account) != Some(&ids) {
            self.0.profile.change(|now| {
                now.colors.extend(colors);
                now.listed.insert(account, ids);
            });
        }
        // Whether the account has left one that is missing in a list that is too short can't be told.
        if list.len() as u64 >= told {
            let (cache, account) = (self.0.cache.clone(), held.id.clone());
            let all: Vec<_> = list.iter().map(|organization| organization.id.clone()).collect();
            tokio::spawn(async move { cache.keep_only(&account, &all).await });
        }
        Ok(list)
    }

    /// Goes to an organization. A failed switch leaves the one before as it was (security.md 44).
    ///
    /// Fails with [`ErrorCode::ChangesRunning`] while a plan is being written.
    pub async fn organization_choose(&self, organization: &OrganizationId) -> Result<()> {
        let _alone = self.0.moving.lock().await;
        let signed_in = self.signed_in()?;
        let known = signed_in.organizations();
        let chosen = match known.iter().find(|o| o.id == *organization) {
            Some(found) => found.clone(),
            None => self
                .organizations()
                .await?
                .into_iter()
                .find(|o| o.id == *organization)
                .ok_or(ErrorCode::SwitchRefused)?,
        };
        if let Phase::In(_, workspace, _) = &*self.0.phase()
            && workspace.context.organization.id == chosen.id
        {
            return Ok(());
        }
        if self.is_writing() {
            return Err(ErrorCode::ChangesRunning.into());
        }
        let epoch = self.0.epoch();
        self.enter(epoch, &signed_in, chosen).await
    }

    /// Makes a session one of the live ones, and hears when it ends by itself.
    pub(super) fn adopt(&self, held: &Arc<Held>) {
        self.0.live().insert(held.id.clone(), Arc::clone(held));
        let session = held.session();
        let (console, held) = (self.clone(), Arc::downgrade(held));
        tokio::spawn(async move {
            let mut state = session.state();
            let ended = state.wait_for(|state| *state != SessionState::Live).await;
            let by_hand = matches!(
                ended.as_deref(),
                Ok(SessionState::Ended(EndReason::SignedOut)) | Err(_)
            );
            drop(ended);
            if let Some(held) = held.upgrade().filter(|held| !by_hand && !held.live()) {
                console.session_ended(&held);
            }
        });
    }

    /// One clean question to sign in again, in front of everything as it was.
    fn session_ended(&self, held: &Arc<Held>) {
        let inner = &self.0;
        inner.mark_expired(&held.id);
        {
            let mut phase = inner.phase();
            let problem: Option<AppError> = Some(ErrorCode::SessionEnded.into());
            match &mut *phase {
                Phase::In(signed_in, _, over @ None) if signed_in.held.id == held.id => {
                    *over = Some(Over::form(SignInReason::Expired, problem));
                }
                Phase::Choosing(signed_in, _) if signed_in.held.id == held.id => {
                    *phase = Phase::SignIn(Step::Form(problem));
                }
                Phase::In(signed_in, ..) if signed_in.held.id == held.id => {}
                _ => {
                    inner.live().remove(&held.id);
                }
            }
        }
        inner.host.emit(AppEvent::Session);
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
pub(super) fn switch_error(error: SessionError) -> AppError {
    match error {
        SessionError::Token(TokenError::InvalidGrant) => ErrorCode::SwitchRefused.into(),
        other => other.into(),
    }
}
