//! The gradient at one point: replayed, or recorded and swept afresh.

use crate::common::markdown::{Budgets, Comparison, print_comparisons, progress};
use crate::common::peers::Gradtape;
use crate::common::side_by_side::{Contender, assert_close, find, geometric_mean, side_by_side};
use crate::common::workloads::{
    NaryObjective, Objective, det::Det, dosage::Dosage, gmm::Gmm, kmeans::KMeans, llsq::Llsq,
    lse::Lse, lstm::Lstm, ode::Ode, sized, uniform,
};
use gradtape::Var;
use gradtape::program::{Program, Workspace};

const REFERENCE: &str = "record and sweep";
const REPLAY: &str = "replay";
const SEED: u64 = 31337;

/// The most that a replay may cost as a multiple of recording and sweeping, and what their geometric mean may be.
const MOST: f64 = 0.6;
const MEAN: f64 = 0.45;

/// Time what is wanted, and print it.
pub fn run(wanted: &dyn Fn(&str) -> bool, budgets: &mut Budgets) {
    let mut bench = Bench { wanted, all: vec![] };
    bench.both("dosage network", 21, || (Dosage, Dosage::start()));
    for (d, k, rounds) in [(2, 5, 21), (10, 25, 11), (32, 10, 7)] {
        bench.both(&format!("gmm d={d} k={k}"), rounds, || Gmm::random(1000, d, k, SEED));
    }
    bench.both("lstm l=2 c=1024", 11, || Lstm::random(2, 1024, SEED));
    for (n, rounds) in [(1000, 11), (10_000, 7)] {
        bench.both(&format!("ode n={n} s=10"), rounds, || (Ode { steps: 10 }, uniform(n, SEED)));
    }
    for (n, rounds) in [(10_000, 21), (640_000, 7)] {
        bench.both(&format!("lse n={n}"), rounds, || (Lse, uniform(n, SEED)));
    }
    bench.both("llsq n=1024 m=128", 11, || (Llsq::new(1024, 128), uniform(128, SEED)));
    for (ell, rounds) in [(8, 11), (9, 7)] {
        bench.both(&format!("det l={ell}"), rounds, || (Det(ell), uniform(ell * ell, SEED)));
    }
    bench.both("kmeans k=10 n=1000 d=8", 11, || KMeans::random(10, 1000, 8, SEED));
    for power in 3..=7 {
        let title = format!("replay, chain of 10^{power}");
        if wanted(&title) {
            let (f, at) = sized::CHAIN.1(10_usize.pow(power));
            bench.one(&title, if power < 6 { 21 } else { 7 }, |x| f(x), &at);
        }
    }
    if bench.all.is_empty() {
        return;
    }
    println!("### Replay\n");
    print_comparisons(&bench.all, REFERENCE);
    let ratio = |comparison: &&Comparison| find(&comparison.rows, REPLAY).ratio.median;
    let all = || bench.all.iter();
    budgets.all_at_most(
        "replay",
        MOST,
        all().map(|comparison| (comparison.title.clone(), ratio(&comparison))),
        "× record and sweep",
    );
    // Where the recording computes the same again and again, a program computes it once, and is that much faster.
    let is_long = |comparison: &&Comparison| comparison.nodes[1] * 3 > comparison.nodes[0];
    let means: [(&str, Vec<f64>); 2] = [
        ("all", all().map(|comparison| ratio(&comparison)).collect()),
        (
            "those that keep a third of their nodes",
            all().filter(is_long).map(|c| ratio(&c)).collect(),
        ),
    ];
    for (which, ratios) in means.iter().filter(|(_, ratios)| !ratios.is_empty()) {
        let what = format!("replay, geometric mean of {which} ({})", ratios.len());
        budgets.at_most(&what, MEAN, geometric_mean(ratios), "× record and sweep");
    }
}

struct Bench<'a> {
    wanted: &'a dyn Fn(&str) -> bool,
    all: Vec<Comparison>,
}

impl Bench<'_> {
    /// An objective as it is written with plain operators, and with n-ary ones.
    fn both<F: Objective + NaryObjective>(
        &mut self,
        name: &str,
        rounds: usize,
        make: impl FnOnce() -> (F, Vec<f64>),
    ) {
        let [plain, nary] = ["plain", "dot/sum"].map(|form| format!("replay, {name}, {form}"));
        if (self.wanted)(&plain) || (self.wanted)(&nary) {
            let (f, at) = make();
            self.one(&plain, rounds, |x| f.eval(x), &at);
            self.one(&nary, rounds, |x| f.eval_nary(x), &at);
        }
    }

    fn one(&mut self, title: &str, rounds: usize, f: impl Fn(&[Var]) -> Var, at: &[f64]) {
        progress(title);
        let program = Program::record(&f, at);
        let mut engine = Gradtape::default();
        let (mut gradient, mut workspace) = (vec![0.0; at.len()], Workspace::new());
        let expected = engine.gradient(&f, at);
        program.value_and_gradient(at, &mut gradient, &mut workspace).expect("the recorded point");
        assert_close(&expected, &gradient);
        let nodes = vec![engine.nodes(), program.len()];
        let contenders = vec![
            Contender::new(REFERENCE, at, |x: &[f64]| engine.gradient_in_place(&f, x)),
            Contender::new(REPLAY, at, |x: &[f64]| {
                let run = program.value_and_gradient(x, &mut gradient, &mut workspace);
                run.expect("the recorded point");
                gradient[0]
            }),
        ];
        let rows = side_by_side(REFERENCE, rounds, contenders);
        self.all.push(Comparison { title: title.to_owned(), nodes, rows });
    }
}
