//! What servers, networks and keychains answer, as the person is told it: the codes that no other file here
//! sees. Time-outs, certificates and proxies are shown in the client's own tests; that they get their code,
//! in the console's.

use std::sync::Arc;

use async_trait::async_trait;
use console::SecretStore;
use console::error::ErrorCode;
use console::wire::*;
use ezeep_auth::{Record, RecordName, StoreError};
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Fault, FaultKind, Grant, Match, RetryAfter};

use crate::support::*;

fn json(status: u16, body: String) -> FaultKind {
    FaultKind::Reply {
        status,
        content_type: "application/json".into(),
        body,
    }
}

async fn told_at_sign_in(status: u16, error: &str) -> ErrorCode {
    let world = World::new(small()).await;
    let reply = json(status, format!(r#"{{"error":"{error}"}}"#));
    world
        .sim
        .control()
        .add_fault(Fault::once(Match::new("POST", "/oauth/access_token/"), reply));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.signed_out_with_a_problem().await.code
}

#[tokio::test]
async fn what_the_token_endpoint_refuses_is_told_apart() {
    assert_eq!(
        told_at_sign_in(401, "invalid_client").await,
        ErrorCode::ClientIdUnknown
    );
    assert_eq!(
        told_at_sign_in(400, "invalid_scope").await,
        ErrorCode::ScopeRefused
    );
    assert_eq!(
        told_at_sign_in(400, "unsupported_grant_type").await,
        ErrorCode::SignInRefused
    );
}

#[tokio::test]
async fn a_client_id_that_can_not_be_one_is_refused_here_and_no_server_is_blamed() {
    let world = World::new(small()).await;
    let long = "x".repeat(201);
    for id in ["tab\tin it", "zero\u{200b}width", "na\u{ef}ve", &long] {
        let request = SignInRequest {
            client_id: id.to_owned(),
            ..world.request(true)
        };
        assert_eq!(
            code(world.console.sign_in(request).await),
            ErrorCode::ClientIdInvalid,
            "{id}"
        );
    }
    assert!(world.host.opened.lock().unwrap().is_empty());
}

/// security.md 37, 47: the API refuses a token that was just renewed, although the account server knows the
/// session.
#[tokio::test]
async fn a_token_that_is_refused_although_just_renewed_asks_once_to_sign_in_and_all_goes_on() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.find(&main, "jonas akerstrom").rows[0].clone();
    let path = user_path(&row.id);
    let refused = FaultKind::Status { status: 401 };
    world
        .sim
        .control()
        .add_fault(Fault::always(Match::new("GET", &path), refused));
    assert_eq!(
        code(world.at(&main).user_read(&row.id).await),
        ErrorCode::SessionEnded
    );
    assert_eq!(world.expired().await, main);
    assert!(
        !world.sim.control().live_families().is_empty(),
        "no grant is dropped on a guess"
    );
    world.sim.control().clear_faults();
    world.sign_in(Visitor::Allows(ADMIN)).await;
    assert_eq!(world.inside().await.0, main);
    world.at(&main).user_read(&row.id).await.unwrap();
}

#[tokio::test]
async fn a_busy_token_endpoint_says_how_long_to_wait() {
    let world = World::new(small()).await;
    let busy = FaultKind::TooManyRequests {
        retry_after: RetryAfter::Seconds(7),
    };
    world
        .sim
        .control()
        .add_fault(Fault::always(Match::new("POST", "/oauth/access_token/"), busy));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let problem = world.signed_out_with_a_problem().await;
    assert_eq!(problem.code, ErrorCode::RateLimited { seconds: Some(7) });
}

#[tokio::test]
async fn where_the_scopes_are_refused_printing_alone_can_be_asked_for_and_is_kept() {
    let mut world = World::new(small()).await;
    let refuse = json(400, r#"{"error":"invalid_scope"}"#.to_owned());
    let mut printers = Match::new("POST", "/oauth/access_token/");
    printers.body = Some("printing.printers.readonly".to_owned());
    world.sim.control().add_fault(Fault::always(printers, refuse));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::ScopeRefused
    );

    let request = SignInRequest {
        fewer_rights: true,
        ..world.request(true)
    };
    world.console.sign_in(request).await.unwrap();
    world.choose("Nordhafen Schulen").await;
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    // A refresh asks for what was given, not for more.
    world.restart();
    world
        .until("signed in again", |view| {
            matches!(view, SessionView::SignedIn { .. }).then_some(())
        })
        .await;
}

#[tokio::test]
async fn the_microsoft_button_goes_straight_to_microsoft() {
    let world = World::new(small()).await;
    let request = SignInRequest {
        method: SignInMethod::Microsoft,
        ..world.request(true)
    };
    world.console.sign_in(request).await.unwrap();
    let opened = world.host.opened.lock().unwrap()[0].clone();
    let has = |name: &str, value: &str| opened.query_pairs().any(|(n, v)| n == name && v == value);
    assert!(has("social", "azure") && has("prompt", "azure"), "{opened}");
}

#[tokio::test]
async fn a_server_that_is_gone_is_named_and_what_was_read_stays() {
    let (world, main) = World::signed_in(small()).await;
    let row = world.find(&main, "jonas akerstrom").rows[0].clone();
    let World { sim, console, .. } = world;
    sim.shutdown().await;
    let host = "127.0.0.1".to_owned();
    assert_eq!(
        code(console.open(&main).unwrap().user_read(&row.id).await),
        ErrorCode::Offline { host }
    );
    assert_eq!(console.open(&main).unwrap().user(&row.id).unwrap().row, row);
}

#[tokio::test]
async fn a_field_that_the_server_refuses_is_named_with_its_words() {
    let (world, main) = World::signed_in(small()).await;
    let reply = json(400, r#"{"description":["No tabs, please."]}"#.to_owned());
    world
        .sim
        .control()
        .add_fault(Fault::once(Match::new("POST", "/printing/v1/groups/"), reply));
    let error = world.at(&main).group_create(&form("Aula")).await.unwrap_err();
    assert_eq!(
        error.code,
        ErrorCode::ValueRefused {
            field: "description".into()
        }
    );
    assert_eq!(error.detail.as_deref(), Some("No tabs, please."));
}

/// security.md 44: the new token's `org` must be the one asked for.
#[tokio::test]
async fn a_switch_that_lands_elsewhere_is_refused_and_the_organization_stays() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let tokens = control.issue_tokens(ADMIN, Some(organizations::THIRD)).unwrap();
    let body = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":3600,"refresh_token":"{}"}}"#,
        tokens.access_token, tokens.refresh_token
    );
    control.add_fault(Fault::once(
        Match::grant(Grant::SwitchOrganization),
        json(200, body),
    ));
    let second = world.organization(organizations::SECOND_NAME).await;
    assert_eq!(
        code(world.console.organization_choose(&second).await),
        ErrorCode::SwitchRefused
    );
    assert_eq!(
        world.at(&main).totals().unwrap(),
        world.at(&main).totals().unwrap()
    );
    assert!(
        matches!(world.console.session_view(), SessionView::SignedIn { workspace, .. } if workspace == main)
    );
}

