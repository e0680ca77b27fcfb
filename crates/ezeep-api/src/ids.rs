//! The ids of the API: opaque text of 1 to 64 characters `0-9 A-Z a-z -` (contract; a vendor example is no valid UUID).
//! Must never parse, shorten or re-case one, and must never let another character into a URL's path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest id, in characters.
pub const MAX_ID_LENGTH: usize = 64;

/// The text is no id: empty, longer than [`MAX_ID_LENGTH`], or with a character outside `0-9 A-Z a-z -`.
///
/// Does not hold the text: it may have come from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 1 to {MAX_ID_LENGTH} characters of 0-9, A-Z, a-z and - are allowed")]
pub struct InvalidId;

fn check(text: &str) -> Result<(), InvalidId> {
    let allowed = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if text.is_empty() || text.len() > MAX_ID_LENGTH || !allowed {
        Err(InvalidId)
    } else {
        Ok(())
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The id as the server wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                check(&text)?;
                Ok(Self(text.into_boxed_str()))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into_string()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id! {
    /// A person, the same on both servers.
    UserId
}
id! {
    /// A group of the printing server.
    GroupId
}
id! {
    /// An organization.
    OrganizationId
}
id! {
    /// An invitation; never the id of the person invited.
    InvitationId
}
id! {
    /// A printer.
    PrinterId
}

#[cfg(test)]
mod tests {
    use super::{GroupId, InvalidId, UserId};
    use proptest::prelude::*;

    #[test]
    fn an_id_that_is_no_uuid_is_taken_as_it_is() {
        let id = UserId::try_from("3d119e0a-e212-5v23-a4d5-de5820678f27").unwrap();
        assert_eq!(id.as_str(), "3d119e0a-e212-5v23-a4d5-de5820678f27");
        assert_eq!(
            serde_json::to_string(&id).unwrap(),
            "\"3d119e0a-e212-5v23-a4d5-de5820678f27\""
        );
    }

    #[test]
    fn what_could_leave_its_place_in_a_path_is_refused() {
        for text in [
            "",
            ".",
            "..",
            "a/b",
            "a%2fb",
            "a?b",
            "a#b",
            "a b",
            "a\n",
            "ä",
            "a:b",
            &"x".repeat(65),
        ] {
            assert_eq!(GroupId::try_from(text), Err(InvalidId), "{text:?}");
            assert!(
                serde_json::from_value::<GroupId>(text.into()).is_err(),
                "{text:?}"
            );
        }
        assert!(GroupId::try_from("x".repeat(64)).is_ok());
    }

    proptest! {
        #[test]
        fn every_text_is_either_an_id_unchanged_or_refused(text in "\\PC{0,80}|[0-9A-Za-z-]{0,70}") {
            let wanted = (1..=64).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            match UserId::try_from(text.as_str()) {
                Ok(id) => {
                    prop_assert!(wanted);
                    prop_assert_eq!(id.to_string(), text.clone());
                    prop_assert_eq!(String::from(id), text);
                }
                Err(InvalidId) => prop_assert!(!wanted),
            }
        }
    }
}
