//! Fusion: a chain of additions becomes one n-ary instruction, with one result and one adjoint in place of one
//! each for every intermediate sum and product.
//!
//! ```text
//! for each addition r, from the last to the first, unless an earlier chain has absorbed it:
//!     t₁, ..., tₙ = terms(r)
//!     choose the first that fits; c is a constant, "inner" is explained below:
//!         all tᵢ inner xᵢ²                              SumSquares x₁ ... xₙ
//!         all tᵢ inner xᵢ·cᵢ                            Linear
//!         t₁ ... tₙ₋₁ inner xᵢ·cᵢ                       AffineData, tₙ its bias
//!         all tᵢ inner xᵢ·yᵢ or xᵢ²                     Dot
//!         t₁ ... tₙ₋₁ inner xᵢ·yᵢ or xᵢ²                Affine, tₙ its bias
//!         n = 2, one of them an inner product, Dot or Linear    the same with the other as bias
//!         n > 2                                         Sum
//!     the sums within the chain, and the terms that were taken apart, are absorbed
//!
//! terms(a + b) = terms(a), b   if a is an inner addition
//!              = terms(b), a   else if b is one
//!              = a, b          else
//! ```
//!
//! A result is *inner* if the instruction that is fused is its only reader. What another instruction, a guard
//! or an output reads must stay.
//!
//! **Why IEEE arithmetic cannot notice.** The n-ary operations start at their first term and add from left to
//! right, every product and every sum rounded on its own, so `affine` *is* `((a·b) + (c·d)) + e`, to the bit.
//! Of the laws of algebra two are used, which hold for rounded numbers too: `x + y = y + x`, and `x² = x·x`.
//! Addition is not associative: in `(a + b) + (c + d)` only one side is taken apart, the other stays a term.
//! For the same reason a bias must come last: `(e + a·b) + c·d` becomes a `Sum` of three terms, and its products
//! stay.
//!
//! From the last to the first, because the outermost addition of a chain has the longest chain.

use crate::op::Op;
use crate::program::body::{Body, Rebuild, Spare};
use crate::tape::Instructions;
use smallvec::SmallVec;

/// Fuse the chains of a body.
pub(super) fn fuse(mut body: Body, spare: &mut Spare) -> Body {
    let uses = body.uses();
    let mut absorbed = vec![false; body.code.insts.len()];
    let mut any = false;
    for i in (body.inputs..body.code.insts.len() as u32).rev() {
        let chains = Chains { body: &body, uses: &uses };
        if absorbed[i as usize] || !chains.can_end_at(i) {
            continue;
        }
        // It may take the addition's place at once: what is still to be looked at stands before it.
        if let Some(Fused { op, operands, data }) = chains.fused(i, &mut absorbed) {
            body.code.insts[i as usize] = body.code.pooled(op, &operands, &data);
            any = true;
        }
    }
    if !any {
        return body;
    }
    let mut rebuild = Rebuild::new(body, spare);
    for i in rebuild.computing().filter(|&i| !absorbed[i]) {
        rebuild.copy(i);
    }
    rebuild.finish(spare)
}

/// What a chain becomes.
struct Fused {
    op: Op,
    operands: List,
    data: SmallVec<[f64; 2]>,
}

/// Most chains are short.
type List = SmallVec<[u32; 8]>;

struct Chains<'a> {
    body: &'a Body,
    uses: &'a [u8],
}

