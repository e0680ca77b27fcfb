//! Pairing: the vendor's device flow, with the errors of RFC 8628 section 3.5.

use std::time::Duration;

use ezeep_sim_faults::{PAIRING_CLIENT_ID, PASSWORD_CLIENT_ID, known};
use serde_json::Value;

use crate::support::{Cloud, INES, json, text};

async fn pair(cloud: &Cloud, client: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let request = cloud
        .http
        .post(cloud.account("/oauth/pair/"))
        .basic_auth(client, Some(""));
    json(request.form(form).send().await.unwrap()).await
}

async fn started(cloud: &Cloud) -> String {
    let (status, reply) = pair(
        cloud,
        PAIRING_CLIENT_ID,
        &[("mode", "device"), ("hardware_id", "A1")],
    )
    .await;
    assert_eq!(status, 200, "{reply}");
    assert_eq!(
        (&reply["interval"], &reply["expires_in"]),
        (&5.into(), &600.into())
    );
    assert!(text(&reply, "auth_url").starts_with(cloud.sim.account_url().as_str()));
    text(&reply, "pairing_code").to_owned()
}

async fn poll(cloud: &Cloud, code: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "pairing_code"),
        ("pairing_code", code),
        ("scope", "printing"),
    ];
    cloud.token_as(PAIRING_CLIENT_ID, "", &form).await
}

#[tokio::test]
async fn a_device_waits_until_the_code_is_entered_and_then_gets_tokens_once() {
    let cloud = Cloud::start().await;
    let code = started(&cloud).await;
    assert_eq!(
        text(&poll(&cloud, &code).await.1, "error"),
        "authorization_pending"
    );
    let typed = code.to_lowercase().replace('-', " ");
    assert!(cloud.control().answer_pairing(&typed, Some(INES)).unwrap());
    let (status, tokens) = poll(&cloud, &code).await;
    assert_eq!(status, 200, "{tokens}");
    assert!(
        cloud
            .control()
            .refresh_token_alive(text(&tokens, "refresh_token"))
    );
    assert_eq!(text(&poll(&cloud, &code).await.1, "error"), "invalid_grant");
}

#[tokio::test]
async fn polling_too_soon_is_slowed_down_by_five_seconds_more_each_time() {
    let cloud = Cloud::start().await;
    let code = started(&cloud).await;
    let after = |seconds: u64| {
        cloud.control().advance_clock(Duration::from_secs(seconds));
        poll(&cloud, &code)
    };
    assert_eq!(text(&after(0).await.1, "error"), "authorization_pending");
    assert_eq!(text(&after(2).await.1, "error"), "slow_down");
    assert_eq!(
        text(&after(6).await.1, "error"),
        "slow_down",
        "the interval is ten seconds now"
    );
    assert_eq!(text(&after(16).await.1, "error"), "authorization_pending");
}

#[tokio::test]
async fn a_refused_or_expired_code_says_so() {
    let cloud = Cloud::start().await;
    let code = started(&cloud).await;
    assert!(cloud.control().answer_pairing(&code, None).unwrap());
    assert_eq!(text(&poll(&cloud, &code).await.1, "error"), "access_denied");
    let code = started(&cloud).await;
    cloud.control().advance_clock(Duration::from_secs(600));
    assert_eq!(text(&poll(&cloud, &code).await.1, "error"), "expired_token");
    assert!(
        !cloud.control().answer_pairing(&code, Some(INES)).unwrap(),
        "too late to allow it"
    );
}

#[tokio::test]
async fn a_code_is_for_the_client_that_asked_and_for_clients_that_may_pair() {
    let cloud = Cloud::start().await;
    let code = started(&cloud).await;
    let form = [("grant_type", "pairing_code"), ("pairing_code", code.as_str())];
    assert_eq!(text(&cloud.token(&form).await.1, "error"), "invalid_grant");
    assert_eq!(pair(&cloud, PASSWORD_CLIENT_ID, &[("mode", "user")]).await.0, 400);
    assert_eq!(pair(&cloud, known::CLIENT_ID, &[("mode", "user")]).await.0, 200);
    for form in [&[("mode", "robot")][..], &[]] {
        assert_eq!(
            text(&pair(&cloud, known::CLIENT_ID, form).await.1, "error"),
            "invalid_request"
        );
    }
}

#[tokio::test]
async fn the_page_takes_the_code_and_the_persons_answer() {
    let cloud = Cloud::start().await;
    let code = started(&cloud).await;
    let page = cloud
        .http
        .get(cloud.account(&format!("/pair/?code={code}")))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains(&format!("value=\"{code}\"")));
    let answer = |code: String, person: &'static str| {
        let form = [
            ("code", code),
            ("person", person.to_owned()),
            ("decision", "allow".to_owned()),
        ];
        cloud.http.post(cloud.account("/pair/")).form(&form).send()
    };
    let wrong = answer("XXXX-XXXX".to_owned(), "02c5f1d8-7b3e-4d5a-9f41-6a0e8b9c1d27")
        .await
        .unwrap();
    assert!(wrong.text().await.unwrap().contains("role=\"alert\""));
    let right = answer(code.clone(), "02c5f1d8-7b3e-4d5a-9f41-6a0e8b9c1d27")
        .await
        .unwrap();
    assert!(right.text().await.unwrap().contains("Device connected"));
    assert_eq!(poll(&cloud, &code).await.0, 200);
}
