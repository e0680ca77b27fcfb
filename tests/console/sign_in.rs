//! Signing in, going to an organization, coming back after a restart, signing out.

use std::time::Duration;

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::{Fault, FaultKind, Match, When, known};

use crate::support::*;

#[tokio::test]
pub async fn the_first_start_asks_for_a_client_id_and_nothing_else() {
    let world = World::new(small()).await;
    let (form, problem) = world.form().await;
    assert_eq!(problem, None);
    assert_eq!(form.client_id, "");
    assert!(form.keep);
    assert_eq!(form.redirect.uri, world.redirect);
    assert!(form.redirect.preset);
    let mut request = world.request(true);
    request.client_id = "  ".into();
    assert_eq!(
        code(world.console.sign_in(request).await),
        ErrorCode::ClientIdMissing
    );
}

#[tokio::test]
pub async fn an_admin_of_one_organization_lands_in_it_and_never_sees_private() {
    let world = World::new(small()).await;
    world
        .sign_in(Visitor::Allows(known::ONE_ORGANIZATION_ADMIN.email))
        .await;
    let organization = world
        .until("signed in", |view| match view {
            SessionView::SignedIn {
                organization,
                storage: TokenStorage::Keychain,
                demo: false,
                ..
            } => Some(organization.clone()),
            _ => None,
        })
        .await;
    assert_eq!(organization.name, "Nordhafen Schulen");
    assert!(organization.admin && !organization.private);
}

#[tokio::test]
pub async fn somebody_with_several_organizations_is_asked_once_and_remembered() {
    let (mut world, _) = World::signed_in(small()).await;
    world.restart();
    let again = world
        .until("signed in from the keychain", |view| match view {
            SessionView::SignedIn { organization, .. } => Some(organization.name.clone()),
            _ => None,
        })
        .await;
    assert_eq!(again, "Nordhafen Schulen");
    assert!(
        world.host.opened.lock().unwrap().is_empty(),
        "a browser was opened"
    );
}

#[tokio::test]
pub async fn a_user_without_an_organization_is_told_so_instead_of_shown_private() {
    let world = World::new(small()).await;
    world
        .sign_in(Visitor::Allows(known::PRIVATE_ONLY_ADMIN.email))
        .await;
    let problem = world
        .until("told", |view| match view {
            SessionView::ChoosingOrganization {
                organizations,
                problem,
                ..
            } => {
                assert!(organizations.iter().all(|o| o.private));
                Some(problem.clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(problem.unwrap().code, ErrorCode::NoOrganization);
}

#[tokio::test]
pub async fn an_organization_where_one_is_no_admin_says_so() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Allows(known::ORDINARY_USER.email)).await;
    world.choose("Nordhafen Schulen").await;
    let ReadView::Failed { error, .. } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::NotAdmin);
}

#[tokio::test]
pub async fn memory_only_means_a_restart_asks_again() {
    let mut world = World::new(small()).await;
    *world.host.visitor.lock().unwrap() = Visitor::Allows(known::ONE_ORGANIZATION_ADMIN.email);
    world.console.sign_in(world.request(false)).await.unwrap();
    world
        .until("signed in", |view| match view {
            SessionView::SignedIn {
                storage: TokenStorage::Memory,
                ..
            } => Some(()),
            _ => None,
        })
        .await;
    world.restart();
    assert_eq!(world.signed_out().await, None);
    let (form, _) = world.form().await;
    assert_eq!(
        (form.client_id.as_str(), form.keep),
        (world.sim.client_id(), false)
    );
}

#[tokio::test]
pub async fn a_refused_consent_says_so_and_the_next_try_works() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Refuses).await;
    let problem = world.signed_out_with_a_problem().await;
    assert_eq!(problem.code, ErrorCode::ConsentRefused);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.choose("Nordhafen Schulen").await;
}

