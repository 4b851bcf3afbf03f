//! `saddle`: `argmin_x max_y |x|² - |y|²`, by a descent in which each step runs another.

use super::descent::{Functions, argmin, forward, forward_over_reverse, search};
use super::input::Input;
use super::modes::Mode;
use super::task::{Module, Task};
use gradtape::{Dual, Real, Var, gradient, sum_squares};

const FUNCTIONS: Functions = [
    ("ff", Mode::Tape, |input| {
        let start = read(input)?;
        let slope = move |x| forward(|x| largest(x, start, up_forward), x);
        task(start, slope, up_forward, up_forward)
    }),
    ("fr", Mode::Tape, |input| {
        let start = read(input)?;
        let slope = move |x| forward_over_reverse(|x| largest([x[0], x[1]], start, up_recorded), x);
        task(start, slope, up_reverse, up_forward)
    }),
    ("rf", Mode::Tape, |input| {
        let start = read(input)?;
        let slope = move |x| gradient(|x| largest([x[0], x[1]], start, up_forward), &x);
        task(start, slope, up_forward, up_reverse)
    }),
    ("rr", Mode::Tape, |input| {
        let start = read(input)?;
        let slope = move |x| gradient(|x| largest([x[0], x[1]], start, up_recorded), &x);
        task(start, slope, up_reverse, up_reverse)
    }),
];

pub const MODULE: Module = Module { name: "saddle", functions: &FUNCTIONS };

fn read(input: &Input<'_>) -> Result<[f64; 2], String> {
    let start = input.field("start")?.numbers(Some(2))?;
    Ok([start[0], start[1]])
}

/// Find `x` by descending with `slope`, and then `y`. `inner` and `last` are how `y` moves inside, and at the end.
fn task(
    start: [f64; 2],
    slope: impl Fn([f64; 2]) -> [f64; 2] + Copy + 'static,
    inner: impl Fn([f64; 2], [f64; 2]) -> [f64; 2] + Copy + 'static,
    last: impl Fn([f64; 2], [f64; 2]) -> [f64; 2] + Copy + 'static,
) -> Result<Task, String> {
    Task::list(search(move || {
        let x = argmin(start, |x| largest(x, start, inner), slope);
        [x, argmax(x, start, last)].concat()
    }))
}

fn function<S: Real>(x: [S; 2], y: [S; 2]) -> S {
    sum_squares(x) - sum_squares(y)
}

/// How the function changes with `y`, in forward mode, over any scalar.
fn up_forward<S: Real>(x: [S; 2], y: [S; 2]) -> [S; 2] {
    forward(|y| function(x.map(Dual::constant), y), y)
}

/// The same in reverse mode, as numbers.
fn up_reverse(x: [f64; 2], y: [f64; 2]) -> [f64; 2] {
    gradient(|y| function(x.map(Var::from), [y[0], y[1]]), &y)
}

/// The same in reverse mode, recorded.
fn up_recorded(x: [Var; 2], y: [Var; 2]) -> [Var; 2] {
    gradient(|y| function(x, [y[0], y[1]]), &y)
}

/// The `y` where the function is largest.
fn argmax<S: Real>(x: [S; 2], start: [f64; 2], up: impl Fn([S; 2], [S; 2]) -> [S; 2]) -> [S; 2] {
    argmin(start.map(S::from), |y| -function(x, y), |y| up(x, y).map(|slope| -slope))
}

/// The largest value over `y`.
fn largest<S: Real>(x: [S; 2], start: [f64; 2], up: impl Fn([S; 2], [S; 2]) -> [S; 2]) -> S {
    function(x, argmax(x, start, up))
}
