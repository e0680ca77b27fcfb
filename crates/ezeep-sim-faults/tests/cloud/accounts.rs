//! People as the account server knows them, and their invitations.

use ezeep_sim_faults::known::{self, groups};
use reqwest::Method;
use serde_json::json;

use crate::support::{Cloud, INES, MAIN};

#[tokio::test]
async fn accounts_are_changed_and_removed_for_good() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let id = cloud
        .control()
        .add_person(MAIN, "Zoë", "Neu", "zoe.neu@nordhafen.example")
        .unwrap();
    cloud.control().add_to_group(MAIN, &id, groups::TEST).unwrap();
    let url = cloud.account(&format!("/v1/users/{id}/")).to_string();
    let change = json!({ "last_name": "Anders", "roles": ["admin"] });
    let (status, account) = cloud.send(Method::PATCH, &url, &token, change).await;
    assert_eq!(
        (status, &account["display_name"], &account["roles"]),
        (200, &"Zoë Anders".into(), &json!(["admin"]))
    );
    for (bad, field) in [
        (json!({ "email": "nonsense" }), "email"),
        (json!({ "email": INES }), "email"),
        (json!({ "roles": "user" }), "roles"),
        (json!({ "roles": ["king"] }), "roles"),
    ] {
        let (status, error) = cloud.send(Method::PATCH, &url, &token, bad.clone()).await;
        assert_eq!(status, 400, "{bad}");
        assert!(error[field].is_array(), "{error}");
    }
    assert_eq!(
        cloud
            .request(Method::DELETE, &url, &token)
            .send()
            .await
            .unwrap()
            .status(),
        204
    );
    assert_eq!(cloud.get(&url, &token).await.0, 404);
    assert_eq!(
        cloud
            .get(cloud.printing(&format!("/users/{id}/")), &token)
            .await
            .0,
        404
    );
    assert!(
        cloud
            .control()
            .group(MAIN, groups::TEST)
            .unwrap()
            .members
            .is_empty()
    );
    let own = cloud.control().person(MAIN, INES).unwrap().id;
    let own = cloud.account(&format!("/v1/users/{own}/"));
    assert_eq!(
        cloud
            .request(Method::DELETE, own.as_str(), &token)
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    let own_role = cloud
        .send(Method::PATCH, own.as_str(), &token, json!({ "roles": ["user"] }))
        .await;
    assert_eq!(own_role.0, 403, "nobody locks themselves out");
}

#[tokio::test]
async fn some_people_are_known_to_one_server_and_some_are_still_invited() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let people = cloud.control().people(MAIN).unwrap();
    assert_eq!(people.len(), 120);
    let account_only = people.iter().find(|person| !person.on_printing_server).unwrap();
    let print_only = people.iter().find(|person| !person.on_account_server).unwrap();
    assert_eq!(
        cloud
            .get(cloud.account(&format!("/v1/users/{}/", account_only.id)), &token)
            .await
            .0,
        200
    );
    assert_eq!(
        cloud
            .get(cloud.printing(&format!("/users/{}/", account_only.id)), &token)
            .await
            .0,
        404
    );
    assert_eq!(
        cloud
            .get(cloud.account(&format!("/v1/users/{}/", print_only.id)), &token)
            .await
            .0,
        404
    );
    assert_eq!(
        cloud
            .get(cloud.printing(&format!("/users/{}/", print_only.id)), &token)
            .await
            .0,
        200
    );
    let pending = people.iter().find(|person| person.pending).unwrap();
    let account = cloud
        .get(cloud.account(&format!("/v1/users/{}/", pending.id)), &token)
        .await
        .1;
    assert_eq!(
        (
            &account["is_verified"],
            &account["user_invitations"][0]["invitation_status"]
        ),
        (&false.into(), &"OPEN".into())
    );
}

#[tokio::test]
async fn invitations_are_sent_listed_and_sent_again() {
    let cloud = Cloud::start().await;
    let token = cloud.admin_token();
    let url = cloud.account("/v1/users/userinvitations/").to_string();
    let before = cloud.get(&url, &token).await.1["count"].as_u64().unwrap();
    let wanted = json!({ "email": "new@nordhafen.example", "expire_date": "2033-05-01T10:00:00Z" });
    let (status, invitation) = cloud.send(Method::POST, &url, &token, wanted.clone()).await;
    assert_eq!((status, &invitation["invitation_status"]), (201, &"OPEN".into()));
    assert_eq!(
        cloud.get(&url, &token).await.1["count"].as_u64().unwrap(),
        before + 1
    );
    assert_eq!(
        cloud.send(Method::POST, &url, &token, wanted).await.0,
        400,
        "one is open already"
    );
    let again = cloud.account(&format!(
        "/v1/userinvitations/{}/",
        invitation["id"].as_str().unwrap()
    ));
    let (status, reply) = cloud.send(Method::PATCH, again.as_str(), &token, json!({})).await;
    assert_eq!((status, reply), (200, json!({ "id": invitation["id"] })));
    for (bad, field) in [
        (
            json!({ "email": "x@y", "expire_date": "tomorrow" }),
            "expire_date",
        ),
        (
            json!({ "email": "no address", "expire_date": "2033-05-01T10:00:00Z" }),
            "email",
        ),
        (
            json!({ "email": INES, "expire_date": "2033-05-01T10:00:00Z" }),
            "email",
        ),
    ] {
        let (status, error) = cloud.send(Method::POST, &url, &token, bad).await;
        assert_eq!(status, 400);
        assert!(error[field].is_array(), "{error}");
    }
}

#[tokio::test]
async fn an_ordinary_user_sees_themselves_and_changes_nothing() {
    let cloud = Cloud::start().await;
    let token = cloud.token_of(known::ORDINARY_USER.email, Some(MAIN));
    let me = cloud.get(cloud.account("/v1/users/me"), &token).await.1;
    let id = me["id"].as_str().unwrap().to_owned();
    let (_, accounts) = cloud.get(cloud.account("/v1/users/"), &token).await;
    assert_eq!(
        (&accounts["count"], &accounts["results"][0]["id"]),
        (&1.into(), &me["id"])
    );
    let own = cloud.printing(&format!("/users/{id}/"));
    assert_eq!(cloud.get(&own, &token).await.0, 200);
    let other = cloud.control().person(MAIN, INES).unwrap().id;
    for url in [
        "/users/",
        "/groups/",
        "/assignments/",
        &format!("/users/{other}/"),
    ] {
        let (status, body) = cloud.get(cloud.printing(url), &token).await;
        assert_eq!(status, 403, "{url}");
        assert!(body["detail"].is_string());
    }
    assert_eq!(
        cloud
            .send(Method::PATCH, &own, &token, json!({ "groups": [] }))
            .await
            .0,
        403
    );
    let group = json!({ "name": "Mine", "organization_id": MAIN });
    assert_eq!(
        cloud
            .send(Method::POST, cloud.printing("/groups/"), &token, group)
            .await
            .0,
        403
    );
    assert_eq!(
        cloud
            .get(cloud.account(&format!("/v1/users/{other}/")), &token)
            .await
            .0,
        404
    );
    let role = json!({ "roles": ["admin"] });
    assert_eq!(
        cloud
            .send(
                Method::PATCH,
                cloud.account(&format!("/v1/users/{id}/")),
                &token,
                role
            )
            .await
            .0,
        403
    );
}
