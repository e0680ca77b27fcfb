//! Writes users' print settings: read, compare, write together with the groups that were just read, read back
//! (security.md 80). Must never continue a set after a write that removed a group or did not change the
//! settings.
//!
//! Between the read and the write lies one round trip, as for memberships (docs/architecture.md); the lock is
//! the same.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use directory as dir;
use ezeep_api::{Error as ApiError, PrintSettingsPatch, PrintUser};
use futures::StreamExt as _;
use ids::{GroupId, UserId};

use crate::error::{AppError, ErrorCode, Result};
use crate::faults::gone;
use crate::limits::MAX_SELECTED;
use crate::organization::{Edited, OrganizationContext};

/// Attempts at reading and writing a user while the server is too busy to process the write.
const TRIES: usize = 3;
/// Users written in parallel after the first was written and read back.
const AT_ONCE: usize = 4;

/// The settings to change; `None` leaves a setting as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PrintSettingsChange {
    /// Local printing.
    pub local_printing: Option<bool>,
    /// Self service.
    pub self_service: Option<bool>,
    /// MyPrinters.
    pub my_printers: Option<bool>,
}

/// The outcome for one user of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintSettingsResult {
    /// The user.
    pub user: UserId,
    /// The outcome.
    pub outcome: PrintSettingsOutcome,
}

/// Outcome for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintSettingsOutcome {
    /// The server had the settings already; nothing was written.
    NoChangeNeeded,
    /// Written, and the read-back shows the settings and every earlier group.
    Applied,
    /// After the write the user is missing in groups they were in before. The set stopped.
    GroupsLost {
        /// The missing groups.
        groups: Vec<GroupId>,
    },
    /// The server answered with success, but the settings are not the requested ones. The set stopped.
    NotTaken,
    /// Not written, or the outcome is unknown.
    Failed {
        /// The error.
        error: AppError,
    },
    /// The set stopped before this user.
    NotTried,
}

/// Whether a set may continue after a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// The read-back showed that the server keeps groups and takes settings.
    Shown,
    /// Nothing was shown: no write was needed, or its outcome is unknown.
    None,
    /// The set stops.
    Stop,
}

impl PrintSettingsOutcome {
    fn proof(&self) -> Proof {
        match self {
            Self::Applied => Proof::Shown,
            Self::GroupsLost { .. } | Self::NotTaken => Proof::Stop,
            Self::Failed { error } => match error.code {
                // The same error would follow for each further user, and an unknown outcome shows nothing.
                ErrorCode::SessionEnded | ErrorCode::OrganizationChanged | ErrorCode::OutcomeUnknown => {
                    Proof::Stop
                }
                _ => Proof::None,
            },
            Self::NoChangeNeeded | Self::NotTried => Proof::None,
        }
    }
}

/// Writes the settings of a set of users, each once, in this order. The first user who needs a write is
/// written alone; the others follow only if the read-back shows all groups and the requested settings.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for more than 100,000 users. A failure for one user is in that user's
/// result.
pub(crate) async fn write_set(
    context: &OrganizationContext,
    users: &[UserId],
    change: &PrintSettingsChange,
) -> Result<Vec<PrintSettingsResult>> {
    if users.len() > MAX_SELECTED {
        let field = "users".into();
        return Err(ErrorCode::ArgumentInvalid { field }.into());
    }
    let mut seen = HashSet::new();
    let users: Vec<&UserId> = users.iter().filter(|user| seen.insert(*user)).collect();
    let mut results = Vec::with_capacity(users.len());
    let mut proof = Proof::None;
    let mut left = users.into_iter();
    while proof == Proof::None && !context.left.is_cancelled() {
        let Some(user) = left.next() else { break };
        let outcome = write(context, user, change).await;
        proof = outcome.proof();
        let user = user.clone();
        results.push(PrintSettingsResult { user, outcome });
    }
    let stopped = AtomicBool::new(proof == Proof::Stop);
    let others = futures::stream::iter(left).map(|user| {
        let stopped = &stopped;
        async move {
            let outcome = if stopped.load(Ordering::SeqCst) || context.left.is_cancelled() {
                PrintSettingsOutcome::NotTried
            } else {
                write(context, user, change).await
            };
            if outcome.proof() == Proof::Stop {
                stopped.store(true, Ordering::SeqCst);
            }
            let user = user.clone();
            PrintSettingsResult { user, outcome }
        }
    });
    results.extend(others.buffered(AT_ONCE).collect::<Vec<_>>().await);
    Ok(results)
}

