//! The full read from servers that lie about their lists: it ends, with the truth or with what could not be learned.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim::known::organizations;
use ezeep_sim::{Fault, FaultKind, Match, SimConfig};

use crate::support::*;

fn several_pages() -> SimConfig {
    SimConfig {
        people: 260,
        groups: 12,
        page_max: 20,
        ..SimConfig::default()
    }
}

async fn read_anew(world: &World) -> ReadView {
    world.console.sync_start().unwrap();
    world.read().await
}

fn there(world: &World) -> u32 {
    u32::try_from(world.sim.control().people(organizations::MAIN).unwrap().len()).unwrap()
}

/// security.md 46
#[tokio::test]
async fn a_count_that_is_too_small_or_nothing_costs_nobody_and_raises_no_doubt() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    for count in [0, 1, 20, 21, 100] {
        for path in ["/printing/v1/users/", "/v1/users/"] {
            control.add_fault(Fault::always(
                Match::new("GET", path),
                FaultKind::WrongCount { count },
            ));
        }
        control.forget_requests();
        let read = read_anew(&world).await;
        assert!(
            matches!(read, ReadView::Done { doubt: None, .. }),
            "told {count}: {read:?}"
        );
        assert_eq!(
            world.console.totals(&main).unwrap().users,
            there(&world),
            "told {count}"
        );
        control.clear_faults();
    }
}

/// security.md 46
#[tokio::test]
async fn a_count_that_is_too_large_is_told_with_what_came() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    for count in [100_000, i64::MAX] {
        control.add_fault(Fault::always(
            Match::new("GET", "/v1/users/"),
            FaultKind::WrongCount { count },
        ));
        control.forget_requests();
        let ReadView::Done {
            doubt: Some(Doubt::Short { told, came }),
            changes,
            ..
        } = read_anew(&world).await
        else {
            panic!("nothing was noticed")
        };
        assert_eq!(i64::from(told), count.min(i64::from(u32::MAX)));
        assert!(came <= there(&world));
        assert_eq!(changes, Some(Changes::default()), "nobody was lost to it");
        assert_eq!(world.console.totals(&main).unwrap().users, there(&world));
        assert!(
            control.requests().len() < 200,
            "nobody asks for what doesn't come"
        );
        control.clear_faults();
    }
}

/// security.md 46
#[tokio::test]
async fn rows_that_come_twice_are_shown_once_and_what_is_missing_for_it_is_told() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    control.add_fault(Fault::always(
        Match::new("GET", "/v1/users/"),
        FaultKind::RepeatedItem,
    ));
    let read = read_anew(&world).await;
    assert!(matches!(read, ReadView::Done { .. }), "{read:?}");
    assert_eq!(world.console.totals(&main).unwrap().users, there(&world));
}

/// security.md 46: with bounds (ezeep-api's own tests hold them) the same page for ever is an error with a name.
#[tokio::test]
async fn a_server_that_sends_the_same_page_for_ever_is_given_up_and_the_lists_stay() {
    let (world, main) = World::signed_in(several_pages()).await;
    let before = world.find(&main, "");
    let page = r#"{"count":1000000,"next":"/?limit=20&offset=20","previous":null,"results":[
        {"id":"a-1","email":"a@nordhafen.example"},{"id":"a-2","email":"b@nordhafen.example"}]}"#;
    world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/"),
        FaultKind::Reply {
            status: 200,
            content_type: "application/json".into(),
            body: page.into(),
        },
    ));
    let ReadView::Failed { error, resumable } = read_anew(&world).await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::ReplyUnexpected);
    assert!(error.detail.unwrap().contains("again and again"));
    assert!(!resumable, "there is nothing to go on from");
    assert_eq!(world.find(&main, ""), before);
}

/// security.md 46
#[tokio::test]
async fn an_empty_page_in_the_middle_takes_nobody_away_unsaid() {
    let (world, _) = World::signed_in(several_pages()).await;
    world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/").query("offset=95"),
        FaultKind::Reply {
            status: 200,
            content_type: "application/json".into(),
            body: r#"{"count":260,"next":null,"previous":null,"results":[]}"#.into(),
        },
    ));
    let read = read_anew(&world).await;
    assert!(
        matches!(read, ReadView::Done { doubt: Some(_), .. }),
        "somebody is missing and it is not said: {read:?}"
    );
}
