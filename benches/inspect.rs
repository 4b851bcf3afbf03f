//! Report on a tape, draw it, make its page, with `divan`'s statistics.
//!
//! `cargo bench --bench inspect`. The layout of 100,000 nodes is to take less than a second, and a page of 2,500
//! nodes is to open in less than 1.5 s: that is measured first, in a browser if there is one.

#[path = "../tests/common/browser.rs"]
#[allow(unused_macros, unused_imports, reason = "the tests use the rest")]
mod browser;

use browser::Browser;
use divan::{Bencher, black_box};
use gradtape::inspect::Report;
use gradtape::{Real, Tape, Var};
use std::process::Command;

fn main() {
    // `cargo test --benches` and `--list` ask for no figures.
    if std::env::args().any(|argument| argument == "--bench") {
        pages();
    }
    divan::main();
}

/// How often a page is opened.
const OPENED: usize = 5;

/// Print how long pages take to open: until the script has drawn everything and the browser has laid it out.
fn pages() {
    let Some(browser) = Browser::find("opening pages") else { return };
    println!("{:<28} {:>9}  {:>14}", "page", "bytes", "opens in, ms");
    let dosage = ("the dosage network", gradtape::nn::Dosage::published_report());
    for (name, report) in [dosage, ("2,500 nodes", mixed(2_500)), ("10,000 nodes", mixed(10_000))] {
        let page = report.html().to_string();
        let mut times: Vec<f64> = (0..OPENED).map(|_| opens_in(&browser, &page)).collect();
        times.sort_by(f64::total_cmp);
        println!("{name:<28} {:>9}  {:>14.0}", page.len(), times[OPENED / 2]);
    }
    println!("medians of {OPENED}\n");
}

/// The milliseconds from the start of a page until all is drawn and laid out, in the browser's own time.
fn opens_in(browser: &Browser, page: &str) -> f64 {
    const MEASURE: &str = "<script>document.body.offsetHeight;\
                           document.body.dataset.ms = performance.now()</script></body>";
    let path = std::env::temp_dir().join(format!("gradtape-{}.html", std::process::id()));
    std::fs::write(&path, page.replace("</body>", MEASURE))
        .expect("a temporary file can be written");
    let flags =
        ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,900", "--dump-dom"];
    let address = format!("file://{}", path.display());
    let output = Command::new(&browser.path).args(flags).arg(address).output();
    std::fs::remove_file(&path).expect("it is ours");
    let dom = String::from_utf8_lossy(&output.expect("the browser starts").stdout).into_owned();
    let ms = dom.split_once("data-ms=\"").and_then(|(_, rest)| rest.split_once('"'));
    ms.and_then(|(ms, _)| ms.parse().ok()).unwrap_or(f64::NAN)
}

/// Nodes with two operands each, fifty in a column.
fn mixed(nodes: usize) -> Report {
    let tape = Tape::new();
    let mut x = tape.vars(&[0.9; 50]);
    for k in 0..nodes / 50 - 1 {
        for i in 0..50 {
            x[i] = x[i] * x[(i * 7 + k) % 50];
        }
    }
    tape.report(x[0])
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

/// The page has the layout of every group.
#[divan::bench(args = SHAPES, sample_count = 10)]
fn page_of_100_000(bencher: Bencher<'_, '_>, shape: Shape) {
    let report = report(shape);
    bencher.bench_local(|| black_box(&report).html().to_string());
}

#[divan::bench(args = SHAPES, sample_count = 10)]
fn svg_of_100_000(bencher: Bencher<'_, '_>, shape: Shape) {
    let report = report(shape);
    bencher.bench_local(|| black_box(&report).svg().to_string());
}
