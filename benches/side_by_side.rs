//! Gradients by gradtape, echidna and reverse beside the plain value in `f64`, in one run, in turns.
//!
//! `cargo bench --bench side_by_side` prints the tables of `docs/benchmarks.md`, and what became of the budgets. Arguments
//! run only the workloads whose title contains one of them.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::markdown::{Budgets, Comparison, print_comparisons, print_setting, progress};
use common::peers::{EchidnaReplay, Gradtape, ReverseTape, echidna_grad};
use common::side_by_side::{Contender, assert_close, geometric_mean, side_by_side};
use common::workloads::{
    NaryObjective, Objective, chain::Chain, det::Det, dosage::Dosage, gmm::Gmm, kmeans::KMeans,
    llsq::Llsq, lse::Lse, lstm::Lstm, ode::Ode, one_op::OneOp, rosenbrock::Rosenbrock, uniform,
};
use gradtape::gradient;
use std::env;

const REFERENCE: &str = "echidna grad";
const PLAIN: &str = "gradtape";
const IN_PLACE: &str = "gradtape, in place";
const DOOR: &str = "gradtape, `gradient`";
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

/// The promises: workload, contender, most that it may cost.
const BUDGETS: &[(&str, &str, Budget)] = &[
    ("one op, x*x", IN_PLACE, Budget::Time(20.0)),
    (TWO_INPUTS, DOOR, Budget::Time(70.0)),
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

/// The workload of the front door, which returns an array.
const TWO_INPUTS: &str = "two inputs, x*y";

/// The workload with a budget that is not part of the means.
const APART: &str = "kmeans k=10 n=1000 d=8";

/// The most that the geometric mean over the other workloads with an n-ary budget may be.
const MEANS: [(&str, f64); 2] = [(NARY, 0.38), (PLAIN, 0.62)];

fn main() {
    let filters = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut bench = Bench { filters, all: vec![] };
    print_setting(&["echidna", "reverse"]);
    bench.plain("one op, x*x", 21, &OneOp, &OneOp::start());
    bench.front_door(41);
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
    bench.print();
}

/// What the arguments ask for, and what has been measured.
struct Bench {
    filters: Vec<String>,
    all: Vec<Comparison>,
}

impl Bench {
    fn wants(&self, title: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| title.contains(filter))
    }

    fn plain(&mut self, title: &str, rounds: usize, f: &impl Objective, at: &[f64]) {
        if self.wants(title) {
            self.time(title, rounds, f, at, vec![], vec![]);
        }
    }

    fn with_nary<F>(&mut self, title: &str, rounds: usize, f: &F, at: &[f64])
    where
        F: Objective + NaryObjective,
    {
        if self.wants(title) {
            let mut engine = Gradtape::default();
            assert_close(&echidna_grad(f, at), &engine.gradient(|x| f.eval_nary(x), at));
            let nodes = engine.nodes();
            let nary =
                Contender::new(NARY, at, move |x: &[f64]| engine.gradient(|x| f.eval_nary(x), x));
            let value = Contender::new("f64 value, dot/sum", at, |x: &[f64]| f.eval_nary(x));
            self.time(title, rounds, f, at, vec![nodes], vec![value, nary]);
        }
    }

    /// The smallest gradient by a function that returns an array.
    fn front_door(&mut self, rounds: usize) {
        if self.wants(TWO_INPUTS) {
            progress(TWO_INPUTS);
            let at = [3.0, 4.0];
            let rows = side_by_side(
                REFERENCE,
                rounds,
                vec![
                    Contender::new(REFERENCE, &at, |x| echidna::grad(|x| x[0] * x[1], x)),
                    Contender::new(DOOR, &at, |x: &[f64; 2]| gradient(|x| x[0] * x[1], x)),
                ],
            );
            self.all.push(Comparison { title: TWO_INPUTS.to_owned(), nodes: vec![3], rows });
        }
    }

    fn time<'a>(
        &mut self,
        title: &str,
        rounds: usize,
        f: &'a impl Objective,
        at: &'a [f64],
        nary_nodes: Vec<usize>,
        more: Vec<Contender<'a>>,
    ) {
        progress(title);
        let mut replay = EchidnaReplay::record(f, at);
        let tape = ReverseTape::default();
        let (mut engine, mut in_place) = (Gradtape::default(), Gradtape::default());
        let expected = echidna_grad(f, at);
        assert_close(&expected, &replay.gradient(at));
        assert_close(&expected, &tape.gradient(f, at));
        assert_close(&expected, &engine.gradient(|x| f.eval(x), at));
        let nodes = [engine.nodes()].into_iter().chain(nary_nodes).collect();

        let mut contenders = vec![
            Contender::new("f64 value", at, |x: &[f64]| f.eval(x)),
            Contender::new(REFERENCE, at, |x| echidna_grad(f, x)),
            Contender::new("echidna replay", at, |x| replay.gradient(x)),
            Contender::new("reverse", at, |x| tape.gradient(f, x)),
            Contender::new(PLAIN, at, |x| engine.gradient(|x| f.eval(x), x)),
            Contender::new(IN_PLACE, at, |x| in_place.gradient_in_place(|x| f.eval(x), x)),
        ];
        contenders.extend(more);
        let rows = side_by_side(REFERENCE, rounds, contenders);
        self.all.push(Comparison { title: title.to_owned(), nodes, rows });
    }

    /// Print all tables, and the budgets of those workloads that ran.
    fn print(&self) {
        print_comparisons(&self.all, REFERENCE);
        let mut budgets = Budgets::default();
        let row = |workload: &str, contender: &str| {
            let found = self.all.iter().find(|comparison| comparison.title == workload)?;
            found.rows.iter().find(|row| row.name == contender)
        };
        for (workload, contender, budget) in BUDGETS {
            if let Some(row) = row(workload, contender) {
                let what = format!("{workload}: {contender}");
                match budget {
                    Budget::Ratio(most) => budgets.at_most(&what, *most, row.ratio.median, "×"),
                    Budget::Time(most) => budgets.at_most(&what, *most, row.time.median, "ns"),
                }
            }
        }
        let counts = BUDGETS.iter().filter(|&&(title, name, _)| name == NARY && title != APART);
        for (contender, most) in MEANS {
            let rows = counts.clone().filter_map(|(title, ..)| row(title, contender));
            let ratios: Vec<f64> = rows.map(|row| row.ratio.median).collect();
            if !ratios.is_empty() {
                let what = format!("geometric mean of {}: {contender}", ratios.len());
                budgets.at_most(&what, most, geometric_mean(&ratios), "×");
            }
        }
        budgets.print();
    }
}
