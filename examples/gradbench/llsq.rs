//! `llsq`: least squares of a polynomial that shall be the sign: `½ Σᵢ (sᵢ - Σⱼ xⱼ tᵢʲ)²`, `tᵢ = -1 + 2i/(n-1)`.

use super::input::Input;
use super::modes::{self, Mode};
use super::objective::SumOverRows;
use super::task::{Module, Task};
use gradtape::{Real, dot};
use std::ops::Sub;

pub const MODULE: Module = Module {
    name: "llsq",
    functions: &[
        ("primal", Mode::Rows, |input| {
            let (llsq, x) = read(input)?;
            Task::number(modes::value(llsq, x))
        }),
        ("gradient", Mode::Rows, |input| {
            let (llsq, x) = read(input)?;
            Task::list(modes::gradient(llsq, x))
        }),
    ],
};

/// Rows of `t` and its sign, for a polynomial of `m` coefficients.
struct LeastSquares {
    m: usize,
    rows: Vec<f64>,
}

fn read(input: &Input<'_>) -> Result<(LeastSquares, Vec<f64>), String> {
    let x = input.field("x")?.numbers(None)?;
    let n = input.field("n")?.size(2..=1 << 26)?;
    if x.is_empty() {
        return Err("input.x has no numbers: give at least one coefficient".to_string());
    }
    let sign = |t: f64| if t == 0.0 { 0.0 } else { t.signum() };
    let t = (0..n).map(|i| -1.0 + i as f64 * 2.0 / (n - 1) as f64);
    Ok((LeastSquares { m: x.len(), rows: t.flat_map(|t| [t, sign(t)]).collect() }, x))
}

impl SumOverRows for LeastSquares {
    type Shared<S: Real> = Vec<S>;

    fn shared<S: Real>(&self, x: &[S]) -> Vec<S> {
        x.to_vec()
    }

    fn term<S, X>(&self, x: &Vec<S>, row: &[X]) -> S
    where
        S: Real + Sub<X, Output = S>,
        X: Real + Into<S>,
    {
        let (t, s) = (row[0], row[1]);
        let mut powers = vec![X::from(1.0)];
        (1..x.len()).for_each(|j| powers.push(powers[j - 1] * t));
        (dot(x, &powers) - s).square() * 0.5
    }

    fn rows(&self) -> (&[f64], usize) {
        (&self.rows, 2)
    }

    fn operands_of_a_row(&self) -> usize {
        2 * self.m + 4
    }
}
