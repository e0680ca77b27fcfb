//! Text of a server, made safe to show and to log.

/// The text on one line, cut to `max_chars` characters: white space, control characters and characters that
/// are not shown (direction marks, zero-width characters, tags) become spaces.
///
/// None is removed: the text around it would join, and could then read as an error code, or as a token that
/// was not found in it before.
pub fn sanitized(text: &str, max_chars: usize) -> String {
    let visible = text.chars().map(|c| match c {
        c if c.is_whitespace() || c.is_control() || is_invisible(c) => ' ',
        c => c,
    });
    let cut: String = visible.take(max_chars).collect();
    cut.trim().to_owned()
}

/// Unicode's `Default_Ignorable_Code_Point`, and the marks of annotations.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::sanitized;

    /// security.md 58
    #[test]
    fn what_is_not_shown_or_breaks_a_line_becomes_a_space() {
        let hidden = [
            "\0",
            "\u{1b}",
            "\n",
            "\u{7f}",
            "\u{85}",
            "\u{a0}",
            "\u{ad}",
            "\u{61c}",
            "\u{180e}",
            "\u{200b}",
            "\u{200e}",
            "\u{200f}",
            "\u{2028}",
            "\u{2029}",
            "\u{202a}",
            "\u{202e}",
            "\u{2060}",
            "\u{2066}",
            "\u{2069}",
            "\u{206f}",
            "\u{3000}",
            "\u{3164}",
            "\u{feff}",
            "\u{fff9}",
            "\u{e0041}",
        ];
        for c in hidden {
            assert_eq!(sanitized(&format!("a{c}b"), 9), "a b", "{c:?}");
            assert_eq!(sanitized(&format!("{c}a{c}"), 9), "a", "{c:?}");
        }
    }

    #[test]
    fn what_is_shown_stays() {
        for text in ["", "a  b", "äöüßéあ😀", "e\u{301}", "العربية", "<b>\"&\\"] {
            assert_eq!(sanitized(text, 99), text);
        }
    }

    #[test]
    fn it_is_cut_by_characters() {
        assert_eq!(sanitized("ä\n\nbc", 3), "ä");
        assert_eq!(sanitized(&"あ".repeat(1_000), 500), "あ".repeat(500));
        assert_eq!(sanitized("abc", 0), "");
    }
}
