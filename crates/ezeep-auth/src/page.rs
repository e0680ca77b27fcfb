//! The pages that the browser shows after its return: fixed texts, nothing of the request in them
//! (security.md 12). Must never contain a script, load anything, or say more than that the user can go back
//! to the app.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The kind of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// The answer was accepted.
    Done,
    /// It failed, for any reason.
    Refused,
    /// It was the answer of another sign-in than the pending one.
    AnotherSignIn,
}

/// The language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
}

impl Language {
    /// The first language of an `Accept-Language` header; English for any other, or if there is none.
    pub(crate) fn preferred(accept_language: &str) -> Self {
        let first = accept_language
            .split([',', ';', '-'])
            .next()
            .unwrap_or_default()
            .trim();
        if first.eq_ignore_ascii_case("de") {
            Self::German
        } else {
            Self::English
        }
    }
}

/// The page as HTML.
pub(crate) fn html(page: Page, language: Language) -> &'static str {
    match (page, language) {
        (Page::Done, Language::English) => &DONE_EN,
        (Page::Done, Language::German) => &DONE_DE,
        (Page::Refused, Language::English) => &REFUSED_EN,
        (Page::Refused, Language::German) => &REFUSED_DE,
        (Page::AnotherSignIn, Language::English) => &ANOTHER_EN,
        (Page::AnotherSignIn, Language::German) => &ANOTHER_DE,
    }
}

/// The header that allows the page's own style and nothing else.
pub(crate) fn content_security_policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    });
    &POLICY
}

static DONE_EN: LazyLock<String> = LazyLock::new(|| {
    document(
        "en",
        DONE_MARK,
        "Almost there",
        "You can close this tab and go back to Pressroom.",
        "Pressroom finishes the sign-in.",
    )
});
static DONE_DE: LazyLock<String> = LazyLock::new(|| {
    document(
        "de",
        DONE_MARK,
        "Fast geschafft",
        "Sie können diesen Tab schließen und zu Pressroom zurückkehren.",
        "Pressroom schließt die Anmeldung ab.",
    )
});
static REFUSED_EN: LazyLock<String> = LazyLock::new(|| {
    document(
        "en",
        REFUSED_MARK,
        "The sign-in was not completed",
        "You can close this tab and go back to Pressroom.",
        "It tells you what you can do next.",
    )
});
static REFUSED_DE: LazyLock<String> = LazyLock::new(|| {
    document(
        "de",
        REFUSED_MARK,
        "Die Anmeldung wurde nicht abgeschlossen",
        "Sie können diesen Tab schließen und zu Pressroom zurückkehren.",
        "Dort steht, wie es weitergeht.",
    )
});

static ANOTHER_EN: LazyLock<String> = LazyLock::new(|| {
    document(
        "en",
        REFUSED_MARK,
        "This tab belongs to another sign-in",
        "Close it and finish the sign-in in the newest tab.",
        "If there is none, choose “Open the browser again” in Pressroom.",
    )
});
static ANOTHER_DE: LazyLock<String> = LazyLock::new(|| {
    document(
        "de",
        REFUSED_MARK,
        "Dieser Tab gehört zu einer anderen Anmeldung",
        "Schließen Sie diesen Tab, und setzen Sie die Anmeldung im neuesten Tab fort.",
        "Gibt es keinen neueren Tab, wählen Sie in Pressroom „Browser erneut öffnen“.",
    )
});

/// The app's own mark and colors, so that the user recognizes the page.
const STYLE: &str = "\
:root{color-scheme:light dark;--canvas:#f6f6f4;--surface:#fff;--line:#e4e4df;--ink:#1b1d1f;--ink-2:#5c6066;\
--accent:#0b5cad;--accent-ink:#fff;--good:#1a7f4b;--good-wash:#e5f4ec;--warn:#8a5a00;--warn-wash:#fdf3dc;\
--shadow:0 1px 2px rgb(20 22 25/.05),0 12px 32px rgb(20 22 25/.08)}\
@media(prefers-color-scheme:dark){:root{--canvas:#141517;--surface:#1a1c1f;--line:#2a2d31;--ink:#e9eaec;\
--ink-2:#a3a8af;--accent:#6db3f8;--accent-ink:#08131f;--good:#5cc98d;--good-wash:#14291f;--warn:#e2b04a;\
--warn-wash:#2c2412;--shadow:0 1px 2px rgb(0 0 0/.3),0 16px 40px rgb(0 0 0/.35)}}\
*{box-sizing:border-box;margin:0}\
html{height:100%}\
body{min-height:100%;display:grid;place-items:center;padding:24px;border-top:3px solid var(--accent);\
background:var(--canvas);color:var(--ink);\
font:400 15px/24px \"Inter Variable\",Inter,system-ui,\"Segoe UI\",Roboto,sans-serif;-webkit-font-smoothing:antialiased}\
main{width:100%;max-width:440px;padding:32px;background:var(--surface);border:1px solid var(--line);\
border-radius:12px;box-shadow:var(--shadow)}\
header{display:flex;align-items:center;gap:10px;margin-bottom:28px;font-size:14px;font-weight:600;color:var(--ink-2)}\
header svg{width:24px;height:24px}\
.sign{width:40px;height:40px;padding:10px;border-radius:50%;margin-bottom:16px}\
.sign svg{display:block;width:20px;height:20px}\
.good{background:var(--good-wash);color:var(--good)}\
.warn{background:var(--warn-wash);color:var(--warn)}\
h1{font-size:22px;line-height:30px;font-weight:600;letter-spacing:-.012em;margin-bottom:8px;text-wrap:balance}\
p{color:var(--ink-2)}\
p.lead{color:var(--ink)}\
.tile{fill:var(--accent)}.lines{fill:none;stroke:var(--accent-ink);stroke-width:2;stroke-linecap:round}\
.dot{fill:var(--accent-ink)}\
.stroke{fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}";

const DONE_MARK: &str = r#"<div class="sign good" aria-hidden="true"><svg viewBox="0 0 20 20"><path class="stroke" d="M4 10.5l4 4 8-9"/></svg></div>"#;
const REFUSED_MARK: &str = r#"<div class="sign warn" aria-hidden="true"><svg viewBox="0 0 20 20"><path class="stroke" d="M10 4.5v6.5M10 15v.01"/></svg></div>"#;

fn document(language: &str, mark: &str, title: &str, lead: &str, after: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title} · Pressroom</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<header><svg viewBox="0 0 32 32" aria-hidden="true"><rect class="tile" width="32" height="32" rx="8"/><path class="lines" d="M7 9h18M7 15h18M7 21h9"/><circle class="dot" cx="23" cy="21" r="3"/></svg>Pressroom</header>
{mark}
<h1>{title}</h1>
<p class="lead">{lead}</p>
<p>{after}</p>
</main>
</body>
</html>
"#
    )
}
