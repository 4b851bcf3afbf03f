//! A program for each path that rows take: the numbers of the code itself, in sums that depend on nothing but the rows.

use crate::property::seed::random;
use crate::{available, bits};
use gradtape::lanes::Isa;
use gradtape::program::{ReplayError, RerecordRows, RowProgram, Rows, Workspace};
use gradtape::{CustomOp, Real, Var, custom, value_and_gradient};

/// The steps of a path of prices.
const STEPS: usize = 12;

/// A call that is knocked out where the price falls below 85 of 100: rate, volatility and price are shared, a row is
/// the noise of each step. Generic code with an early end.
fn barrier_call<S: Real>(p: &[S], noise: &[S]) -> S {
    let [rate, volatility, mut price] = [p[0], p[1], p[2]];
    let dt = 1.0 / STEPS as f64;
    for &z in noise {
        let drift = (rate - volatility.square() * 0.5) * dt;
        price *= (drift + volatility * z * dt.sqrt()).exp();
        if price < S::from(85.0) {
            return price * 0.0;
        }
    }
    let payoff = if price > S::from(100.0) { price - 100.0 } else { price * 0.0 };
    payoff * (-rate).exp()
}

fn barrier(p: &[Var], noise: &[Var]) -> [Var; 1] {
    [barrier_call(p, noise)]
}

const MARKET: [f64; 3] = [0.03, 0.25, 100.0];

/// Normal noise, one row a path.
fn noise(rows: usize) -> Vec<f64> {
    let mut random = random(3);
    let mut normal = || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    (0..rows * STEPS).map(|_| normal()).collect()
}

fn rows(numbers: &[f64]) -> Rows<'_> {
    Rows::row_major(numbers, STEPS).unwrap()
}

/// Value, gradient and all values of the rows, as bits.
fn all(
    paths: &mut RerecordRows<'_>,
    rows: Rows<'_>,
    workspace: &mut Workspace,
) -> (u64, Vec<u64>, Vec<u64>) {
    let (mut slopes, mut values) = ([f64::NAN; 3], vec![f64::NAN; rows.count()]);
    let sum = paths.sum_and_gradient(&MARKET, rows, &mut slopes, workspace).unwrap();
    paths.values(&MARKET, rows, &mut values, workspace).unwrap();
    (sum.to_bits(), bits(&slopes), bits(&values))
}

#[test]
fn a_barrier_option_over_rows_has_the_value_and_the_slopes_of_the_code() {
    let numbers = noise(2000);
    let mut paths = RerecordRows::new(barrier);
    let (mut slopes, mut workspace) = ([0.0; 3], Workspace::new());
    let sum = paths.sum_and_gradient(&MARKET, rows(&numbers), &mut slopes, &mut workspace).unwrap();
    assert!(paths.programs().len() > STEPS, "{:?}", paths);
    let mut values = vec![0.0; 2000];
    paths.values(&MARKET, rows(&numbers), &mut values, &mut workspace).unwrap();

    let (mut expected, mut slopes_expected) = (0.0, [0.0; 3]);
    for (noise, &found) in numbers.chunks(STEPS).zip(&values) {
        let row = |p: &[Var]| {
            let noise: Vec<Var> = noise.iter().map(|&z| z.into()).collect();
            barrier_call(p, &noise)
        };
        let (value, gradient) = value_and_gradient(row, &MARKET);
        assert_eq!(value == 0.0, found == 0.0);
        assert!((value - found).abs() <= 1e-12 * value.abs(), "{value} and {found}");
        assert_eq!(value, barrier_call(&MARKET, noise), "the code on plain numbers");
        expected += value;
        gradient.iter().zip(&mut slopes_expected).for_each(|(slope, sum)| *sum += slope);
    }
    assert!((sum / expected - 1.0).abs() < 1e-13, "{sum} and {expected}");
    for (found, expected) in slopes.iter().zip(slopes_expected) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} and {expected}");
    }
}

#[test]
fn the_bits_depend_on_the_rows_alone() {
    let numbers = noise(700);
    let expected = all(&mut RerecordRows::new(barrier), rows(&numbers), &mut Workspace::new());
    for isa in available() {
        let mut workspace = Workspace::new().with_isa(isa);
        // After other rows, in another order, so that programs were recorded elsewhere and are tried otherwise.
        let mut paths = RerecordRows::new(barrier);
        let backwards: Vec<usize> = (0..350).rev().collect();
        all(&mut paths, rows(&numbers).choose(&backwards).unwrap(), &mut workspace);
        for _ in 0..2 {
            assert_eq!(all(&mut paths, rows(&numbers), &mut workspace), expected, "{isa:?}");
        }
    }
    #[cfg(feature = "rayon")]
    {
        let mut workspace = Workspace::new().parallel();
        let mut paths = RerecordRows::new(barrier);
        assert_eq!(all(&mut paths, rows(&numbers), &mut workspace), expected);
    }
}

