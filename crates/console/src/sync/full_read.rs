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
use crate::wire::{AppEvent, Doubt, ReadView};

/// First page size asked for: more than servers usually give. The first answer tells this server's size.
const PAGE: u32 = 1_000;
/// Most passes over a list that changes while it is read.
const PASSES: usize = 3;
/// Shortest time between two progress events.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Partial lists are shown again when this many times as much has arrived, so that all showings together cost
/// little more than the last one.
const GROWTH: usize = 4;
/// A read without a page for this long starts again: its earlier pages are too old to be shown as synced now.
const STALE: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Groups,
    PrintUsers,
    Accounts,
}

const ALL: [Which; 3] = [Which::Groups, Which::PrintUsers, Which::Accounts];

/// One list while it is read, in several passes if it changes.
struct List {
    which: Which,
    reading: Reading,
    pass: usize,
    /// The counts of the previous pass: entries read, entries reported.
    before: Option<(u64, u64)>,
    done: bool,
    doubt: Option<Doubt>,
}

impl List {
    fn new(which: Which, api: &Client) -> Self {
        Self {
            which,
            reading: begin(which, api),
            pass: 1,
            before: None,
            done: false,
            doubt: None,
        }
    }
}

fn begin(which: Which, api: &Client) -> Reading {
    match which {
        Which::Groups | Which::PrintUsers => api.reading_printing(PAGE),
        Which::Accounts => api.reading_accounts(PAGE),
    }
}

/// A full read with what it has brought: under way, or stopped and resumable.
pub struct FullRead {
    lists: [List; 3],
    accumulator: Arc<Mutex<Accumulator>>,
    came: Arc<Came>,
}

/// When the last page arrived.
struct Came {
    at: Mutex<Moment>,
    /// The time between two pages was too long for the earlier pages to count as synced now.
    gap: AtomicBool,
}

impl FullRead {
    /// A read that has not begun.
    pub fn new(context: &OrganizationContext) -> Self {
        Self {
            lists: ALL.map(|which| List::new(which, &context.api)),
            accumulator: Arc::default(),
            came: Arc::new(Came {
                at: Mutex::new(Moment::now(context.host.as_ref())),
                gap: AtomicBool::new(false),
            }),
        }
    }

    /// Whether its pages are too old to be shown as synced now: the computer slept, or the read was stopped
    /// long ago.
    pub fn is_stale(&self, now: Moment) -> bool {
        self.came.gap.load(Ordering::Relaxed) || now.since(&lock(&self.came.at)) >= STALE
    }

    /// Whether any page has arrived.
    pub fn has_begun(&self) -> bool {
        self.lists.iter().any(|list| list.reading.has_begun())
    }

    /// The progress, with the remaining seconds given.
    pub fn view(&self, left: Option<u32>) -> ReadView {
        let count = Count::of(&self.lists.each_ref().map(|list| &list.reading));
        count.view(left)
    }

