//! Which redirects are followed.

use super::*;

#[tokio::test]
async fn a_slash_that_the_server_adds_is_followed_for_reads_only() {
    let server = MockServer::start().await;
    let moved = || ResponseTemplate::new(301).insert_header("location", "/v1/users/me/");
    Mock::given(method("GET"))
        .and(path("/v1/users/me"))
        .respond_with(moved())
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/v1/users/me/"))
        .and(header("authorization", format!("Bearer {CANARY}-0").as_str()))
        .respond_with(json_reply(200, r#"{"id":"u-1","email":"a@example.com"}"#))
        .expect(1)
        .mount(&server)
        .await;
    let elsewhere = ResponseTemplate::new(308).insert_header("location", "/printing/v1/groups");
    Mock::given(method("POST"))
        .and(path("/printing/v1/groups/"))
        .respond_with(elsewhere)
        .expect(1)
        .mount(&server)
        .await;
    let tokens = Arc::new(Tokens::default());
    let client = client_with(&server.uri(), tokens, quick());
    client.me().await.unwrap();
    let new = NewGroup {
        name: "x".into(),
        organization_id: "o-1".parse().unwrap(),
        description: None,
        local_printing_enabled: None,
        myprinters_enabled: None,
    };
    assert!(matches!(
        client.create_group(&new).await.unwrap_err(),
        ezeep_api::Error::Redirect { status: 308 }
    ));
}

/// security.md 45
#[tokio::test]
async fn a_redirect_to_another_host_or_in_a_circle_is_refused_and_nothing_goes_there() {
    let other = MockServer::start().await;
    for location in [
        format!("{}/v1/users/me/", other.uri()),
        "/v1/users/me/?x".into(),
        "//evil.example/v1/users/me/".into(),
    ] {
        let server = MockServer::start().await;
        let moved = ResponseTemplate::new(301).insert_header("location", location.as_str());
        Mock::given(path("/v1/users/me"))
            .respond_with(moved)
            .mount(&server)
            .await;
        let back = ResponseTemplate::new(301).insert_header("location", "/v1/users/me");
        Mock::given(path("/v1/users/me/"))
            .respond_with(back)
            .mount(&server)
            .await;
        let error = client(&server.uri()).me().await.unwrap_err();
        assert!(
            matches!(error, ezeep_api::Error::Redirect { status: 301 }),
            "{location}: {error:?}"
        );
        assert!(server.received_requests().await.unwrap().len() <= 2);
    }
    assert_eq!(other.received_requests().await.unwrap().len(), 0);
}