#[tokio::test]
pub async fn a_browser_that_never_comes_back_can_be_opened_again_copied_and_cancelled() {
    let world = World::new(small()).await;
    world.sign_in(Visitor::Leaves).await;
    let (link, _) = world.waiting();
    world.console.sign_in_open_again().await.unwrap();
    world.console.sign_in_copy_link().unwrap();
    assert_eq!(*world.host.copied.lock().unwrap(), vec![link.clone()]);
    let opened = world.host.opened.lock().unwrap().clone();
    assert_eq!(
        opened.iter().map(|url| url.to_string()).collect::<Vec<_>>(),
        vec![link.clone(), link]
    );
    world.console.sign_in_cancel().await;
    assert_eq!(world.signed_out().await, None);
    // The port is free again.
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.choose("Nordhafen Schulen").await;
}

#[tokio::test]
pub async fn without_a_browser_the_wait_goes_on_with_the_link_to_copy() {
    let world = World::new(small()).await;
    *world.host.no_browser.lock().unwrap() = Some("no browser here");
    world.console.sign_in(world.request(true)).await.unwrap();
    let (link, problem) = world.waiting();
    assert_eq!(problem.unwrap().code, ErrorCode::BrowserFailed);
    visit(Visitor::Allows(ADMIN), link.parse().unwrap()).await;
    world.choose("Nordhafen Schulen").await;
}

/// Opening it again answers for itself: what the first try said doesn't stay.
#[tokio::test]
pub async fn opening_the_browser_again_removes_the_notice_or_replaces_it() {
    let world = World::new(small()).await;
    *world.host.no_browser.lock().unwrap() = Some("none at first");
    world.console.sign_in(world.request(true)).await.unwrap();
    let told = |world: &World| world.waiting().1.and_then(|problem| problem.detail);
    assert_eq!(told(&world).as_deref(), Some("none at first"));
    *world.host.no_browser.lock().unwrap() = Some("none again");
    world.console.sign_in_open_again().await.unwrap();
    assert_eq!(told(&world).as_deref(), Some("none again"));
    *world.host.no_browser.lock().unwrap() = None;
    world.console.sign_in_open_again().await.unwrap();
    assert_eq!(world.waiting().1, None);
}

/// security.md 8: the error names the port, and no other port is tried.
#[tokio::test]
pub async fn a_busy_port_is_named_and_no_browser_opens() {
    let world = World::new(small()).await;
    world.signed_out().await;
    let port: u16 = url::Url::parse(&world.redirect).unwrap().port().unwrap();
    let _squatter = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert_eq!(
        code(world.console.sign_in(world.request(true)).await),
        ErrorCode::PortBusy { port }
    );
    assert!(world.host.opened.lock().unwrap().is_empty());
}

#[tokio::test]
pub async fn a_client_id_that_the_server_does_not_know_is_said_at_the_exchange() {
    let world = World::new(small()).await;
    world.sim.control().add_fault(Fault::once(
        Match::new("POST", "/oauth/access_token/"),
        FaultKind::Reply {
            status: 401,
            content_type: "application/json".into(),
            body: r#"{"error":"invalid_client"}"#.into(),
        },
    ));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let problem = world.signed_out_with_a_problem().await;
    assert_eq!(problem.code, ErrorCode::ClientIdUnknown);
}

#[tokio::test]
pub async fn a_server_that_is_off_at_the_restart_is_no_sign_out() {
    let (mut world, _) = World::signed_in(small()).await;
    let fault = world.sim.control().add_fault(Fault::always(
        Match::new("POST", "/oauth/access_token/"),
        FaultKind::Status { status: 503 },
    ));
    world.restart();
    let problem = world
        .until("unreachable", |view| match view {
            SessionView::Unreachable { problem } => Some(problem.clone()),
            _ => None,
        })
        .await;
    assert_eq!(problem.code, ErrorCode::ServerFailed { status: 503 });
    world.sim.control().remove_fault(fault);
    world.console.session_retry();
    world
        .until("signed in", |view| {
            matches!(view, SessionView::SignedIn { .. }).then_some(())
        })
        .await;
}

