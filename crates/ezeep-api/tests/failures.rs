//! What the client makes of refusals, failures and invalid replies, and what it repeats.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use common::{CANARY, Tokens, USER, client, client_with, quick};
use ezeep_api::{Client, Error, Fault, Limits, NewGroup, StatusError};
use futures::TryStreamExt;
use ids::{GroupId, UserId};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const ME: &str = r#"{"id":"u-1","email":"a@example.com"}"#;

fn ok() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(ME, "application/json")
}

fn new_group() -> NewGroup {
    NewGroup {
        name: "Staff".into(),
        organization_id: "o-1".parse().unwrap(),
        description: None,
        local_printing_enabled: None,
        myprinters_enabled: None,
    }
}

fn u1() -> UserId {
    "u-1".parse().unwrap()
}

/// Answers each request with the next of its replies, then always with the last.
struct InTurn(AtomicUsize, Vec<ResponseTemplate>);

impl Respond for InTurn {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        self.1[n.min(self.1.len() - 1)].clone()
    }
}

async fn in_turn(replies: Vec<ResponseTemplate>) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(InTurn(AtomicUsize::new(0), replies))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    (server, client)
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

async fn refusal(status: u16, body: &str, content_type: &str) -> Box<StatusError> {
    let reply = ResponseTemplate::new(status)
        .set_body_raw(body, content_type)
        .insert_header("x-request-id", "req-7");
    let (_server, client) = in_turn(vec![reply]).await;
    match client.create_group(&new_group()).await.unwrap_err() {
        Error::Status(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_error_body_becomes_one_typed_error() {
    let detail = refusal(
        403,
        r#"{"detail":"You do not have permission."}"#,
        "application/json",
    )
    .await;
    assert_eq!(
        (detail.status, detail.detail.as_deref()),
        (403, Some("You do not have permission."))
    );
    assert!(detail.to_string().contains("403"));

    let fields = refusal(
        400,
        r#"{"name":["Too long.","Taken."],"origin":{"provider":["No."]},"groups":[{},{"group_id":"Bad."}]}"#,
        "application/json",
    )
    .await;
    assert_eq!(fields.fields["name"], ["Too long.", "Taken."]);
    assert_eq!(fields.fields["origin.provider"], ["No."]);
    assert_eq!(fields.fields["groups[1].group_id"], ["Bad."]);
    assert_eq!(fields.detail, None);

    let error = refusal(
        400,
        r#"{"error":"invalid_request","error_description":"No such thing."}"#,
        "application/json",
    )
    .await;
    assert_eq!(
        (error.code.as_deref(), error.detail.as_deref()),
        (Some("invalid_request"), Some("No such thing."))
    );

    let nested = refusal(
        409,
        r#"{"error":{"code":"conflict","message":"Twice."}}"#,
        "application/json",
    )
    .await;
    assert_eq!(
        (nested.code.as_deref(), nested.detail.as_deref()),
        (Some("conflict"), Some("Twice."))
    );

    let html = refusal(
        404,
        "<html><script>alert(1)</script>\r\nNot found</html>",
        "text/html",
    )
    .await;
    assert_eq!(html.body, "<html><script>alert(1)</script>  Not found</html>");
    assert_eq!((html.detail, html.code, html.fields.len()), (None, None, 0));

    let empty = refusal(400, "", "text/plain").await;
    assert_eq!(empty.body, "");

    let list = refusal(400, r#"["Name is taken."]"#, "application/json").await;
    assert_eq!(list.detail.as_deref(), Some("Name is taken."));
    assert_eq!(list.request_id.as_deref(), Some("req-7"));
}

#[tokio::test]
async fn a_hostile_error_body_is_cut_and_cleaned() {
    let body = format!("{{\"detail\":\"\\u202e{}\\u0007\"}}", "x".repeat(200_000));
    let error = refusal(400, &body, "application/json").await;
    assert!(error.body.chars().count() <= 2_000);
    let name = "ä\u{202e}\u{0}\u{1b}[31m".repeat(3_000);
    let error = refusal(400, &name, "text/plain").await;
    assert!(error.body.chars().count() <= 2_000 && error.body.starts_with('ä'));
    assert!(!error.body.chars().any(|c| c.is_control() || c == '\u{202e}'));
}

#[tokio::test]
async fn a_server_that_repeats_the_request_does_not_put_the_token_into_the_error() {
    let body = format!(r#"{{"detail":"bad Bearer {CANARY}-0","META":"Bearer {CANARY}-0"}}"#);
    let error = refusal(400, &body, "application/json").await;
    assert!(!format!("{error:?} {error}").contains(CANARY));
    assert!(error.body.contains("[token]"));
}

/// security.md 47
#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_replayed_once() {
    let server = MockServer::start().await;
    let bearer = |generation: u64| format!("Bearer {CANARY}-{generation}");
    let refused = ResponseTemplate::new(401).set_body_string("{}");
    Mock::given(header("authorization", &*bearer(0)))
        .respond_with(refused)
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(header("authorization", &*bearer(1)))
        .respond_with(ok())
        .expect(1)
        .mount(&server)
        .await;
    let tokens = Arc::new(Tokens::default());
    client_with(&server.uri(), Arc::clone(&tokens), quick())
        .me()
        .await
        .unwrap();
    assert_eq!(tokens.renewals.load(Ordering::SeqCst), 1);
}

/// Answers like [`InTurn`]; before its second answer another task renews the token.
struct RenewedMeanwhile(InTurn, Arc<Tokens>);

impl Respond for RenewedMeanwhile {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if self.0.0.load(Ordering::SeqCst) == 1 {
            self.1.generation.fetch_add(1, Ordering::SeqCst);
        }
        self.0.respond(request)
    }
}

/// security.md 37, 47: only a refusal of the token that was renewed for this call shows that no other will
/// help.
#[tokio::test]
async fn a_token_that_somebody_else_renewed_between_two_tries_is_not_told_to_be_refused_again() {
    for (second, told) in [(401, vec![1]), (503, vec![])] {
        let server = MockServer::start().await;
        let tokens = Arc::new(Tokens::default());
        let replies = [401, second, 401].map(ResponseTemplate::new).to_vec();
        let in_turn = InTurn(AtomicUsize::new(0), replies);
        Mock::given(method("GET"))
            .respond_with(RenewedMeanwhile(in_turn, Arc::clone(&tokens)))
            .mount(&server)
            .await;
        let error = client_with(&server.uri(), Arc::clone(&tokens), quick())
            .me()
            .await
            .unwrap_err();
        assert!(error.is_status(401), "{error:?}");
        assert_eq!(*tokens.refused_again.lock().unwrap(), told);
    }
}

/// security.md 47, 49: the server refused it, so a POST is repeated too.
#[tokio::test]
async fn a_write_with_a_refused_token_is_replayed_once_and_no_more() {
    let (server, client) = in_turn(vec![ResponseTemplate::new(401)]).await;
    assert!(
        client
            .create_group(&new_group())
            .await
            .unwrap_err()
            .is_status(401)
    );
    assert_eq!(requests(&server).await, 2);
    assert!(
        client
            .replace_groups(&u1(), &[])
            .await
            .unwrap_err()
            .is_status(401)
    );
    assert_eq!(requests(&server).await, 4);
}

/// security.md 47
#[tokio::test]
async fn a_token_that_cannot_be_made_newer_is_not_sent_again() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    let tokens = Arc::new(Tokens {
        stuck: true,
        ..Tokens::default()
    });
    assert!(
        client_with(&server.uri(), tokens, quick())
            .me()
            .await
            .unwrap_err()
            .is_status(401)
    );
}

/// security.md 47: a late 401 must not discard a new token.
#[tokio::test]
async fn a_hundred_late_refusals_of_an_old_token_make_one_renewal() {
    let server = MockServer::start().await;
    let old = format!("Bearer {CANARY}-0");
    let refused = ResponseTemplate::new(401).set_delay(Duration::from_millis(20));
    Mock::given(header("authorization", &*old))
        .respond_with(refused)
        .mount(&server)
        .await;
    Mock::given(header("authorization", &*format!("Bearer {CANARY}-1")))
        .respond_with(ok())
        .mount(&server)
        .await;
    let tokens = Arc::new(Tokens::default());
    let client = client_with(&server.uri(), Arc::clone(&tokens), quick());
    let all = (0..100).map(|_| client.me());
    futures::future::try_join_all(all).await.unwrap();
    assert_eq!(tokens.renewals.load(Ordering::SeqCst), 1);
}

/// security.md 47
#[tokio::test]
async fn a_403_is_neither_renewed_nor_repeated() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(403))
        .expect(1)
        .mount(&server)
        .await;
    let tokens = Arc::new(Tokens::default());
    let error = client_with(&server.uri(), Arc::clone(&tokens), quick())
        .me()
        .await
        .unwrap_err();
    assert!(error.is_status(403) && !error.is_transient());
    assert_eq!(tokens.renewals.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_read_survives_a_server_that_fails_for_a_while() {
    for status in [429, 500, 502, 503, 504] {
        let bad = ResponseTemplate::new(status);
        let (server, client) = in_turn(vec![bad.clone(), bad.clone(), bad, ok()]).await;
        client.me().await.unwrap();
        assert_eq!(requests(&server).await, 4, "{status}");
    }
}

#[tokio::test]
async fn a_read_gives_up_after_its_retries_and_tells_the_status() {
    let (server, client) = in_turn(vec![ResponseTemplate::new(503).set_body_string("down")]).await;
    let error = client.me().await.unwrap_err();
    assert!(error.is_status(503) && error.is_transient());
    assert_eq!(error.status().unwrap().body, "down");
    assert_eq!(requests(&server).await, 4);
}

#[tokio::test]
async fn other_refusals_of_a_read_are_not_repeated() {
    for status in [400, 404, 405, 409, 410, 418, 501] {
        let (server, client) = in_turn(vec![ResponseTemplate::new(status)]).await;
        assert!(client.me().await.unwrap_err().is_status(status));
        assert_eq!(requests(&server).await, 1, "{status}");
    }
}

/// security.md 49
#[tokio::test]
async fn a_write_that_a_failing_server_may_have_done_is_not_repeated() {
    for status in [500, 502, 503, 504, 520] {
        let (server, client) = in_turn(vec![ResponseTemplate::new(status)]).await;
        let error = client.create_group(&new_group()).await.unwrap_err();
        assert!(
            error.is_outcome_unknown() && !error.is_transient() && !error.is_status(status),
            "{status}"
        );
        assert_eq!(error.status().unwrap().status, status);
        assert!(
            client
                .delete_group(&GroupId::try_from("g-1").unwrap())
                .await
                .unwrap_err()
                .is_outcome_unknown()
        );
        assert!(
            client
                .replace_groups(&u1(), &[])
                .await
                .unwrap_err()
                .is_outcome_unknown()
        );
        assert_eq!(requests(&server).await, 3, "{status}");
    }
}

/// security.md 48, 49
#[tokio::test]
async fn a_write_refused_with_429_waits_and_is_repeated() {
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "1");
    let group = r#"{"id":"g-1","name":"Staff","origin":{"provider":"ezeep"},"organization_id":"o-1","num_members":0,"num_printers":0}"#;
    let made = ResponseTemplate::new(201).set_body_raw(group, "application/json");
    let (server, client) = in_turn(vec![busy.clone(), busy, made]).await;
    client.create_group(&new_group()).await.unwrap();
    assert_eq!(requests(&server).await, 3);
}

/// security.md 48
#[tokio::test]
async fn retry_after_is_kept_in_both_forms_and_told() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_000));
    for (header, low, high) in [("3000", 3_000, 3_000), (date.as_str(), 2_900, 3_100)] {
        let busy = ResponseTemplate::new(429).insert_header("retry-after", header);
        let (server, client) = in_turn(vec![busy]).await;
        let error = client.me().await.unwrap_err();
        let told = error.retry_after().unwrap().as_secs();
        assert!((low..=high).contains(&told), "{told}");
        assert_eq!(requests(&server).await, 4, "the wait itself is capped");
    }
}

