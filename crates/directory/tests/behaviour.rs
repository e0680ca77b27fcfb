//! What users of the directory can rely on, one sentence per test.
#![allow(clippy::unwrap_used, reason = "helpers of a test")]

use std::str::FromStr;

use directory::{
    Directory, Group, GroupColumn, Origin, Person, PrintSetting, PrintSettings, Role, Sort, UserColumn,
    UserScope, UserState,
};
use ids::{GroupId, InvalidId, UserId};

fn id<Id: FromStr<Err = InvalidId>>(text: &str) -> Id {
    text.parse().unwrap()
}

fn person(id: &str, name: &str, groups: &[&str]) -> Person {
    let email = format!("{id}@school.example");
    Person {
        groups: groups.iter().map(|id| GroupId::try_from(*id).unwrap()).collect(),
        ..Person::new(id.parse().unwrap(), name, email)
    }
}

fn named(names: &[&str]) -> Directory {
    let people = names
        .iter()
        .enumerate()
        .map(|(number, name)| person(&format!("id-{number}"), name, &[]));
    Directory::build(people.collect(), vec![])
}

fn search(directory: &Directory, search: &str) -> Vec<String> {
    let scope = UserScope {
        search: search.to_owned(),
        ..UserScope::default()
    };
    let window = directory.users(&scope, Sort::ascending(UserColumn::Name), 0, 100);
    assert_eq!(window.matched as usize, window.rows.len());
    window.rows.into_iter().map(|person| person.name).collect()
}

fn ids(directory: &Directory, scope: &UserScope) -> Vec<String> {
    directory
        .matching(scope)
        .into_iter()
        .map(|id| id.to_string())
        .collect()
}

fn sorted(directory: &Directory, sort: Sort<UserColumn>) -> Vec<String> {
    let rows = directory.users(&UserScope::default(), sort, 0, 100).rows;
    rows.into_iter().map(|person| person.id.to_string()).collect()
}

#[test]
fn a_search_forgives_case_and_accents_in_either_direction() {
    let directory = named(&[
        "Zoë Ångström",
        "Łukasz Wójcik",
        "Søren Æbelø",
        "Đorđe Šarić",
        "Yılmaz İnci",
        "Weiß",
    ]);
    for (text, found) in [
        ("zoe angstrom", "Zoë Ångström"),
        ("ZOÉ", "Zoë Ångström"),
        ("lukasz wojcik", "Łukasz Wójcik"),
        ("soren aebelo", "Søren Æbelø"),
        ("soeren", "Søren Æbelø"),
        ("dorde saric", "Đorđe Šarić"),
        ("yilmaz inci", "Yılmaz İnci"),
        ("weiss", "Weiß"),
        ("WEISS", "Weiß"),
    ] {
        assert_eq!(search(&directory, text), [found], "{text}");
    }
}

#[test]
fn an_umlaut_is_found_by_its_letter_by_its_transcription_and_by_itself() {
    let directory = named(&["Jörg Müller", "Petra Mueller", "Manuel Muller"]);
    assert_eq!(search(&directory, "mueller"), ["Jörg Müller", "Petra Mueller"]);
    assert_eq!(search(&directory, "muller"), ["Jörg Müller", "Manuel Muller"]);
    assert_eq!(
        search(&directory, "müller"),
        ["Jörg Müller", "Manuel Muller", "Petra Mueller"]
    );
    assert_eq!(search(&directory, "mu\u{308}ller jorg"), ["Jörg Müller"]);
    assert_eq!(search(&directory, "nuel"), ["Manuel Muller"]);
}

#[test]
fn words_of_any_script_are_found() {
    let directory = named(&["山田 太郎", "أحمد علي", "Νίκος Παπάς", "Дмитрий Ёлкин", "김민수"]);
    for (text, found) in [
        ("太郎 山", "山田 太郎"),
        ("山田　太郎", "山田 太郎"),
        ("احمد", "أحمد علي"),
        ("ΝΙΚΟΣ παπας", "Νίκος Παπάς"),
        ("елкин", "Дмитрий Ёлкин"),
        ("민수", "김민수"),
    ] {
        assert_eq!(search(&directory, text), [found], "{text}");
    }
}

