//! Runs with a writer that does what no server can be made to do: it panics, or never answers.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use changes::Outcomes;
use tokio::sync::Notify;

use super::*;
use crate::account_files::WritePermission;
use crate::runner::sample::{id, organization, set};
use crate::wire::{Outcome as LineOutcome, RunState as State};

#[derive(Default)]
struct Scripted {
    /// The users whose writes panic.
    panics: BTreeSet<&'static str>,
    /// The users whose writes never end.
    hangs: BTreeSet<&'static str>,
    /// The user whom another program has locked.
    busy: Option<&'static str>,
    /// The users whose writes are not answered, and who can't be read afterwards.
    lost: BTreeSet<&'static str>,
    /// Set while no server can be reached.
    offline: Mutex<Option<AppError>>,
    /// How long a write takes.
    takes: Duration,
    /// Number of writes that meet an unreachable network; a probe ends the outage.
    flaps: AtomicU32,
    is_gone: AtomicBool,
    /// The probe never ends.
    probe_hangs: bool,
    /// The progress event that panics, counted from 1; 0 for none.
    panics_at_progress: u32,
    told: AtomicU32,
    asked: AtomicU32,
    written: Mutex<Vec<String>>,
    recorded: Mutex<Vec<u32>>,
    changed: Notify,
    left: CancellationToken,
}

impl Scripted {
    /// The present failure of all requests.
    fn refusal(&self) -> Option<WriteError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let error = self.offline.lock().unwrap().clone()?;
        let scope = match error.code {
            ErrorCode::OrganizationChanged => Scope::Organization,
            _ => Scope::Everybody,
        };
        Some(WriteError::unsent(error, scope))
    }
}

#[async_trait]
impl Writer for Scripted {
    type Lock = ();

    async fn lock(&self, user: &UserId) -> Result<(), WriteError> {
        match self.busy == Some(user.as_str()) {
            true => Err(WriteError::unsent(ErrorCode::UserBusy.into(), Scope::Person)),
            false => Ok(()),
        }
    }

    async fn look_again(&self, _: &UserId) {}

    async fn write(&self, user: &UserId, delta: &Delta) -> Result<Written, WriteError> {
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        if let Some(error) = self.refusal() {
            return Err(error);
        }
        let left = |n: u32| n.checked_sub(1);
        if self
            .flaps
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok()
        {
            self.is_gone.store(true, Ordering::SeqCst);
            return Err(everybody(offline()));
        }
        if self.lost.contains(user.as_str()) {
            return Err(WriteError {
                before: Some(Vec::new()),
                sent: Some(Sent {
                    before: Vec::new(),
                    groups: delta.add.clone(),
                    reply: None,
                }),
                ..everybody(ErrorCode::OutcomeUnknown.into())
            });
        }
        assert!(!self.panics.contains(user.as_str()), "as the test wants it");
        if self.hangs.contains(user.as_str()) {
            self.changed.notify_one();
            std::future::pending::<()>().await;
        }
        self.written.lock().unwrap().push(user.as_str().to_owned());
        let text = serde_json::json!({ "id": user.as_str(), "groups": [] });
        let mut now: ezeep_api::PrintUser = serde_json::from_value(text).unwrap();
        now.groups = delta.add.clone();
        Ok(Written {
            before: Vec::new(),
            now,
            appeared: Vec::new(),
            vanished: Vec::new(),
        })
    }

    async fn read_back(&self, user: &UserId, delta: &Delta, _: &Sent) -> Result<Written, WriteError> {
        if self.lost.contains(user.as_str()) {
            let error = ErrorCode::Forbidden { status: 403 }.into();
            return Err(WriteError {
                scope: Scope::Person,
                ..everybody(error)
            });
        }
        self.write(user, delta).await
    }

    async fn reachable(&self) -> Result<(), WriteError> {
        if self.probe_hangs {
            self.changed.notify_one();
            std::future::pending::<()>().await;
        }
        if self.is_gone.swap(false, Ordering::SeqCst) {
            return Err(everybody(offline()));
        }
        self.refusal().map_or(Ok(()), Err)
    }

    async fn group_blocked(&self, _: &GroupId) -> Result<Option<BlockedReason>, WriteError> {
        Ok(None)
    }

    async fn page(&self, _: u64) -> Result<MembershipPage, WriteError> {
        Ok(MembershipPage {
            count: 0,
            people: Vec::new(),
        })
    }

    fn named(&self, _: &[GroupId]) -> Vec<GroupRef> {
        Vec::new()
    }

