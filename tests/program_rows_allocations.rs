//! Once warm, a run over rows allocates nothing.

mod common {
    pub mod counting;
}

use common::counting::allocations;
use gradtape::program::{Engine, RowProgram, Rows, Workspace};
use gradtape::{Var, affine, log_sum_exp};

/// Guards, sums of every length, kernels and both parts.
fn program() -> RowProgram {
    RowProgram::record(
        |p, x| {
            let uniform = p[0].exp() + p[1].sin();
            let inner = affine(p, x, uniform).tanh();
            let long = log_sum_exp((0..40).map(|i| inner * f64::from(i) + x[i as usize % 3]));
            if x[0] > 0.0 { long + Var::select(x[1], inner, uniform) } else { long }
        },
        &[0.5, 1.5, 2.5],
        &[0.1, 0.2, 0.3],
    )
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}

/// Each for itself: which is worth it changes on the way.
const ENGINES: [Engine; 2] = [Engine::Interpreter, Engine::Native];

#[test]
fn a_warm_run_allocates_nothing() {
    ENGINES.into_iter().for_each(a_warm_run_allocates_nothing_with);
}

fn a_warm_run_allocates_nothing_with(engine: Engine) {
    let program = program();
    let numbers: Vec<f64> = (1..=3000).map(|i| f64::from(i) * 1e-3).collect();
    let columns = [&numbers[..1000], &numbers[1000..2000], &numbers[2000..]];
    let weights = [0.5; 1000];
    let chosen: Vec<usize> = (0..500).map(|i| i * 2).collect();
    let by_rows = Rows::row_major(&numbers, 3).expect("whole rows");
    let by_columns = Rows::columns(&columns).expect("even columns");
    let few = by_rows.weighted(&weights).and_then(|rows| rows.choose(&chosen)).expect("rows");
    let layouts = [by_rows, by_columns, few, few.choose(&chosen[..5]).expect("rows")];

    let mut workspace = Workspace::new().with_engine(engine);
    let (mut values, mut gradients) = (vec![0.0; 1000], vec![0.0; 6000]);
    let mut slopes = [0.0; 3];
    let mut round = |shared: &[f64]| {
        for rows in layouts {
            let count = rows.count();
            let out = &mut values[..count];
            program.values(shared, rows, out, &mut workspace).expect("the branch is kept");
            program.sum(shared, rows, &mut workspace).expect("the branch is kept");
            let out = &mut gradients[..6 * count];
            program.gradients(shared, rows, out, &mut workspace).expect("the branch is kept");
            let sum = program.sum_and_gradient(shared, rows, &mut slopes, &mut workspace);
            sum.expect("the branch is kept");
        }
    };
    round(&[0.5, 1.5, 2.5]);
    assert_eq!(allocations(|| (1..4).for_each(|i| round(&[f64::from(i), 0.5, -0.5]))), 0);
    assert!(slopes.iter().all(|&s| s != 0.0), "the sweep did sweep");
}

#[test]
fn fewer_rows_and_a_smaller_program_need_no_more_than_there_is() {
    ENGINES.into_iter().for_each(less_needs_no_more_with);
}

fn less_needs_no_more_with(engine: Engine) {
    let (large, small) = (program(), RowProgram::record(|p, x| p[0] * x[0], &[1.0], &[1.0]));
    let numbers = [0.25; 300];
    let (wide, narrow) = (Rows::row_major(&numbers, 3), Rows::row_major(&numbers[..99], 1));
    let (wide, narrow) = (wide.expect("whole rows"), narrow.expect("whole rows"));
    let (mut workspace, mut slopes) = (Workspace::new().with_engine(engine), [0.0; 3]);
    let mut run = |program: &RowProgram, shared: &[f64], rows: Rows<'_>| {
        let slopes = &mut slopes[..shared.len()];
        program.sum_and_gradient(shared, rows, slopes, &mut workspace).expect("the branch is kept")
    };
    run(&large, &[0.5; 3], wide);
    // Its code is made with another workspace.
    let mut other = Workspace::new().with_engine(engine);
    small.sum_and_gradient(&[2.0], narrow, &mut [0.0], &mut other).expect("no guards");
    assert_eq!(allocations(|| _ = run(&small, &[2.0], narrow)), 0);
    assert_eq!(allocations(|| _ = run(&large, &[0.25; 3], wide)), 0);
}
