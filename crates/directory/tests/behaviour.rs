//! What people who use the directory can count on, one sentence a test.

use directory::{
    CountGroups, Directory, Group, GroupColumn, GroupId, Origin, Person, PrintSetting, PrintSettings, Role,
    Sort, UserColumn, UserId, UserScope, UserState,
};

fn person(id: &str, name: &str, groups: &[&str]) -> Person {
    let email = format!("{id}@school.example");
    Person {
        groups: groups.iter().map(|id| GroupId::from(*id)).collect(),
        ..Person::new(id, name, email)
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
            Person::new("7f3a-11", "Anna Berg", "a.berg@nord.example"),
            Person::new("9c0d-22", "Annabel Thal", "thal@sued.example"),
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
            Person::new("1", "anna@", "ben@nord.example"),
            Person::new("2", "Cem", "cem.anna@nord.example"),
            Person::new("3", "Dora", "do@ra@süd.example"),
            Person::new("4", "Emil", "emil"),
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
    people.push(Person::new("4", "", "b@x"));
    people.push(Person::new("5", "", "a@x"));
    people.push(Person::new("6", "", ""));
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
                groups: vec!["g".into(), "h".into()],
                ..everyone.clone()
            }
        ),
        ["1", "2"]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                groups: vec!["g".into()],
                ..users.clone()
            }
        ),
        [""; 0]
    );
    assert_eq!(
        ids(
            &directory,
            &UserScope {
                groups: vec!["nobody's".into()],
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
                groups: vec!["g".into()],
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
        groups: vec!["g".into()],
        search: "x".to_owned(),
        ..UserScope::default()
    };
    assert_eq!(directory.users(&scope, by_name, 0, 10).rows, []);
    assert_eq!(directory.members(&"g".into(), "", by_name, 0, 10).total, 0);
    assert_eq!(directory.groups_of(&"u".into()), []);
    assert!(!directory.set_groups(&"u".into(), &["g".into()]) && !directory.remove_group(&"g".into()));
    directory.set_members(&"g".into(), &["u".into()]);
    assert_eq!(directory.totals(), (0, 0));
}

#[test]
fn a_group_that_only_people_name_is_kept_until_nobody_is_in_it() {
    let mut directory = Directory::build(vec![person("u", "A", &["ghost"])], vec![]);
    let ghost = GroupId::from("ghost");
    assert_eq!(directory.totals(), (1, 0));
    assert_eq!(directory.group(&ghost), None);
    let shown = directory.person(&"u".into()).unwrap();
    assert_eq!(
        directory.group_refs(&shown, 3),
        [(ghost.clone(), "ghost".to_owned())]
    );
    let infos = directory.groups_of(&"u".into());
    assert_eq!((infos[0].group.name.as_str(), infos[0].members), ("ghost", 1));
    assert_eq!(infos[0].group.origin, Origin::Other(String::new()));

    directory.upsert_group(Group::new("ghost", "Lehrkräfte"));
    assert_eq!(
        directory.group(&ghost).unwrap().members,
        1,
        "it is described now, and has its member"
    );
    assert!(directory.remove_group(&ghost));
    assert_eq!(directory.person(&"u".into()).unwrap().groups, []);

    assert!(directory.set_groups(&"u".into(), std::slice::from_ref(&ghost)));
    assert!(directory.set_groups(&"u".into(), &[]));
    assert!(!directory.remove_group(&ghost), "it went with its last member");
}

#[test]
fn set_members_adds_and_removes_until_exactly_the_known_people_are_in() {
    let people = vec![
        person("1", "A", &["g", "h"]),
        person("2", "B", &["h"]),
        person("3", "C", &["g"]),
    ];
    let mut directory = Directory::build(people, vec![Group::new("g", "G"), Group::new("h", "H")]);
    directory.set_members(
        &"g".into(),
        &["2".into(), "3".into(), "2".into(), "stranger".into()],
    );
    let groups = |id: &str| -> Vec<String> {
        directory
            .groups_of(&UserId::from(id))
            .into_iter()
            .map(|info| info.group.name)
            .collect()
    };
    assert_eq!(
        [groups("1"), groups("2"), groups("3")],
        [vec!["H"], vec!["G", "H"], vec!["G"]]
    );
    let window = directory.members(&"g".into(), "b", Sort::ascending(UserColumn::Name), 0, 10);
    assert_eq!((window.total, window.matched), (2, 1));
}

#[test]
fn groups_are_searched_and_sorted_like_people() {
    let mut groups = vec![
        Group::new("1", "Klasse 10a"),
        Group::new("2", "Klasse 7b"),
        Group::new("3", ""),
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
    let groups = vec![Group::new("g", "Old"), Group::new("g", "New")];
    let directory = Directory::build(people, groups);
    assert_eq!(directory.totals(), (2, 1));
    assert_eq!(search(&directory, "old"), [""; 0]);
    let refs = directory.group_refs(&directory.person(&"u".into()).unwrap(), 9);
    assert_eq!(refs, [(GroupId::from("g"), "New".to_owned())]);
    assert_eq!(directory.group(&"g".into()).unwrap().members, 1);
}

#[test]
fn the_directory_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Directory>();
}

#[test]
fn counts_are_asked_of_groups_that_nobody_knows_and_of_a_directory_without_anyone() {
    let nobody = Directory::default();
    let unknown: [GroupId; 2] = ["x".into(), "x".into()];
    let facets = nobody.facets(&UserScope::default(), CountGroups::These(&unknown));
    assert_eq!(facets.groups, [("x".into(), 0), ("x".into(), 0)]);
    assert_eq!((facets.total, facets.matched, facets.no_group), (0, 0, 0));
    assert_eq!(facets.origins, [(Origin::Ezeep, 0), (Origin::Azure, 0)]);

    let directory = Directory::build(vec![person("u", "A", &["named"])], vec![Group::new("g", "G")]);
    let scope = UserScope {
        groups: vec!["x".into()],
        ..UserScope::default()
    };
    let asked: [GroupId; 3] = ["named".into(), "x".into(), "g".into()];
    let facets = directory.facets(&scope, CountGroups::These(&asked));
    assert_eq!(facets.matched, 0);
    assert_eq!(facets.groups.counts(), [1, 0, 0]);
    // Nobody passes the group filter, so only its own values show anyone.
    assert!(facets.roles.iter().all(|(_, count)| *count == 0));
    assert_eq!(
        directory.facets(&UserScope::default(), CountGroups::All).groups,
        [("g".into(), 0)]
    );
}

#[test]
fn one_membership_more_is_one_more_in_the_counts() {
    let people = (0..300).map(|number| person(&format!("u{number}"), "A", &["g"]));
    let mut directory = Directory::build(people.collect(), vec![Group::new("g", "G"), Group::new("h", "H")]);
    let groups: [GroupId; 2] = ["g".into(), "h".into()];
    let scope = UserScope {
        search: "u7".to_owned(),
        ..UserScope::default()
    };
    let counts = |directory: &Directory| {
        let facets = directory.facets(&scope, CountGroups::These(&groups));
        (facets.groups.counts(), facets.no_group)
    };
    assert_eq!(counts(&directory), (vec![11, 0], 0));
    assert!(directory.set_groups(&"u7".into(), &["g".into(), "h".into()]));
    assert_eq!(counts(&directory), (vec![11, 1], 0));
    assert!(directory.set_groups(&"u7".into(), &[]));
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
