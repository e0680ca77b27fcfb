//! The beginning of a session: from a sign-in or from the store.

use super::*;

/// security.md 34, 5.
#[tokio::test]
async fn a_sign_in_is_stored_before_it_is_used_and_a_failing_store_leaves_the_old_one() {
    let server = Server::start(rotating()).await;
    let shelf = Arc::new(Shelf::default());
    shelf.inner.write(&name(), &record("old")).await.unwrap();
    shelf.plan(&[WriteFault::Refuse]);
    let error = Session::establish(oauth(&server.url), shelf.clone(), name(), first_tokens())
        .await
        .err()
        .unwrap();
    assert_eq!(error, SessionError::Store(Shelf::refusal()));
    let left = shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(left.refresh_token.expose_secret(), "old");
    let revoked = server.requests();
    assert_eq!(
        (revoked.len(), revoked[0].path.as_str()),
        (1, REVOKE),
        "a grant that nobody holds is not left alive"
    );
    assert_eq!(revoked[0].form["token"], "r1");

    let session = Session::establish(oauth(&server.url), shelf.clone(), name(), first_tokens())
        .await
        .unwrap();
    let stored = shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "r1");
    assert_ne!(stored.grant, left.grant);
    let access = session.access().await.unwrap();
    assert_eq!(access.secret().expose_secret(), &jwt(0, "person", "A"));
    assert_eq!(
        (session.organization(), session.person().as_deref()),
        (Some(org("A")), Some("person"))
    );
    assert_eq!(server.count(TOKEN), 0);
}

/// security.md 47: for a call that was refused with a token of the previous sign-in, this sign-in's token is
/// newer, whichever store each is in.
#[tokio::test]
async fn the_tokens_of_a_sign_in_are_newer_than_those_of_the_sign_ins_before() {
    let server = Server::start(rotating()).await;
    let sign_in = || {
        let store = Arc::new(Shelf::default());
        Session::establish(oauth(&server.url), store, name(), first_tokens())
    };
    let before = sign_in().await.unwrap();
    let mut refused = before.access().await.unwrap().generation;
    for _ in 0..3 {
        refused = before.renew(refused).await.unwrap().generation;
    }
    let next = sign_in().await.unwrap();
    let spent = server.count(TOKEN);
    assert!(next.renew(refused).await.unwrap().generation > refused);
    assert_eq!(server.count(TOKEN), spent, "no refresh is needed for it");
}

/// security.md 27.
#[tokio::test]
async fn a_sign_in_too_large_for_a_keychain_is_an_error_with_its_size() {
    let server = Server::start(rotating()).await;
    let large = TokenSet {
        refresh: Some(SecretString::from("x".repeat(2600))),
        ..first_tokens()
    };
    let error = Session::establish(oauth(&server.url), Arc::new(MemoryStore::new()), name(), large)
        .await
        .err();
    assert!(
        matches!(
            error,
            Some(SessionError::Store(StoreError::TooLarge {
                bytes: 2601..,
                most: 2560
            }))
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_sign_in_without_a_refresh_token_is_no_session() {
    let server = Server::start(rotating()).await;
    let tokens = TokenSet {
        refresh: None,
        ..first_tokens()
    };
    let error = Session::establish(oauth(&server.url), Arc::new(MemoryStore::new()), name(), tokens)
        .await
        .err();
    assert_eq!(error, Some(SessionError::NoRefreshToken));
}

#[tokio::test]
async fn restoring_asks_nobody_but_the_store() {
    let server = Server::start(rotating()).await;
    let store = Arc::new(MemoryStore::new());
    assert!(
        Session::restore(oauth(&server.url), store.clone(), name())
            .await
            .unwrap()
            .is_none()
    );
    store.write(&name(), &record("r1")).await.unwrap();
    let session = Session::restore(oauth(&server.url), store, name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.organization(), Some(org("A")));
    assert!(server.requests().is_empty());
}

/// security.md 58.
#[tokio::test]
async fn what_is_printed_of_a_token_is_not_the_token() {
    let bench = Bench::with(rotating()).await;
    let access = bench.session.access().await.unwrap();
    assert!(!format!("{access:?}").contains(access.secret().expose_secret()));
}
