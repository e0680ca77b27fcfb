//! The organization on this computer's disk: shown at the next start whatever the servers say, and gone when
//! it must be.

use std::path::{Path, PathBuf};

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Fault, FaultId, FaultKind, Match, Pause, Server, SimConfig, When};
use ids::WorkspaceId;

use crate::support::*;

fn files_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files_in(&entry.path(), found),
            _ => found.push(entry.path()),
        }
    }
}

/// The lists that are kept.
pub fn kept(world: &World) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files_in(&world.dir.path().join("cache.v2"), &mut found);
    found.retain(|path| path.extension().is_some_and(|kind| kind == "dir"));
    found
}

/// Signed in, everything read and kept.
async fn signed_in() -> (World, WorkspaceId, UserWindow) {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    world.read().await;
    world
        .until("kept", |_| (!kept(&world).is_empty()).then_some(()))
        .await;
    let rows = world.find(&main, "");
    (world, main, rows)
}

/// What the kept lists are, byte for byte: no two writings are the same.
fn written(world: &World) -> Vec<Vec<u8>> {
    kept(world)
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// A page in place of every token, so that no server can be asked anything.
pub fn no_tokens(world: &World) -> FaultId {
    let portal = FaultKind::Html { status: 502 };
    let fault = Fault::always(Match::new("POST", "/oauth/access_token/"), portal);
    world.sim.control().add_fault(fault)
}

/// Waits until the lists are shown from disk.
pub async fn from_disk(world: &World) -> WorkspaceId {
    world
        .until("shown from disk", |view| match view {
            SessionView::SignedIn { workspace, .. }
                if matches!(world.sync_view().lists, ListsView::Saved { .. }) =>
            {
                Some(workspace.clone())
            }
            _ => None,
        })
        .await
}

/// The same, after the servers were asked and returned no token.
async fn from_disk_alone(world: &World) -> WorkspaceId {
    let main = from_disk(world).await;
    let read = world.read().await;
    assert!(matches!(read, ReadView::Failed { .. }), "{read:?}");
    main
}

/// Waits until the lists are what the servers said.
async fn from_servers(world: &World) {
    world
        .until("read", |_| {
            matches!(world.sync_view().lists, ListsView::Read { .. }).then_some(())
        })
        .await;
}

/// security.md 37: a server that is off is no sign-out, and no reason to show nothing.
#[tokio::test]
async fn a_start_without_servers_shows_what_was_kept_with_its_age_and_goes_on_when_they_are_back() {
    let (mut world, _, rows) = signed_in().await;
    let ListsView::Read { at, .. } = world.sync_view().lists else {
        panic!("not read");
    };
    let fault = no_tokens(&world);
    world.restart();
    let main = from_disk(&world).await;
    assert_eq!(world.sync_view().lists, ListsView::Saved { at });
    assert_eq!(world.find(&main, ""), rows);
    assert_eq!(world.find(&main, ADMIN).matched, 1);
    assert!(matches!(world.read().await, ReadView::Failed { .. }));
    world.sim.control().remove_fault(fault);
    world.open().sync_start();
    from_servers(&world).await;
    assert_eq!(
        world.inside().await.0,
        main,
        "another opening would lose what the window shows"
    );
    assert_eq!(world.find(&main, ""), rows);
}

#[tokio::test]
async fn a_start_with_servers_shows_what_was_kept_until_it_is_read_again() {
    let (mut world, _, rows) = signed_in().await;
    world.restart();
    from_servers(&world).await;
    let (main, person) = world.inside().await;
    assert_eq!((world.find(&main, ""), person.email.as_str()), (rows, ADMIN));
    assert!(world.console.organizations().await.unwrap().len() > 1);
}

#[tokio::test]
async fn a_session_that_ended_shows_what_was_kept_at_every_start_until_the_same_person_is_back() {
    let (mut world, _, rows) = signed_in().await;
    world.sim.control().revoke_all();
    // At the second start nothing is left of the session but what is remembered.
    for _ in 0..2 {
        world.restart();
        let main = world.expired().await;
        assert_eq!(world.find(&main, ""), rows);
        assert!(matches!(world.sync_view().lists, ListsView::Saved { .. }));
        let refused = world.at(&main).group_create(&form("Mensa")).await;
        assert_eq!(code(refused), ErrorCode::SessionEnded);
    }
    let main = world.expired().await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    assert_eq!(
        world.inside().await.0,
        main,
        "another opening would lose what the window shows"
    );
    from_servers(&world).await;
    world.at(&main).group_create(&form("Mensa")).await.unwrap();
}

/// Right after a writing nothing is written for a while: what changes then would be lost.
#[tokio::test]
async fn what_was_changed_just_before_the_app_is_closed_is_there_at_the_next_start() {
    let (mut world, main, _) = signed_in().await;
    let before = written(&world);
    world.at(&main).group_create(&form("Mensa")).await.unwrap();
    assert_eq!(written(&world), before);
    world.console.save_now().await;
    assert_ne!(written(&world), before);
    no_tokens(&world);
    world.restart();
    let main = from_disk_alone(&world).await;
    assert_eq!(world.groups(&main, "Mensa").matched, 1);
}

/// What is said to be read is new to the one who keeps it, although the read has not tidied up yet.
#[tokio::test]
async fn a_read_that_was_just_told_is_there_after_a_close() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    *world.host.holds_memory.lock().unwrap() = true;
    world.choose("Nordhafen Schulen").await;
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    let is_kept = async {
        while kept(&world).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    // Once it has written, the close waits for the memory too.
    tokio::select! {
        () = world.console.save_now() => {}
        () = is_kept => {}
    }
    assert!(!kept(&world).is_empty());
    *world.host.holds_memory.lock().unwrap() = false;
    world.host.released.notify_all();
}

#[tokio::test]
async fn a_close_writes_nothing_that_is_written_already() {
    let (mut world, _, _) = signed_in().await;
    let before = written(&world);
    world.console.save_now().await;
    assert_eq!(written(&world), before);
    no_tokens(&world);
    world.restart();
    from_disk_alone(&world).await;
    world.console.save_now().await;
    assert_eq!(
        written(&world),
        before,
        "shown from disk, and nothing was read since"
    );
}

/// Begins a read that does not get further than its second page.
async fn in_the_middle_of_a_read(world: &World) -> Pause {
    let page = Match::new("GET", "/v1/users/").query("offset=19");
    let pause = world.sim.control().pause(When::BeforeCommit, page);
    world.open().sync_start();
    pause.reached().await;
    pause
}

#[tokio::test]
async fn an_app_that_is_closed_in_the_middle_of_a_read_shows_the_last_whole_one_at_the_next_start() {
    let (mut world, _, rows) = signed_in().await;
    let before = written(&world);
    // What the read would have brought.
    let control = world.sim.control();
    control.set_page_max(20);
    join(&control);
    let _pause = in_the_middle_of_a_read(&world).await;
    world.console.save_now().await;
    assert_eq!(written(&world), before);
    no_tokens(&world);
    world.restart();
    let main = from_disk_alone(&world).await;
    assert_eq!(world.find(&main, ""), rows);
}

#[tokio::test]
async fn an_app_that_is_closed_in_the_middle_of_its_first_read_keeps_no_part_for_the_whole() {
    let mut world = World::new(SimConfig {
        page_max: 20,
        ..small()
    })
    .await;
    let page = Match::new("GET", "/v1/users/").query("offset=95");
    let pause = world.sim.control().pause(When::BeforeCommit, page);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    pause.reached().await;
    world
        .until("shown in part", |_| {
            (world.sync_view().lists == ListsView::Partial).then_some(())
        })
        .await;
    world.at(&main).group_create(&form("Mensa")).await.unwrap();
    world.console.save_now().await;
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
    pause.release();
    world.restart();
    from_servers(&world).await;
}

/// What a kill in the middle of a writing leaves.
#[tokio::test]
async fn a_file_that_is_half_written_is_never_shown_and_the_next_writing_takes_the_place_of_the_whole() {
    let (mut world, _, rows) = signed_in().await;
    let whole = kept(&world).remove(0);
    let half = whole.with_file_name(".new-killed");
    let bytes = std::fs::read(&whole).unwrap();
    std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    let fault = no_tokens(&world);
    world.restart();
    let main = from_disk(&world).await;
    assert_eq!(world.find(&main, ""), rows);
    assert_eq!(world.console.disk_notices(), []);
    world.read().await;
    world.sim.control().remove_fault(fault);
    world.open().sync_start();
    from_servers(&world).await;
    world
        .until("written", |_| {
            (std::fs::read(&whole).unwrap() != bytes).then_some(())
        })
        .await;
}

/// security.md 41.
#[tokio::test]
async fn a_close_after_a_sign_out_writes_nothing() {
    let (world, main, _) = signed_in().await;
    world.at(&main).group_create(&form("Mensa")).await.unwrap();
    let (signed_out, ()) = tokio::join!(world.console.sign_out(), world.console.save_now());
    signed_out.unwrap();
    world.console.save_now().await;
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
}

/// security.md 43.
#[tokio::test]
async fn another_person_who_signs_in_there_sees_nothing_of_it() {
    let (mut world, _, _) = signed_in().await;
    world.sim.control().revoke_all();
    world.restart();
    let first = world.expired().await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    let (second, person) = world.inside().await;
    assert_eq!(person.email, OTHER_ADMIN);
    assert_ne!(second, first);
    assert_eq!(code(world.console.open(&first)), ErrorCode::OrganizationChanged);
}

/// security.md 41, 42.
#[tokio::test]
async fn a_sign_out_leaves_nothing_on_disk_also_where_the_server_is_off() {
    let (world, _, _) = signed_in().await;
    let off = Match {
        server: Some(Server::Account),
        ..Match::default()
    };
    let off = Fault::always(off, FaultKind::DropBeforeCommit);
    world.sim.control().add_fault(off);
    let name = file_key(&world).await;
    world.console.sign_out().await.unwrap();
    world.signed_out().await;
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
    assert!(world.keychain.read_key(&name).await.unwrap().is_none());
}

/// security.md 25: who does not stay signed in leaves no list behind.
#[tokio::test]
async fn a_sign_in_that_is_not_kept_keeps_nothing_and_removes_what_an_earlier_one_kept() {
    let (mut world, _, _) = signed_in().await;
    world.sim.control().revoke_all();
    world.restart();
    world.expired().await;
    *world.host.visitor.lock().unwrap() = Visitor::Allows(ADMIN);
    world.console.sign_in(world.request(false)).await.unwrap();
    world.inside().await;
    from_servers(&world).await;
    world
        .until("removed", |_| kept(&world).is_empty().then_some(()))
        .await;
}

#[tokio::test]
async fn the_demo_organization_is_not_kept() {
    let world = World::new(small()).await;
    *world.host.visitor.lock().unwrap() = Visitor::Allows(ADMIN);
    world.console.demo_start().await.unwrap();
    world.choose("Nordhafen Schulen").await;
    from_servers(&world).await;
    world.console.save_now().await;
    let mut found = Vec::new();
    files_in(&world.dir.path().join("cache.v2"), &mut found);
    assert_eq!(found, Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_damaged_list_is_set_aside_said_and_read_again() {
    let (mut world, _, rows) = signed_in().await;
    for path in kept(&world) {
        let mut file = std::fs::read(&path).unwrap();
        let middle = file.len() / 2;
        file[middle] ^= 1;
        std::fs::write(&path, file).unwrap();
    }
    world.restart();
    from_servers(&world).await;
    let (main, _) = world.inside().await;
    assert_eq!(world.find(&main, ""), rows);
    world
        .until("said", |_| {
            let told = world.console.disk_notices();
            told.iter()
                .any(|notice| notice.what == DiskThing::SavedCopy && notice.set_aside.is_some())
                .then_some(())
        })
        .await;
}

/// security.md 25, 58: names, addresses and groups of the organization, and the key.
#[tokio::test]
async fn nothing_of_the_organization_can_be_read_in_any_file() {
    let (world, main, rows) = signed_in().await;
    // A plan, with a result of it, is kept as well.
    let plan = world.begin(&main, &add_to_a_group(&world, &main).await).await;
    assert!(world.finished(&plan.id).await.applied > 0);
    let key = world
        .keychain
        .read_key(&file_key(&world).await)
        .await
        .unwrap()
        .unwrap();
    let others = rows.rows.iter().filter(|row| row.email != ADMIN);
    let mut secrets: Vec<Vec<u8>> = others
        .flat_map(|row| [row.name.clone(), row.email.clone(), row.id.as_str().to_owned()])
        .chain(world.groups(&main, "").rows.into_iter().map(|group| group.name))
        .filter(|text| text.len() > 4)
        .map(String::into_bytes)
        .collect();
    assert!(secrets.len() > 200);
    secrets.push(key.expose().to_vec());
    let mut files = Vec::new();
    files_in(world.dir.path(), &mut files);
    for kind in ["dir", "plan", "notes"] {
        let kept = files
            .iter()
            .any(|path| path.extension().is_some_and(|of| of == kind));
        assert!(kept, "no {kind}");
    }
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|part| part == secret);
            assert!(!found, "{path:?} holds {:?}", String::from_utf8_lossy(secret));
        }
    }
}

