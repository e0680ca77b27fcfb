//! `kill -9` at every step of a refresh (security.md 34), with the real keychain, over and over: at the start
//! of the app and in an open window, against a cloud that grants no grace for a repeated refresh and one that
//! grants 30 s.

#![cfg(any(target_os = "linux", windows))]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test fails by panicking, its helpers too; the table is its report

mod around;
mod plan;
mod report;
mod step;
mod trap;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use ezeep_sim_faults::{Quirks, Sim, SimConfig, known};
use resilience::headless::Headless;
use resilience::keyring::Keyring;
use resilience::lane::{Lane, form_problem, inside, settled, somebody};
use serde_json::{Value, json};

use report::{Found, Tallies, report};
use step::{Step, When, Window};
use trap::Trap;

const ADMIN: &str = known::ADMIN.email;
const MAIN: &str = known::organizations::MAIN;
const SECOND: &str = known::organizations::SECOND;
/// Every lane goes through all steps so many times.
const ROUNDS: usize = 1;
/// Lanes for each grace.
const LANES: usize = 2;
const GRACES: [u64; 2] = [0, 30];

/// One data directory that is killed and started again, over and over.
struct Victim {
    lane: Lane,
    console: Headless,
    workspace: String,
    group: String,
    people: Vec<String>,
    plan: String,
}

impl Victim {
    async fn new(sim: &Sim, keyring: &Keyring, dir: &Path, name: &str) -> anyhow::Result<Self> {
        let lane = Lane::new(sim, keyring, env!("CARGO_BIN_EXE_headless"), dir, name).await?;
        let console = lane.resume().await?;
        console.until("asked to sign in", form_problem).await?;
        lane.sign_in(&console, ADMIN).await?;
        let workspace = in_main(&console).await?;
        let form = json!({ "name": name, "description": "", "localPrinting": false, "myPrinters": false });
        let group = console
            .ask(json!({ "do": "groupCreate", "workspace": workspace, "form": form }))
            .await?;
        let group = group["id"].as_str().context("a group without an id")?.to_owned();
        let query = json!({
            "scope": { "search": "", "states": ["active"] },
            "sort": "name", "descending": false, "offset": 0, "limit": 3
        });
        let users = console
            .ask(json!({ "do": "users", "workspace": workspace, "query": query }))
            .await?;
        let rows = users["rows"].as_array().context("no people")?;
        let people = rows
            .iter()
            .filter_map(|row| row["id"].as_str().map(str::to_owned))
            .collect();
        let mut victim = Self {
            lane,
            console,
            workspace,
            group,
            people,
            plan: String::new(),
        };
        victim.plan().await?;
        Ok(victim)
    }

    /// Makes a plan that is not applied.
    async fn plan(&mut self) -> anyhow::Result<()> {
        let request = json!({
            "kind": "add", "users": { "kind": "ids", "ids": self.people }, "groups": [self.group]
        });
        let plan = self
            .console
            .ask(json!({ "do": "planMake", "workspace": self.workspace, "request": request }))
            .await?;
        ensure!(plan["adds"] == 3, "not the plan it should be: {plan}");
        self.plan = plan["id"].as_str().context("a plan without an id")?.to_owned();
        Ok(())
    }

    /// Begins a refresh, brings it to `step` and kills the process there.
    async fn kill_at(&mut self, when: When, step: Step) -> anyhow::Result<()> {
        if when == When::AtStart {
            self.start_anew().await?;
        }
        let trap = Trap::set(&self.lane, &self.console, when, step).await?;
        match when {
            When::AtStart => drop(self.console.ask(json!({ "do": "resume" })).await?),
            When::AtSwitch => {
                let command = json!({ "do": "organizationChoose", "organization": SECOND });
                self.console.tell(command).await?;
            }
            When::WhileOpen => {
                let id = &self.people[0];
                let command = json!({ "do": "userRead", "workspace": self.workspace, "user": id });
                self.console.tell(command).await?;
            }
        }
        trap.spring(&self.console).await?;
        self.start_anew().await?;
        trap.clear(&self.lane);
        Ok(())
    }

    /// Kills the console and starts it again, as the owner of its data directory.
    async fn start_anew(&mut self) -> anyhow::Result<()> {
        self.console.kill_here().await?;
        self.console = self.lane.start()?;
        Ok(())
    }

    /// One kill, and what was left.
    async fn killed_at(&mut self, when: When, step: Step) -> anyhow::Result<(Found, bool)> {
        self.kill_at(when, step).await?;
        self.come_back().await
    }

    fn waive_unmet(&self) {
        self.lane.account.waive_unmet();
        self.lane.printing.waive_unmet();
    }

    /// Forgets what was under way.
    async fn begin_anew(&mut self) -> anyhow::Result<()> {
        self.waive_unmet();
        self.start_anew().await?;
        self.come_back().await.map(drop)
    }

    /// Takes up what is kept, until it is known how that went.
    async fn resumed(&self) -> anyhow::Result<(Value, Value)> {
        self.console.ask(json!({ "do": "resume" })).await?;
        settled(&self.console).await
    }

