//! Pressroom without a window. Owns sign-in, sync and all use cases, and the types that cross to the UI. Must
//! never depend on a window, nor hand a token to its caller.
//!
//! [`Console`] is what a window, a test or a script holds: one method for each command.

mod account;
mod account_files;
mod awake;
pub mod bindings;
mod clock;
mod columns;
/// The list of commands ([`commands!`]) and their names.
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

/// The application without a window. Clones share one state.
///
/// A method that names a workspace answers only while that workspace is open (security.md 43). Counts are
/// entries; times are milliseconds since 1970 (UTC) unless a name says otherwise.
///
/// # Server errors
/// A method whose `# Errors` refers here asks a server and can fail with:
/// - the connection: [`ErrorCode::Offline`], [`ErrorCode::TimedOut`], [`ErrorCode::ProxyAuthRequired`], the
///   codes for a refused certificate ([`ErrorCode::CertificateUntrusted`] and its neighbours),
///   [`ErrorCode::PortalInTheWay`];
/// - the server's answer: [`ErrorCode::RateLimited`], [`ErrorCode::ServerFailed`], [`ErrorCode::NotAdmin`],
///   [`ErrorCode::Forbidden`], [`ErrorCode::ChangeRefused`], [`ErrorCode::ValueRefused`],
///   [`ErrorCode::ReplyUnexpected`];
/// - the token: [`ErrorCode::SessionEnded`], [`ErrorCode::OrganizationChanged`],
///   [`ErrorCode::WrongOrganization`] (security.md 44), and what its renewal can meet:
///   [`ErrorCode::SessionBusy`], [`ErrorCode::KeychainUnavailable`], [`ErrorCode::KeychainLocked`],
///   [`ErrorCode::NoKeyring`], [`ErrorCode::KeychainUnresponsive`], [`ErrorCode::KeychainRefused`],
///   [`ErrorCode::FileNotWritten`].
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    services: Arc<Services>,
    accounts: Accounts,
}

impl Console {
    /// Makes the console on its data directory, as the directory's owner or a guest. If `settings` is an
    /// error, the session view reports it and nothing is started. Asks neither the network nor the keychain;
    /// [`Console::resume`] does.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] if no HTTP client can be made.
    pub fn new(
        settings: Result<(Settings, DataDirectory)>,
        host: Arc<dyn Host>,
        keychain: Arc<dyn SecretStore>,
    ) -> Result<Self> {
        Self::with_limits(settings, host, keychain, Limits::default())
    }

    /// As [`Console::new`], with other limits of time and size for the servers' answers.
    ///
    /// # Errors
    /// As [`Console::new`].
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

    /// The state of the sign-in, for the window.
    pub fn session_view(&self) -> SessionView {
        self.0.accounts.view()
    }

    /// Restores the session stored in the keychain. Returns at once; [`Console::session_view`] tells the
    /// result.
    pub fn resume(&self) {
        self.0.accounts.restore();
    }

    /// Tries to restore the stored session again, after [`SessionView::Unreachable`].
    pub fn session_retry(&self) {
        self.resume();
    }

    /// Checks the keychain again, for example after it was unlocked. If it is usable and the sign-in form
    /// shows a keychain error, the stored session is restored.
    pub async fn keychain_check(&self) -> KeychainState {
        self.0.accounts.keychain_check().await
    }

    /// Starts a sign-in: listens for the redirect, then opens the browser (security.md 6), or asks for a
    /// pairing code. Returns when the wait has begun; [`Console::session_view`] tells how it goes on.
    ///
    /// # Errors
    /// Nothing has started then:
    /// - [`ErrorCode::ClientIdMissing`], [`ErrorCode::ClientIdInvalid`], [`ErrorCode::RedirectInvalid`]
    /// - [`ErrorCode::PortBusy`], [`ErrorCode::ListenFailed`]
    /// - [`ErrorCode::PairingUnsupported`] and [server errors](Console#server-errors) for a pairing code
    /// - [`ErrorCode::Cancelled`] if another sign-in was started meanwhile
    /// - [`ErrorCode::ArgumentInvalid`] if an organization is open without a sign-in in front of it
    /// - [`ErrorCode::SignedOut`] during a sign-out
    pub async fn sign_in(&self, request: SignInRequest) -> Result<()> {
        self.0.accounts.sign_in(request).await
    }

