//! The column store, the only module of the tape with `unsafe` code.
//!
//! | file | idea |
//! |---|---|
//! | `few` | a few items on the stack |
//! | `memory` | the memory of a column, and how it grows |
//! | `pool` | a column of plain numbers beside the nodes |
//! | `columns` | the columns of the nodes, and which store the thread is recording on |
//! | `nary` | how a node with any number of operands is written |

mod columns;
mod few;
mod memory;
mod nary;
mod pool;
#[cfg(test)]
mod tests;

pub(crate) use columns::{
    BYTES_PER_NODE, Store, activate, active_base, binary, data, deactivate, is_active, ternary,
    unary,
};
pub(crate) use few::Few;
pub(crate) use nary::{mixed, nary, split, values_of, weighted};
pub(crate) use pool::Pool;
