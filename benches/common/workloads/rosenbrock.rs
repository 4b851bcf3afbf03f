//! The extended Rosenbrock valley.

use super::{Objective, scalar::Scalar, total};

/// `sum over i of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2`.
pub struct Rosenbrock;

impl Rosenbrock {
    /// The customary starting point, `(-1.2, 1, -1.2, 1, ...)`.
    pub fn start(n: usize) -> Vec<f64> {
        [-1.2, 1.0].into_iter().cycle().take(n).collect()
    }
}

impl Objective for Rosenbrock {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        let terms = x.windows(2).map(|pair| {
            let valley = pair[1] - pair[0] * pair[0];
            let along = pair[0].rsub(1.0);
            valley * valley * 100.0 + along * along
        });
        total(terms).expect("at least two coordinates")
    }
}
