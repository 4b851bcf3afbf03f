//! Where random tests take their numbers from: fixed seeds, so that every run of the suite tries the same inputs and
//! no change lands or fails by luck.
//!
//! `GRADTAPE_SEED=7` takes other numbers everywhere, `GRADTAPE_TIMES=20` tries 20 times as many cases;
//! `tests/random.sh` draws seed after seed.

#![allow(dead_code, reason = "each test uses its part")]

use std::ops::Range;

/// A whole number from the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a whole number, not `{text}`")))
}

/// The seed that was asked for.
pub fn chosen() -> Option<u64> {
    number("GRADTAPE_SEED")
}

/// How many times the cases are tried.
pub fn times() -> u64 {
    number("GRADTAPE_TIMES").unwrap_or(1)
}

/// What is added to the fixed seeds. Far apart for neighbouring choices.
fn shift() -> u64 {
    chosen().map_or(0, |seed| fastrand::Rng::with_seed(seed).u64(..1 << 48))
}

/// A source of random numbers; tests that need several number them.
pub fn random(number: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(shift() + number)
}

/// As many seeds, one after the other.
pub fn seeds(count: u64) -> Range<u64> {
    shift()..shift() + count * times()
}
