//! The three organizations: their groups and printers, and the order of all random numbers.

use rand_pcg::Pcg64;

use super::dice::{below, random_id};
use super::memberships;
use super::people::{
    document_member, fill_counted_groups, give_addresses, invite, known_draft, known_person, random_draft,
    random_groups, random_person,
};
use super::plan::{Draft, Plan};
use crate::config::SimConfig;
use crate::known::{self, KnownPerson, organizations};
use crate::world::documents;
use crate::world::organization::{GroupIx, Member, NewGroup, Organization, Origin, Printer, Role};
use crate::world::person::{OrgIx, Person, PersonIx};
use crate::world::tables::World;

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

/// Builds the world a configuration asks for.
pub(crate) fn build(config: &SimConfig) -> World {
    let mut world = World::new(config.seed);
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
            memberships: config.memberships,
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
        // A few people work for both: one id, two lists of groups.
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
            memberships: None,
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
            memberships: None,
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
    if let Some(wanted) = plan.memberships {
        let (first, rest) = drafts.split_at_mut(named);
        let held = first.iter().map(|draft| draft.member.groups.len()).sum();
        memberships::bring_to(wanted, held, rest, plan.groups, &fixed, (seed, plan.stream));
    }
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

/// Adds the groups. Returns the indexes of those whose number of members is in the documents.
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

/// Names first, then classes of a school, then numbered courses.
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
