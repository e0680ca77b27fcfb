//! Lists read from servers of all kinds, page after page and several at once.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::pagination::Pages;
use futures::TryStreamExt;

#[derive(Debug, Deserialize)]
struct Item {
    id: String,
}

impl Identified for Item {
    fn id(&self) -> &str {
        &self.id
    }
}

fn reply(count: u64, next: &str, ids: impl IntoIterator<Item = u64>) -> Reply {
    let results: Vec<_> = ids.into_iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let results = results.join(",");
    Reply {
        body: format!(r#"{{"count":{count},"next":{next},"results":[{results}]}}"#).into(),
        content_type: None,
    }
}

fn link(offset: u64, limit: Option<u32>) -> String {
    let limit = limit.map(|limit| format!("&limit={limit}"));
    format!("\"?offset={offset}{}\"", limit.unwrap_or_default())
}

/// The offset, page size and answered rows of each request.
type Requests = Arc<Mutex<Vec<(u64, u32, u64)>>>;

/// A server that answers by `script`, and the requests it got.
fn server(script: impl Fn(u64, u32) -> Reply + Send + Sync + 'static) -> (Fetch, Requests) {
    let requests = Requests::default();
    let seen = Arc::clone(&requests);
    let fetch = move |offset, page_size| {
        let reply = script(offset, page_size);
        let rows = String::from_utf8_lossy(&reply.body).matches("\"id\"").count();
        seen.lock().unwrap().push((offset, page_size, rows as u64));
        std::future::ready(Ok(reply)).boxed()
    };
    (Box::new(fetch), requests)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(future)
}

fn any_link() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("\"somewhere\"".to_owned()),
        (any::<u64>(), any::<Option<u32>>()).prop_map(|(offset, limit)| link(offset, limit)),
        (0..500_u64, 0..50_u32).prop_map(|(offset, limit)| link(offset, Some(limit))),
    ]
}

proptest! {
    /// security.md 46: whatever the server answers, reading goes forward, skips nothing that was received,
    /// and ends.
    #[test]
    fn any_server_is_read_forward_and_to_an_end(
        page_size: u32,
        pages in prop::collection::vec((0..60_u64, any::<u64>(), any_link(), 0..40_u64), 1..80),
        window in prop_oneof![Just(1_usize), Just(16)],
    ) {
        let limits = Limits { max_pages: 60, max_items: 2_000, ..Limits::default() };
        let turn = Mutex::new(0..);
        let (fetch, requests) = server(move |_, _| {
            let turn = turn.lock().unwrap().next().unwrap_or_default();
            let (rows, count, next, first) = &pages[turn % pages.len()];
            reply(*count, next, *first..first + rows)
        });
        let mut reading = Reading::new(page_size, &limits);
        let ended = block_on(async {
            let mut pager = Pager::<Item>::new(&mut reading, window);
            loop {
                match pager.next_page(&mut reading, &fetch).await {
                    Ok(Some(_)) => {}
                    end => break end,
                }
            }
        });
        prop_assert_eq!(reading.has_ended(), ended.is_ok());
        let requests = requests.lock().unwrap();
        // Those under way when the last page is taken.
        prop_assert!(requests.len() <= 61 + window);
        prop_assert!(requests.iter().all(|(_, size, _)| (1..=page_size.max(1)).contains(size)));
        if window == 1 {
            let mut reached = 0;
            for pair in requests.windows(2) {
                let [(before, _, rows), (offset, _, _)] = pair else { continue };
                // A page may have more rows than requested, and the next one fewer.
                reached = reached.max(before + rows);
                prop_assert!(*rows == 0 || *offset <= reached, "{:?}", requests);
            }
        }
    }

    /// security.md 46: a correct server's list is read completely, each item once and in order, whatever its
    /// largest page and its links.
    #[test]
    fn an_honest_server_is_read_whole(
        count in 0..700_u64, page_size in 1..120_u32, largest in 1..120_u64, style in 0..4_u8,
    ) {
        let page = move |offset: u64, limit: u32| {
            let size = u64::from(limit).min(largest);
            let end = count.min(offset.saturating_add(size));
            let next = match style {
                _ if end >= count => "null".to_owned(),
                0 => link(end, u32::try_from(size).ok()),
                1 => link(end, None),
                2 => "\"somewhere\"".to_owned(),
                _ => link(offset + u64::from(limit), Some(limit)),
            };
            reply(count, &next, offset..end.max(offset))
        };
        let all: Vec<String> = (0..count).map(|id| id.to_string()).collect();
        let limits = Limits::default();
        let ids = |items: Vec<Item>| items.into_iter().map(|item| item.id);

        let (fetch, _) = server(page);
        let mut reading = Reading::new(page_size, &limits);
        let mut came = Vec::new();
        let take = |items, _: &_| {
            came.extend(ids(items));
            Ok(())
        };
        block_on(read(&mut reading, &limits, &fetch, take)).unwrap();
        prop_assert_eq!(&came, &all);
        prop_assert!(reading.pass().is_whole());

        let (fetch, requests) = server(page);
        let pages = block_on(Pages::<Item>::new(page_size, &limits, fetch, None).try_collect::<Vec<_>>());
        let came: Vec<_> = pages.unwrap().into_iter().flat_map(|page| ids(page.results)).collect();
        prop_assert_eq!(came, all);
        // Each page but the first begins with the row that the one before it ended with.
        let rows = u64::from(page_size).min(largest);
        let new = if rows > 1 { rows - 1 } else { 1 };
        // A full last page may not be the last.
        let most = 2 + count.saturating_sub(rows).div_ceil(new);
        prop_assert!(requests.lock().unwrap().len() as u64 <= most, "{:?}", requests);
    }
}
