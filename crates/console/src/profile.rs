//! What the app remembers between two starts: the last Client ID, "Keep me signed in", whose sign-ins are
//! kept and where they were. Must never store a secret: tokens are only in the keychain (security.md 25).
//! Must never overwrite a file that it could not read.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vault::lock::{self, FileLock, LockError};
use vault::{OnDisk, Problem, Unreadable, atomic};

use crate::columns;
use crate::notices::Notices;
use crate::stored::{self, StoredAccount, StoredColumns, StoredSettings, StoredSigningIn};
use crate::wire::{Columns, DiskThing};

/// How long the file's lock is waited for: another process holds it for one read and one write.
const LOCK_LIMIT: Duration = Duration::from_secs(3);
/// Attempts at a file that another process holds (a virus scanner on Windows), with a pause after each.
const BUSY_TRIES: u32 = 10;
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Largest accepted file: more than the settings of a thousand accounts take.
const MAX_BYTES: u64 = 4 << 20;

/// The remembered settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The Client ID used last.
    pub client_id: String,
    /// "Keep me signed in", as it was left; `None` before the first time.
    pub keep: Option<bool>,
    /// The redirect URI chosen in the form; `None` for the default.
    pub redirect_uri: Option<String>,
    /// Whose records are in the keychain, in the order of their first sign-ins.
    pub accounts: Vec<RememberedAccount>,
    /// The account that was in front.
    pub current: Option<String>,
    /// Account → organization used last.
    pub organizations: BTreeMap<String, String>,
    /// Organization → its color on this computer.
    pub colors: BTreeMap<String, u8>,
    /// Account → organizations listed for it, whose colors are kept.
    pub listed: BTreeMap<String, BTreeSet<String>>,
    /// The columns of the lists.
    pub columns: Columns,
}

/// An account that this computer remembers, with what its keychain record is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedAccount {
    /// The client the grant was given to.
    pub client_id: String,
    /// The account server that gave it.
    pub issuer: String,
    /// Whose it is (`sub`).
    pub person: String,
    /// Whether `printing` alone was asked for: a refresh asks for the same.
    pub fewer_rights: bool,
    /// Their address, for the list of accounts; "" before it was learned.
    pub email: String,
    /// Their name, or "".
    pub name: String,
    /// The name of the organization used last.
    pub organization: Option<String>,
    /// The id of that organization: what is kept on disk of it is shown at the next start before a server
    /// answers.
    pub place: Option<String>,
    /// Whether it has to sign in again: the server refused its grant, or the keychain has no record of it.
    pub expired: bool,
    /// A sign-in that has begun; `None` once its record is in the keychain.
    pub signing_in: Option<SigningIn>,
}

/// A sign-in that has begun: a process that ends in it leaves no record, or one that nobody was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningIn {
    /// Of an account that was not known before.
    First,
    /// Of an account that was known before, which stays what it was until the record is written.
    Again,
}

impl Remembered {
    /// Removes an account's organization, and the colors of organizations that no other account lists.
    pub fn forget_organizations(&mut self, account: &str) {
        self.organizations.remove(account);
        let Some(left) = self.listed.remove(account) else {
            return;
        };
        let others: BTreeSet<&String> = self.listed.values().flatten().collect();
        self.colors
            .retain(|of, _| others.contains(of) || !left.contains(of));
    }
}

/// The file and its contents. Another process may have the same one: a change is made to what the file says
/// at that moment.
pub struct Profile {
    path: PathBuf,
    notices: Notices,
    /// Whether the file was read at the start, or was absent.
    known: bool,
    now: Mutex<Now>,
    /// What a change has left last. Never locked while the file is: a reader waits for no other program.
    shown: Mutex<Remembered>,
}

struct Now {
    facts: Remembered,
    /// The file says the same, or what another process has written since.
    written: bool,
    /// False if the file could not be read and is still there: nothing is written in this run.
    may_write: bool,
}

