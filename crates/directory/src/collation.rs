//! The order of texts as people expect it: the Unicode root collation, digits by their value ("7b" before "10a").
//! The only place that knows the collator.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};

use crate::model::Origin;

/// Names the order, with the version of its data: what was sorted by another one is not sorted here.
pub const ORDER: &str = "root numeric, blank last, icu4x 2";

/// Compares texts; blank ones come after all others.
#[derive(Debug)]
pub struct Collation(CollatorBorrowed<'static>);

impl Collation {
    /// The root collation with numeric order.
    #[expect(
        clippy::expect_used,
        reason = "the root collation is compiled in, so there is no data to miss"
    )]
    pub fn new() -> Self {
        let mut preferences = CollatorPreferences::default();
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        Self(
            CollatorBorrowed::try_new(preferences, CollatorOptions::default())
                .expect("compiled-in root collation"),
        )
    }

    /// How two texts compare. Texts that differ may compare as equal.
    pub fn compare(&self, left: &str, right: &str) -> Ordering {
        let blank = is_blank(left).cmp(&is_blank(right));
        blank.then_with(|| {
            if is_blank(left) {
                Ordering::Equal
            } else {
                self.0.compare(left, right)
            }
        })
    }

    /// How two origins compare: ours, Azure, then others by their text.
    pub fn compare_origins(&self, left: &Origin, right: &Origin) -> Ordering {
        match (left, right) {
            (Origin::Other(left), Origin::Other(right)) => {
                self.compare(left, right).then_with(|| left.cmp(right))
            }
            _ => place_of(left).cmp(&place_of(right)),
        }
    }

    /// A key that compares as the text does: worth its price where one text is compared many times.
    pub fn key(&self, text: &str) -> (bool, Vec<u8>) {
        let mut key = Vec::new();
        if !is_blank(text) {
            let Ok(()) = self.0.write_sort_key_to(text, &mut key);
        }
        (is_blank(text), key)
    }
}

fn place_of(origin: &Origin) -> u8 {
    match origin {
        Origin::Ezeep => 0,
        Origin::Azure => 1,
        Origin::Other(_) => 2,
    }
}

/// Whether a text has nothing that could be seen.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(mut texts: Vec<&str>) -> Vec<&str> {
        let collation = Collation::new();
        texts.sort_by(|a, b| collation.compare(a, b));
        texts
    }

    #[test]
    fn numbers_go_by_value_and_accents_stay_with_their_letter() {
        assert_eq!(
            sorted(vec!["Klasse 10a", "Klasse 7b"]),
            ["Klasse 7b", "Klasse 10a"]
        );
        assert_eq!(
            sorted(vec!["Zoe", "Öz", "Oz", "apple", "Ärger", "Bär"]),
            ["apple", "Ärger", "Bär", "Oz", "Öz", "Zoe"]
        );
    }

    #[test]
    fn a_blank_text_comes_last() {
        assert_eq!(sorted(vec!["", "b", " ", "a"]), ["a", "b", "", " "]);
    }

    proptest! {
        #[test]
        fn keys_compare_as_their_texts_do(left in "\\PC{0,12}|[a-cäß0-2 .@-]{0,8}", right in "\\PC{0,12}|[a-cäß0-2 .@-]{0,8}") {
            let collation = Collation::new();
            prop_assert_eq!(collation.key(&left).cmp(&collation.key(&right)), collation.compare(&left, &right));
        }
    }
}
