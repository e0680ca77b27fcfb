//! A step of the sign-in whose reply is held while the person does something else: what the window shows,
//! what its tokens are for and what can be chosen agree at the end.

use std::fs::File;
use std::sync::{Arc, Mutex, mpsc};

use async_trait::async_trait;
use console::error::ErrorCode;
use console::host::{DemoCloud, Host, HostError, OpenError};
use console::wire::*;
use console::{Console, SecretStore};
use ezeep_sim_faults::{AccessTokens, Grant, Match, Pause, When};
use ids::WorkspaceId;
use tokio::sync::Semaphore;
use url::Url;

use crate::support::*;

const ME: &str = "/v1/users/me";

/// Holds the first such request back before it has done anything.
fn hold(world: &World, path: &str) -> Pause {
    let control = world.sim.control();
    control.pause(When::BeforeCommit, Match::new("GET", path))
}

/// The open organization is this opening, and its servers answer.
async fn works_in(world: &World, workspace: &WorkspaceId) {
    assert_eq!(world.inside().await.0, *workspace);
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    let id = world.find(workspace, "").rows[0].id.clone();
    world.at(workspace).user_read(&id).await.unwrap();
}

/// Started again with a saved copy, while the server holds its first answer back.
async fn started_with_a_saved_copy() -> (World, WorkspaceId, Pause) {
    let (mut world, _) = World::signed_in(small()).await;
    world
        .until("kept", |_| (!crate::cache::kept(&world).is_empty()).then_some(()))
        .await;
    let pause = hold(&world, ME);
    world.restart();
    pause.reached().await;
    let main = crate::cache::from_disk(&world).await;
    (world, main, pause)
}

// -- a switch that is overtaken

/// security.md 44: every organization can be chosen afterwards, the open one too.
#[tokio::test]
async fn a_switch_that_is_overtaken_by_an_added_account_leaves_window_and_tokens_in_one_organization() {
    for kind in [AccessTokens::Jwt, AccessTokens::Opaque] {
        let mut config = small();
        config.quirks.access_tokens = kind;
        let (world, main) = World::signed_in(config).await;
        let other = world.organization("Seehafen Logistik").await;
        let control = world.sim.control();
        let pause = control.pause(When::AfterCommit, Match::grant(Grant::SwitchOrganization));
        let console = world.console.clone();
        let switch = tokio::spawn(async move { console.organization_choose(&other).await });
        pause.reached().await;
        world.console.account_add().await.unwrap();
        world.console.sign_in_close().await;
        pause.release();
        assert_eq!(code(switch.await.unwrap()), ErrorCode::Cancelled);
        works_in(&world, &main).await;
        assert_eq!(world.choose("Nordhafen Schulen").await, main, "it was never left");
        let second = world.choose("Seehafen Logistik").await;
        works_in(&world, &second).await;
        let again = world.choose("Nordhafen Schulen").await;
        works_in(&world, &again).await;
    }
}

#[tokio::test]
async fn a_switch_that_is_overtaken_by_the_way_back_stays_where_it_was() {
    let (world, main) = World::signed_in(small()).await;
    let main_id = world.organization("Nordhafen Schulen").await;
    let other = world.organization("Seehafen Logistik").await;
    let control = world.sim.control();
    let pause = control.pause(When::AfterCommit, Match::grant(Grant::SwitchOrganization));
    let choose = |id| {
        let console = world.console.clone();
        tokio::spawn(async move { console.organization_choose(&id).await })
    };
    let there = choose(other);
    pause.reached().await;
    let back = choose(main_id.clone());
    tokio::task::yield_now().await;
    pause.release();
    back.await.unwrap().unwrap();
    assert_eq!(code(there.await.unwrap()), ErrorCode::Cancelled);
    works_in(&world, &main).await;
}

#[tokio::test]
async fn a_switch_that_is_overtaken_by_a_sign_out_ends_with_nobody_signed_in() {
    let (world, _) = World::signed_in(small()).await;
    let other = world.organization("Seehafen Logistik").await;
    let control = world.sim.control();
    let pause = control.pause(When::AfterCommit, Match::grant(Grant::SwitchOrganization));
    let console = world.console.clone();
    let switch = tokio::spawn(async move { console.organization_choose(&other).await });
    pause.reached().await;
    let console = world.console.clone();
    let signed_out = tokio::spawn(async move { console.sign_out().await });
    tokio::task::yield_now().await;
    pause.release();
    signed_out.await.unwrap().unwrap();
    switch.await.unwrap().unwrap_err();
    assert_eq!(world.signed_out().await, None);
    assert!(control.live_families().is_empty());
    assert_eq!(world.console.accounts(), []);
}

