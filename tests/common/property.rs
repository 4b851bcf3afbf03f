//! How property tests run: from a fixed seed, so that the same inputs are tried in every run.
//! A counterexample is printed whole; it becomes a test of its own and not a file of seeds.
//!
//! `GRADTAPE_RANDOM=20 cargo test` takes a new seed each time and 20 times as many cases.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

pub fn config(cases: u32) -> ProptestConfig {
    let random = std::env::var("GRADTAPE_RANDOM").ok();
    let times = random.as_ref().map_or(1, |times| {
        times.parse().expect("GRADTAPE_RANDOM is how many times the cases to run, a whole number")
    });
    ProptestConfig {
        cases: cases * times,
        failure_persistence: None,
        rng_seed: if random.is_some() { RngSeed::Random } else { RngSeed::Fixed(0x7461_7065) },
        ..ProptestConfig::default()
    }
}