impl Profile {
    /// Reads the settings in the data directory. A damaged file is set aside; one that can't be read now
    /// stays, and nothing is written in this run. Both add a notice.
    pub fn open(data_dir: &Path, notices: Notices) -> Self {
        let mut profile = Self {
            path: data_dir.join(stored::SETTINGS),
            notices,
            known: true,
            now: Mutex::new(Now {
                facts: Remembered::default(),
                written: true,
                may_write: true,
            }),
            shown: Mutex::default(),
        };
        let mut found = profile.read();
        let mut may_write = true;
        if let OnDisk::Unreadable(_) = &found {
            // Another process may have set it aside and written a new one meanwhile.
            let guard = profile.lock_file();
            found = profile.read();
            if let OnDisk::Unreadable(why) = &found {
                profile.known = false;
                may_write = profile
                    .notices
                    .unreadable(DiskThing::Settings, &profile.path, why);
            }
            drop(guard);
        }
        let mut now = profile.lock();
        now.may_write = may_write;
        if let OnDisk::Readable(facts) = found {
            now.facts = facts;
        }
        profile.show(&now);
        drop(now);
        profile
    }

    /// Whether the settings of earlier runs are known; only then files that they don't name may be removed.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// What is remembered now. Does not wait for a change that is being made.
    pub fn get(&self) -> Remembered {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what other programs have written since the last change. Writes nothing, and needs no lock: the
    /// file is only ever replaced as a whole. What can't be read changes nothing.
    pub fn reread(&self) {
        let mut now = self.lock();
        if now.written
            && now.may_write
            && let OnDisk::Readable(facts) = self.read()
        {
            now.facts = facts;
            self.show(&now);
        }
    }

    fn show(&self, now: &Now) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.clone_from(&now.facts);
    }

    /// Changes the settings and replaces the file. A failed write adds a notice: the app continues with the
    /// change in memory and writes again at the next change. Waits up to 3 s where another program holds the
    /// file.
    pub fn change(&self, change: impl FnOnce(&mut Remembered)) {
        let mut now = self.lock();
        self.change_locked(&mut now, change);
        self.show(&now);
    }

    fn change_locked(&self, now: &mut Now, change: impl FnOnce(&mut Remembered)) {
        if !now.may_write {
            change(&mut now.facts);
            return;
        }
        let Ok(_guard) = self.lock_file() else {
            change(&mut now.facts);
            now.written = false;
            return;
        };
        match self.read() {
            // Keeps what another process has written meanwhile.
            OnDisk::Readable(facts) if now.written => now.facts = facts,
            OnDisk::Readable(_) | OnDisk::Absent => {}
            OnDisk::Unreadable(why) => {
                now.written = false;
                if !self.notices.unreadable(DiskThing::Settings, &self.path, &why) {
                    change(&mut now.facts);
                    return;
                }
            }
        }
        let before = now.facts.clone();
        change(&mut now.facts);
        if now.facts != before || !now.written {
            let written = self.write(&now.facts);
            now.written = written.is_ok();
            if let Err(error) = written {
                self.notices.not_written(DiskThing::Settings, &self.path, &error);
            }
        }
    }

    /// Keeps other processes from changing the file until it is dropped. Held only for a read and a write. On
    /// a file system without locks the change is made without one.
    ///
    /// # Errors
    /// Another process holds it for seconds; adds a notice.
    fn lock_file(&self) -> Result<Option<FileLock>, Unreadable> {
        let path = self.path.with_file_name(stored::SETTINGS_LOCK);
        match lock::lock_blocking(&path, LOCK_LIMIT) {
            Ok(lock) => Ok(Some(lock)),
            Err(LockError::Open(error)) => {
                self.notices.not_written(DiskThing::Settings, &path, &error);
                Ok(None)
            }
            Err(error @ LockError::Lock(_)) => {
                tracing::warn!(%error, "the settings can't be locked");
                Ok(None)
            }
            Err(LockError::Busy) => {
                let busy = Unreadable {
                    problem: Problem::Busy,
                    detail: String::new(),
                };
                self.notices.unreadable(DiskThing::Settings, &path, &busy);
                Err(busy)
            }
        }
    }

