//! Both REST servers, call by call.

use std::collections::HashSet;

use ezeep_sim_faults::known::{self, groups, organizations};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Cloud, INES, MAIN, small};

#[tokio::test]
async fn every_call_needs_a_token_that_is_signed_alive_and_of_this_cloud() {
    let cloud = Cloud::start().await;
    let other = Cloud::start().await;
    let token = cloud.admin_token();
    let foreign = other.admin_token();
    let (head, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let forged = format!("{head}.{}.{signature}", payload.replace('e', "f"));
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    for bad in ["", "nonsense", &foreign, &forged, &unsigned] {
        for url in [
            cloud.printing("/groups/"),
            cloud.account("/v1/organizations/").to_string(),
        ] {
            let (status, body) = cloud.get(&url, bad).await;
            assert_eq!(status, 401, "{bad} at {url}");
            assert!(body["detail"].is_string());
        }
    }
    assert_eq!(cloud.get(cloud.printing("/groups/"), &token).await.0, 200);
    cloud.control().revoke_access_tokens();
    assert_eq!(cloud.get(cloud.printing("/groups/"), &token).await.0, 401);
}

#[tokio::test]
async fn the_admin_is_admin_twice_user_once_and_admin_of_a_private_organization() {
    let cloud = Cloud::start().await;
    let (_, page) = cloud
        .get(cloud.account("/v1/organizations/"), &cloud.admin_token())
        .await;
    let seen: Vec<(&str, &str)> = page["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["id"].as_str().unwrap(), entry["roles"][0].as_str().unwrap()))
        .collect();
    let expected = [
        (organizations::PRIVATE, "admin"),
        (MAIN, "admin"),
        (organizations::SECOND, "admin"),
        (organizations::THIRD, "user"),
    ];
    assert_eq!(seen, expected);
    let count = |email: &'static str| {
        let cloud = &cloud;
        async move {
            let token = cloud.token_of(email, None);
            cloud.get(cloud.account("/v1/organizations/"), &token).await.1["count"]
                .as_u64()
                .unwrap()
        }
    };
    assert_eq!(count(known::ONE_ORGANIZATION_ADMIN.email).await, 2);
    assert_eq!(count(known::PRIVATE_ONLY_ADMIN.email).await, 1);
}

#[tokio::test]
async fn the_private_organization_holds_its_owner_and_no_groups() {
    let cloud = Cloud::start().await;
    let token = cloud.token_of(INES, None);
    assert_eq!(cloud.get(cloud.account("/v1/users/"), &token).await.1["count"], 1);
    assert_eq!(cloud.get(cloud.printing("/users/"), &token).await.1["count"], 1);
    assert_eq!(cloud.get(cloud.printing("/groups/"), &token).await.1["count"], 0);
}

#[tokio::test]
async fn pages_cover_every_person_once_in_the_order_of_ids_and_next_is_a_plain_http_link() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let mut ids = Vec::new();
    let mut offset = 0;
    loop {
        let (_, page) = cloud
            .get(
                cloud.printing(&format!("/users/?limit=50&offset={offset}")),
                &token,
            )
            .await;
        ids.extend(
            page["results"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(
            next,
            format!(
                "http://api2.ezeep.com/printing/v1/users/?limit=50&offset={}",
                offset + 50
            )
        );
        offset += 50;
    }
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    let on_server = cloud.control().people(MAIN).unwrap();
    let expected: Vec<String> = on_server
        .into_iter()
        .filter(|person| person.on_printing_server)
        .map(|person| person.id)
        .collect();
    assert_eq!(ids, expected);
    let (_, page) = cloud
        .get(cloud.printing("/users/?limit=50&offset=50"), &token)
        .await;
    assert_eq!(
        page["previous"],
        "http://api2.ezeep.com/printing/v1/users/?limit=50"
    );
}

#[tokio::test]
async fn a_page_is_20_unless_asked_and_never_more_than_the_largest() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let length = |query: &'static str| {
        let (cloud, token) = (&cloud, &token);
        async move {
            let (_, page) = cloud.get(cloud.printing(&format!("/users/{query}")), token).await;
            page["results"].as_array().unwrap().len()
        }
    };
    assert_eq!(length("").await, 20);
    assert_eq!(length("?limit=1000").await, 100);
    cloud.control().set_page_max(7);
    assert_eq!(length("?limit=1000").await, 7);
    assert_eq!(length("").await, 7);
    assert_eq!(length("?offset=99999").await, 0);
    let (_, page) = cloud.get(cloud.printing("/users/?limit=1000"), &token).await;
    assert_eq!(
        page["next"],
        "http://api2.ezeep.com/printing/v1/users/?limit=7&offset=7"
    );
}

