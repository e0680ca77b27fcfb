//! Ids as they cross to the UI: opaque, branded in TypeScript. Owns their grammar on this side.
//! Must never be taken apart: they look like UUIDs, but some are not (ezeep-api.md).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $brand:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// Opaque text of 1 to 64 characters `[0-9A-Za-z-]` (ezeep-api.md); anything else is refused when it is read.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = $brand)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let ok = (1..=64).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                if ok { Ok(Self(text)) } else { Err(InvalidId) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

/// Text that is no id: empty, longer than 64 characters, or with a character outside `[0-9A-Za-z-]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 1 to 64 characters of 0-9, A-Z, a-z and -")]
pub struct InvalidId;

ids! {
    /// A person; the same id on both servers.
    UserId = "string & { readonly __id: \"user\" }";
    /// A group.
    GroupId = "string & { readonly __id: \"group\" }";
    /// An organization.
    OrganizationId = "string & { readonly __id: \"organization\" }";
    /// An account on this computer: a person at one server, signed in through one client.
    AccountId = "string & { readonly __id: \"account\" }";
    /// One opening of one organization by one person: whatever is asked of another one is refused (security.md 43).
    WorkspaceId = "string & { readonly __id: \"workspace\" }";
    /// A saved view of the users.
    ViewId = "string & { readonly __id: \"view\" }";
    /// A membership plan.
    PlanId = "string & { readonly __id: \"plan\" }";
}
