//! Every call of the contract: what it sends, and what it makes of the documents' example replies.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::sync::Arc;

use common::{CANARY, Tokens, USER, client, client_with, quick};
use ezeep_api::{
    AccountPatch, Client, GroupId, GroupPatch, InvitationStatus, NewAssignment, NewGroup, NewInvitation,
    Origin, PrintUserPatch, Role, UserId,
};
use futures::TryStreamExt;
use serde_json::json;
use time::macros::datetime;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const GROUP: &str = r#"{
    "id": "d16eeaa2-97ba-464a-b12a-f0ed66cc6078", "name": "Test", "description": "",
    "local_printing_enabled": false, "myprinters_enabled": false, "origin": { "provider": "Ezeep" },
    "organization_id": "54e3a324-cc89-4722-8338-c285d26bef15", "num_members": 0, "num_printers": 0
}"#;

fn json_reply(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

fn page(items: &[&str]) -> ResponseTemplate {
    let body = format!(
        r#"{{"count":{},"next":null,"previous":null,"results":[{}]}}"#,
        items.len(),
        items.join(",")
    );
    json_reply(200, &body)
}

async fn server(mock: Mock) -> (MockServer, Client) {
    let server = MockServer::start().await;
    mock.expect(1).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

fn user_id(text: &str) -> UserId {
    UserId::try_from(text).unwrap()
}

fn group_id(text: &str) -> GroupId {
    GroupId::try_from(text).unwrap()
}

async fn only<T>(pages: ezeep_api::Pages<T>) -> ezeep_api::Page<T> {
    let mut pages: Vec<_> = pages.try_collect().await.unwrap();
    assert_eq!(pages.len(), 1);
    pages.pop().unwrap()
}

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
    let found = only(client.organizations(50)).await.items;
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
    assert_eq!(only(client.accounts(100)).await.items[0].roles, [Role::Admin]);
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
        assert_eq!(only(client.clone().invitations(20)).await.items.len(), 1);
    }
}

#[tokio::test]
async fn groups_are_listed_with_their_origin_and_counts_in_either_form() {
    let azure = r#"{"id":"658a1b3b-173c-4f55-8150-42e16bd27f96","name":"WVD Printers","description":null,"local_printing_enabled":true,
        "myprinters_enabled":false,"origin":{"provider":"AZURE","foreign_id":"9cb21a02"},"organization_id":"o-1","num_members":"8","num_printers":5}"#;
    let other = r#"{"id":"g-2","name":"LDAP","origin":{"provider":"LDAP"},"organization_id":"o-1","num_members":1,"num_printers":"0"}"#;
    let mock = Mock::given(method("GET"))
        .and(path("/printing/v1/groups/"))
        .respond_with(page(&[GROUP, azure, other]));
    let (_server, client) = server(mock).await;
    let found = only(client.groups(20)).await;
    assert!(found.malformed.is_empty(), "{:?}", found.malformed);
    assert_eq!(found.items[0].origin, Origin::Ezeep);
    assert_eq!(
        found.items[1].origin,
        Origin::Azure {
            foreign_id: Some("9cb21a02".into())
        }
    );
    assert_eq!(
        (found.items[1].num_members, found.items[1].description.as_str()),
        (8, "")
    );
    assert_eq!(found.items[2].origin, Origin::Other("LDAP".into()));
}

#[tokio::test]
async fn a_group_is_made_read_changed_and_deleted() {
    let server = MockServer::start().await;
    let id = group_id("d16eeaa2-97ba-464a-b12a-f0ed66cc6078");
    let own = format!("/printing/v1/groups/{id}/");
    Mock::given(method("POST"))
        .and(path("/printing/v1/groups/"))
        .and(header("content-type", "application/json"))
        .and(body_json(
            json!({"name": "Test", "organization_id": "o-1", "local_printing_enabled": true}),
        ))
        .respond_with(json_reply(201, GROUP))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(&*own))
        .respond_with(json_reply(200, GROUP))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PATCH"))
        .and(path(&*own))
        .and(body_json(json!({"description": "new"})))
        .respond_with(json_reply(200, GROUP))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("DELETE"))
        .and(path(&*own))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let new = NewGroup {
        name: "Test".into(),
        organization_id: "o-1".parse().unwrap(),
        description: None,
        local_printing_enabled: Some(true),
        myprinters_enabled: None,
    };
    assert_eq!(client.create_group(&new).await.unwrap().id, id);
    assert_eq!(client.group(&id).await.unwrap().name, "Test");
    let patch = GroupPatch {
        description: Some("new".into()),
        ..GroupPatch::default()
    };
    client.update_group(&id, &patch).await.unwrap();
    client.delete_group(&id).await.unwrap();
}

