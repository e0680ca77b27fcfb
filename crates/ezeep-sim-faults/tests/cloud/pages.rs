//! The pages a person sees: usable without script, escaped, and harmless in a frame or from another site.

use reqwest::Response;

use crate::support::{Cloud, REDIRECT, parameter};

async fn sign_in_page(cloud: &Cloud, more: &[(&str, &str)]) -> Response {
    cloud.http.get(cloud.authorize_url(more)).send().await.unwrap()
}

/// The inputs of the consent form, as a browser would send them without a click on another person.
fn form_of(html: &str) -> Vec<(String, String)> {
    let form = html
        .split("<form method=\"post\"")
        .nth(1)
        .unwrap()
        .split("</form>")
        .next()
        .unwrap();
    form.split("<input ")
        .skip(1)
        .filter(|input| {
            !input.contains("type=\"radio\"") || input.split('>').next().unwrap().contains(" checked")
        })
        .map(|input| {
            let value = |name: &str| {
                let text = input
                    .split(&format!("{name}=\""))
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap();
                text.replace("&amp;", "&")
                    .replace("&quot;", "\"")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
            };
            (value("name"), value("value"))
        })
        .collect()
}

#[tokio::test]
async fn the_page_offers_people_with_stable_ids_and_the_demo_admin_chosen() {
    let cloud = Cloud::start().await;
    let reply = sign_in_page(&cloud, &[]).await;
    assert_eq!(reply.status(), 200);
    let html = reply.text().await.unwrap();
    assert!(html.contains("<h1>Sign in to ezeep</h1>"));
    assert!(html.contains("Pressroom") && html.contains(ezeep_sim_faults::known::CLIENT_ID));
    for id in ["person-0", "person-1", "person-2", "person-3", "allow", "refuse"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let first = html
        .split("id=\"person-0\"")
        .nth(1)
        .unwrap()
        .split("</label>")
        .next()
        .unwrap();
    assert!(first.contains(" checked") && first.contains("ines.vogt@nordhafen.example"));
    assert!(
        html.find("id=\"allow\"").unwrap() < html.find("id=\"refuse\"").unwrap(),
        "Enter means Allow"
    );
}

#[tokio::test]
async fn pressing_allow_or_refuse_sends_the_browser_back_to_the_app() {
    let cloud = Cloud::start().await;
    let html = sign_in_page(&cloud, &[]).await.text().await.unwrap();
    for (decision, expected) in [("allow", "code"), ("refuse", "error")] {
        let mut form = form_of(&html);
        form.push(("decision".to_owned(), decision.to_owned()));
        let reply = cloud
            .http
            .post(cloud.account("/oauth/authorize/"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 302);
        let location = url::Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap();
        assert!(location.as_str().starts_with(REDIRECT));
        assert!(parameter(&location, expected).is_some(), "{location}");
    }
}

#[tokio::test]
async fn anybody_can_be_found_by_name_or_address() {
    let cloud = Cloud::start().await;
    let people = cloud.control().people(crate::support::MAIN).unwrap();
    let someone = people
        .iter()
        .find(|person| !person.pending && person.email.contains("mueller"))
        .unwrap();
    let html = sign_in_page(&cloud, &[("q", &someone.email)])
        .await
        .text()
        .await
        .unwrap();
    let first = html
        .split("id=\"person-0\"")
        .nth(1)
        .unwrap()
        .split("</label>")
        .next()
        .unwrap();
    assert!(first.contains(&someone.email));
    let html = sign_in_page(&cloud, &[("q", "nobody-of-this-name")])
        .await
        .text()
        .await
        .unwrap();
    assert!(html.contains("Nobody matches") && !html.contains("id=\"person-0\""));
}

#[tokio::test]
async fn the_pages_are_strict_about_what_a_browser_may_do() {
    let cloud = Cloud::start().await;
    let reply = sign_in_page(&cloud, &[]).await;
    let policy = reply.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(
        policy.contains("form-action 'self' http://localhost:8080;"),
        "{policy}"
    );
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    assert_eq!(reply.headers()["x-content-type-options"], "nosniff");
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let html = reply.text().await.unwrap();
    assert!(!html.contains("<script") && !html.contains(" style="));
    let scheme = sign_in_page(
        &cloud,
        &[("redirect_uri", "dev.pressroom.console://oauth/callback")],
    )
    .await;
    let policy = scheme.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("form-action 'self' dev.pressroom.console:;"),
        "{policy}"
    );
}

#[tokio::test]
async fn what_came_in_the_address_stands_escaped_in_the_page() {
    let cloud = Cloud::start().await;
    let evil = "\"><script>alert(1)</script>";
    for key in ["state", "q"] {
        let html = sign_in_page(&cloud, &[(key, evil)]).await.text().await.unwrap();
        assert!(!html.contains("<script>"), "{key}");
        assert!(html.contains("&quot;&gt;&lt;script&gt;"), "{key}");
    }
    let page = cloud
        .http
        .get(cloud.account("/pair/"))
        .query(&[("code", evil)])
        .send()
        .await
        .unwrap();
    assert!(!page.text().await.unwrap().contains("<script>"));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let cloud = Cloud::start().await;
    let html = sign_in_page(&cloud, &[]).await.text().await.unwrap();
    let mut form = form_of(&html);
    form.push(("decision".to_owned(), "allow".to_owned()));
    let reply = cloud
        .http
        .post(cloud.account("/oauth/authorize/"))
        .header("Sec-Fetch-Site", "cross-site")
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 400);
    assert!(reply.headers().get("location").is_none());
}

