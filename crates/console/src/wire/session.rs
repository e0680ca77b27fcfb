//! Sign-in, person and organizations, as they cross to the UI.
//! Must never hold a token: what the window shows of a session is who, where and how it is kept.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{OrganizationId, UserId};
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
    /// Nobody is signed in.
    SignedOut {
        /// What the form starts with.
        form: SignInForm,
        /// Why the last session or attempt ended, where that is worth saying.
        problem: Option<AppError>,
    },
    /// The browser is open; the app listens for the redirect.
    WaitingForBrowser {
        /// The authorization URL, for "Copy sign-in link". It carries no token.
        link: String,
        /// Which button was pressed.
        method: SignInMethod,
        /// Whether "Keep me signed in" was on.
        keep: bool,
        /// True for the demo organization.
        demo: bool,
        /// Something that went wrong while the wait goes on (the browser could not be opened, say).
        problem: Option<AppError>,
    },
    /// The redirect is here; tokens and organizations are being fetched.
    Finishing {
        /// True for the demo organization.
        demo: bool,
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
        /// Who is signed in.
        person: Person,
        /// Which organization every list and every change belongs to.
        organization: Organization,
        /// Where the refresh token is kept.
        storage: TokenStorage,
        /// True for the demo organization.
        demo: bool,
    },
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
    /// The redirect URI that must be registered with the vendor, byte for byte.
    pub redirect_uri: String,
    /// Whether this computer has a keychain that can be used.
    pub keychain: KeychainState,
}

/// Whether refresh tokens can be kept on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum KeychainState {
    /// Not asked yet.
    Unknown,
    /// A write and a read-back worked.
    Usable,
    /// There is none, or it refused: only "memory" can be offered.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
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
    /// Its color: an index into the UI's palette, 0 to 7. No two of a person's organizations share one while there are enough.
    pub color: u8,
}
