//! Compiles a request and the lists into a change set.

use std::collections::{HashMap, HashSet};

use directory::{Directory, Origin as ListOrigin, Person, Sort, UserColumn, UserScope, UserState};
use ids::{GroupId, OrganizationId, UserId};

use crate::change::{BlockedReason, Change, Membership, Origin};
use crate::change_set::{ChangeSet, Source, Title};
use crate::reference::GroupRef;
use crate::user_table::UserTable;

/// Most changes of a set. A change is one user and one group.
pub const MAX_CHANGES: u32 = 200_000;
/// Most groups in one request.
pub const MAX_GROUPS: usize = 1_000;
/// Most users who are chosen one by one.
pub const MAX_USERS: usize = 100_000;
/// Users looked up in one step of [`Compiler::advance`].
const AT_A_TIME: usize = 500;

/// The users of a request.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These, at most [`MAX_USERS`].
    Ids(Vec<UserId>),
    /// All who match, except these.
    Matching {
        /// Who matches.
        scope: UserScope,
        /// Except these.
        except: Vec<UserId>,
    },
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// What it does.
    pub title: Title,
    /// Whose memberships.
    pub users: Selection,
    /// Groups to be in.
    pub add: Vec<GroupId>,
    /// Groups to be out of.
    pub remove: Vec<GroupId>,
}

/// How complete the lists are. Times are in milliseconds since 1970 (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// A part of them was read.
    Partial,
    /// Complete, from a saved copy.
    Saved {
        /// When they were synced.
        at: i64,
    },
    /// Synced to their end since the app was started.
    Synced {
        /// When they were synced.
        at: i64,
        /// Whether users or groups may be missing in them.
        incomplete: bool,
    },
}

impl Lists {
    /// When they were synced to their end.
    fn as_of(self) -> Option<i64> {
        match self {
            Self::Partial => None,
            Self::Saved { at } | Self::Synced { at, .. } => Some(at),
        }
    }

    /// Whether a user or group that is missing in them counts as gone.
    fn are_complete(self) -> bool {
        match self {
            Self::Partial => false,
            Self::Saved { .. } => true,
            Self::Synced { incomplete, .. } => !incomplete,
        }
    }
}

/// Why a request is not compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// More changes than a set may have.
    #[error("the request has {changes} changes, more than {MAX_CHANGES}")]
    TooLarge {
        /// Number of changes; `u32::MAX` for more than fit.
        changes: u32,
    },
    /// All that match were asked for while the lists were partial.
    #[error("the lists are partial")]
    Partial,
    /// All that match were asked for while the lists were a saved copy.
    #[error("the lists are a saved copy")]
    Saved {
        /// When they were synced, in milliseconds since 1970 (UTC).
        at: i64,
    },
    /// No group, more than [`MAX_GROUPS`], or a group that is to be added and removed.
    #[error("the groups of the request can't be used")]
    Groups,
    /// More than [`MAX_USERS`] users.
    #[error("the request has too many users")]
    Users,
}

/// What the lists say of a group, which holds for each user.
struct Target {
    id: GroupId,
    after: Membership,
    /// Why no membership in it can be changed.
    blocked: Option<BlockedReason>,
}

/// A change set in the making. The directory is asked in short steps, so that its lock is not held for long.
pub struct Compiler {
    set: ChangeSet,
    lists: Lists,
    targets: Vec<Target>,
    /// The users who are not in the set yet.
    left: std::vec::IntoIter<UserId>,
}

impl Compiler {
    /// Finds the users and groups of a request. The time grows with the lists.
    ///
    /// # Errors
    /// [`CompileError`].
    pub fn begin(
        directory: &Directory,
        lists: Lists,
        organization: OrganizationId,
        request: &Request,
    ) -> Result<Self, CompileError> {
        let wanted = wanted_groups(&request.add, &request.remove)?;
        let users = resolve(directory, lists, &request.users, wanted.len())?;
        let (groups, targets): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .map(|(id, after)| look_up(directory, lists, id, after))
            .unzip();
        let source = match request.users {
            Selection::Ids(_) => Source::Chosen,
            Selection::Matching { .. } if lists.are_complete() => Source::Matching,
            Selection::Matching { .. } => Source::MatchingIncomplete,
        };
        Ok(Self {
            set: ChangeSet {
                title: request.title,
                source,
                as_of: lists.as_of(),
                organization,
                users: UserTable::default(),
                changes: Vec::with_capacity(users.len() * groups.len()),
                groups,
            },
            lists,
            targets,
            left: users.into_iter(),
        })
    }

