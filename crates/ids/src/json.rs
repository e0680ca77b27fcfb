//! Reads an id out of serde's formats without a copy in between.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

use crate::grammar::InvalidId;

/// Reads a text that is an id.
///
/// # Errors
/// The value is no text, or the text is no id.
pub(crate) fn deserialize<'de, D, Id>(deserializer: D) -> Result<Id, D::Error>
where
    D: Deserializer<'de>,
    Id: for<'a> TryFrom<&'a str, Error = InvalidId>,
{
    deserializer.deserialize_str(IdVisitor(PhantomData))
}

struct IdVisitor<Id>(PhantomData<Id>);

impl<Id> Visitor<'_> for IdVisitor<Id>
where
    Id: for<'a> TryFrom<&'a str, Error = InvalidId>,
{
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        Id::try_from(text).map_err(E::custom)
    }
}
