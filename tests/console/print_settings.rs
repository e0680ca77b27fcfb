//! A user's print settings: no membership is lost, whether the server keeps or empties groups that are left
//! out (security.md 80).

use console::error::ErrorCode;
use console::print_settings::{PrintSettingsChange, PrintSettingsOutcome as Outcome};
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{AbsentGroups, Fault, FaultKind, Match, PersonView, When};
use ids::{GroupId, UserId, WorkspaceId};

use crate::support::*;

const MY_PRINTERS_ON: PrintSettingsChange = PrintSettingsChange {
    local_printing: None,
    self_service: None,
    my_printers: Some(true),
};

/// Users in at least one group with MyPrinters off.
fn people(world: &World, main: &WorkspaceId, how_many: usize) -> Vec<UserId> {
    let scope = UserScope {
        states: vec![UserState::Active],
        settings: vec![SettingFilter {
            setting: PrintSetting::MyPrinters,
            on: false,
        }],
        ..UserScope::default()
    };
    let rows = world.users(main, scope).rows.into_iter();
    let people: Vec<UserId> = rows
        .filter(|row| row.group_count > 0)
        .map(|row| row.id)
        .take(how_many)
        .collect();
    assert_eq!(people.len(), how_many);
    people
}

fn on_server(world: &World, user: &UserId) -> PersonView {
    world
        .sim
        .control()
        .person(organizations::MAIN, user.as_str())
        .unwrap()
}

fn patch(user: &UserId) -> Match {
    Match::new("PATCH", &user_path(user))
}

fn patches(world: &World) -> u64 {
    world.sim.control().count("PATCH", "/printing/v1/users/{id}/")
}

fn outcomes(results: Vec<console::print_settings::PrintSettingsResult>) -> Vec<Outcome> {
    results.into_iter().map(|result| result.outcome).collect()
}

/// security.md 80
#[tokio::test]
async fn settings_are_written_and_every_membership_stays_whichever_way_the_server_reads_what_is_absent() {
    for (absent, put_only) in [
        (AbsentGroups::ReadAsEmpty, false),
        (AbsentGroups::Kept, false),
        (AbsentGroups::ReadAsEmpty, true),
    ] {
        let (world, main) = World::signed_in(small()).await;
        world.sim.control().change_quirks(|quirks| {
            quirks.absent_groups = absent;
            quirks.put_only = put_only;
        });
        let people = people(&world, &main, 12);
        let before: Vec<PersonView> = people.iter().map(|user| on_server(&world, user)).collect();
        let results = world
            .at(&main)
            .print_settings_write(&people, &MY_PRINTERS_ON)
            .await
            .unwrap();
        assert_eq!(outcomes(results), vec![Outcome::Applied; 12], "{absent:?}");
        for (user, before) in people.iter().zip(before) {
            let after = on_server(&world, user);
            let expected = PersonView {
                my_printers: true,
                ..before
            };
            assert_eq!(after, expected, "{absent:?}");
            let row = world.at(&main).user(user).unwrap().row;
            assert!(row.settings.is_some_and(|settings| settings.my_printers));
            assert_eq!(row.group_count as usize, after.groups.len());
        }
        let again = world
            .at(&main)
            .print_settings_write(&people, &MY_PRINTERS_ON)
            .await
            .unwrap();
        assert_eq!(outcomes(again), vec![Outcome::NoChangeNeeded; 12]);
    }
}

/// What another admin did before our read is part of the write.
#[tokio::test]
async fn the_groups_sent_along_are_those_of_the_server_and_not_of_the_list() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap().id;
    let user = people(&world, &main, 1).remove(0);
    let control = world.sim.control();
    control
        .add_to_group(organizations::MAIN, user.as_str(), group.as_str())
        .unwrap();
    let results = world
        .at(&main)
        .print_settings_write(std::slice::from_ref(&user), &MY_PRINTERS_ON)
        .await
        .unwrap();
    assert_eq!(outcomes(results), [Outcome::Applied]);
    assert!(
        on_server(&world, &user)
            .groups
            .contains(&group.as_str().to_owned())
    );
}

