//! Solutions as operations, beside the plain solver and beside the same written out in operators; and what preaccumulation
//! saves.
//!
//! `cargo bench --bench solutions` prints the tables of `docs/solvers.md`. Arguments run only the rows whose title contains
//! one of them.

#[path = "common/markdown.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod markdown;
#[path = "common/side_by_side.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod side_by_side;

use gradtape::{Gradient, Real, Tape, Var, implicit, linear, sum};
use markdown::{Budgets, print_setting, print_table, progress, ratios, thousands, times};
use side_by_side::{Contender, assert_close, side_by_side};
use std::env;

/// The most that a solve of 500 equations may cost with its derivatives, as a multiple of the plain solve.
const MOST: f64 = 1.2;

/// A way to compute a number from numbers.
type Plain = Box<dyn Fn(&[f64]) -> f64>;

/// A way to compute a number from variables.
type Way = Box<dyn Fn(&[Var]) -> Var>;

/// A title, the solver on plain numbers, the operation, and the same in operators where that fits into memory.
struct Case {
    title: String,
    inputs: Vec<f64>,
    plain: Plain,
    operation: Way,
    operators: Option<Way>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = [3, 10, 100, 500].map(system).into();
    cases.push(determinant(8));
    cases.push(equation());
    cases
}

/// Numbers between -½ and ½ and a heavy diagonal, then the right-hand side.
fn matrix(n: usize, right: usize) -> Vec<f64> {
    let entry = |at: usize| (at * 7919 % 1009) as f64 / 1009.0 - 0.5;
    let diagonal = |at: usize| if at / n == at % n { 1.0 + 0.5 * n as f64 } else { 0.0 };
    (0..n * n).map(|at| entry(at) + diagonal(at)).chain((0..right).map(|i| i as f64)).collect()
}

fn system(n: usize) -> Case {
    let of = n * n;
    Case {
        title: format!("solve, n = {n}"),
        inputs: matrix(n, n),
        plain: Box::new(move |x| linear::solve(&x[..of], &x[of..]).unwrap().iter().sum()),
        operation: Box::new(move |x| sum(linear::solve(&x[..of], &x[of..]).unwrap())),
        operators: (n <= 100)
            .then(|| -> Way { Box::new(move |x| sum(eliminated(&x[..of], &x[of..]))) }),
    }
}

fn determinant(n: usize) -> Case {
    Case {
        title: format!("det, n = {n}"),
        inputs: matrix(n, 0),
        plain: Box::new(|x| linear::det(x).unwrap()),
        operation: Box::new(|x| linear::det(x).unwrap()),
        operators: Some(Box::new(move |x| {
            let mut a = x.to_vec();
            let mut det = Var::from(1.0);
            for k in 0..n {
                det *= a[k * n + k];
                eliminate_column(&mut a, n, k, |_, _| {});
            }
            det
        })),
    }
}

/// Gaussian elimination without exchanges.
fn eliminated(a: &[Var], b: &[Var]) -> Vec<Var> {
    let n = b.len();
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    for k in 0..n {
        let pivot = b[k];
        eliminate_column(&mut a, n, k, |i, factor| b[i] -= factor * pivot);
    }
    for i in (0..n).rev() {
        let known = gradtape::dot(&a[i * n + i + 1..(i + 1) * n], &b[i + 1..]);
        b[i] = (b[i] - known) / a[i * n + i];
    }
    b
}

fn eliminate_column(a: &mut [Var], n: usize, k: usize, mut also: impl FnMut(usize, Var)) {
    for i in k + 1..n {
        let factor = a[i * n + k] / a[k * n + k];
        for j in k + 1..n {
            let pivot = a[k * n + j];
            a[i * n + j] -= factor * pivot;
        }
        also(i, factor);
    }
}

/// A pendulum through 200 implicit midpoint steps: two unknowns, each step by Newton's method.
fn equation() -> Case {
    fn residual<S: Real>(x: &[S], from: &[S]) -> [S; 2] {
        let angle = (x[0] + from[0]) * 0.5;
        let speed = (x[1] + from[1]) * 0.5;
        [x[0] - from[0] - speed * 0.1, x[1] - from[1] + angle.sin() * 0.1]
    }
    fn newton<S: Real>(from: &[S]) -> [S; 2] {
        let mut x = [from[0], from[1]];
        for _ in 0..6 {
            let [f, g] = residual(&x, from);
            // The Jacobian is (1, -h/2; h/2 cos, 1).
            let slope = ((x[0] + from[0]) * 0.5).cos() * 0.05;
            let det = slope * 0.05 + 1.0;
            x = [x[0] - (f + g * 0.05) / det, x[1] - (g - f * slope) / det];
        }
        x
    }
    const STEPS: usize = 200;
    let plain = |x: &[f64]| (0..STEPS).fold([x[0], x[1]], |x, _| newton(&x))[0];
    let operation = |x: &[Var]| {
        let step = |x: Vec<Var>, _| {
            let residual = |x: &[Var], from: &[Var]| residual(x, from);
            implicit::root(residual, |from: &[f64]| newton(from).to_vec(), &x).unwrap()
        };
        (0..STEPS).fold(x.to_vec(), step)[0]
    };
    Case {
        title: format!("root, {STEPS} implicit steps"),
        inputs: vec![1.0, 0.0],
        plain: Box::new(plain),
        operation: Box::new(operation),
        operators: Some(Box::new(|x| (0..STEPS).fold([x[0], x[1]], |x, _| newton(&x))[0])),
    }
}

