//! A console with a simulated cloud, and a browser that signs in as a given user. Owns the waiting: nothing
//! here sleeps a fixed time.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use console::error::{AppError, ErrorCode};
use console::host::{DemoCloud, Host, HostError, OpenError, StayAwake};
use console::settings::Settings;
use console::wire::*;
use console::{Console, Limits, MemoryStore, SecretStore, Workspace};
use ezeep_auth::RecordName;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{
    AccessTokens, Control, Fault, FaultKind, Match, Pause, Quirks, Sim, SimConfig, When, known,
};
use ids::{GroupId, OrganizationId, PlanId, UserId, WorkspaceId};
use testing::Port;
use tokio::sync::Notify;
use url::Url;
use vault::DataDirectory;

/// Far more than anything here takes; it only bounds a hang.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What the person in the browser does.
#[derive(Clone)]
pub enum Visitor {
    /// Signs in as the person with this address and allows.
    Allows(&'static str),
    /// Refuses.
    Refuses,
    /// Closes the tab.
    Leaves,
}

/// A host without a window.
pub struct TestHost {
    pub visitor: Mutex<Visitor>,
    pub opened: Mutex<Vec<Url>>,
    pub copied: Mutex<Vec<String>>,
    pub events: Mutex<Vec<AppEvent>>,
    /// Why no browser opens.
    pub no_browser: Mutex<Option<&'static str>>,
    /// The next progress event of a plan panics.
    pub panics_at_a_plan: Mutex<bool>,
    /// The n-th word about the sync from here on ends in a panic; 0 for none.
    pub panics_at_a_sync: Mutex<u32>,
    pub downloads: std::path::PathBuf,
    /// The wall clock's offset, as after a sleep of the computer.
    pub slept: Mutex<Duration>,
    /// Number of runs that keep the computer awake.
    pub awake: Arc<AtomicUsize>,
    /// While it is true, memory is not given back: who does it waits.
    pub holds_memory: Mutex<bool>,
    pub released: Condvar,
    changed: Notify,
}

struct Awake(Arc<AtomicUsize>);

impl StayAwake for Awake {}

impl Drop for Awake {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Host for TestHost {
    fn emit(&self, event: AppEvent) {
        let panics = matches!(event, AppEvent::Plan { .. })
            && std::mem::take(&mut *self.panics_at_a_plan.lock().unwrap());
        assert!(!panics, "as the test wants it");
        if event == AppEvent::Sync {
            let left = std::mem::take(&mut *self.panics_at_a_sync.lock().unwrap());
            assert!(left != 1, "as the test wants it");
            *self.panics_at_a_sync.lock().unwrap() = left.saturating_sub(1);
        }
        self.events.lock().unwrap().push(event);
        self.changed.notify_waiters();
    }

    fn open_browser(&self, url: &Url) -> Result<(), OpenError> {
        if let Some(why) = *self.no_browser.lock().unwrap() {
            return Err(OpenError::Other(why.into()));
        }
        self.opened.lock().unwrap().push(url.clone());
        let (visitor, url) = (self.visitor.lock().unwrap().clone(), url.clone());
        tokio::spawn(async move { visit(visitor, url).await });
        Ok(())
    }

    fn copy(&self, text: &str) -> Result<(), HostError> {
        self.copied.lock().unwrap().push(text.to_owned());
        Ok(())
    }

    fn give_memory_back(&self) {
        let holds = self.holds_memory.lock().unwrap();
        drop(self.released.wait_timeout_while(holds, PATIENCE, |holds| *holds));
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now() + *self.slept.lock().unwrap()
    }

    fn stay_awake(&self) -> Box<dyn StayAwake> {
        self.awake.fetch_add(1, Ordering::SeqCst);
        Box::new(Awake(Arc::clone(&self.awake)))
    }

