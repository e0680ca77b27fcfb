//! Random numbers that are the same in all versions of the library.

use rand::Rng;
use rand_pcg::Pcg64;

use crate::world::id::uuid_text;

pub(super) fn pick<'a, T>(rng: &mut Pcg64, list: &'a [T]) -> &'a T {
    &list[below(rng, list.len() as u32) as usize]
}

/// A number below `n`, by multiplication: rand's own method may change, this may not. Zero if `n` is zero.
pub(super) fn below(rng: &mut Pcg64, n: u32) -> u32 {
    ((u64::from(rng.next_u32()) * u64::from(n)) >> 32) as u32
}

pub(super) fn random_id(rng: &mut Pcg64) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
    bytes[8..].copy_from_slice(&rng.next_u64().to_be_bytes());
    uuid_text(bytes)
}
