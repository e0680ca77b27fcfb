//! Switches between organizations, and back if one fails.

use super::*;

/// security.md 44.
#[tokio::test]
async fn a_switch_rotates_and_lands_in_the_organization_asked_for() {
    let bench = Bench::with(rotating()).await;
    let a = bench.session.access().await.unwrap();
    bench.session.switch(&org("B")).await.unwrap();
    let b = bench.session.access().await.unwrap();
    assert_eq!((b.generation, organization(&b)), (a.generation + 1, Some("B")));
    assert_eq!(bench.session.organization(), Some(org("B")));
    let request = &bench.server.requests()[1];
    assert_eq!(request.form["grant_type"], "switch_organization");
    assert_eq!(
        (&*request.form["refresh_token"], &*request.form["organization_id"]),
        ("r2", "B")
    );
    // A late refusal of A's token returns B's, which names its organization (security.md 43).
    assert_eq!(
        organization(&bench.session.renew(a.generation).await.unwrap()),
        Some("B")
    );
    assert_eq!(bench.server.count(TOKEN), 2);
    let restored = Session::restore(oauth(&bench.server.url), bench.shelf.clone(), name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(restored.organization(), Some(org("B")));
}

/// security.md 31, 44: a call that waited for the lock checks again before it spends.
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
    let switching = tokio::spawn(async move { session.switch(&org("B")).await });
    bench.server.wait_for(2).await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    while bench.session.core.inner().in_flight.is_none() {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    patiently(switching).await.unwrap().unwrap();
    assert_eq!(organization(&patiently(asker).await.unwrap().unwrap()), Some("B"));
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
            bench.session.switch(&org("B")).await.unwrap_err(),
            SessionError::Token(_)
        ));
        let after = bench.session.access().await.unwrap();
        assert_eq!(after.generation, before.generation);
        assert_eq!(bench.session.organization(), Some(org("A")));
        assert_eq!(
            organization(&bench.session.renew(after.generation).await.unwrap()),
            Some("A")
        );
        assert_eq!(bench.state(), SessionState::Live);
    }
}

/// security.md 44: the server ignores the switch, or returns a token of another organization.
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
        asked: org(asked),
        got: org(got),
    };
    bench.session.access().await.unwrap();
    assert_eq!(
        bench.session.switch(&org("ignored")).await.unwrap_err(),
        wrong("ignored", "A")
    );
    assert_eq!(organization(&bench.session.access().await.unwrap()), Some("A"));
    assert_eq!(
        bench.session.switch(&org("B")).await.unwrap_err(),
        wrong("B", "C")
    );
    assert_eq!(bench.session.access().await.unwrap().claims.org, Some(org("A")));
    assert_eq!(bench.session.organization(), Some(org("A")));
    assert_eq!(
        bench.stored().await.as_deref(),
        Some("r5"),
        "every token given is stored: r2, r3, then r4 and back"
    );
}

/// A server with tokens that name nothing, in the organization requested last; a refresh returns to `p`,
/// Private.
fn silent() -> impl FnMut(&Request) -> Reply + Send + 'static {
    let mut number = 1;
    move |request| {
        if request.path == REVOKE {
            return Reply::Text(200, vec![], String::new());
        }
        if request.form["refresh_token"] != format!("r{number}") {
            return refused("invalid_grant");
        }
        number += 1;
        let organization = request.form.get("organization_id").map_or("p", String::as_str);
        tokens(&format!("opaque-{number}-{organization}"), &format!("r{number}"))
    }
}

/// security.md 44: a token without claims is believed to be for the requested organization, and the user is
/// not locked out.
#[tokio::test]
async fn a_token_that_names_no_organization_is_believed_to_be_of_the_one_asked_for() {
    let bench = Bench::with(silent()).await;
    assert_eq!(
        bench.session.switch(&org("B")).await,
        Ok(SpeaksFor::Assumed(org("B")))
    );
    assert_eq!(bench.session.organization(), Some(org("B")));
    let access = bench.session.access().await.unwrap();
    assert_eq!(access.secret().expose_secret(), "opaque-2-B");
    assert_eq!(access.speaks_for, SpeaksFor::Assumed(org("B")));
    let stored = bench.shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(stored.organization.as_deref(), Some("B"));
}

/// security.md 43, 44: a refreshed token is not believed without a switch: the server may have returned to
/// Private, or another process may have switched elsewhere.
#[tokio::test]
async fn a_refresh_of_a_token_that_names_no_organization_asks_for_the_one_the_session_is_in() {
    let bench = Bench::with(silent()).await;
    for number in [3, 5] {
        let access = bench.session.access().await.unwrap();
        assert_eq!(access.secret().expose_secret(), &format!("opaque-{number}-A"));
        assert_eq!(access.speaks_for, SpeaksFor::Assumed(org("A")));
        bench.clock.ahead(Duration::from_secs(7200));
    }
}

/// A sign-in with a token that names nothing is still a session.
#[tokio::test]
async fn a_first_token_that_names_nothing_is_used_as_it_is_until_an_organization_is_chosen() {
    let server = Server::start(silent()).await;
    let first = TokenSet {
        access: SecretString::from("opaque-1-p"),
        claims: Claims::default(),
        ..first_tokens()
    };
    let shelf = Arc::new(Shelf::default());
    let session = Session::establish(oauth(&server.url), shelf, name(), first)
        .await
        .unwrap();
    assert_eq!(
        (session.organization(), session.speaks_for()),
        (None, SpeaksFor::Unknown)
    );
    let given = session.access().await.unwrap();
    assert_eq!(given.speaks_for, SpeaksFor::Unknown);
    let renewed = session.renew(given.generation).await.unwrap();
    assert_eq!(renewed.secret().expose_secret(), "opaque-2-p");
    session.switch(&org("B")).await.unwrap();
    let switched = session.access().await.unwrap();
    assert_eq!(switched.secret().expose_secret(), "opaque-3-B");
}

/// security.md 43: a session that is bound to an organization returns no token of another one.
#[tokio::test]
async fn a_session_that_is_bound_to_an_organization_gets_a_token_of_it_before_it_gives_one_out() {
    let bench = Bench::with(rotating()).await;
    bench.session.access().await.unwrap();
    bench.session.bind_to(Some(org("B")));
    let access = bench.session.access().await.unwrap();
    assert_eq!((organization(&access), access.generation), (Some("B"), 4));
    assert_eq!(
        bench.server.requests().last().unwrap().form["organization_id"],
        "B"
    );
}

/// Contract, "By default `access_token` log in to the Private organization": a refresh may fall back to it.
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
    assert_eq!(organization(&access), Some("A"));
    assert_eq!(bench.server.requests()[1].form["organization_id"], "A");
    assert_eq!(bench.stored().await.as_deref(), Some("r3"));
}
