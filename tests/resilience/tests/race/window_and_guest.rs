//! A window and another program on one data directory, as one person, each with a sign-in of its own
//! (security.md 62). Views, which no command of the other program changes: tests/console/guest.rs.

use std::collections::BTreeSet;

use ezeep_sim_faults::known;
use resilience::headless::Headless;
use resilience::lane::{form_problem, somebody};
use serde_json::{Value, json};

use crate::world::{MAIN, World, choose, create, shown, user_read};

/// Operations of each program in each round. The access tokens of both expire before a round: a token that
/// is refused right after its renewal ends the session.
const OPERATIONS: u32 = 50;
const ROUNDS: usize = 2;
/// Operations with groups, which nothing removes again.
const FIRST: u32 = 50;

/// What a program has made, and not removed again.
#[derive(Default)]
struct Made {
    plans: BTreeSet<String>,
    groups: usize,
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

/// Makes and discards plans, creates groups, reads users.
async fn work(console: &Headless, workspace: &str, name: &str, group: &str, made: &mut Made) {
    let user = somebody(console, workspace).await.unwrap();
    let users = json!({ "kind": "matching", "scope": { "search": "" }, "except": [] });
    let request = json!({ "kind": "add", "users": users, "groups": [group] });
    let plan = json!({ "do": "planMake", "workspace": workspace, "request": request });
    let mut last = None;
    for n in 0..testing::soak::cases(OPERATIONS) {
        match n % 10 {
            0 | 3 | 6 => {
                let plan = id(&console.ask(plan.clone()).await.unwrap());
                made.plans.insert(plan.clone());
                last = Some(plan);
            }
            1 | 7 => {
                let plan = last.take().unwrap();
                made.plans.remove(&plan);
                let close = json!({ "do": "planClose", "workspace": workspace, "plan": plan });
                console.ask(close).await.unwrap();
            }
            // Each plan is sealed and synced to the disk: what is kept is bounded.
            4 if n > FIRST => {
                if let Some(plan) = made.plans.pop_first() {
                    let close = json!({ "do": "planClose", "workspace": workspace, "plan": plan });
                    console.ask(close).await.unwrap();
                }
            }
            5 if n < FIRST => {
                let group = create(workspace, &format!("{name} {n}"));
                console.ask(group).await.unwrap();
                made.groups += 1;
            }
            _ => {
                console.ask(user_read(workspace, &user)).await.unwrap();
            }
        }
    }
}

async fn two_hundred_mixed_operations(second_grant_ends_first: bool) {
    let world = World::with(0, |quirks| {
        quirks.second_grant_ends_first = second_grant_ends_first
    })
    .await;
    let window = Headless::start_window(&world.lane.profile, None).unwrap();
    assert_eq!(window.started().await.unwrap()["as"], "first");
    window.ask(json!({ "do": "resume" })).await.unwrap();
    window.until("asked to sign in", form_problem).await.unwrap();
    world.lane.sign_in(&window, known::ADMIN.email).await.unwrap();
    let first = choose(&window, MAIN).await;
    let group = id(&window.ask(create(&first, "Everybody")).await.unwrap());
    let guest = world.lane.start().unwrap();
    assert_eq!(guest.started().await.unwrap()["as"], "guest");
    world.lane.sign_in(&guest, known::ADMIN.email).await.unwrap();
    let second = choose(&guest, MAIN).await;

    let (mut one, mut other) = (Made::default(), Made::default());
    for round in 0..ROUNDS {
        world.sim.control().revoke_access_tokens();
        let names = [format!("Window {round}"), format!("Guest {round}")];
        tokio::join!(
            work(&window, &first, &names[0], &group, &mut one),
            work(&guest, &second, &names[1], &group, &mut other)
        );
    }
    for console in [&window, &guest] {
        let view = console.ask(json!({ "do": "sessionView" })).await.unwrap();
        assert_eq!(
            (&view["kind"], &view["overlay"]),
            (&json!("signedIn"), &Value::Null),
            "{view}"
        );
    }
    assert_eq!(world.sim.control().live_families().len(), 1);

    // Both end; the next window finds what each has made, and asks for no sign-in.
    window.kill().await.unwrap();
    guest.quit().await.unwrap();
    let next = Headless::start_window(&world.lane.profile, None).unwrap();
    next.ask(json!({ "do": "resume" })).await.unwrap();
    let workspace = choose(&next, MAIN).await;
    let plans = next
        .ask(json!({ "do": "plans", "workspace": workspace }))
        .await
        .unwrap();
    let plans: BTreeSet<_> = plans
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| id(&plan["plan"]))
        .collect();
    assert_eq!(plans, &one.plans | &other.plans);
    for (name, made) in [("Window", one), ("Guest", other)] {
        let mut groups = 0;
        for (round, n) in (0..ROUNDS).flat_map(|round| (5..FIRST).step_by(10).map(move |n| (round, n))) {
            groups += shown(&next, &workspace, &format!("{name} {round} {n}")).await;
        }
        assert_eq!(groups, made.groups, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_and_a_guest_lose_nothing_of_each_other_in_two_hundred_mixed_operations() {
    two_hundred_mixed_operations(false).await;
}

/// The first one's record was replaced: it is read again, and nobody is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_do_they_where_the_second_sign_in_ends_the_grant_of_the_first() {
    two_hundred_mixed_operations(true).await;
}