// -- a start that is overtaken

/// Nobody waits for the start's requests, each of which may take minutes.
#[tokio::test]
async fn another_organization_is_opened_while_the_start_still_waits_for_the_server() {
    let (world, _, pause) = started_with_a_saved_copy().await;
    let other = world.organization("Seehafen Logistik").await;
    tokio::time::timeout(PATIENCE, world.console.organization_choose(&other))
        .await
        .expect("it waited for the start")
        .unwrap();
    let (second, _) = world.inside().await;
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    pause.release();
    works_in(&world, &second).await;
    let main = world.choose("Nordhafen Schulen").await;
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    works_in(&world, &main).await;
}

/// The start goes on behind a sign-in in front, and ends, whether the server answers or not.
#[tokio::test]
async fn a_start_behind_a_sign_in_in_front_ends_and_can_be_read_again() {
    for answers in [true, false] {
        let (world, main, pause) = started_with_a_saved_copy().await;
        let control = world.sim.control();
        // The held request is refused, and there is no token for another try.
        let fault = (!answers).then(|| {
            control.revoke_access_tokens();
            crate::cache::no_tokens(&world)
        });
        world.console.account_add().await.unwrap();
        world.sign_in(Visitor::Leaves).await;
        world.waiting();
        pause.release();
        assert_eq!(matches!(world.read().await, ReadView::Done { .. }), answers);
        world.waiting();
        world.console.sign_in_close().await;
        if let Some(fault) = fault {
            assert!(control.remove_fault(fault));
        }
        world.open().sync_start();
        assert!(matches!(world.read().await, ReadView::Done { .. }));
        works_in(&world, &main).await;
    }
}

// -- "Read again" that is overtaken

#[tokio::test]
async fn reading_again_ends_although_a_sign_in_in_front_has_overtaken_it() {
    let (mut world, _) = World::signed_in(small()).await;
    world
        .until("kept", |_| (!crate::cache::kept(&world).is_empty()).then_some(()))
        .await;
    let fault = crate::cache::no_tokens(&world);
    world.restart();
    let main = crate::cache::from_disk(&world).await;
    assert!(matches!(world.read().await, ReadView::Failed { .. }));
    assert!(world.sim.control().remove_fault(fault));
    let pause = hold(&world, ME);
    world.open().sync_start();
    pause.reached().await;
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Leaves).await;
    world.console.sign_in_close().await;
    pause.release();
    world.read().await;
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    works_in(&world, &main).await;
}

// -- a sign-in that is cancelled after its answer

/// security.md 41: who cancels is not signed in afterwards, and no grant is left that nobody ends.
#[tokio::test]
async fn a_sign_in_that_is_cancelled_while_its_organizations_are_asked_for_leaves_no_account_and_no_grant() {
    let mut world = World::new(small()).await;
    let pause = hold(&world, "/v1/organizations/");
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    pause.reached().await;
    world.console.sign_in_cancel().await;
    pause.release();
    let control = world.sim.control();
    world
        .until("the grant is ended", |_| {
            control.live_families().is_empty().then_some(())
        })
        .await;
    assert_eq!(world.signed_out().await, None);
    world
        .until("forgotten", |_| world.console.accounts().is_empty().then_some(()))
        .await;
    world.restart();
    assert_eq!(world.signed_out().await, None);
    assert_eq!(world.console.disk_notices(), []);
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
}

/// security.md 5: the same in front of an open organization, which stays as it was.
#[tokio::test]
async fn an_added_account_that_is_closed_while_its_organizations_are_asked_for_leaves_the_first_as_it_was() {
    let (world, main) = World::signed_in(small()).await;
    world.console.account_add().await.unwrap();
    let pause = hold(&world, "/v1/organizations/");
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    pause.reached().await;
    world.console.sign_in_close().await;
    pause.release();
    let control = world.sim.control();
    world
        .until("the grant is ended", |_| {
            (control.live_families().len() == 1).then_some(())
        })
        .await;
    world
        .until("forgotten", |_| {
            (world.console.accounts().len() == 1).then_some(())
        })
        .await;
    works_in(&world, &main).await;
}

