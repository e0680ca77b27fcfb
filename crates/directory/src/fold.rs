//! The comparison for search: texts without case, accents, compatibility forms and invisible characters
//! (Unicode NFKD and full case folding on top of [`crate::looks`]), with letters that have no decomposition
//! written as people type them. Apostrophes, quotes, dashes and commas are ignored. Does not decide which
//! fields are searched. See docs/decisions/0005.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use crate::looks;

/// A text for searching, in all spellings, each ended by a line feed, so that no match crosses from one to
/// the next.
pub fn haystack<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    lines(fields.into_iter().flat_map(spellings))
}

/// The same for an id, which keeps its dashes.
pub fn id_haystack(id: &str) -> String {
    lines(with_dashes(id))
}

fn lines(spellings: impl IntoIterator<Item = String>) -> String {
    let mut all = String::new();
    for spelling in spellings {
        all.push_str(&spelling);
        all.push('\n');
    }
    all
}

/// A word of a search. It matches if one of its spellings is found.
#[derive(Debug, PartialEq, Eq)]
pub struct Word {
    /// Spelled as by [`haystack`].
    pub in_texts: Vec<String>,
    /// Spelled as by [`id_haystack`].
    pub in_ids: Vec<String>,
}

/// The words of a search, all of which must match. The longest comes first because it is the rarest.
pub fn words(search: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut add = |place: usize, word: String| {
        if words.len() <= place {
            let (in_texts, in_ids) = (Vec::new(), Vec::new());
            words.push(Word { in_texts, in_ids });
        }
        let known = &mut words[place];
        for (spellings, spelling) in [
            (&mut known.in_texts, without_dashes(&word)),
            (&mut known.in_ids, word),
        ] {
            if !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
    };
    // Folded before it is split: folding creates white space (from an ideographic space) and removes it.
    for spelling in with_dashes(search) {
        for (place, word) in spelling.split(' ').enumerate() {
            add(place, address(word).to_owned());
        }
    }
    // A dash alone is no word.
    words.retain(|word| !word.in_texts[0].is_empty());
    words.sort_by(|a, b| {
        let longest = b.in_texts[0].len().cmp(&a.in_texts[0].len());
        longest.then_with(|| (&a.in_texts, &a.in_ids).cmp(&(&b.in_texts, &b.in_ids)))
    });
    words.dedup();
    words
}

/// An address without the characters that mail programs, documents and links put around it; any other word
/// unchanged.
fn address(word: &str) -> &str {
    let (word, link) = match word.strip_prefix("mailto:") {
        Some(link) => (link.split('?').next().unwrap_or(link), true),
        None => (word, false),
    };
    if link || word.contains('@') {
        return word.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '@');
    }
    word
}

/// The folded text and, if different, the folded German and Nordic transcription ("mueller" for "Müller").
/// Both have single spaces at the same positions, and none at the ends.
pub fn spellings(text: &str) -> Vec<String> {
    let spellings = with_dashes(text).into_iter();
    spellings.map(|spelling| without_dashes(&spelling)).collect()
}

fn with_dashes(text: &str) -> Vec<String> {
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
    let shown: String = text.chars().filter_map(looks::plain).collect();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&shown);
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

/// Without case, accents, compatibility forms, invisible characters, apostrophes and quotes; dashes as "-",
/// and white space and word separators as single spaces.
fn fold(text: &str) -> String {
    if is_plain(text) {
        return text.to_ascii_lowercase();
    }
    let letters = letters(text);
    let mut before = None;
    let mut after = letters.chars().skip(1);
    let parts = letters.chars().filter_map(|letter| {
        let is_in_number = is_between_digits(before, after.next());
        before = Some(letter);
        match letter {
            '\'' | '"' => None,
            ',' if is_in_number => Some(letter),
            ',' | ';' | '<' | '>' | '،' | '؛' | '、' => Some(' '),
            _ => Some(letter),
        }
    });
    looks::single_spaced(parts)
}

/// Whether only case has to be folded, as in most texts.
fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    text.bytes().all(|letter| {
        let before = std::mem::replace(&mut before, letter);
        match letter {
            b'\'' | b'"' | b'`' | b',' | b';' | b'<' | b'>' => false,
            b' ' => before != b' ',
            _ => letter.is_ascii_graphic(),
        }
    }) && before != b' '
}

