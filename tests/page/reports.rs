//! What pages are made of here.

use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use gradtape::{Tape, Var, dot, log_sum_exp, sum};
use std::sync::LazyLock;

#[path = "../common/tapes.rs"]
pub mod tapes;

/// The report of the dosage network, with every panel.
pub static DOSAGE: LazyLock<Report> = LazyLock::new(Dosage::published_report);

/// Its page.
pub static PAGE: LazyLock<String> = LazyLock::new(|| DOSAGE.html().to_string());

fn report(of: impl FnOnce(&Tape) -> Var) -> Report {
    let tape = Tape::new();
    let output = of(&tape);
    tape.report(output)
}

/// Four derivatives of 0, a NaN, an infinite partial, a node after the output.
pub fn odd() -> Report {
    report(|tape| {
        let [x, off, apart] = [0.0, -1.0, 1.0].map(|x| tape.var(x));
        let (off, apart) = (off.label("off"), apart.label("apart"));
        let at_root = tape.var(0.0).label("at the root");
        let kinked = tape.var(0.0).label("kinked");
        let _nan = (apart - 2.0).sqrt().label("nan");
        let y = (x.label("x").square() + off.relu() + kinked.abs() - at_root.sqrt()).label("y");
        let _after = y * apart;
        y
    })
}

/// A node that is its own other operand, and one that cancels.
fn twice() -> Report {
    report(|tape| {
        let x = tape.var(3.0).label("x");
        let same = x;
        let (square, gone) = ((x * x).label("square"), (x - same).label("gone"));
        (square / x + gone * 4.0 - x.powi(3)).label("y")
    })
}

/// Operations with many operands.
fn many() -> Report {
    report(|tape| {
        let x = tape.vars(&[0.25, -1.5, 2.0, 0.75]);
        let [a, b] = [sum(x.iter().copied()), dot(&x[..2], &x[2..])];
        (log_sum_exp([a, b, x[0]]) * x[3] - b).label("y")
    })
}

/// Layers, each of whose nodes uses all of the layer before: 5³ = 125 paths from the input.
pub fn layered() -> Report {
    report(|tape| {
        let mut layer = vec![tape.var(0.5).label("x")];
        for depth in 1..=3 {
            let weighted = |k: usize| {
                let weights =
                    (0..layer.len()).map(|j| 0.3 + 0.17 * ((7 * k + 3 * j + depth) % 11) as f64);
                layer.iter().zip(weights).map(|(&x, w)| x * w).sum::<Var>()
            };
            layer = (0..5).map(weighted).collect();
        }
        sum(layer).label("y")
    })
}

/// 2⁶⁰ paths: the counts leave the integers.
pub fn doubling() -> Report {
    report(|tape| {
        let x = tape.var(1.0).label("x");
        (0..60).fold(x, |x, _| x + x * 0.9).label("y")
    })
}

/// More paths than are listed, the largest last, each with a piece that leaves the range of f64 though the whole
/// does not.
fn beyond() -> Report {
    report(|tape| {
        let x = tape.var(0.0).label("x");
        let huge = x * 1e155 * 1e155;
        sum((1..=70).map(|k| huge * f64::from(k))) * 1e-150 * 1e-150
    })
}

/// A sum of so many products: a tape of three times as many nodes.
pub fn long(terms: usize) -> Report {
    let tape = Tape::new();
    let x = tape.vars(&vec![0.5; terms]);
    let y = x.iter().enumerate().fold(x[0], |sum, (k, &x)| sum + (x * k as f64));
    tape.report(y.label("y"))
}

/// Published problems of at most so many nodes.
pub fn neutral(nodes: usize) -> impl Iterator<Item = Report> {
    let reports = tapes::neutral_tapes().into_iter().map(|neutral| {
        let run = |tape: &Tape| neutral.run(&tape.vars(&neutral.inputs))[neutral.output];
        report(run).title(&neutral.name)
    });
    reports.filter(move |report| report.nodes.len() <= nodes)
}

/// Some that fit on a screen.
fn published() -> impl Iterator<Item = Report> {
    let wanted = ["mazur", "micrograd_neuron", "lighthouse", "black_scholes", "helical"];
    neutral(200).filter(move |report| wanted.iter().any(|name| report.title.contains(name)))
}

/// Tapes of all kinds, each of which fits into one page of the table.
pub fn all() -> Vec<Report> {
    let mut all = vec![DOSAGE.clone(), odd(), twice(), many(), layered(), doubling(), beyond()];
    all.extend([super::pattern::arrow(), super::pattern::band(1000)]);
    all.extend(published());
    assert!(all.iter().all(|report| report.nodes.len() <= 200));
    all
}

/// Read a number as the page prints it.
pub fn number(text: &str) -> f64 {
    let plain = text.trim().trim_start_matches('(').trim_end_matches(')').replace('\u{2212}', "-");
    plain.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// Whether a printed number is that number, to so many digits.
pub fn prints(text: &str, x: f64, digits: i32) -> bool {
    let found = number(text);
    found == x
        || found.is_nan() && x.is_nan()
        || (found - x).abs() <= 0.51 * 10f64.powi(1 - digits) * x.abs()
}
