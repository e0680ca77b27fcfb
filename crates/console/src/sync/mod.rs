//! The full read of an organization: groups, print users and accounts, side by side, shown from their first pages on.
//! Must never show half a read as the whole, nor lose what was read to a cancel or a failure.

mod doubt;
mod gather;
mod pace;
mod read;
mod settle;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;

use crate::clock::{self, Moment};
use crate::error::{AppError, ErrorCode, Result};
use crate::people;
use crate::wire::{AppEvent, ReadView};
use crate::workspace::{TouchedSince, Workspace};

pub use read::Stopped;

/// Starts a full read, or continues a stopped one. Does nothing if one is under way.
pub fn start(workspace: &Arc<Workspace>) {
    let cancel = workspace.left.child_token();
    let mut stopped = {
        let mut sync = workspace.sync();
        if sync.cancel.is_some() {
            return;
        }
        sync.cancel = Some(cancel.clone());
        let now = Moment::now(workspace.host.as_ref());
        let stopped = sync.stopped.take().filter(|stopped| !stopped.is_stale(now));
        if stopped.is_none() {
            sync.touched = TouchedSince::default();
        }
        let stopped = stopped.unwrap_or_else(|| Box::new(Stopped::new(workspace)));
        sync.view.read = stopped.view(None);
        stopped
    };
    workspace.host.emit(AppEvent::Sync);
    let workspace = Arc::clone(workspace);
    tokio::spawn(async move {
        // A read that never ended would let no other begin.
        let read = AssertUnwindSafe(read_fresh(&workspace, &mut stopped)).catch_unwind();
        let outcome = match cancel.run_until_cancelled(read).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => {
                tracing::error!("the read broke off");
                Err(ErrorCode::Internal.into())
            }
            None => Err(ErrorCode::Cancelled.into()),
        };
        match outcome {
            Ok(()) => finish(&workspace, *stopped).await,
            Err(error) => fail(&workspace, stopped, error).await,
        }
    });
}

/// Reads all lists. If the computer slept meanwhile, everything is read again: otherwise half of the lists
/// would be from before the sleep.
async fn read_fresh(workspace: &Arc<Workspace>, stopped: &mut Stopped) -> Result<()> {
    loop {
        read::read(workspace, stopped).await?;
        if !stopped.is_stale(Moment::now(workspace.host.as_ref())) {
            return Ok(());
        }
        tracing::info!("the sync was interrupted for a long time: reading all lists again");
        workspace.sync().touched = TouchedSince::default();
        *stopped = Stopped::new(workspace);
    }
}

/// Cancels the read under way, if any. What the lists showed before stays; where that was nothing, what was read is shown.
pub fn cancel(workspace: &Workspace) {
    if let Some(cancel) = &workspace.sync().cancel {
        cancel.cancel();
    }
}

async fn finish(workspace: &Arc<Workspace>, read: Stopped) {
    let (skipped, doubt, sure) = (read.skipped(), read.doubt(), read.sure());
    let at = clock::unix_millis();
    let (people, groups) = read.whole();
    let (counts, place) = ((people.len(), groups.len()), Arc::clone(workspace));
    let view = match off_thread(move || settle::settle(&place, people, groups, sure, at)).await {
        Ok(changes) => {
            let (people, groups) = counts;
            tracing::info!(
                people,
                groups,
                skipped,
                ?doubt,
                ?changes,
                "the organization was read"
            );
            ReadView::Done {
                at,
                skipped,
                doubt,
                changes,
            }
        }
        Err(error) => ReadView::Failed {
            error,
            resumable: false,
        },
    };
    let whole = matches!(view, ReadView::Done { .. });
    end(workspace, view, None);
    let host = Arc::clone(&workspace.host);
    off_thread(move || host.give_memory_back()).await.ok();
    if whole {
        ask_unseen(workspace).await;
    }
}

async fn fail(workspace: &Arc<Workspace>, stopped: Box<Stopped>, error: AppError) {
    if error.code != ErrorCode::Cancelled {
        tracing::warn!(?error, "the organization could not be read");
    }
    let resumable = stopped.has_begun() && read::may_go_on(&error);
    if stopped.has_begun() && workspace.sync().view.lists.at().is_none() {
        read::show(workspace, &stopped).await;
    }
    let view = ReadView::Failed { error, resumable };
    end(workspace, view, resumable.then_some(stopped));
}

fn end(workspace: &Workspace, view: ReadView, stopped: Option<Box<Stopped>>) {
    {
        let mut sync = workspace.sync();
        sync.view.read = view;
        sync.cancel = None;
        sync.stopped = stopped;
    }
    workspace.host.emit(AppEvent::Sync);
}

/// People written while the lists did not contain them may have been read before that write.
async fn ask_unseen(workspace: &Arc<Workspace>) {
    let unseen = std::mem::take(&mut workspace.sync().touched.unseen);
    for id in unseen {
        if let Err(error) = people::read(workspace, &id).await {
            tracing::debug!(?error, "a person who was changed could not be read");
        }
    }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}
