//! What the window must withstand: hostile names, forged commands, navigation, a keychain that hangs, and the
//! search for secrets.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use console::commands::NAMES;
use ezeep_sim_faults::known::{self, organizations};
use serde_json::{Value, json};

use crate::harness::*;

/// security.md 53, 58: the search that ends every scenario finds what it looks for, and hears what page and
/// Rust say.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_for_secrets_would_find_one() -> Result<()> {
    scenario("secrets", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        let needles = secrets::needles(&world.control().tokens_given());
        ensure!(
            needles.len() >= 4,
            "a sign-in and a switch give two pairs of tokens"
        );
        let heard = app.heard().await?;
        ensure!(
            heard.iter().any(|text| text.contains("\"kind\":\"signedIn\"")),
            "the recorder does not hear what Rust answers"
        );
        secrets::none_in("what was heard", heard.iter().map(String::as_str), &needles)?;

        let planted = world.home().join("data/planted.txt");
        std::fs::write(&planted, format!("x{}y", needles[0]))?;
        ensure!(
            secrets::none_in_files(world.home(), &needles).is_err(),
            "a planted token was not found"
        );
        std::fs::remove_file(planted)?;
        let mut told = Command::new("sleep")
            .arg("30")
            .env("PLANTED", &needles[0])
            .spawn()?;
        // The environment of a program that has just begun is not in /proc yet.
        let found = eventually("a token in a program's environment", async || {
            Ok(secrets::none_in_programs(&needles).err())
        })
        .await;
        told.kill()?;
        told.wait()?;
        found?;
        ensure!(
            secrets::none_in_files(world.home(), &needles)? > 20,
            "there are logs, a profile and the webview's files to look into"
        );
        app.quit().await
    })
    .await
}

/// What an attacker, or a bad import, puts into a name.
fn hostile() -> Vec<String> {
    vec![
        "<img src=x onerror=\"window.__pwned=1\"><script>window.__pwned=2</script>".to_owned(),
        "\u{202e}gnp.exe\u{202c} \u{2066}left\u{2069}".to_owned(),
        "{{constructor.constructor('window.__pwned=3')()}}${7*7}".to_owned(),
        "👩‍👩‍👧‍👦🏳️‍🌈 Ä̈̈̈̈̈ \u{200b}\u{200d}\u{feff}".to_owned(),
        format!("long {}", "W".repeat(10_000)),
        "javascript:window.__pwned=4".to_owned(),
        "'; DROP TABLE groups; --\u{0}\u{1b}[31m".to_owned(),
    ]
}

/// security.md 54: HTML, marks of direction, emoji and 10,000 characters are names and nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_shown_and_do_nothing() -> Result<()> {
    scenario("hostile-names", Setup::default(), async |world| {
        let control = world.control();
        for name in hostile() {
            let group = control.create_group(organizations::MAIN, &name, false)?;
            control.add_to_group(organizations::MAIN, known::ADMIN.email, &group)?;
        }
        for (at, name) in hostile().into_iter().enumerate() {
            let email = format!("hostile{at}@nordhafen.example");
            control.add_person(organizations::MAIN, &name, "Hostile", &email)?;
        }
        let app = world.start_app().await?;
        world.sign_in_as(&app, known::ADMIN.email).await?;
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;
        app.see(&named(Role::Grid, "Users")).await?;
        app.fill(&named(Role::SearchBox, "Search users"), "hostile")
            .await?;
        app.see(&status("7 of 2,007 users")).await?;
        app.picture("hostile-users").await?;
        app.fill(&named(Role::SearchBox, "Search users"), known::ADMIN.email)
            .await?;
        app.see(&status("1 of 2,007 users")).await?;
        app.see(&starting(Role::Region, "User: ")).await?;
        app.picture("hostile-detail").await?;
        app.click(&named(Role::Link, "Groups")).await?;
        app.see(&status("67 groups")).await?;
        app.picture("hostile-groups").await?;
        app.fill(&named(Role::SearchBox, "Search groups"), "onerror")
            .await?;
        app.see(&status("1 of 67 groups")).await?;
        app.picture("hostile-group").await?;
        let done = app
            .client()
            .execute(
                "return [window.__pwned ?? null, document.querySelectorAll('img, main script').length,
                  document.documentElement.scrollWidth <= window.innerWidth]",
                vec![],
            )
            .await?;
        ensure!(
            done == json!([null, 0, true]),
            "a name was more than a name: {done}"
        );
        app.quit().await
    })
    .await
}

/// security.md 1, 54, 55: the page can't leave, open a window, load from elsewhere, or ask for what it was
/// not given.
#[tokio::test(flavor = "multi_thread")]
async fn the_window_goes_nowhere_else_and_loads_nothing_from_elsewhere() -> Result<()> {
    scenario("fenced", Setup::default(), async |world| {
        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        let here = app.client().current_url().await?;
        let elsewhere = world.cloud.account_url();
        let tried = "const done = arguments[arguments.length - 1]; const to = arguments[0];
            const outcomes = {};
            outcomes.opened = window.open(to) === null;
            const link = document.createElement('a');
            link.href = to; link.target = '_blank'; document.body.append(link); link.click(); link.remove();
            const frame = document.createElement('iframe'); frame.src = to; document.body.append(frame);
            const script = document.createElement('script'); script.textContent = 'window.__pwned = 1';
            document.body.append(script);
            const eager = document.createElement('div');
            eager.innerHTML = '<img src=x onerror=\"window.__pwned = 2\">'; document.body.append(eager);
            try { (0, eval)('window.__pwned = 3'); outcomes.eval = false; } catch { outcomes.eval = true; }
            Object.prototype.polluted = 1; outcomes.frozen = ({}).polluted === undefined;
            outcomes.global = window.__TAURI__ === undefined;
            fetch(to).then(() => false, () => true).then((refused) => {
              outcomes.fetch = refused;
              setTimeout(() => { outcomes.script = window.__pwned === undefined; location.href = to;
                setTimeout(() => done(outcomes), 500); }, 300);
            });";
        let outcomes = app
            .client()
            .execute_async(tried, vec![json!(elsewhere.as_str())])
            .await?;
        for (name, held) in outcomes.as_object().context("outcomes")? {
            ensure!(
                held == &Value::Bool(true),
                "the window let something through: {name}"
            );
        }
        ensure!(
            app.client().current_url().await? == here,
            "the page went elsewhere"
        );
        ensure!(app.client().windows().await?.len() == 1, "a window was opened");
        ensure!(
            world.control().requests().is_empty(),
            "the page reached the account server: {:?}",
            world.control().requests()
        );
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.quit().await
    })
    .await
}

