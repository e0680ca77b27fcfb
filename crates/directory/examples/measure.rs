//! Measures the directory in memory and prints one JSON object per line: `name`, `value`, `unit`, `baseline`,
//! `ratio`, `n`. Owns its generated organization and its queries, the same in each run; judges nothing.
//!
//! `cargo run --release -p directory --example measure -- [PEOPLE]`, with 100,000 people by default.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use directory::{
    Directory, Group, Origin, Person, PrintSetting, PrintSettings, Role, Sort, UserColumn, UserScope,
    UserState,
};
use ids::{GroupId, UserId};
use memchr::memmem::Finder;
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const PEOPLE: usize = 100_000;
const GROUPS: usize = 1_000;
const QUERIES: usize = 1_000;
/// The best of this many runs counts: other load on the computer is not to be measured.
const ATTEMPTS: usize = 5;
const CHANGES: usize = 1_000;
/// Rows of a tall window, and some more.
const ROWS: u32 = 100;

fn main() -> io::Result<()> {
    let number = std::env::args()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(PEOPLE)
        .max(1);
    let used = HEAP.current_usage();
    let (copy, groups) = organization(number);
    let (mut directory, build) = timed(|| Directory::build(copy, groups));
    let memory = HEAP.current_usage() - used;
    // Generated again: a clone would share its ids with the directory and hide them from the count.
    let (people, _) = organization(number);
    let random = &mut Random(5);

    let pass = Pass::of(&people);
    let queries: Vec<UserScope> = (0..QUERIES).map(|_| query(&people, random)).collect();
    let (searches, passes) = searches(&directory, &queries, &pass);
    report("search_p50", &searches, 50, passes)?;
    report("search_p99", &searches, 99, passes)?;
    report("search_max", &searches, 100, passes)?;
    let (facets, passes) = facets(&directory, &queries, &pass, random);
    report("facets_p50", &facets, 50, passes)?;
    report("facets_p99", &facets, 99, passes)?;
    report("facets_max", &facets, 100, passes)?;
    let (filter_sorts, plain) = filter_sorts(&directory, &people, random);
    report("filter_sort_p99", &filter_sorts, 99, plain)?;
    let bytes = directory.snapshot();
    let write = best(|| directory.snapshot());
    line("snapshot_write", "us", micros(write), micros(build), ATTEMPTS)?;
    let read = best(|| Directory::restore(&bytes));
    line("snapshot_read", "us", micros(read), micros(build), ATTEMPTS)?;
    let restored = Directory::restore(&bytes).unwrap_or_default();
    let ((), index) = timed(|| restored.prepare_search());
    line("search_index", "us", micros(index), micros(build), 1)?;
    line(
        "snapshot_size",
        "bytes",
        bytes.len() as f64,
        facts(&people) as f64,
        number,
    )?;
    let updates = updates(&mut directory, &people, random);
    report("update_one", &updates, 99, build)?;
    let renames = renames(&mut directory, &people, random);
    report("rename_one", &renames, 99, build)?;
    line(
        "directory_memory",
        "bytes",
        memory as f64,
        facts(&people) as f64,
        number,
    )?;
    line("build", "us", micros(build), micros(sorting(&people)), 1)
}

/// The fewest bytes that all people can take: their texts, and four for each membership.
fn facts(people: &[Person]) -> usize {
    let one = |person: &Person| {
        let texts = [&person.name, &person.email, person.id.as_str()];
        texts.iter().map(|text| text.len()).sum::<usize>() + person.groups.len() * size_of::<u32>()
    };
    people.iter().map(one).sum()
}

/// The time of sorting all names as bytes once.
fn sorting(people: &[Person]) -> Duration {
    let mut names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    let ((), time) = timed(|| names.sort_unstable());
    black_box(names);
    time
}

/// One pass over all searched text for a text that is not in it.
struct Pass {
    bytes: String,
    absent: Finder<'static>,
}

impl Pass {
    fn of(people: &[Person]) -> Self {
        let folded = people
            .iter()
            .map(|person| format!("{}\n{}\n{}\n", person.name, person.email, person.id));
        Self {
            bytes: folded.collect::<String>().to_lowercase(),
            absent: Finder::new("zyxwq"),
        }
    }

    fn time(&self) -> Duration {
        best(|| self.absent.find(black_box(self.bytes.as_bytes())))
    }

