//! Reads the three lists at the same time, shows what has arrived meanwhile, and reports the progress. Must
//! never be kept reading by a server that reports wrong counts (security.md 46).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use directory::Directory;
use ezeep_api::{Client, Reading};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::accumulator::Accumulator;
use super::completeness::{CompleteLists, Completeness};
use super::eta::Eta;
use crate::clock::Moment;
use crate::error::{AppError, ErrorCode, Result};
use crate::locale;
use crate::organization::OrganizationContext;
use crate::wire::{AppEvent, IncompleteReason, ReadView};

/// First page size asked for: more than servers usually give. The first answer tells this server's size.
const PAGE: u32 = 1_000;
/// Most passes over a list that changes while it is read.
const PASSES: usize = 3;
/// Shortest time between two progress events.
const EMIT_EVERY: Duration = Duration::from_millis(100);
/// Partial lists are shown again when this many times as much has arrived, so that all showings together cost
/// little more than the last one.
const GROWTH: usize = 4;
/// A read without a page for this long starts again: its earlier pages are too old to be shown as synced now.
const STALE: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListKind {
    Groups,
    PrintUsers,
    Accounts,
}

const ALL: [ListKind; 3] = [ListKind::Groups, ListKind::PrintUsers, ListKind::Accounts];

/// One list while it is read, in several passes if it changes.
struct List {
    kind: ListKind,
    reading: Reading,
    pass: usize,
    /// The counts of the previous pass: entries read, entries reported.
    before: Option<(u64, u64)>,
    done: bool,
    incomplete: Option<IncompleteReason>,
}

impl List {
    fn new(kind: ListKind, api: &Client) -> Self {
        Self {
            kind,
            reading: begin(kind, api),
            pass: 1,
            before: None,
            done: false,
            incomplete: None,
        }
    }
}

fn begin(kind: ListKind, api: &Client) -> Reading {
    match kind {
        ListKind::Groups | ListKind::PrintUsers => api.reading_printing(PAGE),
        ListKind::Accounts => api.reading_accounts(PAGE),
    }
}

/// A full read with what it has brought: under way, or stopped and resumable.
pub struct FullRead {
    lists: [List; 3],
    accumulator: Arc<Mutex<Accumulator>>,
    last_page: Arc<LastPage>,
}

/// When the last page arrived.
struct LastPage {
    at: Mutex<Moment>,
    /// The time between two pages was too long for the earlier pages to count as synced now.
    gap: AtomicBool,
}

impl FullRead {
    /// A read that has not begun.
    pub fn new(context: &OrganizationContext) -> Self {
        Self {
            lists: ALL.map(|kind| List::new(kind, &context.api)),
            accumulator: Arc::default(),
            last_page: Arc::new(LastPage {
                at: Mutex::new(Moment::now(context.host.as_ref())),
                gap: AtomicBool::new(false),
            }),
        }
    }

    /// Whether its pages are too old to be shown as synced now: the computer slept, or the read was stopped
    /// long ago.
    pub fn is_stale(&self, now: Moment) -> bool {
        self.last_page.gap.load(Ordering::Relaxed) || now.since(&lock(&self.last_page.at)) >= STALE
    }

    /// Whether any page has arrived.
    pub fn has_begun(&self) -> bool {
        self.lists.iter().any(|list| list.reading.has_begun())
    }

    /// The progress, with the remaining seconds given.
    pub fn view(&self, eta_seconds: Option<u32>) -> ReadView {
        let count = Count::of(&self.lists.each_ref().map(|list| &list.reading));
        count.view(eta_seconds)
    }

