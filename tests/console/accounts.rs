//! Several accounts side by side: adding, going from one to the other, forgetting, signing out of one or of
//! all.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::{Fault, FaultKind, Match};
use ids::AccountId;

use crate::support::*;

/// Signed in as two people, the second one in front.
async fn two_accounts() -> (World, AccountId, AccountId) {
    let (world, _) = World::signed_in(small()).await;
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world
        .until("the other is in front", |view| match view {
            SessionView::SignedIn {
                person,
                overlay: None,
                ..
            } if person.email == OTHER_ADMIN => Some(()),
            _ => None,
        })
        .await;
    let accounts = world.console.accounts();
    let of = |email: &str| accounts.iter().find(|a| a.email == email).unwrap().id.clone();
    let (first, second) = (of(ADMIN), of(OTHER_ADMIN));
    // The next start reads the file, which is written later than the window shows the change.
    let in_front = format!("\"current\": \"{}\"", second.as_str());
    let settings = world.dir.path().join("settings.v1.json");
    world
        .until("the settings say who is in front", |_| {
            let text = std::fs::read_to_string(&settings).ok()?;
            text.contains(&in_front).then_some(())
        })
        .await;
    (world, first, second)
}

#[tokio::test]
pub async fn two_accounts_are_kept_side_by_side_each_in_a_record_of_its_own() {
    let (mut world, first, second) = two_accounts().await;
    assert_eq!(world.sim.control().live_families().len(), 2);
    let current = |world: &World| {
        let accounts = world.console.accounts();
        accounts.into_iter().find(|a| a.current).map(|a| a.id)
    };
    assert_eq!(current(&world), Some(second.clone()));
    world.console.account_choose(&first).await.unwrap();
    let (main, person) = world.inside().await;
    assert_eq!(person.email, ADMIN);
    world.read().await;
    assert!(world.at(&main).totals().is_ok());
    // The next start has both, and the one that was in front is in front.
    world.restart();
    assert_eq!(world.inside().await.1.email, ADMIN);
    assert_eq!(world.console.accounts().len(), 2);
    world.console.account_choose(&second).await.unwrap();
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    assert_eq!(
        world.sim.control().live_families().len(),
        2,
        "a grant was lost or made twice"
    );
}

#[tokio::test]
pub async fn an_organization_has_one_color_whichever_account_looks_at_it() {
    let (mut world, first, _) = two_accounts().await;
    let color = |world: &World| match world.console.session_view() {
        SessionView::SignedIn { organization, .. } => (organization.name, organization.color),
        other => panic!("not signed in: {other:?}"),
    };
    let as_second = color(&world);
    world.console.account_choose(&first).await.unwrap();
    assert_eq!(color(&world), as_second);
    world.restart();
    world.inside().await;
    assert_eq!(color(&world), as_second);
}

/// security.md 43: what was asked as one person is refused as another, in the same organization, too.
#[tokio::test]
pub async fn nothing_asked_as_one_person_is_answered_or_written_as_another() {
    let (world, first, _) = two_accounts().await;
    let (as_second, _) = world.inside().await;
    world.read().await;
    let left = world.at(&as_second);
    let plan = left
        .plan_make(&add_to_a_group(&world, &as_second).await)
        .await
        .unwrap();
    world.console.account_choose(&first).await.unwrap();
    let (as_first, _) = world.inside().await;
    world.read().await;
    assert_ne!(as_first, as_second);
    assert_eq!(
        code(world.console.open(&as_second)),
        ErrorCode::OrganizationChanged
    );
    // Nor through what was opened before.
    assert_eq!(
        code(left.group_create(&form("Mensa")).await),
        ErrorCode::OrganizationChanged
    );
    assert_eq!(
        code(left.plan_apply(&plan.id).await),
        ErrorCode::OrganizationChanged
    );
    assert_eq!(code(world.open().plan_apply(&plan.id).await), ErrorCode::PlanGone);
    assert_eq!(world.at(&as_first).plans(), vec![]);
}

