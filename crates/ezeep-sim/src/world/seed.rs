//! Makes the world out of a seed: the same numbers give the same people, groups, memberships, printers and invitations for good.
//! Work grows with the number of people; the clock is never read.

use std::collections::HashMap;

use rand::Rng;
use rand_pcg::Pcg64;
use time::{Duration, OffsetDateTime};

use super::documents::{self, DocumentUser};
use super::names::{self, LANGUAGES, Name};
use super::{
    GroupIx, Invitation, InvitationStatus, Member, NewGroup, OrgIx, Organization, Origin, Person, PersonIx,
    Printer, Role, World, uuid_text,
};
use crate::config::SimConfig;
use crate::known::{self, KnownPerson, organizations};

/// 1 August 2019, the day the first of these people joined.
const FIRST_DAY: i64 = 1_564_617_600;
/// Far enough ahead that an open invitation stays open: 1 March 2033.
const OPEN_UNTIL: i64 = 1_993_334_400;

const SCHOOL_GROUPS: &[&str] = &[
    "Kollegium Azure",
    "Verwaltung",
    "Haus B",
    "Haus C",
    "Haus D",
    "Bibliothek",
    "Sport",
    "Labor",
    "Mensa",
    "Ganztag",
    "Referendariat",
    "Elternbeirat",
    "Schülervertretung",
    "Fachschaft Deutsch",
    "Fachschaft Mathematik",
    "Fachschaft Englisch",
    "Fachschaft Französisch",
    "Fachschaft Geschichte",
    "Fachschaft Naturwissenschaften",
    "Fachschaft Musik & Kunst",
    "Sozialpädagogik",
    "Hausmeisterei",
    "Gäste",
    "Druckkontingent erhöht",
    "Farbdruck erlaubt",
    "Tablets Haus A",
    "Außenstelle Süd",
    "Außenstelle Nord (Übergangsgebäude an der Werftstraße, Räume 1 bis 24)",
    "Vertretungsplan",
    "Zeugniskonferenz",
    "Schulsozialarbeit",
    "Förderverein",
    "Orchester",
    "Theater-AG",
    "Robotik-AG",
    "Öffentlichkeitsarbeit",
];
const LOGISTICS_GROUPS: &[&str] = &[
    "Lager Ost",
    "Lager West",
    "Disposition",
    "Zoll",
    "Buchhaltung",
    "Fahrer",
    "Empfang",
    "Geschäftsführung",
    "Kühlhaus",
    "Etikettendruck",
    "IT",
    "Werkstatt",
];
const SMALL_GROUPS: &[&str] = &["Everyone", "Office", "Warehouse"];
const LONG_NAMES: &[(&str, &str)] = &[
    (
        "Maximilian-Alexander Konstantin Ferdinand",
        "Freiherr von und zu Hohenstein-Wittelsbach auf Greifenfels",
    ),
    (
        "Anna-Sophia Theodora Wilhelmine",
        "Schulze-Oberhausen-Langenscheidt-Bergengruen",
    ),
    ("محمد عبدالرحمن إبراهيم", "بن خالد بن عبدالعزيز الحسيني البغدادي"),
];
const PLACES: &[&str] = &[
    "Lehrerzimmer",
    "Kopierraum",
    "Sekretariat",
    "Flur",
    "Bibliothek",
    "Werkraum",
    "Aula",
    "Labor",
    "Foyer",
    "Büro",
];

/// What one organization is made of.
struct Plan {
    id: &'static str,
    name: &'static str,
    domain: &'static str,
    people: usize,
    groups: usize,
    group_names: &'static [&'static str],
    documents: bool,
    /// Random stream: what one organization holds does not hang on the size of another.
    stream: u128,
}

/// A person before they have a place in the order of ids.
struct Draft {
    person: Person,
    member: Member,
    /// Where they exist in the world already.
    existing: Option<PersonIx>,
}

