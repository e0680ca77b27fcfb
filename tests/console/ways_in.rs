//! The ways into a sign-in beside the loopback redirect: a pairing code, a link of the app's own scheme, and
//! the choice of them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use console::Console;
use console::error::ErrorCode;
use console::host::{DemoCloud, Host, HostError, OpenError};
use console::settings::APP_LINK;
use console::wire::*;
use ezeep_sim_faults::{Consent, Fault, FaultKind, Match, When};
use tokio::sync::{Notify, Semaphore};
use url::Url;

use crate::support::*;

#[tokio::test]
async fn a_pairing_code_is_shown_with_a_qr_code_and_signs_in_once_it_is_confirmed() {
    let world = World::new(small()).await;
    let request = SignInRequest {
        method: SignInMethod::Pairing,
        ..world.request(true)
    };
    world.console.sign_in(request).await.unwrap();
    let view = world.console.session_view();
    let Some(SignInStep::Pairing {
        code,
        link,
        qr,
        expires_at,
        ..
    }) = step_of(&view)
    else {
        panic!("no pairing: {view:?}")
    };
    assert!(link.contains(code.as_str()));
    assert_eq!(qr.rows.len(), qr.size as usize);
    assert!(*expires_at > 0);
    // Never by itself (security.md 24).
    assert!(world.host.opened.lock().unwrap().is_empty());
    assert_eq!(
        world.sim.control().answer_pairing(code, Some(OTHER_ADMIN)),
        Ok(true)
    );
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

#[tokio::test]
async fn a_pairing_that_is_refused_or_cancelled_is_back_at_the_form() {
    let world = World::new(small()).await;
    let request = || SignInRequest {
        method: SignInMethod::Pairing,
        ..world.request(true)
    };
    world.console.sign_in(request()).await.unwrap();
    let view = world.console.session_view();
    let Some(SignInStep::Pairing { code, .. }) = step_of(&view) else {
        panic!("no pairing: {view:?}")
    };
    assert_eq!(world.sim.control().answer_pairing(code, None), Ok(true));
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::PairingRefused
    );
    world.console.sign_in(request()).await.unwrap();
    world.console.sign_in_cancel().await;
    assert_eq!(world.form().await.1, None);
    assert!(world.sim.control().live_families().is_empty());
}

#[tokio::test]
async fn a_client_without_pairing_is_told_so() {
    let world = World::new(small()).await;
    world.sim.control().add_fault(Fault::once(
        Match::new("POST", "/oauth/pair/"),
        FaultKind::Reply {
            status: 400,
            content_type: "application/json".into(),
            body: r#"{"error":"unauthorized_client"}"#.into(),
        },
    ));
    let request = SignInRequest {
        method: SignInMethod::Pairing,
        ..world.request(true)
    };
    assert_eq!(
        code(world.console.sign_in(request).await),
        ErrorCode::PairingUnsupported
    );
}

// -- the way back

/// A console that takes its redirect from the form.
fn choosing(world: &World) -> Console {
    choosing_with(world, world.host.clone())
}

fn choosing_with(world: &World, host: Arc<dyn Host>) -> Console {
    let pairs = [
        ("PRESSROOM_ACCOUNT_URL", world.sim.account_url().to_string()),
        ("PRESSROOM_API_URL", world.sim.api_url().to_string()),
        ("PRESSROOM_DATA_DIR", world.dir.path().display().to_string()),
    ];
    let settings = console::settings::Settings::from_lookup(|name| {
        pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    });
    let opened = settings.map(|settings| (settings, world.directory.clone()));
    Console::new(opened, host, Arc::clone(&world.keychain)).unwrap()
}

