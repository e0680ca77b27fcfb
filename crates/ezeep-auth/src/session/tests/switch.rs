//! From one organization to another, and back where it does not work.

use super::*;

/// security.md 44.
#[tokio::test]
async fn a_switch_rotates_and_lands_in_the_organization_asked_for() {
    let bench = Bench::with(rotating()).await;
    let a = bench.session.access().await.unwrap();
    bench.session.switch("B").await.unwrap();
    let b = bench.session.access().await.unwrap();
    assert_eq!(
        (b.generation, b.organization.as_deref()),
        (a.generation + 1, Some("B"))
    );
    assert_eq!(bench.session.organization().as_deref(), Some("B"));
    let request = &bench.server.requests()[1];
    assert_eq!(request.form["grant_type"], "switch_organization");
    assert_eq!(
        (&*request.form["refresh_token"], &*request.form["organization_id"]),
        ("r2", "B")
    );
    // A late refusal of A's token gives B's, which says whose it is (security.md 43).
    assert_eq!(
        bench
            .session
            .renew(a.generation)
            .await
            .unwrap()
            .organization
            .as_deref(),
        Some("B")
    );
    assert_eq!(bench.server.count(TOKEN), 2);
    let restored = Session::restore(oauth(&bench.server.url), bench.shelf.clone(), name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(restored.organization().as_deref(), Some("B"));
}

/// security.md 31, 44: what waited for the lock looks again before it spends.
#[tokio::test]
async fn a_refresh_that_waited_for_a_switch_uses_what_the_switch_brought() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let bench = Bench::with(move |request| {
        let reply = rotate(request);
        let switch = request.form.contains_key("organization_id");
        if switch {
            Reply::After(open.clone(), Box::new(reply))
        } else {
            reply
        }
    })
    .await;
    bench.session.access().await.unwrap();
    bench.clock.ahead(Duration::from_secs(7200));
    let session = bench.session.clone();
    let switching = tokio::spawn(async move { session.switch("B").await });
    bench.server.wait_for(2).await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    while bench.session.core.held().flight.is_none() {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    patiently(switching).await.unwrap().unwrap();
    assert_eq!(
        patiently(asker).await.unwrap().unwrap().organization.as_deref(),
        Some("B")
    );
    assert_eq!(bench.server.count(TOKEN), 2);
}

/// security.md 44.
#[tokio::test]
async fn a_switch_that_fails_leaves_the_old_organization_working() {
    for fault in [
        refused("access_denied"),
        refused("invalid_grant"),
        Reply::Json(500, "{}".into()),
    ] {
        let mut rotate = rotating();
        let bench = Bench::with(move |request| {
            if request.form.contains_key("organization_id") {
                fault.clone()
            } else {
                rotate(request)
            }
        })
        .await;
        let before = bench.session.access().await.unwrap();
        assert!(matches!(
            bench.session.switch("B").await.unwrap_err(),
            SessionError::Token(_)
        ));
        let after = bench.session.access().await.unwrap();
        assert_eq!(after.generation, before.generation);
        assert_eq!(bench.session.organization().as_deref(), Some("A"));
        assert_eq!(
            bench
                .session
                .renew(after.generation)
                .await
                .unwrap()
                .organization
                .as_deref(),
            Some("A")
        );
        assert_eq!(bench.state(), SessionState::Live);
    }
}

/// security.md 44: the server ignores the switch, or lands elsewhere.
#[tokio::test]
async fn a_switch_that_lands_elsewhere_is_an_error_and_goes_back_home() {
    let number = AtomicU32::new(1);
    let bench = Bench::with(move |request| {
        let next = number.fetch_add(1, Ordering::SeqCst) + 1;
        let lands_in = match request.form.get("organization_id").map(String::as_str) {
            Some("ignored") | Some("A") | None => "A",
            Some(_) => "C",
        };
        tokens(&jwt(next, "person", lands_in), &format!("r{next}"))
    })
    .await;
    let wrong = |asked: &str, got: &str| SessionError::WrongOrganization {
        asked: asked.into(),
        got: Some(got.into()),
    };
    bench.session.access().await.unwrap();
    assert_eq!(
        bench.session.switch("ignored").await.unwrap_err(),
        wrong("ignored", "A")
    );
    assert_eq!(
        bench.session.access().await.unwrap().organization.as_deref(),
        Some("A")
    );
    assert_eq!(bench.session.switch("B").await.unwrap_err(), wrong("B", "C"));
    assert_eq!(
        bench.session.access().await.unwrap().claims.org.as_deref(),
        Some("A")
    );
    assert_eq!(bench.session.organization().as_deref(), Some("A"));
    assert_eq!(
        bench.stored().await.as_deref(),
        Some("r5"),
        "every token given is stored: r2, r3, then r4 and back"
    );
}

/// security.md 44: an opaque token can't prove where it landed.
#[tokio::test]
async fn a_switch_that_can_not_be_checked_is_refused() {
    let bench = Bench::with(|_| tokens("opaque", "r2")).await;
    let error = bench.session.switch("B").await.unwrap_err();
    assert_eq!(
        error,
        SessionError::WrongOrganization {
            asked: "B".into(),
            got: None
        }
    );
    assert_eq!(bench.session.organization().as_deref(), Some("A"));
}

/// Contract, "By default access_token log in to the Private organization": a refresh may fall back to it.
#[tokio::test]
async fn a_refresh_that_forgets_the_organization_is_told_it_again() {
    let mut number = 1;
    let bench = Bench::with(move |request| {
        number += 1;
        let organization = request
            .form
            .get("organization_id")
            .map_or("Private", String::as_str);
        tokens(&jwt(number, "person", organization), &format!("r{number}"))
    })
    .await;
    let access = bench.session.access().await.unwrap();
    assert_eq!(access.organization.as_deref(), Some("A"));
    assert_eq!(bench.server.requests()[1].form["organization_id"], "A");
    assert_eq!(bench.stored().await.as_deref(), Some("r3"));
}
