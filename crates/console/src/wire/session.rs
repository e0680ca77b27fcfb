//! Sign-in, user and organizations, as sent to the UI. Must never contain a token: it tells who is signed in,
//! where, and how the token is stored.

use ids::{AccountId, OrganizationId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

/// The state of the sign-in, which decides what the window shows.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SessionView {
    /// The keychain is being asked for a session; nothing is known yet.
    Starting,
    /// A setting from outside can't be used: nothing starts until it is corrected.
    Unusable {
        /// The error, which names the setting.
        problem: AppError,
    },
    /// A session is stored, but the servers can't be reached now. It can be tried again.
    Unreachable {
        /// The error.
        problem: AppError,
    },
    /// No one is signed in.
    SignIn {
        /// The step of the sign-in.
        step: SignInStep,
    },
    /// Signed in; the user must choose among several organizations.
    ChoosingOrganization {
        /// The signed-in user.
        person: Person,
        /// The organizations to choose from, Private last.
        organizations: Vec<Organization>,
        /// True for the demo organization.
        demo: bool,
        /// Why the last choice failed.
        problem: Option<AppError>,
    },
    /// Signed in to an organization.
    SignedIn {
        /// The workspace, which each query and each change names.
        workspace: WorkspaceId,
        /// The signed-in user.
        person: Person,
        /// The open organization.
        organization: Organization,
        /// Where the refresh token is stored.
        storage: TokenStorage,
        /// True for the demo organization.
        demo: bool,
        /// A sign-in in front of it, which leaves the organization behind it as it is.
        overlay: Option<SignInOverlay>,
    },
}

/// A sign-in in front of an open organization.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInOverlay {
    /// The reason for it.
    pub reason: SignInReason,
    /// Its step.
    pub step: SignInStep,
}

/// Why a sign-in is shown while an organization is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SignInReason {
    /// The session ended by itself. The lists stay visible; after the sign-in everything continues.
    Expired,
    /// Another account is to be added.
    AddAccount,
}

/// The steps of a sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "at", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SignInStep {
    /// The form is shown.
    Form {
        /// The form's initial values.
        form: SignInForm,
        /// Why the last session or attempt ended, if the user needs to know it.
        problem: Option<AppError>,
    },
    /// The browser is open; the app waits for the redirect.
    WaitingForBrowser {
        /// The authorization URL, for "Copy sign-in link". It carries no token.
        link: String,
        /// The button that was pressed.
        method: SignInMethod,
        /// Whether "Keep me signed in" was on.
        keep: bool,
        /// True for the demo organization.
        demo: bool,
        /// How the browser comes back.
        receiver: RedirectKind,
        /// A problem during the wait, for example that the browser could not be opened.
        problem: Option<AppError>,
    },
    /// A pairing code is shown; the app polls the server for its confirmation (RFC 8628).
    Pairing {
        /// The code to type or scan on another device.
        code: String,
        /// The page to enter it on.
        link: String,
        /// The page's URL as a QR code.
        qr: QrCode,
        /// When the code expires, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        expires_at: i64,
        /// Whether "Keep me signed in" was on.
        keep: bool,
        /// A problem during the wait, for example that the server can't be reached.
        problem: Option<AppError>,
    },
    /// The answer has arrived; tokens and organizations are being fetched.
    Finishing {
        /// True for the demo organization.
        demo: bool,
    },
}

/// A QR code without its quiet zone, which is four modules wide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// Modules on a side.
    pub size: u32,
    /// One text for each row: `1` is dark, `0` is light.
    pub rows: Vec<String>,
}

/// The initial values of the sign-in form.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInForm {
    /// The Client ID used last, or the one preset by policy.
    pub client_id: String,
    /// True if `PRESSROOM_CLIENT_ID` presets it: shown, not editable.
    pub client_id_preset: bool,
    /// The last state of "Keep me signed in"; initially on.
    pub keep: bool,
    /// How the browser comes back.
    pub redirect: RedirectChoice,
    /// Whether this computer has a usable keychain.
    pub keychain: KeychainState,
    /// Accounts stored on this computer that can be continued.
    pub accounts: Vec<Account>,
}

/// The redirect URI, and the ones to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RedirectChoice {
    /// The redirect URI in use; it must be registered with the vendor byte for byte (RFC 6749 section
    /// 3.1.2.3).
    pub uri: String,
    /// Its kind.
    pub kind: RedirectKind,
    /// True if `PRESSROOM_REDIRECT_URI` presets it: shown, not editable.
    pub preset: bool,
    /// The loopback address to choose.
    pub loopback: String,
    /// The app link to choose.
    pub app_link: String,
    /// Whether this computer opens app links with this app; `None` if that can't be found out.
    pub app_link_ready: Option<bool>,
}

/// How the browser comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RedirectKind {
    /// http to a port of this computer that the app listens on (RFC 8252 section 7.3).
    Loopback,
    /// A link of the app's own scheme, opened by the operating system (RFC 8252 section 7.1).
    AppLink,
}

/// An account that is stored on this computer, or signed in in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The user's address.
    pub email: String,
    /// Display name, or "".
    pub name: String,
    /// The name of the organization used last, if known.
    pub organization: Option<String>,
    /// Whether it is in front.
    pub current: bool,
    /// Whether it can be continued.
    pub state: AccountState,
}

/// Whether an account can be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AccountState {
    /// It is stored. Whether the server still accepts it turns out when it is used.
    Ready,
    /// The server no longer accepts it: sign in again.
    Expired,
}

/// Whether refresh tokens can be stored on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum KeychainState {
    /// Not asked yet.
    Unknown,
    /// A write and a read-back worked.
    Usable,
    /// It is locked, and was not unlocked.
    Locked,
    /// It is there, but contains no keyring.
    NoKeyring,
    /// It did not answer in time.
    Unresponsive,
    /// It is there, but does not keep what is written.
    Refusing,
    /// There is none: tokens can be kept in memory only.
    Unusable,
}

/// The button that starts the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SignInMethod {
    /// "Sign in with browser".
    Browser,
    /// "Sign in with Microsoft": `social=azure`.
    Microsoft,
    /// "Use a pairing code": not for Microsoft or other external sign-ins (ezeep-api.md).
    Pairing,
}

/// The values of the sign-in form.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignInRequest {
    /// Issued by the vendor; 1 to 200 printable ASCII characters.
    pub client_id: String,
    /// Store the refresh token in the keychain; otherwise in memory only.
    pub keep: bool,
    /// The button that was pressed.
    pub method: SignInMethod,
    /// Request the scope `printing` only: offered after the server refused the scopes (ezeep-api.md). Printer
    /// lists are missing then.
    pub fewer_rights: bool,
    /// A new redirect URI; `None` leaves it as it is. Ignored if it is preset.
    pub redirect_uri: Option<String>,
}

/// Where a refresh token is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TokenStorage {
    /// In the system's keychain.
    Keychain,
    /// In memory: lost when the app ends.
    Memory,
}

/// The signed-in user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The user's id.
    pub id: UserId,
    /// The user's address.
    pub email: String,
    /// Display name, or first and last name, or "".
    pub name: String,
}

/// An organization of the signed-in user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Whether the user is an admin in it.
    pub admin: bool,
    /// Whether it is the user's Private organization.
    pub private: bool,
    /// Its color: an index into the UI's palette, 0 to 7. It stays the same on this computer, for all
    /// accounts. A new organization gets a color that no other of the user's has, while there are enough.
    pub color: u8,
}
