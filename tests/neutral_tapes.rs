//! Published problems as neutral tapes: Moré-Garbow-Hillstrom test functions, NIST regressions and
//! worked examples, with value and gradient from a 50-digit sweep.
//!
//! Each value and each entry of each gradient is within 1e-10 of the reference, relatively. The only
//! exceptions are two gradients with an entry that cancels: see `CANCELLING`.

mod common {
    pub mod tapes;
}

use common::tapes::{neutral_tapes, tolerance};
use gradtape::Tape;

#[test]
fn values_and_gradients_of_all_published_problems_are_right() {
    let neutral_tapes = neutral_tapes();
    assert_eq!(neutral_tapes.len(), 62);
    for neutral in neutral_tapes {
        let name = &neutral.name;
        let tape = Tape::new();
        let x = tape.vars(&neutral.inputs);
        let output = neutral.run(&x)[neutral.output];
        let (found, expected) = (output.value(), neutral.value);
        assert!(
            (found - expected).abs() <= 1e-10 * expected.abs(),
            "{name}: {found}, not {expected}"
        );
        let largest = neutral.gradient.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
        for (i, found) in output.backward().wrt_all(&x).into_iter().enumerate() {
            let expected = neutral.gradient[i];
            assert!(
                (found - expected).abs() <= tolerance(name, expected, largest),
                "{name}: entry {i} of the gradient is {found}, not {expected}"
            );
        }
    }
}

#[test]
fn the_recorded_values_are_the_bits_of_plain_f64() {
    for neutral in neutral_tapes() {
        let tape = Tape::new();
        let plain = neutral.run(&neutral.inputs);
        let recorded = neutral.run(&tape.vars(&neutral.inputs));
        for (id, (a, b)) in plain.iter().zip(&recorded).enumerate() {
            assert_eq!(a.to_bits(), b.value().to_bits(), "{}: node {id}", neutral.name);
        }
    }
}

/// The forward sweep adds the same products in another order: the difference is rounding, at most
/// 1e-13 of the products' absolute sum.
#[test]
fn the_forward_sweep_agrees_with_the_gradient_along_a_direction() {
    for neutral in neutral_tapes() {
        let tape = Tape::new();
        let x = tape.vars(&neutral.inputs);
        let output = neutral.run(&x)[neutral.output];
        let direction: Vec<f64> = (0..x.len()).map(|i| 1.0 - 0.3 * i as f64).collect();
        let seeds: Vec<_> = x.iter().copied().zip(direction.iter().copied()).collect();
        let along = tape.forward(&seeds).wrt(output);
        let products: Vec<f64> =
            output.backward().wrt_all(&x).iter().zip(&direction).map(|(g, d)| g * d).collect();
        let (sum, size) = products.iter().fold((0.0, 0.0), |(s, m), p| (s + p, m + p.abs()));
        assert!((along - sum).abs() <= 1e-13 * size, "{}: {along} and {sum}", neutral.name);
    }
}
