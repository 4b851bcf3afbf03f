//! One thousand operations, each waiting for the one before.

use super::{Objective, scalar::Scalar};

/// `y = y * rate + input`, five hundred times: 1,000 chained operations on two
/// variables. Measures the cost of one recorded and swept node with nothing around it.
pub struct Chain;

impl Chain {
    pub const STEPS: usize = 500;

    /// Input and rate; the rate is below one so that the chain neither blows up
    /// nor dies out.
    pub fn start() -> Vec<f64> {
        vec![0.5, 0.999]
    }
}

impl Objective for Chain {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        let (input, rate) = (x[0], x[1]);
        let mut y = input;
        for _ in 0..Self::STEPS {
            y = y * rate + input;
        }
        y
    }
}