#[tokio::test]
async fn an_answer_about_another_object_is_not_taken() {
    let server = MockServer::start().await;
    Mock::given(path("/printing/v1/users/u-2/"))
        .respond_with(json_reply(200, USER))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let read = client.print_user(&user_id("u-2")).await.unwrap_err();
    assert_eq!(read.kind(), "malformed");
    let write = client.replace_groups(&user_id("u-2"), &[]).await.unwrap_err();
    assert!(write.is_outcome_unknown());
}

#[tokio::test]
async fn print_users_are_listed_and_read() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/printing/v1/users/"))
        .respond_with(page(&[USER]))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/printing/v1/users/u-1/"))
        .respond_with(json_reply(200, USER))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let listed = only(client.print_users(20)).await.items;
    assert_eq!(listed[0].groups, [group_id("g-1")]);
    assert_eq!(client.print_user(&user_id("u-1")).await.unwrap(), listed[0]);
}

#[tokio::test]
async fn the_people_of_a_group_are_asked_for_with_a_body_and_strangers_are_counted() {
    let stranger = r#"{"id":"u-2","groups":[{"group_id":"g-2"}]}"#;
    let mock = Mock::given(method("GET"))
        .and(path("/printing/v1/users/"))
        .and(query_param("limit", "20"))
        .and(body_json(json!({"groups": [{"group_id": "g-1"}]})))
        .respond_with(page(&[USER, stranger]));
    let (_server, client) = server(mock).await;
    let found = only(client.print_users_in(&group_id("g-1"), 20)).await;
    assert_eq!((found.items.len(), found.strangers), (2, 1));
}

#[tokio::test]
async fn a_persons_groups_are_replaced_as_a_whole() {
    let mock = Mock::given(method("PATCH"))
        .and(path("/printing/v1/users/u-1/"))
        .and(body_json(
            json!({"groups": [{"group_id": "g-1"}, {"group_id": "g-2"}]}),
        ))
        .respond_with(json_reply(200, USER));
    let (_server, client) = server(mock).await;
    let now = client
        .replace_groups(&user_id("u-1"), &[group_id("g-1"), group_id("g-2")])
        .await
        .unwrap();
    assert_eq!(
        now.groups,
        [group_id("g-1")],
        "the answer is given back, for the caller to compare"
    );
}

#[tokio::test]
async fn a_server_that_knows_only_put_is_remembered_and_settings_never_use_put() {
    let server = MockServer::start().await;
    let refused = || json_reply(405, r#"{"detail":"Method \"PATCH\" not allowed."}"#);
    Mock::given(method("PATCH"))
        .respond_with(refused())
        .expect(2)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/printing/v1/users/u-1/"))
        .and(body_json(json!({"groups": []})))
        .respond_with(json_reply(200, USER))
        .expect(2)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    client.replace_groups(&user_id("u-1"), &[]).await.unwrap();
    client.clone().replace_groups(&user_id("u-1"), &[]).await.unwrap();
    // A PUT that holds the settings alone could empty the groups.
    let patch = PrintUserPatch {
        myprinters_enabled: Some(true),
        ..PrintUserPatch::default()
    };
    assert!(
        client
            .update_print_user(&user_id("u-1"), &patch)
            .await
            .unwrap_err()
            .is_status(405)
    );
}

#[tokio::test]
async fn print_settings_are_changed_without_touching_the_groups() {
    let mock = Mock::given(method("PATCH"))
        .and(body_json(json!({"self_service_enabled": false})))
        .respond_with(json_reply(200, USER));
    let (_server, client) = server(mock).await;
    let patch = PrintUserPatch {
        self_service_enabled: Some(false),
        ..PrintUserPatch::default()
    };
    client.update_print_user(&user_id("u-1"), &patch).await.unwrap();
}

#[tokio::test]
async fn a_person_with_one_unreadable_group_is_no_person_with_fewer_groups() {
    let broken = r#"{"id":"u-1","groups":[{"group_id":"g-1"},{"group_id":"../x"}]}"#;
    let mock = Mock::given(method("GET")).respond_with(json_reply(200, broken));
    let (_server, client) = server(mock).await;
    let error = client.print_user(&user_id("u-1")).await.unwrap_err();
    assert!(error.to_string().contains("groups"), "{error}");
    assert!(!format!("{error:?}{error}").contains("../x"), "no value is told");
}

const PRINTER: &str = r#"{"printer_id":"p-1","printer_name":"Lobby","assignments":[
    {"settings":null,"groups":[{"group_id":"g-1","group_name":"All","group_foreign_id":null,"force_chosen":true}]},
    {"settings":{"duplex":true},"groups":[{"group_id":"g-2"}]}]}"#;

