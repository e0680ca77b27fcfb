//! Answers at moments in which they are easily taken for something else: a page of a proxy for "it is done"
//! or "it is gone", a lost write for another admin's change, one group that went for all groups of a plan.

use std::time::Duration;

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Fault, FaultKind, Match, RetryAfter};
use ids::{GroupId, UserId, WorkspaceId};

use crate::group_edits::{on_server, renamed};
use crate::support::*;

fn path_of(group: &GroupId) -> String {
    format!("/printing/v1/groups/{}/", group.as_str())
}

async fn with_a_group() -> (World, WorkspaceId, GroupRow) {
    let (world, main) = World::signed_in(small()).await;
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
    (world, main, made)
}

fn is_listed(world: &World, main: &WorkspaceId, group: &GroupId) -> bool {
    let listed = world.groups(main, "").rows;
    listed.iter().any(|row| row.id == *group)
}

/// A proxy that answers for the server with a page of its own has deleted nothing.
#[tokio::test]
async fn a_page_of_a_proxy_in_answer_to_a_delete_deletes_nothing_in_the_list() {
    let (world, main, made) = with_a_group().await;
    let page = FaultKind::Html { status: 200 };
    let delete = Match::new("DELETE", &path_of(&made.id));
    world.sim.control().add_fault(Fault::once(delete, page));
    let deleted = world.at(&main).group_delete(&made.id, None).await;
    assert_eq!(on_server(&world, &made.id).name, "Aula");
    assert!(is_listed(&world, &main, &made.id), "it is there: {deleted:?}");
    assert_eq!(code(deleted), ErrorCode::OutcomeUnknown);
}

/// A web page with the status 404 is a proxy's, and says of no group that it is gone.
#[tokio::test]
async fn a_page_of_a_proxy_after_a_lost_delete_is_not_taken_for_gone() {
    let (world, main, made) = with_a_group().await;
    let control = world.sim.control();
    let delete = Match::new("DELETE", &path_of(&made.id));
    control.add_fault(Fault::once(delete, FaultKind::DropBeforeCommit));
    let read = Match::new("GET", &path_of(&made.id)).skip(1);
    control.add_fault(Fault::always(read, FaultKind::Html { status: 404 }));
    let deleted = world.at(&main).group_delete(&made.id, None).await;
    assert_eq!(on_server(&world, &made.id).name, "Aula");
    assert!(is_listed(&world, &main, &made.id), "it is there: {deleted:?}");
    assert_eq!(code(deleted), ErrorCode::OutcomeUnknown);
}

#[tokio::test]
async fn a_group_that_somebody_else_deletes_in_the_same_moment_leaves_the_list() {
    let (world, main, made) = with_a_group().await;
    let delete = Match::new("DELETE", &path_of(&made.id));
    let (control, id) = (world.sim.control(), made.id.as_str().to_owned());
    world
        .sim
        .control()
        .on_request(ezeep_sim_faults::When::BeforeCommit, delete, Some(1), move |_| {
            control.delete_group(organizations::MAIN, &id).unwrap();
        });
    let deleted = world.at(&main).group_delete(&made.id, None).await;
    assert_eq!(code(deleted), ErrorCode::GroupGone);
    assert!(!is_listed(&world, &main, &made.id));
}

/// Nothing was written: no other admin has changed anything.
#[tokio::test]
async fn a_change_that_was_lost_before_it_happened_is_not_told_as_another_admins() {
    for fault in [
        FaultKind::DropBeforeCommit,
        FaultKind::Html { status: 200 },
        FaultKind::Status { status: 502 },
    ] {
        let (world, main, made) = with_a_group().await;
        let patch = Match::new("PATCH", &path_of(&made.id));
        world.sim.control().add_fault(Fault::once(patch, fault.clone()));
        let saved = world
            .at(&main)
            .group_update(&made.id, &renamed("Aula", "Mensa"))
            .await;
        assert_eq!(on_server(&world, &made.id).name, "Aula");
        let saved = saved.map(|saved| saved.changed_meanwhile);
        assert_eq!(
            saved.map_err(|error| error.code),
            Err(ErrorCode::OutcomeUnknown),
            "{fault:?}"
        );
    }
}

