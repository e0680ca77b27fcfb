//! What a sign-in must survive: an hour of rest, a restart, a second account, a keychain that is locked, another way back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use console::error::ErrorCode;
use console::settings::APP_LINK;
use console::wire::*;
use console::{Console, MemoryStore, SecretStore};
use ezeep_auth::{Record, RecordName, StoreError, StoreKind};
use ezeep_sim::{Consent, Fault, FaultKind, Match, known};

use crate::support::*;

const OTHER_ADMIN: &str = known::ONE_ORGANIZATION_ADMIN.email;

/// Three people into a new group.
async fn add_to_a_group(world: &World, main: &WorkspaceId) -> MembershipRequest {
    let group = world.console.group_create(main, &form("Aula")).await.unwrap();
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    let rows = world.users(main, scope).rows;
    MembershipRequest::Add {
        users: Selection::Ids {
            ids: rows.into_iter().take(3).map(|row| row.id).collect(),
        },
        groups: vec![group.id],
    }
}

/// Signs in again in front of what is open.
async fn sign_in_over(world: &World, email: &'static str) {
    world.sign_in(Visitor::Allows(email)).await;
}

#[tokio::test]
async fn a_session_that_ended_leaves_everything_where_it_was_and_a_sign_in_goes_on_there() {
    let (world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    let plan = world.console.plan_make(&main, &request).unwrap();
    let rows = world.find(&main, "");
    world.sim.control().revoke_all();
    world.console.sync_start().unwrap();
    assert_eq!(world.expired().await, main);
    // What was read can still be looked at; a write says what it lacks.
    assert_eq!(world.find(&main, ""), rows);
    assert_eq!(
        code(world.console.group_create(&main, &form("Mensa")).await),
        ErrorCode::SessionEnded
    );
    sign_in_over(&world, ADMIN).await;
    let (again, _) = world.inside().await;
    assert_eq!(again, main, "another opening would lose what the window shows");
    world.read().await;
    world.console.plan_apply(&plan.id).unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (progress.total, 0));
}

#[tokio::test]
async fn a_plan_that_loses_its_session_stops_and_is_applied_to_its_end_after_the_sign_in() {
    let (world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    world.sim.control().revoke_all();
    let plan = world.begin(&main, &request);
    let progress = world.finished(&plan.id).await;
    assert_eq!(
        (progress.applied, progress.failed),
        (0, 0),
        "what was not sent did not fail"
    );
    world.expired().await;
    sign_in_over(&world, ADMIN).await;
    world.inside().await;
    world.console.plan_apply(&plan.id).unwrap();
    assert_eq!(world.finished(&plan.id).await.applied, progress.total);
}

#[tokio::test]
async fn a_plan_that_was_not_applied_is_there_after_a_restart_and_gone_after_the_sign_out() {
    let (mut world, main) = World::signed_in(small()).await;
    let plan = world
        .console
        .plan_make(&main, &add_to_a_group(&world, &main).await)
        .unwrap();
    world.restart();
    let (main, _) = world.inside().await;
    world.read().await;
    let kept = world.console.plans(&main).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].plan.id, plan.id);
    assert_eq!(kept[0].progress.state, PlanState::Ready);
    world.console.plan_apply(&plan.id).unwrap();
    assert_eq!(world.finished(&plan.id).await.applied, 3);
    assert_eq!(world.console.plans(&main).unwrap(), vec![]);

    let group = world.console.group_create(&main, &form("Foyer")).await.unwrap();
    let request = MembershipRequest::Add {
        users: Selection::Matching {
            scope: UserScope::default(),
            except: vec![],
        },
        groups: vec![group.id],
    };
    world.console.plan_make(&main, &request).unwrap();
    assert_eq!(world.console.plans(&main).unwrap().len(), 1);
    world.console.sign_out().await.unwrap();
    world.restart();
    world.form().await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let (main, _) = world.inside().await;
    assert_eq!(world.console.plans(&main).unwrap(), vec![]);
}

