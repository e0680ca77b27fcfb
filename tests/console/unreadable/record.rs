//! The sign-in's record in the keychain.

use ezeep_auth::StoreError;

use super::*;

async fn check(state: &str) {
    let mut used = Used::new().await;
    let says = match state {
        "readable" => None,
        "absent" => Some(Says::Nothing),
        "damaged" => Some(Says::Fails(StoreError::Damaged)),
        "denied" => Some(Says::Fails(StoreError::Locked {
            reason: "locked".into(),
        })),
        "busy" => Some(Says::Fails(StoreError::TimedOut)),
        other => panic!("no cell: {other}"),
    };
    *used.keychain.record.lock().unwrap() = says;
    let sentinel = used.sentinel();
    used.world.restart();
    match state {
        "readable" => {
            used.is_whole(1, 1).await;
            assert_eq!(used.told(), []);
        }
        "denied" | "busy" => {
            let code = used.world.signed_out_with_a_problem().await.code;
            let wanted = if state == "busy" {
                ErrorCode::KeychainUnresponsive
            } else {
                ErrorCode::KeychainLocked
            };
            assert_eq!(code, wanted);
            assert_eq!(used.world.console.accounts()[0].state, AccountState::Ready);
            used.is_swept(&sentinel).await;
            *used.keychain.record.lock().unwrap() = None;
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        _ => {
            let main = used.world.expired().await;
            assert!(used.world.find(&main, "").matched > 0, "what is on disk is shown");
            let problem = if state == "absent" {
                DiskProblem::Missing
            } else {
                DiskProblem::Damaged
            };
            assert_eq!(used.told(), [(DiskThing::SignIn, problem, false)]);
            assert_eq!(used.world.console.accounts()[0].state, AccountState::Expired);
            used.is_swept(&sentinel).await;
            used.others_are_untouched(&[]);
            used.has_its_key().await;
            // Also at the next start, which finds an account that is not signed in.
            let sentinel = used.sentinel();
            used.world.restart();
            used.world.expired().await;
            used.is_swept(&sentinel).await;
            used.world.sign_in(Visitor::Allows(ADMIN)).await;
            used.is_whole(1, 1).await;
        }
    }
    used.has_its_key().await;
}

cells!(absent, readable, damaged, denied, busy);
