//! The token endpoint's front, and the grants that need no browser.

use ezeep_sim_faults::{ClientAuth, PASSWORD_CLIENT_ID, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, known};

use crate::support::{Cloud, INES, MAIN, assert_refused, claims, code_form, json, text};

const BASIC_ID: &str = "NzhLWXplWDV3UzhyMEZZejlLZHZOdDl4SE1SQTYxUEpLODBJSHdOajo=";

#[tokio::test]
async fn the_documents_own_authorization_header_is_the_default_clients() {
    let cloud = Cloud::start().await;
    let code = cloud.code();
    let reply = cloud
        .http
        .post(cloud.account("/oauth/access_token/"))
        .header("Authorization", format!("Basic {BASIC_ID}"))
        .form(&code_form(&code));
    let (status, body) = json(reply.send().await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_client_may_name_itself_in_the_body_but_not_in_two_ways() {
    let cloud = Cloud::start().await;
    let url = cloud.account("/oauth/access_token/");
    let code = cloud.code();
    let mut form = code_form(&code).to_vec();
    form.push(("client_id", "another"));
    assert_eq!(cloud.token(&form).await.0, 400);
    form.pop();
    form.push(("client_id", known::CLIENT_ID));
    let reply = cloud.http.post(url).form(&form).send().await.unwrap();
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn who_the_client_is_can_be_narrowed_to_one_way() {
    let cloud = Cloud::start().await;
    let url = cloud.account("/oauth/access_token/");
    let in_body = |code: &str| {
        let mut form: Vec<(String, String)> = code_form(code)
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        form.push(("client_id".to_owned(), known::CLIENT_ID.to_owned()));
        cloud.http.post(url.clone()).form(&form)
    };
    cloud
        .control()
        .change_quirks(|quirks| quirks.client_auth = ClientAuth::Basic);
    let code = cloud.code();
    assert_eq!(in_body(&code).send().await.unwrap().status(), 401);
    assert_eq!(cloud.exchange(&code).await.0, 200);
    cloud
        .control()
        .change_quirks(|quirks| quirks.client_auth = ClientAuth::Body);
    let code = cloud.code();
    assert_eq!(cloud.exchange(&code).await.0, 401);
    assert_eq!(in_body(&code).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_unknown_client_a_wrong_secret_or_a_missing_colon_is_401() {
    let cloud = Cloud::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", "printing")];
    for (client, secret) in [
        ("nobody", ""),
        (SERVICE_CLIENT_ID, "wrong"),
        (SERVICE_CLIENT_ID, ""),
    ] {
        let (status, error) = cloud.token_as(client, secret, &form).await;
        assert_eq!(
            (status, text(&error, "error")),
            (401, "invalid_client"),
            "{client}"
        );
    }
    let without_colon = "NzhLWXplWDV3UzhyMEZZejlLZHZOdDl4SE1SQTYxUEpLODBJSHdOag==";
    let reply = cloud
        .http
        .post(cloud.account("/oauth/access_token/"))
        .header("Authorization", format!("Basic {without_colon}"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 401);
    assert!(
        reply.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
}

#[tokio::test]
async fn only_a_form_with_each_parameter_once_is_read() {
    let cloud = Cloud::start().await;
    let url = cloud.account("/oauth/access_token/");
    let json_body = cloud
        .http
        .post(url.clone())
        .basic_auth(known::CLIENT_ID, Some(""))
        .json(&serde_json::json!({ "grant_type": "refresh_token" }));
    assert_refused(json(json_body.send().await.unwrap()).await, "invalid_request");
    let twice = [("grant_type", "refresh_token"), ("scope", "a"), ("scope", "b")];
    assert_refused(cloud.token(&twice).await, "invalid_request");
    assert_refused(
        cloud.token(&[("grant_type", "magic")]).await,
        "unsupported_grant_type",
    );
}

#[tokio::test]
async fn a_reply_with_tokens_is_never_to_be_stored() {
    let cloud = Cloud::start().await;
    let reply = cloud
        .http
        .post(cloud.account("/oauth/access_token/"))
        .basic_auth(known::CLIENT_ID, Some(""))
        .form(&code_form(&cloud.code()))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn a_grant_is_for_the_clients_that_may_use_it() {
    let cloud = Cloud::start().await;
    let form = [
        ("grant_type", "password"),
        ("username", INES),
        ("password", known::PASSWORD),
    ];
    assert_refused(cloud.token(&form).await, "unauthorized_client");
    let (status, tokens) = cloud.token_as(PASSWORD_CLIENT_ID, "", &form).await;
    assert_eq!(status, 200, "{tokens}");
    assert!(tokens["refresh_token"].is_string());
}

#[tokio::test]
async fn the_password_grant_is_not_for_wrong_passwords_nor_for_people_of_microsoft() {
    let cloud = Cloud::start().await;
    let microsoft = known::MICROSOFT_ADMIN.email;
    for (username, password) in [
        (INES, "wrong"),
        (microsoft, known::PASSWORD),
        ("nobody@x", known::PASSWORD),
    ] {
        let form = [
            ("grant_type", "password"),
            ("username", username),
            ("password", password),
        ];
        assert_refused(
            cloud.token_as(PASSWORD_CLIENT_ID, "", &form).await,
            "invalid_grant",
        );
    }
}

#[tokio::test]
async fn client_credentials_speak_for_the_client_without_a_refresh_token() {
    let cloud = Cloud::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", "printing")];
    let (status, tokens) = cloud
        .token_as(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, &form)
        .await;
    assert_eq!(status, 200, "{tokens}");
    assert!(tokens.get("refresh_token").is_none());
    let claims = claims(text(&tokens, "access_token"));
    assert_eq!((&claims["pty"], &claims["org"]), (&"client".into(), &MAIN.into()));
    let groups = cloud
        .get(cloud.printing("/groups/"), text(&tokens, "access_token"))
        .await;
    assert_eq!((groups.0, &groups.1["count"]), (200, &20.into()));
}

#[tokio::test]
async fn what_the_contract_requires_is_required() {
    let cloud = Cloud::start().await;
    let code = cloud.code();
    for missing in ["code", "redirect_uri", "scope"] {
        let mut form = code_form(&code).to_vec();
        form.retain(|(key, _)| *key != missing);
        assert_refused(cloud.token(&form).await, "invalid_request");
    }
    let tokens = cloud.exchange(&code).await.1;
    let refresh = text(&tokens, "refresh_token");
    let (status, _) = cloud
        .token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)])
        .await;
    assert_eq!(status, 400);
    assert!(
        cloud.control().refresh_token_alive(refresh),
        "a malformed request spends nothing"
    );
}
