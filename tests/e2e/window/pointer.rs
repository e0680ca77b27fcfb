//! Columns by mouse, in the real window: a header dragged to another place, an edge dragged to another width.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use serde_json::json;

use super::grid::{columns, names, to_grid, width_of};
use crate::harness::*;

const ENTER: &str = "\u{e007}";
const STEPS: u32 = 6;

/// A point of the page, in pixels from the window's corner.
type Point = (f64, f64);

/// The middle of what a selector finds, or its right edge.
async fn point_of(app: &App, selector: &str) -> Result<Point> {
    let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2]";
    Ok(serde_json::from_value(
        app.client().execute(script, vec![json!(selector)]).await?,
    )?)
}

/// Presses the button, moves on in steps as a hand does, and lets go.
async fn drag(app: &App, from: Point, to: Point) -> Result<()> {
    let go = |(x, y): Point| PointerAction::MoveTo {
        duration: Some(Duration::from_millis(20)),
        x,
        y,
    };
    let mut hand = MouseActions::new("mouse".to_owned())
        .then(go(from))
        .then(PointerAction::Down { button: 0 });
    for step in 1..=STEPS {
        let part = f64::from(step) / f64::from(STEPS);
        let along = |from: f64, to: f64| (from + (to - from) * part).round();
        hand = hand.then(go((along(from.0, to.0), along(from.1, to.1))));
    }
    app.client()
        .perform_actions(hand.then(PointerAction::Up { button: 0 }))
        .await?;
    Ok(())
}

fn head(column: &str) -> String {
    format!("main [data-column={column}]")
}

fn edge(column: &str) -> String {
    format!("main [data-column={column}] [role=separator]")
}

async fn sorted_by(app: &App) -> Result<Option<String>> {
    let script = "return document.querySelector('main [role=columnheader]:is([aria-sort=ascending], [aria-sort=descending])')
        ?.getAttribute('aria-label') ?? null";
    Ok(serde_json::from_value(
        app.client().execute(script, vec![]).await?,
    )?)
}

/// By the pointer of WebKit's own driver: a press, moves and a release, as the window system sends them.
#[tokio::test(flavor = "multi_thread")]
async fn a_column_is_moved_and_sized_by_mouse_and_stays_so() -> Result<()> {
    scenario("grid-by-mouse", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        app.resize(1400, 900).await?;
        app.see(&starting(Role::Region, "User: ")).await?;
        let before = names(&app).await?;
        ensure!(before[..2] == ["Name", "Email"], "{before:?}");
        ensure!(sorted_by(&app).await?.as_deref() == Some("Name"));

        // The header of the addresses goes before the names; it isn't sorted by them.
        let (left, y) = point_of(&app, &head("name")).await?;
        drag(&app, point_of(&app, &head("email")).await?, (left - 30.0, y)).await?;
        eventually("the column's new place", async || {
            Ok((names(&app).await?[..2] == ["Email", "Name"]).then_some(()))
        })
        .await?;
        ensure!(
            sorted_by(&app).await?.as_deref() == Some("Name"),
            "a movement is no click"
        );
        app.picture("pointer-01-moved").await?;

        // After a movement the header takes keys and clicks as before.
        app.client()
            .execute(
                "document.querySelector('main [data-column=email] button').focus()",
                vec![],
            )
            .await?;
        app.press(ENTER).await?;
        eventually("the sort by address", async || {
            Ok((sorted_by(&app).await?.as_deref() == Some("Email")).then_some(()))
        })
        .await?;

        // Its edge is drawn wider, and then narrower than it may be.
        let width = width_of(&app, "Email").await?;
        let from = point_of(&app, &edge("email")).await?;
        drag(&app, from, (from.0 + 90.0, from.1)).await?;
        eventually("a wider column", async || {
            let now = width_of(&app, "Email").await?;
            ensure!((now - width - 90).abs() <= 2, "it is {now} and was {width}");
            Ok(Some(()))
        })
        .await?;
        ensure!(
            sorted_by(&app).await?.as_deref() == Some("Email"),
            "an edge is no header"
        );
        let wider = columns(&app).await?;
        app.picture("pointer-02-wider").await?;
        let from = point_of(&app, &edge("name")).await?;
        drag(&app, from, (20.0, from.1)).await?;
        eventually("the least width", async || {
            Ok((width_of(&app, "Name").await? == 110).then_some(()))
        })
        .await?;
        ensure!(width_of(&app, "Email").await? == wider[0].1, "the others stay");

        // To the very end, past every other header.
        let last = before.last().context("a column")?.to_lowercase();
        let end = point_of(&app, &edge(&last)).await?;
        drag(&app, point_of(&app, &head("email")).await?, (end.0 + 40.0, end.1)).await?;
        eventually("the column at the end", async || {
            Ok((names(&app).await?.last().map(String::as_str) == Some("Email")).then_some(()))
        })
        .await?;
        let arranged = columns(&app).await?;
        app.quit().await?;

        let app = world.start_app().await?;
        app.resize(1400, 900).await?;
        app.see(&status("2,000 users")).await?;
        to_grid(&app).await?;
        eventually("the columns as they were left", async || {
            let now = columns(&app).await?;
            ensure!(now == arranged, "{now:?} were {arranged:?}");
            Ok(Some(()))
        })
        .await?;
        app.quit().await
    })
    .await
}
