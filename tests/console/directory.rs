//! The full read, its lists, and one person read again.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Fault, FaultKind, Match, SimConfig};
use ids::{GroupId, UserId};

use crate::support::*;

#[tokio::test]
async fn everybody_is_listed_once_whichever_server_knows_them() {
    let (world, main) = World::signed_in(small()).await;
    let people = world.sim.control().people(organizations::MAIN).unwrap();
    let window = world.find(&main, "");
    assert_eq!(window.total as usize, people.len());
    let mut listed: Vec<_> = window.rows.iter().map(|row| row.id.as_str().to_owned()).collect();
    let mut there: Vec<_> = people.iter().map(|person| person.id.clone()).collect();
    listed.sort();
    there.sort();
    assert_eq!(listed, there);
    for state in [
        UserState::PrintingOnly,
        UserState::AccountOnly,
        UserState::PendingInvitation,
    ] {
        let scope = UserScope {
            states: vec![state],
            ..UserScope::default()
        };
        assert!(world.users(&main, scope).matched > 0, "nobody is {state:?}");
    }
}

#[tokio::test]
async fn the_documents_examples_are_found_by_their_ids() {
    let (world, main) = World::signed_in(small()).await;
    let found = world.find(&main, "0050a068-cc7b-4490-951a-06920a610ee5");
    assert_eq!(found.matched, 1);
    assert_eq!(found.rows[0].email, known::ORDINARY_USER.email);
}

#[tokio::test]
async fn search_is_blind_to_accents_and_to_the_order_of_words() {
    let (world, main) = World::signed_in(small()).await;
    for search in ["jonas akerstrom", "ÅKERSTRÖM müller", "mueller jonas"] {
        assert!(
            world
                .find(&main, search)
                .rows
                .iter()
                .any(|r| r.email == known::ORDINARY_USER.email),
            "{search}"
        );
    }
    assert_eq!(world.find(&main, "nobody is called like this").matched, 0);
    let scope = UserScope {
        search: "x".repeat(201),
        ..UserScope::default()
    };
    let query = UserQuery {
        scope,
        sort: UserColumn::Name,
        descending: false,
        offset: 0,
        limit: 10,
    };
    assert_eq!(
        code(world.at(&main).users(&query)),
        ErrorCode::ArgumentInvalid {
            field: "search".into()
        }
    );
}

#[tokio::test]
async fn every_count_beside_a_filter_is_what_that_choice_then_shows() {
    let (world, main) = World::signed_in(small()).await;
    let groups: Vec<GroupId> = world
        .groups(&main, "")
        .rows
        .into_iter()
        .map(|row| row.id)
        .take(20)
        .collect();
    let scope = UserScope {
        search: "a".into(),
        roles: vec![Role::User],
        ..UserScope::default()
    };
    let facets = world.at(&main).facets(&scope, &groups).unwrap();
    let shows = |scope: UserScope| world.users(&main, scope).matched;
    assert_eq!(facets.matched, shows(scope.clone()));
    assert_eq!(facets.groups.len(), groups.len());
    for counted in facets.groups {
        let groups = vec![counted.value];
        assert_eq!(
            counted.count,
            shows(UserScope {
                groups,
                ..scope.clone()
            })
        );
    }
    for counted in facets.roles {
        let roles = vec![counted.value];
        assert_eq!(
            counted.count,
            shows(UserScope {
                roles,
                ..scope.clone()
            })
        );
    }
    for counted in facets.states {
        let states = vec![counted.value];
        assert_eq!(
            counted.count,
            shows(UserScope {
                states,
                ..scope.clone()
            })
        );
    }
    for counted in facets.origins {
        let origins = vec![counted.value];
        assert_eq!(
            counted.count,
            shows(UserScope {
                origins,
                ..scope.clone()
            })
        );
    }
    for counted in facets.settings {
        let settings = vec![counted.value];
        assert_eq!(
            counted.count,
            shows(UserScope {
                settings,
                ..scope.clone()
            })
        );
    }
    let no_group = true;
    assert_eq!(
        facets.no_group,
        shows(UserScope {
            no_group,
            ..scope.clone()
        })
    );

    let too_many = vec![groups[0].clone(); 501];
    assert_eq!(
        code(world.at(&main).facets(&scope, &too_many)),
        ErrorCode::ArgumentInvalid {
            field: "groups".into()
        }
    );
}

