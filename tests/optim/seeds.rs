//! Streams of different seeds have nothing to do with each other: weights and batches of the seeds `s` and `s + lag`
//! are as uncorrelated as independent ones.

use gradtape::nn::{Activation, Init, Mlp};
use gradtape::optim::{Objective, OverRows};
use gradtape::program::{RowProgram, Rows};

/// How many seeds are compared with how many of their neighbours.
const SEEDS: u64 = 1000;
const LAGS: std::ops::RangeInclusive<u64> = 1..=16;
/// How many numbers are drawn from each seed: the first ones are the most alike.
const DRAWN: usize = 64;

/// What is drawn from a seed, as numbers of mean 0.
type Draw<'a> = (&'a str, Box<dyn FnMut(u64) -> Vec<f64> + 'a>);

fn draws<'a>(program: &'a RowProgram, numbers: &'a [f64]) -> Vec<Draw<'a>> {
    let weights =
        |init: Init| Box::new(move |seed| init.weights(8, 8, seed)) as Box<dyn FnMut(_) -> _>;
    let network = Mlp::new(8).dense(7, Activation::Tanh).dense(1, Activation::Identity);
    let network = move |seed| {
        let all = network.initialize(Init::HeNormal, seed);
        let [first, second] =
            [1, 2].map(|n| all.get(&format!("layer {n}.weight")).unwrap().to_vec());
        let half = (8.0_f64 / 7.0).sqrt();
        // Both layers with the spread of the first.
        first.into_iter().chain(second.into_iter().map(|w| w / half)).chain([0.0]).collect()
    };
    // The slope of p · row is the row: so batches of one show their order.
    let order = move |seed| {
        let rows = Rows::row_major(numbers, 1).unwrap();
        let mut batches = OverRows::new(program, rows).unwrap().batches(1, seed);
        let mut next = || {
            let mut slope = [0.0];
            batches.value_and_gradient(&[0.0], &mut slope).unwrap();
            slope[0]
        };
        (0..numbers.len()).map(|_| next()).collect()
    };
    vec![
        ("XavierUniform", weights(Init::XavierUniform)),
        ("XavierNormal", weights(Init::XavierNormal)),
        ("HeUniform", weights(Init::HeUniform)),
        ("HeNormal", weights(Init::HeNormal)),
        ("Uniform", weights(Init::Uniform { low: -0.5, high: 0.5 })),
        ("a network", Box::new(network)),
        ("batches", Box::new(order)),
    ]
}

/// The correlation of numbers of mean 0.
fn correlation<'a>(pairs: impl Iterator<Item = (&'a Vec<f64>, &'a Vec<f64>)>) -> f64 {
    let [mut ab, mut aa, mut bb] = [0.0; 3];
    for (a, b) in pairs {
        for (a, b) in a.iter().zip(b) {
            ab += a * b;
            aa += a * a;
            bb += b * b;
        }
    }
    ab / (aa * bb).sqrt()
}

#[test]
fn weights_and_batches_of_neighbouring_seeds_are_not_correlated() {
    let numbers: Vec<f64> = (0..DRAWN).map(|i| i as f64 - (DRAWN - 1) as f64 / 2.0).collect();
    let program = RowProgram::record(|p, row| p[0] * row[0], &[0.0], &[0.0]);
    // Of independent numbers the correlation has this standard error; of 250 such the largest is below five.
    let bound = 5.0 / ((SEEDS as usize * (DRAWN - 1)) as f64).sqrt();
    for (name, mut draw) in draws(&program, &numbers) {
        let drawn: Vec<Vec<f64>> = (0..SEEDS + LAGS.end()).map(&mut draw).collect();
        for lag in LAGS {
            let found = correlation(drawn.iter().zip(&drawn[lag as usize..]).take(SEEDS as usize));
            assert!(found.abs() < bound, "{name}, seeds {lag} apart: {found}, not within {bound}");
        }
        // The first number alone, which an unmixed seed spoils most.
        let first: Vec<Vec<f64>> = drawn.iter().map(|drawn| drawn[..1].to_vec()).collect();
        for lag in LAGS {
            let found = correlation(first.iter().zip(&first[lag as usize..]).take(SEEDS as usize));
            assert!(found.abs() < 5.0 / (SEEDS as f64).sqrt(), "{name}, first, {lag}: {found}");
        }
    }
}

#[test]
fn seeds_that_differ_in_any_one_bit_are_not_correlated() {
    let numbers: Vec<f64> = (0..DRAWN).map(|i| i as f64 - (DRAWN - 1) as f64 / 2.0).collect();
    let program = RowProgram::record(|p, row| p[0] * row[0], &[0.0], &[0.0]);
    let bound = 5.0 / ((100 * (DRAWN - 1)) as f64).sqrt();
    for (name, mut draw) in draws(&program, &numbers) {
        let drawn: Vec<Vec<f64>> = (0..100).map(&mut draw).collect();
        for bit in 0..64 {
            let flipped: Vec<Vec<f64>> = (0..100).map(|seed| draw(seed ^ 1 << bit)).collect();
            let found = correlation(drawn.iter().zip(&flipped));
            assert!(found.abs() < bound, "{name}, bit {bit}: {found}, not within {bound}");
        }
    }
}

#[test]
fn weights_and_batches_of_one_seed_are_not_drawn_from_one_stream() {
    let numbers: Vec<f64> = (0..DRAWN).map(|i| i as f64 - (DRAWN - 1) as f64 / 2.0).collect();
    let program = RowProgram::record(|p, row| p[0] * row[0], &[0.0], &[0.0]);
    let mut draws = draws(&program, &numbers);
    let batches: Vec<Vec<f64>> = (0..SEEDS).map(&mut draws.pop().unwrap().1).collect();
    let weights: Vec<Vec<f64>> = (0..SEEDS).map(&mut draws[0].1).collect();
    let found = correlation(weights.iter().zip(&batches));
    assert!(found.abs() < 5.0 / ((SEEDS as usize * DRAWN) as f64).sqrt(), "{found}");
}