    fn downloads(&self) -> Result<std::path::PathBuf, HostError> {
        Ok(self.downloads.clone())
    }

    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError> {
        let sim = Sim::start(small()).await.map_err(|e| HostError(e.to_string()))?;
        Ok(Box::new(Demo(sim)))
    }
}

struct Demo(Sim);

impl DemoCloud for Demo {
    fn account_url(&self) -> Url {
        self.0.account_url()
    }
    fn api_url(&self) -> Url {
        self.0.api_url()
    }
    fn client_id(&self) -> String {
        self.0.client_id().to_owned()
    }
    fn register_redirect(&self, uri: &str) {
        self.0.register_redirect(uri);
    }
}

/// Goes through the sign-in page as a browser would.
pub async fn visit(visitor: Visitor, mut url: Url) {
    let browser = resilience::browser::browser().unwrap();
    let decision = match visitor {
        Visitor::Allows(email) => {
            url.query_pairs_mut().append_pair("q", email);
            "allow"
        }
        Visitor::Refuses => "refuse",
        Visitor::Leaves => return,
    };
    let reply = browser.get(url.clone()).send().await.unwrap();
    if let Some(location) = reply.headers().get("location") {
        // Refused before any page: the browser goes where it is sent.
        let back = url.join(location.to_str().unwrap()).unwrap();
        browser.get(back).send().await.unwrap();
        return;
    }
    let page = reply.text().await.unwrap();
    let Some((action, mut fields)) = resilience::browser::form(&page) else {
        return;
    };
    fields.push(("decision".into(), decision.into()));
    let reply = browser
        .post(url.join(&action).unwrap())
        .form(&fields)
        .send()
        .await
        .unwrap();
    let back = reply.headers()["location"].to_str().unwrap().to_owned();
    // A listener that is closed by now is the app's business, not the browser's.
    let _ = browser.get(back).send().await;
}

thread_local! {
    /// The contents of access tokens in the clouds of this thread's test.
    static ACCESS_TOKENS: Cell<AccessTokens> = const { Cell::new(AccessTokens::Jwt) };
}

/// Runs a test in a cloud with this kind of access tokens.
pub fn with_access_tokens(kind: AccessTokens, test: impl FnOnce()) {
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            ACCESS_TOKENS.set(AccessTokens::Jwt);
        }
    }
    let _restore = Restore;
    ACCESS_TOKENS.set(kind);
    test();
}

/// A small cloud.
pub fn small() -> SimConfig {
    SimConfig {
        people: 120,
        groups: 12,
        quirks: Quirks {
            access_tokens: ACCESS_TOKENS.get(),
            ..Quirks::default()
        },
        ..SimConfig::default()
    }
}

/// The admin of the main organization and of a second one.
pub const ADMIN: &str = "ines.vogt@nordhafen.example";

/// The admin of the main organization alone.
pub const OTHER_ADMIN: &str = known::ONE_ORGANIZATION_ADMIN.email;

/// A cloud, a data directory, a keychain, and a console that uses them.
pub struct World {
    pub sim: Sim,
    pub keychain: Arc<dyn SecretStore>,
    /// Owned by this test, even while two of its consoles overlap at a restart.
    pub directory: DataDirectory,
    pub dir: tempfile::TempDir,
    pub redirect: String,
    /// Held, so that no other test gets it.
    pub _port: Port,
    pub host: Arc<TestHost>,
    pub console: Console,
    pub limits: Limits,
}

impl World {
    /// On an empty data directory, with an empty keychain.
    pub async fn new(config: SimConfig) -> Self {
        Self::in_dir(config, tempfile::tempdir().unwrap()).await
    }

    async fn in_dir(config: SimConfig, dir: tempfile::TempDir) -> Self {
        let sim = Sim::start(config).await.unwrap();
        let port = Port::reserve().unwrap();
        let redirect = port.redirect_uri();
        sim.register_redirect(&redirect);
        let keychain: Arc<dyn SecretStore> = Arc::new(MemoryStore::locking_in(dir.path().join("locks")));
        let limits = Limits::default();
        let directory = DataDirectory::own(dir.path()).unwrap();
        let (host, console) = start(&sim, &redirect, &directory, &keychain, &limits);
        Self {
            sim,
            keychain,
            directory,
            dir,
            redirect,
            _port: port,
            host,
            console,
            limits,
        }
    }

    /// The same cloud, data directory and keychain, as after a restart of the app.
    pub fn restart(&mut self) {
        let (host, console) = start(
            &self.sim,
            &self.redirect,
            &self.directory,
            &self.keychain,
            &self.limits,
        );
        (self.host, self.console) = (host, console);
    }

