//! Membership changes, as sent to the UI: the request, the plan, its lines and their outcomes. Must never
//! carry a group list to write: what is written is decided after another read.

use changes::{ChangeSet, Prediction, Title};
use ids::{GroupId, PlanId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::directory::Selection;
use super::references::{GroupRef, UserRef};
use super::session::Organization;
use crate::error::AppError;

/// A requested change of memberships.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum MembershipRequest {
    /// Adds users to groups.
    Add {
        /// The users.
        users: Selection,
        /// The groups.
        groups: Vec<GroupId>,
    },
    /// Removes users from groups.
    Remove {
        /// The users.
        users: Selection,
        /// The groups.
        groups: Vec<GroupId>,
    },
    /// Adds and removes groups of one user.
    Edit {
        /// The user.
        user: UserId,
        /// Groups to add the user to.
        add: Vec<GroupId>,
        /// Groups to remove the user from.
        remove: Vec<GroupId>,
    },
}

/// A plan for the review, with the predictions of the lists. Its run reads the facts from the server.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Its id; valid until the plan is closed.
    pub id: PlanId,
    /// The organization that it changes.
    pub organization: Organization,
    /// The kind of change, for the heading.
    pub verb: PlanVerb,
    /// The groups of the request.
    pub groups: Vec<GroupRef>,
    /// The user, if the plan edits the groups of one user.
    pub user: Option<UserRef>,
    /// Memberships that will be added.
    pub adds: u32,
    /// Memberships that will be removed.
    pub removes: u32,
    /// Memberships that need no change, by the lists.
    pub unchanged: u32,
    /// Memberships that can't be changed, by the lists.
    pub blocked: u32,
    /// Memberships that the run reads and writes where needed; 0 if there is nothing to apply.
    pub checked: u32,
    /// Lines in the list, for the window.
    pub lines: u32,
    /// When the lists that it was made from were synced, in milliseconds since 1970 (UTC); null if they were
    /// partial.
    #[ts(type = "number | null")]
    pub as_of: Option<i64>,
    /// Whether the plan is for all users who match, and the sync may have missed some of them.
    pub may_miss_users: bool,
}

/// An unfinished plan, to be continued after a restart, after a new sign-in, or later.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanSummary {
    /// The plan.
    pub plan: PlanView,
    /// How far it got.
    pub progress: PlanProgress,
    /// When it was made, in milliseconds since 1970 (UTC).
    #[ts(type = "number")]
    pub made_at: i64,
}

/// What a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PlanVerb {
    /// Adds users to groups.
    Add,
    /// Removes users from groups.
    Remove,
    /// Edits the groups of one user.
    Edit,
}

impl From<Title> for PlanVerb {
    fn from(title: Title) -> Self {
        match title {
            Title::AddToGroups => Self::Add,
            Title::RemoveFromGroups => Self::Remove,
            Title::EditGroupsOfUser => Self::Edit,
        }
    }
}

/// A window of a plan's lines: first those that will change, then those that need no change, then those that
/// can't be changed.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanWindow {
    /// First line.
    pub offset: u32,
    /// The lines.
    pub lines: Vec<PlanLine>,
}

/// One membership of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanLine {
    /// The user.
    pub user: UserRef,
    /// The group.
    pub group: GroupRef,
    /// The prediction.
    pub planned: Planned,
    /// The outcome, once it was tried.
    pub outcome: Option<Outcome>,
}

impl PlanLine {
    /// A change of a set as a line; `None` for an unknown index.
    pub fn of(set: &ChangeSet, at: u32, outcome: Option<&changes::Outcome<AppError>>) -> Option<Self> {
        let change = set.change(at)?;
        Some(Self {
            user: set.user_of(change)?.into(),
            group: set.group_of(change)?.clone().into(),
            planned: match change.prediction() {
                Prediction::Change if change.is_adding() => Planned::Add,
                Prediction::Change => Planned::Remove,
                Prediction::Unchanged => Planned::Unchanged,
                Prediction::Blocked(reason) => Planned::Blocked {
                    reason: reason.into(),
                },
            },
            outcome: outcome.cloned().map(Into::into),
        })
    }
}