    async fn record(&self, _: &PlanId, records: &Records) {
        let mut recorded = self.recorded.lock().unwrap();
        recorded.extend(records.iter().flat_map(|(lines, _)| lines));
    }

    fn emit_progress(&self, _: &PlanId) {
        let told = self.told.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(told != self.panics_at_progress, "as the test wants it");
    }

    fn emit_plans(&self) {
        self.changed.notify_one();
    }

    fn left(&self) -> &CancellationToken {
        &self.left
    }
}

fn everybody(error: AppError) -> WriteError {
    WriteError::unsent(error, Scope::Everybody)
}

fn kept() -> WritePermission {
    WritePermission::new(CancellationToken::new())
}

async fn unclaimed() -> Result<Option<Claim>, AppError> {
    Ok(None)
}

fn plan_of(people: &[&str], stored: bool) -> Arc<Plan> {
    let set = set(people);
    let outcomes = Outcomes::new(set.changes.len());
    Arc::new(Plan::new(
        id("p"),
        organization(),
        Arc::new(set),
        outcomes,
        7,
        stored.then(kept),
    ))
}

fn plan(people: &[&str]) -> Arc<Plan> {
    plan_of(people, true)
}

async fn paused(plan: &Plan) {
    let mut state = plan.state();
    state
        .wait_for(|state| matches!(state, RunState::Paused { waiting: Some(_) }))
        .await
        .unwrap();
}

fn offline() -> AppError {
    let host = "api2.ezeep.com".to_owned();
    ErrorCode::Offline { host }.into()
}

