//! With the switch on, every node names the line of the user's code that it was recorded at.

#![allow(unused_must_use, reason = "what an operation leaves on the tape is looked at there")]

mod doors;
mod engine;
#[path = "../common/property.rs"]
mod property;
mod switch;
mod ways;

#[path = "../common/apply.rs"]
mod apply;
#[path = "../common/expression.rs"]
mod expression;
#[path = "../common/formula.rs"]
mod formula;
#[path = "../common/naive.rs"]
mod naive;
#[path = "../common/numeric.rs"]
mod numeric;
#[path = "../common/panics.rs"]
mod panics;

use gradtape::{CustomOp, Real, Tape, Var};

/// Run code of one line, and check that it recorded something and that all of it names that line.
macro_rules! on_its_line {
    ($tape:ident, $code:expr) => {{
        let from = $tape.len();
        let result = $code;
        crate::all_name(&$tape, from, (file!(), line!()), stringify!($code));
        result
    }};
}

pub(crate) use on_its_line;

fn all_name(tape: &Tape, from: usize, place: (&str, u32), code: &str) {
    assert!(tape.len() > from, "{code} records");
    for node in tape.nodes().skip(from) {
        let found = tape.location(node.index).map(|location| (location.file(), location.line()));
        assert_eq!(found, Some(place), "node {} of {code}", node.index);
        assert_eq!(node.location, Some(format!("{}:{}", place.0, place.1)));
    }
}

/// The line of every node, if it has one.
fn lines(tape: &Tape) -> Vec<Option<u32>> {
    (0..tape.len()).map(|i| tape.location(i).map(|location| location.line())).collect()
}

fn locating() -> Tape {
    let tape = Tape::new();
    tape.record_locations(true);
    tape
}
/// The line of the vjp that follows.
const VJP_LINE: u32 = line!() + 3;

fn vjp<S: Real>(x: &[S], w: &[S]) -> Vec<S> {
    vec![w[0] + w[1] * x[1], w[0] + w[1] * x[0]]
}

/// `(x + y, x y)`.
struct SumAndProduct;

impl CustomOp for SumAndProduct {
    fn name(&self) -> &str {
        "sum_and_product"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] + x[1], x[0] * x[1]]);
    }
    fn vjp_recorded(&self, x: &[Var], _: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        Some(vjp(x, w))
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.copy_from_slice(&vjp(x, w));
    }
}