/// Builds the world a configuration asks for.
pub(crate) fn build(config: &SimConfig) -> World {
    let mut world = World {
        seed: config.seed,
        ..World::default()
    };
    let people = (config.people as usize).max(1);
    let main = populate(
        &mut world,
        config.seed,
        &Plan {
            id: organizations::MAIN,
            name: organizations::MAIN_NAME,
            domain: "nordhafen.example",
            people,
            groups: config.groups as usize,
            group_names: SCHOOL_GROUPS,
            documents: true,
            stream: 1,
        },
        known::SIGN_IN_PEOPLE
            .iter()
            .filter_map(|person| Some((*person, person.main?)))
            .collect(),
        &[],
    );
    world.add_person(known_person(&known::PRIVATE_ONLY_ADMIN));
    if config.second_organization {
        // A handful of people work for both: one id, two lists of groups.
        let shared: Vec<PersonIx> = world
            .organization(main)
            .accounts()
            .iter()
            .rev()
            .take(5)
            .copied()
            .collect();
        let admin = known::SIGN_IN_PEOPLE
            .iter()
            .filter_map(|person| Some((*person, person.second?)))
            .collect();
        let plan = Plan {
            id: organizations::SECOND,
            name: organizations::SECOND_NAME,
            domain: "seehafen.example",
            people: 140,
            groups: 12,
            group_names: LOGISTICS_GROUPS,
            documents: false,
            stream: 2,
        };
        populate(&mut world, config.seed, &plan, admin, &shared);
        let user = known::SIGN_IN_PEOPLE
            .iter()
            .filter_map(|person| Some((*person, person.third?)))
            .collect();
        let plan = Plan {
            id: organizations::THIRD,
            name: organizations::THIRD_NAME,
            domain: "orgx.example",
            people: 9,
            groups: 3,
            group_names: SMALL_GROUPS,
            documents: false,
            stream: 3,
        };
        populate(&mut world, config.seed, &plan, user, &[]);
    }
    world
}

fn populate(
    world: &mut World,
    seed: u64,
    plan: &Plan,
    known: Vec<(KnownPerson, bool)>,
    shared: &[PersonIx],
) -> OrgIx {
    let mut rng = Pcg64::new(u128::from(seed), plan.stream);
    let mut organization = Organization::new(plan.id.to_owned(), plan.name.to_owned());
    let fixed = add_groups(&mut organization, plan, &mut rng);
    let organization = world.add_organization(organization);

    let mut drafts = Vec::with_capacity(plan.people);
    for (person, admin) in known.iter().take(plan.people) {
        drafts.push(known_draft(world, person, *admin, plan));
    }
    if plan.documents {
        let taken: Vec<String> = drafts.iter().map(|draft| draft.person.id.clone()).collect();
        for user in documents::USERS
            .iter()
            .filter(|user| !taken.iter().any(|id| id == user.id))
        {
            if drafts.len() < plan.people {
                drafts.push(Draft {
                    person: Person {
                        id: user.id.to_owned(),
                        ..random_person(&mut rng)
                    },
                    member: document_member(user, plan.groups),
                    existing: None,
                });
            }
        }
    }
    for ix in shared.iter().take(plan.people.saturating_sub(drafts.len())) {
        drafts.push(Draft {
            person: world.person(*ix).clone(),
            member: Member {
                groups: random_groups(&mut rng, plan.groups, &fixed),
                ..Member::new(Role::User)
            },
            existing: Some(*ix),
        });
    }
    let named = drafts.len();
    for number in 0..plan.people - named {
        drafts.push(random_draft(&mut rng, number, plan.groups, &fixed));
    }
    give_addresses(&mut drafts, plan.domain);
    fill_counted_groups(&mut rng, &mut drafts[named..], plan);
    let invitations = invite(&mut rng, &mut drafts, plan.domain);

    drafts.sort_unstable_by(|a, b| a.person.id.cmp(&b.person.id));
    for draft in drafts {
        let ix = draft.existing.unwrap_or_else(|| world.add_person(draft.person));
        world.join(ix, organization, draft.member);
    }
    world.organization_mut(organization).invitations = invitations;
    let (entry, people) = world.split(organization);
    entry.order_accounts_by_joining(people);
    add_printers(entry, plan, &mut rng);
    organization
}

