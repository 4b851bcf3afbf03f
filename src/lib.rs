//! Reverse-mode automatic differentiation.
#![deny(missing_docs)]

mod derive;
mod dual;
pub mod op;
mod real;
mod sweep;
mod tape;

pub use derive::{Hessian, Jacobian, Point, gradient, hessian, hessian_vector, jacobian, jvp, nth_derivative, value_and_gradient, vjp};
pub use dual::Dual;
pub use real::{Operand, Real, affine, dot, log_sum_exp, sum, sum_squares};
pub use sweep::{Connection, Gradient, Tangents, UnknownVariable};
pub use tape::{CustomOp, Guard, GuardOperand, Mark, Node, NonFinite, NotTwiceDifferentiable, Relation, Scope, ScopeGuard, Tape, Var, custom};

#[cfg(doctest)]
#[doc = include_str!("../docs/the-chain-rule.md")]
mod the_chain_rule {}
