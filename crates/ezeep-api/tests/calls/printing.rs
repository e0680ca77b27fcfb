//! The calls of the printing server: groups, print users, memberships, assignments.

use super::*;

const GROUP: &str = r#"{
    "id": "d16eeaa2-97ba-464a-b12a-f0ed66cc6078", "name": "Test", "description": "",
    "local_printing_enabled": false, "myprinters_enabled": false, "origin": { "provider": "Ezeep" },
    "organization_id": "54e3a324-cc89-4722-8338-c285d26bef15", "num_members": 0, "num_printers": 0
}"#;

#[tokio::test]
async fn groups_are_listed_with_their_origin_and_counts_in_either_form() {
    let azure = r#"{"id":"658a1b3b-173c-4f55-8150-42e16bd27f96","name":"WVD Printers","description":null,"local_printing_enabled":true,
        "myprinters_enabled":false,"origin":{"provider":"AZURE","foreign_id":"9cb21a02"},"organization_id":"o-1","num_members":"8","num_printers":5}"#;
    let other = r#"{"id":"g-2","name":"LDAP","origin":{"provider":"LDAP"},"organization_id":"o-1","num_members":1,"num_printers":"0"}"#;
    let mock = Mock::given(method("GET"))
        .and(path("/printing/v1/groups/"))
        .respond_with(page(&[GROUP, azure, other]));
    let (_server, client) = server(mock).await;
    let found = only(client.groups(20)).await;
    assert!(found.malformed.is_empty(), "{:?}", found.malformed);
    assert_eq!(found.results[0].origin, Origin::Ezeep);
    assert_eq!(
        found.results[1].origin,
        Origin::Azure {
            foreign_id: Some("9cb21a02".into())
        }
    );
    assert_eq!(
        (
            found.results[1].num_members,
            found.results[1].description.as_str()
        ),
        (8, "")
    );
    assert_eq!(found.results[2].origin, Origin::Other("LDAP".into()));
}

#[tokio::test]
async fn a_group_is_made_read_changed_and_deleted() {
    let server = MockServer::start().await;
    let id = group_id("d16eeaa2-97ba-464a-b12a-f0ed66cc6078");
    let own = format!("/printing/v1/groups/{id}/");
    Mock::given(method("POST"))
        .and(path("/printing/v1/groups/"))
        .and(header("content-type", "application/json"))
        .and(body_json(
            json!({"name": "Test", "organization_id": "o-1", "local_printing_enabled": true}),
        ))
        .respond_with(json_reply(201, GROUP))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(&*own))
        .respond_with(json_reply(200, GROUP))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PATCH"))
        .and(path(&*own))
        .and(body_json(json!({"description": "new"})))
        .respond_with(json_reply(200, GROUP))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("DELETE"))
        .and(path(&*own))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let new = NewGroup {
        name: "Test".into(),
        organization_id: "o-1".parse().unwrap(),
        description: None,
        local_printing_enabled: Some(true),
        myprinters_enabled: None,
    };
    assert_eq!(client.create_group(&new).await.unwrap().id, id);
    assert_eq!(client.group(&id).await.unwrap().name, "Test");
    let patch = GroupPatch {
        description: Some("new".into()),
        ..GroupPatch::default()
    };
    client.update_group(&id, &patch).await.unwrap();
    client.delete_group(&id).await.unwrap();
}

/// security.md 50
#[tokio::test]
async fn a_groups_change_is_handed_back_instead_of_waiting_for_a_busy_server() {
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    let (_server, client) = server(Mock::given(method("PATCH")).respond_with(busy)).await;
    let patch = GroupPatch {
        name: Some("new".into()),
        ..GroupPatch::default()
    };
    let error = client.update_group(&group_id("g-1"), &patch).await.unwrap_err();
    assert!(error.is_status(429) && error.is_transient());
}

#[tokio::test]
async fn an_answer_about_another_object_is_not_taken() {
    let server = MockServer::start().await;
    Mock::given(path("/printing/v1/users/u-2/"))
        .respond_with(json_reply(200, USER))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let read = client.print_user(&user_id("u-2")).await.unwrap_err();
    assert_eq!(read.kind(), "malformed");
    let write = client.replace_groups(&user_id("u-2"), &[]).await.unwrap_err();
    assert!(write.is_outcome_unknown());
}

#[tokio::test]
async fn print_users_are_listed_and_read() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/printing/v1/users/"))
        .respond_with(page(&[USER]))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/printing/v1/users/u-1/"))
        .respond_with(json_reply(200, USER))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let listed = only(client.print_users(20)).await.results;
    assert_eq!(listed[0].groups, [group_id("g-1")]);
    assert_eq!(client.print_user(&user_id("u-1")).await.unwrap(), listed[0]);
}

#[tokio::test]
async fn the_people_of_a_group_are_asked_for_with_a_body_and_others_are_counted() {
    let stranger = r#"{"id":"u-2","groups":[{"group_id":"g-2"}]}"#;
    let mock = Mock::given(method("GET"))
        .and(path("/printing/v1/users/"))
        .and(query_param("limit", "20"))
        .and(body_json(json!({"groups": [{"group_id": "g-1"}]})))
        .respond_with(page(&[USER, stranger]));
    let (_server, client) = server(mock).await;
    let found = only(client.print_users_in(&group_id("g-1"), 20)).await;
    assert_eq!((found.results.len(), found.filter_violations), (2, 1));
}

