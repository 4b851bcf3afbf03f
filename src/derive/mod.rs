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
//! | `matrix` | [`Jacobian`]: rows and columns, from and to slices |
//! | `outside` | to and from the matrices of other crates |
//! | `jacobian` | [`jvp`], [`vjp`], [`jacobian()`] of many outputs; [`hessian`], [`hessian_vector`] |

mod captured;
mod gradient;
mod jacobian;
mod matrix;
#[cfg(any(
    feature = "nalgebra-0_33",
    feature = "nalgebra-0_34",
    feature = "nalgebra-0_35",
    feature = "ndarray-0_16",
    feature = "ndarray-0_17",
    feature = "faer-0_24"
))]
mod outside;
mod pool;

pub use gradient::{
    Point, derivative, gradient, nth_derivative, try_gradient, try_value_and_gradient,
    value_and_gradient,
};
pub use jacobian::{hessian, hessian_vector, jacobian, jvp, vjp};
pub use matrix::{Hessian, Jacobian, ShapeError};
pub use pool::release_memory;
pub(crate) use pool::with_tape;
