//! [`generator`]: random numbers from a seed, for whatever is drawn.

use fastrand::Rng;

/// What random numbers are drawn for: one seed gives each of them a stream of its own.
#[derive(Clone, Copy)]
pub(crate) enum Draw {
    Weights = 1,
    Batches = 2,
    Split = 3,
}

/// Make the generator of a seed.
///
/// The first numbers of `fastrand` are nearly linear in its state, so the streams of neighbouring seeds would be
/// correlated, and people take 1, 2, 3. The seed is mixed first, and so is what is drawn, for a network and its
/// batches often have the same seed.
pub(crate) fn generator(seed: u64, draw: Draw) -> Rng {
    Rng::with_seed(mix(mix(seed).wrapping_add(draw as u64)))
}

/// Make one number of many, which is another if a bit of them is.
pub(crate) fn hash(numbers: impl Iterator<Item = u64>) -> u64 {
    hash_on(0, numbers)
}

/// Go on from the hash of numbers before these.
pub(crate) fn hash_on(before: u64, numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(before, |hash, number| mix(hash ^ number))
}

/// SplitMix64: a bijection in which every bit of the input changes half of the bits of the output. G. L. Steele,
/// D. Lea, C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014, with the constants of
/// S. Vigna's `splitmix64.c`.
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::mix;

    #[test]
    fn seeds_are_mixed_by_the_published_function() {
        // The first outputs of splitmix64.c with the state 1234567: the state grows by the constant before each.
        let state = |k: u64| 1_234_567_u64.wrapping_add(k.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        assert_eq!(
            [mix(state(0)), mix(state(1))],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }
}
