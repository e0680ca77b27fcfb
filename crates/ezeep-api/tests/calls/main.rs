//! All calls of the contract: what they send, and how they parse the documents' example replies.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod printing;
mod redirects;

use std::sync::Arc;

use common::{CANARY, Tokens, USER, client, client_with, quick};
use ezeep_api::{
    AccountPatch, Client, GroupPatch, InvitationStatus, NewAssignment, NewGroup, NewInvitation, Origin,
    PrintSettingsPatch, PrintUser, Role,
};
use futures::TryStreamExt;
use ids::{GroupId, UserId};
use serde_json::json;
use time::macros::datetime;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

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
