//! The smallest custom operation.

use gradtape::CustomOp;

/// `2x`.
pub struct Twice;

impl CustomOp for Twice {
    fn name(&self) -> &str {
        "twice"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = 2.0 * x[0];
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = 2.0 * w[0];
    }
}