    /// Starts again and sees what is left; signs in where it is asked to. Gives whether the plan is there.
    async fn come_back(&mut self) -> anyhow::Result<(Found, bool)> {
        let (mut view, mut problem) = self.resumed().await?;
        // The keyring itself fell over and is being started again: nothing is known yet.
        for _ in 0..20 {
            if !is_of_the_keychain(&problem) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            self.start_anew().await?;
            (view, problem) = self.resumed().await?;
        }
        let asked = form_problem(&view).is_some();
        let found = if view["kind"] == "signedIn" && problem.is_null() {
            Found::SignedIn
        } else if asked && problem["code"] == "sessionEnded" {
            Found::AskedOnce
        } else {
            println!("neither signed in nor asked: {problem} {view}");
            Found::Lost
        };
        if found != Found::SignedIn {
            self.lane.sign_in(&self.console, ADMIN).await?;
        }
        self.workspace = in_main(&self.console).await?;
        let id = somebody(&self.console, &self.workspace).await?;
        let read = json!({ "do": "userRead", "workspace": self.workspace, "user": id });
        self.console
            .ask(read)
            .await
            .context("the session does not work")?;
        let plans = self
            .console
            .ask(json!({ "do": "plans", "workspace": self.workspace }))
            .await?;
        let kept = plans
            .as_array()
            .context("no list of plans")?
            .iter()
            .any(|plan| plan["plan"]["id"] == self.plan);
        if kept {
            self.console
                .ask(json!({ "do": "planClose", "workspace": self.workspace, "plan": self.plan }))
                .await?;
        }
        self.plan().await?;
        Ok((found, kept))
    }
}

/// Whether the window complains of the keychain.
fn is_of_the_keychain(problem: &Value) -> bool {
    problem["code"]
        .as_str()
        .is_some_and(|code| code.starts_with("keychain"))
}

/// In the main organization, wherever the last one was left.
async fn in_main(console: &Headless) -> anyhow::Result<String> {
    let there = |view: &Value| {
        let signed_in = matches!(view["kind"].as_str(), Some("choosingOrganization" | "signedIn"));
        (signed_in && view["overlay"].is_null()).then_some(())
    };
    console.until("signed in", there).await?;
    console
        .ask(json!({ "do": "organizationChoose", "organization": MAIN }))
        .await?;
    inside(console).await
}

async fn run_lane(
    sim: &Sim,
    keyring: &Keyring,
    dir: &Path,
    grace: u64,
    number: usize,
) -> anyhow::Result<Tallies> {
    let name = format!("grace {grace}, lane {number}");
    let mut victim = Victim::new(sim, keyring, dir, &name)
        .await
        .with_context(|| name.clone())?;
    let mut tallies = Tallies::new();
    for round in 0..ROUNDS {
        for step in Step::ALL {
            for when in [When::WhileOpen, When::AtSwitch, When::AtStart] {
                // A switch goes the same way as a refresh, so once is enough of it.
                if !step.happens(when) || (when == When::AtSwitch && round > 0) {
                    continue;
                }
                let what = || format!("{name}: {when:?}, {}", step.name());
                let (found, plan_kept) = loop {
                    let deaths = keyring.deaths();
                    let seen = victim.killed_at(when, step).await;
                    if keyring.deaths() == deaths {
                        if seen.is_err() {
                            victim.waive_unmet();
                        }
                        break seen.with_context(what)?;
                    }
                    // What a keyring that falls over meanwhile does to a refresh is not what is counted here.
                    victim.begin_anew().await.with_context(what)?;
                };
                tallies
                    .entry((when.rotation(), grace, step))
                    .or_default()
                    .count(found, plan_kept);
            }
        }
    }
    victim.console.kill().await?;
    Ok(tallies)
}

/// security.md 34: kill -9 at every step, thousands of times in a soak. Outside the window between the
/// server's commit and our durable write no session is lost; inside it the next start is signed in if the
/// server grants a grace period, or asks once and a sign-in works. No plan is ever lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_at_any_step_of_a_refresh_loses_no_session_outside_the_window_and_no_plan_at_all() {
    let keyring = Keyring::start().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut sims = Vec::new();
    for grace in GRACES {
        let config = SimConfig {
            people: 40,
            groups: 4,
            refresh_reuse_grace: Duration::from_secs(grace),
            // A start can't know what the process before it had asked for.
            quirks: Quirks {
                grace_for_any_request: true,
                ..Quirks::default()
            },
            ..SimConfig::default()
        };
        sims.push((grace, Sim::start(config).await.unwrap()));
    }
    let (keyring, dir) = (&keyring, dir.path());
    let lanes = sims
        .iter()
        .flat_map(|(grace, sim)| (0..LANES).map(move |number| run_lane(sim, keyring, dir, *grace, number)));
    let mut tallies = Tallies::new();
    for lane in futures::future::try_join_all(lanes).await.unwrap() {
        for (key, tally) in lane {
            tallies.entry(key).or_default().add(&tally);
        }
    }
    report(&tallies);
    println!(
        "the keyring fell over and was started again {} times",
        keyring.deaths()
    );

    let total: usize = tallies.values().map(|tally| tally.kills).sum();
    println!("\ncounted {total}");
    assert!(total >= 150, "only {total} kills");
    for ((rotation, grace, step), tally) in &tallies {
        let what = format!(
            "{rotation:?}, {} with a grace of {grace} s: {tally:?}",
            step.name()
        );
        assert_eq!(tally.lost, 0, "{what}");
        assert_eq!(tally.plans_kept, tally.kills, "{what}");
        let may_ask = *grace == 0 && step.window() != Window::Outside;
        assert!(may_ask || tally.asked == 0, "{what}");
        if *grace == 0 && step.window() == Window::Inside {
            assert_eq!(
                tally.asked, tally.kills,
                "no cloud without a grace would take it: {what}"
            );
        }
    }
    // A session that was lost without a word would still be alive there, beside the one that took its place.
    for (_, sim) in &sims {
        let alive = sim.control().live_families().len();
        // A keyring that fell over may have taken a grant's last token with it.
        assert!(
            alive == LANES || (alive > LANES && keyring.deaths() > 0),
            "{alive} grants"
        );
    }
}
