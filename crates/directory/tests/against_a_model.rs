//! Every answer of the directory against the plainest thing that could give it: lists that are filtered and sorted anew for each
//! question, through random sequences of changes.

#![allow(clippy::unwrap_used, reason = "helpers of a test")]

use std::cmp::Ordering;

use directory::{
    Directory, Group, GroupColumn, GroupId, GroupInfo, Origin, Person, PrintSetting, PrintSettings, Role,
    Sort, UserColumn, UserId, UserScope, UserState, Window,
};
use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use proptest::prelude::*;
use proptest::sample::select;

// ---- the model -----------------------------------------------------------------------------------------------------

struct Model {
    collator: CollatorBorrowed<'static>,
    people: Vec<Person>,
    groups: Vec<Group>,
}

impl Model {
    fn build(people: Vec<Person>, groups: Vec<Group>) -> Self {
        let mut preferences = CollatorPreferences::default();
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        let collator = CollatorBorrowed::try_new(preferences, CollatorOptions::default()).unwrap();
        let mut model = Self {
            collator,
            people: vec![],
            groups: vec![],
        };
        people.into_iter().for_each(|person| model.upsert_person(person));
        groups.into_iter().for_each(|group| model.upsert_group(group));
        model
    }

    fn upsert_person(&mut self, mut person: Person) {
        person.groups = each_once(&person.groups);
        self.people.retain(|other| other.id != person.id);
        self.people.push(person);
    }

    fn upsert_group(&mut self, group: Group) {
        self.groups.retain(|other| other.id != group.id);
        self.groups.push(group);
    }

    fn remove_person(&mut self, id: &UserId) -> bool {
        let before = self.people.len();
        self.people.retain(|person| person.id != *id);
        self.people.len() < before
    }

    fn remove_group(&mut self, id: &GroupId) -> bool {
        let known = self.groups.iter().any(|group| group.id == *id) || self.members_of(id) > 0;
        self.groups.retain(|group| group.id != *id);
        for person in &mut self.people {
            person.groups.retain(|group| group != id);
        }
        known
    }

    fn set_groups(&mut self, id: &UserId, groups: &[GroupId]) -> bool {
        let person = self.people.iter_mut().find(|person| person.id == *id);
        person.map(|person| person.groups = each_once(groups)).is_some()
    }

    fn set_members(&mut self, group: &GroupId, members: &[UserId]) {
        for person in &mut self.people {
            match (members.contains(&person.id), person.groups.contains(group)) {
                (true, false) => person.groups.push(group.clone()),
                (false, true) => person.groups.retain(|other| other != group),
                _ => {}
            }
        }
    }

    fn members_of(&self, group: &GroupId) -> u32 {
        self.people
            .iter()
            .filter(|person| person.groups.contains(group))
            .count() as u32
    }

    fn compare(&self, a: &str, b: &str) -> Ordering {
        let blank = |text: &str| text.trim().is_empty();
        blank(a).cmp(&blank(b)).then_with(|| {
            if blank(a) {
                Ordering::Equal
            } else {
                self.collator.compare(a, b)
            }
        })
    }

    fn origins(&self, a: &Origin, b: &Origin) -> Ordering {
        let place = |origin: &Origin| match origin {
            Origin::Ezeep => (0, String::new()),
            Origin::Azure => (1, String::new()),
            Origin::Other(text) => (2, text.clone()),
        };
        let (a, b) = (place(a), place(b));
        a.0.cmp(&b.0)
            .then_with(|| self.compare(&a.1, &b.1))
            .then_with(|| a.1.cmp(&b.1))
    }

    fn people_by_name(&self, a: &Person, b: &Person) -> Ordering {
        let nameless = a.name.trim().is_empty();
        self.compare(&a.name, &b.name)
            .then_with(|| {
                if nameless {
                    self.compare(&a.email, &b.email)
                } else {
                    Ordering::Equal
                }
            })
            .then_with(|| a.id.cmp(&b.id))
    }

