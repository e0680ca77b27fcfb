//! The authorization endpoint and the code it gives (RFC 6749 section 4.1, RFC 7636).

use ezeep_sim_faults::{Consent, ConsentError, Grant, SimConfig};
use std::time::Duration;

use crate::support::{Cloud, INES, REDIRECT, assert_refused, code_form, parameter, small, text};

#[tokio::test]
async fn a_sign_in_ends_in_tokens_that_speak_for_the_private_organization() {
    let cloud = Cloud::start().await;
    let callback = cloud.callback(&[]);
    assert!(callback.as_str().starts_with(&format!("{REDIRECT}?")));
    assert_eq!(parameter(&callback, "state").as_deref(), Some("the-state"));
    let (status, tokens) = cloud.exchange(&parameter(&callback, "code").unwrap()).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3_600);
    assert_eq!(tokens["scope"], "printing printing.printers.readonly");
    let claims = crate::support::claims(text(&tokens, "access_token"));
    for claim in ["iss", "exp", "iat", "scopes", "sub", "org", "rol", "pty"] {
        assert!(!claims[claim].is_null(), "{claim} is missing in {claims}");
    }
    assert_eq!(claims["org"], ezeep_sim_faults::known::organizations::PRIVATE);
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3_600
    );
}

#[tokio::test]
async fn the_address_without_its_slash_is_answered_301_with_the_query_kept() {
    let cloud = Cloud::start().await;
    let url = cloud
        .authorize_url(&[])
        .to_string()
        .replace("/authorize/?", "/authorize?");
    let reply = cloud.http.get(url).send().await.unwrap();
    assert_eq!(reply.status(), 301);
    let location = reply.headers()["location"].to_str().unwrap();
    assert!(
        location.starts_with("/oauth/authorize/?response_type=code&client_id="),
        "{location}"
    );
}

#[tokio::test]
async fn an_unknown_client_or_redirect_gets_a_page_and_no_redirect() {
    let cloud = Cloud::start().await;
    let wrong = [
        ("client_id", "nobody"),
        ("redirect_uri", "http://localhost:8080/oauth/callback/"),
        ("redirect_uri", "http://LOCALHOST:8080/oauth/callback"),
        ("redirect_uri", "http://localhost:8081/oauth/callback"),
    ];
    for (key, value) in wrong {
        let reply = cloud
            .http
            .get(cloud.authorize_url(&[(key, value)]))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 400, "{key}={value}");
        assert!(reply.headers().get("location").is_none());
        assert!(reply.text().await.unwrap().contains("<h1>"));
    }
    let refused = cloud.control().consent(
        &cloud.authorize_url(&[("redirect_uri", "http://evil.example/")]),
        Consent::Allow(INES),
    );
    assert_eq!(refused, Err(ConsentError::UnregisteredRedirect));
}

#[tokio::test]
async fn a_redirect_registered_while_it_runs_is_good_at_once() {
    let cloud = Cloud::start().await;
    cloud
        .sim
        .register_redirect("http://127.0.0.1:49152/oauth/callback");
    let callback = cloud.callback(&[("redirect_uri", "http://127.0.0.1:49152/oauth/callback")]);
    assert_eq!(callback.port(), Some(49_152));
    assert!(parameter(&callback, "code").is_some());
}

#[tokio::test]
async fn every_other_fault_of_the_request_goes_back_to_the_app_with_its_state() {
    let cloud = Cloud::start().await;
    let wrong = [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", "printing everything"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge", "too-short"), "invalid_request"),
        (("social", "facebook"), "invalid_request"),
        (("prompt", "login"), "invalid_request"),
    ];
    for (change, error) in wrong {
        let reply = cloud
            .http
            .get(cloud.authorize_url(&[change]))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 302, "{change:?}");
        let location = url::Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap();
        assert_eq!(
            parameter(&location, "error").as_deref(),
            Some(error),
            "{change:?}"
        );
        assert_eq!(parameter(&location, "state").as_deref(), Some("the-state"));
        assert!(parameter(&location, "code").is_none());
    }
}

#[tokio::test]
async fn a_refusal_goes_back_as_access_denied() {
    let cloud = Cloud::start().await;
    let answer = cloud
        .control()
        .consent(&cloud.authorize_url(&[]), Consent::Refuse)
        .unwrap();
    let callback = url::Url::parse(&answer).unwrap();
    assert_eq!(parameter(&callback, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&callback, "state").as_deref(), Some("the-state"));
}

