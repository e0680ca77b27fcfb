//! From a key pressed in "Search users" to its rows on the screen.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::figure::{Figure, percentile};
use crate::harness::{App, Role, World, eventually, named};

const SCRIPT: &str = include_str!("typing.js");
const BARE_FIELD: &str = include_str!("field.js");
/// Between two keys: as quick as people type.
const PACE: Duration = Duration::from_millis(110);
/// Letters of each name.
const LETTERS: usize = 8;
const BASELINE_KEYS: usize = 60;

/// Types names of people who are there, letter by letter.
pub async fn measure(world: &World, app: &App, keys: usize) -> Result<()> {
    let field = app.find(&named(Role::SearchBox, "Search users")).await?;
    let bare = bare(app).await?;
    app.client()
        .execute(SCRIPT, vec![serde_json::to_value(&field)?])
        .await?;
    let people = world.control().people(known::organizations::MAIN)?;
    let names = keys.div_ceil(LETTERS);
    for number in 0..names {
        // Anybody: evenly spread over all of them.
        let name = people[number * people.len() / names].name.to_lowercase();
        set(app, "off = false").await?;
        for letter in name.chars().take(LETTERS) {
            field.send_keys(&letter.to_string()).await?;
            tokio::time::sleep(PACE).await;
        }
        eventually("the rows of the last letter", async || {
            Ok((asked(app, "waiting.length").await? == json!(0)).then_some(()))
        })
        .await?;
        set(app, "off = true").await?;
        empty(&field).await?;
        tokio::time::sleep(PACE * 3).await;
    }
    let lost = asked(app, "lost").await?.as_u64().unwrap_or_default();
    let times: Vec<f64> = serde_json::from_value(asked(app, "done").await?)?;
    eprintln!(
        "bench: {} keys, in the middle {:.0} ms, p95 {:.0} ms, at most {:.0} ms; without rows in the middle {:.0} ms, p95 {:.0} ms",
        times.len(),
        percentile(&times, 50),
        percentile(&times, 95),
        percentile(&times, 100),
        percentile(&bare, 50),
        percentile(&bare, 95),
    );
    ensure!(
        lost == 0 && times.len() >= keys * 9 / 10,
        "of {keys} keys {} were seen and {lost} came to no rows",
        times.len()
    );
    Figure {
        name: "keystroke_to_paint",
        value: percentile(&times, 95),
        unit: "ms",
        baseline: percentile(&bare, 95),
        n: times.len(),
    }
    .tell();
    Ok(())
}

/// The same with a field that has nothing behind it.
async fn bare(app: &App) -> Result<Vec<f64>> {
    let made = app.client().execute(BARE_FIELD, vec![]).await?;
    let field: Element = element(app, &made)?;
    for key in 0..BASELINE_KEYS {
        let letter = char::from(b'a' + (key % 26) as u8);
        field.send_keys(&letter.to_string()).await?;
        tokio::time::sleep(PACE / 2).await;
    }
    let script =
        "const times = window.__bare.done; document.getElementById('bare-field').remove(); return times;";
    Ok(serde_json::from_value(
        app.client().execute(script, vec![]).await?,
    )?)
}

fn element(app: &App, found: &Value) -> Result<Element> {
    let id = found.as_object().and_then(|object| object.values().next());
    let id = id.and_then(Value::as_str).context("the page gave no element")?;
    Ok(Element::from_element_id(
        app.client().clone(),
        id.to_owned().into(),
    ))
}

/// Empties the field as somebody does who begins anew.
async fn empty(field: &Element) -> Result<()> {
    let [control, release, delete] = [Key::Control, Key::Null, Key::Delete].map(char::from);
    Ok(field.send_keys(&format!("{control}a{release}{delete}")).await?)
}

async fn set(app: &App, what: &str) -> Result<()> {
    let script = format!("window.__typing.{what};");
    app.client().execute(&script, vec![]).await?;
    Ok(())
}

async fn asked(app: &App, what: &str) -> Result<Value> {
    let script = format!("return window.__typing.{what};");
    Ok(app.client().execute(&script, vec![]).await?)
}
