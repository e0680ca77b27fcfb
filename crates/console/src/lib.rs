//! Pressroom without a window. Owns sign-in, sync and every use case, and the types that cross to the UI.
//! Must never know a window, and must never hand a token to its caller.
//!
//! [`Console`] is what a window, a test or a script holds: one method a command, nothing else.

mod account;
mod account_files;
mod awake;
pub mod bindings;
mod clock;
mod columns;
/// The list of commands, [`commands!`], and their names.
pub mod commands;
mod convert;
mod directory_cache;
pub mod error;
mod faults;
mod groups;
pub mod hand_over;
pub mod host;
mod limits;
mod locale;
pub mod logs;
mod memberships;
pub mod notices;
mod organization;
mod plan_store;
mod plans;
pub mod print_settings;
mod profile;
mod seek;
mod services;
pub mod settings;
mod stored;
mod sync;
mod users;
mod views;
pub mod wire;
mod workspace;

use std::sync::{Arc, Mutex};

pub use ezeep_api::Limits;
use ezeep_auth::Links;
pub use ezeep_auth::{MemoryStore, OsStore, SecretStore};
use ids::{AccountId, GroupId, OrganizationId, PlanId, UserId, ViewId, WorkspaceId};
use vault::{Access, DataDirectory, access};

use account::Accounts;
use account_files::AccountFiles;
use error::{AppError, ErrorCode, Result};
use host::Host;
use notices::Notices;
use organization::{OrganizationContext, UserLocks};
use plans::plan::Plan;
use print_settings::{PrintSettingsChange, PrintSettingsResult};
use profile::Profile;
use services::Services;
use settings::Settings;
use wire::{
    Account, AppEvent, ColumnChoice, DiskNotice, Facets, GroupEdit, GroupForm, GroupQuery, GroupRow,
    GroupSaved, GroupSeekQuery, GroupWindow, Installation, KeychainState, ListLooks, ListName, MemberQuery,
    MembershipRequest, Organization, Place, PlanProgress, PlanSummary, PlanView, PlanWindow, SessionView,
    SignInRequest, SyncView, Totals, UserDetail, UserQuery, UserScope, UserSeekQuery, UserWindow, View,
    ViewForm,
};
use workspace::Workspace;

/// The application without a window. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    services: Arc<Services>,
    accounts: Accounts,
}

impl Console {
    /// Makes the console on its data directory, as the directory's owner or a guest. `settings` may have
    /// failed: the state says so then, and nothing is started. Touches neither the network nor the keychain;
    /// [`Console::resume`] does.
    ///
    /// Fails with [`ErrorCode::Internal`] where no HTTP client can be made.
    pub fn new(
        settings: Result<(Settings, DataDirectory)>,
        host: Arc<dyn Host>,
        keychain: Arc<dyn SecretStore>,
    ) -> Result<Self> {
        Self::with_limits(settings, host, keychain, Limits::default())
    }

    /// The same with other bounds to what the servers may cost in time and room.
    pub fn with_limits(
        settings: Result<(Settings, DataDirectory)>,
        host: Arc<dyn Host>,
        keychain: Arc<dyn SecretStore>,
        limits: Limits,
    ) -> Result<Self> {
        let http = ezeep_api::http_client(&limits)
            .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
        let (settings, directory, unusable) = match settings {
            Ok((settings, directory)) => (settings, directory, None),
            Err(problem) => {
                let settings = Settings::from_lookup(|_| None)?;
                let directory = DataDirectory::visit(&settings.data_dir);
                (settings, directory, Some(problem))
            }
        };
        let told = Arc::clone(&host);
        let changed = move || told.emit(AppEvent::Notices);
        let notices = match directory.access() {
            Access::Owner => Notices::new(changed),
            Access::Guest => Notices::for_guest(changed),
        };
        access::restrict_all(&settings.data_dir, &stored::OWN_PREFIXES, &stored::CLOSED_FOLDERS);
        let profile = Profile::open(&settings.data_dir, notices.clone());
        let services = Arc::new(Services {
            user_locks: Arc::new(UserLocks::new(&settings.data_dir, organization::LOCK_LIMIT)),
            account_files: AccountFiles::new(directory, Arc::clone(&keychain), notices.clone()),
            notices,
            settings,
            host,
            keychain,
            keychain_state: Mutex::new(KeychainState::Unknown),
            http,
            limits,
            profile,
            links: Links::default(),
        });
        let accounts = Accounts::new(Arc::clone(&services), unusable);
        Ok(Self(Arc::new(Inner { services, accounts })))
    }