#[tokio::test]
async fn one_malformed_item_is_skipped_and_counted() {
    let world = World::new(small()).await;
    world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/printing/v1/groups/"),
        FaultKind::MalformedItem { index: 2 },
    ));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    let ReadView::Done { skipped, .. } = world.read().await else {
        panic!("not read")
    };
    assert_eq!(skipped, 1);
    let groups = world.sim.control().groups(organizations::MAIN).unwrap().len();
    assert_eq!(world.at(&main).totals().unwrap().groups as usize, groups - 1);
}

#[tokio::test]
async fn a_server_that_answers_html_is_named_and_the_lists_stay() {
    let (world, main) = World::signed_in(small()).await;
    let before = world.find(&main, "");
    for (status, expected) in [
        (200, ErrorCode::PortalInTheWay),
        (502, ErrorCode::ServerFailed { status: 502 }),
    ] {
        let control = world.sim.control();
        control.add_fault(Fault::always(
            Match::new("GET", "/v1/users/"),
            FaultKind::Html { status },
        ));
        world.open().sync_start();
        let ReadView::Failed { error, .. } = world.read().await else {
            panic!("it was read")
        };
        assert_eq!(error.code, expected);
        assert!(world.sync_view().lists.at().is_some());
        assert_eq!(world.find(&main, ""), before);
        control.clear_faults();
    }
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
}

/// B19: a caller that waits for a sync, as a review of "all that match" does, waits for its end.
#[tokio::test]
async fn a_panic_in_the_middle_of_a_read_ends_it_and_the_next_one_begins() {
    let (world, _) = World::signed_in(small()).await;
    // The first word is that it begins, the second that a page has come.
    *world.host.panics_at_a_sync.lock().unwrap() = 2;
    world.open().sync_start();
    let ReadView::Failed { error, resumable } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!((error.code, resumable), (ErrorCode::Internal, false));
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
}

#[tokio::test]
async fn a_read_can_be_cancelled_and_started_again() {
    let (world, main) = World::signed_in(small()).await;
    let pause = world.sim.control().pause(
        ezeep_sim_faults::When::BeforeCommit,
        Match::new("GET", "/v1/users/"),
    );
    world.open().sync_start();
    pause.reached().await;
    let view = world.sync_view();
    assert!(matches!(view.read, ReadView::Reading { .. }));
    assert!(view.lists.at().is_some(), "the lists stay");
    world.open().sync_cancel();
    let ReadView::Failed { error, .. } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::Cancelled);
    pause.release();
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    assert!(world.at(&main).totals().unwrap().users > 0);
}

#[tokio::test]
async fn a_user_who_came_while_it_was_read_is_read_too() {
    let pages = SimConfig {
        page_max: 100,
        ..small()
    };
    let (world, main) = World::signed_in(pages).await;
    let control = world.sim.control();
    // Whoever comes behind the first page is at the end of the second.
    let first_page = Match::new("GET", "/v1/users/").query("offset=0");
    let other = control.clone();
    control.on_request(
        ezeep_sim_faults::When::AfterCommit,
        first_page,
        Some(1),
        move |_| {
            join(&other);
        },
    );
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    assert_eq!(world.find(&main, "hinzugekommen").matched, 1);
}

#[tokio::test]
async fn a_detail_shows_what_the_server_says_now() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.find(&main, "jonas akerstrom").rows[0].clone();
    let before = world.at(&main).user(&row.id).unwrap();
    let group = world
        .sim
        .control()
        .create_group(organizations::MAIN, "Ganz neu", false)
        .unwrap();
    world
        .sim
        .control()
        .add_to_group(organizations::MAIN, row.id.as_str(), &group)
        .unwrap();
    assert_eq!(world.at(&main).user(&row.id).unwrap(), before);
    let now = world.at(&main).user_read(&row.id).await.unwrap();
    assert_eq!(now.row.group_count, before.row.group_count + 1);
    // The list knows it now, too.
    assert_eq!(
        world.find(&main, "jonas akerstrom").rows[0].group_count,
        now.row.group_count
    );
}

