//! Custom operations in either part of the program, and outputs of every kind.

use crate::{All, Table, one_by_one};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::{CustomOp, Var, custom};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// (x, y) ↦ (x·y, x - y, x²·y); counts its calls.
#[derive(Default)]
struct Three {
    values: AtomicUsize,
    vjps: AtomicUsize,
}

impl CustomOp for Three {
    fn name(&self) -> &str {
        "three"
    }
    fn outputs(&self) -> usize {
        3
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        self.values.fetch_add(1, Relaxed);
        assert_eq!(y, [0.0; 3], "outputs arrive as zeros");
        y.copy_from_slice(&[x[0] * x[1], x[0] - x[1], x[0] * x[0] * x[1]]);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        self.vjps.fetch_add(1, Relaxed);
        assert_eq!(y[1], x[0] - x[1], "the outputs are those of the inputs");
        dx[0] = w[0] * x[1] + w[1] + w[2] * 2.0 * x[0] * x[1];
        dx[1] = w[0] * x[0] - w[1] + w[2] * x[0] * x[0];
    }
}

/// x ↦ √x, whose slope at 0 must never be asked for.
struct Root;

impl CustomOp for Root {
    fn name(&self) -> &str {
        "root"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0].sqrt();
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        assert!(x[0] > 0.0, "nobody wants the slope of √{}", x[0]);
        dx[0] = w[0] / (2.0 * y[0]);
    }
}

const SHARED: [f64; 2] = [1.5, -0.5];

fn table(count: usize) -> Table {
    Table { numbers: (0..count).map(|i| i as f64 * 0.25 - 2.0).collect(), width: 1 }
}

/// Compare with the engine for one point, which adds the same few products in the same order.
#[track_caller]
fn agrees(program: &RowProgram, count: usize) {
    let table = table(count);
    let all = All::of(program, &SHARED, table.rows(), &mut Workspace::new()).expect("no guard");
    let (values, gradients) = one_by_one(program, &SHARED, &table);
    assert_eq!(all.values, values);
    assert_eq!(all.gradients, gradients);
    assert_eq!(all.sum.to_bits(), all.total.0.to_bits());
    let close = |found: f64, numbers: &mut dyn Iterator<Item = f64>| {
        let numbers: Vec<f64> = numbers.collect();
        let (sum, size) = numbers.iter().fold((0.0, 0.0), |(s, m), x| (s + x, m + x.abs()));
        let roundings = (count + 10) as f64 * f64::EPSILON;
        assert!((found - sum).abs() <= roundings * size, "{found} is not {sum}");
    };
    close(all.sum, &mut values.iter().copied());
    for input in 0..2 {
        close(all.total.1[input], &mut gradients.iter().skip(input).step_by(3).copied());
    }
}

#[test]
fn custom_operations_run_in_either_part_and_across() {
    type F = fn(&[Var], &[Var]) -> Var;
    let uses: [F; 8] = [
        // Of shared inputs alone; all outputs, and the last alone.
        |p, x| {
            let y = custom(Three::default(), p);
            (y[0] + y[1]) * x[0] + y[2]
        },
        |p, x| custom(Three::default(), p)[2] * x[0],
        // Of a shared and a row input, in either order.
        |p, x| {
            let y = custom(Three::default(), &[p[0], x[0]]);
            y[0] * y[1] - y[2] * p[1]
        },
        |p, x| custom(Three::default(), &[x[0], p[1]])[1] * p[0],
        // Of row inputs alone.
        |p, x| custom(Three::default(), &[x[0], x[0]])[2] * p[0] + p[1],
        // One behind the other, across the frontier.
        |p, x| {
            let uniform = custom(Three::default(), p);
            let y = custom(Three::default(), &[uniform[1], x[0]]);
            custom(Three::default(), &[y[2], uniform[0]])[1] * y[0]
        },
        // With a constant, and with a result of the row part.
        |p, x| custom(Three::default(), &[Var::from(2.0), x[0] * p[0]])[0] - p[1],
        // An output of it is the output.
        |p, x| custom(Three::default(), &[p[0], x[0]])[1],
    ];
    for f in uses {
        let program = RowProgram::record(f, &SHARED, &[0.5]);
        for count in [1, 8, 9, 17, 150] {
            agrees(&program, count);
        }
    }
}

