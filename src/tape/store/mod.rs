//! The column store, the only module of the tape with `unsafe` code.
//!
//! | file | idea |
//! |---|---|
//! | `pool` | a column of plain numbers beside the nodes |
//! | `columns` | the columns of the nodes, and which store the thread is recording on |
//! | `ends` | where the columns end: how an n-ary node is written piece by piece |

mod columns;
mod ends;
mod pool;
#[cfg(test)]
mod tests;

pub(crate) use columns::{
    BYTES_PER_NODE, Store, activate, active_base, binary, data, deactivate, is_active, unary,
};
pub(crate) use ends::{Ends, ends};
pub(crate) use pool::Pool;
