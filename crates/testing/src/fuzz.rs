//! Fuzzing with proptest: the inputs of a corpus folder as they are, then changed, cut and spliced, and bytes
//! of any kind. `PROPTEST_CASES` says how many. The corpus is that of the crate under test:
//! `corpus!("callback")`. Must never judge an input: each test brings its own properties.

use std::{fmt, fs};

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

/// The folder `corpus/NAME` of the crate that calls it.
#[macro_export]
macro_rules! corpus {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/", $name)
    };
}

/// What one test says of one input.
pub type CheckResult = Result<(), TestCaseError>;

/// An input that a failure shows as text.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// One change to an input: kind, two places, a byte.
type Mutation = (u8, u16, u16, u8);

/// Checks every file of the folder `corpus` with `plain`, then many inputs derived from them, each with a
/// value of `extra`. `words` are inserted into some.
///
/// # Panics
/// If `check` fails; the shrunk input is shown.
pub fn run<E: Strategy>(
    corpus: &str,
    words: &[&str],
    plain: &E::Value,
    extra: E,
    check: impl Fn(&[u8], &E::Value) -> CheckResult,
) {
    let corpus = read(corpus);
    for (name, input) in &corpus {
        if let Err(error) = check(input, plain) {
            panic!("corpus file {name}: {error}");
        }
    }
    let mutated = (
        0..corpus.len(),
        0..corpus.len(),
        prop::collection::vec(any::<Mutation>(), 0..8),
    );
    let any_bytes = prop::collection::vec(any::<u8>(), 0..200);
    let input = prop_oneof![
        7 => mutated.prop_map(|(input, other, mutations)| mutate(&corpus[input].1, &corpus[other].1, words, &mutations)),
        1 => any_bytes,
    ];
    // What a run finds is kept by hand, as a file of the corpus.
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&(input.prop_map(Input), extra), |(input, extra)| {
        check(&input.0, &extra)
    });
    if let Err(error) = outcome {
        panic!("{error}\n{runner}");
    }
}

/// The files of a folder, in order.
fn read(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn mutate(input: &[u8], other: &[u8], words: &[&str], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for &(kind, from, to, byte) in mutations {
        let (length, from, to) = (bytes.len(), usize::from(from), usize::from(to));
        let at = from % (length + 1);
        let end = at + to % (length + 1 - at);
        match kind % 8 {
            0 if at < length => bytes[at] = byte,
            1 if at < length => bytes[at] ^= 1 << (byte % 8),
            2 => bytes.insert(at, byte),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            5 => {
                let start = to % (other.len() + 1);
                bytes.splice(at..at, other[start..].iter().copied().take(usize::from(byte)));
            }
            6 => bytes.truncate(at),
            _ => {
                let word = words[to % words.len()].as_bytes();
                bytes.splice(at..at, word.iter().copied());
            }
        }
    }
    bytes
}