#[test]
fn every_word_must_be_found_in_any_order_and_anywhere_in_name_address_or_id() {
    let directory = Directory::build(
        vec![
            Person::new(id("7f3a-11"), "Anna Berg", "a.berg@nord.example"),
            Person::new(id("9c0d-22"), "Annabel Thal", "thal@sued.example"),
        ],
        vec![],
    );
    assert_eq!(search(&directory, "berg anna"), ["Anna Berg"]);
    assert_eq!(search(&directory, "nna"), ["Anna Berg", "Annabel Thal"]);
    assert_eq!(search(&directory, "@SUED ann"), ["Annabel Thal"]);
    assert_eq!(search(&directory, "3A-1 nord"), ["Anna Berg"]);
    assert_eq!(search(&directory, "anna paula"), [""; 0]);
    assert_eq!(
        search(&directory, "berga"),
        [""; 0],
        "a word does not run from one field into the next"
    );
    assert_eq!(
        search(&directory, " \t\u{200b}"),
        ["Anna Berg", "Annabel Thal"],
        "nothing to see is no search"
    );
}

#[test]
fn an_address_is_found_by_any_part_of_it_also_across_its_at_sign() {
    let directory = Directory::build(
        vec![
            Person::new(id("1"), "anna@", "ben@nord.example"),
            Person::new(id("2"), "Cem", "cem.anna@nord.example"),
            Person::new(id("3"), "Dora", "do@ra@süd.example"),
            Person::new(id("4"), "Emil", "emil"),
        ],
        vec![],
    );
    assert_eq!(
        search(&directory, "anna@nord"),
        ["Cem"],
        "a name that ends in @ is no address"
    );
    assert_eq!(search(&directory, "ben@NORD.example"), ["anna@"]);
    assert_eq!(search(&directory, "@nord"), ["anna@", "Cem"]);
    assert_eq!(search(&directory, "n@n"), ["anna@"]);
    assert_eq!(search(&directory, "a@n"), ["Cem"]);
    assert_eq!(search(&directory, "o@ra@sued"), ["Dora"]);
    assert_eq!(search(&directory, "ra＠süd"), ["Dora"]);
    assert_eq!(search(&directory, "@"), ["anna@", "Cem", "Dora"]);
    assert_eq!(search(&directory, "emil@"), [""; 0]);
    assert_eq!(
        search(&directory, "n@ord"),
        [""; 0],
        "what stands at the at sign must meet"
    );
}

#[test]
fn hostile_text_is_only_text() {
    let long = "x".repeat(10_000);
    let directory = named(&["<b>\u{202e}gpj.exe</b>\0\n", &long, "👩‍👩‍👧 %_*\\"]);
    assert_eq!(search(&directory, "<B>gpj"), ["<b>\u{202e}gpj.exe</b>\0\n"]);
    assert_eq!(search(&directory, &long), [long.as_str()]);
    assert_eq!(search(&directory, "%_*\\"), ["👩‍👩‍👧 %_*\\"]);
    assert_eq!(search(&directory, "👧"), ["👩‍👩‍👧 %_*\\"]);
    assert_eq!(
        search(&directory, &"a ".repeat(10_000)).len(),
        3,
        "every address holds an a"
    );
}

#[test]
fn names_sort_as_people_expect_and_the_nameless_come_last_by_address() {
    let mut people = vec![
        person("1", "Zoe", &[]),
        person("2", "Ärger 10", &[]),
        person("3", "Arger 9", &[]),
    ];
    people.push(Person::new(id("4"), "", "b@x"));
    people.push(Person::new(id("5"), "", "a@x"));
    people.push(Person::new(id("6"), "", ""));
    let directory = Directory::build(people, vec![]);
    assert_eq!(
        sorted(&directory, Sort::ascending(UserColumn::Name)),
        ["3", "2", "1", "5", "4", "6"]
    );
    assert_eq!(
        sorted(&directory, Sort::descending(UserColumn::Name)),
        ["1", "2", "3", "5", "4", "6"]
    );
    assert_eq!(
        sorted(&directory, Sort::descending(UserColumn::Email)),
        ["4", "5", "3", "2", "1", "6"]
    );
}

