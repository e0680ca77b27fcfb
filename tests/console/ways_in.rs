//! The ways into a sign-in beside the loopback redirect: a pairing code, a link of the app's own scheme, and the choice of them.

use std::sync::Arc;

use console::Console;
use console::error::ErrorCode;
use console::settings::APP_LINK;
use console::wire::*;
use ezeep_sim::{Consent, Fault, FaultKind, Match};

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
    let pairs = [
        ("PRESSROOM_ACCOUNT_URL", world.sim.account_url().to_string()),
        ("PRESSROOM_API_URL", world.sim.api_url().to_string()),
        ("PRESSROOM_DATA_DIR", world.dir.path().display().to_string()),
    ];
    let settings = console::settings::Settings::from_lookup(|name| {
        pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    });
    Console::new(settings, world.host.clone(), Arc::clone(&world.keychain)).unwrap()
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
    assert_eq!(console.installation("0").redirect.kind, RedirectKind::AppLink);
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