/// A keychain that is there and takes nothing.
struct Shut;

fn shut<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable {
        reason: "no service".into(),
    })
}

#[async_trait]
impl SecretStore for Shut {
    async fn read(&self, _: &RecordName) -> Result<Option<Record>, StoreError> {
        shut()
    }
    async fn write(&self, _: &RecordName, _: &Record) -> Result<(), StoreError> {
        shut()
    }
    async fn delete(&self, _: &RecordName) -> Result<(), StoreError> {
        shut()
    }
    async fn probe(&self) -> Result<(), StoreError> {
        shut()
    }
}

/// security.md 25: without a keychain the app offers memory only, and says so.
#[tokio::test]
async fn a_keychain_that_takes_nothing_is_said_and_memory_still_works() {
    let mut world = World::new(small()).await;
    world.keychain = Arc::new(Shut);
    world.restart();
    world
        .until("told that the keychain can't be used", |view| {
            form_of(view).filter(|(form, _)| form.keychain == KeychainState::Unusable)
        })
        .await;
    world
        .sign_in(Visitor::Allows(known::ONE_ORGANIZATION_ADMIN.email))
        .await;
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::KeychainUnavailable
    );
    assert!(
        world.sim.control().live_families().is_empty(),
        "a grant that could not be kept was left alive"
    );
    world.console.sign_in(world.request(false)).await.unwrap();
    world
        .until("signed in", |view| {
            matches!(view, SessionView::SignedIn { .. }).then_some(())
        })
        .await;
}

#[tokio::test]
async fn nobody_signed_in_gets_no_answers() {
    let (world, main) = World::signed_in(small()).await;
    let left = world.at(&main);
    let plan = left
        .plan_make(&add_to_a_group(&world, &main).await)
        .await
        .unwrap();
    world.console.sign_out().await.unwrap();
    world.signed_out().await;
    assert_eq!(code(world.console.open(&main)), ErrorCode::SignedOut);
    assert_eq!(code(world.console.organizations().await), ErrorCode::SignedOut);
    assert_eq!(code(world.console.sign_out().await), ErrorCode::SignedOut);
    assert_eq!(code(left.group_create(&form("Aula")).await), ErrorCode::SignedOut);
    assert_eq!(code(left.plan_apply(&plan.id).await), ErrorCode::SignedOut);
}
