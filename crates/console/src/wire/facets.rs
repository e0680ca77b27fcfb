//! How many people each value of each filter would show, as it crosses to the UI.
//! Must never hold a count for each group there is: the UI asks for those on the screen.

use ids::GroupId;
use serde::Serialize;
use ts_rs::TS;

use super::directory::{Origin, Role, SettingFilter, UserState};

/// A value of a filter, and how many people would match with that value alone in its filter, the search and all other filters
/// as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Counted<V> {
    /// The value.
    pub value: V,
    /// How many people.
    pub count: u32,
}

/// The counts beside all filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Facets {
    /// People in the organization.
    pub total: u32,
    /// People that match.
    pub matched: u32,
    /// The groups that were asked for, in their order; one that is not known counts 0.
    pub groups: Vec<Counted<GroupId>>,
    /// In no group at all, as far as that is known.
    pub no_group: u32,
    /// Every role.
    pub roles: Vec<Counted<Role>>,
    /// Every state.
    pub states: Vec<Counted<UserState>>,
    /// ezeep, Azure, and each other origin that anyone in the organization has.
    pub origins: Vec<Counted<Origin>>,
    /// Every setting, on and off.
    pub settings: Vec<Counted<SettingFilter>>,
}
