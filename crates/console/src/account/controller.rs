//! The only owner of the sign-in's state (docs/decisions/0014). One task takes one message after the other
//! and waits for nothing but the next message: long work is done by jobs, whose reports and results come back
//! as messages. Must never let an overtaken job change anything: it is cancelled here, and what it did is
//! undone.

use std::sync::Arc;

use ids::AccountId;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::context::{Context, RecordLocks};
use super::controller_channel::{Message, Reply, SignOutScope, WeakController};
use super::live_account::LiveAccount;
use super::opening::{OpeningJob, OpeningTarget};
use super::state::{Phase, State};
use super::step::SignInStep;
use crate::error::{AppError, ErrorCode, Result};
use crate::services::Services;
use crate::wire::AppEvent;
use crate::workspace::OpenOrganization;

/// The task that owns the sign-in's state.
pub struct Controller {
    pub(super) services: Arc<Services>,
    pub(super) state: watch::Sender<State>,
    handle: WeakController,
    records: Arc<RecordLocks>,
    /// The sign-in under way.
    pub(super) attempt: Option<Attempt>,
    /// Cancelled when the port of the last ended attempt is free.
    closed: Option<CancellationToken>,
    /// The opening under way.
    pub(super) opening: Option<Opening>,
    /// Openings that were overtaken and have not ended yet.
    ending: Vec<Opening>,
    /// What is opened next, once the session that it needs is free.
    next: Option<(OpeningTarget, Option<Reply>)>,
    /// The caller of the sign-out under way.
    pub(super) signing_out: Option<Reply>,
    /// Sign-outs that follow it.
    pub(super) next_sign_outs: Vec<(SignOutScope, Reply)>,
    /// The app was started by a link that no attempt of this run waits for.
    pub(super) stale_link: bool,
    jobs: u64,
}

/// A sign-in under way.
pub(super) struct Attempt {
    pub(super) id: u64,
    cancel: CancellationToken,
    /// Cancelled when its port is free.
    closed: CancellationToken,
}

/// An attempt that has just begun.
pub(super) struct NewAttempt {
    pub(super) id: u64,
    pub(super) cancel: CancellationToken,
    pub(super) closed: CancellationToken,
    /// Cancelled when the previous attempt has freed its port.
    pub(super) before: Option<CancellationToken>,
}

/// An opening under way.
pub(super) struct Opening {
    pub(super) id: u64,
    pub(super) target: OpeningTarget,
    /// The account whose session it uses, once known.
    pub(super) account: Option<AccountId>,
    /// Whether the window shows its target already.
    pub(super) arrived: bool,
    cancel: CancellationToken,
    reply: Option<Reply>,
}

impl Controller {
    /// Takes messages until all handles of the console are dropped.
    pub async fn run(
        services: Arc<Services>,
        state: watch::Sender<State>,
        handle: WeakController,
        records: Arc<RecordLocks>,
        mut messages: UnboundedReceiver<Message>,
    ) {
        let mut controller = Self {
            services,
            state,
            handle,
            records,
            attempt: None,
            closed: None,
            opening: None,
            ending: Vec::new(),
            next: None,
            signing_out: None,
            next_sign_outs: Vec::new(),
            stale_link: false,
            jobs: 0,
        };
        while let Some(message) = messages.recv().await {
            controller.take(message);
            controller.start_next();
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Command(command) => self.command(command),
            Message::Attempt(id, report, reply) => {
                let current = self.attempt.as_ref().is_some_and(|attempt| attempt.id == id);
                answer(
                    reply,
                    if current {
                        self.attempt_reports(report)
                    } else {
                        cancelled()
                    },
                );
            }
            Message::AttemptEnded { id, began, result } => self.attempt_ended(id, began, result),
            Message::Opening(id, report, reply) => {
                let current = self.opening.as_ref().is_some_and(|opening| opening.id == id);
                answer(
                    reply,
                    if current {
                        self.opening_reports(report)
                    } else {
                        cancelled()
                    },
                );
            }
            Message::OpeningEnded { id, result } => self.opening_ended(id, result),
            Message::Register(account, reply) => {
                self.register(account);
                answer(reply, Ok(()));
            }
            Message::SessionEnded(account) => self.session_ended(&account),
            Message::Forgotten(id, reply) => {
                self.state.send_modify(|state| {
                    state.live.remove(&id);
                });
                answer(reply, Ok(()));
            }
            Message::SignedOut(problem) => self.signed_out(problem),
        }
    }

