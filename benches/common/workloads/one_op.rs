//! The smallest gradient there is: what does an engine cost before it does anything?

use super::{Objective, scalar::Scalar};

/// `x * x`.
pub struct OneOp;

impl OneOp {
    pub fn start() -> Vec<f64> {
        vec![3.0]
    }
}

impl Objective for OneOp {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        x[0] * x[0]
    }
}
