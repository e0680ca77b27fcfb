//! A second program on the window's data directory (security.md 62), and the files that both share.

use std::collections::BTreeSet;

use console::Console;
use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::{ClientConfig, Grant, Match, When};
use ids::{PlanId, WorkspaceId};

use crate::support::*;

/// Operations of each program.
const OPERATIONS: usize = 100;

/// The views and plans that a program has saved and not deleted.
#[derive(Default)]
struct Saved {
    views: BTreeSet<String>,
    plans: BTreeSet<PlanId>,
}

/// Saves and deletes views, makes and discards plans. Returns those that remain.
async fn work(console: &Console, main: &WorkspaceId, who: &str, request: &MembershipRequest) -> Saved {
    let mut saved = Saved::default();
    let (mut view, mut plan) = (None, None);
    for n in 0..OPERATIONS {
        match n % 10 {
            0 | 2 | 4 | 6 => {
                let form = view_form(format!("{who} {n}"));
                let made = console.open(main).unwrap().view_save(None, form).await.unwrap();
                saved.views.insert(made.form.name.clone());
                view = Some(made);
            }
            1 | 7 => {
                let made = view.take().unwrap();
                console.open(main).unwrap().view_delete(&made.id).await.unwrap();
                saved.views.remove(&made.form.name);
            }
            3 | 8 => {
                let made = console.open(main).unwrap().plan_make(request).await.unwrap();
                saved.plans.insert(made.id.clone());
                plan = Some(made.id);
            }
            5 => {
                let made = plan.take().unwrap();
                console.open(main).unwrap().plan_close(&made).await.unwrap();
                saved.plans.remove(&made);
            }
            _ => console.save_now().await,
        }
    }
    saved
}

/// security.md 62.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_lose_nothing_of_each_other_in_two_hundred_mixed_operations() {
    let (mut world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    let window = world.second_program();
    world.console.resume();
    let theirs = world.inside().await.0;
    world.read().await;
    let guest = world.console.clone();
    let (one, other) = tokio::join!(
        work(&window, &main, "Window", &request),
        work(&guest, &theirs, "Guest", &request)
    );
    for console in [&window, &guest] {
        assert_eq!(console.disk_notices(), []);
    }
    world.restart();
    let main = world.inside().await.0;
    let views = world.at(&main).list_settings().views.into_iter();
    let views: BTreeSet<_> = views.map(|view| view.form.name).collect();
    assert_eq!(views, &one.views | &other.views);
    let plans = world.at(&main).plans().into_iter();
    let plans: BTreeSet<_> = plans.map(|found| found.plan.id).collect();
    assert_eq!(plans, &one.plans | &other.plans);
    assert_eq!(world.console.disk_notices(), []);
}

/// One plan, listed by two programs: one of them writes it, and neither believes what the other has changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_written_by_one_program_at_a_time_and_its_results_are_taken_over() {
    let (mut world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    let plan = world.at(&main).plan_make(&request).await.unwrap().id;
    let other = world.at(&main).plan_make(&request).await.unwrap().id;
    let window = world.second_program();
    world.console.resume();
    let theirs = world.inside().await.0;
    world.read().await;
    let of_window = || window.open(&main).unwrap();
    let of_guest = || world.at(&theirs);
    assert_eq!(of_guest().plans().len(), 2);

    // While the window writes it, the guest neither writes nor closes it.
    let control = world.sim.control();
    let hold = control.pause(When::BeforeCommit, Match::new("PATCH", "/printing/v1/users/"));
    of_window().plan_apply(&plan).await.unwrap();
    hold.reached().await;
    assert_eq!(code(of_guest().plan_apply(&plan).await), ErrorCode::PlanBusy);
    assert_eq!(code(of_guest().plan_close(&plan).await), ErrorCode::PlanBusy);
    let review = of_guest().plan_progress(&plan).unwrap();
    assert_eq!((review.state, review.done), (RunState::Ready, 0));
    hold.release();
    world
        .until("written by the window", |_| {
            let progress = of_window().plan_progress(&plan).unwrap();
            (progress.applied == 3 && progress.state == RunState::Finished).then_some(())
        })
        .await;

    // Nothing of it is left to write for the guest, which learns that without a request.
    control.forget_requests();
    assert_eq!(code(of_guest().plan_apply(&plan).await), ErrorCode::PlanEmpty);
    assert_eq!(of_guest().plan_progress(&plan).unwrap().applied, 3);
    assert_eq!(control.count("GET", "/printing/v1/users/{id}/"), 0);

    // What the window closed is gone for the guest, and leaves no file.
    of_window().plan_close(&other).await.unwrap();
    assert_eq!(code(of_guest().plan_apply(&other).await), ErrorCode::PlanGone);
    assert!(of_guest().plans().is_empty());
    of_guest().plan_close(&plan).await.unwrap();
    let folder = world.dir.path().join("plans.v3").join(holder(&world).await);
    let files = std::fs::read_dir(folder).unwrap().flat_map(|folder| {
        let files = std::fs::read_dir(folder.unwrap().path()).unwrap();
        files.map(|file| file.unwrap().file_name())
    });
    assert_eq!(files.collect::<Vec<_>>(), Vec::<std::ffi::OsString>::new());
}

