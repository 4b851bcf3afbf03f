//! `particle`: from where must a charge act, for a particle to come down at the origin? The force is a derivative, and so
//! is the slope of the descent.

use super::descent::{Functions, argmin, forward, forward_over_reverse, search};
use super::input::Input;
use super::modes::Mode;
use super::task::{Module, Task};
use gradtape::{Dual, Real, Var, gradient, sum_squares};

const FUNCTIONS: Functions = [
    ("ff", Mode::Tape, |input| {
        task(input, force_forward, |w| forward(|[w]| landing(w, force_forward), w))
    }),
    ("fr", Mode::Tape, |input| {
        task(input, force_reverse, |w| forward_over_reverse(|w| landing(w[0], force_recorded), w))
    }),
    ("rf", Mode::Tape, |input| {
        task(input, force_forward, |w| gradient(|w| landing(w[0], force_forward), &w))
    }),
    ("rr", Mode::Tape, |input| {
        task(input, force_reverse, |w| gradient(|w| landing(w[0], force_recorded), &w))
    }),
];

pub const MODULE: Module = Module { name: "particle", functions: &FUNCTIONS };

/// The steps after which a particle is given up that does not come down. From the suite's start it takes 353.
const STEPS: usize = 20_000;

fn task(
    input: &Input<'_>,
    force: impl Fn([f64; 2], f64) -> [f64; 2] + Copy + 'static,
    slope: impl Fn([f64; 1]) -> [f64; 1] + Copy + 'static,
) -> Result<Task, String> {
    let start = [input.field("w")?.number()?];
    Task::number(search(move || argmin(start, |[w]| landing(w, force), slope).to_vec()))
}

/// The potential at `x` of two charges, one of them placed by `w`.
fn potential<S: Real>(x: [S; 2], w: S) -> S {
    let from = |y: S| sum_squares([x[0] - 10.0, x[1] - y]).sqrt().recip();
    from(-w + 10.0) + from(S::from(0.0))
}

/// The force in forward mode, over any scalar.
fn force_forward<S: Real>(x: [S; 2], w: S) -> [S; 2] {
    forward(|x| potential(x, Dual::constant(w)), x).map(|slope| -slope)
}

/// The force in reverse mode, as numbers.
fn force_reverse(x: [f64; 2], w: f64) -> [f64; 2] {
    gradient(|x| potential([x[0], x[1]], Var::from(w)), &x).map(|slope| -slope)
}

/// The force in reverse mode, recorded.
fn force_recorded(x: [Var; 2], w: Var) -> [Var; 2] {
    gradient(|x| potential([x[0], x[1]], w), &x).map(|slope| -slope)
}

/// The square of where the particle crosses the axis, by Euler's steps of 0.1; NaN if it does not.
fn landing<S: Real>(w: S, force: impl Fn([S; 2], S) -> [S; 2]) -> S {
    let (mut x, mut v) = ([0.0, 8.0].map(S::from), [0.75, 0.0].map(S::from));
    for _ in 0..STEPS {
        let acceleration = force(x, w);
        x = [x[0] + v[0] * 0.1, x[1] + v[1] * 0.1];
        if x[1].value() <= 0.0 {
            return (x[0] - x[1] / v[1] * v[0]).square();
        }
        v = [v[0] + acceleration[0] * 0.1, v[1] + acceleration[1] * 0.1];
    }
    S::from(f64::NAN)
}
