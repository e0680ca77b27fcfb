//! Where the next page is. Owns every rule about `next`, `count` and `limit`; does no I/O. Must never let a server that lies
//! cause an endless read, nor believe more of `next` than its limit and offset (contract; security.md 45, 46).

use std::collections::HashSet;

use crate::error::PagingProblem;
use crate::net::Limits;
use crate::tolerant::digits;

/// Pages in a row that were all seen before: with so many it is a loop. Fewer can come from people added meanwhile.
const REPEATS: u32 = 3;
/// Empty pages in a row that are skipped.
const EMPTY: u32 = 8;

/// What a page says about the one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// `null`: this was the last.
    Null,
    /// There is one, at this offset and perhaps with this limit.
    At { offset: u64, limit: Option<u32> },
    /// There is one, but no offset can be read out of it.
    Unusable,
}

impl Next {
    /// Reads limit and offset out of a `next` link; nothing else of it counts, least of all its host.
    pub(crate) fn parse(link: &str) -> Self {
        let Some((_, rest)) = link.split_once('?') else {
            return Self::Unusable;
        };
        let query = rest.split('#').next().unwrap_or_default();
        let (mut offset, mut limit) = (None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "offset" => &mut offset,
                "limit" => &mut limit,
                _ => continue,
            };
            if slot.replace(digits(&value)).is_some() {
                return Self::Unusable;
            }
        }
        match offset.flatten() {
            Some(offset) => {
                let limit = limit
                    .flatten()
                    .and_then(|limit| u32::try_from(limit).ok())
                    .filter(|limit| *limit > 0);
                Self::At { offset, limit }
            }
            None => Self::Unusable,
        }
    }
}

/// What there is to know about a page, apart from its items.
pub(crate) struct Arrived {
    /// Items in it, readable or not.
    pub(crate) items: u64,
    /// Items in the whole list, as the server tells.
    pub(crate) count: u64,
    pub(crate) next: Next,
    /// A hash of the items' text.
    pub(crate) digest: u64,
}

/// Reading a list page by page.
pub(crate) struct Cursor {
    offset: u64,
    limit: u32,
    pages: u64,
    items: u64,
    max_pages: u64,
    max_items: u64,
    empty: u32,
    repeats: u32,
    digests: HashSet<u64>,
    past_end: bool,
}

/// What to do after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    More,
    End,
}

impl Cursor {
    pub(crate) fn new(limit: u32, limits: &Limits) -> Self {
        Self {
            offset: 0,
            limit: limit.max(1),
            pages: 0,
            items: 0,
            max_pages: limits.max_pages,
            max_items: limits.max_items,
            empty: 0,
            repeats: 0,
            digests: HashSet::new(),
            past_end: false,
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// True where the server had said that the list is over, and only its `count` made us ask on: an error status is then
    /// the end.
    pub(crate) fn is_past_end(&self) -> bool {
        self.past_end
    }

    /// Takes note of the page at the current offset and moves on. `count` and `next` are both only believed as far as
    /// they lead to more: the list ends when neither tells of anything further.
    pub(crate) fn advance(&mut self, page: &Arrived) -> Result<Step, PagingProblem> {
        self.pages += 1;
        self.items = self.items.saturating_add(page.items);
        if self.items > self.max_items {
            return Err(PagingProblem::TooManyItems);
        }
        let step = if page.items == 0 {
            self.after_empty(page)?
        } else {
            self.after_items(page)?
        };
        if step == Step::More {
            if self.pages >= self.max_pages {
                return Err(PagingProblem::TooManyPages);
            }
            if self.offset > self.max_items {
                return Err(PagingProblem::TooManyItems);
            }
        }
        Ok(step)
    }

    fn after_items(&mut self, page: &Arrived) -> Result<Step, PagingProblem> {
        self.empty = 0;
        self.repeats = if self.digests.insert(page.digest) {
            0
        } else {
            self.repeats + 1
        };
        if self.repeats >= REPEATS {
            return Err(PagingProblem::Loop);
        }
        let reached = self.offset.saturating_add(page.items);
        // A link further ahead than what came would skip people; a link backwards would never end.
        let linked = match page.next {
            Next::At { offset, .. } if offset > self.offset => Some(offset.min(reached)),
            _ => None,
        };
        if linked.is_none() && reached >= page.count {
            return Ok(Step::End);
        }
        self.notice_clamp(page, reached);
        self.past_end = page.next == Next::Null;
        self.offset = linked.unwrap_or(reached);
        Ok(Step::More)
    }

    fn after_empty(&mut self, page: &Arrived) -> Result<Step, PagingProblem> {
        let linked = match page.next {
            Next::Null => return Ok(Step::End),
            Next::At { offset, .. } if offset > self.offset => Some(offset),
            _ => None,
        };
        if linked.is_none() && self.offset >= page.count {
            return Ok(Step::End);
        }
        self.empty += 1;
        if self.empty > EMPTY {
            return Err(PagingProblem::EmptyPages);
        }
        self.past_end = false;
        self.offset = linked.unwrap_or(self.offset.saturating_add(self.limit.into()));
        Ok(Step::More)
    }

    /// A server that gives fewer than asked for, with more to come, has a limit of its own: that one is used from here on.
    fn notice_clamp(&mut self, page: &Arrived, reached: u64) {
        let came = u32::try_from(page.items).unwrap_or(u32::MAX);
        if came >= self.limit {
            return;
        }
        match page.next {
            Next::At {
                limit: Some(told), ..
            } => self.limit = self.limit.min(told.max(came)),
            _ if reached < page.count => self.limit = came.max(1),
            _ => {}
        }
    }
}
