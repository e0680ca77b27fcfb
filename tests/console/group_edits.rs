//! Changes of a group's form while another admin changes the same group, and names that are refused or asked
//! about.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Fault, FaultKind, GroupChange, GroupView, Match, When};
use ids::{GroupId, WorkspaceId};

use crate::support::*;

/// A touched field of a form that was opened with another value.
pub fn touched<T>(opened_with: impl Into<T>, value: impl Into<T>) -> Option<FieldEdit<T>> {
    Some(FieldEdit {
        opened_with: opened_with.into(),
        value: value.into(),
    })
}

pub fn renamed(from: &str, to: &str) -> GroupEdit {
    GroupEdit {
        name: touched(from, to),
        ..GroupEdit::default()
    }
}

/// The group as stored in the cloud.
pub fn on_server(world: &World, id: &GroupId) -> GroupView {
    world
        .sim
        .control()
        .group(organizations::MAIN, id.as_str())
        .unwrap()
}

/// Another admin's change.
fn by_another(world: &World, id: &GroupId, change: GroupChange) {
    let control = world.sim.control();
    control
        .change_group(organizations::MAIN, id.as_str(), change)
        .unwrap();
}

fn mensa_with_local_printing() -> GroupChange {
    GroupChange {
        name: Some("Mensa".into()),
        local_printing: Some(true),
        ..GroupChange::default()
    }
}

/// An admin in the main organization, and a new group "Aula" without members.
async fn with_a_group() -> (World, WorkspaceId, GroupRow) {
    let (world, main) = World::signed_in(small()).await;
    let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
    (world, main, made)
}

/// Number of writes of groups.
fn writes(world: &World) -> u64 {
    let control = world.sim.control();
    control.count("PATCH", "/printing/v1/groups/{id}/") + control.count("POST", "/printing/v1/groups/")
}

/// A save must not undo another admin's change of a field that it did not touch.
#[tokio::test]
async fn only_what_was_touched_is_written_and_what_another_admin_changed_stays_and_is_shown() {
    let (world, main, made) = with_a_group().await;
    by_another(&world, &made.id, mensa_with_local_printing());
    let edit = GroupEdit {
        description: touched("", "Erster Stock"),
        // As from a form that sends every field: equal values still count as untouched.
        name: touched("Aula", "Aula"),
        local_printing: touched(false, false),
        ..GroupEdit::default()
    };
    let saved = world.at(&main).group_update(&made.id, &edit).await.unwrap();
    let now = on_server(&world, &made.id);
    assert_eq!(
        (now.name.as_str(), now.description.as_str(), now.local_printing),
        ("Mensa", "Erster Stock", true)
    );
    assert_eq!(
        (saved.group.name.as_str(), saved.group.local_printing),
        ("Mensa", true)
    );
    assert_eq!(saved.changed_meanwhile, [], "it was so before the write");
    assert_eq!(world.groups(&main, "mensa").matched, 1);
}

#[tokio::test]
async fn what_both_have_changed_is_asked_about_with_both_values_and_nothing_is_written() {
    let (world, main, made) = with_a_group().await;
    let theirs = GroupChange {
        name: Some("Mensa".into()),
        description: Some("Von nebenan".into()),
        ..GroupChange::default()
    };
    by_another(&world, &made.id, theirs);
    let before = writes(&world);
    let edit = GroupEdit {
        description: touched("", "Erster Stock"),
        my_printers: touched(false, true),
        ..renamed("Aula", "Foyer")
    };
    let refused = world.at(&main).group_update(&made.id, &edit).await;
    let conflict = |field, theirs: &str, mine: &str| FieldConflict {
        field,
        theirs: theirs.into(),
        mine: mine.into(),
    };
    assert_eq!(
        code(refused),
        ErrorCode::GroupChangedMeanwhile {
            conflicts: vec![
                conflict(GroupField::Name, "Mensa", "Foyer"),
                conflict(GroupField::Description, "Von nebenan", "Erster Stock"),
            ]
        }
    );
    assert_eq!(
        writes(&world),
        before,
        "not even the switch, which nobody else touched"
    );
    assert_eq!(
        world.at(&main).group(&made.id).unwrap().name,
        "Mensa",
        "what the server says is shown"
    );

    // Ours for the name, theirs for the description: opened with the values that were shown.
    let chosen = GroupEdit {
        description: touched("Von nebenan", "Von nebenan"),
        my_printers: touched(false, true),
        ..renamed("Mensa", "Foyer")
    };
    world.at(&main).group_update(&made.id, &chosen).await.unwrap();
    let now = on_server(&world, &made.id);
    assert_eq!(
        (now.name.as_str(), now.description.as_str(), now.my_printers),
        ("Foyer", "Von nebenan", true)
    );
}