/// Asks every command with arguments that no window of ours would send.
const FORGE: &str = "
    const done = arguments[arguments.length - 1];
    const [names, rounds, seed] = arguments;
    let state = seed;
    const random = (n) => { state = (state * 1103515245 + 12345) % 2147483648; return state % n; };
    const texts = ['', 'x', '\\u0000', '../../etc/passwd', '<b>', '\\u202e', '-1', 'null', 'a'.repeat(100000), '%00', 'é'.repeat(70)];
    const keys = ['workspace', 'organization', 'id', 'query', 'request', 'form', 'offset', 'limit', 'account', 'confirmation',
      'failedOnly', '__proto__', 'cmd', 'kind', 'users', 'groups', 'search', 'sort', 'scope', 'clientId'];
    const value = (depth) => {
      const kind = random(depth > 3 ? 6 : 8);
      if (kind === 0) return null;
      if (kind === 1) return random(2) === 1;
      if (kind === 2) return [0, -1, 1e308, 4294967296, 0.5, 9007199254740993][random(6)];
      if (kind < 6) return texts[random(texts.length)];
      if (kind === 6) return Array.from({ length: random(4) }, () => value(depth + 1));
      return Object.fromEntries(Array.from({ length: random(6) }, () => [keys[random(keys.length)], value(depth + 1)]));
    };
    (async () => {
      let asked = 0; const odd = [];
      for (let round = 0; round < rounds; round++)
        for (const name of names) {
          const args = Object.fromEntries(keys.slice(0, 12).map((key) => [key, value(0)]));
          asked++;
          try { await window.__TAURI_INTERNALS__.invoke(name, args); }
          catch (error) {
            const typed = typeof error === 'string' || (typeof error === 'object' && typeof error?.code === 'string');
            if (!typed) odd.push(`${name}: ${JSON.stringify(error)}`);
          }
        }
      done({ asked, odd });
    })();";

/// security.md 56: Rust checks every argument. What signs out or opens a browser needs no argument, and is
/// left out.
#[tokio::test(flavor = "multi_thread")]
async fn forged_commands_are_refused_and_change_nothing() -> Result<()> {
    scenario("forged-commands", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        let control = world.control();
        let groups = control.groups(organizations::MAIN)?;
        let writes = |control: &ezeep_sim_faults::Control| -> u64 {
            let counts = control.counts();
            counts.iter().filter(|((method, _), _)| method != "GET").map(|(_, n)| n).sum()
        };
        let before = writes(&control);
        let names: Vec<&str> = NAMES
            .iter()
            .copied()
            .filter(|name| {
                !matches!(
                    *name,
                    "sign_out" | "sign_out_all" | "demo_start" | "account_add" | "session_retry"
                )
            })
            .collect();
        let args = vec![json!(names), json!(60), json!(20_261_121)];
        let report = app.client().execute_async(FORGE, args).await?;
        ensure!(report["odd"] == json!([]), "not an error of ours: {}", report["odd"]);
        ensure!(report["asked"].as_u64() > Some(2_000), "{report}");
        ensure!(writes(&control) == before, "a forged command reached the server with a write");
        ensure!(control.groups(organizations::MAIN)? == groups, "the organization changed");

        // What no capability names is refused for every caller.
        for name in [
            "plugin:opener|open_url",
            "plugin:deep-link|get_current",
            "plugin:deep-link|register",
            "plugin:clipboard-manager|read_text",
            "plugin:window|close",
            "plugin:webview|create_webview_window",
            "plugin:event|emit",
            "plugin:window-state|save_window_state",
        ] {
            let ask = "const done = arguments[arguments.length - 1];
                window.__TAURI_INTERNALS__.invoke(arguments[0], {}).then(() => done('allowed'), (e) => done(String(e)));";
            let answer = app.client().execute_async(ask, vec![json!(name)]).await?;
            let answer = answer.as_str().unwrap_or_default().to_owned();
            ensure!(answer.contains("not allowed"), "{name}: {answer}");
        }
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}

/// security.md 26: a keychain that hangs holds up neither the first paint nor the end of the app.
#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_hangs_holds_up_neither_the_window_nor_its_end() -> Result<()> {
    scenario("hung-keychain", Setup::default(), async |world| {
        world.keychain.stop()?;
        let app = world.start_app().await?;
        // Painted, while nobody knows yet whether somebody is signed in.
        app.see(&named(Role::Status, "Starting")).await?;
        app.picture("hung-keychain").await?;
        app.quit().await?;

        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.see(&button("Try again")).await?;
        app.picture("unresponsive-keychain").await?;
        world.keychain.go_on()?;
        app.click(&button("Try again")).await?;
        app.gone(&button("Try again")).await?;
        world
            .sign_in_as(&app, known::ONE_ORGANIZATION_ADMIN.email)
            .await?;
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}