    /// A copy of the state; the lock is not held afterwards.
    pub(super) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Changes the state and tells the window.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
        self.services.host.emit(AppEvent::Session);
    }

    /// Shows `phase` from now on. Leaves the organization that was open, unless `phase` shows it.
    pub(super) fn show_phase(&self, phase: Phase) {
        let stays = match &phase {
            Phase::Open(_, workspace, _) => Some(Arc::clone(workspace)),
            _ => None,
        };
        let before = self.state().workspace().ok().cloned();
        self.change(|state| state.phase = phase);
        if let Some(before) = before
            && stays.is_none_or(|stays| !Arc::ptr_eq(&stays, &before))
        {
            before.leave();
        }
    }

    /// What a job works with. `None` while the process ends.
    pub(super) fn context(&self) -> Option<Context> {
        Some(Context {
            services: Arc::clone(&self.services),
            controller: self.handle.upgrade()?,
            records: Arc::clone(&self.records),
        })
    }

    /// Starts a job.
    pub(super) fn spawn<F>(&self, job: impl FnOnce(Context) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(context) = self.context() {
            tokio::spawn(job(context));
        }
    }

    pub(super) fn next_job(&mut self) -> u64 {
        self.jobs += 1;
        self.jobs
    }

    // -- the sign-in under way

    /// A new attempt in place of the previous one, which may still hold the port.
    pub(super) fn begin_attempt(&mut self) -> NewAttempt {
        self.end_attempt();
        let begun = NewAttempt {
            id: self.next_job(),
            cancel: CancellationToken::new(),
            closed: CancellationToken::new(),
            before: self.closed.take(),
        };
        self.attempt = Some(Attempt {
            id: begun.id,
            cancel: begun.cancel.clone(),
            closed: begun.closed.clone(),
        });
        begun
    }

    /// Ends the attempt under way. The returned token is cancelled when its port is free.
    pub(super) fn end_attempt(&mut self) -> Option<CancellationToken> {
        let attempt = self.attempt.take()?;
        attempt.cancel.cancel();
        self.closed = Some(attempt.closed.clone());
        Some(attempt.closed)
    }

    // -- openings

    /// Opens `target` in place of the opening under way, as soon as the session that it needs is free.
    pub(super) fn open(&mut self, target: OpeningTarget, reply: Option<Reply>) {
        self.cancel_opening();
        self.next = Some((target, reply));
    }

    /// Cancels the opening under way and the next one.
    pub(super) fn cancel_opening(&mut self) {
        if let Some((target, reply)) = self.next.take() {
            self.undo(&target);
            answer(reply, cancelled());
        }
        if let Some(opening) = self.opening.take() {
            opening.cancel.cancel();
            if opening.target.confirms() {
                self.stop_reading(ErrorCode::Cancelled.into());
            }
            self.ending.push(opening);
        }
    }

    /// Cancels the opening, unless it only confirms with the servers what is shown already.
    pub(super) fn cancel_other_opening(&mut self) {
        let confirms = |target: &OpeningTarget| target.confirms() && self.state().workspace().is_ok();
        let stays = match (&self.opening, &self.next) {
            (Some(opening), None) => confirms(&opening.target),
            (None, Some((target, _))) => confirms(target),
            _ => false,
        };
        if !stays {
            self.cancel_opening();
        }
    }

    /// Whether anything is being opened, or will be.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.is_some() || self.next.is_some()
    }

    /// Whether an organization of this account is being opened, or will be.
    pub(super) fn is_opening_of(&self, id: &AccountId) -> bool {
        let under_way = self.opening.as_ref().and_then(|opening| opening.account.as_ref());
        let next = self.next.as_ref().and_then(|(target, _)| target.account());
        under_way == Some(id) || next == Some(id)
    }

    fn start_next(&mut self) {
        let Some((target, _)) = &self.next else { return };
        let needs = target.account().cloned();
        let busy = self
            .ending
            .iter()
            .any(|ending| ending.account.is_some() && (needs.is_none() || ending.account == needs));
        if busy {
            return;
        }
        let Some((target, reply)) = self.next.take() else {
            return;
        };
        if let OpeningTarget::Stay(_) = target {
            return answer(reply, Ok(()));
        }
        let (id, cancel) = (self.next_job(), CancellationToken::new());
        self.opening = Some(Opening {
            id,
            account: target.account().cloned(),
            target: target.clone(),
            arrived: false,
            cancel: cancel.clone(),
            reply,
        });
        self.spawn(|context| async move {
            let restores = matches!(target, OpeningTarget::Restore { .. });
            let job = OpeningJob {
                context: context.clone(),
                id,
                cancel,
            };
            let ran = tokio::spawn(async move { job.run(target).await });
            let result = ran.await.unwrap_or_else(|_| panicked());
            context.controller.send(Message::OpeningEnded { id, result });
            if restores {
                context.sweep_disk().await;
            }
        });
    }

    fn opening_ended(&mut self, id: u64, result: Result<()>) {
        if let Some(at) = self.ending.iter().position(|ending| ending.id == id) {
            let ended = self.ending.swap_remove(at);
            if ended.arrived {
                return answer(ended.reply, Ok(()));
            }
            self.undo(&ended.target);
            return answer(ended.reply, cancelled());
        }
        let Some(ended) = self.opening.take_if(|opening| opening.id == id) else {
            return;
        };
        match (&ended.target, result) {
            (OpeningTarget::Account(_), Err(error)) if error.code == ErrorCode::SessionEnded => {
                self.ask_for_sign_in();
                answer(ended.reply, Ok(()));
            }
            (OpeningTarget::SignedIn { .. }, Err(error)) => self.sign_in_failed(error),
            (target, Err(error)) if target.confirms() && error.code == ErrorCode::Internal => {
                self.confirming_panicked(error);
            }
            (_, result) => answer(ended.reply, result),
        }
    }

    /// Undoes a cancelled opening: ends an account that was new and is not wanted any more. The job has
    /// already put its session back.
    fn undo(&self, target: &OpeningTarget) {
        if let OpeningTarget::SignedIn { account, new: true } = target
            // Its person has signed in again meanwhile.
            && !self.is_opening_of(&account.id)
        {
            let account = Arc::clone(account);
            self.spawn(|context| async move { context.undo_sign_in(&account).await });
        }
    }

    /// An opening that was to confirm the saved lists ended by a panic, without a report: the window must not
    /// wait for it.
    fn confirming_panicked(&self, error: AppError) {
        if self.state().signed_in().is_ok() {
            self.stop_reading(error);
        } else {
            self.change(|state| {
                let waiting = matches!(state.phase, Phase::Starting)
                    || matches!(state.phase, Phase::SignIn(SignInStep::Finishing { .. }));
                if waiting {
                    state.phase = Phase::Unreachable(error);
                }
            });
        }
    }

    // -- what several messages need

    /// Shows the form, with the error unless it is [`ErrorCode::Cancelled`].
    pub(super) fn sign_in_failed(&self, error: AppError) {
        use super::step::SignInStep::Form;
        let problem = Some(error).filter(|error| error.code != ErrorCode::Cancelled);
        self.change(|state| state.set_step(Form(problem)));
    }

    /// Asks for a new sign-in to an account whose session has ended.
    pub(super) fn ask_for_sign_in(&mut self) {
        use super::state::Reauthentication;
        use super::step::SignInStep::Form;
        use crate::wire::SignInReason;
        self.end_attempt();
        self.change(|state| {
            if let Phase::Open(_, _, reauthentication @ None) = &mut state.phase {
                *reauthentication = Some(Reauthentication::form(SignInReason::AddAccount, None));
            }
            state.set_step(Form(Some(ErrorCode::SessionEnded.into())));
        });
    }

    /// Starts the read of an organization that the server has confirmed.
    pub(super) fn on_opened(&self, workspace: &Arc<OpenOrganization>) {
        workspace.sync.start();
        self.spawn(|context| async move { context.restore_other_accounts().await });
    }

    /// Shows that the lists can't be read from the servers.
    pub(super) fn stop_reading(&self, error: AppError) {
        let state = self.state();
        let Phase::Open(signed_in, workspace, _) = &state.phase else {
            return;
        };
        if !signed_in.from_disk {
            return;
        }
        workspace.sync.show_failed(error);
    }

    /// Adds an account to the live ones, and watches for the end of its session.
    fn register(&self, account: Arc<LiveAccount>) {
        use ezeep_auth::{EndReason, SessionState};
        let (controller, session) = (self.handle.clone(), account.session());
        let watched = Arc::downgrade(&account);
        self.state.send_modify(|state| {
            state.live.insert(account.id.clone(), account);
        });
        tokio::spawn(async move {
            let mut state = session.state();
            let ended = state.wait_for(|state| *state != SessionState::Live).await;
            let by_hand = matches!(
                ended.as_deref(),
                Ok(SessionState::Ended(EndReason::SignedOut)) | Err(_)
            );
            drop(ended);
            if !by_hand
                && let Some(account) = watched.upgrade()
                && let Some(controller) = controller.upgrade()
            {
                controller.send(Message::SessionEnded(account));
            }
        });
    }
}

/// The result of a job that panicked.
pub(super) fn panicked<T>() -> Result<T> {
    Err(AppError::new(ErrorCode::Internal).with_detail("a step of the sign-in broke off"))
}

pub(super) fn cancelled<T>() -> Result<T> {
    Err(ErrorCode::Cancelled.into())
}

/// Sends an answer, if there is a caller. The caller may be gone.
pub(super) fn answer<T>(reply: impl Into<Option<Reply<T>>>, with: Result<T>) {
    if let Some(reply) = reply.into() {
        let _ = reply.send(with);
    }
}
