//! Starts, cancels and ends full reads, one at a time. Owns the progress of the read and what a stopped one
//! has brought.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::apply_diff::apply_diff;
use super::full_read::{self, FullRead, off_thread};
use crate::clock::{self, Moment};
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::{OrganizationContext, refresh_user};
use crate::wire::{AppEvent, ReadView, SyncView};

/// Syncs one open organization. Clones share the state.
#[derive(Clone)]
pub struct Engine {
    context: Arc<OrganizationContext>,
    state: Arc<Mutex<State>>,
}

struct State {
    view: ReadView,
    /// Cancels the read under way.
    cancel: Option<CancellationToken>,
    /// A stopped read, for the next one to resume.
    stopped: Option<Box<FullRead>>,
}

impl Engine {
    /// An engine that has read nothing.
    pub fn new(context: Arc<OrganizationContext>) -> Self {
        Self {
            context,
            state: Arc::new(Mutex::new(State {
                view: ReadView::Idle,
                cancel: None,
                stopped: None,
            })),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the lists show, and how far the read is.
    pub fn view(&self) -> SyncView {
        let read = self.state().view.clone();
        SyncView {
            lists: self.context.store.lists(),
            read,
        }
    }

    /// Shows a read as under way before it can start: the server is first asked whether the organization may
    /// be opened. Returns false if it is shown so already.
    pub fn show_waiting(&self) -> bool {
        let mut state = self.state();
        if matches!(state.view, ReadView::Reading { .. }) {
            return false;
        }
        state.view = ReadView::Reading {
            items_read: 0,
            items_total: None,
            eta_seconds: None,
        };
        drop(state);
        self.context.host.emit(AppEvent::Sync);
        true
    }

    /// Shows that the read could not start.
    pub fn show_failed(&self, error: AppError) {
        self.state().view = ReadView::Failed {
            error,
            resumable: false,
        };
        self.context.host.emit(AppEvent::Sync);
    }

    /// Starts a full read, or resumes a stopped one. Does nothing if one is under way.
    pub fn start(&self) {
        let cancel = self.context.left.child_token();
        let mut read = {
            let mut state = self.state();
            if state.cancel.is_some() {
                return;
            }
            state.cancel = Some(cancel.clone());
            let now = Moment::now(self.context.host.as_ref());
            let stopped = state.stopped.take().filter(|stopped| !stopped.is_stale(now));
            let read = stopped.unwrap_or_else(|| {
                self.context.store.forget_edits();
                Box::new(FullRead::new(&self.context))
            });
            state.view = read.view(None);
            read
        };
        self.context.host.emit(AppEvent::Sync);
        let engine = self.clone();
        tokio::spawn(async move {
            // A panic must not leave the read "under way": no other could begin.
            let reading = AssertUnwindSafe(engine.read_fresh(&mut read)).catch_unwind();
            let outcome = match cancel.run_until_cancelled(reading).await {
                Some(Ok(outcome)) => outcome,
                Some(Err(_)) => {
                    tracing::error!("the sync panicked");
                    Err(ErrorCode::Internal.into())
                }
                None => Err(ErrorCode::Cancelled.into()),
            };
            match outcome {
                Ok(()) => engine.finish(*read).await,
                Err(error) => engine.fail(read, error).await,
            }
        });
    }

    /// Cancels the read under way, if any. The lists stay as shown; if they were empty, what was read is
    /// shown.
    pub fn cancel(&self) {
        if let Some(cancel) = &self.state().cancel {
            cancel.cancel();
        }
    }

    /// Reads all lists. If the computer slept meanwhile, everything is read again: otherwise half of the
    /// lists would be from before the sleep.
    async fn read_fresh(&self, read: &mut FullRead) -> Result<()> {
        let on_progress = |view| self.state().view = view;
        loop {
            full_read::read(&self.context, read, &on_progress).await?;
            if !read.is_stale(Moment::now(self.context.host.as_ref())) {
                return Ok(());
            }
            tracing::info!("the sync was interrupted for a long time: reading all lists again");
            self.context.store.forget_edits();
            *read = FullRead::new(&self.context);
        }
    }

    async fn finish(&self, read: FullRead) {
        let (skipped, incomplete, lists) = (read.skipped(), read.incomplete(), read.complete_lists());
        let at = clock::unix_millis();
        let (people, groups) = read.finish(&lists);
        let (users_read, groups_read) = (people.len(), groups.len());
        let context = Arc::clone(&self.context);
        let view = match off_thread(move || apply_diff(&context, people, groups, lists, at)).await {
            Ok(changes) => {
                tracing::info!(
                    users = users_read,
                    groups = groups_read,
                    skipped,
                    ?incomplete,
                    ?changes,
                    "the organization was synced"
                );
                ReadView::Done {
                    at,
                    skipped,
                    incomplete,
                    changes,
                }
            }
            Err(error) => ReadView::Failed {
                error,
                resumable: false,
            },
        };
        let done = matches!(view, ReadView::Done { .. });
        self.end(view, None);
        let host = Arc::clone(&self.context.host);
        off_thread(move || host.give_memory_back()).await.ok();
        if done {
            self.refresh_unseen().await;
        }
    }

    async fn fail(&self, read: Box<FullRead>, error: AppError) {
        if error.code != ErrorCode::Cancelled {
            tracing::warn!(?error, "the organization could not be synced");
        }
        let resumable = read.has_begun() && full_read::is_resumable(&error);
        if read.has_begun() && !self.context.store.is_complete() {
            full_read::show(&self.context, &read).await;
        }
        let view = ReadView::Failed { error, resumable };
        self.end(view, resumable.then_some(read));
    }

    fn end(&self, view: ReadView, stopped: Option<Box<FullRead>>) {
        {
            let mut state = self.state();
            state.view = view;
            state.cancel = None;
            state.stopped = stopped;
        }
        self.context.host.emit(AppEvent::Sync);
    }

    /// Users written while the lists did not contain them may have been read before that write.
    async fn refresh_unseen(&self) {
        for id in self.context.store.take_unseen() {
            if let Err(error) = refresh_user(&self.context, &id).await {
                tracing::debug!(?error, "a user who was written could not be read");
            }
        }
    }
}
