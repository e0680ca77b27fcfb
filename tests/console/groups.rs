//! Groups: made, changed, deleted, read again; and everything a server may answer to that.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::{groups, organizations};
use ezeep_sim_faults::{Fault, FaultKind, GroupChange, Match, When};

use crate::group_edits::{on_server, renamed, touched};
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
    let before = world.at(&main).totals().unwrap().groups;
    let made = world.at(&main).group_create(&form("  Neubau 3 ")).await.unwrap();
    assert_eq!(made.name, "Neubau 3");
    assert_eq!(world.at(&main).totals().unwrap().groups, before + 1);
    assert_eq!(world.groups(&main, "neubau").matched, 1);

    let changed = GroupEdit {
        description: touched("", " Zweiter Stock "),
        local_printing: touched(false, true),
        ..renamed("Neubau 3", "Neubau 4")
    };
    let saved = world.at(&main).group_update(&made.id, &changed).await.unwrap();
    assert_eq!(saved.changed_meanwhile, []);
    let row = saved.group;
    assert_eq!(
        (row.name.as_str(), row.description.as_str(), row.local_printing),
        ("Neubau 4", "Zweiter Stock", true)
    );
    assert_eq!(named(&world, "Neubau 4"), 1);

    world.at(&main).group_delete(&made.id, None).await.unwrap();
    assert_eq!(world.at(&main).totals().unwrap().groups, before);
    assert_eq!(named(&world, "Neubau 4"), 0);
}

