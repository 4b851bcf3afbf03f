//! The instructions of a program, and its guards: comparisons that must have the outcome that was recorded.

use crate::op::{Arity, Op};
use crate::sweep::Primal;
use crate::sweep::interpreter::evaluate;
use crate::sweep::storage::Results;
use crate::tape::{CustomCall, Inst, Instructions, Relation};
use std::ops::Range;

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
    /// Remove all instructions, and keep their memory.
    pub fn clear(&mut self) {
        self.insts.clear();
        self.pool.clear();
        self.data.clear();
        self.calls.clear();
    }

    /// Give back the memory that is not used.
    pub fn shrink(&mut self) {
        self.insts.shrink_to_fit();
        self.pool.shrink_to_fit();
        self.data.shrink_to_fit();
        self.calls.shrink_to_fit();
    }

    /// Append an instruction that reads `operands`, and keeps `constants`; return its index.
    pub fn push(&mut self, op: Op, operands: &[u32], constants: &[f64]) -> u32 {
        let inst = self.pooled(op, operands, constants);
        self.insts.push(inst);
        self.insts.len() as u32 - 1
    }

    /// An instruction that reads `operands`, and keeps `constants`: what it refers to is appended to the pools.
    pub fn pooled(&mut self, op: Op, operands: &[u32], constants: &[f64]) -> Inst {
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
        Inst { op, at }
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

/// One side of a guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    Value(u32),
    Constant(f64),
}

/// A comparison that must have the outcome that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Check {
    pub left: Side,
    pub relation: Relation,
    pub right: Side,
    pub outcome: bool,
    /// The values of both sides when it was recorded.
    pub recorded: [f64; 2],
    /// The instruction before which it is checked: both sides are there by then.
    pub before: u32,
    /// The path of its scope.
    pub scope: Option<String>,
}

impl Check {
    /// Tell whether the outcome is the recorded one.
    #[inline(always)]
    pub fn holds(&self, left: f64, right: f64) -> bool {
        self.relation.holds(left, right) == self.outcome
    }

    /// The operands that are results.
    pub fn operands(&self) -> impl Iterator<Item = u32> {
        [self.left, self.right].into_iter().filter_map(|side| match side {
            Side::Value(i) => Some(i),
            Side::Constant(_) => None,
        })
    }
}

/// Compute the instructions of a range, and check each guard as soon as both its sides are there.
///
/// `holds` compares the two sides. The error is the place of the first guard that does not hold.
#[inline(always)]
pub(super) fn evaluate_guarded<T: Primal>(
    code: &InstVec,
    range: Range<usize>,
    checks: &[Check],
    values: &mut (impl Results<T> + ?Sized),
    mut holds: impl FnMut(&Check, T, T) -> bool,
) -> Result<(), usize> {
    let (mut done, mut k) = (range.start, 0);
    loop {
        let check = checks.get(k);
        // Numbers have a loop of their own behind the last guard. Lanes share one: all rules are inlined in each.
        if const { !T::IN_LANES } && check.is_none() {
            evaluate(code, done..range.end, values);
            return Ok(());
        }
        let before = check.map_or(range.end, |check| check.before as usize);
        if done < before {
            evaluate(code, done..before, values);
            done = before;
        }
        let Some(check) = check else { return Ok(()) };
        let side = |side: Side| match side {
            Side::Value(i) => values.get(i),
            Side::Constant(c) => T::from(c),
        };
        if !holds(check, side(check.left), side(check.right)) {
            return Err(k);
        }
        k += 1;
    }
}

/// Compute all instructions behind the inputs on plain numbers. The error is the first guard that does not
/// hold, with the values of its sides.
pub(super) fn evaluate_checked(
    code: &InstVec,
    inputs: usize,
    checks: &[Check],
    values: &mut (impl Results<f64> + ?Sized),
) -> Result<(), (usize, [f64; 2])> {
    let mut sides = [0.0; 2];
    evaluate_guarded(code, inputs..code.insts.len(), checks, values, |check, left, right| {
        sides = [left, right];
        check.holds(left, right)
    })
    .map_err(|k| (k, sides))
}
