//! [`Body`]: instructions, guards and outputs of a program, as the passes rebuild them.

use super::code::InstVec;
use super::guards::{Check, Side};
use crate::op::{Arity, Op};
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
}

impl Body {
    /// Count how often each result is read: by instructions, guards and as an output.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.code.insts.len()];
        let read = self.code.insts.iter().flat_map(|inst| self.code.operands(inst));
        read.chain(&self.outputs).for_each(|&i| uses[i as usize] += 1);
        self.checks.iter().flat_map(Check::operands).for_each(|i| uses[i as usize] += 1);
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
pub(super) struct Rebuild<'a> {
    pub from: &'a Body,
    pub to: Body,
    /// Where each instruction of `from` went; [`GONE`] if nowhere.
    pub place: Vec<u32>,
    buffer: Vec<u32>,
}

/// The place of an instruction that was dropped.
pub(super) const GONE: u32 = u32::MAX;

impl<'a> Rebuild<'a> {
    /// Start with the inputs in place.
    pub fn new(from: &'a Body) -> Rebuild<'a> {
        let mut place = vec![GONE; from.code.insts.len()];
        let inputs = from.inputs as usize;
        place.iter_mut().zip(0..from.inputs).for_each(|(place, i)| *place = i);
        let mut to = Body { inputs: from.inputs, ..Body::default() };
        to.code.insts.reserve(from.code.insts.len());
        to.code.pool.reserve(from.code.pool.len());
        to.code.data.reserve(from.code.data.len());
        to.code.insts.extend_from_slice(&from.code.insts[..inputs]);
        Rebuild { from, to, place, buffer: Vec::new() }
    }

    /// The instructions to go through: all but the inputs.
    pub fn computing(&self) -> std::ops::Range<usize> {
        self.from.inputs as usize..self.from.code.insts.len()
    }

    /// Copy instruction `i` with its operands renumbered.
    #[inline]
    pub fn copy(&mut self, i: usize) -> u32 {
        let inst = self.from.code.insts[i];
        let place = &self.place;
        let at = match inst.op.arity() {
            Arity::Leaf | Arity::Nary | Arity::Custom => return self.copy_pooled(i, inst),
            Arity::Unary => [place[inst.at[0] as usize], 0, 0],
            Arity::Binary => [place[inst.at[0] as usize], place[inst.at[1] as usize], 0],
            Arity::Ternary => inst.at.map(|o| place[o as usize]),
            Arity::Data => {
                let data = self.to.code.data.len() as u32;
                self.to.code.data.extend_from_slice(self.from.code.constants(&inst));
                [place[inst.at[0] as usize], data, 0]
            }
        };
        self.set(i, Inst { op: inst.op, at })
    }

    fn copy_pooled(&mut self, i: usize, inst: Inst) -> u32 {
        let (from, to) = (self.from, &mut self.to.code);
        if inst.op != Op::Custom {
            self.buffer.clear();
            let operands = from.code.operands(&inst).iter();
            self.buffer.extend(operands.map(|&o| self.place[o as usize]));
            let new = to.push(inst.op, &self.buffer, from.code.constants(&inst));
            self.place[i] = new;
            return new;
        }
        let [call, output, _] = inst.at;
        let call = &from.code.calls[call as usize];
        let inputs = from.code.call_inputs(call).iter().map(|&o| self.place[o as usize]);
        let new = to.push_output(call, output, inputs);
        self.place[i] = new;
        new
    }

    /// Put an instruction in the place of `i`.
    #[inline]
    pub fn set(&mut self, i: usize, inst: Inst) -> u32 {
        let new = self.to.code.insts.len() as u32;
        self.to.code.insts.push(inst);
        self.place[i] = new;
        new
    }

    /// Renumber outputs, guards and labels, and return the new body.
    pub fn finish(mut self) -> Body {
        let (from, place) = (self.from, &self.place);
        self.to.outputs = from.outputs.iter().map(|&o| place[o as usize]).collect();
        let side = |side: Side| match side {
            Side::Value(i) => Side::Value(place[i as usize]),
            constant @ Side::Constant(_) => constant,
        };
        if !from.checks.is_empty() {
            // A guard stands before the first instruction after it that is still there.
            let next = next_kept(place, self.to.code.insts.len() as u32);
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
            let at = place[i as usize];
            if at != GONE {
                self.to.labels.entry(at).or_insert_with(|| label.clone());
            }
        }
        self.to
    }
}

/// For every old index, and the end, the new index of the first instruction from there on that is kept.
fn next_kept(place: &[u32], end: u32) -> Vec<u32> {
    let mut next = vec![end; place.len() + 1];
    for (i, &at) in place.iter().enumerate().rev() {
        next[i] = if at == GONE { next[i + 1] } else { at.min(next[i + 1]) };
    }
    next
}
