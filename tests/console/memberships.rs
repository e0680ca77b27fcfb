//! security.md 50: a second admin writes at the same time. What they committed before our last read of a
//! person is never lost; what they commit in the one round trip between that read and our PATCH may be, and
//! is counted here; what they commit after our PATCH is found by the read-back and reported.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Match, When};
use ids::{GroupId, UserId, WorkspaceId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

/// Where in our read, write, read-back the second admin commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    BeforeOurRead,
    AfterOurRead,
    BeforeOurWrite,
    AfterOurWrite,
    BeforeOurReadBack,
}

/// What the second admin does: puts the person into one group, or takes them out of one.
#[derive(Debug, Clone, Copy)]
struct Act {
    moment: Moment,
    group: usize,
    add: bool,
}

fn act() -> impl Strategy<Value = Act> {
    let moment = prop_oneof![
        Just(Moment::BeforeOurRead),
        Just(Moment::AfterOurRead),
        Just(Moment::BeforeOurWrite),
        Just(Moment::AfterOurWrite),
        Just(Moment::BeforeOurReadBack),
    ];
    (moment, 0..GROUPS, any::<bool>()).prop_map(|(moment, group, add)| Act { moment, group, add })
}

const GROUPS: usize = 6;

/// In how many round trips of ours another admin's commit was overwritten; printed, and written in
/// docs/architecture.md.
#[derive(Default)]
struct Tally {
    runs: u32,
    acts: u32,
    in_window: u32,
    overwritten: u32,
    reported: u32,
}

#[test]
fn nothing_that_a_second_admin_committed_before_our_last_read_is_lost() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (world, main) = runtime.block_on(World::signed_in(small()));
    let (person, groups) = runtime.block_on(async {
        let scope = UserScope {
            states: vec![UserState::Active],
            ..UserScope::default()
        };
        let person = world.users(&main, scope).rows[0].id.clone();
        let mut groups = Vec::new();
        for n in 0..GROUPS {
            groups.push(
                world
                    .at(&main)
                    .group_create(&form(&format!("Probe {n}")))
                    .await
                    .unwrap()
                    .id,
            );
        }
        (person, groups)
    });
    let tally = Mutex::new(Tally::default());
    let cases = (
        prop::collection::btree_set(0..GROUPS, 0..GROUPS),
        prop::collection::btree_set(0..GROUPS, 1..3usize),
        any::<bool>(),
        prop::collection::vec(act(), 0..4),
    );
    let mut runner = TestRunner::new(Config {
        cases: testing::soak::cases(96),
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&cases, |(start, ours, adding, acts)| {
        runtime.block_on(one(
            &world, &main, &person, &groups, start, ours, adding, &acts, &tally,
        ))
    });
    let tally = tally.into_inner().unwrap();
    println!(
        "memberships: {} runs, {} acts of a second admin, {} inside the window of one round trip, {} of these overwritten, {} runs reported as changed meanwhile; lost outside the window: 0",
        tally.runs, tally.acts, tally.in_window, tally.overwritten, tally.reported
    );
    outcome.unwrap();
}

