//! The nodes of a recording as a sweep reads them.

use super::custom::CustomCall;
use super::instructions::{Inst, Instructions};
use crate::op::{Arity, Op};

/// Columns and pools, borrowed.
///
/// What `operands[i]` means depends on the operation's arity:
///
/// | arity | `operands[i]` |
/// |---|---|
/// | unary, binary | the operands |
/// | ternary | place of the operands in the pool |
/// | data | operand, place of its constants in the data |
/// | n-ary | place in the pool, number of operands there without the bias |
/// | custom | call, output |
///
/// In the pool the operands of an n-ary node are followed by the bias, and that by the place of its
/// constants in the data, where it has them.
#[derive(Clone, Copy)]
pub(crate) struct Nodes<'a> {
    /// The node that the columns begin with: 0, unless they are a copy of the last few.
    first: usize,
    /// Where in the recording's pools and calls these begin: 0 likewise.
    pool_first: usize,
    data_first: usize,
    calls_first: usize,
    ops: &'a [Op],
    operands: &'a [[u32; 2]],
    pub values: &'a [f64],
    pool: &'a [u32],
    data: &'a [f64],
    calls: &'a [CustomCall],
}

impl<'a> Nodes<'a> {
    /// All nodes of a recording.
    #[inline(always)]
    pub fn new(
        ops: &'a [Op],
        operands: &'a [[u32; 2]],
        values: &'a [f64],
        pool: &'a [u32],
        data: &'a [f64],
        calls: &'a [CustomCall],
    ) -> Nodes<'a> {
        let (first, pool_first, data_first, calls_first) = (0, 0, 0, 0);
        Nodes {
            first,
            pool_first,
            data_first,
            calls_first,
            ops,
            operands,
            values,
            pool,
            data,
            calls,
        }
    }

    /// The nodes before node `end`; values are kept as they are.
    #[inline(always)]
    pub fn before(mut self, end: usize) -> Nodes<'a> {
        let len = end - self.first;
        self.ops = &self.ops[..len];
        self.operands = &self.operands[..len];
        self
    }
}

impl Instructions for Nodes<'_> {
    #[inline(always)]
    fn op(&self, i: usize) -> Op {
        self.ops[i - self.first]
    }

    #[inline(always)]
    fn load(&self, op: Op, i: usize) -> Inst {
        let [a, b] = self.operands[i - self.first];
        let (pool_first, data_first) = (self.pool_first as u32, self.data_first as u32);
        let at = match op.arity() {
            Arity::Leaf | Arity::Unary | Arity::Binary => [a, b, 0],
            Arity::Custom => [a - self.calls_first as u32, b, 0],
            Arity::Data => [a, b - data_first, 0],
            Arity::Ternary => {
                let operands = &self.pool[(a - pool_first) as usize..][..3];
                [operands[0], operands[1], operands[2]]
            }
            Arity::Nary => {
                let at = a - pool_first;
                let data = match op {
                    Op::Linear => self.pool[(at + b) as usize] - data_first,
                    Op::AffineData => self.pool[(at + b) as usize + 1] - data_first,
                    _ => 0,
                };
                [at, b, data]
            }
        };
        Inst { op, at }
    }

    #[inline(always)]
    fn pool(&self) -> &[u32] {
        self.pool
    }

    #[inline(always)]
    fn data(&self) -> &[f64] {
        self.data
    }

    #[inline(always)]
    fn calls(&self) -> &[CustomCall] {
        self.calls
    }
}

/// The columns without the values, owned: what a sweep that records needs, for it cannot borrow the
/// recording it extends.
pub(crate) struct Structure {
    first: usize,
    pool_first: usize,
    data_first: usize,
    calls_first: usize,
    ops: Vec<Op>,
    operands: Vec<[u32; 2]>,
    pool: Vec<u32>,
    data: Vec<f64>,
    calls: Vec<CustomCall>,
}

impl Structure {
    /// Copy the nodes from `first` on, and of pools and calls no more than they need: a gradient nested in a
    /// long recording must not cost its whole length.
    pub fn copy_of(nodes: Nodes<'_>, first: usize) -> Structure {
        let (mut pool_first, mut data_first) = (nodes.pool.len(), nodes.data.len());
        let mut calls_first = nodes.calls.len();
        for i in first..nodes.ops.len() {
            let inst = nodes.inst(i);
            match inst.op.arity() {
                Arity::Leaf | Arity::Unary | Arity::Binary => {}
                Arity::Data => data_first = data_first.min(inst.at[1] as usize),
                Arity::Ternary => pool_first = pool_first.min(nodes.operands[i][0] as usize),
                Arity::Nary => {
                    pool_first = pool_first.min(inst.at[0] as usize);
                    if !nodes.constants(&inst).is_empty() {
                        data_first = data_first.min(inst.at[2] as usize);
                    }
                }
                Arity::Custom => {
                    let call = &nodes.calls[inst.at[0] as usize];
                    calls_first = calls_first.min(inst.at[0] as usize);
                    pool_first = pool_first.min(call.inputs_at as usize);
                }
            }
        }
        let moved = |call: &CustomCall| CustomCall {
            inputs_at: call.inputs_at - pool_first as u32,
            ..call.clone()
        };
        Structure {
            first,
            pool_first,
            data_first,
            calls_first,
            ops: nodes.ops[first..].to_vec(),
            operands: nodes.operands[first..].to_vec(),
            pool: nodes.pool[pool_first..].to_vec(),
            data: nodes.data[data_first..].to_vec(),
            calls: nodes.calls[calls_first..].iter().map(moved).collect(),
        }
    }

    pub fn nodes(&self) -> Nodes<'_> {
        Nodes {
            first: self.first,
            pool_first: self.pool_first,
            data_first: self.data_first,
            calls_first: self.calls_first,
            ops: &self.ops,
            operands: &self.operands,
            values: &[],
            pool: &self.pool,
            data: &self.data,
            calls: &self.calls,
        }
    }
}
