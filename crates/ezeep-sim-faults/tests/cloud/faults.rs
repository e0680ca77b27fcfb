//! Faults: each does what it says to the requests it was meant for, and to no other.

use std::time::{Duration, Instant};

use ezeep_sim_faults::{Fault, FaultKind, Grant, Match, RetryAfter, Server, When};
use reqwest::Method;
use serde_json::json;

use crate::support::{Cloud, INES, MAIN, text};

fn groups(method: &str) -> Match {
    Match::new(method, "/printing/v1/groups/")
}

async fn create(cloud: &Cloud, token: &str, name: &str) -> Result<u16, reqwest::Error> {
    let body = json!({ "name": name, "organization_id": MAIN });
    let request = cloud
        .request(Method::POST, cloud.printing("/groups/"), token)
        .json(&body);
    request.send().await.map(|reply| reply.status().as_u16())
}

fn exists(cloud: &Cloud, name: &str) -> bool {
    cloud
        .control()
        .groups(MAIN)
        .unwrap()
        .iter()
        .any(|group| group.name == name)
}

#[tokio::test]
async fn a_drop_before_the_commit_does_nothing_and_one_after_it_does_all() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    cloud
        .control()
        .add_fault(Fault::once(groups("POST"), FaultKind::DropBeforeCommit));
    assert!(create(&cloud, &token, "Before").await.is_err());
    assert!(!exists(&cloud, "Before"));
    cloud
        .control()
        .add_fault(Fault::once(groups("POST"), FaultKind::DropAfterCommit));
    assert!(create(&cloud, &token, "After").await.is_err());
    assert!(exists(&cloud, "After"));
    assert_eq!(create(&cloud, &token, "Later").await.unwrap(), 201);
    let statuses: Vec<Option<u16>> = cloud
        .control()
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [None, None, Some(201)]);
}

#[tokio::test]
async fn a_refresh_whose_reply_is_lost_has_spent_its_token() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let refresh = text(&tokens, "refresh_token");
    cloud.control().add_fault(Fault::once(
        Match::grant(Grant::RefreshToken),
        FaultKind::DropAfterCommit,
    ));
    let request = cloud
        .http
        .post(cloud.account("/oauth/access_token/"))
        .basic_auth(cloud.sim.client_id(), Some(""))
        .form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("scope", "printing"),
        ]);
    assert!(request.send().await.is_err());
    assert!(!cloud.control().refresh_token_alive(refresh));
    assert_eq!(cloud.control().live_families()[0].rotations, 1);
}

#[tokio::test]
async fn errors_of_every_kind_are_given_and_nothing_is_done() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    for status in [401, 403, 404, 409, 500] {
        cloud
            .control()
            .add_fault(Fault::once(groups("POST"), FaultKind::Status { status }));
        assert_eq!(create(&cloud, &token, "Refused").await.unwrap(), status);
    }
    for (kind, status) in [
        (FaultKind::Html { status: 502 }, 502),
        (FaultKind::Html { status: 200 }, 200),
        (
            FaultKind::Redirect {
                status: 307,
                location: "http://127.0.0.1:1/".to_owned(),
            },
            307,
        ),
        (
            FaultKind::Unavailable {
                retry_after: RetryAfter::Absent,
            },
            503,
        ),
    ] {
        cloud.control().add_fault(Fault::once(groups("POST"), kind));
        assert_eq!(create(&cloud, &token, "Refused").await.unwrap(), status);
    }
    assert!(!exists(&cloud, "Refused"));
}

#[tokio::test]
async fn a_wait_is_told_in_seconds_or_as_a_date() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let waits = [RetryAfter::Seconds(7), RetryAfter::Date(7), RetryAfter::Absent];
    let mut told = Vec::new();
    for retry_after in waits {
        cloud.control().add_fault(Fault::once(
            groups("GET"),
            FaultKind::TooManyRequests { retry_after },
        ));
        let reply = cloud
            .request(Method::GET, cloud.printing("/groups/"), &token)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 429);
        told.push(
            reply
                .headers()
                .get("retry-after")
                .map(|value| value.to_str().unwrap().to_owned()),
        );
    }
    assert_eq!(told[0].as_deref(), Some("7"));
    assert!(told[1].as_deref().unwrap().ends_with(" GMT"));
    assert_eq!(told[2], None);
}