    fn people_by(&self, sort: Sort<UserColumn>, a: &Person, b: &Person) -> Ordering {
        let text = |person: &Person| match sort.column {
            UserColumn::Name => Some(person.name.clone()),
            UserColumn::Email => Some(person.email.clone()),
            _ => None,
        };
        let key = match sort.column {
            UserColumn::Name => self.compare(&a.name, &b.name),
            UserColumn::Email => self.compare(&a.email, &b.email),
            UserColumn::Groups => a.groups.len().cmp(&b.groups.len()),
            UserColumn::Role => a.role.cmp(&b.role),
            UserColumn::State => a.state.cmp(&b.state),
            UserColumn::Origin => self.origins(&a.origin, &b.origin),
        };
        let blank = [a, b]
            .into_iter()
            .any(|person| text(person).is_some_and(|text| text.trim().is_empty()));
        let key = if sort.descending && !blank {
            key.reverse()
        } else {
            key
        };
        key.then_with(|| self.people_by_name(a, b))
    }

    fn passes(&self, scope: &UserScope, person: &Person) -> bool {
        let in_groups = scope.groups.iter().any(|group| person.groups.contains(group))
            || scope.no_group && person.groups.is_empty()
            || scope.groups.is_empty() && !scope.no_group;
        let settings = [
            PrintSetting::LocalPrinting,
            PrintSetting::SelfService,
            PrintSetting::MyPrinters,
        ];
        in_groups
            && (scope.roles.is_empty() || scope.roles.contains(&person.role))
            && (scope.states.is_empty() || scope.states.contains(&person.state))
            && settings.into_iter().all(|setting| {
                let is_on = person.settings.map(|settings| match setting {
                    PrintSetting::LocalPrinting => settings.local_printing,
                    PrintSetting::SelfService => settings.self_service,
                    PrintSetting::MyPrinters => settings.my_printers,
                });
                let mut wanted = scope
                    .settings
                    .iter()
                    .filter(|(which, _)| *which == setting)
                    .peekable();
                wanted.peek().is_none() || wanted.any(|(_, on)| is_on == Some(*on))
            })
            && finds(&scope.search, &[&person.name, &person.email, person.id.as_str()])
    }

    fn users(&self, scope: &UserScope, sort: Sort<UserColumn>, offset: u32, limit: u32) -> Window<Person> {
        let mut rows: Vec<Person> = self
            .people
            .iter()
            .filter(|person| self.passes(scope, person))
            .cloned()
            .collect();
        rows.sort_by(|a, b| self.people_by(sort, a, b));
        window(self.people.len() as u32, rows, offset, limit)
    }

    fn members(
        &self,
        group: &GroupId,
        search: &str,
        sort: Sort<UserColumn>,
        offset: u32,
        limit: u32,
    ) -> Window<Person> {
        let scope = UserScope {
            search: search.to_owned(),
            groups: vec![group.clone()],
            ..UserScope::default()
        };
        Window {
            total: self.members_of(group),
            ..self.users(&scope, sort, offset, limit)
        }
    }

    fn info(&self, id: &GroupId) -> GroupInfo {
        let known = self.groups.iter().find(|group| group.id == *id).cloned();
        let bare = || Group {
            origin: Origin::Other(String::new()),
            ..Group::new(id.clone(), id.as_str())
        };
        GroupInfo {
            group: known.unwrap_or_else(bare),
            members: self.members_of(id),
        }
    }

    fn groups_by_name(&self, a: &Group, b: &Group) -> Ordering {
        self.compare(&a.name, &b.name).then_with(|| a.id.cmp(&b.id))
    }

    fn groups(&self, search: &str, sort: Sort<GroupColumn>, offset: u32, limit: u32) -> Window<GroupInfo> {
        let found = self
            .groups
            .iter()
            .filter(|group| finds(search, &[&group.name, &group.description, group.id.as_str()]));
        let mut rows: Vec<GroupInfo> = found.map(|group| self.info(&group.id)).collect();
        rows.sort_by(|a, b| {
            let blank = |info: &GroupInfo| match sort.column {
                GroupColumn::Name => info.group.name.trim().is_empty(),
                GroupColumn::Description => info.group.description.trim().is_empty(),
                _ => false,
            };
            let key = match sort.column {
                GroupColumn::Name => self.compare(&a.group.name, &b.group.name),
                GroupColumn::Description => self.compare(&a.group.description, &b.group.description),
                GroupColumn::Origin => self.origins(&a.group.origin, &b.group.origin),
                GroupColumn::Members => a.members.cmp(&b.members),
                GroupColumn::Printers => a.group.printers.cmp(&b.group.printers),
            };
            let key = if sort.descending && !blank(a) && !blank(b) {
                key.reverse()
            } else {
                key
            };
            key.then_with(|| self.groups_by_name(&a.group, &b.group))
        });
        window(self.groups.len() as u32, rows, offset, limit)
    }