/// security.md 80
#[tokio::test]
async fn the_first_of_a_set_is_written_alone_and_read_back_before_anybody_else_is_asked_for() {
    let (world, main) = World::signed_in(small()).await;
    let people = people(&world, &main, 8);
    let control = world.sim.control();
    let pause = control.pause(When::AfterCommit, patch(&people[0]));
    let open = world.at(&main);
    let write = open.print_settings_write(&people, &MY_PRINTERS_ON);
    let look = async {
        pause.reached().await;
        assert_eq!(patches(&world), 1);
        let asked = control.requests();
        let others = asked.iter().filter(|request| {
            let of = |user: &UserId| request.path.contains(user.as_str());
            request.endpoint == "/printing/v1/users/{id}/" && people[1..].iter().any(of)
        });
        assert_eq!(others.count(), 0, "nobody else was even read");
        pause.release();
    };
    let (results, ()) = futures::join!(write, look);
    assert_eq!(outcomes(results.unwrap()), vec![Outcome::Applied; 8]);
}

/// security.md 80
#[tokio::test]
async fn a_set_stops_where_the_first_setting_did_not_take() {
    let (world, main) = World::signed_in(small()).await;
    let people = people(&world, &main, 5);
    world
        .sim
        .control()
        .change_quirks(|quirks| quirks.ignore_print_settings = true);
    let results = world
        .at(&main)
        .print_settings_write(&people, &MY_PRINTERS_ON)
        .await
        .unwrap();
    let mut expected = vec![Outcome::NotTried; 5];
    expected[0] = Outcome::NotTaken;
    assert_eq!(outcomes(results), expected);
    assert_eq!(patches(&world), 1);
}

/// security.md 80
#[tokio::test]
async fn a_set_stops_at_the_first_lost_group_and_names_it() {
    let (world, main) = World::signed_in(small()).await;
    let people = people(&world, &main, 40);
    for (place, most) in [(0, 1), (2, 8)] {
        let (control, user) = (world.sim.control(), people[place].clone());
        let lost = on_server(&world, &user).groups[0].clone();
        let group = lost.clone();
        control.forget_requests();
        let before = patches(&world);
        let loses = world.sim.control();
        control.on_request(When::AfterCommit, patch(&user), Some(1), move |_| {
            loses
                .remove_from_group(organizations::MAIN, user.as_str(), &group)
                .unwrap();
        });
        let change = PrintSettingsChange {
            my_printers: Some(true),
            self_service: Some(place == 0),
            ..PrintSettingsChange::default()
        };
        let results = world
            .at(&main)
            .print_settings_write(&people, &change)
            .await
            .unwrap();
        let outcomes = outcomes(results);
        let groups = vec![GroupId::try_from(lost).unwrap()];
        assert_eq!(outcomes[place], Outcome::GroupsLost { groups });
        assert_eq!(outcomes[39], Outcome::NotTried, "{outcomes:?}");
        let written = patches(&world) - before;
        assert!(written <= most, "{written} were written, of 40");
    }
}

#[tokio::test]
async fn who_can_not_be_written_is_told_and_proves_nothing_for_the_others() {
    let (world, main) = World::signed_in(small()).await;
    let people = people(&world, &main, 4);
    let control = world.sim.control();
    control
        .remove_person(organizations::MAIN, people[0].as_str())
        .unwrap();
    control.change_quirks(|quirks| quirks.ignore_print_settings = true);
    let results = world
        .at(&main)
        .print_settings_write(&people, &MY_PRINTERS_ON)
        .await
        .unwrap();
    let outcomes = outcomes(results);
    assert!(matches!(&outcomes[0], Outcome::Failed { error } if error.code == ErrorCode::UserGone));
    assert_eq!(
        outcomes[1..],
        [Outcome::NotTaken, Outcome::NotTried, Outcome::NotTried],
        "the second is written alone too"
    );
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_is_found_out_by_reading() {
    let (world, main) = World::signed_in(small()).await;
    let people = people(&world, &main, 3);
    let control = world.sim.control();
    control.add_fault(Fault::once(patch(&people[0]), FaultKind::DropAfterCommit));
    control.add_fault(Fault::once(patch(&people[1]), FaultKind::DropBeforeCommit));
    let two = &people[..2];
    let results = world
        .at(&main)
        .print_settings_write(two, &MY_PRINTERS_ON)
        .await
        .unwrap();
    let outcomes = outcomes(results);
    assert_eq!(outcomes[0], Outcome::Applied);
    assert!(matches!(&outcomes[1], Outcome::Failed { error } if error.code == ErrorCode::OutcomeUnknown));
    assert!(!on_server(&world, &people[1]).my_printers);
}
