//! The whole console with a third-party account server whose access tokens are opaque and whose refreshes
//! return to Private: sign-in, choice, switch, refresh and restart.

use std::time::Duration;

use resilience::browser;
use resilience::headless::{Headless, Profile};
use resilience::keyring::Keyring;
use resilience::lane::{inside, somebody};
use resilience::proxy::{Act, Matching, Proxy, Reply};
use serde_json::{Value, json};
use url::Url;

use crate::servers::{Server, Which};

/// A console that has started to restore the saved session.
async fn resumed(profile: &Profile) -> Headless {
    let console = Headless::start(profile).unwrap();
    console.ask(json!({ "do": "resume" })).await.unwrap();
    console
}

/// Waits until the organization with this name is open and synced; returns its workspace and its groups'
/// names.
async fn opened(console: &Headless, name: &str) -> (String, Vec<String>) {
    console
        .until("in the organization", |view| {
            (view["organization"]["name"] == name && view["overlay"].is_null()).then_some(())
        })
        .await
        .unwrap();
    let workspace = inside(console).await.unwrap();
    let query = json!({
        "search": "", "firstOf": null, "sort": "name", "descending": false, "offset": 0, "limit": 500
    });
    let command = json!({ "do": "groups", "workspace": workspace, "query": query });
    let groups = console.ask(command).await.unwrap();
    let rows = groups["rows"].as_array().unwrap();
    let names = rows.iter().map(|row| row["name"].as_str().unwrap().to_owned());
    (workspace, names.collect())
}

async fn choose(console: &Headless, id: &str) {
    let command = json!({ "do": "organizationChoose", "organization": id });
    console.ask(command).await.unwrap();
}

/// security.md 44: a token without claims locks nobody out, and is not taken to be for an organization that
/// was not requested.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_toolkits_opaque_tokens_sign_in_choose_switch_refresh_and_restart() {
    let server = Server::start(Which::Toolkit, Duration::ZERO).await;
    let keyring = Keyring::start().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let printing = Proxy::start(&server.account.join("printing/v1").unwrap())
        .await
        .unwrap();
    let profile = Profile {
        program: env!("CARGO_BIN_EXE_headless").into(),
        account: server.account.clone(),
        api: printing.url(),
        redirect: server.redirect.clone(),
        data_dir: dir.path().join("profile"),
        env: keyring.env(),
    };
    let console = resumed(&profile).await;
    let request = json!({
        "clientId": server.client_id(), "keep": true, "method": "browser", "fewerRights": false, "redirectUri": null,
    });
    console
        .ask(json!({ "do": "signIn", "request": request }))
        .await
        .unwrap();
    let link = console
        .news("told to open a browser", |line| {
            line["browser"]["url"].as_str().map(str::to_owned)
        })
        .await
        .unwrap();
    let back = server.approve(&Url::parse(&link).unwrap()).await;
    browser::browser().unwrap().get(back).send().await.unwrap();
    console
        .until("asked which organization", |view| {
            (view["kind"] == "choosingOrganization").then_some(())
        })
        .await
        .unwrap();
    choose(&console, "first-1").await;
    assert_eq!(opened(&console, "First").await.1, ["Group of First"]);
    choose(&console, "second-1").await;
    let (workspace, groups) = opened(&console, "Second").await;
    assert_eq!(groups, ["Group of Second"]);

    // The token in memory is refused: the server's refresh returns to Private, and the client requests the
    // organization again.
    let user = somebody(&console, &workspace).await.unwrap();
    let refusal = Reply::new(401, "application/json", r#"{"detail":"Given token not valid"}"#);
    printing.add(
        Matching::new("GET", "/printing/v1/users/").times(1),
        Act::Instead(refusal),
    );
    let read = json!({ "do": "userRead", "workspace": workspace, "user": user });
    let detail: Value = console.ask(read).await.unwrap();
    assert!(detail.to_string().contains("group-of-second-1"), "{detail}");

    console.quit().await.unwrap();
    let console = resumed(&profile).await;
    assert_eq!(opened(&console, "Second").await.1, ["Group of Second"]);
    choose(&console, "first-1").await;
    assert_eq!(opened(&console, "First").await.1, ["Group of First"]);
}
