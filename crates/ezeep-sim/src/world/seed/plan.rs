//! The plan of an organization, and of a person before they have their position in it.

use time::{Duration, OffsetDateTime};

use crate::world::organization::Member;
use crate::world::person::{Person, PersonIx};

/// 1 August 2019, the day the first of these people joined.
pub(super) const FIRST_DAY: i64 = 1_564_617_600;

/// The contents of one organization.
pub(super) struct Plan {
    pub id: &'static str,
    pub name: &'static str,
    pub domain: &'static str,
    pub people: usize,
    pub groups: usize,
    pub group_names: &'static [&'static str],
    pub documents: bool,
    /// Number of memberships; `None` for a random number.
    pub memberships: Option<u32>,
    /// Random stream: the contents of one organization do not depend on the size of another.
    pub stream: u128,
}

/// A person before they have a position by id.
pub(super) struct Draft {
    pub person: Person,
    pub member: Member,
    /// The person, if they exist in the world already.
    pub existing: Option<PersonIx>,
}

pub(super) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
}