    /// A second program, a guest, on the same cloud, data directory and keychain replaces this one's console,
    /// which continues and is returned. The second one restores no session before it is asked to.
    pub fn second_program(&mut self) -> Console {
        let (host, console) = start_empty(
            &self.sim,
            &self.redirect,
            &DataDirectory::visit(self.dir.path()),
            &self.keychain,
            &self.limits,
        );
        self.host = host;
        std::mem::replace(&mut self.console, console)
    }

    /// Signed in as the admin, in the main organization, everything read.
    pub async fn signed_in(config: SimConfig) -> (Self, WorkspaceId) {
        let world = Self::new(config).await;
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let workspace = world.choose("Nordhafen Schulen").await;
        world.read().await;
        (world, workspace)
    }

    /// The same while this request for a page is held back, with the first rows shown.
    pub async fn in_part(config: SimConfig, page: Match) -> (Self, WorkspaceId, Pause) {
        let world = Self::new(config).await;
        let pause = world.sim.control().pause(When::BeforeCommit, page);
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let main = world.choose("Nordhafen Schulen").await;
        pause.reached().await;
        world
            .until("shown in part", |_| {
                (world.sync_view().lists == ListsView::Partial).then_some(())
            })
            .await;
        (world, main, pause)
    }

    pub async fn sign_in(&self, visitor: Visitor) {
        self.sign_in_with(visitor, self.request(true)).await;
    }

    pub async fn sign_in_with(&self, visitor: Visitor, request: SignInRequest) {
        *self.host.visitor.lock().unwrap() = visitor;
        self.console.sign_in(request).await.unwrap();
    }

    /// The next write of this user's groups is refused.
    pub fn refuse_write_of(&self, user: &UserId) {
        let write = Match::new("PATCH", &user_path(user));
        let refusal = FaultKind::Status { status: 403 };
        self.sim.control().add_fault(Fault::once(write, refusal));
    }

    pub fn request(&self, keep: bool) -> SignInRequest {
        SignInRequest {
            client_id: self.sim.client_id().to_owned(),
            keep,
            method: SignInMethod::Browser,
            fewer_rights: false,
            redirect_uri: None,
        }
    }

    /// An open organization, by the id of its opening.
    pub fn at(&self, workspace: &WorkspaceId) -> Workspace {
        self.console.open(workspace).unwrap()
    }

    /// The open organization.
    pub fn open(&self) -> Workspace {
        self.is_open().expect("no organization is open")
    }

    fn is_open(&self) -> Option<Workspace> {
        match self.console.session_view() {
            SessionView::SignedIn { workspace, .. } => self.console.open(&workspace).ok(),
            _ => None,
        }
    }

    /// How far the lists of the open organization are read; idle if none is open.
    pub fn sync_view(&self) -> SyncView {
        self.is_open()
            .map_or(SyncView::IDLE, |workspace| workspace.sync_view())
    }

