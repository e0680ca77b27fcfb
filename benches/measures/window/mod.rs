//! The measures in the real window: the release build under Xvfb, with a keychain and a browser, as the
//! window tests have it. Must never lose one measure to another's failure.

mod first;
mod scroll;
mod start;
mod typing;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::{SimConfig, known};

use crate::Wanted;
use crate::cloud::groups_for;
use crate::figure::{Figure, failed};
use crate::harness::{App, Launch, PAINTING, Role, Setup, World, eventually, named, scenario};
use crate::process::{Memory, memory};

const PEOPLE: u32 = 100_000;
/// As the connection of the targets.
const LATENCY: Duration = Duration::from_millis(50);
/// How long the app rests before its memory is read.
const IDLE: Duration = Duration::from_secs(10);
/// One measure takes less by far; this ends one that hangs.
const LIMIT: Duration = Duration::from_secs(150);

const NAMES: [&str; 6] = [
    "first_rows",
    "memory",
    "memory_peak",
    "keystroke_to_paint",
    "scroll",
    "start_cached",
];

/// Runs what was asked for of the window's measures.
pub async fn measure(wanted: &Wanted) -> Result<()> {
    let asked: Vec<_> = NAMES.into_iter().filter(|name| wanted.has(name)).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut tiny = None;
    if wanted.has("memory") || wanted.has("memory_peak") {
        eprintln!("bench: the window with next to nobody in it");
        let found = scenario("bench-tiny", setup(3), async |world| {
            tiny = Some(resting(world).await?);
            Ok(())
        });
        if let Err(error) = found.await {
            eprintln!("bench: {error:#}");
        }
    }
    let people = if wanted.quick { PEOPLE / 10 } else { PEOPLE };
    let mut told = Vec::new();
    let large = scenario("bench-large", setup(people), async |world| {
        world.control().set_latency(LATENCY);
        large(world, wanted, people, tiny, &mut told).await
    });
    if let Err(error) = large.await {
        for name in asked.into_iter().filter(|name| !told.contains(name)) {
            failed(name, &error);
        }
    }
    Ok(())
}

fn setup(people: u32) -> Setup {
    Setup {
        cloud: SimConfig {
            people,
            groups: if people < 10 { 1 } else { groups_for(people) },
            memberships: Some(people * 4),
            second_organization: false,
            ..SimConfig::default()
        },
        ..Setup::default()
    }
}

/// The app as it is installed: it logs what an installed one logs, and nobody listens to the page. Its data
/// is in a folder of this name.
fn launch(world: &World, data: &str) -> Launch {
    let mut launch = world
        .launch()
        .with("PRESSROOM_DATA_DIR", world.home().join(data))
        .with("PRESSROOM_LOG", "info");
    launch.noted = false;
    // As the app decides for itself.
    launch = launch.without(PAINTING);
    // So that another way of painting can be tried.
    let told = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WEBKIT_"));
    for (name, value) in told {
        launch = launch.with(&name.to_string_lossy(), value);
    }
    launch
}

/// Starts the app and signs in; the only organization there is is opened by itself.
async fn signed_in(world: &World, data: &str) -> Result<Arc<App>> {
    let app = world.start_app_as(launch(world, data)).await?;
    app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
    first::watch(&app).await?;
    world.sign_in_as(&app, known::ADMIN.email).await?;
    Ok(app)
}

/// Waits until everybody has been read and nothing more is asked for.
async fn read(world: &World, app: &App) -> Result<()> {
    let people = world.control().people(known::organizations::MAIN)?.len();
    let before = Cell::new(0);
    eventually("the whole organization", async || {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now: u64 = world.control().counts().values().sum();
        let quiet = before.replace(now) == now;
        let script = "return document.querySelector('main [role=\"status\"]')?.textContent ?? '';";
        let said = app.client().execute(script, vec![]).await?;
        let digits: String = said
            .as_str()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        Ok((quiet && digits == people.to_string()).then_some(()))
    })
    .await
}

/// The memory of the app with an organization in it, after it has rested.
async fn resting(world: &World) -> Result<Memory> {
    let app = signed_in(world, "data").await?;
    read(world, &app).await?;
    let found = rest(&app).await?;
    app.quit().await?;
    Ok(found)
}

async fn rest(app: &App) -> Result<Memory> {
    tokio::time::sleep(IDLE).await;
    memory(program(app)?)
}

fn program(app: &App) -> Result<u32> {
    let programs = app.programs()?;
    ensure!(programs.len() == 1, "the app is {} processes", programs.len());
    programs.first().copied().context("the app does not run")
}

/// Runs one measure within its limit, and says so where it fails.
async fn attempt(name: &'static str, told: &mut Vec<&'static str>, work: impl Future<Output = Result<()>>) {
    eprintln!("bench: {name}");
    let outcome = match tokio::time::timeout(LIMIT, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(anyhow::anyhow!("it hangs")),
    };
    if let Err(error) = outcome {
        eprintln!("bench: {name} failed: {error:#}");
        failed(name, &error);
    }
    told.push(name);
}

async fn large(
    world: &World,
    wanted: &Wanted,
    people: u32,
    tiny: Option<Memory>,
    told: &mut Vec<&'static str>,
) -> Result<()> {
    let app = if wanted.has("first_rows") {
        eprintln!("bench: first_rows");
        let app = first::measure(world, if wanted.quick { 1 } else { 3 }).await?;
        told.push("first_rows");
        app
    } else {
        signed_in(world, "data-0").await?
    };
    eprintln!("bench: reading {people} people into the window");
    read(world, &app).await?;
    if wanted.has("memory") || wanted.has("memory_peak") {
        attempt("memory", told, async {
            let tiny = tiny.context("the window with next to nobody in it could not be measured")?;
            let found = rest(&app).await?;
            eprintln!("bench: {found:?} with {people} people, {tiny:?} with next to nobody");
            Figure {
                name: "memory",
                value: found.resident - tiny.resident,
                unit: "MB",
                baseline: tiny.resident,
                n: 1,
            }
            .tell();
            Figure {
                name: "memory_peak",
                value: found.peak - tiny.resident,
                unit: "MB",
                baseline: tiny.resident,
                n: 1,
            }
            .tell();
            Ok(())
        })
        .await;
        told.push("memory_peak");
    }
    if wanted.has("keystroke_to_paint") {
        let keys = if wanted.quick { 30 } else { 120 };
        attempt("keystroke_to_paint", told, typing::measure(world, &app, keys)).await;
    }
    if wanted.has("scroll") {
        let seconds = if wanted.quick { 3 } else { 10 };
        attempt("scroll", told, scroll::measure(&app, seconds)).await;
    }
    if wanted.has("start_cached") {
        // Where nothing is kept, the measure itself says so.
        let _ = tokio::time::timeout(LIMIT, start::until_kept(world, "data-0")).await;
    }
    app.quit().await?;
    if wanted.has("start_cached") {
        let starts = if wanted.quick { 2 } else { 5 };
        attempt("start_cached", told, start::measure(world, "data-0", starts)).await;
    }
    Ok(())
}
