//! The configuration of a simulated cloud: its size, its ports, its token lifetimes, its clients and its
//! quirks. Only data and defaults; it must never reach into a running server.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::known::CLIENT_ID;

/// The configuration of a simulated cloud. `Default` is the demo organization on free ports.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// The same seed makes the same organization, on every machine and in every version.
    pub seed: u64,
    /// People of the main organization, known to either server. At least 1: the admin.
    pub people: u32,
    /// Groups of the main organization.
    pub groups: u32,
    /// Memberships of the main organization, all people together; `None` leaves them to the seed, which gives
    /// about 2.2 per person. There are never more than people times groups, nor fewer than in the documents.
    pub memberships: Option<u32>,
    /// Port of the printing API on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Port of the account server on 127.0.0.1; 0 takes a free one.
    pub account_port: u16,
    /// The largest page of a list; a larger `limit` is clamped to it without an error.
    pub page_max: u32,
    /// The page size without `limit` (openapi.yaml: 20).
    pub page_default: u32,
    /// Lifetime of an access token (the documents: 3600 s).
    pub access_token_life: Duration,
    /// Lifetime of a refresh token that was not used (the documents: 3600 s, in one reading).
    pub refresh_token_life: Duration,
    /// How long a refresh token that was just used still gets the same reply again. Zero: never.
    pub refresh_reuse_grace: Duration,
    /// Lifetime of an authorization code; `None` as documented: "valid indefinitely but can only be used
    /// once".
    pub code_life: Option<Duration>,
    /// Lifetime of a pairing code, in whole seconds.
    pub pairing_life: Duration,
    /// Seconds that a device waits between two polls.
    pub pairing_interval: Duration,
    /// Redirect URIs registered for the default client, compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Clients besides the default one.
    pub clients: Vec<ClientConfig>,
    /// Whether the admin also belongs to a second organization, and to a third as an ordinary user.
    pub second_organization: bool,
    /// How this cloud behaves where the documents leave it open.
    pub quirks: Quirks,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            people: 2_000,
            groups: 60,
            memberships: None,
            port: 0,
            account_port: 0,
            page_max: 100,
            page_default: 20,
            access_token_life: Duration::from_secs(3_600),
            refresh_token_life: Duration::from_secs(3_600),
            refresh_reuse_grace: Duration::ZERO,
            code_life: None,
            pairing_life: Duration::from_secs(600),
            pairing_interval: Duration::from_secs(5),
            redirect_uris: [
                "http://localhost:8080/oauth/callback",
                "http://127.0.0.1:8080/oauth/callback",
                "dev.pressroom.console://oauth/callback",
            ]
            .map(str::to_owned)
            .to_vec(),
            clients: ClientConfig::demo_clients(),
            second_organization: true,
            quirks: Quirks::default(),
        }
    }
}

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    /// Sign-in, tokens, organizations, accounts, invitations.
    Account,
    /// Groups, print users, assignments.
    Printing,
}

/// The grants a client may use at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grant {
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// The vendor's own: a rotation that changes the organization.
    SwitchOrganization,
    /// The vendor's own device flow.
    PairingCode,
    /// RFC 6749 section 4.3.
    Password,
    /// RFC 6749 section 4.4.
    ClientCredentials,
}

impl Grant {
    /// The word in `grant_type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::SwitchOrganization => "switch_organization",
            Self::PairingCode => "pairing_code",
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [
            Self::AuthorizationCode,
            Self::RefreshToken,
            Self::SwitchOrganization,
            Self::PairingCode,
            Self::Password,
            Self::ClientCredentials,
        ]
        .into_iter()
        .find(|grant| grant.as_str() == word)
    }
}

