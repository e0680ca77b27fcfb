//! What is said of this computer's disk and keychain, as it crosses to the UI.
//! Must never hold a name or an address: paths of ours name nobody.

use serde::Serialize;
use ts_rs::TS;

/// Something on this computer could not be read or written. Shown until the person closes it, or the app ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DiskNotice {
    /// To close it by.
    pub id: u32,
    /// What it is about.
    pub what: DiskThing,
    /// What is wrong with it.
    pub problem: DiskProblem,
    /// The file or folder; the name of the record where it is one of the keychain.
    pub path: String,
    /// Where the file is now; `None` where it was left as it is.
    pub set_aside: Option<String>,
    /// The system's own words.
    pub detail: Option<String>,
}

/// A file or a keychain record of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DiskThing {
    /// The settings: accounts, the organization used last, columns.
    Settings,
    /// Where the window was.
    WindowState,
    /// The saved copy of an organization's lists.
    SavedCopy,
    /// Saved views.
    Views,
    /// A plan, or its results.
    Plan,
    /// The log.
    Log,
    /// The sign-in's record in the keychain.
    SignIn,
    /// The key in the keychain that the account's files are sealed with.
    DataKey,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DiskProblem {
    /// Cut off, empty, of another version, sealed by another key, or not the app's. A file is set aside.
    Damaged,
    /// Some of it is not understood by this version: not used, and left where it is.
    Partly,
    /// Not there, although what depends on it is.
    Missing,
    /// This person may not read or write it.
    Denied,
    /// Another process holds it.
    Busy,
    /// The disk or a quota is full.
    DiskFull,
    /// It can't be read now, for another reason of the system's.
    Failed,
    /// It can't be written, for another reason of the system's.
    NotWritten,
}
