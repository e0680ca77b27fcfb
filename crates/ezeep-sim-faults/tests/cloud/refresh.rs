//! Rotation, reuse, grace, switching and revocation (RFC 6749 section 6, RFC 7009, RFC 9700 section 4.14).

use std::time::Duration;

use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{PASSWORD_CLIENT_ID, SimConfig};

use crate::support::{Cloud, MAIN, assert_refused, claims, small, text};

#[tokio::test]
async fn a_refresh_gives_a_new_pair_spends_the_old_and_says_an_empty_scope() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let old = text(&tokens, "refresh_token");
    let (status, new) = cloud.refresh(old).await;
    assert_eq!(status, 200, "{new}");
    assert_eq!(new["scope"], "");
    assert_ne!(text(&new, "refresh_token"), old);
    assert!(!cloud.control().refresh_token_alive(old));
    assert!(cloud.control().refresh_token_alive(text(&new, "refresh_token")));
    for access in [text(&tokens, "access_token"), text(&new, "access_token")] {
        assert_eq!(
            cloud.get(cloud.account("/v1/users/me"), access).await.0,
            200,
            "both live until they expire"
        );
    }
}

#[tokio::test]
async fn a_spent_refresh_token_kills_its_family_and_no_other() {
    let cloud = Cloud::start().await;
    let other = cloud.sign_in().await;
    let first = cloud.sign_in().await;
    let (_, second) = cloud.refresh(text(&first, "refresh_token")).await;
    assert_refused(
        cloud.refresh(text(&first, "refresh_token")).await,
        "invalid_grant",
    );
    // the newest token died with its family
    assert_refused(
        cloud.refresh(text(&second, "refresh_token")).await,
        "invalid_grant",
    );
    assert_eq!(
        cloud
            .get(cloud.account("/v1/users/me"), text(&second, "access_token"))
            .await
            .0,
        401
    );
    assert_eq!(cloud.refresh(text(&other, "refresh_token")).await.0, 200);
}

#[tokio::test]
async fn within_the_grace_the_just_spent_token_gets_the_same_reply_again() {
    let cloud = Cloud::with(SimConfig {
        refresh_reuse_grace: Duration::from_secs(30),
        ..small()
    })
    .await;
    let first = cloud.sign_in().await;
    let (_, second) = cloud.refresh(text(&first, "refresh_token")).await;
    cloud.control().advance_clock(Duration::from_secs(20));
    let (status, again) = cloud.refresh(text(&first, "refresh_token")).await;
    assert_eq!(status, 200);
    assert_eq!(again, second);

    // another request is no repetition
    assert_refused(
        cloud.switch(text(&first, "refresh_token"), MAIN).await,
        "invalid_grant",
    );
    assert!(
        cloud
            .control()
            .refresh_token_alive(text(&second, "refresh_token")),
        "and does no harm"
    );

    cloud.control().advance_clock(Duration::from_secs(20));
    assert_eq!(cloud.refresh(text(&first, "refresh_token")).await.0, 400);
    assert!(
        !cloud
            .control()
            .refresh_token_alive(text(&second, "refresh_token")),
        "after the grace it is reuse"
    );
}

#[tokio::test]
async fn with_the_quirk_another_request_within_the_grace_gets_the_reply_that_was_lost_too() {
    let cloud = Cloud::with(SimConfig {
        refresh_reuse_grace: Duration::from_secs(30),
        ..small()
    })
    .await;
    cloud
        .control()
        .change_quirks(|quirks| quirks.grace_for_any_request = true);
    let first = cloud.sign_in().await;
    let (_, switched) = cloud.switch(text(&first, "refresh_token"), MAIN).await;
    let (status, again) = cloud.refresh(text(&first, "refresh_token")).await;
    assert_eq!((status, again), (200, switched));
}

#[tokio::test]
async fn the_grace_ends_when_the_next_token_is_used() {
    let cloud = Cloud::with(SimConfig {
        refresh_reuse_grace: Duration::from_secs(30),
        ..small()
    })
    .await;
    let first = cloud.sign_in().await;
    let (_, second) = cloud.refresh(text(&first, "refresh_token")).await;
    let (_, third) = cloud.refresh(text(&second, "refresh_token")).await;
    assert_eq!(cloud.refresh(text(&first, "refresh_token")).await.0, 400);
    assert!(!cloud.control().refresh_token_alive(text(&third, "refresh_token")));
}

#[tokio::test]
async fn tokens_live_as_long_as_the_settings_say_by_the_clouds_own_clock() {
    let config = SimConfig {
        access_token_life: Duration::from_secs(100),
        refresh_token_life: Duration::from_secs(200),
        ..small()
    };
    let cloud = Cloud::with(config).await;
    let tokens = cloud.sign_in().await;
    assert_eq!(tokens["expires_in"], 100);
    cloud.control().advance_clock(Duration::from_secs(98));
    assert_eq!(
        cloud
            .get(cloud.account("/v1/users/me"), text(&tokens, "access_token"))
            .await
            .0,
        200
    );
    cloud.control().advance_clock(Duration::from_secs(2));
    assert_eq!(
        cloud
            .get(cloud.account("/v1/users/me"), text(&tokens, "access_token"))
            .await
            .0,
        401
    );
    cloud.control().advance_clock(Duration::from_secs(100));
    assert_refused(
        cloud.refresh(text(&tokens, "refresh_token")).await,
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scope_and_never_widen_it() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let ask = |token: String, scope: &'static str| {
        let cloud = &cloud;
        async move {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", &token),
                ("scope", scope),
            ];
            cloud.token(&form).await
        }
    };
    assert_refused(
        ask(text(&tokens, "refresh_token").to_owned(), "printing reporting").await,
        "invalid_scope",
    );
    let (status, narrow) = ask(text(&tokens, "refresh_token").to_owned(), "printing").await;
    assert_eq!(status, 200);
    let access = text(&narrow, "access_token");
    assert_eq!(claims(access)["scopes"], serde_json::json!(["printing"]));
    let (status, whole) = ask(text(&narrow, "refresh_token").to_owned(), "").await;
    assert_eq!(status, 200);
    let scopes = claims(text(&whole, "access_token"))["scopes"].clone();
    assert_eq!(
        scopes,
        serde_json::json!(["printing", "printing.printers.readonly"])
    );
}

