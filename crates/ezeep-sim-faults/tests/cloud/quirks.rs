//! The ways in which the documents contradict each other (ezeep-api.md), each as a switch.

use ezeep_sim_faults::known::organizations::{PRIVATE, SECOND};
use ezeep_sim_faults::{AccessTokens, InvitationsPath, RolesForm, known};
use reqwest::Method;
use serde_json::json;

use crate::support::{Cloud, MAIN, REDIRECT, claims, parameter, text};

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

#[tokio::test]
async fn access_tokens_can_say_nothing_and_work_all_the_same() {
    for kind in [
        AccessTokens::Jwt,
        AccessTokens::JwtWithoutOrganization,
        AccessTokens::JwtOtherClaim,
        AccessTokens::Opaque,
    ] {
        let cloud = Cloud::start().await;
        cloud
            .control()
            .change_quirks(|quirks| quirks.access_tokens = kind);
        let first = cloud.sign_in().await;
        let (status, switched) = cloud.switch(text(&first, "refresh_token"), MAIN).await;
        assert_eq!(status, 200, "{switched}");
        let token = text(&switched, "access_token");
        let (status, groups) = cloud.get(cloud.printing("/groups/"), token).await;
        assert_eq!(
            (status, &groups["results"][0]["organization_id"]),
            (200, &MAIN.into())
        );
        if kind == AccessTokens::Opaque {
            assert!(!token.contains('.'), "{token}");
            continue;
        }
        let claims = claims(token);
        let main = json!(MAIN);
        let named = |claim: &str| claims.get(claim) == Some(&main);
        assert_eq!(
            (named("org"), named("organization")),
            (kind == AccessTokens::Jwt, kind == AccessTokens::JwtOtherClaim)
        );
    }
}

#[tokio::test]
async fn a_switch_can_land_elsewhere_a_refresh_can_forget_it_and_a_claim_can_lie() {
    let cloud = Cloud::start().await;
    cloud.control().change_quirks(|quirks| {
        quirks.switch_lands_in = Some((SECOND.to_owned(), MAIN.to_owned()));
        quirks.refresh_forgets_organization = true;
    });
    let first = cloud.sign_in().await;
    let (_, second) = cloud.switch(text(&first, "refresh_token"), SECOND).await;
    assert_eq!(claims(text(&second, "access_token"))["org"], MAIN);
    let (_, third) = cloud.refresh(text(&second, "refresh_token")).await;
    assert_eq!(claims(text(&third, "access_token"))["org"], PRIVATE);
    cloud
        .control()
        .change_quirks(|quirks| quirks.org_claim = Some(SECOND.to_owned()));
    let (_, fourth) = cloud.switch(text(&third, "refresh_token"), MAIN).await;
    let token = text(&fourth, "access_token");
    assert_eq!(claims(token)["org"], SECOND);
    let (_, groups) = cloud.get(cloud.printing("/groups/"), token).await;
    assert_eq!(groups["results"][0]["organization_id"], MAIN);
}

#[tokio::test]
async fn a_second_grant_can_leave_the_first_alone_or_end_it() {
    for ends_first in [false, true] {
        let cloud = Cloud::start().await;
        cloud
            .control()
            .change_quirks(|quirks| quirks.second_grant_ends_first = ends_first);
        let first = cloud.sign_in().await;
        let other = cloud.token_of(known::ONE_ORGANIZATION_ADMIN.email, None);
        cloud.sign_in().await;
        let alive = cloud.control().refresh_token_alive(text(&first, "refresh_token"));
        assert_eq!(alive, !ends_first);
        assert!(cloud.control().access_token_alive(&other), "another person's");
    }
}