#[tokio::test]
async fn a_person_whom_another_program_holds_too_long_fails_alone_and_is_not_written() {
    let writer = Arc::new(Scripted {
        busy: Some("u2"),
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2", "u3"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    plan.ended().await;
    assert_eq!(*writer.written.lock().unwrap(), ["u1", "u3"]);
    let failed = plan.window(0, 10, true).lines;
    assert!(
        matches!(&failed[0].outcome, Some(LineOutcome::Failed { error }) if error.code == ErrorCode::UserBusy),
        "{:?}",
        failed[0].outcome
    );
}

/// A run waits for the network instead of failing all users that are left.
#[tokio::test]
async fn a_writer_that_panics_costs_its_own_line_and_the_run_goes_on_to_its_end() {
    let writer = Arc::new(Scripted {
        panics: BTreeSet::from(["u2"]),
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2", "u3", "u4", "u5", "u6"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    plan.ended().await;
    let progress = plan.progress();
    assert_eq!(
        (progress.state, progress.applied, progress.failed),
        (State::Finished, 5, 1)
    );
    let failed = plan.window(0, 10, true).lines;
    assert_eq!(failed[0].user.id, id("u2"));
    assert_eq!(
        failed[0].outcome,
        Some(LineOutcome::Failed {
            error: ErrorCode::OutcomeUnknown.into()
        })
    );
    assert!(!plan.is_writing());
    stop_runs(vec![plan]).await;
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_waits_for_a_writer_that_never_answers_and_not_for_ever() {
    let writer = Arc::new(Scripted {
        hangs: BTreeSet::from(["u1"]),
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    writer.changed.notified().await;
    stop_runs(vec![Arc::clone(&plan)]).await;
    assert_eq!(plan.progress().state, State::Stopping);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_a_network_waits_and_asks_seldom_and_goes_on_by_itself() {
    let writer = Arc::new(Scripted {
        offline: Mutex::new(Some(offline())),
        ..Scripted::default()
    });
    let people: Vec<String> = (0..50).map(|n| format!("u{n}")).collect();
    let plan = plan(&people.iter().map(String::as_str).collect::<Vec<_>>());
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    paused(&plan).await;
    let progress = plan.progress();
    assert_eq!(
        (progress.state, progress.waiting),
        (State::Paused, Some(offline()))
    );
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let asked = writer.asked.load(Ordering::SeqCst);
    assert!((60..200).contains(&asked), "asked {asked} times in an hour");
    assert_eq!((plan.progress().done, plan.progress().failed), (0, 0));
    *writer.offline.lock().unwrap() = None;
    plan.ended().await;
    let progress = plan.progress();
    assert_eq!(
        (progress.applied, progress.failed, progress.waiting),
        (50, 0, None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_can_be_stopped_paused_and_told_to_try_at_once() {
    let writer = Arc::new(Scripted {
        offline: Mutex::new(Some(offline())),
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2", "u3", "u4", "u5", "u6"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    paused(&plan).await;
    // Paused by a person, it is not continued by the network.
    plan.pause();
    *writer.offline.lock().unwrap() = None;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!((plan.progress().state, plan.progress().done), (State::Paused, 0));
    // "Continue" tries at once, and waits again if the servers don't answer.
    *writer.offline.lock().unwrap() = Some(offline());
    plan.resume();
    paused(&plan).await;
    plan.stop();
    plan.ended().await;
    let progress = plan.progress();
    assert_eq!(
        (progress.done, progress.failed),
        (0, 0),
        "nobody failed who was not tried"
    );
    assert_eq!(progress.stopped, Some(offline()), "and it is said why");
    // Later all of them are written.
    *writer.offline.lock().unwrap() = None;
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    plan.ended().await;
    assert_eq!(plan.progress().applied, 6);
    assert_eq!(plan.progress().stopped, None);
    assert_eq!(writer.written.lock().unwrap().len(), 6, "each was written once");
    assert_eq!(writer.recorded.lock().unwrap().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_patience_is_asked_no_earlier() {
    let seconds = Some(120);
    let writer = Arc::new(Scripted {
        offline: Mutex::new(Some(ErrorCode::RateLimited { seconds }.into())),
        ..Scripted::default()
    });
    let plan = plan(&["u1"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    paused(&plan).await;
    let before = writer.asked.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(119)).await;
    assert_eq!(writer.asked.load(Ordering::SeqCst), before);
    *writer.offline.lock().unwrap() = None;
    plan.ended().await;
    assert_eq!(plan.progress().applied, 1);
}

#[tokio::test(start_paused = true)]
async fn leaving_the_organization_ends_a_run_that_waits() {
    let writer = Arc::new(Scripted {
        offline: Mutex::new(Some(ErrorCode::SessionEnded.into())),
        ..Scripted::default()
    });
    let plan = plan(&["u1"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    paused(&plan).await;
    assert!(
        !plan.is_writing(),
        "without a sign-in nothing is sent: a sign-out is not blocked"
    );
    writer.left.cancel();
    plan.ended().await;
    assert_eq!(plan.progress().done, 0);
}

/// Without a plan file, results are not recorded.
#[tokio::test]
async fn of_a_plan_that_is_not_on_disk_nothing_is_recorded_there() {
    let writer = Arc::new(Scripted::default());
    for (stored, recorded) in [(false, 0), (true, 2)] {
        let plan = plan_of(&["u1", "u2"], stored);
        apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
        plan.ended().await;
        assert_eq!(plan.progress().applied, 2);
        assert_eq!(writer.recorded.lock().unwrap().len(), recorded);
    }
}

#[tokio::test]
async fn nobody_is_begun_after_the_organization_was_left() {
    let writer = Arc::new(Scripted::default());
    let people: Vec<String> = (0..64).map(|n| format!("u{n}")).collect();
    let plan = plan(&people.iter().map(String::as_str).collect::<Vec<_>>());
    writer.left.cancel();
    let refused = apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::OrganizationChanged);
    assert_eq!(writer.written.lock().unwrap().len(), 0);
    assert_eq!((plan.progress().done, plan.progress().state), (0, State::Ready));
}

#[tokio::test]
async fn a_run_counts_as_writing_while_it_waits_for_its_claim_and_is_taken_back_without_it() {
    let writer = Arc::new(Scripted::default());
    let plan = plan(&["u1"]);
    let claim = async {
        assert!(plan.is_writing() && !plan.close());
        Err(ErrorCode::PlanBusy.into())
    };
    let refused = apply(Arc::clone(&writer), &plan, claim).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::PlanBusy);
    assert_eq!(plan.progress().state, State::Ready);
    let given_up = tokio::time::timeout(Duration::ZERO, apply(writer, &plan, std::future::pending()));
    assert!(given_up.await.is_err());
    assert!(!plan.is_running());
}

/// B19: several users are being written when the network fails, and again when it fails the second time.
#[tokio::test(start_paused = true)]
async fn a_network_that_comes_and_goes_makes_nobody_fail() {
    let writer = Arc::new(Scripted {
        takes: Duration::from_millis(2_000),
        offline: Mutex::new(Some(offline())),
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2", "u3", "u4", "u5", "u6"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    for (after, network) in [(2_500, None), (2_400, Some(offline())), (600, None)] {
        tokio::time::sleep(Duration::from_millis(after)).await;
        *writer.offline.lock().unwrap() = network;
    }
    plan.ended().await;
    assert_eq!((plan.progress().applied, plan.progress().failed), (6, 0));
}

#[tokio::test(start_paused = true)]
async fn of_a_write_that_nobody_answered_no_later_refusal_says_that_it_was_not_made() {
    let writer = Arc::new(Scripted {
        lost: BTreeSet::from(["u1"]),
        ..Scripted::default()
    });
    let plan = plan(&["u1"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    plan.ended().await;
    let Some(LineOutcome::Failed { error }) = plan.window(0, 1, false).lines[0].outcome.clone() else {
        panic!()
    };
    assert_eq!(error.code, ErrorCode::OutcomeUnknown);
}

/// A later version's unknown title is read as an edit of one user, and can be about many.
#[test]
fn a_plan_about_many_users_is_headed_with_no_ones_name() {
    let view = |people: &[&str]| {
        let mut set = set(people);
        set.title = changes::Title::EditGroupsOfUser;
        let outcomes = Outcomes::new(set.changes.len());
        let plan = Plan::new(id("p"), organization(), Arc::new(set), outcomes, 7, Some(kept()));
        plan.view().user.clone()
    };
    assert!(view(&["u1"]).is_some());
    assert_eq!(view(&["u1", "u2"]), None);
}

/// A change that may have been written must not become "not tried".
#[tokio::test(start_paused = true)]
async fn a_retry_that_is_stopped_before_it_tries_keeps_what_the_first_run_said() {
    let plan = plan(&["u1", "u2"]);
    let first = Scripted {
        lost: BTreeSet::from(["u1"]),
        ..Scripted::default()
    };
    apply(Arc::new(first), &plan, unclaimed()).await.unwrap();
    plan.ended().await;
    let before = plan.outcome(0);
    assert!(before.is_some());
    let retry = Scripted {
        offline: Mutex::new(Some(offline())),
        ..Scripted::default()
    };
    apply(Arc::new(retry), &plan, unclaimed()).await.unwrap();
    paused(&plan).await;
    assert_eq!((plan.outcome(0), plan.progress().failed), (None, 0));
    plan.stop();
    plan.ended().await;
    assert_eq!(plan.outcome(0), before);
    assert_eq!((plan.progress().applied, plan.progress().failed), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_session_went_to_another_organization_says_this_and_not_what_it_waited_for_before() {
    let writer = Arc::new(Scripted {
        offline: Mutex::new(Some(offline())),
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    paused(&plan).await;
    *writer.offline.lock().unwrap() = Some(ErrorCode::OrganizationChanged.into());
    plan.ended().await;
    let stopped = plan.progress().stopped;
    assert_eq!(stopped, Some(ErrorCode::OrganizationChanged.into()));
}

/// B19: the task that probed the network is gone, and the others still wait for it.
#[tokio::test(start_paused = true)]
async fn a_panic_while_the_run_waits_leaves_nobody_waiting_for_ever() {
    let writer = Arc::new(Scripted {
        flaps: AtomicU32::new(4),
        panics_at_progress: 2,
        ..Scripted::default()
    });
    let plan = plan(&["u1", "u2", "u3", "u4", "u5", "u6"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(3_600), plan.ended()).await;
    assert!(ended.is_ok(), "{:?}", plan.progress());
    assert_eq!(plan.progress().applied, 5);
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_a_server_that_says_nothing() {
    let writer = Arc::new(Scripted {
        flaps: AtomicU32::new(1),
        probe_hangs: true,
        ..Scripted::default()
    });
    let plan = plan(&["u1"]);
    apply(Arc::clone(&writer), &plan, unclaimed()).await.unwrap();
    writer.changed.notified().await;
    plan.stop();
    let ended = tokio::time::timeout(Duration::from_secs(3_600), plan.ended()).await;
    assert!(ended.is_ok(), "{:?}", plan.progress());
    assert_eq!(plan.progress().done, 0);
}

/// Nothing could stop it: it is in no list any more.
#[tokio::test]
async fn a_plan_that_was_let_go_is_not_begun_and_one_that_runs_is_not_let_go() {
    let writer = Arc::new(Scripted {
        hangs: BTreeSet::from(["u1"]),
        ..Scripted::default()
    });
    let (gone, runs) = (plan(&["u2"]), plan(&["u1"]));
    assert!(gone.close());
    let refused = apply(Arc::clone(&writer), &gone, unclaimed()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::PlanGone);
    apply(Arc::clone(&writer), &runs, unclaimed()).await.unwrap();
    assert!(!runs.close());
    assert_eq!(writer.written.lock().unwrap().len(), 0);
}