#[tokio::test]
pub async fn a_session_that_ended_on_the_server_is_one_clean_question() {
    let (mut world, _) = World::signed_in(small()).await;
    world.sim.control().revoke_all();
    world.restart();
    let problem = world.signed_out_with_a_problem().await;
    assert_eq!(problem.code, ErrorCode::SessionEnded);
    // The next start doesn't ask the server about it again.
    world.restart();
    assert_eq!(world.signed_out().await, None);
}

#[tokio::test]
pub async fn a_session_that_ends_while_the_window_is_open_is_one_clean_question() {
    let (world, main) = World::signed_in(small()).await;
    world.sim.control().revoke_all();
    let id = world.find(&main, "").rows[0].id.clone();
    assert_eq!(
        code(world.at(&main).user_read(&id).await),
        ErrorCode::SessionEnded
    );
    assert_eq!(world.expired().await, main);
}

#[tokio::test]
pub async fn signing_out_revokes_the_grant_and_empties_the_keychain() {
    let (mut world, _) = World::signed_in(small()).await;
    assert_eq!(world.sim.control().live_families().len(), 1);
    world.console.sign_out().await.unwrap();
    assert_eq!(world.signed_out().await, None);
    assert!(world.sim.control().live_families().is_empty());
    world.restart();
    assert_eq!(world.signed_out().await, None);
}

/// security.md 42.
#[tokio::test]
pub async fn signing_out_offline_forgets_here_and_says_what_may_live_on() {
    let (mut world, _) = World::signed_in(small()).await;
    world.sim.control().add_fault(Fault::always(
        Match::new("POST", "/oauth/revoke/"),
        FaultKind::DropBeforeCommit,
    ));
    world.console.sign_out().await.unwrap();
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::SignOutNotConfirmed
    );
    world.restart();
    assert_eq!(world.signed_out().await, None);
}

#[tokio::test]
pub async fn a_switch_shows_the_other_organization_and_the_first_one_stays_as_it_was() {
    let (world, main) = World::signed_in(small()).await;
    let before = world.find(&main, "");
    let second = world.choose("Seehafen Logistik").await;
    world.read().await;
    // Nothing of one is answered for the other (security.md 43).
    assert_eq!(code(world.console.open(&main)), ErrorCode::OrganizationChanged);
    assert_ne!(world.find(&second, "").total, before.total);
    let again = world.choose("Nordhafen Schulen").await;
    world.read().await;
    assert_eq!(world.find(&again, ""), before);
    // Nor is what was asked in an earlier opening of it.
    assert_eq!(code(world.console.open(&main)), ErrorCode::OrganizationChanged);
}

#[tokio::test]
pub async fn no_two_organizations_of_one_person_have_one_color() {
    let (world, _) = World::signed_in(small()).await;
    let organizations = world.console.organizations().await.unwrap();
    let colors: std::collections::HashSet<_> = organizations.iter().map(|o| o.color).collect();
    assert_eq!(colors.len(), organizations.len());
    assert!(organizations.last().unwrap().private);
}

/// security.md 44.
#[tokio::test]
pub async fn a_switch_that_fails_leaves_the_organization_as_it_was() {
    let (world, main) = World::signed_in(small()).await;
    let second = world.organization("Seehafen Logistik").await;
    world.sim.control().add_fault(Fault::once(
        Match::new("POST", "/oauth/access_token/"),
        FaultKind::Status { status: 500 },
    ));
    assert_eq!(
        code(world.console.organization_choose(&second).await),
        ErrorCode::ServerFailed { status: 500 }
    );
    assert_eq!(
        world.find(&main, "").total,
        world.at(&main).totals().unwrap().users
    );
    let id = world.find(&main, "").rows[0].id.clone();
    world.at(&main).user_read(&id).await.unwrap();
}

