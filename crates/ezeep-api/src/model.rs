//! The objects of the API as the contract describes them, parsed tolerantly: unknown fields are ignored,
//! optional ones have defaults. Must never be stored or sent to the UI: these have types of their own.

use ids::{GroupId, InvitationId, OrganizationId, PrinterId, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::tolerant;

/// An organization of the signed-in user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name. The server names the user's own one "Private".
    pub name: String,
    /// The signed-in user's roles in it.
    #[serde(deserialize_with = "tolerant::one_or_many")]
    pub roles: Vec<Role>,
    /// Its owner, if the server tells.
    #[serde(default)]
    pub owner: Option<String>,
    /// Whether it is connected to Azure.
    #[serde(default, rename = "azure_profile", deserialize_with = "tolerant::is_object")]
    pub is_azure: bool,
}

impl Organization {
    /// Whether the signed-in user is an admin in it.
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }
}

/// A user's role in an organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// May change everything.
    Admin,
    /// May print.
    User,
    /// Another role, as the server wrote it.
    Other(String),
}

impl Role {
    /// The server's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Other(word) => word,
        }
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        Ok(match word.to_ascii_lowercase().as_str() {
            "admin" => Self::Admin,
            "user" => Self::User,
            _ => Self::Other(word),
        })
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// A user on the account server: name and address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The same id as the [`PrintUser`]'s.
    pub id: UserId,
    /// The address; empty if the server sends `null`.
    #[serde(deserialize_with = "tolerant::or_default")]
    pub email: String,
    /// Given name.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub first_name: String,
    /// Family name.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub last_name: String,
    /// The display name; empty if the server has none.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub display_name: String,
    /// When the user joined.
    #[serde(default, deserialize_with = "tolerant::moment")]
    pub date_joined: Option<OffsetDateTime>,
    /// Whether it is a Microsoft account.
    #[serde(default, rename = "azure_profile", deserialize_with = "tolerant::is_object")]
    pub is_azure: bool,
    /// Whether another identity provider signs the user in.
    #[serde(default, rename = "id_profile", deserialize_with = "tolerant::is_object")]
    pub has_id_profile: bool,
    /// The user's invitations; those that can't be parsed are left out.
    #[serde(default, rename = "user_invitations", deserialize_with = "tolerant::readable")]
    pub invitations: Vec<Invitation>,
    /// The user's roles in the organization that the token speaks for.
    #[serde(default, deserialize_with = "tolerant::one_or_many")]
    pub roles: Vec<Role>,
    /// Whether the address was confirmed, if the server tells.
    #[serde(default)]
    pub is_verified: Option<bool>,
}

/// Changes to an [`Account`]; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccountPatch {
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// All roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
}

/// An invitation to the organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Invitation {
    /// Its own id.
    pub id: InvitationId,
    /// The address it was sent to.
    #[serde(deserialize_with = "tolerant::or_default")]
    pub email: String,
    /// When it was last sent.
    #[serde(default, deserialize_with = "tolerant::moment")]
    pub updated: Option<OffsetDateTime>,
    /// When it expires.
    #[serde(default, deserialize_with = "tolerant::moment")]
    pub expire_date: Option<OffsetDateTime>,
    /// The state of the mail, as the server wrote it (`SENT`).
    #[serde(default)]
    pub delivery_status: Option<String>,
    /// The state of the invitation.
    #[serde(default, rename = "invitation_status")]
    pub status: InvitationStatus,
}

/// The state of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum InvitationStatus {
    /// Not answered yet.
    Open,
    /// Accepted.
    Accepted,
    /// Expired.
    Expired,
    /// Another state, as the server wrote it.
    Other(String),
    /// The server doesn't tell.
    #[default]
    Unknown,
}

impl<'de> Deserialize<'de> for InvitationStatus {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let Some(word) = Option::<String>::deserialize(d)? else {
            return Ok(Self::Unknown);
        };
        Ok(match word.to_ascii_uppercase().as_str() {
            "OPEN" => Self::Open,
            "ACCEPTED" => Self::Accepted,
            "EXPIRED" => Self::Expired,
            _ => Self::Other(word),
        })
    }
}

/// An invitation to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewInvitation {
    /// The address to send it to.
    pub email: String,
    /// When it expires.
    #[serde(with = "time::serde::rfc3339")]
    pub expire_date: OffsetDateTime,
}