#[tokio::test]
async fn accounts_are_paged_in_both_ways() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (_, by_page) = cloud
        .get(cloud.account("/v1/users/?page=3&per_page=10"), &token)
        .await;
    let (_, by_offset) = cloud
        .get(cloud.account("/v1/users/?limit=10&offset=20"), &token)
        .await;
    assert_eq!(by_page, by_offset);
    assert_eq!(
        by_page["next"],
        "http://account.ezeep.com/v1/users/?limit=10&offset=30"
    );
    for bad in ["limit=0", "limit=x", "offset=-1", "page=0"] {
        let (status, body) = cloud
            .get(cloud.account(&format!("/v1/users/?{bad}")), &token)
            .await;
        assert_eq!(status, 400, "{bad}");
        assert!(body.as_object().unwrap().values().all(Value::is_array), "{body}");
    }
}

#[tokio::test]
async fn a_group_is_created_read_changed_and_deleted() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let wanted = json!({ "name": "  Neue Gruppe ", "organization_id": MAIN, "unknown": [1], "myprinters_enabled": true });
    let (status, group) = cloud
        .send(Method::POST, cloud.printing("/groups/"), &token, wanted.clone())
        .await;
    assert_eq!(status, 201, "{group}");
    assert_eq!(group["name"], "Neue Gruppe");
    assert_eq!(group["origin"], json!({ "provider": "Ezeep" }));
    assert_eq!(
        (&group["num_members"], &group["num_printers"]),
        (&0.into(), &0.into())
    );
    let url = cloud.printing(&format!("/groups/{}/", group["id"].as_str().unwrap()));
    assert_eq!(cloud.get(&url, &token).await, (200, group.clone()));

    let (status, error) = cloud
        .send(Method::POST, cloud.printing("/groups/"), &token, wanted)
        .await;
    assert_eq!(
        (status, error),
        (400, json!({ "name": ["group with this name already exists."] }))
    );

    let (status, changed) = cloud
        .send(Method::PATCH, &url, &token, json!({ "description": "Was" }))
        .await;
    assert_eq!(
        (status, &changed["description"], &changed["name"]),
        (200, &"Was".into(), &group["name"])
    );
    let taken = cloud
        .send(Method::PATCH, &url, &token, json!({ "name": "Lehrkräfte" }))
        .await;
    assert_eq!(taken.0, 400);

    let gone = cloud.request(Method::DELETE, &url, &token).send().await.unwrap();
    assert_eq!(
        (gone.status().as_u16(), gone.text().await.unwrap()),
        (204, String::new())
    );
    assert_eq!(cloud.get(&url, &token).await.0, 404);
    assert_eq!(
        cloud
            .request(Method::DELETE, &url, &token)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn bad_values_are_400_and_name_their_field() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let long = "ä".repeat(256);
    let cases = [
        (json!({ "organization_id": MAIN }), "name"),
        (json!({ "name": "", "organization_id": MAIN }), "name"),
        (json!({ "name": "   ", "organization_id": MAIN }), "name"),
        (json!({ "name": long, "organization_id": MAIN }), "name"),
        (json!({ "name": 5, "organization_id": MAIN }), "name"),
        (json!({ "name": "New" }), "organization_id"),
        (
            json!({ "name": "New", "organization_id": organizations::SECOND }),
            "organization_id",
        ),
        (
            json!({ "name": "New", "organization_id": MAIN, "description": long }),
            "description",
        ),
        (
            json!({ "name": "New", "organization_id": MAIN, "local_printing_enabled": "yes" }),
            "local_printing_enabled",
        ),
    ];
    for (body, field) in cases {
        let (status, error) = cloud
            .send(Method::POST, cloud.printing("/groups/"), &token, body.clone())
            .await;
        assert_eq!(status, 400, "{body}");
        assert!(error[field][0].is_string(), "{error} for {body}");
    }
    let whole = json!({ "name": "ä".repeat(255), "organization_id": MAIN });
    assert_eq!(
        cloud
            .send(Method::POST, cloud.printing("/groups/"), &token, whole)
            .await
            .0,
        201
    );
    let reply = cloud
        .request(Method::POST, cloud.printing("/groups/"), &token)
        .body("{not json");
    assert_eq!(reply.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_wrong_method_is_405_the_missing_slash_301_and_the_unknown_404() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let reply = cloud
        .request(Method::PUT, cloud.printing("/groups/"), &token)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 405);
    assert!(reply.headers()["allow"].to_str().unwrap().contains("POST"));
    let slashless = [
        (
            Method::GET,
            cloud.printing("/users?limit=5"),
            "/printing/v1/users/?limit=5".to_owned(),
        ),
        (
            Method::DELETE,
            cloud.printing(&format!("/groups/{}", groups::TEST)),
            format!("/printing/v1/groups/{}/", groups::TEST),
        ),
    ];
    for (method, url, target) in slashless {
        let reply = cloud.request(method, url, &token).send().await.unwrap();
        assert_eq!(
            (
                reply.status().as_u16(),
                reply.headers()["location"].to_str().unwrap()
            ),
            (301, target.as_str())
        );
    }
    assert!(
        cloud.control().group(MAIN, groups::TEST).is_ok(),
        "a redirected DELETE deletes nothing"
    );
    for url in ["/nothing/", "/groups/unknown/", "/groups/..%2Fx/"] {
        let (status, body) = cloud.get(cloud.printing(url), &token).await;
        assert_eq!((status, body), (404, json!({ "detail": "Not found." })), "{url}");
    }
}