#[tokio::test]
async fn names_and_descriptions_out_of_bounds_never_reach_the_server() {
    let (world, main) = World::signed_in(small()).await;
    let long = "ä".repeat(256);
    assert_eq!(
        code(world.at(&main).group_create(&form(" \t ")).await),
        ErrorCode::GroupNameEmpty
    );
    assert_eq!(
        code(world.at(&main).group_create(&form(&long)).await),
        ErrorCode::GroupNameTooLong {
            max: 255,
            length: 256
        }
    );
    // How long it is, is told before it is looked at any further.
    let invisible = form(&"\u{200b}".repeat(256));
    assert_eq!(
        code(world.at(&main).group_create(&invisible).await),
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
        code(world.at(&main).group_create(&wordy).await),
        ErrorCode::GroupDescriptionTooLong {
            max: 255,
            length: 256
        }
    );
    assert_eq!(world.sim.control().count("POST", "/printing/v1/groups/"), 0);
    world
        .at(&main)
        .group_create(&form(&"ä".repeat(255)))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_name_that_another_group_has_is_said_to_be_taken() {
    let (world, main) = World::signed_in(small()).await;
    world.at(&main).group_create(&form("Aula")).await.unwrap();
    assert_eq!(
        code(world.at(&main).group_create(&form("Aula")).await),
        ErrorCode::GroupNameTaken
    );
    let other = world.at(&main).group_create(&form("Mensa")).await.unwrap();
    assert_eq!(
        code(
            world
                .at(&main)
                .group_update(&other.id, &renamed("Mensa", "Aula"))
                .await
        ),
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
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
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
        code(world.at(&main).group_create(&form("Aula")).await),
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
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let path = format!("/printing/v1/groups/{}/", made.id.as_str());
    world.sim.control().add_fault(Fault::once(
        Match::new("PATCH", &path),
        FaultKind::DropAfterCommit,
    ));
    assert_eq!(
        world
            .at(&main)
            .group_update(&made.id, &renamed("Aula", "Mensa"))
            .await
            .unwrap()
            .group
            .name,
        "Mensa"
    );
    world.sim.control().add_fault(Fault::once(
        Match::new("DELETE", &path),
        FaultKind::DropAfterCommit,
    ));
    world.at(&main).group_delete(&made.id, None).await.unwrap();
    assert_eq!(named(&world, "Mensa"), 0);
}

#[tokio::test]
async fn a_group_with_members_is_deleted_by_its_name_only() {
    let (world, main) = World::signed_in(small()).await;
    let full = |row: &&GroupRow| row.members > 0 && row.origin == Origin::Ezeep;
    let row = world.groups(&main, "").rows.iter().find(full).unwrap().clone();
    let almost = row.name.to_uppercase();
    for wrong in [None, Some(""), Some(almost.as_str())] {
        let refused = world.at(&main).group_delete(&row.id, wrong).await;
        assert_eq!(code(refused), ErrorCode::ConfirmationMismatch);
    }
    world
        .at(&main)
        .group_delete(&row.id, Some(&row.name))
        .await
        .unwrap();
    let scope = UserScope {
        groups: vec![row.id.clone()],
        ..UserScope::default()
    };
    assert_eq!(world.users(&main, scope).matched, 0);
}

/// A name is typed as it is shown: a name that is not any more must be shown when it is refused.
#[tokio::test]
async fn a_group_that_was_renamed_elsewhere_is_deleted_by_the_name_that_is_shown_after_the_refusal() {
    let (world, main) = World::signed_in(small()).await;
    let full = |row: &&GroupRow| row.members > 0 && row.origin == Origin::Ezeep;
    let row = world.groups(&main, "").rows.iter().find(full).unwrap().clone();
    let other = world.sim.control();
    other
        .rename_group(organizations::MAIN, row.id.as_str(), "Mensa")
        .unwrap();
    let refused = world.at(&main).group_delete(&row.id, Some(&row.name)).await;
    assert_eq!(code(refused), ErrorCode::ConfirmationMismatch);
    let shown = world.at(&main).group(&row.id).unwrap().name;
    assert_eq!(shown, "Mensa");
    world.at(&main).group_delete(&row.id, Some(&shown)).await.unwrap();
}

#[tokio::test]
async fn a_group_of_azures_that_the_server_will_not_delete_says_where_it_is_changed() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.groups(&main, groups::EFA_PRINTER).rows[0].clone();
    assert_eq!(row.origin, Origin::Azure);
    let refused = world.at(&main).group_delete(&row.id, Some(&row.name)).await;
    assert_eq!(code(refused), ErrorCode::SyncedFromAzure);
    assert_eq!(world.at(&main).group(&row.id).unwrap().members, row.members);
}

#[tokio::test]
async fn a_group_that_somebody_else_deleted_says_so_and_leaves_the_list() {
    let (world, main) = World::signed_in(small()).await;
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let gone = |world: &World| world.groups(&main, "aula").matched == 0;
    world
        .sim
        .control()
        .delete_group(organizations::MAIN, made.id.as_str())
        .unwrap();
    assert_eq!(
        code(
            world
                .at(&main)
                .group_update(&made.id, &renamed("Aula", "Mensa"))
                .await
        ),
        ErrorCode::GroupGone
    );
    assert_eq!(
        code(world.at(&main).group_read(&made.id).await),
        ErrorCode::GroupGone
    );
    assert!(gone(&world));
    assert_eq!(code(world.at(&main).group(&made.id)), ErrorCode::GroupGone);
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
        let out = world.at(&main).group_members(&member("")).unwrap().rows[0].clone();
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

        let now = world.at(&main).group_read(&row.id).await.unwrap();
        assert_eq!(now.members, row.members, "one out, one in");
        assert_eq!(
            world
                .at(&main)
                .group_members(&member(out.id.as_str()))
                .unwrap()
                .matched,
            0
        );
        assert_eq!(
            world
                .at(&main)
                .group_members(&member("zoe neuling"))
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
        (
            FaultKind::Status { status: 403 },
            ErrorCode::Forbidden { status: 403 },
        ),
        (
            FaultKind::Status { status: 418 },
            ErrorCode::ChangeRefused { status: 418 },
        ),
    ] {
        world.sim.control().add_fault(Fault::once(post(), kind));
        let error = world.at(&main).group_create(&form("Aula")).await.unwrap_err();
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
        ezeep_sim_faults::When::AfterCommit,
        Match::new("GET", "/printing/v1/users/").query("offset=99"),
    );
    world.open().sync_start();
    pause.reached().await;
    world.at(&main).group_create(&form("Dazwischen")).await.unwrap();
    pause.release();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    assert_eq!(world.groups(&main, "dazwischen").matched, 1);
}

/// Another admin's group with the same name is not the result of our lost create.
#[tokio::test]
async fn a_group_that_another_admin_made_is_not_taken_for_ours_after_a_lost_reply() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let theirs = control.create_group(organizations::MAIN, "Aula", false).unwrap();
    control.add_fault(Fault::once(post(), FaultKind::DropBeforeCommit));
    let unknown = world.at(&main).group_create(&form("Aula")).await;
    assert!(matches!(
        code(unknown),
        ErrorCode::CreateUnconfirmed { candidates }
            if candidates.len() == 1 && candidates[0].id.as_str() == theirs
    ));
    assert_eq!(world.groups(&main, "aula").matched, 1, "the candidate is shown");
}