/// security.md 44.
#[tokio::test]
pub async fn going_to_an_account_that_fails_leaves_the_one_in_front_working() {
    let (mut world, first, _) = two_accounts().await;
    world.restart();
    let (main, person) = world.inside().await;
    world.read().await;
    // Once taken up, it would need no token.
    world.sim.control().revoke_access_tokens();
    let fault = world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/me"),
        FaultKind::Status { status: 503 },
    ));
    assert_eq!(
        code(world.console.account_choose(&first).await),
        ErrorCode::ServerFailed { status: 503 }
    );
    world.sim.control().remove_fault(fault);
    assert_eq!(world.inside().await, (main.clone(), person));
    let id = world.find(&main, "").rows[0].id.clone();
    world.at(&main).user_read(&id).await.unwrap();
}

/// security.md 5.
#[tokio::test]
pub async fn a_second_sign_in_that_is_cancelled_leaves_the_first_as_it_was() {
    let (world, main) = World::signed_in(small()).await;
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Leaves).await;
    world.waiting();
    world.console.sign_in_cancel().await;
    world.form().await;
    world.console.sign_in_close().await;
    assert_eq!(world.inside().await.0, main);
    let id = world.find(&main, "").rows[0].id.clone();
    world.at(&main).user_read(&id).await.unwrap();
    assert_eq!(world.console.accounts().len(), 1);
}

#[tokio::test]
pub async fn signing_in_as_the_same_person_again_leaves_one_account_and_one_grant() {
    let (world, main) = World::signed_in(small()).await;
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Allows(ADMIN)).await;
    assert_eq!(world.inside().await.0, main);
    assert_eq!(world.console.accounts().len(), 1);
    world
        .until("the grant before is ended", |_| {
            (world.sim.control().live_families().len() == 1).then_some(())
        })
        .await;
    let id = world.find(&main, "").rows[0].id.clone();
    world.at(&main).user_read(&id).await.unwrap();
}

/// A sign-in of the same user keeps a working session over a failing network (security.md 5, 41).
#[tokio::test]
pub async fn a_sign_in_of_the_same_person_over_a_network_that_breaks_the_switch_costs_no_session() {
    for kind in [FaultKind::Status { status: 503 }, FaultKind::DropBeforeCommit] {
        let (mut world, main) = World::signed_in(small()).await;
        let control = world.sim.control();
        let fault = control.add_fault(Fault::always(
            Match::grant(ezeep_sim_faults::Grant::SwitchOrganization),
            kind,
        ));
        world.console.account_add().await.unwrap();
        world.sign_in(Visitor::Allows(ADMIN)).await;
        // The sign-in is done, and its organization is the open one: only its token is missing.
        assert_eq!(world.inside().await.0, main);
        let families = |n| {
            let control = world.sim.control();
            move || (control.live_families().len() == n).then_some(())
        };
        let one = families(1);
        world.until("the grant before is ended", |_| one()).await;
        assert!(control.remove_fault(fault));
        let id = world.find(&main, "").rows[0].id.clone();
        let again = async {
            // A request that was under way is answered with the earlier fault.
            while world.at(&main).user_read(&id).await.is_err() {}
        };
        tokio::time::timeout(PATIENCE, again)
            .await
            .expect("never in the organization again");
        world.at(&main).group_create(&form("Aula")).await.unwrap();
        world.choose("Seehafen Logistik").await;
        assert_eq!(world.console.accounts().len(), 1);
        assert_eq!(world.sim.control().live_families().len(), 1);
        world.restart();
        world.inside().await;
    }
}

/// security.md 5: the same if the user was removed from the open organization, and their organizations can't
/// be read.
#[tokio::test]
pub async fn a_sign_in_of_the_same_person_whose_organizations_can_not_be_read_is_kept_to_be_tried_again() {
    let (mut world, _) = World::signed_in(small()).await;
    let control = world.sim.control();
    control.add_fault(Fault::once(
        Match::grant(ezeep_sim_faults::Grant::SwitchOrganization),
        FaultKind::Reply {
            status: 400,
            content_type: "application/json".into(),
            body: r#"{"error":"invalid_request"}"#.into(),
        },
    ));
    let fault = control.add_fault(Fault::always(
        Match::new("GET", "/v1/organizations/"),
        FaultKind::Status { status: 503 },
    ));
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world
        .until("told what failed", |view| match step_of(view) {
            Some(SignInStep::Form {
                problem: Some(problem),
                ..
            }) => {
                assert_eq!(problem.code, ErrorCode::ServerFailed { status: 503 });
                Some(())
            }
            _ => None,
        })
        .await;
    world
        .until("the grant before is ended", |_| {
            (world.sim.control().live_families().len() == 1).then_some(())
        })
        .await;
    assert!(control.remove_fault(fault));
    world.restart();
    world.inside().await;
    assert_eq!(world.sim.control().live_families().len(), 1);
}