#[test]
fn one_path_has_the_bits_of_its_program_and_several_are_added_in_the_order_of_their_first_rows() {
    let bend = |p: &[Var], row: &[Var]| {
        let x = row[0] * p[0].exp() + p[1];
        [if x > 1.0 {
            x.square()
        } else if x > 0.0 {
            x.sin()
        } else {
            x * p[1]
        }]
    };
    let mut random = random(9);
    let numbers: Vec<f64> = (0..999).map(|_| random.f64() * 3.0 - 1.5).collect();
    let weights: Vec<f64> = (0..999).map(|_| random.f64()).collect();
    let shared = [0.25, -0.125];
    let all = Rows::row_major(&numbers, 1).unwrap().weighted(&weights).unwrap();
    let mut order: Vec<usize> = (0..999).chain(100..200).collect();
    random.shuffle(&mut order);
    let mut workspace = Workspace::new();
    for rows in [all, all.choose(&order).unwrap()] {
        // Rows by path, in the order of their first rows.
        let path = |x: f64| {
            [0.0, 1.0].iter().filter(|&&bound| x * shared[0].exp() + shared[1] > bound).count()
        };
        let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
        let originals: Vec<usize> = match rows.count() {
            999 => (0..999).collect(),
            _ => order.clone(),
        };
        for &row in &originals {
            let path = path(numbers[row]);
            match groups.iter_mut().find(|(known, _)| *known == path) {
                Some((_, group)) => group.push(row),
                None => groups.push((path, vec![row])),
            }
        }
        assert_eq!(groups.len(), 3);
        let (mut sum, mut slopes) = (0.0, [-0.0; 2]);
        for (_, group) in &groups {
            let program = RowProgram::record(bend, &shared, &[numbers[group[0]]]);
            let (own, mut part) = (all.choose(group).unwrap(), [0.0; 2]);
            let added = program.sum_and_gradient(&shared, own, &mut part, &mut workspace).unwrap();
            sum += added;
            slopes = [slopes[0] + part[0], slopes[1] + part[1]];
            // This path alone.
            let mut alone = [0.0; 2];
            let mut paths = RerecordRows::new(bend);
            let found = paths.sum_and_gradient(&shared, own, &mut alone, &mut workspace).unwrap();
            assert_eq!((found.to_bits(), bits(&alone)), (added.to_bits(), bits(&part)));
        }
        let (mut paths, mut found) = (RerecordRows::new(bend), [0.0; 2]);
        let total = paths.sum_and_gradient(&shared, rows, &mut found, &mut workspace).unwrap();
        assert_eq!((total.to_bits(), bits(&found)), (sum.to_bits(), bits(&slopes)));
    }
}

#[test]
fn comparisons_of_shared_inputs_and_no_comparisons_are_paths_too() {
    let bend = |p: &[Var], row: &[Var]| [if p[0] > 0.0 { row[0] * p[0] } else { row[0] - p[0] }];
    let numbers = [1.0, 2.0, 3.0];
    let rows = Rows::row_major(&numbers, 1).unwrap();
    let (mut paths, mut workspace, mut out) = (RerecordRows::new(bend), Workspace::new(), [0.0; 3]);
    for (p, expected) in [(2.0, [2.0, 4.0, 6.0]), (-1.0, [2.0, 3.0, 4.0]), (3.0, [3.0, 6.0, 9.0])] {
        paths.values(&[p], rows, &mut out, &mut workspace).unwrap();
        assert_eq!(out, expected);
    }
    assert_eq!((paths.recordings(), paths.programs().len()), (2, 2));
    let none = rows.choose(&[]).unwrap();
    let mut slope = [f64::NAN];
    assert_eq!(paths.sum_and_gradient(&[1.0], none, &mut slope, &mut workspace), Ok(0.0));
    assert_eq!(slope, [0.0]);
}

