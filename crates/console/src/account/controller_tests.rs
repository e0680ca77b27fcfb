//! Sequences of messages that no server can bring about at a moment known to a test.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ezeep_auth::{ClientId, Links, MemoryStore, Record, Session};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;
use url::Url;
use vault::DataDirectory;

use super::controller::Controller;
use super::controller_channel::{Command, ControllerHandle, Message};
use super::live_account::LiveAccount;
use super::setup::{Setup, Wanted, account_of};
use super::state::{Phase, State};
use super::step::SignInStep;
use crate::account_files::AccountFiles;
use crate::host::{DemoCloud, Host, HostError, OpenError};
use crate::notices::Notices;
use crate::organization::{LOCK_LIMIT, UserLocks};
use crate::profile::Profile;
use crate::services::Services;
use crate::settings::Settings;
use crate::wire::{AppEvent, KeychainState, TokenStorage};

struct NoWindow;

#[async_trait]
impl Host for NoWindow {
    fn emit(&self, _: AppEvent) {}
    fn open_browser(&self, _: &Url) -> Result<(), OpenError> {
        Ok(())
    }
    fn copy(&self, _: &str) -> Result<(), HostError> {
        Ok(())
    }
    fn downloads(&self) -> Result<PathBuf, HostError> {
        Err(HostError("none".into()))
    }
    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError> {
        Err(HostError("none".into()))
    }
}

/// Its servers are unreachable: a restored session stays as it is.
fn services(data_dir: &Path) -> Arc<Services> {
    let folder = data_dir.display().to_string();
    let settings = Settings::from_lookup(|name| match name {
        "PRESSROOM_ACCOUNT_URL" => Some("http://127.0.0.1:9/".to_owned()),
        "PRESSROOM_API_URL" => Some("http://127.0.0.1:9/printing/v1/".to_owned()),
        "PRESSROOM_DATA_DIR" => Some(folder.clone()),
        _ => None,
    });
    let keychain = Arc::new(MemoryStore::default());
    let notices = Notices::new(|| {});
    let limits = ezeep_api::Limits::default();
    Arc::new(Services {
        http: ezeep_api::http_client(&limits).unwrap(),
        user_locks: Arc::new(UserLocks::new(data_dir, LOCK_LIMIT)),
        account_files: AccountFiles::new(
            DataDirectory::own(data_dir).unwrap(),
            keychain.clone(),
            notices.clone(),
        ),
        profile: Profile::open(data_dir, notices.clone()),
        settings: settings.unwrap(),
        host: Arc::new(NoWindow),
        keychain,
        keychain_state: Mutex::new(KeychainState::Usable),
        limits,
        notices,
        links: Links::default(),
    })
}

/// An account, always with the same id, whose session has ended or is alive.
async fn account(services: &Services, alive: bool) -> Arc<LiveAccount> {
    let setup = services.setup(Wanted {
        endpoints: services.settings.endpoints.clone(),
        client_id: ClientId::try_from("client").unwrap(),
        redirect: services.redirect(),
        keep: true,
        fewer_rights: false,
        demo: None,
    });
    let Setup {
        oauth, store, wanted, ..
    } = setup.unwrap();
    let name = services.record(&wanted, "person");
    let id = account_of(&name).unwrap();
    let session = if alive {
        let record = Record {
            grant: "grant".into(),
            refresh_token: "token".into(),
            organization: None,
            person: None,
            generation: 1,
        };
        store.write(&name, &record).await.unwrap();
        Session::restore(oauth, store, name).await.unwrap().unwrap()
    } else {
        Session::ended(oauth, store, name)
    };
    let holder = services.holder(wanted.endpoints.account(), "person").unwrap();
    LiveAccount::new(
        id,
        holder,
        session,
        wanted.endpoints,
        TokenStorage::Keychain,
        None,
    )
}

/// The report of its end comes late: the account has been restored again meanwhile.
#[tokio::test]
async fn the_end_of_a_session_leaves_the_account_that_has_taken_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let services = services(dir.path());
    let (state, snapshots) = watch::channel(State::new(Phase::SignIn(SignInStep::Form(None))));
    let (messages, inbox) = unbounded_channel();
    let controller = ControllerHandle::new(messages, snapshots);
    let records = Arc::default();
    tokio::spawn(Controller::run(
        services.clone(),
        state,
        controller.downgrade(),
        records,
        inbox,
    ));
    let (before, now) = (account(&services, false).await, account(&services, true).await);
    let register = |reply| Message::Register(Arc::clone(&now), reply);
    controller.request(register).await.unwrap();
    controller.send(Message::SessionEnded(before));
    // The answer to a later command shows that the report was processed.
    controller.command(Command::CancelSignIn).await.unwrap();
    let live = controller.state().live;
    assert!(live.get(&now.id).is_some_and(|live| Arc::ptr_eq(live, &now)));
}
