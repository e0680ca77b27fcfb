//! The simulated cloud as a program in a process of its own, as the servers are for the app.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use url::Url;

use crate::process;

/// A program that was built beside this one.
pub fn beside(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here.parent().and_then(Path::parent).context("no such folder")?;
    Ok(folder.join(name))
}

/// A running cloud; dropping it ends it.
pub struct Cloud {
    child: Child,
    pub account: Url,
    pub api: Url,
    pub client_id: String,
    control: Url,
}

/// The lists that a full read reads.
const LISTS: [&str; 3] = ["/printing/v1/groups/", "/printing/v1/users/", "/v1/users/"];

impl Cloud {
    /// Starts it with one organization besides Private.
    pub fn start(people: u32, latency: Duration, redirect: &str) -> Result<Self> {
        let mut command = Command::new(beside("ezeep-sim")?);
        command
            .args(["--people", &people.to_string()])
            .args(["--groups", &groups_for(people).to_string()])
            .args(["--memberships", &(people * 4).to_string()])
            .args(["--latency-ms", &latency.as_millis().to_string()])
            .args(["--redirect-uri", redirect])
            .args(["--one-organization", "--control"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("the simulated cloud can't be started")?;
        let output = child.stdout.take().context("no standard output")?;
        let mut told = HashMap::new();
        for line in BufReader::new(output).lines() {
            let line = line?;
            let Some((name, value)) = line.split_once(": ") else {
                continue;
            };
            told.insert(name.to_owned(), value.to_owned());
            if name == "control" {
                break;
            }
        }
        let url = |name: &str| -> Result<Url> {
            let text = told.get(name).context("the simulated cloud did not come up")?;
            Ok(Url::parse(text)?)
        };
        Ok(Self {
            account: url("account")?,
            api: url("api")?,
            client_id: told.get("client-id").cloned().unwrap_or_default(),
            control: url("control")?,
            child,
        })
    }

    /// The processor time it has used.
    pub fn cpu(&self) -> Result<Duration> {
        process::cpu(self.child.id())
    }

    /// How many pages of the three lists were asked for, and how many requests were under way at once at
    /// most.
    pub async fn pages(&self) -> Result<(usize, u64)> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let reply = client.get(self.control.join("requests/")?).send().await?;
        let said: Value = serde_json::from_slice(&reply.bytes().await?)?;
        let requests = said["requests"].as_array().context("no list of requests")?;
        let pages = requests
            .iter()
            .filter(|request| LISTS.iter().any(|path| request["path"] == *path))
            .count();
        Ok((pages, said["peak_in_flight"].as_u64().unwrap_or_default()))
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One group for a hundred people.
pub fn groups_for(people: u32) -> u32 {
    (people / 100).clamp(10, 1_000)
}
