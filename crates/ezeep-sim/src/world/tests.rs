//! The consistency of the world: a membership is known from both sides or from neither, after any changes in
//! any order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use time::OffsetDateTime;

use super::*;
use crate::config::SimConfig;
use crate::known::organizations;

#[derive(Debug, Clone)]
enum Step {
    SetGroups(usize, Vec<usize>),
    DeleteGroup(usize),
    Leave(usize),
    Join,
    CreateGroup,
    Rename(usize, String),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<usize>(), prop::collection::vec(any::<usize>(), 0..6)).prop_map(|(p, g)| Step::SetGroups(p, g)),
        1 => any::<usize>().prop_map(Step::DeleteGroup),
        1 => any::<usize>().prop_map(Step::Leave),
        1 => Just(Step::Join),
        1 => Just(Step::CreateGroup),
        1 => (any::<usize>(), "[A-C]").prop_map(|(group, name)| Step::Rename(group, name)),
    ]
}

fn take(world: &mut World, main: OrgIx, step: Step) {
    let entry = world.organization(main);
    let people = entry.print_users().to_vec();
    let groups = entry.group_order().to_vec();
    let person = |at: usize| (!people.is_empty()).then(|| people[at % people.len()]);
    let group = |at: usize| (!groups.is_empty()).then(|| groups[at % groups.len()]);
    match step {
        Step::SetGroups(at, wanted) => {
            let wanted = wanted.into_iter().filter_map(group).collect();
            if let Some(person) = person(at) {
                world.set_groups(main, person, wanted).unwrap();
            }
        }
        Step::DeleteGroup(at) => {
            if let Some(group) = group(at) {
                world.organization_mut(main).delete_group(group).unwrap();
                assert_eq!(
                    world.organization_mut(main).delete_group(group),
                    Err(WorldError::NoSuchGroup)
                );
            }
        }
        Step::Leave(at) => {
            if let Some(person) = person(at) {
                world.leave(person, main).unwrap();
            }
        }
        Step::Join => {
            let id = world.fresh_id("person");
            let person = world.add_person(Person {
                email: format!("{id}@x.example"),
                id,
                first_name: "A".to_owned(),
                last_name: "B".to_owned(),
                joined: OffsetDateTime::UNIX_EPOCH,
                azure: false,
                verified: true,
                organizations: Vec::new(),
            });
            world.join(
                person,
                main,
                Member {
                    groups: groups.clone(),
                    ..Member::new(Role::User)
                },
            );
        }
        Step::CreateGroup => {
            let id = world.fresh_id("group");
            world.organization_mut(main).add_group(NewGroup {
                name: id.clone(),
                id,
                description: String::new(),
                local_printing: false,
                my_printers: false,
                origin: Origin::Ezeep { lowercase: false },
            });
        }
        Step::Rename(at, name) => {
            if let Some(group) = group(at) {
                let taken = world.organization(main).name_taken(&name);
                let own = world.organization(main).group(group).unwrap().name == name;
                let result = world.organization_mut(main).rename_group(group, name);
                assert_eq!(result.is_ok(), own || !taken);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn people_and_groups_agree_after_any_changes(steps in prop::collection::vec(step(), 0..40)) {
        let mut world = build(&SimConfig { people: 60, groups: 15, second_organization: false, ..SimConfig::default() });
        let main = world.organization_by_id(organizations::MAIN).unwrap();
        for step in steps {
            take(&mut world, main, step);
        }
        let entry = world.organization(main);
        let from_people: BTreeSet<(PersonIx, GroupIx)> = entry
            .print_users()
            .iter()
            .flat_map(|person| entry.member(*person).unwrap().groups.iter().map(|group| (*person, *group)))
            .collect();
        let mut from_groups = BTreeSet::new();
        for ix in entry.group_order() {
            let group = entry.group(*ix).unwrap();
            prop_assert!(group.members.is_sorted_by(|a, b| world.person(*a).id < world.person(*b).id));
            from_groups.extend(group.members.iter().map(|person| (*person, *ix)));
        }
        prop_assert_eq!(from_people, from_groups);
        prop_assert!(entry.print_users().is_sorted_by(|a, b| world.person(*a).id < world.person(*b).id));
    }
}