/// The same if it was made between our read and our create, and differs from what we sent.
#[tokio::test]
async fn a_group_made_in_the_same_moment_is_told_from_ours_by_what_was_sent() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let other = world.sim.control();
    control.on_request(When::BeforeCommit, post(), Some(1), move |_| {
        let id = other.create_group(organizations::MAIN, "Aula", false).unwrap();
        let change = GroupChange {
            description: Some("Von nebenan".into()),
            ..GroupChange::default()
        };
        other.change_group(organizations::MAIN, &id, change).unwrap();
    });
    control.add_fault(Fault::once(post(), FaultKind::DropAfterCommit));
    let unknown = world.at(&main).group_create(&form("Aula")).await;
    assert!(matches!(code(unknown), ErrorCode::CreateUnconfirmed { .. }));
}

/// What a run has just written stays, although a page made before the write arrives later.
#[tokio::test]
async fn a_group_that_is_read_undoes_nothing_that_a_run_has_shown_meanwhile() {
    for adding in [true, false] {
        let (world, main) = World::signed_in(small()).await;
        let control = world.sim.control();
        let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
        let scope = UserScope {
            states: vec![UserState::Active],
            ..UserScope::default()
        };
        let rows = world.users(&main, scope).rows;
        let (who, other) = (rows[0].id.clone(), rows[1].id.clone());
        if !adding {
            control
                .add_to_group(organizations::MAIN, who.as_str(), made.id.as_str())
                .unwrap();
            world.at(&main).group_read(&made.id).await.unwrap();
        }
        // The page was made, and is under way.
        let pause = control.pause(
            When::AfterCommit,
            Match::new("GET", "/printing/v1/users/").query("limit="),
        );
        let open = world.at(&main);
        let read = open.group_read(&made.id);
        let run = async {
            pause.reached().await;
            let group = vec![made.id.clone()];
            let request = if adding {
                MembershipRequest::Edit {
                    user: who.clone(),
                    add: group,
                    remove: vec![],
                }
            } else {
                MembershipRequest::Edit {
                    user: who.clone(),
                    add: vec![],
                    remove: group,
                }
            };
            let plan = world.begin(&main, &request).await;
            world.finished(&plan.id).await;
            pause.release();
        };
        let (row, ()) = futures::join!(read, run);
        assert_eq!(row.unwrap().members, u32::from(adding), "adding: {adding}");
        let member = control.memberships(organizations::MAIN, who.as_str()).unwrap();
        assert_eq!(member.contains(&made.id.as_str().to_owned()), adding);

        // Users without a change here are shown as the server says.
        control
            .add_to_group(organizations::MAIN, other.as_str(), made.id.as_str())
            .unwrap();
        let row = world.at(&main).group_read(&made.id).await.unwrap();
        assert_eq!(row.members, 1 + u32::from(adding));
    }
}

/// The reverse: a full read that began earlier does not undo what the group's read has shown.
#[tokio::test]
async fn members_that_were_read_with_a_group_stay_when_an_older_full_read_ends() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    let who = world.users(&main, scope).rows[0].id.clone();
    let pause = control.pause(
        When::AfterCommit,
        Match::new("GET", "/v1/users/").query("offset=99"),
    );
    world.open().sync_start();
    pause.reached().await;
    // The full read already has this user's memberships.
    world
        .until("the memberships read", |_| {
            (control.count("GET", "/printing/v1/users/") >= 4).then_some(())
        })
        .await;
    control
        .add_to_group(organizations::MAIN, who.as_str(), made.id.as_str())
        .unwrap();
    assert_eq!(world.at(&main).group_read(&made.id).await.unwrap().members, 1);
    pause.release();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    assert_eq!(world.at(&main).group(&made.id).unwrap().members, 1);
}

