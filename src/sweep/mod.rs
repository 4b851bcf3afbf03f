//! Sweeps over a recording: adjoints backwards, tangents forwards.
//!
//! | file | idea |
//! |---|---|
//! | `reverse` | the reverse sweep, over any scalar: `f64`, `Dual` (second order), `Var` (recorded) |
//! | `forward` | the forward sweep: tangents |
//! | `gradient` | [`Gradient`]: the adjoints, asked by variable or label |
//! | `connection` | why an adjoint is zero |
//! | `doors` | the methods of [`Tape`](crate::Tape) and [`Var`](crate::Var) that start a sweep |

mod connection;
mod doors;
mod forward;
mod gradient;
mod reverse;

pub use connection::Connection;
pub(crate) use connection::is_open;
pub(crate) use doors::{record_adjoints, second_order};
pub use forward::Tangents;
pub use gradient::{Gradient, UnknownVariable};
pub(crate) use reverse::{Adjoint, partials};
