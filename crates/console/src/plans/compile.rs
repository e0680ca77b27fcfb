//! Makes a change set of a request and of what the directory knows. Pure but for the lock of the directory,
//! which is taken for a bounded number of people at a time.

use std::collections::HashSet;

use directory as dir;

use super::model::{ChangeSet, Line, People, PlanGroup, Prediction, groups_of};
use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::people::MAX_SELECTED;
use crate::wire::{BlockedReason, GroupId, ListsView, MembershipRequest, PlanVerb, Selection, UserId};
use crate::workspace::Workspace;

/// Most lines of a plan. A line is one person and one group.
pub const MAX_LINES: u32 = 200_000;
/// Most groups in one request.
const MAX_GROUPS: usize = 1_000;
/// People looked up under one hold of the directory's lock.
const AT_A_TIME: usize = 500;

/// A change set, and where the lists came from that it was made of.
pub struct Compiled {
    /// What is asked for, and what is predicted.
    pub set: ChangeSet,
    /// When the lists were synced as a whole, in milliseconds since 1970 (UTC); `None` where they are
    /// partial.
    pub as_of: Option<i64>,
}

/// What is predicted for a group, whoever is asked about.
struct Target {
    id: dir::GroupId,
    adding: bool,
    /// Why nobody's membership in it can be changed.
    blocked: Option<BlockedReason>,
}

/// Makes a change set. Takes as long as the selection is large: not for an async thread.
///
/// # Errors
/// - [`ErrorCode::DirectoryNotRead`] before the first sync.
/// - [`ErrorCode::ListPartial`] and [`ErrorCode::ListSaved`] where "all that match" is asked of lists that are not what the
///   servers said in this run of the app.
/// - [`ErrorCode::PlanTooLarge`] for more than [`MAX_LINES`] lines.
/// - [`ErrorCode::ArgumentInvalid`] for too many ids, and for no group, too many, or one that is to be added and removed.
pub fn compile(workspace: &Workspace, request: &MembershipRequest) -> Result<Compiled> {
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
    let (users, groups, targets, lists) = workspace.read(|directory| {
        // Under the directory's lock, which every change of this word holds too.
        let lists = workspace.sync().view.lists;
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
        workspace.read(|directory| {
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

/// The people of a selection, in the order of their names; unknown ones at the end.
fn resolve(
    directory: &dir::Directory,
    lists: &ListsView,
    selection: &Selection,
    groups: usize,
) -> Result<Vec<dir::UserId>> {
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
            // Before the ids are copied: whoever is excepted may not match.
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
            ordered.extend(unknown.map(|id| dir::UserId::from(id.as_str())));
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
    let id = dir::GroupId::from(group.as_str());
    let blocked = match directory.group(&id) {
        Some(info) if info.group.origin == dir::Origin::Azure => Some(BlockedReason::SyncedFromAzure),
        // Whom a group lists that is itself not listed can still be taken out of it; and a part of the lists
        // says nothing of what is not in it.
        None if adding && lists.at().is_some() => Some(BlockedReason::GroupGone),
        _ => None,
    };
    let plan_group = PlanGroup {
        group: convert::group_ref(directory, group),
        adding,
    };
    (plan_group, Target { id, adding, blocked })
}

/// What the lists say of a membership. Of whom they do not know everything they say nothing.
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