#[tokio::test]
async fn every_reply_has_a_request_id_of_its_own() {
    let cloud = Cloud::start().await;
    let mut seen = HashSet::new();
    for url in [
        cloud.printing("/groups/"),
        cloud.printing("/nothing/"),
        cloud.account("/oauth/authorize/").to_string(),
    ] {
        let reply = cloud.http.get(url).send().await.unwrap();
        assert!(seen.insert(reply.headers()["x-request-id"].to_str().unwrap().to_owned()));
    }
}

#[tokio::test]
async fn printers_are_filtered_by_group_and_assigned_as_a_whole() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let of_group = |group: &'static str| {
        let (cloud, token) = (&cloud, &token);
        async move {
            cloud
                .get(cloud.printing(&format!("/assignments/?group={group}")), token)
                .await
                .1
        }
    };
    let printers = of_group(groups::EFA_PRINTER).await;
    assert_eq!(printers["count"], 5, "as the documents count them");
    let id = printers["results"][0]["printer_id"].as_str().unwrap().to_owned();
    let url = cloud.printing(&format!("/assignments/{id}/"));
    let body = json!({ "assignment": [{ "groups": [{ "group_id": groups::TEST }] }] });
    let (status, printer) = cloud.send(Method::PUT, &url, &token, body).await;
    assert_eq!(status, 200, "{printer}");
    assert_eq!(printer["assignments"][0]["groups"][0]["group_name"], "Test");
    assert_eq!(of_group(groups::EFA_PRINTER).await["count"], 4);
    let (_, group) = cloud
        .get(cloud.printing(&format!("/groups/{}/", groups::TEST)), &token)
        .await;
    assert_eq!(group["num_printers"], 1);
    let unknown = json!({ "assignment": [{ "groups": [{ "group_id": "nothing" }] }] });
    assert_eq!(cloud.send(Method::PUT, &url, &token, unknown).await.0, 400);
    assert_eq!(cloud.send(Method::PUT, &url, &token, json!({})).await.0, 400);
}

