//! Failures between the app and the token endpoint, none of which loses anything.

use super::*;

/// security.md 36, with a server that has a grace period.
#[tokio::test]
async fn a_lost_reply_is_asked_for_once_more_with_the_same_token() {
    for lost in [
        Reply::Lose,
        Reply::Cut(r#"{"access_token":"a","token_type":"Bearer"}"#.repeat(3)),
    ] {
        let mut lost = Some(lost);
        let bench = Bench::with(move |_| {
            lost.take()
                .unwrap_or_else(|| tokens(&jwt(2, "person", "A"), "r2"))
        })
        .await;
        assert_eq!(bench.session.access().await.unwrap().generation, 2);
        let spent: Vec<_> = bench
            .server
            .requests()
            .iter()
            .map(|r| r.form["refresh_token"].clone())
            .collect();
        assert_eq!(spent, ["r1", "r1"]);
        assert_eq!(bench.stored().await.as_deref(), Some("r2"));
    }
}

/// security.md 36, with a server that has none: one clear request to sign in.
#[tokio::test]
async fn a_lost_reply_without_a_grace_ends_the_session_cleanly() {
    let mut lost = Some(Reply::Lose);
    let bench = Bench::with(move |_| lost.take().unwrap_or_else(|| refused("invalid_grant"))).await;
    let error = bench.session.access().await.unwrap_err();
    assert_eq!(error, SessionError::Ended(EndReason::InvalidGrant));
    assert_eq!(bench.stored().await, None);
    assert_eq!(bench.state(), SessionState::Ended(EndReason::InvalidGrant));
}

/// security.md 36: two lost replies do not count as a refusal.
#[tokio::test]
async fn a_reply_lost_twice_keeps_the_session() {
    let bench = Bench::with(|_| Reply::Lose).await;
    let error = bench.session.access().await.unwrap_err();
    assert!(
        matches!(
            error,
            SessionError::Token(TokenError::LostReply { timed_out: false, .. })
        ),
        "{error:?}"
    );
    assert_eq!(bench.server.count(TOKEN), 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
    assert_eq!(bench.state(), SessionState::Live);
}

/// security.md 37: nothing except `invalid_grant` says anything about the grant.
#[tokio::test]
async fn no_other_failure_drops_the_credentials() {
    let html = |status| {
        Reply::Text(
            status,
            vec![("Content-Type", "text/html".into())],
            "<h1>no</h1>".into(),
        )
    };
    let faults = [
        html(200),
        html(400),
        html(407),
        html(500),
        html(503),
        refused("invalid_client"),
        refused("invalid_scope"),
        refused("temporarily_unavailable"),
        Reply::Json(500, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Json(503, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Json(429, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Json(407, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Text(302, vec![("Location", "/login".into())], String::new()),
        Reply::Json(200, "{}".into()),
        Reply::Json(200, "not json".into()),
    ];
    for fault in faults {
        let mut fault = Some(fault);
        let mut rotate = rotating();
        let bench = Bench::with(move |request| fault.take().unwrap_or_else(|| rotate(request))).await;
        let error = bench.session.access().await.unwrap_err();
        assert!(matches!(error, SessionError::Token(_)), "{error:?}");
        assert_eq!(bench.stored().await.as_deref(), Some("r1"), "{error:?}");
        assert_eq!(bench.state(), SessionState::Live, "{error:?}");
        if !matches!(error, SessionError::Token(TokenError::RateLimited { .. })) {
            assert_eq!(bench.session.access().await.unwrap().generation, 2);
        }
    }
}

/// security.md 37: no connection.
#[tokio::test]
async fn a_server_that_is_off_keeps_the_session() {
    let bench = Bench::with(rotating()).await;
    let nowhere = Server::start(rotating()).await;
    let url = nowhere.url.clone();
    drop(nowhere);
    let session = Session::restore(oauth(&url), bench.shelf.clone(), name())
        .await
        .unwrap()
        .unwrap();
    // The dropped server's task may need a moment to close its socket; until then a reply is lost instead.
    let error = session.access().await.unwrap_err();
    assert!(
        matches!(
            error,
            SessionError::Token(TokenError::Connect { .. } | TokenError::LostReply { .. })
        ),
        "{error:?}"
    );
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
}

/// security.md 37: `invalid_grant`, and the store unchanged.
#[tokio::test]
async fn invalid_grant_with_the_store_unchanged_ends_the_session_and_tells_everyone() {
    let bench = Bench::with(|_| refused("invalid_grant")).await;
    let mut state = bench.session.state();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::InvalidGrant)
    );
    patiently(state.changed()).await.unwrap();
    assert_eq!(*state.borrow(), SessionState::Ended(EndReason::InvalidGrant));
    assert_eq!(bench.stored().await, None);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::InvalidGrant)
    );
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 32, 37: another process has rotated meanwhile, its token counts.
#[tokio::test]
async fn invalid_grant_with_a_changed_store_goes_on_with_what_the_store_holds() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let bench = Bench::with(move |request| match request.form["refresh_token"].as_str() {
        "r1" => Reply::After(open.clone(), Box::new(refused("invalid_grant"))),
        "from another process" => tokens(&jwt(9, "person", "A"), "r9"),
        other => panic!("{other} is nobody's"),
    })
    .await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    let theirs = Record {
        generation: 5,
        ..record("from another process")
    };
    bench.shelf.inner.write(&name(), &theirs).await.unwrap();
    gate.notify_one();
    assert_eq!(patiently(asker).await.unwrap().unwrap().generation, 6);
    assert_eq!(bench.stored().await.as_deref(), Some("r9"));
}

/// security.md 32: the record is read again before it is spent.
#[tokio::test]
async fn a_token_that_another_process_rotated_is_never_spent_again() {
    let bench = Bench::with(|_| tokens(&jwt(9, "person", "A"), "r9")).await;
    bench
        .shelf
        .inner
        .write(
            &name(),
            &Record {
                generation: 5,
                ..record("r5")
            },
        )
        .await
        .unwrap();
    assert_eq!(bench.session.access().await.unwrap().generation, 6);
    assert_eq!(bench.server.requests()[0].form["refresh_token"], "r5");
}

/// security.md 38.
#[tokio::test]
async fn a_reply_without_a_refresh_token_keeps_the_old_one() {
    let bench = Bench::with(|_| {
        Reply::Json(
            200,
            format!(
                r#"{{"access_token":"{}","token_type":"bearer","expires_in":"3600"}}"#,
                jwt(2, "p", "A")
            ),
        )
    })
    .await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
    assert_eq!(bench.session.renew(2).await.unwrap().generation, 3);
}

/// security.md 37, 48: a server's wait is respected.
#[tokio::test]
async fn after_a_429_nothing_is_asked_until_the_time_is_over() {
    let bench = Bench::with(|_| {
        Reply::Text(
            429,
            vec![
                ("Retry-After", "120".into()),
                ("Content-Type", "text/html".into()),
            ],
            String::new(),
        )
    })
    .await;
    let limited = |error: SessionError| match error {
        SessionError::Token(TokenError::RateLimited { retry_after }) => retry_after.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        limited(bench.session.access().await.unwrap_err()),
        Duration::from_secs(120)
    );
    let left = limited(bench.session.access().await.unwrap_err());
    assert!(
        left > Duration::from_secs(60) && left <= Duration::from_secs(120),
        "{left:?}"
    );
    assert_eq!(bench.server.count(TOKEN), 1);
    assert_eq!(bench.state(), SessionState::Live);
}