#[tokio::test]
async fn a_third_admin_between_the_question_and_the_answer_is_asked_about_again() {
    let (world, main, made) = with_a_group().await;
    let rename = |name: &str| GroupChange {
        name: Some(name.into()),
        ..GroupChange::default()
    };
    by_another(&world, &made.id, rename("Mensa"));
    let asked = world
        .at(&main)
        .group_update(&made.id, &renamed("Aula", "Foyer"))
        .await;
    assert!(matches!(code(asked), ErrorCode::GroupChangedMeanwhile { .. }));
    by_another(&world, &made.id, rename("Turnhalle"));
    let asked = world
        .at(&main)
        .group_update(&made.id, &renamed("Mensa", "Foyer"))
        .await;
    assert!(matches!(
        code(asked),
        ErrorCode::GroupChangedMeanwhile { conflicts } if conflicts[0].theirs == "Turnhalle"
    ));
    assert_eq!(on_server(&world, &made.id).name, "Turnhalle");
}

#[tokio::test]
async fn the_same_value_of_both_is_no_conflict_and_is_not_written_twice() {
    let (world, main, made) = with_a_group().await;
    by_another(&world, &made.id, mensa_with_local_printing());
    let before = writes(&world);
    let edit = GroupEdit {
        local_printing: touched(false, true),
        ..renamed("Aula", " Mensa ")
    };
    let saved = world.at(&main).group_update(&made.id, &edit).await.unwrap();
    assert_eq!(
        (saved.group.name.as_str(), saved.group.local_printing),
        ("Mensa", true)
    );
    assert_eq!(writes(&world), before);
}

/// Only a switch is changed of "Team A ": the name's trailing space stays.
#[tokio::test]
async fn a_name_that_was_not_touched_is_neither_sent_nor_trimmed_nor_checked() {
    let (world, main) = World::signed_in(small()).await;
    for name in ["Team A ", "\u{200b}", &"x".repeat(300)] {
        let id = world
            .sim
            .control()
            .create_group(organizations::MAIN, name, false)
            .unwrap();
        let id = GroupId::try_from(id).unwrap();
        let edit = GroupEdit {
            local_printing: touched(false, true),
            ..renamed(name, name)
        };
        let saved = world.at(&main).group_update(&id, &edit).await.unwrap();
        assert_eq!(saved.group.name, name);
        let now = on_server(&world, &id);
        assert_eq!((now.name.as_str(), now.local_printing), (name, true));
    }
}

#[tokio::test]
async fn what_another_admin_writes_while_it_is_saved_is_told_after_saving() {
    let (world, main) = World::signed_in(small()).await;
    for (when, expected) in [
        // Between our read and our write: fields that we don't write stay, and the change is seen.
        (When::BeforeCommit, vec![GroupField::Description]),
        // After our write: both are seen.
        (When::AfterCommit, vec![GroupField::Name, GroupField::Description]),
    ] {
        let made = world.at(&main).group_create(&form("Aula")).await.unwrap();
        let path = format!("/printing/v1/groups/{}/", made.id.as_str());
        let (control, id) = (world.sim.control(), made.id.as_str().to_owned());
        world
            .sim
            .control()
            .on_request(when, Match::new("PATCH", &path), Some(1), move |_| {
                let change = GroupChange {
                    name: Some("Mensa".into()),
                    description: Some("Von nebenan".into()),
                    ..GroupChange::default()
                };
                control.change_group(organizations::MAIN, &id, change).unwrap();
            });
        let saved = world
            .at(&main)
            .group_update(&made.id, &renamed("Aula", "Foyer"))
            .await
            .unwrap();
        let now = on_server(&world, &made.id);
        assert_eq!(saved.changed_meanwhile, expected, "{when:?}");
        assert_eq!(
            (saved.group.name, saved.group.description),
            (now.name, now.description),
            "{when:?}"
        );
        world.at(&main).group_delete(&made.id, None).await.unwrap();
    }
}

