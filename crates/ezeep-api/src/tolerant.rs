//! How fields are parsed that the servers write in more than one way (contract: counts as digits, `null` for
//! absent). Must never replace a wrong value of a required field by a default, nor lose a group of a user.

use std::fmt;

use ids::GroupId;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// `null` counts as the default. With `#[serde(default)]` a missing field does too.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    d: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// A count: a number or digits in a string.
pub(crate) fn count<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    struct Count;

    impl Visitor<'_> for Count {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a count")
        }

        fn visit_u64<E: de::Error>(self, v: u64) -> Result<u64, E> {
            Ok(v)
        }

        fn visit_f64<E: de::Error>(self, v: f64) -> Result<u64, E> {
            // Whole and small enough to be exact: 13.0 is 13.
            if v.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&v) {
                Ok(v as u64)
            } else {
                Err(E::custom("no count"))
            }
        }

        fn visit_str<E: de::Error>(self, v: &str) -> Result<u64, E> {
            digits(v.trim()).ok_or_else(|| E::custom("no count"))
        }
    }

    d.deserialize_any(Count)
}

/// A text of digits only, as a number.
pub(crate) fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// A time, if it can be parsed: RFC 3339, or the same without an offset, which then is UTC. Anything else is
/// `None`.
pub(crate) fn moment<'de, D: Deserializer<'de>>(d: D) -> Result<Option<OffsetDateTime>, D::Error> {
    let value = Value::deserialize(d)?;
    Ok(value.as_str().and_then(parse_moment))
}

fn parse_moment(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    let naive = format_description!(
        version = 2,
        "[year]-[month]-[day][first [T][ ]][hour]:[minute]:[second][optional [.[subsecond]]]"
    );
    PrimitiveDateTime::parse(text, naive)
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

/// A list of strings, or one string: `["user"]` and `"user"` (contract, roles).
pub(crate) fn one_or_many<'de, D, T>(d: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        Many(Vec<T>),
        One(T),
    }
    Ok(match Option::deserialize(d)? {
        Some(OneOrMany::Many(many)) => many,
        Some(OneOrMany::One(one)) => vec![one],
        None => Vec::new(),
    })
}

/// A list without the entries that can't be parsed: for supplementary data, never for memberships.
pub(crate) fn readable<'de, D, T>(d: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(d)?;
    let Value::Array(items) = value else {
        return Ok(Vec::new());
    };
    Ok(items
        .into_iter()
        .filter_map(|item| serde_json::from_value(item).ok())
        .collect())
}

/// Whether the value is an object; false for `null`, an absent field or anything else.
pub(crate) fn is_object<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(d)?.is_object())
}

/// `{"group_id": …}`, the form in which both directions name a group.
#[derive(Serialize, Deserialize)]
pub(crate) struct GroupRef<T> {
    pub(crate) group_id: T,
}

impl<'a> GroupRef<&'a GroupId> {
    pub(crate) fn all(groups: &'a [GroupId]) -> Vec<Self> {
        groups.iter().map(|group_id| Self { group_id }).collect()
    }
}

/// The groups of a user. All entries must be valid: one that is left out here would be a membership lost by
/// the next write.
pub(crate) fn group_refs<'de, D, T>(d: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let refs = Vec::<GroupRef<T>>::deserialize(d)?;
    Ok(refs.into_iter().map(|entry| entry.group_id).collect())
}

#[cfg(test)]
mod tests {
    use super::{count, parse_moment};
    use proptest::prelude::*;
    use time::macros::datetime;

    fn read(json: &str) -> Option<u64> {
        count(&mut serde_json::Deserializer::from_str(json)).ok()
    }

    #[test]
    fn a_count_is_a_number_or_digits() {
        assert_eq!(read("13"), Some(13));
        assert_eq!(read("\"13\""), Some(13));
        assert_eq!(read("13.0"), Some(13));
        for wrong in [
            "-1",
            "\"-1\"",
            "1.5",
            "\"x\"",
            "\"\"",
            "null",
            "[]",
            "\"99999999999999999999\"",
            "1e300",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_read_with_and_without_an_offset() {
        let wanted = datetime!(2026-03-04 05:06:07.25 UTC);
        assert_eq!(parse_moment("2026-03-04T05:06:07.25Z"), Some(wanted));
        assert_eq!(parse_moment("2026-03-04T07:06:07.250000+02:00"), Some(wanted));
        assert_eq!(parse_moment("2026-03-04T05:06:07.250000"), Some(wanted));
        assert_eq!(parse_moment("2026-03-04 05:06:07.25"), Some(wanted));
        assert_eq!(
            parse_moment("2026-03-04T05:06:07"),
            Some(datetime!(2026-03-04 05:06:07 UTC))
        );
        for wrong in ["", "yesterday", "2026-13-01T00:00:00Z", "1700000000"] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_moment_parser_fall_over(text in "\\PC{0,40}") {
            let _ = parse_moment(&text);
        }
    }
}