#[test]
fn descending_turns_the_column_and_leaves_ties_by_name() {
    let people = vec![
        Person {
            role: Role::User,
            ..person("1", "Cem", &[])
        },
        Person {
            role: Role::Admin,
            ..person("2", "Bea", &[])
        },
        Person {
            role: Role::User,
            ..person("3", "Ali", &[])
        },
    ];
    let directory = Directory::build(people, vec![]);
    assert_eq!(
        sorted(&directory, Sort::ascending(UserColumn::Role)),
        ["2", "3", "1"]
    );
    assert_eq!(
        sorted(&directory, Sort::descending(UserColumn::Role)),
        ["3", "1", "2"]
    );
}

#[test]
fn filters_narrow_each_other_and_values_of_one_filter_widen_it() {
    let on = PrintSettings {
        local_printing: true,
        ..PrintSettings::default()
    };
    let people = vec![
        Person {
            role: Role::Admin,
            settings: Some(on),
            ..person("1", "A", &["g"])
        },
        Person {
            role: Role::User,
            settings: Some(PrintSettings::default()),
            ..person("2", "B", &["h"])
        },
        Person {
            role: Role::User,
            settings: None,
            state: UserState::AccountOnly,
            ..person("3", "C", &[])
        },
    ];
    let directory = Directory::build(people, vec![]);
    let everyone = UserScope::default();
    let users = UserScope {
        roles: vec![Role::User],
        ..everyone.clone()
    };
    assert_eq!(ids(&directory, &users), ["2", "3"]);
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                roles: vec![Role::User, Role::Admin],
                ..everyone.clone()
            }
        ),
        ["1", "2", "3"]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                states: vec![UserState::AccountOnly],
                ..users.clone()
            }
        ),
        ["3"]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                groups: vec![id("g"), id("h")],
                ..everyone.clone()
            }
        ),
        ["1", "2"]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                groups: vec![id("g")],
                ..users.clone()
            }
        ),
        [""; 0]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                groups: vec![id("nobodys")],
                ..everyone.clone()
            }
        ),
        [""; 0]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                no_group: true,
                ..everyone.clone()
            }
        ),
        ["3"]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                no_group: true,
                groups: vec![id("g")],
                ..everyone.clone()
            }
        ),
        ["1", "3"]
    );
    let local = |on| UserScope {
        settings: vec![(PrintSetting::LocalPrinting, on)],
        ..UserScope::default()
    };
    assert_eq!(ids(&directory, &local(true)), ["1"]);
    assert_eq!(
        ids(&directory, &local(false)),
        ["2"],
        "settings that are not known are neither on nor off"
    );
}

#[test]
fn a_window_behind_the_end_is_empty_and_still_counts() {
    let directory = named(&["A", "B", "C"]);
    for descending in [false, true] {
        let sort = Sort {
            column: UserColumn::Name,
            descending,
        };
        let window = directory.users(&UserScope::default(), sort, 7, 5);
        assert_eq!(
            (window.total, window.matched, window.offset, window.rows.len()),
            (3, 3, 7, 0)
        );
        assert_eq!(
            directory
                .users(&UserScope::default(), sort, 2, u32::MAX)
                .rows
                .len(),
            1
        );
    }
}

#[test]
fn who_is_half_read_is_not_said_to_be_in_no_group() {
    let half = Person {
        state: UserState::Unsettled,
        ..person("1", "A", &[])
    };
    let mut directory = Directory::build(vec![half.clone(), person("2", "B", &[])], vec![]);
    let none = UserScope {
        no_group: true,
        ..UserScope::default()
    };
    assert_eq!(ids(&directory, &none), ["2"]);
    directory.upsert_person(Person {
        settings: Some(PrintSettings::default()),
        ..half.clone()
    });
    assert_eq!(
        ids(&directory, &none),
        ["1", "2"],
        "the printing server names no group"
    );
    directory.upsert_person(half.clone());
    assert_eq!(ids(&directory, &none), ["2"]);
    directory.upsert_person(Person {
        state: UserState::AccountOnly,
        ..half
    });
    assert_eq!(
        ids(&directory, &none),
        ["1", "2"],
        "surely unknown to the printing server"
    );
}

