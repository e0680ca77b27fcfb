//! The console without a window, as a program: commands as JSON lines on stdin, answers and news as JSON
//! lines on stdout, settings from the usual variables, the system's keychain. It shows how a script holds a
//! [`Console`], and the resilience tests kill it. Must never print a token: the console gives it none.
//!
//! It owns its data directory if that has no owner, and is a guest otherwise. With the argument `window`, and
//! perhaps a link, it starts as a window does: as the first one, or it hands over and ends
//! (docs/decisions/0019).

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use console::error::AppError;
use console::hand_over::{self, FirstWindow, Start};
use console::host::{DemoCloud, Host, HostError, OpenError};
use console::settings::Settings;
use console::wire::AppEvent;
use console::{Console, OsStore};
use resilience::announcing::{Announcing, Stops};
use resilience::protocol::{Command, News, Request, Started};
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use url::Url;
use vault::DataDirectory;

/// A line, whole, at once: the reader on the other side may be waiting for it.
fn say(news: &News) {
    if let Ok(mut line) = serde_json::to_vec(news) {
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        // A reader that is gone has ended, and this process ends with its stdin.
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
}

struct Terminal;

#[async_trait]
impl Host for Terminal {
    fn emit(&self, event: AppEvent) {
        say(&News::Event(value(&event)));
    }

    fn open_browser(&self, url: &Url) -> Result<(), OpenError> {
        say(&News::Browser { url: url.to_string() });
        Ok(())
    }

    fn copy(&self, _: &str) -> Result<(), HostError> {
        Err(HostError("there is no clipboard here".into()))
    }

    fn downloads(&self) -> Result<PathBuf, HostError> {
        std::env::current_dir().map_err(|error| HostError(error.to_string()))
    }

    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError> {
        Err(HostError("there is no demo organization here".into()))
    }
}

/// A window that is in front at once.
struct Window(Console);

#[async_trait]
impl FirstWindow for Window {
    fn open_link(&self, link: &str) {
        self.0.open_link(link, false);
        say(&News::Link {
            link: link.to_owned(),
        });
    }

    async fn raise(&self) -> bool {
        true
    }
}

/// Starts as a window does. `None` if it is not the first one; the result is written to stdout.
async fn start_as_window(settings: &Settings, link: Option<&str>) -> Option<hand_over::First> {
    let started = match hand_over::start(&settings.data_dir, link).await {
        Start::First(first) => {
            say(&News::Started(Started::First));
            return Some(first);
        }
        Start::HandedOver => Started::HandedOver,
        Start::Silent { process, delivered } => Started::Silent { process, delivered },
    };
    say(&News::Started(started));
    None
}

fn own_or_visit(settings: &Settings) -> DataDirectory {
    let dir = &settings.data_dir;
    let (directory, started) = match DataDirectory::own(dir) {
        Some(directory) => (directory, Started::Owner),
        None => (DataDirectory::visit(dir), Started::Guest),
    };
    say(&News::Started(started));
    directory
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let filter = std::env::var("PRESSROOM_LOG").unwrap_or_else(|_| "off".to_owned());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let settings = Settings::from_env();
    let mut store = OsStore::new();
    if let Ok(settings) = &settings {
        store = store.locking_in(settings.data_dir.join("locks"));
    }
    let stops = Stops::default();
    let keychain = Announcing::new(store, stops.clone(), |at, held| {
        say(&News::Store { at, held });
    });
    let mut arguments = std::env::args().skip(1);
    let as_window = arguments.next().is_some_and(|argument| argument == "window");
    let mut window = None;
    let opened = match settings {
        Ok(settings) if as_window => {
            let Some(first) = start_as_window(&settings, arguments.next().as_deref()).await else {
                return Ok(());
            };
            let directory = first.directory().clone();
            window = Some(first);
            Ok((settings, directory))
        }
        Ok(settings) => {
            let directory = own_or_visit(&settings);
            Ok((settings, directory))
        }
        Err(problem) => Err(problem),
    };
    let console = Console::new(opened, Arc::new(Terminal), Arc::new(keychain))?;
    if let Some(first) = window {
        let window = Arc::new(Window(console.clone()));
        tokio::spawn(async move { first.serve(window).await });
    }
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let Request { id, command } = match serde_json::from_str(&line) {
            Ok(request) => request,
            Err(error) => {
                say(&News::Misread {
                    why: error.to_string(),
                });
                continue;
            }
        };
        match command {
            Command::Quit => break,
            // In the order of the lines: a stop must stand before what it stops.
            Command::Hold { at, skip } => {
                stops.add(at, skip);
                say(&News::Done {
                    id,
                    value: Value::Null,
                });
            }
            Command::Release => {
                stops.release();
                say(&News::Done {
                    id,
                    value: Value::Null,
                });
            }
            command => {
                let console = console.clone();
                tokio::spawn(async move {
                    say(&match perform(&console, command).await {
                        Ok(value) => News::Done { id, value },
                        Err(error) => News::Failed {
                            id,
                            error: value(&error),
                        },
                    });
                });
            }
        }
    }
    console.stop_runs().await;
    Ok(())
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or(Value::Null)
}

async fn perform(console: &Console, command: Command) -> Result<Value, AppError> {
    Ok(match command {
        Command::Hold { .. } | Command::Release | Command::Quit => Value::Null,
        Command::Resume => {
            console.resume();
            Value::Null
        }
        Command::Retry => {
            console.session_retry();
            Value::Null
        }
        Command::SignIn { request } => {
            console.sign_in(request).await?;
            Value::Null
        }
        Command::SignInCancel => {
            console.sign_in_cancel().await;
            Value::Null
        }
        Command::SessionView => value(&console.session_view()),
        Command::Organizations => value(&console.organizations().await?),
        Command::OrganizationChoose { organization } => {
            console.organization_choose(&organization).await?;
            Value::Null
        }
        Command::SyncView { workspace } => value(&console.open(&workspace)?.sync_view()),
        Command::Totals { workspace } => value(&console.open(&workspace)?.totals()?),
        Command::Users { workspace, query } => value(&console.open(&workspace)?.users(&query)?),
        Command::UserRead { workspace, user } => value(&console.open(&workspace)?.user_read(&user).await?),
        Command::Groups { workspace, query } => value(&console.open(&workspace)?.groups(&query)?),
        Command::GroupRead { workspace, group } => {
            value(&console.open(&workspace)?.group_read(&group).await?)
        }
        Command::GroupCreate { workspace, form } => {
            value(&console.open(&workspace)?.group_create(&form).await?)
        }
        Command::PlanMake { workspace, request } => {
            value(&console.open(&workspace)?.plan_make(&request).await?)
        }
        Command::Plans { workspace } => value(&console.open(&workspace)?.plans()),
        Command::PlanApply { workspace, plan } => {
            console.open(&workspace)?.plan_apply(&plan).await?;
            Value::Null
        }
        Command::PlanClose { workspace, plan } => {
            console.open(&workspace)?.plan_close(&plan).await?;
            Value::Null
        }
        Command::PlanProgress { workspace, plan } => value(&console.open(&workspace)?.plan_progress(&plan)?),
        Command::Accounts => value(&console.accounts()),
        Command::AccountAdd => {
            console.account_add().await?;
            Value::Null
        }
        Command::AccountChoose { account } => {
            console.account_choose(&account).await?;
            Value::Null
        }
        Command::SignOutAll => {
            console.sign_out_all().await?;
            Value::Null
        }
        Command::SignOut => {
            console.sign_out().await?;
            Value::Null
        }
    })
}
