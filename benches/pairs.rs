//! What users write, beside the best other way to write it: none should cost much more than the other.
//!
//! `cargo bench --bench pairs` prints a table of `docs/benchmarks.md`. Arguments run only the rows whose title contains one
//! of them.

#[path = "common/markdown.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod markdown;
#[path = "common/side_by_side.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod side_by_side;

use gradtape::{Gradient, Tape, Var, affine, dot, sum, sum_squares};
use markdown::{print_setting, print_table, progress, ratios, times};
use side_by_side::{Contender, assert_close, side_by_side};
use std::env;

/// The most that a form may cost as a multiple of the other way.
const MOST: f64 = 1.2;

/// How often a form is recorded before the sweep.
const TIMES: usize = 200;

/// The inputs that the forms take theirs from.
const INPUTS: usize = 32;

/// A form over inputs and data that begin at a place that moves.
type Form = fn(&[Var], &[f64]) -> Var;

/// A title, what is written, and the other way.
const PAIRS: &[(&str, Form, Form)] = &[
    ("sum of 2", |x, _| sum(&x[..2]), |x, _| x[0] + x[1]),
    ("sum of 3", |x, _| sum(&x[..3]), |x, _| x[0] + x[1] + x[2]),
    ("sum of 4", |x, _| sum(&x[..4]), |x, _| x[0] + x[1] + x[2] + x[3]),
    ("sum of 8", |x, _| sum(&x[..8]), |x, _| x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7]),
    ("dot of 1", |x, _| dot(&x[..1], &x[1..2]), |x, _| x[0] * x[1]),
    ("dot of 2", |x, _| dot(&x[..2], &x[2..4]), |x, _| x[0] * x[2] + x[1] * x[3]),
    ("dot of 3", |x, _| dot(&x[..3], &x[3..6]), |x, _| x[0] * x[3] + x[1] * x[4] + x[2] * x[5]),
    (
        "dot of 4",
        |x, _| dot(&x[..4], &x[4..8]),
        |x, _| x[0] * x[4] + x[1] * x[5] + x[2] * x[6] + x[3] * x[7],
    ),
    ("dot of 2 with data", |x, c| dot(&x[..2], &c[..2]), |x, c| x[0] * c[0] + x[1] * c[1]),
    (
        "dot of 4 with data",
        |x, c| dot(&x[..4], &c[..4]),
        |x, c| x[0] * c[0] + x[1] * c[1] + x[2] * c[2] + x[3] * c[3],
    ),
    ("affine of 1 with data", |x, c| affine(&x[..1], &c[..1], x[1]), |x, c| x[0] * c[0] + x[1]),
    (
        "affine of 4, constant bias",
        |x, c| affine(&x[..4], &x[4..8], c[0].into()),
        |x, c| dot(&x[..4], &x[4..8]) + c[0],
    ),
    (
        "sum of 4, one constant",
        |x, c| sum([x[0], c[0].into(), x[1], x[2]]),
        |x, c| x[0] + c[0] + x[1] + x[2],
    ),
    (
        "dot of 8, one constant",
        |x, c| {
            let last = [Var::from(c[0])];
            dot(&x[..8], x[8..15].iter().chain(&last).copied())
        },
        |x, c| dot(&x[..7], &x[8..15]) + x[7] * c[0],
    ),
    (
        "sum_squares(x - c) of 8",
        |x, c| sum_squares(x[..8].iter().zip(c).map(|(&x, &c)| x - c)),
        |x, c| {
            let all: [Var; 8] = std::array::from_fn(|i| x[i] - c[i]);
            sum_squares(all)
        },
    ),
    (
        "sum_squares(x - y) of 2",
        |x, _| sum_squares(x[..2].iter().zip(&x[2..]).map(|(&x, &y)| x - y)),
        |x, _| (x[0] - x[2]).square() + (x[1] - x[3]).square(),
    ),
    (
        "sum of dots, 8 of 4",
        |x, c| sum((0..8).map(|i| dot(&x[i..i + 4], &c[..4]))),
        |x, c| {
            let all: [Var; 8] = std::array::from_fn(|i| dot(&x[i..i + 4], &c[..4]));
            sum(all)
        },
    ),
    ("clamp", |x, _| x[0].clamp(0.25, 0.75), |x, _| x[0].max(0.25).min(0.75)),
    ("smaller of two by `if`", |x, _| if x[0] < x[1] { x[0] } else { x[1] }, |x, _| x[0].min(x[1])),
    (
        "`if` against a number",
        |x, _| if x[0] < 0.5 { x[0] * 2.0 } else { x[0] * 3.0 },
        |x, _| Var::select(x[0] - 0.5, x[0] * 3.0, x[0] * 2.0),
    ),
    ("mul_add", |x, _| x[0].mul_add(x[1], x[2]), |x, _| x[0] * x[1] + x[2]),
];

/// Record a form many times on a cleared tape, add the results up, and sweep.
fn run(form: Form) -> impl FnMut(&[f64]) -> f64 {
    let (tape, mut gradient) = (Tape::new(), Gradient::new());
    let data: Vec<f64> = (0..INPUTS).map(|i| 1.5 - i as f64 * 0.07).collect();
    move |at| {
        tape.clear();
        let x = tape.vars(at);
        let mut total = x[0];
        for i in 0..TIMES {
            total += form(&x[i % (INPUTS - 16)..], &data);
        }
        tape.backward_into(&[(total, 1.0)], &mut gradient);
        gradient.adjoints()[..INPUTS].iter().sum()
    }
}

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let at: Vec<f64> = (0..INPUTS).map(|i| 0.1 + i as f64 * 0.03).collect();
    print_setting(&[]);
    let mut lines = vec![];
    for &(title, written, other) in PAIRS {
        if !filters.is_empty() && !filters.iter().any(|filter| title.contains(filter)) {
            continue;
        }
        progress(title);
        assert_close(&[run(other)(&at)], &[run(written)(&at)]);
        let contenders = vec![
            Contender::new("written", &at[..], run(written)),
            Contender::new("other", &at[..], run(other)),
        ];
        let rows = side_by_side("other", 41, contenders);
        let each = |i: usize| times(rows[i].time.times(1.0 / TIMES as f64));
        let ratio = rows[0].ratio;
        let verdict = if ratio.median <= MOST { "kept" } else { "**missed**" };
        lines.push(vec![title.into(), each(0), each(1), ratios(ratio), verdict.into()]);
    }
    print_table(&["", "written", "other way", "ratio", &format!("≤ {MOST}")], lines);
}
