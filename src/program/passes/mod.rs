//! What makes a program smaller: five passes. Two look at the whole graph; three look at one instruction after
//! the other, and share the walk in which a graph is copied.
//!
//! No pass changes a bit of a value. Gradients may differ in their last bits, because adjoints are added
//! up in another order.

mod fuse;
mod share;
mod simplify;

use super::graph::{Graph, Rebuild};
pub(super) use simplify::live;
use std::fmt;

/// One way to make a program smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// Whether it looks at one instruction after the other, as they are copied.
    fn is_local(self) -> bool {
        matches!(self, Pass::Identities | Pass::Fold | Pass::Share)
    }
}

/// Run passes in order; return how many instructions each leaves. Local passes that follow each other share
/// one walk.
pub(super) fn run(mut graph: Graph, mut passes: &[Pass]) -> (Graph, Vec<(Pass, usize)>) {
    let mut left = Vec::with_capacity(passes.len());
    while let Some((&pass, rest)) = passes.split_first() {
        let rising = passes.windows(2).take_while(|pair| pair[0] < pair[1] && pair[1].is_local());
        let count = if pass.is_local() { 1 + rising.count() } else { 1 };
        if pass.is_local() {
            graph = walk(&graph, &passes[..count], &mut left);
            passes = &passes[count..];
        } else {
            graph = if pass == Pass::Fuse { fuse::fuse(graph) } else { simplify::dead(graph) };
            left.push((pass, graph.computing()));
            passes = rest;
        }
    }
    (graph, left)
}

/// Copy a graph, and run local passes on each instruction once it is there.
fn walk(graph: &Graph, passes: &[Pass], left: &mut Vec<(Pass, usize)>) -> Graph {
    let has = |pass| passes.contains(&pass);
    let (identities, fold) = (has(Pass::Identities), has(Pass::Fold));
    let mut seen = has(Pass::Share).then(|| share::Seen::of(graph));
    let mut rebuild = Rebuild::new(graph);
    let mut unchanged = 0;
    for i in rebuild.computing() {
        rebuild.copy(i);
        if identities && !simplify::identity(&mut rebuild, i) {
            continue;
        }
        unchanged += 1;
        if fold {
            simplify::fold(&mut rebuild, i);
        }
        if let Some(seen) = &mut seen {
            seen.step(&mut rebuild, i);
        }
    }
    let mut walked = rebuild.finish();
    if has(Pass::Share) {
        share::checks(&mut walked);
    }
    left.extend(passes.iter().map(|&pass| match pass {
        Pass::Share => (pass, walked.computing()),
        _ => (pass, unchanged),
    }));
    walked
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
