//! Parallel pagination: the first page tells the count, the others are fetched concurrently and handed on in
//! order. Must never call a pass steady that may have missed an entry, nor read endlessly because of a
//! server's wrong values (security.md 46).

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{FuturesOrdered, StreamExt};
use serde::de::DeserializeOwned;
use tokio_util::task::AbortOnDropHandle;

use crate::error::{Error, PagingProblem, Result};
use crate::identified::Identified;
use crate::net::Limits;
use crate::pages::{Fetch, Malformed, Page, read_page};
use crate::paging::{Arrived, EMPTY, Next, REPEATS, clamped};

/// A page size that all servers accept.
pub(crate) const SAFE_PAGE: u32 = 100;

/// What one pass over a list, from its beginning to its end, has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The parsed items that were handed on, each id once.
    pub items: u64,
    /// The items that could not be parsed, by their index in the list.
    pub malformed: BTreeMap<u64, Malformed>,
    /// Items in the whole list, as the server reported last.
    pub count: u64,
    /// No sign of a change during the pass: `count` stayed the same, and each page began with the item that
    /// the previous one ended with.
    pub steady: bool,
    /// Rows that the server reported were not sent when they were requested.
    pub missing: bool,
}

impl Pass {
    /// Items received, parsed or not.
    pub fn len(&self) -> u64 {
        self.items + self.malformed.len() as u64
    }

    /// Whether nothing was received.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the list did not change and as many items came as reported. Otherwise an entry may have been
    /// missed.
    pub fn is_whole(&self) -> bool {
        self.steady && !self.missing && self.len() == self.count
    }
}

/// The state of reading a list. It outlives a cancelled or failed call, and the next call continues from
/// there: the last row is requested again, and if it differs, the list has changed and the pass is not
/// steady.
#[derive(Debug)]
pub struct Reading {
    plan: Plan,
    taken: Taken,
    ended: bool,
}

impl Reading {
    /// A list before its beginning, with at most `limit` items a page.
    pub(crate) fn new(limit: u32, limits: &Limits) -> Self {
        Self {
            plan: Plan::new(limit),
            taken: Taken::new(limits),
            ended: false,
        }
    }

    /// What has been seen so far.
    pub fn pass(&self) -> &Pass {
        &self.taken.pass
    }

    /// Whether the list was read to its end.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether a page has been received.
    pub fn has_begun(&self) -> bool {
        self.taken.last.is_some()
    }

    /// The largest page that the server was seen to send, if it sends fewer items than requested.
    pub(crate) fn largest(&self) -> Option<u32> {
        self.plan.largest
    }
}

/// Reads the rest of a list, as fast as the client's permits allow. `take` gets each page's new items in the
/// list's order, and the counts so far. Cancelled by dropping; `reading` then contains complete pages only.
pub(crate) async fn read<T>(
    reading: &mut Reading,
    limits: &Limits,
    fetch: &Fetch,
    mut take: impl FnMut(Vec<T>, &Pass) + Send,
) -> Result<()>
where
    T: DeserializeOwned + Identified + Send + 'static,
{
    if reading.ended {
        return Ok(());
    }
    let resumed = reading.has_begun();
    let Reading { plan, taken, ended } = reading;
    // More than may be in flight, so that a slow page doesn't delay the request of the others.
    let window = limits.in_flight.clamp(1, 64) * 2;
    let mut queue = FuturesOrdered::new();
    if resumed {
        plan.go_back_to(taken.reached());
    } else {
        queue.push_back(request(fetch, plan.first()));
    }
    loop {
        while queue.len() < window
            && let Some(ask) = plan.next()
        {
            queue.push_back(request(fetch, ask));
        }
        let Some((ask, came)) = queue.next().await else {
            if plan.read_on(taken.last.as_ref()) {
                continue;
            }
            break;
        };
        let (page, arrived) = match came {
            Err(error)
                if taken.is_past_end() && [400, 404, 416].iter().any(|status| error.is_status(*status)) =>
            {
                break;
            }
            Err(error) if plan.is_too_large(taken, &error) => {
                queue.push_front(request(fetch, plan.smaller()));
                continue;
            }
            came => came?,
        };
        let before = taken.reached();
        let (fresh, items) = taken.take(&ask, page, &arrived)?;
        take(items, &taken.pass);
        if resumed && !taken.pass.steady {
            break;
        }
        match plan.judge(&ask, &arrived, before, fresh) {
            Verdict::Fits => {}
            Verdict::Lacks(rest) => queue.push_front(request(fetch, rest)),
            Verdict::Hole => taken.pass.missing = true,
            Verdict::End => break,
        }
        if taken.only_empty() {
            break;
        }
    }
    taken.check()?;
    *ended = true;
    Ok(())
}

type Came<T> = (Ask, Result<(Page<T>, Arrived)>);

