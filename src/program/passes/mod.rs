//! What makes a program smaller: five passes, each a function from graph to graph.
//!
//! | file | idea |
//! |---|---|
//! | `dead` | what no output and no guard depends on goes |
//! | `identities` | what changes no bit goes: `x · 1`, `-(-x)` |
//! | `fold` | what depends on no input is computed once |
//! | `share` | what is computed twice is computed once |
//! | `fuse` | chains of additions become one instruction |
//!
//! No pass changes a bit of a value. Gradients may differ in their last bits, because adjoints are added
//! up in another order.

mod dead;
mod fold;
mod fuse;
mod identities;
mod share;

use super::graph::Graph;
pub(super) use dead::live;
use std::fmt;

/// One way to make a program smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pass {
    /// Drop what no output and no guard depends on.
    Dead,
    /// Drop what does not change a bit: `x · 1`, `x + (-0)`, `-(-x)`; use the cheaper of two operations
    /// with the same bits: `x / 4` is `x · 0.25`, `x · x` is `x²`.
    Identities,
    /// Compute what depends on no input, once and for all.
    Fold,
    /// Compute equal things once; `x + y` and `y + x` are equal.
    Share,
    /// Make chains of additions and products one instruction: `w·x + b` an affine form, `a + b + c` a sum.
    Fuse,
}

impl Pass {
    /// The passes of [`Tape::freeze`](crate::Tape::freeze), in their order.
    pub const ALL: [Pass; 6] =
        [Pass::Dead, Pass::Identities, Pass::Fold, Pass::Share, Pass::Fuse, Pass::Dead];

    pub(super) fn run(self, graph: Graph) -> Graph {
        match self {
            Pass::Dead => dead::dead(graph),
            Pass::Identities => identities::identities(graph),
            Pass::Fold => fold::fold(graph),
            Pass::Share => share::share(graph),
            Pass::Fuse => fuse::fuse(graph),
        }
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Pass::Dead => "dead",
            Pass::Identities => "identities",
            Pass::Fold => "fold",
            Pass::Share => "share",
            Pass::Fuse => "fuse",
        })
    }
}
