//! Pressroom without a window. Owns sign-in, sync and all use cases, and the types that cross to the UI. Must
//! never depend on a window, nor hand a token to its caller.
//!
//! [`Console`] is what a window, a test or a script holds, and [`Workspace`] its open organization: one method
//! for each command.

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
mod handle;
pub mod host;
mod limits;
mod locale;
pub mod logs;
pub mod notices;
mod organization;
mod plan_store;
mod profile;
mod runner;
mod seek;
mod services;
pub mod settings;
mod stored;
mod sync;
mod users;
mod views;
pub mod wire;
mod workspace;
mod writers;

use std::sync::{Arc, Mutex};

pub use ezeep_api::Limits;
use ezeep_auth::Links;
pub use ezeep_auth::{MemoryStore, OsStore, SecretStore};
pub use handle::Workspace;
use ids::{AccountId, OrganizationId, WorkspaceId};
use vault::{Access, DataDirectory, access};
pub use writers::print_settings;

use account::Accounts;
use account_files::AccountFiles;
use error::{AppError, ErrorCode, Result};
use host::Host;
use notices::Notices;
use organization::UserLocks;
use profile::Profile;
use services::Services;
use settings::Settings;
use wire::{
    Account, AppEvent, ColumnChoice, DiskNotice, Installation, KeychainState, ListName, Organization,
    SessionView, SignInRequest,
};
use workspace::OpenOrganization;

/// The application without a window. Clones share one state.
///
/// What is about an organization is asked of its [`Workspace`], which [`Console::open`] gives. Counts are
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
    accounts: Arc<Accounts>,
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
        let accounts = Arc::new(Accounts::new(Arc::clone(&services), unusable));
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
    pub fn add_notices(&self, early: &Notices) {
        self.0.services.notices.take_over(early);
    }

    /// Closes a notice. Does nothing if it is closed already.
    pub fn disk_notice_close(&self, id: u32) {
        self.0.services.notices.close(id);
    }

    /// The open organization, if it is this opening of one (security.md 43). Every call about an organization
    /// goes through this, so that each names which one it means.
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`] if another one is open; [`ErrorCode::SignedOut`] if none is.
    pub fn open(&self, workspace: &WorkspaceId) -> Result<Workspace> {
        let open = self.0.accounts.workspace(workspace)?;
        let (services, accounts) = (Arc::clone(&self.0.services), Arc::clone(&self.0.accounts));
        Ok(Workspace::new(services, accounts, open))
    }

    /// Saves the columns of a list on this computer; an empty list stands for the default columns. Widths are
    /// clamped to 40..=2000 CSS pixels.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 32 columns, or a name that is not 1 to 32 ASCII letters
    /// and digits.
    pub fn columns_save(&self, list: ListName, columns: Vec<ColumnChoice>) -> Result<()> {
        let columns = columns::validated(columns)?;
        self.0.services.profile.change(|now| match list {
            ListName::Users => now.columns.users = columns,
            ListName::Groups => now.columns.groups = columns,
            ListName::Members => now.columns.members = columns,
        });
        Ok(())
    }

    /// Whether the typed confirmation looks the same as the shown name (docs/decisions/0005). Only for the
    /// state of a button: [`Workspace::group_delete`] compares again.
    pub fn looks_the_same(&self, typed: &str, shown: &str) -> bool {
        ::directory::looks_the_same(typed, shown)
    }

    /// Whether a plan is being written. False while its run waits for a sign-in: nothing can be sent then.
    pub fn is_writing(&self) -> bool {
        self.0.accounts.is_writing()
    }

    /// Stops all runs after the users being written now, and waits at most 30 s for these. Called before the
    /// process ends.
    pub async fn stop_runs(&self) {
        if let Ok(workspace) = self.any_workspace() {
            workspace.plans.stop_runs().await;
        }
    }

    /// Saves the open organization's directory, if a copy is saved at all and it is out of date. Called when
    /// the process ends; the caller limits the time.
    pub async fn save_now(&self) {
        if let Ok(workspace) = self.any_workspace() {
            workspace.save_now().await;
        }
    }

    fn any_workspace(&self) -> Result<Arc<OpenOrganization>> {
        self.0.accounts.any_workspace()
    }
}
