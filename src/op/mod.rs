//! The op table: every operation is one row; everything else is derived from the rows.
//!
//! | file | idea |
//! |---|---|
//! | `table` | the rows: value, partials in print and as rules, domain, kink, sample points |
//! | `rules` | the parts of rules that are longer than a line |
//! | `site` | where a rule reads its operands, and where its contributions go |
//! | `words` | what the words of a row mean |
//! | `rows` | what is derived from them: [`Op`], [`Info`], a type with the rules of each row |
//! | `nary` | the rules of sums, dot products and log-sum-exp, which have any number of operands |
//! | `express` | rows in print: forms and partials with names in place, the page `docs/ops.md` |

mod express;
pub(crate) mod nary;
mod rows;
mod rules;
mod site;
mod table;
mod words;

#[doc(hidden)]
pub use express::markdown;
pub use rows::{Arity, Info, Zero};
pub(crate) use rules::{is_zero, zero_to};
pub(crate) use site::{Flow, Reading, Site, Values};
pub use table::Op;
pub(crate) use table::{Forms, Pull, Row, for_each_op, row, with_row};

#[cfg(test)]
mod tests;
