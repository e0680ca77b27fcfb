//! Writes one person's groups: read again, apply the delta, write the whole list, read back (security.md 50).
//! Must never write a list that was not read a moment before: the API replaces the list and has no ETag.
//!
//! What another admin commits between our read and our PATCH is lost to the PATCH; that window is one round trip and
//! can't be closed from here. What they commit after it is found by the read-back and told to the person.

use std::collections::HashSet;

use ezeep_api::{Client, Error as ApiError, GroupId, PrintUser, UserId};

use crate::error::{AppError, ErrorCode, Result};

/// How often a person is read and written where the server was busy before it looked at the list.
const TRIES: usize = 3;

/// What is to change for one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// Groups to be in.
    pub add: Vec<GroupId>,
    /// Groups to be out of.
    pub remove: Vec<GroupId>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Written {
    /// Nothing was written: the server had it so already.
    AlreadySo(PrintUser),
    /// Written, and the read-back shows what was written.
    Applied(PrintUser),
    /// Written, and the read-back shows something else.
    ChangedMeanwhile {
        /// The person as the server says now.
        now: PrintUser,
        /// Groups there now that we did not write.
        appeared: Vec<GroupId>,
        /// Groups we wrote that are not there now.
        vanished: Vec<GroupId>,
    },
}

impl Written {
    /// The person as the server said last.
    pub fn person(&self) -> &PrintUser {
        match self {
            Self::AlreadySo(person) | Self::Applied(person) => person,
            Self::ChangedMeanwhile { now, .. } => now,
        }
    }
}

/// The list to write: what the server has, without the removed, with the added at the end.
pub fn wanted(has: &[GroupId], delta: &Delta) -> Vec<GroupId> {
    let remove: HashSet<&GroupId> = delta.remove.iter().collect();
    let mut seen = HashSet::new();
    has.iter()
        .filter(|group| !remove.contains(group))
        .chain(&delta.add)
        .filter(|group| seen.insert(*group))
        .cloned()
        .collect()
}

/// Writes the delta for one person. The caller holds the person's lock.
///
/// Fails with [`ErrorCode::UserGone`] or [`ErrorCode::GroupGone`] where the server says so, with
/// [`ErrorCode::OutcomeUnknown`] where the reply was lost and the read-back doesn't show the change.
pub async fn write(api: &Client, user: &UserId, delta: &Delta) -> Result<Written> {
    let mut tries = 0;
    let (want, reply) = loop {
        tries += 1;
        let before = api
            .print_user(user)
            .await
            .map_err(|error| gone(error, ErrorCode::UserGone))?;
        let has = before.groups.clone();
        let want = wanted(&has, delta);
        if same(&has, &want) {
            return Ok(Written::AlreadySo(before));
        }
        match api.replace_groups(user, &want).await {
            Ok(reply) => break (want, Ok(reply)),
            Err(ApiError::OutcomeUnknown { source }) => break (want, Err(*source)),
            // A list that waited would be an old list: the person is read again, which waits the server's pause out.
            Err(error) if error.is_transient() && tries < TRIES => {}
            Err(error) => return Err(refusal(api, error, delta).await),
        }
    };
    // The reply says what the server made of our list; only a read of its own says what is there now.
    let now = match (api.print_user(user).await, &reply) {
        (Ok(now), _) => now,
        (Err(_), Ok(reply)) => reply.clone(),
        (Err(error), Err(_)) => {
            return Err(AppError::new(ErrorCode::OutcomeUnknown).with_detail(error.to_string()));
        }
    };
    match reply {
        Err(source) if !holds(&now, delta) => Err(match source.status() {
            Some(status) if status.status >= 500 => source.into(),
            _ => ErrorCode::OutcomeUnknown.into(),
        }),
        _ => Ok(compare(now, &want)),
    }
}

/// Whether the person is as the delta asks.
fn holds(person: &PrintUser, delta: &Delta) -> bool {
    delta.add.iter().all(|group| person.groups.contains(group))
        && !delta.remove.iter().any(|group| person.groups.contains(group))
}

fn compare(now: PrintUser, want: &[GroupId]) -> Written {
    let (has_set, want_set): (HashSet<_>, HashSet<_>) = (now.groups.iter().collect(), want.iter().collect());
    let appeared: Vec<_> = now
        .groups
        .iter()
        .filter(|g| !want_set.contains(g))
        .cloned()
        .collect();
    let vanished: Vec<_> = want.iter().filter(|g| !has_set.contains(g)).cloned().collect();
    if appeared.is_empty() && vanished.is_empty() {
        Written::Applied(now)
    } else {
        Written::ChangedMeanwhile {
            now,
            appeared,
            vanished,
        }
    }
}

fn same(a: &[GroupId], b: &[GroupId]) -> bool {
    a.len() == b.len() && a.iter().collect::<HashSet<_>>() == b.iter().collect::<HashSet<_>>()
}

/// A 404 as the thing that is gone.
pub fn gone(error: ApiError, code: ErrorCode) -> AppError {
    match &error {
        ApiError::Status(status) if status.status == 404 => {
            let mut app = AppError::new(code);
            app.request_id = status.request_id.clone();
            app
        }
        _ => error.into(),
    }
}

/// A refused list names no group: which one is gone is asked.
async fn refusal(api: &Client, error: ApiError, delta: &Delta) -> AppError {
    let ApiError::Status(status) = &error else {
        return error.into();
    };
    if status.status == 400 {
        for group in &delta.add {
            if let Err(ApiError::Status(answer)) = api.group(group).await
                && answer.status == 404
            {
                return ErrorCode::GroupGone.into();
            }
        }
    }
    gone(error, ErrorCode::UserGone)
}

#[cfg(test)]
mod tests {
    use super::{Delta, wanted};
    use ezeep_api::GroupId;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn group(n: u8) -> GroupId {
        GroupId::try_from(format!("g{n}")).unwrap()
    }

    fn groups(ns: &BTreeSet<u8>) -> Vec<GroupId> {
        ns.iter().map(|n| group(*n)).collect()
    }

    proptest! {
        #[test]
        fn nothing_but_the_delta_changes(
            has in prop::collection::btree_set(0u8..12, 0..8),
            add in prop::collection::btree_set(0u8..12, 0..4),
            remove in prop::collection::btree_set(0u8..12, 0..4),
        ) {
            let remove: BTreeSet<u8> = remove.difference(&add).copied().collect();
            let delta = Delta { add: groups(&add), remove: groups(&remove) };
            let got: BTreeSet<_> = wanted(&groups(&has), &delta).into_iter().collect();
            let kept = has.difference(&remove).copied().collect::<BTreeSet<_>>();
            let want: BTreeSet<_> = kept.union(&add).map(|n| group(*n)).collect();
            prop_assert_eq!(got, want);
        }
    }

    #[test]
    fn a_group_named_twice_is_written_once() {
        let delta = Delta {
            add: vec![group(1), group(1)],
            remove: vec![],
        };
        assert_eq!(wanted(&[group(1), group(2)], &delta), vec![group(1), group(2)]);
    }
}
