//! Plans and their results as stored on disk. Owns the format of `plans.v2`.
//! Must never be used as a wire type, nor refuse a file because of a value that a later version added.

use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::{AppError, ErrorCode};
use crate::plans::model::{ChangeSet, Line, People, PlanGroup, Prediction};
use crate::wire::{BlockedReason, GroupRef, Organization, Outcome, PlanVerb};

/// A plan for writing. Large parts are borrowed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoringPlan<'a> {
    id: &'a str,
    made_at: i64,
    as_of: Option<i64>,
    organization: StoredOrganization,
    verb: StoredVerb,
    groups: Vec<StoredGroup>,
    people: StoringPeople<'a>,
    lines: StoringLines<'a>,
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
    pub as_of: Option<i64>,
    organization: StoredOrganization,
    verb: StoredVerb,
    groups: Vec<StoredGroup>,
    /// Id, name and address of each person.
    people: Vec<(String, String, String)>,
    /// Index of the person, index of the group, prediction.
    lines: Vec<(u32, u16, u8)>,
}

#[derive(Serialize, Deserialize)]
struct StoredOrganization {
    id: String,
    name: String,
    admin: bool,
    private: bool,
    color: u8,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredVerb {
    Add,
    Remove,
    #[serde(other)]
    Edit,
}

#[derive(Serialize, Deserialize)]
struct StoredGroup {
    id: String,
    name: String,
    adding: bool,
}

struct StoringPeople<'a>(&'a People);

impl Serialize for StoringPeople<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = self.0.len();
        let mut people = serializer.serialize_seq(Some(count))?;
        for person in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            people.serialize_element(&self.0.get(person))?;
        }
        people.end()
    }
}

struct StoringLines<'a>(&'a [Line]);

impl Serialize for StoringLines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = self.0.iter();
        serializer.collect_seq(lines.map(|line| (line.person, line.group, stored_prediction(line.predicted))))
    }
}

/// These numbers are part of the format. An unknown one is read as a change, which is checked when the plan
/// is applied.
fn stored_prediction(prediction: Prediction) -> u8 {
    match prediction {
        Prediction::Change => 0,
        Prediction::Unchanged => 1,
        Prediction::Blocked(BlockedReason::UserGone) => 2,
        Prediction::Blocked(BlockedReason::NotOnPrintingServer) => 3,
        Prediction::Blocked(BlockedReason::GroupGone) => 4,
        Prediction::Blocked(BlockedReason::SyncedFromAzure) => 5,
    }
}

fn prediction(stored: u8) -> Prediction {
    match stored {
        1 => Prediction::Unchanged,
        2 => Prediction::Blocked(BlockedReason::UserGone),
        3 => Prediction::Blocked(BlockedReason::NotOnPrintingServer),
        4 => Prediction::Blocked(BlockedReason::GroupGone),
        5 => Prediction::Blocked(BlockedReason::SyncedFromAzure),
        _ => Prediction::Change,
    }
}

impl<'a> StoringPlan<'a> {
    /// The plan in its stored form.
    pub fn new(
        id: &'a str,
        made_at: i64,
        as_of: Option<i64>,
        organization: &Organization,
        set: &'a ChangeSet,
    ) -> Self {
        let groups = set.groups.iter().map(|PlanGroup { group, adding }| StoredGroup {
            id: group.id.as_str().to_owned(),
            name: group.name.clone(),
            adding: *adding,
        });
        Self {
            id,
            made_at,
            as_of,
            organization: StoredOrganization {
                id: organization.id.as_str().to_owned(),
                name: organization.name.clone(),
                admin: organization.admin,
                private: organization.private,
                color: organization.color,
            },
            verb: match set.verb {
                PlanVerb::Add => StoredVerb::Add,
                PlanVerb::Remove => StoredVerb::Remove,
                PlanVerb::Edit => StoredVerb::Edit,
            },
            groups: groups.collect(),
            people: StoringPeople(&set.people),
            lines: StoringLines(&set.lines),
        }
    }
}

/// A stored plan that contradicts itself: a line without a person, an invalid id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored plan contradicts itself")]
pub struct Contradiction;

impl StoredPlan {
    /// The organization and the change set.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn into_set(self) -> Result<(Organization, ChangeSet), Contradiction> {
        let StoredOrganization {
            id,
            name,
            admin,
            private,
            color,
        } = self.organization;
        let organization = Organization {
            id: id.try_into().map_err(|_| Contradiction)?,
            name,
            admin,
            private,
            color,
        };
        let groups = self.groups.into_iter().map(|StoredGroup { id, name, adding }| {
            let id = id.try_into().map_err(|_| Contradiction)?;
            let group = GroupRef { id, name };
            Ok(PlanGroup { group, adding })
        });
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        let mut people = People::default();
        for (id, name, email) in &self.people {
            people.push(id, name, email);
        }
        people.shrink();
        let lines = self.lines.into_iter().map(|(person, group, predicted)| {
            let fits = (person as usize) < people.len() && usize::from(group) < groups.len();
            fits.then_some(Line {
                person,
                group,
                predicted: prediction(predicted),
            })
            .ok_or(Contradiction)
        });
        let set = ChangeSet {
            verb: match self.verb {
                StoredVerb::Add => PlanVerb::Add,
                StoredVerb::Remove => PlanVerb::Remove,
                StoredVerb::Edit => PlanVerb::Edit,
            },
            lines: lines.collect::<Result<_, _>>()?,
            groups,
            people,
        };
        Ok((organization, set))
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
    /// Not written.
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

impl From<&Outcome> for StoredOutcome {
    fn from(outcome: &Outcome) -> Self {
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

impl From<StoredOutcome> for Outcome {
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
    const ALL: [BlockedReason; 4] = [
        BlockedReason::UserGone,
        BlockedReason::NotOnPrintingServer,
        BlockedReason::GroupGone,
        BlockedReason::SyncedFromAzure,
    ];
    ALL.into_iter().find(|reason| reason_name(*reason) == name)
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