/// Adds the groups and gives the places of those whose number of members the documents tell.
fn add_groups(organization: &mut Organization, plan: &Plan, rng: &mut Pcg64) -> Vec<GroupIx> {
    let mut fixed = Vec::new();
    if plan.documents {
        for group in documents::GROUPS.iter().take(plan.groups) {
            let origin = match group.foreign_id {
                Some(id) => Origin::Azure {
                    foreign_id: id.to_owned(),
                },
                None => Origin::Ezeep { lowercase: false },
            };
            let ix = organization.add_group(NewGroup {
                id: group.id.to_owned(),
                name: group.name.to_owned(),
                description: String::new(),
                local_printing: group.local_printing,
                my_printers: false,
                origin,
            });
            if group.members.is_some() {
                fixed.push(ix);
            }
        }
    }
    let mut number = 0;
    while organization.group_order().len() < plan.groups {
        let name = group_name(plan.group_names, number);
        let azure = name.contains("Azure") || number % 11 == 9;
        let origin = if azure {
            Origin::Azure {
                foreign_id: random_id(rng),
            }
        } else {
            Origin::Ezeep {
                lowercase: number % 5 == 2,
            }
        };
        organization.add_group(NewGroup {
            id: random_id(rng),
            description: if number % 3 == 0 {
                format!("Drucken für {name}")
            } else {
                String::new()
            },
            name,
            local_printing: !number.is_multiple_of(4),
            my_printers: number % 6 == 1,
            origin,
        });
        number += 1;
    }
    fixed
}

/// Names first, then classes of a school, then courses without end.
fn group_name(names: &[&str], number: usize) -> String {
    const CLASSES: usize = 6 * 4;
    match number.checked_sub(names.len()) {
        None => names[number].to_owned(),
        Some(class) if class < CLASSES => {
            format!("Klasse {}{}", 5 + class / 4, ["a", "b", "c", "d"][class % 4])
        }
        Some(course) => format!("Kurs {:03}", course - CLASSES + 1),
    }
}

fn known_person(person: &KnownPerson) -> Person {
    Person {
        id: person
            .id
            .map_or_else(|| super::derived_id("person", person.email), str::to_owned),
        email: person.email.to_owned(),
        first_name: person.first.to_owned(),
        last_name: person.last.to_owned(),
        joined: at(FIRST_DAY),
        azure: person.azure,
        verified: true,
        organizations: Vec::new(),
    }
}

fn known_draft(world: &World, person: &KnownPerson, admin: bool, plan: &Plan) -> Draft {
    let existing = world.person_by_email(person.email);
    let role = if admin { Role::Admin } else { Role::User };
    let document = documents::USERS
        .iter()
        .find(|user| plan.documents && Some(user.id) == person.id);
    let member = match document {
        Some(user) => Member {
            role,
            ..document_member(user, plan.groups)
        },
        None => {
            let groups = [1_u32, 7, 2]
                .into_iter()
                .filter(|ix| (*ix as usize) < plan.groups)
                .map(GroupIx)
                .collect();
            Member {
                groups,
                ..Member::new(role)
            }
        }
    };
    Draft {
        person: known_person(person),
        member,
        existing,
    }
}

fn document_member(user: &DocumentUser, groups: usize) -> Member {
    Member {
        groups: user
            .groups
            .iter()
            .filter(|ix| **ix < groups)
            .map(|ix| GroupIx(*ix as u32))
            .collect(),
        local_printing: user.local_printing,
        self_service: user.self_service,
        my_printers: user.my_printers,
        ..Member::new(Role::User)
    }
}

fn random_draft(rng: &mut Pcg64, number: usize, groups: usize, fixed: &[GroupIx]) -> Draft {
    let mut person = random_person(rng);
    if number % 199 == 11 {
        // Looks like a UUID and is none, as one id of the documents.
        person.id.replace_range(15..16, "v");
    }
    if number % 431 == 23 {
        let (first, last) = LONG_NAMES[(number / 431) % LONG_NAMES.len()];
        first.clone_into(&mut person.first_name);
        last.clone_into(&mut person.last_name);
    }
    let role = if number % 83 == 17 {
        Role::Admin
    } else {
        Role::User
    };
    // Groups are the printing server's, so whom it does not know is in none.
    let on_printing_server = number % 167 != 5;
    let drawn = random_groups(rng, groups, fixed);
    let member = Member {
        groups: if on_printing_server { drawn } else { Vec::new() },
        local_printing: !below(rng, 8).eq(&0),
        self_service: !below(rng, 5).eq(&0),
        my_printers: below(rng, 4) == 0,
        on_account_server: number % 223 != 7,
        on_printing_server,
        ..Member::new(role)
    };
    person.verified = number % 71 != 3;
    Draft {
        person,
        member,
        existing: None,
    }
}

