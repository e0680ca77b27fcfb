//! A user or group by id, with the texts to show for it.

use ids::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A group by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupRef {
    /// Id.
    pub id: GroupId,
    /// Name; the id if the group is unknown.
    pub name: String,
}

/// A user by id, name and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserRef {
    /// Id.
    pub id: UserId,
    /// Name, or "".
    pub name: String,
    /// Address, or "".
    pub email: String,
}

impl From<changes::GroupRef> for GroupRef {
    fn from(changes::GroupRef { id, name }: changes::GroupRef) -> Self {
        Self { id, name }
    }
}

impl From<changes::UserRef> for UserRef {
    fn from(changes::UserRef { id, name, email }: changes::UserRef) -> Self {
        Self { id, name, email }
    }
}
