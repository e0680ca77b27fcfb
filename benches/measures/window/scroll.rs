//! Scrolling through everybody, frame by frame.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::figure::Figure;
use crate::harness::App;

const SCRIPT: &str = include_str!("scroll.js");
/// Pixels a second.
const SPEED: u32 = 5_000;

#[derive(Deserialize, Debug)]
struct Scrolled {
    frames: usize,
    /// Frames in which a slot that could be seen lacked its row.
    blank: usize,
    /// Frames over 32 ms.
    slow: usize,
    /// The longest, in ms.
    longest: f64,
    /// How far it went, in pixels.
    reached: f64,
}

impl Scrolled {
    fn describe(&self, what: &str) {
        eprintln!(
            "bench: {what}: {} frames, {} with a slot without its row, {} over 32 ms, the longest {:.0} ms",
            self.frames, self.blank, self.slow, self.longest
        );
    }

    fn percent(&self, part: usize) -> f64 {
        100.0 * part as f64 / self.frames as f64
    }
}

/// Scrolls the people's grid, and a page of the same rows that stands still.
pub async fn measure(app: &App, seconds: u32) -> Result<()> {
    let page = scroll(app, seconds, true).await?;
    let grid = scroll(app, seconds, false).await?;
    grid.describe("the people");
    page.describe("a page that stands still");
    Figure {
        name: "scroll",
        value: grid.percent(grid.blank),
        unit: "%",
        baseline: page.percent(page.blank),
        n: grid.frames,
    }
    .tell_share();
    Figure {
        name: "scroll_slow",
        value: grid.percent(grid.slow),
        unit: "%",
        baseline: page.percent(page.slow),
        n: grid.frames,
    }
    .tell_share();
    Ok(())
}

async fn scroll(app: &App, seconds: u32, still: bool) -> Result<Scrolled> {
    let args = vec![json!(SPEED), json!(seconds), json!(still)];
    let done: Scrolled = serde_json::from_value(app.client().execute_async(SCRIPT, args).await?)?;
    let way = f64::from(SPEED * seconds);
    ensure!(
        done.frames > 30 && done.reached > way * 0.9,
        "it did not scroll that far: {done:?}"
    );
    Ok(done)
}