/// The group may be there: who is told that the server was not reached makes it a second time.
#[tokio::test]
async fn a_create_without_a_reply_and_without_a_list_after_it_is_not_known() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let post = Match::new("POST", "/printing/v1/groups/");
    control.add_fault(Fault::once(post, FaultKind::DropAfterCommit));
    let list = Match::new("GET", "/printing/v1/groups/").skip(1);
    control.add_fault(Fault::always(list, FaultKind::DropBeforeCommit));
    let made = world.at(&main).group_create(&form("Aula")).await;
    assert_eq!(code(made), ErrorCode::OutcomeUnknown);
}

/// A page of a proxy says nothing of an account.
#[tokio::test]
async fn a_member_whose_account_a_proxy_answers_for_is_not_called_known_to_the_printing_server_only() {
    let (world, main, made) = with_a_group().await;
    let control = world.sim.control();
    let email = "neu@nordhafen.example";
    let id = control
        .add_person(organizations::MAIN, "Neu", "Dabei", email)
        .unwrap();
    control
        .add_to_group(organizations::MAIN, &id, made.id.as_str())
        .unwrap();
    let account = Match::new("GET", "/v1/users/");
    control.add_fault(Fault::once(account, FaultKind::Html { status: 404 }));
    world.at(&main).group_read(&made.id).await.unwrap();
    let scope = UserScope {
        groups: vec![made.id.clone()],
        ..UserScope::default()
    };
    let members = world.users(&main, scope).rows;
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].state, UserState::Unsettled);
}

fn active(world: &World, main: &WorkspaceId, n: usize) -> Vec<UserRow> {
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    let rows = world.users(main, scope).rows;
    rows.into_iter().take(n).collect()
}

fn into(people: &[UserRow], groups: &[&GroupRow]) -> MembershipRequest {
    let ids = people.iter().map(|row| row.id.clone()).collect();
    MembershipRequest::Add {
        users: Selection::Ids { ids },
        groups: groups.iter().map(|group| group.id.clone()).collect(),
    }
}

/// One group of ten that went between review and run costs its own lines, and no other group's.
#[tokio::test]
async fn a_group_that_went_after_the_review_costs_its_own_lines_alone() {
    let (world, main, aula) = with_a_group().await;
    let mensa = world.at(&main).group_create(&form("Mensa")).await.unwrap();
    let people = active(&world, &main, 3);
    let request = into(&people, &[&aula, &mensa]);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let control = world.sim.control();
    control
        .delete_group(organizations::MAIN, mensa.id.as_str())
        .unwrap();
    world.open().plan_apply(&plan.id).await.unwrap();
    world.finished(&plan.id).await;
    let lines = world.open().plan_lines(&plan.id, 0, 10, false).unwrap().lines;
    assert_eq!(lines.len(), 6);
    for line in lines {
        let told = match &line.outcome {
            Some(Outcome::Applied) => None,
            Some(Outcome::Blocked { reason }) => Some(*reason),
            other => panic!("{}: {other:?}", line.group.name),
        };
        let expected = (line.group.id == mensa.id).then_some(BlockedReason::GroupGone);
        assert_eq!(told, expected, "{}", line.group.name);
    }
    for person in &people {
        let groups = control
            .memberships(organizations::MAIN, person.id.as_str())
            .unwrap();
        assert!(groups.iter().any(|group| group == aula.id.as_str()));
    }
}

/// Who leaves groups does so also where one that was to be joined has gone.
#[tokio::test]
async fn a_group_that_went_keeps_nobody_in_another_one() {
    let (world, main, aula) = with_a_group().await;
    let person = active(&world, &main, 120)
        .into_iter()
        .find(|row| row.group_count > 0)
        .unwrap();
    let groups = world.at(&main).user(&person.id).unwrap().groups;
    let leaves = groups
        .into_iter()
        .find(|group| group.origin == Origin::Ezeep)
        .unwrap();
    let request = MembershipRequest::Edit {
        user: person.id.clone(),
        add: vec![aula.id.clone()],
        remove: vec![leaves.id.clone()],
    };
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let control = world.sim.control();
    control
        .delete_group(organizations::MAIN, aula.id.as_str())
        .unwrap();
    world.open().plan_apply(&plan.id).await.unwrap();
    world.finished(&plan.id).await;
    let now = control
        .memberships(organizations::MAIN, person.id.as_str())
        .unwrap();
    assert!(!now.iter().any(|group| group == leaves.id.as_str()));
}