/// Signed in in another organization, with the main one kept too, and removed from that on the server; what
/// was kept of it.
async fn removed_from_the_main_organization() -> (World, Vec<PathBuf>) {
    let (world, _, _) = signed_in().await;
    let main = kept(&world);
    world.choose(organizations::SECOND_NAME).await;
    from_servers(&world).await;
    world
        .until("both kept", |_| (kept(&world).len() == 2).then_some(()))
        .await;
    let (_, person) = world.inside().await;
    let control = world.sim.control();
    control
        .remove_person(organizations::MAIN, person.id.as_str())
        .unwrap();
    (world, main)
}

async fn until_gone(world: &World, paths: &[PathBuf]) {
    world
        .until("removed", |_| {
            (!paths.iter().any(|path| path.exists())).then_some(())
        })
        .await;
    assert_eq!(kept(world).len(), 1, "the other one stays");
}

#[tokio::test]
async fn what_was_kept_of_an_organization_that_the_account_has_left_goes_at_the_next_start() {
    let (mut world, main) = removed_from_the_main_organization().await;
    world.restart();
    until_gone(&world, &main).await;
}

/// Whether the account is still in it can't be told.
#[tokio::test]
async fn a_list_of_organizations_that_is_too_short_removes_nothing() {
    let (world, main) = removed_from_the_main_organization().await;
    let control = world.sim.control();
    let path = Match::new("GET", "/v1/organizations/");
    let lie = control.add_fault(Fault::always(path, FaultKind::WrongCount { count: 9 }));
    let listed = world.console.organizations().await.unwrap();
    assert!(listed.iter().all(|of| of.name != organizations::MAIN_NAME));
    // Whatever was to be removed is removed before the next writing, which is the same account's.
    world
        .at(&world.inside().await.0)
        .group_create(&form("Mensa"))
        .await
        .unwrap();
    world.console.save_now().await;
    assert!(main.iter().all(|path| path.exists()));
    control.remove_fault(lie);
    world.console.organizations().await.unwrap();
    until_gone(&world, &main).await;
}
