//! The full read of an organization by the console without a window, from a cloud in a process of its own.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known;
use resilience::browser;
use resilience::headless::{Headless, Profile};
use resilience::lane;
use serde_json::{Value, json};
use testing::Port;
use url::Url;

use crate::Wanted;
use crate::cloud::{Cloud, beside};
use crate::figure::{Figure, failed, point};
use crate::process;

/// So many that both servers list 100,000: each lacks some whom the other knows.
const PEOPLE: u32 = 100_610;
const LATENCY: Duration = Duration::from_millis(50);
const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 300_000];
/// Pages that are read one after the other for the baseline.
const ONE_BY_ONE: usize = 50;

/// What a full read took.
struct Read {
    wall: Duration,
    cpu: Duration,
    cloud_cpu: Duration,
    pages: usize,
    in_flight: u64,
}

/// Measures `sync_100k`, and what a read costs at each size where nothing has to be waited for.
pub async fn measure(wanted: &Wanted) -> Result<()> {
    if !wanted.has("sync_100k") {
        return Ok(());
    }
    let people = if wanted.quick { PEOPLE / 10 } else { PEOPLE };
    eprintln!("bench: reading {people} people from a cloud that takes 50 ms for each request");
    if let Err(error) = with_latency(people).await {
        failed("sync_100k", &error);
    }
    let sizes = if wanted.quick { &SIZES[..2] } else { &SIZES[..] };
    for &size in sizes {
        eprintln!("bench: reading {size} people from a cloud that answers at once");
        match read(size, Duration::ZERO).await {
            Ok((read, _)) => {
                point(
                    "sync, processor time",
                    size,
                    read.cpu.as_secs_f64() * 1_000.0,
                    "ms",
                );
            }
            Err(error) => eprintln!("bench: {size} people could not be read: {error:#}"),
        }
    }
    Ok(())
}

async fn with_latency(people: u32) -> Result<()> {
    let (read, cloud) = read(people, LATENCY).await?;
    let each = one_by_one(&cloud).await?;
    eprintln!(
        "bench: {} pages in {:.2} s, at most {} at once; processor time: {:.2} s of the console, {:.2} ms a page of the cloud; \
         one by one {:.1} ms a page",
        read.pages,
        read.wall.as_secs_f64(),
        read.in_flight,
        read.cpu.as_secs_f64(),
        read.cloud_cpu.as_secs_f64() * 1_000.0 / read.pages.max(1) as f64,
        each.as_secs_f64() * 1_000.0,
    );
    Figure {
        name: "sync_100k",
        value: read.wall.as_secs_f64(),
        unit: "s",
        baseline: each.as_secs_f64() * read.pages as f64,
        n: read.pages,
    }
    .tell();
    Figure {
        name: "sync_cpu",
        value: read.cpu.as_secs_f64(),
        unit: "s",
        baseline: read.wall.as_secs_f64(),
        n: read.pages,
    }
    .tell();
    Ok(())
}

/// Signs a console in and takes the time from its word that it reads to its word that it has read.
async fn read(people: u32, latency: Duration) -> Result<(Read, Cloud)> {
    let dir = tempfile::tempdir()?;
    let port = Port::reserve()?;
    let redirect = port.redirect_uri();
    let cloud = Cloud::start(people, latency, &redirect)?;
    let console = Headless::start(&Profile {
        program: beside("headless")?,
        account: cloud.account.clone(),
        api: cloud.api.clone(),
        redirect,
        data_dir: dir.path().join("data"),
        env: Vec::new(),
    })?;
    let id = console.pid().context("the console has ended")?;
    // Kept in memory: no keychain is needed then.
    let request = json!({
        "clientId": cloud.client_id, "keep": false, "method": "browser", "fewerRights": false, "redirectUri": null,
    });
    console.ask(json!({ "do": "signIn", "request": request })).await?;
    let link = console
        .news("told to open a browser", |line| {
            line["browser"]["url"].as_str().map(str::to_owned)
        })
        .await?;
    let reading = console.news("reading", |line| (line["event"]["kind"] == "sync").then_some(()));
    let (signed_in, reading) = tokio::join!(
        async {
            let link = Url::parse(&link)?;
            browser::sign_in(&link, known::ADMIN.email).await
        },
        reading
    );
    signed_in?;
    reading?;
    let (began, cpu, cloud_cpu) = (Instant::now(), process::cpu(id)?, cloud.cpu()?);
    lane::read(&console).await?;
    let wall = began.elapsed();
    let (pages, in_flight) = cloud.pages().await?;
    ensure!(pages > 2, "only {pages} pages were asked for");
    let read = Read {
        wall,
        cpu: process::cpu(id)?.saturating_sub(cpu),
        cloud_cpu: cloud.cpu()?.saturating_sub(cloud_cpu),
        pages,
        in_flight,
    };
    console.kill().await?;
    Ok((read, cloud))
}

/// What a page takes where each is asked for after the one before, as `next` says.
async fn one_by_one(cloud: &Cloud) -> Result<Duration> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let token = token(&client, cloud).await?;
    let began = Instant::now();
    let mut query = "limit=100".to_owned();
    for page in 0..ONE_BY_ONE {
        let mut url = cloud.account.join("/v1/users/")?;
        url.set_query(Some(&query));
        let reply = client.get(url).bearer_auth(&token).send().await?;
        let said: Value = serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?;
        match said["next"].as_str() {
            Some(next) => query = Url::parse(next)?.query().unwrap_or_default().to_owned(),
            None => return Ok(began.elapsed() / (page as u32 + 1)),
        }
    }
    Ok(began.elapsed() / ONE_BY_ONE as u32)
}

/// An access token for the main organization, by the grants of the simulation's own script client.
async fn token(client: &reqwest::Client, cloud: &Cloud) -> Result<String> {
    let url = cloud.account.join("/oauth/access_token/")?;
    let ask = async |form: &[(&str, &str)]| -> Result<Value> {
        let reply = client
            .post(url.clone())
            .basic_auth(ezeep_sim_faults::PASSWORD_CLIENT_ID, Some(""))
            .form(form)
            .send()
            .await?;
        Ok(serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?)
    };
    let first = ask(&[
        ("grant_type", "password"),
        ("username", known::ADMIN.email),
        ("password", known::PASSWORD),
        ("scope", "printing"),
    ])
    .await?;
    let refresh = first["refresh_token"].as_str().context("no refresh token")?;
    let second = ask(&[
        ("grant_type", "switch_organization"),
        ("refresh_token", refresh),
        ("organization_id", known::organizations::MAIN),
        ("scope", ""),
    ])
    .await?;
    let token = second["access_token"].as_str().context("no access token")?;
    Ok(token.to_owned())
}
