//! Looks for every token that the cloud gave out where none may be: what the page and Rust say to each other,
//! web storage, the page itself, files, and the arguments and environment of programs (security.md 25, 53,
//! 58). Every scenario ends with it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::App;

/// Put into the page as soon as the window is there: notes what goes to Rust and what comes back.
pub const LISTEN: &str = "
    if (!window.__heard) {
      window.__heard = [];
      const text = (part) => typeof part === 'string' ? part
        : part instanceof ArrayBuffer || ArrayBuffer.isView(part) ? new TextDecoder().decode(part)
        : JSON.stringify(part) ?? '';
      const real = window.fetch;
      window.fetch = async (where, how) => {
        window.__heard.push(text(where.url ?? where), text(how?.body));
        const reply = await real(where, how);
        // Read once and handed on: a clone would wait for the reader of the other half.
        const body = await reply.arrayBuffer();
        window.__heard.push(text(body));
        return new Response(body, { status: reply.status, headers: reply.headers });
      };
    }
    return true;";

/// What the page holds and has heard since the last time.
const TELL: &str = "
    const done = arguments[arguments.length - 1];
    const heard = window.__heard?.splice(0) ?? [];
    const stores = [localStorage, sessionStorage].map((store) => JSON.stringify(store));
    const databases = indexedDB.databases ? indexedDB.databases() : Promise.resolve([]);
    Promise.all([databases, window.caches ? caches.keys() : []]).then(([known, cached]) =>
      done([...heard, ...stores, document.cookie, document.documentElement.outerHTML, JSON.stringify([known, cached])]));";

/// Everything the page knows, with everything it has said and heard since it was last asked.
pub async fn page(app: &App) -> Result<Vec<String>> {
    let told: Value = app.client().execute_async(TELL, vec![]).await?;
    Ok(serde_json::from_value(told)?)
}

/// The pieces by which a token is known: whole, and the last part of one that has parts.
pub fn needles(tokens: &[String]) -> Vec<String> {
    let parts = tokens
        .iter()
        .map(|token| token.rsplit('.').next().unwrap_or(token));
    let mut needles: Vec<String> = parts.map(str::to_owned).collect();
    needles.sort();
    needles.dedup();
    needles
}

/// Fails where one of `texts` holds a needle. The error doesn't repeat it.
pub fn none_in<'a>(what: &str, texts: impl IntoIterator<Item = &'a str>, needles: &[String]) -> Result<()> {
    for text in texts {
        let found = needles.iter().any(|needle| text.contains(needle.as_str()));
        ensure!(
            !found,
            "a token is in {what}: {}…",
            text.chars().take(60).collect::<String>()
        );
    }
    Ok(())
}

/// Fails where a file below `dir` holds a needle. Gives how many files were looked into.
pub fn none_in_files(dir: &Path, needles: &[String]) -> Result<usize> {
    let mut looked = 0;
    for file in files(dir) {
        // A socket, or a file that is gone by now.
        let Ok(bytes) = fs::read(&file) else { continue };
        looked += 1;
        let text = String::from_utf8_lossy(&bytes);
        none_in(&format!("the file {}", file.display()), [text.as_ref()], needles)?;
    }
    Ok(looked)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

/// Fails where the arguments or the environment of a program hold a needle.
pub fn none_in_programs(needles: &[String]) -> Result<()> {
    for entry in fs::read_dir("/proc")?.flatten() {
        for kind in ["cmdline", "environ"] {
            let Ok(bytes) = fs::read(entry.path().join(kind)) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes);
            none_in(&format!("the {kind} of a program"), [text.as_ref()], needles)?;
        }
    }
    Ok(())
}
