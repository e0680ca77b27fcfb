//! The end of a session, by the user or by another program.

use super::*;

/// security.md 41: signed out elsewhere means signed out, and the record is not brought back.
#[tokio::test]
async fn a_record_that_is_gone_ends_the_session_without_a_request() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.inner.delete(&name()).await.unwrap();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::RecordGone)
    );
    assert_eq!(bench.stored().await, None);
    assert!(bench.server.requests().is_empty());
}

/// A record of another sign-in of the same user, replacing `record("r1")`.
async fn replaced(bench: &Bench, token: &str) {
    let theirs = Record {
        grant: "another".into(),
        organization: Some("B".into()),
        ..record(token)
    };
    bench.shelf.inner.write(&name(), &theirs).await.unwrap();
}

/// The session of that other sign-in.
async fn other_session(bench: &Bench) -> Session {
    let session = Session::restore(oauth(&bench.server.url), bench.shelf.clone(), name());
    session.await.unwrap().unwrap()
}

/// A replaced record is read again: the session continues with it.
#[tokio::test]
async fn a_record_that_another_sign_in_replaced_is_gone_on_with_and_the_grant_before_is_ended() {
    let mut organization_now = "B".to_owned();
    let mut number = 1;
    let bench = Bench::with(move |request| {
        if request.path == REVOKE {
            return Reply::Text(200, vec![], String::new());
        }
        if request.form["refresh_token"] != format!("x{number}") {
            return refused("invalid_grant");
        }
        number += 1;
        if let Some(asked) = request.form.get("organization_id") {
            organization_now.clone_from(asked);
        }
        tokens(&jwt(number, "person", &organization_now), &format!("x{number}"))
    })
    .await;
    // This session's generation is ahead of the other sign-in's.
    bench.session.core.inner().record.generation = 7;
    replaced(&bench, "x1").await;
    let access = bench.session.renew(7).await.unwrap();
    assert!(access.generation > 7, "{}", access.generation);
    assert_eq!(organization(&access), Some("A"), "each stays where it is");
    assert_eq!(bench.state(), SessionState::Live);
    assert_eq!(
        bench.session.renew(7).await.unwrap().generation,
        access.generation
    );
    bench.server.wait_for(3).await;
    let revoked = bench
        .server
        .requests()
        .into_iter()
        .find(|r| r.path == REVOKE)
        .unwrap();
    assert_eq!(revoked.form["token"], "r1");
    let stored = bench.shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(
        (stored.grant.as_str(), stored.refresh_token.expose_secret()),
        ("another", "x3")
    );
}

/// security.md 36: the server revoked this grant for the other sign-in and said so before the record was
/// read.
#[tokio::test]
async fn a_grant_that_another_sign_in_ended_meanwhile_is_gone_on_with_as_that_one() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let bench = Bench::with(
        move |request| match request.form.get("refresh_token").map(String::as_str) {
            Some("r1") => Reply::After(open.clone(), Box::new(refused("invalid_grant"))),
            Some("x1") => tokens(&jwt(2, "person", "A"), "x2"),
            _ => Reply::Text(200, vec![], String::new()),
        },
    )
    .await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    replaced(&bench, "x1").await;
    gate.notify_one();
    patiently(asker).await.unwrap().unwrap();
    assert_eq!(bench.state(), SessionState::Live);
    assert_eq!(bench.stored().await.as_deref(), Some("x2"));
}

/// security.md 41: a sign-out also ends the sign-in that replaced the record; ending a replaced session ends
/// only its own grant.
#[tokio::test]
async fn a_sign_out_ends_both_grants_and_a_replaced_session_its_own_alone() {
    let bench = Bench::with(rotating()).await;
    replaced(&bench, "x1").await;
    let done = EndReport {
        revoked: Ok(()),
        deleted: Ok(()),
    };
    let by = other_session(&bench).await;
    assert_eq!(bench.session.end_replaced(&by).await, done);
    assert_eq!(bench.stored().await.as_deref(), Some("x1"));
    let tokens = |bench: &Bench| {
        let mut tokens: Vec<_> = bench
            .server
            .requests()
            .iter()
            .map(|r| r.form["token"].clone())
            .collect();
        tokens.sort();
        tokens
    };
    assert_eq!(tokens(&bench), ["r1"]);

    let bench = Bench::with(rotating()).await;
    replaced(&bench, "x1").await;
    assert_eq!(bench.session.end().await, done);
    assert_eq!(bench.stored().await, None);
    assert_eq!(tokens(&bench), ["r1", "x1"]);
}

/// security.md 5, 41: the previous session may have found the new sign-in's record and used it before it was
/// told that it is replaced: the grant that it ends is still its own.
#[tokio::test]
async fn a_replaced_session_that_has_taken_the_new_record_up_ends_its_own_grant_alone() {
    let mut number = 1;
    let bench = Bench::with(move |request| {
        if request.path == REVOKE {
            return Reply::Text(503, vec![], String::new());
        }
        if request.form["refresh_token"] != format!("x{number}") {
            return refused("invalid_grant");
        }
        number += 1;
        tokens(&jwt(number, "person", "A"), &format!("x{number}"))
    })
    .await;
    replaced(&bench, "x1").await;
    let by = other_session(&bench).await;
    bench.session.access().await.unwrap();
    assert_eq!(bench.stored().await.as_deref(), Some("x2"));
    // Repeated if the server could not be told.
    for _ in 0..2 {
        let report = bench.session.end_replaced(&by).await;
        assert!(report.revoked.is_err());
        assert_eq!(report.deleted, Ok(()));
    }
    assert_eq!(bench.stored().await.as_deref(), Some("x2"));
    bench.server.wait_for(4).await;
    for request in bench.server.requests() {
        if request.path == REVOKE {
            assert_eq!(request.form["token"], "r1");
        }
    }
}

/// security.md 5, 34: the token that a replaced session is spending belongs to the sign-in that replaced it,
/// if it is that sign-in's token.
#[tokio::test]
async fn a_rotation_under_way_in_a_replaced_session_is_kept_for_the_sign_in_whose_token_it_spent() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let bench = Bench::with(
        move |request| match request.form.get("refresh_token").map(String::as_str) {
            Some("x1") => Reply::After(open.clone(), Box::new(tokens(&jwt(2, "person", "A"), "x2"))),
            _ => Reply::Text(200, vec![], String::new()),
        },
    )
    .await;
    replaced(&bench, "x1").await;
    let by = other_session(&bench).await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    while !bench.server.requests().iter().any(|r| r.path == TOKEN) {
        tokio::task::yield_now().await;
    }
    let session = bench.session.clone();
    let leaving = tokio::spawn(async move { session.end_replaced(&by).await });
    all_have_a_turn().await;
    gate.notify_one();
    let _ = patiently(asker).await.unwrap();
    assert_eq!(patiently(leaving).await.unwrap().deleted, Ok(()));
    assert_eq!(bench.stored().await.as_deref(), Some("x2"));
    let revokes: Vec<_> = bench
        .server
        .requests()
        .into_iter()
        .filter(|r| r.path == REVOKE)
        .map(|r| r.form["token"].clone())
        .collect();
    assert!(revokes.iter().all(|token| token == "r1"), "{revokes:?}");
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
    while bench.session.core.inner().closing.is_none() {
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
        bench.session.switch(&org("B")).await.unwrap_err(),
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

/// security.md 41: a failed deletion is reported, and can be repeated.
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
