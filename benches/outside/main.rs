//! Engines outside Rust beside gradtape: ADOL-C, JAX and PyTorch, in one run, in turns.
//!
//! ```text
//! apt-get install g++ libadolc-dev
//! python3 -m venv v && v/bin/pip install jax torch
//! GRADTAPE_PYTHON=v/bin/python taskset -c 0 cargo bench --bench outside
//! ```
//!
//! It prints the tables of `docs/benchmarks.md`; with `--features native` those of native code too. What is not installed is left out, with a word why. Arguments run only
//! the workloads whose title contains one of them.
//!
//! **How they talk.** A workload is written to a file: its name, then a line for each array, which is a name, a length
//! and the numbers. Each contender is a process that reads the file, and prints a line about itself, and then a line with
//! value and gradient. From then on it reads numbers of runs, and answers with the nanoseconds that so many runs
//! had on the processor. So compiling and starting are not in the figures, and all take turns.

mod by_rows;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;
mod peer;

use common::markdown::{Comparison, print_comparisons, print_setting, progress};
use common::peers::Gradtape;
use common::side_by_side::{Contender, assert_close, side_by_side};
use common::workloads::{
    NaryObjective, Objective, gmm::Gmm, llsq::Llsq, lse::Lse, lstm::Lstm, ode::Ode, uniform,
};
use gradtape::program::{Engine, Program, RowProgram, Rows, Workspace};
use gradtape::{Var, dot, value_and_gradient};
use peer::{Peer, Workload};
use std::env;
use std::iter::zip;

const REFERENCE: &str = "ADOL-C";
const TAPE: &str = "gradtape";
const SEED: u64 = 31337;

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |title: &str| filters.is_empty() || filters.iter().any(|f| title.contains(f));
    let mut bench = Bench { peers: Peer::installed(), about: vec![], all: vec![] };
    print_setting(&[]);
    for (d, k, rounds) in [(2, 5, 21), (10, 25, 11), (32, 10, 7)] {
        let title = format!("gmm d={d} k={k}");
        if wanted(&title) {
            let (gmm, at) = Gmm::random(1000, d, k, SEED);
            let arrays: [(_, &[f64]); 3] = [
                ("sizes", &[d as f64, k as f64]),
                ("points", gmm.data()),
                ("hyper", &gmm.hyperparameters()),
            ];
            let program = RowProgram::record(|p, x| gmm.eval_row(p, x), &at, &gmm.data()[..d]);
            let rows = over_rows(&program, gmm.data(), d);
            bench.time(&title, rounds, &gmm, &at, &arrays, rows);
        }
    }
    if wanted("lstm l=2 c=1024") {
        let (lstm, at) = Lstm::random(2, 1024, SEED);
        let arrays: [(_, &[f64]); 3] =
            [("sizes", &[14.0]), ("state", lstm.state()), ("sequence", lstm.sequence())];
        bench.time("lstm l=2 c=1024", 7, &lstm, &at, &arrays, vec![]);
    }
    // The smallest so that there is something to agree on: the slopes of the other are 0.
    for (n, rounds) in [(20, 21), (1000, 11)] {
        let title = format!("ode n={n} s=10");
        if wanted(&title) {
            let at = uniform(n, SEED);
            bench.time(&title, rounds, &Ode { steps: 10 }, &at, &[("sizes", &[10.0])], vec![]);
        }
    }
    if wanted("lse n=10000") {
        bench.time("lse n=10000", 21, &Lse, &uniform(10_000, SEED), &[], vec![]);
    }
    if wanted("llsq n=1024 m=128") {
        let (n, m) = (1024, 128);
        let (llsq, at) = (Llsq::new(n, m), uniform(m, SEED));
        let arrays = [("powers", llsq.powers()), ("signs", llsq.signs())];
        // A row is the powers and the sign.
        let data: Vec<f64> = zip(llsq.powers().chunks_exact(m), llsq.signs())
            .flat_map(|(powers, sign)| powers.iter().chain([sign]).copied())
            .collect();
        let square = |p: &[Var], x: &[Var]| (dot(p, &x[..m]) - x[m]).square() * 0.5;
        let program = RowProgram::record(square, &at, &data[..=m]);
        bench.time("llsq n=1024 m=128", 11, &llsq, &at, &arrays, over_rows(&program, &data, m + 1));
    }
    by_rows::run(&mut bench, &wanted);
    bench.print();
}