/// The servers can't be reached while the missing group is looked for: no line fails because of that.
#[tokio::test]
async fn a_network_that_goes_while_the_gone_group_is_looked_for_fails_no_line() {
    let (world, main, aula) = with_a_group().await;
    let mensa = world.at(&main).group_create(&form("Mensa")).await.unwrap();
    let people = active(&world, &main, 3);
    let request = into(&people, &[&aula, &mensa]);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let control = world.sim.control();
    control
        .delete_group(organizations::MAIN, mensa.id.as_str())
        .unwrap();
    let groups = Match::new("GET", "/printing/v1/groups/");
    let away = control.add_fault(Fault::always(groups, FaultKind::DropBeforeCommit));
    world.open().plan_apply(&plan.id).await.unwrap();
    let waiting = world.waits(&plan.id).await;
    assert_eq!((waiting.failed, waiting.blocked), (0, 0));
    assert!(control.remove_fault(away));
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.blocked, progress.failed), (3, 3, 0));
}

/// A gateway's answer without a server for the address, or a truncated answer: neither a web page nor the
/// API's answer for something that does not exist.
#[tokio::test]
async fn a_gateways_answer_with_404_says_of_nothing_that_it_is_gone() {
    let (world, main, aula) = with_a_group().await;
    let control = world.sim.control();
    let answers = |kind: &str, body: &str| {
        let any = Match {
            path: "/printing/v1/".into(),
            ..Match::default()
        };
        let reply = FaultKind::Reply {
            status: 404,
            content_type: kind.into(),
            body: body.into(),
        };
        control.add_fault(Fault::always(any, reply))
    };
    for (kind, body) in [
        ("text/plain; charset=utf-8", "default backend - 404"),
        ("text/plain", ""),
        ("application/json", "\"Not found.\""),
        ("application/json", r#"{"detail":"Not fo"#),
        ("application/json", r#"{"message":"Not Found"}"#),
    ] {
        let gateway = answers(kind, body);
        let read = world.at(&main).group_read(&aula.id).await;
        assert!(is_listed(&world, &main, &aula.id), "{body}: {read:?}");
        // It was no web page: signing in to a network would not help.
        assert_eq!(code(read), ErrorCode::ServerFailed { status: 404 }, "{body}");
        assert!(control.remove_fault(gateway));
    }
    let gateway = answers("application/json", r#"{"message":"Not Found"}"#);
    let people = active(&world, &main, 3);
    let plan = world.begin(&main, &into(&people, &[&aula])).await;
    let waiting = world.waits(&plan.id).await;
    assert_eq!(waiting.failed, 0);
    assert!(control.remove_fault(gateway));
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (3, 0));
}

/// A gateway's own page with the status 401 is no answer of the API: a sign-in would not help.
#[tokio::test]
async fn a_page_of_a_proxy_with_401_is_named_and_asks_nobody_to_sign_in() {
    let (world, main) = World::signed_in(small()).await;
    let page = FaultKind::Html { status: 401 };
    let any = Match {
        path: "/printing/v1/".into(),
        ..Match::default()
    };
    world.sim.control().add_fault(Fault::always(any, page));
    world.open().sync_start();
    let ReadView::Failed { error, .. } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::PortalInTheWay);
    let SessionView::SignedIn {
        overlay, workspace, ..
    } = world.console.session_view()
    else {
        panic!("it was left")
    };
    assert_eq!((overlay, workspace), (None, main));
}

/// A portal that answers for the account server has ended no grant.
#[tokio::test]
async fn a_sign_out_that_a_proxy_answers_is_not_taken_for_confirmed() {
    let (world, _) = World::signed_in(small()).await;
    let revoke = Match::new("POST", "/oauth/revoke/");
    let page = FaultKind::Html { status: 200 };
    world.sim.control().add_fault(Fault::always(revoke, page));
    world.console.sign_out().await.unwrap();
    let alive = world.sim.control().live_families().len();
    let told = world.signed_out().await.map(|error| error.code);
    assert!(alive > 0);
    assert_eq!(told, Some(ErrorCode::SignOutNotConfirmed));
}

/// A server that finds writes too many, and answers reads, is waited for.
#[tokio::test]
async fn a_server_that_limits_writes_alone_is_waited_for() {
    let (world, main, aula) = with_a_group().await;
    let people = active(&world, &main, 3);
    let busy = FaultKind::TooManyRequests {
        retry_after: RetryAfter::Seconds(1),
    };
    for person in &people {
        let write = Match::new("PATCH", &user_path(&person.id));
        world
            .sim
            .control()
            .add_fault(Fault::times(write, 4, busy.clone()));
    }
    let plan = world.begin(&main, &into(&people, &[&aula])).await;
    let finished = tokio::time::timeout(Duration::from_secs(60), world.finished(&plan.id));
    let progress = finished.await.unwrap();
    world.sim.control().waive_unmet();
    assert_eq!((progress.applied, progress.failed), (3, 0));
}

/// What is on disk goes while a run writes: it ends, and nothing of it is taken for recorded.
#[cfg_attr(
    windows,
    ignore = "Windows removes no folder with an open file in it, such as the owner's lock"
)]
#[tokio::test]
async fn a_data_directory_that_goes_during_a_run_costs_no_write() {
    let (world, main, aula) = with_a_group().await;
    let people = active(&world, &main, 12);
    let request = into(&people, &[&aula]);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    std::fs::remove_dir_all(world.dir.path()).unwrap();
    std::fs::write(world.dir.path(), "a file").unwrap();
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    let report = world.open().plan_report(&plan.id);
    let told: Vec<_> = world.console.disk_notices();
    std::fs::remove_file(world.dir.path()).unwrap();
    std::fs::create_dir(world.dir.path()).unwrap();
    assert_eq!((progress.applied, progress.failed), (12, 0));
    assert!(matches!(code(report), ErrorCode::FileNotWritten { .. }));
    assert!(
        told.iter().any(|notice| notice.what == DiskThing::Plan),
        "{told:?}"
    );
}