#[test]
fn an_empty_directory_answers_everything_with_nothing() {
    let mut directory = Directory::default();
    let by_name = Sort::ascending(UserColumn::Name);
    let scope = UserScope {
        no_group: true,
        groups: vec![id("g")],
        search: "x".to_owned(),
        ..UserScope::default()
    };
    assert_eq!(directory.users(&scope, by_name, 0, 10).rows, []);
    assert_eq!(directory.members(&id("g"), "", by_name, 0, 10).total, 0);
    assert_eq!(directory.groups_of(&id("u")), []);
    assert!(!directory.set_groups(&id("u"), &[id("g")]) && !directory.remove_group(&id("g")));
    directory.set_members(&id("g"), &[id("u")]);
    assert_eq!(directory.totals(), (0, 0));
}

#[test]
fn a_group_that_only_people_name_is_kept_until_nobody_is_in_it() {
    let mut directory = Directory::build(vec![person("u", "A", &["ghost"])], vec![]);
    let ghost = GroupId::try_from("ghost").unwrap();
    assert_eq!(directory.totals(), (1, 0));
    assert_eq!(directory.group(&ghost), None);
    let shown = directory.person(&id("u")).unwrap();
    assert_eq!(
        directory.group_refs(&shown, 3),
        [(ghost.clone(), "ghost".to_owned())]
    );
    let infos = directory.groups_of(&id("u"));
    assert_eq!((infos[0].group.name.as_str(), infos[0].members), ("ghost", 1));
    assert_eq!(infos[0].group.origin, Origin::Other(String::new()));

    directory.upsert_group(Group::new(id("ghost"), "Lehrkräfte"));
    assert_eq!(
        directory.group(&ghost).unwrap().members,
        1,
        "it is described now, and has its member"
    );
    assert!(directory.remove_group(&ghost));
    assert_eq!(directory.person(&id("u")).unwrap().groups, []);

    assert!(directory.set_groups(&id("u"), std::slice::from_ref(&ghost)));
    assert!(directory.set_groups(&id("u"), &[]));
    assert!(!directory.remove_group(&ghost), "it went with its last member");
}

#[test]
fn set_members_adds_and_removes_until_exactly_the_known_people_are_in() {
    let people = vec![
        person("1", "A", &["g", "h"]),
        person("2", "B", &["h"]),
        person("3", "C", &["g"]),
    ];
    let mut directory = Directory::build(people, vec![Group::new(id("g"), "G"), Group::new(id("h"), "H")]);
    directory.set_members(&id("g"), &[id("2"), id("3"), id("2"), id("stranger")]);
    let groups = |id: &str| -> Vec<String> {
        directory
            .groups_of(&UserId::try_from(id).unwrap())
            .into_iter()
            .map(|info| info.group.name)
            .collect()
    };
    assert_eq!(
        [groups("1"), groups("2"), groups("3")],
        [vec!["H"], vec!["G", "H"], vec!["G"]]
    );
    let window = directory.members(&id("g"), "b", Sort::ascending(UserColumn::Name), 0, 10);
    assert_eq!((window.total, window.matched), (2, 1));
}

