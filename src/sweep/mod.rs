//! Sweeps over a recording: adjoints backwards, tangents forwards.
//!
//! | file | idea |
//! |---|---|
//! | `scalar` | what sweeps run on: `f64`, `Dual` (second order), `Var` (recorded), lanes |
//! | `storage` | where results and adjoints are kept |
//! | `custom` | custom calls |
//! | `custom_fn` | what scalars ask of a custom operation |
//! | `interpreter` | the three loops, over a tape or a program: values, tangents, adjoints |
//! | `edges` | the operands of an instruction with their partials |
//! | `care` | zero and infinity: quick sweeps, and careful ones where these are in doubt |
//! | `recorded` | sweeps that are recorded, with gates where a derivative may be blocked |
//! | `gradient` | [`Gradient`], [`Tangents`]: the results, by variable or label |
//! | `reach` | [`Reach`]: why an adjoint is zero |
//! | `node` | [`Node`]: a node described |
//! | `start` | the methods of [`Tape`](crate::Tape) and [`Var`](crate::Var) that start a sweep |

pub(crate) mod care;
mod custom;
mod custom_fn;
mod edges;
mod gradient;
pub(crate) mod interpreter;
mod node;
mod reach;
mod recorded;
mod scalar;
mod start;
pub(crate) mod storage;
#[cfg(test)]
mod tests;

pub(crate) use edges::partials;
pub use gradient::{Gradient, Tangents, UnknownVariable};
pub use node::Node;
pub use reach::Reach;
pub(crate) use reach::{blocked_at, edge, is_open, reaches};
pub(crate) use recorded::pull_recorded;
pub(crate) use scalar::Primal;
#[cfg(native_code)]
pub(crate) use scalar::Scalar;
pub(crate) use start::{pull_on, record_adjoints, second_order};
pub(crate) use storage::release_adjoints;