    /// Items that could not be understood.
    pub fn skipped(&self) -> u32 {
        let skipped = self.lists.iter().map(|list| list.reading.pass().malformed.len());
        u32::try_from(skipped.sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// Why users may be missing, if a list is in doubt.
    pub fn doubt(&self) -> Option<Doubt> {
        self.lists.iter().find_map(|list| list.doubt)
    }

    /// Which lists are complete. An item that could not be understood still exists: if its id is unknown, it
    /// may be any user or group.
    pub fn complete_lists(&self) -> CompleteLists {
        let [groups, print_users, accounts] = self.lists.each_ref().map(|list| {
            let malformed = list.reading.pass().malformed.values();
            let ids = malformed.map(|item| item.id.as_ref().map(|id| id.as_str().to_owned()));
            match ids.collect() {
                Some(except) if list.doubt.is_none() => Completeness::Complete { except },
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
    pub fn whole(self, lists: &CompleteLists) -> (Vec<directory::Person>, Vec<directory::Group>) {
        std::mem::take(&mut *lock(&self.accumulator)).whole(lists)
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
    let (people, groups) = lock(accumulator).part();
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
            .map(|(done, told)| told.map(|told| told.max(*done)))
            .try_fold(0_u64, |sum, told| Some(sum.saturating_add(told?)))
    }

    fn view(&self, left: Option<u32>) -> ReadView {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        ReadView::Reading {
            done: number(self.done()),
            total: self.total().map(number),
            left,
        }
    }
}

fn count(reading: &Reading) -> (u64, Option<u64>) {
    let pass = reading.pass();
    (pass.len(), reading.has_begun().then_some(pass.count))
}

/// What the three lists share while they are read.
struct Telling<'a> {
    context: &'a Arc<OrganizationContext>,
    tell: &'a (dyn Fn(ReadView) + Sync),
    came: &'a Came,
    accumulator: &'a Arc<Mutex<Accumulator>>,
    started: Instant,
    progress: Mutex<Progress>,
    /// The lists are shown again when this many entries have arrived.
    next: Arc<AtomicUsize>,
    showing: Arc<AtomicBool>,
    shower: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Progress {
    count: Count,
    eta: Eta,
    told: Option<Instant>,
}

impl Telling<'_> {
    /// Records a page that has arrived.
    fn page(&self, which: Which, came: (u64, Option<u64>)) {
        {
            let now = Moment::now(self.context.host.as_ref());
            let before = std::mem::replace(&mut *lock(&self.came.at), now);
            if now.since(&before) >= STALE {
                self.came.gap.store(true, Ordering::Relaxed);
            }
        }
        {
            let mut progress = lock(&self.progress);
            progress.count.0[which as usize] = came;
            self.show(&progress.count);
            if progress.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
                return;
            }
            progress.told = Some(Instant::now());
            let done = progress.count.done();
            progress.eta.learn(self.started.elapsed(), done);
            let left = progress.count.total().and_then(|total| progress.eta.left(total));
            (self.tell)(progress.count.view(left));
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
        let shower = tokio::task::spawn_blocking(move || {
            let came = lock(&accumulator).len();
            next.store(came.saturating_mul(GROWTH).max(1), Ordering::Relaxed);
            show_now(&context, &accumulator);
            showing.store(false, Ordering::Release);
        });
        *lock(&self.shower) = Some(shower);
    }

    /// All groups have arrived: they are shown with the next page, unless that would be expensive.
    fn groups_came(&self) {
        if lock(self.accumulator).len() < 20_000 {
            self.next.store(0, Ordering::Relaxed);
        }
    }
}

/// Reads what is left of the three lists. Shows partial lists meanwhile if no complete ones are shown, and
/// passes the progress to `tell`.
///
/// # Errors
/// [`ErrorCode::NotAdmin`] without a request if the user is no admin; otherwise what the servers fail with.
pub async fn read(
    context: &Arc<OrganizationContext>,
    read: &mut FullRead,
    tell: &(dyn Fn(ReadView) + Sync),
) -> Result<()> {
    if !context.organization.admin {
        return Err(ErrorCode::NotAdmin.into());
    }
    let FullRead {
        lists,
        accumulator,
        came,
    } = read;
    *lock(&came.at) = Moment::now(context.host.as_ref());
    let accumulator = Arc::clone(accumulator);
    let shown = lock(&accumulator).len();
    let telling = Telling {
        context,
        tell,
        came,
        accumulator: &accumulator,
        started: Instant::now(),
        progress: Mutex::new(Progress {
            count: Count::of(&lists.each_ref().map(|list| &list.reading)),
            ..Progress::default()
        }),
        next: Arc::new(AtomicUsize::new(shown.saturating_mul(GROWTH))),
        showing: Arc::default(),
        shower: Mutex::default(),
    };
    let [groups, print_users, accounts] = lists;
    let done = futures::try_join!(
        whole(&context.api, groups, &telling),
        whole(&context.api, print_users, &telling),
        whole(&context.api, accounts, &telling),
    );
    // Nothing partial may be shown after this.
    let shower = lock(&telling.shower).take();
    if let Some(shower) = shower {
        shower.await.ok();
    }
    done.map(drop)
}

/// Reads a list to its end, and again if it changed meanwhile, so that no entry is missed (security.md 46).
async fn whole(api: &Client, list: &mut List, telling: &Telling<'_>) -> Result<()> {
    let (which, accumulator) = (list.which, telling.accumulator);
    while !list.done {
        let fresh = !list.reading.has_begun();
        let expect = |pass: &ezeep_api::Pass, first: u64| {
            if fresh && pass.len() == first {
                lock(accumulator).expect(pass.count);
            }
        };
        match which {
            Which::Groups => {
                api.read_groups(&mut list.reading, |groups, pass| {
                    lock(accumulator).groups(groups);
                    telling.page(which, (pass.len(), Some(pass.count)));
                })
                .await?;
                telling.groups_came();
            }
            Which::PrintUsers => {
                api.read_print_users(&mut list.reading, |users, pass| {
                    expect(pass, users.len() as u64);
                    lock(accumulator).print_users(users);
                    telling.page(which, (pass.len(), Some(pass.count)));
                })
                .await?;
            }
            Which::Accounts => {
                api.read_accounts(&mut list.reading, |accounts, pass| {
                    expect(pass, accounts.len() as u64);
                    lock(accumulator).accounts(accounts);
                    telling.page(which, (pass.len(), Some(pass.count)));
                })
                .await?;
            }
        }
        judge(api, list, accumulator);
    }
    Ok(())
}

/// Accepts the pass that ended, or begins another one.
fn judge(api: &Client, list: &mut List, accumulator: &Mutex<Accumulator>) {
    let pass = list.reading.pass();
    for (place, item) in &pass.malformed {
        tracing::warn!(list = ?list.which, place, why = ?item.why, "an item was skipped");
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
        list.doubt = Some(if pass.steady {
            Doubt::Short {
                told: number(seen.1),
                came: number(seen.0),
            }
        } else {
            Doubt::Moving
        });
        tracing::warn!(list = ?list.which, read = seen.0, count = seen.1, doubt = ?list.doubt, "taken as it is");
        return;
    }
    tracing::info!(
        list = ?list.which,
        pass = list.pass,
        read = seen.0,
        count = seen.1,
        steady = pass.steady,
        "the list changed while it was read: reading it again"
    );
    list.before = Some(seen);
    list.pass += 1;
    list.reading = begin(list.which, api);
    let mut accumulator = lock(accumulator);
    match list.which {
        Which::Groups => accumulator.groups_anew(),
        Which::PrintUsers => accumulator.print_users_anew(),
        Which::Accounts => accumulator.accounts_anew(),
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
