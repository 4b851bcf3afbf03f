//! Random programs, random rows, every layout.

use crate::expression::{Expression, expressions};
use crate::numeric::same_bits;
use crate::programs::record_plain;
use crate::{All, Table, bits, config, has_kernels, one_by_one, wild, without_kernels};
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// How far kernels and the standard library move a result of size 1: at each step by at most 3 · 2.2e-16, and its
/// slope likewise. (In 4000 expressions it was never more than 5e-16.)
const KERNEL: f64 = 1e-14;

/// Around the last row of a block of either width, and around chunks.
const COUNTS: [usize; 14] = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 127, 128, 129, 300];

#[derive(Clone, Debug)]
struct Case {
    expression: Expression,
    /// How many of the inputs are shared, the first.
    shared: usize,
    /// Whether the passes are run.
    optimized: bool,
    /// All rows, and those chosen of them.
    table: Table,
    chosen: Vec<usize>,
    weights: Vec<f64>,
}

/// Every row near the point of the expression, where it is tame.
fn near(point: &[f64], random: &mut fastrand::Rng) -> Vec<f64> {
    // Magnified by the largest size of an expression this is as far as it is known to be smooth.
    point.iter().map(|x| x + 1e-10 * (random.f64() - 0.5)).collect()
}

fn cases(wildly: bool) -> impl Strategy<Value = Case> {
    let parts = (expressions(), any::<u64>(), 0..COUNTS.len(), any::<bool>());
    parts.prop_map(move |(expression, seed, count, optimized)| {
        let random = &mut fastrand::Rng::with_seed(seed);
        let shared = random.usize(0..=expression.point.len());
        let width = expression.point.len() - shared;
        // Rows of no numbers cannot be counted.
        let count = if width == 0 { 0 } else { COUNTS[count] };
        let own = &expression.point[shared..];
        let row = |_| {
            if wildly { own.iter().map(|_| wild(random)).collect() } else { near(own, random) }
        };
        let numbers = (0..count).flat_map(row).collect();
        let chosen = (0..count).map(|_| random.usize(0..count)).collect();
        let weights = (0..count).map(|_| f64::from(random.i32(-3..4)) * 0.5).collect();
        let table = Table { numbers, width };
        Case { expression, shared, optimized, table, chosen, weights }
    })
}

impl Case {
    fn shared(&self) -> &[f64] {
        &self.expression.point[..self.shared]
    }

    fn program(&self) -> RowProgram {
        let record = |x: &[gradtape::Var]| [self.expression.run(x)];
        let point = &self.expression.point;
        match self.optimized {
            true => Program::record(record, point),
            false => record_plain(record, point),
        }
        .over_rows(self.shared)
        .expect("no more are shared than there are")
    }

    fn weighted(&self) -> Rows<'_> {
        self.table.rows().weighted(&self.weights).expect("one for each")
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> TestCaseResult {
    prop_assert!((a - b).abs() <= tolerance, "{a} and {b} differ by more than {tolerance:e}");
    Ok(())
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn values_and_gradients_are_those_of_the_engine_for_one_point(case in cases(false)) {
        let program = case.program();
        let all = All::of(&program, case.shared(), case.table.rows(), &mut Workspace::new());
        let all = all.expect("no guard");
        let (values, gradients) = one_by_one(&program, case.shared(), &case.table);
        let tolerance = match has_kernels(&case.expression) {
            true => KERNEL * (1.0 + case.expression.size),
            false => 0.0,
        };
        let pairs = all.values.iter().zip(&values).chain(all.gradients.iter().zip(&gradients));
        for (&found, &expected) in pairs {
            close(found, expected, tolerance)?;
        }
        for (row, &found) in case.table.each().zip(&all.values) {
            let code = case.expression.run(&[case.shared(), row].concat());
            close(found, code, tolerance)?;
        }
    }

    #[test]
    fn without_kernels_they_are_the_same_bits_at_any_numbers(case in cases(true)) {
        let expression = without_kernels(case.expression.clone());
        let case = Case { expression, ..case };
        let program = case.program();
        let all = All::of(&program, case.shared(), case.table.rows(), &mut Workspace::new());
        let all = all.expect("no guard");
        let (values, gradients) = one_by_one(&program, case.shared(), &case.table);
        prop_assert_eq!(bits(&all.values), bits(&values));
        prop_assert_eq!(bits(&all.gradients), bits(&gradients));
        for (row, &found) in case.table.each().zip(&all.values) {
            let code = case.expression.run(&[case.shared(), row].concat());
            prop_assert!(same_bits(found, code), "{found} is not {code} of the code");
        }
    }

    #[test]
    fn sums_are_those_of_a_loop(case in cases(false)) {
        let program = case.program();
        let all = All::of(&program, case.shared(), case.weighted(), &mut Workspace::new());
        let all = all.expect("no guard");
        prop_assert_eq!(all.sum.to_bits(), all.total.0.to_bits());

        let (values, gradients) = one_by_one(&program, case.shared(), &case.table);
        let (mut sum, mut gradient, mut moved) = (0.0, vec![0.0; case.shared], 0.0);
        let width = case.expression.point.len();
        for (row, w) in case.weights.iter().enumerate() {
            sum += w * values[row];
            let slopes = &gradients[row * width..][..case.shared];
            gradient.iter_mut().zip(slopes).for_each(|(g, slope)| *g += w * slope);
            moved += w.abs();
        }
        // A rounding for every row and every step that a row takes part in, of numbers up to 100, or up to
        // the size; and the kernels.
        let roundings = (values.len() + case.expression.steps.len()) as f64 * f64::EPSILON;
        let kernels = if has_kernels(&case.expression) { KERNEL } else { 0.0 };
        let tolerance = moved * (roundings + kernels) * (100.0 + case.expression.size);
        close(all.sum, sum, tolerance)?;
        for (&found, &expected) in all.total.1.iter().zip(&gradient) {
            close(found, expected, tolerance)?;
        }
    }

    #[test]
    fn every_layout_of_the_same_rows_gives_the_same_bits(case in cases(true)) {
        let program = case.program();
        let (mut workspace, shared) = (Workspace::new(), case.shared());
        let mut run = |rows: Rows<'_>| {
            All::of(&program, shared, rows, &mut workspace).expect("no guard").bits()
        };
        let copied = case.table.chosen(&case.chosen);
        let weights: Vec<f64> = case.chosen.iter().map(|&row| case.weights[row]).collect();
        let expected = run(copied.rows().weighted(&weights).expect("one for each"));

        let columns = copied.columns();
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let by_columns = Rows::columns(&columns).expect("even columns");
        prop_assert_eq!(&run(by_columns.weighted(&weights).expect("one for each")), &expected);

        let chosen = case.weighted().choose(&case.chosen).expect("rows that are there");
        prop_assert_eq!(&run(chosen), &expected);

        let columns = case.table.columns();
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let by_columns = Rows::columns(&columns).expect("even columns");
        let chosen = by_columns.choose(&case.chosen).expect("rows that are there");
        prop_assert_eq!(&run(chosen.weighted(&case.weights).expect("one for each")), &expected);
    }

