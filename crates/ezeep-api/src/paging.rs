//! Where the next page is. Owns all rules about `next`, `count` and `limit`; does no I/O. Must never read
//! endlessly because of wrong values, nor use more of `next` than its limit and offset (contract; security.md
//! 45, 46).

use std::collections::HashSet;

use crate::error::PagingProblem;
use crate::net::Limits;
use crate::tolerant::digits;

/// Consecutive pages that were all seen before: this many are a loop. Fewer can come from entries added
/// meanwhile.
pub(crate) const REPEATS: u32 = 3;
/// Consecutive empty pages that are skipped.
pub(crate) const EMPTY: u32 = 8;

/// What a page says about the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// `null`: this was the last.
    Null,
    /// There is one, at this offset and possibly with this limit.
    At { offset: u64, limit: Option<u32> },
    /// There is one, but its offset can't be parsed.
    Unusable,
}

impl Next {
    /// Parses limit and offset of a `next` link; the rest of it is ignored, above all its host.
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

/// What is known of a page besides its items.
pub(crate) struct Arrived {
    /// Items in it, parsed or not.
    pub(crate) items: u64,
    /// Items in the whole list, as the server reports.
    pub(crate) count: u64,
    pub(crate) next: Next,
    /// A hash of the items' text.
    pub(crate) digest: u64,
}

/// The position in a list that is read page by page.
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

    /// Whether the server has said that the list ends here and only its `count` is larger: an error status is
    /// the end then.
    pub(crate) fn is_past_end(&self) -> bool {
        self.past_end
    }

    /// Records the page at the current offset and moves on. `count` and `next` are used only if they lead to
    /// more: the list ends when neither reports anything further.
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
        // A link further ahead than the received items would skip entries; a link backwards would never end.
        let linked = match page.next {
            Next::At { offset, .. } if offset > self.offset => Some(offset.min(reached)),
            _ => None,
        };
        if linked.is_none() && reached >= page.count {
            return Ok(Step::End);
        }
        self.limit = clamped(self.limit, page, reached);
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
}

/// If a server sends fewer items than requested although there are more, it has a limit of its own, which is
/// used from then on.
pub(crate) fn clamped(limit: u32, page: &Arrived, reached: u64) -> u32 {
    let came = u32::try_from(page.items).unwrap_or(u32::MAX);
    if came >= limit {
        return limit;
    }
    match page.next {
        Next::At {
            limit: Some(told), ..
        } => limit.min(told.max(came)),
        _ if reached < page.count => came.max(1),
        _ => limit,
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrived, Cursor, Next, Step};
    use crate::net::Limits;
    use proptest::prelude::*;

    fn next(offset: u64, limit: Option<u32>) -> Next {
        Next::At { offset, limit }
    }

    #[test]
    fn limit_and_offset_are_found_in_any_link() {
        for (link, wanted) in [
            (
                "http://api2.ezeep.com/printing/v1/users/?limit=20&offset=20",
                next(20, Some(20)),
            ),
            ("?offset=7", next(7, None)),
            ("javascript:x?offset=7&limit=0", next(7, None)),
            (
                "//evil.example/?a=b&offset=%37&limit=5#offset=9",
                next(7, Some(5)),
            ),
            ("/?limit=99999999999&offset=1", next(1, None)),
            ("/?offset=18446744073709551615", next(u64::MAX, None)),
        ] {
            assert_eq!(Next::parse(link), wanted, "{link}");
        }
    }

    #[test]
    fn a_link_without_one_plain_offset_is_unusable() {
        for link in [
            "",
            "offset=5",
            "http://h/offset/5",
            "?limit=5",
            "?offset=",
            "?offset=-1",
            "?offset=1.5",
            "?offset=+1",
            "?offset=18446744073709551616",
            "?offset=1&offset=2",
            "?page=2&per_page=20",
            "#?offset",
        ] {
            assert_eq!(Next::parse(link), Next::Unusable, "{link}");
        }
    }

    fn any_next() -> impl Strategy<Value = Next> {
        prop_oneof![
            Just(Next::Null),
            Just(Next::Unusable),
            (any::<u64>(), any::<Option<u32>>()).prop_map(|(offset, limit)| next(offset, limit)),
            (0..500_u64, 0..50_u32).prop_map(|(offset, limit)| next(offset, Some(limit).filter(|l| *l > 0))),
        ]
    }

    proptest! {
        #[test]
        fn no_text_makes_the_link_parser_fall_over(text in "\\PC{0,60}|[?&=#%a-z0-9]{0,60}") {
            let _ = Next::parse(&text);
        }

        #[test]
        fn an_offset_in_a_link_is_read_back(offset: u64, limit in 1..u32::MAX, path in "[a-z/:.]{0,20}") {
            prop_assert_eq!(Next::parse(&format!("{path}?limit={limit}&offset={offset}")), next(offset, Some(limit)));
        }

        /// security.md 46: whatever the server answers, reading goes forward, skips nothing that was
        /// received, and ends.
        #[test]
        fn any_server_is_read_forward_and_to_an_end(
            limit: u32,
            pages in prop::collection::vec((0..60_u64, any::<u64>(), any_next(), 0..40_u64), 1..80),
        ) {
            let limits = Limits { max_pages: 60, max_items: 2_000, ..Limits::default() };
            let mut cursor = Cursor::new(limit, &limits);
            let mut read = 0;
            for (items, count, next, digest) in pages.into_iter().cycle() {
                let before = cursor.offset();
                let step = cursor.advance(&Arrived { items, count, next, digest });
                read += 1;
                prop_assert!(read <= 60);
                prop_assert!(cursor.limit() >= 1 && cursor.limit() <= limit.max(1));
                match step {
                    Err(_) | Ok(Step::End) => break,
                    Ok(Step::More) => {
                        prop_assert!(cursor.offset() > before);
                        prop_assert!(items == 0 || cursor.offset() <= before + items);
                    }
                }
            }
        }

        /// security.md 46: a correct server's list is read completely, each item once, whatever its largest
        /// page and its links.
        #[test]
        fn an_honest_server_is_read_whole(
            count in 0..700_u64, limit in 1..120_u32, largest in 1..120_u64, style in 0..4_u8,
        ) {
            let mut cursor = Cursor::new(limit, &Limits::default());
            let mut places = Vec::new();
            let mut requests = 0;
            loop {
                let (offset, size) = (cursor.offset(), u64::from(cursor.limit()).min(largest));
                requests += 1;
                let end = count.min(offset + size);
                places.extend(offset..end);
                let next = match style {
                    _ if end >= count => Next::Null,
                    0 => next(end, u32::try_from(size).ok()),
                    1 => next(end, None),
                    2 => Next::Unusable,
                    _ => next(offset + u64::from(cursor.limit()), Some(cursor.limit())),
                };
                let page = Arrived { items: end - offset, count, next, digest: offset };
                if cursor.advance(&page).unwrap() == Step::End {
                    break;
                }
            }
            prop_assert_eq!(places, (0..count).collect::<Vec<_>>());
            prop_assert_eq!(requests, count.div_ceil(u64::from(limit).min(largest)).max(1));
        }
    }
}
