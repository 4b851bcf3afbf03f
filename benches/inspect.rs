//! Report on a tape, lay it out, draw it, with `divan`'s statistics.
//!
//! `cargo bench --bench inspect`. The layout of 100,000 nodes is to take less than a second.

use divan::{Bencher, black_box};
use gradtape::inspect::{Groups, Layout, Report};
use gradtape::{Real, Tape, Var};

fn main() {
    divan::main();
}

/// Shapes that ask different things of a layout.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// One operation after the other.
    Chain,
    /// A few values that mix at every step.
    Braid,
    /// Many scopes side by side, each a short chain, and a sum of them all.
    Rows,
    /// Operands from anywhere before: long edges, wide columns.
    Tangle,
}

const SHAPES: [Shape; 4] = [Shape::Chain, Shape::Braid, Shape::Rows, Shape::Tangle];
const NODES: usize = 100_000;

/// A tape of this shape, and its output.
fn record(shape: Shape) -> (Tape, Var) {
    let tape = Tape::new();
    let mut all = tape.vars(&[0.1, 0.2, 0.3, 0.4]);
    let mut random = fastrand::Rng::with_seed(7);
    match shape {
        Shape::Chain => (tape.len()..NODES).for_each(|i| all.push(all[i - 1].sin())),
        Shape::Braid => (tape.len()..NODES).for_each(|i| all.push(all[i - 4] * all[i - 3])),
        Shape::Tangle => {
            (tape.len()..NODES).for_each(|i| all.push(all[random.usize(..i)] * all[i / 2]));
        }
        Shape::Rows => {
            let row = |k: usize| {
                Var::scope(&format!("row {k}"), || {
                    (0..48).fold(all[k % 4] * k as f64, |x, _| x.tanh())
                })
            };
            let rows: Vec<Var> = (0..NODES / 50).map(row).collect();
            all.push(gradtape::sum(rows));
        }
    }
    let output = all[all.len() - 1];
    (tape, output)
}

fn report(shape: Shape) -> Report {
    let (tape, output) = record(shape);
    tape.report(output)
}

#[divan::bench(args = SHAPES, sample_count = 10)]
fn report_of_100_000(bencher: Bencher<'_, '_>, shape: Shape) {
    let (tape, output) = record(shape);
    bencher.bench_local(|| tape.report(black_box(output)));
}

#[divan::bench(args = SHAPES, sample_count = 10)]
fn layout_of_100_000(bencher: Bencher<'_, '_>, shape: Shape) {
    let report = report(shape);
    bencher.bench_local(|| Layout::of(black_box(&report)));
}

#[divan::bench(args = SHAPES, sample_count = 10)]
fn every_group_of_100_000(bencher: Bencher<'_, '_>, shape: Shape) {
    let report = report(shape);
    bencher.bench_local(|| {
        let groups = Groups::of(black_box(&report));
        (0..groups.all.len()).map(|g| Layout::inside(&report, &groups, g)).collect::<Vec<_>>()
    });
}

#[divan::bench(args = SHAPES, sample_count = 10)]
fn svg_of_100_000(bencher: Bencher<'_, '_>, shape: Shape) {
    let report = report(shape);
    bencher.bench_local(|| black_box(&report).svg().to_string());
}
