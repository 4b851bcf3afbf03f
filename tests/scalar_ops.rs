//! The functions against 160-digit arithmetic: values, first and second derivatives.
//!
//! `tests/data/scalar_ops.txt` holds the reference points: `u op x value d1 d2` for functions of one
//! variable, `b op a b value da db` for functions of two, each the true number rounded to `f64`.

mod common {
    pub mod numeric;
}

use common::numeric::{relative_error, ulps};
use gradtape::{Dual, Real, Tape, hessian, log_sum_exp, nth_derivative};
use std::collections::BTreeSet;

/// Our operation for a function of one variable.
fn unary<S: Real>(name: &str, x: S) -> Option<S> {
    Some(match name {
        "neg" => -x,
        "inv" => x.recip(),
        "abs" => x.abs(),
        "abs2" => x.square(),
        "sqrt" => x.sqrt(),
        "rsqrt" => x.powf(-0.5),
        "cbrt" => x.cbrt(),
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "exp10" => S::from(10.0).pow(x),
        "expm1" => x.exp_m1(),
        "log" => x.ln(),
        "log1p" => x.ln_1p(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "tanh" => x.tanh(),
        "asinh" => x.asinh(),
        "acosh" => x.acosh(),
        "atanh" => x.atanh(),
        "relu" => x.relu(),
        "leaky_relu_0.01" => x.leaky_relu(0.01),
        "softplus" => x.softplus(),
        "logistic" => x.sigmoid(),
        "silu" => x.silu(),
        "gelu_exact" => x.gelu(),
        "erf" => x.erf(),
        "erfc" => x.erfc(),
        "lgamma" => x.lgamma(),
        "digamma" => x.digamma(),
        "trigamma" => x.polygamma(1),
        _ => match name.split_once('_')? {
            ("powi", n) => x.powi(n.parse().ok()?),
            ("powf", c) => x.powf(c.parse().ok()?),
            _ => return None,
        },
    })
}

/// Our operation for a function of two variables.
fn binary<S: Real>(name: &str, a: S, b: S) -> Option<S> {
    Some(match name {
        "sub" => a - b,
        "div" => a / b,
        "pow" => a.pow(b),
        "atan2" => a.atan2(b),
        "hypot" => a.hypot(b),
        "max" => a.max(b),
        "min" => a.min(b),
        "logaddexp" => log_sum_exp([a, b]),
        _ => return None,
    })
}

struct Point {
    arity: usize,
    name: String,
    /// Operands, value, derivatives.
    numbers: Vec<f64>,
}

fn points() -> Vec<Point> {
    include_str!("data/scalar_ops.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.split_whitespace();
            let arity = match fields.next() {
                Some("u") => 1,
                Some("b") => 2,
                other => panic!("`{line}` begins with {other:?}"),
            };
            let name = fields.next().expect("a name").to_string();
            let numbers: Vec<f64> = fields.map(|n| n.parse().expect("a number")).collect();
            assert_eq!(numbers.len(), if arity == 1 { 4 } else { 5 }, "{line}");
            Point { arity, name, numbers }
        })
        .collect()
}

/// The reference points of our functions, with the number of operands.
fn ours(arity: usize) -> impl Iterator<Item = Point> {
    points().into_iter().filter(move |p| p.arity == arity && is_ours(p))
}

fn is_ours(p: &Point) -> bool {
    match p.arity {
        1 => unary(&p.name, 0.5).is_some(),
        _ => binary(&p.name, 0.5, 0.5).is_some(),
    }
}

/// Relative errors of derivatives stay below this at every point.
const DERIVATIVE: f64 = 1e-13;

fn assert_close(found: f64, expected: f64, what: &str, p: &Point) {
    let error = relative_error(found, expected);
    assert!(
        error <= DERIVATIVE,
        "{what} of {} at {:?}: {found} is off from {expected} by {error:e}",
        p.name,
        &p.numbers[..p.arity]
    );
}