impl Chains<'_> {
    fn op(&self, i: u32) -> Op {
        self.body.code.insts[i as usize].op
    }

    fn at(&self, i: u32) -> [u32; 3] {
        self.body.code.insts[i as usize].at
    }

    /// Tell whether `i` has one of these operations, and one reader: the instruction that is looked at.
    fn is_inner(&self, i: u32, ops: &[Op]) -> bool {
        self.uses[i as usize] == 1 && ops.contains(&self.op(i))
    }

    /// Tell whether `i` is an addition with an operand that might be absorbed: a quick test for most
    /// instructions.
    fn can_end_at(&self, i: u32) -> bool {
        const PARTS: &[Op] = &[Op::Add, Op::Mul, Op::Square, Op::MulConst, Op::Dot, Op::Linear];
        let [left, right, _] = self.at(i);
        self.op(i) == Op::Add && (self.is_inner(left, PARTS) || self.is_inner(right, PARTS))
    }

    /// The terms of the chain that ends with addition `root`, in the order in which they are added. `sums`
    /// takes the other additions of the chain.
    fn terms(&self, root: u32, sums: &mut List) -> List {
        let mut terms = List::new();
        let mut at = root;
        loop {
            let [left, right, _] = self.at(at);
            let (chain, term) = match self.is_inner(left, &[Op::Add]) {
                false if self.is_inner(right, &[Op::Add]) => (right, left),
                _ => (left, right),
            };
            terms.push(term);
            if !self.is_inner(chain, &[Op::Add]) {
                terms.push(chain);
                terms.reverse();
                return terms;
            }
            sums.push(chain);
            at = chain;
        }
    }

    /// Fuse the chain that ends with addition `root`, if that saves an instruction, and mark what it absorbs.
    fn fused(&self, root: u32, absorbed: &mut [bool]) -> Option<Fused> {
        let mut sums = List::new();
        let terms = self.terms(root, &mut sums);
        let (last, first) = terms.split_last()?;
        let all = |terms: &[u32], ops: &[Op]| terms.iter().all(|&t| self.is_inner(t, ops));
        const PRODUCTS: &[Op] = &[Op::Mul, Op::Square];
        let (op, products, bias) = if all(&terms, &[Op::Square]) {
            (Op::SumSquares, &terms[..], None)
        } else if all(&terms, &[Op::MulConst]) {
            (Op::Linear, &terms[..], None)
        } else if all(first, &[Op::MulConst]) {
            (Op::AffineData, first, Some(*last))
        } else if all(&terms, PRODUCTS) {
            (Op::Dot, &terms[..], None)
        } else if all(first, PRODUCTS) {
            (Op::Affine, first, Some(*last))
        } else if let &[left, right] = &terms[..] {
            let (sum, fused) = match self.with_bias(left, right) {
                Some(fused) => (left, fused),
                None => (right, self.with_bias(right, left)?),
            };
            absorbed[sum as usize] = true;
            return Some(fused);
        } else {
            sums.iter().for_each(|&i| absorbed[i as usize] = true);
            return Some(Fused { op: Op::Sum, operands: terms, data: SmallVec::new() });
        };
        sums.iter().chain(products).for_each(|&i| absorbed[i as usize] = true);
        Some(self.of_products(op, products, bias))
    }

    /// Add a bias to an inner product, `Dot` or `Linear`.
    fn with_bias(&self, sum: u32, bias: u32) -> Option<Fused> {
        if self.is_inner(sum, &[Op::Mul, Op::Square]) {
            return Some(self.of_products(Op::Affine, &[sum], Some(bias)));
        }
        if self.is_inner(sum, &[Op::MulConst]) {
            return Some(self.of_products(Op::AffineData, &[sum], Some(bias)));
        }
        let op = match self.op(sum) {
            Op::Dot if self.uses[sum as usize] == 1 => Op::Affine,
            Op::Linear if self.uses[sum as usize] == 1 => Op::AffineData,
            _ => return None,
        };
        let (code, inst) = (&self.body.code, &self.body.code.insts[sum as usize]);
        let mut operands = List::from_slice(code.operands(inst));
        operands.push(bias);
        Some(Fused { op, operands, data: SmallVec::from_slice(code.constants(inst)) })
    }

    fn of_products(&self, op: Op, products: &[u32], bias: Option<u32>) -> Fused {
        let mut fused = Fused { op, operands: List::new(), data: SmallVec::new() };
        for &product in products {
            let [x, y, _] = self.at(product);
            match op {
                Op::SumSquares => fused.operands.push(x),
                _ if op.terms().data => {
                    fused.operands.push(x);
                    let inst = &self.body.code.insts[product as usize];
                    fused.data.extend_from_slice(self.body.code.constants(inst));
                }
                _ if self.op(product) == Op::Square => fused.operands.extend([x, x]),
                _ => fused.operands.extend([x, y]),
            }
        }
        fused.operands.extend(bias);
        fused
    }
}
