//! Memberships: the written list replaces the old one, also if another client writes meanwhile.

use ezeep_sim_faults::known::{self, groups};
use ezeep_sim_faults::{AbsentGroups, AzureGroups, Match, When};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Cloud, INES, MAIN, small};

fn list(ids: &[&str]) -> Value {
    json!({ "groups": ids.iter().map(|id| json!({ "group_id": id })).collect::<Vec<_>>() })
}

/// Two groups made in ezeep, and a person who is in neither.
fn scene(cloud: &Cloud) -> (String, String, String, String) {
    let control = cloud.control();
    let one = control.create_group(MAIN, "One", false).unwrap();
    let two = control.create_group(MAIN, "Two", false).unwrap();
    let person = control
        .add_person(MAIN, "Per", "Son", "per.son@nordhafen.example")
        .unwrap();
    let url = cloud.printing(&format!("/users/{person}/"));
    (one, two, person, url)
}

#[tokio::test]
async fn a_patch_replaces_the_list_and_the_counts_follow() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (one, two, person, url) = scene(&cloud);
    let (status, user) = cloud
        .send(Method::PATCH, &url, &token, list(&[&one, &two, &one]))
        .await;
    assert_eq!((status, &user["groups"]), (200, &list(&[&one, &two])["groups"]));
    let (_, user) = cloud.send(Method::PATCH, &url, &token, list(&[&two])).await;
    assert_eq!(user["groups"], list(&[&two])["groups"]);
    let members = |id: &str| cloud.control().group(MAIN, id).unwrap().members;
    assert_eq!((members(&one), members(&two)), (vec![], vec![person]));
    let (_, group) = cloud
        .get(cloud.printing(&format!("/groups/{two}/")), &token)
        .await;
    assert_eq!(group["num_members"], 1);
}

#[tokio::test]
async fn a_patch_without_groups_leaves_them_and_an_unknown_group_changes_nothing() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (one, _, person, url) = scene(&cloud);
    cloud.control().add_to_group(MAIN, &person, &one).unwrap();
    let (status, user) = cloud
        .send(Method::PATCH, &url, &token, json!({ "myprinters_enabled": true }))
        .await;
    assert_eq!(
        (status, &user["myprinters_enabled"], &user["groups"]),
        (200, &true.into(), &list(&[&one])["groups"])
    );
    let (status, error) = cloud
        .send(Method::PATCH, &url, &token, list(&["no-such-group"]))
        .await;
    assert_eq!(status, 400);
    assert!(error["groups"].is_array());
    for bad in [
        json!({ "groups": "x" }),
        json!({ "groups": [{}] }),
        json!({ "groups": [one] }),
    ] {
        assert_eq!(cloud.send(Method::PATCH, &url, &token, bad).await.0, 400);
    }
    assert_eq!(
        cloud.control().memberships(MAIN, &person).unwrap(),
        std::slice::from_ref(&one)
    );
    assert_eq!(
        cloud.send(Method::PUT, &url, &token, json!({})).await.0,
        400,
        "PUT needs the list"
    );
    assert_eq!(cloud.send(Method::PUT, &url, &token, list(&[])).await.0, 200);
    assert!(cloud.control().memberships(MAIN, &person).unwrap().is_empty());
}

/// security.md 80: a write of settings alone, on a server that reads absent groups as empty.
#[tokio::test]
async fn a_patch_of_settings_alone_costs_every_membership_where_absent_is_read_as_empty() {
    let cloud = Cloud::with(ezeep_sim_faults::SimConfig {
        quirks: ezeep_sim_faults::Quirks {
            absent_groups: AbsentGroups::ReadAsEmpty,
            ..Default::default()
        },
        ..small()
    })
    .await;
    let token = cloud.admin_token();
    let (one, two, person, url) = scene(&cloud);
    cloud.control().set_groups(MAIN, &person, &[&one, &two]).unwrap();
    let both = list(&[&one, &two])["groups"].clone();

    let with_groups = json!({ "myprinters_enabled": true, "groups": both });
    let (status, user) = cloud.send(Method::PATCH, &url, &token, with_groups).await;
    assert_eq!((status, &user["groups"]), (200, &both));
    assert!(cloud.control().person(MAIN, &person).unwrap().my_printers);

    let alone = json!({ "myprinters_enabled": false });
    let (status, user) = cloud.send(Method::PATCH, &url, &token, alone).await;
    assert_eq!((status, &user["groups"]), (200, &json!([])));
    assert!(cloud.control().memberships(MAIN, &person).unwrap().is_empty());
}

#[tokio::test]
async fn settings_that_are_ignored_are_answered_200_all_the_same() {
    let cloud = Cloud::start().await;
    cloud
        .control()
        .change_quirks(|quirks| quirks.ignore_print_settings = true);
    let token = cloud.admin_token();
    let (one, _, person, url) = scene(&cloud);
    let before = cloud.control().person(MAIN, &person).unwrap().my_printers;
    let mut body = list(&[&one]);
    body["myprinters_enabled"] = json!(!before);
    let (status, user) = cloud.send(Method::PATCH, &url, &token, body).await;
    assert_eq!((status, &user["myprinters_enabled"]), (200, &json!(before)));
    assert_eq!(
        cloud.control().memberships(MAIN, &person).unwrap(),
        std::slice::from_ref(&one),
        "the groups are written all the same"
    );
}

#[tokio::test]
async fn a_deleted_group_leaves_every_list() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (one, two, person, url) = scene(&cloud);
    cloud.control().set_groups(MAIN, &person, &[&one, &two]).unwrap();
    cloud
        .request(Method::DELETE, cloud.printing(&format!("/groups/{one}/")), &token)
        .send()
        .await
        .unwrap();
    assert_eq!(cloud.get(&url, &token).await.1["groups"], list(&[&two])["groups"]);
}

