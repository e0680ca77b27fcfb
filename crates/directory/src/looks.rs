//! What a text looks like: which texts are indistinguishable on the screen, and which are easily confused.
//! The only place that defines blanks, ignorable characters, apostrophes, quotes and dashes; [`crate::fold`]
//! builds the search on it. See docs/decisions/0005.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{
    Dash, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, PrependedConcatenationMark,
    WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_security::confusable_detection::skeleton;

/// What a text looks like, with case and accents. Texts with equal keys look the same: they differ at most in
/// invisible characters, in kinds and numbers of blanks, in apostrophes, quotes and dashes, in
/// composition and compatibility forms (NFKC), and in whether emoji are joined to one picture.
///
/// For typed confirmations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookKey(String);

impl LookKey {
    /// The key of a text. The key of an invisible text is empty or consists of combining marks.
    pub fn of(text: &str) -> Self {
        let typed: String = shown(text).collect();
        let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(&typed);
        // Again after NFKC: compatibility forms may contain blanks and quotes.
        Self(single_spaced(shown(&composed)))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a typed text looks the same as a shown one by their [`LookKey`]. An invisible text equals only
/// itself.
///
/// A typed text more than 18 times as long as the shown one, and 64 characters, is not compared: a pasted
/// text of a million marks would be sorted for seconds. NFKC makes at most 18 characters of one, so only
/// blanks and invisible characters can make a text that looks the same longer than that.
pub fn looks_the_same(typed: &str, shown: &str) -> bool {
    let most = shown.chars().count() * 18 + 64;
    typed == shown
        || (typed.chars().nth(most).is_none()
            && is_visible(typed)
            && LookKey::of(typed) == LookKey::of(shown))
}

/// What a text looks like without case. Accents count: "Büro" and "Buro" are two names.
///
/// For names that must be unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameKey(String);

impl NameKey {
    /// The key of a name.
    pub fn of(name: &str) -> Self {
        let folded = CaseMapper::new()
            .fold_string(LookKey::of(name).as_str())
            .into_owned();
        // Case folding can separate a letter from its accent ("ǰ").
        Self(
            ComposingNormalizerBorrowed::new_nfkc()
                .normalize(&folded)
                .into_owned(),
        )
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a name can be confused with, also across scripts: "Mаrketing" with a Cyrillic "а", "Klasse l" and
/// "Klasse 1".
///
/// Only to ask about a new name, never to refuse it: legitimate names can be alike ("Modern", "Modem").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The skeleton (UTS #39, section 4) of the name as it is.
    cased: String,
    /// The skeleton of the name without case.
    caseless: String,
}

impl Likeness {
    /// The likeness of a name.
    pub fn of(name: &str) -> Self {
        Self {
            cased: skeleton(LookKey::of(name).as_str()).collect(),
            caseless: skeleton(NameKey::of(name).as_str()).collect(),
        }
    }

    /// Whether one name can be confused with the other; true also if they look the same.
    pub fn is_like(&self, other: &Self) -> bool {
        self.cased == other.cased || self.caseless == other.caseless
    }
}

/// Whether a text has a visible character: more than blanks, invisible characters, controls and marks.
pub fn is_visible(text: &str) -> bool {
    // Fast path: sorting calls this for every row, and most texts begin with a visible letter.
    if text.as_bytes().first().is_some_and(u8::is_ascii_graphic) {
        return true;
    }
    let mark = |letter: char| !letter.is_ascii() && GeneralCategoryGroup::Mark.contains(category(letter));
    text.chars()
        .any(|letter| plain(letter).is_some_and(|plain| plain != ' ' && !mark(plain)))
}

/// The tags that follow U+1F3F4 in the flags of England, Scotland and Wales, the only such sequences
/// recommended for interchange (RGI, UTS #51). Most systems show others as the black flag.
const FLAG_TAGS: [&str; 3] = [
    "\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// The characters of a text in their [`plain`] form, with the tags that select the picture of a flag.
fn shown(text: &str) -> impl Iterator<Item = char> {
    let mut flag_end = 0;
    text.char_indices().filter_map(move |(at, letter)| {
        if letter == '🏴' {
            let tags_start = at + letter.len_utf8();
            let tags = FLAG_TAGS
                .iter()
                .find(|tags| text[tags_start..].starts_with(**tags));
            flag_end = tags_start + tags.map_or(0, |tags| tags.len());
        }
        if at < flag_end {
            Some(letter)
        } else {
            plain(letter)
        }
    })
}

/// The plain ASCII form of a blank, apostrophe, quote or dash; other characters unchanged; `None` for
/// ignorable ones.
pub(crate) fn plain(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return Some(match letter {
            '`' => '\'',
            _ if letter.is_ascii_control() => ' ',
            _ => letter,
        });
    }
    if is_blank(letter) {
        return Some(' ');
    }
    if is_ignorable(letter) {
        return None;
    }
    Some(match letter {
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '′' | '‵' | '´' | '\u{1ffd}' | '΄' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ'
        | 'ʾ' | 'ʿ' | 'ˈ' | 'ˊ' | 'ˋ' | '՚' | '׳' | 'ߴ' | 'ߵ' | 'ꞌ' | 'Ꞌ' | '❛' | '❜' | '＇' | '｀' => {
            '\''
        }
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '‶' | '‴' | '‷' | 'ʺ' | '˝' | '״' | '〝' | '〞' | '〟'
        | '❝' | '❞' | '＂' => '"',
        '˗' | '⁃' => '-',
        '⁄' | '∕' => '/',
        '×' => 'x',
        _ if CodePointSetData::new::<Dash>().contains(letter) => '-',
        _ => letter,
    })
}

/// Characters shown as blank space. Control characters too: the window draws a blank for them.
fn is_blank(letter: char) -> bool {
    let filler = matches!(
        letter,
        // Hangul fillers, the empty braille pattern, the musical symbol null notehead.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{1d159}'
    );
    filler || letter.is_control() || CodePointSetData::new::<WhiteSpace>().contains(letter)
}

/// Characters that are not shown: joiners, direction marks, soft hyphens, variation selectors, tags (but see
/// [`shown`]). Not the format characters that are drawn around a number (U+0600 and others).
fn is_ignorable(letter: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter)
        || (category(letter) == GeneralCategory::Format
            && !CodePointSetData::new::<PrependedConcatenationMark>().contains(letter))
}

fn category(letter: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(letter)
}

/// The text with each run of spaces replaced by one space, and no spaces at its ends.
pub(crate) fn single_spaced(letters: impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(letters.size_hint().0);
    let mut space = false;
    for letter in letters {
        if letter == ' ' {
            space = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Names as stored by other programs, each with its typed form.
    const SAME: [(&str, &str); 26] = [
        ("Haus  B", "Haus B"),
        ("Haus\u{a0}C", "Haus C"),
        ("Bu\u{308}ro", "Büro"),
        ("Mar\u{200b}keting", "Marketing"),
        ("Mar\u{ad}ke\u{2060}ting\u{feff}", "Marketing"),
        (" \u{2003}Team\tA\n", "Team A"),
        ("Team\u{3000}A\u{202f}1", "Team A 1"),
        ("Team\u{3164}A\u{2800}", "Team A"),
        ("Team\u{1}A", "Team A"),
        ("Liam O’Neill", "Liam O'Neill"),
        ("Liam OʼNeill", "Liam O‘Neill"),
        ("Liam O´Neill", "Liam O`Neill"),
        ("Liam O′Neill", "Liam O＇Neill"),
        ("Müller‑Schmidt", "Müller-Schmidt"),
        ("Meyer–Lang", "Meyer-Lang"),
        ("A — B", "A - B"),
        ("7−b", "7‒b"),
        ("Team―A", "Team‐A"),
        ("„Chor“ “x” «y»", "\"Chor\" \"x\" \"y\""),
        ("ＨＡＵＳ　Ｂ－１", "HAUS B-1"),
        ("ﬁnanz…", "finanz..."),
        ("❤\u{fe0f}", "❤"),
        ("a\u{34f}\u{308}", "ä"),
        ("2 \u{202e}exe.txt\u{2066}", "2 exe.txt"),
        ("3×4", "3x4"),
        ("가\u{200d}", "\u{1100}\u{1161}"),
    ];

    #[test]
    fn what_nobody_can_tell_apart_is_the_same() {
        for (stored, typed) in SAME {
            assert!(looks_the_same(stored, typed), "{stored:?} {typed:?}");
            assert_eq!(NameKey::of(stored), NameKey::of(typed), "{stored:?}");
            assert!(Likeness::of(stored).is_like(&Likeness::of(typed)), "{stored:?}");
        }
    }

    /// A typed text may contain as many ignorable characters as a user could leave in it, and no more.
    #[test]
    fn a_typed_text_far_longer_than_the_name_is_not_compared() {
        for shown in ["", "A", "Haus B"] {
            let most = shown.chars().count() * 18 + 64;
            let padded = |length: usize| {
                let padding = length - shown.chars().count();
                format!("{shown}{}", "\u{200b}".repeat(padding))
            };
            assert_eq!(
                looks_the_same(&padded(most), shown),
                !shown.is_empty(),
                "{shown:?}"
            );
            assert!(!looks_the_same(&padded(most + 1), shown), "{shown:?}");
        }
        // The longest compatibility form.
        let shown = "\u{fdfa}".repeat(200);
        let typed = LookKey::of(&shown);
        assert_eq!(typed.as_str().chars().count(), 200 * 18);
        assert!(looks_the_same(typed.as_str(), &shown));
        // A long name is still confirmed by a short text, and by a copy of itself.
        let shown = format!("A{}", "\u{200b}".repeat(254));
        assert!(looks_the_same("A", &shown) && looks_the_same(&shown, &shown));
    }

    #[test]
    fn case_accents_and_letters_count_in_a_confirmation() {
        for (one, other) in [
            ("Haus B", "haus b"),
            ("Büro", "Buro"),
            ("Straße", "Strasse"),
            ("Haus B", "HausB"),
            ("Müller-Schmidt", "Müller Schmidt"),
            ("O'Neill", "ONeill"),
            ("1-2", "12"),
            ("Mаrketing", "Marketing"),
            ("", "a"),
            ("\u{200b}", " "),
            ("\u{200b}", ""),
        ] {
            assert!(!looks_the_same(one, other), "{one:?} {other:?}");
        }
    }

    const ENGLAND: &str = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
    const SCOTLAND: &str = "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
    const WALES: &str = "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}";

    const FLAG_PARTS: &[&str] = &[ENGLAND, WALES, "🏴", "\u{200b}", "\u{e0067}", "\u{e007f}", "a"];

    #[test]
    fn emoji_that_are_drawn_differently_differ() {
        for (one, other) in [
            (ENGLAND, SCOTLAND),
            (SCOTLAND, WALES),
            (WALES, ENGLAND),
            (ENGLAND, "🏴"),
            (&format!("{SCOTLAND}{ENGLAND}"), &format!("{ENGLAND}{SCOTLAND}")),
            // Regional indicators, a keycap, skin tones.
            ("🇩🇪", "🇫🇷"),
            ("1\u{fe0f}\u{20e3}", "1"),
            ("1\u{fe0f}\u{20e3}", "2\u{fe0f}\u{20e3}"),
            ("👍🏻", "👍🏿"),
            ("👍🏻", "👍"),
        ] {
            let (one, other) = (format!("Team {one} A"), format!("Team {other} A"));
            assert!(!looks_the_same(&one, &other), "{one:?} {other:?}");
            assert_ne!(NameKey::of(&one), NameKey::of(&other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn emoji_that_are_drawn_alike_somewhere_are_the_same() {
        for (one, other) in [
            // Tags of no RGI flag show the black flag, and tags elsewhere show nothing.
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}", "🏴"),
            ("🏴\u{e0078}\u{e007f}", "🏴"),
            (
                "🏴\u{200b}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
                "🏴",
            ),
            ("A\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "A"),
            (&format!("{ENGLAND}\u{e007f}"), ENGLAND),
            (&format!("{ENGLAND}\u{fe0f}"), ENGLAND),
            // Text and emoji style.
            ("☎\u{fe0e}", "☎\u{fe0f}"),
            ("1\u{fe0f}\u{20e3}", "1\u{20e3}"),
            // A font without the joined picture draws its parts.
            ("👨\u{200d}👩\u{200d}👧", "👨👩👧"),
        ] {
            assert!(looks_the_same(one, other), "{one:?} {other:?}");
            assert_eq!(NameKey::of(one), NameKey::of(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_name_is_taken_whatever_its_case_but_not_its_accents() {
        assert_eq!(NameKey::of("Haus\u{a0}B"), NameKey::of("HAUS b"));
        assert_eq!(NameKey::of("STRASSE"), NameKey::of("Straße"));
        assert_eq!(NameKey::of("J\u{30c}an"), NameKey::of("ǰan"));
        assert_ne!(NameKey::of("Büro"), NameKey::of("Buro"));
    }

    #[test]
    fn names_that_can_be_mistaken_are_alike() {
        for (one, other) in [
            ("Mаrketing", "Marketing"),
            ("MАRKETING", "Marketing"),
            ("НАUS", "HAUS"),
            ("Ηaus", "Haus"),
            ("Klasse l", "Klasse 1"),
            ("Klasse I", "Klasse l"),
            ("Raum 1O", "Raum 10"),
            ("Marketing\u{200b}", "marketing"),
        ] {
            assert!(
                Likeness::of(one).is_like(&Likeness::of(other)),
                "{one:?} {other:?}"
            );
        }
        for (one, other) in [
            ("Haus A", "Haus B"),
            ("Klasse 7a", "Klasse 7b"),
            ("Büro", "Buro"),
            ("Chor", "Chöre"),
            ("Отдел", "Otdel"),
        ] {
            assert!(
                !Likeness::of(one).is_like(&Likeness::of(other)),
                "{one:?} {other:?}"
            );
        }
    }

    #[test]
    fn a_name_is_visible_where_it_holds_more_than_room() {
        for nothing in [
            "",
            " \t\n\u{a0}\u{2003}\u{3000}",
            "\u{200b}\u{200d}\u{feff}\u{ad}",
            "\u{202e}\u{2066}\u{e0041}",
            "\u{301}\u{20dd}",
            "\u{3164}\u{115f}\u{ffa0}",
            "\u{2800}\u{1d159}",
            "\u{0}\u{7f}\u{85}",
        ] {
            assert!(!is_visible(nothing), "{nothing:?}");
        }
        for something in ["a", "\u{200b}-", "1", "❤", "の", "´", "\u{600}", "e\u{301}"] {
            assert!(is_visible(something), "{something:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_looks_like_its_text_and_that_of_an_invisible_text_is_invisible(
            text in any::<String>(),
            other in "\\PC{0,9}",
            flags in prop::collection::vec(prop::sample::select(FLAG_PARTS), 0..6),
        ) {
            for text in [&text, &other, &flags.concat()] {
                let key = LookKey::of(text);
                prop_assert_eq!(LookKey::of(key.as_str()), key.clone());
                prop_assert!(is_visible(text) || !is_visible(key.as_str()));
            }
        }

        #[test]
        fn what_looks_the_same_has_the_same_name_and_is_alike(
            text in "[a-zA-ZäÖßø'’\u{2011}–\u{200b}\u{a0} 1I]{0,10}|\\PC{0,12}",
        ) {
            let shown = LookKey::of(&text);
            prop_assert_eq!(NameKey::of(&text), NameKey::of(shown.as_str()));
            prop_assert_eq!(Likeness::of(&text), Likeness::of(shown.as_str()));
        }
    }
}