/// Another client that the server knows, as a command line has. Returns its id.
fn another_client(world: &World) -> String {
    let client = ClientConfig {
        id: "another-client".into(),
        name: "Another".into(),
        secret: None,
        grants: vec![
            Grant::AuthorizationCode,
            Grant::RefreshToken,
            Grant::SwitchOrganization,
        ],
        redirect_uris: vec![world.redirect.clone()],
        scopes: ["printing", "printing.printers.readonly"]
            .map(String::from)
            .to_vec(),
        require_pkce: false,
    };
    let id = client.id.clone();
    world.sim.control().add_client(client);
    id
}

/// The window and the command line have a client each: saved files belong to the person (security.md 43).
#[tokio::test]
async fn two_clients_of_one_person_share_what_is_saved_until_the_last_sign_out() {
    let world = World::new(small()).await;
    let client = another_client(&world);
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    let (main, _) = world.inside().await;
    world.read().await;
    let form = view_form("Aula".into());
    world.at(&main).view_save(None, form).await.unwrap();
    let key = file_key(&world).await;
    let folder = world.dir.path().join("views.v1").join(holder(&world).await);
    let is_kept = async || folder.exists() && world.keychain.read_key(&key).await.unwrap().is_some();
    assert!(is_kept().await);

    world.console.account_add().await.unwrap();
    let request = SignInRequest {
        client_id: client,
        ..world.request(true)
    };
    world.console.sign_in(request).await.unwrap();
    let second = world
        .until("in through the other client", |view| match view {
            SessionView::SignedIn {
                workspace,
                overlay: None,
                ..
            } if *workspace != main => Some(workspace.clone()),
            _ => None,
        })
        .await;
    let looks = world.at(&second).list_settings();
    assert_eq!(looks.views[0].form.name, "Aula");
    let accounts = world.console.accounts();
    assert_eq!(accounts.len(), 2);
    let other = accounts.iter().find(|account| account.current).unwrap();
    world.console.account_forget(&other.id).await.unwrap();
    assert!(is_kept().await, "the other account has it");
    world.console.sign_out_all().await.unwrap();
    world.signed_out().await;
    assert!(!is_kept().await && !folder.exists());
}

/// The window has not read the settings since: what is the other account's stays, now and at its next sign-in.
#[tokio::test]
async fn a_sign_out_leaves_the_files_of_a_person_whom_another_program_has_signed_in_meanwhile() {
    let mut world = World::new(small()).await;
    let client = another_client(&world);
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
    world.read().await;
    let window = world.second_program();
    let request = SignInRequest {
        client_id: client,
        ..world.request(true)
    };
    world
        .sign_in_with(Visitor::Allows(OTHER_ADMIN), request.clone())
        .await;
    let (main, _) = world.inside().await;
    world.read().await;
    let form = view_form("Aula".into());
    world.at(&main).view_save(None, form).await.unwrap();
    window.sign_out().await.unwrap();
    assert_eq!(world.sim.control().live_families().len(), 1);
    world.console.account_add().await.unwrap();
    world.sign_in_with(Visitor::Allows(OTHER_ADMIN), request).await;
    world.inside().await;
    world.restart();
    let (main, _) = world.inside().await;
    assert_eq!(world.at(&main).list_settings().views.len(), 1);
    let removals = world.dir.path().join("removals.v1");
    let left = std::fs::read_dir(removals).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}
