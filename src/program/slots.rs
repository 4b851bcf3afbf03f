//! Places for results when only the outputs are wanted: a result whose last reader is done gives its place
//! to another.

use super::code::Code;
use super::guards::{Check, Side};
use crate::op::{Arity, Op, Values};
use crate::sweep::interpreter::Results;
use crate::tape::Instructions;

/// The instructions of a program with places instead of results as operands.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// Operands are places; what an instruction computes goes to `place[instruction]`.
    pub code: Code,
    pub place: Vec<u32>,
    /// How many places there are.
    pub count: usize,
    /// The guards, with places as sides.
    pub checks: Vec<Check>,
}

/// Operands from here on are not results of this code and stay as they are.
pub(super) const FOREIGN: u32 = 1 << 31;
/// A mark on operands that places do not have.
pub(super) const MARK: u32 = 1 << 30;

impl Slots {
    /// Assign places by one walk: each instruction first frees what it reads last, then takes a place.
    ///
    /// An operand with the highest bit set is read from elsewhere; the bit below it is ignored.
    pub fn assign(code: &Code, checks: &[Check], outputs: &[u32]) -> Slots {
        // 2³⁰ instructions are 16 GB of them: no recording gets there, and none may be replayed wrongly.
        assert!(code.insts.len() < MARK as usize, "a program has fewer than 2^30 instructions");
        let last = last_readers(code, checks, outputs);
        let mut slots = Slots { code: code.clone(), checks: checks.to_vec(), ..Slots::default() };
        let mut place = vec![0; code.insts.len()];
        let mut free = Vec::new();
        let mut freed = vec![false; code.insts.len()];
        for (i, inst) in code.insts.iter().enumerate() {
            for o in code.operands(inst).iter().filter_map(own) {
                if last[o] == i && !std::mem::replace(&mut freed[o], true) {
                    free.push(place[o]);
                }
            }
            place[i] = free.pop().unwrap_or_else(|| {
                slots.count += 1;
                slots.count as u32 - 1
            });
        }
        slots.renumber(&place);
        slots.place = place;
        slots
    }

    /// The place of an operand.
    pub fn place_of(&self, operand: u32) -> u32 {
        own(&operand).map_or(operand & !MARK, |o| self.place[o])
    }

    /// Put places into the operands.
    fn renumber(&mut self, place: &[u32]) {
        let at = |o: &mut u32| *o = own(o).map_or(*o & !MARK, |o| place[o]);
        self.code.pool.iter_mut().for_each(at);
        for inst in &mut self.code.insts {
            let operands = match inst.op.arity() {
                Arity::Leaf | Arity::Nary | Arity::Custom => 0,
                Arity::Unary | Arity::Data => 1,
                Arity::Binary => 2,
                Arity::Ternary => 3,
            };
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

/// The result that an operand is, if it is one of this code.
fn own(operand: &u32) -> Option<usize> {
    match operand & FOREIGN {
        0 => Some((operand & !MARK) as usize),
        _ => None,
    }
}

/// For every result the instruction that reads it last; none for those that must stay.
fn last_readers(code: &Code, checks: &[Check], outputs: &[u32]) -> Vec<usize> {
    // What nobody reads, an unused input say, is never freed: its place is written like any other.
    let mut last = vec![usize::MAX; code.insts.len()];
    for (i, inst) in code.insts.iter().enumerate() {
        // A custom call reads its inputs at its first output, and writes all its outputs there: a guard that
        // stands between the outputs comes after.
        if inst.op != Op::Custom || inst.at[1] == 0 {
            code.operands(inst).iter().filter_map(own).for_each(|o| last[o] = i);
        }
    }
    for check in checks {
        let sides: Vec<u32> = check.operands().collect();
        for o in sides.iter().filter_map(own) {
            if last[o] < check.before as usize {
                // Not freed at all: guards are few, and worth no table of their own.
                last[o] = usize::MAX;
            }
        }
    }
    outputs.iter().filter_map(own).for_each(|o| last[o] = usize::MAX);
    last
}

/// Results in their places.
pub(super) struct Placed<'a, T> {
    pub values: &'a mut [T],
    pub place: &'a [u32],
}

impl<T: Copy> Values<T> for Placed<'_, T> {
    #[inline(always)]
    fn get(&self, operand: u32) -> T {
        self.values[operand as usize]
    }
}

impl<T: Copy> Results<T> for Placed<'_, T> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: T) {
        self.values[self.place[instruction] as usize] = value;
    }
}
