//! What scalars ask of a custom operation. It stands here because the derivative of a vjp takes a tape and a sweep.

use crate::real::CustomFn;
use crate::{CustomOp, Real, Tape, Var};
use std::any::Any;
use std::sync::Arc;

impl CustomFn for Arc<dyn CustomOp> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn outputs(&self) -> usize {
        (**self).outputs()
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (**self).value(x, y);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        (**self).vjp(x, y, w, dx);
    }
    /// Record the vjp on a tape of its own, and push the tangents through that.
    fn vjp_along(&self, at: [&[f64]; 3], along: [&[f64]; 3]) -> Option<Vec<[f64; 2]>> {
        let tape = Tape::new();
        let [x, y, w] = at.map(|numbers| tape.vars(numbers));
        let dx = Var::custom_vjp(self, &x, &y, &w)?;
        let variables = [x, y, w].concat();
        let seeds: Vec<(Var, f64)> = variables.into_iter().zip(along.concat()).collect();
        let tangents = tape.forward(&seeds);
        Some(dx.into_iter().map(|dx| [dx.value(), tangents.wrt(dx)]).collect())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