/// security.md 48
#[tokio::test]
async fn a_429_holds_back_every_request_to_that_server() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "9");
    Mock::given(path("/v1/users/me"))
        .respond_with(busy)
        .mount(&server)
        .await;
    Mock::given(path("/printing/v1/users/u-1/"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(USER, "application/json"))
        .mount(&server)
        .await;
    let limits = Limits {
        retries: 0,
        retry_after_cap: Duration::from_secs(3_600),
        ..quick()
    };
    let client = client_with(&server.uri(), Arc::default(), limits);
    client.me().await.unwrap_err();
    let id = u1();
    tokio::select! {
        biased;
        account = client.account(&id) => panic!("the account server asked for quiet: {account:?}"),
        user = client.print_user(&id) => drop(user.unwrap()),
    }
    assert_eq!(requests(&server).await, 2);
}

/// security.md 50: a list of memberships that waits becomes outdated.
#[tokio::test]
async fn a_replacing_write_is_handed_back_instead_of_waiting() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "3");
    Mock::given(method("PATCH"))
        .respond_with(busy)
        .expect(1)
        .mount(&server)
        .await;
    let limits = Limits {
        retry_after_cap: Duration::from_secs(3),
        ..quick()
    };
    let client = client_with(&server.uri(), Arc::default(), limits);
    let first = client.replace_groups(&u1(), &[]).await.unwrap_err();
    assert!(first.is_status(429) && first.is_transient());
    let second = client.replace_groups(&u1(), &[]).await.unwrap_err();
    assert!(
        matches!(second, Error::HeldBack { .. }) && second.is_transient(),
        "{second:?}"
    );
    assert!(second.retry_after().unwrap() <= Duration::from_secs(3));
}