async fn write(
    context: &OrganizationContext,
    user: &UserId,
    change: &PrintSettingsChange,
) -> PrintSettingsOutcome {
    let _lock = match context.lock_user(user).await {
        Ok(lock) => lock,
        Err(error) => return PrintSettingsOutcome::Failed { error },
    };
    let patch = PrintSettingsPatch {
        local_printing_enabled: change.local_printing,
        self_service_enabled: change.self_service,
        myprinters_enabled: change.my_printers,
    };
    match write_alone(context, user, &patch).await {
        Ok((outcome, now)) => {
            show(context, user, &now);
            outcome
        }
        Err(error) => {
            tracing::warn!(?error, "a person's print settings could not be written");
            PrintSettingsOutcome::Failed { error }
        }
    }
}

/// The caller holds the user's lock.
async fn write_alone(
    context: &OrganizationContext,
    user: &UserId,
    patch: &PrintSettingsPatch,
) -> Result<(PrintSettingsOutcome, PrintUser)> {
    let api = &context.api;
    let read = async || {
        let person = api.print_user(user).await;
        person.map_err(|error| gone(error, ErrorCode::UserGone))
    };
    let mut tries = 0;
    let (before, lost_reply) = loop {
        tries += 1;
        let before = read().await?;
        if patch.holds_for(&before) {
            return Ok((PrintSettingsOutcome::NoChangeNeeded, before));
        }
        match api.write_print_settings(&before, patch).await {
            Ok(_) => break (before, false),
            Err(ApiError::OutcomeUnknown { .. }) => break (before, true),
            // Delayed groups would be based on an old read: the user is read again, and that read waits for
            // the server's `Retry-After`.
            Err(error) if error.is_transient() && tries < TRIES => {}
            Err(error) => return Err(gone(error, ErrorCode::UserGone)),
        }
    };
    // The reply may repeat the request; only another read tells what is stored.
    let now = match read().await {
        Ok(now) => now,
        Err(error) if error.code == ErrorCode::UserGone => return Err(error),
        Err(error) => return Err(AppError::new(ErrorCode::OutcomeUnknown).with_detail(error.to_string())),
    };
    let has: HashSet<_> = now.groups.iter().collect();
    let lost = before.groups.iter().filter(|group| !has.contains(group));
    let groups: Vec<GroupId> = lost.cloned().collect();
    let outcome = if !groups.is_empty() {
        PrintSettingsOutcome::GroupsLost { groups }
    } else if patch.holds_for(&now) {
        PrintSettingsOutcome::Applied
    } else if lost_reply {
        return Err(ErrorCode::OutcomeUnknown.into());
    } else {
        PrintSettingsOutcome::NotTaken
    };
    Ok((outcome, now))
}

/// Updates the directory with the server's record of a user.
fn show(context: &OrganizationContext, user: &UserId, now: &PrintUser) {
    context.store.edit(Edited::User(user.clone()), |directory| {
        let Some(mut person) = directory.person(user) else {
            return;
        };
        person.settings = Some(dir::PrintSettings {
            local_printing: now.local_printing_enabled,
            self_service: now.self_service_enabled,
            my_printers: now.myprinters_enabled,
        });
        person.groups = now.groups.clone();
        directory.upsert_person(person);
    });
}
