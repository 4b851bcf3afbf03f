//! Gradients by gradtape, echidna and reverse beside the plain value in `f64`, in one run, in turns.
//!
//! `cargo bench --bench side_by_side` prints the tables of `docs/benchmarks.md`. Arguments run only
//! the workloads whose title contains one of them.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::peers::{EchidnaReplay, Gradtape, ReverseTape, echidna_grad};
use common::side_by_side::{Contender, print_table, side_by_side};
use common::workloads::{
    NaryObjective, Objective, chain::Chain, dosage::Dosage, gmm::Gmm, one_op::OneOp,
    rosenbrock::Rosenbrock,
};
use std::env;

const REFERENCE: &str = "echidna grad";

/// What a contender may cost on a workload.
enum Budget {
    /// As a multiple of the reference.
    Ratio(f64),
    /// In nanoseconds.
    Time(f64),
}

/// The promises: workload, contender, most that it may cost. They are printed, not enforced: a shared
/// machine is no judge.
const BUDGETS: &[(&str, &str, Budget)] = &[
    ("one op, x*x", "gradtape, in place", Budget::Time(40.0)),
    ("gmm d=2 k=5", "gradtape, dot/sum", Budget::Ratio(0.55)),
    ("gmm d=10 k=25", "gradtape, dot/sum", Budget::Ratio(0.45)),
    ("gmm d=32 k=10", "gradtape, dot/sum", Budget::Ratio(0.2)),
    ("gmm d=2 k=5", "gradtape", Budget::Ratio(0.75)),
    ("gmm d=10 k=25", "gradtape", Budget::Ratio(0.75)),
    ("gmm d=32 k=10", "gradtape", Budget::Ratio(0.75)),
];

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |title: &str| filters.is_empty() || filters.iter().any(|f| title.contains(f));

    println!(
        "gradtape: {} bytes a node, beside the operands of n-ary nodes",
        gradtape::Tape::BYTES_PER_NODE
    );
    plain("one op, x*x", 21, &OneOp, &OneOp::start(), &wanted);
    plain("chain of 1000", 21, &Chain, &Chain::start(), &wanted);
    plain("rosenbrock n=100", 21, &Rosenbrock, &Rosenbrock::start(100), &wanted);
    with_nary("dosage network", 21, &Dosage, &Dosage::start(), &wanted);
    for (d, k, rounds) in [(2, 5, 21), (10, 25, 11), (32, 10, 7)] {
        let (gmm, at) = Gmm::random(1000, d, k, 31337);
        with_nary(&format!("gmm d={d} k={k}"), rounds, &gmm, &at, &wanted);
    }
}

fn plain(
    title: &str,
    rounds: usize,
    f: &impl Objective,
    at: &[f64],
    wanted: &impl Fn(&str) -> bool,
) {
    if wanted(title) {
        time(title, rounds, f, at, vec![]);
    }
}

fn with_nary<F: Objective + NaryObjective>(
    title: &str,
    rounds: usize,
    f: &F,
    at: &[f64],
    wanted: &impl Fn(&str) -> bool,
) {
    if wanted(title) {
        let mut engine = Gradtape::default();
        assert_close(&echidna_grad(f, at), &engine.gradient(|x| f.eval_nary(x), at));
        println!(
            "{title}, dot/sum: {} nodes, {:.1} bytes a node",
            engine.nodes(),
            engine.bytes_per_node()
        );
        let nary = Contender::new("gradtape, dot/sum", at, move |x: &[f64]| {
            engine.gradient(|x| f.eval_nary(x), x)
        });
        let value = Contender::new("f64 value, dot/sum", at, |x: &[f64]| f.eval_nary(x));
        time(title, rounds, f, at, vec![value, nary]);
    }
}

fn time<'a>(
    title: &str,
    rounds: usize,
    f: &'a impl Objective,
    at: &'a [f64],
    more: Vec<Contender<'a>>,
) {
    let mut replay = EchidnaReplay::record(f, at);
    let tape = ReverseTape::default();
    let (mut engine, mut in_place) = (Gradtape::default(), Gradtape::default());
    let expected = echidna_grad(f, at);
    assert_close(&expected, &replay.gradient(at));
    assert_close(&expected, &tape.gradient(f, at));
    assert_close(&expected, &engine.gradient(|x| f.eval(x), at));
    println!(
        "{title}: {} nodes, {:.1} bytes a node; entries: echidna {}, reverse {}",
        engine.nodes(),
        engine.bytes_per_node(),
        replay.nodes(),
        tape.nodes()
    );

    let mut contenders = vec![
        Contender::new("f64 value", at, |x: &[f64]| f.eval(x)),
        Contender::new(REFERENCE, at, |x| echidna_grad(f, x)),
        Contender::new("echidna replay", at, |x| replay.gradient(x)),
        Contender::new("reverse", at, |x| tape.gradient(f, x)),
        Contender::new("gradtape", at, |x| engine.gradient(|x| f.eval(x), x)),
        Contender::new("gradtape, in place", at, |x| in_place.gradient_in_place(|x| f.eval(x), x)),
    ];
    contenders.extend(more);
    let rows = side_by_side(REFERENCE, rounds, contenders);
    print_table(title, REFERENCE, &rows);
    for (_, contender, budget) in BUDGETS.iter().filter(|(workload, ..)| *workload == title) {
        for row in rows.iter().filter(|row| row.name == *contender) {
            let (found, most, unit) = match budget {
                Budget::Ratio(most) => (row.ratio, most, "x"),
                Budget::Time(most) => (row.median, most, "ns"),
            };
            let verdict = if found <= *most { "kept" } else { "missed" };
            println!("  budget {verdict}: {contender} {found:.2} {unit}, at most {most} {unit}");
        }
    }
    println!();
}

/// A benchmark of wrong answers is worth nothing: all engines must agree first.
fn assert_close(expected: &[f64], found: &[f64]) {
    let scale = expected.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    assert_eq!(expected.len(), found.len());
    for (expected, found) in expected.iter().zip(found) {
        let error = (expected - found).abs();
        assert!(error <= 1e-9 * scale, "{found} is not {expected}");
    }
}