#[tokio::test]
async fn a_switch_is_a_rotation_into_an_organization_of_the_person() {
    let cloud = Cloud::start().await;
    let first = cloud.sign_in().await;
    let (status, second) = cloud.switch(text(&first, "refresh_token"), MAIN).await;
    assert_eq!(status, 200, "{second}");
    assert_eq!(second["scope"], "printing printing.printers.readonly");
    assert_eq!(claims(text(&second, "access_token"))["org"], MAIN);
    assert!(!cloud.control().refresh_token_alive(text(&first, "refresh_token")));
    let (_, third) = cloud.refresh(text(&second, "refresh_token")).await;
    assert_eq!(
        claims(text(&third, "access_token"))["org"],
        MAIN,
        "a refresh stays in the organization"
    );

    assert_refused(
        cloud
            .switch(
                text(&third, "refresh_token"),
                "00000000-0000-4000-8000-000000000000",
            )
            .await,
        "invalid_request",
    );
    assert!(
        cloud.control().refresh_token_alive(text(&third, "refresh_token")),
        "a failed switch spends nothing"
    );
}

#[tokio::test]
async fn a_switch_can_give_back_the_token_that_was_sent() {
    let cloud = Cloud::start().await;
    cloud
        .control()
        .change_quirks(|quirks| quirks.switch_keeps_refresh_token = true);
    let first = cloud.sign_in().await;
    let (status, second) = cloud
        .switch(text(&first, "refresh_token"), organizations::SECOND)
        .await;
    assert_eq!(status, 200);
    assert_eq!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(cloud.refresh(text(&second, "refresh_token")).await.0, 200);
}

#[tokio::test]
async fn a_refresh_can_leave_the_old_token_in_place() {
    let cloud = Cloud::start().await;
    cloud
        .control()
        .change_quirks(|quirks| quirks.refresh_keeps_refresh_token = true);
    let tokens = cloud.sign_in().await;
    for _ in 0..3 {
        let (status, reply) = cloud.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(status, 200);
        assert!(reply.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn a_revocation_takes_the_whole_grant_and_an_unknown_token_is_200_too() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let (_, tokens) = cloud.refresh(text(&tokens, "refresh_token")).await;
    let revoke = |token: String, client: &'static str| {
        let url = cloud.account("/oauth/revoke/");
        let request = cloud
            .http
            .post(url)
            .basic_auth(client, Some(""))
            .form(&[("token", token)]);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let refresh = text(&tokens, "refresh_token").to_owned();
    assert_eq!(revoke("unknown".to_owned(), known::CLIENT_ID).await, 200);
    assert_eq!(revoke(refresh.clone(), PASSWORD_CLIENT_ID).await, 200);
    assert!(
        cloud.control().refresh_token_alive(&refresh),
        "another client can't revoke it"
    );
    assert_eq!(revoke(refresh.clone(), "nobody").await, 401);
    assert_eq!(revoke(refresh.clone(), known::CLIENT_ID).await, 200);
    assert!(!cloud.control().refresh_token_alive(&refresh));
    assert_eq!(
        cloud
            .get(cloud.account("/v1/users/me"), text(&tokens, "access_token"))
            .await
            .0,
        401
    );
}

#[tokio::test]
async fn a_refresh_token_is_bound_to_its_client() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let refresh = text(&tokens, "refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("scope", "printing"),
    ];
    assert_refused(
        cloud.token_as(PASSWORD_CLIENT_ID, "", &form).await,
        "invalid_grant",
    );
    assert!(cloud.control().refresh_token_alive(refresh));
}

#[tokio::test]
async fn who_was_removed_from_the_organization_can_not_refresh_into_it() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let (_, tokens) = cloud.switch(text(&tokens, "refresh_token"), MAIN).await;
    cloud.control().remove_person(MAIN, known::ADMIN.email).unwrap();
    assert_eq!(
        cloud
            .get(cloud.printing("/groups/"), text(&tokens, "access_token"))
            .await
            .0,
        403
    );
    assert_eq!(cloud.refresh(text(&tokens, "refresh_token")).await.0, 400);
}

#[tokio::test]
async fn of_many_racing_refreshes_with_one_token_one_wins_and_the_family_dies() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let refresh = text(&tokens, "refresh_token");
    let replies = futures::future::join_all((0..12).map(|_| cloud.refresh(refresh))).await;
    assert_eq!(replies.iter().filter(|(status, _)| *status == 200).count(), 1);
    assert!(cloud.control().live_families().is_empty());
}
