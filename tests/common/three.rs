//! A custom operation with three outputs.

use gradtape::CustomOp;

/// (x, y) ↦ (x·y, x - y, 7), under a name of choice; the last does not depend on its inputs.
pub struct Three(pub &'static str);

impl CustomOp for Three {
    fn name(&self) -> &str {
        self.0
    }
    fn outputs(&self) -> usize {
        3
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] * x[1], x[0] - x[1], 7.0]);
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * x[1] + w[1];
        dx[1] = w[0] * x[0] - w[1];
    }
}
