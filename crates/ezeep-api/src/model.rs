//! The objects of the API as the contract describes them, read tolerantly: unknown fields are left out, optional ones
//! default. Must never be what the UI or a file sees: whoever keeps one makes a type of its own.

use ids::{GroupId, InvitationId, OrganizationId, PrinterId, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::tolerant;

/// An organization the signed-in person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name; the person's own one is called "Private" by the server.
    pub name: String,
    /// The signed-in person's roles in it.
    #[serde(deserialize_with = "tolerant::one_or_many")]
    pub roles: Vec<Role>,
    /// Who owns it, where the server says.
    #[serde(default)]
    pub owner: Option<String>,
    /// True where it is connected with Azure.
    #[serde(default, rename = "azure_profile", deserialize_with = "tolerant::is_object")]
    pub is_azure: bool,
}

impl Organization {
    /// True where the signed-in person may change things in it.
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
    /// Another word, as the server wrote it.
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

/// A person on the account server: the name and the address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The same id as the [`PrintUser`]'s.
    pub id: UserId,
    /// The address; empty where the server says `null`.
    #[serde(deserialize_with = "tolerant::or_default")]
    pub email: String,
    /// Given name.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub first_name: String,
    /// Family name.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub last_name: String,
    /// The name to show, where the server made one.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub display_name: String,
    /// When they joined.
    #[serde(default, deserialize_with = "tolerant::moment")]
    pub date_joined: Option<OffsetDateTime>,
    /// True where the account is Microsoft's.
    #[serde(default, rename = "azure_profile", deserialize_with = "tolerant::is_object")]
    pub is_azure: bool,
    /// True where another identity provider stands behind it.
    #[serde(default, rename = "id_profile", deserialize_with = "tolerant::is_object")]
    pub has_id_profile: bool,
    /// Their invitations; ones that can't be read are left out.
    #[serde(default, rename = "user_invitations", deserialize_with = "tolerant::readable")]
    pub invitations: Vec<Invitation>,
    /// Their roles in the organization the token speaks for.
    #[serde(default, deserialize_with = "tolerant::one_or_many")]
    pub roles: Vec<Role>,
    /// Whether the address was confirmed, where the server says.
    #[serde(default)]
    pub is_verified: Option<bool>,
}

/// What to change of an [`Account`]; what is `None` stays.
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
    /// Whom it was sent to.
    #[serde(deserialize_with = "tolerant::or_default")]
    pub email: String,
    /// When it was last sent.
    #[serde(default, deserialize_with = "tolerant::moment")]
    pub updated: Option<OffsetDateTime>,
    /// Until when it can be accepted.
    #[serde(default, deserialize_with = "tolerant::moment")]
    pub expire_date: Option<OffsetDateTime>,
    /// What became of the mail, in the server's word (`SENT`).
    #[serde(default)]
    pub delivery_status: Option<String>,
    /// What became of the invitation.
    #[serde(default, rename = "invitation_status")]
    pub status: InvitationStatus,
}

/// What became of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum InvitationStatus {
    /// Not answered yet.
    Open,
    /// Accepted.
    Accepted,
    /// Too late.
    Expired,
    /// Another word, as the server wrote it.
    Other(String),
    /// The server doesn't say.
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

/// An invitation to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewInvitation {
    /// Whom to.
    pub email: String,
    /// Until when it can be accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub expire_date: OffsetDateTime,
}

/// Where a group comes from. The provider's name is compared without case (contract).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Made in ezeep.
    Ezeep,
    /// Synced from Azure, and changed there.
    Azure {
        /// Its id there, where the server says.
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

/// A group of people.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// Its description; empty where there is none.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub description: String,
    /// Whether its members may print to printers of their own computer.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub local_printing_enabled: bool,
    /// Whether its members have MyPrinters.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub myprinters_enabled: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Members, as the server counts them.
    #[serde(deserialize_with = "tolerant::count")]
    pub num_members: u64,
    /// Printers, as the server counts them.
    #[serde(deserialize_with = "tolerant::count")]
    pub num_printers: u64,
}

/// A group to make. The server's bounds (contract): name 1 to 255 characters, description up to 255.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewGroup {
    /// Its name.
    pub name: String,
    /// Whose it is to be.
    pub organization_id: OrganizationId,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Local printing; the server's default where `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_printing_enabled: Option<bool>,
    /// MyPrinters; the server's default where `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub myprinters_enabled: Option<bool>,
}

/// What to change of a [`Group`]; what is `None` stays.
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

/// A person on the printing server: memberships and print settings, without a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PrintUser {
    /// The same id as the [`Account`]'s.
    pub id: UserId,
    /// Whether they may print to printers of their own computer.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub local_printing_enabled: bool,
    /// Whether they have self service.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub self_service_enabled: bool,
    /// Whether they have MyPrinters.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub myprinters_enabled: bool,
    /// The groups they are in, as the server lists them.
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
    /// Whether a person already has every requested setting.
    pub fn holds_for(&self, person: &PrintUser) -> bool {
        let same = |wanted: Option<bool>, has: bool| wanted.is_none_or(|wanted| wanted == has);
        same(self.local_printing_enabled, person.local_printing_enabled)
            && same(self.self_service_enabled, person.self_service_enabled)
            && same(self.myprinters_enabled, person.myprinters_enabled)
    }
}

/// The body of every write of a [`PrintUser`]: groups are never left out (contract; security.md 80).
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
            groups: groups
                .iter()
                .map(|group_id| tolerant::GroupRef { group_id })
                .collect(),
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
    /// To whom, one entry for each set of settings.
    #[serde(deserialize_with = "tolerant::or_default")]
    pub assignments: Vec<Assignment>,
}

/// One set of settings of a printer, and the groups it holds for.
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
    /// Its name, where the server says.
    #[serde(default)]
    pub group_name: Option<String>,
    /// Its id at Azure, where the server says.
    #[serde(default)]
    pub group_foreign_id: Option<String>,
    /// Whether the printer can't be taken away by the person.
    #[serde(default, deserialize_with = "tolerant::or_default")]
    pub force_chosen: bool,
}

/// One entry of the list that replaces a printer's assignments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAssignment {
    /// The groups.
    pub groups: Vec<GroupId>,
}