#[tokio::test]
async fn assignments_are_listed_for_a_group_and_replaced() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/printing/v1/assignments/"))
        .and(query_param("group", "g-2"))
        .respond_with(page(&[
            PRINTER,
            r#"{"printer_id":"p-2","printer_name":"Attic","assignments":[]}"#,
        ]))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/printing/v1/assignments/p-1/"))
        .and(body_json(
            json!({"assignment": [{"groups": [{"group_id": "g-1"}]}, {"groups": []}]}),
        ))
        .respond_with(json_reply(200, PRINTER))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let found = only(client.assignments(Some(&group_id("g-2")), 20)).await;
    assert_eq!((found.items.len(), found.strangers), (2, 1));
    let entries = [
        NewAssignment {
            groups: vec![group_id("g-1")],
        },
        NewAssignment { groups: vec![] },
    ];
    let now = client
        .replace_assignment(&found.items[0].printer_id, &entries)
        .await
        .unwrap();
    assert!(now.assignments[0].groups[0].force_chosen);
    assert_eq!(now.assignments[1].settings, Some(json!({"duplex": true})));
}

#[tokio::test]
async fn a_slash_that_the_server_adds_is_followed_for_reads_only() {
    let server = MockServer::start().await;
    let moved = || ResponseTemplate::new(301).insert_header("location", "/v1/users/me/");
    Mock::given(method("GET"))
        .and(path("/v1/users/me"))
        .respond_with(moved())
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/v1/users/me/"))
        .and(header("authorization", format!("Bearer {CANARY}-0").as_str()))
        .respond_with(json_reply(200, r#"{"id":"u-1","email":"a@example.com"}"#))
        .expect(1)
        .mount(&server)
        .await;
    let elsewhere = ResponseTemplate::new(308).insert_header("location", "/printing/v1/groups");
    Mock::given(method("POST"))
        .and(path("/printing/v1/groups/"))
        .respond_with(elsewhere)
        .expect(1)
        .mount(&server)
        .await;
    let tokens = Arc::new(Tokens::default());
    let client = client_with(&server.uri(), tokens, quick());
    client.me().await.unwrap();
    let new = NewGroup {
        name: "x".into(),
        organization_id: "o-1".parse().unwrap(),
        description: None,
        local_printing_enabled: None,
        myprinters_enabled: None,
    };
    assert!(matches!(
        client.create_group(&new).await.unwrap_err(),
        ezeep_api::Error::Redirect { status: 308 }
    ));
}

/// security.md 45
#[tokio::test]
async fn a_redirect_to_another_host_or_in_a_circle_is_refused_and_nothing_goes_there() {
    let other = MockServer::start().await;
    for location in [
        format!("{}/v1/users/me/", other.uri()),
        "/v1/users/me/?x".into(),
        "//evil.example/v1/users/me/".into(),
    ] {
        let server = MockServer::start().await;
        let moved = ResponseTemplate::new(301).insert_header("location", location.as_str());
        Mock::given(path("/v1/users/me"))
            .respond_with(moved)
            .mount(&server)
            .await;
        let back = ResponseTemplate::new(301).insert_header("location", "/v1/users/me");
        Mock::given(path("/v1/users/me/"))
            .respond_with(back)
            .mount(&server)
            .await;
        let error = client(&server.uri()).me().await.unwrap_err();
        assert!(
            matches!(error, ezeep_api::Error::Redirect { status: 301 }),
            "{location}: {error:?}"
        );
        assert!(server.received_requests().await.unwrap().len() <= 2);
    }
    assert_eq!(other.received_requests().await.unwrap().len(), 0);
}

#[test]
fn every_future_can_move_between_threads() {
    fn movable<T: Send>(_: T) {}
    fn never_called(client: &Client, id: &UserId, group: &GroupId) {
        movable(client.me());
        movable(client.account(id));
        movable(client.delete_account(id));
        movable(client.replace_groups(id, &[]));
        movable(client.groups(1));
        movable(client.print_users_in(group, 1));
        movable(client.invitations(1));
    }
    let _ = never_called;
}
