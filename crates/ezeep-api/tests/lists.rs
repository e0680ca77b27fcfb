//! Lists read page by page, from correct servers and from others.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{client, client_with, quick};
use ezeep_api::{
    BearerToken, Client, Endpoints, Error, Fault, Group, GroupPatch, Limits, NewGroup, Page, Pages,
    PagingProblem, TokenSource, TokenUnavailable,
};
use futures::{StreamExt, TryStreamExt};
use ids::{GroupId, OrganizationId};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

fn group(n: u64) -> String {
    format!(
        r#"{{"id":"g-{n}","name":"Group {n}","origin":{{"provider":"ezeep"}},"organization_id":"o-1","num_members":0,"num_printers":0}}"#
    )
}

fn reply(count: u64, next: &str, items: &[String]) -> ResponseTemplate {
    let body = format!(
        r#"{{"count":{count},"next":{next},"previous":null,"results":[{}]}}"#,
        items.join(",")
    );
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn asked(request: &Request) -> (u64, u64) {
    let find = |name: &str| {
        request
            .url
            .query_pairs()
            .find(|(n, _)| n == name)
            .map_or(0, |(_, value)| value.parse().unwrap())
    };
    (find("offset"), find("limit"))
}

async fn server(answer: impl Fn(u64, u64) -> ResponseTemplate + Send + Sync + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(move |request: &Request| {
            let (offset, limit) = asked(request);
            answer(offset, limit)
        })
        .mount(&server)
        .await;
    server
}

/// Like the real server: this many groups, no page larger than `largest`, `next` made by `link`.
async fn honest(
    count: u64,
    largest: u64,
    link: impl Fn(u64, u64) -> String + Send + Sync + 'static,
) -> MockServer {
    server(move |offset, limit| {
        let size = limit.min(largest);
        let items: Vec<_> = (offset..count.min(offset + size)).map(group).collect();
        let next = if offset + size < count {
            link(size, offset + size)
        } else {
            "null".into()
        };
        reply(count, &next, &items)
    })
    .await
}

async fn all(pages: Pages<Group>) -> Vec<Page<Group>> {
    pages.try_collect().await.unwrap()
}

fn ids(pages: &[Page<Group>]) -> Vec<String> {
    pages
        .iter()
        .flat_map(|page| &page.results)
        .map(|group| group.id.to_string())
        .collect()
}

fn wanted(count: u64) -> Vec<String> {
    (0..count).map(|n| format!("g-{n}")).collect()
}

async fn offsets(server: &MockServer) -> Vec<(u64, u64)> {
    server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .map(asked)
        .collect()
}

/// security.md 45: `next` as in the vendor's documents, and as an attacker would write it.
#[tokio::test]
async fn only_limit_and_offset_are_read_out_of_next_and_nothing_is_sent_to_it() {
    let other = MockServer::start().await;
    let elsewhere = other.uri();
    let links: Vec<Box<dyn Fn(u64, u64) -> String + Send + Sync>> = vec![
        Box::new(|limit, offset| {
            format!("\"http://api2.ezeep.com/printing/v1/groups/?limit={limit}&offset={offset}\"")
        }),
        Box::new(move |limit, offset| format!("\"{elsewhere}/steal?limit={limit}&offset={offset}\"")),
        Box::new(|limit, offset| {
            format!("\"http://user:pass@127.0.0.1:1/?offset={offset}&limit={limit}#x\"")
        }),
        Box::new(|_, offset| format!("\"?offset={offset}\"")),
        Box::new(|_, _| "\"https://evil.example/\"".into()),
        Box::new(|_, _| "\"not a link at all\"".into()),
        Box::new(|_, _| "17".into()),
    ];
    for link in links {
        let server = honest(45, 20, link).await;
        let pages = all(client(&server.uri()).groups(20)).await;
        assert_eq!(ids(&pages), wanted(45));
        assert_eq!(offsets(&server).await, [(0, 20), (19, 20), (38, 20)]);
    }
    assert_eq!(other.received_requests().await.unwrap().len(), 0);
}

/// security.md 46
#[tokio::test]
async fn a_clamped_limit_is_noticed_and_used_from_then_on() {
    let with_limit = |limit: u64, offset: u64| format!("\"http://h/?limit={limit}&offset={offset}\"");
    let server = honest(250, 100, with_limit).await;
    let pages = all(client(&server.uri()).groups(1_000)).await;
    assert_eq!(ids(&pages), wanted(250));
    assert_eq!(offsets(&server).await, [(0, 1_000), (99, 100), (198, 100)]);
    assert_eq!(
        (pages[0].page_size, pages[0].count, pages[1].offset),
        (100, 250, 99)
    );

    let silent = honest(250, 100, |_, offset| format!("\"http://h/?offset={offset}\"")).await;
    assert_eq!(ids(&all(client(&silent.uri()).groups(1_000)).await), wanted(250));
    assert_eq!(offsets(&silent).await, [(0, 1_000), (99, 100), (198, 100)]);
}

/// security.md 46: a link made from the requested limit, not from the server's, would skip people.
#[tokio::test]
async fn a_next_that_jumps_ahead_does_not_skip_anybody() {
    let server = server(|offset, limit| {
        let items: Vec<_> = (offset..150.min(offset + 30)).map(group).collect();
        let next = if offset + 30 < 150 {
            format!("\"/?limit={limit}&offset={}\"", offset + limit)
        } else {
            "null".into()
        };
        reply(150, &next, &items)
    })
    .await;
    assert_eq!(ids(&all(client(&server.uri()).groups(100)).await), wanted(150));
}

#[tokio::test]
async fn one_malformed_item_is_reported_and_the_page_is_kept() {
    let items = [
        group(1),
        r#"{"id":"bad/secret","name":"x"}"#.into(),
        r#"{"id":"g-9","name":"secret"}"#.into(),
        "7".into(),
        r#"["g-7","x"]"#.into(),
        group(2),
    ];
    let server = server(move |_, _| reply(6, "null", &items)).await;
    let pages = all(client(&server.uri()).groups(20)).await;
    assert_eq!(ids(&pages), ["g-1", "g-2"]);
    let malformed = &pages[0].malformed;
    assert_eq!(
        malformed.iter().map(|m| m.index).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert_eq!(malformed[0].why, Fault::Invalid { path: "id".into() });
    assert_eq!(malformed[1].why, Fault::Missing { path: ".".into() });
    assert!(!format!("{malformed:?}").contains("secret"));
    let ids = malformed.iter().map(|m| m.id.as_ref().map(|id| id.as_str()));
    assert_eq!(
        ids.collect::<Vec<_>>(),
        [Some("bad/secret"), Some("g-9"), None, None]
    );
}

#[tokio::test]
async fn a_malformed_item_counts_for_the_place_of_the_next_page() {
    let server = server(|offset, limit| {
        let rows = [group(0), "{}".into(), group(2)];
        let (start, end) = (offset.min(3) as usize, (offset + limit).min(3) as usize);
        reply(3, if end < 3 { "\"x\"" } else { "null" }, &rows[start..end])
    })
    .await;
    let pages = all(client(&server.uri()).groups(2)).await;
    assert_eq!(ids(&pages), ["g-0", "g-2"]);
    let malformed: usize = pages.iter().map(|page| page.malformed.len()).sum();
    assert_eq!(malformed, 1, "told once though two pages have it");
}

#[tokio::test]
async fn an_empty_list_is_one_empty_page() {
    let server = honest(0, 20, |_, _| unreachable!()).await;
    let pages = all(client(&server.uri()).groups(20)).await;
    assert_eq!((pages.len(), pages[0].results.len(), pages[0].count), (1, 0, 0));
}

/// security.md 46
#[tokio::test]
async fn an_empty_page_in_the_middle_does_not_end_the_list() {
    for with_next in [true, false] {
        let server = server(move |offset, _| {
            let items: Vec<_> = if offset == 19 {
                vec![]
            } else {
                (offset..60.min(offset + 20)).map(group).collect()
            };
            let next = match (offset < 40, with_next) {
                (true, true) => format!("\"/?limit=20&offset={}\"", offset + 20),
                (true, false) => "\"unreadable\"".into(),
                _ => "null".into(),
            };
            reply(60, &next, &items)
        })
        .await;
        let pages = all(client(&server.uri()).groups(20)).await;
        assert_eq!(
            ids(&pages).len(),
            42,
            "the missing ones are seen by comparing with count"
        );
        assert_eq!(pages.last().unwrap().count, 60);
    }
}

/// security.md 46
#[tokio::test]
async fn more_people_than_told_are_read_and_fewer_end_the_list() {
    let more = server(|offset, _| {
        let items: Vec<_> = (offset..300.min(offset + 20)).map(group).collect();
        let next = if offset + 20 < 300 {
            format!("\"/?offset={}\"", offset + 20)
        } else {
            "null".into()
        };
        reply(10, &next, &items)
    })
    .await;
    assert_eq!(ids(&all(client(&more.uri()).groups(20)).await), wanted(300));

    let fewer = server(|offset, _| {
        let items: Vec<_> = (offset..45.min(offset + 20)).map(group).collect();
        reply(1_000, "null", &items)
    })
    .await;
    assert_eq!(
        ids(&all(client(&fewer.uri()).groups(20)).await),
        wanted(45),
        "null with more to come is asked on"
    );
}

#[tokio::test]
async fn an_error_past_the_end_that_the_server_named_is_the_end() {
    let answers = |status: u16| {
        move |offset: u64, _: u64| {
            if offset == 0 {
                reply(100, "null", &[group(0)])
            } else {
                ResponseTemplate::new(status)
            }
        }
    };
    for status in [400, 404, 416] {
        let server = server(answers(status)).await;
        assert_eq!(ids(&all(client(&server.uri()).groups(20)).await), ["g-0"]);
    }
    let forbidden = server(answers(403)).await;
    let mut pages = client(&forbidden.uri()).groups(20);
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().unwrap_err().is_status(403));
    assert!(pages.next().await.is_none(), "an error is the end of the stream");
}

fn paging(error: Error) -> PagingProblem {
    match error {
        Error::Paging { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

/// security.md 46
#[tokio::test]
async fn no_lie_about_pages_makes_the_reading_endless() {
    let limits = Limits {
        max_pages: 40,
        max_items: 500,
        ..quick()
    };
    let read = async |server: &MockServer| -> Result<Vec<Page<Group>>, Error> {
        client_with(&server.uri(), Arc::default(), limits.clone())
            .groups(20)
            .try_collect()
            .await
    };

    let stuck = server(|_, _| reply(1_000_000, "\"/?offset=0\"", &[group(1), group(2)])).await;
    assert_eq!(paging(read(&stuck).await.unwrap_err()), PagingProblem::Loop);

    let turn = AtomicUsize::new(0);
    let circle = server(move |_, _| {
        let n = turn.fetch_add(1, Ordering::SeqCst) as u64 % 3;
        reply(1_000_000, "\"/?offset=1\"", &[group(n)])
    })
    .await;
    assert_eq!(paging(read(&circle).await.unwrap_err()), PagingProblem::Loop);

    let hollow = server(|offset, _| reply(1_000_000, &format!("\"/?offset={}\"", offset + 1), &[])).await;
    assert_eq!(
        paging(read(&hollow).await.unwrap_err()),
        PagingProblem::EmptyPages
    );

    let endless = server(|offset, _| {
        let items: Vec<_> = (offset..offset + 20).map(group).collect();
        reply(20, &format!("\"/?offset={}\"", offset + 20), &items)
    })
    .await;
    assert_eq!(
        paging(read(&endless).await.unwrap_err()),
        PagingProblem::TooManyItems
    );

    let creeping =
        server(|offset, _| reply(1, &format!("\"/?offset={}\"", offset + 1), &[group(offset)])).await;
    assert_eq!(
        paging(read(&creeping).await.unwrap_err()),
        PagingProblem::TooManyPages
    );

    let far = server(|_, _| reply(9, "\"/?offset=18446744073709551615\"", &[])).await;
    assert_eq!(paging(read(&far).await.unwrap_err()), PagingProblem::EmptyPages);
}

#[tokio::test]
async fn a_page_repeated_once_because_people_were_added_is_no_loop() {
    // Twenty people added before the second page is read move the first twenty there.
    let server = server(|offset, _| {
        let first = offset.saturating_sub(20);
        let items: Vec<_> = (first..60.min(first + 20)).map(group).collect();
        let next = if first + 20 < 60 {
            format!("\"/?offset={}\"", offset + 20)
        } else {
            "null".into()
        };
        reply(80, &next, &items)
    })
    .await;
    let pages = all(client(&server.uri()).groups(20)).await;
    assert_eq!(ids(&pages), wanted(60), "each once");
}

#[tokio::test]
async fn nothing_is_asked_before_the_first_poll_nor_after_the_stream_is_dropped() {
    let server = honest(100, 20, |_, offset| format!("\"/?offset={offset}\"")).await;
    let client = client(&server.uri());
    drop(client.groups(20));
    let mut pages = client.groups(20);
    assert_eq!(offsets(&server).await.len(), 0);
    pages.try_next().await.unwrap().unwrap();
    drop(pages);
    assert_eq!(offsets(&server).await.len(), 1);
}

#[tokio::test]
async fn a_limit_of_nothing_is_a_limit_of_one() {
    let server = honest(2, 20, |_, offset| format!("\"/?offset={offset}\"")).await;
    assert_eq!(ids(&all(client(&server.uri()).groups(0)).await), wanted(2));
}

#[tokio::test]
async fn a_failing_page_is_tried_again_and_the_list_goes_on() {
    let failures = AtomicUsize::new(2);
    let server = server(move |offset, _| {
        if offset == 19
            && failures
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                .is_ok()
        {
            return ResponseTemplate::new(502).set_body_string("<html>bad gateway</html>");
        }
        let items: Vec<_> = (offset..40.min(offset + 20)).map(group).collect();
        reply(40, if offset == 0 { "\"/?offset=20\"" } else { "null" }, &items)
    })
    .await;
    assert_eq!(ids(&all(client(&server.uri()).groups(20)).await), wanted(40));
}

/// A source whose tokens must belong to `o-1`.
struct OneOrganization;

#[derive(Debug, thiserror::Error)]
#[error("another organization's")]
struct Another;

#[async_trait::async_trait]
impl TokenSource for OneOrganization {
    async fn token(&self) -> Result<BearerToken, TokenUnavailable> {
        Ok(BearerToken::new("token".to_owned().into(), 1))
    }

    async fn renew(&self, _: u64) -> Result<BearerToken, TokenUnavailable> {
        self.token().await
    }

    fn answered_for(&self, organization: &OrganizationId) -> Result<(), TokenUnavailable> {
        match organization.as_str() {
            "o-1" => Ok(()),
            _ => Err(TokenUnavailable(Box::new(Another))),
        }
    }
}

/// security.md 44: no data of a group of another organization is returned, by any call.
#[tokio::test]
async fn a_group_of_another_organization_than_the_tokens_ends_the_call() {
    let theirs = || group(1).replace("o-1", "o-2");
    let server = MockServer::start().await;
    let one = wiremock::matchers::path_regex("/groups/g-1/$");
    let object = move || ResponseTemplate::new(200).set_body_raw(theirs(), "application/json");
    Mock::given(one).respond_with(object()).mount(&server).await;
    let post = wiremock::matchers::method("POST");
    Mock::given(post).respond_with(object()).mount(&server).await;
    Mock::given(any())
        .respond_with(move |request: &Request| match asked(request).0 {
            0 => reply(2, "\"/?offset=1\"", &[group(0)]),
            _ => reply(2, "null", &[theirs()]),
        })
        .mount(&server)
        .await;
    let url = url::Url::parse(&server.uri()).unwrap();
    let client = Client::new(
        ezeep_api::http_client(&quick()).unwrap(),
        Endpoints::new(url.clone(), url).unwrap(),
        Arc::new(OneOrganization),
        quick(),
    );
    fn disowned<T>(result: Result<T, Error>) {
        match result.err().unwrap() {
            Error::Token(TokenUnavailable(why)) => assert!(why.downcast_ref::<Another>().is_some()),
            other => panic!("{other:?}"),
        }
    }
    let id = GroupId::try_from("g-1").unwrap();
    disowned(client.group(&id).await);
    disowned(client.update_group(&id, &GroupPatch::default()).await);
    let new = NewGroup {
        name: "New".to_owned(),
        organization_id: OrganizationId::try_from("o-1").unwrap(),
        description: None,
        local_printing_enabled: None,
        myprinters_enabled: None,
    };
    disowned(client.create_group(&new).await);
    assert_eq!(client.groups_page(0, 1).await.unwrap().results.len(), 1);
    disowned(client.groups_page(1, 1).await);

    let mut pages = client.groups(1);
    assert_eq!(pages.next().await.unwrap().unwrap().results[0].id.as_str(), "g-0");
    disowned(pages.next().await.unwrap());
    assert!(pages.next().await.is_none(), "it goes on after its end");

    let mut came = Vec::new();
    let mut reading = client.reading_printing(1);
    disowned(
        client
            .read_groups(&mut reading, |groups, _| came.extend(groups))
            .await,
    );
    assert_eq!(came.iter().map(|g| g.id.as_str()).collect::<Vec<_>>(), ["g-0"]);
    disowned(client.read_groups(&mut reading, |_, _| {}).await);
}
