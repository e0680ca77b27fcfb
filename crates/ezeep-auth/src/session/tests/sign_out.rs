//! The end of a session, by the person or by someone else.

use super::*;

/// security.md 41: signed out elsewhere means signed out, and the record is not brought back.
#[tokio::test]
async fn a_record_that_is_gone_or_replaced_ends_the_session_without_a_request() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.inner.delete(&name()).await.unwrap();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::RecordGone)
    );
    assert_eq!(bench.stored().await, None);

    let bench = Bench::with(rotating()).await;
    bench
        .shelf
        .inner
        .write(
            &name(),
            &Record {
                grant: "another".into(),
                ..record("x1")
            },
        )
        .await
        .unwrap();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::Replaced)
    );
    assert_eq!(bench.stored().await.as_deref(), Some("x1"));
    let report = bench.session.end().await;
    assert_eq!(
        report,
        EndReport {
            revoked: Ok(()),
            deleted: Ok(())
        }
    );
    assert_eq!(
        bench.stored().await.as_deref(),
        Some("x1"),
        "another sign-in's record is not ours to delete"
    );
    assert_eq!(bench.server.requests().last().unwrap().form["token"], "r1");
}

/// security.md 41.
#[tokio::test]
async fn a_sign_out_during_a_refresh_leaves_nothing_alive() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let bench = Bench::with(move |request| match request.path.as_str() {
        TOKEN => Reply::After(open.clone(), Box::new(rotate(request))),
        _ => rotate(request),
    })
    .await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    let session = bench.session.clone();
    let leaving = tokio::spawn(async move { session.end().await });
    while !bench.session.core.held().closing {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    assert_eq!(
        patiently(leaving).await.unwrap(),
        EndReport {
            revoked: Ok(()),
            deleted: Ok(())
        }
    );
    assert_eq!(
        patiently(asker).await.unwrap().unwrap_err(),
        SessionError::Ended(EndReason::SignedOut)
    );
    assert_eq!(bench.stored().await, None);
    assert!(
        !bench
            .shelf
            .events
            .lock()
            .unwrap()
            .contains(&"stored r2".to_owned()),
        "not even for a moment"
    );
    let revoked: Vec<_> = bench
        .server
        .requests()
        .into_iter()
        .filter(|r| r.path == REVOKE)
        .collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(
        revoked[0].form["token"], "r2",
        "the newest token is the one that is alive"
    );
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::SignedOut)
    );
    assert_eq!(
        bench.session.switch("B").await.unwrap_err(),
        SessionError::Ended(EndReason::SignedOut)
    );
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 42.
#[tokio::test]
async fn an_offline_sign_out_deletes_here_and_says_that_the_server_was_not_told() {
    let bench = Bench::with(|request| {
        if request.path == REVOKE {
            Reply::Lose
        } else {
            refused("x")
        }
    })
    .await;
    let report = bench.session.end().await;
    assert!(
        matches!(report.revoked, Err(TokenError::LostReply { .. })),
        "{:?}",
        report.revoked
    );
    assert_eq!(report.deleted, Ok(()));
    assert_eq!(bench.stored().await, None);
    assert_eq!(bench.state(), SessionState::Ended(EndReason::SignedOut));
}

/// security.md 41: what could not be deleted is reported, and can be tried again.
#[tokio::test]
async fn a_sign_out_with_a_locked_store_revokes_and_can_be_finished_later() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.lock(true);
    let report = bench.session.end().await;
    assert_eq!(
        report,
        EndReport {
            revoked: Ok(()),
            deleted: Err(Shelf::refusal())
        }
    );
    bench.shelf.lock(false);
    assert_eq!(
        bench.session.end().await,
        EndReport {
            revoked: Ok(()),
            deleted: Ok(())
        }
    );
    assert_eq!(bench.stored().await, None);
    assert_eq!(bench.server.count(REVOKE), 1);
}