#[test]
fn a_uniform_custom_operation_runs_once_for_all_rows() {
    let op = Arc::new(Three::default());
    let program = RowProgram::record(|p, x| custom(op.clone(), p)[0] * x[0], &SHARED, &[0.5]);
    let (table, before) = (table(100), op.values.load(Relaxed));
    let mut slopes = [0.0; 2];
    let mut workspace = Workspace::new();
    let sum = program.sum_and_gradient(&SHARED, table.rows(), &mut slopes, &mut workspace);
    assert!(sum.is_ok());
    assert_eq!((op.values.load(Relaxed) - before, op.vjps.load(Relaxed)), (1, 1));
}

#[test]
fn a_custom_vjp_is_asked_only_in_lanes_whose_adjoint_is_not_zero() {
    let program = RowProgram::record(
        |p, x| Var::select(x[0], custom(Root, &[p[0] * x[1]])[0], p[0]),
        &[1.0],
        &[1.0, 4.0],
    );
    let numbers: Vec<f64> =
        (0..11).flat_map(|i| if i % 2 == 0 { [-1.0, 0.0] } else { [1.0, 4.0] }).collect();
    let rows = Rows::row_major(&numbers, 2).expect("whole rows");
    let (mut slope, mut workspace) = ([0.0], Workspace::new());
    let sum = program.sum_and_gradient(&[1.0], rows, &mut slope, &mut workspace).expect("no guard");
    // Six rows have p, five 2√p: each has slope 1.
    assert_eq!((sum, slope), (16.0, [11.0]));
    let mut slopes = [0.0; 33];
    program.gradients(&[1.0], rows, &mut slopes, &mut workspace).expect("no guard");
    assert_eq!(slopes[..6], [1.0, 0.0, 0.0, 1.0, 0.0, 0.25]);
    let weights = [0.0; 11];
    let none = rows.weighted(&weights).expect("one for each");
    let sum = program.sum_and_gradient(&[0.0], none, &mut slope, &mut workspace);
    assert_eq!((sum, slope), (Ok(0.0), [0.0]));
}

#[test]
fn outputs_may_be_uniform_inputs_constants_and_repeated() {
    let program = RowProgram::record(
        |p, x| {
            let product = p[0] * x[1];
            [p[0] * p[1], product, p[1], x[0], product, Var::from(7.0), x[0], product + p[0] * p[1]]
        },
        &SHARED,
        &[0.5, 0.25],
    );
    for count in [0, 1, 8, 9, 40] {
        let numbers: Vec<f64> = (0..2 * count).map(f64::from).collect();
        let rows = Rows::row_major(&numbers, 2).expect("whole rows");
        let mut out = vec![f64::NAN; 8 * count as usize];
        program.values(&SHARED, rows, &mut out, &mut Workspace::new()).expect("no guard");
        let expected = numbers.chunks_exact(2).flat_map(|x| {
            let product = SHARED[0] * x[1];
            [-0.75, product, SHARED[1], x[0], product, 7.0, x[0], product - 0.75]
        });
        assert_eq!(out, expected.collect::<Vec<f64>>());
    }
}

#[test]
fn an_output_that_depends_on_no_row_input_counts_once_a_row() {
    type F = fn(&[Var], &[Var]) -> Var;
    // The output, and its value and gradient in p at (1.5, -0.5).
    let cases: [(F, f64, [f64; 2]); 5] = [
        (|p, _| p[0] * p[1], -0.75, [-0.5, 1.5]),
        (|p, _| p[1], -0.5, [0.0, 1.0]),
        (|_, _| Var::from(7.0), 7.0, [0.0, 0.0]),
        (|_, x| x[0], 0.25, [0.0, 0.0]),
        (|_, x| x[0].square(), 0.0625, [0.0, 0.0]),
    ];
    for (f, value, slopes) in cases {
        let program = RowProgram::record(f, &SHARED, &[0.5]);
        // Weights of sum 3.75, and a row that counts for nothing.
        let (numbers, weights) = ([0.25; 12], [&[0.5; 10][..], &[0.0, -1.25]].concat());
        let rows = Rows::row_major(&numbers, 1).expect("whole rows");
        let rows = rows.weighted(&weights).expect("one for each");
        let all = All::of(&program, &SHARED, rows, &mut Workspace::new()).expect("no guard");
        assert_eq!((all.sum, all.total.0), (3.75 * value, 3.75 * value));
        assert_eq!(all.total.1, slopes.map(|slope| 3.75 * slope));
        assert_eq!(all.values, [value; 12]);
        agrees(&program, 30);
    }
}