#[tokio::test]
async fn a_fault_hits_the_requests_it_was_meant_for_as_often_as_was_said() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let fault = Fault::times(groups("GET").skip(1), 2, FaultKind::Status { status: 500 });
    cloud.control().add_fault(fault);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(cloud.get(cloud.printing("/groups/"), &token).await.0);
    }
    assert_eq!(seen, [200, 500, 500, 200]);

    let second_page = Match::new("GET", "/printing/v1/users/").query("offset=20");
    let id = cloud
        .control()
        .add_fault(Fault::always(second_page, FaultKind::Status { status: 503 }));
    assert_eq!(cloud.get(cloud.printing("/users/?offset=0"), &token).await.0, 200);
    assert_eq!(
        cloud.get(cloud.printing("/users/?offset=20"), &token).await.0,
        503
    );
    assert!(cloud.control().remove_fault(id));
    assert!(!cloud.control().remove_fault(id));
    assert_eq!(
        cloud.get(cloud.printing("/users/?offset=20"), &token).await.0,
        200
    );

    let any = Match {
        server: Some(Server::Account),
        ..Match::default()
    };
    cloud
        .control()
        .add_fault(Fault::always(any, FaultKind::Status { status: 500 }));
    assert_eq!(cloud.get(cloud.account("/v1/users/me"), &token).await.0, 500);
    assert_eq!(cloud.get(cloud.printing("/users/"), &token).await.0, 200);
    cloud.control().clear_faults();
    assert_eq!(cloud.get(cloud.account("/v1/users/me"), &token).await.0, 200);
}

#[tokio::test]
async fn pages_can_lie_in_every_way() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let users = Match::new("GET", "/printing/v1/users/");
    let page = |kind: FaultKind| {
        cloud.control().add_fault(Fault::once(users.clone(), kind));
        cloud.get(cloud.printing("/users/"), &token)
    };
    let (_, good) = cloud.get(cloud.printing("/users/"), &token).await;
    let (_, malformed) = page(FaultKind::MalformedItem { index: 2 }).await;
    assert!(malformed["results"][2]["id"].is_number());
    assert_eq!(malformed["results"][3], good["results"][3]);
    let (_, malformed) = page(FaultKind::MalformedFields { index: 2 }).await;
    assert_eq!(malformed["results"][2]["id"], good["results"][2]["id"]);
    assert_ne!(malformed["results"][2]["groups"], good["results"][2]["groups"]);
    assert_eq!(page(FaultKind::WrongCount { count: -5 }).await.1["count"], -5);
    let (_, repeated) = page(FaultKind::RepeatedItem).await;
    assert_eq!(repeated["results"][19], repeated["results"][20]);
    assert_eq!(page(FaultKind::EmptyPage).await.1["results"], json!([]));
    let (status, half) = page(FaultKind::TruncatedJson).await;
    assert!(status == 200 && half.is_string(), "{half}");
    let patch = json!({ "next": "http://evil.example/", "previous": null, "count": "12" });
    let (_, merged) = page(FaultKind::Merge { patch }).await;
    assert_eq!(
        (&merged["next"], &merged["count"]),
        (&"http://evil.example/".into(), &"12".into())
    );
    assert!(merged.get("previous").is_none());
}

#[tokio::test]
async fn a_body_can_be_cut_in_the_middle_of_its_announced_length() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    cloud
        .control()
        .add_fault(Fault::once(groups("GET"), FaultKind::CutBody { bytes: 40 }));
    let reply = cloud
        .request(Method::GET, cloud.printing("/groups/"), &token)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    assert!(reply.bytes().await.is_err());
}

