//! Lists read by parallel pagination: from correct servers, from busy ones, and from others.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Server, client, client_with, quick, read_request};
use ezeep_api::{Client, Error, Group, Limits, PagingProblem, Pass};
use futures::FutureExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

/// The server's answer to one request: status code and reason, headers, and a body.
struct Answer {
    status: &'static str,
    headers: &'static str,
    body: String,
}

fn ok(body: String) -> Answer {
    Answer {
        status: "200 OK",
        headers: "",
        body,
    }
}

fn group(n: u64) -> String {
    format!(
        r#"{{"id":"g-{n}","name":"Group {n}","origin":{{"provider":"ezeep"}},"organization_id":"o-1","num_members":0,"num_printers":0}}"#
    )
}

fn page(count: u64, next: Option<u64>, items: impl IntoIterator<Item = u64>) -> Answer {
    let items: Vec<_> = items.into_iter().map(group).collect();
    let next = next.map_or("null".to_owned(), |offset| format!("\"/?offset={offset}\""));
    ok(format!(
        r#"{{"count":{count},"next":{next},"previous":null,"results":[{}]}}"#,
        items.join(",")
    ))
}

/// A page as the real server sends it, from `rows`, reporting `count`.
fn cut(rows: &[u64], count: u64, offset: u64, limit: u64, largest: u64) -> Answer {
    let length = rows.len() as u64;
    let start = offset.min(length);
    let end = (offset + limit.min(largest)).min(length);
    let next = (end < length).then_some(end);
    page(
        count,
        next,
        rows[start as usize..end.max(start) as usize].iter().copied(),
    )
}

/// The requests to the server, and how many it had at once.
#[derive(Default)]
struct Seen {
    now: AtomicUsize,
    most: AtomicUsize,
    asked: Mutex<Vec<(u64, u64)>>,
}

impl Seen {
    fn asked(&self) -> Vec<(u64, u64)> {
        self.asked.lock().unwrap().clone()
    }
}

