//! A sign-in attempt from its URL to its answer, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ezeep_auth::{BeginError, CallbackError, Hints, Prompt, RedirectUri};
use sha2::{Digest, Sha256};
use testing::Port;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

mod support;

use support::browser::{Browser, begin, localhost};
use support::{config, get, has_v6, nowhere, oauth, oauth_at, parameter, patiently, raw, status};

/// security.md 2, 3, 4.
#[tokio::test]
async fn the_authorization_url_holds_each_standard_parameter_once_and_the_redirect_byte_for_byte() {
    let reserved = Port::reserve().unwrap();
    let oauth = localhost(reserved.number());
    let hints = Hints {
        social_azure: true,
        prompt: Some(Prompt::None),
    };
    let attempt = oauth.begin(hints).await.unwrap();
    let url = attempt.authorization_url();
    assert!(
        url.as_str()
            .starts_with("https://account.example/oauth/authorize/?"),
        "{url}"
    );
    assert_eq!(parameter(url, "response_type"), "code");
    assert_eq!(
        parameter(url, "client_id"),
        "78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj"
    );
    assert_eq!(parameter(url, "redirect_uri"), oauth.config().redirect.as_str());
    assert_eq!(parameter(url, "scope"), "printing printing.printers.readonly");
    assert_eq!(parameter(url, "code_challenge_method"), "S256");
    assert_eq!(parameter(url, "code_challenge").len(), 43);
    assert_eq!(parameter(url, "social"), "azure");
    assert_eq!(parameter(url, "prompt"), "none");
    drop(attempt);
    let plain = begin(&oauth).await.unwrap();
    assert!(
        !plain
            .authorization_url()
            .query_pairs()
            .any(|(name, _)| name == "social" || name == "prompt")
    );
}

/// security.md 2.
#[tokio::test]
async fn a_thousand_attempts_have_a_thousand_states_and_challenges_of_128_bits_or_more() {
    let oauth = oauth_at(&nowhere());
    let mut seen = HashSet::new();
    for _ in 0..1000 {
        let attempt = begin(&oauth).await.unwrap();
        let state = parameter(attempt.authorization_url(), "state");
        assert!(URL_SAFE_NO_PAD.decode(&state).unwrap().len() >= 16);
        assert!(seen.insert(state));
        assert!(seen.insert(parameter(attempt.authorization_url(), "code_challenge")));
    }
}

/// security.md 6.
#[tokio::test]
async fn the_port_is_bound_before_the_url_is_known_and_answers_before_anyone_waits() {
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let attempt = begin(&localhost(port)).await.unwrap();
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err());
    let early = tokio::spawn(async move { get(&format!("127.0.0.1:{port}"), "/early").await });
    let cancel = CancellationToken::new();
    let wait = tokio::spawn(async move { attempt.wait(&cancel, Duration::from_secs(1)).await.err() });
    // A `Host` that is not the redirect's is refused; the test is that it is answered.
    assert_eq!(status(&patiently(early).await.unwrap()), 400);
    assert_eq!(patiently(wait).await.unwrap(), Some(CallbackError::TimedOut));
}