/// security.md 48: only the caller knows what else may end a long wait.
#[tokio::test]
async fn a_client_that_waits_only_so_long_hands_a_longer_wait_back_and_sends_nothing_meanwhile() {
    for status in [429, 503] {
        let server = MockServer::start().await;
        let busy = ResponseTemplate::new(status).insert_header("retry-after", "3600");
        Mock::given(method("GET")).respond_with(busy).mount(&server).await;
        let limits = Limits {
            retry_after_cap: Duration::from_secs(3_600),
            ..quick()
        };
        let client = client_with(&server.uri(), Arc::default(), limits).waiting_at_most(Duration::ZERO);
        let first = client.print_user(&u1()).await.unwrap_err();
        assert!(first.is_status(status), "{first:?}");
        let second = client.print_user(&u1()).await.unwrap_err();
        assert!(matches!(second, Error::HeldBack { .. }), "{second:?}");
        let page = client.print_users_page(0, 100).await.unwrap_err();
        assert!(matches!(page, Error::HeldBack { .. }), "{page:?}");
        assert_eq!(requests(&server).await, 1);
    }
}

#[tokio::test]
async fn a_portals_page_with_status_200_is_no_success() {
    let portal =
        ResponseTemplate::new(200).set_body_raw("<html>Please log in</html>", "text/html; charset=utf-8");
    let (server, client) = in_turn(vec![portal]).await;
    match client.me().await.unwrap_err() {
        Error::Malformed {
            why: Fault::NotJson,
            content_type,
        } => {
            assert_eq!(content_type.as_deref(), Some("text/html; charset=utf-8"));
        }
        other => panic!("{other:?}"),
    }
    let error = client.groups(20).try_next().await.unwrap_err();
    assert_eq!(error.kind(), "malformed");
    assert_eq!(requests(&server).await, 2, "nonsense is not asked for again");
    assert!(
        client
            .create_group(&new_group())
            .await
            .unwrap_err()
            .is_outcome_unknown()
    );
}