/// A list of people that the server answers with rows that can't be read says nothing of them.
#[tokio::test]
async fn a_person_whose_page_can_not_be_read_is_not_called_unchanged() {
    let (world, main, aula) = with_a_group().await;
    let people = active(&world, &main, 100);
    let request = MembershipRequest::Remove {
        users: Selection::Ids {
            ids: people.iter().map(|row| row.id.clone()).collect(),
        },
        groups: vec![aula.id.clone()],
    };
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let control = world.sim.control();
    // The printing server sorts by id.
    let listed = control.people(organizations::MAIN).unwrap();
    let listed = listed.into_iter().filter(|person| person.on_printing_server);
    let listed: Vec<_> = listed.map(|person| person.id).collect();
    let (index, id) = listed
        .iter()
        .enumerate()
        .find(|(_, id)| people.iter().any(|row| row.id.as_str() == id.as_str()))
        .unwrap();
    control
        .add_to_group(organizations::MAIN, id, aula.id.as_str())
        .unwrap();
    let page = Match::new("GET", "/printing/v1/users/").query("limit=");
    control.add_fault(Fault::always(page, FaultKind::MalformedItem { index }));
    // The unreadable row is this person's: a sync does not learn of the group.
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    let user: UserId = id.clone().try_into().unwrap();
    let shown = world.at(&main).user(&user).unwrap().groups;
    assert!(shown.iter().all(|group| group.id != aula.id));
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (1, 0), "{progress:?}");
}

/// What can't be read is not gone: neither from the list, nor from one of the two servers.
#[tokio::test]
async fn an_item_that_can_not_be_understood_costs_nothing_that_is_shown() {
    for paths in [
        &["/printing/v1/groups/"][..],
        &["/printing/v1/users/"],
        &["/v1/users/"],
        &["/printing/v1/users/", "/v1/users/"],
    ] {
        let (world, main) = World::signed_in(small()).await;
        let shown = |world: &World| (world.find(&main, "").rows, world.groups(&main, "").rows);
        let before = shown(&world);
        for path in paths {
            let list = Match::new("GET", path).query("offset=0");
            let item = FaultKind::MalformedItem { index: 2 };
            world.sim.control().add_fault(Fault::always(list, item));
        }
        world.open().sync_start();
        let ReadView::Done { skipped, changes, .. } = world.read().await else {
            panic!("not read")
        };
        assert_eq!(skipped as usize, paths.len(), "{paths:?}");
        assert_eq!(changes, Some(Changes::default()), "{paths:?}");
        assert_eq!(shown(&world), before, "{paths:?}");
    }
}

