//! GradBench's `lse`: `ln Σ exp xᵢ`.

use super::{NaryObjective, Objective, scalar::Scalar, total};
use gradtape::{Real, log_sum_exp};

pub struct Lse;

impl Objective for Lse {
    /// The largest is shifted out as a plain number. As a variable it has a slope that is 1 less the sum of
    /// all shares, which of 640,000 keeps only half of its digits.
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        let max = x.iter().map(|x| x.value()).fold(f64::NEG_INFINITY, f64::max);
        let scaled = total(x.iter().map(|&x| (x - max).exp())).expect("not empty");
        scaled.ln() + max
    }
}

impl NaryObjective for Lse {
    fn eval_nary<S: Real>(&self, x: &[S]) -> S {
        log_sum_exp(x)
    }
}