/// security.md 7: both families, whichever the browser uses.
#[tokio::test]
async fn localhost_is_answered_over_both_address_families() {
    for v6 in [false, true] {
        if v6 && !has_v6() {
            continue;
        }
        let reserved = Port::reserve().unwrap();
        let port = reserved.number();
        let attempt = begin(&localhost(port)).await.unwrap();
        let state = parameter(attempt.authorization_url(), "state");
        let address = if v6 {
            format!("[::1]:{port}")
        } else {
            format!("127.0.0.1:{port}")
        };
        let request =
            format!("GET /oauth/callback?state={state}&code=abc HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        let cancel = CancellationToken::new();
        let (code, page) = tokio::join!(
            attempt.wait(&cancel, Duration::from_secs(60)),
            raw(&address, request.as_bytes())
        );
        assert!(code.is_ok());
        assert_eq!(status(&page), 200);
    }
}

/// security.md 7: on a computer or with a redirect that has only IPv6.
#[tokio::test]
async fn an_ipv6_redirect_is_answered_there() {
    if !has_v6() {
        return;
    }
    let reserved = Port::reserve().unwrap();
    let address = format!("[::1]:{}", reserved.number());
    let redirect = RedirectUri::try_from(format!("http://{address}/oauth/callback").as_str()).unwrap();
    let attempt = begin(&oauth(config(&nowhere(), redirect))).await.unwrap();
    let state = parameter(attempt.authorization_url(), "state");
    let cancel = CancellationToken::new();
    let target = format!("/oauth/callback?state={state}&code=abc");
    let (code, page) = tokio::join!(
        attempt.wait(&cancel, Duration::from_secs(60)),
        get(&address, &target)
    );
    assert!(code.is_ok());
    assert_eq!(status(&page), 200);
}

/// security.md 7, 8: a port taken in either family is reported, and there is no URL to open.
#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it_whichever_family_took_it() {
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let squatter = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    assert_eq!(
        begin(&localhost(port)).await.err(),
        Some(BeginError::PortBusy { port })
    );
    drop(squatter);
    if has_v6() {
        let squatter = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).unwrap();
        assert_eq!(
            begin(&localhost(port)).await.err(),
            Some(BeginError::PortBusy { port })
        );
        drop(squatter);
        let squatter = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap();
        assert_eq!(
            begin(&localhost(port)).await.err(),
            Some(BeginError::PortBusy { port })
        );
        drop(squatter);
    }
    let squatter = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
    assert_eq!(
        begin(&localhost(port)).await.err(),
        Some(BeginError::PortBusy { port })
    );
    drop(squatter);
    assert!(begin(&localhost(port)).await.is_ok());
}

#[tokio::test]
async fn a_custom_scheme_without_anyone_who_brings_its_links_says_so() {
    let redirect = RedirectUri::try_from("dev.pressroom.console://oauth/callback").unwrap();
    let oauth = oauth(config(&nowhere(), redirect));
    assert_eq!(begin(&oauth).await.err(), Some(BeginError::RedirectUnsupported));
}