/// security.md 13, 15: a link is the answer of the attempt that waits, exactly once, and nothing otherwise.
#[tokio::test]
async fn a_link_of_the_apps_own_scheme_finishes_the_sign_in_that_waits_for_it_and_nothing_else() {
    let mut world = World::new(small()).await;
    world.sim.register_redirect(APP_LINK);
    let console = choosing(&world);
    world.console = console.clone();
    console.resume();
    world.form().await;
    console.open_link(&format!("{APP_LINK}?code=x&state=y"), false);
    assert_eq!(world.form().await.1, None);
    let request = SignInRequest {
        redirect_uri: Some(APP_LINK.into()),
        ..world.request(true)
    };
    console.sign_in(request).await.unwrap();
    let (link, _) = world.waiting();
    let consent = Consent::Allow(OTHER_ADMIN);
    let answer = world
        .sim
        .control()
        .consent(&link.parse().unwrap(), consent)
        .unwrap();
    assert!(answer.starts_with(APP_LINK), "{answer}");
    for forged in [
        format!("{APP_LINK}?code=x&state=forged"),
        format!("{APP_LINK}?error=access_denied&state=forged"),
        answer.replace("oauth/callback", "oauth/other"),
        "dev.pressroom.console://".to_owned(),
    ] {
        console.open_link(&forged, false);
        world.waiting();
    }
    console.open_link(&answer, false);
    console.open_link(&answer, false);
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    // It is remembered as the way back.
    assert_eq!(console.installation().redirect.kind, RedirectKind::AppLink);
}

#[tokio::test]
async fn a_link_that_starts_the_app_finds_no_sign_in_and_says_so() {
    let world = World::new(small()).await;
    let console = choosing(&world);
    console.open_link(&format!("{APP_LINK}?code=x&state=y"), true);
    console.resume();
    let world = World { console, ..world };
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::SignInStale
    );
}

#[tokio::test]
async fn a_redirect_that_cannot_reach_the_app_is_refused_before_anything_opens() {
    let world = World::new(small()).await;
    let console = choosing(&world);
    for uri in [
        "https://example.com/cb",
        "com.example.other://cb",
        "http://localhost/cb",
        "",
    ] {
        let request = SignInRequest {
            redirect_uri: Some(uri.into()),
            ..world.request(true)
        };
        assert_eq!(
            code(console.sign_in(request).await),
            ErrorCode::RedirectInvalid,
            "{uri}"
        );
    }
    assert!(world.host.opened.lock().unwrap().is_empty());
}

/// HSTS on localhost: the browser speaks TLS to the listener, and could wait for ever.
#[tokio::test]
async fn a_browser_that_insists_on_https_is_explained_and_the_wait_goes_on() {
    use std::io::Write as _;
    let world = World::new(small()).await;
    world.sign_in(Visitor::Leaves).await;
    let port = url::Url::parse(&world.redirect).unwrap().port().unwrap();
    let mut browser = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    browser
        .write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])
        .unwrap();
    let problem = world
        .until("told", |view| match step_of(view) {
            Some(SignInStep::WaitingForBrowser { problem, .. }) => problem.clone(),
            _ => None,
        })
        .await;
    assert_eq!(problem.code, ErrorCode::RedirectForcedHttps);
    let (link, _) = world.waiting();
    visit(Visitor::Allows(OTHER_ADMIN), link.parse().unwrap()).await;
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

// -- an answer of another sign-in

/// The notice of the pending sign-in, once there is one.
async fn told_while_waiting(world: &World) -> ErrorCode {
    let told = |view: &SessionView| match step_of(view) {
        Some(SignInStep::WaitingForBrowser { problem, .. }) => problem.clone(),
        _ => None,
    };
    world.until("told", told).await.code
}

/// Number of session events sent to the window.
fn session_events(world: &World) -> usize {
    let events = world.host.events.lock().unwrap();
    events.iter().filter(|event| **event == AppEvent::Session).count()
}

/// security.md 10, 19: the user finishes the older of two tabs.
#[tokio::test]
async fn an_older_tab_that_is_finished_is_told_in_the_window_and_the_newer_one_signs_in() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Leaves).await;
    let (older, _) = world.waiting();
    world.console.sign_in_cancel().await;
    world.sign_in(Visitor::Leaves).await;
    let (newer, problem) = world.waiting();
    assert_eq!(problem, None);
    visit(Visitor::Allows(OTHER_ADMIN), older.parse().unwrap()).await;
    assert_eq!(told_while_waiting(&world).await, ErrorCode::AnotherSignInAnswered);
    visit(Visitor::Allows(OTHER_ADMIN), newer.parse().unwrap()).await;
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