#[allow(clippy::too_many_arguments)]
async fn one(
    world: &World,
    main: &WorkspaceId,
    person: &UserId,
    groups: &[GroupId],
    start: BTreeSet<usize>,
    ours: BTreeSet<usize>,
    adding: bool,
    acts: &[Act],
    tally: &Mutex<Tally>,
) -> Result<(), TestCaseError> {
    let control = world.sim.control();
    control.clear_hooks();
    let id = |n: &usize| groups[*n].as_str().to_owned();
    let all: Vec<String> = (0..GROUPS).map(|n| id(&n)).collect();
    let begin: Vec<String> = start.iter().map(id).collect();
    control
        .set_groups(
            organizations::MAIN,
            person.as_str(),
            &begin.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .unwrap();
    world.at(main).user_read(person).await.unwrap();

    let named: Vec<GroupId> = ours.iter().map(|n| groups[*n].clone()).collect();
    let request = if adding {
        MembershipRequest::Edit {
            user: person.clone(),
            add: named,
            remove: vec![],
        }
    } else {
        MembershipRequest::Edit {
            user: person.clone(),
            add: vec![],
            remove: named,
        }
    };
    let plan = world.at(main).plan_make(&request).await.unwrap();
    // Every requested membership counts as ours, also if the lists already show it: only the server's record
    // decides.
    let lines = world.open().plan_lines(&plan.id, 0, 100, false).unwrap().lines;
    let planned: BTreeSet<String> = lines
        .iter()
        .map(|line| line.group.id.as_str().to_owned())
        .collect();

    // What the second admin sees as the truth after each of their commits, by moment.
    let path = user_path(person);
    let log = Arc::new(Mutex::new(Vec::<(Moment, BTreeSet<String>)>::new()));
    for moment in [
        Moment::BeforeOurRead,
        Moment::AfterOurRead,
        Moment::BeforeOurWrite,
        Moment::AfterOurWrite,
        Moment::BeforeOurReadBack,
    ] {
        let mine: Vec<(String, bool)> = acts
            .iter()
            .filter(|a| a.moment == moment)
            .map(|a| (id(&a.group), a.add))
            .collect();
        let (when, matching) = match moment {
            Moment::BeforeOurRead => (When::BeforeCommit, Match::new("GET", &path)),
            Moment::AfterOurRead => (When::AfterCommit, Match::new("GET", &path)),
            Moment::BeforeOurWrite => (When::BeforeCommit, Match::new("PATCH", &path)),
            Moment::AfterOurWrite => (When::AfterCommit, Match::new("PATCH", &path)),
            Moment::BeforeOurReadBack => (When::BeforeCommit, Match::new("GET", &path).skip(1)),
        };
        let matching = match moment {
            Moment::BeforeOurRead | Moment::AfterOurRead => matching,
            _ => matching.may_not_fire("the second admin may have left us nothing to write"),
        };
        let (log, control, who) = (log.clone(), world.sim.control(), person.as_str().to_owned());
        world.sim.control().on_request(when, matching, Some(1), move |_| {
            for (group, add) in &mine {
                if *add {
                    control.add_to_group(organizations::MAIN, &who, group).unwrap();
                } else {
                    control
                        .remove_from_group(organizations::MAIN, &who, group)
                        .unwrap();
                }
            }
            let now = control
                .memberships(organizations::MAIN, &who)
                .unwrap()
                .into_iter()
                .collect();
            log.lock().unwrap().push((moment, now));
        });
    }

    world.open().plan_apply(&plan.id).await.unwrap();
    world.finished(&plan.id).await;
    let outcome = world.open().plan_lines(&plan.id, 0, 100, false).unwrap().lines;
    control.clear_hooks();
    let end: BTreeSet<String> = control
        .memberships(organizations::MAIN, person.as_str())
        .unwrap()
        .into_iter()
        .collect();
    world.open().plan_close(&plan.id).await.unwrap();

    let log = log.lock().unwrap().clone();
    let at = |wanted: Moment| {
        log.iter()
            .find(|(moment, _)| *moment == wanted)
            .map(|(_, now)| now.clone())
    };
    let read = at(Moment::BeforeOurRead).unwrap();
    let wrote = at(Moment::AfterOurWrite).is_some();
    let mut tally = tally.lock().unwrap();
    tally.runs += 1;
    tally.acts += u32::try_from(acts.len()).unwrap();

    // What the groups that are not ours were at our last read before the write, then changed by the acts
    // after our write.
    let mut wanted = read.clone();
    if wrote {
        for group in &planned {
            if adding {
                wanted.insert(group.clone())
            } else {
                wanted.remove(group)
            };
        }
        let before_write = at(Moment::BeforeOurWrite)
            .or_else(|| at(Moment::AfterOurRead))
            .unwrap_or_else(|| read.clone());
        let window = before_write.symmetric_difference(&read).count();
        tally.in_window += u32::try_from(window).unwrap();
        let lost = before_write
            .symmetric_difference(&read)
            .filter(|g| wanted.contains(*g) != before_write.contains(*g))
            .count();
        tally.overwritten += u32::try_from(lost).unwrap();
    } else if let Some(after) = at(Moment::AfterOurRead) {
        wanted = after;
    }
    let after_write: Vec<&Act> = acts
        .iter()
        .filter(|a| matches!(a.moment, Moment::AfterOurWrite | Moment::BeforeOurReadBack) && wrote)
        .collect();
    for moment in [Moment::AfterOurWrite, Moment::BeforeOurReadBack] {
        for act in after_write.iter().filter(|a| a.moment == moment) {
            if act.add {
                wanted.insert(id(&act.group))
            } else {
                wanted.remove(&id(&act.group))
            };
        }
    }
    prop_assert_eq!(
        &end,
        &wanted,
        "start {:?} of {:?}, ours {:?}, acts {:?}",
        begin,
        all,
        planned,
        acts
    );

    // What happened after our write is looked for and reported.
    let written: BTreeSet<String> = if wrote {
        let mut w = read.clone();
        for group in &planned {
            if adding {
                w.insert(group.clone())
            } else {
                w.remove(group)
            };
        }
        w
    } else {
        end.clone()
    };
    let differs = written != end;
    let reported = outcome
        .iter()
        .any(|line| matches!(line.outcome, Some(Outcome::ChangedMeanwhile { .. })));
    prop_assert_eq!(
        differs,
        reported,
        "the read-back found {:?} after {:?} was written",
        end,
        written
    );
    tally.reported += u32::from(reported);
    Ok(())
}
