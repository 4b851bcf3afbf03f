//! The front doors: derivatives of a function, in one call.
//!
//! All take a closure or the name of a generic function. They record on a tape of their own, whose
//! memory is kept for the next call on the thread.
//!
//! | file | idea |
//! |---|---|
//! | `gradient` | [`gradient()`], [`value_and_gradient`], [`nth_derivative`]; they nest |
//! | `directional` | [`jvp`], [`vjp`], [`jacobian`] of a function with many outputs |
//! | `second` | [`hessian`], [`hessian_vector`] |
//! | `matrix` | [`Jacobian`]: rows and columns |
//! | `spare` | the tape that is kept |

mod directional;
mod gradient;
mod matrix;
mod second;
mod spare;

pub use directional::{jacobian, jvp, vjp};
pub use gradient::{Point, gradient, nth_derivative, value_and_gradient};
pub use matrix::{Hessian, Jacobian};
pub use second::{hessian, hessian_vector};
pub(crate) use spare::Resume;