    fn groups_of(&self, id: &UserId) -> Vec<GroupInfo> {
        let person = self.people.iter().find(|person| person.id == *id);
        let mut infos: Vec<GroupInfo> = person
            .into_iter()
            .flat_map(|person| &person.groups)
            .map(|id| self.info(id))
            .collect();
        infos.sort_by(|a, b| self.groups_by_name(&a.group, &b.group));
        infos
    }
}

fn each_once(groups: &[GroupId]) -> Vec<GroupId> {
    let mut once: Vec<GroupId> = vec![];
    groups.iter().for_each(|group| {
        if !once.contains(group) {
            once.push(group.clone())
        }
    });
    once
}

fn window<T>(total: u32, rows: Vec<T>, offset: u32, limit: u32) -> Window<T> {
    let matched = rows.len() as u32;
    let rows = rows
        .into_iter()
        .skip(offset as usize)
        .take(limit as usize)
        .collect();
    Window {
        total,
        matched,
        offset,
        rows,
    }
}

/// Enough of folding for the letters that the strategies below use.
fn spellings(text: &str) -> [String; 2] {
    let with = |umlaut: fn(char) -> &'static str| {
        text.to_lowercase()
            .chars()
            .map(|letter| match letter {
                'ä' | 'ö' | 'ü' | 'å' => umlaut(letter).to_owned(),
                'é' => "e".to_owned(),
                'ß' => "ss".to_owned(),
                other => other.to_string(),
            })
            .collect()
    };
    let plain = with(|letter| match letter {
        'ä' | 'å' => "a",
        'ö' => "o",
        _ => "u",
    });
    [
        plain,
        with(|letter| match letter {
            'ä' => "ae",
            'å' => "aa",
            'ö' => "oe",
            _ => "ue",
        }),
    ]
}

fn finds(search: &str, fields: &[&str]) -> bool {
    search.split_whitespace().all(|word| {
        let hit = |field: &str| spellings(word).iter().any(|word| field.contains(word.as_str()));
        fields
            .iter()
            .flat_map(|field| spellings(field))
            .any(|field| hit(&field))
    })
}

// ---- what may happen ------------------------------------------------------------------------------------------------

/// More than one block of slots, and few enough that changes meet.
const PEOPLE: u32 = 90;
const GROUPS: u32 = 8;

fn user_id() -> impl Strategy<Value = UserId> {
    (0..PEOPLE).prop_map(|number| UserId::from(format!("u-{number:x}")))
}

fn group_id() -> impl Strategy<Value = GroupId> {
    (0..GROUPS).prop_map(|number| GroupId::from(format!("G{number}")))
}

fn group_ids() -> impl Strategy<Value = Vec<GroupId>> {
    prop::collection::vec(group_id(), 0..5)
}

/// Some few that often meet, and enough letters beside each other that not every pair is indexed alone.
fn name() -> impl Strategy<Value = String> {
    "[a-z]{8,14}||Ada|ada|Åda|[abäéß][bue]{0,2}( [AÄöÜ1][a0-2]{0,2})?| "
}

fn person() -> impl Strategy<Value = Person> {
    let role = select(vec![Role::Admin, Role::User, Role::Unknown]);
    let states = [
        UserState::Active,
        UserState::PendingInvitation,
        UserState::PrintingOnly,
        UserState::AccountOnly,
    ];
    let settings = prop::option::of(any::<[bool; 3]>().prop_map(
        |[local_printing, self_service, my_printers]| PrintSettings {
            local_printing,
            self_service,
            my_printers,
        },
    ));
    let rest = (
        origin(),
        any::<Option<i64>>(),
        any::<Option<bool>>(),
        settings,
        group_ids(),
    );
    (
        user_id(),
        name(),
        "|[ab]{1,2}[0-9]{0,2}@(x|ab)|[ab]?@?[ab]@?[abx]",
        role,
        select(states.to_vec()),
        rest,
    )
        .prop_map(
            |(id, name, email, role, state, (origin, joined, verified, settings, groups))| Person {
                id,
                name,
                email,
                role,
                state,
                origin,
                joined,
                verified,
                settings,
                groups,
            },
        )
}

