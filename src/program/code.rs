//! The instructions of a program.

use crate::op::{Arity, Op};
use crate::tape::{CustomCall, Inst, Instructions};

/// Instructions with the pools they refer to. The inputs are the first, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct InstVec {
    pub insts: Vec<Inst>,
    /// Operands of n-ary instructions and of custom calls.
    pub pool: Vec<u32>,
    pub data: Vec<f64>,
    pub calls: Vec<CustomCall>,
}

impl Instructions for InstVec {
    #[inline(always)]
    fn op(&self, i: usize) -> Op {
        self.insts[i].op
    }
    #[inline(always)]
    fn load(&self, op: Op, i: usize) -> Inst {
        Inst { op, ..self.insts[i] }
    }
    #[inline(always)]
    fn pool(&self) -> &[u32] {
        &self.pool
    }
    #[inline(always)]
    fn data(&self) -> &[f64] {
        &self.data
    }
    #[inline(always)]
    fn calls(&self) -> &[CustomCall] {
        &self.calls
    }
}

impl InstVec {
    /// Append an instruction that reads `operands`, and keeps `constants`; return its index.
    pub fn push(&mut self, op: Op, operands: &[u32], constants: &[f64]) -> u32 {
        let index = self.insts.len() as u32;
        let data = self.data.len() as u32;
        let at = match op.arity() {
            Arity::Nary => {
                let pool = self.pool.len() as u32;
                self.pool.extend_from_slice(operands);
                let bias = u32::from(op.terms().bias);
                [pool, operands.len() as u32 - bias, data]
            }
            Arity::Leaf => [constants.len() as u32, data, 0],
            Arity::Data => [operands[0], data, 0],
            _ => std::array::from_fn(|i| operands.get(i).copied().unwrap_or(0)),
        };
        self.data.extend_from_slice(constants);
        self.insts.push(Inst { op, at });
        index
    }

    /// Append instruction `inst` of `from`, with these operands in place of its own; return its index. The
    /// first output of a custom call brings the call itself.
    pub fn copy(&mut self, from: &impl Instructions, inst: &Inst, operands: &[u32]) -> u32 {
        if inst.op != Op::Custom {
            return self.push(inst.op, operands, from.constants(inst));
        }
        let [call, output, _] = inst.at;
        if output == 0 {
            let inputs_at = self.pool.len() as u32;
            self.pool.extend_from_slice(operands);
            self.calls.push(CustomCall { inputs_at, ..from.calls()[call as usize].clone() });
        }
        self.push(Op::Custom, &[self.calls.len() as u32 - 1, output], &[])
    }
}
