//! The order of texts in a locale (Unicode collation with CLDR's tailorings), with digits by their value
//! ("7b" before "10a"). The only place that uses the collator.

use std::cmp::Ordering;
use std::sync::Arc;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

use crate::looks::is_visible;
use crate::model::Origin;

/// Compares texts; blank ones come after all others.
#[derive(Debug, Clone)]
pub struct Collation {
    collator: Arc<CollatorBorrowed<'static>>,
    order: Arc<str>,
}

/// The end of an order's name: the rules of all locales, with the version of the data. A list sorted by
/// another name is not sorted here.
const RULES: &str = " numeric, empty last, icu4x 2";

impl Collation {
    /// The order of a locale (BCP 47), or of the closest known one; the root collation for an unknown or
    /// invalid locale.
    pub fn of(locale: &str) -> Self {
        let known = Locale::try_from_str(locale).unwrap_or(Locale::UNKNOWN);
        let mut preferences = CollatorPreferences::from(&known);
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        let order = match known == Locale::UNKNOWN {
            true => format!("root{RULES}"),
            false => format!("{known}{RULES}"),
        };
        Self {
            collator: Arc::new(collator(preferences)),
            order: order.into(),
        }
    }

    /// The name of the order. A list sorted by an order of this name is sorted here.
    pub fn order(&self) -> &str {
        &self.order
    }

    /// The order of that name; `None` if there is none.
    pub fn of_order(name: &str) -> Option<Self> {
        let locale = name.strip_suffix(RULES)?;
        Some(Self::of(locale)).filter(|collation| *collation.order == *name)
    }

    /// How two texts compare. Texts that differ may compare as equal.
    pub fn compare(&self, left: &str, right: &str) -> Ordering {
        let blank = is_blank(left).cmp(&is_blank(right));
        blank.then_with(|| {
            if is_blank(left) {
                Ordering::Equal
            } else {
                self.collator.compare(left, right)
            }
        })
    }

    /// Compares two origins: ezeep, Azure, then others by their text.
    pub fn compare_origins(&self, left: &Origin, right: &Origin) -> Ordering {
        match (left, right) {
            (Origin::Other(left), Origin::Other(right)) => {
                self.compare(left, right).then_with(|| left.cmp(right))
            }
            _ => place_of(left).cmp(&place_of(right)),
        }
    }

    /// A key that compares like the text. Worth its cost if one text is compared many times.
    pub fn key(&self, text: &str) -> (bool, Vec<u8>) {
        let mut key = Vec::new();
        if !is_blank(text) {
            let Ok(()) = self.collator.write_sort_key_to(text, &mut key);
        }
        (is_blank(text), key)
    }
}

/// The collator for these options, or the root one if its data are missing.
#[expect(
    clippy::expect_used,
    reason = "the root collation is compiled in, so there is no data to miss"
)]
fn collator(preferences: CollatorPreferences) -> CollatorBorrowed<'static> {
    let make = |preferences| CollatorBorrowed::try_new(preferences, CollatorOptions::default());
    make(preferences).unwrap_or_else(|_| {
        let mut root = CollatorPreferences::default();
        root.numeric_ordering = Some(CollationNumericOrdering::True);
        make(root).expect("compiled-in root collation")
    })
}

fn place_of(origin: &Origin) -> u8 {
    match origin {
        Origin::Ezeep => 0,
        Origin::Azure => 1,
        Origin::Other(_) => 2,
    }
}

/// Whether a text has no visible character.
pub fn is_blank(text: &str) -> bool {
    !is_visible(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(texts: Vec<&str>) -> Vec<&str> {
        sorted_in("", texts)
    }

    fn sorted_in<'a>(locale: &str, mut texts: Vec<&'a str>) -> Vec<&'a str> {
        let collation = Collation::of(locale);
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
    fn each_locale_has_its_own_alphabet_and_what_is_no_locale_the_common_one() {
        let texts = || vec!["Zoe", "Ärla", "Ådal", "Ola", "Öst", "Adam"];
        for locale in ["sv", "sv-SE", "sv-FI-x-home"] {
            assert_eq!(
                sorted_in(locale, texts()),
                ["Adam", "Ola", "Zoe", "Ådal", "Ärla", "Öst"]
            );
        }
        for locale in [
            "de-DE",
            "en",
            "",
            "C",
            "tlh",
            "no locale",
            "x".repeat(400).as_str(),
        ] {
            assert_eq!(
                sorted_in(locale, texts()),
                ["Ådal", "Adam", "Ärla", "Ola", "Öst", "Zoe"]
            );
        }
        let phone_book = sorted_in("de-u-co-phonebk", vec!["Götz", "Goethe", "Gorki"]);
        assert_eq!(phone_book, ["Goethe", "Götz", "Gorki"]);
    }

    #[test]
    fn an_order_is_known_by_its_name_and_no_other_name_is_one() {
        for locale in ["sv-SE", "DE-de", "", "nonsense locale"] {
            let collation = Collation::of(locale);
            let again = Collation::of_order(collation.order()).unwrap();
            assert_eq!(again.order(), collation.order());
        }
        for name in [
            "",
            "sv",
            " numeric, empty last, icu4x 2",
            "SV-se numeric, empty last, icu4x 2",
        ] {
            assert!(Collation::of_order(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_blank_text_comes_last() {
        assert_eq!(
            sorted(vec!["\u{200b}", "b", " ", "a", "\u{3164}"]),
            ["a", "b", "\u{200b}", " ", "\u{3164}"]
        );
    }

    proptest! {
        #[test]
        fn keys_compare_as_their_texts_do(locale in "|sv|ja|de-u-co-phonebk", left in "\\PC{0,12}|[a-cäß0-2 .@-]{0,8}", right in "\\PC{0,12}|[a-cäß0-2 .@-]{0,8}") {
            let collation = Collation::of(&locale);
            prop_assert_eq!(collation.key(&left).cmp(&collation.key(&right)), collation.compare(&left, &right));
        }
    }
}
