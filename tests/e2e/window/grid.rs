//! The grid in its real window: columns and views by keyboard, kept over a restart, and rows wherever one
//! scrolls to.

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known::organizations;
use serde_json::{Value, json};

use crate::harness::*;

const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const ALT_DOWN: &str = "\u{e00a}\u{e015}\u{e000}";
const SHIFT_DOWN: &str = "\u{e008}\u{e015}\u{e000}";
const SHIFT_END: &str = "\u{e008}\u{e010}\u{e000}";
const HOME: &str = "\u{e011}";
const ALL: &str = "\u{e009}a\u{e000}";

/// Names of the shown columns, in their order, each with its width in whole pixels.
pub async fn columns(app: &App) -> Result<Vec<(String, i64)>> {
    let script = "return [...document.querySelectorAll('main [role=columnheader][data-column]')]
        .map((head) => [head.getAttribute('aria-label'), Math.round(head.getBoundingClientRect().width)])";
    Ok(serde_json::from_value(
        app.client().execute(script, vec![]).await?,
    )?)
}

pub async fn names(app: &App) -> Result<Vec<String>> {
    Ok(columns(app).await?.into_iter().map(|(name, _)| name).collect())
}

pub async fn width_of(app: &App, column: &str) -> Result<i64> {
    let all = columns(app).await?;
    let found = all.into_iter().find(|(name, _)| name == column);
    found
        .map(|(_, width)| width)
        .with_context(|| format!("there is no column {column}"))
}

pub async fn to_grid(app: &App) -> Result<()> {
    app.client()
        .execute("document.querySelector('main [role=grid]').focus()", vec![])
        .await?;
    Ok(())
}

/// The column's menu, opened from the grid by keyboard.
async fn column_menu(app: &App, column: &str) -> Result<()> {
    to_grid(app).await?;
    app.press("\u{e011}").await?;
    app.press(UP).await?;
    app.press("\u{e011}").await?;
    for _ in 0..12 {
        let at = app
            .client()
            .execute("return document.activeElement.dataset.stop ?? null", vec![])
            .await?;
        let wanted = column.to_lowercase();
        if at == json!(wanted) {
            app.press(ALT_DOWN).await?;
            return app.see(&named(Role::Menu, format!("Column: {column}"))).await;
        }
        app.press(RIGHT).await?;
    }
    anyhow::bail!("the arrow keys never come to the column {column}")
}

async fn save_view(app: &App, name: &str) -> Result<()> {
    app.click(&starting(Role::Button, "View: ")).await?;
    app.click(&named(Role::MenuItem, "Save view…")).await?;
    let form = dialog("Save view");
    let field = named(Role::TextBox, "Name").inside(form.clone());
    app.see(&field).await?;
    app.settle().await?;
    // The dialog waits for the name: nothing need be clicked.
    app.press(name).await?;
    let typed = app.find(&field).await?.prop("value").await?;
    ensure!(typed.as_deref() == Some(name), "the field holds {typed:?}");
    app.press(ENTER).await?;
    app.gone(&form).await?;
    app.see(&button(format!("View: {name}"))).await
}