/// Each page is read in its own task: several are parsed at once, and none delays the receiving of the
/// others.
fn request<T>(fetch: &Fetch, ask: Ask) -> BoxFuture<'static, Came<T>>
where
    T: DeserializeOwned + Send + 'static,
{
    let reply = fetch(ask.offset, ask.limit);
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        let reply = reply.await?;
        read_page(&reply.body, ask.offset).map_err(|why| reply.malformed(why))
    }));
    async move {
        match task.await {
            Ok(read) => (ask, read),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down.
            Err(_) => std::future::pending().await,
        }
    }
    .boxed()
}

/// One page to request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ask {
    offset: u64,
    limit: u32,
    /// The index up to which its rows are needed: the next page overlaps it by one.
    until: u64,
}

/// The consequence of a page for the plan.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fits,
    /// It is shorter than planned: the rest is requested before any further page is taken.
    Lacks(Ask),
    /// Rows that the server reported are not sent.
    Hole,
    End,
}

/// The pages to request. Does no I/O.
#[derive(Debug)]
struct Plan {
    limit: u32,
    /// The largest page that the server was seen to send, if it sends fewer items than requested.
    largest: Option<u32>,
    /// The index up to which pages have been requested.
    covered: u64,
    /// The index up to which pages are wanted.
    end: u64,
    /// Beyond the reported count: how many pages are requested at once.
    ahead: u64,
    reading_on: bool,
}

impl Plan {
    fn new(limit: u32) -> Self {
        Self {
            limit: limit.max(1),
            largest: None,
            covered: 0,
            end: 0,
            ahead: 1,
            reading_on: false,
        }
    }

    /// Requests the pages again that were requested and not taken; beyond the reported count, one after the
    /// other at first.
    fn go_back_to(&mut self, reached: u64) {
        self.covered = reached;
        self.ahead = 1;
        if self.reading_on {
            self.end = reached;
        }
    }

    /// Whether the server refuses the first page for its size (contract: the largest page is unknown).
    fn is_too_large(&self, taken: &Taken, error: &Error) -> bool {
        taken.last.is_none()
            && self.limit > SAFE_PAGE
            && [400, 413, 422].iter().any(|status| error.is_status(*status))
    }

    fn smaller(&mut self) -> Ask {
        self.limit = SAFE_PAGE;
        self.largest = Some(SAFE_PAGE);
        self.first()
    }

    fn first(&self) -> Ask {
        Ask {
            offset: 0,
            limit: self.limit,
            until: u64::MAX,
        }
    }

    fn next(&mut self) -> Option<Ask> {
        if self.covered >= self.end {
            return None;
        }
        let overlap = u64::from(self.limit > 1 && self.covered > 1);
        let offset = self.covered - overlap;
        self.covered = offset.saturating_add(self.limit.into());
        Some(Ask {
            offset,
            limit: self.limit,
            until: self.covered.min(self.end),
        })
    }

    /// After all reported items: whether to look for more, which a full last page or a forward `next`
    /// suggests.
    fn read_on(&mut self, last: Option<&Last>) -> bool {
        let Some(last) = last.filter(|last| last.items > 0 && (last.full || last.linked)) else {
            return false;
        };
        self.reading_on = true;
        self.covered = last.reached;
        let stride = u64::from(self.limit).saturating_sub(1).max(1);
        self.end = self.covered.saturating_add(stride.saturating_mul(self.ahead));
        self.ahead = (self.ahead * 2).min(16);
        true
    }

    /// Learns the server's page size. A page with nothing reported after it may just be the rest.
    fn shrink(&mut self, page: &Arrived, reached: u64) {
        let limit = taken_at_once(self.limit, page, reached);
        if limit < self.limit && page.items > 0 && matches!(page.next, Next::At { .. }) {
            self.largest = Some(limit);
        }
        self.limit = limit;
    }

    fn judge(&mut self, ask: &Ask, page: &Arrived, before: u64, fresh: bool) -> Verdict {
        let reached = ask.offset.saturating_add(page.items);
        let linked = is_linked(page, ask.offset);
        if ask.until == u64::MAX {
            self.shrink(page, reached);
            self.covered = reached;
            self.end = page.count;
            return Verdict::Fits;
        }
        if self.reading_on {
            let only_overlap = linked && page.items > 0 && reached == before;
            if (!fresh && !only_overlap) || (page.items < ask.limit.into() && !linked) {
                return Verdict::End;
            }
        } else {
            self.end = page.count;
        }
        let wanted = if self.reading_on {
            ask.until
        } else {
            ask.until.min(self.end)
        };
        if reached >= wanted {
            return Verdict::Fits;
        }
        if page.items == 0 || reached < before {
            return Verdict::Hole;
        }
        if page.next != Next::Null {
            self.shrink(page, reached);
        }
        // A page with nothing more than the overlap would be returned again.
        let overlap = u64::from(self.limit > 1 && page.items > 1 && reached > before);
        Verdict::Lacks(Ask {
            offset: reached - overlap,
            limit: self.limit,
            until: ask.until,
        })
    }
}

