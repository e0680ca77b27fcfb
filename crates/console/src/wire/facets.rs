//! For each value of a filter, the number of users it would show, as sent to the UI. Must never contain a
//! count for every group: the UI asks for those on the screen.

use ids::GroupId;
use serde::Serialize;
use ts_rs::TS;

use super::directory::{Origin, Role, SettingFilter, UserState};

/// A value of a filter, and how many users would match with only that value in its filter, the search and all
/// other filters as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Counted<V> {
    /// The value.
    pub value: V,
    /// The number of users.
    pub count: u32,
}

/// The counts beside the filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Facets {
    /// Users in the organization.
    pub total: u32,
    /// Users that match.
    pub matched: u32,
    /// The requested groups, in their order; an unknown one counts 0.
    pub groups: Vec<Counted<GroupId>>,
    /// In no group at all, as far as is known.
    pub no_group: u32,
    /// Each role.
    pub roles: Vec<Counted<Role>>,
    /// Each state.
    pub states: Vec<Counted<UserState>>,
    /// ezeep, Azure, and each other origin that a user in the organization has.
    pub origins: Vec<Counted<Origin>>,
    /// Each setting, on and off.
    pub settings: Vec<Counted<SettingFilter>>,
}
