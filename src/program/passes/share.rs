//! Sharing (common subexpression elimination, by value numbering): what is computed twice is computed once.
//!
//! ```text
//! for each instruction i, whose operands are shared already:
//!     for each slot of probes(i):
//!         empty:                     write i there, and keep it
//!         an instruction equal to i: drop i, and read that one instead
//! ```
//!
//! A hash table with open addressing (Knuth, *The Art of Computer Programming* 3, §6.4) whose slots are the numbers
//! of instructions, 4 bytes each: what they are is compared with the instructions themselves.
//!
//! At ten million instructions neither the table nor the instructions fit the caches, and probes at random places
//! would take several times as long as all else in freezing. So the first few probes are not at random: they are
//! beside the place of the newest operand. Recordings read most results soon after they are computed; then the
//! places that an instruction is looked for, and the instructions found there, are those of its neighbours. Where many
//! read one result as their newest, such as an input with many factors, the places beside it fill up, and
//! the rest go on at the place that their hash gives.

use crate::op::{Arity, Op};
use crate::program::body::{Body, Rebuild};
use crate::program::code::{Check, InstVec};
use crate::tape::{Inst, Instructions};

/// The instructions so far, to be found by what they compute.
pub(super) struct Numbering {
    /// 1 + the number of an instruction; 0 if empty. Their count is a power of two, and more than half are empty.
    slots: Vec<u32>,
}

/// How many slots beside its newest operand an instruction is looked for in.
const NEAR: usize = 4;

impl Numbering {
    /// Start empty, with room for so many instructions.
    pub fn with_room(instructions: usize) -> Numbering {
        Numbering { slots: vec![0; (2 * instructions + 1).next_power_of_two()] }
    }

    /// Drop the newest instruction, which was copied from `i`, if there is an equal one.
    pub fn share(&mut self, rebuild: &mut Rebuild, i: usize) {
        let (code, newest) = (&rebuild.to.code, rebuild.new_index[i]);
        let inst = code.insts[newest as usize];
        // A custom operation may do something else each time.
        if inst.op == Op::Custom {
            return;
        }
        let slot = self.slot_of(code, inst);
        match self.slots[slot] {
            0 => self.slots[slot] = newest + 1,
            first => {
                remove_last(rebuild, inst);
                rebuild.new_index[i] = first - 1;
            }
        }
    }

    /// The slot of an instruction equal to this, or else the empty one where it belongs.
    #[inline]
    fn slot_of(&self, code: &InstVec, inst: Inst) -> usize {
        let mask = self.slots.len() - 1;
        let hash = hash(code, &inst);
        let ends_probing = |slot: usize| match self.slots[slot] {
            0 => true,
            first => are_equal(code, code.insts[first as usize - 1], inst),
        };
        if let Some(&newest) = code.operands(&inst).iter().max() {
            let start = 2 * newest as usize + (hash >> 61) as usize;
            for probe in 0..NEAR {
                let slot = (start + probe) & mask;
                if ends_probing(slot) {
                    return slot;
                }
            }
        }
        // The high bits of the hash are its best. Not slot by slot: beside inputs that many read, all slots are full
        // for as long as there are such inputs. An odd step reaches every slot, and half are empty, so this ends.
        let (mut slot, step) = ((hash >> 32) as usize & mask, (hash >> 43) as usize | 1);
        while !ends_probing(slot) {
            slot = (slot + step) & mask;
        }
        slot
    }
}

/// Tell whether two instructions compute the same. 0 and -0 differ, as do NaNs of different bits.
#[inline]
fn are_equal(code: &InstVec, a: Inst, b: Inst) -> bool {
    let bits = |inst| code.constants(inst).iter().map(|c| c.to_bits());
    if a.op != b.op {
        return false;
    }
    match a.op.arity() {
        Arity::Data => a.at[0] == b.at[0] && bits(&a).eq(bits(&b)),
        Arity::Leaf | Arity::Nary => {
            code.operands(&a) == code.operands(&b) && bits(&a).eq(bits(&b))
        }
        _ => a.at == b.at || (a.op.commutes() && a.at == [b.at[1], b.at[0], b.at[2]]),
    }
}

/// A number that equal instructions have in common: multiply and rotate. They are not chosen to collide.
#[inline]
fn hash(code: &InstVec, inst: &Inst) -> u64 {
    // 2⁶⁴ divided by the golden ratio (Knuth, as above).
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(26) ^ word).wrapping_mul(FACTOR);
    let operands = code.operands(inst);
    let (hash, rest) = match *operands {
        [a, b, ref rest @ ..] if inst.op.commutes() => {
            (mix(u64::from(a.min(b)), u64::from(a.max(b))), rest)
        }
        _ => (0, operands),
    };
    let hash = rest.iter().fold(hash, |hash, &o| mix(hash, u64::from(o)));
    let hash = code.constants(inst).iter().fold(hash, |hash, c| mix(hash, c.to_bits()));
    mix(hash, inst.op as u64)
}

/// Drop guards that repeat an earlier one.
pub(super) fn drop_repeated_checks(body: &mut Body) {
    let mut kept: Vec<Check> = Vec::new();
    body.checks.retain(|check| {
        let is_new = !kept.iter().rev().take(LOOK_BACK).any(|earlier| same(earlier, check));
        if is_new {
            kept.push(check.clone());
        }
        is_new
    });
}

/// How many guards back an equal one is looked for: loops repeat theirs soon or not at all.
const LOOK_BACK: usize = 64;

fn same(a: &Check, b: &Check) -> bool {
    (a.left, a.relation, a.right, a.outcome) == (b.left, b.relation, b.right, b.outcome)
}

/// Remove the last instruction and what it put into the pools.
fn remove_last(rebuild: &mut Rebuild, inst: Inst) {
    let code = &mut rebuild.to.code;
    let constants = code.constants(&inst).len();
    let pooled = match inst.op.arity() {
        Arity::Nary => code.operands(&inst).len(),
        _ => 0,
    };
    code.data.truncate(code.data.len() - constants);
    code.pool.truncate(code.pool.len() - pooled);
    code.insts.pop();
}