    fn read(&self) -> OnDisk<Remembered> {
        let mut tries = BUSY_TRIES;
        loop {
            let found = atomic::read(&self.path, MAX_BYTES);
            let busy = matches!(&found, OnDisk::Unreadable(why) if why.problem == Problem::Busy);
            if !busy || tries == 0 {
                // The parser's message names a line and a type, never a value.
                return found
                    .and_then(|bytes| serde_json::from_slice::<StoredSettings>(&bytes))
                    .map(Remembered::from);
            }
            tries -= 1;
            std::thread::sleep(BUSY_PAUSE);
        }
    }

    fn write(&self, now: &Remembered) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(&StoredSettings::from(now))?;
        atomic::replace(&self.path, &text)
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<StoredSettings> for Remembered {
    fn from(stored: StoredSettings) -> Self {
        let columns: StoredColumns = serde_json::from_value(stored.columns).unwrap_or_default();
        Self {
            client_id: stored.client_id,
            keep: stored.keep,
            redirect_uri: stored.redirect_uri,
            accounts: stored.accounts.into_iter().map(RememberedAccount::from).collect(),
            current: stored.current,
            organizations: stored.organizations,
            colors: stored.colors,
            listed: stored.listed,
            columns: Columns {
                users: columns::from_stored(columns.users),
                groups: columns::from_stored(columns.groups),
                members: columns::from_stored(columns.members),
            },
        }
    }
}

impl From<&Remembered> for StoredSettings {
    fn from(now: &Remembered) -> Self {
        let now = now.clone();
        let columns = StoredColumns {
            users: columns::to_stored(now.columns.users),
            groups: columns::to_stored(now.columns.groups),
            members: columns::to_stored(now.columns.members),
        };
        Self {
            client_id: now.client_id,
            keep: now.keep,
            redirect_uri: now.redirect_uri,
            accounts: now.accounts.into_iter().map(StoredAccount::from).collect(),
            current: now.current,
            organizations: now.organizations,
            colors: now.colors,
            listed: now.listed,
            columns: serde_json::to_value(columns).unwrap_or_default(),
        }
    }
}

impl From<StoredAccount> for RememberedAccount {
    fn from(stored: StoredAccount) -> Self {
        Self {
            client_id: stored.client_id,
            issuer: stored.issuer,
            person: stored.person,
            fewer_rights: stored.fewer_rights,
            email: stored.email,
            name: stored.name,
            organization: stored.organization,
            place: stored.place,
            expired: stored.expired,
            signing_in: stored.signing_in.map(SigningIn::from),
        }
    }
}

impl From<RememberedAccount> for StoredAccount {
    fn from(account: RememberedAccount) -> Self {
        Self {
            client_id: account.client_id,
            issuer: account.issuer,
            person: account.person,
            fewer_rights: account.fewer_rights,
            email: account.email,
            name: account.name,
            organization: account.organization,
            place: account.place,
            expired: account.expired,
            signing_in: account.signing_in.map(StoredSigningIn::from),
        }
    }
}

impl From<StoredSigningIn> for SigningIn {
    fn from(stored: StoredSigningIn) -> Self {
        match stored {
            StoredSigningIn::First => Self::First,
            StoredSigningIn::Again => Self::Again,
        }
    }
}

impl From<SigningIn> for StoredSigningIn {
    fn from(now: SigningIn) -> Self {
        match now {
            SigningIn::First => Self::First,
            SigningIn::Again => Self::Again,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Notices, Profile, RememberedAccount, stored};
    use crate::wire::{Columns, DiskProblem};

    fn open(dir: &Path) -> Profile {
        Profile::open(dir, Notices::new(|| {}))
    }

    fn account() -> RememberedAccount {
        RememberedAccount {
            client_id: "c".into(),
            issuer: "https://a/".into(),
            person: "p".into(),
            fewer_rights: false,
            email: "p@a.example".into(),
            name: String::new(),
            organization: None,
            place: None,
            expired: false,
            signing_in: None,
        }
    }

    /// A change that could not have the lock would be written over what others wrote since.
    #[test]
    fn a_look_at_what_another_program_wrote_needs_no_lock_and_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (open(dir.path()), open(dir.path()));
        theirs.change(|now| now.accounts.push(account()));
        let lock = dir.path().join(stored::SETTINGS_LOCK);
        let held = vault::lock::try_lock(&lock).unwrap();
        assert!(held.is_some());
        ours.reread();
        assert_eq!(ours.get().accounts, vec![account()]);
        drop(held);
        theirs.change(|now| now.client_id = "theirs".into());
        ours.change(|now| now.keep = Some(true));
        let found = open(dir.path()).get();
        assert_eq!((found.client_id.as_str(), found.keep), ("theirs", Some(true)));
        assert_eq!(found.accounts, vec![account()]);
    }

