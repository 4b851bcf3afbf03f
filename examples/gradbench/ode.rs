//! `ode`: `y₀' = x₀`, `yᵢ' = xᵢ yᵢ₋₁` from 0, by the classic method of Runge and Kutta over the time 2.

use super::input::{Input, within_limit};
use super::matrices;
use super::modes::{self, Mode};
use super::objective::{Objective, Outputs};
use super::task::{Module, Task};
use gradtape::{Real, affine};

pub const MODULE: Module = Module {
    name: "ode",
    functions: &[
        ("primal", Mode::Tape, |input| {
            let (ode, x) = read(input)?;
            Task::list(matrices::values(ode, x))
        }),
        ("gradient", Mode::Program, |input| {
            let (ode, x) = read(input)?;
            Task::list(modes::gradient(ode, x))
        }),
    ],
};

struct Ode {
    steps: usize,
}

fn read(input: &Input<'_>) -> Result<(Ode, Vec<f64>), String> {
    let (x, steps) = (input.field("x")?.numbers(None)?, input.field("s")?.size(1..=1 << 24)?);
    if x.is_empty() {
        return Err("input.x has no numbers: give at least one".to_string());
    }
    within_limit("ode: s × the length of x", &[steps, x.len(), 16])?;
    Ok((Ode { steps }, x))
}

impl Outputs for Ode {
    fn values<S: Real>(&self, x: &[S]) -> Vec<S> {
        let h = 2.0 / self.steps as f64;
        let slopes = |y: &[S]| -> Vec<S> {
            let inner = x[1..].iter().zip(y).map(|(&x, &y)| x * y);
            [x[0]].into_iter().chain(inner).collect()
        };
        let moved = |y: &[S], k: &[S], h: f64| -> Vec<S> {
            y.iter().zip(k).map(|(&y, &k)| y + k * h).collect()
        };
        let mut y = vec![S::from(0.0); x.len()];
        for _ in 0..self.steps {
            let k1 = slopes(&y);
            let k2 = slopes(&moved(&y, &k1, h / 2.0));
            let k3 = slopes(&moved(&y, &k2, h / 2.0));
            let k4 = slopes(&moved(&y, &k3, h));
            let shares = [h / 6.0, h / 3.0, h / 3.0, h / 6.0];
            let next = |i: usize| affine(&[k1[i], k2[i], k3[i], k4[i]], &shares, y[i]);
            y = (0..x.len()).map(next).collect();
        }
        y
    }
}

/// The gradient is that of the last component.
impl Objective for Ode {
    fn value<S: Real>(&self, x: &[S]) -> S {
        *self.values(x).last().expect("`read` refuses an empty list")
    }
}
