//! A cloud, a keychain and a lane between them, and what a test asks of a console again and again.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use ezeep_sim_faults::{AccessTokens, Quirks, Sim, SimConfig, known};
use resilience::headless::{Headless, Refused};
use resilience::keyring::Keyring;
use resilience::lane::{Lane, form_problem, inside};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const MAIN: &str = known::organizations::MAIN;
pub const SECOND: &str = known::organizations::SECOND;

thread_local! {
    /// The contents of access tokens in the clouds of this thread's test.
    static ACCESS_TOKENS: Cell<AccessTokens> = const { Cell::new(AccessTokens::Jwt) };
}

/// Runs a test in a cloud whose access tokens are random text.
pub fn with_opaque_tokens(test: impl FnOnce()) {
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            ACCESS_TOKENS.set(AccessTokens::Jwt);
        }
    }
    let _restore = Restore;
    ACCESS_TOKENS.set(AccessTokens::Opaque);
    test();
}

pub struct World {
    pub sim: Sim,
    pub lane: Lane,
    // After what uses them: fields are dropped in their order.
    _keyring: Keyring,
    _dir: TempDir,
}

impl World {
    /// A small cloud that takes a spent refresh token again for `grace` seconds.
    pub async fn new(grace: u64) -> Self {
        Self::with(grace, |_| {}).await
    }

    /// As [`World::new`], with other properties of the servers.
    pub async fn with(grace: u64, change: impl FnOnce(&mut Quirks)) -> Self {
        let mut config = SimConfig {
            people: 40,
            groups: 6,
            refresh_reuse_grace: Duration::from_secs(grace),
            quirks: Quirks {
                access_tokens: ACCESS_TOKENS.get(),
                ..Quirks::default()
            },
            ..SimConfig::default()
        };
        change(&mut config.quirks);
        let sim = Sim::start(config).await.unwrap();
        let keyring = Keyring::start().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let program = env!("CARGO_BIN_EXE_headless");
        let lane = Lane::new(&sim, &keyring, program, dir.path(), "profile")
            .await
            .unwrap();
        Self {
            sim,
            lane,
            _keyring: keyring,
            _dir: dir,
        }
    }

    /// Signed in as the admin of two organizations, in the main one.
    pub async fn signed_in(grace: u64) -> (Self, Headless, String) {
        let world = Self::new(grace).await;
        let console = world.asked().await;
        world.lane.sign_in(&console, known::ADMIN.email).await.unwrap();
        let workspace = choose(&console, MAIN).await;
        (world, console, workspace)
    }

    /// A console that asks to sign in.
    pub async fn asked(&self) -> Headless {
        let console = self.lane.resume().await.unwrap();
        console.until("asked to sign in", form_problem).await.unwrap();
        console
    }

    /// Groups of this name that the server has in an organization.
    pub fn groups(&self, organization: &str, name: &str) -> usize {
        let groups = self.sim.control().groups(organization).unwrap();
        groups.iter().filter(|group| group.name == name).count()
    }

    /// Rotations of the one grant that is alive.
    pub fn rotations(&self) -> u32 {
        let families = self.sim.control().live_families();
        assert_eq!(families.len(), 1, "{families:?}");
        families[0].rotations
    }

    /// The next start has nobody, keeps no account, and does not ask the server.
    pub async fn nothing_is_kept(&self) {
        let console = self.lane.resume().await.unwrap();
        let view = console
            .until("asked to sign in", |view| {
                form_problem(view).map(|_| view.clone())
            })
            .await
            .unwrap();
        assert_eq!(view["step"]["problem"], Value::Null);
        assert_eq!(view["step"]["form"]["accounts"], json!([]));
    }
}

/// Goes to an organization and reads it; its workspace.
pub async fn choose(console: &Headless, organization: &str) -> String {
    let ready =
        |view: &Value| (view["kind"] == "choosingOrganization" || view["kind"] == "signedIn").then_some(());
    console
        .until("asked which organization, or in one", ready)
        .await
        .unwrap();
    let command = json!({ "do": "organizationChoose", "organization": organization });
    console.ask(command).await.unwrap();
    in_it(console, organization).await
}

/// Waits until the console is in an organization, with nothing in front of it, and has read it.
pub async fn in_it(console: &Headless, organization: &str) -> String {
    console
        .until("in the organization", |view| {
            (view["organization"]["id"] == organization && view["overlay"].is_null()).then_some(())
        })
        .await
        .unwrap();
    inside(console).await.unwrap()
}

/// Waits for the one clean question in front of what is open.
pub async fn expired(console: &Headless) {
    console
        .until("asked to sign in again", |view| {
            let asked = view["overlay"]["reason"] == "expired" && view["overlay"]["step"]["at"] == "form";
            asked.then(|| assert_eq!(view["overlay"]["step"]["problem"]["code"], "sessionEnded"))
        })
        .await
        .unwrap();
}

/// Waits until all grants except one have ended.
pub async fn one_grant_lives(world: &World) {
    let ended = async {
        while world.sim.control().live_families().len() > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended)
        .await
        .unwrap();
    assert_eq!(world.sim.control().live_families().len(), 1);
}

pub fn form(name: &str) -> Value {
    json!({ "name": name, "description": "", "localPrinting": false, "myPrinters": false })
}

pub fn create(workspace: &str, name: &str) -> Value {
    json!({ "do": "groupCreate", "workspace": workspace, "form": form(name) })
}

pub fn user_read(workspace: &str, user: &str) -> Value {
    json!({ "do": "userRead", "workspace": workspace, "user": user })
}

/// The groups of this name that the console shows.
pub async fn shown(console: &Headless, workspace: &str, name: &str) -> usize {
    let query = json!({
        "search": "", "firstOf": null, "sort": "name", "descending": false, "offset": 0, "limit": 500
    });
    let command = json!({ "do": "groups", "workspace": workspace, "query": query });
    let groups = console.ask(command).await.unwrap();
    let rows = groups["rows"].as_array().unwrap();
    rows.iter().filter(|row| row["name"] == name).count()
}

/// Ids of everybody that the console shows.
pub async fn people(console: &Headless, workspace: &str) -> Vec<String> {
    let query = json!({
        "scope": { "search": "" }, "sort": "name", "descending": false, "offset": 0, "limit": 500
    });
    let command = json!({ "do": "users", "workspace": workspace, "query": query });
    let users = console.ask(command).await.unwrap();
    let rows = users["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The code that a command was refused with.
pub fn code(outcome: anyhow::Result<Value>) -> String {
    let error = outcome.map(|value| panic!("it worked: {value}")).unwrap_err();
    match error.downcast::<Refused>() {
        Ok(refused) => refused.code().to_owned(),
        Err(error) => panic!("{error:#}"),
    }
}

/// Writes figures to `artifacts/resilience/NAME.json`, and prints them.
pub fn report(name: &str, figures: &Value) {
    println!("{name}: {figures}");
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/resilience");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(
        dir.join(format!("{name}.json")),
        serde_json::to_vec_pretty(figures).unwrap(),
    )
    .unwrap();
}
