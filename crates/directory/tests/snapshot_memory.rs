//! The memory that a snapshot asks for while it is read. Alone in its program, because it counts all memory.
#![allow(clippy::unwrap_used, reason = "helpers of a test")]

use directory::{Directory, Group, Person};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Far less than four bytes for each of 4,000,000,000 items.
const MOST: usize = 8 << 20;

#[test]
fn no_number_in_a_snapshot_asks_for_memory_that_its_length_cannot_hold() {
    let person = Person {
        groups: vec!["g".parse().unwrap(), "h".parse().unwrap()],
        ..Person::new("u".parse().unwrap(), "Zoë", "zoe@school.example")
    };
    let bytes = Directory::build(vec![person], vec![Group::new("g".parse().unwrap(), "G")]).snapshot();
    for at in 1..bytes.len() {
        let mut bytes = bytes.clone();
        // 4,294,967,295 in place of one byte.
        bytes.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0x0f]);
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        let _ = Directory::restore(&bytes);
        let asked = HEAP.peak_usage() - before;
        assert!(asked < MOST, "{asked} bytes for a number at {at}");
    }
}