#[tokio::test]
async fn a_host_that_is_not_loopback_is_turned_away() {
    let cloud = Cloud::start().await;
    let url = cloud.account("/oauth/authorize/");
    let reply = cloud
        .http
        .get(url)
        .header("Host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 421);
}

#[tokio::test]
async fn microsoft_is_a_page_of_its_own_and_then_consent_for_that_person_alone() {
    let cloud = Cloud::start().await;
    for more in [[("social", "azure")], [("prompt", "azure")]] {
        let reply = sign_in_page(&cloud, &more).await;
        assert_eq!(reply.status(), 302);
        let microsoft = cloud.account(reply.headers()["location"].to_str().unwrap());
        let html = cloud
            .http
            .get(microsoft)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(html.contains("Sign in with Microsoft (simulated)"));
        let mut form = form_of(&html);
        form.push(("decision".to_owned(), "allow".to_owned()));
        let reply = cloud
            .http
            .post(cloud.account("/microsoft/"))
            .form(&form)
            .send()
            .await
            .unwrap();
        let back = cloud.account(reply.headers()["location"].to_str().unwrap());
        let html = cloud.http.get(back).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("katerina.muelhausova@nordhafen.example"));
        assert!(!html.contains("id=\"person-1\""));
        let mut form = form_of(&html);
        form.push(("decision".to_owned(), "allow".to_owned()));
        let reply = cloud
            .http
            .post(cloud.account("/oauth/authorize/"))
            .form(&form)
            .send()
            .await
            .unwrap();
        let callback = url::Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap();
        let (status, tokens) = cloud.exchange(&parameter(&callback, "code").unwrap()).await;
        assert_eq!(status, 200, "{tokens}");
        let me = cloud
            .get(
                cloud.account("/v1/users/me"),
                tokens["access_token"].as_str().unwrap(),
            )
            .await
            .1;
        assert_eq!(me["email"], "katerina.muelhausova@nordhafen.example");
    }
}

#[tokio::test]
async fn prompt_none_shows_no_account_picker_and_cancelling_at_microsoft_is_a_refusal() {
    let cloud = Cloud::start().await;
    let reply = sign_in_page(&cloud, &[("social", "azure"), ("prompt", "none")]).await;
    assert_eq!(reply.status(), 200);
    assert!(
        reply
            .text()
            .await
            .unwrap()
            .contains("katerina.muelhausova@nordhafen.example")
    );
    let reply = sign_in_page(&cloud, &[("social", "azure")]).await;
    let microsoft = cloud.account(reply.headers()["location"].to_str().unwrap());
    let html = cloud
        .http
        .get(microsoft)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let mut form = form_of(&html);
    form.push(("decision".to_owned(), "refuse".to_owned()));
    let reply = cloud
        .http
        .post(cloud.account("/microsoft/"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert!(
        reply.headers()["location"]
            .to_str()
            .unwrap()
            .contains("error=access_denied")
    );
}

#[tokio::test]
async fn who_signs_in_with_microsoft_or_has_an_open_invitation_is_not_let_in_by_the_form() {
    let cloud = Cloud::start().await;
    let pending = cloud.control().people(crate::support::MAIN).unwrap();
    let pending = pending.iter().find(|person| person.pending).unwrap().id.clone();
    let html = sign_in_page(&cloud, &[]).await.text().await.unwrap();
    for person in [pending, "7f20d4be-6c95-4e18-a3d7-e84b09f15c62".to_owned()] {
        let mut form = form_of(&html);
        form.retain(|(key, _)| key != "person");
        form.push(("person".to_owned(), person));
        form.push(("decision".to_owned(), "allow".to_owned()));
        let reply = cloud
            .http
            .post(cloud.account("/oauth/authorize/"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 200);
        assert!(reply.text().await.unwrap().contains("role=\"alert\""));
    }
}
