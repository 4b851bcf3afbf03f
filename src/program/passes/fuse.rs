//! Fusion: chains of additions become one n-ary instruction.
//!
//! `((a·b) + (c·d)) + e` is what `affine` computes, to the bit: all add from left to right. One
//! instruction then takes the place of four, and their intermediate results need no place and no adjoint.

use crate::op::Op;
use crate::program::graph::{Graph, Rebuild};
use crate::tape::Instructions;
use smallvec::SmallVec;

/// Fuse the chains whose intermediate results nobody else reads.
pub(super) fn fuse(graph: Graph) -> Graph {
    let uses = graph.uses();
    let chains = Chains { graph: &graph, uses: &uses };
    let mut absorbed = vec![false; graph.code.insts.len()];
    // From the last to the first.
    let mut fused: Vec<(usize, Fused)> = Vec::new();
    for i in (graph.inputs..graph.code.insts.len() as u32).rev() {
        if !absorbed[i as usize] && chains.begins_at(i) {
            fused.extend(chains.fused(i, &mut absorbed).map(|fused| (i as usize, fused)));
        }
    }
    if fused.is_empty() {
        return graph;
    }
    let mut rebuild = Rebuild::new(&graph);
    for i in rebuild.computing() {
        if absorbed[i] {
            continue;
        }
        match fused.pop_if(|(root, _)| *root == i) {
            None => _ = rebuild.copy(i),
            Some((_, Fused { op, mut operands, data })) => {
                operands.iter_mut().for_each(|o| *o = rebuild.place[*o as usize]);
                rebuild.place[i] = rebuild.to.code.push(op, &operands, &data);
            }
        }
    }
    rebuild.finish()
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
    graph: &'a Graph,
    uses: &'a [u32],
}

impl Chains<'_> {
    fn op(&self, i: u32) -> Op {
        self.graph.code.insts[i as usize].op
    }

    fn at(&self, i: u32) -> [u32; 3] {
        self.graph.code.insts[i as usize].at
    }

    /// Whether only the instruction looked at reads this, and it has one of these operations.
    fn own(&self, i: u32, ops: &[Op]) -> bool {
        self.uses[i as usize] == 1 && ops.contains(&self.op(i))
    }

    /// Whether this is an addition of something that could go into it.
    fn begins_at(&self, i: u32) -> bool {
        const PARTS: &[Op] = &[Op::Add, Op::Mul, Op::Square, Op::MulConst, Op::Dot, Op::Linear];
        let [left, right, _] = self.at(i);
        self.op(i) == Op::Add && (self.own(left, PARTS) || self.own(right, PARTS))
    }

    /// Walk down from an addition to the first term; return the terms in the order they are added.
    fn terms(&self, root: u32, links: &mut List) -> List {
        let mut terms = List::new();
        let mut at = root;
        loop {
            let [left, right, _] = self.at(at);
            // Adding commutes: the chain may be on either side.
            let (chain, term) = match self.own(left, &[Op::Add]) {
                false if self.own(right, &[Op::Add]) => (right, left),
                _ => (left, right),
            };
            terms.push(term);
            if !self.own(chain, &[Op::Add]) {
                terms.push(chain);
                terms.reverse();
                return terms;
            }
            links.push(chain);
            at = chain;
        }
    }

    /// The chain that ends with addition `root`, if it is worth an instruction of its own; what goes into
    /// it is marked.
    fn fused(&self, root: u32, absorbed: &mut [bool]) -> Option<Fused> {
        let mut links = List::new();
        let terms = self.terms(root, &mut links);
        let (last, first) = terms.split_last()?;
        let all = |terms: &[u32], ops: &[Op]| terms.iter().all(|&t| self.own(t, ops));
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
            let with_bias = |sum, bias| self.with_bias(sum, bias);
            let (sum, fused) = match with_bias(left, right) {
                Some(fused) => (left, fused),
                // Adding commutes: b + w·x is w·x + b.
                None => (right, with_bias(right, left)?),
            };
            absorbed[sum as usize] = true;
            return Some(fused);
        } else {
            links.iter().for_each(|&i| absorbed[i as usize] = true);
            return Some(Fused { op: Op::Sum, operands: terms, data: SmallVec::new() });
        };
        links.iter().chain(products).for_each(|&i| absorbed[i as usize] = true);
        Some(self.of_products(op, products, bias))
    }

    /// A bias added to a product, or to a dot product, that nobody else reads.
    fn with_bias(&self, sum: u32, bias: u32) -> Option<Fused> {
        if self.own(sum, &[Op::Mul, Op::Square]) {
            return Some(self.of_products(Op::Affine, &[sum], Some(bias)));
        }
        if self.own(sum, &[Op::MulConst]) {
            return Some(self.of_products(Op::AffineData, &[sum], Some(bias)));
        }
        let op = match self.op(sum) {
            Op::Dot if self.own(sum, &[Op::Dot]) => Op::Affine,
            Op::Linear if self.own(sum, &[Op::Linear]) => Op::AffineData,
            _ => return None,
        };
        let (code, inst) = (&self.graph.code, &self.graph.code.insts[sum as usize]);
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
                    let inst = &self.graph.code.insts[product as usize];
                    fused.data.extend_from_slice(self.graph.code.constants(inst));
                }
                _ if self.op(product) == Op::Square => fused.operands.extend([x, x]),
                _ => fused.operands.extend([x, y]),
            }
        }
        fused.operands.extend(bias);
        fused
    }
}