/// security.md 80: what a client must know before it writes assignments.
#[tokio::test]
async fn an_assignment_that_is_left_out_is_lost_and_only_the_list_shows_what_a_printer_has() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let url = cloud.printing(&format!("/assignments/?group={}", groups::EFA_PRINTER));
    let (_, page) = cloud.get(&url, &token).await;
    let id = page["results"][0]["printer_id"].as_str().unwrap().to_owned();
    let one = cloud.printing(&format!("/assignments/{id}/"));
    assert_eq!(cloud.get(&one, &token).await.0, 405, "one printer can't be read");
    let groups_of = |printer: &serde_json::Value| -> Vec<String> {
        let entries = printer["assignments"].as_array().unwrap().iter();
        let groups = entries.flat_map(|entry| entry["groups"].as_array().unwrap());
        groups
            .map(|group| group["group_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let entry = |ids: &[String]| {
        let groups: Vec<_> = ids.iter().map(|id| json!({ "group_id": id })).collect();
        json!({ "assignment": [{ "groups": groups }] })
    };
    // The right way: the entries that were read, with the change applied; nothing is lost.
    let mut all = groups_of(&page["results"][0]);
    all.push(groups::TEST.to_owned());
    let (status, printer) = cloud.send(Method::PUT, &one, &token, entry(&all)).await;
    assert_eq!((status, groups_of(&printer)), (200, all));
    // The wrong way: an entry that is left out is lost, also from the filtered list.
    let (_, printer) = cloud
        .send(Method::PUT, &one, &token, entry(&[groups::TEST.to_owned()]))
        .await;
    assert_eq!(groups_of(&printer), [groups::TEST]);
    let (_, page) = cloud.get(&url, &token).await;
    let left = page["results"].as_array().unwrap().iter();
    assert!(left.clone().all(|printer| printer["printer_id"] != id.as_str()));
}

#[tokio::test]
async fn a_token_sees_only_what_its_scope_and_organization_hold() {
    let cloud = Cloud::start().await;
    let tokens = cloud.sign_in().await;
    let form = [
        ("grant_type", "switch_organization"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("organization_id", organizations::SECOND),
        ("scope", "printing"),
    ];
    let (_, tokens) = cloud.token(&form).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(cloud.get(cloud.printing("/groups/"), token).await.1["count"], 12);
    assert_eq!(cloud.get(cloud.printing("/assignments/"), token).await.0, 403);
    let elsewhere = cloud.printing(&format!("/groups/{}/", groups::TEST));
    assert_eq!(cloud.get(elsewhere, token).await.0, 404);
}

#[tokio::test]
async fn a_busy_port_is_a_clear_error_and_a_stopped_cloud_is_gone() {
    let cloud = Cloud::start().await;
    let port = cloud.sim.account_url().port().unwrap();
    let busy = ezeep_sim_faults::Sim::start(ezeep_sim_faults::SimConfig {
        account_port: port,
        ..small()
    })
    .await;
    assert!(busy.unwrap_err().to_string().contains(&port.to_string()));
    let url = cloud.account("/oauth/authorize/");
    assert!(cloud.http.get(url.clone()).send().await.is_ok());
    let Cloud { sim, http } = cloud;
    sim.shutdown().await;
    assert!(
        http.get(url).send().await.is_err(),
        "kept-alive connections are closed too"
    );
}