    /// Waits until the session's state is as wanted.
    pub async fn until<T>(&self, what: &str, mut wanted: impl FnMut(&SessionView) -> Option<T>) -> T {
        let search = async {
            loop {
                let changed = self.host.changed.notified();
                if let Some(found) = wanted(&self.console.session_view()) {
                    return found;
                }
                let _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => panic!(
                "never {what}: {:?}, {:?}",
                self.console.session_view(),
                self.sync_view()
            ),
        }
    }

    /// Waits until it is in an organization, choosing it where it is asked.
    pub async fn choose(&self, name: &str) -> WorkspaceId {
        self.until("asked which organization, or in one", |view| match view {
            SessionView::ChoosingOrganization { .. } | SessionView::SignedIn { .. } => Some(()),
            _ => None,
        })
        .await;
        let id = self.organization(name).await;
        self.console.organization_choose(&id).await.unwrap();
        self.until("in the organization", |view| match view {
            SessionView::SignedIn {
                organization,
                workspace,
                overlay: None,
                ..
            } if organization.id == id => Some(workspace.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until it is in an organization, with nothing in front of it.
    pub async fn inside(&self) -> (WorkspaceId, Person) {
        self.until("inside", |view| match view {
            SessionView::SignedIn {
                workspace,
                person,
                overlay: None,
                ..
            } => Some((workspace.clone(), person.clone())),
            _ => None,
        })
        .await
    }

    /// Waits until the session has ended in front of an open organization.
    pub async fn expired(&self) -> WorkspaceId {
        self.until("expired", |view| match view {
            SessionView::SignedIn {
                workspace,
                overlay:
                    Some(SignInOverlay {
                        reason: SignInReason::Expired,
                        step: SignInStep::Form { .. },
                    }),
                ..
            } => Some(workspace.clone()),
            _ => None,
        })
        .await
    }

    /// The link of the browser that is waited for, and what went wrong with it.
    pub fn waiting(&self) -> (String, Option<AppError>) {
        match step_of(&self.console.session_view()) {
            Some(SignInStep::WaitingForBrowser { link, problem, .. }) => (link.clone(), problem.clone()),
            other => panic!("waits for no browser: {other:?}"),
        }
    }

    /// The form, wherever it is shown, with its problem.
    pub async fn form(&self) -> (SignInForm, Option<AppError>) {
        self.until("asked to sign in", form_of).await
    }

    /// Waits until nobody is signed in; why.
    pub async fn signed_out(&self) -> Option<AppError> {
        self.until("signed out", |view| match view {
            SessionView::SignIn {
                step: SignInStep::Form { problem, .. },
            } => Some(problem.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the read under way has ended; how.
    pub async fn read(&self) -> ReadView {
        self.until("read", |_| match self.sync_view() {
            SyncView {
                read: view @ (ReadView::Done { .. } | ReadView::Failed { .. }),
                ..
            } => Some(view),
            _ => None,
        })
        .await
    }

    /// Makes a plan and starts writing it.
    pub async fn begin(&self, workspace: &WorkspaceId, request: &MembershipRequest) -> PlanView {
        let plan = self.at(workspace).plan_make(request).await.unwrap();
        self.open().plan_apply(&plan.id).await.unwrap();
        plan
    }

    /// Waits until a run waits for the servers or for a sign-in.
    pub async fn waits(&self, id: &PlanId) -> PlanProgress {
        self.until("waiting", |_| {
            let progress = self.open().plan_progress(id).unwrap();
            progress.waiting.is_some().then_some(progress)
        })
        .await
    }

    /// Waits until a plan is finished.
    pub async fn finished(&self, id: &PlanId) -> PlanProgress {
        self.until("finished", |_| {
            let progress = self.open().plan_progress(id).unwrap();
            (progress.state == RunState::Finished).then_some(progress)
        })
        .await
    }

    pub fn users(&self, workspace: &WorkspaceId, scope: UserScope) -> UserWindow {
        let query = UserQuery {
            scope,
            sort: UserColumn::Name,
            descending: false,
            offset: 0,
            limit: 500,
        };
        self.at(workspace).users(&query).unwrap()
    }

    pub fn find(&self, workspace: &WorkspaceId, search: &str) -> UserWindow {
        self.users(
            workspace,
            UserScope {
                search: search.to_owned(),
                ..UserScope::default()
            },
        )
    }

    pub fn groups(&self, workspace: &WorkspaceId, search: &str) -> GroupWindow {
        let query = GroupQuery {
            search: search.to_owned(),
            first_of: None,
            sort: GroupColumn::Name,
            descending: false,
            offset: 0,
            limit: 500,
        };
        self.at(workspace).groups(&query).unwrap()
    }
}

/// The form of a view, with its problem.
pub fn form_of(view: &SessionView) -> Option<(SignInForm, Option<AppError>)> {
    match step_of(view)? {
        SignInStep::Form { form, problem } => Some((form.clone(), problem.clone())),
        _ => None,
    }
}

/// The step of the sign-in that a view shows.
pub fn step_of(view: &SessionView) -> Option<&SignInStep> {
    match view {
        SessionView::SignIn { step } => Some(step),
        SessionView::SignedIn { overlay, .. } => overlay.as_ref().map(|overlay| &overlay.step),
        _ => None,
    }
}

fn start(
    sim: &Sim,
    redirect: &str,
    directory: &DataDirectory,
    keychain: &Arc<dyn SecretStore>,
    limits: &Limits,
) -> (Arc<TestHost>, Console) {
    let (host, console) = start_empty(sim, redirect, directory, keychain, limits);
    console.resume();
    (host, console)
}

fn start_empty(
    sim: &Sim,
    redirect: &str,
    directory: &DataDirectory,
    keychain: &Arc<dyn SecretStore>,
    limits: &Limits,
) -> (Arc<TestHost>, Console) {
    let host = Arc::new(TestHost {
        visitor: Mutex::new(Visitor::Leaves),
        opened: Mutex::default(),
        copied: Mutex::default(),
        events: Mutex::default(),
        no_browser: Mutex::default(),
        panics_at_a_plan: Mutex::new(false),
        panics_at_a_sync: Mutex::default(),
        downloads: directory.path().join("Downloads"),
        slept: Mutex::default(),
        awake: Arc::default(),
        holds_memory: Mutex::default(),
        released: Condvar::new(),
        changed: Notify::new(),
    });
    let console = Console::with_limits(
        settings(sim, redirect, directory.path()).map(|settings| (settings, directory.clone())),
        host.clone(),
        Arc::clone(keychain),
        limits.clone(),
    )
    .unwrap();
    (host, console)
}

pub fn settings(sim: &Sim, redirect: &str, data_dir: &std::path::Path) -> Result<Settings, AppError> {
    let pairs = [
        ("PRESSROOM_ACCOUNT_URL", sim.account_url().to_string()),
        ("PRESSROOM_API_URL", sim.api_url().to_string()),
        ("PRESSROOM_REDIRECT_URI", redirect.to_owned()),
        ("PRESSROOM_DATA_DIR", data_dir.display().to_string()),
    ];
    Settings::from_lookup(|name| {
        pairs
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.clone())
    })
}

/// A view of all users with this name.
pub fn view_form(name: String) -> ViewForm {
    ViewForm {
        name,
        search: String::new(),
        groups: Vec::new(),
        no_group: false,
        roles: Vec::new(),
        states: Vec::new(),
        origins: Vec::new(),
        settings: Vec::new(),
        sort: UserColumn::Name,
        descending: false,
        columns: Vec::new(),
    }
}

pub fn code(result: Result<impl Sized, AppError>) -> ErrorCode {
    match result {
        Ok(_) => panic!("it worked"),
        Err(error) => error.code,
    }
}

/// The name of the key that seals the signed-in person's files.
pub async fn file_key(world: &World) -> RecordName {
    RecordName::file_key(&holder(world).await)
}

/// The holder of the signed-in person's files, which is the name of their folders.
pub async fn holder(world: &World) -> String {
    let (_, person) = world.inside().await;
    RecordName::holder(&world.sim.account_url(), person.id.as_str(), world.dir.path())
}

/// The path of a user at the printing server.
pub fn user_path(user: &UserId) -> String {
    format!("/printing/v1/users/{}/", user.as_str())
}

pub fn form(name: &str) -> GroupForm {
    GroupForm {
        name: name.to_owned(),
        description: String::new(),
        local_printing: false,
        my_printers: false,
        confirmed_lookalikes: Vec::new(),
    }
}

impl World {
    /// Waits until nobody is signed in and it says why.
    pub async fn signed_out_with_a_problem(&self) -> AppError {
        self.until("signed out with a reason", |view| match view {
            SessionView::SignIn {
                step: SignInStep::Form { problem, .. },
            } => problem.clone(),
            _ => None,
        })
        .await
    }

    /// An organization of the signed-in person by its name.
    pub async fn organization(&self, name: &str) -> OrganizationId {
        let organizations = self.console.organizations().await.unwrap();
        organizations.into_iter().find(|o| o.name == name).unwrap().id
    }
}

/// A user joins the main organization.
pub fn join(control: &Control) {
    control
        .add_person(
            organizations::MAIN,
            "Neu",
            "Hinzugekommen",
            "neu@nordhafen.example",
        )
        .unwrap();
}

/// Three people into a new group.
pub async fn add_to_a_group(world: &World, main: &WorkspaceId) -> MembershipRequest {
    let group = world.at(main).group_create(&form("Aula")).await.unwrap();
    three_into(world, main, group.id)
}

/// Three people into a group.
pub fn three_into(world: &World, main: &WorkspaceId, group: GroupId) -> MembershipRequest {
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    let rows = world.users(main, scope).rows;
    MembershipRequest::Add {
        users: Selection::Ids {
            ids: rows.into_iter().take(3).map(|row| row.id).collect(),
        },
        groups: vec![group],
    }
}