    /// The times of the queries, and the median of passes run between them, so that other load meets both.
    fn beside<Q>(&self, questions: &[Q], mut time: impl FnMut(&Q) -> Duration) -> (Vec<Duration>, Duration) {
        const EVERY: usize = 10;
        let mut passes = Vec::new();
        let mut one = |(number, question): (usize, &Q)| {
            if number % EVERY == 0 {
                passes.push(self.time());
            }
            time(question)
        };
        let times = questions.iter().enumerate().map(&mut one).collect();
        (times, median(passes))
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn query(people: &[Person], random: &mut Random) -> UserScope {
    let words = 1 + random.below(3);
    let whom = &people[random.below(people.len())];
    let words: Vec<String> = (0..words).map(|_| word(whom, random)).collect();
    UserScope {
        search: words.join(" "),
        ..UserScope::default()
    }
}

fn searches(directory: &Directory, queries: &[UserScope], pass: &Pass) -> (Vec<Duration>, Duration) {
    let sort = Sort::ascending(UserColumn::Name);
    pass.beside(queries, |scope| best(|| directory.users(scope, sort, 0, ROWS)))
}

/// Rows and all counts, of all groups too: half of the queries have filters, nine in ten a search.
fn facets(
    directory: &Directory,
    queries: &[UserScope],
    pass: &Pass,
    random: &mut Random,
) -> (Vec<Duration>, Duration) {
    let sort = Sort::ascending(UserColumn::Name);
    let groups: Vec<GroupId> = (0..GROUPS).map(group_id).collect();
    pass.beside(queries, |query| {
        let mut scope = match random.below(2) {
            0 => query.clone(),
            _ => UserScope {
                search: query.search.clone(),
                ..filters(random)
            },
        };
        if random.below(10) == 0 {
            scope.search.clear();
        }
        best(|| {
            let window = directory.users(&scope, sort, 0, ROWS);
            (window, directory.facets(&scope, &groups))
        })
    })
}

/// Three filters and a sort by another column than the name; and the same by filtering all people and sorting
/// the rest, the median of some runs.
fn filter_sorts(directory: &Directory, people: &[Person], random: &mut Random) -> (Vec<Duration>, Duration) {
    let mut plain = Vec::new();
    let mut one = |number| {
        let scope = UserScope {
            groups: Vec::new(),
            ..filters(random)
        };
        let columns = [UserColumn::Email, UserColumn::Groups, UserColumn::Origin];
        let sort = Sort {
            column: columns[random.below(columns.len())],
            descending: random.below(2) == 0,
        };
        let offset = random.below(people.len()) as u32 / 10;
        if number % 20 == 0 {
            plain.push(timed(|| black_box(plainly(people, &scope))).1);
        }
        best(|| directory.users(&scope, sort, offset, ROWS))
    };
    let times = (0..QUERIES).map(&mut one).collect();
    (times, median(plain))
}

fn plainly<'a>(people: &'a [Person], scope: &UserScope) -> Vec<&'a Person> {
    let passes = |person: &&Person| {
        let mut settings = scope.settings.iter();
        scope.roles.contains(&person.role)
            && scope.states.contains(&person.state)
            && settings.all(|(_, on)| person.settings.is_some_and(|all| all.local_printing == *on))
    };
    let mut passing: Vec<&Person> = people.iter().filter(passes).collect();
    passing.sort_by(|a, b| {
        a.groups
            .len()
            .cmp(&b.groups.len())
            .then_with(|| a.name.cmp(&b.name))
    });
    passing
}

/// A role, a state and a setting that most people have, and some groups.
fn filters(random: &mut Random) -> UserScope {
    let groups = random.below(4);
    UserScope {
        roles: vec![[Role::User, Role::Admin][usize::from(random.below(10) == 0)]],
        states: vec![UserState::Active, UserState::PrintingOnly],
        settings: vec![(PrintSetting::LocalPrinting, random.below(2) == 0)],
        groups: (0..groups).map(|_| group_id(random.below(GROUPS))).collect(),
        ..UserScope::default()
    }
}

/// A word as users type it while they look for a person.
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
        let joined = group_id(random.below(GROUPS));
        let groups = [&whom.groups[1..], std::slice::from_ref(&joined)].concat();
        let mut change = || {
            directory.set_groups(&whom.id, &groups);
            directory.group(&joined).map(|group| group.members)
        };
        timed(|| black_box(change())).1
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

fn best<T>(work: impl Fn() -> T) -> Duration {
    let times = (0..ATTEMPTS).map(|_| timed(|| black_box(work())).1);
    times.min().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn report(name: &str, times: &[Duration], percent: usize, baseline: Duration) -> io::Result<()> {
    let mut times = times.to_vec();
    times.sort();
    let value = times[(times.len() * percent).div_ceil(100) - 1];
    line(name, "us", micros(value), micros(baseline), times.len())
}

fn line(name: &str, unit: &str, value: f64, baseline: f64, n: usize) -> io::Result<()> {
    writeln!(
        io::stdout(),
        r#"{{"name":"{name}","value":{value:.1},"unit":"{unit}","baseline":{baseline:.1},"ratio":{:.6},"n":{n}}}"#,
        value / baseline,
    )
}

// ---- the organization
// ------------------------------------------------------------------------------------------------

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

fn organization(people: usize) -> (Vec<Person>, Vec<Group>) {
    let random = &mut Random(4);
    let people = (0..people).map(|number| person(number, random)).collect();
    let group = |number| Group::new(group_id(number), format!("Group {number}"));
    (people, (0..GROUPS).map(group).collect())
}

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
        role: [Role::User, Role::Admin][usize::from(random.below(50) == 0)],
        state: match random.below(20) {
            0 => UserState::PendingInvitation,
            1 => UserState::PrintingOnly,
            _ => UserState::Active,
        },
        origin: [Origin::Ezeep, Origin::Azure][random.below(2)].clone(),
        joined: Some(random.below(1 << 40) as i64),
        verified: Some(true),
        settings: Some(PrintSettings {
            local_printing: random.below(3) == 0,
            self_service: random.below(2) == 0,
            my_printers: true,
        }),
        ..Person::new(UserId::from_checked(&id), &name, &email)
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
    GroupId::from_checked(&format!("group-{number}"))
}

/// SplitMix64: the same numbers on each computer.
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