#[tokio::test]
async fn the_filter_of_the_documents_gives_a_groups_people_page_by_page() {
    let cloud = Cloud::with(ezeep_sim_faults::SimConfig {
        people: 600,
        ..small()
    })
    .await;
    let token = cloud.admin_token();
    let ask = |query: &'static str, ids: Vec<&'static str>| {
        let request = cloud.request(Method::GET, cloud.printing(&format!("/users/{query}")), &token);
        async move {
            crate::support::json(request.json(&list(&ids)).send().await.unwrap())
                .await
                .1
        }
    };
    let three = ask("", vec![groups::FILTERED]).await;
    assert_eq!(three["count"], 3);
    assert!(
        three["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|user| user["groups"] == list(&[groups::FILTERED])["groups"])
    );
    let page = ask("?limit=50&offset=100", vec![groups::EFA_PRINTER]).await;
    assert_eq!(
        (page["count"].as_u64(), page["results"].as_array().unwrap().len()),
        (Some(119), 19)
    );
    let both = ask("", vec![groups::FILTERED, groups::EFA_PRINTER]).await;
    assert_eq!(both["count"], 122);
    assert_eq!(ask("", vec!["unknown"]).await["count"], 0);
    cloud
        .control()
        .change_quirks(|quirks| quirks.ignore_group_filter = true);
    assert!(ask("", vec![groups::FILTERED]).await["count"].as_u64().unwrap() > 500);
}

#[tokio::test]
async fn a_synced_group_is_refused_or_accepted_as_the_quirk_says() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (one, _, person, url) = scene(&cloud);
    let azure = groups::EFA_PRINTER;
    let (status, error) = cloud.send(Method::PATCH, &url, &token, list(&[azure])).await;
    assert_eq!(status, 400);
    assert!(error["groups"][0].as_str().unwrap().contains("Azure"));
    cloud
        .control()
        .change_quirks(|quirks| quirks.azure_groups = AzureGroups::Refused403);
    assert_eq!(
        cloud.send(Method::PATCH, &url, &token, list(&[azure])).await.0,
        403
    );
    cloud.control().add_to_group(MAIN, &person, azure).unwrap();
    let kept = cloud
        .send(Method::PATCH, &url, &token, list(&[azure, &one]))
        .await;
    assert_eq!(kept.0, 200, "who stays in it can be put elsewhere");
    assert_eq!(
        cloud.send(Method::PATCH, &url, &token, list(&[&one])).await.0,
        403,
        "taking out is a change too"
    );
    let group = cloud.printing(&format!("/groups/{azure}/"));
    assert_eq!(
        cloud
            .send(Method::PATCH, &group, &token, json!({ "name": "Mine" }))
            .await
            .0,
        403
    );
    assert_eq!(
        cloud
            .request(Method::DELETE, &group, &token)
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    cloud
        .control()
        .change_quirks(|quirks| quirks.azure_groups = AzureGroups::Accepted);
    assert_eq!(
        cloud.send(Method::PATCH, &url, &token, list(&[&one])).await.0,
        200
    );
}

/// What security.md 50 stands on: the window between a read and a write, made as wide as a test wants it.
#[tokio::test]
async fn a_second_admin_can_be_let_in_before_or_after_a_write() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (one, two, person, url) = scene(&cloud);
    let matching = || Match::new("PATCH", "/printing/v1/users/");
    let (control, id, group) = (cloud.control(), person.clone(), two.clone());
    cloud
        .control()
        .on_request(When::BeforeCommit, matching(), Some(1), move |_| {
            control.add_to_group(MAIN, &id, &group).unwrap();
        });
    cloud.send(Method::PATCH, &url, &token, list(&[&one])).await;
    assert_eq!(
        cloud.control().memberships(MAIN, &person).unwrap(),
        std::slice::from_ref(&one),
        "the write came later and won"
    );

    let (control, id, group) = (cloud.control(), person.clone(), two.clone());
    cloud
        .control()
        .on_request(When::AfterCommit, matching(), Some(1), move |_| {
            control.add_to_group(MAIN, &id, &group).unwrap();
        });
    let (_, reply) = cloud.send(Method::PATCH, &url, &token, list(&[&one])).await;
    assert_eq!(
        reply["groups"],
        list(&[&one])["groups"],
        "the reply shows what was written"
    );
    assert_eq!(
        cloud.control().memberships(MAIN, &person).unwrap(),
        [one, two],
        "and the second admin came after"
    );
}

#[tokio::test]
async fn a_request_can_be_held_until_a_test_lets_it_go() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let (one, _, person, url) = scene(&cloud);
    let pause = cloud
        .control()
        .pause(When::BeforeCommit, Match::new("PATCH", "/printing/v1/users/"));
    let body = list(&[&one]);
    let write = cloud.send(Method::PATCH, &url, &token, body);
    let look = async {
        pause.reached().await;
        let before = cloud.control().memberships(MAIN, &person).unwrap();
        pause.release();
        before
    };
    let ((status, _), before) = tokio::join!(write, look);
    assert_eq!((status, before), (200, vec![]));
    assert_eq!(cloud.control().memberships(MAIN, &person).unwrap(), [one]);
}

#[tokio::test]
async fn one_person_in_two_organizations_has_two_lists() {
    let cloud = Cloud::start().await;
    let second = known::organizations::SECOND;
    let here = cloud.control().memberships(MAIN, INES).unwrap();
    cloud.control().set_groups(second, INES, &[]).unwrap();
    assert_eq!(cloud.control().memberships(MAIN, INES).unwrap(), here);
    assert!(!here.is_empty());
}
