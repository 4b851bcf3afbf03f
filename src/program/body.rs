//! [`Body`]: instructions, guards and outputs of a program, as the passes rebuild them.

use super::code::{Check, InstVec, Side};
use crate::op::Arity;
use crate::tape::network::{Evaluation, Source};
use crate::tape::{Inst, Instructions};
use indexmap::IndexMap;

/// What a program computes: inputs, instructions, guards, outputs.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub code: InstVec,
    /// The first instructions are the inputs, used or not.
    pub inputs: u32,
    pub outputs: Vec<u32>,
    pub checks: Vec<Check>,
    pub labels: IndexMap<u32, String>,
    pub networks: Vec<Evaluation<Source>>,
}

impl Body {
    /// Count how often each result is read, by instructions, guards and as an output, up to 255: what matters is
    /// whether it is once.
    pub fn uses(&self) -> Vec<u8> {
        let mut uses = vec![0_u8; self.code.insts.len()];
        let mut read = |i: u32| uses[i as usize] = uses[i as usize].saturating_add(1);
        for inst in &self.code.insts {
            self.code.operands(inst).iter().for_each(|&i| read(i));
        }
        self.outputs.iter().for_each(|&i| read(i));
        self.checks.iter().flat_map(Check::operands).for_each(read);
        uses
    }

    /// Let each guard stand after both its sides, and after all guards before it: a comparison inside a branch
    /// means nothing if the branch is not taken.
    pub fn order_checks(&mut self) {
        let mut last = 0;
        for check in &mut self.checks {
            last = check.operands().map(|i| i + 1).fold(last.max(check.before), u32::max);
            check.before = last;
        }
    }

    /// Count the instructions that compute something.
    pub fn computing(&self) -> usize {
        self.code.insts.len() - self.inputs as usize
    }
}

/// A body that is being rebuilt from another, instruction by instruction.
pub(super) struct Rebuild {
    pub from: Body,
    pub to: Body,
    /// The index in `to` of each instruction of `from`; [`GONE`] if it was dropped.
    pub new_index: Vec<u32>,
    buffer: Vec<u32>,
}

/// The memory of a body that has been rebuilt, for the next rebuilding to write to: memory that was never written
/// to costs a large recording more than the work on it, a page fault for every 256 instructions.
#[derive(Default)]
pub(super) struct Spare {
    code: InstVec,
    new_index: Vec<u32>,
}

/// The new index of an instruction that was dropped.
pub(super) const GONE: u32 = u32::MAX;

impl Rebuild {
    /// Start with the inputs, which keep their indices.
    pub fn new(from: Body, spare: &mut Spare) -> Rebuild {
        let Spare { mut code, mut new_index } = std::mem::take(spare);
        new_index.extend(0..from.inputs);
        new_index.resize(from.code.insts.len(), GONE);
        code.insts.reserve(from.code.insts.len());
        code.pool.reserve(from.code.pool.len());
        code.data.reserve(from.code.data.len());
        code.insts.extend_from_slice(&from.code.insts[..from.inputs as usize]);
        let to = Body { code, inputs: from.inputs, ..Body::default() };
        Rebuild { from, to, new_index, buffer: Vec::new() }
    }

    /// The instructions to go through: all but the inputs.
    pub fn computing(&self) -> std::ops::Range<usize> {
        self.from.inputs as usize..self.from.code.insts.len()
    }

    /// Copy instruction `i` with its operands renumbered.
    #[inline]
    pub fn copy(&mut self, i: usize) -> u32 {
        let inst = self.from.code.insts[i];
        let new_index = &self.new_index;
        let at = match inst.op.arity() {
            Arity::Leaf | Arity::Nary | Arity::Custom => return self.copy_pooled(i, inst),
            Arity::Unary => [new_index[inst.at[0] as usize], 0, 0],
            Arity::Binary => [new_index[inst.at[0] as usize], new_index[inst.at[1] as usize], 0],
            Arity::Ternary => inst.at.map(|o| new_index[o as usize]),
            Arity::Data => {
                let data = self.to.code.data.len() as u32;
                self.to.code.data.extend_from_slice(self.from.code.constants(&inst));
                [new_index[inst.at[0] as usize], data, 0]
            }
        };
        self.set(i, Inst { op: inst.op, at })
    }

    fn copy_pooled(&mut self, i: usize, inst: Inst) -> u32 {
        self.buffer.clear();
        let operands = self.from.code.operands(&inst).iter();
        self.buffer.extend(operands.map(|&o| self.new_index[o as usize]));
        self.new_index[i] = self.to.code.copy(&self.from.code, &inst, &self.buffer);
        self.new_index[i]
    }

    /// Append an instruction that replaces `i`.
    #[inline]
    pub fn set(&mut self, i: usize, inst: Inst) -> u32 {
        let new = self.to.code.insts.len() as u32;
        self.to.code.insts.push(inst);
        self.new_index[i] = new;
        new
    }

    /// Renumber outputs, guards, labels and networks; return the new body, and leave the memory of the old one.
    pub fn finish(mut self, spare: &mut Spare) -> Body {
        let (from, new_index) = (&self.from, &self.new_index);
        self.to.outputs = from.outputs.iter().map(|&o| new_index[o as usize]).collect();
        let side = |side: Side| match side {
            Side::Value(i) => Side::Value(new_index[i as usize]),
            constant @ Side::Constant(_) => constant,
        };
        if !from.checks.is_empty() {
            // A guard stands before the first instruction after it that is still there.
            let next = next_kept(new_index, self.to.code.insts.len() as u32);
            let renumber = |check: &Check| Check {
                left: side(check.left),
                right: side(check.right),
                before: next[check.before as usize],
                ..check.clone()
            };
            self.to.checks = from.checks.iter().map(renumber).collect();
            self.to.order_checks();
        }
        for (&i, label) in &from.labels {
            let at = new_index[i as usize];
            if at != GONE {
                self.to.labels.entry(at).or_insert_with(|| label.clone());
            }
        }
        let renumber = |source: Source| match source {
            Source::Node(i) => {
                Some(new_index[i]).filter(|&at| at != GONE).map(|at| Source::Node(at as usize))
            }
            data @ Source::Data(_) => Some(data),
        };
        self.to.networks = from.networks.iter().filter_map(|run| run.map(renumber)).collect();
        *spare = Spare { code: self.from.code, new_index: self.new_index };
        spare.code.clear();
        spare.new_index.clear();
        self.to
    }
}

/// For every old index, and the end, the new index of the first instruction from there on that is kept.
fn next_kept(new_index: &[u32], end: u32) -> Vec<u32> {
    let mut next = vec![end; new_index.len() + 1];
    for (i, &at) in new_index.iter().enumerate().rev() {
        next[i] = if at == GONE { next[i + 1] } else { at.min(next[i + 1]) };
    }
    next
}
