//! The ways in which the documents contradict each other (ezeep-api.md), each as a switch.

use ezeep_sim::{InvitationsPath, RolesForm};
use reqwest::Method;
use serde_json::json;

use crate::support::{Cloud, MAIN, REDIRECT, parameter, text};

#[tokio::test]
async fn patch_can_be_gone_so_that_only_put_writes_memberships() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    cloud.control().change_quirks(|quirks| quirks.put_only = true);
    let person = cloud
        .control()
        .add_person(MAIN, "Per", "Son", "per.son@nordhafen.example")
        .unwrap();
    let url = cloud.printing(&format!("/users/{person}/"));
    assert_eq!(
        cloud
            .send(Method::PATCH, &url, &token, json!({ "groups": [] }))
            .await
            .0,
        405
    );
    assert_eq!(
        cloud
            .send(Method::PUT, &url, &token, json!({ "groups": [] }))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn invitations_live_at_one_of_two_paths() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let status = |path: &'static str| {
        let (cloud, token) = (&cloud, &token);
        async move { cloud.get(cloud.account(path), token).await.0 }
    };
    let (under_users, under_root) = ("/v1/users/userinvitations/", "/v1/userinvitations/");
    assert_eq!((status(under_users).await, status(under_root).await), (200, 404));
    cloud
        .control()
        .change_quirks(|quirks| quirks.invitations = InvitationsPath::UnderRoot);
    assert_eq!((status(under_users).await, status(under_root).await), (404, 200));
}

#[tokio::test]
async fn roles_can_be_wanted_as_plain_text() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    cloud
        .control()
        .change_quirks(|quirks| quirks.roles = RolesForm::Text);
    let person = cloud
        .control()
        .add_person(MAIN, "Per", "Son", "per.son@nordhafen.example")
        .unwrap();
    let url = cloud.account(&format!("/v1/users/{person}/"));
    let (status, error) = cloud
        .send(Method::PATCH, url.as_str(), &token, json!({ "roles": ["admin"] }))
        .await;
    assert_eq!(status, 400);
    assert!(error["roles"].is_array());
    let (status, account) = cloud
        .send(Method::PATCH, url.as_str(), &token, json!({ "roles": "admin" }))
        .await;
    assert_eq!((status, &account["roles"]), (200, &json!(["admin"])));
}

#[tokio::test]
async fn counts_can_be_text_and_created_things_200() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    cloud.control().change_quirks(|quirks| {
        quirks.counts_as_text = true;
        quirks.created_is_200 = true;
    });
    let body = json!({ "name": "Text", "organization_id": MAIN });
    let (status, group) = cloud
        .send(Method::POST, cloud.printing("/groups/"), &token, body)
        .await;
    assert_eq!((status, &group["num_members"]), (200, &"0".into()));
}

#[tokio::test]
async fn links_to_the_next_page_can_point_anywhere() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    cloud
        .control()
        .change_quirks(|quirks| quirks.next_origin = "https://user:pass@evil.example".to_owned());
    let (_, page) = cloud.get(cloud.printing("/users/"), &token).await;
    assert_eq!(
        text(&page, "next"),
        "https://user:pass@evil.example/printing/v1/users/?limit=20&offset=20"
    );
}

#[tokio::test]
async fn the_callback_can_carry_iss_and_a_slash_before_its_query() {
    let cloud = Cloud::start().await;
    cloud.control().change_quirks(|quirks| {
        quirks.iss_in_callback = true;
        quirks.slash_before_callback_query = true;
    });
    let callback = cloud.callback(&[]);
    assert!(
        callback.as_str().starts_with(&format!("{REDIRECT}/?code=")),
        "{callback}"
    );
    let issuer = parameter(&callback, "iss").unwrap();
    assert_eq!(issuer, cloud.sim.account_url().as_str().trim_end_matches('/'));
}