/// Compute a way on variables that are there already, and sweep.
fn recorded(way: &Way) -> impl FnMut(&[f64]) -> Vec<f64> {
    let (tape, mut gradient) = (Tape::new(), Gradient::new());
    let mut start = None;
    move |at| {
        let (x, mark) = start.get_or_insert_with(|| (tape.vars(at), tape.mark()));
        tape.rewind(*mark);
        let y = way(x);
        tape.backward_into(&[(y, 1.0)], &mut gradient);
        gradient.adjoints()[..at.len()].to_vec()
    }
}

fn nodes(way: &Way, at: &[f64]) -> usize {
    let tape = Tape::new();
    let x = tape.vars(at);
    way(&x);
    tape.len() - x.len()
}

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let is_chosen =
        |title: &str| filters.is_empty() || filters.iter().any(|filter| title.contains(filter));
    print_setting(&[]);
    let (mut lines, mut budgets) = (vec![], Budgets::default());
    for case in cases().iter().filter(|case| is_chosen(&case.title)) {
        progress(&case.title);
        let (at, plain) = (&case.inputs[..], &case.plain);
        let mut contenders = vec![
            Contender::new("plain", at, plain),
            Contender::new("operation", at, recorded(&case.operation)),
        ];
        if let Some(operators) = &case.operators {
            assert_close(&recorded(operators)(at), &recorded(&case.operation)(at));
            contenders.push(Contender::new("operators", at, recorded(operators)));
        }
        let rows = side_by_side("plain", if at.len() > 10_000 { 11 } else { 41 }, contenders);
        if case.title.ends_with("500") {
            budgets.at_most(&case.title, MOST, rows[1].ratio.median, "");
        }
        let written_out = case.operators.as_ref();
        lines.push(vec![
            case.title.clone(),
            times(rows[0].time),
            ratios(rows[1].ratio),
            rows.get(2).map_or(String::new(), |row| ratios(row.ratio)),
            nodes(&case.operation, at).to_string(),
            written_out.map_or(String::new(), |way| thousands(nodes(way, at))),
        ]);
    }
    if !lines.is_empty() {
        let columns = ["", "plain", "operation", "in operators", "nodes", "nodes in operators"];
        print_table(&columns, lines);
        budgets.print();
    }
    if is_chosen("preaccumulate") {
        progress("preaccumulate");
        preaccumulation();
    }
}

/// A decay in many small steps, with and without preaccumulation of every thousand.
fn preaccumulation() {
    const STEPS: usize = 1_000;
    let region =
        |level: Var, rate: Var| (0..STEPS).fold(level, |level, _| level - level * rate * 1e-6);
    let mut lines = vec![];
    for regions in [10, 100, 1_000] {
        let plain: Way = Box::new(move |x| (0..regions).fold(x[0], |level, _| region(level, x[1])));
        let tape = Tape::new();
        let x = tape.vars(&[1.0, 0.5]);
        plain(&x);
        let bytes = tape.bytes_used();
        tape.clear();
        let x = tape.vars(&[1.0, 0.5]);
        let (mut saved, mut level) = (0, x[0]);
        for _ in 0..regions {
            let done = tape.preaccumulate(|| [region(level, x[1])]).unwrap();
            saved += done.bytes_before - done.bytes_after;
            level = done.outputs[0];
        }
        let at = [1.0, 0.5];
        let (again, mut gradient) = (Tape::new(), Gradient::new());
        let preaccumulated = move |at: &[f64]| {
            again.clear();
            let x = again.vars(at);
            let one =
                |level: Var| again.preaccumulate(|| [region(level, x[1])]).unwrap().outputs[0];
            let y = (0..regions).fold(x[0], |level, _| one(level));
            again.backward_into(&[(y, 1.0)], &mut gradient);
            gradient.adjoints()[..2].to_vec()
        };
        let contenders = vec![
            Contender::new("plain", &at[..], recorded(&plain)),
            Contender::new("preaccumulated", &at[..], preaccumulated),
        ];
        let rows = side_by_side("plain", 11, contenders);
        lines.push(vec![
            format!("{regions} regions of {} operations", thousands(3 * STEPS)),
            format!("{} kB", thousands(bytes / 1000)),
            format!("{} kB", thousands((bytes - saved) / 1000)),
            times(rows[0].time),
            ratios(rows[1].ratio),
        ]);
    }
    print_table(&["", "tape", "preaccumulated", "record and sweep", "ratio"], lines);
}
