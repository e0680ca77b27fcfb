//! The users of a change set, with all texts in one string: a set may have 200,000 of them.

use ids::UserId;

use crate::reference::UserRef;

/// Users by index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserTable {
    text: String,
    /// The end of id, name and address of each user in that string.
    ends: Vec<[u32; 3]>,
}

impl UserTable {
    /// Adds a user.
    pub fn push(&mut self, id: &str, name: &str, email: &str) {
        let ends = [id, name, email].map(|part| {
            self.text.push_str(part);
            u32::try_from(self.text.len()).unwrap_or(u32::MAX)
        });
        self.ends.push(ends);
    }

    /// Number of users.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Id, name and address of a user; empty for an unknown index.
    pub fn get(&self, user: u32) -> [&str; 3] {
        let at = user as usize;
        let before = at.checked_sub(1).and_then(|at| self.ends.get(at));
        let mut from = before.map_or(0, |ends| ends[2]);
        self.ends.get(at).map_or([""; 3], |ends| {
            ends.map(|end| {
                let part = self.text.get(from as usize..end as usize).unwrap_or_default();
                from = end;
                part
            })
        })
    }

    /// The id of a user; `None` for an unknown index.
    pub fn id(&self, user: u32) -> Option<UserId> {
        let [id, ..] = self.get(user);
        UserId::try_from(id).ok()
    }

    /// A user; `None` for an unknown index.
    pub fn user(&self, user: u32) -> Option<UserRef> {
        let [_, name, email] = self.get(user);
        Some(UserRef {
            id: self.id(user)?,
            name: name.to_owned(),
            email: email.to_owned(),
        })
    }

    /// Releases unused capacity.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}
