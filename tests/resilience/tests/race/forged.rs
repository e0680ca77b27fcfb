//! Strangers at the redirect's port while the person is at their browser.

use ezeep_sim_faults::known;
use reqwest::header::HOST;
use resilience::browser;
use resilience::lane::inside;
use serde_json::json;
use url::Url;

use crate::world::{World, report};

/// security.md 9, 10, 17, 19: 50 forged answers, each refused, and the real one succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_forged_callbacks_change_nothing_and_the_real_one_signs_in() {
    let world = World::new(0).await;
    let console = world.asked().await;
    let link = world.lane.begin_sign_in(&console).await.unwrap();
    let state = link
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    let mut near = state.clone();
    near.replace_range(..1, if state.starts_with('A') { "B" } else { "A" });
    let redirect = Url::parse(&world.lane.profile.redirect).unwrap();
    let at = |query: &str| {
        let mut url = redirect.clone();
        url.set_query(Some(query));
        url
    };
    let queries = [
        "code=forged".to_owned(),
        "code=forged&state=".to_owned(),
        format!("code=forged&state={near}"),
        format!("code=forged&state={}", state.to_lowercase()),
        format!("code=forged&state={state}x"),
        format!("code=forged&state={}", &state[1..]),
        format!("code=forged&state={near}&state={near}"),
        format!("error=access_denied&state={near}"),
        "error=access_denied".to_owned(),
        "state=%00&code=%00".to_owned(),
    ];
    let http = browser::browser().unwrap();
    let mut refused = 0;
    let mut refuse = async |request: reqwest::RequestBuilder| {
        let status = request.send().await.unwrap().status();
        assert!(status.is_client_error(), "{status}");
        refused += 1;
    };
    for round in 0..4 {
        for query in &queries {
            refuse(http.get(at(&format!("{query}&round={round}")))).await;
        }
    }
    // What a page of another site, a curious program or a rebound name would send, with the right state.
    let right = format!("code=forged&state={state}");
    for other in ["/", "/oauth/callback/../x", "/oauth/callbackx", "/favicon.ico"] {
        let mut url = at(&right);
        url.set_path(other);
        refuse(http.get(url)).await;
    }
    for request in [
        http.post(at(&right)),
        http.put(at(&right)),
        http.delete(at(&right)),
        http.get(at(&right)).header(HOST, "evil.example"),
        http.get(at(&right)).header(HOST, "localhost.evil.example"),
        http.get(at(&right)).header(HOST, "localhost:1"),
    ] {
        refuse(request).await;
    }

    let view = console.ask(json!({ "do": "sessionView" })).await.unwrap();
    assert_eq!(view["step"]["at"], "waitingForBrowser", "{view}");
    browser::sign_in(&link, known::ONE_ORGANIZATION_ADMIN.email)
        .await
        .unwrap();
    inside(&console).await.unwrap();
    println!("forged callbacks refused: {refused}");
    report(
        "forged-callbacks",
        &json!({ "refused": refused, "signedInAfter": true }),
    );
    assert!(refused >= 50);
}