/// security.md 10: a sender of such answers can neither end the wait nor keep the window busy.
#[tokio::test]
async fn fifty_answers_of_other_sign_ins_are_told_once() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Leaves).await;
    let (link, _) = world.waiting();
    let browser = resilience::browser::browser().unwrap();
    let forged = async |n: usize| {
        let answer = if n.is_multiple_of(2) {
            "code=x"
        } else {
            "error=access_denied"
        };
        let url = format!("{}?state=forged{n}&{answer}", world.redirect);
        let reply = browser.get(url).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), 400);
    };
    forged(0).await;
    assert_eq!(told_while_waiting(&world).await, ErrorCode::AnotherSignInAnswered);
    let told = session_events(&world);
    for n in 1..50 {
        forged(n).await;
    }
    assert_eq!(session_events(&world), told);
    assert_eq!(world.waiting().0, link);
    visit(Visitor::Allows(OTHER_ADMIN), link.parse().unwrap()).await;
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

/// security.md 15: the same by app link, also if the pending sign-in has changed to the loopback address
/// since.
#[tokio::test]
async fn an_app_link_of_another_sign_in_is_told_once_whichever_way_the_newer_one_comes_back() {
    for receiver in [RedirectKind::AppLink, RedirectKind::Loopback] {
        let mut world = World::new(small()).await;
        world.sim.register_redirect(APP_LINK);
        let console = choosing(&world);
        world.console = console.clone();
        let redirect_uri = Some(match receiver {
            RedirectKind::AppLink => APP_LINK.to_owned(),
            RedirectKind::Loopback => world.redirect.clone(),
        });
        let request = || SignInRequest {
            redirect_uri: redirect_uri.clone(),
            ..world.request(true)
        };
        console.sign_in(request()).await.unwrap();
        let (link, _) = world.waiting();
        console.open_link(APP_LINK, false);
        console.open_link(&format!("{APP_LINK}?code=x"), false);
        assert_eq!(world.waiting().1, None, "no answer at all");
        console.open_link(&format!("{APP_LINK}?code=x&state=older"), false);
        assert_eq!(told_while_waiting(&world).await, ErrorCode::AnotherSignInAnswered);
        let told = session_events(&world);
        for n in 0..50 {
            console.open_link(&format!("{APP_LINK}?code=x&state=forged{n}"), false);
        }
        assert_eq!(session_events(&world), told);
        let consent = Consent::Allow(OTHER_ADMIN);
        let answer = world
            .sim
            .control()
            .consent(&link.parse().unwrap(), consent)
            .unwrap();
        match receiver {
            RedirectKind::AppLink => console.open_link(&answer, false),
            RedirectKind::Loopback => {
                let browser = resilience::browser::browser().unwrap();
                assert_eq!(browser.get(answer).send().await.unwrap().status().as_u16(), 200);
            }
        }
        assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    }
}

// -- a sign-in that is cancelled while it starts

/// A host with a slow desktop: it stops on request, until it is released.
struct SlowHost {
    inner: Arc<TestHost>,
    stops_at: Mutex<Option<Stop>>,
    arrived: Notify,
    go_on: Semaphore,
}

#[derive(Clone, Copy, PartialEq)]
enum Stop {
    AppLinks,
    Browser,
}

impl SlowHost {
    fn new(inner: Arc<TestHost>, stop: Stop) -> Arc<Self> {
        Arc::new(Self {
            inner,
            stops_at: Mutex::new(Some(stop)),
            arrived: Notify::new(),
            go_on: Semaphore::new(0),
        })
    }

    /// Whether this call is the one to stop; the next one is not.
    fn stops(&self, at: Stop) -> bool {
        self.stops_at
            .lock()
            .unwrap()
            .take_if(|stop| *stop == at)
            .is_some()
    }

    /// Releases it when dropped: a failing test must not hang on a waiting thread.
    fn released_at_the_end(self: &Arc<Self>) -> Release {
        Release(Arc::clone(self))
    }

    async fn wait(&self) {
        self.arrived.notify_one();
        self.go_on.acquire().await.unwrap().forget();
    }
}

struct Release(Arc<SlowHost>);

impl Drop for Release {
    fn drop(&mut self) {
        self.0.go_on.add_permits(1);
    }
}

#[async_trait]
impl Host for SlowHost {
    fn emit(&self, event: AppEvent) {
        self.inner.emit(event);
    }

    fn open_browser(&self, url: &Url) -> Result<(), OpenError> {
        if self.stops(Stop::Browser) {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(self.wait()));
        }
        self.inner.open_browser(url)
    }

    fn copy(&self, text: &str) -> Result<(), HostError> {
        self.inner.copy(text)
    }

    fn downloads(&self) -> Result<std::path::PathBuf, HostError> {
        self.inner.downloads()
    }

    async fn prepare_app_links(&self) -> Option<bool> {
        if self.stops(Stop::AppLinks) {
            self.wait().await;
        }
        Some(true)
    }

    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError> {
        self.inner.demo_cloud().await
    }
}