/// It says of itself whose it is: of nobody else it is a reason to keep them.
#[tokio::test]
async fn an_item_with_an_id_that_can_not_be_understood_keeps_itself_alone() {
    let (world, main, aula) = with_a_group().await;
    let control = world.sim.control();
    let groups = control.groups(organizations::MAIN).unwrap();
    let users = world.find(&main, "").rows;
    for path in ["/printing/v1/groups/", "/printing/v1/users/", "/v1/users/"] {
        let list = Match::new("GET", path).query("offset=0");
        let item = FaultKind::MalformedFields { index: 2 };
        control.add_fault(Fault::always(list, item));
    }
    let gone = users.iter().find(|row| row.email != ADMIN).unwrap();
    control
        .remove_person(organizations::MAIN, gone.id.as_str())
        .unwrap();
    control
        .delete_group(organizations::MAIN, aula.id.as_str())
        .unwrap();
    world.open().sync_start();
    let ReadView::Done { skipped, changes, .. } = world.read().await else {
        panic!("not read")
    };
    let changes = changes.unwrap();
    assert_eq!(skipped, 3);
    assert_eq!((changes.people.removed, changes.groups.removed), (1, 1));
    assert_eq!(
        world.at(&main).totals().unwrap().groups as usize,
        groups.len() - 1
    );
    assert!(!is_listed(&world, &main, &aula.id));
}

/// A list with an unreadable item keeps only its own half of a deleted user.
#[tokio::test]
async fn a_user_whom_a_complete_list_no_longer_names_keeps_no_membership() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let people = active(&world, &main, 120).into_iter();
    let gone = people
        .filter(|row| row.email != ADMIN)
        .find(|row| row.group_count > 0)
        .unwrap();
    let list = Match::new("GET", "/v1/users/").query("offset=0");
    control.add_fault(Fault::always(list, FaultKind::MalformedItem { index: 2 }));
    control
        .remove_person(organizations::MAIN, gone.id.as_str())
        .unwrap();
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { skipped: 1, .. }));
    let left = world.find(&main, &gone.email).rows.remove(0);
    assert_eq!(
        (left.id, left.state, left.group_count),
        (gone.id, UserState::AccountOnly, 0)
    );
}

/// The first sync: there is nothing to keep, and nobody is called known to one server by what could not be
/// understood.
#[tokio::test]
async fn a_user_whose_record_can_not_be_understood_is_not_called_known_to_one_server() {
    for (path, state) in [
        ("/printing/v1/users/", UserState::AccountOnly),
        ("/v1/users/", UserState::PrintingOnly),
    ] {
        let count = |world: &World, main: &WorkspaceId| {
            let scope = UserScope {
                states: vec![state],
                ..UserScope::default()
            };
            world.users(main, scope).matched
        };
        let (world, main) = World::signed_in(small()).await;
        let really = count(&world, &main);
        let world = World::new(small()).await;
        let list = Match::new("GET", path).query("offset=0");
        let item = FaultKind::MalformedItem { index: 2 };
        world.sim.control().add_fault(Fault::always(list, item));
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let main = world.choose("Nordhafen Schulen").await;
        world.read().await;
        assert!(count(&world, &main) <= really, "{path}");
    }
}

/// What another program's sign-out has removed is not made again by a window that has not heard of it.
#[tokio::test]
async fn nothing_of_an_account_is_saved_after_another_program_has_signed_it_out() {
    let (mut world, main) = World::signed_in(small()).await;
    world.console.save_now().await;
    let window = world.second_program();
    world.console.resume();
    world.inside().await;
    let holder = holder(&world).await;
    world.console.sign_out().await.unwrap();
    world.signed_out().await;
    let group = window.open(&main).unwrap().groups(&GroupQuery {
        search: String::new(),
        first_of: None,
        sort: GroupColumn::Name,
        descending: false,
        offset: 0,
        limit: 1,
    });
    let group = group.unwrap().rows.remove(0);
    let view = ViewForm {
        groups: vec![GroupRef {
            id: group.id,
            name: group.name,
        }],
        ..view_form("Aula".into())
    };
    let saved = window.open(&main).unwrap().view_save(None, view).await;
    let key = ezeep_auth::RecordName::file_key(&holder);
    let key = world.keychain.read_key(&key).await.unwrap();
    assert!(
        key.is_none(),
        "the key is back: {:?}",
        saved.map(|view| view.form.name)
    );
    let left = world.dir.path().join("views.v1").join(holder);
    assert!(!left.exists());
}
