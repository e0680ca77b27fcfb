//! What search compares: texts without case, accents, compatibility forms and invisible characters (Unicode NFKD and full case
//! folding), and letters that no decomposition reaches written as people type them. Decides nothing about where is searched.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

/// A text as it is searched, in every spelling, each ended by a line feed, so that no match crosses from one into the next.
pub fn haystack<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = String::new();
    for spelling in fields.into_iter().flat_map(spellings) {
        all.push_str(&spelling);
        all.push('\n');
    }
    all
}

/// The words of a search, each in every spelling, one of which must be found. The longest word comes first: it is the rarest.
pub fn words(search: &str) -> Vec<Vec<String>> {
    // Folded before it is split, because folding makes white space (an ideographic space) and takes it away.
    let spellings = spellings(search);
    let mut words: Vec<Vec<String>> = Vec::new();
    for spelling in &spellings {
        for (place, word) in spelling.split_whitespace().enumerate() {
            match words.get_mut(place) {
                Some(known) if known.iter().any(|known| known == word) => {}
                Some(known) => known.push(word.to_owned()),
                None => words.push(vec![word.to_owned()]),
            }
        }
    }
    words.sort_by(|a, b| b[0].len().cmp(&a[0].len()).then_with(|| a.cmp(b)));
    words.dedup();
    words
}

/// The folded text, and beside it, where they differ, the folded German and Nordic transcription ("mueller" for "Müller").
/// Both have their white space at the same places.
pub fn spellings(text: &str) -> Vec<String> {
    let plain = fold(text);
    if text.is_ascii() {
        return vec![plain];
    }
    let transcribed = fold(&transcribe(text));
    if transcribed == plain {
        vec![plain]
    } else {
        vec![plain, transcribed]
    }
}

fn transcribe(text: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    let mut out = String::with_capacity(composed.len() + 4);
    for letter in composed.chars() {
        match letter {
            'ä' | 'Ä' => out.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' => out.push_str("oe"),
            'ü' | 'Ü' => out.push_str("ue"),
            'å' | 'Å' => out.push_str("aa"),
            _ => out.push(letter),
        }
    }
    out
}

/// Without case, accents, compatibility forms and invisible characters.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text
            .chars()
            .filter(|c| is_seen(*c))
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    let decomposed: String = DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(text.chars())
        .filter(|c| is_seen(*c))
        .collect();
    let folded = CaseMapper::new().fold_string(&decomposed);
    let mut out = String::with_capacity(folded.len());
    for letter in folded.chars() {
        match letter {
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ŧ' => out.push('t'),
            'þ' => out.push_str("th"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            _ => out.push(letter),
        }
    }
    out
}

/// Marks, format characters (joiners, direction marks, soft hyphens) and controls do not count; white space does.
fn is_seen(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_whitespace() || !letter.is_control();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(letter);
    !GeneralCategoryGroup::Mark
        .union(GeneralCategoryGroup::Format)
        .union(GeneralCategoryGroup::Control)
        .contains(category)
        || letter.is_whitespace()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_accents_and_compatibility_forms_do_not_count() {
        for (text, folded) in [
            ("Zoë ÅNGSTRÖM", "zoe angstrom"),
            ("Mu\u{308}ller", "muller"),
            ("STRASSE Straße ẞ", "strasse strasse ss"),
            ("Søren Đorđe Łukasz Yılmaz İnci", "soren dorde lukasz yilmaz inci"),
            ("Æsir Œuvre Þór Ħal", "aesir oeuvre thor hal"),
            ("ΆΝΝΑ Σίσυφος", "αννα σισυφοσ"),
            ("أَحْمَد", "احمد"),
            ("ﾔﾏﾀﾞ　太郎", "ヤマタ 太郎"),
            ("ﬁnanz Ⅳ", "finanz iv"),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }

    #[test]
    fn invisible_characters_do_not_count() {
        assert_eq!(fold("\u{202e}An\u{ad}na\u{200d}\u{0}\u{7f}"), "anna");
        assert_eq!(fold("❤\u{fe0f}"), fold("❤"));
    }

    #[test]
    fn umlauts_are_searched_in_both_spellings() {
        assert_eq!(
            haystack(["Jörg Müller", "jm@x.example"]),
            "jorg muller\njoerg mueller\njm@x.example\n"
        );
        assert_eq!(words("MÜLLER"), [["muller", "mueller"]]);
        assert_eq!(words("mueller"), [["mueller"]]);
    }

    #[test]
    fn a_search_is_its_different_words_the_longest_first() {
        assert_eq!(words("  li\tanna li\u{3000}"), [["anna"], ["li"]]);
        assert!(words(" \u{200d} \u{301} ").is_empty());
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn every_spelling_has_the_same_words(text in "[äÖüßøÅ a-c\u{308}\u{3000}㈱\u{200d}]{0,12}|\\PC{0,20}") {
            let counts: Vec<usize> = spellings(&text).iter().map(|s| s.split_whitespace().count()).collect();
            prop_assert!(counts.iter().all(|count| *count == counts[0]));
        }
    }
}
