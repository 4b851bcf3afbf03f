//! Sweeps over a recording: adjoints backwards, tangents forwards.
//!
//! | file | idea |
//! |---|---|
//! | `scalar` | what sweeps run on: `f64`, `Dual` (second order), `Var` (recorded), lanes |
//! | `interpreter` | the three loops, over a tape or a program: values, tangents, adjoints |
//! | `gradient` | [`Gradient`], [`Tangents`]: the results, asked by variable or label |
//! | `connection` | why an adjoint is zero |
//! | `start` | the methods of [`Tape`](crate::Tape) and [`Var`](crate::Var) that start a sweep |

mod connection;
mod gradient;
pub(crate) mod interpreter;
mod scalar;
mod start;

pub use connection::Connection;
pub(crate) use connection::is_open;
pub use gradient::{Gradient, Tangents, UnknownVariable};
pub(crate) use interpreter::partials;
pub(crate) use scalar::Primal;
pub(crate) use start::{record_adjoints, second_order};
