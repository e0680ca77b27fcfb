//! The other end of the lines: starts the console without a window, asks it, hears it, and kills it.
//! Must never wait for luck: it waits for a line, and the patience only bounds a hang.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

use crate::protocol::StoreStep;

/// Far more than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a console is started with.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The program.
    pub program: std::path::PathBuf,
    /// `PRESSROOM_ACCOUNT_URL`.
    pub account: Url,
    /// `PRESSROOM_API_URL`.
    pub api: Url,
    /// `PRESSROOM_REDIRECT_URI`.
    pub redirect: String,
    /// `PRESSROOM_DATA_DIR`.
    pub data_dir: std::path::PathBuf,
    /// All else, such as the address of a D-Bus session.
    pub env: Vec<(String, String)>,
}

/// A command's error, as the console gave it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the console answered {0}")]
pub struct Refused(pub Value);

impl Refused {
    /// The error's code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0["code"].as_str().unwrap_or_default()
    }
}

/// A running console. Dropping it kills it.
pub struct Headless {
    child: Child,
    input: tokio::sync::Mutex<ChildStdin>,
    heard: Arc<Heard>,
    last: AtomicU64,
    reader: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    lines: Mutex<Lines>,
    more: Notify,
}

#[derive(Default)]
struct Lines {
    news: Vec<Value>,
    answers: HashMap<u64, Result<Value, Refused>>,
    ended: bool,
}

impl Heard {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, line: &str) {
        let Ok(mut line) = serde_json::from_str::<Value>(line) else {
            return;
        };
        let mut lines = self.lines();
        if let Some(id) = line["done"]["id"].as_u64() {
            lines.answers.insert(id, Ok(line["done"]["value"].take()));
        } else if let Some(id) = line["failed"]["id"].as_u64() {
            lines
                .answers
                .insert(id, Err(Refused(line["failed"]["error"].take())));
        } else {
            lines.news.push(line);
        }
        drop(lines);
        self.more.notify_waiters();
    }

    /// Waits until `look` finds what it looks for.
    async fn until<T>(&self, what: &str, mut look: impl FnMut(&mut Lines) -> Option<T>) -> anyhow::Result<T> {
        let search = async {
            loop {
                let more = self.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                {
                    let mut lines = self.lines();
                    if let Some(found) = look(&mut lines) {
                        return Ok(found);
                    }
                    if lines.ended {
                        bail!(
                            "the console ended before {what}; its last words: {:?}",
                            lines.news.last()
                        );
                    }
                }
                more.await;
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => {
                let lines = self.lines();
                let last: Vec<_> = lines.news.iter().rev().take(8).collect();
                bail!("never {what}; the last news, newest first: {last:?}")
            }
        }
    }
}

impl Headless {
    /// Starts it. It does nothing before it is asked to.
    ///
    /// # Errors
    /// Where the program can't be started.
    pub fn start(profile: &Profile) -> anyhow::Result<Self> {
        Self::start_with(profile, &[])
    }

    /// Starts it as a window starts, with a link if there is one. If it is not the first, it reports the
    /// result and ends.
    ///
    /// # Errors
    /// The program can't be started.
    pub fn start_window(profile: &Profile, link: Option<&str>) -> anyhow::Result<Self> {
        let arguments: Vec<&str> = std::iter::once("window").chain(link).collect();
        Self::start_with(profile, &arguments)
    }

