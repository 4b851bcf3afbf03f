//! Sharing (common subexpression elimination, by value numbering): what is computed twice is computed once.
//!
//! Every instruction becomes a key of its operation, its operands, which are already shared, and the bits of
//! its constants. The set of keys in the order of their first appearance *is* the new program. So the number
//! of a key in the set is the number of the instruction.

use crate::op::{Arity, Op};
use crate::program::body::{Body, Rebuild};
use crate::program::code::{Check, InstVec};
use crate::tape::{Inst, Instructions};
use indexmap::IndexSet;
use smallvec::SmallVec;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// What makes two instructions equal. 0 and -0 differ, as do NaNs of different bits.
#[derive(PartialEq, Eq)]
struct Key {
    op: Op,
    at: [u32; 3],
    bits: u64,
}

impl Hash for Key {
    /// In three words; field by field it would be seven.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let two = |high: u32, low: u32| (u64::from(high) << 32) | u64::from(low);
        state.write_u64(two(self.op as u32, self.at[0]));
        state.write_u64(two(self.at[1], self.at[2]));
        state.write_u64(self.bits);
    }
}

/// Operands and constants of an n-ary instruction, as one list.
type List = SmallVec<[u32; 8]>;

type Set<K> = IndexSet<K, BuildHasherDefault<MultiplyHasher>>;

/// The instructions so far, by key.
#[derive(Default)]
pub(super) struct Numbering {
    keys: Set<Key>,
    lists: Set<List>,
}

impl Numbering {
    /// Start with the inputs of a body, and room for its instructions.
    pub fn of(body: &Body) -> Numbering {
        let mut numbering = Numbering::default();
        numbering.keys.reserve(body.code.insts.len());
        for i in 0..body.inputs {
            numbering.keys.insert(Key { op: Op::Input, at: [i, 0, 0], bits: 0 });
        }
        numbering
    }

    /// Drop the newest instruction, which was copied from `i`, if there is an equal one.
    pub fn share(&mut self, rebuild: &mut Rebuild<'_>, i: usize) {
        let inst = rebuild.to.code.insts[rebuild.new_index[i] as usize];
        let key = self.key(&rebuild.to.code, inst);
        let (first, is_new) = self.keys.insert_full(key);
        if !is_new {
            remove_last(rebuild, inst);
            rebuild.new_index[i] = first as u32;
        }
    }

    fn key(&mut self, code: &InstVec, inst: Inst) -> Key {
        let mut key = Key { op: inst.op, at: inst.at, bits: 0 };
        match inst.op.arity() {
            Arity::Leaf | Arity::Data => {
                let constants = code.constants(&inst);
                key.bits = constants[0].to_bits();
                let second = constants.get(1).map_or(0, |c| c.to_bits());
                key.at = [inst.at[0], second as u32, (second >> 32) as u32];
            }
            Arity::Nary => {
                let mut list = List::from_slice(code.operands(&inst));
                let words = code.constants(&inst).iter().map(|c| c.to_bits());
                list.extend(words.flat_map(|bits| [bits as u32, (bits >> 32) as u32]));
                key.at = [self.lists.insert_full(list).0 as u32, inst.at[1], 0];
            }
            _ if inst.op.commutes() => key.at[..2].sort_unstable(),
            _ => {}
        }
        key
    }
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
fn remove_last(rebuild: &mut Rebuild<'_>, inst: Inst) {
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

/// A hash for small keys of integers: multiply and rotate. The keys are made here, so they cannot be chosen
/// to collide.
#[derive(Default)]
struct MultiplyHasher(u64);

impl MultiplyHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        // 2⁶⁴ divided by the golden ratio (Knuth, *The Art of Computer Programming* 3, §6.4).
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for MultiplyHasher {
    fn finish(&self) -> u64 {
        // The table takes the low bits, and the product's best are the high ones.
        self.0.rotate_left(32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }
    fn write_u64(&mut self, x: u64) {
        self.mix(x);
    }
    fn write_usize(&mut self, x: usize) {
        self.mix(x as u64);
    }
}
