//! GradBench's `ode`: `y₀' = x₀`, `yᵢ' = xᵢ yᵢ₋₁` from 0, by the classic method of Runge and Kutta over
//! the time 2.

use super::{NaryObjective, Objective, scalar::Scalar};
use gradtape::{Real, affine};
use std::ops::{Add, Mul};

/// The last component after so many steps.
///
/// It depends on four more components with every step: where there are more of them all slopes are 0, and
/// only a smaller instance tells whether engines agree.
pub struct Ode {
    pub steps: usize,
}

impl Ode {
    /// `next` makes a step from `y` and the four slopes on the way.
    fn last<S>(&self, x: &[S], zero: S, next: impl Fn(S, [S; 4], f64) -> S) -> S
    where
        S: Copy + Add<Output = S> + Mul<Output = S> + Mul<f64, Output = S>,
    {
        let h = 2.0 / self.steps as f64;
        let slopes = |y: &[S]| -> Vec<S> {
            let inner = x[1..].iter().zip(y).map(|(&x, &y)| x * y);
            [x[0]].into_iter().chain(inner).collect()
        };
        let moved = |y: &[S], k: &[S], h: f64| -> Vec<S> {
            y.iter().zip(k).map(|(&y, &k)| y + k * h).collect()
        };
        let mut y = vec![zero; x.len()];
        for _ in 0..self.steps {
            let k1 = slopes(&y);
            let k2 = slopes(&moved(&y, &k1, h / 2.0));
            let k3 = slopes(&moved(&y, &k2, h / 2.0));
            let k4 = slopes(&moved(&y, &k3, h));
            for (i, y) in y.iter_mut().enumerate() {
                *y = next(*y, [k1[i], k2[i], k3[i], k4[i]], h);
            }
        }
        y[x.len() - 1]
    }
}

impl Objective for Ode {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        self.last(x, x[0].lift(0.0), |y, [k1, k2, k3, k4], h| {
            y + (k1 + k2 * 2.0 + k3 * 2.0 + k4) * (h / 6.0)
        })
    }
}

impl NaryObjective for Ode {
    fn eval_nary<S: Real>(&self, x: &[S]) -> S {
        self.last(x, S::from(0.0), |y, k, h| affine(&k, &[h / 6.0, h / 3.0, h / 3.0, h / 6.0], y))
    }
}
