//! Sparse derivatives of a program: planned once, evaluated at any number of points.
//!
//! | file | idea |
//! |---|---|
//! | `structure` | which outputs depend on which inputs, from the instructions alone |
//! | `compressed` | the sweeps of a colouring, and the entries read from them |
//! | `jacobian` | [`JacobianPlan`] |
//! | `recovery` | the entries of a symmetric matrix, each or its mirror image |
//! | `hessian` | [`HessianPlan`] |

mod compressed;
mod hessian;
mod jacobian;
mod recovery;
mod structure;

pub use hessian::HessianPlan;
pub use jacobian::JacobianPlan;
