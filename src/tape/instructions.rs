//! What a recording and a program have in common: instructions in order, each an operation with operands
//! and constants. One trait, so that sweeps, listings and passes are written once.

use super::custom::CustomCall;
use crate::op::nary::Terms;
use crate::op::{Arity, Op};

/// One instruction. Its index is the name of its result; operands have smaller ones.
///
/// What `at` means depends on the operation's arity:
///
/// | arity | `at` |
/// |---|---|
/// | leaf | number of constants, their place in the data |
/// | unary, binary, ternary | the operands |
/// | data | operand, place of its constants in the data |
/// | n-ary | place in the pool, number of operands there without the bias, place in the data |
/// | custom | call, output |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Inst {
    pub op: Op,
    pub at: [u32; 3],
}

/// Instructions with the pools they refer to.
pub(crate) trait Instructions {
    /// The operation of instruction `i`.
    fn op(&self, i: usize) -> Op;

    /// Instruction `i`, whose operation is `op`: where the compiler knows it, decoding costs nothing.
    fn load(&self, op: Op, i: usize) -> Inst;

    /// The operands of n-ary instructions (a bias last) and of custom calls.
    fn pool(&self) -> &[u32];

    /// The constants of instructions.
    fn data(&self) -> &[f64];

    /// The custom calls.
    fn calls(&self) -> &[CustomCall];

    /// Instruction `i`.
    #[inline(always)]
    fn inst(&self, i: usize) -> Inst {
        self.load(self.op(i), i)
    }

    /// The operands of an instruction in order, a bias last.
    #[inline(always)]
    fn operands<'a>(&'a self, inst: &'a Inst) -> &'a [u32] {
        // Not `map`, which some builds do not inline.
        let (at, count) = (inst.at[0] as usize, inst.at[1] as usize);
        match inst.op.arity() {
            Arity::Leaf => &[],
            Arity::Unary | Arity::Data => &inst.at[..1],
            Arity::Binary => &inst.at[..2],
            Arity::Ternary => &inst.at,
            Arity::Nary => &self.pool()[at..at + count + usize::from(inst.op.terms().bias)],
            Arity::Custom => self.call_inputs(&self.calls()[at]),
        }
    }

    /// The constants that an instruction keeps.
    #[inline]
    fn constants(&self, inst: &Inst) -> &[f64] {
        let [first, second, third] = inst.at;
        let (at, count) = match inst.op.arity() {
            Arity::Leaf => (second, first),
            Arity::Data => (second, inst.op.constants() as u32),
            Arity::Nary if inst.op.terms().data => (third, second),
            _ => return &[],
        };
        &self.data()[at as usize..][..count as usize]
    }

    /// The operands of an n-ary instruction, term by term.
    #[inline(always)]
    fn terms(&self, inst: Inst) -> Terms<'_> {
        // Not `map`, as above.
        let [at, count, data] = inst.at;
        let (at, count, data) = (at as usize, count as usize, data as usize);
        let shape = inst.op.terms();
        Terms {
            operands: &self.pool()[at..at + count],
            data: if shape.data { &self.data()[data..data + count] } else { &[] },
            bias: if shape.bias { Some(self.pool()[at + count]) } else { None },
        }
    }

    /// The operands of a custom call.
    #[inline]
    fn call_inputs(&self, call: &CustomCall) -> &[u32] {
        &self.pool()[call.inputs_at as usize..][..call.inputs as usize]
    }

    /// The name of an instruction's operation, a custom one's own.
    fn name(&self, inst: Inst) -> &str {
        match inst.op {
            Op::Custom => self.calls()[inst.at[0] as usize].op.name(),
            op => op.info().name,
        }
    }
}