#[test]
fn more_paths_than_are_kept_are_all_right_and_the_most_used_are_kept() {
    // As many turns as the row says: a path for each number of them.
    let turns = |p: &[Var], row: &[Var]| {
        let (mut x, mut left) = (p[0], row[0]);
        while left > 0.5 {
            x *= p[0];
            left -= 1.0;
        }
        [x]
    };
    let numbers: Vec<f64> = (0..300).map(|row| f64::from(row % 100)).collect();
    let rows = Rows::row_major(&numbers, 1).unwrap();
    let (mut paths, mut workspace) = (RerecordRows::new(turns), Workspace::new());
    let mut values = vec![0.0; 300];
    for _ in 0..2 {
        paths.values(&[1.0625], rows, &mut values, &mut workspace).unwrap();
        for (turns, value) in numbers.iter().zip(&values) {
            assert!((value / 1.0625_f64.powf(turns + 1.0) - 1.0).abs() < 1e-13);
        }
        assert_eq!(paths.programs().len(), RerecordRows::LIMIT);
    }
    assert_eq!(paths.recordings(), 100 + 36);
}

/// A root that panics where it has no value: it must not be called with rows of another path.
struct Strict;

impl CustomOp for Strict {
    fn name(&self) -> &str {
        "strict root"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        assert!(x[0] > 0.0, "called with {}", x[0]);
        y[0] = x[0].sqrt();
    }
    fn vjp(&self, _x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] / (2.0 * y[0]);
    }
}

#[test]
fn a_custom_operation_is_not_called_with_the_rows_of_another_path() {
    let bend = |p: &[Var], row: &[Var]| {
        [if row[0] > 0.0 { custom(Strict, &[row[0]])[0] * p[0] } else { row[0] * p[0] }]
    };
    let numbers: Vec<f64> = (0..100_i32).map(|i| f64::from(i * 37 % 11 - 5)).collect();
    let rows = Rows::row_major(&numbers, 1).unwrap();
    let (mut slope, mut workspace) = ([0.0], Workspace::new());
    RerecordRows::new(bend).sum_and_gradient(&[1.0], rows, &mut slope, &mut workspace).unwrap();
    let expected: f64 = numbers.iter().map(|&x| if x > 0.0 { x.sqrt() } else { x }).sum();
    assert!((slope[0] - expected).abs() < 1e-12);
    // A program that refuses a row does not call it either.
    let program = RowProgram::record(bend, &[1.0], &[4.0]);
    for bad in 0..20 {
        let mut numbers = [4.0; 20];
        numbers[bad] = -1.0;
        let rows = Rows::row_major(&numbers, 1).unwrap();
        let refused = program.sum_and_gradient(&[1.0], rows, &mut slope, &mut workspace);
        let Err(ReplayError::BranchChanged(change)) = refused else { panic!("{refused:?}") };
        assert_eq!(change.row, Some(bad));
    }
}

#[test]
fn a_comparison_that_lanes_decide_otherwise_is_refused_with_the_row_and_not_recorded_for_ever() {
    let by_last_bits =
        |_: &[Var], row: &[Var]| [if row[0].exp() == row[1] { row[0] } else { row[1] }];
    let mut workspace = Workspace::new().with_isa(Isa::Baseline);
    let kernel = RowProgram::record(|_, row| row[0].exp(), &[], &[0.0]);
    let differs = (1..100_000).map(|i| f64::from(i) / 7e3).find(|x| {
        let (mut out, numbers) = ([0.0], [*x]);
        let rows = Rows::row_major(&numbers, 1).unwrap();
        kernel.values(&[], rows, &mut out, &mut workspace).unwrap();
        out[0] != x.exp()
    });
    let x = differs.expect("a kernel differs from the standard library somewhere");
    let numbers = [0.0, 3.0, x, x.exp(), 1.0, 3.0];
    let rows = Rows::row_major(&numbers, 2).unwrap();
    let (mut out, mut paths) = ([0.0; 3], RerecordRows::new(by_last_bits));
    for _ in 0..2 {
        match paths.values(&[], rows, &mut out, &mut workspace) {
            // The path of the other rows, which lanes find, was there already.
            Ok(()) => assert_eq!(out[1], x.exp()),
            Err(error) => panic!("{error}"),
        }
    }
    let alone = rows.choose(&[1]).unwrap();
    let mut paths = RerecordRows::new(by_last_bits);
    let error = paths.values(&[], alone, &mut out[..1], &mut workspace).unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with("row 1: "), "{told}");
    assert!(
        told.contains("differ in their last bits at most") && told.contains("`select`"),
        "{told}"
    );
    assert!(paths.programs().is_empty());
}

