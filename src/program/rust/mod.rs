//! A program as Rust source: functions that depend on nothing, for value, gradient, and sums over rows.
//!
//! ```text
//! gradient   is that of `value_and_gradient_program`: a program, written as any other
//! small      one function, each instruction a variable: `examples/exported/dosage.rs`
//! large      functions of so many statements; results that one of them leaves to another stand in an array, and
//!            instructions that follow each other evenly are loops over it
//! ```
//!
//! | file | idea |
//! |---|---|
//! | `export` | the whole text: its head, its functions, what they call |
//! | `options` | what may be chosen, and what may go wrong |
//! | `variables` | a small program: one function, all results variables |
//! | `array` | a large program: functions that share an array |
//! | `signature` | the public functions: what they are for, their arguments |
//! | `changed` | guards: a list of comparisons, and the error |
//! | `write` | steps as lines of text |
//! | `homes` | which results are variables, and which stand in the array |
//! | `roll` | steps that follow each other evenly become loops |
//! | `step` | what is printed, before it is printed: steps and loops |
//! | `functions` | the functions that `std` lacks, cut out of the sources of this crate |
//! | `rules` | one operation in Rust |
//! | `literal` | numbers that read back to the same bits; labels as identifiers |

mod array;
mod changed;
mod export;
mod functions;
mod homes;
mod literal;
mod options;
mod roll;
mod rules;
mod signature;
mod step;
mod variables;
mod write;

pub use options::{RustError, RustOptions};