#[tokio::test]
async fn a_member_whose_account_gave_no_answer_is_not_called_known_to_the_printing_server_only() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let join = |n: usize| {
        let email = format!("n{n}@nordhafen.example");
        let id = control
            .add_person(organizations::MAIN, "Neu", &format!("N{n}"), &email)
            .unwrap();
        control
            .add_to_group(organizations::MAIN, &id, made.id.as_str())
            .unwrap();
        id
    };
    let people: Vec<String> = (0..60).map(join).collect();
    assert_eq!(people.len(), 60);
    // The first user that is asked about, in any order: ten of the 60 are not asked about.
    let refused = Match::new("GET", "/v1/users/");
    control.add_fault(Fault::once(refused, FaultKind::Status { status: 403 }));
    let row = world.at(&main).group_read(&made.id).await.unwrap();
    assert_eq!(row.members, 60);
    let of = |state| {
        let scope = UserScope {
            groups: vec![made.id.clone()],
            states: vec![state],
            ..UserScope::default()
        };
        world.users(&main, scope).matched
    };
    assert_eq!(of(UserState::PrintingOnly), 0);
    assert_eq!(of(UserState::Active) + of(UserState::Unsettled), 60);
    assert_eq!(
        of(UserState::Unsettled),
        11,
        "the one without an answer, and the ten who are not asked about"
    );
}

/// A list that changes while it is read removes nobody: three leave from its first page, and the next page
/// begins three rows late.
#[tokio::test]
async fn a_list_of_members_that_moves_while_it_is_read_takes_nobody_else_out_of_the_group() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let row = world.groups(&main, groups::EFA_PRINTER).rows[0].clone();
    let group = row.id.as_str().to_owned();
    let members = on_server(&world, &row.id).members;
    assert!(members.len() > 20, "{}", members.len());
    control.set_page_max(10);
    let (other, leaving) = (world.sim.control(), members[..3].to_vec());
    let first_page = Match::new("GET", "/printing/v1/users/").query("offset=0");
    control.on_request(When::AfterCommit, first_page, Some(1), move |_| {
        for person in &leaving {
            other
                .remove_from_group(organizations::MAIN, person, &group)
                .unwrap();
        }
    });
    world.at(&main).group_read(&row.id).await.unwrap();
    let query = MemberQuery {
        group: row.id.clone(),
        search: String::new(),
        sort: UserColumn::Name,
        descending: false,
        offset: 0,
        limit: 500,
    };
    let shown = world.at(&main).group_members(&query).unwrap().rows;
    let mut shown: Vec<String> = shown.into_iter().map(|row| row.id.into()).collect();
    shown.sort();
    assert_eq!(shown, members[3..]);
}

/// A list whose pages never add up adds and changes members, but removes none.
#[tokio::test]
async fn a_list_of_members_that_tells_of_more_than_it_gives_takes_nobody_out_of_the_group() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let row = world.groups(&main, groups::EFA_PRINTER).rows[0].clone();
    let members = on_server(&world, &row.id).members;
    let fault = Fault::always(
        Match::new("GET", "/printing/v1/users/").query("limit=100"),
        FaultKind::WrongCount {
            count: members.len() as i64,
        },
    );
    control
        .remove_from_group(organizations::MAIN, &members[0], row.id.as_str())
        .unwrap();
    let fault = control.add_fault(fault);
    let now = world.at(&main).group_read(&row.id).await.unwrap();
    assert_eq!(now.members as usize, members.len());
    control.remove_fault(fault);
    let now = world.at(&main).group_read(&row.id).await.unwrap();
    assert_eq!(now.members as usize, members.len() - 1);
}
