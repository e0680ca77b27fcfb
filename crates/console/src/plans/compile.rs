//! Compiles a request and the directory's contents into a change set. No I/O; takes the directory's lock for
//! a bounded number of people at a time.

use std::collections::HashSet;

use directory as dir;
use ids::{GroupId, UserId};

use super::model::{ChangeSet, Line, People, PlanGroup, Prediction, groups_of};
use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::limits::MAX_SELECTED;
use crate::organization::OrganizationContext;
use crate::wire::{BlockedReason, ListsView, MembershipRequest, PlanVerb, Selection};

/// Most lines of a plan. A line is one person and one group.
pub const MAX_LINES: u32 = 200_000;
/// Most groups in one request.
const MAX_GROUPS: usize = 1_000;
/// People looked up under one hold of the directory's lock.
const AT_A_TIME: usize = 500;

/// A change set, and the source of the lists that it was made from.
pub struct Compiled {
    /// The change set with its predictions.
    pub set: ChangeSet,
    /// When all lists were synced, in milliseconds since 1970 (UTC); `None` while they are partial.
    pub as_of: Option<i64>,
}

/// The prediction for a group that holds for every person.
struct Target {
    id: GroupId,
    adding: bool,
    /// Why no membership in it can be changed.
    blocked: Option<BlockedReason>,
}

/// Makes a change set. The time grows with the selection: call it on a blocking thread.
///
/// # Errors
/// - [`ErrorCode::DirectoryNotRead`] before the first sync.
/// - [`ErrorCode::ListPartial`] and [`ErrorCode::ListSaved`] for "all that match" if the lists were not
///   completely synced in this run of the app.
/// - [`ErrorCode::PlanTooLarge`] for more than [`MAX_LINES`] lines.
/// - [`ErrorCode::ArgumentInvalid`] for too many ids, for no group, too many groups, or a group in both
///   lists.
pub fn compile(context: &OrganizationContext, request: &MembershipRequest) -> Result<Compiled> {
    let one;
    let (verb, users, add, remove): (_, &Selection, &[GroupId], &[GroupId]) = match request {
        MembershipRequest::Add { users, groups } => (PlanVerb::Add, users, groups, &[]),
        MembershipRequest::Remove { users, groups } => (PlanVerb::Remove, users, &[], groups),
        MembershipRequest::Edit { user, add, remove } => {
            let ids = vec![user.clone()];
            one = Selection::Ids { ids };
            (PlanVerb::Edit, &one, add, remove)
        }
    };
    let wanted = groups_of(add, remove, MAX_GROUPS)?;
    let (users, groups, targets, lists) = context.store.read(|directory| {
        // Read under the directory's lock, which is also held for every change of it.
        let lists = context.store.lists();
        let users = resolve(directory, &lists, users, wanted.len())?;
        let (groups, targets): (Vec<_>, Vec<_>) = wanted
            .iter()
            .map(|(id, adding)| look_up(directory, &lists, id, *adding))
            .unzip();
        Ok::<_, AppError>((users, groups, targets, lists))
    })??;
    let whole = lists.at().is_some();
    let mut people = People::default();
    let mut lines = Vec::with_capacity(users.len() * groups.len());
    for part in users.chunks(AT_A_TIME) {
        context.store.read(|directory| {
            for id in part {
                let known = directory.person(id);
                let person = u32::try_from(people.len()).unwrap_or(u32::MAX);
                match &known {
                    Some(known) => people.push(id.as_str(), &known.name, &known.email),
                    None => people.push(id.as_str(), "", ""),
                }
                lines.extend((0_u16..).zip(&targets).map(|(group, target)| Line {
                    person,
                    group,
                    predicted: predict(known.as_ref(), target, whole),
                }));
            }
        })?;
    }
    people.shrink();
    let mut set = ChangeSet {
        verb,
        people,
        groups,
        lines,
    };
    set.sort();
    Ok(Compiled {
        set,
        as_of: lists.at(),
    })
}

/// The people of a selection, sorted by name; unknown ones at the end.
fn resolve(
    directory: &dir::Directory,
    lists: &ListsView,
    selection: &Selection,
    groups: usize,
) -> Result<Vec<UserId>> {
    let bound = |people: usize| {
        let lines = u32::try_from(people.saturating_mul(groups)).unwrap_or(u32::MAX);
        match lines > MAX_LINES {
            true => Err(AppError::from(ErrorCode::PlanTooLarge {
                lines,
                max: MAX_LINES,
            })),
            false => Ok(()),
        }
    };
    match selection {
        Selection::Matching { scope, except } => {
            match lists {
                ListsView::Read { .. } => {}
                ListsView::Kept { at } => return Err(ErrorCode::ListSaved { at: *at }.into()),
                ListsView::Nothing | ListsView::Part => return Err(ErrorCode::ListPartial.into()),
            }
            let scope = convert::scope(scope)?;
            let except: HashSet<&str> = except.iter().map(UserId::as_str).collect();
            let matched = directory
                .users(&scope, dir::Sort::ascending(dir::UserColumn::Name), 0, 0)
                .matched;
            // Checked before the ids are copied: an excluded id need not match the query.
            bound((matched as usize).saturating_sub(except.len()))?;
            let mut ids = directory.matching(&scope);
            ids.retain(|id| !except.contains(id.as_str()));
            bound(ids.len())?;
            Ok(ids)
        }
        Selection::Ids { ids } if ids.len() > MAX_SELECTED => Err(ErrorCode::ArgumentInvalid {
            field: "users".into(),
        }
        .into()),
        Selection::Ids { ids } => {
            let mut left: HashSet<&str> = ids.iter().map(UserId::as_str).collect();
            bound(left.len())?;
            let mut ordered = Vec::with_capacity(left.len());
            if left.len() > 1 {
                let known = directory.matching(&dir::UserScope::default());
                ordered.extend(known.into_iter().filter(|id| left.remove(id.as_str())));
            }
            let unknown = ids.iter().filter(|id| left.remove(id.as_str()));
            ordered.extend(unknown.cloned());
            Ok(ordered)
        }
    }
}

fn look_up(
    directory: &dir::Directory,
    lists: &ListsView,
    group: &GroupId,
    adding: bool,
) -> (PlanGroup, Target) {
    let blocked = match directory.group(group) {
        Some(info) if info.group.origin == dir::Origin::Azure => Some(BlockedReason::SyncedFromAzure),
        // People can still be removed from a group that the list of groups does not contain, and a partial
        // list says nothing about groups that are missing in it.
        None if adding && lists.at().is_some() => Some(BlockedReason::GroupGone),
        _ => None,
    };
    let plan_group = PlanGroup {
        group: convert::group_ref(directory, group),
        adding,
    };
    let target = Target {
        id: group.clone(),
        adding,
        blocked,
    };
    (plan_group, target)
}

/// The lists' prediction for a membership. Never "unchanged" without complete data about the person.
fn predict(person: Option<&dir::Person>, target: &Target, whole: bool) -> Prediction {
    let Some(person) = person else {
        return match (whole, target.blocked) {
            (true, _) => Prediction::Blocked(BlockedReason::UserGone),
            (false, Some(reason)) => Prediction::Blocked(reason),
            (false, None) => Prediction::Change,
        };
    };
    let known = !person.is_half_read();
    if known && person.groups.contains(&target.id) == target.adding {
        return Prediction::Unchanged;
    }
    if let Some(reason) = target.blocked {
        return Prediction::Blocked(reason);
    }
    match person.state {
        dir::UserState::AccountOnly => Prediction::Blocked(BlockedReason::NotOnPrintingServer),
        _ => Prediction::Change,
    }
}