fn random_person(rng: &mut Pcg64) -> Person {
    let total: u32 = LANGUAGES.iter().map(|language| language.weight).sum();
    let mut ticket = below(rng, total);
    let mut language = 0;
    while ticket >= LANGUAGES[language].weight {
        ticket -= LANGUAGES[language].weight;
        language += 1;
    }
    let (given, family) = &vocabulary()[language][below(rng, 2) as usize];
    let first = pick(rng, given);
    let last = pick(rng, family);
    let mut last_text = last.text.to_owned();
    if LANGUAGES[language].joins_with_hyphen && below(rng, 12) == 0 {
        let second = pick(rng, family);
        if second.text != last.text {
            last_text = format!("{}-{}", last.text, second.text);
        }
    }
    Person {
        id: random_id(rng),
        // Completed with a domain, and a number where it is taken, once everybody is there.
        email: format!("{}.{}", first.ascii, last.ascii),
        first_name: first.text.to_owned(),
        last_name: last_text,
        joined: at(FIRST_DAY + i64::from(below(rng, 2_500)) * 86_400 + i64::from(below(rng, 86_400))),
        azure: below(rng, 10) < 3,
        verified: true,
        organizations: Vec::new(),
    }
}

type Vocabulary = Vec<[(Vec<Name>, Vec<Name>); 2]>;

fn vocabulary() -> &'static Vocabulary {
    static WORDS: std::sync::OnceLock<Vocabulary> = std::sync::OnceLock::new();
    WORDS.get_or_init(|| {
        LANGUAGES
            .iter()
            .map(|language| {
                [language.women, language.men]
                    .map(|(given, family)| (names::parse(given), names::parse(family)))
            })
            .collect()
    })
}

/// One to four groups for most, none for some, a great many for a few; the first groups are the large ones.
fn random_groups(rng: &mut Pcg64, groups: usize, fixed: &[GroupIx]) -> Vec<GroupIx> {
    let open = groups.saturating_sub(fixed.len());
    if open == 0 {
        return Vec::new();
    }
    let wanted = match below(rng, 1_000) {
        0..60 => 0,
        60..360 => 1,
        360..680 => 2,
        680..880 => 3,
        880..977 => 4,
        977..998 => 5 + below(rng, 4) as usize,
        _ => 25 + below(rng, 15) as usize,
    }
    .min(open);
    let mut chosen: Vec<GroupIx> = Vec::with_capacity(wanted);
    while chosen.len() < wanted {
        let place = f64::from(below(rng, 1 << 20)) / f64::from(1 << 20);
        let ix = GroupIx((place * place * groups as f64) as u32);
        if !fixed.contains(&ix) && !chosen.contains(&ix) {
            chosen.push(ix);
        } else if wanted * 2 > open {
            // Close to all of them: drawing would take long, so the rest is taken in order.
            let rest = (0..groups as u32).map(GroupIx).filter(|ix| !fixed.contains(ix));
            let missing: Vec<GroupIx> = rest
                .filter(|ix| !chosen.contains(ix))
                .take(wanted - chosen.len())
                .collect();
            chosen.extend(missing);
        }
    }
    chosen
}

/// Brings the groups whose size the documents tell up to it, or to a third of the people where there are few.
fn fill_counted_groups(rng: &mut Pcg64, drafts: &mut [Draft], plan: &Plan) {
    if !plan.documents || drafts.is_empty() {
        return;
    }
    for (place, group) in documents::GROUPS.iter().enumerate().take(plan.groups) {
        let Some(target) = group.members.filter(|target| *target > 3) else {
            continue;
        };
        let by_documents = documents::USERS
            .iter()
            .take(plan.people)
            .filter(|user| user.groups.contains(&place));
        let mut missing = target.saturating_sub(by_documents.count()).min(drafts.len() / 3);
        while missing > 0 {
            let at = below(rng, drafts.len() as u32) as usize;
            let member = &mut drafts[at].member;
            if member.on_printing_server && !member.groups.contains(&GroupIx(place as u32)) {
                member.groups.push(GroupIx(place as u32));
                missing -= 1;
            }
        }
    }
}

