//! Text typed on a plain keyboard, pasted or copied from other programs finds the stored spelling.
#![allow(clippy::unwrap_used, reason = "helpers of a test")]

use directory::{Directory, Group, GroupColumn, Person, Sort, UserColumn, UserScope};
use ids::UserId;

fn directory() -> Directory {
    let people = [
        ("u-oneill", "Liam O’Neill", "liam.o'neill@nord-west.example"),
        ("u-daly", "Mary O'Daly", "mary@north.example"),
        ("u-ms", "Anna Müller‑Schmidt", "anna-lena.mueller@nord.example"),
        ("u-lang", "Uwe Meyer–Lang", "uwe@sued.example"),
        ("u-first", "Hans Weber", "hans.weber@sued.example"),
        ("u-last", "Weber, Ute", "ute@sued.example"),
        ("u-double", "Ida\u{a0}\u{a0}Kurz", "ida@sued.example"),
        ("u-hidden", "Tho\u{200b}mas Ra\u{ad}be", "thomas@sued.example"),
        ("u-wide", "ＫＡＲＬ　ＯＴＴ", "karl@sued.example"),
        ("u-quoted", "Johann „Hansi“ Krüger", "jk@sued.example"),
        (
            "550e8400-e29b-41d4-a716-446655440000",
            "Uta Id",
            "uta@sued.example",
        ),
    ];
    let people = people.map(|(id, name, email)| Person::new(id.parse().unwrap(), name, email));
    let groups = [
        ("g-b", "Haus  B"),
        ("g-c", "Haus\u{a0}C"),
        ("g-buero", "Bu\u{308}ro"),
        ("g-marketing", "Mar\u{200b}keting"),
        ("g-12", "Klasse 1-2"),
        ("g-112", "Klasse 112"),
        ("g-years", "Jahrgang 2024–2025"),
        ("g-it1", "IT‑1"),
        ("g-sale", "Etage 1,5"),
    ];
    let groups = groups.map(|(id, name)| Group::new(id.parse().unwrap(), name));
    Directory::build(people.into(), groups.into())
}

fn found(directory: &Directory, search: &str) -> Vec<String> {
    let scope = UserScope {
        search: search.to_owned(),
        ..UserScope::default()
    };
    let ids = directory.matching(&scope).into_iter();
    ids.map(|id: UserId| id.to_string()).collect()
}

fn groups_found(directory: &Directory, search: &str) -> Vec<String> {
    let window = directory.groups(search, Sort::ascending(GroupColumn::Name), 0, 100);
    let ids = window.rows.into_iter();
    ids.map(|info| info.group.id.to_string()).collect()
}

/// The search, and the person it must find.
fn each_finds(directory: &Directory, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(search, id)| {
            let found = found(directory, search);
            (found != [*id]).then(|| format!("{search:?} finds {found:?} and not {id}"))
        })
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn apostrophes_of_every_kind_and_none_find_each_other() {
    each_finds(
        &directory(),
        &[
            ("O'Neill", "u-oneill"),
            ("o’neill", "u-oneill"),
            ("OʼNeill", "u-oneill"),
            ("O`Neill", "u-oneill"),
            ("o´neill", "u-oneill"),
            ("O＇Neill", "u-oneill"),
            ("ONeill", "u-oneill"),
            ("liam o'", "u-oneill"),
            ("o'n", "u-oneill"),
            ("O‘Daly", "u-daly"),
            ("ODaly", "u-daly"),
            ("mary o′d", "u-daly"),
        ],
    );
}

#[test]
fn dashes_of_every_kind_and_none_find_each_other() {
    each_finds(
        &directory(),
        &[
            ("Müller-Schmidt", "u-ms"),
            ("Mueller-Schmidt", "u-ms"),
            ("mueller–schmidt", "u-ms"),
            ("muellerschmidt", "u-ms"),
            ("Mueller Schmidt", "u-ms"),
            ("müller-", "u-ms"),
            ("müller-s", "u-ms"),
            ("-schmidt", "u-ms"),
            ("Meyer-Lang", "u-lang"),
            ("Meyer‑Lang", "u-lang"),
            ("Meyer − Lang", "u-lang"),
            ("uwe meyer lang", "u-lang"),
        ],
    );
}

