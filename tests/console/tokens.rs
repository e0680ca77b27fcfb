//! The contents of access tokens are not documented: the sign-in's use cases with each kind of token, servers
//! that contradict what is believed about a token, and second grants of one user.

use console::Console;
use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations::{MAIN, PRIVATE, SECOND, THIRD};
use ezeep_sim_faults::{AccessTokens, Fault, FaultKind, Grant, Match};
use ids::WorkspaceId;

use crate::support::*;

/// Runs tests of other modules with each kind of access token except the usual one, which they use
/// themselves.
macro_rules! with_each_kind_of_token {
    ($($module:ident :: $test:ident,)*) => {
        with_each_kind_of_token! { @kind opaque Opaque $($module::$test,)* }
        with_each_kind_of_token! { @kind jwt_without_organization JwtWithoutOrganization $($module::$test,)* }
        with_each_kind_of_token! { @kind jwt_with_another_claim JwtOtherClaim $($module::$test,)* }
    };
    (@kind $name:ident $kind:ident $($module:ident :: $test:ident,)*) => {
        mod $name {
            $(#[test] fn $test() {
                crate::support::with_access_tokens(
                    ezeep_sim_faults::AccessTokens::$kind, crate::$module::$test);
            })*
        }
    };
}

with_each_kind_of_token! {
    accounts::two_accounts_are_kept_side_by_side_each_in_a_record_of_its_own,
    accounts::an_organization_has_one_color_whichever_account_looks_at_it,
    accounts::nothing_asked_as_one_person_is_answered_or_written_as_another,
    accounts::going_to_an_account_that_fails_leaves_the_one_in_front_working,
    accounts::a_second_sign_in_that_is_cancelled_leaves_the_first_as_it_was,
    accounts::signing_in_as_the_same_person_again_leaves_one_account_and_one_grant,
    accounts::a_sign_in_of_the_same_person_over_a_network_that_breaks_the_switch_costs_no_session,
    accounts::signing_out_of_one_account_leaves_the_other_to_be_gone_on_with,
    accounts::signing_out_of_all_organizations_ends_every_grant_on_this_computer,
    accounts::forgetting_an_account_offline_forgets_it_here_and_says_what_may_live_on,
    accounts::an_account_that_the_server_no_longer_takes_asks_its_person_and_leaves_the_other,
    sessions::a_session_that_ended_leaves_everything_where_it_was_and_a_sign_in_goes_on_there,
    sessions::a_run_that_loses_its_session_waits_and_goes_on_by_itself_after_the_sign_in,
    sessions::a_plan_that_was_not_applied_is_there_after_a_restart_and_gone_after_the_sign_out,
    sessions::an_expired_session_found_at_the_start_keeps_its_plans_for_the_sign_in,
    sessions::a_sign_in_of_another_program_as_the_same_person_is_taken_up_without_a_question,
    sign_in::an_admin_of_one_organization_lands_in_it_and_never_sees_private,
    sign_in::somebody_with_several_organizations_is_asked_once_and_remembered,
    sign_in::a_user_without_an_organization_is_told_so_instead_of_shown_private,
    sign_in::an_organization_where_one_is_no_admin_says_so,
    sign_in::memory_only_means_a_restart_asks_again,
    sign_in::a_server_that_is_off_at_the_restart_is_no_sign_out,
    sign_in::a_session_that_ended_on_the_server_is_one_clean_question,
    sign_in::a_session_that_ends_while_the_window_is_open_is_one_clean_question,
    sign_in::signing_out_revokes_the_grant_and_empties_the_keychain,
    sign_in::a_switch_shows_the_other_organization_and_the_first_one_stays_as_it_was,
    sign_in::a_switch_that_fails_leaves_the_organization_as_it_was,
    sign_in::a_switch_that_the_server_refuses_is_about_the_organization_and_ends_no_session,
    sign_in::a_late_reply_of_the_organization_before_is_not_shown_in_this_one,
    sign_in::a_short_lived_token_is_renewed_without_anybody_noticing,
}