#[tokio::test]
pub async fn signing_out_of_one_account_leaves_the_other_to_be_gone_on_with() {
    let (world, first, _) = two_accounts().await;
    world.console.sign_out().await.unwrap();
    let (form, problem) = world.form().await;
    assert_eq!(problem, None);
    assert_eq!(
        form.accounts.iter().map(|a| &a.id).collect::<Vec<_>>(),
        vec![&first]
    );
    assert_eq!(world.sim.control().live_families().len(), 1);
    world.console.account_choose(&first).await.unwrap();
    assert_eq!(world.inside().await.1.email, ADMIN);
}

/// security.md 41.
#[tokio::test]
pub async fn signing_out_of_all_organizations_ends_every_grant_on_this_computer() {
    let (mut world, _, _) = two_accounts().await;
    world.console.sign_out_all().await.unwrap();
    assert!(world.sim.control().live_families().is_empty());
    assert_eq!(world.console.accounts(), vec![]);
    world.restart();
    let (form, _) = world.form().await;
    assert_eq!(form.accounts, vec![]);
}

/// security.md 42.
#[tokio::test]
pub async fn forgetting_an_account_offline_forgets_it_here_and_says_what_may_live_on() {
    let (world, first, _) = two_accounts().await;
    world.sim.control().add_fault(Fault::always(
        Match::new("POST", "/oauth/revoke/"),
        FaultKind::DropBeforeCommit,
    ));
    assert_eq!(
        code(world.console.account_forget(&first).await),
        ErrorCode::SignOutNotConfirmed
    );
    assert_eq!(world.console.accounts().len(), 1);
    assert_eq!(
        code(world.console.account_choose(&first).await),
        ErrorCode::AccountGone
    );
    world.inside().await;
}

#[tokio::test]
pub async fn an_account_that_the_server_no_longer_takes_asks_its_person_and_leaves_the_other() {
    let (world, first, _) = two_accounts().await;
    let (main, _) = world.inside().await;
    let families = world.sim.control().live_families();
    for family in families
        .iter()
        .filter(|family| family.email.as_deref() == Some(ADMIN))
    {
        world.sim.control().revoke_family(family.number);
    }
    world.sim.control().revoke_access_tokens();
    world.console.account_choose(&first).await.unwrap();
    let asked = world
        .until("asked", |view| match view {
            SessionView::SignedIn {
                workspace,
                overlay: Some(overlay),
                ..
            } if overlay.reason == SignInReason::AddAccount => Some(workspace.clone()),
            _ => None,
        })
        .await;
    assert_eq!(asked, main);
    assert_eq!(world.form().await.1.unwrap().code, ErrorCode::SessionEnded);
    world.console.sign_in_close().await;
    assert_eq!(world.inside().await.0, main);
    let states: Vec<_> = world
        .console
        .accounts()
        .into_iter()
        .map(|a| (a.email, a.state))
        .collect();
    assert!(
        states.contains(&(ADMIN.to_owned(), AccountState::Expired)),
        "{states:?}"
    );
}

/// Signs in as the admin without "Keep me signed in".
async fn sign_in_for_this_run(world: &World) {
    *world.host.visitor.lock().unwrap() = Visitor::Allows(OTHER_ADMIN);
    world.console.sign_in(world.request(false)).await.unwrap();
    world
        .until("signed in for this run", |view| match view {
            SessionView::SignedIn {
                storage: TokenStorage::Memory,
                overlay: None,
                ..
            } => Some(()),
            _ => None,
        })
        .await;
}

