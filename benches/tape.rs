//! Record and sweep, one workload at a time, with `divan`'s statistics.
//!
//! `cargo bench --bench tape`. For ratios to other engines in one run see `side_by_side`.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::peers::Gradtape;
use common::workloads::{
    NaryObjective, Objective, chain::Chain, dosage::Dosage, gmm::Gmm, one_op::OneOp,
    rosenbrock::Rosenbrock,
};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// The sizes of the mixture model: dimension and components.
const SIZES: [(usize, usize); 3] = [(2, 5), (10, 25), (32, 10)];

fn plain(bencher: Bencher<'_, '_>, f: &impl Objective, at: &[f64]) {
    let mut engine = Gradtape::default();
    bencher.bench_local(|| engine.gradient_in_place(|x| f.eval(x), black_box(at)));
}

fn nary(bencher: Bencher<'_, '_>, f: &impl NaryObjective, at: &[f64]) {
    let mut engine = Gradtape::default();
    bencher.bench_local(|| engine.gradient_in_place(|x| f.eval_nary(x), black_box(at)));
}

#[divan::bench]
fn one_op(bencher: Bencher<'_, '_>) {
    plain(bencher, &OneOp, &OneOp::start());
}

#[divan::bench]
fn chain_of_1000(bencher: Bencher<'_, '_>) {
    plain(bencher, &Chain, &Chain::start());
}

#[divan::bench]
fn rosenbrock_100(bencher: Bencher<'_, '_>) {
    plain(bencher, &Rosenbrock, &Rosenbrock::start(100));
}

#[divan::bench]
fn dosage_step(bencher: Bencher<'_, '_>) {
    let mut engine = Gradtape::default();
    let mut weights = Dosage::start();
    bencher.bench_local(|| {
        let slopes = engine.gradient(|x| Dosage.eval_nary(x), &weights);
        for (weight, slope) in weights.iter_mut().zip(slopes) {
            *weight -= 0.01 * slope;
        }
    });
}

#[divan::bench(args = SIZES)]
fn gmm_plain(bencher: Bencher<'_, '_>, (d, k): (usize, usize)) {
    let (gmm, at) = Gmm::random(1000, d, k, 31337);
    plain(bencher, &gmm, &at);
}

#[divan::bench(args = SIZES)]
fn gmm_nary(bencher: Bencher<'_, '_>, (d, k): (usize, usize)) {
    let (gmm, at) = Gmm::random(1000, d, k, 31337);
    nary(bencher, &gmm, &at);
}

/// Rewinding to parameters that stay, beside clearing and declaring them anew.
#[divan::bench]
fn dosage_rewound(bencher: Bencher<'_, '_>) {
    let tape = gradtape::Tape::new();
    let weights = tape.vars(&Dosage::start());
    let mark = tape.mark();
    let mut gradient = gradtape::Gradient::new();
    bencher.bench_local(|| {
        tape.rewind(mark);
        let loss = Dosage.eval_nary(&weights);
        tape.backward_into(&[(loss, 1.0)], &mut gradient);
        gradient.wrt(weights[0])
    });
}
