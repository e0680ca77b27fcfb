//! What a session must do at any account server that rotates refresh tokens and detects their reuse (RFC 9700
//! section 4.14.2), with both ways in which a public client may name itself.

use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::{
    AccessToken, ClientAuthentication, ClientId, EndReason, MemoryStore, OAuth, Record, RecordName,
    SecretStore, Session, SessionError, SessionState,
};
use resilience::proxy::{Act, Matching, Point, Proxy};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::servers::{Server, Which};

/// Makes one test for each server and each way to name the client.
macro_rules! at_every_server {
    ($($(#[$doc:meta])* $name:ident($grace:expr) = $body:path;)*) => {
        mod cloud { $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::both(super::Which::Cloud, $grace, $body).await; })* }
        mod toolkit { $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::both(super::Which::Toolkit, $grace, $body).await; })* }
    };
}

at_every_server! {
    a_sign_in_brings_a_token_that_works(0) = super::sign_in;
    /// security.md 38.
    each_refresh_brings_a_new_pair_and_the_one_before_is_dead(0) = super::refresh;
    /// security.md 31.
    twenty_callers_with_a_refused_token_make_one_rotation_and_the_grant_lives(0) = super::single_flight;
    /// security.md 37.
    a_spent_refresh_token_ends_the_whole_grant_and_is_one_clean_question(0) = super::reuse;
    /// security.md 36.
    a_lost_reply_ends_in_one_clean_question_where_no_grace_is_granted(0) = super::lost_without_grace;
    /// security.md 36.
    a_lost_reply_is_made_good_where_a_grace_is_granted(30) = super::lost_with_grace;
    /// security.md 41.
    a_sign_out_leaves_no_token_of_the_grant_alive(0) = super::sign_out;
    /// security.md 41.
    a_sign_out_after_rotations_leaves_no_token_of_the_grant_alive(0) = super::sign_out_after_rotations;
    /// security.md 17.
    a_code_is_taken_once_and_with_its_own_verifier(0) = super::code_once;
}

/// A server, and how the client names itself there.
struct At<'a> {
    server: &'a Server,
    authentication: ClientAuthentication,
}

async fn both(which: Which, grace: u64, body: impl AsyncFn(&At<'_>)) {
    let server = Server::start(which, Duration::from_secs(grace)).await;
    for authentication in [ClientAuthentication::BasicEmptySecret, ClientAuthentication::Body] {
        let at = At {
            server: &server,
            authentication,
        };
        body(&at).await;
    }
}

struct Kept {
    session: Session,
    store: Arc<MemoryStore>,
    name: RecordName,
}

impl At<'_> {
    fn oauth(&self) -> OAuth {
        self.server.oauth(self.authentication)
    }

    async fn signed_in(&self) -> Kept {
        self.signed_in_then(self.oauth()).await
    }

    /// Signed in straight, and refreshed by way of `later`.
    async fn signed_in_then(&self, later: OAuth) -> Kept {
        let tokens = self.server.sign_in(&self.oauth()).await;
        let store = Arc::new(MemoryStore::new());
        let name = record_name(&self.server.account, self.server.client_id());
        let session = Session::establish(later, store.clone(), name.clone(), tokens)
            .await
            .unwrap();
        Kept { session, store, name }
    }
}

fn record_name(account: &Url, client: &str) -> RecordName {
    let client = ClientId::try_from(client).unwrap();
    RecordName::new(account, &client, "somebody", std::path::Path::new("/nowhere"))
}

impl Kept {
    async fn record(&self) -> Option<Record> {
        self.store.read(&self.name).await.unwrap()
    }

    async fn token(&self) -> String {
        let record = self.record().await.unwrap();
        record.refresh_token.expose_secret().to_owned()
    }

    /// A session of the same record in a store of its own, as a thief or a restored backup would have it.
    async fn copied(&self, oauth: OAuth) -> Session {
        let store = Arc::new(MemoryStore::new());
        store
            .write(&self.name, &self.record().await.unwrap())
            .await
            .unwrap();
        let session = Session::restore(oauth, store, self.name.clone()).await.unwrap();
        session.unwrap()
    }

    async fn renewed(&self) -> AccessToken {
        let before = self.session.access().await.unwrap();
        self.session.renew(before.generation).await.unwrap()
    }

