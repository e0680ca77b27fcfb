//! A plan of 200,000 lines from the request to its review, stored on disk, by the console without a window.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known;
use resilience::browser;
use resilience::headless::{Headless, Profile};
use resilience::keyring::Keyring;
use resilience::lane;
use serde_json::{Value, json};
use testing::Port;
use url::Url;

use crate::Wanted;
use crate::cloud::{Cloud, beside};
use crate::figure::{Figure, failed, median};
use crate::process;

/// Together with the people known to only one server these are just under 20,000. 20,000 people in ten groups
/// are the most lines that a plan may have.
const PEOPLE: u32 = 19_800;
const GROUPS: usize = 10;
const REPEATED: usize = 5;

/// Measures `review_200k` and `review_memory`.
pub async fn measure(wanted: &Wanted) {
    let names = ["review_200k", "review_memory"];
    if !names.iter().any(|name| wanted.has(name)) {
        return;
    }
    let people = if wanted.quick { PEOPLE / 10 } else { PEOPLE };
    eprintln!("bench: a plan of {people} people and {GROUPS} groups");
    if let Err(error) = review(people, wanted).await {
        for name in names.into_iter().filter(|name| wanted.has(name)) {
            failed(name, &error);
        }
    }
}

async fn review(people: u32, wanted: &Wanted) -> Result<()> {
    let dir = tempfile::tempdir()?;
    // With a keychain, so that the plan is stored as in normal use.
    let keyring = Keyring::start()?;
    let port = Port::reserve()?;
    let redirect = port.redirect_uri();
    let cloud = Cloud::start(people, Duration::ZERO, &redirect)?;
    let console = Headless::start(&Profile {
        program: beside("headless")?,
        account: cloud.account.clone(),
        api: cloud.api.clone(),
        redirect,
        data_dir: dir.path().join("data"),
        env: keyring.env(),
    })?;
    let request = json!({
        "clientId": cloud.client_id, "keep": true, "method": "browser", "fewerRights": false, "redirectUri": null,
    });
    console.ask(json!({ "do": "signIn", "request": request })).await?;
    let link = console
        .news("told to open a browser", |line| {
            line["browser"]["url"].as_str().map(str::to_owned)
        })
        .await?;
    browser::sign_in(&Url::parse(&link)?, known::ADMIN.email).await?;
    let workspace = lane::inside(&console).await?;
    let query = json!({
        "search": "", "firstOf": null, "sort": "name", "descending": false, "offset": 0, "limit": GROUPS
    });
    let groups = console
        .ask(json!({ "do": "groups", "workspace": workspace, "query": query }))
        .await?;
    let groups: Vec<&Value> = groups["rows"]
        .as_array()
        .context("no groups")?
        .iter()
        .map(|row| &row["id"])
        .collect();
    ensure!(groups.len() == GROUPS, "only {} groups", groups.len());

    let id = console.pid().context("the console has ended")?;
    let (mut large, mut small, mut lines) = (Vec::new(), Vec::new(), 0);
    let mut more = None;
    for _ in 0..REPEATED {
        // The first review starts without memory that an earlier review has freed.
        let before = process::forget_peak(id)?;
        let (took, count) = made(&console, &workspace, &groups).await?;
        let memory = process::memory(id)?;
        more.get_or_insert((memory.peak - before.resident, before.resident));
        large.push(took);
        lines = count;
        small.push(made(&console, &workspace, &groups[..1]).await?.0);
    }
    let n = usize::try_from(lines)?;
    if wanted.has("review_200k") {
        Figure {
            name: "review_200k",
            value: median(&large),
            unit: "s",
            baseline: median(&small),
            n,
        }
        .tell();
    }
    if let Some((value, baseline)) = more.filter(|_| wanted.has("review_memory")) {
        Figure {
            name: "review_memory",
            value,
            unit: "MB",
            baseline,
            n,
        }
        .tell();
    }
    console.kill().await?;
    Ok(())
}

/// Makes a plan that adds everybody to these groups, and discards it. Returns the seconds it took and the
/// number of lines.
async fn made(console: &Headless, workspace: &str, groups: &[&Value]) -> Result<(f64, u64)> {
    let users = json!({ "kind": "matching", "scope": { "search": "" }, "except": [] });
    let request = json!({ "kind": "add", "users": users, "groups": groups });
    let began = Instant::now();
    let plan = console
        .ask(json!({ "do": "planMake", "workspace": workspace, "request": request }))
        .await?;
    let took = began.elapsed().as_secs_f64();
    let lines = plan["lines"].as_u64().context("no plan")?;
    console
        .ask(json!({ "do": "planClose", "workspace": workspace, "plan": plan["id"] }))
        .await?;
    Ok((took, lines))
}