fn give_addresses(drafts: &mut [Draft], domain: &str) {
    let mut taken: HashMap<String, u32> = HashMap::with_capacity(drafts.len());
    for draft in drafts.iter().filter(|draft| draft.person.email.contains('@')) {
        if let Some((local, _)) = draft.person.email.split_once('@') {
            taken.insert(local.to_owned(), 1);
        }
    }
    for draft in drafts
        .iter_mut()
        .filter(|draft| !draft.person.email.contains('@'))
    {
        let times = taken.entry(draft.person.email.clone()).or_default();
        *times += 1;
        let number = if *times > 1 {
            times.to_string()
        } else {
            String::new()
        };
        draft.person.email = format!("{}{number}@{domain}", draft.person.email);
    }
}

fn invite(rng: &mut Pcg64, drafts: &mut [Draft], domain: &str) -> Vec<Invitation> {
    let mut invitations = Vec::new();
    let mut add = |email: String, status: InvitationStatus, rng: &mut Pcg64| {
        let sent = FIRST_DAY + i64::from(below(rng, 2_000)) * 86_400;
        let expires = match status {
            InvitationStatus::Open => OPEN_UNTIL,
            InvitationStatus::Accepted | InvitationStatus::Expired => sent + 14 * 86_400,
        };
        invitations.push(Invitation {
            id: random_id(rng),
            email,
            updated: at(sent),
            expires: at(expires),
            status,
        });
        invitations.len() - 1
    };
    for (number, draft) in drafts.iter_mut().enumerate() {
        if !draft.person.verified {
            draft.member.invitation = Some(add(draft.person.email.clone(), InvitationStatus::Open, rng));
        } else if number % 97 == 50 {
            add(draft.person.email.clone(), InvitationStatus::Accepted, rng);
        }
    }
    if drafts.len() > 20 {
        add(format!("neue.kollegin@{domain}"), InvitationStatus::Open, rng);
        add(format!("vertretung.herbst@{domain}"), InvitationStatus::Open, rng);
        add(format!("praktikum.2023@{domain}"), InvitationStatus::Expired, rng);
    }
    invitations
}

fn add_printers(organization: &mut Organization, plan: &Plan, rng: &mut Pcg64) {
    let groups: Vec<GroupIx> = organization.group_order().to_vec();
    let counted: Vec<(GroupIx, usize)> = if plan.documents {
        let told = documents::GROUPS.iter().enumerate().take(plan.groups);
        told.filter(|(_, group)| group.members.is_some())
            .map(|(ix, group)| (GroupIx(ix as u32), group.printers))
            .collect()
    } else {
        Vec::new()
    };
    let open: Vec<GroupIx> = groups
        .iter()
        .copied()
        .filter(|ix| !counted.iter().any(|(other, _)| other == ix))
        .collect();
    for number in 0..groups.len() / 2 + 3 {
        let place = PLACES[number % PLACES.len()];
        organization.printers.push(Printer {
            id: random_id(rng),
            name: format!(
                "{place} {}{}.{:02}",
                ["A", "B", "C", "D"][number % 4],
                number / 40,
                number + 1
            ),
            groups: Vec::new(),
        });
        let mut chosen = Vec::new();
        for _ in 0..=below(rng, 3) {
            if let Some(ix) = open.get(below(rng, open.len().max(1) as u32) as usize)
                && !chosen.contains(ix)
            {
                chosen.push(*ix);
            }
        }
        chosen.extend(
            counted
                .iter()
                .filter(|(_, printers)| number < *printers)
                .map(|(ix, _)| *ix),
        );
        organization.assign_printer(number, chosen);
    }
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

fn pick<'a>(rng: &mut Pcg64, list: &'a [Name]) -> &'a Name {
    &list[below(rng, list.len() as u32) as usize]
}

/// A number below `n`, by multiplication: how rand does it may change, this may not. Zero where `n` is zero.
fn below(rng: &mut Pcg64, n: u32) -> u32 {
    ((u64::from(rng.next_u32()) * u64::from(n)) >> 32) as u32
}

fn random_id(rng: &mut Pcg64) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
    bytes[8..].copy_from_slice(&rng.next_u64().to_be_bytes());
    uuid_text(bytes)
}