/// One registered client.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The Client ID.
    pub id: String,
    /// What the sign-in page calls the app.
    pub name: String,
    /// `None` makes it a public client: `Basic id:` with an empty password, or `client_id` in the body.
    pub secret: Option<String>,
    /// The grants it may use.
    pub grants: Vec<Grant>,
    /// Its registered redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The scopes it may ask for.
    pub scopes: Vec<String>,
    /// Whether an authorization request without a code challenge is refused (RFC 9700 section 2.1.1).
    pub require_pkce: bool,
}

/// Client ID of the demo client that may use the password grant; it is public.
pub const PASSWORD_CLIENT_ID: &str = "pW4nVtXz0QkRb2sYdLhC8eUJg6mAfT1oNiE7KrSv";
/// Client ID of the demo client that may use the client credentials grant.
pub const SERVICE_CLIENT_ID: &str = "uMp7sGq2ZrVw9BxHnK4dLtYc1EoJf6TaRi0SvPbX";
/// Secret of [`SERVICE_CLIENT_ID`]. It opens nothing but this simulation.
pub const SERVICE_CLIENT_SECRET: &str = "simulated-secret-of-the-service-client";
/// Client ID of the demo client that may only pair.
pub const PAIRING_CLIENT_ID: &str = "dEv1cePa1rQ8mZtWbYxKs5NhGf3RuLoTj7CiAp0V";

impl ClientConfig {
    /// One seeded client for each grant that the default client does not have.
    #[must_use]
    pub fn demo_clients() -> Vec<Self> {
        let rotating = [Grant::RefreshToken, Grant::SwitchOrganization];
        let client = |id: &str, name: &str, secret: Option<&str>, grants: Vec<Grant>| Self {
            id: id.to_owned(),
            name: name.to_owned(),
            secret: secret.map(str::to_owned),
            grants,
            redirect_uris: Vec::new(),
            scopes: all_scopes(),
            require_pkce: false,
        };
        vec![
            client(
                PASSWORD_CLIENT_ID,
                "Night script",
                None,
                [&[Grant::Password], &rotating[..]].concat(),
            ),
            client(
                SERVICE_CLIENT_ID,
                "Managed print service",
                Some(SERVICE_CLIENT_SECRET),
                vec![Grant::ClientCredentials],
            ),
            client(
                PAIRING_CLIENT_ID,
                "Release station",
                None,
                [&[Grant::PairingCode], &rotating[..]].concat(),
            ),
        ]
    }

    pub(crate) fn desktop(redirect_uris: Vec<String>) -> Self {
        Self {
            id: CLIENT_ID.to_owned(),
            name: "Pressroom".to_owned(),
            secret: None,
            grants: vec![
                Grant::AuthorizationCode,
                Grant::RefreshToken,
                Grant::SwitchOrganization,
                Grant::PairingCode,
            ],
            redirect_uris,
            scopes: all_scopes(),
            require_pkce: false,
        }
    }
}

/// Every scope this cloud knows.
pub(crate) fn all_scopes() -> Vec<String> {
    ["printing", "printing.printers.readonly", "reporting"]
        .map(str::to_owned)
        .to_vec()
}