/// What was kept is kept no more: nothing is missing at the next start, and no grant is left that nobody
/// ends.
#[tokio::test]
pub async fn a_sign_in_that_is_not_kept_leaves_nothing_of_the_one_that_was() {
    for ended in [false, true] {
        let mut world = World::new(small()).await;
        world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
        world.inside().await;
        if ended {
            world.sim.control().revoke_all();
            world.restart();
            world.signed_out_with_a_problem().await;
        } else {
            world.console.account_add().await.unwrap();
        }
        sign_in_for_this_run(&world).await;
        assert_eq!(world.console.accounts().len(), 1);
        world
            .until("the grant before is ended", |_| {
                (world.sim.control().live_families().len() == 1).then_some(())
            })
            .await;
        world
            .until("the account is kept no more", |_| {
                let settings = std::fs::read_to_string(world.dir.path().join("settings.v1.json")).ok()?;
                settings.contains(r#""accounts": []"#).then_some(())
            })
            .await;
        world.restart();
        assert_eq!(world.signed_out().await, None, "ended: {ended}");
        assert_eq!(world.console.disk_notices(), []);
        assert_eq!(world.console.accounts(), []);
    }
}

/// What was kept is kept no more, in the organization that stays open too: views and plans are in memory.
#[tokio::test]
async fn after_a_sign_in_that_is_not_kept_nothing_more_is_written_of_the_open_organization() {
    let mut world = World::new(small()).await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    let main = world.inside().await.0;
    world.read().await;
    let request = add_to_a_group(&world, &main).await;
    let kept = world.at(&main).plan_make(&request).await.unwrap().id;
    world
        .at(&main)
        .view_save(None, view_form("Aula".into()))
        .await
        .unwrap();
    let folders = ["plans.v3", "views.v1"].map(|name| world.dir.path().join(name));
    let files = || {
        folders
            .iter()
            .flat_map(|folder| vault::folder::files_below(folder).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(files().len(), 2);

    world.console.account_add().await.unwrap();
    sign_in_for_this_run(&world).await;
    let (now, _) = world.inside().await;
    assert_eq!(now, main, "the organization stayed open");
    world
        .until("the files are gone", |_| files().is_empty().then_some(()))
        .await;
    world
        .at(&main)
        .view_save(None, view_form("Turm".into()))
        .await
        .unwrap();
    let shown = world.at(&main).list_settings();
    assert_eq!((shown.views.len(), shown.persisted), (2, false));
    let new = world.at(&main).plan_make(&request).await.unwrap().id;
    for plan in [&kept, &new] {
        assert!(!world.at(&main).plan_progress(plan).unwrap().stored);
        world.at(&main).plan_apply(plan).await.unwrap();
        let progress = world.finished(plan).await;
        assert_eq!(progress.failed, 0, "{progress:?}");
    }
    assert_eq!(files(), Vec::<std::path::PathBuf>::new());

    // Kept again: what is open stays in memory, and nothing is sealed by a key that is gone.
    world.console.account_add().await.unwrap();
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    assert_eq!(world.inside().await.0, main);
    let last = world.at(&main).plan_make(&request).await.unwrap().id;
    world.at(&main).plan_close(&last).await.unwrap();
    assert_eq!(files(), Vec::<std::path::PathBuf>::new());
    world.restart();
    let main = world.inside().await.0;
    world.read().await;
    let plan = world.at(&main).plan_make(&request).await.unwrap().id;
    assert!(world.at(&main).plan_progress(&plan).unwrap().stored);
    world.restart();
    let main = world.inside().await.0;
    assert_eq!(world.at(&main).plans().len(), 1);
    assert_eq!(world.console.disk_notices(), []);
}

/// The same where the account was kept, and not taken up in this run.
#[tokio::test]
pub async fn a_sign_in_that_is_not_kept_ends_a_grant_that_was_not_taken_up() {
    let mut world = World::new(small()).await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
    drop(world.second_program());
    sign_in_for_this_run(&world).await;
    world
        .until("the grant before is ended", |_| {
            (world.sim.control().live_families().len() == 1).then_some(())
        })
        .await;
    world.restart();
    assert_eq!(world.signed_out().await, None);
    assert_eq!(world.console.disk_notices(), []);
}
