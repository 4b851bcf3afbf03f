//! The edges of one instruction: its operands, each with its local partial.

use super::custom::custom_partials;
use super::interpreter::apply;
use crate::Real;
use crate::op::{Flow, Op};
use crate::tape::Instructions;
use smallvec::SmallVec;

struct Edges(SmallVec<[(u32, f64); 2]>);

impl Flow<f64> for Edges {
    fn weight(&self, _: u32) -> Option<f64> {
        Some(1.0)
    }
    fn give(&mut self, operand: u32, contribution: f64) {
        self.0.push((operand, contribution.settled()));
    }
    fn gate(&mut self, operand: u32, contribution: f64) {
        self.give(operand, contribution);
    }
}

/// List the operands of instruction `i` in order, each with its local partial: the rules with `w = 1`.
pub(crate) fn partials(
    code: &impl Instructions,
    values: &[f64],
    i: usize,
) -> SmallVec<[(u32, f64); 2]> {
    let inst = code.inst(i);
    if inst.op != Op::Custom {
        return apply(inst.op, code, i, values, Edges(SmallVec::new())).0;
    }
    code.operands(&inst).iter().copied().zip(custom_partials(code, i, inst, values)).collect()
}
