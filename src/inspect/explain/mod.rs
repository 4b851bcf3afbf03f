//! The chain rule of one node, in the terminal.
//!
//! | file | idea |
//! |---|---|
//! | `doors` | [`Report::explain`](super::Report::explain), [`Tape::explain`](crate::Tape::explain); how much is shown |
//! | `style` | Unicode or ASCII, digits, width: lines that never exceed it |
//! | `names` | what nodes and derivatives are called |
//! | `depends` | how the output depends on the node: three kinds of zero, three texts |
//! | `factors` | paths as factors between labelled nodes |
//! | `chain` | symbols, numbers, products, the sum, and the adjoint beside it |
//! | `rules` | what each node on the way computes, and its local partials |

mod chain;
mod depends;
mod doors;
mod factors;
mod names;
mod rules;
mod style;

pub use doors::Explanation;