/// Every menu and dialog of the grid, for the test that looks at each screen. Leaves the list as it was.
pub async fn looks(app: &App, look: &impl AsyncFn(&str) -> Result<()>) -> Result<()> {
    column_menu(app, "Email").await?;
    look("column-menu").await?;
    app.press(ESCAPE).await?;
    app.gone(&any(Role::Menu)).await?;
    app.click(&button("Columns")).await?;
    app.see(&named(Role::MenuItemCheckbox, "Joined")).await?;
    look("columns-menu").await?;
    app.press(ESCAPE).await?;
    app.gone(&any(Role::Menu)).await?;
    app.click(&starting(Role::Button, "View: ")).await?;
    app.click(&named(Role::MenuItem, "Save view…")).await?;
    app.see(&dialog("Save view")).await?;
    look("save-view").await?;
    app.press(ESCAPE).await?;
    app.gone(&any(Role::Dialog)).await?;
    save_view(app, "Everyone, as it was").await?;
    app.fill(&named(Role::SearchBox, "Search users"), "a").await?;
    app.see(&button("View: Everyone, as it was, changed")).await?;
    app.click(&starting(Role::Button, "View: ")).await?;
    app.see(&named(Role::MenuItem, "Update")).await?;
    look("views-menu").await?;
    app.click(&named(Role::MenuItem, "Delete")).await?;
    app.see(&button("Undo")).await?;
    look("view-deleted").await?;
    app.press("\u{e00a}0\u{e000}").await?;
    app.see(&button("View: All users")).await?;
    to_grid(app).await?;
    app.press("?").await?;
    app.see(&dialog("Keys")).await?;
    look("keys").await?;
    app.press(ESCAPE).await?;
    app.gone(&any(Role::Dialog)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_is_set_up_by_keyboard_and_is_so_at_the_next_start() -> Result<()> {
    scenario("grid", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        app.resize(1400, 900).await?;
        app.see(&status("2,000 users")).await?;
        app.see(&starting(Role::Region, "User: ")).await?;
        let before = names(&app).await?;
        ensure!(before[..2] == ["Name", "Email"], "{before:?}");

        // Ordered, sized and chosen, without a mouse.
        column_menu(&app, "Email").await?;
        app.press(DOWN).await?;
        app.press(DOWN).await?;
        app.press(ENTER).await?;
        eventually("the column's new place", async || {
            Ok((names(&app).await?[..2] == ["Email", "Name"]).then_some(()))
        })
        .await?;
        column_menu(&app, "Email").await?;
        app.click(&named(Role::MenuItem, "Change width")).await?;
        let edge = named(Role::Separator, "Width of Email");
        eventually("the focus on the column's edge", async || {
            let script = "return document.activeElement.getAttribute('aria-label')
                ?? document.activeElement.textContent.slice(0, 80)";
            let at = app.client().execute(script, vec![]).await?;
            ensure!(at == json!("Width of Email"), "the focus is on {at}");
            Ok(Some(()))
        })
        .await?;
        let width = width_of(&app, "Email").await?;
        for wider in 1..=3 {
            app.press(RIGHT).await?;
            eventually("a wider column", async || {
                Ok((width_of(&app, "Email").await? == width + 20 * wider).then_some(()))
            })
            .await?;
        }
        let told = app.find(&edge).await?.attr("aria-valuenow").await?;
        ensure!(told == Some((width + 60).to_string()), "told as {told:?}");
        app.press(ESCAPE).await?;
        app.click(&button("Columns")).await?;
        app.click(&named(Role::MenuItemCheckbox, "Joined")).await?;
        app.press(ESCAPE).await?;
        app.gone(&any(Role::Menu)).await?;
        let arranged = names(&app).await?;
        ensure!(arranged.last().is_some_and(|last| last == "Joined"), "{arranged:?}");
        app.picture("grid-01-columns").await?;

        // Saved under a name, with the search.
        let search = named(Role::SearchBox, "Search users");
        app.fill(&search, "müller").await?;
        app.see(&status("of 2,000 users")).await?;
        save_view(&app, "Müllers").await?;
        app.picture("grid-02-view").await?;
        app.quit().await?;

        let app = world.start_app().await?;
        app.resize(1400, 900).await?;
        app.see(&button("View: Müllers")).await?;
        app.see(&status("of 2,000 users")).await?;
        let field = app.find(&search).await?.prop("value").await?;
        ensure!(field.as_deref() == Some("müller"), "the search is {field:?}");
        ensure!(names(&app).await? == arranged, "{:?}", names(&app).await?);
        ensure!(width_of(&app, "Email").await? == width + 60, "{:?}", columns(&app).await?);
        to_grid(&app).await?;
        app.press("\u{e00a}0\u{e000}").await?;
        app.see(&status("2,000 users")).await?;
        app.see(&button("View: All users")).await?;
        ensure!(names(&app).await? == arranged, "the list's own columns are kept, too");

        // Rows are wherever one scrolls to.
        let jump = "document.querySelector('main [role=grid]').scrollTop = arguments[0] * 36";
        for row in [1_500, 40, 1_970, 700] {
            app.client().execute(jump, vec![json!(row)]).await?;
            eventually(&format!("the row {row}"), async || {
                let script = "return [...document.querySelectorAll('main [role=row][aria-rowindex]:not([aria-hidden])')]
                    .some((line) => Number(line.getAttribute('aria-rowindex')) === arguments[0] + 5)";
                let there = app.client().execute(script, vec![json!(row)]).await?;
                Ok((there == Value::Bool(true)).then_some(()))
            })
            .await?;
        }
        app.picture("grid-03-far").await?;

        // One key takes everyone who matches, and turns it around.
        app.fill(&search, "müller").await?;
        let found = app.text(&status("of 2,000 users")).await?;
        let matched = found.split(' ').next().context("a number")?.to_owned();
        to_grid(&app).await?;
        app.press(ALL).await?;
        app.see(&showing(Role::Toolbar, format!("{matched} selected"))).await?;
        app.picture("grid-04-all").await?;
        app.press(ESCAPE).await?;
        app.gone(&any(Role::Toolbar)).await?;
        app.quit().await
    })
    .await
}

/// What stands on the screen of the list: the cursor's person, how far its row is from the top, and who is
/// ticked.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
struct Seen {
    cursor: String,
    top: i64,
    ticked: Vec<String>,
}

/// People are told apart by their addresses.
async fn seen(app: &App) -> Result<Seen> {
    let script = "const grid = document.querySelector('main [role=grid]');
        const email = (row) => row.children[2].textContent;
        const rows = [...grid.querySelectorAll('[role=row][aria-selected]')];
        const cursor = document.getElementById(grid.getAttribute('aria-activedescendant'));
        return {
            cursor: cursor ? email(cursor) : '',
            top: cursor ? Math.round(cursor.getBoundingClientRect().top - grid.getBoundingClientRect().top) : 0,
            ticked: rows.filter((row) => row.getAttribute('aria-selected') === 'true').map(email),
        }";
    Ok(serde_json::from_value(
        app.client().execute(script, vec![]).await?,
    )?)
}

#[tokio::test(flavor = "multi_thread")]
async fn selection_cursor_and_place_hold_while_the_servers_change_people() -> Result<()> {
    scenario("grid-held", Setup::default(), async |world| {
        let control = world.control();
        let app = world.signed_in().await?;
        app.resize(1400, 900).await?;
        app.see(&status("2,000 users")).await?;

        // Far down, three are ticked, and the cursor is on a fourth.
        to_grid(&app).await?;
        let jump = "document.querySelector('main [role=grid]').scrollTop = 700 * 36";
        app.client().execute(jump, vec![]).await?;
        let row = "return [...document.querySelectorAll('main [role=row][aria-selected]')]
            .find((line) => line.getAttribute('aria-rowindex') === '706')";
        let line = eventually("the row 704", async || {
            Ok(Some(app.client().execute(row, vec![]).await?).filter(|found| !found.is_null()))
        })
        .await?;
        app.client().execute("arguments[0].click()", vec![line]).await?;
        app.press(" ").await?;
        app.press(SHIFT_DOWN).await?;
        app.press(SHIFT_DOWN).await?;
        app.see(&showing(Role::Toolbar, "3 selected")).await?;
        app.press(DOWN).await?;
        let before = eventually("three ticked, and the cursor below them", async || {
            let seen = seen(&app).await?;
            let below = seen.ticked.len() == 3 && !seen.ticked.contains(&seen.cursor);
            Ok(below.then_some(seen))
        })
        .await?;
        app.picture("grid-held-01-before").await?;

        // One of them leaves, another becomes an admin, and many come in front of all.
        let people = control.people(organizations::MAIN)?;
        let id = |email: &str| -> Result<&str> {
            let found = people.iter().find(|person| person.email == email);
            Ok(&found.context("the list shows nobody else")?.id)
        };
        control.remove_person(organizations::MAIN, id(&before.ticked[1])?)?;
        control.set_admin(organizations::MAIN, id(&before.ticked[2])?, true)?;
        for number in 0..40 {
            let email = format!("aab{number}@nordhafen.example");
            control.add_person(organizations::MAIN, "Aaa", &format!("Aab {number}"), &email)?;
        }
        app.click(&button("Read again")).await?;
        app.see(&status("2,039 users")).await?;
        app.see(&showing(Role::Toolbar, "2 selected")).await?;
        let kept = vec![before.ticked[0].clone(), before.ticked[2].clone()];
        eventually("the same place", async || {
            let now = seen(&app).await?;
            // Its own row above was taken away: the row of the cursor or the first of the screen stays where
            // it was.
            let still = (now.top - before.top).abs() <= 36;
            ensure!(
                now.cursor == before.cursor && now.ticked == kept && still,
                "{now:?} was {before:?}"
            );
            Ok(Some(()))
        })
        .await?;
        app.picture("grid-held-02-after").await?;

        // Through a search that finds one of the two, and back; and through another sort.
        let search = named(Role::SearchBox, "Search users");
        app.fill(&search, &kept[1]).await?;
        app.see(&status("1 of 2,039 users")).await?;
        ensure!(seen(&app).await?.ticked == kept[1..], "{:?}", seen(&app).await?);
        app.see(&showing(Role::Toolbar, "2 selected")).await?;
        app.fill(&search, "").await?;
        app.see(&status("2,039 users")).await?;
        to_grid(&app).await?;
        app.press(HOME).await?;
        app.press(DOWN).await?;
        app.press(DOWN).await?;
        let at = eventually("the cursor on the third", async || {
            let script = "const grid = document.querySelector('main [role=grid]');
                return document.getElementById(grid.getAttribute('aria-activedescendant'))?.getAttribute('aria-rowindex')";
            let third = app.client().execute(script, vec![]).await? == json!("4");
            Ok(if third { Some(seen(&app).await?.cursor) } else { None })
        })
        .await?;
        app.client()
            .execute(
                "document.querySelector('main [data-column=email] button').click()",
                vec![],
            )
            .await?;
        eventually("the cursor's own row in the new order", async || {
            let script =
                "return document.querySelector('main [data-column=email]').getAttribute('aria-sort')";
            let sorted = app.client().execute(script, vec![]).await? == json!("ascending");
            Ok((sorted && seen(&app).await?.cursor == at).then_some(()))
        })
        .await?;
        app.see(&showing(Role::Toolbar, "2 selected")).await?;

        // A range to the far end is one question.
        to_grid(&app).await?;
        app.press(ESCAPE).await?;
        app.gone(&any(Role::Toolbar)).await?;
        app.press(HOME).await?;
        app.press(SHIFT_END).await?;
        app.see(&showing(Role::Toolbar, "2,039 selected")).await?;
        app.picture("grid-held-03-range").await?;
        app.quit().await
    })
    .await
}
