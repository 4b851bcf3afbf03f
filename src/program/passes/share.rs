//! Sharing: what is computed twice is computed once.
//!
//! Every instruction becomes a key of its operation, its operands, which are already shared, and the bits of
//! its constants. The set of keys in the order of their first appearance *is* the new program.

use crate::op::{Arity, Op};
use crate::program::graph::{Check, Graph, Inst, Rebuild};
use indexmap::IndexSet;
use smallvec::SmallVec;
use std::hash::{BuildHasherDefault, Hasher};

/// What makes two instructions equal. 0 and -0 differ, as do NaNs of different bits.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    at: [u32; 3],
    bits: u64,
}

/// Operands and constants of an n-ary instruction, as one list.
type List = SmallVec<[u32; 8]>;

type Set<K> = IndexSet<K, BuildHasherDefault<Multiply>>;

/// Compute equal instructions once, and check equal guards once.
pub(super) fn share(graph: Graph) -> Graph {
    let mut rebuild = Rebuild::new(&graph);
    let mut keys: Set<Key> =
        Set::with_capacity_and_hasher(graph.code.insts.len(), Default::default());
    let mut lists: Set<List> = Set::default();
    for i in 0..graph.inputs {
        keys.insert(Key { op: Op::Input, at: [i, 0, 0], bits: 0 });
    }
    for i in rebuild.computing() {
        let new = rebuild.copy(i);
        let code = &mut rebuild.to.code;
        let inst = code.insts[new as usize];
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
                key.at = [lists.insert_full(list).0 as u32, inst.at[1], 0];
            }
            _ if is_commutative(inst.op) => key.at[..2].sort_unstable(),
            _ => {}
        }
        let (first, is_new) = keys.insert_full(key);
        if !is_new {
            forget_last(&mut rebuild, inst);
            rebuild.place[i] = first as u32;
        }
    }
    let mut shared = rebuild.finish();
    let mut seen: Vec<Check> = Vec::new();
    shared.checks.retain(|check| {
        let new = !seen.iter().rev().take(SEEN).any(|seen| same(seen, check));
        if new {
            seen.push(check.clone());
        }
        new
    });
    shared
}

/// How many guards back an equal one is looked for: loops repeat theirs soon or not at all.
const SEEN: usize = 64;

fn same(a: &Check, b: &Check) -> bool {
    (a.left, a.relation, a.right, a.outcome) == (b.left, b.relation, b.right, b.outcome)
}

/// Take back the last instruction and what it put into the pools.
fn forget_last(rebuild: &mut Rebuild<'_>, inst: Inst) {
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

/// Operations whose first two operands may change places without changing a bit. `min` and `max` are not
/// among them: of 0 and -0 they may return either.
fn is_commutative(op: Op) -> bool {
    matches!(op, Op::Add | Op::Mul | Op::MulAdd)
}

/// A hash for small keys of integers: multiply and rotate. The default one, which withstands attackers,
/// costs more than all else here.
#[derive(Default)]
struct Multiply(u64);

impl Multiply {
    #[inline]
    fn mix(&mut self, word: u64) {
        // 2⁶⁴ divided by the golden ratio (Knuth, *The Art of Computer Programming* 3, §6.4).
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Multiply {
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
    fn write_u8(&mut self, x: u8) {
        self.mix(x.into());
    }
    fn write_u32(&mut self, x: u32) {
        self.mix(x.into());
    }
    fn write_u64(&mut self, x: u64) {
        self.mix(x);
    }
    fn write_usize(&mut self, x: usize) {
        self.mix(x as u64);
    }
    fn write_isize(&mut self, x: isize) {
        self.mix(x as u64);
    }
}
