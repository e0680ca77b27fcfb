//! The seeded organization: the same for a seed, believable, holding what the documents show, and quick to
//! make.

use std::collections::HashSet;

use ezeep_sim_faults::known::{self, groups, organizations};
use ezeep_sim_faults::{Sim, SimConfig};

use crate::support::{Cloud, MAIN, small};

async fn people_and_groups(config: SimConfig) -> String {
    let sim = Sim::start(config).await.unwrap();
    let control = sim.control();
    let mut all = String::new();
    for organization in [MAIN, organizations::SECOND, organizations::THIRD] {
        all += &format!(
            "{:?}{:?}",
            control.people(organization).unwrap(),
            control.groups(organization).unwrap()
        );
    }
    all
}

#[tokio::test]
async fn a_seed_makes_the_same_organizations_every_time_and_another_seed_others() {
    let first = people_and_groups(small()).await;
    assert_eq!(first, people_and_groups(small()).await);
    assert_ne!(first, people_and_groups(SimConfig { seed: 2, ..small() }).await);
}

/// Screenshots, documents and bug reports name these people: a change of them is a decision, not an accident.
#[tokio::test]
async fn the_demo_admins_colleagues_are_the_same_in_every_version() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let person = sim
        .control()
        .person(MAIN, "0069fc42-76da-4d13-ba9d-608929c5e44b")
        .unwrap();
    assert_eq!(person.name, "Märta Bjørnstad");
    assert_eq!(person.email, "maerta.bjoernstad@nordhafen.example");
}

#[tokio::test]
async fn the_second_organization_does_not_hang_on_the_size_of_the_first() {
    let groups = |people| async move {
        let sim = Sim::start(SimConfig { people, ..small() }).await.unwrap();
        let groups = sim.control().groups(organizations::SECOND).unwrap();
        groups
            .into_iter()
            .map(|group| (group.id, group.name))
            .collect::<Vec<_>>()
    };
    assert_eq!(groups(100).await, groups(300).await);
}

#[tokio::test]
async fn the_demo_is_2000_people_in_60_groups_with_believable_names_and_addresses() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let people = sim.control().people(MAIN).unwrap();
    let all = sim.control().groups(MAIN).unwrap();
    assert_eq!((people.len(), all.len()), (2_000, 60));
    let addresses: HashSet<&str> = people.iter().map(|person| person.email.as_str()).collect();
    assert_eq!(addresses.len(), 2_000);
    assert!(
        people
            .iter()
            .all(|person| person.email.is_ascii() && person.email.ends_with("@nordhafen.example"))
    );
    assert!(people.iter().all(|person| person.name.contains(' ')));
    let other_scripts = people
        .iter()
        .filter(|person| !person.name.chars().any(|c| c.is_ascii_alphabetic()));
    assert!(other_scripts.count() > 100);
    assert!(
        people.iter().any(|person| person.name.chars().count() > 60),
        "a few names are long"
    );
    assert!(
        people.iter().any(|person| person.id.contains('v')),
        "a few ids are no UUID"
    );

    let sizes: Vec<usize> = people.iter().map(|person| person.groups.len()).collect();
    let usual = sizes.iter().filter(|size| (1..=4).contains(*size)).count();
    assert!(
        usual > 1_700 && sizes.contains(&0) && sizes.iter().any(|size| *size >= 20),
        "{usual}"
    );
    let names: HashSet<&str> = all.iter().map(|group| group.name.as_str()).collect();
    assert!(names.contains("Lehrkräfte") && names.contains("Haus A") && names.contains("Klasse 7b"));
    assert_eq!(sim.control().people(organizations::SECOND).unwrap().len(), 140);
    assert_eq!(sim.control().groups(organizations::SECOND).unwrap().len(), 12);
}

#[tokio::test]
async fn the_objects_of_the_documents_examples_are_there() {
    let cloud = Cloud::with(SimConfig::default()).await;
    let token = cloud.admin_token();
    let group = |id: &'static str| {
        let (cloud, token) = (&cloud, &token);
        async move {
            cloud
                .get(cloud.printing(&format!("/groups/{id}/")), token)
                .await
                .1
        }
    };
    let expected = serde_json::json!({
        "id": groups::EFA_PRINTER, "name": "EfA Printer", "description": "", "local_printing_enabled": true,
        "myprinters_enabled": false,
        "origin": { "provider": "Azure", "foreign_id": "a7c28afe-251f-46cd-9bf8-30432df6d416" },
        "organization_id": "54e3a324-cc89-4722-8338-c285d26bef15", "num_members": 119, "num_printers": 5,
    });
    assert_eq!(group(groups::EFA_PRINTER).await, expected);
    let expected = serde_json::json!({
        "id": groups::TEST_CREATED, "name": "Test", "description": "", "local_printing_enabled": false,
        "myprinters_enabled": false, "origin": { "provider": "Ezeep" },
        "organization_id": "54e3a324-cc89-4722-8338-c285d26bef15", "num_members": 0, "num_printers": 0,
    });
    assert_eq!(group(groups::TEST_CREATED).await, expected);
    assert_eq!(group(groups::EZEEP_BLUE).await["num_members"], 54);
    assert_eq!(group(groups::WVD_PRINTERS).await["num_members"], 8);

    let user = |id: &'static str| {
        let (cloud, token) = (&cloud, &token);
        async move { cloud.get(cloud.printing(&format!("/users/{id}/")), token).await.1 }
    };
    let expected = serde_json::json!({
        "id": "0050a068-cc7b-4490-951a-06920a610ee5", "local_printing_enabled": true, "self_service_enabled": true,
        "myprinters_enabled": false, "groups": [{ "group_id": groups::EFA_PRINTER }],
    });
    assert_eq!(user("0050a068-cc7b-4490-951a-06920a610ee5").await, expected);
    let lone = user("1515cee3-2216-4da4-89ab-808e598cc0f2").await;
    assert_eq!(
        (&lone["local_printing_enabled"], &lone["groups"]),
        (&false.into(), &serde_json::json!([]))
    );
    let filtered = user("45f9c5f0-2408-4980-bbf0-f091884340ed").await;
    assert_eq!(
        (&filtered["self_service_enabled"], &filtered["myprinters_enabled"]),
        (&false.into(), &true.into())
    );
}

