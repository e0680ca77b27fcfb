//! What an organization is to be made of, and a person before they have their place in it.

use time::{Duration, OffsetDateTime};

use crate::world::organization::Member;
use crate::world::person::{Person, PersonIx};

/// 1 August 2019, the day the first of these people joined.
pub(super) const FIRST_DAY: i64 = 1_564_617_600;

/// What one organization is made of.
pub(super) struct Plan {
    pub id: &'static str,
    pub name: &'static str,
    pub domain: &'static str,
    pub people: usize,
    pub groups: usize,
    pub group_names: &'static [&'static str],
    pub documents: bool,
    /// Memberships in all, where they are not left to the dice.
    pub memberships: Option<u32>,
    /// Random stream: what one organization holds does not hang on the size of another.
    pub stream: u128,
}

/// A person before they have a place in the order of ids.
pub(super) struct Draft {
    pub person: Person,
    pub member: Member,
    /// Where they exist in the world already.
    pub existing: Option<PersonIx>,
}

pub(super) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
}
