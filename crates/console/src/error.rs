//! The one error that crosses to the UI: a code to branch on, parameters for the sentence, and the server's own words.
//! Must never carry a token, a URL with a query, or a sentence of ours: the UI's catalogs hold the words.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::wire::conflict::FieldConflict;
use crate::wire::references::GroupRef;

/// What went wrong, as a code with its parameters. Each code has a sentence and a next step in the UI's catalogs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ErrorCode {
    // -- settings and arguments
    /// A setting can't be used. The app says so instead of starting to sign in.
    SettingInvalid {
        /// The environment variable or the setting's name.
        setting: String,
    },
    /// An argument of a command is out of its bounds.
    ArgumentInvalid {
        /// Which.
        field: String,
    },
    /// The Client ID is empty.
    ClientIdMissing,
    /// The Client ID is longer than 200 characters or contains characters other than printable ASCII. No
    /// server was asked.
    ClientIdInvalid,

    // -- sign-in
    /// The server doesn't know the Client ID.
    ClientIdUnknown,
    /// The server refuses the redirect URI or the request as a whole.
    SignInRefused,
    /// The server refuses the scopes asked for.
    ScopeRefused,
    /// The redirect's port is taken by another program.
    PortBusy {
        /// Which port.
        port: u16,
    },
    /// The machine would not let the app listen for the redirect.
    ListenFailed,
    /// No browser could be opened.
    BrowserFailed,
    /// No browser could be opened: the program that opens pages is not installed.
    BrowserOpenerMissing {
        /// Which.
        program: String,
    },
    /// No browser could be opened: the program that opens pages failed.
    BrowserOpenerFailed {
        /// Which.
        program: String,
        /// Its exit status.
        status: i32,
    },
    /// The person, or an admin's policy, refused consent.
    ConsentRefused,
    /// Nobody came back from the browser in time.
    SignInTimedOut,
    /// The session has ended on the server: sign in again.
    SessionEnded,
    /// Signed out on this computer, but the server could not be told: its tokens may live up to an hour (security.md 42).
    SignOutNotConfirmed,
    /// The redirect URI given in the form can't be used.
    RedirectInvalid,
    /// The browser insists on https for `localhost` (HSTS), so the redirect can't arrive. The wait goes on.
    RedirectForcedHttps,
    /// This computer does not open app links with Pressroom, and could not be made to. The wait goes on.
    AppLinkNotOpened,
    /// The browser returned the answer of another sign-in, for example of an older tab. The wait continues.
    AnotherSignInAnswered,
    /// The app was started by the answer to a sign-in that an earlier run of it began: what it takes to finish it is gone.
    SignInStale,
    /// The pairing code was refused on the other device.
    PairingRefused,
    /// Nobody confirmed the pairing code in time.
    PairingExpired,
    /// The server gives no pairing codes to this Client ID.
    PairingUnsupported,
    /// Another program with the same data directory is using the session for too long.
    SessionBusy,

    // -- keychain
    /// There is no keychain, or it failed.
    KeychainUnavailable,
    /// The keychain is locked, or gives no access.
    KeychainLocked,
    /// The keychain is there, but no keyring was ever made in it.
    NoKeyring,
    /// The keychain did not answer in time.
    KeychainUnresponsive,
    /// The keychain did not take, or did not keep, what it was given; or it holds two records of one name.
    KeychainRefused,

    // -- organizations
    /// The person is no admin in this organization.
    NotAdmin,
    /// The person belongs to no organization but Private.
    NoOrganization,
    /// The server answered a switch with another organization's token.
    SwitchRefused,
    /// The token names no organization, and the server answered for another organization than the open one.
    /// The answer was discarded (security.md 44).
    WrongOrganization,
    /// Changes are being applied: let them finish, or stop them, before leaving the organization.
    ChangesRunning,
    /// The command belongs to an organization that is no longer the current one.
    OrganizationChanged,

    // -- wire
    /// No connection to the server.
    Offline {
        /// Its host.
        host: String,
    },
    /// The server did not answer in time.
    TimedOut {
        /// Its host.
        host: String,
    },
    /// The proxy asks for a password (407).
    ProxyAuthRequired,
    /// The server's certificate has expired, by this computer's clock.
    CertificateExpired {
        /// The server's host.
        host: String,
        /// Until when it was valid, in milliseconds since 1970 (UTC); `None` where the system doesn't tell.
        #[ts(type = "number | null")]
        until: Option<i64>,
        /// What this computer's clock says, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        clock: i64,
    },
    /// The server's certificate is not valid yet, by this computer's clock.
    CertificateNotYetValid {
        /// The server's host.
        host: String,
        /// From when on it is valid, in milliseconds since 1970 (UTC); `None` where the system doesn't tell.
        #[ts(type = "number | null")]
        from: Option<i64>,
        /// What this computer's clock says, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        clock: i64,
    },
    /// The server's certificate was issued for another name.
    CertificateOtherName {
        /// The server's host.
        host: String,
    },
    /// This computer's clock is wrong, so that the server's certificate can't be checked.
    ClockWrong {
        /// The server's host.
        host: String,
        /// What the clock says, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        clock: i64,
    },
    /// The server's certificate is not trusted on this computer.
    CertificateUntrusted {
        /// Its host.
        host: String,
    },
    /// Too many requests; the app waited and gave up.
    RateLimited {
        /// Seconds to wait, where the server said.
        seconds: Option<u32>,
    },
    /// The server failed, or a gateway in front of it: a 404 that is neither the API's nor a web page.
    ServerFailed {
        /// Status.
        status: u16,
    },
    /// A web page came instead of the server's reply: a captive portal or a proxy's own page stands in between.
    PortalInTheWay,
    /// The server answered something that is not the documented API.
    ReplyUnexpected,
    /// A write's reply was lost, and it could not be found out whether it happened.
    OutcomeUnknown,

    // -- directory and changes
    /// The person is not there (any more).
    UserGone,
    /// Another program on this computer is changing the user, and did not end within a minute. Nothing was
    /// sent.
    UserBusy,
    /// The group is not there (any more).
    GroupGone,
    /// A group's name is empty.
    GroupNameEmpty,
    /// A group's name is too long.
    GroupNameTooLong {
        /// Characters allowed.
        max: u32,
        /// Characters given.
        length: u32,
    },
    /// A group's description is too long.
    GroupDescriptionTooLong {
        /// Characters allowed.
        max: u32,
        /// Characters given.
        length: u32,
    },
    /// Another group has this name (said by the server).
    GroupNameTaken,
    /// A group's name has no visible character.
    GroupNameInvisible,
    /// The name looks like the name of other groups. It is accepted when saved again with these groups
    /// confirmed.
    GroupNameLooksLike {
        /// The groups with a similar name, at most 20.
        groups: Vec<GroupRef>,
    },
    /// Another admin changed the same fields since the form was opened. Nothing was written.
    GroupChangedMeanwhile {
        /// Each field with both values.
        conflicts: Vec<FieldConflict>,
    },
    /// The reply to a create was lost, and none of the groups with that name is certainly the created one.
    CreateUnconfirmed {
        /// The groups with that name.
        candidates: Vec<GroupRef>,
    },
    /// The group is synced from Azure and is changed there.
    SyncedFromAzure,
    /// The server refused a value.
    ValueRefused {
        /// Which field, as the server calls it.
        field: String,
    },
    /// The server refuses this operation (403); other operations in the organization may be allowed.
    Forbidden {
        /// Status.
        status: u16,
    },
    /// The server refused the change.
    ChangeRefused {
        /// Status.
        status: u16,
    },
    /// The typed name is not the group's name.
    ConfirmationMismatch,
    /// The plan is not there (any more), or it was applied already.
    PlanGone,
    /// Nothing to write.
    PlanEmpty,
    /// The plan would have more lines than a plan may have. Nothing was made. A line is one user and one
    /// group.
    PlanTooLarge {
        /// Lines it would have.
        lines: u32,
        /// Most lines of a plan.
        max: u32,
    },
    /// "All that match" is refused for partially synced lists: users that are not listed yet would be left
    /// out.
    ListPartial,
    /// "All that match" is refused for a saved copy: the lists may have changed since.
    ListSaved {
        /// When it was synced, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
    },
    /// An error code that another version of the app recorded and this version does not know.
    UnknownCode {
        /// The recorded name of the code.
        name: String,
    },
    /// A file could not be written.
    FileNotWritten {
        /// Where to.
        folder: String,
    },
    /// The person stopped it.
    Cancelled,
    /// Nobody is signed in.
    SignedOut,
    /// A saved view's name is empty.
    ViewNameEmpty,
    /// A saved view's name is too long.
    ViewNameTooLong {
        /// Characters allowed.
        max: u32,
        /// Characters given.
        length: u32,
    },
    /// Another saved view has this name.
    ViewNameTaken,
    /// There are as many saved views as there may be.
    ViewsFull {
        /// How many.
        max: u32,
    },
    /// The saved view is not there (any more).
    ViewGone,
    /// The account is not kept on this computer (any more).
    AccountGone,
    /// The directory has not been read yet.
    DirectoryNotRead,
    /// A fault in the app itself; the log says more.
    Internal,
}

/// An error as the UI gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code:?}")]
pub struct AppError {
    /// What, to branch on, with its parameters.
    #[serde(flatten)]
    pub code: ErrorCode,
    /// The server's or the system's own words, at most 500 characters, shown behind "Details"; never needed to understand the sentence.
    pub detail: Option<String>,
    /// The server's request id, for support.
    pub request_id: Option<String>,
}

/// What every use case fails with.
pub type Result<T> = std::result::Result<T, AppError>;

impl AppError {
    /// An error with no words from outside.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            detail: None,
            request_id: None,
        }
    }
}

impl From<ErrorCode> for AppError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl AppError {
    /// Adds words from outside, cut to 500 characters and without control characters.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        let detail: String = detail
            .into()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(500)
            .collect();
        self.detail = Some(detail.trim().to_owned()).filter(|d| !d.is_empty());
        self
    }
}