#[tokio::test]
async fn a_person_who_is_gone_says_so_and_leaves_the_list() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.find(&main, "jonas akerstrom").rows[0].clone();
    world
        .sim
        .control()
        .remove_person(organizations::MAIN, row.id.as_str())
        .unwrap();
    assert_eq!(
        code(world.at(&main).user_read(&row.id).await),
        ErrorCode::UserGone
    );
    assert_eq!(world.find(&main, "jonas akerstrom").matched, 0);
}

#[tokio::test]
async fn a_detail_that_cannot_be_read_again_says_why_and_forgets_nothing() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.find(&main, "jonas akerstrom").rows[0].clone();
    let path = user_path(&row.id);
    for (fault, expected) in [
        (
            FaultKind::Status { status: 403 },
            ErrorCode::Forbidden { status: 403 },
        ),
        (FaultKind::Html { status: 403 }, ErrorCode::PortalInTheWay),
        (
            FaultKind::Status { status: 500 },
            ErrorCode::ServerFailed { status: 500 },
        ),
    ] {
        world
            .sim
            .control()
            .add_fault(Fault::always(Match::new("GET", &path), fault));
        assert_eq!(code(world.at(&main).user_read(&row.id).await), expected);
        world.sim.control().clear_faults();
    }
    assert_eq!(world.at(&main).user(&row.id).unwrap().row, row);
}

#[tokio::test]
async fn a_persons_own_groups_come_first_where_they_are_edited() {
    let (world, main) = World::signed_in(small()).await;
    let person = world
        .find(&main, "")
        .rows
        .into_iter()
        .find(|row| row.group_count > 1)
        .unwrap();
    let own = world.at(&main).user(&person.id).unwrap().groups;
    let ask = |offset: u32, limit: u32| GroupQuery {
        search: String::new(),
        first_of: Some(person.id.clone()),
        sort: GroupColumn::Name,
        descending: false,
        offset,
        limit,
    };
    let all = world.at(&main).groups(&ask(0, 500)).unwrap();
    assert_eq!(all.rows[..own.len()], own[..]);
    assert_eq!(all.matched, world.groups(&main, "").matched);
    let second = world.at(&main).groups(&ask(1, 2)).unwrap();
    assert_eq!(second.rows[..], all.rows[1..3]);
    assert!(
        world
            .at(&main)
            .groups(&ask(u32::MAX, 500))
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test]
async fn the_ids_of_a_window_are_those_of_its_rows_and_who_left_is_told_among_those_selected() {
    let (world, main) = World::signed_in(small()).await;
    let query = |offset, limit| UserQuery {
        scope: UserScope {
            search: "a".into(),
            ..UserScope::default()
        },
        sort: UserColumn::Email,
        descending: true,
        offset,
        limit,
    };
    let rows = world.at(&main).users(&query(3, 40)).unwrap().rows;
    let ids = world.at(&main).user_ids(&query(3, 40)).unwrap();
    assert!(ids.len() > 20, "{ids:?}");
    assert_eq!(ids, rows.into_iter().map(|row| row.id).collect::<Vec<_>>());

    let everyone = UserScope::default();
    let missing = |scope: &UserScope, ids: &[UserId]| world.at(&main).users_not_matching(scope, ids);
    assert_eq!(missing(&everyone, &ids).unwrap(), []);
    world
        .sim
        .control()
        .remove_person(organizations::MAIN, ids[7].as_str())
        .unwrap();
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    assert_eq!(missing(&everyone, &ids).unwrap(), [ids[7].clone()]);
    let nobody = UserScope {
        search: "nobody is called like this".into(),
        ..UserScope::default()
    };
    assert_eq!(missing(&nobody, &ids).unwrap(), ids);
    let too_many = vec![ids[0].clone(); 100_001];
    let field = "ids".to_owned();
    assert_eq!(
        code(missing(&everyone, &too_many)),
        ErrorCode::ArgumentInvalid { field }
    );
}