    /// Starts the simulated cloud and signs in to it in the same way as to a real server. Its tokens are kept
    /// in memory only.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] if the simulated cloud can't be started; otherwise as [`Console::sign_in`].
    pub async fn demo_start(&self) -> Result<()> {
        self.0.accounts.demo_start().await
    }

    /// Opens the browser again at the same authorization URL, or at the page for the pairing code. If that
    /// fails, the session view says why.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if no sign-in is waiting.
    pub async fn sign_in_open_again(&self) -> Result<()> {
        self.0.accounts.open_again().await
    }

    /// Copies the authorization URL, or the URL of the page for the pairing code, to the clipboard.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if no sign-in is waiting; [`ErrorCode::Internal`] if the clipboard fails.
    pub fn sign_in_copy_link(&self) -> Result<()> {
        self.0.accounts.copy_link()
    }

    /// Handles a link of our own scheme from the operating system. It changes nothing unless it answers the
    /// waiting attempt (security.md 15). `at_start`: the app was started by this link.
    pub fn open_link(&self, link: &str, at_start: bool) {
        self.0.accounts.open_link(link, at_start);
    }

    /// Cancels the sign-in. Returns when the listener is closed, so that its port is free.
    pub async fn sign_in_cancel(&self) {
        self.0.accounts.cancel_sign_in().await;
    }

    /// Closes the sign-in in front of the open organization. The organization stays as it is.
    pub async fn sign_in_close(&self) {
        self.0.accounts.close_sign_in().await;
    }

