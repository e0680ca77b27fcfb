//! Names as other programs write them: a group is found and deleted by the name that is shown.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations::MAIN;
use ids::{GroupId, WorkspaceId};

use crate::support::*;

/// A group with that name and one member, made and read without the console.
async fn group_with_a_member(world: &World, main: &WorkspaceId, name: &str) -> GroupId {
    let control = world.sim.control();
    let id = control.create_group(MAIN, name, false).unwrap();
    let somebody = world.users(main, UserScope::default()).rows[0].id.clone();
    control.add_to_group(MAIN, somebody.as_str(), &id).unwrap();
    let id = GroupId::try_from(id).unwrap();
    assert_eq!(world.at(main).group_read(&id).await.unwrap().members, 1);
    id
}

#[tokio::test]
async fn a_group_is_found_and_deleted_by_what_the_screen_shows_of_its_name() {
    let (world, main) = World::signed_in(small()).await;
    let mut wrong = Vec::new();
    for (stored, typed) in [
        ("Trakt  Bx", "Trakt Bx"),
        ("Trakt\u{a0}Cx", "Trakt Cx"),
        ("Bu\u{308}ropark", "Büropark"),
        ("Mar\u{200b}ketingx", "Marketingx"),
        ("Liam’s Gruppe", "Liam's Gruppe"),
        ("Ost‑West – A", "Ost-West - A"),
        ("„Chorx“", "\"Chorx\""),
        ("ＨＡＬＬＥ　９", "HALLE 9"),
    ] {
        let id = group_with_a_member(&world, &main, stored).await;
        let found = world.groups(&main, typed).rows;
        if found.iter().map(|row| &row.id).ne([&id]) {
            let found: Vec<String> = found.into_iter().map(|row| row.name).collect();
            wrong.push(format!("{typed:?} finds {found:?}"));
        }
        for almost in [None, Some(""), Some("Trakt"), Some(typed.to_lowercase().as_str())] {
            let refused = world.at(&main).group_delete(&id, almost).await;
            assert_eq!(
                code(refused),
                ErrorCode::ConfirmationMismatch,
                "{stored:?} {almost:?}"
            );
        }
        match world.at(&main).group_delete(&id, Some(typed)).await {
            Ok(()) => assert!(!world.groups(&main, "").rows.iter().any(|row| row.id == id)),
            Err(error) => wrong.push(format!("{stored:?} typed {typed:?}: {:?}", error.code)),
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn a_group_whose_name_nobody_sees_is_deleted_by_a_copy_of_its_name_alone() {
    let (world, main) = World::signed_in(small()).await;
    let id = group_with_a_member(&world, &main, "\u{200b}\u{2060}").await;
    for blank in ["", " ", "\u{200b}"] {
        let refused = world.at(&main).group_delete(&id, Some(blank)).await;
        assert_eq!(code(refused), ErrorCode::ConfirmationMismatch, "{blank:?}");
    }
    let copied = world.at(&main).group(&id).unwrap().name;
    world.at(&main).group_delete(&id, Some(&copied)).await.unwrap();
}
