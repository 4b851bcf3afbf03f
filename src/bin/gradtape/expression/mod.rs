//! A small language for expressions, whose functions are the rows of the op table.
//!
//! | file | idea |
//! |---|---|
//! | `problem` | what is wrong with a text, and where |
//! | `token` | a text as numbers, names and signs |
//! | `function` | names: functions, constants, and what is nearest to an unknown one |
//! | `tree` | what a text means |
//! | `reader` | tokens in their order, and what names stand for |
//! | `parser` | from tokens to a tree |
//! | `recording` | a tree evaluated on a tape |

mod function;
mod parser;
mod problem;
mod reader;
mod recording;
mod token;
mod tree;

pub use function::suggestion;
pub use parser::{COUNTS, parse};
pub use problem::{Problem, steers};
pub use tree::Expression;