#[test]
fn wrong_lengths_are_errors() {
    let (mut paths, mut workspace) = (RerecordRows::new(barrier), Workspace::new());
    let numbers = noise(3);
    let wrong = paths.values(&MARKET, rows(&numbers), &mut [0.0; 2], &mut workspace);
    assert_eq!(wrong.unwrap_err().to_string(), "the outputs: the program takes 3 numbers, not 2");
    let wrong = paths.sum_and_gradient(&MARKET, rows(&numbers), &mut [0.0; 2], &mut workspace);
    assert_eq!(wrong.unwrap_err().to_string(), "the gradient: the program takes 3 numbers, not 2");
    let wrong = paths.sum_and_gradient(&[0.0; 4], rows(&numbers), &mut [0.0; 4], &mut workspace);
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "the shared inputs: the program takes 3 numbers, not 4"
    );
    let other = Rows::row_major(&numbers, 4).unwrap();
    let wrong = paths.sum_and_gradient(&MARKET, other, &mut [0.0; 3], &mut workspace);
    assert_eq!(wrong.unwrap_err().to_string(), "a row: the program takes 12 numbers, not 4");
    let mut two = RerecordRows::new(|p: &[Var], row: &[Var]| [p[0], row[0]]);
    let wrong = two.sum_and_gradient(&[1.0], rows(&numbers), &mut [0.0], &mut workspace);
    assert!(wrong.unwrap_err().to_string().contains("the program has 2"));
}

#[test]
fn a_path_may_end_in_a_constant_a_shared_number_or_a_number_of_the_row() {
    let ends = |p: &[Var], row: &[Var]| {
        [if row[0] < 0.0 {
            Var::from(7.0)
        } else if row[0] < 1.0 {
            p[0]
        } else if row[0] < 2.0 {
            row[0]
        } else {
            p[1].exp()
        }]
    };
    let numbers: Vec<f64> = (0..40).map(|i| f64::from(i % 8) * 0.5 - 1.0).collect();
    let weights: Vec<f64> = (0..40).map(f64::from).collect();
    let rows = Rows::row_major(&numbers, 1).unwrap().weighted(&weights).unwrap();
    let (shared, mut workspace) = ([3.0, -0.5], Workspace::new());
    let (mut values, mut slopes) = (vec![0.0; 40], [0.0; 2]);
    let mut paths = RerecordRows::new(ends);
    paths.values(&shared, rows, &mut values, &mut workspace).unwrap();
    let sum = paths.sum_and_gradient(&shared, rows, &mut slopes, &mut workspace).unwrap();
    let (mut expected, mut expected_slopes) = (0.0, [0.0; 2]);
    for ((x, w), value) in numbers.iter().zip(&weights).zip(&values) {
        let (known, of) = match x {
            x if *x < 0.0 => (7.0, [0.0, 0.0]),
            x if *x < 1.0 => (3.0, [1.0, 0.0]),
            x if *x < 2.0 => (*x, [0.0, 0.0]),
            _ => ((-0.5_f64).exp(), [0.0, (-0.5_f64).exp()]),
        };
        assert_eq!(*value, known);
        expected += w * known;
        expected_slopes = [0, 1].map(|i| expected_slopes[i] + w * of[i]);
    }
    assert!((sum - expected).abs() < 1e-10 && slopes[0] == expected_slopes[0]);
    assert!((slopes[1] - expected_slopes[1]).abs() < 1e-10);
    // Rows of no numbers.
    let mut none = RerecordRows::new(|p: &[Var], _: &[Var]| [p[0].square()]);
    let sum =
        none.sum_and_gradient(&[3.0], Rows::row_major(&[], 0).unwrap(), &mut [0.0], &mut workspace);
    assert_eq!(sum, Ok(0.0));
}

#[test]
fn the_gradient_of_each_row_is_that_of_its_own_path() {
    let f = |p: &[Var], row: &[Var]| {
        [if row[0] < 1.0 { p[0] * row[0] } else { p[1].square() * row[0] }]
    };
    let mut paths = RerecordRows::new(f);
    let (mut out, mut workspace) = ([0.0; 12], Workspace::new());
    let rows = Rows::row_major(&[3.0, 0.5, 2.0, 0.25], 1).unwrap();
    paths.gradients(&[5.0, 7.0], rows, &mut out, &mut workspace).unwrap();
    // ∂/∂p₀, ∂/∂p₁, ∂/∂row
    let expected =
        [[0.0, 42.0, 49.0], [0.5, 0.0, 5.0], [0.0, 28.0, 49.0], [0.25, 0.0, 5.0]].concat();
    assert_eq!(out[..], expected[..]);
    let error = paths.gradients(&[5.0, 7.0], rows, &mut out[..11], &mut workspace).unwrap_err();
    assert_eq!(error.to_string(), "the gradients: the program takes 12 numbers, not 11");
}
