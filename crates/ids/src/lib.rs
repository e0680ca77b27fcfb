//! Ids: opaque text of 1 to [`MAX_LENGTH`] characters `0-9 A-Z a-z -` (docs/contract/ezeep-api.md). They look
//! like UUIDs, but some are not. Must never parse, shorten or re-case one.
//!
//! The grammar keeps an id within its segment of a URL's path. A clone shares the text.

mod grammar;
#[cfg(feature = "serde")]
mod json;

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use grammar::{InvalidId, MAX_LENGTH};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $brand:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = $brand))]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as the server, or this app, wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id that this text was taken from. Does not check it again in a release build: for what is
            /// held as text to save memory.
            pub fn from_checked(text: &str) -> Self {
                debug_assert!(grammar::is_id(text), "not an id");
                Self(text.into())
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                if grammar::is_id(text) { Ok(Self(text.into())) } else { Err(InvalidId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::try_from(text.as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                json::deserialize(deserializer)
            }
        }
    )*};
}

ids! {
    /// A person, the same on both servers.
    UserId = "string & { readonly __id: \"user\" }";
    /// A group of the printing server.
    GroupId = "string & { readonly __id: \"group\" }";
    /// An organization.
    OrganizationId = "string & { readonly __id: \"organization\" }";
    /// An invitation; never the id of the person invited.
    InvitationId = "string & { readonly __id: \"invitation\" }";
    /// A printer.
    PrinterId = "string & { readonly __id: \"printer\" }";
    /// An account on this computer: a person at one server, signed in through one client. Made by this app.
    AccountId = "string & { readonly __id: \"account\" }";
    /// The holder of files in a data directory: a person at one account server, with any client. Made by this
    /// app.
    HolderId = "string & { readonly __id: \"holder\" }";
    /// One opening of one organization by one person (security.md 43). Made by this app.
    WorkspaceId = "string & { readonly __id: \"workspace\" }";
    /// A saved view of the users. Made by this app.
    ViewId = "string & { readonly __id: \"view\" }";
    /// A plan of changes to memberships. Made by this app.
    PlanId = "string & { readonly __id: \"plan\" }";
}

#[cfg(test)]
mod tests {
    use super::{GroupId, InvalidId, MAX_LENGTH, UserId};
    use proptest::prelude::*;

    #[test]
    fn an_id_that_is_no_uuid_is_taken_as_it_is() {
        let id = UserId::try_from("3d119e0a-e212-5v23-a4d5-de5820678f27").unwrap();
        assert_eq!(id.as_str(), "3d119e0a-e212-5v23-a4d5-de5820678f27");
        assert_eq!(id.to_string(), id.as_str());
        assert_eq!(format!("{id:?}"), "UserId(3d119e0a-e212-5v23-a4d5-de5820678f27)");
    }

    #[test]
    fn what_could_leave_its_place_in_a_path_is_refused() {
        let long = "x".repeat(MAX_LENGTH + 1);
        for text in [
            "", ".", "..", "a/b", "a%2fb", "a?b", "a#b", "a b", "a\n", "ä", "a:b", &long,
        ] {
            assert_eq!(GroupId::try_from(text), Err(InvalidId), "{text:?}");
            #[cfg(feature = "serde")]
            assert!(
                serde_json::from_value::<GroupId>(text.into()).is_err(),
                "{text:?}"
            );
        }
        assert!(GroupId::try_from("x".repeat(MAX_LENGTH)).is_ok());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn in_json_it_is_its_text() {
        let id: UserId = serde_json::from_str(r#""a\u002d1""#).unwrap();
        assert_eq!(id.as_str(), "a-1");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""a-1""#);
        for other in ["1", "null", "[\"a\"]"] {
            let error = serde_json::from_str::<UserId>(other).unwrap_err().to_string();
            assert!(error.contains("expected an id"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_either_an_id_unchanged_or_refused(text in "\\PC{0,80}|[0-9A-Za-z-]{0,70}") {
            let allowed = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            match UserId::try_from(text.as_str()) {
                Ok(id) => {
                    prop_assert!(allowed && (1..=64).contains(&text.len()));
                    prop_assert_eq!(String::from(id), text);
                }
                Err(InvalidId) => prop_assert!(!allowed || text.is_empty() || text.len() > 64),
            }
        }
    }
}
