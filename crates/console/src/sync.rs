//! The full read of an organization: groups, print users and accounts, joined into a new directory.
//! Must never show half a read as the whole: the directory is replaced when all three lists have been read to the end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use directory::Directory;
use ezeep_api::Pass;

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{AppEvent, ListsView, ReadView};
use crate::workspace::Workspace;

/// Rows asked for at a time. The server may clamp it (contract, `limit`).
const PAGE: u32 = 100;
/// How often a list that changed while it was read is read again before what was seen is taken.
const PASSES: usize = 3;
/// The UI is told of progress at most this often.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Milliseconds since 1970, UTC.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_millis()).ok())
        .unwrap_or_default()
}

/// Starts a full read. Does nothing where one is under way.
pub fn start(workspace: &Arc<Workspace>) {
    let cancel = workspace.left.child_token();
    {
        let mut sync = workspace.sync();
        if sync.cancel.is_some() {
            return;
        }
        sync.cancel = Some(cancel.clone());
        sync.touched.clear();
        sync.view.read = ReadView::Reading {
            done: 0,
            total: None,
            left: None,
        };
    }
    workspace.host.emit(AppEvent::Sync);
    let workspace = Arc::clone(workspace);
    tokio::spawn(async move {
        let outcome = match cancel.run_until_cancelled(read(&workspace)).await {
            Some(outcome) => outcome,
            None => Err(ErrorCode::Cancelled.into()),
        };
        finish(&workspace, outcome);
    });
}

/// Cancels the read under way, if any. What the lists showed before stays.
pub fn cancel(workspace: &Workspace) {
    if let Some(cancel) = &workspace.sync().cancel {
        cancel.cancel();
    }
}

fn finish(workspace: &Arc<Workspace>, outcome: Result<(Directory, u32)>) {
    let mut whole = None;
    let view = match outcome {
        Ok((directory, skipped)) => {
            let (people, groups) = directory.totals();
            tracing::info!(people, groups, skipped, "the organization was read");
            let at = now();
            workspace.replace(directory, ListsView::Read { at });
            whole = Some(at);
            ReadView::Done {
                at,
                skipped,
                restless: false,
                changes: None,
            }
        }
        Err(error) => {
            if error.code != ErrorCode::Cancelled {
                tracing::warn!(?error, "the organization could not be read");
            }
            ReadView::Failed {
                error,
                resumable: false,
            }
        }
    };
    {
        let mut sync = workspace.sync();
        sync.view.read = view;
        sync.cancel = None;
    }
    workspace.host.emit(AppEvent::Sync);
    if let Some(at) = whole {
        workspace.tell_whole(at);
    }
}

/// Counts what the three lists have brought, and tells the UI now and then.
struct Progress<'a> {
    workspace: &'a Workspace,
    started: Instant,
    told: AtomicU64,
    lists: [(AtomicU32, AtomicU32); 3],
}

impl Progress<'_> {
    fn set(&self, list: usize, done: u64, count: u64) {
        let (slot_done, slot_count) = &self.lists[list];
        slot_done.store(u32::try_from(done).unwrap_or(u32::MAX), Ordering::Relaxed);
        slot_count.store(u32::try_from(count).unwrap_or(u32::MAX).max(1), Ordering::Relaxed);
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let every = u64::try_from(TELL_EVERY.as_millis()).unwrap_or(u64::MAX);
        let told = self.told.load(Ordering::Relaxed);
        if elapsed.saturating_sub(told) < every
            || self
                .told
                .compare_exchange(told, elapsed, Ordering::Relaxed, Ordering::Relaxed)
                .is_err()
        {
            return;
        }
        let done = self.lists.iter().map(|(d, _)| d.load(Ordering::Relaxed)).sum();
        let counts: Vec<u32> = self
            .lists
            .iter()
            .map(|(_, c)| c.load(Ordering::Relaxed))
            .collect();
        let total = (!counts.contains(&0)).then(|| counts.iter().sum());
        {
            let mut sync = self.workspace.sync();
            sync.view.read = ReadView::Reading {
                done,
                total,
                left: None,
            };
        }
        self.workspace.host.emit(AppEvent::Sync);
    }
}

async fn read(workspace: &Workspace) -> Result<(Directory, u32)> {
    if !workspace.organization.admin {
        return Err(ErrorCode::NotAdmin.into());
    }
    let api = &workspace.api;
    let progress = Progress {
        workspace,
        started: Instant::now(),
        told: AtomicU64::new(0),
        lists: Default::default(),
    };
    let (groups, print_users, accounts) = futures::try_join!(
        whole(0, || api
            .read_groups(PAGE, |done, count| progress.set(0, done, count))),
        whole(1, || api
            .read_print_users(PAGE, |done, count| progress.set(1, done, count))),
        whole(2, || api
            .read_accounts(PAGE, |done, count| progress.set(2, done, count))),
    )?;
    let skipped = groups.skipped + print_users.skipped + accounts.skipped;
    let directory = tokio::task::spawn_blocking(move || join(groups, print_users, accounts))
        .await
        .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
    Ok((directory, skipped))
}

/// A list that was read to its end.
struct Whole<T> {
    items: Vec<T>,
    skipped: u32,
}

/// Reads a list to its end; reads it again where people came or went meanwhile, so that no one is missed (security.md 46).
async fn whole<T, F>(list: usize, read: impl Fn() -> F) -> Result<Whole<T>>
where
    F: Future<Output = ezeep_api::Result<Pass<T>>>,
{
    let mut number = 1;
    loop {
        let pass = read().await?;
        for (place, why) in &pass.malformed {
            tracing::warn!(list, place, ?why, "an item was skipped");
        }
        if pass.is_whole() || number == PASSES {
            let skipped = u32::try_from(pass.malformed.len()).unwrap_or(u32::MAX);
            return Ok(Whole {
                items: pass.items,
                skipped,
            });
        }
        tracing::info!(
            list,
            pass = number,
            read = pass.len(),
            count = pass.count,
            steady = pass.steady,
            "the list changed while it was read: reading it again"
        );
        number += 1;
    }
}

fn join(
    groups: Whole<ezeep_api::Group>,
    print_users: Whole<ezeep_api::PrintUser>,
    accounts: Whole<ezeep_api::Account>,
) -> Directory {
    let mut known: HashMap<String, ezeep_api::Account> = accounts
        .items
        .into_iter()
        .map(|a| (a.id.as_str().to_owned(), a))
        .collect();
    let mut people: Vec<_> = print_users
        .items
        .iter()
        .map(|print| {
            let account = known.remove(print.id.as_str());
            convert::person(print.id.as_str(), account.as_ref(), Some(print))
        })
        .collect();
    people.extend(
        known
            .values()
            .map(|account| convert::person(account.id.as_str(), Some(account), None)),
    );
    Directory::build(people, groups.items.iter().map(convert::group).collect())
}
