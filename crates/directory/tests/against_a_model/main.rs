//! The directory's answers compared with those of a simple model, through random sequences of changes.

#![allow(clippy::unwrap_used, reason = "helpers of a test")]

mod arbitrary;
mod model;

use directory::{Directory, Person, Sort, UserColumn};
use ids::{GroupId, UserId};
use proptest::prelude::*;

use arbitrary::{Change, GROUPS, Question, change, group, person, question};
use model::Model;

fn ids(people: Vec<Person>) -> Vec<UserId> {
    people.into_iter().map(|person| person.id).collect()
}

fn compare(directory: &Directory, model: &Model, question: &Question) -> Result<(), TestCaseError> {
    let Question {
        scope,
        people,
        groups,
        group,
        person,
        offset,
        limit,
    } = question;
    let (offset, limit) = (*offset, *limit);
    prop_assert_eq!(
        directory.totals(),
        (model.people.len() as u32, model.groups.len() as u32)
    );
    prop_assert_eq!(
        directory.users(scope, *people, offset, limit),
        model.users(scope, *people, offset, limit)
    );
    prop_assert_eq!(
        directory.members(group, &scope.search, *people, offset, limit),
        model.members(group, &scope.search, *people, offset, limit)
    );
    prop_assert_eq!(
        directory.groups(&scope.search, *groups, offset, limit),
        model.groups(&scope.search, *groups, offset, limit)
    );
    // One group more than there can be.
    let groups: Vec<GroupId> = (0..=GROUPS)
        .map(|number| GroupId::try_from(format!("G{number}")).unwrap())
        .collect();
    let facets = model.facets(scope, &groups);
    prop_assert_eq!(&directory.facets(scope, &groups), &facets);
    let matching = ids(model
        .users(scope, Sort::ascending(UserColumn::Name), 0, u32::MAX)
        .rows);
    prop_assert_eq!(directory.matching(scope), matching.clone());

    prop_assert_eq!(
        directory.user_ids(scope, *people, offset, limit),
        ids(model.users(scope, *people, offset, limit).rows)
    );
    let mut asked = ids(model.people.clone());
    asked.push("nobody".parse().unwrap());
    let others = directory.not_matching(scope, &asked);
    asked.retain(|id| !matching.contains(id));
    prop_assert_eq!(others, asked);

    let known = model.people.iter().find(|other| other.id == *person).cloned();
    prop_assert_eq!(&directory.person(person), &known);
    prop_assert_eq!(directory.groups_of(person), model.groups_of(person));
    if let Some(known) = known {
        let refs = model
            .groups_of(person)
            .into_iter()
            .map(|info| (info.group.id, info.group.name));
        prop_assert_eq!(directory.group_refs(&known, 3), refs.take(3).collect::<Vec<_>>());
    }
    let described = model.groups.iter().any(|other| other.id == *group);
    prop_assert_eq!(directory.group(group), described.then(|| model.info(group)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_answer_is_that_of_the_model_after_every_change(
        people in prop::collection::vec(person(), 0..100),
        groups in prop::collection::vec(group(), 0..GROUPS as usize),
        steps in prop::collection::vec((change(), question()), 1..25),
    ) {
        let mut directory = Directory::build(people.clone(), groups.clone());
        let mut model = Model::build(people, groups);
        for (change, question) in steps {
            compare(&directory, &model, &question)?;
            match change {
                Change::UpsertPerson(person) => {
                    directory.upsert_person(person.clone());
                    model.upsert_person(person);
                }
                Change::RemovePerson(id) => prop_assert_eq!(directory.remove_person(&id), model.remove_person(&id)),
                Change::SetGroups(id, groups) => {
                    prop_assert_eq!(directory.set_groups(&id, &groups), model.set_groups(&id, &groups));
                }
                Change::UpsertGroup(group) => {
                    directory.upsert_group(group.clone());
                    model.upsert_group(group);
                }
                Change::RemoveGroup(id) => prop_assert_eq!(directory.remove_group(&id), model.remove_group(&id)),
                Change::SetMembers(group, members) => {
                    directory.set_members(&group, &members);
                    model.set_members(&group, &members);
                }
            }
            compare(&directory, &model, &question)?;
        }
    }

    #[test]
    fn a_directory_that_was_changed_into_a_state_answers_as_one_built_in_it(
        before in prop::collection::vec(person(), 0..100),
        after in prop::collection::vec(person(), 0..100),
        groups in prop::collection::vec(group(), 0..GROUPS as usize),
        question in question(),
    ) {
        let mut changed = Directory::build(before.clone(), vec![]);
        after.iter().cloned().for_each(|person| changed.upsert_person(person));
        groups.iter().cloned().for_each(|group| changed.upsert_group(group));
        for person in before.iter().filter(|person| after.iter().all(|other| other.id != person.id)) {
            changed.remove_person(&person.id);
        }
        let built = Directory::build(after, groups);
        let Question { scope, people, offset, limit, .. } = question;
        prop_assert_eq!(changed.users(&scope, people, offset, limit), built.users(&scope, people, offset, limit));
        prop_assert_eq!(changed.totals(), built.totals());
    }
}
