//! Notices about this computer's disk and keychain, as sent to the UI.
//! Must never contain a name or an address: the app's own paths contain none.

use serde::Serialize;
use ts_rs::TS;
use vault::Problem;

/// Something on this computer could not be read or written. Shown until it is closed or the app ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DiskNotice {
    /// The id to close it by.
    pub id: u32,
    /// What it is about.
    pub what: DiskThing,
    /// The problem.
    pub problem: DiskProblem,
    /// The file or folder; for a keychain record, its name.
    pub path: String,
    /// The file's new path; `None` if it was left where it was.
    pub set_aside: Option<String>,
    /// The system's message.
    pub detail: Option<String>,
}

/// A file or a keychain record of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DiskThing {
    /// The settings: accounts, the organization used last, columns.
    Settings,
    /// The window's position and size.
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
    /// The key in the keychain that seals the holder's files.
    DataKey,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DiskProblem {
    /// Truncated, empty, of another version, sealed by another key, or not the app's. A file is set aside.
    Damaged,
    /// Partly unknown to this version: that part is not used and stays in the file.
    Partly,
    /// Missing although other files depend on it.
    Missing,
    /// The user has no permission.
    Denied,
    /// Another process holds it.
    Busy,
    /// The disk or a quota is full.
    DiskFull,
    /// It can't be read now, for another reason.
    Failed,
    /// It can't be written, for another reason.
    NotWritten,
}

impl From<Problem> for DiskProblem {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Damaged => Self::Damaged,
            Problem::Denied => Self::Denied,
            Problem::Busy => Self::Busy,
            Problem::DiskFull => Self::DiskFull,
            Problem::Failed => Self::Failed,
        }
    }
}