/// security.md 9.
#[tokio::test]
async fn only_a_get_of_the_exact_path_and_host_is_heard() {
    let browser = Browser::open().await;
    let Browser { address, state, .. } = &browser;
    let answer = format!("state={state}&code=abc");
    let path = format!("/oauth/callback?{answer}");
    let host = format!("Host: {address}\r\n");
    let port = address.split(':').nth(1).unwrap();
    for (request, code) in [
        (format!("GET /favicon.ico HTTP/1.1\r\n{host}\r\n"), 404),
        (format!("GET /?{answer} HTTP/1.1\r\n{host}\r\n"), 404),
        (
            format!("GET /oauth/callback//?{answer} HTTP/1.1\r\n{host}\r\n"),
            404,
        ),
        (
            format!("GET /oauth/callback/x?{answer} HTTP/1.1\r\n{host}\r\n"),
            404,
        ),
        (
            format!("GET /OAuth/callback?{answer} HTTP/1.1\r\n{host}\r\n"),
            404,
        ),
        (
            format!("GET /oauth/%63allback?{answer} HTTP/1.1\r\n{host}\r\n"),
            404,
        ),
        (
            format!("GET /x/../oauth/callback?{answer} HTTP/1.1\r\n{host}\r\n"),
            404,
        ),
        (format!("GET http://{address}{path} HTTP/1.1\r\n{host}\r\n"), 404),
        (
            format!("POST {path} HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n"),
            405,
        ),
        (format!("HEAD {path} HTTP/1.1\r\n{host}\r\n"), 405),
        (format!("OPTIONS {path} HTTP/1.1\r\n{host}\r\n"), 405),
        (format!("GET {path} HTTP/1.1\r\nHost: evil\r\n\r\n"), 400),
        (
            format!("GET {path} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
            400,
        ),
        (
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
            400,
        ),
        (format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 400),
        (format!("GET {path} HTTP/1.1\r\n{host}{host}\r\n"), 400),
        (format!("GET {path} HTTP/1.1\r\nX-Forwarded-{host}\r\n"), 400),
        (format!("GET {path} HTTP/1.0\r\n\r\n"), 400),
        ("\u{16}\u{4}\u{1}\u{2}\r\n\r\n".to_owned(), 400),
    ] {
        let page = raw(address, request.as_bytes()).await;
        assert_eq!(status(&page), code, "{request}");
        assert!(!page.contains(state.as_str()));
        assert!(!browser.waiting.is_finished(), "{request}");
    }
    browser.succeeds().await;
}

/// security.md 9; contract: `redirect_uri/?code=`.
#[tokio::test]
async fn one_trailing_slash_more_or_less_is_the_same_path() {
    let browser = Browser::open().await;
    let page = get(
        &browser.address,
        &format!("/oauth/callback/?state={}&code=abc", browser.state),
    )
    .await;
    assert_eq!(status(&page), 200);
    assert!(patiently(browser.waiting).await.unwrap().is_ok());

    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let redirect = RedirectUri::try_from(format!("http://127.0.0.1:{port}/cb/").as_str()).unwrap();
    let browser = Browser::at(&oauth(config(&nowhere(), redirect))).await;
    let page = get(&browser.address, &format!("/cb?state={}&code=abc", browser.state)).await;
    assert_eq!(status(&page), 200);
}

/// security.md 10, 19.
#[tokio::test]
async fn fifty_forged_callbacks_neither_complete_nor_cancel() {
    let browser = Browser::open().await;
    for n in 0..50 {
        let forged = match n % 4 {
            0 => format!("state=forged{n}&code=abc"),
            1 => format!("state=forged{n}&error=access_denied"),
            2 => "error=access_denied".to_owned(),
            _ => format!("state={0}&state={0}&code=abc", browser.state),
        };
        assert_eq!(
            status(&get(&browser.address, &format!("/oauth/callback?{forged}")).await),
            400
        );
    }
    browser.succeeds().await;
}

/// security.md 11: endless and late requests are refused while the real answer arrives.
#[tokio::test]
async fn slow_and_endless_requests_do_not_keep_the_real_one_out() {
    let browser = Browser::open().await;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(&browser.address).await.unwrap();
        stream.write_all(b"GET /oauth/callback?sta").await.unwrap();
        slow.push(stream);
    }
    let target = "x".repeat(64 * 1024);
    let host = &browser.address;
    for endless in [
        format!("GET /{target}"),
        format!("GET / HTTP/1.1\r\nHost: {target}"),
        format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nX: {}",
            "x".repeat(2 * 1024 * 1024)
        ),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\n{}", "a: b\r\n".repeat(350_000)),
        "\r\n".repeat(1024 * 1024),
    ] {
        let answer = patiently(raw(&browser.address, endless.as_bytes())).await;
        // Unread bytes may reset the connection before the answer is seen; it is never a success.
        assert!(answer.is_empty() || status(&answer) == 431, "{answer}");
    }
    patiently(browser.succeeds()).await;
}