const EVERY_KIND: [AccessTokens; 4] = [
    AccessTokens::Jwt,
    AccessTokens::JwtWithoutOrganization,
    AccessTokens::JwtOtherClaim,
    AccessTokens::Opaque,
];

/// Signed in to the main organization, with this kind of tokens.
async fn signed_in(kind: AccessTokens) -> (World, WorkspaceId) {
    let mut config = small();
    config.quirks.access_tokens = kind;
    World::signed_in(config).await
}

/// The main organization is open, and reads and writes go there.
async fn works_in_main(world: &World, main: &WorkspaceId, name: &str) {
    assert_eq!(world.inside().await.0, *main);
    let id = world.find(main, "").rows[0].id.clone();
    world.at(main).user_read(&id).await.unwrap();
    world.at(main).group_create(&form(name)).await.unwrap();
    let groups = |organization| {
        let groups = world.sim.control().groups(organization).unwrap();
        groups.iter().filter(|group| group.name == name).count()
    };
    assert_eq!(
        [MAIN, SECOND, THIRD, PRIVATE].map(groups),
        [1, 0, 0, 0],
        "written elsewhere"
    );
}

/// The session never ends in the wrong organization without an error (security.md 44).
#[tokio::test]
async fn a_switch_that_lands_elsewhere_ends_in_the_organization_before_with_words() {
    for kind in EVERY_KIND {
        // It stays in the previous organization, or ends in one without admin rights, although the requested
        // one has them.
        for lands_in in [MAIN, THIRD] {
            let (world, main) = signed_in(kind).await;
            let second = world.organization("Seehafen Logistik").await;
            world.sim.control().change_quirks(|quirks| {
                quirks.switch_lands_in = Some((SECOND.to_owned(), lands_in.to_owned()));
            });
            let told = code(world.console.organization_choose(&second).await);
            assert_eq!(told, ErrorCode::SwitchRefused, "{kind:?}, {lands_in}");
            works_in_main(&world, &main, "Aula").await;
            world.sim.control().revoke_access_tokens();
            works_in_main(&world, &main, "Bibliothek").await;
            world
                .sim
                .control()
                .change_quirks(|quirks| quirks.switch_lands_in = None);
            world.choose("Seehafen Logistik").await;
        }
    }
}

/// security.md 44: detected only when the opened organization is read or written.
#[tokio::test]
async fn what_belongs_to_another_organization_is_neither_shown_nor_believed() {
    for kind in EVERY_KIND.into_iter().skip(1) {
        let (world, _) = signed_in(kind).await;
        let second = world.choose("Seehafen Logistik").await;
        world.read().await;
        // From here on every refresh is answered with a token of the main organization.
        world.sim.control().change_quirks(|quirks| {
            quirks.switch_lands_in = Some((SECOND.to_owned(), MAIN.to_owned()));
        });
        world.sim.control().revoke_access_tokens();
        let before = world.groups(&second, "");
        world.open().sync_start();
        let ReadView::Failed { error, .. } = world.read().await else {
            panic!("{kind:?}: another organization was read")
        };
        assert_eq!(error.code, ErrorCode::WrongOrganization, "{kind:?}");
        assert_eq!(world.groups(&second, ""), before, "{kind:?}");
        let created = world.at(&second).group_create(&form("Hafenbüro")).await;
        assert_eq!(code(created), ErrorCode::WrongOrganization, "{kind:?}");
        let groups = world.sim.control().groups(MAIN).unwrap();
        assert!(groups.iter().all(|group| group.name != "Hafenbüro"), "{kind:?}");
    }
}

