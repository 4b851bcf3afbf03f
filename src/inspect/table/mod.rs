//! A report as a table on the terminal.
//!
//! | file | idea |
//! |---|---|
//! | `options` | [`Table`]: what to show and how |
//! | `rows` | which nodes, in which order, and how many are left out |
//! | `columns` | what stands in each column, and how wide it is |
//! | `show` | the lines: head, rows, notes, findings |

mod columns;
mod options;
mod rows;
mod show;

pub use options::{Color, Sort, Table};
