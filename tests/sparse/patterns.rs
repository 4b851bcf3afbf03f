//! Patterns found from instructions, against dense Jacobians.

use super::generators::{pattern, point, program};
use super::property::seed::{random, seeds};
use gradtape::program::{Program, Workspace};
use gradtape::sparse::Pattern;
use gradtape::{CustomOp, Var, custom, dot};

/// The entries that are not 0 at one of a few points.
fn nonzeros(program: &Program, points: &[Vec<f64>]) -> Pattern {
    let (inputs, outputs) = (program.inputs(), program.outputs());
    let (mut matrix, mut entries) = (vec![0.0; inputs * outputs], Vec::new());
    for point in points {
        program.jacobian(point, &mut matrix, &mut Workspace::new()).unwrap();
        let places = (0..matrix.len()).filter(|&k| matrix[k] != 0.0);
        entries.extend(places.map(|k| (k / inputs, k % inputs)));
    }
    Pattern::from_entries(outputs, inputs, entries).unwrap()
}

#[test]
fn the_pattern_is_what_dense_jacobians_have_at_some_point() {
    for seed in seeds(60) {
        let mut rng = random(seed);
        let (inputs, outputs) = (rng.usize(4..40), rng.usize(0..40));
        let program = program(&mut rng, inputs, outputs);
        let points: Vec<Vec<f64>> = (0..40).map(|_| point(&mut rng, inputs)).collect();
        let found = program.jacobian_plan();
        let expected = nonzeros(&program, &points);
        assert_eq!(*found.pattern(), expected, "seed {seed}\n{program}");
    }
}

#[test]
fn large_sets_and_small_ones_give_the_same_pattern() {
    // Rows of 10 to 400 inputs, around both bounds of the sets that are kept, in chains and in sums.
    let n = 400;
    let f = |x: &[Var]| -> Vec<Var> {
        (0..150)
            .map(|row: usize| {
                let own = (10 + 3 * row).min(n);
                let from = (7 * row) % (n - own + 1);
                let own = &x[from..from + own];
                match row % 3 {
                    0 => own.iter().fold(Var::from(1.0), |y, &x| y * x.sin()),
                    1 => dot(own, own).sqrt(),
                    _ => own.iter().fold(own[0], |y, &x| (y + x).tanh()).exp(),
                }
            })
            .collect()
    };
    let pattern = Program::record(f, &vec![0.5; n]).jacobian_plan().pattern().clone();
    for row in 0..150 {
        let own = (10 + 3 * row).min(n);
        let from = (7 * row) % (n - own + 1);
        assert_eq!(pattern.row(row), (from..from + own).collect::<Vec<_>>(), "row {row}");
    }
}

#[test]
fn both_branches_count_and_what_is_constant_does_not() {
    let f = |x: &[Var]| {
        [
            Var::select(x[0], x[1], x[2] * x[3]),
            x[0].floor() + x[1].ceil() + x[2].round() + x[3].trunc() + x[0].signum(),
            x[0].compare(x[1]) * x[2],
            x[0] * 0.0 + x[1].powi(0) + dot([x[2], x[3]], [0.0, 2.0]),
            x[0].max(x[1]).min(x[2]).clamp(0.0, 1.0).relu(),
            x[0] % x[1],
        ]
    };
    let rows: [&[usize]; 6] = [&[1, 2, 3], &[], &[2], &[3], &[0, 1, 2], &[0, 1]];
    for program in [
        Program::record(f, &[1.0; 4]),
        // Before any pass has removed anything.
        {
            let tape = gradtape::Tape::new();
            let x = tape.vars(&[1.0; 4]);
            tape.freeze_with(&x, &f(&x), &[]).unwrap()
        },
    ] {
        let plan = program.jacobian_plan();
        for (row, expected) in rows.iter().enumerate() {
            assert_eq!(plan.pattern().row(row), *expected, "row {row}");
        }
    }
}

/// Two outputs of three inputs, of which it says nothing more.
struct Opaque;

impl CustomOp for Opaque {
    fn name(&self) -> &str {
        "opaque"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] * x[1], x[2]]);
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.copy_from_slice(&[w[0] * x[1], w[0] * x[0], w[1]]);
    }
}

#[test]
fn a_custom_operation_joins_all_its_inputs_with_all_its_outputs() {
    let program = Program::record(|x| custom(Opaque, &x[1..4]), &[1.0; 5]);
    let plan = program.jacobian_plan();
    assert_eq!((plan.pattern().row(0), plan.pattern().row(1)), (&[1, 2, 3][..], &[1, 2, 3][..]));
    let mut values = [f64::NAN; 6];
    plan.evaluate(&[2.0, 3.0, 4.0, 5.0, 6.0], &mut values, &mut Workspace::new()).unwrap();
    assert_eq!(values, [4.0, 3.0, 0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn ten_dense_rows_among_a_hundred_thousand_are_found_without_sets_of_all() {
    // Each is built up in a loop: sets would have 5·10⁹ elements a row.
    let n = 100_000;
    let f = |x: &[Var]| -> Vec<Var> {
        let mut y: Vec<Var> = (0..n).map(|i| x[i] * x[(i + 1) % n]).collect();
        (0..10).for_each(|k| y[9_000 * k] = x.iter().fold(Var::from(0.0), |sum, &x| sum + x));
        y
    };
    let plan = Program::record(f, &vec![1.0; n]).jacobian_plan();
    assert_eq!(plan.pattern().nonzeros(), 10 * n + 2 * (n - 10));
    assert_eq!(plan.pattern().row(9_000).len(), n);
    assert_eq!(plan.pattern().row(9_001), [9_001, 9_002]);
    assert_eq!(plan.colouring().count(), 12);
}

#[test]
fn a_transposed_pattern_has_its_entries_mirrored() {
    for seed in seeds(50) {
        let mut rng = random(seed);
        let (rows, columns) = (rng.usize(0..20), rng.usize(0..20));
        let pattern = pattern(&mut rng, rows, columns);
        let transposed = pattern.transposed();
        assert_eq!(transposed.transposed(), pattern);
        for row in 0..rows {
            for column in 0..columns {
                let at = pattern.find(row, column);
                assert_eq!(at.is_some(), pattern.row(row).contains(&column));
                assert_eq!(at.is_some(), transposed.find(column, row).is_some());
                assert_eq!(at.map(|at| pattern.indices()[at]), at.map(|_| column));
            }
        }
        assert_eq!(pattern.find(rows, 0), None);
        let again =
            Pattern::new(rows, columns, pattern.starts().to_vec(), pattern.indices().to_vec());
        assert_eq!(again, Ok(pattern));
    }
}

#[test]
fn a_large_pattern_is_drawn_in_blocks() {
    let band = (0..1_000)
        .flat_map(|i: usize| (i.saturating_sub(1)..(i + 2).min(1_000)).map(move |j| (i, j)));
    let drawn = Pattern::from_entries(1_000, 1_000, band).unwrap().to_string();
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!(lines[0], "2998 of 1000000 entries, 1000 rows of 1000");
    assert_eq!(lines[1], "each mark is a block of 32 by 32");
    assert_eq!(lines.len(), 2 + 32);
    assert!(lines[2].starts_with("■ ■ · ·") && lines[3].starts_with("■ ■ ■ · ·"), "{drawn}");
}