fn origin() -> impl Strategy<Value = Origin> {
    let others = ["", "Google", "google", "Okta"].map(|text| Origin::Other(text.to_owned()));
    select(
        [Origin::Ezeep, Origin::Azure]
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>(),
    )
}

fn group() -> impl Strategy<Value = Group> {
    (
        group_id(),
        name(),
        "|[ab]{1,2}",
        origin(),
        0..3_u32,
        any::<(u32, bool, bool)>(),
    )
        .prop_map(
            |(id, name, description, origin, printers, (reported_members, local_printing, my_printers))| {
                Group {
                    id,
                    name,
                    description,
                    origin,
                    printers,
                    reported_members,
                    local_printing,
                    my_printers,
                }
            },
        )
}

#[derive(Debug, Clone)]
enum Change {
    UpsertPerson(Person),
    RemovePerson(UserId),
    SetGroups(UserId, Vec<GroupId>),
    UpsertGroup(Group),
    RemoveGroup(GroupId),
    SetMembers(GroupId, Vec<UserId>),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => person().prop_map(Change::UpsertPerson),
        1 => user_id().prop_map(Change::RemovePerson),
        2 => (user_id(), group_ids()).prop_map(|(id, groups)| Change::SetGroups(id, groups)),
        1 => group().prop_map(Change::UpsertGroup),
        1 => group_id().prop_map(Change::RemoveGroup),
        1 => (group_id(), prop::collection::vec(user_id(), 0..12)).prop_map(|(id, people)| Change::SetMembers(id, people)),
    ]
}

#[derive(Debug, Clone)]
struct Question {
    scope: UserScope,
    people: Sort<UserColumn>,
    groups: Sort<GroupColumn>,
    group: GroupId,
    person: UserId,
    offset: u32,
    limit: u32,
}

fn question() -> impl Strategy<Value = Question> {
    let columns = [
        UserColumn::Name,
        UserColumn::Email,
        UserColumn::Groups,
        UserColumn::Role,
        UserColumn::State,
        UserColumn::Origin,
    ];
    let group_columns = [
        GroupColumn::Name,
        GroupColumn::Description,
        GroupColumn::Origin,
        GroupColumn::Members,
        GroupColumn::Printers,
    ];
    let sort = (
        select(columns.to_vec()),
        select(group_columns.to_vec()),
        any::<bool>(),
    );
    let window = (
        prop_oneof![Just(0), 0..100_u32, Just(u32::MAX)],
        prop_oneof![Just(u32::MAX), 0..20_u32],
    );
    (scope(), sort, group_id(), user_id(), window).prop_map(
        |(scope, (people, groups, descending), group, person, (offset, limit))| Question {
            scope,
            people: Sort {
                column: people,
                descending,
            },
            groups: Sort {
                column: groups,
                descending,
            },
            group,
            person,
            offset,
            limit,
        },
    )
}

