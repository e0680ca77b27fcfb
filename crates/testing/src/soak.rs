//! Parameters that `cargo xtask soak` passes to the tests it repeats: a seed and a number of cases.
//! `cargo xtask test` passes neither.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// The seed of a soak's round.
const SEED: &str = "PRESSROOM_SOAK_SEED";
/// How many cases a property tries, as proptest reads it.
const CASES: &str = "PROPTEST_CASES";

/// Random numbers: the same for the same seed in a soak, otherwise different each time.
#[must_use]
pub fn rng() -> StdRng {
    match number(SEED) {
        Some(seed) => StdRng::seed_from_u64(seed),
        None => rand::make_rng(),
    }
}

/// Number of cases of a property: `usual`, unless a soak sets another.
#[must_use]
pub fn cases(usual: u32) -> u32 {
    let told = number(CASES).and_then(|cases| u32::try_from(cases).ok());
    told.unwrap_or(usual)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
