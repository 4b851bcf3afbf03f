//! Training on programs over rows: the published numbers of the dosage network, mini-batches, what ends a
//! fit, and networks.

mod batches;
mod dosage;
mod faults;
mod networks;
#[path = "../common/seed.rs"]
mod seed;

use gradtape::Var;
use gradtape::program::RowProgram;

/// The squared residual of a line with slope and offset, for rows of x and y.
fn line() -> RowProgram {
    RowProgram::record(
        |p: &[Var], row: &[Var]| (row[1] - (p[0] * row[0] + p[1])).square(),
        &[0.0; 2],
        &[0.0; 2],
    )
}

/// Rows of x and y: points beside a parabola.
fn points(count: usize) -> Vec<f64> {
    let point = |i: usize| {
        let x = i as f64 / count as f64;
        [x, x * x + (i as f64).sin() / 8.0]
    };
    (0..count).flat_map(point).collect()
}