/// security.md 44: a token that names another organization than the requested one belongs to the named one.
#[tokio::test]
async fn a_claim_that_names_another_organization_than_asked_for_ends_in_the_one_before_with_words() {
    let (world, main) = signed_in(AccessTokens::Jwt).await;
    let second = world.organization("Seehafen Logistik").await;
    let claim = |id: Option<&str>| {
        let id = id.map(str::to_owned);
        world.sim.control().change_quirks(|quirks| quirks.org_claim = id);
    };
    claim(Some(THIRD));
    assert_eq!(
        code(world.console.organization_choose(&second).await),
        ErrorCode::SwitchRefused
    );
    works_in_main(&world, &main, "Aula").await;
    claim(None);
    world.sim.control().revoke_access_tokens();
    works_in_main(&world, &main, "Bibliothek").await;
    world.choose("Seehafen Logistik").await;
}

/// A refresh may return to the Private organization (ezeep-api.md): with a token without claims Private's
/// empty lists would be shown as the company's.
#[tokio::test]
async fn a_server_that_goes_back_to_private_at_each_refresh_is_told_the_organization_again() {
    for kind in EVERY_KIND {
        let (mut world, main) = signed_in(kind).await;
        let people = world.find(&main, "").total;
        let control = world.sim.control();
        control.change_quirks(|quirks| quirks.refresh_forgets_organization = true);
        control.revoke_access_tokens();
        works_in_main(&world, &main, "Aula").await;
        control.revoke_access_tokens();
        world.open().sync_start();
        world.read().await;
        assert_eq!(world.find(&main, "").total, people, "{kind:?}");
        world.restart();
        let (main, _) = world.inside().await;
        world.read().await;
        assert_eq!(world.find(&main, "").total, people, "{kind:?}, restarted");
    }
}

/// A server that returns to Private at each refresh, and no longer admits the user to their last
/// organization: they are asked for another one instead of being locked out of all.
#[tokio::test]
async fn somebody_who_is_refused_the_organization_they_were_in_last_is_asked_for_another() {
    for kind in EVERY_KIND {
        let (mut world, _) = signed_in(kind).await;
        let control = world.sim.control();
        control.change_quirks(|quirks| quirks.refresh_forgets_organization = true);
        let refusal = FaultKind::Reply {
            status: 400,
            content_type: "application/json".into(),
            body: r#"{"error":"invalid_request"}"#.into(),
        };
        let to_main = Match {
            body: Some(format!("organization_id={MAIN}")),
            ..Match::new("POST", "/oauth/access_token/")
        };
        control.add_fault(Fault::always(to_main, refusal));
        world.restart();
        world
            .until("asked which organization", |view| {
                matches!(view, SessionView::ChoosingOrganization { .. }).then_some(())
            })
            .await;
        world.choose("Seehafen Logistik").await;
        assert!(matches!(world.read().await, ReadView::Done { .. }), "{kind:?}");
    }
}

/// A grant of the same user and client, as another program on another computer gets it.
fn second_grant(world: &World) {
    world.sim.control().issue_tokens(ADMIN, None).unwrap();
}

/// A second grant of the same user and client: not documented whether it ends the first (ezeep-api.md).
#[tokio::test]
async fn a_second_grant_that_ends_the_first_is_one_clean_question_and_costs_nothing_else() {
    for kind in EVERY_KIND {
        let mut config = small();
        config.quirks.access_tokens = kind;
        config.quirks.second_grant_ends_first = true;
        let mut world = World::new(config).await;
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let main = world.choose("Nordhafen Schulen").await;
        world.read().await;
        let request = add_to_a_group(&world, &main).await;
        let plan = world.at(&main).plan_make(&request).await.unwrap();
        let people = world.find(&main, "").total;
        world
            .until("kept", |_| (!crate::cache::kept(&world).is_empty()).then_some(()))
            .await;
        second_grant(&world);
        world.open().sync_start();
        assert_eq!(world.expired().await, main, "{kind:?}");
        assert_eq!(world.form().await.1.unwrap().code, ErrorCode::SessionEnded);
        assert_eq!(world.find(&main, "").total, people);
        // The saved copy is shown at the next start too, with the same sign-in in front of it.
        world.restart();
        let main = world.expired().await;
        assert_eq!(world.find(&main, "").total, people);
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let (main, _) = world.inside().await;
        world.read().await;
        let kept = world.at(&main).plans();
        assert_eq!(kept.len(), 1, "{kind:?}");
        world.open().plan_apply(&plan.id).await.unwrap();
        assert_eq!(world.finished(&plan.id).await.failed, 0);
    }
}

