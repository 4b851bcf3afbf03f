//! Without optimization too, programs fit a small stack: half of that of the smallest main thread, which is one
//! megabyte on Windows, a quarter of that of a thread of the standard library.
//!
//! A loop over all operations with every rule inlined took more than a megabyte of stack in a debug build.

use crate::apply::{apply, scalar_rows, split};
use crate::{All, Table, available, bits};
use gradtape::op::Op;
use gradtape::program::{Program, RowProgram, Workspace};
use gradtape::{CustomOp, Var, custom, dot, log_sum_exp, sum};
use std::sync::Arc;

const SMALL: usize = 512 << 10;

/// Run on a thread with a small stack, and on this one; both must give the same.
#[track_caller]
fn fits<R: PartialEq + std::fmt::Debug + Send>(run: impl Fn() -> R + Sync) {
    let small = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(SMALL);
        thread.spawn_scoped(scope, &run).expect("a thread").join().expect("no panic")
    });
    assert_eq!(small, run());
}

/// All scalar rows of the table at a sample point of theirs, added up and followed by operations on many operands.
fn everything(inputs: &[Var]) -> Var {
    let terms: Vec<Var> = scalar_rows()
        .filter_map(|op| op.info().samples.first().map(|sample| (op, sample)))
        .map(|(op, sample): (Op, _)| {
            let (x, c) = split(op, sample);
            let at = x.iter().enumerate().map(|(i, x)| inputs[i % inputs.len()] + *x);
            apply(op, &at.collect::<Vec<_>>(), c)
        })
        .collect();
    log_sum_exp(&terms[..5]) + dot(&terms, &terms) + sum(terms)
}

fn program() -> RowProgram {
    RowProgram::record(|p, x| everything(&[x[0], p[0]]), &[0.0], &[0.0])
}

/// Rows at the sample points, near them, and where quick sweeps are in doubt.
fn table(count: usize) -> Table {
    let number = |i: usize| match i {
        9 => f64::INFINITY,
        10 => f64::NAN,
        i => (i % 7) as f64 * 0.01,
    };
    Table { numbers: (0..count).map(number).collect(), width: 1 }
}

#[test]
fn every_operation_over_rows_fits_a_small_stack() {
    for isa in available() {
        fits(|| {
            let mut workspace = Workspace::new().with_isa(isa);
            All::of(&program(), &[0.0], table(20).rows(), &mut workspace).expect("no guard").bits()
        });
    }
}

#[test]
fn every_derivative_of_a_program_fits_a_small_stack() {
    for isa in available() {
        fits(|| {
            let mut workspace = Workspace::new().with_isa(isa);
            let wide = |x: &[Var]| [everything(x), everything(&x[1..])];
            let (wide, one) = (Program::record(wide, &[0.0; 3]), |x: &[Var]| [everything(x)]);
            let one = Program::record(one, &[0.0; 3]);
            let second = one.gradient_program().expect("derivatives of derivatives");
            let mut jacobians = vec![0.0; 6 + 6 + 9];
            let mut hessian = vec![0.0; 9];
            for x in [[0.0, 0.01, 0.02], [f64::INFINITY, 0.0, f64::NAN]] {
                wide.jacobian(&x, &mut jacobians[..6], &mut workspace).expect("no guard");
                let tangents = &mut jacobians[6..8];
                wide.jvp(&x, &[1.0, 2.0, 3.0], tangents, &mut workspace).expect("no guard");
                second.jacobian(&x, &mut jacobians[12..], &mut workspace).expect("no guard");
                one.hessian(&x, &mut hessian, &mut workspace).expect("no guard");
            }
            [bits(&jacobians), bits(&hessian)]
        });
    }
}

/// x ↦ the sum of a program over rows at x: a walk inside a walk.
struct Inside(RowProgram);

impl CustomOp for Inside {
    fn name(&self) -> &str {
        "inside"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = self.0.sum(x, table(9).rows(), &mut Workspace::new()).expect("no guard");
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        let (rows, mut workspace) = (table(9), Workspace::new());
        self.0.sum_and_gradient(x, rows.rows(), dx, &mut workspace).expect("no guard");
        dx[0] *= w[0];
    }
}

#[test]
fn a_walk_inside_a_walk_fits_a_small_stack() {
    let inside = Arc::new(Inside(program()));
    let outside = RowProgram::record(
        |p, x| everything(&[x[0], p[0]]) + custom(inside.clone(), &[x[0] * p[1]])[0],
        &[0.0, 0.5],
        &[0.0],
    );
    fits(|| {
        let mut workspace = Workspace::new();
        All::of(&outside, &[0.0, 0.5], table(9).rows(), &mut workspace).expect("no guard").bits()
    });
}

#[cfg(feature = "rayon")]
#[test]
fn rows_on_threads_fit_small_stacks() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).stack_size(SMALL).build();
    let (pool, program, table) = (pool.expect("threads"), program(), table(200));
    let all = |mut workspace: Workspace| {
        All::of(&program, &[0.0], table.rows(), &mut workspace).expect("no guard").bits()
    };
    let parallel = pool.install(|| all(Workspace::new().parallel()));
    assert_eq!(parallel, all(Workspace::new()));
}
