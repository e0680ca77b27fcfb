//! Reads one group and its members again. Must never undo a change made here during the read, nor remove a
//! member because a list that changed during the read did not contain them.

use std::collections::{HashMap, HashSet};

use directory as dir;
use ezeep_api::PrintUser;
use futures::StreamExt as _;
use ids::{GroupId, UserId};

use super::query::detail;
use crate::convert::{self, AccountAnswer};
use crate::error::{ErrorCode, Result};
use crate::faults::{gone, is_gone};
use crate::organization::{Edited, OrganizationContext};
use crate::wire::GroupRow;
use crate::writers::group::forget;

/// Page size asked for.
const PAGE: u32 = 100;
/// Most members unknown to the directory whose accounts are read together with a group.
const MAX_NEW: usize = 50;
/// Attempts at reading the members while the list changes.
const PASSES: usize = 3;

/// Reads a group and its members again and updates the directory. People changed here since the read began
/// keep that change.
///
/// # Errors
/// [`ErrorCode::GroupGone`] if the group no longer exists; it is then removed from the directory.
pub async fn read(context: &OrganizationContext, id: &GroupId) -> Result<GroupRow> {
    let watch = context.store.watch_edits();
    let group = match context.api.group(id).await {
        Ok(group) => group,
        Err(error) => {
            let error = gone(error, ErrorCode::GroupGone);
            if error.code == ErrorCode::GroupGone {
                forget(context, id);
            }
            return Err(error);
        }
    };
    context.store.edit_found(|directory| {
        if watch.edited().groups.contains(id) {
            return Vec::new();
        }
        directory.upsert_group(convert::group(&group));
        vec![Edited::Group(id.clone())]
    });

    let members = read_members(context, id).await?;
    let accounts = ask_accounts(context, &members.people).await?;
    context.store.edit_found(|directory| {
        // Deleted here during the read.
        if directory.group(id).is_none() {
            return Vec::new();
        }
        let edited = watch.edited();
        put_members(directory, id, &members, &accounts, &edited.users)
    });
    detail(context, id)
}

/// The members, as the printing server lists them.
struct Members {
    people: HashMap<UserId, PrintUser>,
    /// The list was complete and did not change: a user who is not in it is not in the group.
    complete: bool,
}

async fn read_members(context: &OrganizationContext, group: &GroupId) -> Result<Members> {
    let mut members = Members {
        people: HashMap::new(),
        complete: false,
    };
    for _ in 0..PASSES {
        members.people.clear();
        // The filter is sent as the body of a GET, which a proxy may drop: each row is checked (contract,
        // `listPrintUsers`).
        let mut named = HashSet::new();
        let mut counts = HashSet::new();
        let mut pages = context.api.print_users_in(group, PAGE);
        while let Some(page) = pages.next().await {
            let page = page?;
            counts.insert(page.count);
            for user in page.results {
                named.insert(user.id.clone());
                if user.groups.contains(group) {
                    members.people.insert(user.id.clone(), user);
                }
            }
        }
        members.complete = counts.len() <= 1 && counts.iter().all(|count| named.len() as u64 >= *count);
        if members.complete {
            break;
        }
    }
    Ok(members)
}

/// The account server's records of the members unknown to the directory, at most [`MAX_NEW`].
async fn ask_accounts(
    context: &OrganizationContext,
    members: &HashMap<UserId, PrintUser>,
) -> Result<HashMap<UserId, Option<ezeep_api::Account>>> {
    let new: Vec<&PrintUser> = context.store.read(|directory| {
        let unknown = |user: &&PrintUser| directory.person(&user.id).is_none();
        members.values().filter(unknown).take(MAX_NEW).collect()
    })?;
    let mut accounts = HashMap::new();
    for user in new {
        let answer = match context.api.account(&user.id).await {
            Ok(account) => Some(account),
            Err(error) if is_gone(&error) => None,
            Err(error) => {
                tracing::debug!(%error, "a member's account could not be read");
                continue;
            }
        };
        accounts.insert(user.id.clone(), answer);
    }
    Ok(accounts)
}

/// Updates the directory with the members, except the people in `changed`. Returns the affected people.
fn put_members(
    directory: &mut dir::Directory,
    group: &GroupId,
    members: &Members,
    accounts: &HashMap<UserId, Option<ezeep_api::Account>>,
    changed: &HashSet<UserId>,
) -> Vec<Edited> {
    let mut edited = vec![Edited::Group(group.clone())];
    let mut now: Vec<UserId> = Vec::with_capacity(members.people.len());
    for (id, user) in &members.people {
        if changed.contains(id) {
            continue;
        }
        now.push(id.clone());
        let Some(before) = directory.person(id) else {
            let account = match accounts.get(id) {
                Some(Some(account)) => AccountAnswer::Known(account),
                Some(None) => AccountAnswer::Absent,
                None => AccountAnswer::Unknown,
            };
            directory.upsert_person(convert::member(id, &account, user));
            edited.push(Edited::User(id.clone()));
            continue;
        };
        let same = before.groups.iter().collect::<HashSet<_>>() == user.groups.iter().collect::<HashSet<_>>();
        if !same {
            directory.set_groups(id, &user.groups);
            edited.push(Edited::User(id.clone()));
        }
    }
    let by_name = dir::Sort::ascending(dir::UserColumn::Name);
    let named: HashSet<UserId> = now.iter().cloned().collect();
    for person in directory.members(group, "", by_name, 0, u32::MAX).rows {
        if named.contains(&person.id) {
            continue;
        }
        if changed.contains(&person.id) || !members.complete {
            now.push(person.id);
        } else {
            edited.push(Edited::User(person.id));
        }
    }
    directory.set_members(group, &now);
    edited
}