    #[test]
    fn a_row_of_weight_zero_counts_for_nothing(case in cases(false), seed in any::<u64>()) {
        let program = case.program();
        let mut spoilt = case.clone();
        let random = &mut fastrand::Rng::with_seed(seed);
        for (row, &w) in case.weights.iter().enumerate().filter(|(_, w)| **w == 0.0) {
            let width = case.table.width;
            spoilt.table.numbers[row * width..][..width].fill_with(|| wild(random));
            // A zero of either sign.
            spoilt.weights[row] = -w;
        }
        let mut workspace = Workspace::new();
        let mut run = |case: &Case| {
            All::of(&program, case.shared(), case.weighted(), &mut workspace).expect("no guard")
        };
        let (clean, spoilt) = (run(&case), run(&spoilt));
        prop_assert_eq!(bits(&[clean.sum]), bits(&[spoilt.sum]));
        prop_assert_eq!(bits(&[clean.total.0]), bits(&[spoilt.total.0]));
        prop_assert_eq!(bits(&clean.total.1), bits(&spoilt.total.1));
    }
}

#[test]
fn thousands_of_rows_in_many_chunks_agree_too() {
    // ∂/∂a = x/(1 + x²) and ∂/∂b = x² have no kernels, and 1 + x² is not of the uniform part.
    let program = RowProgram::record(
        |p, x| p[0] * x[0] / (x[0] * x[0] + 1.0) + p[1] * x[0] * x[0],
        &[1.0, 1.0],
        &[1.0],
    );
    for count in [1000, 8192, 8193, 9000] {
        let numbers = (0..count).map(|i| f64::from(i) / 1000.0 - 3.0).collect();
        let table = Table { numbers, width: 1 };
        let mut workspace = Workspace::new();
        let all = All::of(&program, &[0.5, -0.25], table.rows(), &mut workspace).expect("no guard");
        let (values, gradients) = one_by_one(&program, &[0.5, -0.25], &table);
        assert_eq!(bits(&all.values), bits(&values));
        assert_eq!(bits(&all.gradients), bits(&gradients));
        assert_eq!(all.sum.to_bits(), all.total.0.to_bits());
        let size: f64 = values.iter().map(|v| v.abs()).sum();
        let roundings = f64::from(count) * f64::EPSILON;
        assert!((all.sum - values.iter().sum::<f64>()).abs() <= roundings * size);
        for input in 0..2 {
            let slopes = || gradients.iter().skip(input).step_by(3);
            let size: f64 = slopes().map(|slope| slope.abs()).sum();
            let off = (all.total.1[input] - slopes().sum::<f64>()).abs();
            assert!(off <= roundings * size, "input {input} of {count} rows is {off:e} off");
        }
    }
}

#[test]
fn no_rows_sum_to_zero_of_either_kind_of_sum() {
    let program = RowProgram::record(|p, x| p[0] * x[0], &[2.0], &[3.0]);
    let none = Rows::row_major(&[], 1).expect("whole rows");
    let mut workspace = Workspace::new();
    let all = All::of(&program, &[2.0], none, &mut workspace).expect("no guard");
    assert!(all.values.is_empty() && all.gradients.is_empty());
    assert_eq!([all.sum.to_bits(), all.total.0.to_bits()], [0, 0]);
    assert_eq!(all.total.1, [0.0]);
    let some = Rows::row_major(&[1.0, 2.0], 1).expect("whole rows").choose(&[]).expect("none");
    assert_eq!(
        All::of(&program, &[2.0], some, &mut workspace).expect("no guard").bits(),
        all.bits()
    );
}
