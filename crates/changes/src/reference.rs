//! A user or group by id, with the words to show for it.

use directory::Directory;
use ids::{GroupId, UserId};

/// A group by id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// Id.
    pub id: GroupId,
    /// Name; the id where the group is not known.
    pub name: String,
}

impl GroupRef {
    /// A group as the lists name it.
    pub fn of(directory: &Directory, id: &GroupId) -> Self {
        let name = directory
            .group(id)
            .map_or_else(|| id.as_str().to_owned(), |info| info.group.name);
        Self { id: id.clone(), name }
    }
}

/// A user by id, name and address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRef {
    /// Id.
    pub id: UserId,
    /// Name, or "".
    pub name: String,
    /// Address, or "".
    pub email: String,
}
