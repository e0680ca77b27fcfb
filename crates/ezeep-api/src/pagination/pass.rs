//! What has been received of a list. Must never call a pass steady that may have missed an entry.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use crate::error::{Error, PagingProblem, Result};
use crate::identified::Identified;
use crate::net::Limits;

use super::page::{Malformed, Next, Page, PageInfo};

/// Consecutive pages that were all seen before: this many are a loop. Fewer can come from entries added
/// meanwhile.
const REPEATS: u32 = 3;
/// Consecutive empty pages that are skipped.
const EMPTY: u32 = 8;

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

/// The page taken last.
#[derive(Debug)]
pub(super) struct LastPage {
    pub(super) rows: u64,
    /// The index after its last row.
    pub(super) reached: u64,
    /// It has as many rows as requested.
    pub(super) full: bool,
    /// Its `next` leads forward.
    pub(super) linked: bool,
    /// Its `next` is `null`.
    null: bool,
}

/// What was received, in the list's order. The items themselves are handed on.
#[derive(Debug)]
pub(super) struct Received {
    pass: Pass,
    /// Hashes of the received ids, with keys of this pass: an entry lost by a collision is missing in the
    /// count, and the next pass has other keys.
    seen: HashSet<u64>,
    keys: RandomState,
    digests: HashSet<u64>,
    last: Option<LastPage>,
    /// The last row: the index after it, and its id if it could be parsed.
    edge: (u64, Option<String>),
    pages: u64,
    rows: u64,
    empty: u32,
    repeats: u32,
    max_pages: u64,
    max_items: u64,
}

impl Received {
    pub(super) fn new(limits: &Limits) -> Self {
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

    pub(super) fn pass(&self) -> &Pass {
        &self.pass
    }

    pub(super) fn last(&self) -> Option<&LastPage> {
        self.last.as_ref()
    }

    /// Whether the server has said that the list is over and only its `count` is larger: an error status is
    /// the end then.
    pub(super) fn is_past_end(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.null)
    }

    /// The index after the last row.
    pub(super) fn reached(&self) -> u64 {
        self.edge.0
    }

    /// Whether so many consecutive pages were empty that nothing more will come.
    pub(super) fn only_empty(&self) -> bool {
        self.empty > EMPTY
    }

    /// Records that the server did not send rows that it reported.
    pub(super) fn missed(&mut self) {
        self.pass.missing = true;
    }

    /// Takes the next page in order, which was requested with `page_size`. Returns whether it brought
    /// anything new; its items that came before are removed.
    ///
    /// # Errors
    /// [`Error::Paging`] if it is one page or item too many, or the pages repeat.
    pub(super) fn take<T: Identified>(
        &mut self,
        page_size: u32,
        page: &mut Page<T>,
        info: &PageInfo,
    ) -> Result<bool> {
        let problem = |problem| Error::Paging {
            problem,
            offset: page.offset,
            count: info.count,
        };
        self.pages += 1;
        self.rows = self.rows.saturating_add(info.rows);
        if self.rows > self.max_items.saturating_add(self.pages) {
            return Err(problem(PagingProblem::TooManyItems));
        }
        if self.pages > self.max_pages {
            return Err(problem(PagingProblem::TooManyPages));
        }
        let first = self.last.is_none();
        self.pass.steady &= first || self.pass.count == info.count;
        self.pass.count = info.count;
        self.last = Some(LastPage {
            rows: info.rows,
            reached: page.offset.saturating_add(info.rows),
            full: info.rows >= page_size.into(),
            linked: info.is_linked(page.offset),
            null: info.next == Next::Null,
        });
        if info.rows == 0 {
            self.empty += 1;
            return Ok(false);
        }
        self.empty = 0;
        self.repeats = if self.digests.insert(info.digest) {
            0
        } else {
            self.repeats + 1
        };
        if self.repeats >= REPEATS {
            return Err(problem(PagingProblem::Loop));
        }
        Ok(self.absorb(page, info.rows))
    }

    fn absorb<T: Identified>(&mut self, page: &mut Page<T>, rows: u64) -> bool {
        let before = self.pass.len();
        let offset = page.offset;
        let unread = |index: u64| page.malformed.iter().any(|item| item.index as u64 == index);
        if offset.saturating_add(1) == self.edge.0
            && let Some(known) = &self.edge.1
            && !unread(0)
        {
            let fits = page.results.first().is_some_and(|item| item.id() == known);
            self.pass.steady &= fits;
        }
        let last = match unread(rows - 1) {
            true => None,
            false => page.results.last().map(|item| item.id().to_owned()),
        };
        self.edge = (offset.saturating_add(rows), last);
        let malformed = &mut self.pass.malformed;
        page.malformed.retain(|item| {
            let place = offset.saturating_add(item.index as u64);
            malformed.insert(place, item.clone()).is_none()
        });
        page.results
            .retain(|item| self.seen.insert(self.keys.hash_one(item.id())));
        self.pass.items += page.results.len() as u64;
        self.pass.len() > before
    }

    /// Checks the end of a list.
    ///
    /// # Errors
    /// [`PagingProblem::EmptyPages`] if the server reports more and sends only empty pages.
    pub(super) fn check(&self) -> Result<()> {
        let hollow = self
            .last
            .as_ref()
            .is_some_and(|last| last.rows == 0 && last.linked);
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