#[tokio::test]
async fn a_persons_groups_are_replaced_as_a_whole() {
    let mock = Mock::given(method("PATCH"))
        .and(path("/printing/v1/users/u-1/"))
        .and(body_json(
            json!({"groups": [{"group_id": "g-1"}, {"group_id": "g-2"}]}),
        ))
        .respond_with(json_reply(200, USER));
    let (_server, client) = server(mock).await;
    let now = client
        .replace_groups(&user_id("u-1"), &[group_id("g-1"), group_id("g-2")])
        .await
        .unwrap();
    assert_eq!(
        now.groups,
        [group_id("g-1")],
        "the answer is given back, for the caller to compare"
    );
}

#[tokio::test]
async fn a_server_that_knows_only_put_is_remembered_and_gets_groups_and_all_settings() {
    let server = MockServer::start().await;
    let refused = || json_reply(405, r#"{"detail":"Method \"PATCH\" not allowed."}"#);
    Mock::given(method("PATCH"))
        .respond_with(refused())
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/printing/v1/users/u-1/"))
        .and(body_json(json!({"groups": []})))
        .respond_with(json_reply(200, USER))
        .expect(2)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/printing/v1/users/u-1/"))
        .and(body_json(json!({
            "groups": [{"group_id": "g-1"}],
            "local_printing_enabled": false, "self_service_enabled": true, "myprinters_enabled": true
        })))
        .respond_with(json_reply(200, USER))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    client.replace_groups(&user_id("u-1"), &[]).await.unwrap();
    client.clone().replace_groups(&user_id("u-1"), &[]).await.unwrap();
    let read = PrintUser {
        id: user_id("u-1"),
        local_printing_enabled: false,
        self_service_enabled: true,
        myprinters_enabled: false,
        groups: vec![group_id("g-1")],
    };
    let change = PrintSettingsPatch {
        myprinters_enabled: Some(true),
        ..PrintSettingsPatch::default()
    };
    client.write_print_settings(&read, &change).await.unwrap();
}

/// security.md 80
#[tokio::test]
async fn print_settings_are_never_written_without_the_groups_that_were_read() {
    let mock = Mock::given(method("PATCH"))
        .and(path("/printing/v1/users/u-1/"))
        .and(body_json(
            json!({"groups": [{"group_id": "g-1"}], "self_service_enabled": false}),
        ))
        .respond_with(json_reply(200, USER));
    let (_server, client) = server(mock).await;
    let read = PrintUser {
        id: user_id("u-1"),
        local_printing_enabled: true,
        self_service_enabled: true,
        myprinters_enabled: false,
        groups: vec![group_id("g-1")],
    };
    let change = PrintSettingsPatch {
        self_service_enabled: Some(false),
        ..PrintSettingsPatch::default()
    };
    client.write_print_settings(&read, &change).await.unwrap();
}

#[tokio::test]
async fn a_person_with_one_unreadable_group_is_no_person_with_fewer_groups() {
    let broken = r#"{"id":"u-1","groups":[{"group_id":"g-1"},{"group_id":"../x"}]}"#;
    let mock = Mock::given(method("GET")).respond_with(json_reply(200, broken));
    let (_server, client) = server(mock).await;
    let error = client.print_user(&user_id("u-1")).await.unwrap_err();
    assert!(error.to_string().contains("groups"), "{error}");
    assert!(!format!("{error:?}{error}").contains("../x"), "no value is told");
}

const PRINTER: &str = r#"{"printer_id":"p-1","printer_name":"Lobby","assignments":[
    {"settings":null,"groups":[{"group_id":"g-1","group_name":"All","group_foreign_id":null,"force_chosen":true}]},
    {"settings":{"duplex":true},"groups":[{"group_id":"g-2"}]}]}"#;

#[tokio::test]
async fn assignments_are_listed_for_a_group_and_replaced() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/printing/v1/assignments/"))
        .and(query_param("group", "g-2"))
        .respond_with(page(&[
            PRINTER,
            r#"{"printer_id":"p-2","printer_name":"Attic","assignments":[]}"#,
        ]))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/printing/v1/assignments/p-1/"))
        .and(body_json(
            json!({"assignment": [{"groups": [{"group_id": "g-1"}]}, {"groups": []}]}),
        ))
        .respond_with(json_reply(200, PRINTER))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let found = only(client.assignments(Some(&group_id("g-2")), 20)).await;
    assert_eq!((found.results.len(), found.filter_violations), (2, 1));
    let entries = [
        NewAssignment {
            groups: vec![group_id("g-1")],
        },
        NewAssignment { groups: vec![] },
    ];
    let now = client
        .replace_assignment(&found.results[0].printer_id, &entries)
        .await
        .unwrap();
    assert!(now.assignments[0].groups[0].force_chosen);
    assert_eq!(now.assignments[1].settings, Some(json!({"duplex": true})));
}