    /// Where the sign-in stands.
    pub fn session_view(&self) -> SessionView {
        self.0.accounts.view()
    }

    /// Looks for a session in the keychain and takes it up again. Returns at once; the state says how it went.
    pub fn resume(&self) {
        self.0.accounts.restore();
    }

    /// Tries the kept session again, after [`SessionView::Unreachable`].
    pub fn session_retry(&self) {
        self.resume();
    }

    /// Asks the keychain again, after it was unlocked, say; takes up what it holds where nobody is in yet.
    pub async fn keychain_check(&self) -> KeychainState {
        self.0.accounts.keychain_check().await
    }

    /// Starts a sign-in. Errors: `Accounts::sign_in`.
    pub async fn sign_in(&self, request: SignInRequest) -> Result<()> {
        self.0.accounts.sign_in(request).await
    }

    /// Starts the simulated cloud and a sign-in to it: the same road, with tokens in memory only.
    pub async fn demo_start(&self) -> Result<()> {
        self.0.accounts.demo_start().await
    }

    /// Opens the browser again at the same link, or at the page that takes the pairing code. The state says
    /// whether that failed.
    pub async fn sign_in_open_again(&self) -> Result<()> {
        self.0.accounts.open_again().await
    }

    /// Puts the link on the clipboard.
    pub fn sign_in_copy_link(&self) -> Result<()> {
        self.0.accounts.copy_link()
    }

    /// A link of our own scheme, brought by the operating system. Changes nothing unless it is the answer of the attempt
    /// that waits (security.md 15). `at_start`: the app was started by it.
    pub fn open_link(&self, link: &str, at_start: bool) {
        self.0.accounts.open_link(link, at_start);
    }

    /// Stops waiting. The listener is closed when it returns; a late redirect finds nobody.
    pub async fn sign_in_cancel(&self) {
        self.0.accounts.cancel_sign_in().await;
    }

    /// Takes the sign-in for another account away; the organization behind it is as it was.
    pub async fn sign_in_close(&self) {
        self.0.accounts.close_sign_in().await;
    }

    /// Signs the account in front out. Errors: `Accounts::sign_out`.
    pub async fn sign_out(&self) -> Result<()> {
        self.0.accounts.sign_out().await
    }

    /// Signs every account on this computer out, and with each all of its organizations.
    pub async fn sign_out_all(&self) -> Result<()> {
        self.0.accounts.sign_out_all().await
    }

    /// The accounts on this computer: those in the keychain, and those in memory.
    pub fn accounts(&self) -> Vec<Account> {
        self.0.accounts.list()
    }

    /// Shows the sign-in in front of the open organization, for another account. Errors: `Accounts::add`.
    pub async fn account_add(&self) -> Result<()> {
        self.0.accounts.add().await
    }

    /// Goes over to another account. Errors: `Accounts::choose`.
    pub async fn account_choose(&self, id: &AccountId) -> Result<()> {
        self.0.accounts.choose(id).await
    }

    /// Signs one account out and forgets it. Errors: `Accounts::forget`.
    pub async fn account_forget(&self, id: &AccountId) -> Result<()> {
        self.0.accounts.forget(id).await
    }