    fn start_with(profile: &Profile, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(&profile.program);
        command
            .args(arguments)
            .env("PRESSROOM_ACCOUNT_URL", profile.account.as_str())
            .env("PRESSROOM_API_URL", profile.api.as_str())
            .env("PRESSROOM_REDIRECT_URI", &profile.redirect)
            .env("PRESSROOM_DATA_DIR", &profile.data_dir)
            .env_remove("PRESSROOM_CLIENT_ID")
            .env_remove("PRESSROOM_SCOPES")
            .envs(profile.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .with_context(|| format!("{} can't be started", profile.program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("the console has no pipes");
        };
        let heard = Arc::new(Heard::default());
        let hears = Arc::clone(&heard);
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                hears.take(&line);
            }
            hears.lines().ended = true;
            hears.more.notify_waiters();
        });
        Ok(Self {
            child,
            input: tokio::sync::Mutex::new(input),
            heard,
            last: AtomicU64::new(0),
            reader,
        })
    }

    /// Sends a command and gives its number; [`Headless::answer`] waits for what came of it.
    ///
    /// # Errors
    /// Where the process has ended.
    pub async fn tell(&self, mut command: Value) -> anyhow::Result<u64> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        command["id"] = json!(id);
        let line = format!("{command}\n");
        let mut input = self.input.lock().await;
        input
            .write_all(line.as_bytes())
            .await
            .context("the console no longer reads")?;
        input.flush().await?;
        Ok(id)
    }

    /// What came of a command.
    ///
    /// # Errors
    /// With [`Refused`] where the console refused it; otherwise where the process ended or hangs.
    pub async fn answer(&self, id: u64) -> anyhow::Result<Value> {
        let answer = self
            .heard
            .until("answered", |lines| {
                if let Some(misread) = lines.news.iter().find(|line| line.get("misread").is_some()) {
                    return Some(Err(anyhow!("a command was misread: {misread}")));
                }
                lines.answers.remove(&id).map(Ok)
            })
            .await??;
        Ok(answer?)
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// As [`Headless::answer`].
    pub async fn ask(&self, command: Value) -> anyhow::Result<Value> {
        let id = self.tell(command).await?;
        self.answer(id).await
    }

    /// Stops at a step of the keychain, after `skip` of its kind.
    ///
    /// # Errors
    /// Where the process has ended.
    pub async fn hold(&self, at: StoreStep, skip: u32) -> anyhow::Result<()> {
        self.ask(json!({ "do": "hold", "at": at, "skip": skip }))
            .await
            .map(drop)
    }

    /// Waits until the keychain stops at a step.
    ///
    /// # Errors
    /// Where it never does.
    pub async fn held(&self, at: StoreStep) -> anyhow::Result<()> {
        let at = serde_json::to_value(at)?;
        self.news("held at a step of the keychain", |line| {
            (line["store"]["held"] == true && line["store"]["at"] == at).then_some(())
        })
        .await
    }

    /// Waits for a line, among all that came so far too.
    ///
    /// # Errors
    /// Where it never comes.
    pub async fn news<T>(
        &self,
        what: &str,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> anyhow::Result<T> {
        self.heard
            .until(what, |lines| lines.news.iter().find_map(&mut wanted))
            .await
    }

    /// How many lines of news there were so far that fit.
    pub fn count(&self, mut wanted: impl FnMut(&Value) -> bool) -> usize {
        self.heard.lines().news.iter().filter(|line| wanted(line)).count()
    }

    /// Waits until the state of the sign-in is as wanted.
    ///
    /// # Errors
    /// Where it never is.
    pub async fn until<T>(&self, what: &str, wanted: impl FnMut(&Value) -> Option<T>) -> anyhow::Result<T> {
        self.until_asked(what, json!({ "do": "sessionView" }), wanted)
            .await
    }

    /// Waits until a question is answered as wanted.
    ///
    /// # Errors
    /// Where it never is.
    pub async fn until_asked<T>(
        &self,
        what: &str,
        question: Value,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> anyhow::Result<T> {
        let search = async {
            loop {
                let seen = self.heard.lines().news.len();
                let answer = self.ask(question.clone()).await?;
                if let Some(found) = wanted(&answer) {
                    return Ok(found);
                }
                // The next news says when to look again. Listened for only after the answer, which would
                // count as a sign too: asking without a pause takes the processor from what is waited for.
                let more = self.heard.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                if self.heard.lines().news.len() == seen {
                    let _ = tokio::time::timeout(Duration::from_millis(100), more).await;
                }
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => bail!("never {what}: {}", self.ask(question).await?),
        }
    }

    /// What it is on its data directory.
    ///
    /// # Errors
    /// It never reports it.
    pub async fn started(&self) -> anyhow::Result<Value> {
        self.news("started", |line| line.get("started").cloned()).await
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(ended) => Ok(ended.map(drop)?),
            Err(_) => bail!("the console does not end"),
        }
    }

    /// The system's number of the process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// Where the system refuses.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.kill_here().await
    }

    /// The same in the place where the next one is put: it must not start before this one has ended.
    ///
    /// # Errors
    /// Where the system refuses.
    pub async fn kill_here(&mut self) -> anyhow::Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }

    /// Ends it as a person would.
    ///
    /// # Errors
    /// Where it does not end.
    pub async fn quit(mut self) -> anyhow::Result<()> {
        self.tell(json!({ "do": "quit" })).await?;
        self.ended().await
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