/// security.md 11: an answer with the cookies of other programs on this host is accepted.
#[tokio::test]
async fn an_answer_with_the_cookies_of_a_real_browser_signs_in() {
    // Chromium keeps 180 cookies of 4,096 bytes for one host (net/cookies/cookie_monster.h,
    // kDomainMaxCookies).
    let cookies = |count: usize, bytes: usize| {
        let cookies: Vec<_> = (0..count)
            .map(|n| format!("c{n}={}", "x".repeat(bytes)))
            .collect();
        format!("Cookie: {}\r\n", cookies.join("; "))
    };
    for cookie in [
        String::new(),
        cookies(1, 9 * 1024),
        cookies(4, 4 * 1024),
        cookies(5, 4 * 1024).repeat(3),
        cookies(180, 4096 - 5),
        "Cookie: a=b\r\n".repeat(180),
    ] {
        let browser = Browser::open().await;
        let Browser { address, state, .. } = &browser;
        let request = format!(
            "GET /oauth/callback?state={state}&code=abc HTTP/1.1\r\nHost: {address}\r\n{CHROMIUM}{cookie}\r\n"
        );
        let page = patiently(raw(address, request.as_bytes())).await;
        assert_eq!(status(&page), 200, "{} bytes of cookies", cookie.len());
        assert!(patiently(browser.waiting).await.unwrap().is_ok());
    }
}

/// Chromium's other request headers.
const CHROMIUM: &str = "Connection: keep-alive\r\n\
    sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n\
    sec-ch-ua-mobile: ?0\r\n\
    sec-ch-ua-platform: \"Linux\"\r\n\
    Upgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
    Sec-Fetch-Site: cross-site\r\n\
    Sec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-User: ?1\r\n\
    Sec-Fetch-Dest: document\r\n\
    Referer: https://account.example/\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7\r\n";

/// An older tab that is finished: its page tells so, and how to continue (security.md 10).
#[tokio::test]
async fn the_tab_of_another_sign_in_says_that_it_is_one_and_the_real_one_still_succeeds() {
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let oauth = localhost(port);
    let older = begin(&oauth).await.unwrap();
    let state = parameter(older.authorization_url(), "state");
    drop(older);
    let attempt = begin(&oauth).await.unwrap();
    let mine = parameter(attempt.authorization_url(), "state");
    let (address, cancel) = (format!("127.0.0.1:{port}"), CancellationToken::new());
    let waiting = tokio::spawn(async move { attempt.wait(&cancel, Duration::from_secs(60)).await });
    let tab = async |language: &str, query: &str| {
        let request = format!(
            "GET /oauth/callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept-Language: {language}\r\n\r\n"
        );
        raw(&address, request.as_bytes()).await
    };
    for answer in ["&code=abc", "&error=access_denied"] {
        let page = tab("en", &format!("state={state}{answer}")).await;
        assert_eq!(status(&page), 400);
        assert!(page.contains("This tab belongs to another sign-in"), "{page}");
        assert!(page.contains("Open the browser again"), "{page}");
        let page = tab("de", &format!("state={state}{answer}")).await;
        assert!(
            page.contains("Dieser Tab gehört zu einer anderen Anmeldung"),
            "{page}"
        );
        assert!(page.contains("Browser erneut öffnen"), "{page}");
    }
    // Incomplete answers are not reported as another sign-in.
    for noise in ["", "state=x", "code=abc", "error=access_denied"] {
        let page = tab("en", noise).await;
        assert!(page.contains("not completed"), "{noise}");
    }
    assert_eq!(status(&tab("en", &format!("state={mine}&code=abc")).await), 200);
    assert!(patiently(waiting).await.unwrap().is_ok());
}

/// security.md 11.
#[tokio::test]
async fn the_port_is_closed_after_success_refusal_cancel_time_out_and_drop() {
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let oauth = localhost(port);
    let closed = || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let request = |state: &str, rest: &str| {
        format!("GET /oauth/callback?state={state}{rest} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")
    };
    for rest in ["&code=abc", "&error=access_denied"] {
        let browser = Browser::at(&oauth).await;
        raw(&browser.address, request(&browser.state, rest).as_bytes()).await;
        let _ = patiently(browser.waiting).await.unwrap();
        assert!(closed(), "{rest}");
    }
    let browser = Browser::at(&oauth).await;
    browser.cancel.cancel();
    assert_eq!(browser.error().await, CallbackError::Cancelled);
    assert!(closed(), "cancel");

    let attempt = begin(&oauth).await.unwrap();
    let timed_out = attempt
        .wait(&CancellationToken::new(), Duration::from_millis(10))
        .await
        .err();
    assert_eq!(timed_out, Some(CallbackError::TimedOut));
    assert!(closed(), "time-out");

    drop(begin(&oauth).await.unwrap());
    assert!(closed(), "drop");
}