#[test]
fn groups_are_searched_and_sorted_like_people() {
    let mut groups = vec![
        Group::new(id("1"), "Klasse 10a"),
        Group::new(id("2"), "Klasse 7b"),
        Group::new(id("3"), ""),
    ];
    groups[0].description = "Frau Müller".to_owned();
    groups[2].printers = 4;
    let directory = Directory::build(vec![person("u", "A", &["1"])], groups);
    let ids = |search: &str, sort: Sort<GroupColumn>| -> Vec<String> {
        directory
            .groups(search, sort, 0, 10)
            .rows
            .into_iter()
            .map(|info| info.group.id.to_string())
            .collect()
    };
    assert_eq!(ids("", Sort::ascending(GroupColumn::Name)), ["2", "1", "3"]);
    assert_eq!(ids("", Sort::descending(GroupColumn::Name)), ["1", "2", "3"]);
    assert_eq!(ids("", Sort::descending(GroupColumn::Members)), ["1", "2", "3"]);
    assert_eq!(ids("", Sort::descending(GroupColumn::Printers)), ["3", "2", "1"]);
    assert_eq!(
        ids("", Sort::ascending(GroupColumn::Description)),
        ["1", "2", "3"]
    );
    assert_eq!(ids("mueller 10A", Sort::ascending(GroupColumn::Name)), ["1"]);
}

#[test]
fn the_last_of_items_with_the_same_id_counts() {
    let people = vec![
        person("u", "Old", &["gone"]),
        person("v", "V", &[]),
        person("u", "New", &["g", "g"]),
    ];
    let groups = vec![Group::new(id("g"), "Old"), Group::new(id("g"), "New")];
    let directory = Directory::build(people, groups);
    assert_eq!(directory.totals(), (2, 1));
    assert_eq!(search(&directory, "old"), [""; 0]);
    let refs = directory.group_refs(&directory.person(&id("u")).unwrap(), 9);
    assert_eq!(refs, [(GroupId::try_from("g").unwrap(), "New".to_owned())]);
    assert_eq!(directory.group(&id("g")).unwrap().members, 1);
}

#[test]
fn the_directory_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Directory>();
}

#[test]
fn counts_are_asked_of_groups_that_nobody_knows_and_of_a_directory_without_anyone() {
    let nobody = Directory::default();
    let unknown: [GroupId; 2] = [id("x"), id("x")];
    let facets = nobody.facets(&UserScope::default(), &unknown);
    assert_eq!(facets.groups, [(id("x"), 0), (id("x"), 0)]);
    assert_eq!((facets.total, facets.matched, facets.no_group), (0, 0, 0));
    assert_eq!(facets.origins, [(Origin::Ezeep, 0), (Origin::Azure, 0)]);

    let directory = Directory::build(vec![person("u", "A", &["named"])], vec![Group::new(id("g"), "G")]);
    let scope = UserScope {
        groups: vec![id("x")],
        ..UserScope::default()
    };
    let asked: [GroupId; 3] = [id("named"), id("x"), id("g")];
    let facets = directory.facets(&scope, &asked);
    assert_eq!(facets.matched, 0);
    assert_eq!(facets.groups.counts(), [1, 0, 0]);
    // No person passes the group filter, so only its own values have counts.
    assert!(facets.roles.iter().all(|(_, count)| *count == 0));
}

#[test]
fn one_membership_more_is_one_more_in_the_counts() {
    let people = (0..300).map(|number| person(&format!("u{number}"), "A", &["g"]));
    let mut directory = Directory::build(
        people.collect(),
        vec![Group::new(id("g"), "G"), Group::new(id("h"), "H")],
    );
    let groups: [GroupId; 2] = [id("g"), id("h")];
    let scope = UserScope {
        search: "u7".to_owned(),
        ..UserScope::default()
    };
    let counts = |directory: &Directory| {
        let facets = directory.facets(&scope, &groups);
        (facets.groups.counts(), facets.no_group)
    };
    assert_eq!(counts(&directory), (vec![11, 0], 0));
    assert!(directory.set_groups(&id("u7"), &[id("g"), id("h")]));
    assert_eq!(counts(&directory), (vec![11, 1], 0));
    assert!(directory.set_groups(&id("u7"), &[]));
    assert_eq!(counts(&directory), (vec![10, 0], 1));
}

trait Counts {
    fn counts(&self) -> Vec<u32>;
}

impl<V> Counts for Vec<(V, u32)> {
    fn counts(&self) -> Vec<u32> {
        self.iter().map(|(_, count)| *count).collect()
    }
}