    /// The server no longer takes anything of this grant, and the app has said so once and forgotten it.
    async fn is_over(&self, server: &Server, access: &AccessToken) {
        let ended = SessionState::Ended(EndReason::InvalidGrant);
        assert_eq!(*self.session.state().borrow(), ended);
        assert!(
            self.record().await.is_none(),
            "the record of a dead grant is still there"
        );
        assert!(
            !server.takes(access.secret()).await,
            "an access token of it still works"
        );
    }
}

fn refused(outcome: Result<AccessToken, SessionError>) {
    assert_eq!(
        outcome.map(|_| "a token"),
        Err(SessionError::Ended(EndReason::InvalidGrant))
    );
}

async fn sign_in(at: &At<'_>) {
    let kept = at.signed_in().await;
    let access = kept.session.access().await.unwrap();
    assert!(at.server.takes(access.secret()).await);
}

async fn refresh(at: &At<'_>) {
    let kept = at.signed_in().await;
    let mut seen = vec![kept.token().await];
    for _ in 0..3 {
        let access = kept.renewed().await;
        assert!(at.server.takes(access.secret()).await);
        let token = kept.token().await;
        assert!(!seen.contains(&token), "the refresh token was not rotated");
        seen.push(token);
    }
}

async fn single_flight(at: &At<'_>) {
    let kept = at.signed_in().await;
    let before = kept.session.access().await.unwrap();
    let calls = (0..20).map(|_| kept.session.renew(before.generation));
    let tokens = futures::future::try_join_all(calls).await.unwrap();
    assert!(
        tokens
            .iter()
            .all(|token| token.generation == before.generation + 1)
    );
    assert!(at.server.takes(tokens[0].secret()).await);
    kept.renewed().await;
}

async fn reuse(at: &At<'_>) {
    let kept = at.signed_in().await;
    let copied = kept.copied(at.oauth()).await;
    let access = kept.renewed().await;
    refused(copied.access().await);
    refused(kept.session.renew(access.generation).await);
    kept.is_over(at.server, &access).await;
    sign_in(at).await;
}

async fn lost_without_grace(at: &At<'_>) {
    for act in [
        Act::DropReply,
        Act::Cut(Point::InHead(30)),
        Act::Cut(Point::InBody(40)),
    ] {
        let proxy = Proxy::start(&at.server.account).await.unwrap();
        let later = at.server.oauth_by_way_of(&proxy.url(), at.authentication);
        let kept = at.signed_in_then(later).await;
        let access = kept.session.access().await.unwrap();
        proxy.add(Matching::grant("refresh_token").times(1), act);
        refused(kept.session.renew(access.generation).await);
        kept.is_over(at.server, &access).await;
    }
    sign_in(at).await;
}

async fn lost_with_grace(at: &At<'_>) {
    for act in [
        Act::DropReply,
        Act::Cut(Point::InHead(30)),
        Act::Cut(Point::InBody(40)),
    ] {
        let proxy = Proxy::start(&at.server.account).await.unwrap();
        let later = at.server.oauth_by_way_of(&proxy.url(), at.authentication);
        let kept = at.signed_in_then(later).await;
        proxy.add(Matching::grant("refresh_token").times(1), act);
        for _ in 0..2 {
            let access = kept.renewed().await;
            assert!(at.server.takes(access.secret()).await);
        }
    }
}

async fn sign_out(at: &At<'_>) {
    let kept = at.signed_in().await;
    let copied = kept.copied(at.oauth()).await;
    let access = kept.session.access().await.unwrap();
    let report = kept.session.end().await;
    assert_eq!((report.revoked, report.deleted), (Ok(()), Ok(())));
    assert!(kept.record().await.is_none());
    assert!(
        !at.server.takes(access.secret()).await,
        "the access token still works"
    );
    refused(copied.access().await);
}

async fn sign_out_after_rotations(at: &At<'_>) {
    let kept = at.signed_in().await;
    let first = kept.session.access().await.unwrap();
    let second = kept.renewed().await;
    let third = kept.renewed().await;
    let copied = kept.copied(at.oauth()).await;
    let report = kept.session.end().await;
    assert_eq!((report.revoked, report.deleted), (Ok(()), Ok(())));
    for access in [first, second, third] {
        assert!(
            !at.server.takes(access.secret()).await,
            "generation {}",
            access.generation
        );
    }
    refused(copied.access().await);
}

async fn code_once(at: &At<'_>) {
    crate::refusals::code_once(at.server, at.authentication).await;
}