/// What happens if the user goes back while the desktop opens the browser.
async fn given_up_while_it_begins(stop: Stop, redirect: impl Fn(&World) -> String) {
    let mut world = World::new(small()).await;
    let redirect = redirect(&world);
    world.sim.register_redirect(&redirect);
    let host = SlowHost::new(Arc::clone(&world.host), stop);
    let _release = host.released_at_the_end();
    let console = choosing_with(&world, host.clone());
    world.console = console.clone();
    let request = || SignInRequest {
        redirect_uri: Some(redirect.clone()),
        ..world.request(true)
    };
    let given_up = tokio::spawn({
        let (console, request) = (console.clone(), request());
        async move { console.sign_in(request).await }
    });
    host.arrived.notified().await;
    // Before the desktop has answered: the port is free, and another sign-in uses it.
    console.sign_in_cancel().await;
    world.form().await;
    if let Some(port) = redirect.parse::<Url>().unwrap().port() {
        drop(std::net::TcpListener::bind(("127.0.0.1", port)).unwrap());
    }
    console.sign_in(request()).await.unwrap();
    let (link, problem) = world.waiting();
    assert_eq!(problem, None);
    // The desktop's late answer changes nothing in the newer sign-in.
    host.go_on.add_permits(1);
    let given_up = given_up.await.unwrap();
    let opened = host.inner.opened.lock().unwrap().len();
    match stop {
        Stop::AppLinks => assert_eq!((code(given_up), opened), (ErrorCode::Cancelled, 1)),
        Stop::Browser => assert_eq!((given_up, opened), (Ok(()), 2)),
    }
    assert_eq!(world.waiting(), (link.clone(), None));
    let consent = Consent::Allow(OTHER_ADMIN);
    let answer = world
        .sim
        .control()
        .consent(&link.parse().unwrap(), consent)
        .unwrap();
    if redirect == APP_LINK {
        console.open_link(&answer, false);
    } else {
        let browser = resilience::browser::browser().unwrap();
        assert_eq!(browser.get(answer).send().await.unwrap().status().as_u16(), 200);
    }
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_given_up_while_the_browser_opens_frees_its_port_at_once() {
    given_up_while_it_begins(Stop::Browser, |world| world.redirect.clone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_given_up_while_app_links_are_prepared_opens_no_browser_and_hinders_no_other() {
    given_up_while_it_begins(Stop::AppLinks, |_| APP_LINK.to_owned()).await;
}

/// "Sign in" is pressed again while the desktop still opens the browser: the newer sign-in is valid.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_sign_in_ends_one_that_is_still_opening_the_browser() {
    let mut world = World::new(small()).await;
    let host = SlowHost::new(Arc::clone(&world.host), Stop::Browser);
    let _release = host.released_at_the_end();
    let console = choosing_with(&world, host.clone());
    world.console = console.clone();
    let request = || SignInRequest {
        redirect_uri: Some(world.redirect.clone()),
        ..world.request(true)
    };
    let first = tokio::spawn({
        let (console, request) = (console.clone(), request());
        async move { console.sign_in(request).await }
    });
    host.arrived.notified().await;
    *world.host.visitor.lock().unwrap() = Visitor::Allows(OTHER_ADMIN);
    console.sign_in(request()).await.unwrap();
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    host.go_on.add_permits(1);
    first.await.unwrap().unwrap();
}

/// security.md 41: who cancels while the code is exchanged is not signed in afterwards, and no grant is left
/// that nobody ends.
#[tokio::test]
async fn a_sign_in_that_is_cancelled_while_its_code_is_exchanged_leaves_no_account_and_no_grant() {
    let world = World::new(small()).await;
    let control = world.sim.control();
    let pause = control.pause(When::AfterCommit, Match::new("POST", "/oauth/access_token/"));
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    pause.reached().await;
    assert_eq!(control.live_families().len(), 1);
    world.console.sign_in_cancel().await;
    pause.release();
    world
        .until("the grant is ended", |_| {
            control.live_families().is_empty().then_some(())
        })
        .await;
    assert_eq!(world.signed_out().await, None);
    assert_eq!(world.console.accounts(), []);
}
