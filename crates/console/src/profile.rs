//! What the app remembers between two starts: the last Client ID, "Keep me signed in", whose sign-ins are kept and where they were.
//! Must never hold a secret: tokens are in the keychain alone (security.md 25).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// The remembered facts. Unknown fields of a later version are dropped; a damaged file counts as empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Remembered {
    /// The Client ID used last.
    pub client_id: String,
    /// "Keep me signed in", as it was left; `None` before the first time.
    pub keep: Option<bool>,
    /// The redirect URI chosen in the form; `None` for the default.
    pub redirect_uri: Option<String>,
    /// Whose records are in the keychain, in the order of their first sign-ins.
    pub accounts: Vec<Kept>,
    /// The account that was in front.
    pub current: Option<String>,
    /// What version 0.1 kept: one account alone. Read, never written.
    #[serde(skip_serializing)]
    kept: Option<Kept>,
    /// Person → organization used last.
    pub organizations: BTreeMap<String, String>,
    /// Organization → its color on this computer.
    pub colors: BTreeMap<String, u8>,
}

/// Which keychain record to look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The client the grant was given to.
    pub client_id: String,
    /// The account server that gave it.
    pub issuer: String,
    /// Whose it is (`sub`).
    pub person: String,
    /// Whether `printing` alone was asked for: a refresh asks for the same.
    #[serde(default)]
    pub fewer_rights: bool,
    /// Their address, for the list of accounts; "" before it was learned.
    #[serde(default)]
    pub email: String,
    /// Their name, or "".
    #[serde(default)]
    pub name: String,
    /// The name of the organization used last.
    #[serde(default)]
    pub organization: Option<String>,
    /// Whether the server no longer took it when it was last used.
    #[serde(default)]
    pub expired: bool,
}

impl Remembered {
    fn renewed(mut self) -> Self {
        if let Some(kept) = self.kept.take()
            && self.accounts.is_empty()
        {
            self.accounts.push(kept);
        }
        self
    }
}

/// The file and its contents.
pub struct Profile {
    path: PathBuf,
    now: Mutex<Remembered>,
}

impl Profile {
    /// Reads `profile.json` in the data directory. A file that can't be read is treated as empty and said in the log.
    pub fn open(data_dir: &Path) -> Self {
        let path = data_dir.join("profile.json");
        let now = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .unwrap_or_else(|error| {
                    tracing::warn!(%error, "profile.json is damaged and was set aside");
                    Remembered::default()
                })
                .renewed(),
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    tracing::warn!(%error, "profile.json could not be read");
                }
                Remembered::default()
            }
        };
        Self {
            path,
            now: Mutex::new(now),
        }
    }

    /// What is remembered now.
    pub fn get(&self) -> Remembered {
        self.lock().clone()
    }

    /// Changes it and writes the file, replaced as a whole. A failed write is logged: the app goes on, and forgets at its end.
    pub fn change(&self, change: impl FnOnce(&mut Remembered)) {
        let mut now = self.lock();
        let before = now.clone();
        change(&mut now);
        if *now != before
            && let Err(error) = self.write(&now)
        {
            tracing::warn!(%error, "profile.json could not be written");
        }
    }

    fn write(&self, now: &Remembered) -> std::io::Result<()> {
        let dir = self.path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(dir)?;
        let next = self.path.with_extension("json.new");
        let mut file = std::fs::File::create(&next)?;
        file.write_all(&serde_json::to_vec_pretty(now).map_err(std::io::Error::other)?)?;
        file.sync_all()?;
        std::fs::rename(next, &self.path)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Profile};

    fn kept() -> Kept {
        Kept {
            client_id: "c".into(),
            issuer: "https://a/".into(),
            person: "p".into(),
            fewer_rights: false,
            email: "p@a.example".into(),
            name: String::new(),
            organization: None,
            expired: false,
        }
    }

    #[test]
    fn what_was_remembered_is_there_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        Profile::open(dir.path()).change(|now| now.accounts.push(kept()));
        assert_eq!(Profile::open(dir.path()).get().accounts, vec![kept()]);
    }

    #[test]
    fn the_one_account_that_the_first_version_kept_is_still_known() {
        let dir = tempfile::tempdir().unwrap();
        let old =
            r#"{"clientId":"c","keep":true,"kept":{"clientId":"c","issuer":"https://a/","person":"p"}}"#;
        std::fs::write(dir.path().join("profile.json"), old).unwrap();
        let profile = Profile::open(dir.path());
        assert_eq!(profile.get().accounts.len(), 1);
        profile.change(|now| now.accounts.clear());
        assert_eq!(Profile::open(dir.path()).get().accounts, vec![]);
    }

    #[test]
    fn a_damaged_file_counts_as_empty() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("profile.json"), b"{\"clientId\": 7").unwrap();
        assert_eq!(Profile::open(dir.path()).get(), super::Remembered::default());
    }
}
