//! The calls of the account server: own account, organizations, accounts, invitations.

use super::*;

#[tokio::test]
async fn a_request_carries_the_token_and_names_the_app() {
    let agent = concat!("Pressroom/", env!("CARGO_PKG_VERSION"));
    let bearer = format!("Bearer {CANARY}-0");
    let mock = Mock::given(method("GET"))
        .and(path("/v1/users/me"))
        .and(header("authorization", bearer.as_str()))
        .and(header("accept", "application/json"))
        .and(header("user-agent", agent))
        .respond_with(json_reply(200, r#"{"id":"u-1","email":"ann@example.com"}"#));
    let (server, client) = server(mock).await;
    let me = client.me().await.unwrap();
    assert_eq!((me.id.as_str(), me.email.as_str()), ("u-1", "ann@example.com"));
    assert_eq!(
        (
            me.first_name.as_str(),
            me.roles.len(),
            me.is_verified,
            me.date_joined
        ),
        ("", 0, None, None)
    );
    let request = &server.received_requests().await.unwrap()[0];
    assert!(!request.headers.contains_key("cookie") && !request.headers.contains_key("referer"));
}

#[tokio::test]
async fn organizations_come_with_the_persons_roles() {
    let private = r#"{"id":"3d119e0a-e212-5v23-a4d5-de5820678f27","name":"Private","azure_profile":null,"owner":null,"roles":["admin"]}"#;
    let other = r#"{"id":"9d501982-c0ce-1ee2-50f2-562090efff09","name":"Organization X","azure_profile":{"tenant":"t"},"owner":"u","roles":["user","Beta"]}"#;
    let mock = Mock::given(method("GET"))
        .and(path("/v1/organizations/"))
        .and(query_param("limit", "50"))
        .and(query_param("offset", "0"))
        .respond_with(page(&[private, other]));
    let (_server, client) = server(mock).await;
    let found = only(client.organizations(50)).await.results;
    assert!(found[0].is_admin() && !found[0].is_azure);
    assert!(!found[1].is_admin() && found[1].is_azure);
    assert_eq!(found[1].roles, [Role::User, Role::Other("Beta".into())]);
}

#[tokio::test]
async fn an_account_is_read_with_its_invitations_and_one_that_cannot_be_read_is_left_out() {
    let account = r#"{"id":"u-1","email":null,"first_name":null,"last_name":"Ö","display_name":"Ann Ö",
        "date_joined":"2024-01-18T13:46:06.123456Z","azure_profile":{"x":1},"id_profile":null,"roles":"user","is_verified":true,
        "user_invitations":[{"id":"i-1","email":"a@example.com","invitation_status":"open","expire_date":"nonsense"},{"id":"/"}],
        "something_new":[1,2,3]}"#;
    let mock = Mock::given(method("GET"))
        .and(path("/v1/users/u-1/"))
        .respond_with(json_reply(200, account));
    let (_server, client) = server(mock).await;
    let account = client.account(&user_id("u-1")).await.unwrap();
    assert_eq!((account.email.as_str(), account.last_name.as_str()), ("", "Ö"));
    assert_eq!(
        account.date_joined,
        Some(datetime!(2024-01-18 13:46:06.123456 UTC))
    );
    assert_eq!(account.roles, [Role::User]);
    assert!(account.is_azure && !account.has_id_profile);
    assert_eq!(account.invitations.len(), 1);
    assert_eq!(
        (&account.invitations[0].status, account.invitations[0].expire_date),
        (&InvitationStatus::Open, None)
    );
}

#[tokio::test]
async fn accounts_are_listed() {
    let mock = Mock::given(method("GET"))
        .and(path("/v1/users/"))
        .respond_with(page(&[
            r#"{"id":"u-1","email":"a@example.com","roles":["admin"]}"#,
        ]));
    let (_server, client) = server(mock).await;
    assert_eq!(only(client.accounts(100)).await.results[0].roles, [Role::Admin]);
}

#[tokio::test]
async fn an_account_is_changed_and_deleted() {
    let server = MockServer::start().await;
    Mock::given(method("PATCH"))
        .and(path("/v1/users/u-1/"))
        .and(body_json(json!({"first_name": "Ann", "roles": ["admin"]})))
        .respond_with(json_reply(
            200,
            r#"{"id":"u-1","email":"a@example.com","first_name":"Ann"}"#,
        ))
        .mount(&server)
        .await;
    Mock::given(method("DELETE"))
        .and(path("/v1/users/u-1/"))
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let patch = AccountPatch {
        first_name: Some("Ann".into()),
        roles: Some(vec![Role::Admin]),
        ..AccountPatch::default()
    };
    assert_eq!(
        client
            .update_account(&user_id("u-1"), &patch)
            .await
            .unwrap()
            .first_name,
        "Ann"
    );
    client.delete_account(&user_id("u-1")).await.unwrap();
}

#[tokio::test]
async fn a_server_that_wants_the_role_as_a_plain_word_gets_it_once() {
    let server = MockServer::start().await;
    Mock::given(method("PATCH"))
        .and(body_json(json!({"roles": ["user"]})))
        .respond_with(json_reply(400, r#"{"roles":["Not a valid string."]}"#))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PATCH"))
        .and(body_json(json!({"roles": "user"})))
        .respond_with(json_reply(
            200,
            r#"{"id":"u-1","email":"a@example.com","roles":["user"]}"#,
        ))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let patch = AccountPatch {
        roles: Some(vec![Role::User]),
        ..AccountPatch::default()
    };
    client.update_account(&user_id("u-1"), &patch).await.unwrap();
}

#[tokio::test]
async fn a_refused_list_of_two_roles_stays_refused() {
    let mock = Mock::given(method("PATCH")).respond_with(json_reply(400, r#"{"roles":["no"]}"#));
    let (_server, client) = server(mock).await;
    let patch = AccountPatch {
        roles: Some(vec![Role::User, Role::Admin]),
        ..AccountPatch::default()
    };
    assert!(
        client
            .update_account(&user_id("u-1"), &patch)
            .await
            .unwrap_err()
            .is_status(400)
    );
}

const INVITATION: &str = r#"{"id":"i-1","email":"new@example.com","updated":"2026-11-01T08:00:00Z",
    "expire_date":"2026-12-01T08:00:00Z","delivery_status":"SENT","invitation_status":"OPEN"}"#;

#[tokio::test]
async fn somebody_is_invited_and_the_invitation_sent_again() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/users/userinvitations/"))
        .and(body_json(
            json!({"email": "new@example.com", "expire_date": "2026-12-01T08:00:00Z"}),
        ))
        .respond_with(json_reply(201, INVITATION))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PATCH"))
        .and(path("/v1/userinvitations/i-1/"))
        .respond_with(json_reply(200, r#"{"id":"i-1"}"#))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let new = NewInvitation {
        email: "new@example.com".into(),
        expire_date: datetime!(2026-12-01 08:00 UTC),
    };
    let sent = client.invite(&new).await.unwrap();
    assert_eq!(
        (sent.delivery_status.as_deref(), &sent.status),
        (Some("SENT"), &InvitationStatus::Open)
    );
    assert_eq!(client.resend_invitation(&sent.id).await.unwrap(), sent.id);
}

#[tokio::test]
async fn the_other_place_of_the_invitations_is_found_and_remembered() {
    for missing in [404, 405] {
        let server = MockServer::start().await;
        Mock::given(path("/v1/users/userinvitations/"))
            .respond_with(json_reply(missing, r#"{"detail":"Not found."}"#))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(path("/v1/userinvitations/"))
            .respond_with(page(&[INVITATION]))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(method("POST"))
            .and(path("/v1/userinvitations/"))
            .respond_with(json_reply(200, INVITATION))
            .expect(1)
            .mount(&server)
            .await;
        let client = client(&server.uri());
        let new = NewInvitation {
            email: "new@example.com".into(),
            expire_date: datetime!(2026-12-01 08:00 UTC),
        };
        client.invite(&new).await.unwrap();
        assert_eq!(only(client.clone().invitations(20)).await.results.len(), 1);
    }
}

#[tokio::test]
async fn a_proxys_answers_decide_nothing_about_the_place_of_the_invitations() {
    let server = MockServer::start().await;
    let first = || Mock::given(path("/v1/users/userinvitations/"));
    first()
        .respond_with(ResponseTemplate::new(404).set_body_string("default backend - 404"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    first().respond_with(page(&[INVITATION])).mount(&server).await;
    Mock::given(path("/v1/userinvitations/"))
        .respond_with(ResponseTemplate::new(403).set_body_string("<html>blocked"))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    assert!(client.invitations(20).try_next().await.is_err());
    assert_eq!(only(client.invitations(20)).await.results.len(), 1);
}