#[tokio::test]
async fn an_expired_session_found_at_the_start_keeps_its_plans_for_the_sign_in() {
    let (mut world, main) = World::signed_in(small()).await;
    let plan = world
        .console
        .plan_make(&main, &add_to_a_group(&world, &main).await)
        .unwrap();
    world.sim.control().revoke_all();
    world.restart();
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::SessionEnded
    );
    let (form, _) = world.form().await;
    assert_eq!(form.accounts[0].state, AccountState::Expired);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let (main, _) = world.inside().await;
    assert_eq!(world.console.plans(&main).unwrap()[0].plan.id, plan.id);
}

// -- several accounts

/// Signed in as two people, the second one in front.
async fn two_accounts() -> (World, AccountId, AccountId) {
    let (world, _) = World::signed_in(small()).await;
    world.console.account_add().unwrap();
    sign_in_over(&world, OTHER_ADMIN).await;
    world
        .until("the other is in front", |view| match view {
            SessionView::SignedIn {
                person, over: None, ..
            } if person.email == OTHER_ADMIN => Some(()),
            _ => None,
        })
        .await;
    let accounts = world.console.accounts();
    let of = |email: &str| accounts.iter().find(|a| a.email == email).unwrap().id.clone();
    let (first, second) = (of(ADMIN), of(OTHER_ADMIN));
    (world, first, second)
}

#[tokio::test]
async fn two_accounts_are_kept_side_by_side_each_in_a_record_of_its_own() {
    let (mut world, first, second) = two_accounts().await;
    assert_eq!(world.sim.control().live_families().len(), 2);
    let current = |world: &World| {
        let accounts = world.console.accounts();
        accounts.into_iter().find(|a| a.current).map(|a| a.id)
    };
    assert_eq!(current(&world), Some(second.clone()));
    world.console.account_choose(&first).await.unwrap();
    let (main, person) = world.inside().await;
    assert_eq!(person.email, ADMIN);
    world.read().await;
    assert!(world.console.totals(&main).is_ok());
    // The next start has both, and the one that was in front is in front.
    world.restart();
    assert_eq!(world.inside().await.1.email, ADMIN);
    assert_eq!(world.console.accounts().len(), 2);
    world.console.account_choose(&second).await.unwrap();
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    assert_eq!(
        world.sim.control().live_families().len(),
        2,
        "a grant was lost or made twice"
    );
}

#[tokio::test]
async fn an_organization_has_one_color_whichever_account_looks_at_it() {
    let (mut world, first, _) = two_accounts().await;
    let color = |world: &World| match world.console.session_view() {
        SessionView::SignedIn { organization, .. } => (organization.name, organization.color),
        other => panic!("not signed in: {other:?}"),
    };
    let as_second = color(&world);
    world.console.account_choose(&first).await.unwrap();
    assert_eq!(color(&world), as_second);
    world.restart();
    world.inside().await;
    assert_eq!(color(&world), as_second);
}

/// security.md 43: what was asked as one person is refused as another, in the same organization, too.
#[tokio::test]
async fn nothing_asked_as_one_person_is_answered_or_written_as_another() {
    let (world, first, _) = two_accounts().await;
    let (as_second, _) = world.inside().await;
    world.read().await;
    let plan = world
        .console
        .plan_make(&as_second, &add_to_a_group(&world, &as_second).await)
        .unwrap();
    world.console.account_choose(&first).await.unwrap();
    let (as_first, _) = world.inside().await;
    world.read().await;
    assert_ne!(as_first, as_second);
    assert_eq!(
        code(world.console.totals(&as_second)),
        ErrorCode::OrganizationChanged
    );
    assert_eq!(
        code(world.console.group_create(&as_second, &form("Mensa")).await),
        ErrorCode::OrganizationChanged
    );
    assert_eq!(code(world.console.plan_apply(&plan.id)), ErrorCode::PlanGone);
    assert_eq!(world.console.plans(&as_first).unwrap(), vec![]);
}

