//! `kill -9` in the middle of a plan: it is there at the next start, goes on, and does to nobody what was not
//! planned.

use std::collections::{BTreeMap, BTreeSet};

use ezeep_sim_faults::{Sim, SimConfig, known};
use resilience::headless::{Headless, PATIENCE};
use resilience::keyring::Keyring;
use resilience::lane::{Lane, form_problem, inside};
use resilience::proxy::{Matching, Point};
use serde_json::{Value, json};

const MAIN: &str = known::organizations::MAIN;

/// Everybody's groups but one, as the server has them.
fn others(sim: &Sim, group: &str) -> BTreeMap<String, BTreeSet<String>> {
    let people = sim.control().people(MAIN).unwrap();
    people
        .into_iter()
        .map(|person| {
            let groups = person.groups.into_iter().filter(|id| id != group);
            (person.id, groups.collect())
        })
        .collect()
}

async fn progress(console: &Headless, workspace: &str, plan: &str) -> Value {
    console
        .until_asked(
            "the plan finished",
            json!({ "do": "planProgress", "workspace": workspace, "plan": plan }),
            |progress| (progress["state"] == "finished").then(|| progress.clone()),
        )
        .await
        .unwrap()
}

/// security.md 34, 50: a plan is killed at its writes, before the server sees one and after it has done one,
/// and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_killed_at_its_writes_goes_on_to_its_end_and_touches_nothing_else() {
    let keyring = Keyring::start().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let config = SimConfig {
        people: 60,
        groups: 8,
        ..SimConfig::default()
    };
    let sim = Sim::start(config).await.unwrap();
    let program = env!("CARGO_BIN_EXE_headless");
    let lane = Lane::new(&sim, &keyring, program, dir.path(), "plan")
        .await
        .unwrap();
    let mut console = lane.resume().await.unwrap();
    console.until("asked to sign in", form_problem).await.unwrap();
    lane.sign_in(&console, known::ONE_ORGANIZATION_ADMIN.email)
        .await
        .unwrap();
    let mut workspace = inside(&console).await.unwrap();
    let form = json!({ "name": "Everybody", "description": "", "localPrinting": false, "myPrinters": false });
    let group = console
        .ask(json!({ "do": "groupCreate", "workspace": workspace, "form": form }))
        .await
        .unwrap();
    let group = group["id"].as_str().unwrap().to_owned();
    let request = json!({
        "kind": "add",
        "users": { "kind": "matching", "scope": { "search": "", "states": ["active"] }, "except": [] },
        "groups": [group],
    });
    let plan = console
        .ask(json!({ "do": "planMake", "workspace": workspace, "request": request }))
        .await
        .unwrap();
    let (id, adds) = (
        plan["id"].as_str().unwrap().to_owned(),
        plan["adds"].as_u64().unwrap(),
    );
    assert!(adds > 30, "{plan}");
    let before = others(&sim, &group);

    let write = Matching::new("PATCH", "/printing/v1/users/");
    let points = [
        Point::Arrived,
        Point::BeforeForward,
        Point::BeforeReply,
        Point::InHead(40),
        Point::InBody(30),
    ];
    for (kill, point) in points.into_iter().cycle().take(15).enumerate() {
        let hold = lane.printing.hold(write.clone().skip(2), point);
        console
            .ask(json!({ "do": "planApply", "workspace": workspace, "plan": id }))
            .await
            .unwrap();
        tokio::time::timeout(PATIENCE, hold.reached())
            .await
            .unwrap_or_else(|_| panic!("kill {kill}: no write came to {point:?}"));
        // At once: the writes beside the one that is held go on.
        console.kill().await.unwrap();
        hold.cut();
        lane.printing.clear();
        console = lane.resume().await.unwrap();
        workspace = inside(&console).await.unwrap();
        let plans = console
            .ask(json!({ "do": "plans", "workspace": workspace }))
            .await
            .unwrap();
        let plans = plans.as_array().unwrap();
        assert_eq!(plans.len(), 1, "kill {kill} at {point:?}: {plans:?}");
        assert_eq!(plans[0]["plan"]["id"], id);
    }
    console
        .ask(json!({ "do": "planApply", "workspace": workspace, "plan": id }))
        .await
        .unwrap();
    let done = progress(&console, &workspace, &id).await;
    // A user who was written without a record is read, and needs no change.
    let written = done["applied"].as_u64().unwrap() + done["unchanged"].as_u64().unwrap();
    assert_eq!((written, &done["failed"]), (adds, &json!(0)), "{done}");
    let members = sim.control().group(MAIN, &group).unwrap().members;
    assert_eq!(members.len() as u64, adds);
    assert_eq!(members.iter().collect::<BTreeSet<_>>().len() as u64, adds);
    assert_eq!(others(&sim, &group), before);
    println!("\ncounted 15");
    println!("plan: 15 kills at its writes, {adds} of {adds} memberships, nothing else touched");
}
