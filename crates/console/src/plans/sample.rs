//! A plan for tests: some people into one group.

use ids::PlanId;

use super::model::{ChangeSet, Line, People, PlanGroup, Prediction};
use crate::wire::{GroupRef, Organization, PlanVerb, PlanView};

/// An id of this text.
pub fn id<T: TryFrom<String>>(text: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(text.to_owned()).unwrap()
}

/// Adds all of these people to one group. Their names and addresses are hostile, and can be searched for.
pub fn set(people: &[&str]) -> ChangeSet {
    let mut all = People::default();
    for person in people {
        all.push(person, "Ä <b>", "canary@a.example");
    }
    let line = |person| Line {
        person,
        group: 0,
        predicted: Prediction::Change,
    };
    ChangeSet {
        verb: PlanVerb::Add,
        lines: (0..u32::try_from(people.len()).unwrap()).map(line).collect(),
        people: all,
        groups: vec![PlanGroup {
            group: GroupRef {
                id: id("g"),
                name: "G".into(),
            },
            adding: true,
        }],
    }
}

/// Its view.
pub fn view_of(plan: PlanId, set: &ChangeSet) -> PlanView {
    let organization = Organization {
        id: id("o"),
        name: "O".into(),
        admin: true,
        private: false,
        color: 1,
    };
    super::plan::plan_view(plan, organization, set, Some(5))
}