/// security.md 44.
#[tokio::test]
async fn going_to_an_account_that_fails_leaves_the_one_in_front_working() {
    let (mut world, first, _) = two_accounts().await;
    world.restart();
    let (main, person) = world.inside().await;
    world.read().await;
    // Once taken up, it would need no token.
    world.sim.control().revoke_access_tokens();
    let fault = world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/me"),
        FaultKind::Status { status: 503 },
    ));
    assert_eq!(
        code(world.console.account_choose(&first).await),
        ErrorCode::ServerFailed { status: 503 }
    );
    world.sim.control().remove_fault(fault);
    assert_eq!(world.inside().await, (main.clone(), person));
    let id = world.find(&main, "").rows[0].id.clone();
    world.console.user_read(&main, &id).await.unwrap();
}

/// security.md 5.
#[tokio::test]
async fn a_second_sign_in_that_is_cancelled_leaves_the_first_as_it_was() {
    let (world, main) = World::signed_in(small()).await;
    world.console.account_add().unwrap();
    world.sign_in(Visitor::Leaves).await;
    world.waiting();
    world.console.sign_in_cancel().await;
    world.form().await;
    world.console.sign_in_close().await;
    assert_eq!(world.inside().await.0, main);
    let id = world.find(&main, "").rows[0].id.clone();
    world.console.user_read(&main, &id).await.unwrap();
    assert_eq!(world.console.accounts().len(), 1);
}

#[tokio::test]
async fn signing_in_as_the_same_person_again_leaves_one_account_and_one_grant() {
    let (world, main) = World::signed_in(small()).await;
    world.console.account_add().unwrap();
    sign_in_over(&world, ADMIN).await;
    assert_eq!(world.inside().await.0, main);
    assert_eq!(world.console.accounts().len(), 1);
    world
        .until("the grant before is ended", |_| {
            (world.sim.control().live_families().len() == 1).then_some(())
        })
        .await;
    let id = world.find(&main, "").rows[0].id.clone();
    world.console.user_read(&main, &id).await.unwrap();
}

#[tokio::test]
async fn signing_out_of_one_account_leaves_the_other_to_be_gone_on_with() {
    let (world, first, _) = two_accounts().await;
    world.console.sign_out().await.unwrap();
    let (form, problem) = world.form().await;
    assert_eq!(problem, None);
    assert_eq!(
        form.accounts.iter().map(|a| &a.id).collect::<Vec<_>>(),
        vec![&first]
    );
    assert_eq!(world.sim.control().live_families().len(), 1);
    world.console.account_choose(&first).await.unwrap();
    assert_eq!(world.inside().await.1.email, ADMIN);
}

/// security.md 41.
#[tokio::test]
async fn signing_out_of_all_organizations_ends_every_grant_on_this_computer() {
    let (mut world, _, _) = two_accounts().await;
    world.console.sign_out_all().await.unwrap();
    assert!(world.sim.control().live_families().is_empty());
    assert_eq!(world.console.accounts(), vec![]);
    world.restart();
    let (form, _) = world.form().await;
    assert_eq!(form.accounts, vec![]);
}

/// security.md 42.
#[tokio::test]
async fn forgetting_an_account_offline_forgets_it_here_and_says_what_may_live_on() {
    let (world, first, _) = two_accounts().await;
    world.sim.control().add_fault(Fault::always(
        Match::new("POST", "/oauth/revoke/"),
        FaultKind::DropBeforeCommit,
    ));
    assert_eq!(
        code(world.console.account_forget(&first).await),
        ErrorCode::SignOutNotConfirmed
    );
    assert_eq!(world.console.accounts().len(), 1);
    assert_eq!(
        code(world.console.account_choose(&first).await),
        ErrorCode::AccountGone
    );
    world.inside().await;
}