/// As [`clamped`]; a link that only repeats the requested limit does not count.
fn taken_at_once(limit: u32, page: &Arrived, reached: u64) -> u32 {
    match u32::try_from(page.items) {
        Ok(came)
            if came > 0 && came < limit && reached < page.count && clamped(limit, page, reached) == limit =>
        {
            came
        }
        _ => clamped(limit, page, reached),
    }
}

fn is_linked(page: &Arrived, offset: u64) -> bool {
    matches!(page.next, Next::At { offset: next, .. } if next > offset)
}

/// The page taken last.
#[derive(Debug)]
struct Last {
    items: u64,
    reached: u64,
    full: bool,
    linked: bool,
    null: bool,
}

/// What was received, in the list's order. The items themselves are handed on.
#[derive(Debug)]
struct Taken {
    pass: Pass,
    /// Hashes of the received ids, with keys of this pass: an entry lost by a collision is missing in the
    /// count, and the next pass has other keys.
    seen: HashSet<u64>,
    keys: RandomState,
    digests: HashSet<u64>,
    last: Option<Last>,
    /// The last row: the index after it, and its id if it could be parsed.
    edge: (u64, Option<String>),
    pages: u64,
    rows: u64,
    empty: u32,
    repeats: u32,
    max_pages: u64,
    max_items: u64,
}

impl Taken {
    fn new(limits: &Limits) -> Self {
        Self {
            pass: Pass {
                items: 0,
                malformed: BTreeMap::new(),
                count: 0,
                steady: true,
                missing: false,
            },
            seen: HashSet::new(),
            keys: RandomState::new(),
            digests: HashSet::new(),
            last: None,
            edge: (0, None),
            pages: 0,
            rows: 0,
            empty: 0,
            repeats: 0,
            max_pages: limits.max_pages,
            max_items: limits.max_items,
        }
    }

    /// The server has said that the list is over; an error status is the end then.
    fn is_past_end(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.null)
    }

    /// The index after the last row.
    fn reached(&self) -> u64 {
        self.edge.0
    }

    /// Whether so many consecutive pages were empty that nothing more will come.
    fn only_empty(&self) -> bool {
        self.empty > EMPTY
    }

    /// Takes the next page in order. Returns whether it brought anything new, and its new items.
    fn take<T: Identified>(&mut self, ask: &Ask, page: Page<T>, arrived: &Arrived) -> Result<(bool, Vec<T>)> {
        let problem = |problem| Error::Paging {
            problem,
            offset: ask.offset,
            count: arrived.count,
        };
        self.pages += 1;
        self.rows = self.rows.saturating_add(arrived.items);
        if self.rows > self.max_items.saturating_add(self.pages) {
            return Err(problem(PagingProblem::TooManyItems));
        }
        if self.pages > self.max_pages {
            return Err(problem(PagingProblem::TooManyPages));
        }
        let first = self.last.is_none();
        self.pass.steady &= first || self.pass.count == arrived.count;
        self.pass.count = arrived.count;
        self.last = Some(Last {
            items: arrived.items,
            reached: ask.offset.saturating_add(arrived.items),
            full: arrived.items >= ask.limit.into(),
            linked: is_linked(arrived, ask.offset),
            null: arrived.next == Next::Null,
        });
        if arrived.items == 0 {
            self.empty += 1;
            return Ok((false, Vec::new()));
        }
        self.empty = 0;
        self.repeats = if self.digests.insert(arrived.digest) {
            0
        } else {
            self.repeats + 1
        };
        if self.repeats >= REPEATS {
            return Err(problem(PagingProblem::Loop));
        }
        Ok(self.absorb(ask.offset, page, arrived.items))
    }

    fn absorb<T: Identified>(&mut self, offset: u64, page: Page<T>, rows: u64) -> (bool, Vec<T>) {
        let before = self.pass.len();
        let unread = |index: u64| page.malformed.iter().any(|item| item.index as u64 == index);
        let id = |item: Option<&T>| item.map(|item| item.id().to_owned());
        if offset.saturating_add(1) == self.edge.0
            && let Some(known) = &self.edge.1
            && !unread(0)
        {
            let fits = page.items.first().is_some_and(|item| item.id() == known);
            self.pass.steady &= fits;
        }
        let last = if unread(rows - 1) {
            None
        } else {
            id(page.items.last())
        };
        self.edge = (offset.saturating_add(rows), last);
        for item in page.malformed {
            self.pass
                .malformed
                .insert(offset.saturating_add(item.index as u64), item);
        }
        let mut items = page.items;
        items.retain(|item| self.seen.insert(self.keys.hash_one(item.id())));
        self.pass.items += items.len() as u64;
        (self.pass.len() > before, items)
    }

    fn check(&self) -> Result<()> {
        let hollow = self
            .last
            .as_ref()
            .is_some_and(|last| last.items == 0 && last.linked);
        if hollow && self.pass.len() < self.pass.count {
            return Err(Error::Paging {
                problem: PagingProblem::EmptyPages,
                offset: self.reached(),
                count: self.pass.count,
            });
        }
        Ok(())
    }
}
