//! Lists: which pages are requested, and with which filter. Owns the largest page that each server was seen
//! to send.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt;
use http::Method;
use ids::GroupId;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::endpoints::Server;
use crate::error::Result;
use crate::identified::Identified;
use crate::pagination::{self, Fetch, Matches, Page, Pages, Pass, Reading};
use crate::reply::Reply;
use crate::route::Route;

use super::Client;

/// A list to read: its path and its filter.
#[derive(Clone)]
pub(super) struct Listing {
    route: Route,
    pub(super) group: Option<GroupId>,
    pub(super) body: Option<Value>,
}

impl Listing {
    pub(super) fn all(route: Route) -> Self {
        Self {
            route,
            group: None,
            body: None,
        }
    }
}

impl Client {
    /// The state of a read of [`Client::accounts`], before its beginning. Its pages have at most
    /// `page_size` items, or as many as this server was seen to send. If the server refuses a page of that
    /// size, 100 items are requested.
    pub fn reading_accounts(&self, page_size: u32) -> Reading {
        self.reading(Server::Account, page_size)
    }

    /// The state of a read of a list of the printing server, as [`Client::reading_accounts`].
    pub fn reading_printing(&self, page_size: u32) -> Reading {
        self.reading(Server::Printing, page_size)
    }

    pub(super) fn list<T>(&self, listing: Listing, page_size: u32, filter: Option<Matches<T>>) -> Pages<T>
    where
        T: DeserializeOwned + Identified + Send + 'static,
    {
        Pages::new(
            page_size,
            &self.inner.transport.limits,
            self.fetch(listing),
            filter,
        )
    }

    fn fetch(&self, listing: Listing) -> Fetch {
        let client = self.clone();
        Box::new(move |offset, page_size| {
            let (client, listing) = (client.clone(), listing.clone());
            async move { client.page(listing, offset, page_size).await }.boxed()
        })
    }

    fn reading(&self, server: Server, page_size: u32) -> Reading {
        let known = self.largest(server).load(Ordering::Relaxed);
        Reading::new(page_size.min(known), &self.inner.transport.limits)
    }

    fn largest(&self, server: Server) -> &AtomicU32 {
        match server {
            Server::Account => &self.inner.largest_account_page,
            Server::Printing => &self.inner.largest_printing_page,
        }
    }

    /// Reads the rest of a list. If `take` refuses a page, the next call begins at the first page.
    pub(super) async fn read<T>(
        &self,
        route: Route,
        reading: &mut Reading,
        take: impl FnMut(Vec<T>, &Pass) -> Result<()> + Send,
    ) -> Result<()>
    where
        T: DeserializeOwned + Identified + Send + 'static,
    {
        let fetch = self.fetch(Listing::all(route));
        let result = pagination::read(reading, &self.inner.transport.limits, &fetch, take).await;
        if let Some(largest) = reading.largest() {
            self.largest(route.server).store(largest, Ordering::Relaxed);
        }
        result
    }

    /// One page of a list.
    pub(super) async fn single<T: DeserializeOwned>(
        &self,
        route: Route,
        offset: u64,
        page_size: u32,
    ) -> Result<Page<T>> {
        pagination::single(offset, page_size, &self.fetch(Listing::all(route))).await
    }

    /// Requests one page.
    pub(super) async fn page(&self, listing: Listing, offset: u64, page_size: u32) -> Result<Reply> {
        let mut call = self.call(Method::GET, listing.route, "");
        call.cap = self.inner.transport.limits.page_body;
        {
            let mut query = call.url.query_pairs_mut();
            if let Some(group) = &listing.group {
                query.append_pair("group", group.as_str());
            }
            query
                .append_pair("limit", &page_size.to_string())
                .append_pair("offset", &offset.to_string());
        }
        if let Some(body) = &listing.body {
            call = call.json(body)?;
        }
        self.inner.transport.make(&call).await
    }
}