/// A gradient as a fresh vector.
type Gradient<'a> = Box<dyn FnMut(&[f64]) -> Vec<f64> + 'a>;

/// What runs a program over rows.
fn engines() -> impl Iterator<Item = (&'static str, Workspace)> {
    let native = cfg!(feature = "native").then_some(("gradtape, rows, native", Engine::Native));
    let engines = [("gradtape, rows", Engine::Interpreter)].into_iter().chain(native);
    engines.map(|(name, engine)| (name, Workspace::new().with_engine(engine)))
}

/// Our own contenders, each with its name.
type Ours<'a> = Vec<(&'static str, Gradient<'a>)>;

/// The gradient of a sum over rows of data, by all engines.
fn over_rows<'a>(program: &'a RowProgram, data: &'a [f64], width: usize) -> Ours<'a> {
    let data = Rows::row_major(data, width).expect("whole rows");
    let run = |(name, mut workspace): (_, Workspace)| -> (_, Gradient<'a>) {
        let gradient = move |at: &[f64]| {
            let mut gradient = vec![0.0; at.len()];
            program.sum_and_gradient(at, data, &mut gradient, &mut workspace).expect("no branches");
            gradient
        };
        (name, Box::new(gradient))
    };
    engines().map(run).collect()
}

/// What takes part, and what was measured.
struct Bench {
    peers: Vec<Peer>,
    /// What each peer says about itself, and then by workload.
    about: Vec<String>,
    all: Vec<Comparison>,
}

impl Bench {
    fn time<'a, F: Objective + NaryObjective>(
        &mut self,
        title: &str,
        rounds: usize,
        f: &'a F,
        at: &'a [f64],
        arrays: &[(&str, &[f64])],
        rows: Ours<'a>,
    ) {
        progress(title);
        let (value, expected) = value_and_gradient(|x| f.eval(x), at);
        let (mut plain, mut nary) = (Gradtape::default(), Gradtape::default());
        let program = Program::record(|x| f.eval_nary(x), at);
        let mut workspace = Workspace::new();
        let mut ours: Ours<'a> = vec![
            (TAPE, Box::new(move |x| plain.gradient(|x| f.eval(x), x))),
            ("gradtape, dot/sum", Box::new(move |x| nary.gradient(|x| f.eval_nary(x), x))),
            (
                "gradtape, program",
                Box::new(move |x| {
                    let mut gradient = vec![0.0; x.len()];
                    let run = program.value_and_gradient(x, &mut gradient, &mut workspace);
                    run.expect("the recorded point");
                    gradient
                }),
            ),
        ];
        ours.extend(rows);
        let mut contenders = vec![];
        for (name, mut gradient) in ours {
            assert_close(&expected, &gradient(at));
            contenders.push(Contender::new(name, at, gradient));
        }
        let workload = Workload::write(title, at, arrays);
        for peer in &self.peers {
            contenders.push(of_peer(&mut self.about, peer, title, &workload, value, &expected));
        }
        let rows = side_by_side(self.reference(), rounds, contenders);
        self.all.push(Comparison { title: title.to_owned(), nodes: vec![], rows });
    }

    /// The tape if there is no other to compare with.
    fn reference(&self) -> &'static str {
        let has = self.peers.iter().any(|peer| peer.name == REFERENCE);
        if has { REFERENCE } else { TAPE }
    }

    fn print(&self) {
        print_comparisons(&self.all, self.reference());
        self.about.iter().for_each(|about| println!("- {about}"));
    }
}

/// Start a peer, which must agree on value and gradient.
fn of_peer<'a>(
    about: &mut Vec<String>,
    peer: &Peer,
    title: &str,
    workload: &Workload,
    value: f64,
    expected: &[f64],
) -> Contender<'a> {
    let mut process = peer.start(workload);
    assert_close(&[value], &process.result[..1]);
    assert_close(expected, &process.result[1..]);
    note(about, title, peer.name, &process.about);
    Contender::elsewhere(peer.name, move |times| process.run(times))
}

/// Keep what a peer says about itself, once, and what it says about a workload.
fn note(all: &mut Vec<String>, title: &str, name: &str, about: &str) {
    let (who, more) = about.split_once("; ").unwrap_or((about, ""));
    let who = format!("{name}: {who}");
    let place = all.iter().position(|known| known.starts_with(&who)).unwrap_or(all.len());
    if place == all.len() {
        all.push(who);
    }
    if !more.is_empty() {
        all[place] += &format!("; {title} {more}");
    }
}