/// security.md 11: a wait that is no longer shown holds no port.
#[tokio::test]
async fn a_sign_in_in_front_that_another_account_takes_the_place_of_frees_its_port() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
    let first = world.console.accounts()[0].id.clone();
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let asked = |view: &SessionView| matches!(view, SessionView::ChoosingOrganization { .. }).then_some(());
    world.until("asked which organization", asked).await;
    world.choose("Seehafen Logistik").await;
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Leaves).await;
    world.waiting();
    world.console.account_choose(&first).await.unwrap();
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    // At once, while the wait is still ending: the newer one waits for its port.
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let back = |view: &SessionView| match view {
        SessionView::SignedIn {
            person,
            overlay: None,
            ..
        } if person.email == ADMIN => Some(()),
        _ => None,
    };
    world.until("back as the second", back).await;
    assert_eq!(world.console.accounts().len(), 2);
}

/// security.md 41: what a sign-out has overtaken is ended with it, the grant and the account.
#[tokio::test]
async fn a_sign_in_of_the_same_person_that_a_sign_out_overtakes_leaves_no_account_and_no_grant() {
    let (world, _) = World::signed_in(small()).await;
    let control = world.sim.control();
    world.console.account_add().await.unwrap();
    let pause = control.pause(When::AfterCommit, Match::grant(Grant::SwitchOrganization));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    pause.reached().await;
    let console = world.console.clone();
    let signed_out = tokio::spawn(async move { console.sign_out().await });
    world
        .until("forgotten", |_| world.console.accounts().is_empty().then_some(()))
        .await;
    pause.release();
    signed_out.await.unwrap().unwrap();
    world
        .until("the grants are ended", |_| {
            control.live_families().is_empty().then_some(())
        })
        .await;
    assert_eq!(world.signed_out().await, None);
    assert_eq!(world.console.accounts(), []);
}

// -- settings that another program holds

/// A host that stops where a notice is told, until it is released.
struct StopsAtNotices {
    inside: Arc<TestHost>,
    reached: Semaphore,
    release: Mutex<mpsc::Receiver<()>>,
}

#[async_trait]
impl Host for StopsAtNotices {
    fn emit(&self, event: AppEvent) {
        if event == AppEvent::Notices {
            self.reached.add_permits(1);
            let _ = self.release.lock().unwrap().recv();
        }
        self.inside.emit(event);
    }

    fn open_browser(&self, url: &Url) -> Result<(), OpenError> {
        self.inside.open_browser(url)
    }

    fn copy(&self, text: &str) -> Result<(), HostError> {
        self.inside.copy(text)
    }

    fn downloads(&self) -> Result<std::path::PathBuf, HostError> {
        self.inside.downloads()
    }

    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError> {
        self.inside.demo_cloud().await
    }
}

/// A change of the settings gives up where another program holds them, and is stopped in the middle of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_does_not_wait_for_settings_that_another_program_holds() {
    let world = World::new(small()).await;
    world.form().await;
    let (release, released) = mpsc::channel();
    let host = Arc::new(StopsAtNotices {
        inside: Arc::clone(&world.host),
        reached: Semaphore::new(0),
        release: Mutex::new(released),
    });
    let keychain: Arc<dyn SecretStore> = Arc::clone(&world.keychain);
    let settings = settings(&world.sim, &world.redirect, world.dir.path());
    let opened = settings.map(|settings| (settings, world.directory.clone()));
    let console = Console::new(opened, host.clone(), keychain).unwrap();
    console.resume();
    let asked = async {
        while form_of(&console.session_view()).is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .expect("never asked to sign in");
    let lock = world.dir.path().join("settings.v1.lock");
    let held = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(lock)
        .unwrap();
    held.lock().unwrap();
    let changes = {
        let console = console.clone();
        std::thread::spawn(move || console.columns_save(ListName::Users, Vec::new()))
    };
    tokio::time::timeout(PATIENCE, host.reached.acquire())
        .await
        .expect("the settings were changed although another program holds them")
        .unwrap()
        .forget();
    let (shown, was_shown) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let view = console.session_view();
        let _ = shown.send((view, console.accounts()));
    });
    let shown = tokio::time::timeout(PATIENCE, was_shown).await;
    // Also where it fails: the thread that changes them waits for it.
    drop(release);
    let (view, accounts) = shown.expect("the view waited for the settings").unwrap();
    assert!(form_of(&view).is_some(), "{view:?}");
    assert_eq!(accounts, []);
    changes.join().unwrap().unwrap();
}
