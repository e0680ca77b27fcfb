//! A plan for tests: some users added to one group.

use changes::{Change, ChangeSet, GroupRef, Membership, Origin, Source, Title, UserTable};

use crate::wire::Organization;

/// An id from a text.
pub fn id<T: TryFrom<String>>(text: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(text.to_owned()).unwrap()
}

/// Adds these users to one group. Their names and addresses are hostile texts that can be searched for.
pub fn set(users: &[&str]) -> ChangeSet {
    let mut table = UserTable::default();
    for user in users {
        table.push(user, "Ä <b>", "canary@a.example");
    }
    let change = |user| Change {
        user,
        group: 0,
        before: Some(Membership::NotMember),
        after: Membership::Member,
        blocked: None,
        origin: Origin::Selection,
    };
    ChangeSet {
        title: Title::AddToGroups,
        source: Source::Chosen,
        as_of: Some(5),
        organization: id("o"),
        changes: (0..u32::try_from(users.len()).unwrap()).map(change).collect(),
        users: table,
        groups: vec![GroupRef {
            id: id("g"),
            name: "G".into(),
        }],
    }
}

/// The organization of [`set`].
pub fn organization() -> Organization {
    Organization {
        id: id("o"),
        name: "O".into(),
        admin: true,
        private: false,
        color: 1,
    }
}