/// A second grant of the same user and client that does not end the first (ezeep-api.md).
#[tokio::test]
async fn a_second_grant_that_leaves_the_first_alone_is_not_noticed() {
    for kind in EVERY_KIND {
        let (world, main) = signed_in(kind).await;
        second_grant(&world);
        world.sim.control().revoke_access_tokens();
        works_in_main(&world, &main, "Aula").await;
        assert_eq!(world.sim.control().live_families().len(), 2);
    }
}

/// A second grant of the same user and client, by two programs on one data directory (ezeep-api.md).
#[tokio::test]
async fn two_programs_on_one_data_directory_go_on_with_the_last_sign_in_also_where_it_ended_the_first() {
    for kind in EVERY_KIND {
        let mut config = small();
        config.quirks.access_tokens = kind;
        config.quirks.second_grant_ends_first = true;
        let (mut world, main) = World::signed_in(config).await;
        let first = world.second_program();
        world.sign_in(Visitor::Allows(ADMIN)).await;
        world.choose("Nordhafen Schulen").await;
        goes_on(&first, &main).await;
        world.restart();
        world.inside().await;
        assert_eq!(world.sim.control().live_families().len(), 1);
    }
}

/// No sign-in is asked for, and a request is answered.
pub async fn goes_on(console: &Console, workspace: &WorkspaceId) {
    let query = UserQuery {
        scope: UserScope::default(),
        sort: UserColumn::Name,
        descending: false,
        offset: 0,
        limit: 1,
    };
    let somebody = console.open(workspace).unwrap().users(&query).unwrap().rows[0]
        .id
        .clone();
    console
        .open(workspace)
        .unwrap()
        .user_read(&somebody)
        .await
        .unwrap();
    let SessionView::SignedIn { overlay: None, .. } = console.session_view() else {
        panic!("asked: {:?}", console.session_view())
    };
    for account in console.accounts() {
        assert_eq!(account.state, AccountState::Ready);
    }
}

/// If the user can't be determined, no grant may be left behind: an opaque token does not name its user.
#[tokio::test]
async fn a_sign_in_whose_person_can_not_be_learned_is_ended_again_and_said() {
    let mut config = small();
    config.quirks.access_tokens = AccessTokens::Opaque;
    let world = World::new(config).await;
    let fault = world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/me"),
        FaultKind::Status { status: 503 },
    ));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::ServerFailed { status: 503 }
    );
    assert_eq!(world.sim.control().live_families(), vec![]);
    assert_eq!(world.console.accounts(), vec![]);
    assert!(world.sim.control().remove_fault(fault));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.choose("Nordhafen Schulen").await;
}

/// A switch is a rotation like a refresh: the next one resolves what a lost reply leaves open.
#[tokio::test]
async fn a_switch_whose_reply_is_lost_and_that_spent_no_token_leaves_the_organization_before_working() {
    for kind in EVERY_KIND {
        let (world, main) = signed_in(kind).await;
        let second = world.organization("Seehafen Logistik").await;
        let control = world.sim.control();
        // The server has switched, and both replies are lost; the refresh token is still valid.
        control.change_quirks(|quirks| quirks.switch_keeps_refresh_token = true);
        control.add_fault(Fault::times(
            Match::grant(Grant::SwitchOrganization),
            2,
            FaultKind::DropAfterCommit,
        ));
        world.console.organization_choose(&second).await.unwrap_err();
        control.revoke_access_tokens();
        works_in_main(&world, &main, "Aula").await;
    }
}