#[tokio::test]
async fn an_account_that_the_server_no_longer_takes_asks_its_person_and_leaves_the_other() {
    let (world, first, _) = two_accounts().await;
    let (main, _) = world.inside().await;
    let families = world.sim.control().live_families();
    for family in families
        .iter()
        .filter(|family| family.email.as_deref() == Some(ADMIN))
    {
        world.sim.control().revoke_family(family.number);
    }
    world.sim.control().revoke_access_tokens();
    world.console.account_choose(&first).await.unwrap();
    let asked = world
        .until("asked", |view| match view {
            SessionView::SignedIn {
                workspace,
                over: Some(over),
                ..
            } if over.reason == SignInReason::AddAccount => Some(workspace.clone()),
            _ => None,
        })
        .await;
    assert_eq!(asked, main);
    assert_eq!(world.form().await.1.unwrap().code, ErrorCode::SessionEnded);
    world.console.sign_in_close().await;
    assert_eq!(world.inside().await.0, main);
    let states: Vec<_> = world
        .console
        .accounts()
        .into_iter()
        .map(|a| (a.email, a.state))
        .collect();
    assert!(
        states.contains(&(ADMIN.to_owned(), AccountState::Expired)),
        "{states:?}"
    );
}

// -- pairing

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

// -- the keychain

/// A keychain that can be locked and unlocked.
struct Lockable {
    inside: MemoryStore,
    state: AtomicU8,
}

impl Lockable {
    fn open(&self) -> Result<(), StoreError> {
        match self.state.load(Ordering::SeqCst) {
            0 => Ok(()),
            1 => Err(StoreError::Locked {
                reason: "locked".into(),
            }),
            2 => Err(StoreError::TimedOut),
            _ => Err(StoreError::Ambiguous),
        }
    }
}

#[async_trait]
impl SecretStore for Lockable {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        self.open()?;
        self.inside.read(name).await
    }
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        self.open()?;
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.open()?;
        self.inside.delete(name).await
    }
    async fn probe(&self) -> Result<(), StoreError> {
        self.open()
    }
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }
}

/// security.md 26, 29.
#[tokio::test]
async fn a_keychain_that_is_locked_hung_or_ambiguous_is_named_and_an_unlock_takes_the_session_up() {
    let mut world = World::new(small()).await;
    let keychain = Arc::new(Lockable {
        inside: MemoryStore::default(),
        state: AtomicU8::new(0),
    });
    world.keychain = keychain.clone();
    world.restart();
    world.form().await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
    for (state, code, shown) in [
        (1, ErrorCode::KeychainLocked, KeychainState::Locked),
        (2, ErrorCode::KeychainUnresponsive, KeychainState::Unresponsive),
        (3, ErrorCode::KeychainRefused, KeychainState::Refusing),
    ] {
        keychain.state.store(state, Ordering::SeqCst);
        world.restart();
        assert_eq!(world.signed_out_with_a_problem().await.code, code);
        assert_eq!(world.form().await.0.keychain, shown);
        assert_eq!(world.console.keychain_check().await, shown);
    }
    keychain.state.store(0, Ordering::SeqCst);
    assert_eq!(world.console.keychain_check().await, KeychainState::Usable);
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

/// A page of a captive portal is named, and drops nothing (security.md 37).
#[tokio::test]
async fn a_captive_portal_in_the_way_is_named_and_the_session_is_taken_up_behind_it() {
    let (mut world, _) = World::signed_in(small()).await;
    let fault = world.sim.control().add_fault(Fault::always(
        Match::new("POST", "/oauth/access_token/"),
        FaultKind::Reply {
            status: 200,
            content_type: "text/html".into(),
            body: "<html><h1>Welcome to Hotel WLAN</h1></html>".into(),
        },
    ));
    world.restart();
    let problem = world
        .until("unreachable", |view| match view {
            SessionView::Unreachable { problem } => Some(problem.clone()),
            _ => None,
        })
        .await;
    assert_eq!(problem.code, ErrorCode::PortalInTheWay);
    world.sim.control().remove_fault(fault);
    world.console.session_retry();
    world.inside().await;
}
