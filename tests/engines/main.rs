//! Whatever runs the rows, the numbers have the same bits and the errors the same words; and the statistics say what runs.
//!
//! On a machine without vector instructions for native code, or without the feature, these compare the interpreter with
//! itself: they print that.

mod choice;
#[path = "../common/counting.rs"]
mod counting;
mod environment;
mod long_sums;
mod same;
#[path = "../common/seed.rs"]
mod seed;

use gradtape::lanes::Isa;
use gradtape::nn::Dosage;
use gradtape::program::{RowProgram, Rows};
use gradtape::{Var, affine, log_sum_exp};

/// The instruction sets for which there is native code here.
fn wide() -> Vec<Isa> {
    let there_is = cfg!(all(feature = "native", target_arch = "x86_64", unix));
    let wide = Isa::ALL.into_iter().filter(|&isa| isa != Isa::Baseline && isa.is_available());
    let wide: Vec<Isa> = wide.filter(|_| there_is).collect();
    if wide.is_empty() {
        println!("there is no native code here");
    }
    wide
}

/// The squared residual of the dosage network at one observation.
fn dosage() -> RowProgram {
    let squared_residual = |p: &[Var], row: &[Var]| {
        let blue = p[4] * (p[0] * row[0] + p[1]).softplus();
        let orange = p[5] * (p[2] * row[0] + p[3]).softplus();
        [(row[1] - (blue + orange + p[6])).square()]
    };
    RowProgram::record(squared_residual, &Dosage::details_2().start, &[0.5, 1.0])
}

/// The log-likelihood of a point in the plane under a mixture of three Gaussians with weights, means and widths.
fn mixture() -> RowProgram {
    let likelihood = |p: &[Var], x: &[Var]| {
        let normalized = log_sum_exp(p[..3].iter().copied());
        let terms = (0..3).map(|k| {
            let (mean, width) = (&p[3 + 2 * k..5 + 2 * k], &p[9 + 2 * k..11 + 2 * k]);
            let scaled = (0..2).map(|i| ((x[i] - mean[i]) * width[i].exp()).square());
            p[k] + width[0] + width[1] - gradtape::sum(scaled) * 0.5
        });
        [log_sum_exp(terms.collect::<Vec<_>>()) - normalized]
    };
    RowProgram::record(likelihood, &MIXTURE, &[0.1, 0.2])
}

const MIXTURE: [f64; 15] =
    [0.1, -0.2, 0.3, 0.5, -0.5, 1.5, 0.25, -1.0, 0.75, 0.1, -0.1, 0.2, -0.3, 0.05, 0.4];

/// A guard in the middle, functions on both sides of it, a long affine form, a selection, a flat piece.
fn guarded() -> RowProgram {
    let guarded = |p: &[Var], x: &[Var]| {
        let inner = affine(p, x, p[0].exp()).tanh();
        let chosen = if inner < 0.9 { inner * x[1] } else { x[1] };
        [Var::select(x[2], chosen.sin(), chosen.relu()) + (x[0].abs() + 1.0).ln()]
    };
    RowProgram::record(guarded, &[0.1, 0.2, -0.3], &[0.1, 0.2, 0.3])
}

/// Numbers between -1 and 1.
fn numbers(count: usize) -> Vec<f64> {
    let mut random = seed::random(16);
    (0..count).map(|_| random.f64() * 2.0 - 1.0).collect()
}

fn rows(numbers: &[f64], width: usize) -> Rows<'_> {
    Rows::row_major(numbers, width).expect("whole rows")
}
