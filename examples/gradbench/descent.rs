//! Gradient descent as the suite has it, and gradients of few inputs in either mode, for `particle` and `saddle`.
//!
//! Both nest: the function to descend on is computed by derivatives, or by a descent, of its own. So the descent runs
//! over any scalar. What comes to no end gives NaN, which a closure under differentiation can return.

use super::modes::{Evaluate, Mode, Prepare};
use super::task::Function;
use gradtape::{Dual, Real, Var, jvp};

/// The steps after which a descent is given up. The suite's own take less than 200.
const STEPS: usize = 10_000;

/// Descend from `start` to where the slope or the step is at most 1e-5. The rate is doubled after ten steps that
/// led down, and halved after one that did not.
pub fn argmin<S: Real, const N: usize>(
    start: [S; N],
    value: impl Fn([S; N]) -> S,
    gradient: impl Fn([S; N]) -> [S; N],
) -> [S; N] {
    let norm = |v: [S; N]| v.iter().fold(0.0, |sum, v| sum + v.value() * v.value()).sqrt();
    let (mut x, mut rate, mut taken) = (start, 1e-5, 0);
    let mut here = value(x);
    if here.value().is_nan() {
        // A slope would be that of a constant, 0, and this a minimum.
        return [S::from(f64::NAN); N];
    }
    let mut slope = gradient(x);
    for _ in 0..STEPS {
        if norm(slope) <= 1e-5 {
            return x;
        }
        if taken == 10 {
            (rate, taken) = (rate * 2.0, 0);
            continue;
        }
        let next: [S; N] = std::array::from_fn(|i| x[i] - slope[i] * rate);
        if norm(std::array::from_fn(|i| x[i] - next[i])) <= 1e-5 {
            return x;
        }
        let there = value(next);
        // By value: which steps are taken is no part of the derivative.
        if there.value() < here.value() {
            (x, here, slope, taken) = (next, there, gradient(next), taken + 1);
        } else {
            (rate, taken) = (rate / 2.0, 0);
        }
    }
    [S::from(f64::NAN); N]
}

/// A gradient in forward mode, one direction after the other.
pub fn forward<S: Real, const N: usize>(f: impl Fn([Dual<S>; N]) -> Dual<S>, x: [S; N]) -> [S; N] {
    std::array::from_fn(|i| {
        let seed = |j: usize| S::from(if i == j { 1.0 } else { 0.0 });
        f(std::array::from_fn(|j| Dual::new(x[j], seed(j)))).tangent()
    })
}

/// A gradient in forward mode of a function that itself takes gradients in reverse mode: these need variables, so
/// the tangents are swept along a tape.
pub fn forward_over_reverse<const N: usize>(f: impl Fn(&[Var]) -> Var, x: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| {
        jvp(&f, &x, &std::array::from_fn::<f64, N, _>(|j| f64::from(i == j))).1[0]
    })
}

/// A task that computes a minimum. There is nothing to prepare: which operations are run depends on the numbers.
pub fn search(minimum: impl Fn() -> Vec<f64> + 'static) -> Prepare {
    Box::new(move |_| {
        let evaluate: Evaluate = Box::new(move |out| {
            out.extend(minimum());
            match out.iter().any(|number| number.is_nan()) {
                true => Err(format!(
                    "from this start there is no value, or no minimum in {STEPS} steps: start nearer to one"
                )),
                false => Ok(()),
            }
        });
        Ok(evaluate)
    })
}

/// The four functions of such a module, by the modes of the outer and the inner derivative.
pub type Functions = [(&'static str, Mode, Function); 4];
