//! What the app remembers between two starts: the last Client ID, "Keep me signed in", whose sign-ins are kept and where they were.
//! Must never hold a secret: tokens are in the keychain alone (security.md 25).

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::views;
use crate::wire::Columns;

/// How often the file's lock is asked for, and the pause after each time.
const LOCK_TRIES: u32 = 600;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

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
    /// The columns of the lists.
    #[serde(deserialize_with = "sound_or_none")]
    pub columns: Columns,
}

/// Columns that can't be read cost the columns, not the rest of the file.
fn sound_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Columns, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let columns: Columns = serde_json::from_value(value).unwrap_or_default();
    let sound = |list| views::columns(list).unwrap_or_default();
    Ok(Columns {
        users: sound(columns.users),
        groups: sound(columns.groups),
        members: sound(columns.members),
    })
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
    /// The id of that organization: what is kept on disk of it is shown at the next start before a server answers.
    #[serde(default)]
    pub place: Option<String>,
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

/// The file and its contents. Another process may have the same one: a change is made to what the file says at that moment.
pub struct Profile {
    path: PathBuf,
    now: Mutex<Now>,
}

struct Now {
    facts: Remembered,
    /// The file says the same, or what another process has written since.
    written: bool,
}

impl Profile {
    /// Reads `profile.json` in the data directory. A file that can't be read is treated as empty and said in the log.
    pub fn open(data_dir: &Path) -> Self {
        let path = data_dir.join("profile.json");
        let facts = read(&path).unwrap_or_default();
        Self {
            path,
            now: Mutex::new(Now { facts, written: true }),
        }
    }

    /// What is remembered now.
    pub fn get(&self) -> Remembered {
        self.lock().facts.clone()
    }

    /// Changes it and writes the file, replaced as a whole. A failed write is logged: the app goes on, and forgets at its end.
    pub fn change(&self, change: impl FnOnce(&mut Remembered)) {
        let mut now = self.lock();
        let _alone = self.alone();
        // What another process has remembered meanwhile is not undone.
        if now.written
            && let Some(facts) = read(&self.path)
        {
            now.facts = facts;
        }
        let before = now.facts.clone();
        change(&mut now.facts);
        if now.facts != before || !now.written {
            let written = self.write(&now.facts);
            now.written = written.is_ok();
            if let Err(error) = written {
                tracing::warn!(%error, "profile.json could not be written");
            }
        }
    }

    /// Keeps other processes from changing the file until it is dropped. Held for a read and a write, so it is soon had; where
    /// it can't be, because a folder knows no locks or a process was halted with it, the change is made without.
    fn alone(&self) -> Option<File> {
        let lock = || {
            std::fs::create_dir_all(self.path.parent().unwrap_or_else(|| Path::new(".")))?;
            let mut options = File::options();
            let file = options
                .create(true)
                .truncate(false)
                .write(true)
                .open(self.path.with_extension("lock"))?;
            for _ in 0..LOCK_TRIES {
                match file.try_lock() {
                    Ok(()) => return Ok(file),
                    Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                    Err(TryLockError::Error(error)) => return Err(error),
                }
            }
            Err(std::io::Error::from(std::io::ErrorKind::TimedOut))
        };
        lock()
            .inspect_err(|error| tracing::warn!(%error, "profile.json can't be locked"))
            .ok()
    }

    fn write(&self, now: &Remembered) -> std::io::Result<()> {
        let dir = self.path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(dir)?;
        let next = self.path.with_extension("json.new");
        let mut file = File::create(&next)?;
        file.write_all(&serde_json::to_vec_pretty(now).map_err(std::io::Error::other)?)?;
        file.sync_all()?;
        std::fs::rename(next, &self.path)
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a file says; `None` where there is none, or it can't be read.
fn read(path: &Path) -> Option<Remembered> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Remembered::renewed)
            .inspect_err(|error| tracing::warn!(%error, "profile.json is damaged and was set aside"))
            .ok(),
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                tracing::warn!(%error, "profile.json could not be read");
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Profile};
    use crate::wire::Columns;

    fn kept() -> Kept {
        Kept {
            client_id: "c".into(),
            issuer: "https://a/".into(),
            person: "p".into(),
            fewer_rights: false,
            email: "p@a.example".into(),
            name: String::new(),
            organization: None,
            place: None,
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
    fn what_another_process_remembers_is_not_undone() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Profile::open(dir.path()), Profile::open(dir.path()));
        theirs.change(|now| now.accounts.push(kept()));
        ours.change(|now| now.keep = Some(false));
        let both = Profile::open(dir.path()).get();
        assert_eq!((both.accounts, both.keep), (vec![kept()], Some(false)));
        assert_eq!(ours.get().accounts, vec![kept()]);
    }

    #[test]
    fn many_changes_at_once_are_all_remembered() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let profile = Profile::open(dir.path());
                scope.spawn(move || {
                    for n in 0..25 {
                        profile.change(|now| {
                            now.organizations.insert(format!("{writer} {n}"), "o".into());
                        });
                    }
                });
            }
        });
        assert_eq!(Profile::open(dir.path()).get().organizations.len(), 100);
    }

    #[test]
    fn damaged_columns_cost_the_columns_alone() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"{"clientId":"c","columns":{"users":[{"name":"email","shown":true,"width":9},{"name":"<b>"}],
            "groups":[{"name":"members","shown":null,"width":9}],"members":7}}"#;
        std::fs::write(dir.path().join("profile.json"), text).unwrap();
        let now = Profile::open(dir.path()).get();
        assert_eq!((now.client_id.as_str(), now.columns), ("c", Columns::default()));
        let text = text
            .replace(":7", ":[]")
            .replace(r#","width":9},{"name":"<b>"}"#, "}");
        std::fs::write(dir.path().join("profile.json"), text).unwrap();
        let columns = Profile::open(dir.path()).get().columns;
        assert_eq!(
            (columns.users[0].name.as_str(), columns.users[0].width),
            ("email", None)
        );
        assert_eq!(columns.groups[0].width, Some(40), "within its bounds");
    }

    #[test]
    fn a_damaged_file_counts_as_empty() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("profile.json"), b"{\"clientId\": 7").unwrap();
        assert_eq!(Profile::open(dir.path()).get(), super::Remembered::default());
    }
}