    /// The organizations of the signed-in person, asked again.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        self.0.accounts.organizations().await
    }

    /// Goes to an organization. Errors: `Accounts::choose_organization`.
    pub async fn organization_choose(&self, organization: &OrganizationId) -> Result<()> {
        self.0.accounts.choose_organization(organization).await
    }

    /// What the Settings page shows.
    pub fn installation(&self) -> Installation {
        let settings = &self.0.services.settings;
        Installation {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            account_url: settings.endpoints.account().to_string(),
            api_url: settings.endpoints.printing().to_string(),
            redirect: self.0.services.redirect_choice(),
            scopes: settings.scopes.to_string(),
            data_dir: settings.data_dir.display().to_string(),
            keychain: self.0.services.keychain_state(),
        }
    }

    /// Open notices about what could not be read or written in this run, oldest first.
    pub fn disk_notices(&self) -> Vec<DiskNotice> {
        self.0.services.notices.open()
    }

    /// Adds what was found before the console existed: about the log's file and the window's.
    pub fn tell(&self, early: &Notices) {
        self.0.services.notices.take_over(early);
    }

    /// Closes a notice.
    pub fn disk_notice_close(&self, id: u32) {
        self.0.services.notices.close(id);
    }

    /// How far the directory has been read; idle while no organization is open.
    pub fn sync_view(&self) -> SyncView {
        self.any_workspace()
            .map_or(SyncView::IDLE, |workspace| workspace.sync.view())
    }

    /// Reads the organization again.
    pub fn sync_start(&self) -> Result<()> {
        let workspace = self.any_workspace()?;
        if !self.0.accounts.read_again(&workspace) {
            workspace.sync.start();
        }
        Ok(())
    }

    /// Cancels the read under way.
    pub fn sync_cancel(&self) -> Result<()> {
        self.any_workspace()?.sync.cancel();
        Ok(())
    }

    /// Totals for the navigation.
    pub fn totals(&self, workspace: &WorkspaceId) -> Result<Totals> {
        self.context(workspace)?.store.read(|directory| {
            let (users, groups) = directory.totals();
            Totals { users, groups }
        })
    }

    /// The rows of a window of people.
    pub fn users(&self, workspace: &WorkspaceId, query: &UserQuery) -> Result<UserWindow> {
        users::list(&*self.context(workspace)?, query)
    }

    /// How many people each value of each filter would show, and each of these groups, 500 at most.
    pub fn facets(&self, workspace: &WorkspaceId, scope: &UserScope, groups: &[GroupId]) -> Result<Facets> {
        users::facets(&*self.context(workspace)?, scope, groups)
    }

    /// What is known of a person, from memory.
    pub fn user(&self, workspace: &WorkspaceId, id: &UserId) -> Result<UserDetail> {
        users::detail(&*self.context(workspace)?, id)
    }

    /// What both servers say of a person now.
    pub async fn user_read(&self, workspace: &WorkspaceId, id: &UserId) -> Result<UserDetail> {
        users::read(&*self.context(workspace)?, id).await
    }

    /// The rows of a window of groups.
    pub fn groups(&self, workspace: &WorkspaceId, query: &GroupQuery) -> Result<GroupWindow> {
        groups::list(&*self.context(workspace)?, query)
    }

    /// What is known of a group, from memory.
    pub fn group(&self, workspace: &WorkspaceId, id: &GroupId) -> Result<GroupRow> {
        groups::detail(&*self.context(workspace)?, id)
    }

    /// What the server says of a group and its members now.
    pub async fn group_read(&self, workspace: &WorkspaceId, id: &GroupId) -> Result<GroupRow> {
        groups::read(&*self.context(workspace)?, id).await
    }

    /// The members of a group, out of the directory.
    pub fn group_members(&self, workspace: &WorkspaceId, query: &MemberQuery) -> Result<UserWindow> {
        groups::members(&*self.context(workspace)?, query)
    }

    /// The ids alone of the people in a window, up to 100,000 of them.
    pub fn user_ids(&self, workspace: &WorkspaceId, query: &UserQuery) -> Result<Vec<UserId>> {
        users::ids(&*self.context(workspace)?, query)
    }

    /// Those of the ids, up to 100,000, that are nobody's who matches.
    pub fn users_not_matching(
        &self,
        workspace: &WorkspaceId,
        scope: &UserScope,
        ids: &[UserId],
    ) -> Result<Vec<UserId>> {
        users::not_matching(&*self.context(workspace)?, scope, ids)
    }

    /// Where a person stands among those who match.
    pub fn user_seek(&self, workspace: &WorkspaceId, query: &UserSeekQuery) -> Result<Option<Place<UserId>>> {
        seek::user(&*self.context(workspace)?, query)
    }

    /// Where a group stands among those that match.
    pub fn group_seek(
        &self,
        workspace: &WorkspaceId,
        query: &GroupSeekQuery,
    ) -> Result<Option<Place<GroupId>>> {
        seek::group(&*self.context(workspace)?, query)
    }

    /// How the lists are to look: their columns, and the saved views of this organization.
    pub fn list_looks(&self, workspace: &WorkspaceId) -> Result<ListLooks> {
        let shown = self.workspace(workspace)?.views.shown();
        Ok(ListLooks {
            columns: self.0.services.profile.get().columns,
            views: shown.views,
            chosen: shown.chosen,
            kept: shown.kept,
        })
    }

    /// Remembers the columns of a list on this computer; none for the list's own.
    pub fn columns_keep(&self, list: ListName, columns: Vec<ColumnChoice>) -> Result<()> {
        let columns = columns::validated(columns)?;
        self.0.services.profile.change(|now| match list {
            ListName::Users => now.columns.users = columns,
            ListName::Groups => now.columns.groups = columns,
            ListName::Members => now.columns.members = columns,
        });
        Ok(())
    }

    /// Saves a view, new or in place of the one with this id, and chooses it. What it fails with: `Views::save`.
    pub async fn view_save(
        &self,
        workspace: &WorkspaceId,
        id: Option<&ViewId>,
        form: ViewForm,
    ) -> Result<View> {
        self.workspace(workspace)?.views.save(id, form).await
    }

    /// Deletes a saved view; the one deleted last can be brought back.
    pub async fn view_delete(&self, workspace: &WorkspaceId, id: &ViewId) -> Result<()> {
        self.workspace(workspace)?.views.delete(id).await
    }

    /// Brings the view deleted last back.
    pub async fn view_restore(&self, workspace: &WorkspaceId, id: &ViewId) -> Result<View> {
        self.workspace(workspace)?.views.restore(id).await
    }

    /// Remembers which saved view was chosen last; none for all users.
    pub async fn view_choose(&self, workspace: &WorkspaceId, id: Option<&ViewId>) -> Result<()> {
        self.workspace(workspace)?.views.choose(id).await
    }

    /// Creates a group. Errors: `groups::create`.
    pub async fn group_create(&self, workspace: &WorkspaceId, form: &GroupForm) -> Result<GroupRow> {
        groups::create(&*self.context(workspace)?, form).await
    }

    /// Changes the touched fields of a group. Errors: `groups::update`.
    pub async fn group_update(
        &self,
        workspace: &WorkspaceId,
        id: &GroupId,
        edit: &GroupEdit,
    ) -> Result<GroupSaved> {
        groups::update(&*self.context(workspace)?, id, edit).await
    }

    /// Whether the typed confirmation looks the same as the shown name (docs/decisions/0005). Only for the state of
    /// a button: the action compares again.
    pub fn looks_the_same(&self, typed: &str, shown: &str) -> bool {
        ::directory::looks_the_same(typed, shown)
    }

    /// Deletes a group. If it has members, `confirmation` must look the same as its name.
    pub async fn group_delete(
        &self,
        workspace: &WorkspaceId,
        id: &GroupId,
        confirmation: Option<&str>,
    ) -> Result<()> {
        groups::delete(&*self.context(workspace)?, id, confirmation).await
    }

    /// Writes print settings of people. Errors, and when it stops: `print_settings::write_set`.
    pub async fn print_settings_write(
        &self,
        workspace: &WorkspaceId,
        users: &[UserId],
        change: &PrintSettingsChange,
    ) -> Result<Vec<PrintSettingsResult>> {
        print_settings::write_set(&*self.context(workspace)?, users, change).await
    }

    /// Makes a plan of membership changes; nothing is written.
    ///
    /// # Errors
    /// - [`ErrorCode::ListPartial`] or [`ErrorCode::ListSaved`] for "all that match" while the lists are still
    ///   being synced or come from a saved copy: ask again when they are synced.
    /// - [`ErrorCode::PlanTooLarge`] for more than 200,000 lines, each one user and one group; nothing is made
    ///   then.
    /// - [`ErrorCode::ArgumentInvalid`] for more than 100,000 ids, for no group, more than 1,000 groups, or a
    ///   group in both lists.
    /// - [`ErrorCode::DirectoryNotRead`] before the first sync.
    pub async fn plan_make(&self, workspace: &WorkspaceId, request: &MembershipRequest) -> Result<PlanView> {
        self.workspace(workspace)?.plans.make(request.clone()).await
    }

    /// The plans that are not done with, newest first: from before a restart, too.
    pub fn plans(&self, workspace: &WorkspaceId) -> Result<Vec<PlanSummary>> {
        Ok(self.workspace(workspace)?.plans.unfinished())
    }

    /// Lines of a plan.
    pub fn plan_lines(&self, id: &PlanId, offset: u32, limit: u32, failed_only: bool) -> Result<PlanWindow> {
        Ok(self.plan(id)?.window(offset, limit, failed_only))
    }

    /// Starts writing a plan. Fails with [`ErrorCode::SessionEnded`] where a sign-in is needed first.
    pub fn plan_apply(&self, id: &PlanId) -> Result<()> {
        // One look at what is open: a plan is never applied where another organization is.
        self.0.accounts.workspace_to_write()?.plans.apply(id)
    }

    /// Writes again what failed and what was not tried.
    pub fn plan_retry(&self, id: &PlanId) -> Result<()> {
        self.plan_apply(id)
    }

    /// Pauses a run between two people. A run that waits for the servers no longer continues by itself.
    pub fn plan_pause(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.pause();
        Ok(())
    }

    /// Continues a paused run. One that waits for the servers tries at once.
    pub fn plan_resume(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.resume();
        Ok(())
    }

    /// Ends a plan after the people being written now.
    pub fn plan_stop(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.stop();
        Ok(())
    }

    /// How far a plan has got.
    pub fn plan_progress(&self, id: &PlanId) -> Result<PlanProgress> {
        Ok(self.plan(id)?.progress())
    }

    /// Saves what came of a plan as a CSV file where the person's downloads are. Gives its path.
    ///
    /// Fails with [`ErrorCode::FileNotWritten`].
    pub fn plan_report(&self, id: &PlanId) -> Result<String> {
        let folder = self.0.services.host.downloads().map_err(|error| {
            AppError::new(ErrorCode::FileNotWritten {
                folder: String::new(),
            })
            .with_detail(error.to_string())
        })?;
        let today = time::OffsetDateTime::now_local()
            .unwrap_or_else(|_| time::OffsetDateTime::now_utc())
            .date();
        let path = self
            .any_workspace()?
            .plans
            .save_report(id, &folder, &today.to_string())?;
        Ok(path.display().to_string())
    }

    /// Forgets a plan. Fails with [`ErrorCode::ChangesRunning`] while it is being written.
    pub fn plan_close(&self, id: &PlanId) -> Result<()> {
        self.any_workspace()?.plans.close(id)
    }

    /// Whether a plan is being written. False while its run waits for a sign-in: nothing can be sent then.
    pub fn is_writing(&self) -> bool {
        self.0.accounts.is_writing()
    }

    /// Stops all runs after the people being written now, and waits for these for at most 30 s. Called before
    /// the process ends and before a sign-out.
    pub async fn quiesce(&self) {
        if let Ok(workspace) = self.any_workspace() {
            workspace.plans.quiesce().await;
        }
    }

    /// Keeps the open organization on disk as it is shown now, where it is kept at all and was changed since it was written last:
    /// called when the process ends, with a time limit.
    pub async fn keep_now(&self) {
        if let Ok(workspace) = self.any_workspace() {
            workspace.save_now().await;
        }
    }

    /// The open organization, whichever it is.
    fn any_workspace(&self) -> Result<Arc<Workspace>> {
        self.0.accounts.any_workspace()
    }

    /// The open organization, if it is the one asked for; [`ErrorCode::OrganizationChanged`] otherwise (security.md 43).
    fn workspace(&self, id: &WorkspaceId) -> Result<Arc<Workspace>> {
        self.0.accounts.workspace(id)
    }

    fn context(&self, workspace: &WorkspaceId) -> Result<Arc<OrganizationContext>> {
        Ok(Arc::clone(&self.workspace(workspace)?.context))
    }

    fn plan(&self, id: &PlanId) -> Result<Arc<Plan>> {
        self.any_workspace()?.plans.get(id)
    }
}
