//! Report on a tape, draw it, make its page. What the page takes in a browser: `page.rs`.
//!
//! `cargo bench --bench inspect` prints the tables of `docs/benchmarks.md`, and what became of the budgets.

#[path = "common/markdown.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod markdown;
#[path = "common/side_by_side.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod side_by_side;

use gradtape::inspect::Report;
use gradtape::{Real, Tape, Var};
use markdown::{Budgets, print_setting, print_table, progress, times};
use side_by_side::{Contender, Spread, side_by_side};

fn main() {
    // `cargo test --benches` asks for no figures.
    if std::env::args().any(|argument| argument == "--bench") {
        let mut budgets = Budgets::default();
        print_setting(&[]);
        reports(&mut budgets);
        budgets.print();
    }
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

/// Print what reports, drawings and pages of large tapes take.
fn reports(budgets: &mut Budgets) {
    let tapes = SHAPES.map(record);
    let reports: Vec<Report> = tapes.iter().map(|(tape, output)| tape.report(*output)).collect();
    let line = |title: &str, work: &dyn Fn(usize) -> usize| {
        progress(title);
        let time = |i: usize| side_by_side("it", 11, vec![Contender::new("it", &i, |&i| work(i))]);
        (0..SHAPES.len()).map(|i| time(i)[0].time).collect::<Vec<Spread>>()
    };
    // The page has the layout of every group.
    let lines = [
        ("`tape.report(y)`, findings included", {
            line("reports", &|i| tapes[i].0.report(tapes[i].1).nodes.len())
        }),
        ("`report.svg()`, the overview", line("drawings", &|i| reports[i].svg().to_string().len())),
        ("`report.html()`, with the layouts of all groups", {
            line("pages", &|i| reports[i].html().to_string().len())
        }),
    ];
    let slowest = lines[2].1.iter().map(|time| time.median / 1e6).fold(0.0, f64::max);
    budgets.at_most("`report.html()` of 100,000 nodes, the slowest", 1000.0, slowest, "ms");
    let names = SHAPES.map(|shape| format!("{shape:?}").to_lowercase());
    let columns: Vec<&str> = [""].into_iter().chain(names.iter().map(String::as_str)).collect();
    let rows = lines.iter().map(|(title, all)| {
        [(*title).to_owned()].into_iter().chain(all.iter().map(|&time| times(time))).collect()
    });
    print_table(&columns, rows);
}
