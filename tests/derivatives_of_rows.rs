//! Value, gradient and Hessian of the rows, through every door, against 700-digit arithmetic: near zeros of the function
//! and of its derivatives, near poles and edges, at tiny and huge arguments.
//!
//! `tests/data/derivatives/derivatives.txt` says `name n x₁ ... xₙ c ... | value | gradient | Hessian`;
//! `generate.py` beside it writes it.

mod common {
    pub mod apply;
    pub mod doors;
    pub mod numeric;
}

use common::doors::{ByDoor, Doors};
use common::numeric::ulps;
use gradtape::op::Op;
use gradtape::program::{Program, Workspace};
use gradtape::{Real, Var, derivative};
use std::collections::BTreeMap;

/// Relative, of a number that is not subnormal: a value is off by 2 ulp at most (3 where functions of two numbers and
/// sums are), a slope by what the rounding of `x²` makes of `exp(-x²)`.
const TOLERANCES: [f64; 3] = [6e-16, 1e-13, 1e-12];

struct Line {
    op: Op,
    x: Vec<f64>,
    c: Vec<f64>,
    /// Value, gradient, Hessian.
    expected: [Vec<f64>; 3],
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

fn lines() -> impl Iterator<Item = Line> {
    include_str!("data/derivatives/derivatives.txt").lines().map(|line| {
        let mut fields = line.split('|');
        let (name, rest) = fields.next().and_then(|head| head.split_once(' ')).expect("a name");
        let (count, point) = rest.split_once(' ').expect("how many operands");
        let point = numbers(point);
        let (x, c) = point.split_at(count.parse().expect("a count"));
        Line {
            op: *Op::ALL.iter().find(|op| op.info().name == name).expect("a row"),
            x: x.to_vec(),
            c: c.to_vec(),
            expected: [(); 3].map(|()| numbers(fields.next().expect("numbers"))),
        }
    })
}

/// How far off a number is; what is subnormal is compared as if it were the least normal number.
fn error(found: f64, expected: f64) -> f64 {
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    if error.is_nan() { f64::INFINITY } else { error }
}

/// What each door is off by at worst, if it is too much.
fn wrong(line: &Line, doors: [ByDoor; 3], messages: &mut Vec<String>) {
    for (order, found) in doors.iter().enumerate() {
        for (door, found) in found {
            for (i, (&found, &expected)) in found.iter().zip(&line.expected[order]).enumerate() {
                let error = error(found, expected);
                if error > TOLERANCES[order] {
                    messages.push(format!(
                        "derivative {order} of {:?} at {:?} {:?}, {door}, place {i}: {found:?}, not {expected:?}, \
                         off by {error:e}",
                        line.op, line.x, line.c
                    ));
                }
            }
        }
    }
}

#[test]
fn values_gradients_and_hessians_of_every_row_keep_their_digits_through_every_door() {
    let mut doors: BTreeMap<String, Doors> = BTreeMap::new();
    let mut messages = Vec::new();
    for line in lines() {
        let key = format!("{:?} {} {:?}", line.op, line.x.len(), line.c);
        let at = vec![0.5; line.x.len()];
        let doors = doors.entry(key).or_insert_with(|| Doors::new(line.op, &at, &line.c));
        let x = &line.x;
        wrong(&line, [doors.values(x), doors.gradients(x), doors.hessians(x)], &mut messages);
    }
    assert!(doors.len() > 45, "only {} rows with their constants", doors.len());
    assert!(
        messages.is_empty(),
        "{} are wrong:\n{}",
        messages.len(),
        messages[..messages.len().min(30)].join("\n")
    );
}

/// The bounds that `src/real/slope.rs` states: `sigmoid'` 4 ulp, `tanh'` 2 up to `|tanh x| = 1/2` and 4 beyond. A
/// recorded slope has the same bits.
#[test]
fn slopes_that_are_taken_from_the_result_lose_no_digits() {
    let slope = |f: fn(Var) -> Var| Program::record(|x| f(x[0]), &[0.5]).gradient_program();
    let recorded = [slope(Real::sigmoid), slope(Real::tanh)].map(Result::unwrap);
    let mut workspace = Workspace::new();
    let mut worst = [0; 3];
    for line in include_str!("data/derivatives/slopes.txt").lines() {
        let line = numbers(line);
        let [x, of_sigmoid, of_tanh] = line[..] else { panic!("three numbers: {line:?}") };
        let swept = [derivative(Real::sigmoid, x), derivative(Real::tanh, x)];
        for (swept, recorded) in swept.iter().zip(&recorded) {
            let replayed = recorded.value(&[x], &mut workspace).unwrap();
            assert_eq!(replayed.to_bits(), swept.to_bits(), "at {x}: {replayed}, {swept}");
        }
        let of_tanh_is = 1 + usize::from(x.tanh().abs() > 0.5);
        worst[0] = worst[0].max(ulps(swept[0], of_sigmoid));
        worst[of_tanh_is] = worst[of_tanh_is].max(ulps(swept[1], of_tanh));
    }
    assert!(worst[0] <= 4 && worst[1] <= 2 && worst[2] <= 4, "ulps: {worst:?}");
}
