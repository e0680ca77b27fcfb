//! A directory restored from bytes, compared with the original: after any changes before, and for any queries
//! after.
#![allow(clippy::unwrap_used, reason = "helpers of a test")]

use directory::{
    Directory, Group, GroupColumn, Origin, Person, PrintSettings, Role, Sort, UserColumn, UserScope,
    UserState,
};
use ids::{GroupId, UserId};
use proptest::prelude::*;
use proptest::sample::select;

fn user_id(number: u32) -> UserId {
    UserId::try_from(format!("u{number}")).unwrap()
}

fn group_id(number: u32) -> GroupId {
    GroupId::try_from(format!("g{number}")).unwrap()
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Ezeep),
        Just(Origin::Azure),
        select(vec!["", "LDAP", "ldap", "Ä"]).prop_map(|text| Origin::Other(text.to_owned())),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        select(vec!["Zoë Müller", "zoe mueller", "10a", "7b", " "]).prop_map(str::to_owned),
        "\\PC{0,12}",
    ]
}

fn settings() -> impl Strategy<Value = Option<PrintSettings>> {
    proptest::option::of((any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(local_printing, self_service, my_printers)| PrintSettings {
            local_printing,
            self_service,
            my_printers,
        },
    ))
}

fn person() -> impl Strategy<Value = Person> {
    let facts = (
        select(vec![Role::Admin, Role::User, Role::Unknown]),
        select(vec![
            UserState::Active,
            UserState::PendingInvitation,
            UserState::PrintingOnly,
            UserState::AccountOnly,
            UserState::Unsettled,
        ]),
        origin(),
        proptest::option::of(any::<i64>()),
        proptest::option::of(any::<bool>()),
        settings(),
    );
    let groups = proptest::collection::vec((0..8_u32).prop_map(group_id), 0..5);
    (0..30_u32, text(), text(), facts, groups).prop_map(|(id, name, email, facts, groups)| {
        let (role, state, origin, joined, verified, settings) = facts;
        Person {
            id: user_id(id),
            name,
            email,
            role,
            state,
            origin,
            joined,
            verified,
            settings,
            groups,
        }
    })
}

fn group() -> impl Strategy<Value = Group> {
    (0..6_u32, text(), text(), origin(), any::<(u32, bool, bool)>()).prop_map(
        |(id, name, description, origin, (printers, local_printing, my_printers))| Group {
            id: group_id(id),
            name,
            description,
            origin,
            printers,
            local_printing,
            my_printers,
        },
    )
}

#[derive(Debug, Clone)]
enum Change {
    Write(Person),
    Remove(u32),
    WriteGroup(Group),
    RemoveGroup(u32),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        person().prop_map(Change::Write),
        (0..30_u32).prop_map(Change::Remove),
        group().prop_map(Change::WriteGroup),
        (0..8_u32).prop_map(Change::RemoveGroup),
    ]
}

fn apply(directory: &mut Directory, change: Change) {
    match change {
        Change::Write(person) => directory.upsert_person(person),
        Change::Remove(id) => drop(directory.remove_person(&user_id(id))),
        Change::WriteGroup(group) => directory.upsert_group(group),
        Change::RemoveGroup(id) => drop(directory.remove_group(&group_id(id))),
    }
}

fn same(left: &Directory, right: &Directory) -> Result<(), TestCaseError> {
    prop_assert_eq!(left.totals(), right.totals());
    for search in ["", "muller", "7b u1", "g"] {
        let scope = UserScope {
            search: search.to_owned(),
            ..UserScope::default()
        };
        for column in [
            UserColumn::Name,
            UserColumn::Email,
            UserColumn::Groups,
            UserColumn::Role,
            UserColumn::State,
            UserColumn::Origin,
        ] {
            for sort in [Sort::ascending(column), Sort::descending(column)] {
                prop_assert_eq!(
                    left.users(&scope, sort, 0, 100),
                    right.users(&scope, sort, 0, 100)
                );
            }
        }
        for column in [GroupColumn::Name, GroupColumn::Description, GroupColumn::Members] {
            let sort = Sort::ascending(column);
            prop_assert_eq!(
                left.groups(search, sort, 0, 100),
                right.groups(search, sort, 0, 100)
            );
        }
    }
    for group in (0..8).map(group_id) {
        let sort = Sort::ascending(UserColumn::Name);
        prop_assert_eq!(
            left.members(&group, "", sort, 0, 100),
            right.members(&group, "", sort, 0, 100)
        );
        prop_assert_eq!(left.group(&group), right.group(&group));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_restored_directory_answers_and_changes_like_the_one_it_was_made_of(
        people in proptest::collection::vec(person(), 0..25),
        groups in proptest::collection::vec(group(), 0..6),
        before in proptest::collection::vec(change(), 0..20),
        after in proptest::collection::vec(change(), 0..20),
        searched_first in any::<bool>(),
    ) {
        let mut directory = Directory::build(people, groups);
        before.into_iter().for_each(|change| apply(&mut directory, change));
        let bytes = directory.snapshot();
        let restored = Directory::restore(&bytes);
        prop_assert!(restored.is_ok(), "{:?}", restored.err());
        let Ok(mut restored) = restored else { return Ok(()) };
        prop_assert_eq!(restored.snapshot(), bytes);
        if searched_first {
            same(&directory, &restored)?;
        }
        for change in after {
            apply(&mut directory, change.clone());
            apply(&mut restored, change);
        }
        same(&directory, &restored)?;
    }

    #[test]
    fn every_shorter_file_is_an_error(
        people in proptest::collection::vec(person(), 0..6),
        groups in proptest::collection::vec(group(), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes = Directory::build(people, groups).snapshot();
        prop_assert!(Directory::restore(&bytes[..cut.index(bytes.len())]).is_err());
    }
}

#[test]
fn a_restored_directory_keeps_the_alphabet_it_was_sorted_by() {
    let people = [("u-1", "Zoe"), ("u-2", "Ådal"), ("u-3", "Adam")]
        .map(|(id, name)| Person::new(id.parse().unwrap(), name, ""));
    let swedish = Directory::build_in("sv-SE", people.to_vec(), vec![]);
    let mut restored = Directory::restore(&swedish.snapshot()).unwrap();
    restored.upsert_person(Person::new("u-4".parse().unwrap(), "Öst", ""));
    let names: Vec<String> = restored
        .users(&UserScope::default(), Sort::ascending(UserColumn::Name), 0, 9)
        .rows
        .into_iter()
        .map(|person| person.name)
        .collect();
    assert_eq!(names, ["Adam", "Zoe", "Ådal", "Öst"]);
}