    #[test]
    fn what_was_remembered_is_there_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).change(|now| now.accounts.push(account()));
        assert_eq!(open(dir.path()).get().accounts, vec![account()]);
    }

    #[test]
    fn what_another_process_remembers_is_not_undone() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (open(dir.path()), open(dir.path()));
        theirs.change(|now| now.accounts.push(account()));
        ours.change(|now| now.keep = Some(false));
        let both = open(dir.path()).get();
        assert_eq!((both.accounts, both.keep), (vec![account()], Some(false)));
        assert_eq!(ours.get().accounts, vec![account()]);
    }

    #[test]
    fn many_changes_at_once_are_all_remembered() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let profile = open(dir.path());
                scope.spawn(move || {
                    for n in 0..25 {
                        profile.change(|now| {
                            now.organizations.insert(format!("{writer} {n}"), "o".into());
                        });
                    }
                });
            }
        });
        assert_eq!(open(dir.path()).get().organizations.len(), 100);
    }

    #[test]
    fn damaged_columns_cost_the_columns_alone() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"{"clientId":"c","columns":{"users":[{"name":"email","shown":true,"width":9},{"name":"<b>"}],
            "groups":[{"name":"members","shown":null,"width":9}],"members":7}}"#;
        std::fs::write(dir.path().join(stored::SETTINGS), text).unwrap();
        let now = open(dir.path()).get();
        assert_eq!((now.client_id.as_str(), now.columns), ("c", Columns::default()));
        let text = text
            .replace(":7", ":[]")
            .replace(r#","width":9},{"name":"<b>"}"#, "}");
        std::fs::write(dir.path().join(stored::SETTINGS), text).unwrap();
        let columns = open(dir.path()).get().columns;
        assert_eq!(
            (columns.users[0].name.as_str(), columns.users[0].width),
            ("email", None)
        );
        assert_eq!(columns.groups[0].width, Some(40), "within its bounds");
    }

    #[test]
    fn a_damaged_file_is_set_aside_as_it_was_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(stored::SETTINGS);
        let damaged = b"{\"clientId\": 7";
        std::fs::write(&path, damaged).unwrap();
        let notices = Notices::new(|| {});
        let profile = Profile::open(dir.path(), notices.clone());
        assert_eq!(profile.get(), super::Remembered::default());
        assert!(!profile.is_known() && !path.exists());
        profile.change(|now| now.keep = Some(false));
        let told = notices.open();
        assert_eq!((told.len(), told[0].problem), (1, DiskProblem::Damaged));
        let aside = told[0].set_aside.as_deref().unwrap();
        assert_eq!(std::fs::read(aside).unwrap(), damaged);
        assert_eq!(open(dir.path()).get().keep, Some(false), "a new one is written");
    }

    #[test]
    fn a_file_that_is_damaged_while_the_app_runs_is_set_aside_and_written_again_whole() {
        let dir = tempfile::tempdir().unwrap();
        let profile = open(dir.path());
        profile.change(|now| now.accounts.push(account()));
        std::fs::write(dir.path().join(stored::SETTINGS), b"").unwrap();
        profile.change(|now| now.keep = Some(true));
        let again = open(dir.path()).get();
        assert_eq!((again.accounts, again.keep), (vec![account()], Some(true)));
    }

    /// Whoever opens a pipe for writing waits for somebody who reads it.
    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_the_lock_holds_no_change_up_and_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join(stored::SETTINGS_LOCK);
        let made = std::process::Command::new("mkfifo").arg(&lock).status().unwrap();
        assert!(made.success());
        let notices = Notices::new(|| {});
        let (done, ended) = std::sync::mpsc::channel();
        let (place, told) = (dir.path().to_owned(), notices.clone());
        std::thread::spawn(move || {
            Profile::open(&place, told).change(|now| now.keep = Some(true));
            done.send(()).ok();
        });
        ended.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        assert_eq!(notices.open()[0].problem, DiskProblem::NotWritten);
        assert_eq!(
            open(dir.path()).get().keep,
            Some(true),
            "written without the lock"
        );
    }

    #[test]
    fn a_data_directory_that_is_removed_while_the_app_runs_is_made_again_with_all_that_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data");
        let profile = open(&folder);
        profile.change(|now| now.accounts.push(account()));
        std::fs::remove_dir_all(&folder).unwrap();
        profile.change(|now| now.keep = Some(true));
        let again = open(&folder).get();
        assert_eq!((again.accounts, again.keep), (vec![account()], Some(true)));
    }

    /// Settings that the person keeps elsewhere.
    #[cfg(unix)]
    #[test]
    fn a_link_to_the_settings_is_read_and_what_it_points_to_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let theirs = dir.path().join("theirs.json");
        std::fs::write(&theirs, r#"{"clientId":"c"}"#).unwrap();
        let path = dir.path().join(stored::SETTINGS);
        std::os::unix::fs::symlink(&theirs, &path).unwrap();
        open(dir.path()).change(|now| now.keep = Some(true));
        let now = open(dir.path()).get();
        assert_eq!((now.client_id.as_str(), now.keep), ("c", Some(true)));
        assert_eq!(std::fs::read_to_string(theirs).unwrap(), r#"{"clientId":"c"}"#);
    }

    #[test]
    fn a_huge_file_is_not_read_and_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(stored::SETTINGS);
        std::fs::File::create(&path).unwrap().set_len(2 << 30).unwrap();
        let notices = Notices::new(|| {});
        assert!(!Profile::open(dir.path(), notices.clone()).is_known());
        assert!(notices.open()[0].set_aside.is_some() && !path.exists());
    }

    #[test]
    fn fields_of_a_later_version_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"{"clientId":"c","later":{"a":[1]},"accounts":[{"clientId":"c","issuer":"https://a/","person":"p","later":7}]}"#;
        std::fs::write(dir.path().join(stored::SETTINGS), text).unwrap();
        let now = open(dir.path()).get();
        assert_eq!((now.client_id.as_str(), now.accounts.len()), ("c", 1));
    }

    #[test]
    fn the_colors_of_an_account_that_is_forgotten_go_but_for_what_another_one_shares() {
        let mut now = super::Remembered::default();
        for of in ["o", "p", "q"] {
            now.colors.insert(of.into(), 1);
        }
        now.organizations.insert("a".into(), "o".into());
        now.listed.insert("a".into(), ["o", "p"].map(String::from).into());
        now.listed.insert("b".into(), ["p", "q"].map(String::from).into());
        now.forget_organizations("a");
        let left: Vec<_> = now.colors.keys().map(String::as_str).collect();
        assert_eq!(left, ["p", "q"]);
        assert!(now.organizations.is_empty() && now.listed.len() == 1);
    }
}
