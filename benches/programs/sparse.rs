//! Sparse derivatives beside echidna's: planning, and the entries at one point.

use crate::common::markdown::{Comparison, print_comparisons, progress};
use crate::common::side_by_side::{Contender, assert_close, side_by_side};
use crate::common::workloads::{scalar::Scalar, uniform};
use echidna::sparse::{column_coloring, greedy_coloring};
use gradtape::Var;
use gradtape::program::{Program, Workspace};

const REFERENCE: &str = "evaluate";
const SEED: u64 = 31337;

/// The most inputs that the other engine is given.
const MOST: usize = 10_000;

/// Each equation has its unknown and two neighbours on either side: a band of five.
fn band<S: Scalar>(x: &[S]) -> Vec<S> {
    let at = |i: usize, by: usize| x[(i + by).saturating_sub(2).min(x.len() - 1)];
    let row = |i| {
        let curved = at(i, 2) * at(i, 2) * at(i, 3) - at(i, 1) / (at(i, 2) * at(i, 2) + 1.0);
        curved + (at(i, 0) - at(i, 1) * 4.0 + at(i, 2) * 6.0 - at(i, 3) * 4.0 + at(i, 4)) * 0.5
    };
    (0..x.len()).map(row).collect()
}

/// The sum of the squares of these rows: a band of nine.
fn objective<S: Scalar>(x: &[S]) -> S {
    band(x).into_iter().map(|y| y * y).reduce(|sum, y| sum + y).expect("there are rows")
}

/// Time what is wanted, and print it.
pub fn run(wanted: &dyn Fn(&str) -> bool) {
    let mut all = vec![];
    for (n, rounds) in [(1_000, 21), (10_000, 11), (100_000, 5)] {
        let title = format!("sparse Jacobian, band of 5, n={n}");
        if wanted(&title) {
            all.push(jacobian(title, rounds, &uniform(n, SEED)));
        }
        let title = format!("sparse Hessian, band of 9, n={n}");
        if wanted(&title) {
            all.push(hessian(title, rounds, &uniform(n, SEED)));
        }
    }
    if !all.is_empty() {
        println!("### Sparse derivatives\n");
        print_comparisons(&all, REFERENCE);
    }
}

fn jacobian(title: String, rounds: usize, x: &[f64]) -> Comparison {
    progress(&title);
    let program = Program::record(|x: &[Var]| band(x), x);
    let plan = program.jacobian_plan();
    let (mut values, mut workspace) = (vec![0.0; plan.pattern().nonzeros()], Workspace::new());
    plan.evaluate(x, &mut values, &mut workspace).expect("the recorded point");
    let expected = values.clone();
    let mut contenders = vec![
        Contender::new(REFERENCE, x, |x: &[f64]| {
            plan.evaluate(x, &mut values, &mut workspace).expect("the recorded point");
            values[0]
        }),
        Contender::new("plan", x, |_: &[f64]| program.jacobian_plan().sweeps()),
    ];
    // Its sets are bits for every input: 23 GB were not enough for 100,000.
    if x.len() <= MOST {
        let mut tape = echidna::record_multi(band, x).0;
        let mut again = echidna::record_multi(band, x).0;
        let (_, pattern, theirs) = tape.sparse_jacobian_vec::<8>(x);
        assert_close(&expected, &sorted(&pattern.rows, &pattern.cols, &theirs));
        let (colors, count) = column_coloring(&pattern);
        contenders.push(Contender::new("echidna, pattern known", x, move |x: &[f64]| {
            tape.sparse_jacobian_with_pattern(x, &pattern, &colors, count, true)
        }));
        contenders.push(Contender::new("echidna, 8 colours a sweep", x, move |x: &[f64]| {
            again.sparse_jacobian_vec::<8>(x)
        }));
    }
    let rows = side_by_side(REFERENCE, rounds, contenders);
    Comparison { title, nodes: vec![program.len()], rows }
}

fn hessian(title: String, rounds: usize, x: &[f64]) -> Comparison {
    progress(&title);
    let program = Program::record(|x: &[Var]| objective(x), x);
    let plan = program.hessian_plan().expect("no custom operation");
    let (mut values, mut workspace) = (vec![0.0; plan.pattern().nonzeros()], Workspace::new());
    plan.evaluate(x, &mut values, &mut workspace).expect("the recorded point");
    let expected = values.clone();
    let mut contenders = vec![
        Contender::new(REFERENCE, x, |x: &[f64]| {
            plan.evaluate(x, &mut values, &mut workspace).expect("the recorded point");
            values[0]
        }),
        Contender::new("plan", x, |_: &[f64]| program.hessian_plan().expect("as before").sweeps()),
    ];
    if x.len() <= MOST {
        let tape = echidna::record(objective, x).0;
        let again = echidna::record(objective, x).0;
        let pattern = tape.detect_sparsity();
        let (colors, count) = greedy_coloring(&pattern);
        let (_, _, theirs) = tape.sparse_hessian_with_pattern(x, &pattern, &colors, count);
        let at = |(&row, &column)| plan.pattern().find(row as usize, column as usize);
        let places = pattern.rows.iter().zip(&pattern.cols).map(at);
        let ours: Vec<f64> = places.map(|at| at.map_or(0.0, |at| expected[at])).collect();
        assert_close(&theirs, &ours);
        contenders.push(Contender::new("echidna, pattern known", x, move |x: &[f64]| {
            tape.sparse_hessian_with_pattern(x, &pattern, &colors, count)
        }));
        contenders.push(Contender::new("echidna, 8 colours a sweep", x, move |x: &[f64]| {
            again.sparse_hessian_vec::<8>(x)
        }));
    }
    let rows = side_by_side(REFERENCE, rounds, contenders);
    Comparison { title, nodes: vec![program.len(), plan.gradient_program().len()], rows }
}

/// The values row by row.
fn sorted(rows: &[u32], columns: &[u32], values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&k| (rows[k], columns[k]));
    order.into_iter().map(|k| values[k]).collect()
}
