//! Gradients by gradtape, echidna and reverse beside the plain value in `f64`, in one run, in turns.
//!
//! `cargo bench --bench side_by_side` prints the tables of `docs/benchmarks.md`. Arguments run only
//! the workloads whose title contains one of them.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::peers::{EchidnaReplay, Gradtape, ReverseTape, echidna_grad};
use common::side_by_side::{Contender, print_table, side_by_side};
use common::workloads::{
    NaryObjective, Objective, chain::Chain, det::Det, dosage::Dosage, gmm::Gmm, kmeans::KMeans,
    llsq::Llsq, lse::Lse, lstm::Lstm, ode::Ode, one_op::OneOp, rosenbrock::Rosenbrock, uniform,
};
use std::env;

const REFERENCE: &str = "echidna grad";
const PLAIN: &str = "gradtape";
const NARY: &str = "gradtape, dot/sum";

/// GradBench's, for all random inputs.
const SEED: u64 = 31337;

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
    ("one op, x*x", "gradtape, in place", Budget::Time(20.0)),
    ("gmm d=2 k=5", NARY, Budget::Ratio(0.48)),
    ("gmm d=10 k=25", NARY, Budget::Ratio(0.27)),
    ("gmm d=32 k=10", NARY, Budget::Ratio(0.14)),
    ("gmm d=2 k=5", PLAIN, Budget::Ratio(0.75)),
    ("gmm d=10 k=25", PLAIN, Budget::Ratio(0.75)),
    ("gmm d=32 k=10", PLAIN, Budget::Ratio(0.75)),
    ("lstm l=2 c=1024", NARY, Budget::Ratio(0.5)),
    ("ode n=1000 s=10", NARY, Budget::Ratio(0.4)),
    ("ode n=10000 s=10", NARY, Budget::Ratio(0.4)),
    ("lse n=10000", NARY, Budget::Ratio(0.52)),
    ("lse n=640000", NARY, Budget::Ratio(0.52)),
    ("llsq n=1024 m=128", NARY, Budget::Ratio(0.2)),
    ("det l=8", NARY, Budget::Ratio(0.58)),
    ("det l=9", NARY, Budget::Ratio(0.58)),
    (APART, NARY, Budget::Ratio(0.45)),
];

/// The workload with a budget that is not part of the means.
const APART: &str = "kmeans k=10 n=1000 d=8";

/// The most that the geometric mean over the other workloads with an n-ary budget may be.
const MEANS: [(&str, f64); 2] = [(NARY, 0.38), (PLAIN, 0.62)];

fn main() {
    let filters = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut bench = Bench { filters, ratios: vec![] };
    println!(
        "gradtape: {} bytes a node, beside the operands of n-ary nodes",
        gradtape::Tape::BYTES_PER_NODE
    );
    bench.plain("one op, x*x", 21, &OneOp, &OneOp::start());
    bench.plain("chain of 1000", 21, &Chain, &Chain::start());
    bench.plain("rosenbrock n=100", 21, &Rosenbrock, &Rosenbrock::start(100));
    bench.with_nary("dosage network", 21, &Dosage, &Dosage::start());
    for (d, k, rounds) in [(2, 5, 21), (10, 25, 11), (32, 10, 7)] {
        let (gmm, at) = Gmm::random(1000, d, k, SEED);
        bench.with_nary(&format!("gmm d={d} k={k}"), rounds, &gmm, &at);
    }
    let (lstm, at) = Lstm::random(2, 1024, SEED);
    bench.with_nary("lstm l=2 c=1024", 11, &lstm, &at);
    // The smallest so that there is something to agree on: the slopes of the others are 0.
    for (n, rounds) in [(20, 21), (1000, 11), (10_000, 7)] {
        let title = format!("ode n={n} s=10");
        bench.with_nary(&title, rounds, &Ode { steps: 10 }, &uniform(n, SEED));
    }
    for (n, rounds) in [(10_000, 21), (640_000, 7)] {
        bench.with_nary(&format!("lse n={n}"), rounds, &Lse, &uniform(n, SEED));
    }
    bench.with_nary("llsq n=1024 m=128", 11, &Llsq::new(1024, 128), &uniform(128, SEED));
    for (ell, rounds) in [(8, 11), (9, 7)] {
        bench.with_nary(&format!("det l={ell}"), rounds, &Det(ell), &uniform(ell * ell, SEED));
    }
    let (kmeans, at) = KMeans::random(10, 1000, 8, SEED);
    bench.with_nary(APART, 11, &kmeans, &at);
    bench.print_means();
}

/// What the arguments ask for, and the ratios so far: workload, contender, ratio to the reference.
struct Bench {
    filters: Vec<String>,
    ratios: Vec<(String, String, f64)>,
}

impl Bench {
    fn wants(&self, title: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| title.contains(filter))
    }

    fn plain(&mut self, title: &str, rounds: usize, f: &impl Objective, at: &[f64]) {
        if self.wants(title) {
            self.time(title, rounds, f, at, vec![]);
        }
    }

    fn with_nary<F>(&mut self, title: &str, rounds: usize, f: &F, at: &[f64])
    where
        F: Objective + NaryObjective,
    {
        if self.wants(title) {
            let mut engine = Gradtape::default();
            assert_close(&echidna_grad(f, at), &engine.gradient(|x| f.eval_nary(x), at));
            println!(
                "{title}, dot/sum: {} nodes, {:.1} bytes a node",
                engine.nodes(),
                engine.bytes_per_node()
            );
            let nary =
                Contender::new(NARY, at, move |x: &[f64]| engine.gradient(|x| f.eval_nary(x), x));
            let value = Contender::new("f64 value, dot/sum", at, |x: &[f64]| f.eval_nary(x));
            self.time(title, rounds, f, at, vec![value, nary]);
        }
    }

    fn time<'a>(
        &mut self,
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
            Contender::new(PLAIN, at, |x| engine.gradient(|x| f.eval(x), x)),
            Contender::new("gradtape, in place", at, |x| {
                in_place.gradient_in_place(|x| f.eval(x), x)
            }),
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
                println!(
                    "  budget {verdict}: {contender} {found:.2} {unit}, at most {most} {unit}"
                );
            }
        }
        println!();
        self.ratios.extend(rows.into_iter().map(|row| (title.to_owned(), row.name, row.ratio)));
    }

    /// The budgets for geometric means, over those workloads that ran.
    fn print_means(&self) {
        let counts = |title: &str| {
            title != APART
                && BUDGETS.iter().any(|&(workload, name, _)| (workload, name) == (title, NARY))
        };
        for (contender, most) in MEANS {
            let own =
                self.ratios.iter().filter(|(title, name, _)| name == contender && counts(title));
            let logarithms: Vec<f64> = own.map(|(.., ratio)| ratio.ln()).collect();
            let count = logarithms.len();
            if count > 0 {
                let mean = (logarithms.iter().sum::<f64>() / count as f64).exp();
                let verdict = if mean <= most { "kept" } else { "missed" };
                println!(
                    "budget {verdict}: {contender} {mean:.2} x in the mean of {count}, at most {most} x"
                );
            }
        }
    }
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
