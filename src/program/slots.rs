//! Slots: where results are kept when only the outputs are wanted. A result that is read no more gives its slot
//! to a later one, so that a long program runs in memory that stays in the nearest cache.
//!
//! ```text
//! last[o] = the last instruction that reads o; never, if o is an output
//! free = an empty stack
//! for each instruction i, in order:
//!     for each operand o of i with last[o] = i:  push slot[o] to free, once
//!     slot[i] = pop from free, or else a new slot
//! replace operands by their slots
//! ```
//!
//! (Register allocation for straight-line code, with as many registers as it takes.) Not in the pseudo code:
//!
//! - Operands are freed before the result gets its slot, so an instruction may overwrite its own operand: it
//!   reads all operands before it writes.
//! - Inputs come first and free nothing: input `k` is in slot `k`.
//! - A result that nothing reads, such as an unused input, keeps its slot.
//! - A guard may read a result later than all instructions do. Such a result keeps its slot: guards are few, and
//!   not worth a list of what each reads last.
//! - A custom call reads its inputs and writes all its outputs at the first of them. Only that one counts as a
//!   reader, so a guard that is checked between two outputs counts as later, and its side keeps its slot.
//! - Operands of the row part of a program have two more bits ([`split`](super::rows)). With [`FOREIGN`] they
//!   are not results of this code and stay as they are; [`MARK`] is for sweeps, and removed.

use super::code::{Check, InstVec, Side};
use crate::op::{Op, Values};
use crate::sweep::storage::Results;
use crate::tape::Instructions;

/// The instructions of a program with slots as operands.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    pub code: InstVec,
    /// Where the result of each instruction goes.
    pub slot: Vec<u32>,
    /// How many slots there are.
    pub count: usize,
    /// The guards, with slots as sides.
    pub checks: Vec<Check>,
}

/// The bit of operands that are not results of this code.
pub(super) const FOREIGN: u32 = 1 << 31;
/// The bit of operands that slots do not have.
pub(super) const MARK: u32 = 1 << 30;

impl Slots {
    /// Assign slots by one walk.
    pub fn assign(code: &InstVec, checks: &[Check], outputs: &[u32]) -> Slots {
        // 2³⁰ instructions take 16 GB: no recording is that long, and if one were, it must not be replayed wrongly.
        assert!(code.insts.len() < MARK as usize, "a program has fewer than 2^30 instructions");
        let last = last_readers(code, checks, outputs);
        let mut slots = Slots { code: code.clone(), checks: checks.to_vec(), ..Slots::default() };
        let mut slot = vec![0; code.insts.len()];
        let mut free = Vec::new();
        let mut freed = vec![false; code.insts.len()];
        for (i, inst) in code.insts.iter().enumerate() {
            for o in code.operands(inst).iter().filter_map(result) {
                if last[o] == i && !std::mem::replace(&mut freed[o], true) {
                    free.push(slot[o]);
                }
            }
            slot[i] = free.pop().unwrap_or_else(|| {
                slots.count += 1;
                slots.count as u32 - 1
            });
        }
        slots.renumber(&slot);
        slots.slot = slot;
        slots
    }

    /// The slot of an operand.
    pub fn slot_of(&self, operand: u32) -> u32 {
        result(&operand).map_or(operand & !MARK, |o| self.slot[o])
    }

    /// Replace operands by slots.
    fn renumber(&mut self, slot: &[u32]) {
        let at = |o: &mut u32| *o = result(o).map_or(*o & !MARK, |o| slot[o]);
        self.code.pool.iter_mut().for_each(at);
        for inst in &mut self.code.insts {
            let operands = inst.op.arity().operands().unwrap_or(0);
            inst.at[..operands].iter_mut().for_each(at);
        }
        for check in &mut self.checks {
            for side in [&mut check.left, &mut check.right] {
                if let Side::Value(o) = side {
                    at(o);
                }
            }
        }
    }
}

/// The result that an operand stands for, if it is one of this code.
fn result(operand: &u32) -> Option<usize> {
    match operand & FOREIGN {
        0 => Some((operand & !MARK) as usize),
        _ => None,
    }
}

/// For every result the instruction that reads it last; `usize::MAX` for those that keep their slot.
fn last_readers(code: &InstVec, checks: &[Check], outputs: &[u32]) -> Vec<usize> {
    let mut last = vec![usize::MAX; code.insts.len()];
    for (i, inst) in code.insts.iter().enumerate() {
        if inst.op != Op::Custom || inst.at[1] == 0 {
            code.operands(inst).iter().filter_map(result).for_each(|o| last[o] = i);
        }
    }
    for check in checks {
        let sides: Vec<u32> = check.operands().collect();
        for o in sides.iter().filter_map(result) {
            if last[o] < check.before as usize {
                last[o] = usize::MAX;
            }
        }
    }
    outputs.iter().filter_map(result).for_each(|o| last[o] = usize::MAX);
    last
}

/// Results in their slots.
pub(super) struct InSlots<'a, T> {
    pub values: &'a mut [T],
    pub slot: &'a [u32],
}

impl<T: Copy> Values<T> for InSlots<'_, T> {
    #[inline(always)]
    fn get(&self, operand: u32) -> T {
        self.values[operand as usize]
    }
}

impl<T: Copy> Results<T> for InSlots<'_, T> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: T) {
        self.values[self.slot[instruction] as usize] = value;
    }
}
