//! The simplest model of the directory: lists that are filtered and sorted again for each query.

use std::cmp::Ordering;

use directory::{
    Facets, Group, GroupColumn, GroupInfo, Origin, Person, PrintSetting, Role, Sort, UserColumn, UserScope,
    UserState, Window,
};
use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use ids::{GroupId, UserId};

pub struct Model {
    collator: CollatorBorrowed<'static>,
    pub people: Vec<Person>,
    pub groups: Vec<Group>,
}

impl Model {
    pub fn build(people: Vec<Person>, groups: Vec<Group>) -> Self {
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

    pub fn upsert_person(&mut self, mut person: Person) {
        person.groups = each_once(&person.groups);
        self.people.retain(|other| other.id != person.id);
        self.people.push(person);
    }

    pub fn upsert_group(&mut self, group: Group) {
        self.groups.retain(|other| other.id != group.id);
        self.groups.push(group);
    }

    pub fn remove_person(&mut self, id: &UserId) -> bool {
        let before = self.people.len();
        self.people.retain(|person| person.id != *id);
        self.people.len() < before
    }

    pub fn remove_group(&mut self, id: &GroupId) -> bool {
        let known = self.groups.iter().any(|group| group.id == *id) || self.members_of(id) > 0;
        self.groups.retain(|group| group.id != *id);
        for person in &mut self.people {
            person.groups.retain(|group| group != id);
        }
        known
    }

    pub fn set_groups(&mut self, id: &UserId, groups: &[GroupId]) -> bool {
        let person = self.people.iter_mut().find(|person| person.id == *id);
        person.map(|person| person.groups = each_once(groups)).is_some()
    }

    pub fn set_members(&mut self, group: &GroupId, members: &[UserId]) {
        for person in &mut self.people {
            match (members.contains(&person.id), person.groups.contains(group)) {
                (true, false) => person.groups.push(group.clone()),
                (false, true) => person.groups.retain(|other| other != group),
                _ => {}
            }
        }
    }

    pub fn members_of(&self, group: &GroupId) -> u32 {
        self.people
            .iter()
            .filter(|person| person.groups.contains(group))
            .count() as u32
    }

    pub fn compare(&self, a: &str, b: &str) -> Ordering {
        blank(a).cmp(&blank(b)).then_with(|| {
            if blank(a) {
                Ordering::Equal
            } else {
                self.collator.compare(a, b)
            }
        })
    }

    pub fn origins(&self, a: &Origin, b: &Origin) -> Ordering {
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

    pub fn people_by_name(&self, a: &Person, b: &Person) -> Ordering {
        let nameless = blank(&a.name);
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

    pub fn people_by(&self, sort: Sort<UserColumn>, a: &Person, b: &Person) -> Ordering {
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
            .any(|person| text(person).is_some_and(|text| blank(&text)));
        let key = if sort.descending && !blank {
            key.reverse()
        } else {
            key
        };
        key.then_with(|| self.people_by_name(a, b))
    }

    pub fn passes(&self, scope: &UserScope, person: &Person) -> bool {
        let in_groups = scope.groups.iter().any(|group| person.groups.contains(group))
            || scope.no_group && person.groups.is_empty() && !person.is_half_read()
            || scope.groups.is_empty() && !scope.no_group;
        in_groups
            && (scope.origins.is_empty() || scope.origins.contains(&person.origin))
            && (scope.roles.is_empty() || scope.roles.contains(&person.role))
            && (scope.states.is_empty() || scope.states.contains(&person.state))
            && PrintSetting::ALL.into_iter().all(|setting| {
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
            && finds(&scope.search, |in_texts, in_ids| {
                let texts = [&person.name, &person.email].map(|text| spellings(text).map(without_dashes));
                let ids = spellings(person.id.as_str());
                is_in(in_texts, texts.as_flattened()) || is_in(in_ids, &ids)
            })
    }

    pub fn users(
        &self,
        scope: &UserScope,
        sort: Sort<UserColumn>,
        offset: u32,
        limit: u32,
    ) -> Window<Person> {
        let mut rows: Vec<Person> = self
            .people
            .iter()
            .filter(|person| self.passes(scope, person))
            .cloned()
            .collect();
        rows.sort_by(|a, b| self.people_by(sort, a, b));
        window(self.people.len() as u32, rows, offset, limit)
    }

    /// Each value chosen alone, and all people counted again.
    pub fn facets(&self, scope: &UserScope, groups: &[GroupId]) -> Facets {
        let count = |scope: UserScope| self.people.iter().filter(|p| self.passes(&scope, p)).count() as u32;
        let in_group = |group: &GroupId| UserScope {
            groups: vec![group.clone()],
            no_group: false,
            ..scope.clone()
        };
        let in_none = UserScope {
            groups: vec![],
            no_group: true,
            ..scope.clone()
        };
        let role = |role| UserScope {
            roles: vec![role],
            ..scope.clone()
        };
        let state = |state| UserScope {
            states: vec![state],
            ..scope.clone()
        };
        let origin = |origin: &Origin| UserScope {
            origins: vec![origin.clone()],
            ..scope.clone()
        };
        let setting = |(setting, on)| {
            let others = scope.settings.iter().filter(|(other, _)| *other != setting);
            UserScope {
                settings: others.copied().chain([(setting, on)]).collect(),
                ..scope.clone()
            }
        };
        let mut origins = vec![Origin::Ezeep, Origin::Azure];
        origins.extend(self.people.iter().map(|person| person.origin.clone()));
        origins.sort_by(|a, b| self.origins(a, b));
        origins.dedup();
        let settings = PrintSetting::ALL
            .into_iter()
            .flat_map(|setting| [(setting, true), (setting, false)]);
        Facets {
            total: self.people.len() as u32,
            matched: count(scope.clone()),
            groups: groups
                .iter()
                .map(|group| (group.clone(), count(in_group(group))))
                .collect(),
            no_group: count(in_none),
            roles: Role::ALL.map(|value| (value, count(role(value)))).to_vec(),
            states: UserState::ALL.map(|value| (value, count(state(value)))).to_vec(),
            origins: origins
                .into_iter()
                .map(|value| (value.clone(), count(origin(&value))))
                .collect(),
            settings: settings.map(|value| (value, count(setting(value)))).collect(),
        }
    }

    pub fn members(
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

    pub fn info(&self, id: &GroupId) -> GroupInfo {
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

    pub fn groups_by_name(&self, a: &Group, b: &Group) -> Ordering {
        self.compare(&a.name, &b.name).then_with(|| a.id.cmp(&b.id))
    }

    pub fn groups(
        &self,
        search: &str,
        sort: Sort<GroupColumn>,
        offset: u32,
        limit: u32,
    ) -> Window<GroupInfo> {
        let found = self.groups.iter().filter(|group| {
            finds(search, |in_texts, in_ids| {
                let texts = [&group.name, &group.description].map(|text| spellings(text).map(without_dashes));
                let all = [texts.as_flattened(), &spellings(group.id.as_str())].concat();
                is_in(in_texts, &all) || is_in(in_ids, &all)
            })
        });
        let mut rows: Vec<GroupInfo> = found.map(|group| self.info(&group.id)).collect();
        rows.sort_by(|a, b| {
            let is_last = |info: &GroupInfo| match sort.column {
                GroupColumn::Name => blank(&info.group.name),
                GroupColumn::Description => blank(&info.group.description),
                _ => false,
            };
            let key = match sort.column {
                GroupColumn::Name => self.compare(&a.group.name, &b.group.name),
                GroupColumn::Description => self.compare(&a.group.description, &b.group.description),
                GroupColumn::Origin => self.origins(&a.group.origin, &b.group.origin),
                GroupColumn::Members => a.members.cmp(&b.members),
                GroupColumn::Printers => a.group.printers.cmp(&b.group.printers),
            };
            let key = if sort.descending && !is_last(a) && !is_last(b) {
                key.reverse()
            } else {
                key
            };
            key.then_with(|| self.groups_by_name(&a.group, &b.group))
        });
        window(self.groups.len() as u32, rows, offset, limit)
    }

    pub fn groups_of(&self, id: &UserId) -> Vec<GroupInfo> {
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

fn blank(text: &str) -> bool {
    text.replace('\u{200b}', "").trim().is_empty()
}

pub fn each_once(groups: &[GroupId]) -> Vec<GroupId> {
    let mut once: Vec<GroupId> = vec![];
    groups.iter().for_each(|group| {
        if !once.contains(group) {
            once.push(group.clone())
        }
    });
    once
}

pub fn window<T>(total: u32, rows: Vec<T>, offset: u32, limit: u32) -> Window<T> {
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

/// A simple folding that is complete for the letters of the strategies below; keeps dashes.
pub fn spellings(text: &str) -> [String; 2] {
    let letters: Vec<char> = text
        .to_lowercase()
        .chars()
        .filter(|letter| *letter != '\u{200b}')
        .collect();
    let mut shown = String::new();
    for (place, letter) in letters.iter().enumerate() {
        match letter {
            '\'' | '’' => {}
            ',' if is_in_number(&letters, place) => shown.push(','),
            ',' | ';' | '\u{a0}' => shown.push(' '),
            '–' => shown.push('-'),
            letter => shown.push(*letter),
        }
    }
    let with = |umlaut: fn(char) -> &'static str| {
        shown
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

fn is_in_number(letters: &[char], place: usize) -> bool {
    let is_digit = |place: Option<usize>| {
        place
            .and_then(|place| letters.get(place))
            .is_some_and(char::is_ascii_digit)
    };
    is_digit(place.checked_sub(1)) && is_digit(Some(place + 1))
}

fn without_dashes(text: String) -> String {
    let letters: Vec<char> = text.chars().collect();
    let kept = letters.iter().enumerate();
    kept.filter(|(place, letter)| **letter != '-' || is_in_number(&letters, *place))
        .map(|(_, letter)| letter)
        .collect()
}

fn is_in(words: &[String], texts: &[String]) -> bool {
    words
        .iter()
        .any(|word| texts.iter().any(|text| text.contains(word.as_str())))
}

/// Whether every word of a search is found in the text or the id spelling.
pub fn finds(search: &str, hits: impl Fn(&[String], &[String]) -> bool) -> bool {
    let spellings = spellings(search);
    let mut words = spellings.iter().map(|spelling| spelling.split_whitespace());
    let (plain, transcribed) = (words.next().unwrap(), words.next().unwrap());
    plain.zip(transcribed).all(|(plain, transcribed)| {
        let trimmed = |word: &str| match word.contains('@') {
            true => word
                .trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '@')
                .to_owned(),
            false => word.to_owned(),
        };
        let in_ids = [plain, transcribed].map(trimmed);
        let in_texts = in_ids.clone().map(without_dashes);
        in_texts[0].is_empty() || hits(&in_texts, &in_ids)
    })
}