/// The window between our read and our write is one round trip, also if the server is busy.
#[tokio::test]
async fn a_change_that_a_busy_server_turned_away_is_compared_again_before_it_is_written() {
    let (world, main, made) = with_a_group().await;
    let path = format!("/printing/v1/groups/{}/", made.id.as_str());
    let busy = FaultKind::TooManyRequests {
        retry_after: ezeep_sim_faults::RetryAfter::Seconds(1),
    };
    let control = world.sim.control();
    control.add_fault(Fault::once(Match::new("PATCH", &path), busy));
    let (other, id) = (world.sim.control(), made.id.as_str().to_owned());
    control.on_request(
        When::BeforeCommit,
        Match::new("GET", &path).skip(1),
        Some(1),
        move |_| {
            other.rename_group(organizations::MAIN, &id, "Mensa").unwrap();
        },
    );
    let asked = world
        .at(&main)
        .group_update(&made.id, &renamed("Aula", "Foyer"))
        .await;
    assert!(matches!(code(asked), ErrorCode::GroupChangedMeanwhile { .. }));
    assert_eq!(on_server(&world, &made.id).name, "Mensa");
}

#[tokio::test]
async fn a_name_that_nobody_can_see_is_refused_before_it_reaches_the_server() {
    let (world, main, made) = with_a_group().await;
    let before = writes(&world);
    for name in [
        "\u{200b}",
        "\u{2060}\u{feff}",
        "\u{a0}\u{3000}",
        "\u{202e}",
        "\u{301}",
        "\u{3164}",
        "\u{2800}",
        "\u{ad} \u{200d}",
    ] {
        let made_new = world.at(&main).group_create(&form(name)).await;
        assert_eq!(code(made_new), ErrorCode::GroupNameInvisible, "{name:?}");
        let edited = world
            .at(&main)
            .group_update(&made.id, &renamed("Aula", name))
            .await;
        assert_eq!(code(edited), ErrorCode::GroupNameInvisible, "{name:?}");
    }
    assert_eq!(writes(&world), before);
}

#[tokio::test]
async fn a_name_that_can_be_taken_for_another_groups_is_asked_about_once() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    // Made by another admin since our last read: the server's list is compared, not the saved one.
    let id = control
        .create_group(organizations::MAIN, "Marketing", false)
        .unwrap();
    let known = GroupRef {
        id: GroupId::try_from(id).unwrap(),
        name: "Marketing".into(),
    };
    let other = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let asks = ErrorCode::GroupNameLooksLike {
        groups: vec![known.clone()],
    };
    for name in [
        "Marketing\u{200b}",
        "M\u{430}rketing",
        "marketing",
        "Mar\u{ad}keting",
        "Ｍarketing",
    ] {
        let before = writes(&world);
        let asked = world.at(&main).group_create(&form(name)).await;
        assert_eq!(code(asked), asks, "{name:?}");
        let asked = world
            .at(&main)
            .group_update(&other.id, &renamed("Aula", name))
            .await;
        assert_eq!(code(asked), asks, "{name:?}");
        assert_eq!(writes(&world), before, "{name:?}");
    }

    let confirmed = GroupForm {
        confirmed_lookalikes: vec![known.id.clone()],
        ..form("Marketing\u{200b}")
    };
    let made = world.at(&main).group_create(&confirmed).await.unwrap();
    assert_eq!(made.name, "Marketing\u{200b}");
    // Of two similar groups, one was not shown.
    let confirmed = GroupEdit {
        confirmed_lookalikes: vec![known.id.clone()],
        ..renamed("Aula", "M\u{430}rketing")
    };
    let asked = world.at(&main).group_update(&other.id, &confirmed).await;
    assert!(matches!(
        code(asked),
        ErrorCode::GroupNameLooksLike { groups } if groups.len() == 1 && groups[0].id == made.id
    ));
    let confirmed = GroupEdit {
        confirmed_lookalikes: vec![known.id.clone(), made.id.clone()],
        ..renamed("Aula", "M\u{430}rketing")
    };
    let saved = world.at(&main).group_update(&other.id, &confirmed).await.unwrap();
    assert_eq!(saved.group.name, "M\u{430}rketing");
}

#[tokio::test]
async fn other_spellings_of_a_name_are_asked_about_and_its_own_group_is_not() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    for (there, typed) in [
        ("Team A ", "Team A"),
        ("Haus  B", "Haus B"),
        ("B\u{fc}ro", "Bu\u{308}ro"),
        ("Mu\u{308}nchen", "M\u{fc}nchen"),
    ] {
        let id = control.create_group(organizations::MAIN, there, false).unwrap();
        let asked = world.at(&main).group_create(&form(typed)).await;
        assert!(
            matches!(&code(asked), ErrorCode::GroupNameLooksLike { groups } if groups[0].id.as_str() == id),
            "{there:?}"
        );
        let id = GroupId::try_from(id).unwrap();
        let saved = world
            .at(&main)
            .group_update(&id, &renamed(there, typed))
            .await
            .unwrap();
        assert_eq!(saved.group.name, typed);
    }
}
