//! How property tests run. A counterexample is printed whole; it becomes a test of its own and not a file of seeds.

#[path = "seed.rs"]
pub mod seed;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

pub fn config(cases: u32) -> ProptestConfig {
    let times = u32::try_from(seed::times()).expect("GRADTAPE_TIMES fits 32 bits");
    ProptestConfig {
        cases: cases * times,
        max_global_rejects: ProptestConfig::default().max_global_rejects * times,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed::chosen().unwrap_or(0x7461_7065)),
        ..ProptestConfig::default()
    }
}
