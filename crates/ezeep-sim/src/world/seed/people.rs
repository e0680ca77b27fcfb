//! The people of an organization before they have their positions in it: those who are introduced, those of
//! the documents, and random ones.

use std::collections::HashMap;
use std::sync::OnceLock;

use rand_pcg::Pcg64;

use super::dice::{below, pick, random_id};
use super::plan::{Draft, FIRST_DAY, Plan, at};
use crate::known::KnownPerson;
use crate::world::documents::{self, DocumentUser};
use crate::world::id::derived_id;
use crate::world::names::{self, LANGUAGES, Name};
use crate::world::organization::{GroupIx, Invitation, InvitationStatus, Member, Role};
use crate::world::person::Person;
use crate::world::tables::World;

/// Far enough ahead that an open invitation stays open: 1 March 2033.
const OPEN_UNTIL: i64 = 1_993_334_400;

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
pub(super) fn known_person(person: &KnownPerson) -> Person {
    Person {
        id: person
            .id
            .map_or_else(|| derived_id("person", person.email), str::to_owned),
        email: person.email.to_owned(),
        first_name: person.first.to_owned(),
        last_name: person.last.to_owned(),
        joined: at(FIRST_DAY),
        azure: person.azure,
        verified: true,
        organizations: Vec::new(),
    }
}

pub(super) fn known_draft(world: &World, person: &KnownPerson, admin: bool, plan: &Plan) -> Draft {
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

pub(super) fn document_member(user: &DocumentUser, groups: usize) -> Member {
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

pub(super) fn random_draft(rng: &mut Pcg64, number: usize, groups: usize, fixed: &[GroupIx]) -> Draft {
    let mut person = random_person(rng);
    if number % 199 == 11 {
        // Looks like a UUID and is none, like one id of the documents.
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
    // Groups belong to the printing server, so people it does not know are in none.
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

pub(super) fn random_person(rng: &mut Pcg64) -> Person {
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
        // Completed with a domain, and a number if it is taken, after all people are made.
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
    static WORDS: OnceLock<Vocabulary> = OnceLock::new();
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

/// One to four groups for most people, none for some, very many for a few; the first groups are the large
/// ones.
pub(super) fn random_groups(rng: &mut Pcg64, groups: usize, fixed: &[GroupIx]) -> Vec<GroupIx> {
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
            // Almost all of them: drawing would take long, so the rest is taken in order.
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

/// Fills the groups whose size is in the documents up to it, or to a third of the people if there are few.
pub(super) fn fill_counted_groups(rng: &mut Pcg64, drafts: &mut [Draft], plan: &Plan) {
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

pub(super) fn give_addresses(drafts: &mut [Draft], domain: &str) {
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

pub(super) fn invite(rng: &mut Pcg64, drafts: &mut [Draft], domain: &str) -> Vec<Invitation> {
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
