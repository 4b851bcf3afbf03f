//! [`Uses`]: where each result is used next, which is all that giving out registers has to know.

use super::straight::{Kind, NONE, Straight};

/// Never: after all instructions.
pub(super) const NEVER: u32 = u32::MAX;

/// Where results are used.
pub(super) struct Uses {
    /// Of each result, the first instruction that uses it.
    pub first: Vec<u32>,
    /// Of each argument, the next instruction that uses the same.
    pub next: Vec<[u32; 4]>,
    /// The same of the `x` of each term: for the sum, and for the sweep.
    pub next_of_term: Vec<[u32; 2]>,
}

impl Uses {
    pub fn of(code: &Straight) -> Uses {
        let count = code.insts.len();
        let (mut first, mut next) = (vec![NEVER; count], vec![[NEVER; 4]; count]);
        let mut next_of_term = vec![[NEVER; 2]; code.terms.len()];
        for (i, inst) in code.insts.iter().enumerate().rev() {
            if !inst.kind.is_effect() && first[i] == NEVER {
                continue;
            }
            for (next, &o) in next[i].iter_mut().zip(inst.operands()) {
                if o != NONE {
                    *next = first[o as usize];
                }
            }
            for &o in inst.operands() {
                if o != NONE {
                    first[o as usize] = i as u32;
                }
            }
            let which = usize::from(inst.kind == Kind::Spread);
            for t in inst.terms().rev() {
                let x = code.terms[t].x as usize;
                next_of_term[t][which] = std::mem::replace(&mut first[x], i as u32);
            }
        }
        Uses { first, next, next_of_term }
    }
}