    /// Items that could not be understood.
    pub fn skipped(&self) -> u32 {
        let skipped = self.lists.iter().map(|list| list.reading.pass().malformed.len());
        u32::try_from(skipped.sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// Why users may be missing, if a list may be incomplete.
    pub fn incomplete(&self) -> Option<IncompleteReason> {
        self.lists.iter().find_map(|list| list.incomplete)
    }

    /// Which lists are complete. An item that could not be understood still exists: if its id is unknown, it
    /// may be any user or group.
    pub fn complete_lists(&self) -> CompleteLists {
        let [groups, print_users, accounts] = self.lists.each_ref().map(|list| {
            let malformed = list.reading.pass().malformed.values();
            let ids = malformed.map(|item| item.id.as_ref().map(|id| id.as_str().to_owned()));
            match ids.collect() {
                Some(except) if list.incomplete.is_none() => Completeness::Complete { except },
                _ => Completeness::Partial,
            }
        });
        CompleteLists {
            groups,
            print_users,
            accounts,
        }
    }

    /// All that was read.
    pub fn finish(self, lists: &CompleteLists) -> (Vec<directory::Person>, Vec<directory::Group>) {
        std::mem::take(&mut *lock(&self.accumulator)).finish(lists)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a read that failed with this error can be resumed: not if the server's pages made no sense.
pub fn is_resumable(error: &AppError) -> bool {
    !matches!(
        error.code,
        ErrorCode::NotAdmin
            | ErrorCode::ReplyUnexpected
            | ErrorCode::Internal
            | ErrorCode::OrganizationChanged
    )
}

/// Shows what has been read so far.
pub async fn show(context: &Arc<OrganizationContext>, read: &FullRead) {
    let (context, accumulator) = (Arc::clone(context), Arc::clone(&read.accumulator));
    if let Err(error) = off_thread(move || show_now(&context, &accumulator)).await {
        tracing::error!(?error, "what was read could not be shown");
    }
}

fn show_now(context: &OrganizationContext, accumulator: &Mutex<Accumulator>) {
    let (people, groups) = lock(accumulator).partial();
    context
        .store
        .show_partial(Directory::build_in(&locale::system(), people, groups));
}

/// Of each list: entries read, entries reported.
#[derive(Clone, Copy, Default)]
struct Count([(u64, Option<u64>); 3]);

impl Count {
    fn of(readings: &[&Reading; 3]) -> Self {
        Self(readings.map(count))
    }

    fn done(&self) -> u64 {
        self.0.iter().map(|(done, _)| done).sum()
    }

    fn total(&self) -> Option<u64> {
        self.0
            .iter()
            .map(|(done, reported)| reported.map(|reported| reported.max(*done)))
            .try_fold(0_u64, |sum, reported| Some(sum.saturating_add(reported?)))
    }

    fn view(&self, eta_seconds: Option<u32>) -> ReadView {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        ReadView::Reading {
            items_read: number(self.done()),
            items_total: self.total().map(number),
            eta_seconds,
        }
    }
}

fn count(reading: &Reading) -> (u64, Option<u64>) {
    let pass = reading.pass();
    (pass.len(), reading.has_begun().then_some(pass.count))
}

/// What the three lists share while they are read.
struct ReadContext<'a> {
    context: &'a Arc<OrganizationContext>,
    on_progress: &'a (dyn Fn(ReadView) + Sync),
    last_page: &'a LastPage,
    accumulator: &'a Arc<Mutex<Accumulator>>,
    started: Instant,
    progress: Mutex<EmittedProgress>,
    /// The lists are shown again when this many entries have arrived.
    next: Arc<AtomicUsize>,
    showing: Arc<AtomicBool>,
    show_task: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct EmittedProgress {
    count: Count,
    eta: Eta,
    emitted: Option<Instant>,
}

impl ReadContext<'_> {
    /// Records a page that has arrived.
    fn page(&self, kind: ListKind, counts: (u64, Option<u64>)) {
        {
            let now = Moment::now(self.context.host.as_ref());
            let before = std::mem::replace(&mut *lock(&self.last_page.at), now);
            if now.since(&before) >= STALE {
                self.last_page.gap.store(true, Ordering::Relaxed);
            }
        }
        {
            let mut progress = lock(&self.progress);
            progress.count.0[kind as usize] = counts;
            self.show(&progress.count);
            if progress
                .emitted
                .is_some_and(|emitted| emitted.elapsed() < EMIT_EVERY)
            {
                return;
            }
            progress.emitted = Some(Instant::now());
            let done = progress.count.done();
            progress.eta.record(self.started.elapsed(), done);
            let eta_seconds = progress
                .count
                .total()
                .and_then(|total| progress.eta.seconds_left(total));
            (self.on_progress)(progress.count.view(eta_seconds));
        }
        self.context.host.emit(AppEvent::Sync);
    }

    /// Shows what has arrived, if it is time, on another thread.
    fn show(&self, count: &Count) {
        // All lists must have begun: users without names, or groups without theirs, are of no use.
        if count.total().is_none()
            || lock(self.accumulator).len() < self.next.load(Ordering::Relaxed)
            || self.context.store.is_complete()
            || self.showing.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let (context, accumulator) = (Arc::clone(self.context), Arc::clone(self.accumulator));
        let (next, showing) = (Arc::clone(&self.next), Arc::clone(&self.showing));
        let show_task = tokio::task::spawn_blocking(move || {
            let received = lock(&accumulator).len();
            next.store(received.saturating_mul(GROWTH).max(1), Ordering::Relaxed);
            show_now(&context, &accumulator);
            showing.store(false, Ordering::Release);
        });
        *lock(&self.show_task) = Some(show_task);
    }

    /// All groups have arrived: they are shown with the next page, unless that would be expensive.
    fn groups_ended(&self) {
        if lock(self.accumulator).len() < 20_000 {
            self.next.store(0, Ordering::Relaxed);
        }
    }
}

/// Reads what is left of the three lists. Shows partial lists meanwhile if no complete ones are shown, and
/// passes the progress to `on_progress`.
///
/// # Errors
/// [`ErrorCode::NotAdmin`] without a request if the user is no admin; otherwise what the servers fail with.
pub async fn read(
    context: &Arc<OrganizationContext>,
    read: &mut FullRead,
    on_progress: &(dyn Fn(ReadView) + Sync),
) -> Result<()> {
    if !context.organization.admin {
        return Err(ErrorCode::NotAdmin.into());
    }
    let FullRead {
        lists,
        accumulator,
        last_page,
    } = read;
    *lock(&last_page.at) = Moment::now(context.host.as_ref());
    let accumulator = Arc::clone(accumulator);
    let shown = lock(&accumulator).len();
    let shared = ReadContext {
        context,
        on_progress,
        last_page,
        accumulator: &accumulator,
        started: Instant::now(),
        progress: Mutex::new(EmittedProgress {
            count: Count::of(&lists.each_ref().map(|list| &list.reading)),
            ..EmittedProgress::default()
        }),
        next: Arc::new(AtomicUsize::new(shown.saturating_mul(GROWTH))),
        showing: Arc::default(),
        show_task: Mutex::default(),
    };
    let [groups, print_users, accounts] = lists;
    let done = futures::try_join!(
        read_list(&context.api, groups, &shared),
        read_list(&context.api, print_users, &shared),
        read_list(&context.api, accounts, &shared),
    );
    // Nothing partial may be shown after this.
    let show_task = lock(&shared.show_task).take();
    if let Some(show_task) = show_task {
        show_task.await.ok();
    }
    done.map(drop)
}

/// Reads a list to its end, and again if it changed meanwhile, so that no entry is missed (security.md 46).
async fn read_list(api: &Client, list: &mut List, shared: &ReadContext<'_>) -> Result<()> {
    let (kind, accumulator) = (list.kind, shared.accumulator);
    while !list.done {
        let fresh = !list.reading.has_begun();
        let reserve = |pass: &ezeep_api::Pass, first: u64| {
            if fresh && pass.len() == first {
                lock(accumulator).reserve(pass.count);
            }
        };
        match kind {
            ListKind::Groups => {
                api.read_groups(&mut list.reading, |groups, pass| {
                    lock(accumulator).groups(groups);
                    shared.page(kind, (pass.len(), Some(pass.count)));
                })
                .await?;
                shared.groups_ended();
            }
            ListKind::PrintUsers => {
                api.read_print_users(&mut list.reading, |users, pass| {
                    reserve(pass, users.len() as u64);
                    lock(accumulator).print_users(users);
                    shared.page(kind, (pass.len(), Some(pass.count)));
                })
                .await?;
            }
            ListKind::Accounts => {
                api.read_accounts(&mut list.reading, |accounts, pass| {
                    reserve(pass, accounts.len() as u64);
                    lock(accumulator).accounts(accounts);
                    shared.page(kind, (pass.len(), Some(pass.count)));
                })
                .await?;
            }
        }
        check_pass(api, list, accumulator);
    }
    Ok(())
}

/// Accepts the pass that ended, or begins another one.
fn check_pass(api: &Client, list: &mut List, accumulator: &Mutex<Accumulator>) {
    let pass = list.reading.pass();
    for (place, item) in &pass.malformed {
        tracing::warn!(list = ?list.kind, place, why = ?item.why, "an item was skipped");
    }
    let seen = (pass.len(), pass.count);
    // More than reported, all read to the end, and nothing changed: the server's count is wrong, and nothing
    // is missing.
    list.done = pass.steady && seen.0 >= seen.1;
    if list.done {
        return;
    }
    let again = pass.steady && list.before == Some(seen);
    if again || list.pass >= PASSES {
        list.done = true;
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        list.incomplete = Some(if pass.steady {
            IncompleteReason::Short {
                reported: number(seen.1),
                received: number(seen.0),
            }
        } else {
            IncompleteReason::Changing
        });
        tracing::warn!(list = ?list.kind, read = seen.0, count = seen.1, incomplete = ?list.incomplete, "taken as it is");
        return;
    }
    tracing::info!(
        list = ?list.kind,
        pass = list.pass,
        read = seen.0,
        count = seen.1,
        steady = pass.steady,
        "the list changed while it was read: reading it again"
    );
    list.before = Some(seen);
    list.pass += 1;
    list.reading = begin(list.kind, api);
    let mut accumulator = lock(accumulator);
    match list.kind {
        ListKind::Groups => accumulator.restart_groups(),
        ListKind::PrintUsers => accumulator.restart_print_users(),
        ListKind::Accounts => accumulator.restart_accounts(),
    }
}

/// Runs blocking work.
///
/// # Errors
/// [`ErrorCode::Internal`] if it panics.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}
