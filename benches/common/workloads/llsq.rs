//! GradBench's `llsq`: least squares of a polynomial that shall be the sign.

use super::{NaryObjective, Objective, scalar::Scalar, total};
use gradtape::{Real, dot, sum_squares};
use std::iter::successors;

/// `½ Σᵢ (sᵢ - Σⱼ xⱼ tᵢʲ)²` with `tᵢ = -1 + 2i/(n-1)` and its sign `sᵢ`.
pub struct Llsq {
    m: usize,
    /// The powers of each `tᵢ`, row by row: data, as in any other fit.
    powers: Vec<f64>,
    signs: Vec<f64>,
}

impl Llsq {
    pub fn new(n: usize, m: usize) -> Self {
        let t: Vec<f64> = (0..n).map(|i| -1.0 + i as f64 * 2.0 / (n - 1) as f64).collect();
        let powers =
            t.iter().flat_map(|t| successors(Some(1.0), move |power| Some(power * t)).take(m));
        let sign = |&t: &f64| if t == 0.0 { 0.0 } else { t.signum() };
        Self { m, powers: powers.collect(), signs: t.iter().map(sign).collect() }
    }

    /// The powers, row by row.
    pub fn powers(&self) -> &[f64] {
        &self.powers
    }

    /// The sign of each row.
    pub fn signs(&self) -> &[f64] {
        &self.signs
    }

    fn rows(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.powers.chunks_exact(self.m).zip(self.signs.iter().copied())
    }
}

impl Objective for Llsq {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        let squares = self.rows().map(|(powers, sign)| {
            let products = x.iter().zip(powers).map(|(&x, &power)| x * power);
            let residual = total(products).expect("at least one coefficient") - sign;
            residual * residual
        });
        total(squares).expect("at least one row") * 0.5
    }
}

impl NaryObjective for Llsq {
    fn eval_nary<S: Real>(&self, x: &[S]) -> S {
        sum_squares(self.rows().map(|(powers, sign)| dot(x, powers) - sign)) * 0.5
    }
}