/// security.md 12.
#[tokio::test]
async fn the_page_is_static_and_reflects_nothing() {
    let browser = Browser::open().await;
    let page = browser
        .comes_back("&error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    let (head, html) = page.split_once("\r\n\r\n").unwrap();
    assert!(!page.contains("script") && !page.contains(&browser.state) && !page.contains("access_denied"));
    assert!(html.contains("You can close this tab and go back to Pressroom"));
    for header in [
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    let style = html
        .split_once("<style>")
        .unwrap()
        .1
        .split_once("</style>")
        .unwrap()
        .0;
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    assert!(
        head.contains(&format!(
            "Content-Security-Policy: default-src 'none'; style-src 'sha256-{hash}'"
        )),
        "{head}"
    );
    assert!(!html.contains("style=") && !html.contains("src=") && !html.contains("href="));
    let refusal = html.to_owned();
    assert_eq!(
        browser.error().await,
        CallbackError::Denied {
            error: "access_denied".into(),
            description: Some("<script>alert(1)</script>".into())
        }
    );

    let browser = Browser::open().await;
    let page = browser.comes_back("&code=secret-code").await;
    assert!(!page.contains("secret-code"));
    assert!(page.contains("You can close this tab and go back to Pressroom"));
    assert_ne!(page.split_once("\r\n\r\n").unwrap().1, refusal);
}

#[tokio::test]
async fn a_german_browser_gets_the_german_page() {
    let browser = Browser::open().await;
    let Browser { address, state, .. } = &browser;
    for (language, lang) in [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en-US,de;q=0.5", "en"),
        ("den", "en"),
        ("", "en"),
    ] {
        let request = format!(
            "GET /oauth/callback?state=x{state} HTTP/1.1\r\nHost: {address}\r\nAccept-Language: {language}\r\n\r\n"
        );
        let page = raw(address, request.as_bytes()).await;
        assert!(page.contains(&format!("<html lang=\"{lang}\">")), "{language}");
    }
    browser.succeeds().await;
}

/// security.md 17: single use.
#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let browser = Browser::open().await;
    let (one, two) = tokio::join!(browser.comes_back("&code=one"), browser.comes_back("&code=two"));
    let done = [&one, &two]
        .iter()
        .filter(|page| page.starts_with("HTTP/1.1 200"))
        .count();
    assert_eq!(done, 1, "{one} {two}");
    assert!(patiently(browser.waiting).await.unwrap().is_ok());
}

/// security.md 17, 18.
#[tokio::test]
async fn an_answer_without_a_code_or_from_another_issuer_ends_the_attempt_by_name() {
    let browser = Browser::open().await;
    browser.comes_back("&code=a&code=b").await;
    assert_eq!(browser.error().await, CallbackError::Malformed);
    let browser = Browser::open().await;
    let page = browser.comes_back("&code=a&iss=https%3A%2F%2Fevil.example").await;
    assert!(page.contains("not completed"));
    assert_eq!(browser.error().await, CallbackError::WrongIssuer);
}

/// The demo organization: the redirect is known, and bound, before the attempt begins; later attempts use it
/// again.
#[tokio::test]
async fn any_free_port_is_reserved_for_the_first_attempt_and_used_again_by_the_next() {
    let oauth = oauth_at(&nowhere());
    let RedirectUri::Loopback(loopback) = &oauth.config().redirect else {
        panic!("a loopback redirect")
    };
    let port = loopback.port();
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err());
    for _ in 0..2 {
        let browser = Browser::at(&oauth).await;
        assert!(browser.address.ends_with(&format!(":{port}")));
        browser.succeeds().await;
    }
}