#[tokio::test]
async fn the_verifier_must_fit_the_challenge() {
    let cloud = Cloud::start().await;
    let code = cloud.code();
    let mut form = code_form(&code).to_vec();
    form.retain(|(key, _)| *key != "code_verifier");
    assert_refused(cloud.token(&form).await, "invalid_request");
    form.push((
        "code_verifier",
        "another-verifier-that-is-at-least-forty-three-characters",
    ));
    assert_refused(cloud.token(&form).await, "invalid_grant");
    assert_eq!(
        cloud.exchange(&code).await.0,
        200,
        "a wrong verifier must not burn the right app's code"
    );
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused_as_a_downgrade() {
    let cloud = Cloud::start().await;
    let callback = cloud.callback(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let code = parameter(&callback, "code").unwrap();
    assert_refused(cloud.exchange(&code).await, "invalid_grant");
    let form = code_form(&code);
    assert_eq!(
        cloud.token(&form[..4]).await.0,
        200,
        "the documents' request has no PKCE at all"
    );
}

#[tokio::test]
async fn the_redirect_uri_of_both_requests_must_be_the_same_to_the_byte() {
    let cloud = Cloud::start().await;
    let code = cloud.code();
    for wrong in [
        "http://127.0.0.1:8080/oauth/callback",
        "http://localhost:8080/oauth/callback/",
    ] {
        let mut form = code_form(&code);
        form[2].1 = wrong;
        assert_refused(cloud.token(&form).await, "invalid_grant");
    }
    assert_eq!(cloud.exchange(&code).await.0, 200);
}

#[tokio::test]
async fn a_code_works_once_and_its_replay_revokes_what_it_gave() {
    let cloud = Cloud::start().await;
    let code = cloud.code();
    let (_, tokens) = cloud.exchange(&code).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert_eq!(cloud.get(cloud.account("/v1/users/me"), access).await.0, 200);
    assert_refused(cloud.exchange(&code).await, "invalid_grant");
    assert_eq!(cloud.get(cloud.account("/v1/users/me"), access).await.0, 401);
    assert_eq!(cloud.refresh(refresh).await.0, 400);
    assert!(cloud.control().live_families().is_empty());
}

#[tokio::test]
async fn a_code_is_good_for_ever_unless_it_was_given_a_life() {
    let cloud = Cloud::start().await;
    let code = cloud.code();
    cloud.control().advance_clock(Duration::from_secs(86_400));
    assert_eq!(cloud.exchange(&code).await.0, 200);

    let cloud = Cloud::with(SimConfig {
        code_life: Some(Duration::from_secs(60)),
        ..small()
    })
    .await;
    let code = cloud.code();
    cloud.control().advance_clock(Duration::from_secs(60));
    assert_eq!(cloud.exchange(&code).await.0, 400);
}

#[tokio::test]
async fn a_code_belongs_to_the_client_it_was_given_to() {
    let cloud = Cloud::start().await;
    let mut other = ezeep_sim_faults::ClientConfig::demo_clients().remove(0);
    other.grants = vec![Grant::AuthorizationCode];
    other.redirect_uris = vec![REDIRECT.to_owned()];
    let id = other.id.clone();
    cloud.control().add_client(other);
    let code = cloud.code();
    assert_refused(cloud.token_as(&id, "", &code_form(&code)).await, "invalid_grant");
}

#[tokio::test]
async fn a_client_that_must_use_pkce_is_held_to_it() {
    let cloud = Cloud::start().await;
    let mut strict = ezeep_sim_faults::ClientConfig::demo_clients().remove(0);
    strict.id = "strict".to_owned();
    strict.require_pkce = true;
    strict.grants = vec![Grant::AuthorizationCode];
    strict.redirect_uris = vec![REDIRECT.to_owned()];
    cloud.control().add_client(strict);
    let callback = cloud.callback(&[
        ("client_id", "strict"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ]);
    assert_eq!(parameter(&callback, "error").as_deref(), Some("invalid_request"));
    assert!(parameter(&cloud.callback(&[("client_id", "strict")]), "code").is_some());
}
