//! A change set for tests.

use crate::change::{Change, Membership, Origin};
use crate::change_set::{ChangeSet, Source, Title};
use crate::reference::GroupRef;
use crate::user_table::UserTable;

/// A change of which the lists say nothing: the user is to be in the group.
pub fn change(user: u32) -> Change {
    Change {
        user,
        group: 0,
        before: None,
        after: Membership::Member,
        blocked: None,
        origin: Origin::Selection,
    }
}

/// Adds a user of each of these names, "u0", "u1" and so on, to one group.
pub fn set(names: &[&str]) -> ChangeSet {
    let mut users = UserTable::default();
    for (n, name) in names.iter().enumerate() {
        users.push(&format!("u{n}"), name, "a@b.example");
    }
    ChangeSet {
        title: Title::AddToGroups,
        source: Source::Chosen,
        as_of: None,
        organization: "o".to_owned().try_into().unwrap(),
        changes: (0..u32::try_from(names.len()).unwrap()).map(change).collect(),
        users,
        groups: vec![GroupRef {
            id: "g1".to_owned().try_into().unwrap(),
            name: "Haus \"B\", 2".to_owned(),
        }],
    }
}
