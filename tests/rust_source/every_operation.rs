//! Every row of the op table, at its samples, at kinks, zeros, infinities and NaN.

use super::assert_same;
use super::common::apply::{apply, scalar_rows, split};
use super::common::partials::{constants, on_grid};
use super::common::programs::record_plain;
use gradtape::op::Op;
use gradtape::program::{Program, RustOptions};

/// The rows, each with constants to try it with, recorded as they are.
fn rows() -> Vec<(Op, Vec<f64>, Program)> {
    let mut all = Vec::new();
    for op in scalar_rows() {
        let mut tried: Vec<Vec<f64>> = Vec::new();
        let of_samples = op.info().samples.iter().map(|point| split(op, point).1.to_vec());
        for c in of_samples.chain(constants(op)) {
            let bits = |c: &[f64]| c.iter().map(|c| c.to_bits()).collect::<Vec<u64>>();
            if tried.iter().any(|tried| bits(tried) == bits(&c)) {
                continue;
            }
            let x = split(op, op.info().samples[0]).0;
            all.push((op, c.clone(), record_plain(|x| [apply(op, x, &c)], x)));
            tried.push(c);
        }
    }
    all
}

#[test]
fn every_row_has_the_bits_of_the_program_at_samples_and_special_numbers() {
    let rows = rows();
    let mut at = Vec::new();
    for (case, (op, c, _)) in rows.iter().enumerate() {
        for point in op.info().samples {
            at.push((case, split(*op, point).0.to_vec()));
        }
        let bits = |c: &[f64]| c.iter().map(|c| c.to_bits()).collect::<Vec<u64>>();
        on_grid(*op, |x, of| {
            if bits(of) == bits(c) {
                at.push((case, x.to_vec()));
            }
        });
    }
    let programs: Vec<Program> = rows.into_iter().map(|(.., program)| program).collect();
    assert_same("rows", &RustOptions::new(), &programs, &at);
}
