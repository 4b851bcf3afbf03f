//! Places for results when only the outputs are wanted: a result whose last reader is done gives its place
//! to another.

use super::graph::{Check, Code, Graph, Side};
use super::run::{Results, Values};
use crate::op::{Arity, Op};

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

impl Slots {
    /// Assign places by one walk: each instruction first frees what it reads last, then takes a place.
    pub fn assign(graph: &Graph) -> Slots {
        let code = &graph.code;
        let last = last_readers(graph);
        let mut slots = Slots { code: code.clone(), ..Slots::default() };
        let mut place = vec![0; code.insts.len()];
        let mut free = Vec::new();
        let mut freed = vec![false; code.insts.len()];
        for (i, inst) in code.insts.iter().enumerate() {
            for &operand in code.operands(inst) {
                let o = operand as usize;
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
        slots.checks.clone_from(&graph.checks);
        for check in &mut slots.checks {
            for side in [&mut check.left, &mut check.right] {
                if let Side::Value(i) = side {
                    *i = place[*i as usize];
                }
            }
        }
        slots.place = place;
        slots
    }

    /// Put places into the operands.
    fn renumber(&mut self, place: &[u32]) {
        let at = |o: &mut u32| *o = place[*o as usize];
        self.code.pool.iter_mut().for_each(at);
        for inst in &mut self.code.insts {
            let operands = match inst.op.info().arity {
                Arity::Leaf | Arity::Nary | Arity::Custom => 0,
                Arity::Unary | Arity::Data => 1,
                Arity::Binary => 2,
                Arity::Ternary => 3,
            };
            inst.at[..operands].iter_mut().for_each(at);
        }
    }
}

/// For every result the instruction that reads it last; none for those that must stay.
fn last_readers(graph: &Graph) -> Vec<usize> {
    let code = &graph.code;
    // What nobody reads, an unused input say, is never freed: its place is written like any other.
    let mut last = vec![usize::MAX; code.insts.len()];
    for (i, inst) in code.insts.iter().enumerate() {
        // A custom call reads its inputs at its first output, and writes all its outputs there: a guard that
        // stands between the outputs comes after.
        if inst.op != Op::Custom || inst.at[1] == 0 {
            code.operands(inst).iter().for_each(|&o| last[o as usize] = i);
        }
    }
    for check in &graph.checks {
        for o in check.operands().map(|o| o as usize) {
            if last[o] < check.before as usize {
                // Not freed at all: guards are few, and worth no table of their own.
                last[o] = usize::MAX;
            }
        }
    }
    graph.outputs.iter().for_each(|&o| last[o as usize] = usize::MAX);
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
