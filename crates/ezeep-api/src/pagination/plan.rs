//! Which pages of a list are requested. Owns all rules about `count`, `next` and the page size; does no I/O.

use super::page::{Next, PageInfo};
use super::pass::LastPage;

/// A page size that all servers accept.
pub(super) const SAFE_PAGE_SIZE: u32 = 100;

/// One page to request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageRequest {
    pub(super) offset: u64,
    pub(super) page_size: u32,
    /// The index up to which its rows are needed, if the list is as long: the next page overlaps it by one.
    until: u64,
}

/// The consequence of a page for the plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    /// It is shorter than planned: the rest is requested before any further page is taken.
    Lacks(PageRequest),
    /// Rows that the server reported are not sent.
    Hole,
    End,
}

/// The pages to request.
#[derive(Debug)]
pub(super) struct Plan {
    page_size: u32,
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
    pub(super) fn new(page_size: u32) -> Self {
        Self {
            page_size: page_size.max(1),
            largest: None,
            covered: 0,
            end: 0,
            ahead: 1,
            reading_on: false,
        }
    }

    pub(super) fn page_size(&self) -> u32 {
        self.page_size
    }

    pub(super) fn largest(&self) -> Option<u32> {
        self.largest
    }

    /// Requests the pages again that were requested and not taken; beyond the reported count, one after the
    /// other at first.
    pub(super) fn go_back_to(&mut self, reached: u64) {
        self.covered = reached;
        self.ahead = 1;
        if self.reading_on {
            self.end = reached;
        }
    }

    /// Whether a smaller first page can be requested, if the server refuses one for its size (contract: the
    /// largest page is unknown).
    pub(super) fn can_shrink(&self) -> bool {
        self.page_size > SAFE_PAGE_SIZE
    }

    pub(super) fn smaller(&mut self) -> PageRequest {
        self.page_size = SAFE_PAGE_SIZE;
        self.largest = Some(SAFE_PAGE_SIZE);
        self.first()
    }

    pub(super) fn first(&self) -> PageRequest {
        PageRequest {
            offset: 0,
            page_size: self.page_size,
            until: u64::MAX,
        }
    }

    pub(super) fn next(&mut self) -> Option<PageRequest> {
        if self.covered >= self.end {
            return None;
        }
        let overlap = u64::from(self.page_size > 1 && self.covered > 1);
        let offset = self.covered - overlap;
        self.covered = offset.saturating_add(self.page_size.into());
        Some(PageRequest {
            offset,
            page_size: self.page_size,
            until: self.covered,
        })
    }

    /// After all reported items: whether to look for more, which a full last page or a forward `next`
    /// suggests.
    pub(super) fn read_on(&mut self, last: Option<&LastPage>) -> bool {
        let Some(last) = last.filter(|last| last.rows > 0 && (last.full || last.linked)) else {
            return false;
        };
        self.reading_on = true;
        self.covered = last.reached;
        let stride = u64::from(self.page_size).saturating_sub(1).max(1);
        self.end = self.covered.saturating_add(stride.saturating_mul(self.ahead));
        self.ahead = (self.ahead * 2).min(16);
        true
    }

    /// Learns the server's page size. A page with nothing reported after it may just be the rest.
    fn shrink(&mut self, page: &PageInfo, reached: u64) {
        let page_size = accepted_page_size(self.page_size, page, reached);
        if page_size < self.page_size && page.rows > 0 && matches!(page.next, Next::At { .. }) {
            self.largest = Some(page_size);
        }
        self.page_size = page_size;
    }

    /// Compares a page with its request. `before` is the index after the last row until then; `fresh` says
    /// whether the page brought anything new.
    pub(super) fn judge(
        &mut self,
        request: &PageRequest,
        page: &PageInfo,
        before: u64,
        fresh: bool,
    ) -> Verdict {
        let reached = request.offset.saturating_add(page.rows);
        let linked = page.is_linked(request.offset);
        if request.until == u64::MAX {
            self.shrink(page, reached);
            self.covered = reached;
            self.end = page.count;
            return Verdict::Fits;
        }
        if self.reading_on {
            let only_overlap = linked && page.rows > 0 && reached == before;
            if (!fresh && !only_overlap) || (page.rows < request.page_size.into() && !linked) {
                return Verdict::End;
            }
        } else {
            self.end = page.count;
        }
        let wanted = if self.reading_on {
            request.until
        } else {
            request.until.min(self.end)
        };
        if reached >= wanted {
            return Verdict::Fits;
        }
        if page.rows == 0 {
            return Verdict::Hole;
        }
        if page.next != Next::Null {
            self.shrink(page, reached);
        }
        // A page with nothing more than the overlap would be returned again.
        let overlap = u64::from(self.page_size > 1 && page.rows > 1 && reached > before);
        Verdict::Lacks(PageRequest {
            offset: reached - overlap,
            page_size: self.page_size,
            until: request.until,
        })
    }
}

/// The page size to use after a page of `page_size` ended at `reached`: if the server sends fewer items than
/// requested although there are more, it has a limit of its own. A link that only repeats the requested size
/// does not count.
pub(super) fn accepted_page_size(page_size: u32, page: &PageInfo, reached: u64) -> u32 {
    let came = u32::try_from(page.rows).unwrap_or(u32::MAX);
    if came >= page_size {
        return page_size;
    }
    let more = reached < page.count;
    match page.next {
        Next::At {
            page_size: Some(told),
            ..
        } if told < page_size || came == 0 || !more => page_size.min(told.max(came)),
        _ if more => came.max(1),
        _ => page_size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_largest_page_is_known_by_its_link_or_by_its_rows() {
        let at = |page_size| Next::At {
            offset: 20,
            page_size,
        };
        for (rows, count, next, expected) in [
            (100, 500, Next::Null, 100),
            (20, 500, at(Some(20)), 20),
            (20, 500, at(Some(50)), 50),
            (20, 500, at(Some(100)), 20),
            (20, 500, at(None), 20),
            (20, 500, Next::Unusable, 20),
            (20, 500, Next::Null, 20),
            (20, 20, Next::Null, 100),
            (20, 20, at(None), 100),
            (0, 500, Next::Null, 1),
            (0, 500, at(Some(100)), 100),
        ] {
            let page = PageInfo {
                rows,
                count,
                next,
                digest: 0,
            };
            assert_eq!(
                accepted_page_size(100, &page, rows),
                expected,
                "{rows} of {count}, {next:?}"
            );
        }
    }
}