#[tokio::test]
async fn replies_can_be_late_or_slow() {
    let cloud = Cloud::start().await;
    cloud.control().set_latency(Duration::from_millis(30));
    let token = cloud.admin_token();
    let started = Instant::now();
    assert_eq!(cloud.get(cloud.printing("/groups/"), &token).await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(30));
    cloud.control().set_latency(Duration::ZERO);
    for kind in [
        FaultKind::DelayBefore { ms: 40 },
        FaultKind::DelayAfter { ms: 40 },
        FaultKind::SlowBody {
            chunk: 2_000,
            pause_ms: 40,
        },
    ] {
        cloud
            .control()
            .add_fault(Fault::once(groups("GET"), kind.clone()));
        let started = Instant::now();
        let (status, page) = cloud.get(cloud.printing("/groups/"), &token).await;
        assert_eq!((status, &page["count"]), (200, &20.into()), "{kind:?}");
        assert!(started.elapsed() >= Duration::from_millis(40), "{kind:?}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_endpoint_and_logged_without_secrets() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let access = text(&tokens, "access_token");
    for id in ["a", "b"] {
        cloud.get(cloud.printing(&format!("/users/{id}/")), access).await;
    }
    cloud.http.get(cloud.authorize_url(&[])).send().await.unwrap();
    let control = cloud.control();
    assert_eq!(control.count("GET", "/printing/v1/users/{id}/"), 2);
    assert_eq!(control.count("POST", "/oauth/access_token/"), 1);
    let log = format!("{:?}", control.requests());
    assert!(!log.contains(access) && !log.contains("the-state") && !log.contains("code_challenge"));
    assert!(!format!("{control:?}").contains(text(&tokens, "refresh_token")));
    control.forget_requests();
    assert!(control.requests().is_empty());
}

#[tokio::test]
async fn every_token_given_out_is_remembered_from_when_that_is_asked_for() {
    let cloud = Cloud::start().await;
    let earlier = cloud.admin_token();
    cloud.control().remember_tokens();
    let issued = cloud.control().issue_tokens(INES, Some(MAIN)).unwrap();
    let tokens = cloud.sign_in().await;
    let refresh = text(&tokens, "refresh_token");
    let (_, refreshed) = cloud.refresh(refresh).await;
    let (_, switched) = cloud.switch(text(&refreshed, "refresh_token"), MAIN).await;

    let mut expected = vec![issued.access_token, issued.refresh_token];
    for reply in [&tokens, &refreshed, &switched] {
        let fields = ["access_token", "refresh_token"];
        expected.extend(fields.map(|field| text(reply, field).to_owned()));
    }
    assert_eq!(cloud.control().tokens_given(), expected);
    assert!(!expected.contains(&earlier));

    let fault = Fault::once(Match::grant(Grant::RefreshToken), FaultKind::TruncatedJson);
    cloud.control().add_fault(fault);
    cloud.refresh(text(&switched, "refresh_token")).await;
    let given = cloud.control().tokens_given();
    assert_eq!(
        given.len(),
        expected.len() + 2,
        "a reply that a fault spoils gave tokens too"
    );
}

#[tokio::test]
async fn the_largest_number_of_requests_at_once_is_known() {
    let cloud = Cloud::start().await;
    cloud.control().set_latency(Duration::from_millis(50));
    let token = cloud.admin_token();
    futures::future::join_all((0..6).map(|_| cloud.get(cloud.printing("/users/"), &token))).await;
    let peak = cloud.control().peak_in_flight();
    assert!((2..=6).contains(&peak), "{peak}");
}

#[tokio::test]
async fn the_control_endpoint_is_there_only_when_asked_for() {
    let cloud = Cloud::start().await;
    assert!(cloud.sim.control_url().is_none());
    let url = cloud.account("/__control/faults/");
    assert_eq!(
        cloud
            .http
            .post(url)
            .json(&json!({}))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn the_control_endpoint_arms_faults_changes_settings_and_plays_the_second_admin() {
    let cloud = Cloud::start_with_endpoint().await;
    let token = cloud.admin_token();
    let base = cloud.sim.control_url().unwrap();
    let post = |path: &str, body: serde_json::Value| {
        let request = cloud.http.post(base.join(path).unwrap()).json(&body);
        async move { crate::support::json(request.send().await.unwrap()).await }
    };
    let fault = json!({
        "match": { "method": "GET", "path": "/printing/v1/groups/" },
        "times": 1,
        "kind": { "too_many_requests": { "retry_after": { "seconds": 3 } } },
    });
    assert_eq!(post("faults/", fault).await.0, 201);
    assert_eq!(cloud.get(cloud.printing("/groups/"), &token).await.0, 429);
    assert_eq!(
        post(
            "faults/",
            json!({ "match": {}, "kind": "drop_before_commit", "typo": 1 })
        )
        .await
        .0,
        422
    );
    assert_eq!(post("settings/", json!({ "page_max": 5 })).await.0, 204);
    let (_, page) = cloud.get(cloud.printing("/users/?limit=50"), &token).await;
    assert_eq!(page["results"].as_array().unwrap().len(), 5);
    let person = page["results"][0]["id"].clone();
    let (status, group) = post(
        "groups/",
        json!({ "organization": MAIN, "name": "Second admin's" }),
    )
    .await;
    assert_eq!(status, 201);
    let change = json!({ "organization": MAIN, "person": person, "set": [group["id"]] });
    assert_eq!(
        post("memberships/", change).await,
        (200, json!({ "groups": [group["id"]] }))
    );
    assert_eq!(post("clock/", json!({ "offset_seconds": 7_200 })).await.0, 204);
    assert_eq!(cloud.get(cloud.printing("/groups/"), &token).await.0, 401);
    let form = cloud
        .http
        .post(base.join("clock/").unwrap())
        .form(&[("offset_seconds", "0")]);
    assert_eq!(
        form.send().await.unwrap().status(),
        415,
        "no page of a browser reaches it by a form"
    );
    let families = cloud
        .http
        .get(base.join("families/").unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        families.json::<serde_json::Value>().await.unwrap()[0]["organization_id"],
        MAIN
    );
}

/// The panic message of dropping `cloud`; `None` if it does not panic.
fn complaint(cloud: Cloud) -> Option<String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(cloud)))
        .err()
        .map(|panic| *panic.downcast::<String>().unwrap())
}

/// A path that no request uses.
fn elsewhere() -> Match {
    Match::new("POST", "/oauth/revoke_token/")
}

#[tokio::test]
async fn a_fault_a_call_and_a_pause_that_no_request_meets_fail_their_test() {
    type Set = fn(&Cloud);
    let sets: [(&str, Set); 5] = [
        ("DropBeforeCommit", |cloud| {
            let fault = Fault::always(elsewhere(), FaultKind::DropBeforeCommit);
            cloud.control().add_fault(fault);
        }),
        ("the call", |cloud| {
            let matching = elsewhere();
            cloud
                .control()
                .on_request(When::AfterCommit, matching, None, |_| ());
        }),
        ("the pause", |cloud| {
            let matching = elsewhere();
            drop(cloud.control().pause(When::BeforeCommit, matching));
        }),
        ("Status", |cloud| {
            let fault = Fault::once(elsewhere(), FaultKind::Status { status: 500 });
            let id = cloud.control().add_fault(fault);
            cloud.control().remove_fault(id);
        }),
        ("EmptyPage", |cloud| {
            let fault = Fault::once(elsewhere(), FaultKind::EmptyPage);
            cloud.control().add_fault(fault);
            cloud.control().clear_faults();
            cloud.control().clear_hooks();
        }),
    ];
    for (what, set) in sets {
        let cloud = Cloud::start().await;
        set(&cloud);
        let said = complaint(cloud).unwrap_or_else(|| panic!("{what}: nothing was said"));
        assert!(said.contains(what) && said.contains(&elsewhere().path), "{said}");
        assert!(said.contains("faults.rs:"), "it says where it was set: {said}");
    }
}

#[tokio::test]
async fn a_fault_whose_skipped_requests_alone_came_was_not_met() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let third = groups("GET").skip(2);
    cloud
        .control()
        .add_fault(Fault::once(third, FaultKind::EmptyPage));
    for _ in 0..2 {
        cloud.get(cloud.printing("/groups/"), &token).await;
    }
    let said = complaint(cloud).unwrap();
    assert!(
        said.contains("2 such requests came, 2 were to be let through"),
        "{said}"
    );
}

#[tokio::test]
async fn a_fault_that_is_met_or_may_be_missed_is_no_complaint() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let control = cloud.control();
    control.add_fault(Fault::always(groups("GET"), FaultKind::EmptyPage));
    control.on_request(When::AfterCommit, groups("GET"), None, |_| ());
    let never = groups("POST").may_not_fire("this is what the test is about");
    control.add_fault(Fault::always(never, FaultKind::DropBeforeCommit));
    cloud.get(cloud.printing("/groups/"), &token).await;
    assert_eq!(complaint(cloud), None);
}

#[test]
fn a_test_that_fails_anyway_says_why_itself() {
    let failing = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let cloud = Cloud::start().await;
            let fault = Fault::once(groups("POST"), FaultKind::DropBeforeCommit);
            cloud.control().add_fault(fault);
            panic!("its own reason");
        });
    });
    let panic = failing.join().unwrap_err();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "its own reason");
}
