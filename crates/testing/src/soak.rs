//! What `cargo xtask soak` tells the tests that it repeats: a seed, and how many cases. `cargo xtask test`
//! tells neither.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// The seed of a soak's round.
const SEED: &str = "PRESSROOM_SOAK_SEED";
/// How many cases a property tries, as proptest reads it.
const CASES: &str = "PROPTEST_CASES";

/// Luck: the same for the same seed where a soak gives one, another each time elsewhere.
#[must_use]
pub fn rng() -> StdRng {
    match number(SEED) {
        Some(seed) => StdRng::seed_from_u64(seed),
        None => rand::make_rng(),
    }
}

/// How many cases a property tries: `usual`, but where a soak says otherwise.
#[must_use]
pub fn cases(usual: u32) -> u32 {
    let told = number(CASES).and_then(|cases| u32::try_from(cases).ok());
    told.unwrap_or(usual)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
