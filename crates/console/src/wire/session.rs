//! Sign-in, person and organizations, as they cross to the UI.
//! Must never hold a token: what the window shows of a session is who, where and how it is kept.

use ids::{AccountId, OrganizationId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

/// Where the sign-in stands. The whole window follows from this.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SessionView {
    /// The keychain is being asked for a session; nothing is known yet.
    Starting,
    /// A setting from outside can't be used: nothing is started until it is mended.
    Unusable {
        /// Which setting.
        problem: AppError,
    },
    /// There is a session in the keychain, but the servers can't be reached now. Nothing is lost: it can be tried again.
    Unreachable {
        /// Why.
        problem: AppError,
    },
    /// Nobody is in yet, or not any more.
    SignIn {
        /// How far it has got.
        step: SignInStep,
    },
    /// Signed in, and the person must choose among several organizations.
    ChoosingOrganization {
        /// Who is signed in.
        person: Person,
        /// What there is to choose from, Private last.
        organizations: Vec<Organization>,
        /// True for the demo organization.
        demo: bool,
        /// Why the last choice failed.
        problem: Option<AppError>,
    },
    /// Signed in to an organization.
    SignedIn {
        /// What every list and every change is asked of: this opening of this organization by this person.
        workspace: WorkspaceId,
        /// Who is signed in.
        person: Person,
        /// Which organization every list and every change belongs to.
        organization: Organization,
        /// Where the refresh token is kept.
        storage: TokenStorage,
        /// True for the demo organization.
        demo: bool,
        /// A sign-in in front of it; behind it everything stays as it was.
        over: Option<SignInOver>,
    },
}

/// A sign-in in front of an open organization.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInOver {
    /// What for.
    pub reason: SignInReason,
    /// How far it has got.
    pub step: SignInStep,
}

/// Why somebody signs in while an organization is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SignInReason {
    /// The session ended by itself. What was read can still be looked at; after the sign-in everything goes on where it was.
    Expired,
    /// Another account is to be kept beside this one.
    AddAccount,
}

/// The steps of a sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "at", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SignInStep {
    /// Nothing has begun.
    Form {
        /// What the form starts with.
        form: SignInForm,
        /// Why the last session or attempt ended, where that is worth saying.
        problem: Option<AppError>,
    },
    /// The browser is open; the app waits for the redirect.
    WaitingForBrowser {
        /// The authorization URL, for "Copy sign-in link". It carries no token.
        link: String,
        /// Which button was pressed.
        method: SignInMethod,
        /// Whether "Keep me signed in" was on.
        keep: bool,
        /// True for the demo organization.
        demo: bool,
        /// Which way the browser comes back.
        receiver: RedirectKind,
        /// Something that went wrong while the wait goes on (the browser could not be opened, say).
        problem: Option<AppError>,
    },
    /// A pairing code is shown; the app asks the server now and then whether it was confirmed (RFC 8628).
    Pairing {
        /// To be typed or scanned on another device.
        code: String,
        /// The page that takes it.
        link: String,
        /// The same page as a QR code.
        qr: QrCode,
        /// When the code stops working, in milliseconds since 1970.
        #[ts(type = "number")]
        expires_at: i64,
        /// Whether "Keep me signed in" was on.
        keep: bool,
        /// Something that went wrong while the wait goes on (the network is away, say).
        problem: Option<AppError>,
    },
    /// The answer is here; tokens and organizations are being fetched.
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
    /// One text a row: `1` is dark, `0` is light.
    pub rows: Vec<String>,
}

/// What the sign-in form starts with.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInForm {
    /// The Client ID used last, or the one preset by policy.
    pub client_id: String,
    /// True where `PRESSROOM_CLIENT_ID` presets it: shown, not editable.
    pub client_id_preset: bool,
    /// "Keep me signed in" as it was left last; on at first.
    pub keep: bool,
    /// Which way the browser comes back.
    pub redirect: RedirectChoice,
    /// Whether this computer has a keychain that can be used.
    pub keychain: KeychainState,
    /// Accounts that are kept on this computer and can be gone on with.
    pub accounts: Vec<Account>,
}

/// The redirect URI, and what there is to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RedirectChoice {
    /// The one that is used; it must be registered with the vendor, byte for byte.
    pub uri: String,
    /// Its kind.
    pub kind: RedirectKind,
    /// True where `PRESSROOM_REDIRECT_URI` presets it: shown, not editable.
    pub preset: bool,
    /// The loopback address offered.
    pub loopback: String,
    /// The app link offered.
    pub app_link: String,
    /// Whether this computer opens app links with this app; `None` where it can't be known.
    pub app_link_ready: Option<bool>,
}

/// Which way the browser comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RedirectKind {
    /// http to a port of this computer that the app listens on (RFC 8252 section 7.3).
    Loopback,
    /// A link of the app's own scheme, brought by the operating system (RFC 8252 section 7.1).
    AppLink,
}

/// An account that is kept on this computer, or is signed in in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Their address.
    pub email: String,
    /// Display name, or "".
    pub name: String,
    /// The organization used last, where known.
    pub organization: Option<String>,
    /// Whether it is the one in front.
    pub current: bool,
    /// Whether it can be gone on with.
    pub state: AccountState,
}

/// Whether an account can be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AccountState {
    /// It is kept; whether the server still takes it is known when it is used.
    Ready,
    /// The server no longer takes it: sign in again.
    Expired,
}

/// Whether refresh tokens can be kept on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum KeychainState {
    /// Not asked yet.
    Unknown,
    /// A write and a read-back worked.
    Usable,
    /// It is locked, and was not unlocked.
    Locked,
    /// It is there, but no keyring was ever made in it.
    NoKeyring,
    /// It did not answer in time.
    Unresponsive,
    /// It is there, but does not keep what it is given.
    Refusing,
    /// There is none: only "memory" can be offered.
    Unusable,
}

/// Which button starts the sign-in.
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

/// What the form sends.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignInRequest {
    /// Issued by the vendor; 1 to 200 printable ASCII characters.
    pub client_id: String,
    /// Keep the refresh token in the keychain; memory only otherwise.
    pub keep: bool,
    /// Which button was pressed.
    pub method: SignInMethod,
    /// Ask for `printing` alone: offered where the server refused the scopes (ezeep-api.md). Printer lists are missing then.
    pub fewer_rights: bool,
    /// Another redirect URI from now on; `None` leaves it. Ignored where it is preset.
    pub redirect_uri: Option<String>,
}

/// Where a refresh token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TokenStorage {
    /// In the native keychain.
    Keychain,
    /// In memory: gone when the app quits.
    Memory,
}

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Display name, or first and last name, or "".
    pub name: String,
}

/// An organization that the signed-in person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Whether the person is an admin in it.
    pub admin: bool,
    /// The person's Private organization.
    pub private: bool,
    /// Its color: an index into the UI's palette, 0 to 7. It keeps it on this computer, whichever account looks at it; a new one
    /// gets a color that none of the person's others has, while there are enough.
    pub color: u8,
}