    /// Looks up some more users. False once all are in the set.
    pub fn advance(&mut self, directory: &Directory) -> bool {
        let is_complete = self.lists.are_complete();
        for id in self.left.by_ref().take(AT_A_TIME) {
            let known = directory.person(&id);
            let user = u32::try_from(self.set.users.len()).unwrap_or(u32::MAX);
            match &known {
                Some(known) => self.set.users.push(id.as_str(), &known.name, &known.email),
                None => self.set.users.push(id.as_str(), "", ""),
            }
            let changes = (0_u16..).zip(&self.targets).map(|(group, target)| Change {
                user,
                group,
                before: before(known.as_ref(), target),
                after: target.after,
                blocked: blocked(known.as_ref(), target, is_complete),
                origin: Origin::Selection,
            });
            self.set.changes.extend(changes);
        }
        self.left.len() > 0
    }

    /// The change set, in its display order.
    pub fn finish(mut self) -> ChangeSet {
        self.set.users.shrink_to_fit();
        self.set.sort();
        self.set
    }
}

/// The groups of a request without duplicates: additions first, then removals.
fn wanted_groups(add: &[GroupId], remove: &[GroupId]) -> Result<Vec<(GroupId, Membership)>, CompileError> {
    let mut groups: Vec<(GroupId, Membership)> = Vec::new();
    let mut seen = HashMap::new();
    let add = add.iter().map(|id| (id, Membership::Member));
    let remove = remove.iter().map(|id| (id, Membership::NotMember));
    for (id, after) in add.chain(remove) {
        match seen.insert(id, after) {
            None => groups.push((id.clone(), after)),
            Some(before) if before != after => return Err(CompileError::Groups),
            Some(_) => {}
        }
    }
    if groups.is_empty() || groups.len() > MAX_GROUPS {
        return Err(CompileError::Groups);
    }
    Ok(groups)
}

/// The users of a selection, sorted by name; unknown ones at the end.
fn resolve(
    directory: &Directory,
    lists: Lists,
    selection: &Selection,
    groups: usize,
) -> Result<Vec<UserId>, CompileError> {
    let bound = |users: usize| {
        let changes = u32::try_from(users.saturating_mul(groups)).unwrap_or(u32::MAX);
        match changes > MAX_CHANGES {
            true => Err(CompileError::TooLarge { changes }),
            false => Ok(()),
        }
    };
    match selection {
        Selection::Matching { scope, except } => {
            match lists {
                Lists::Synced { .. } => {}
                Lists::Saved { at } => return Err(CompileError::Saved { at }),
                Lists::Partial => return Err(CompileError::Partial),
            }
            let except: HashSet<&UserId> = except.iter().collect();
            let matched = directory
                .users(scope, Sort::ascending(UserColumn::Name), 0, 0)
                .matched;
            // Checked before the ids are copied: an excluded id need not match the query.
            bound((matched as usize).saturating_sub(except.len()))?;
            let mut ids = directory.matching(scope);
            ids.retain(|id| !except.contains(id));
            bound(ids.len())?;
            Ok(ids)
        }
        Selection::Ids(ids) if ids.len() > MAX_USERS => Err(CompileError::Users),
        Selection::Ids(ids) => {
            let mut left: HashSet<&UserId> = ids.iter().collect();
            bound(left.len())?;
            let mut ordered = Vec::with_capacity(left.len());
            if left.len() > 1 {
                let known = directory.matching(&UserScope::default());
                ordered.extend(known.into_iter().filter(|id| left.remove(id)));
            }
            let unknown = ids.iter().filter(|id| left.remove(id));
            ordered.extend(unknown.cloned());
            Ok(ordered)
        }
    }
}

fn look_up(directory: &Directory, lists: Lists, id: GroupId, after: Membership) -> (GroupRef, Target) {
    let blocked = match directory.group(&id) {
        Some(info) if info.group.origin == ListOrigin::Azure => Some(BlockedReason::SyncedFromAzure),
        // Users can still be removed from a group that the list of groups does not contain, and an incomplete
        // list says nothing about groups that are missing in it.
        None if after == Membership::Member && lists.are_complete() => Some(BlockedReason::GroupGone),
        _ => None,
    };
    let group = GroupRef::of(directory, &id);
    (group, Target { id, after, blocked })
}

/// The membership by the lists. `None` without complete data about the user.
fn before(user: Option<&Person>, target: &Target) -> Option<Membership> {
    let user = user.filter(|user| !user.is_half_read())?;
    Some(Membership::of(user.groups.contains(&target.id)))
}

/// Why the membership can't be changed, by the lists.
fn blocked(user: Option<&Person>, target: &Target, is_complete: bool) -> Option<BlockedReason> {
    match user {
        None if is_complete => Some(BlockedReason::UserGone),
        Some(user) if target.blocked.is_none() && user.state == UserState::AccountOnly => {
            Some(BlockedReason::NotOnPrintingServer)
        }
        _ => target.blocked,
    }
}
