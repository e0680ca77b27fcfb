//! One group and its members read again. Must never undo what was changed here while it was read, nor take somebody out of the
//! group because a list that moved did not name them.

use std::collections::{HashMap, HashSet};

use directory as dir;
use ezeep_api::{Error as ApiError, PrintUser};
use futures::StreamExt as _;

use super::{detail, forget};
use crate::convert::{self, AccountAnswer};
use crate::error::{ErrorCode, Result};
use crate::ids;
use crate::memberships::gone;
use crate::wire::{GroupId, GroupRow};
use crate::workspace::{Touched, Workspace};

/// Rows asked for at a time.
const PAGE: u32 = 100;
/// People unknown to the directory whose names are read at once with a group.
const MAX_NEW: usize = 50;
/// So often the members are read where the list moves meanwhile.
const PASSES: usize = 3;

/// Reads a group and its members again and puts them into the directory; whoever was changed here meanwhile stays as they were
/// changed.
///
/// # Errors
/// [`ErrorCode::GroupGone`] where it is there no more; it leaves the directory then.
pub async fn read(workspace: &Workspace, id: &GroupId) -> Result<GroupRow> {
    let api_id = ids::api_group(id.as_str())?;
    let group_id = dir::GroupId::from(id.as_str());
    let watch = workspace.watch_changes();
    let group = match workspace.api.group(&api_id).await {
        Ok(group) => group,
        Err(error) => {
            let error = gone(error, ErrorCode::GroupGone);
            if error.code == ErrorCode::GroupGone {
                forget(workspace, id);
            }
            return Err(error);
        }
    };
    workspace.change_found(|directory| {
        if watch.changed().groups.contains(&group_id) {
            return Vec::new();
        }
        directory.upsert_group(convert::group(&group));
        vec![Touched::Group(group_id.clone())]
    });

    let members = read_members(workspace, &api_id).await?;
    let accounts = ask_accounts(workspace, &members.people).await?;
    workspace.change_found(|directory| {
        // Deleted here meanwhile.
        if directory.group(&group_id).is_none() {
            return Vec::new();
        }
        let changed = watch.changed();
        put_members(directory, &group_id, &members, &accounts, &changed.people)
    });
    detail(workspace, id)
}

/// The members as the printing server lists them.
struct Members {
    people: HashMap<String, PrintUser>,
    /// The list stood still and was readable: who is not named is not in the group.
    complete: bool,
}

async fn read_members(workspace: &Workspace, group: &ezeep_api::GroupId) -> Result<Members> {
    let mut members = Members {
        people: HashMap::new(),
        complete: false,
    };
    for _ in 0..PASSES {
        members.people.clear();
        // The filter is a body on a GET, which a proxy may drop: each person is looked at (contract, listPrintUsers).
        let mut named = HashSet::new();
        let mut counts = HashSet::new();
        let mut pages = workspace.api.print_users_in(group, PAGE);
        while let Some(page) = pages.next().await {
            let page = page?;
            counts.insert(page.count);
            for user in page.items {
                named.insert(user.id.clone());
                if user.groups.contains(group) {
                    members.people.insert(user.id.as_str().to_owned(), user);
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

/// What the account server says of those whom the directory doesn't know, of [`MAX_NEW`] at most.
async fn ask_accounts(
    workspace: &Workspace,
    members: &HashMap<String, PrintUser>,
) -> Result<HashMap<String, Option<ezeep_api::Account>>> {
    let new: Vec<&PrintUser> = workspace.read(|directory| {
        let unknown = |user: &&PrintUser| directory.person(&dir::UserId::from(user.id.as_str())).is_none();
        members.values().filter(unknown).take(MAX_NEW).collect()
    })?;
    let mut accounts = HashMap::new();
    for user in new {
        let answer = match workspace.api.account(&user.id).await {
            Ok(account) => Some(account),
            Err(ApiError::Status(status)) if status.status == 404 => None,
            Err(error) => {
                tracing::debug!(%error, "a member's account could not be read");
                continue;
            }
        };
        accounts.insert(user.id.as_str().to_owned(), answer);
    }
    Ok(accounts)
}

/// Puts the members into the directory, but for the people in `changed`, who stay as they are. Gives whom this was about.
fn put_members(
    directory: &mut dir::Directory,
    group: &dir::GroupId,
    members: &Members,
    accounts: &HashMap<String, Option<ezeep_api::Account>>,
    changed: &HashSet<dir::UserId>,
) -> Vec<Touched> {
    let mut touched = vec![Touched::Group(group.clone())];
    let mut now: Vec<dir::UserId> = Vec::with_capacity(members.people.len());
    for (id, user) in &members.people {
        let id = dir::UserId::from(id.as_str());
        if changed.contains(&id) {
            continue;
        }
        now.push(id.clone());
        let Some(before) = directory.person(&id) else {
            let account = match accounts.get(id.as_str()) {
                Some(Some(account)) => AccountAnswer::Known(account),
                Some(None) => AccountAnswer::Absent,
                None => AccountAnswer::Unknown,
            };
            directory.upsert_person(convert::member(id.as_str(), &account, user));
            touched.push(Touched::Person(id));
            continue;
        };
        let groups: Vec<_> = user
            .groups
            .iter()
            .map(|g| dir::GroupId::from(g.as_str()))
            .collect();
        let same = before.groups.iter().collect::<HashSet<_>>() == groups.iter().collect::<HashSet<_>>();
        if !same {
            directory.set_groups(&id, &groups);
            touched.push(Touched::Person(id));
        }
    }
    let by_name = dir::Sort::ascending(dir::UserColumn::Name);
    let named: HashSet<dir::UserId> = now.iter().cloned().collect();
    for person in directory.members(group, "", by_name, 0, u32::MAX).rows {
        if named.contains(&person.id) {
            continue;
        }
        if changed.contains(&person.id) || !members.complete {
            now.push(person.id);
        } else {
            touched.push(Touched::Person(person.id));
        }
    }
    directory.set_members(group, &now);
    touched
}
