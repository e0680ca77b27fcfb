//! The error type that crosses to the UI: a code, its parameters, and the server's own message. Must never
//! contain a token, a URL with a query, or a sentence of ours: the UI's catalogs hold the texts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::wire::conflict::FieldConflict;
use crate::wire::references::GroupRef;

/// What went wrong, as a code with its parameters. The UI's catalogs have a sentence and a next step for each
/// code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ErrorCode {
    // -- settings and arguments
    /// A setting can't be used. The app reports it instead of starting a sign-in.
    SettingInvalid {
        /// The environment variable or the setting's name.
        setting: String,
    },
    /// A command's argument is out of its bounds.
    ArgumentInvalid {
        /// The argument's name.
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
    /// Another program uses the redirect's port.
    PortBusy {
        /// The port.
        port: u16,
    },
    /// The system refused to listen for the redirect.
    ListenFailed,
    /// No browser could be opened.
    BrowserFailed,
    /// No browser could be opened: the program that opens pages is not installed.
    BrowserOpenerMissing {
        /// The program's name.
        program: String,
    },
    /// No browser could be opened: the program that opens pages failed.
    BrowserOpenerFailed {
        /// The program's name.
        program: String,
        /// Its exit status.
        status: i32,
    },
    /// The user, or an admin's policy, refused consent.
    ConsentRefused,
    /// The browser did not return in time.
    SignInTimedOut,
    /// The session has ended on the server: sign in again.
    SessionEnded,
    /// Signed out on this computer, but the server could not be told: its tokens may live up to an hour
    /// (security.md 42).
    SignOutNotConfirmed,
    /// The redirect URI given in the form can't be used.
    RedirectInvalid,
    /// The browser insists on https for `localhost` (HSTS), so the redirect can't arrive. The wait continues.
    RedirectForcedHttps,
    /// This computer does not open app links with Pressroom, and this could not be changed. The wait
    /// continues.
    AppLinkNotOpened,
    /// The browser returned the answer of another sign-in, for example of an older tab. The wait continues.
    AnotherSignInAnswered,
    /// The app was started by the answer to a sign-in that an earlier run began. Its PKCE verifier ended with
    /// that run.
    SignInStale,
    /// The pairing code was refused on the other device.
    PairingRefused,
    /// The pairing code was not confirmed in time.
    PairingExpired,
    /// The server gives no pairing codes to this Client ID.
    PairingUnsupported,
    /// Another program on the same data directory holds the session's lock for too long.
    SessionBusy,

    // -- keychain
    /// There is no keychain, or it failed.
    KeychainUnavailable,
    /// The keychain is locked, or gives no access.
    KeychainLocked,
    /// The keychain is there, but contains no keyring.
    NoKeyring,
    /// The keychain did not answer in time.
    KeychainUnresponsive,
    /// The keychain did not accept or did not keep what was written, or holds two records of one name.
    KeychainRefused,

    // -- organizations
    /// The user is no admin in this organization.
    NotAdmin,
    /// The user belongs to no organization except Private.
    NoOrganization,
    /// The server answered a switch with another organization's token.
    SwitchRefused,
    /// The token names no organization, and the server answered for another organization than the open one.
    /// The answer was discarded (security.md 44).
    WrongOrganization,
    /// Changes are being applied: let them finish, or stop them, before leaving the organization.
    ChangesRunning,
    /// The command names a workspace that is no longer open.
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
        /// When it expired, in milliseconds since 1970 (UTC); `None` if the system doesn't tell.
        #[ts(type = "number | null")]
        until: Option<i64>,
        /// This computer's time, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        clock: i64,
    },
    /// The server's certificate is not valid yet, by this computer's clock.
    CertificateNotYetValid {
        /// The server's host.
        host: String,
        /// When it becomes valid, in milliseconds since 1970 (UTC); `None` if the system doesn't tell.
        #[ts(type = "number | null")]
        from: Option<i64>,
        /// This computer's time, in milliseconds since 1970 (UTC).
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
        /// This computer's time, in milliseconds since 1970 (UTC).
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
        /// Seconds to wait, if the server told them.
        seconds: Option<u32>,
    },
    /// The server failed, or a gateway in front of it, which may answer 404 with neither the API's JSON nor a
    /// web page.
    ServerFailed {
        /// The HTTP status.
        status: u16,
    },
    /// A web page came instead of the server's reply: a captive portal or a proxy answered.
    PortalInTheWay,
    /// The server's reply does not follow the documented API.
    ReplyUnexpected,
    /// A write's reply was lost, and its outcome could not be found out.
    OutcomeUnknown,

    // -- directory and changes
    /// The user does not exist (any more).
    UserGone,
    /// Another program on this computer is changing the user, and did not end within a minute. Nothing was
    /// sent.
    UserBusy,
    /// Another program on this computer is writing this plan.
    PlanBusy,
    /// The group does not exist (any more).
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
    /// The server refused the name because another group has it.
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
        /// The field's name in the API.
        field: String,
    },
    /// The server refuses this operation (403); other operations in the organization may be allowed.
    Forbidden {
        /// The HTTP status.
        status: u16,
    },
    /// The server refused the change.
    ChangeRefused {
        /// The HTTP status.
        status: u16,
    },
    /// The typed name is not the group's name.
    ConfirmationMismatch,
    /// The plan does not exist (any more).
    PlanGone,
    /// The plan has no line left to try.
    PlanEmpty,
    /// The plan would have too many lines. No plan was made. A line is one user and one group.
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
        /// The folder it was to be written to.
        folder: String,
    },
    /// The user cancelled it, or a later command replaced it.
    Cancelled,
    /// No account is signed in, or no organization is open.
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
    /// The organization has as many saved views as it may have.
    ViewsFull {
        /// Most views of an organization.
        max: u32,
    },
    /// The saved view does not exist (any more).
    ViewGone,
    /// The account is not on this computer (any more).
    AccountGone,
    /// The directory has not been read yet.
    DirectoryNotRead,
    /// A bug in the app; the log has details.
    Internal,
}

/// An error as the UI gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code:?}")]
pub struct AppError {
    /// The code with its parameters.
    #[serde(flatten)]
    pub code: ErrorCode,
    /// The server's or the system's own message, at most 500 characters, shown behind "Details". The sentence
    /// is understood without it.
    pub detail: Option<String>,
    /// The server's request id, for support.
    pub request_id: Option<String>,
}

/// The result of every use case.
pub type Result<T> = std::result::Result<T, AppError>;

impl AppError {
    /// An error without a message.
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
    /// Adds a message, sanitized and cut to 500 characters.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        let detail = ezeep_http::sanitized(&detail.into(), 500);
        self.detail = Some(detail).filter(|d| !d.is_empty());
        self
    }
}
