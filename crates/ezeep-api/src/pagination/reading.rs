//! Parallel pagination: the first page tells the count, the others are fetched concurrently and handed on in
//! order. Must never hand on a page before the one in front of it.

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{FuturesOrdered, StreamExt};
use serde::de::DeserializeOwned;
use tokio_util::task::AbortOnDropHandle;

use crate::error::{Error, Result};
use crate::identified::Identified;
use crate::net::Limits;
use crate::reply::Reply;

use super::page::{Page, PageInfo, parse};
use super::pass::{Pass, Received};
use super::plan::{PageRequest, Plan, Verdict};

/// Requests the page at an offset, with a page size.
pub(crate) type Fetch = Box<dyn Fn(u64, u32) -> BoxFuture<'static, Result<Reply>> + Send + Sync>;

/// The state of reading a list. It outlives a cancelled or failed call, and the next call continues from
/// there: the last row is requested again, and if it differs, the list has changed and the pass is not
/// steady.
#[derive(Debug)]
pub struct Reading {
    plan: Plan,
    received: Received,
    ended: bool,
}

impl Reading {
    /// A list before its beginning, with at most `page_size` items a page.
    pub(crate) fn new(page_size: u32, limits: &Limits) -> Self {
        Self {
            plan: Plan::new(page_size),
            received: Received::new(limits),
            ended: false,
        }
    }

    /// What has been seen so far.
    pub fn pass(&self) -> &Pass {
        self.received.pass()
    }

    /// Whether the list was read to its end.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether a page has been received.
    pub fn has_begun(&self) -> bool {
        self.received.last().is_some()
    }

    /// The largest page that the server was seen to send, if it sends fewer items than requested.
    pub(crate) fn largest(&self) -> Option<u32> {
        self.plan.largest()
    }
}

/// Reads the rest of a list, as fast as the client's permits allow. `take` gets each page's new items in the
/// list's order, and the counts so far. Cancelled by dropping; `reading` then contains complete pages only. If
/// `take` refuses a page, the next call begins at the first page.
///
/// # Errors
/// What a page fails with, what `take` fails with, and [`Error::Paging`].
pub(crate) async fn read<T>(
    reading: &mut Reading,
    limits: &Limits,
    fetch: &Fetch,
    mut take: impl FnMut(Vec<T>, &Pass) -> Result<()> + Send,
) -> Result<()>
where
    T: DeserializeOwned + Identified + Send + 'static,
{
    // More than may be in flight, so that a slow page doesn't delay the request of the others.
    let mut pager = Pager::new(reading, limits.in_flight.clamp(1, 64) * 2);
    while let Some(page) = pager.next_page(reading, fetch).await? {
        if let Err(error) = take(page.results, reading.pass()) {
            // Read on from there, the list would seem complete without this page.
            *reading = Reading::new(reading.plan.page_size(), limits);
            return Err(error);
        }
    }
    Ok(())
}

type Answered<T> = (PageRequest, Result<(Page<T>, PageInfo)>);

/// The requests of one call that reads a list, in the list's order. Dropping it cancels them.
pub(super) struct Pager<T> {
    queue: FuturesOrdered<BoxFuture<'static, Answered<T>>>,
    /// How many pages are requested at once.
    window: usize,
    /// To request before all others.
    urgent: Option<PageRequest>,
    resumed: bool,
    /// Nothing more is requested.
    finished: bool,
}

impl<T> Pager<T>
where
    T: DeserializeOwned + Identified + Send + 'static,
{
    pub(super) fn new(reading: &mut Reading, window: usize) -> Self {
        let resumed = reading.has_begun();
        if resumed {
            reading.plan.go_back_to(reading.received.reached());
        }
        Self {
            queue: FuturesOrdered::new(),
            window,
            urgent: (!resumed).then(|| reading.plan.first()),
            resumed,
            finished: reading.ended,
        }
    }

    /// The next page in the list's order, with its new items. `None` after the last.
    ///
    /// # Errors
    /// What the page fails with, and [`Error::Paging`].
    pub(super) async fn next_page(
        &mut self,
        reading: &mut Reading,
        fetch: &Fetch,
    ) -> Result<Option<Page<T>>> {
        let Reading {
            plan,
            received,
            ended,
        } = reading;
        while !self.finished {
            if let Some(request) = self.urgent.take() {
                self.queue.push_front(send(fetch, request));
            }
            while self.queue.len() < self.window
                && let Some(request) = plan.next()
            {
                self.queue.push_back(send(fetch, request));
            }
            let Some((request, answer)) = self.queue.next().await else {
                self.finished = !plan.read_on(received.last());
                continue;
            };
            let (mut page, info) = match answer {
                Err(error) if received.is_past_end() && is_any(&error, &[400, 404, 416]) => break,
                Err(error)
                    if received.last().is_none() && plan.can_shrink() && is_any(&error, &[400, 413, 422]) =>
                {
                    self.urgent = Some(plan.smaller());
                    continue;
                }
                answer => answer?,
            };
            let before = received.reached();
            let fresh = received.take(request.page_size, &mut page, &info)?;
            if self.resumed && !received.pass().steady {
                self.finished = true;
            } else {
                match plan.judge(&request, &info, before, fresh) {
                    Verdict::Fits => {}
                    Verdict::Lacks(rest) => self.urgent = Some(rest),
                    Verdict::Hole => received.missed(),
                    Verdict::End => self.finished = true,
                }
                self.finished |= received.only_empty();
            }
            page.page_size = plan.page_size();
            return Ok(Some(page));
        }
        self.finished = true;
        if !*ended {
            received.check()?;
            *ended = true;
        }
        Ok(None)
    }
}

fn is_any(error: &Error, statuses: &[u16]) -> bool {
    statuses.iter().any(|status| error.is_status(*status))
}

/// Each page is read in its own task: several are parsed at once, and none delays the receiving of the
/// others.
fn send<T>(fetch: &Fetch, request: PageRequest) -> BoxFuture<'static, Answered<T>>
where
    T: DeserializeOwned + Send + 'static,
{
    let reply = fetch(request.offset, request.page_size);
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        let reply = reply.await?;
        parse(&reply.body, request.offset).map_err(|why| reply.malformed(why))
    }));
    async move {
        match task.await {
            Ok(page) => (request, page),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down.
            Err(_) => std::future::pending().await,
        }
    }
    .boxed()
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
