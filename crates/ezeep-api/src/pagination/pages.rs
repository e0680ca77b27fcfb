//! A list as a stream of pages, and one page alone.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, BoxStream, Stream, StreamExt};
use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::identified::Identified;
use crate::net::Limits;

use super::page::{Page, parse};
use super::plan::accepted_page_size;
use super::reading::{Fetch, Pager, Reading};

/// Whether an item matches the list's filter.
pub(crate) type Matches<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

/// A list, read page by page as the stream is polled, each id once. Nothing is requested before the first
/// poll; dropping it cancels. It ends after the last page or after the first error.
#[must_use = "a list is read when the stream is polled"]
pub struct Pages<T> {
    inner: BoxStream<'static, Result<Page<T>>>,
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_next_unpin(cx)
    }
}

impl<T> std::fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Pages<T> {
    /// The same stream, but it fails at the first item that `check` refuses.
    pub(crate) fn checked(self, check: impl Fn(&T) -> Result<()> + Send + 'static) -> Self {
        let inner = self.inner.scan(false, move |failed, page| {
            let page = page.and_then(|page| page.results.iter().try_for_each(&check).map(|()| page));
            // Ends at the first error.
            let page = (!*failed).then_some(page);
            *failed |= page.as_ref().is_some_and(Result::is_err);
            std::future::ready(page)
        });
        Self { inner: inner.boxed() }
    }
}

struct Reader<T> {
    reading: Reading,
    pager: Pager<T>,
    fetch: Fetch,
    filter: Option<Matches<T>>,
}

impl<T> Pages<T> {
    pub(crate) fn new(page_size: u32, limits: &Limits, fetch: Fetch, filter: Option<Matches<T>>) -> Self
    where
        T: DeserializeOwned + Identified + Send + 'static,
    {
        let mut reading = Reading::new(page_size, limits);
        let reader = Reader {
            pager: Pager::new(&mut reading, 1),
            reading,
            fetch,
            filter,
        };
        let inner = stream::try_unfold(reader, |mut reader| async move {
            let page = reader.next_page().await?;
            Ok(page.map(|page| (page, reader)))
        });
        Self { inner: inner.boxed() }
    }
}

impl<T> Reader<T>
where
    T: DeserializeOwned + Identified + Send + 'static,
{
    async fn next_page(&mut self) -> Result<Option<Page<T>>> {
        let mut page = self.pager.next_page(&mut self.reading, &self.fetch).await?;
        if let (Some(page), Some(matches)) = (&mut page, &self.filter) {
            page.filter_violations = page.results.iter().filter(|item| !matches(item)).count();
        }
        Ok(page)
    }
}

/// Reads one page, with at most `page_size` items from `offset` on.
///
/// # Errors
/// What the request fails with; [`Error::Malformed`](crate::Error::Malformed) if the reply is no page.
pub(crate) async fn single<T: DeserializeOwned>(
    offset: u64,
    page_size: u32,
    fetch: &Fetch,
) -> Result<Page<T>> {
    let page_size = page_size.max(1);
    let reply = fetch(offset, page_size).await?;
    let (mut page, info) = parse(&reply.body, offset).map_err(|why| reply.malformed(why))?;
    page.page_size = accepted_page_size(page_size, &info, offset.saturating_add(info.rows));
    Ok(page)
}
