//! `cache.v2/`: the last lists of an organization.

use super::*;
use crate::cache::{from_disk, no_tokens};

async fn check(state: &str) {
    if state == "disk_full" {
        return full_disk().await;
    }
    let mut used = Used::new().await;
    let path = used.path_of("saved_copy");
    let later = used.world.dir.path().join("cache.v3");
    std::fs::write(&later, "later").unwrap();
    let mut held = make(&used, &path, state);
    let was = std::fs::read(&path).unwrap_or_default();
    // Without servers only what is on disk can be shown.
    let fault = no_tokens(&used.world);
    used.world.restart();
    if matches!(state, "readable" | "busy") {
        let main = from_disk(&used.world).await;
        assert!(used.world.find(&main, "").matched > 0);
        used.world.read().await;
        // Not every file system of Windows replaces what another program has open.
        held = held.filter(|_| cfg!(unix));
        used.world.sim.control().remove_fault(fault);
        used.world.open().sync_start();
    } else {
        used.world
            .until("unreachable", |view| {
                matches!(view, SessionView::Unreachable { .. }).then_some(())
            })
            .await;
        used.world.sim.control().remove_fault(fault);
        used.world.console.session_retry();
    }
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    // Something to write, independent of when the sync was saved.
    used.world.at(&main).group_create(&form("Mensa")).await.unwrap();
    used.world.console.save_now().await;
    match state {
        "cut" | "empty" | "other_version" => {
            assert_eq!(used.told(), [(DiskThing::SavedCopy, DiskProblem::Damaged, true)]);
            let aside = used.world.console.disk_notices()[0].set_aside.clone().unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), was);
            assert!(path.exists(), "a new one is written");
        }
        "denied" => {
            assert!(
                used.told()
                    .contains(&(DiskThing::SavedCopy, DiskProblem::Denied, false))
            );
            permit(&path, 0o600);
            assert_eq!(std::fs::read(&path).unwrap(), used.files[&path]);
        }
        _ => {
            assert_eq!(used.told(), []);
            assert!(path.exists());
        }
    }
    assert_eq!(std::fs::read_to_string(&later).unwrap(), "later");
    used.others_are_untouched(&[&path]);
    used.has_its_key().await;
    drop(held);
}

cells!();
