//! Plans and their results as stored on disk. Owns the format of `plans.v3`. Must never be used as a wire
//! type, nor refuse a file because of a value that a later version added.

use changes::{
    BlockedReason, Change, ChangeSet, GroupRef, Membership, Origin, Outcome, Source, Title, UserTable,
};
use ids::UserId;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::{AppError, ErrorCode};

/// A plan for writing. Large parts are borrowed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoringPlan<'a> {
    id: &'a str,
    made_at: i64,
    as_of: Option<i64>,
    organization: &'a str,
    title: StoredTitle,
    source: StoredSource,
    groups: Vec<StoredRef>,
    users: StoringUsers<'a>,
    changes: StoringChanges<'a>,
}

/// A plan as read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredPlan {
    /// Its id, which is also the file's name.
    pub id: String,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub made_at: i64,
    /// When the lists that it was made from were synced, in milliseconds since 1970 (UTC).
    as_of: Option<i64>,
    organization: String,
    title: StoredTitle,
    source: StoredSource,
    groups: Vec<StoredRef>,
    /// Id, name and address of each user.
    users: Vec<(String, String, String)>,
    changes: Vec<StoredChange>,
}

/// Index of the user, index of the group, membership before and after, why it is blocked, row of the source.
/// These numbers are part of the format.
type StoredChange = (u32, u16, u8, u8, u8, u32);

const UNKNOWN: u8 = 0;
const MEMBER: u8 = 1;
const NOT_MEMBER: u8 = 2;

/// In the order of their numbers, from 1; 0 stands for none.
const REASONS: [BlockedReason; 4] = [
    BlockedReason::UserGone,
    BlockedReason::NotOnPrintingServer,
    BlockedReason::GroupGone,
    BlockedReason::SyncedFromAzure,
];

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredTitle {
    AddToGroups,
    RemoveFromGroups,
    #[serde(other)]
    EditGroupsOfUser,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredSource {
    Matching,
    MatchingIncomplete,
    #[serde(other)]
    Chosen,
}

struct StoringUsers<'a>(&'a UserTable);

impl Serialize for StoringUsers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = self.0.len();
        let mut users = serializer.serialize_seq(Some(count))?;
        for user in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            users.serialize_element(&self.0.get(user))?;
        }
        users.end()
    }
}

struct StoringChanges<'a>(&'a [Change]);

impl Serialize for StoringChanges<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(stored_change))
    }
}

fn stored_change(change: &Change) -> StoredChange {
    let row = match change.origin {
        Origin::Selection => 0,
        Origin::Row(row) => row,
    };
    let number = |reason| REASONS.iter().position(|known| *known == reason);
    let blocked = change.blocked.and_then(number).map_or(0, |at| at + 1);
    (
        change.user,
        change.group,
        change.before.map_or(UNKNOWN, stored_membership),
        stored_membership(change.after),
        u8::try_from(blocked).unwrap_or_default(),
        row,
    )
}

fn stored_membership(membership: Membership) -> u8 {
    match membership {
        Membership::Member => MEMBER,
        Membership::NotMember => NOT_MEMBER,
    }
}

fn membership(stored: u8) -> Option<Membership> {
    match stored {
        MEMBER => Some(Membership::Member),
        NOT_MEMBER => Some(Membership::NotMember),
        _ => None,
    }
}

/// A prediction of the lists that this version does not know becomes "unknown": a run reads the user. An
/// unknown wanted state is never guessed.
fn change((user, group, before, after, blocked, row): StoredChange) -> Result<Change, Contradiction> {
    Ok(Change {
        user,
        group,
        before: membership(before),
        after: membership(after).ok_or(Contradiction)?,
        blocked: usize::from(blocked)
            .checked_sub(1)
            .and_then(|at| REASONS.get(at))
            .copied(),
        origin: match row {
            0 => Origin::Selection,
            row => Origin::Row(row),
        },
    })
}

impl<'a> StoringPlan<'a> {
    /// The plan in its stored form. `made_at` is in milliseconds since 1970 (UTC).
    pub fn new(id: &'a str, made_at: i64, set: &'a ChangeSet) -> Self {
        Self {
            id,
            made_at,
            as_of: set.as_of,
            organization: set.organization.as_str(),
            title: match set.title {
                Title::AddToGroups => StoredTitle::AddToGroups,
                Title::RemoveFromGroups => StoredTitle::RemoveFromGroups,
                Title::EditGroupsOfUser => StoredTitle::EditGroupsOfUser,
            },
            source: match set.source {
                Source::Chosen => StoredSource::Chosen,
                Source::Matching => StoredSource::Matching,
                Source::MatchingIncomplete => StoredSource::MatchingIncomplete,
            },
            groups: set.groups.iter().map(stored_ref).collect(),
            users: StoringUsers(&set.users),
            changes: StoringChanges(&set.changes),
        }
    }
}

/// A stored plan that contradicts itself: a change without a user, an invalid id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored plan contradicts itself")]
pub struct Contradiction;

