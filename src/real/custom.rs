//! How a scalar runs a function that brings its own derivative, without knowing tapes: what
//! [`custom`](crate::custom) hands down.

use std::any::Any;

/// A custom operation as the scalars see it: on plain numbers, with its vjp.
pub trait CustomFn {
    fn name(&self) -> &str;
    fn outputs(&self) -> usize;
    fn value(&self, x: &[f64], y: &mut [f64]);
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]);
    /// The vjp at `x`, `y`, `w`, and how it moves along tangents of these; `None` if it cannot be differentiated.
    fn vjp_along(&self, at: [&[f64]; 3], along: [&[f64]; 3]) -> Option<Vec<[f64; 2]>>;
    /// The operation itself, for a scalar that can record it.
    fn as_any(&self) -> &dyn Any;
}