/// Without dashes except between two digits: "1-2" is not "12".
fn without_dashes(folded: &str) -> String {
    if !folded.contains('-') {
        return folded.to_owned();
    }
    let mut before = None;
    let mut after = folded.chars().skip(1);
    let parts = folded.chars().filter(|letter| {
        let stays = is_between_digits(before, after.next());
        before = Some(*letter);
        *letter != '-' || stays
    });
    looks::single_spaced(parts)
}

fn is_between_digits(before: Option<char>, after: Option<char>) -> bool {
    before.is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric)
}

/// Without case, accents, compatibility forms and invisible characters.
fn letters(text: &str) -> String {
    if text.is_ascii() {
        let plain = text.chars().filter_map(looks::plain);
        return plain.map(|letter| letter.to_ascii_lowercase()).collect();
    }
    // Again after folding: compatibility forms may contain blanks and quotes.
    let decomposed: String = DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(text.chars().filter_map(looks::plain))
        .filter_map(looks::plain)
        .filter(|letter| !is_mark(*letter))
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

fn is_mark(letter: char) -> bool {
    !letter.is_ascii()
        && GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(letter))
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
        assert_eq!(fold("\u{1}Anna\u{0}Berg"), "anna berg");
        assert_eq!(fold("❤\u{fe0f}"), fold("❤"));
    }

    #[test]
    fn umlauts_are_searched_in_both_spellings() {
        assert_eq!(
            haystack(["Jörg Müller", "jm@x.example"]),
            "jorg muller\njoerg mueller\njm@x.example\n"
        );
        assert_eq!(in_texts("MÜLLER"), [["muller", "mueller"]]);
        assert_eq!(in_texts("mueller"), [["mueller"]]);
    }

    fn in_texts(search: &str) -> Vec<Vec<String>> {
        words(search).into_iter().map(|word| word.in_texts).collect()
    }

    #[test]
    fn a_search_is_its_different_words_the_longest_first() {
        assert_eq!(in_texts("  li\tanna li\u{3000}"), [["anna"], ["li"]]);
        assert!(words(" \u{200d} \u{301} ").is_empty());
    }

    #[test]
    fn a_dash_counts_between_digits_and_in_ids() {
        let word = |in_texts: &str, in_ids: &str| Word {
            in_texts: vec![in_texts.to_owned()],
            in_ids: vec![in_ids.to_owned()],
        };
        assert_eq!(words("E29B‑41D4"), [word("e29b41d4", "e29b-41d4")]);
        assert_eq!(words("1–2"), [word("1-2", "1-2")]);
        assert_eq!(words("b-1-2- -"), [word("b1-2", "b-1-2-")]);
        assert_eq!(spellings("Klasse 1 - 2, R-2–3"), ["klasse 1 2 r2-3"]);
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn every_spelling_has_the_same_words(text in "[äÖüßøÅ a-c\u{308}\u{3000}㈱\u{200d}]{0,12}|\\PC{0,20}") {
            let spaces = |text: &String| text.matches(' ').count();
            let spellings = spellings(&text);
            prop_assert!(spellings.iter().all(|spelling| spaces(spelling) == spaces(&spellings[0])));
        }

        #[test]
        fn every_part_of_a_text_finds_it(text in TEXT, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (from, to) = (*from.get(&places), *to.get(&places));
            let part = &text[from.min(to)..from.max(to)];
            let (texts, ids) = (haystack([text.as_str()]), id_haystack(&text));
            for word in words(part) {
                prop_assert!(word.in_texts.iter().any(|word| texts.contains(word)), "{word:?} {texts:?}");
                prop_assert!(word.in_ids.iter().any(|word| ids.contains(word)), "{word:?} {ids:?}");
            }
        }

        #[test]
        fn what_looks_the_same_is_searched_as_the_same(text in TEXT) {
            let shown = looks::LookKey::of(&text);
            prop_assert_eq!(haystack([text.as_str()]), haystack([shown.as_str()]));
            prop_assert_eq!(words(&text), words(shown.as_str()));
        }
    }

    const TEXT: &str = "[äÖüßøÅé1-3a-c\u{308}\u{200d}\u{a0} ,;<>'’`\"„‑–-]{0,14}|(mailto:)?[a-c'.-]{1,3}@[a-c.-]{1,4}[?.,]?[a1]|\\PC{0,20}";
}
