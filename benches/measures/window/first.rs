//! From the organization's token to the first rows on the screen, with nothing kept from before.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use ezeep_sim_faults::{Grant, Match, When};

use super::{LATENCY, signed_in};
use crate::figure::{Figure, median};
use crate::harness::{App, World, eventually};

const SCRIPT: &str = include_str!("first.js");

/// Has the page note when it has painted the first rows.
pub async fn watch(app: &App) -> Result<()> {
    app.client().execute(SCRIPT, vec![]).await?;
    Ok(())
}

/// Signs in so many times, each time with a data directory of its own, and gives the last app, whose
/// directory is `data-0`.
pub async fn measure(world: &World, times: usize) -> Result<Arc<App>> {
    let given: Arc<Mutex<Option<f64>>> = Arc::default();
    let notes = Arc::clone(&given);
    let hook = world.control().on_request(
        When::AfterCommit,
        Match::grant(Grant::SwitchOrganization),
        None,
        move |_| *notes.lock().unwrap_or_else(PoisonError::into_inner) = Some(now()),
    );
    let mut values = Vec::new();
    let last = loop {
        let left = times - values.len() - 1;
        let app = signed_in(world, &format!("data-{left}")).await?;
        let painted = eventually("the first rows", async || {
            Ok(app
                .client()
                .execute("return window.__first;", vec![])
                .await?
                .as_f64())
        })
        .await?;
        let given = given.lock().unwrap_or_else(PoisonError::into_inner).take();
        values.push(painted - given.context("no token of an organization was asked for")?);
        if left == 0 {
            break app;
        }
        app.kill()?;
    };
    world.control().remove_hook(hook);
    eprintln!("bench: first rows after {values:.0?} ms");
    Figure {
        name: "first_rows",
        value: median(&values),
        unit: "ms",
        baseline: LATENCY.as_secs_f64() * 1_000.0,
        n: values.len(),
    }
    .tell();
    Ok(last)
}

/// Milliseconds since 1970, as the page's clock has them.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs_f64() * 1_000.0
}