    /// Signs out the account in front: its plans stop after the users being written, its grant is revoked,
    /// its keychain record and files are deleted (security.md 41, 42). If the server could not be told, the
    /// session view shows [`ErrorCode::SignOutNotConfirmed`].
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`] if no account is in front.
    pub async fn sign_out(&self) -> Result<()> {
        self.0.accounts.sign_out().await
    }

    /// Signs out all accounts on this computer and removes the files of all their organizations.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`], only while the process ends.
    pub async fn sign_out_all(&self) -> Result<()> {
        self.0.accounts.sign_out_all().await
    }

    /// The accounts on this computer: those stored in the keychain and those in memory only.
    pub fn accounts(&self) -> Vec<Account> {
        self.0.accounts.list()
    }

    /// Shows a sign-in in front of the open organization, for another account.
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while a plan is being written; [`ErrorCode::SignedOut`] if no
    /// organization is open.
    pub async fn account_add(&self) -> Result<()> {
        self.0.accounts.add().await
    }

    /// Switches to another account. A failed switch changes nothing. If the account's session has ended, its
    /// sign-in is shown instead, which is no error.
    ///
    /// # Errors
    /// - [`ErrorCode::ChangesRunning`] while a plan is being written
    /// - [`ErrorCode::AccountGone`]
    /// - [`ErrorCode::Cancelled`] if something else was chosen meanwhile
    /// - [`ErrorCode::SignedOut`] during a sign-out
    /// - [server errors](Console#server-errors)
    pub async fn account_choose(&self, id: &AccountId) -> Result<()> {
        self.0.accounts.choose(id).await
    }

    /// Signs out one account and removes it. The account in front stays, unless it is this one.
    ///
    /// # Errors
    /// [`ErrorCode::SignOutNotConfirmed`] if the server could not be told, and the keychain's codes if its
    /// record could not be deleted. The account is removed in both cases.
    pub async fn account_forget(&self, id: &AccountId) -> Result<()> {
        self.0.accounts.forget(id).await
    }

    /// Lists the organizations of the signed-in person, from the account server.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`]; [server errors](Console#server-errors).
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        self.0.accounts.organizations().await
    }

    /// Switches to an organization of the account in front. After a failed switch the previous one is still
    /// open (security.md 44).
    ///
    /// # Errors
    /// - [`ErrorCode::ChangesRunning`] while a plan is being written
    /// - [`ErrorCode::SwitchRefused`] if the account has no such organization, or the server answers for
    ///   another one
    /// - [`ErrorCode::Cancelled`] if something else was chosen meanwhile
    /// - [`ErrorCode::SignedOut`]
    /// - [server errors](Console#server-errors)
    pub async fn organization_choose(&self, organization: &OrganizationId) -> Result<()> {
        self.0.accounts.choose_organization(organization).await
    }

    /// The facts on the Settings page.
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

    /// The open notices of this run about files or keychain records that could not be read or written, oldest
    /// first; at most 50.
    pub fn disk_notices(&self) -> Vec<DiskNotice> {
        self.0.services.notices.open()
    }

    /// Adds the notices collected before the console existed: those about the log file and the window's state
    /// file.
    pub fn tell(&self, early: &Notices) {
        self.0.services.notices.take_over(early);
    }

    /// Closes a notice. Does nothing if it is closed already.
    pub fn disk_notice_close(&self, id: u32) {
        self.0.services.notices.close(id);
    }

    /// What the lists show and how far the full read is; [`SyncView::IDLE`] if no organization is open.
    pub fn sync_view(&self) -> SyncView {
        self.any_workspace()
            .map_or(SyncView::IDLE, |workspace| workspace.sync.view())
    }

    /// Starts a full read of the open organization, or resumes a stopped one. Returns at once; does nothing
    /// if one is under way.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`] if no organization is open.
    pub fn sync_start(&self) -> Result<()> {
        let workspace = self.any_workspace()?;
        if !self.0.accounts.read_again(&workspace) {
            workspace.sync.start();
        }
        Ok(())
    }

    /// Cancels the full read under way, if any. The lists stay as shown; if they were empty, they show what
    /// was read.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`] if no organization is open.
    pub fn sync_cancel(&self) -> Result<()> {
        self.any_workspace()?.sync.cancel();
        Ok(())
    }

    /// How many users and groups the directory has.
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`]; [`ErrorCode::DirectoryNotRead`] before
    /// the first sync.
    pub fn totals(&self, workspace: &WorkspaceId) -> Result<Totals> {
        self.context(workspace)?.store.read(|directory| {
            let (users, groups) = directory.totals();
            Totals { users, groups }
        })
    }

    /// A window of the users who match, at most 500 rows, from memory.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for a search of more than 200 characters; otherwise as
    /// [`Console::totals`].
    pub fn users(&self, workspace: &WorkspaceId, query: &UserQuery) -> Result<UserWindow> {
        users::list(&*self.context(workspace)?, query)
    }

    /// For each value of each filter, and for each of `groups`: how many users would match with only that
    /// value in its filter, the search and all other filters as they are. From memory.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 500 groups or a search of more than 200 characters;
    /// otherwise as [`Console::totals`].
    pub fn facets(&self, workspace: &WorkspaceId, scope: &UserScope, groups: &[GroupId]) -> Result<Facets> {
        users::facets(&*self.context(workspace)?, scope, groups)
    }

    /// One user's details, from memory.
    ///
    /// # Errors
    /// [`ErrorCode::UserGone`]; otherwise as [`Console::totals`].
    pub fn user(&self, workspace: &WorkspaceId, id: &UserId) -> Result<UserDetail> {
        users::detail(&*self.context(workspace)?, id)
    }

    /// Reads one user from both servers and returns the details.
    ///
    /// # Errors
    /// [`ErrorCode::UserGone`] if neither server knows the user; [server errors](Console#server-errors);
    /// otherwise as [`Console::totals`].
    pub async fn user_read(&self, workspace: &WorkspaceId, id: &UserId) -> Result<UserDetail> {
        users::read(&*self.context(workspace)?, id).await
    }

    /// A window of the groups that match, at most 500 rows, from memory.
    ///
    /// # Errors
    /// As [`Console::users`].
    pub fn groups(&self, workspace: &WorkspaceId, query: &GroupQuery) -> Result<GroupWindow> {
        groups::list(&*self.context(workspace)?, query)
    }

    /// One group's row, from memory.
    ///
    /// # Errors
    /// [`ErrorCode::GroupGone`]; otherwise as [`Console::totals`].
    pub fn group(&self, workspace: &WorkspaceId, id: &GroupId) -> Result<GroupRow> {
        groups::detail(&*self.context(workspace)?, id)
    }

    /// Reads one group and its members from the printing server and returns the group's row.
    ///
    /// # Errors
    /// [`ErrorCode::GroupGone`]; [server errors](Console#server-errors); otherwise as [`Console::totals`].
    pub async fn group_read(&self, workspace: &WorkspaceId, id: &GroupId) -> Result<GroupRow> {
        groups::read(&*self.context(workspace)?, id).await
    }

    /// A window of a group's members, at most 500 rows, from memory.
    ///
    /// # Errors
    /// As [`Console::users`].
    pub fn group_members(&self, workspace: &WorkspaceId, query: &MemberQuery) -> Result<UserWindow> {
        groups::members(&*self.context(workspace)?, query)
    }

    /// The ids of a window of users, at most 100,000, from memory.
    ///
    /// # Errors
    /// As [`Console::users`].
    pub fn user_ids(&self, workspace: &WorkspaceId, query: &UserQuery) -> Result<Vec<UserId>> {
        users::ids(&*self.context(workspace)?, query)
    }

    /// Those of `ids` that don't match, or that the directory doesn't have; from memory.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 100,000 ids or a search of more than 200 characters;
    /// otherwise as [`Console::totals`].
    pub fn users_not_matching(
        &self,
        workspace: &WorkspaceId,
        scope: &UserScope,
        ids: &[UserId],
    ) -> Result<Vec<UserId>> {
        users::not_matching(&*self.context(workspace)?, scope, ids)
    }

    /// The position of a user in the list of those who match; `None` if none of the asked ones matches.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 500 ids, or a search or prefix of more than 200
    /// characters; otherwise as [`Console::totals`].
    pub fn user_seek(&self, workspace: &WorkspaceId, query: &UserSeekQuery) -> Result<Option<Place<UserId>>> {
        seek::user(&*self.context(workspace)?, query)
    }

    /// The position of a group in the list of those that match; `None` if none of the asked ones matches.
    ///
    /// # Errors
    /// As [`Console::user_seek`].
    pub fn group_seek(
        &self,
        workspace: &WorkspaceId,
        query: &GroupSeekQuery,
    ) -> Result<Option<Place<GroupId>>> {
        seek::group(&*self.context(workspace)?, query)
    }

    /// The columns of the lists on this computer, and the saved views of this organization.
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`].
    pub fn list_looks(&self, workspace: &WorkspaceId) -> Result<ListLooks> {
        let shown = self.workspace(workspace)?.views.shown();
        Ok(ListLooks {
            columns: self.0.services.profile.get().columns,
            views: shown.views,
            chosen: shown.chosen,
            kept: shown.kept,
        })
    }

    /// Saves the columns of a list on this computer; an empty list stands for the default columns. Widths are
    /// clamped to 40..=2000 CSS pixels.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 32 columns, or a name that is not 1 to 32 ASCII letters
    /// and digits.
    pub fn columns_keep(&self, list: ListName, columns: Vec<ColumnChoice>) -> Result<()> {
        let columns = columns::validated(columns)?;
        self.0.services.profile.change(|now| match list {
            ListName::Users => now.columns.users = columns,
            ListName::Groups => now.columns.groups = columns,
            ListName::Members => now.columns.members = columns,
        });
        Ok(())
    }

    /// Saves a view, as a new one or in place of the one with `id`, and chooses it. Nothing changes on
    /// failure.
    ///
    /// # Errors
    /// - [`ErrorCode::ViewNameEmpty`], [`ErrorCode::ViewNameTooLong`] (60 characters),
    ///   [`ErrorCode::ViewNameTaken`]
    /// - [`ErrorCode::ViewsFull`] (100 views), [`ErrorCode::ViewGone`]
    /// - [`ErrorCode::ArgumentInvalid`] for a search of more than 200 characters, more than 200 groups, or
    ///   columns that [`Console::columns_keep`] refuses
    /// - [`ErrorCode::FileNotWritten`], and the keychain's codes, since views are sealed (security.md 61)
    /// - [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`]
    pub async fn view_save(
        &self,
        workspace: &WorkspaceId,
        id: Option<&ViewId>,
        form: ViewForm,
    ) -> Result<View> {
        self.workspace(workspace)?.views.save(id, form).await
    }

    /// Deletes a saved view. [`Console::view_restore`] restores the one deleted last.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`]; [`ErrorCode::FileNotWritten`] and the keychain's codes;
    /// [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`].
    pub async fn view_delete(&self, workspace: &WorkspaceId, id: &ViewId) -> Result<()> {
        self.workspace(workspace)?.views.delete(id).await
    }

    /// Restores a deleted view to its place, if it is the one deleted last.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`] if it is not the one deleted last; [`ErrorCode::ViewNameTaken`] or
    /// [`ErrorCode::ViewsFull`] if that has changed meanwhile; otherwise as [`Console::view_delete`].
    pub async fn view_restore(&self, workspace: &WorkspaceId, id: &ViewId) -> Result<View> {
        self.workspace(workspace)?.views.restore(id).await
    }

    /// Remembers the chosen view for the next start; `None` stands for all users.
    ///
    /// # Errors
    /// As [`Console::view_delete`].
    pub async fn view_choose(&self, workspace: &WorkspaceId, id: Option<&ViewId>) -> Result<()> {
        self.workspace(workspace)?.views.choose(id).await
    }

    /// Creates a group. Name and description are trimmed.
    ///
    /// # Errors
    /// - [`ErrorCode::GroupNameEmpty`], [`ErrorCode::GroupNameInvisible`], [`ErrorCode::GroupNameTooLong`],
    ///   [`ErrorCode::GroupDescriptionTooLong`] (255 characters each)
    /// - [`ErrorCode::GroupNameTaken`]; [`ErrorCode::GroupNameLooksLike`], which needs a confirmation
    /// - after a lost reply (security.md 49): [`ErrorCode::OutcomeUnknown`] if no group has the name,
    ///   [`ErrorCode::CreateUnconfirmed`] if no group with it is certainly the created one
    /// - [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`], [`ErrorCode::DirectoryNotRead`]
    /// - [server errors](Console#server-errors)
    pub async fn group_create(&self, workspace: &WorkspaceId, form: &GroupForm) -> Result<GroupRow> {
        groups::create(&*self.context(workspace)?, form).await
    }

    /// Changes the touched fields of a group: read, compare, write, read back (docs/decisions/0003).
    ///
    /// # Errors
    /// - [`ErrorCode::GroupChangedMeanwhile`], which needs a choice; nothing was written
    /// - [`ErrorCode::GroupGone`], [`ErrorCode::SyncedFromAzure`]
    /// - [`ErrorCode::OutcomeUnknown`] if the reply was lost and the read-back does not show the change
    /// - for a touched name or description, and otherwise: as [`Console::group_create`]
    pub async fn group_update(
        &self,
        workspace: &WorkspaceId,
        id: &GroupId,
        edit: &GroupEdit,
    ) -> Result<GroupSaved> {
        groups::update(&*self.context(workspace)?, id, edit).await
    }

    /// Whether the typed confirmation looks the same as the shown name (docs/decisions/0005). Only for the
    /// state of a button: [`Console::group_delete`] compares again.
    pub fn looks_the_same(&self, typed: &str, shown: &str) -> bool {
        ::directory::looks_the_same(typed, shown)
    }

    /// Deletes a group. If it has members, `confirmation` must look the same as its name.
    ///
    /// # Errors
    /// - [`ErrorCode::ConfirmationMismatch`]; [`ErrorCode::SyncedFromAzure`]
    /// - [`ErrorCode::GroupGone`] if another admin has deleted it
    /// - [`ErrorCode::OutcomeUnknown`] if the reply was lost and the group is still there
    /// - [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`], [`ErrorCode::DirectoryNotRead`]
    /// - [server errors](Console#server-errors)
    pub async fn group_delete(
        &self,
        workspace: &WorkspaceId,
        id: &GroupId,
        confirmation: Option<&str>,
    ) -> Result<()> {
        groups::delete(&*self.context(workspace)?, id, confirmation).await
    }

    /// Writes print settings of users, each once, in the given order (docs/decisions/0004). The first user
    /// who needs a write is written alone; the others follow only if the read-back shows all groups and the
    /// settings. The result has one entry for each user.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 100,000 users; [`ErrorCode::OrganizationChanged`],
    /// [`ErrorCode::SignedOut`]. A failure for one user is in that user's result.
    pub async fn print_settings_write(
        &self,
        workspace: &WorkspaceId,
        users: &[UserId],
        change: &PrintSettingsChange,
    ) -> Result<Vec<PrintSettingsResult>> {
        print_settings::write_set(&*self.context(workspace)?, users, change).await
    }

    /// Makes a plan of membership changes from the lists; nothing is written to a server
    /// (docs/decisions/0002).
    ///
    /// # Errors
    /// - [`ErrorCode::ListPartial`] or [`ErrorCode::ListSaved`] for "all that match" while the lists are
    ///   still being synced or come from a saved copy: ask again when they are synced.
    /// - [`ErrorCode::PlanTooLarge`] for more than 200,000 lines, each one user and one group; no plan is
    ///   made then.
    /// - [`ErrorCode::ArgumentInvalid`] for more than 100,000 ids, for no group, more than 1,000 groups, or a
    ///   group in both lists.
    /// - [`ErrorCode::DirectoryNotRead`] before the first sync.
    /// - [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`].
    pub async fn plan_make(&self, workspace: &WorkspaceId, request: &MembershipRequest) -> Result<PlanView> {
        self.workspace(workspace)?.plans.make(request.clone()).await
    }

    /// The plans with lines left to try, newest first, including those of earlier runs of the app.
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`].
    pub fn plans(&self, workspace: &WorkspaceId) -> Result<Vec<PlanSummary>> {
        Ok(self.workspace(workspace)?.plans.unfinished())
    }

    /// A window of a plan's lines, at most 500; only failed ones if `failed_only`.
    ///
    /// # Errors
    /// [`ErrorCode::PlanGone`]; [`ErrorCode::SignedOut`] if no organization is open.
    pub fn plan_lines(&self, id: &PlanId, offset: u32, limit: u32, failed_only: bool) -> Result<PlanWindow> {
        Ok(self.plan(id)?.window(offset, limit, failed_only))
    }

    /// Starts writing a plan. Returns at once; [`Console::plan_progress`] tells how far it is.
    ///
    /// # Errors
    /// [`ErrorCode::SessionEnded`] if a sign-in is needed first; [`ErrorCode::ChangesRunning`] if it is being
    /// written already; [`ErrorCode::PlanEmpty`] if no line is left to try; otherwise as
    /// [`Console::plan_lines`].
    pub fn plan_apply(&self, id: &PlanId) -> Result<()> {
        // One look at what is open: a plan is never applied where another organization is.
        self.0.accounts.workspace_to_write()?.plans.apply(id)
    }

    /// Writes the lines again that failed or were not tried.
    ///
    /// # Errors
    /// As [`Console::plan_apply`].
    pub fn plan_retry(&self, id: &PlanId) -> Result<()> {
        self.plan_apply(id)
    }

    /// Pauses a run between two users. A run that waits for the servers no longer continues by itself.
    ///
    /// # Errors
    /// As [`Console::plan_lines`].
    pub fn plan_pause(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.pause();
        Ok(())
    }

    /// Continues a paused run. One that waits for the servers tries at once.
    ///
    /// # Errors
    /// As [`Console::plan_lines`].
    pub fn plan_resume(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.resume();
        Ok(())
    }

    /// Ends a run after the users being written now. Written changes stay.
    ///
    /// # Errors
    /// As [`Console::plan_lines`].
    pub fn plan_stop(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.stop();
        Ok(())
    }

    /// A plan's run state and its lines counted by outcome.
    ///
    /// # Errors
    /// As [`Console::plan_lines`].
    pub fn plan_progress(&self, id: &PlanId) -> Result<PlanProgress> {
        Ok(self.plan(id)?.progress())
    }

    /// Saves a plan's outcomes as a new CSV file in the downloads folder. Returns its path.
    ///
    /// # Errors
    /// [`ErrorCode::FileNotWritten`]; otherwise as [`Console::plan_lines`].
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

    /// Removes a plan, from disk too. A plan that is gone already is no error.
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while it is being written; [`ErrorCode::SignedOut`] if no organization
    /// is open.
    pub fn plan_close(&self, id: &PlanId) -> Result<()> {
        self.any_workspace()?.plans.close(id)
    }

    /// Whether a plan is being written. False while its run waits for a sign-in: nothing can be sent then.
    pub fn is_writing(&self) -> bool {
        self.0.accounts.is_writing()
    }

    /// Stops all runs after the users being written now, and waits at most 30 s for these. Called before the
    /// process ends.
    pub async fn quiesce(&self) {
        if let Ok(workspace) = self.any_workspace() {
            workspace.plans.quiesce().await;
        }
    }

    /// Saves the open organization's directory, if a copy is saved at all and it is out of date. Called when
    /// the process ends; the caller limits the time.
    pub async fn keep_now(&self) {
        if let Ok(workspace) = self.any_workspace() {
            workspace.save_now().await;
        }
    }

    /// The open organization.
    fn any_workspace(&self) -> Result<Arc<Workspace>> {
        self.0.accounts.any_workspace()
    }

    /// The open organization if it is this workspace (security.md 43).
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
