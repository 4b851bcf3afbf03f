//! The tape: what records.
//!
//! **Where something is recorded follows from its operands**, never from which tape was made, used or dropped
//! last: an operation on the one tape of its variables, a [`gradient`](crate::gradient()) on that of its point or,
//! at constants, of what its function captures, a [`scope`](crate::Real::scope) on every tape that records in it.
//!
//! | file | idea |
//! |---|---|
//! | `serial` | a number for every node ever recorded, so that stale variables are caught |
//! | `store` | columns in memory, and the fast path of recording (the only `unsafe` code here) |
//! | `var` | [`Var`], a value and a serial number |
//! | `custom` | [`CustomOp`]: operations of your own |
//! | `instructions` | what a recording and a program have in common |
//! | `network` | the networks that ran, as `nn` wrote them down |
//! | `nodes` | the columns as a sweep reads them |
//! | `guards`, `labels`, `locations` | side tables: comparisons; names of nodes and scopes; lines of code |
//! | `recording` | columns, serial numbers and side tables; cutting back |
//! | `live` | the live recordings of a thread, and the scopes that are open on whichever records |
//! | `misuse` | the messages for variables and marks used where they do not belong |
//! | `record` | one operation: the fast path, and the slow path for constants and other tapes |
//! | `gather`, `nary` | operations with many operands, which wait until all are known; custom ones |
//! | `tape` | [`Tape`], the handle |
//! | `operators`, `functions` | what a [`Var`] can do |
//! | `listing` | what a node computes, in print; where numbers stop being finite |

mod custom;
mod functions;
mod gather;
mod guards;
mod instructions;
mod labels;
mod listing;
pub(crate) mod live;
pub(crate) mod locations;
pub(crate) mod misuse;
mod nary;
pub(crate) mod network;
pub(crate) mod nodes;
mod operators;
pub(crate) mod record;
pub(crate) mod recording;
pub(crate) mod serial;
mod store;
#[allow(clippy::module_inception, reason = "the file of the type `Tape`")]
mod tape;
#[cfg(test)]
mod tests;
mod var;

pub(crate) use custom::{CHECKPOINTED, CustomCall, PREACCUMULATED, Stored, StoredBy};
pub use custom::{CustomOp, NotTwiceDifferentiable};
pub(crate) use gather::release_vectors;
pub use guards::{Guard, GuardOperand, Relation};
pub(crate) use instructions::{Inst, Instructions};
pub use labels::Scope;
pub(crate) use labels::{Labels, innermost};
pub use listing::NonFinite;
pub(crate) use nary::AtConstants;
pub use nary::custom;
pub(crate) use record::{remember, remember_network};
pub use tape::{Mark, ScopeGuard, Tape};
pub use var::Var;