/// How this cloud behaves where the documents leave something open or contradict each other (ezeep-api.md).
#[derive(Debug, Clone)]
pub struct Quirks {
    /// `scope` is "" in a reply to a refresh.
    pub empty_scope_on_refresh: bool,
    /// `switch_organization` gives back the refresh token that was sent, as the documents' example shows.
    pub switch_keeps_refresh_token: bool,
    /// A refresh reply carries no refresh token; the old one stays (RFC 6749 section 6).
    pub refresh_keeps_refresh_token: bool,
    /// Within the grace a just-used token gets its reply again for any request, as with django-oauth-toolkit;
    /// otherwise only for exactly the same request.
    pub grace_for_any_request: bool,
    /// The callback carries `iss` (RFC 9207).
    pub iss_in_callback: bool,
    /// The callback has a slash before its query: `redirect_uri/?code=…`.
    pub slash_before_callback_query: bool,
    /// How a client may identify itself at the token endpoint.
    pub client_auth: ClientAuth,
    /// The path that lists and makes invitations.
    pub invitations: InvitationsPath,
    /// The JSON body of `GET /users/` is ignored, as behind a proxy that drops it.
    pub ignore_group_filter: bool,
    /// The result of a change of an Azure group's members, name or existence.
    pub azure_groups: AzureGroups,
    /// Scheme and host of `next` and `previous` of the printing server.
    pub next_origin: String,
    /// Scheme and host of `next` and `previous` of the account server.
    pub account_next_origin: String,
    /// `PATCH /users/<id>/` is 405 and only PUT works, as on older pages.
    pub put_only: bool,
    /// How a write of a print user without `groups` affects the memberships.
    pub absent_groups: AbsentGroups,
    /// A write of a print user's settings is answered with 200, but changes none.
    pub ignore_print_settings: bool,
    /// How `roles` must be sent when an account is changed.
    pub roles: RolesForm,
    /// Counts of a group are written as text, as in one of the documents' tables.
    pub counts_as_text: bool,
    /// A created group or invitation is answered 200 instead of 201.
    pub created_is_200: bool,
    /// The contents of access tokens.
    pub access_tokens: AccessTokens,
    /// The `org` claim of every access token names this organization, independent of the token's real one.
    pub org_claim: Option<String>,
    /// A switch to the first organization ends in the second; both by id.
    pub switch_lands_in: Option<(String, String)>,
    /// A refresh returns to the user's Private organization, where a new sign-in begins.
    pub refresh_forgets_organization: bool,
    /// A new grant revokes the earlier grants of the same user and client.
    pub second_grant_ends_first: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            empty_scope_on_refresh: true,
            switch_keeps_refresh_token: false,
            refresh_keeps_refresh_token: false,
            grace_for_any_request: false,
            iss_in_callback: false,
            slash_before_callback_query: false,
            client_auth: ClientAuth::Either,
            invitations: InvitationsPath::UnderUsers,
            ignore_group_filter: false,
            azure_groups: AzureGroups::Refused400,
            next_origin: "http://api2.ezeep.com".to_owned(),
            account_next_origin: "http://account.ezeep.com".to_owned(),
            put_only: false,
            absent_groups: AbsentGroups::Kept,
            ignore_print_settings: false,
            roles: RolesForm::List,
            counts_as_text: false,
            created_is_200: false,
            access_tokens: AccessTokens::Jwt,
            org_claim: None,
            switch_lands_in: None,
            refresh_forgets_organization: false,
            second_grant_ends_first: false,
        }
    }
}

/// The contents of access tokens: their claims were only observed, and are not documented (ezeep-api.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTokens {
    /// A JWT whose claim `org` names the organization, as observed with the vendor.
    Jwt,
    /// A JWT that names no organization.
    JwtWithoutOrganization,
    /// A JWT that names the organization in a claim of another name.
    JwtOtherClaim,
    /// Random text without any claim, not even the user.
    Opaque,
}

/// How a client may authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// Either of the two, never both.
    Either,
    /// Only `Authorization: Basic`.
    Basic,
    /// Only `client_id` in the form.
    Body,
}

/// Where invitations are listed and made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationsPath {
    /// `/v1/users/userinvitations/`; the other path is 404.
    UnderUsers,
    /// `/v1/userinvitations/`; the other path is 404.
    UnderRoot,
}

/// What happens to a change of a group that is synced from Azure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AzureGroups {
    /// 400 naming the field.
    Refused400,
    /// 403 with a detail.
    Refused403,
    /// Accepted like any other.
    Accepted,
}

/// How a PATCH of a print user without `groups` is handled; not documented (ezeep-api.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentGroups {
    /// The memberships stay.
    Kept,
    /// Like an empty list: every membership is removed.
    ReadAsEmpty,
}

/// The form `roles` must have in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolesForm {
    /// `["user"]`; a plain string is 400.
    List,
    /// `"user"`; a list is 400.
    Text,
}