/// The origin of a group. The provider's name is compared without case (contract).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Made in ezeep.
    Ezeep,
    /// Synced from Azure; can be changed only there.
    Azure {
        /// Its id there, if the server tells.
        foreign_id: Option<String>,
    },
    /// Another provider, as the server wrote it.
    Other(String),
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            provider: String,
            #[serde(default)]
            foreign_id: Option<String>,
        }
        let Written { provider, foreign_id } = Written::deserialize(d)?;
        Ok(if provider.eq_ignore_ascii_case("ezeep") {
            Self::Ezeep
        } else if provider.eq_ignore_ascii_case("azure") {
            Self::Azure { foreign_id }
        } else {
            Self::Other(provider)
        })
    }
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// Its description; empty if there is none.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub description: String,
    /// Whether its members may print to printers of their own computer.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub local_printing_enabled: bool,
    /// Whether its members have MyPrinters.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub myprinters_enabled: bool,
    /// Its origin.
    pub origin: Origin,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Members, as the server counts them.
    #[serde(deserialize_with = "tolerant::count")]
    pub num_members: u64,
    /// Printers, as the server counts them.
    #[serde(deserialize_with = "tolerant::count")]
    pub num_printers: u64,
}

/// A group to create. The server's limits (contract): name 1 to 255 characters, description at most 255.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewGroup {
    /// Its name.
    pub name: String,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Local printing; `None` for the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_printing_enabled: Option<bool>,
    /// MyPrinters; `None` for the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub myprinters_enabled: Option<bool>,
}

/// Changes to a [`Group`]; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GroupPatch {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Local printing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_printing_enabled: Option<bool>,
    /// MyPrinters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub myprinters_enabled: Option<bool>,
}

/// A user on the printing server: memberships and print settings, without a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PrintUser {
    /// The same id as the [`Account`]'s.
    pub id: UserId,
    /// Whether the user may print to printers of their own computer.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub local_printing_enabled: bool,
    /// Whether the user has self service.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub self_service_enabled: bool,
    /// Whether the user has MyPrinters.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub myprinters_enabled: bool,
    /// The user's groups, in the server's order.
    #[serde(deserialize_with = "tolerant::group_refs")]
    pub groups: Vec<GroupId>,
}

/// The settings of a [`PrintUser`] to change; `None` leaves a setting as it is. Can't be sent by itself: a
/// write of a person's record always includes the groups
/// ([`Client::write_print_settings`](crate::Client::write_print_settings)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PrintSettingsPatch {
    /// Local printing.
    pub local_printing_enabled: Option<bool>,
    /// Self service.
    pub self_service_enabled: Option<bool>,
    /// MyPrinters.
    pub myprinters_enabled: Option<bool>,
}

impl PrintSettingsPatch {
    /// Whether a user already has all requested settings.
    pub fn holds_for(&self, person: &PrintUser) -> bool {
        let same = |wanted: Option<bool>, has: bool| wanted.is_none_or(|wanted| wanted == has);
        same(self.local_printing_enabled, person.local_printing_enabled)
            && same(self.self_service_enabled, person.self_service_enabled)
            && same(self.myprinters_enabled, person.myprinters_enabled)
    }
}

/// The body of each write of a [`PrintUser`]: groups are never left out (contract; security.md 80).
#[derive(Serialize)]
pub(crate) struct PrintUserBody<'a> {
    pub(crate) groups: Vec<tolerant::GroupRef<&'a GroupId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local_printing_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) self_service_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) myprinters_enabled: Option<bool>,
}

impl<'a> PrintUserBody<'a> {
    pub(crate) fn new(groups: &'a [GroupId], settings: PrintSettingsPatch) -> Self {
        Self {
            groups: tolerant::GroupRef::all(groups),
            local_printing_enabled: settings.local_printing_enabled,
            self_service_enabled: settings.self_service_enabled,
            myprinters_enabled: settings.myprinters_enabled,
        }
    }
}

/// A printer and the groups it is assigned to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PrinterAssignment {
    /// The printer.
    pub printer_id: PrinterId,
    /// Its name.
    pub printer_name: String,
    /// Its assignments, one entry for each set of settings.
    #[serde(deserialize_with = "tolerant::or_default")]
    pub assignments: Vec<Assignment>,
}

/// One set of settings of a printer, and the groups that have it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Assignment {
    /// The settings as the server wrote them; their shape is not documented.
    #[serde(default)]
    pub settings: Option<serde_json::Value>,
    /// The groups.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub groups: Vec<AssignedGroup>,
}

/// A group that a printer is assigned to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AssignedGroup {
    /// The group.
    pub group_id: GroupId,
    /// Its name, if the server tells.
    #[serde(default)]
    pub group_name: Option<String>,
    /// Its id at Azure, if the server tells.
    #[serde(default)]
    pub group_foreign_id: Option<String>,
    /// Whether users can't remove the printer.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub force_chosen: bool,
}

/// One entry of the list that replaces a printer's assignments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAssignment {
    /// The groups.
    pub groups: Vec<GroupId>,
}
