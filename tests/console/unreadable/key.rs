//! The key in the keychain that seals the holder's files.

use console::SecretStore as _;
use ezeep_auth::{RecordName, StoreError};
use vault::FileKey;

use super::*;

async fn check(state: &str) {
    let mut used = Used::new().await;
    let (copy, views) = (used.path_of("saved_copy"), used.path_of("views"));
    let plan = used.of_kind("plan");
    let name = RecordName::file_key(&used.holder);
    let says = match state {
        "absent" => Some(Says::Nothing),
        "damaged" => Some(Says::Fails(StoreError::Damaged)),
        "denied" => Some(Says::Fails(StoreError::Locked {
            reason: "locked".into(),
        })),
        "busy" => Some(Says::Fails(StoreError::TimedOut)),
        "another" => {
            used.keychain
                .inside
                .write_key(&name, &FileKey::random())
                .await
                .unwrap();
            None
        }
        _ => None,
    };
    *used.keychain.key.lock().unwrap() = says;
    used.world.restart();
    let (main, _) = used.world.inside().await;
    used.world.read().await;
    used.world.at(&main).group_create(&form("Mensa")).await.unwrap();
    used.world.console.save_now().await;
    match state {
        "readable" => {
            used.is_whole(1, 1).await;
            assert_eq!(used.told(), []);
            used.others_are_untouched(&[]);
        }
        "damaged" | "denied" | "busy" => {
            let problem = match state {
                "damaged" => DiskProblem::Damaged,
                "denied" => DiskProblem::Denied,
                _ => DiskProblem::Busy,
            };
            assert!(
                used.told().contains(&(DiskThing::DataKey, problem, false)),
                "{:?}",
                used.told()
            );
            for path in [&copy, &views, &plan] {
                assert_eq!(
                    std::fs::read(path).unwrap(),
                    used.files[path],
                    "moved or written over"
                );
            }
            *used.keychain.key.lock().unwrap() = None;
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        _ => {
            // A new key was made for this run's saved copy, or there was another one: files that it does not
            // open are set aside.
            let told = used.told();
            let (thing, problem) = match state {
                "absent" => (DiskThing::DataKey, DiskProblem::Missing),
                _ => (DiskThing::Views, DiskProblem::Damaged),
            };
            assert!(
                told.contains(&(thing, problem, true)) || state == "absent",
                "{told:?}"
            );
            assert!(
                told.iter()
                    .any(|(what, why, _)| (*what, *why) == (thing, problem)),
                "{told:?}"
            );
            for path in [&copy, &views, &plan] {
                assert!(used.is_somewhere(path), "{path:?} is lost");
            }
            used.world.restart();
            used.world.inside().await;
        }
    }
    used.has_its_key().await;
}

cells!(absent, readable, another, damaged, denied, busy);