fn scope() -> impl Strategy<Value = UserScope> {
    let setting = select(vec![
        PrintSetting::LocalPrinting,
        PrintSetting::SelfService,
        PrintSetting::MyPrinters,
    ]);
    let states = vec![UserState::Active, UserState::PrintingOnly];
    (
        "|[a-z]{1,3}|[a-z] [a-z]{2}|[abäeéßuü1@x-]{1,2}|[ab1]?@[ab]?@?[abx]?|[aA] [Uue]|u-[0-9]|g[0-9]|ae|ss",
        prop_oneof![2 => Just(vec![]), 1 => group_ids()],
        prop::bool::weighted(0.2),
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(select(vec![Role::Admin, Role::User]), 0..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(select(states), 0..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec((setting, any::<bool>()), 0..3)],
    )
        .prop_map(|(search, groups, no_group, roles, states, settings)| UserScope {
            search,
            groups,
            no_group,
            roles,
            states,
            settings,
        })
}

// ---- the comparison -------------------------------------------------------------------------------------------------

fn compare(directory: &Directory, model: &Model, question: &Question) -> Result<(), TestCaseError> {
    let Question {
        scope,
        people,
        groups,
        group,
        person,
        offset,
        limit,
    } = question;
    let (offset, limit) = (*offset, *limit);
    prop_assert_eq!(
        directory.totals(),
        (model.people.len() as u32, model.groups.len() as u32)
    );
    prop_assert_eq!(
        directory.users(scope, *people, offset, limit),
        model.users(scope, *people, offset, limit)
    );
    prop_assert_eq!(
        directory.members(group, &scope.search, *people, offset, limit),
        model.members(group, &scope.search, *people, offset, limit)
    );
    prop_assert_eq!(
        directory.groups(&scope.search, *groups, offset, limit),
        model.groups(&scope.search, *groups, offset, limit)
    );
    let all = model.users(scope, Sort::ascending(UserColumn::Name), 0, u32::MAX);
    prop_assert_eq!(
        directory.matching(scope),
        all.rows.into_iter().map(|person| person.id).collect::<Vec<_>>()
    );

    let known = model.people.iter().find(|other| other.id == *person).cloned();
    prop_assert_eq!(&directory.person(person), &known);
    prop_assert_eq!(directory.groups_of(person), model.groups_of(person));
    if let Some(known) = known {
        let refs = model
            .groups_of(person)
            .into_iter()
            .map(|info| (info.group.id, info.group.name));
        prop_assert_eq!(directory.group_refs(&known, 3), refs.take(3).collect::<Vec<_>>());
    }
    let described = model.groups.iter().any(|other| other.id == *group);
    prop_assert_eq!(directory.group(group), described.then(|| model.info(group)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_answer_is_that_of_the_model_after_every_change(
        people in prop::collection::vec(person(), 0..100),
        groups in prop::collection::vec(group(), 0..GROUPS as usize),
        steps in prop::collection::vec((change(), question()), 1..25),
    ) {
        let mut directory = Directory::build(people.clone(), groups.clone());
        let mut model = Model::build(people, groups);
        for (change, question) in steps {
            compare(&directory, &model, &question)?;
            match change {
                Change::UpsertPerson(person) => {
                    directory.upsert_person(person.clone());
                    model.upsert_person(person);
                }
                Change::RemovePerson(id) => prop_assert_eq!(directory.remove_person(&id), model.remove_person(&id)),
                Change::SetGroups(id, groups) => {
                    prop_assert_eq!(directory.set_groups(&id, &groups), model.set_groups(&id, &groups));
                }
                Change::UpsertGroup(group) => {
                    directory.upsert_group(group.clone());
                    model.upsert_group(group);
                }
                Change::RemoveGroup(id) => prop_assert_eq!(directory.remove_group(&id), model.remove_group(&id)),
                Change::SetMembers(group, members) => {
                    directory.set_members(&group, &members);
                    model.set_members(&group, &members);
                }
            }
            compare(&directory, &model, &question)?;
        }
    }

    #[test]
    fn a_directory_that_was_changed_into_a_state_answers_as_one_built_in_it(
        before in prop::collection::vec(person(), 0..100),
        after in prop::collection::vec(person(), 0..100),
        groups in prop::collection::vec(group(), 0..GROUPS as usize),
        question in question(),
    ) {
        let mut changed = Directory::build(before.clone(), vec![]);
        after.iter().cloned().for_each(|person| changed.upsert_person(person));
        groups.iter().cloned().for_each(|group| changed.upsert_group(group));
        for person in before.iter().filter(|person| after.iter().all(|other| other.id != person.id)) {
            changed.remove_person(&person.id);
        }
        let built = Directory::build(after, groups);
        let Question { scope, people, offset, limit, .. } = question;
        prop_assert_eq!(changed.users(&scope, people, offset, limit), built.users(&scope, people, offset, limit));
        prop_assert_eq!(changed.totals(), built.totals());
    }
}