#[test]
fn a_name_turned_around_quoted_or_with_an_address_finds_its_person() {
    each_finds(
        &directory(),
        &[
            ("Weber, Hans", "u-first"),
            ("Weber,Hans", "u-first"),
            ("Weber; Hans", "u-first"),
            ("Weber，Hans", "u-first"),
            ("Ute Weber", "u-last"),
            ("ute weber,", "u-last"),
            ("Hans Weber <hans.weber@sued.example>", "u-first"),
            ("\"Weber, Hans\" <hans.weber@sued.example>;", "u-first"),
            ("<hans.weber@sued.example>", "u-first"),
            ("(hans.weber@sued.example).", "u-first"),
            ("mailto:hans.weber@sued.example", "u-first"),
            ("<MAILTO:hans.weber@sued.example?subject=x>", "u-first"),
            ("hans.weber＠sued.example", "u-first"),
            ("'hans.weber@sued.example'", "u-first"),
            ("Johann \"Hansi\" Krüger", "u-quoted"),
            ("«hansi»", "u-quoted"),
        ],
    );
}

#[test]
fn blanks_of_every_kind_and_what_nobody_sees_do_not_count() {
    each_finds(
        &directory(),
        &[
            ("ida kurz", "u-double"),
            ("  Ida \t Kurz\n", "u-double"),
            ("ida\u{2003}kurz", "u-double"),
            ("thomas rabe", "u-hidden"),
            ("Tho\u{2060}mas\u{feff}", "u-hidden"),
            ("karl ott", "u-wide"),
            ("ｋａｒｌ", "u-wide"),
            ("ida\u{3164}kurz", "u-double"),
        ],
    );
    assert_eq!(found(&directory(), "thomas raabe"), [""; 0]);
}

#[test]
fn addresses_and_ids_with_dashes_and_dots_are_found_by_their_parts() {
    each_finds(
        &directory(),
        &[
            ("anna-lena.mueller@nord.example", "u-ms"),
            ("anna-lena", "u-ms"),
            ("lena.mueller@nord", "u-ms"),
            ("nord-west.example", "u-oneill"),
            ("west.example", "u-oneill"),
            ("o'neill@nord-west", "u-oneill"),
            ("liam.oneill@nord", "u-oneill"),
            (
                "550e8400-e29b-41d4-a716-446655440000",
                "550e8400-e29b-41d4-a716-446655440000",
            ),
            ("550E8400‑E29B", "550e8400-e29b-41d4-a716-446655440000"),
            ("e29b-41d4-", "550e8400-e29b-41d4-a716-446655440000"),
            ("u-lang", "u-lang"),
        ],
    );
}

#[test]
fn groups_are_found_by_what_the_screen_shows_and_by_nothing_less() {
    let directory = directory();
    for (search, found) in [
        ("Haus B", &["g-b"][..]),
        ("Haus C", &["g-c"]),
        ("haus\u{a0}b", &["g-b"]),
        ("Büro", &["g-buero"]),
        ("buero", &["g-buero"]),
        ("Marketing", &["g-marketing"]),
        ("Klasse 1-2", &["g-12"]),
        ("1–2", &["g-12"]),
        ("2024-2025", &["g-years"]),
        ("2024-", &["g-years"]),
        ("IT-1", &["g-it1"]),
        ("it1", &["g-it1"]),
        ("1,5", &["g-sale"]),
        ("etage 1,", &["g-sale"]),
        ("Klasse, 112", &["g-112"]),
        ("g-buero", &["g-buero"]),
    ] {
        assert_eq!(groups_found(&directory, search), found, "{search:?}");
    }
}

#[test]
fn a_search_of_nothing_that_is_searched_is_no_search() {
    let directory = directory();
    for nothing in ["-", "'", " , ; ", "\u{200b}", "mailto:", "<>", "\u{3164}", "\"\""] {
        assert_eq!(found(&directory, nothing).len(), 11, "{nothing:?}");
    }
}

#[test]
fn the_first_letters_of_a_name_find_it_in_the_list_however_it_is_spelled() {
    let directory = directory();
    let sort = Sort::ascending(UserColumn::Name);
    for (typed, id) in [
        ("liam o'n", "u-oneill"),
        ("liam on", "u-oneill"),
        ("anna müller-s", "u-ms"),
        ("anna muellers", "u-ms"),
        ("uwe meyer-", "u-lang"),
        ("weber ute", "u-last"),
        ("weber, u", "u-last"),
        ("ida k", "u-double"),
        ("thomas", "u-hidden"),
        ("johann \"h", "u-quoted"),
    ] {
        let place = directory.user_starting(&UserScope::default(), sort, typed, 0);
        assert_eq!(
            place.map(|place| place.id.to_string()).as_deref(),
            Some(id),
            "{typed:?}"
        );
    }
}