impl StoredPlan {
    /// The change set.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn into_set(self) -> Result<ChangeSet, Contradiction> {
        let groups: Option<Vec<_>> = self.groups.into_iter().map(group_ref).collect();
        let groups = groups.ok_or(Contradiction)?;
        let mut users = UserTable::default();
        for (id, name, email) in &self.users {
            UserId::try_from(id.as_str()).map_err(|_| Contradiction)?;
            users.push(id, name, email);
        }
        users.shrink_to_fit();
        let fits = |change: &Change| {
            (change.user as usize) < users.len() && usize::from(change.group) < groups.len()
        };
        let changes = self.changes.into_iter().map(|stored| {
            let change = change(stored)?;
            fits(&change).then_some(change).ok_or(Contradiction)
        });
        Ok(ChangeSet {
            title: match self.title {
                StoredTitle::AddToGroups => Title::AddToGroups,
                StoredTitle::RemoveFromGroups => Title::RemoveFromGroups,
                StoredTitle::EditGroupsOfUser => Title::EditGroupsOfUser,
            },
            source: match self.source {
                StoredSource::Chosen => Source::Chosen,
                StoredSource::Matching => Source::Matching,
                StoredSource::MatchingIncomplete => Source::MatchingIncomplete,
            },
            as_of: self.as_of,
            organization: self.organization.try_into().map_err(|_| Contradiction)?,
            changes: changes.collect::<Result<_, _>>()?,
            users,
            groups,
        })
    }
}

/// The results of some lines.
#[derive(Serialize, Deserialize)]
pub struct OutcomeRecord {
    /// Their indexes among the plan's lines.
    pub lines: Vec<u32>,
    /// Their outcome.
    pub outcome: StoredOutcome,
}

/// The outcome of a line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum StoredOutcome {
    /// Written.
    Applied,
    /// No change was needed.
    Unchanged,
    /// Can't be changed.
    Blocked {
        /// Why.
        reason: String,
    },
    /// Written, and changed by another admin at the same moment.
    ChangedMeanwhile {
        /// Groups that this write did not add.
        appeared: Vec<StoredRef>,
        /// Groups that this write added and that are gone.
        vanished: Vec<StoredRef>,
    },
    /// Not written, or unknown.
    Failed {
        /// Why.
        error: StoredError,
    },
    /// A value that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A group by id and name.
#[derive(Serialize, Deserialize)]
pub struct StoredRef {
    id: String,
    name: String,
}

/// An error with its code by name, so that an unknown code can be kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredError {
    code: String,
    #[serde(default)]
    params: Map<String, Value>,
    detail: Option<String>,
    request_id: Option<String>,
}

impl From<&Outcome<AppError>> for StoredOutcome {
    fn from(outcome: &Outcome<AppError>) -> Self {
        let refs = |groups: &[GroupRef]| groups.iter().map(stored_ref).collect();
        match outcome {
            Outcome::Applied => Self::Applied,
            Outcome::Unchanged => Self::Unchanged,
            Outcome::Blocked { reason } => Self::Blocked {
                reason: reason_name(*reason).to_owned(),
            },
            Outcome::ChangedMeanwhile { appeared, vanished } => Self::ChangedMeanwhile {
                appeared: refs(appeared),
                vanished: refs(vanished),
            },
            Outcome::Failed { error } => Self::Failed { error: error.into() },
            Outcome::Unknown => Self::Unknown,
        }
    }
}

impl From<StoredOutcome> for Outcome<AppError> {
    fn from(stored: StoredOutcome) -> Self {
        let refs = |groups: Vec<StoredRef>| groups.into_iter().filter_map(group_ref).collect();
        match stored {
            StoredOutcome::Applied => Self::Applied,
            StoredOutcome::Unchanged => Self::Unchanged,
            StoredOutcome::Blocked { reason } => {
                reason_of(&reason).map_or(Self::Unknown, |reason| Self::Blocked { reason })
            }
            StoredOutcome::ChangedMeanwhile { appeared, vanished } => Self::ChangedMeanwhile {
                appeared: refs(appeared),
                vanished: refs(vanished),
            },
            StoredOutcome::Failed { error } => Self::Failed { error: error.into() },
            StoredOutcome::Unknown => Self::Unknown,
        }
    }
}

fn stored_ref(group: &GroupRef) -> StoredRef {
    StoredRef {
        id: group.id.as_str().to_owned(),
        name: group.name.clone(),
    }
}

fn group_ref(StoredRef { id, name }: StoredRef) -> Option<GroupRef> {
    let id = id.try_into().ok()?;
    Some(GroupRef { id, name })
}

fn reason_name(reason: BlockedReason) -> &'static str {
    match reason {
        BlockedReason::UserGone => "userGone",
        BlockedReason::NotOnPrintingServer => "notOnPrintingServer",
        BlockedReason::GroupGone => "groupGone",
        BlockedReason::SyncedFromAzure => "syncedFromAzure",
    }
}

fn reason_of(name: &str) -> Option<BlockedReason> {
    REASONS.into_iter().find(|reason| reason_name(*reason) == name)
}

impl From<&AppError> for StoredError {
    fn from(error: &AppError) -> Self {
        let (code, params) = match &error.code {
            ErrorCode::UnknownCode { name } => (name.clone(), Map::new()),
            known => match serde_json::to_value(known) {
                Ok(Value::Object(mut params)) => match params.remove("code") {
                    Some(Value::String(code)) => (code, params),
                    _ => ("internal".to_owned(), Map::new()),
                },
                _ => ("internal".to_owned(), Map::new()),
            },
        };
        Self {
            code,
            params,
            detail: error.detail.clone(),
            request_id: error.request_id.clone(),
        }
    }
}

impl From<StoredError> for AppError {
    fn from(stored: StoredError) -> Self {
        let StoredError {
            code,
            mut params,
            detail,
            request_id,
        } = stored;
        params.insert("code".to_owned(), Value::String(code.clone()));
        let known = serde_json::from_value(Value::Object(params));
        Self {
            code: known.unwrap_or(ErrorCode::UnknownCode { name: code }),
            detail,
            request_id,
        }
    }
}
