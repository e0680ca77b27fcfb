//! Groups: made, changed, deleted, read again; and everything a server may answer to that.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim::known::{groups, organizations};
use ezeep_sim::{Fault, FaultKind, Match};

use crate::support::*;

fn post() -> Match {
    Match::new("POST", "/printing/v1/groups/")
}

fn named(world: &World, name: &str) -> usize {
    let all = world.sim.control().groups(organizations::MAIN).unwrap();
    all.iter().filter(|group| group.name == name).count()
}

#[tokio::test]
async fn a_group_is_made_trimmed_listed_changed_and_deleted() {
    let (world, main) = World::signed_in(small()).await;
    let before = world.console.totals(&main).unwrap().groups;
    let made = world
        .console
        .group_create(&main, &form("  Neubau 3 "))
        .await
        .unwrap();
    assert_eq!(made.name, "Neubau 3");
    assert_eq!(world.console.totals(&main).unwrap().groups, before + 1);
    assert_eq!(world.groups(&main, "neubau").matched, 1);

    let changed = GroupForm {
        description: "Zweiter Stock".into(),
        local_printing: true,
        ..form("Neubau 4")
    };
    let row = world
        .console
        .group_update(&main, &made.id, &changed)
        .await
        .unwrap();
    assert_eq!(
        (row.name.as_str(), row.description.as_str(), row.local_printing),
        ("Neubau 4", "Zweiter Stock", true)
    );
    assert_eq!(named(&world, "Neubau 4"), 1);

    world.console.group_delete(&main, &made.id, None).await.unwrap();
    assert_eq!(world.console.totals(&main).unwrap().groups, before);
    assert_eq!(named(&world, "Neubau 4"), 0);
}

#[tokio::test]
async fn names_and_descriptions_out_of_bounds_never_reach_the_server() {
    let (world, main) = World::signed_in(small()).await;
    let long = "ä".repeat(256);
    assert_eq!(
        code(world.console.group_create(&main, &form(" \t ")).await),
        ErrorCode::GroupNameEmpty
    );
    assert_eq!(
        code(world.console.group_create(&main, &form(&long)).await),
        ErrorCode::GroupNameTooLong {
            max: 255,
            length: 256
        }
    );
    let wordy = GroupForm {
        description: long,
        ..form("x")
    };
    assert_eq!(
        code(world.console.group_create(&main, &wordy).await),
        ErrorCode::GroupDescriptionTooLong {
            max: 255,
            length: 256
        }
    );
    assert_eq!(world.sim.control().count("POST", "/printing/v1/groups/"), 0);
    world
        .console
        .group_create(&main, &form(&"ä".repeat(255)))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_name_that_another_group_has_is_said_to_be_taken() {
    let (world, main) = World::signed_in(small()).await;
    world.console.group_create(&main, &form("Aula")).await.unwrap();
    assert_eq!(
        code(world.console.group_create(&main, &form("Aula")).await),
        ErrorCode::GroupNameTaken
    );
    let other = world.console.group_create(&main, &form("Mensa")).await.unwrap();
    assert_eq!(
        code(world.console.group_update(&main, &other.id, &form("Aula")).await),
        ErrorCode::GroupNameTaken
    );
    assert_eq!(named(&world, "Aula"), 1);
}

/// security.md 49: drop the reply of a create: exactly one group exists and the app shows it.
#[tokio::test]
async fn a_create_whose_reply_is_lost_makes_one_group_and_shows_it() {
    let (world, main) = World::signed_in(small()).await;
    world
        .sim
        .control()
        .add_fault(Fault::once(post(), FaultKind::DropAfterCommit));
    let made = world.console.group_create(&main, &form("Aula")).await.unwrap();
    assert_eq!((made.name.as_str(), named(&world, "Aula")), ("Aula", 1));
    assert_eq!(world.groups(&main, "aula").matched, 1);
}

#[tokio::test]
async fn a_create_that_was_lost_before_it_happened_makes_none_and_says_so() {
    let (world, main) = World::signed_in(small()).await;
    world
        .sim
        .control()
        .add_fault(Fault::once(post(), FaultKind::DropBeforeCommit));
    assert_eq!(
        code(world.console.group_create(&main, &form("Aula")).await),
        ErrorCode::OutcomeUnknown
    );
    assert_eq!(named(&world, "Aula"), 0);
    assert_eq!(
        world.sim.control().count("POST", "/printing/v1/groups/"),
        1,
        "it was repeated"
    );
}

#[tokio::test]
async fn a_change_and_a_delete_whose_replies_are_lost_are_found_out_by_reading() {
    let (world, main) = World::signed_in(small()).await;
    let made = world.console.group_create(&main, &form("Aula")).await.unwrap();
    let path = format!("/printing/v1/groups/{}/", made.id.as_str());
    world.sim.control().add_fault(Fault::once(
        Match::new("PATCH", &path),
        FaultKind::DropAfterCommit,
    ));
    assert_eq!(
        world
            .console
            .group_update(&main, &made.id, &form("Mensa"))
            .await
            .unwrap()
            .name,
        "Mensa"
    );
    world.sim.control().add_fault(Fault::once(
        Match::new("DELETE", &path),
        FaultKind::DropAfterCommit,
    ));
    world.console.group_delete(&main, &made.id, None).await.unwrap();
    assert_eq!(named(&world, "Mensa"), 0);
}

#[tokio::test]
async fn a_group_with_members_is_deleted_by_its_name_only() {
    let (world, main) = World::signed_in(small()).await;
    let full = |row: &&GroupRow| row.members > 0 && row.origin == Origin::Ezeep;
    let row = world.groups(&main, "").rows.iter().find(full).unwrap().clone();
    let almost = row.name.to_uppercase();
    for wrong in [None, Some(""), Some(almost.as_str())] {
        let refused = world.console.group_delete(&main, &row.id, wrong).await;
        assert_eq!(code(refused), ErrorCode::ConfirmationMismatch);
    }
    world
        .console
        .group_delete(&main, &row.id, Some(&row.name))
        .await
        .unwrap();
    let scope = UserScope {
        groups: vec![row.id.clone()],
        ..UserScope::default()
    };
    assert_eq!(world.users(&main, scope).matched, 0);
}

#[tokio::test]
async fn a_group_of_azures_that_the_server_will_not_delete_says_where_it_is_changed() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.groups(&main, groups::EFA_PRINTER).rows[0].clone();
    assert_eq!(row.origin, Origin::Azure);
    let refused = world.console.group_delete(&main, &row.id, Some(&row.name)).await;
    assert_eq!(code(refused), ErrorCode::SyncedFromAzure);
    assert_eq!(world.console.group(&main, &row.id).unwrap().members, row.members);
}