#[test]
fn every_point_of_ours_is_checked_and_every_other_function_is_named() {
    const NOT_OURS: [&str; 53] = [
        "acoth",
        "acsc",
        "acsch",
        "airyai",
        "airybi",
        "asec",
        "asech",
        "besselj0",
        "besselj1",
        "bessely0",
        "beta",
        "cosd",
        "cosint",
        "cospi",
        "cot",
        "coth",
        "csc",
        "csch",
        "dawson",
        "ellipe",
        "ellipk",
        "elu",
        "erfcinv",
        "erfcx",
        "erfi",
        "erfinv",
        "expint_e1",
        "gamma",
        "i0e",
        "log1mexp",
        "log1pmx",
        "log1psq",
        "log2mexp",
        "log_base",
        "log_sigmoid",
        "logbeta",
        "logerfc",
        "logexpm1",
        "logit",
        "logmxp1",
        "logsubexp",
        "mish",
        "mod_floor",
        "sec",
        "sech",
        "sinc_normalized",
        "sind",
        "sinint",
        "sinpi",
        "softsign",
        "xlog1py",
        "xlogx",
        "xlogy",
    ];
    let (ours, others): (Vec<Point>, Vec<Point>) = points().into_iter().partition(is_ours);
    let found: BTreeSet<&str> = others.iter().map(|p| &*p.name).collect();
    assert_eq!(found, NOT_OURS.into_iter().collect());
    let functions: BTreeSet<&str> = ours.iter().map(|p| &*p.name).collect();
    let count = |arity| ours.iter().filter(|p| p.arity == arity).count();
    assert_eq!((functions.len(), count(1), count(2), others.len()), (54, 255, 23, 153));
}

#[test]
fn values_are_within_two_ulps() {
    for p in ours(1) {
        let (x, expected) = (p.numbers[0], p.numbers[1]);
        let found = unary(&p.name, x).expect("ours");
        assert!(ulps(found, expected) <= 2, "{} at {x}: {found}, not {expected}", p.name);
    }
    for p in ours(2) {
        let (a, b, expected) = (p.numbers[0], p.numbers[1], p.numbers[2]);
        let found = binary(&p.name, a, b).expect("ours");
        assert!(ulps(found, expected) <= 2, "{} at {a}, {b}: {found}, not {expected}", p.name);
    }
}

#[test]
fn first_derivatives_by_reverse_and_forward_mode_keep_thirteen_digits() {
    for p in ours(1) {
        let (x, expected) = (p.numbers[0], p.numbers[2]);
        let tape = Tape::new();
        let v = tape.var(x);
        let y = unary(&p.name, v).expect("ours");
        assert_close(y.backward().wrt(v), expected, "reverse derivative", &p);
        assert_close(tape.forward(&[(v, 1.0)]).wrt(y), expected, "forward derivative", &p);
        let y = unary(&p.name, Dual::new(x, 1.0)).expect("ours");
        assert_close(y.tangent(), expected, "dual derivative", &p);
    }
    for p in ours(2) {
        let (a, b) = (p.numbers[0], p.numbers[1]);
        let tape = Tape::new();
        let v = tape.vars(&[a, b]);
        let y = binary(&p.name, v[0], v[1]).expect("ours");
        let gradient = y.backward().wrt_all(&v);
        let one = Dual::new;
        let by_a = binary(&p.name, one(a, 1.0), one(b, 0.0)).expect("ours");
        let by_b = binary(&p.name, one(a, 0.0), one(b, 1.0)).expect("ours");
        for (i, dual) in [by_a, by_b].into_iter().enumerate() {
            let expected = p.numbers[3 + i];
            assert_close(gradient[i], expected, "reverse derivative", &p);
            assert_close(tape.forward(&[(v[i], 1.0)]).wrt(y), expected, "forward derivative", &p);
            assert_close(dual.tangent(), expected, "dual derivative", &p);
        }
    }
}

#[test]
fn second_derivatives_by_every_route_keep_thirteen_digits() {
    for p in ours(1) {
        let (x, expected) = (p.numbers[0], p.numbers[3]);
        let f = |x: gradtape::Var| unary(&p.name, x).expect("ours");
        let forward_over_reverse = hessian(|x| f(x[0]), &[x])[(0, 0)];
        assert_close(forward_over_reverse, expected, "forward over reverse", &p);
        assert_close(nth_derivative(f, x, 2), expected, "reverse over reverse", &p);
        let twice = Dual::new(Dual::new(x, 1.0), Dual::new(1.0, 0.0));
        let twice = unary(&p.name, twice).expect("ours").tangent().tangent();
        assert_close(twice, expected, "forward over forward", &p);
    }
}
