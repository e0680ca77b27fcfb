//! A list as a stream of pages, whose items are parsed one by one. Must never lose a page because of one
//! malformed item, nor drop an item because it looks out of place.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, Fault};
use crate::net::Limits;
use crate::paging::{Arrived, Cursor, Next, Step, clamped};
use crate::reply::{Reply, decode};
use crate::tolerant;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Items in the whole list, as the server reported with this page. The server may be wrong, and the
    /// number may change from page to page.
    pub count: u64,
    /// The offset of this page's first item.
    pub offset: u64,
    /// The page size requested from now on: smaller than the wanted one if the server has a limit of its own.
    pub limit: u32,
    /// The items that could be parsed. An id may occur twice, if pages overlap or entries were added
    /// meanwhile.
    pub items: Vec<T>,
    /// The items that could not be parsed.
    pub malformed: Vec<Malformed>,
    /// For a filtered list: how many of `items` don't match the filter, because the server has not applied
    /// it. They are not removed.
    pub strangers: usize,
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

/// A list, read page by page as the stream is polled. Nothing is requested before the first poll; dropping it
/// cancels. It ends after the last page or after the first error.
#[must_use = "a list is read when the stream is polled"]
pub struct Pages<T> {
    inner: BoxStream<'static, Result<Page<T>, Error>>,
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_next_unpin(cx)
    }
}

impl<T: Send + 'static> Pages<T> {
    /// The same stream, but it fails at the first item that `check` refuses.
    pub(crate) fn checked(self, check: impl Fn(&T) -> Result<(), Error> + Send + 'static) -> Self {
        let inner = self.inner.scan(false, move |failed, page| {
            let page = page.and_then(|page| page.items.iter().try_for_each(&check).map(|()| page));
            // Ends at the first error.
            let page = (!*failed).then_some(page);
            *failed |= page.as_ref().is_some_and(Result::is_err);
            std::future::ready(page)
        });
        Self { inner: inner.boxed() }
    }
}

impl<T> std::fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// Requests the page at an offset with a limit.
pub(crate) type Fetch = Box<dyn Fn(u64, u32) -> BoxFuture<'static, Result<Reply, Error>> + Send + Sync>;
/// Whether an item matches the list's filter.
pub(crate) type Belongs<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

struct Reader<T> {
    cursor: Cursor,
    fetch: Fetch,
    belongs: Option<Belongs<T>>,
}

impl<T: DeserializeOwned + Send + 'static> Pages<T> {
    pub(crate) fn new(limit: u32, limits: &Limits, fetch: Fetch, belongs: Option<Belongs<T>>) -> Self {
        let reader = Reader {
            cursor: Cursor::new(limit, limits),
            fetch,
            belongs,
        };
        let inner = stream::try_unfold(Some(reader), |reader| async move {
            let Some(mut reader) = reader else { return Ok(None) };
            let Some((page, step)) = reader.read().await? else {
                return Ok(None);
            };
            Ok(Some((page, (step == Step::More).then_some(reader))))
        });
        Self { inner: inner.boxed() }
    }
}

impl<T: DeserializeOwned> Reader<T> {
    async fn read(&mut self) -> Result<Option<(Page<T>, Step)>, Error> {
        let offset = self.cursor.offset();
        let reply = match (self.fetch)(offset, self.cursor.limit()).await {
            Err(error)
                if self.cursor.is_past_end() && [400, 404, 416].iter().any(|s| error.is_status(*s)) =>
            {
                return Ok(None);
            }
            reply => reply?,
        };
        let (mut page, arrived) = read_page::<T>(&reply.body, offset).map_err(|why| reply.malformed(why))?;
        let step = self.cursor.advance(&arrived).map_err(|problem| Error::Paging {
            problem,
            offset,
            count: page.count,
        })?;
        page.limit = self.cursor.limit();
        if let Some(belongs) = &self.belongs {
            page.strangers = page.items.iter().filter(|item| !belongs(item)).count();
        }
        Ok(Some((page, step)))
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

/// Reads one page.
pub(crate) async fn single<T: DeserializeOwned>(
    offset: u64,
    limit: u32,
    fetch: &Fetch,
) -> Result<Page<T>, Error> {
    let limit = limit.max(1);
    let reply = fetch(offset, limit).await?;
    let (mut page, arrived) = read_page::<T>(&reply.body, offset).map_err(|why| reply.malformed(why))?;
    page.limit = clamped(limit, &arrived, offset.saturating_add(arrived.items));
    Ok(page)
}

/// Parses a page, item by item.
pub(crate) fn read_page<T: DeserializeOwned>(body: &[u8], offset: u64) -> Result<(Page<T>, Arrived), Fault> {
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
    let arrived = Arrived {
        items: raw.results.len() as u64,
        count: raw.count,
        next,
        digest: hash.finish(),
    };
    Ok((
        Page {
            count: raw.count,
            offset,
            limit: 0,
            items,
            malformed,
            strangers: 0,
        },
        arrived,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{Next, Page, read_page};
    use crate::model::{Group, PrintUser};
    use testing::fuzz::Judged;

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

    fn read<T>(body: &[u8], offset: u64, check: impl Fn(&T, &Value) -> Judged) -> Judged
    where
        T: serde::de::DeserializeOwned + std::fmt::Debug,
    {
        let (page, arrived): (Page<T>, _) = match read_page(body, offset) {
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
        prop_assert_eq!(page.items.len() + page.malformed.len(), results.len());
        prop_assert_eq!(arrived.items, results.len() as u64);
        prop_assert_eq!(page.count, arrived.count);
        let malformed: Vec<usize> = page.malformed.iter().map(|item| item.index).collect();
        let readable = (0..results.len()).filter(|index| !malformed.contains(index));
        for (item, index) in page.items.iter().zip(readable) {
            check(item, &results[index])?;
        }
        for item in &page.malformed {
            let told = format!("{} {item:?}", item.why);
            prop_assert!(!told.contains("CANARY"), "{}", told);
        }
        // Nothing of a link is used except two numbers.
        match arrived.next {
            Next::Null => prop_assert!(said["next"].is_null()),
            Next::At { limit, .. } => prop_assert!(said["next"].is_string() && limit != Some(0)),
            Next::Unusable => prop_assert!(!said["next"].is_null()),
        }
        Ok(())
    }
}