#[tokio::test]
async fn a_group_that_somebody_else_deleted_says_so_and_leaves_the_list() {
    let (world, main) = World::signed_in(small()).await;
    let made = world.console.group_create(&main, &form("Aula")).await.unwrap();
    let gone = |world: &World| world.groups(&main, "aula").matched == 0;
    world
        .sim
        .control()
        .delete_group(organizations::MAIN, made.id.as_str())
        .unwrap();
    assert_eq!(
        code(world.console.group_update(&main, &made.id, &form("Mensa")).await),
        ErrorCode::GroupGone
    );
    assert_eq!(
        code(world.console.group_read(&main, &made.id).await),
        ErrorCode::GroupGone
    );
    assert!(gone(&world));
    assert_eq!(code(world.console.group(&main, &made.id)), ErrorCode::GroupGone);
}

#[tokio::test]
async fn a_group_read_again_shows_who_is_in_it_now_even_where_the_filter_is_ignored() {
    for ignored in [false, true] {
        let (world, main) = World::signed_in(small()).await;
        let control = world.sim.control();
        control.change_quirks(|quirks| quirks.ignore_group_filter = ignored);
        let row = world.groups(&main, groups::EFA_PRINTER).rows[0].clone();
        let member = |search: &str| MemberQuery {
            group: row.id.clone(),
            search: search.into(),
            sort: UserColumn::Name,
            descending: false,
            offset: 0,
            limit: 500,
        };
        let out = world.console.group_members(&main, &member("")).unwrap().rows[0].clone();
        control
            .remove_from_group(organizations::MAIN, out.id.as_str(), row.id.as_str())
            .unwrap();
        let newcomer = control
            .add_person(
                organizations::MAIN,
                "Zoë",
                "Neuling",
                "zoe.neuling@nordhafen.example",
            )
            .unwrap();
        control
            .add_to_group(organizations::MAIN, &newcomer, row.id.as_str())
            .unwrap();

        let now = world.console.group_read(&main, &row.id).await.unwrap();
        assert_eq!(now.members, row.members, "one out, one in");
        assert_eq!(
            world
                .console
                .group_members(&main, &member(out.id.as_str()))
                .unwrap()
                .matched,
            0
        );
        assert_eq!(
            world
                .console
                .group_members(&main, &member("zoe neuling"))
                .unwrap()
                .matched,
            1,
            "{ignored}"
        );
    }
}

#[tokio::test]
async fn what_a_server_refuses_is_said_with_its_words_and_request_id() {
    let (world, main) = World::signed_in(small()).await;
    for (kind, expected) in [
        (FaultKind::Status { status: 403 }, ErrorCode::NotAdmin),
        (
            FaultKind::Status { status: 418 },
            ErrorCode::ChangeRefused { status: 418 },
        ),
    ] {
        world.sim.control().add_fault(Fault::once(post(), kind));
        let error = world
            .console
            .group_create(&main, &form("Aula"))
            .await
            .unwrap_err();
        assert_eq!(error.code, expected);
        assert!(error.request_id.is_some());
    }
    assert_eq!(named(&world, "Aula"), 0);
}

#[tokio::test]
async fn a_group_made_while_everything_is_read_again_stays_in_the_list() {
    let (world, main) = World::signed_in(small()).await;
    // The list of groups has been answered, the list of people is still under way.
    let pause = world.sim.control().pause(
        ezeep_sim::When::AfterCommit,
        Match::new("GET", "/printing/v1/users/").query("offset=99"),
    );
    world.console.sync_start().unwrap();
    pause.reached().await;
    world
        .console
        .group_create(&main, &form("Dazwischen"))
        .await
        .unwrap();
    pause.release();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    assert_eq!(world.groups(&main, "dazwischen").matched, 1);
}