/// The prediction for one membership.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Planned {
    /// It will be added.
    Add,
    /// It will be removed.
    Remove,
    /// The lists show that no change is needed.
    Unchanged,
    /// It can't be changed.
    Blocked {
        /// The reason.
        reason: BlockedReason,
    },
}

/// Why a membership can't be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum BlockedReason {
    /// The user is no longer in the organization.
    UserGone,
    /// The printing server doesn't know the user yet.
    NotOnPrintingServer,
    /// The group no longer exists.
    GroupGone,
    /// The group is synced from Azure: its members are changed there.
    SyncedFromAzure,
}

impl From<changes::BlockedReason> for BlockedReason {
    fn from(reason: changes::BlockedReason) -> Self {
        match reason {
            changes::BlockedReason::UserGone => Self::UserGone,
            changes::BlockedReason::NotOnPrintingServer => Self::NotOnPrintingServer,
            changes::BlockedReason::GroupGone => Self::GroupGone,
            changes::BlockedReason::SyncedFromAzure => Self::SyncedFromAzure,
        }
    }
}

/// The outcome of one membership.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Written, and read back as written.
    Applied,
    /// Read from the server: no change was needed.
    Unchanged,
    /// Can't be changed, as the server says.
    Blocked {
        /// The reason.
        reason: BlockedReason,
    },
    /// Written, but the read-back shows something else: another admin wrote at the same moment.
    ChangedMeanwhile {
        /// Groups that the user is in now and that were not in our write.
        appeared: Vec<GroupRef>,
        /// Groups of our write that the user is not in now.
        vanished: Vec<GroupRef>,
    },
    /// Not written.
    Failed {
        /// The error.
        error: AppError,
    },
    /// Recorded by another version of the app with a value unknown to this one. The run reads it again.
    Unknown,
}

impl From<changes::Outcome<AppError>> for Outcome {
    fn from(outcome: changes::Outcome<AppError>) -> Self {
        let refs = |groups: Vec<changes::GroupRef>| groups.into_iter().map(Into::into).collect();
        match outcome {
            changes::Outcome::Applied => Self::Applied,
            changes::Outcome::Unchanged => Self::Unchanged,
            changes::Outcome::Blocked { reason } => Self::Blocked {
                reason: reason.into(),
            },
            changes::Outcome::ChangedMeanwhile { appeared, vanished } => Self::ChangedMeanwhile {
                appeared: refs(appeared),
                vanished: refs(vanished),
            },
            changes::Outcome::Failed { error } => Self::Failed { error },
            changes::Outcome::Unknown => Self::Unknown,
        }
    }
}

/// How far a plan has been applied.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanProgress {
    /// The plan.
    pub id: PlanId,
    /// State of its run.
    pub state: RunState,
    /// Memberships that the run reads and writes where needed.
    pub total: u32,
    /// Of these, tried, with any outcome.
    pub done: u32,
    /// Of those done, written.
    pub applied: u32,
    /// Of those done, no change needed.
    pub unchanged: u32,
    /// Of those done, can't be changed.
    pub blocked: u32,
    /// Of those done, failed.
    pub failed: u32,
    /// What another run would try: lines that failed, were not tried, or have a result that this version does
    /// not know.
    pub left: u32,
    /// Of those applied, changed by another admin at the same moment.
    pub changed_meanwhile: u32,
    /// Why a paused run waits; it continues by itself. Null if a person paused it, and while it is not
    /// paused.
    pub waiting: Option<AppError>,
    /// Why the run waited when it was stopped: the reason for the lines that were not tried. Null if there
    /// was none.
    pub stopped: Option<AppError>,
    /// Whether it is on disk. If not, it is lost when the organization is left or the app ends.
    pub stored: bool,
}

/// State of a plan's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RunState {
    /// Not started: the plan is in review.
    Ready,
    /// Users are being read and written.
    Running,
    /// Paused between two users: by a person, or because the servers can't be reached.
    Paused,
    /// Ends after the users being written now.
    Stopping,
    /// Ended, by itself or by "Stop".
    Finished,
}