#[tokio::test]
async fn a_reply_without_a_required_field_is_named_by_place_and_not_by_value() {
    for (body, wanted) in [
        ("", Fault::Empty),
        ("  \n", Fault::Empty),
        ("{", Fault::NotJson),
        ("{\"id\":\"u-1\",\"email\":\"a\"} x", Fault::NotJson),
        ("[]", Fault::Invalid { path: ".".into() }),
        (
            "{\"email\":\"secret@example.com\"}",
            Fault::Missing { path: ".".into() },
        ),
        (
            "{\"id\":\"secret/../x\",\"email\":\"a\"}",
            Fault::Invalid { path: "id".into() },
        ),
    ] {
        let (_server, client) = in_turn(vec![ResponseTemplate::new(200).set_body_string(body)]).await;
        let error = client.me().await.unwrap_err();
        assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
        assert!(
            matches!(&error, Error::Malformed { why, .. } if *why == wanted),
            "{body}: {error:?}"
        );
    }
}

/// security.md 51
#[tokio::test]
async fn a_body_over_the_limit_is_refused_for_objects_and_pages() {
    let big = format!(r#"{{"id":"u-1","email":"{}"}}"#, "x".repeat(5_000));
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(big, "application/json"))
        .mount(&server)
        .await;
    let limits = Limits {
        object_body: 4_000,
        page_body: 3_000,
        ..quick()
    };
    let client = client_with(&server.uri(), Arc::default(), limits);
    assert!(matches!(
        client.me().await.unwrap_err(),
        Error::TooLarge { limit: 4_000 }
    ));
    assert!(matches!(
        client.groups(20).try_next().await.unwrap_err(),
        Error::TooLarge { limit: 3_000 }
    ));
}

/// security.md 52
#[tokio::test]
async fn a_407_is_named() {
    let (server, client) = in_turn(vec![ResponseTemplate::new(407)]).await;
    assert!(matches!(client.me().await.unwrap_err(), Error::ProxyAuth));
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn a_source_without_a_token_is_told_as_it_is_and_nothing_is_sent() {
    use async_trait::async_trait;
    use ezeep_api::{BearerToken, TokenSource, TokenUnavailable};

    #[derive(Debug, thiserror::Error)]
    #[error("signed out")]
    struct SignedOut;
    struct None;
    #[async_trait]
    impl TokenSource for None {
        async fn token(&self) -> Result<BearerToken, TokenUnavailable> {
            Err(TokenUnavailable(Box::new(SignedOut)))
        }
        async fn renew(&self, _: u64) -> Result<BearerToken, TokenUnavailable> {
            Err(TokenUnavailable(Box::new(SignedOut)))
        }
    }

    let server = MockServer::start().await;
    let url = url::Url::parse(&server.uri()).unwrap();
    let endpoints = ezeep_api::Endpoints::new(url.clone(), url).unwrap();
    let client = Client::new(
        ezeep_api::http_client(&quick()).unwrap(),
        endpoints,
        Arc::new(None),
        quick(),
    );
    match client.create_group(&new_group()).await.unwrap_err() {
        Error::Token(TokenUnavailable(source)) => assert!(source.downcast_ref::<SignedOut>().is_some()),
        other => panic!("{other:?}"),
    }
    assert_eq!(requests(&server).await, 0);
}
