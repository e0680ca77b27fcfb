//! The parts that the sign-in, Microsoft and pairing pages share: the people to choose from, the search for
//! others, the two buttons.

use super::page::{alert, escape};
use crate::known;
use crate::state::State;
use crate::world::{Person, PersonIx, World};

/// The first button is the one that Enter presses.
pub(super) const BUTTONS: &str = "<div class=\"actions\">\
    <button id=\"allow\" name=\"decision\" value=\"allow\" class=\"go\">Allow</button>\
    <button id=\"refuse\" name=\"decision\" value=\"refuse\">Refuse</button></div>";

/// People beyond this many are found by searching.
const SHOWN: usize = 8;

struct Choice {
    id: String,
    name: String,
    email: String,
    note: &'static str,
}

/// The people a page offers.
pub(super) struct People {
    choices: Vec<Choice>,
    search: Option<String>,
}

impl People {
    /// The people that the cloud introduces, or those that match a search, or only `only`. `azure` selects
    /// those who sign in with Microsoft.
    pub fn find(state: &State, search: Option<&str>, only: Option<PersonIx>, azure: bool) -> Self {
        let world = state.world();
        let search = search.map(str::trim).filter(|text| !text.is_empty());
        let people: Vec<PersonIx> = match (only, search) {
            (Some(person), _) => vec![person],
            (None, Some(text)) => matching(&world, text, azure),
            (None, None) => introduced(&world, azure),
        };
        let choices = people
            .into_iter()
            .map(|ix| {
                let person = world.person(ix);
                let known = known::SIGN_IN_PEOPLE
                    .iter()
                    .find(|known| known.email == person.email);
                Choice {
                    id: person.id.clone(),
                    name: person.display_name(),
                    email: person.email.clone(),
                    note: known.map_or("", |known| known.note),
                }
            })
            .collect();
        Self {
            choices,
            search: search.map(str::to_owned),
        }
    }

    /// Radio buttons `person-0`, `person-1`, …; the first is chosen.
    pub fn radios(&self) -> String {
        if self.choices.is_empty() {
            return alert("Nobody matches.");
        }
        let mut html = "<fieldset><legend>Who signs in?</legend>".to_owned();
        for (place, choice) in self.choices.iter().enumerate() {
            // The keyboard starts here: arrows choose, Enter allows.
            let checked = if place == 0 { " checked autofocus" } else { "" };
            let note = if choice.note.is_empty() {
                String::new()
            } else {
                format!("<small>{}</small>", choice.note)
            };
            html.push_str(&format!(
                "<label class=\"person\" for=\"person-{place}\">\
                 <input type=\"radio\" id=\"person-{place}\" name=\"person\" value=\"{}\"{checked}>\
                 <span><b dir=\"auto\">{}</b><small>{}</small>{note}</span></label>",
                escape(&choice.id),
                escape(&choice.name),
                escape(&choice.email),
            ));
        }
        html + "</fieldset>"
    }

    /// A form of its own, so that Enter among the people means Allow and never Find.
    pub fn search_form(&self, action: &str, hidden: &str) -> String {
        format!(
            "<div class=\"other\"><form method=\"get\" action=\"{}\" role=\"search\">{hidden}\
             <label class=\"small\" for=\"q\">Someone else: name or email</label>\
             <div class=\"search\"><input id=\"q\" name=\"q\" value=\"{}\" autocomplete=\"off\" spellcheck=\"false\">\
             <button id=\"find\">Find</button></div></form></div>",
            escape(action),
            escape(self.search.as_deref().unwrap_or_default()),
        )
    }

    pub fn first(&self) -> Option<&str> {
        self.choices.first().map(|choice| choice.id.as_str())
    }
}

fn introduced(world: &World, azure: bool) -> Vec<PersonIx> {
    let known = known::SIGN_IN_PEOPLE.iter().filter(|known| known.azure == azure);
    let mut people: Vec<PersonIx> = known
        .filter_map(|known| world.person_by_email(known.email))
        .collect();
    if azure {
        let more = world
            .people()
            .filter(|(ix, person)| may_sign_in(person, true) && !people.contains(ix));
        let more: Vec<PersonIx> = more.map(|(ix, _)| ix).take(3).collect();
        people.extend(more);
    }
    people
}

fn matching(world: &World, text: &str, azure: bool) -> Vec<PersonIx> {
    // The exact address comes first.
    let exact = world
        .person_by_email(text)
        .filter(|ix| may_sign_in(world.person(*ix), azure));
    let words: Vec<String> = text
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let fits = |person: &Person| {
        let hay = format!("{} {} {}", person.first_name, person.last_name, person.email).to_lowercase();
        words.iter().all(|word| hay.contains(word.as_str()))
    };
    let rest = world
        .people()
        .filter(|(ix, person)| Some(*ix) != exact && may_sign_in(person, azure) && fits(person))
        .map(|(ix, _)| ix);
    exact.into_iter().chain(rest).take(SHOWN).collect()
}

/// Whether a person may sign in: not before they have followed the link in their invitation; a person who
/// signs in with Microsoft only there.
pub(super) fn may_sign_in(person: &Person, azure: bool) -> bool {
    person.verified && person.azure == azure
}

/// Hidden inputs.
pub(super) fn hidden_fields<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    pairs
        .into_iter()
        .map(|(key, value)| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escape(key),
                escape(value)
            )
        })
        .collect()
}
