//! The passes that make a program smaller.
//!
//! ```text
//! dead, fuse                     look at the whole body
//! identities, fold, share        look at one instruction at a time, so one walk serves all three:
//!     for each instruction, in order:
//!         copy it, with operands renumbered      what it reads is simplified already
//!         replace it by an equal one with less to do                     identities
//!         compute it, if its operands are constants                      fold
//!         drop it, if there is an equal one before                       share
//! ```
//!
//! No pass changes a bit of a value. Gradients may differ in their last bits, because adjoints are added
//! up in another order.

mod fuse;
mod share;
mod simplify;

use super::body::{Body, Rebuild, Spare};
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

    /// Tell whether it looks at one instruction at a time, as they are copied.
    fn is_local(self) -> bool {
        matches!(self, Pass::Identities | Pass::Fold | Pass::Share)
    }
}

/// Run passes in order; return how many instructions there are after each. Local passes that follow each
/// other in the order of [`Pass`] share one walk.
pub(super) fn run(mut body: Body, mut passes: &[Pass]) -> (Body, Vec<(Pass, usize)>) {
    let mut counts = Vec::with_capacity(passes.len());
    let mut spare = Spare::default();
    while let Some((&pass, rest)) = passes.split_first() {
        let rising = passes.windows(2).take_while(|pair| pair[0] < pair[1] && pair[1].is_local());
        let count = if pass.is_local() { 1 + rising.count() } else { 1 };
        if pass.is_local() {
            body = walk(body, &passes[..count], &mut counts, &mut spare);
            passes = &passes[count..];
        } else {
            let run = if pass == Pass::Fuse { fuse::fuse } else { simplify::dead };
            body = run(body, &mut spare);
            counts.push((pass, body.computing()));
            passes = rest;
        }
    }
    body.code.shrink();
    (body, counts)
}

/// Copy a body, and run local passes on each instruction once it is there.
fn walk(body: Body, passes: &[Pass], counts: &mut Vec<(Pass, usize)>, spare: &mut Spare) -> Body {
    let has = |pass| passes.contains(&pass);
    let (identities, fold) = (has(Pass::Identities), has(Pass::Fold));
    let mut numbering =
        has(Pass::Share).then(|| share::Numbering::with_room(body.code.insts.len()));
    let mut rebuild = Rebuild::new(body, spare);
    let mut simplified = 0;
    for i in rebuild.computing() {
        rebuild.copy(i);
        if identities && !simplify::identity(&mut rebuild, i) {
            continue;
        }
        simplified += 1;
        if fold {
            simplify::fold(&mut rebuild, i);
        }
        if let Some(numbering) = &mut numbering {
            numbering.share(&mut rebuild, i);
        }
    }
    let mut walked = rebuild.finish(spare);
    if has(Pass::Share) {
        share::drop_repeated_checks(&mut walked);
    }
    counts.extend(passes.iter().map(|&pass| match pass {
        Pass::Share => (pass, walked.computing()),
        _ => (pass, simplified),
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