#[tokio::test]
async fn any_small_number_of_people_and_groups_works() {
    for (people, groups) in [(0, 0), (1, 1), (3, 2), (25, 5), (40, 12)] {
        let sim = Sim::start(SimConfig {
            people,
            groups,
            ..SimConfig::default()
        })
        .await
        .unwrap();
        let control = sim.control();
        assert_eq!(control.people(MAIN).unwrap().len(), people.max(1) as usize);
        assert_eq!(control.groups(MAIN).unwrap().len(), groups as usize);
        assert!(control.person(MAIN, known::ADMIN.email).unwrap().admin);
    }
    let alone = Sim::start(SimConfig {
        second_organization: false,
        ..small()
    })
    .await
    .unwrap();
    assert!(alone.control().people(organizations::SECOND).is_err());
}

/// Members are kept from both sides; neither may know more than the other.
#[tokio::test]
async fn every_membership_stands_in_the_persons_list_and_in_the_groups() {
    let sim = Sim::start(SimConfig {
        people: 700,
        ..small()
    })
    .await
    .unwrap();
    for organization in [MAIN, organizations::SECOND] {
        let people = sim.control().people(organization).unwrap();
        let from_people: HashSet<(String, String)> = people
            .iter()
            .flat_map(|person| {
                person
                    .groups
                    .iter()
                    .map(|group| (person.id.clone(), group.clone()))
            })
            .collect();
        let all = sim.control().groups(organization).unwrap();
        let from_groups: HashSet<(String, String)> = all
            .iter()
            .flat_map(|group| {
                group
                    .members
                    .iter()
                    .map(|person| (person.clone(), group.id.clone()))
            })
            .collect();
        assert_eq!(from_people, from_groups);
        let account_only = people.iter().filter(|person| !person.on_printing_server);
        assert!(
            account_only.flat_map(|person| &person.groups).next().is_none(),
            "groups are the printing server's"
        );
    }
}

async fn memberships(config: SimConfig) -> usize {
    let sim = Sim::start(config).await.unwrap();
    let people = sim.control().people(MAIN).unwrap();
    people.iter().map(|person| person.groups.len()).sum()
}

#[tokio::test]
async fn an_organization_has_as_many_memberships_as_were_asked_for() {
    for wanted in [900, 400, 1_500] {
        let config = SimConfig {
            people: 300,
            groups: 40,
            memberships: Some(wanted),
            ..SimConfig::default()
        };
        assert_eq!(memberships(config).await, wanted as usize);
    }
}

#[tokio::test]
async fn more_memberships_than_there_can_be_are_as_many_as_there_can_be_and_none_are_none_but_the_told_ones()
{
    let config = |memberships| SimConfig {
        people: 120,
        groups: 6,
        memberships: Some(memberships),
        ..SimConfig::default()
    };
    let most = memberships(config(1_000_000)).await;
    assert!(most > 120 && most <= 120 * 6, "{most}");
    assert!(memberships(config(0)).await < most);
}

/// A number of memberships draws from a stream of its own: who is there and how they are called stays.
#[tokio::test]
async fn memberships_asked_for_change_nobody() {
    let people = |memberships| async move {
        let config = SimConfig {
            memberships,
            ..small()
        };
        let sim = Sim::start(config).await.unwrap();
        let people = sim.control().people(MAIN).unwrap();
        people
            .into_iter()
            .map(|person| (person.id, person.name, person.email, person.on_printing_server))
            .collect::<Vec<_>>()
    };
    assert_eq!(people(None).await, people(Some(500)).await);
}

#[tokio::test]
async fn a_hundred_thousand_people_are_made_and_served() {
    let cloud = Cloud::with(SimConfig {
        people: 100_000,
        groups: 1_000,
        memberships: Some(400_000),
        ..SimConfig::default()
    })
    .await;
    let token = cloud.admin_token();
    let (_, page) = cloud
        .get(cloud.account("/v1/users/?limit=100&offset=99000"), &token)
        .await;
    assert_eq!(page["results"].as_array().unwrap().len(), 100);
    let (_, page) = cloud
        .get(cloud.printing("/groups/?limit=100&offset=900"), &token)
        .await;
    assert_eq!(
        (&page["count"], page["results"].as_array().unwrap().len()),
        (&1_000.into(), 100)
    );
}