/// A server that answers by `script`, each connection in its own task, so that requests are really
/// concurrent.
async fn serve(
    pause: Duration,
    script: impl Fn(u64, u64) -> Answer + Send + Sync + 'static,
) -> (Server, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let script = Arc::new(script);
    let log = Arc::clone(&seen);
    let server = Server::start(move |_, mut stream| {
        let (script, seen) = (Arc::clone(&script), Arc::clone(&log));
        async move {
            let Some(request) = read_request(&mut stream).await else {
                return;
            };
            let number = |name: &str| {
                let (_, rest) = request.split_once(name).unwrap();
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().unwrap()
            };
            let (offset, limit) = (number("offset="), number("limit="));
            let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
            seen.most.fetch_max(now, Ordering::SeqCst);
            seen.asked.lock().unwrap().push((offset, limit));
            let answer = script(offset, limit);
            tokio::time::sleep(pause).await;
            seen.now.fetch_sub(1, Ordering::SeqCst);
            let Answer { status, headers, body } = answer;
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        .boxed()
    })
    .await;
    (server, seen)
}

/// The result of reading a list, and what was seen meanwhile.
#[derive(Debug)]
struct Came {
    items: Vec<Group>,
    pass: Pass,
}

impl std::ops::Deref for Came {
    type Target = Pass;

    fn deref(&self) -> &Pass {
        &self.pass
    }
}

async fn read_with(client: &Client, limit: u32) -> ezeep_api::Result<Came> {
    let mut reading = client.reading_printing(limit);
    let mut items = Vec::new();
    client
        .read_groups(&mut reading, |more, _| items.extend(more))
        .await?;
    assert!(reading.has_ended());
    assert_eq!(reading.pass().items, items.len() as u64);
    let pass = reading.pass().clone();
    Ok(Came { items, pass })
}

async fn read(server: &Server, limit: u32) -> Came {
    read_with(&client(&server.url()), limit).await.unwrap()
}

fn ids(came: &Came) -> Vec<String> {
    came.items.iter().map(|group| group.id.to_string()).collect()
}

fn wanted(rows: impl IntoIterator<Item = u64>) -> Vec<String> {
    rows.into_iter().map(|n| format!("g-{n}")).collect()
}

fn problem(result: ezeep_api::Result<Came>) -> PagingProblem {
    match result {
        Err(Error::Paging { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_page_says_what_it_holds_and_how_large_pages_are() {
    let rows: Vec<u64> = (0..60).collect();
    let (server, _) = serve(Duration::ZERO, move |offset, limit| {
        cut(&rows, 60, offset, limit, 20)
    })
    .await;
    let page = client(&server.url()).groups_page(10, 100).await.unwrap();
    assert_eq!((page.count, page.offset, page.page_size), (60, 10, 20));
    let ids: Vec<_> = page.results.iter().map(|group| group.id.to_string()).collect();
    assert_eq!(ids, wanted(10..30));
}

#[tokio::test]
async fn every_size_of_list_is_read_whole_and_in_order_whatever_the_page() {
    for size in [0, 1, 2, 20, 21, 39, 58, 205] {
        for limit in [1, 2, 3, 1000] {
            let rows: Vec<u64> = (0..size).collect();
            let (server, _) = serve(Duration::ZERO, move |offset, limit| {
                cut(&rows, size, offset, limit, 20)
            })
            .await;
            let pass = read(&server, limit).await;
            assert_eq!(ids(&pass), wanted(0..size), "{size} by {limit}");
            assert!(pass.is_whole(), "{size} by {limit}");
        }
    }
}

/// security.md 48
#[tokio::test]
async fn pages_of_three_lists_are_under_way_together_but_never_more_than_eight() {
    let rows: Vec<u64> = (0..400).collect();
    let (server, seen) = serve(Duration::from_millis(5), move |offset, limit| {
        cut(&rows, 400, offset, limit, 10)
    })
    .await;
    let client = client(&server.url());
    let read = || read_with(&client, 10);
    let (one, two, three) = futures::try_join!(read(), read(), read()).unwrap();
    for pass in [one, two, three] {
        assert_eq!(ids(&pass), wanted(0..400));
        assert!(pass.is_whole());
    }
    assert_eq!(seen.most.load(Ordering::SeqCst), 8);
}

/// security.md 48
#[tokio::test]
async fn after_a_429_fewer_pages_are_under_way_and_none_is_lost() {
    let rows: Vec<u64> = (0..2_000).collect();
    let seen_later = Arc::new(Mutex::new(None::<Arc<Seen>>));
    let watch = Arc::clone(&seen_later);
    let refused = AtomicUsize::new(0);
    let most_later = Arc::new(AtomicUsize::new(0));
    let later = Arc::clone(&most_later);
    let (server, seen) = serve(Duration::from_millis(5), move |offset, limit| {
        if offset > 0 && refused.fetch_add(1, Ordering::SeqCst) == 0 {
            return Answer {
                status: "429 Too Many Requests",
                headers: "Retry-After: 1\r\n",
                body: r#"{"detail":"slow down"}"#.into(),
            };
        }
        // Far enough after the refusal that everything sent before it was answered.
        if offset > 1_000 {
            let now = watch.lock().unwrap().as_ref().unwrap().now.load(Ordering::SeqCst);
            later.fetch_max(now, Ordering::SeqCst);
        }
        cut(&rows, 2_000, offset, limit, 20)
    })
    .await;
    *seen_later.lock().unwrap() = Some(Arc::clone(&seen));
    let pass = read(&server, 20).await;
    assert_eq!(ids(&pass), wanted(0..2_000));
    assert!(pass.is_whole());
    // Four, and one more for each 32 of the hundred answers.
    let most = most_later.load(Ordering::SeqCst);
    assert!((1..8).contains(&most), "{most} at once");
}

#[tokio::test]
async fn progress_is_told_after_every_page() {
    let rows: Vec<u64> = (0..100).collect();
    let (server, _) = serve(Duration::ZERO, move |offset, limit| {
        cut(&rows, 100, offset, limit, 20)
    })
    .await;
    let told = Mutex::new(Vec::new());
    let client = client(&server.url());
    let mut reading = client.reading_printing(20);
    client
        .read_groups(&mut reading, |_, pass| {
            told.lock().unwrap().push((pass.len(), pass.count));
        })
        .await
        .unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told.first(), Some(&(20, 100)));
    assert_eq!(told.last(), Some(&(100, 100)));
    assert!(told.is_sorted());
}

/// security.md 46
#[tokio::test]
async fn somebody_added_or_gone_or_both_between_two_pages_is_noticed() {
    let before: Vec<u64> = (0..100).collect();
    let added: Vec<u64> = std::iter::once(1_000).chain(0..100).collect();
    let gone: Vec<u64> = (1..100).collect();
    // `count` does not show it: one was added at the front and one removed at the end, or the reverse.
    let down: Vec<u64> = std::iter::once(1_000).chain(0..99).collect();
    let up: Vec<u64> = (1..100).chain([1_000]).collect();
    for after in [added, gone, down, up] {
        let (then, now) = (before.clone(), after.clone());
        let (server, _) = serve(Duration::ZERO, move |offset, limit| {
            let rows = if offset == 0 { &then } else { &now };
            cut(rows, rows.len() as u64, offset, limit, 20)
        })
        .await;
        let pass = read(&server, 20).await;
        assert!(!pass.steady, "{after:?}");
        assert!(!pass.is_whole());
        let mut unique = ids(&pass);
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), pass.items.len(), "each id once");
    }
}

/// security.md 46
#[tokio::test]
async fn a_wrong_count_costs_nobody() {
    let rows: Vec<u64> = (0..3_000).collect();
    for (told, largest) in [(10, 20), (0, 20), (20, 20), (2_999, 20), (1_000, 100)] {
        let list = rows.clone();
        let (server, _) = serve(Duration::ZERO, move |offset, limit| {
            cut(&list, told, offset, limit, largest)
        })
        .await;
        let pass = read(&server, largest as u32).await;
        assert_eq!(ids(&pass), wanted(0..3_000), "told {told}");
        assert!(!pass.is_whole(), "and it is known that the server was wrong");
    }
    let few: Vec<u64> = (0..45).collect();
    let (server, seen) = serve(Duration::ZERO, move |offset, limit| {
        cut(&few, 1_000_000, offset, limit, 20)
    })
    .await;
    let pass = read(&server, 20).await;
    assert_eq!(ids(&pass), wanted(0..45));
    assert!(!pass.is_whole());
    assert!(
        seen.asked().len() < 60,
        "nobody asks for a million rows that don't come"
    );
}

/// security.md 46
#[tokio::test]
async fn a_list_that_grows_while_its_last_page_is_read_loses_no_row() {
    let rows: Vec<u64> = (0..60).collect();
    let (server, _) = serve(Duration::ZERO, move |offset, limit| match offset {
        0 => cut(&rows, 25, offset, limit, 20),
        // Shorter than requested, and longer than the first page's count needs.
        19 => cut(&rows, 60, offset, limit, 11),
        _ => cut(&rows, 60, offset, limit, 20),
    })
    .await;
    let pass = read(&server, 20).await;
    assert_eq!(ids(&pass), wanted(0..60));
    assert!(!pass.steady);
}

/// security.md 46: more than reported, after a full page that says it is the last.
#[tokio::test]
async fn a_full_last_page_is_not_believed_to_be_the_last() {
    let (server, _) = serve(Duration::ZERO, |offset, _| {
        page(20, None, offset..(offset + 20).min(70))
    })
    .await;
    assert_eq!(ids(&read(&server, 20).await), wanted(0..70));
}

/// security.md 46
#[tokio::test]
async fn ids_that_come_again_are_taken_once() {
    let rows: Vec<u64> = (0..100).map(|n| if n % 10 == 9 { 0 } else { n }).collect();
    let (server, _) = serve(Duration::ZERO, move |offset, limit| {
        cut(&rows, 100, offset, limit, 20)
    })
    .await;
    let pass = read(&server, 20).await;
    assert_eq!(ids(&pass), wanted((0..100).filter(|n| n % 10 != 9)));
    assert!(!pass.is_whole());
}

/// security.md 46
#[tokio::test]
async fn an_empty_page_in_the_middle_hides_only_its_own_rows_and_is_known() {
    let rows: Vec<u64> = (0..200).collect();
    let (server, _) = serve(Duration::ZERO, move |offset, limit| match offset {
        76 => page(200, None, []),
        _ => cut(&rows, 200, offset, limit, 20),
    })
    .await;
    let pass = read(&server, 20).await;
    assert_eq!(ids(&pass), wanted((0..77).chain(95..200)));
    assert!(pass.missing && !pass.is_whole());
}

/// security.md 46
#[tokio::test]
async fn a_limit_that_shrinks_costs_no_row() {
    for link in [true, false] {
        let rows: Vec<u64> = (0..300).collect();
        let served = AtomicU64::new(0);
        let (server, _) = serve(Duration::ZERO, move |offset, limit| {
            let largest = match served.fetch_add(1, Ordering::SeqCst) {
                0..3 => 50,
                3..6 => 20,
                6..30 => 7,
                _ => 1,
            };
            let mut answer = cut(&rows, 300, offset, limit, largest);
            if !link {
                answer.body = answer.body.replace("\"/?offset=", "\"somewhere:");
            }
            answer
        })
        .await;
        let pass = read(&server, 100).await;
        assert_eq!(ids(&pass), wanted(0..300));
        assert!(pass.is_whole());
    }
}

#[tokio::test]
async fn a_malformed_item_is_told_once_though_two_pages_hold_it() {
    let rows: Vec<u64> = (0..100).collect();
    let (server, _) = serve(Duration::ZERO, move |offset, limit| {
        let mut answer = cut(&rows, 100, offset, limit, 20);
        for bad in ["g-19", "g-50"] {
            answer.body = answer.body.replace(&format!("\"{bad}\""), "\"a/b\"");
        }
        answer
    })
    .await;
    let pass = read(&server, 20).await;
    assert_eq!(ids(&pass), wanted((0..100).filter(|n| *n != 19 && *n != 50)));
    assert_eq!(pass.malformed.keys().copied().collect::<Vec<_>>(), [19, 50]);
    assert!(pass.is_whole());
}

/// security.md 46
#[tokio::test]
async fn no_lie_about_pages_makes_reading_side_by_side_endless() {
    let limits = Limits {
        max_pages: 40,
        max_items: 500,
        ..quick()
    };
    let read = async |server: &Server| {
        read_with(&client_with(&server.url(), Arc::default(), limits.clone()), 20).await
    };
    let (stuck, _) = serve(Duration::ZERO, |_, _| page(1_000_000, Some(0), [1, 2])).await;
    assert_eq!(problem(read(&stuck).await), PagingProblem::Loop);

    let (hollow, _) = serve(Duration::ZERO, |offset, _| page(1_000_000, Some(offset + 1), [])).await;
    assert_eq!(problem(read(&hollow).await), PagingProblem::EmptyPages);

    let (far, _) = serve(Duration::ZERO, |_, _| page(9, Some(u64::MAX), [])).await;
    assert_eq!(problem(read(&far).await), PagingProblem::EmptyPages);

    let (endless, _) = serve(Duration::ZERO, |offset, _| {
        page(20, Some(offset + 20), offset..offset + 20)
    })
    .await;
    assert_eq!(problem(read(&endless).await), PagingProblem::TooManyItems);

    let (creeping, _) = serve(Duration::ZERO, |offset, _| page(1, Some(offset + 1), [offset])).await;
    assert_eq!(problem(read(&creeping).await), PagingProblem::TooManyPages);

    // The server ignores offsets and always returns the same full page.
    let (deaf, _) = serve(Duration::ZERO, |_, _| page(20, None, 0..20)).await;
    assert_eq!(ids(&read(&deaf).await.unwrap()), wanted(0..20));
}

#[tokio::test]
async fn an_error_past_the_end_is_the_end_and_any_other_fails_the_pass() {
    let past = |status: &'static str| {
        move |offset: u64, _: u64| match offset {
            0 => page(100, None, 0..20),
            _ => Answer {
                status,
                headers: "",
                body: "{}".into(),
            },
        }
    };
    for status in ["400 Bad Request", "404 Not Found", "416 Range Not Satisfiable"] {
        let (server, _) = serve(Duration::ZERO, past(status)).await;
        let pass = read(&server, 20).await;
        assert_eq!(ids(&pass), wanted(0..20), "{status}");
        assert!(!pass.is_whole());
    }
    let (server, _) = serve(Duration::ZERO, past("403 Forbidden")).await;
    let failed = read_with(&client(&server.url()), 20).await;
    assert!(failed.unwrap_err().is_status(403));
}

#[tokio::test]
async fn nothing_more_is_asked_for_after_a_cancel() {
    let rows: Vec<u64> = (0..1_000).collect();
    let reached = Arc::new(Notify::new());
    let signal = Arc::clone(&reached);
    let (server, seen) = serve(Duration::from_millis(20), move |offset, limit| {
        if offset > 200 {
            signal.notify_one();
        }
        cut(&rows, 1_000, offset, limit, 20)
    })
    .await;
    let client = client(&server.url());
    tokio::select! {
        _ = read_with(&client, 20) => panic!("it was read"),
        () = reached.notified() => {}
    }
    // Requests sent before may still arrive, and are answered.
    while seen.now.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    assert!(seen.asked().len() < 30);
}

#[tokio::test]
async fn the_largest_page_is_found_by_the_first_answer_and_used_from_then_on() {
    let rows: Vec<u64> = (0..205).collect();
    for echo in [false, true] {
        let list = rows.clone();
        let (server, seen) = serve(Duration::ZERO, move |offset, limit| {
            let mut answer = cut(&list, 205, offset, limit, 20);
            if echo {
                answer.body = answer.body.replace("/?offset=", "/?limit=1000&offset=");
            }
            answer
        })
        .await;
        let client = client(&server.url());
        assert!(read_with(&client, 1000).await.unwrap().is_whole());
        let asked = seen.asked();
        assert_eq!(asked[0], (0, 1000));
        assert!(asked[1..].iter().all(|(_, limit)| *limit == 20), "{asked:?}");
        assert_eq!(asked.len(), 11, "none is asked only to find out");
        assert!(read_with(&client, 1000).await.unwrap().is_whole());
        assert_eq!(seen.asked()[11], (0, 20), "it is remembered");
    }
}

#[tokio::test]
async fn a_server_that_refuses_large_pages_is_asked_for_a_hundred() {
    let rows: Vec<u64> = (0..250).collect();
    let (server, seen) = serve(Duration::ZERO, move |offset, limit| {
        if limit > 100 {
            return Answer {
                status: "400 Bad Request",
                headers: "",
                body: r#"{"limit":["too large"]}"#.into(),
            };
        }
        cut(&rows, 250, offset, limit, 100)
    })
    .await;
    let client = client(&server.url());
    let came = read_with(&client, 1000).await.unwrap();
    assert_eq!(ids(&came), wanted(0..250));
    assert_eq!(seen.asked()[..2], [(0, 1000), (0, 100)]);
    read_with(&client, 1000).await.unwrap();
    assert_eq!(seen.asked()[4], (0, 100), "it is remembered");
}

/// Reads until this many items have come, is cancelled, and reads on.
async fn read_in_two(server: &Server, after: u64) -> (Came, usize) {
    let client = client(&server.url());
    let mut reading = client.reading_printing(20);
    let mut items = Vec::new();
    let reached = Notify::new();
    tokio::select! {
        biased;
        () = reached.notified() => {}
        ended = client.read_groups(&mut reading, |more, pass| {
            items.extend(more);
            if pass.len() >= after {
                reached.notify_one();
            }
        }) => panic!("{ended:?}"),
    }
    assert!(reading.has_begun() && !reading.has_ended());
    let before = items.len();
    client
        .read_groups(&mut reading, |more, _| items.extend(more))
        .await
        .unwrap();
    let pass = reading.pass().clone();
    (Came { items, pass }, before)
}

#[tokio::test]
async fn a_list_that_was_left_half_read_is_read_on_from_there() {
    let rows: Vec<u64> = (0..400).collect();
    let (server, seen) = serve(Duration::from_millis(1), move |offset, limit| {
        cut(&rows, 400, offset, limit, 20)
    })
    .await;
    let (came, before) = read_in_two(&server, 200).await;
    assert_eq!(ids(&came), wanted(0..400));
    assert!(came.is_whole());
    assert!((200..400).contains(&before));
    let beginnings = seen.asked().iter().filter(|(offset, _)| *offset == 0).count();
    assert_eq!(beginnings, 1);
}

/// security.md 46
#[tokio::test]
async fn a_list_that_moved_while_it_was_left_is_known_to_have_moved() {
    let left = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&left);
    let (server, _) = serve(Duration::from_millis(1), move |offset, limit| {
        // From the second request for the same row on, one in front is gone and one has been added behind.
        let again = offset > 0 && offset < 300 && count.load(Ordering::SeqCst) > 0;
        let rows: Vec<u64> = if again {
            (1..401).collect()
        } else {
            (0..400).collect()
        };
        cut(&rows, 400, offset, limit, 20)
    })
    .await;
    let client = client(&server.url());
    let mut reading = client.reading_printing(20);
    let reached = Notify::new();
    tokio::select! {
        biased;
        () = reached.notified() => {}
        ended = client.read_groups(&mut reading, |_, pass| {
            if pass.len() >= 100 {
                reached.notify_one();
            }
        }) => panic!("{ended:?}"),
    }
    left.store(1, Ordering::SeqCst);
    client.read_groups(&mut reading, |_, _| {}).await.unwrap();
    assert!(reading.has_ended());
    assert!(!reading.pass().steady);
    assert!(
        reading.pass().len() < 400,
        "nothing more is asked of a list that is read again anyway"
    );
}
