//! Measures the directory in memory and prints one JSON object a line: `name`, `value`, `unit`, `baseline`, `ratio`, `n`.
//! Owns its made-up organization and its questions, the same in every run; judges nothing.
//!
//! `cargo run --release -p directory --example measure -- [PEOPLE]`, with 100,000 people where no number is given.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use directory::{Directory, Group, GroupId, Person, Sort, UserColumn, UserId, UserScope};
use memchr::memmem::Finder;

const PEOPLE: usize = 100_000;
const GROUPS: usize = 1_000;
const QUERIES: usize = 1_000;
/// A query counts with the best of these: what else the machine does is not to be measured.
const ATTEMPTS: usize = 3;
const CHANGES: usize = 1_000;
/// As many rows as a tall window shows, and some more.
const ROWS: u32 = 100;

fn main() -> io::Result<()> {
    let people = std::env::args()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(PEOPLE)
        .max(1);
    let mut random = Random(4);
    let people: Vec<Person> = (0..people).map(|number| person(number, &mut random)).collect();
    let groups = (0..GROUPS).map(|number| Group::new(group_id(number), format!("Group {number}")));
    let (groups, copy): (Vec<Group>, Vec<Person>) = (groups.collect(), people.clone());
    let (mut directory, build) = timed(|| Directory::build(copy, groups));

    let pass = pass(&people);
    let searches = searches(&directory, &people, &mut random);
    report("search_p50", &searches, 50, pass)?;
    report("search_p99", &searches, 99, pass)?;
    report("search_max", &searches, 100, pass)?;
    let updates = updates(&mut directory, &people, &mut random);
    report("update_one", &updates, 99, build)?;
    let renames = renames(&mut directory, &people, &mut random);
    report("rename_one", &renames, 99, build)
}

/// One pass over all that is searched for a text that is nowhere in it: the median of some.
fn pass(people: &[Person]) -> Duration {
    let folded = people
        .iter()
        .map(|person| format!("{}\n{}\n{}\n", person.name, person.email, person.id));
    let bytes = folded.collect::<String>().to_lowercase();
    let finder = Finder::new("zyxwq");
    let mut times: Vec<Duration> = (0..51)
        .map(|_| timed(|| black_box(finder.find(black_box(bytes.as_bytes())))).1)
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn searches(directory: &Directory, people: &[Person], random: &mut Random) -> Vec<Duration> {
    let one = |_| {
        let words = 1 + random.below(3);
        let whom = &people[random.below(people.len())];
        let words: Vec<String> = (0..words).map(|_| word(whom, random)).collect();
        let scope = UserScope {
            search: words.join(" "),
            ..UserScope::default()
        };
        let sort = Sort::ascending(UserColumn::Name);
        let times = (0..ATTEMPTS).map(|_| timed(|| black_box(directory.users(&scope, sort, 0, ROWS))).1);
        times.min().unwrap_or_default()
    };
    (0..QUERIES).map(one).collect()
}

/// A word as people type them while they look for someone.
fn word(whom: &Person, random: &mut Random) -> String {
    let names: Vec<&str> = whom.name.split(' ').collect();
    let name: Vec<char> = names[random.below(names.len())].chars().collect();
    match random.below(10) {
        0..4 => name.iter().collect(),
        4..6 => name[..name.len().min(1 + random.below(4))].iter().collect(),
        6..8 => {
            let from = random.below(name.len());
            name[from..].iter().take(1 + random.below(4)).collect()
        }
        8 => match random.below(3) {
            0 => whom.email.clone(),
            1 => whom.email.split('@').take(1).collect(),
            _ => whom.id.as_str()[..8].to_owned(),
        },
        _ => format!("{}q{}", random.pick(&SYLLABLES), random.pick(&SYLLABLES)),
    }
}

fn updates(directory: &mut Directory, people: &[Person], random: &mut Random) -> Vec<Duration> {
    let one = |_| {
        let whom = &people[random.below(people.len())];
        let groups = [&whom.groups[1..], &[group_id(random.below(GROUPS))]].concat();
        timed(|| black_box(directory.set_groups(&whom.id, &groups))).1
    };
    (0..CHANGES).map(one).collect()
}

fn renames(directory: &mut Directory, people: &[Person], random: &mut Random) -> Vec<Duration> {
    let one = |_| {
        let whom = people[random.below(people.len())].clone();
        let renamed = Person {
            name: name(random),
            ..whom
        };
        timed(|| directory.upsert_person(renamed)).1
    };
    (0..CHANGES).map(one).collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed())
}

fn report(name: &str, times: &[Duration], percent: usize, baseline: Duration) -> io::Result<()> {
    let mut times = times.to_vec();
    times.sort();
    let value = times[(times.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1e6;
    let baseline = baseline.as_secs_f64() * 1e6;
    writeln!(
        io::stdout(),
        r#"{{"name":"{name}","value":{value:.1},"unit":"us","baseline":{baseline:.1},"ratio":{:.4},"n":{}}}"#,
        value / baseline,
        times.len(),
    )
}

// ---- the organization ------------------------------------------------------------------------------------------------

const FIRST: [&str; 24] = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Greta",
    "Henri",
    "Ida",
    "Jörg",
    "Katharina",
    "Lukas",
    "Mia",
    "Noah",
    "Olivia",
    "Paul",
    "Rosa",
    "Søren",
    "Theo",
    "Ursula",
    "Viktor",
    "Wiebke",
    "Yusuf",
    "Zoë",
];
const SYLLABLES: [&str; 32] = [
    "ber", "dorf", "fel", "gar", "hau", "ing", "jan", "kel", "lind", "mei", "nau", "ott", "pfe", "rich",
    "schu", "ster", "tal", "ulm", "vog", "wal", "zim", "mann", "er", "ke", "sen", "bach", "stein", "mül",
    "ler", "to", "is", "ow",
];
const DOMAINS: [&str; 3] = ["north.school.example", "south.school.example", "office.example"];

fn person(number: usize, random: &mut Random) -> Person {
    let name = name(random);
    let local = name
        .to_lowercase()
        .replace(' ', ".")
        .replace(|c: char| !c.is_ascii(), "");
    let email = format!("{local}{}@{}", number % 1000, random.pick(&DOMAINS));
    let (high, low) = (random.next(), random.next());
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff,
    );
    let first = random.below(GROUPS);
    Person {
        groups: (0..4).map(|step| group_id((first + step * 7) % GROUPS)).collect(),
        ..Person::new(UserId::from(id), &name, &email)
    }
}

fn name(random: &mut Random) -> String {
    let mut last: String = (0..2 + random.below(2))
        .map(|_| random.pick(&SYLLABLES))
        .collect();
    last[..1].make_ascii_uppercase();
    format!("{} {last}", random.pick(&FIRST))
}

fn group_id(number: usize) -> GroupId {
    GroupId::from(format!("group-{number}"))
}

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len())]
    }
}
