//! One page of a list, parsed item by item. Must never lose a page because of one malformed item, nor use
//! more of `next` than its limit and offset (contract; security.md 45).

use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Fault;
use crate::reply::decode;
use crate::tolerant::{self, digits};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Items in the whole list, as the server reported with this page. The server may be wrong, and the
    /// number may change from page to page.
    pub count: u64,
    /// The offset of this page's first row.
    pub offset: u64,
    /// The page size requested from now on: smaller than the wanted one if the server has a limit of its own.
    pub page_size: u32,
    /// The items that could be parsed.
    pub results: Vec<T>,
    /// The items that could not be parsed.
    pub malformed: Vec<Malformed>,
    /// For a filtered list: how many of `results` don't match the filter, because the server has not applied
    /// it. They are not removed.
    pub filter_violations: usize,
}

/// An item that could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Its index in the page.
    pub index: usize,
    /// Its id, if that could be parsed.
    pub id: Option<ItemId>,
    /// What is wrong with it, without a value.
    pub why: Fault,
}

/// The id of an item that could not be parsed: an unchecked text, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct ItemId(Box<str>);

impl ItemId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemId(..)")
    }
}

#[derive(Deserialize)]
struct OnlyId {
    id: Box<str>,
}

/// What a page says about the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// `null`: this was the last.
    Null,
    /// There is one, at this offset and possibly with this page size.
    At { offset: u64, page_size: Option<u32> },
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
                let page_size = limit
                    .flatten()
                    .and_then(|limit| u32::try_from(limit).ok())
                    .filter(|limit| *limit > 0);
                Self::At { offset, page_size }
            }
            None => Self::Unusable,
        }
    }
}

/// What a page tells besides its items.
pub(crate) struct PageInfo {
    /// Items in it, parsed or not.
    pub(crate) rows: u64,
    /// Items in the whole list, as the server reports.
    pub(crate) count: u64,
    pub(crate) next: Next,
    /// A hash of the items' text.
    pub(crate) digest: u64,
}

impl PageInfo {
    /// Whether `next` leads forward from the page's own offset.
    pub(crate) fn is_linked(&self, offset: u64) -> bool {
        matches!(self.next, Next::At { offset: next, .. } if next > offset)
    }
}

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(deserialize_with = "tolerant::count")]
    count: u64,
    #[serde(default)]
    next: Value,
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

/// Parses a page, item by item.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8], offset: u64) -> Result<(Page<T>, PageInfo), Fault> {
    let raw: RawPage<'_> = decode(body)?;
    let mut hash = DefaultHasher::new();
    let mut items = Vec::with_capacity(raw.results.len());
    let mut malformed = Vec::new();
    for (index, item) in raw.results.iter().enumerate() {
        hash.write(item.get().as_bytes());
        match decode(item.get().as_bytes()) {
            Ok(item) => items.push(item),
            Err(why) => malformed.push(Malformed {
                index,
                id: decode::<OnlyId>(item.get().as_bytes())
                    .ok()
                    .map(|item| ItemId(item.id)),
                why,
            }),
        }
    }
    let next = match &raw.next {
        Value::Null => Next::Null,
        Value::String(link) => Next::parse(link),
        _ => Next::Unusable,
    };
    let info = PageInfo {
        rows: raw.results.len() as u64,
        count: raw.count,
        next,
        digest: hash.finish(),
    };
    Ok((
        Page {
            count: raw.count,
            offset,
            page_size: 0,
            results: items,
            malformed,
            filter_violations: 0,
        },
        info,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{Next, Page, parse};
    use crate::model::{Group, PrintUser};
    use testing::fuzz::CheckResult;

    fn next(offset: u64, page_size: Option<u32>) -> Next {
        Next::At { offset, page_size }
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

    proptest! {
        #[test]
        fn no_text_makes_the_link_parser_fall_over(text in "\\PC{0,60}|[?&=#%a-z0-9]{0,60}") {
            let _ = Next::parse(&text);
        }

        #[test]
        fn an_offset_in_a_link_is_read_back(offset: u64, limit in 1..u32::MAX, path in "[a-z/:.]{0,20}") {
            prop_assert_eq!(Next::parse(&format!("{path}?limit={limit}&offset={offset}")), next(offset, Some(limit)));
        }
    }

    const WORDS: &[&str] = &[
        "\"count\":",
        "\"next\":",
        "\"results\":",
        "\"groups\":",
        "\"group_id\":",
        "\"id\":",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        "null",
        "?limit=1&offset=1",
        "18446744073709551616",
        "1e99",
        "-1",
        "\\u0000",
        "\\ud800",
        "CANARY",
    ];

    /// security.md 45, 46; contract: a page is parsed item by item, no malformed item goes uncounted, no
    /// membership is left out, and no fault contains a value.
    #[test]
    fn fuzz_page() {
        testing::fuzz::run(
            testing::corpus!("page"),
            WORDS,
            &0,
            any::<u64>(),
            |body, offset| {
                let users = read(body, *offset, |user: &PrintUser, item| {
                    prop_assert_eq!(item["id"].as_str(), Some(user.id.as_str()));
                    prop_assert_eq!(item["groups"].as_array().map(Vec::len), Some(user.groups.len()));
                    Ok(())
                });
                let groups = read(body, *offset, |group: &Group, item| {
                    prop_assert_eq!(item["id"].as_str(), Some(group.id.as_str()));
                    prop_assert_eq!(item["name"].as_str(), Some(group.name.as_str()));
                    Ok(())
                });
                users.and(groups)
            },
        );
    }

    fn read<T>(body: &[u8], offset: u64, check: impl Fn(&T, &Value) -> CheckResult) -> CheckResult
    where
        T: serde::de::DeserializeOwned + std::fmt::Debug,
    {
        let (page, info): (Page<T>, _) = match parse(body, offset) {
            Ok(read) => read,
            Err(fault) => {
                let told = format!("{fault} {fault:?}");
                prop_assert!(!told.contains("CANARY"), "{}", told);
                return Ok(());
            }
        };
        // Invalid text (half a surrogate pair, for example) affects only the item that contains it.
        let Ok(said) = serde_json::from_slice::<Value>(body) else {
            return Ok(());
        };
        let results = said["results"].as_array().map_or(&[][..], Vec::as_slice);
        prop_assert_eq!(page.offset, offset);
        prop_assert_eq!(page.results.len() + page.malformed.len(), results.len());
        prop_assert_eq!(info.rows, results.len() as u64);
        prop_assert_eq!(page.count, info.count);
        let malformed: Vec<usize> = page.malformed.iter().map(|item| item.index).collect();
        let readable = (0..results.len()).filter(|index| !malformed.contains(index));
        for (item, index) in page.results.iter().zip(readable) {
            check(item, &results[index])?;
        }
        for item in &page.malformed {
            let told = format!("{} {item:?}", item.why);
            prop_assert!(!told.contains("CANARY"), "{}", told);
        }
        // Nothing of a link is used except two numbers.
        match info.next {
            Next::Null => prop_assert!(said["next"].is_null()),
            Next::At { page_size, .. } => prop_assert!(said["next"].is_string() && page_size != Some(0)),
            Next::Unusable => prop_assert!(!said["next"].is_null()),
        }
        Ok(())
    }
}
