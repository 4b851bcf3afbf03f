//! Derivatives of a function, in one call.
//!
//! All take a closure or the name of a generic function. They record on a tape of their own, whose
//! memory is kept for the next call on the thread, until [`release_memory`] gives it back.
//!
//! | file | idea |
//! |---|---|
//! | `pool` | the tapes that are kept |
//! | `captured` | a gradient at constants of a function that captures variables |
//! | `gradient` | [`gradient()`], [`derivative`] and their kin; they nest |
//! | `matrix` | [`Jacobian`]: rows and columns |
//! | `jacobian` | [`jvp`], [`vjp`], [`jacobian()`] of many outputs; [`hessian`], [`hessian_vector`] |

mod captured;
mod gradient;
mod jacobian;
mod matrix;
mod pool;

pub use gradient::{
    Point, derivative, gradient, nth_derivative, try_gradient, try_value_and_gradient,
    value_and_gradient,
};
pub use jacobian::{hessian, hessian_vector, jacobian, jvp, vjp};
pub use matrix::{Hessian, Jacobian};
pub use pool::release_memory;