/// security.md 44: what the server refuses may be the organization; the session goes on.
#[tokio::test]
pub async fn a_switch_that_the_server_refuses_is_about_the_organization_and_ends_no_session() {
    let (world, main) = World::signed_in(small()).await;
    let second = world.organization("Seehafen Logistik").await;
    world.sim.control().add_fault(Fault::once(
        Match::new("POST", "/oauth/access_token/"),
        FaultKind::Reply {
            status: 400,
            content_type: "application/json".into(),
            body: r#"{"error":"invalid_grant"}"#.into(),
        },
    ));
    assert_eq!(
        code(world.console.organization_choose(&second).await),
        ErrorCode::SwitchRefused
    );
    let id = world.find(&main, "").rows[0].id.clone();
    world.at(&main).user_read(&id).await.unwrap();
}

/// security.md 43: a delayed reply of A after a switch to B is never shown in B.
#[tokio::test]
pub async fn a_late_reply_of_the_organization_before_is_not_shown_in_this_one() {
    let (world, main) = World::signed_in(small()).await;
    let id = world.find(&main, "vogt").rows[0].id.clone();
    let path = format!("/v1/users/{}/", id.as_str());
    let control = world.sim.control();
    let pause = control.pause(When::BeforeCommit, Match::new("GET", &path));
    let console = world.console.clone();
    let late = tokio::spawn(async move { console.open(&main).unwrap().user_read(&id).await });
    pause.reached().await;
    let second = world.choose("Seehafen Logistik").await;
    world.read().await;
    let before = world.find(&second, "");
    pause.release();
    // Whatever it brings belongs to the organization it was asked in.
    let _ = late.await.unwrap();
    assert_eq!(world.find(&second, ""), before);
}

#[tokio::test]
pub async fn a_short_lived_token_is_renewed_without_anybody_noticing() {
    let config = ezeep_sim_faults::SimConfig {
        access_token_life: Duration::from_secs(60),
        ..small()
    };
    let (world, main) = World::signed_in(config).await;
    world.sim.control().revoke_access_tokens();
    let id = world.find(&main, "").rows[0].id.clone();
    world.at(&main).user_read(&id).await.unwrap();
    assert_eq!(world.sim.control().live_families().len(), 1);
}

#[tokio::test]
pub async fn the_demo_organization_is_signed_in_to_by_the_same_road_and_kept_nowhere() {
    let mut world = World::new(small()).await;
    world.signed_out().await;
    *world.host.visitor.lock().unwrap() = Visitor::Allows(known::ONE_ORGANIZATION_ADMIN.email);
    world.console.demo_start().await.unwrap();
    world
        .until("in the demo", |view| match view {
            SessionView::SignedIn {
                demo: true,
                storage: TokenStorage::Memory,
                ..
            } => Some(()),
            _ => None,
        })
        .await;
    let opened = world.host.opened.lock().unwrap()[0].clone();
    assert_ne!(opened.origin(), world.sim.account_url().origin());
    world.restart();
    assert_eq!(world.signed_out().await, None);
    let (form, _) = world.form().await;
    assert_eq!(
        form.client_id, "",
        "the demo's Client ID was remembered as the person's own"
    );
}

#[tokio::test]
pub async fn a_setting_that_cannot_be_used_is_named_and_nothing_starts() {
    let world = World::new(small()).await;
    let settings = console::settings::Settings::from_lookup(|name| {
        (name == "PRESSROOM_API_URL").then(|| "http://printing.example/v1".to_owned())
    });
    let console = console::Console::new(
        settings.map(|settings| (settings, world.directory.clone())),
        world.host.clone(),
        std::sync::Arc::clone(&world.keychain),
    )
    .unwrap();
    console.resume();
    let SessionView::Unusable { problem } = console.session_view() else {
        panic!()
    };
    assert_eq!(
        problem.code,
        ErrorCode::SettingInvalid {
            setting: "PRESSROOM_API_URL".into()
        }
    );
    assert!(console.sign_in(world.request(true)).await.is_err());
}
