//! The nodes of a recording as a sweep reads them.

use super::custom::CustomCall;
use crate::op::nary::Terms;
use crate::op::{Arity, Op};

/// Columns and pools, borrowed.
///
/// What `operands[i]` means depends on the operation: one or two node indices; node and place of the
/// constant; place and number of operands in the pool; custom call and output.
#[derive(Clone, Copy)]
pub(crate) struct Nodes<'a> {
    /// The node that the columns begin with: 0, unless they are a copy of the last few.
    pub first: usize,
    /// Where in the recording's pools the pools begin: 0 likewise.
    pub pool_first: usize,
    pub data_first: usize,
    pub ops: &'a [Op],
    pub operands: &'a [[u32; 2]],
    pub values: &'a [f64],
    pub pool: &'a [u32],
    pub data: &'a [f64],
    pub customs: &'a [CustomCall],
}

impl<'a> Nodes<'a> {
    /// The nodes before node `end`; values are kept as they are.
    #[inline(always)]
    pub fn before(&self, end: usize) -> Nodes<'a> {
        let len = end - self.first;
        Nodes { ops: &self.ops[..len], operands: &self.operands[..len], ..*self }
    }

    /// The operation of node `i`.
    #[inline(always)]
    pub fn op(&self, i: usize) -> Op {
        self.ops[i - self.first]
    }

    /// The operands of node `i`, or what it has in their place.
    #[inline(always)]
    pub fn at(&self, i: usize) -> [u32; 2] {
        self.operands[i - self.first]
    }

    #[inline(always)]
    fn pool_at(&self, at: u32) -> &'a [u32] {
        &self.pool[at as usize - self.pool_first..]
    }

    #[inline(always)]
    fn data_at(&self, at: u32) -> &'a [f64] {
        &self.data[at as usize - self.data_first..]
    }

    /// The operands of n-ary node `i`, whose operation is `op`.
    #[inline(always)]
    pub fn terms(&self, op: Op, i: usize) -> Terms<'a> {
        let [at, count] = self.at(i);
        let (pool, count) = (self.pool_at(at), count as usize);
        let data = |at: u32| &self.data_at(at)[..count];
        match op {
            Op::Dot => Terms { operands: &pool[..2 * count], data: &[], bias: None },
            Op::Affine => {
                Terms { operands: &pool[..2 * count], data: &[], bias: Some(pool[2 * count]) }
            }
            Op::Linear => Terms { operands: &pool[..count], data: data(pool[count]), bias: None },
            Op::AffineData => Terms {
                operands: &pool[..count],
                data: data(pool[count]),
                bias: Some(pool[count + 1]),
            },
            _ => Terms { operands: &pool[..count], data: &[], bias: None },
        }
    }

    /// The operands of ternary node `i`.
    #[inline]
    pub fn ternary(&self, i: usize) -> [u32; 3] {
        let pool = self.pool_at(self.at(i)[0]);
        [pool[0], pool[1], pool[2]]
    }

    /// Show the operands of node `i`, in order.
    #[inline]
    pub fn each_operand(&self, i: usize, mut show: impl FnMut(u32)) {
        let [a, b] = self.at(i);
        match self.op(i).arity() {
            Arity::Leaf => {}
            Arity::Unary | Arity::Data => show(a),
            Arity::Binary => [a, b].into_iter().for_each(show),
            Arity::Ternary => self.ternary(i).into_iter().for_each(show),
            Arity::Nary => self.terms(self.op(i), i).all().for_each(show),
            Arity::Custom => {
                self.custom_inputs(self.custom(i).0).iter().copied().for_each(show);
            }
        }
    }

    /// The call that custom node `i` is an output of, and which output it is.
    #[inline]
    pub fn custom(&self, i: usize) -> (&'a CustomCall, usize) {
        let [call, output] = self.at(i);
        (&self.customs[call as usize], output as usize)
    }

    /// The input nodes of a custom call.
    #[inline]
    pub fn custom_inputs(&self, call: &CustomCall) -> &'a [u32] {
        &self.pool_at(call.inputs_at)[..call.inputs as usize]
    }

    /// The constant of a node that keeps one.
    #[inline(always)]
    pub fn constant(&self, i: usize, which: usize) -> f64 {
        self.data_at(self.at(i)[1])[which]
    }
}

/// The columns without the values, owned: what a sweep that records needs, for it cannot borrow the
/// recording it extends.
pub(crate) struct Structure {
    first: usize,
    pool_first: usize,
    data_first: usize,
    ops: Vec<Op>,
    operands: Vec<[u32; 2]>,
    pool: Vec<u32>,
    data: Vec<f64>,
    customs: Vec<CustomCall>,
}

impl Structure {
    /// Copy the nodes from `first` on, and of the pools no more than they need: a gradient nested in a
    /// long recording must not cost its whole length.
    pub fn copy_of(nodes: Nodes<'_>, first: usize) -> Structure {
        let all = first..nodes.ops.len();
        let pool_first = all.clone().filter_map(|i| nodes.pool_start(i)).min();
        let data_first = all.filter_map(|i| nodes.data_start(i)).min();
        let pool_first = pool_first.map_or(nodes.pool.len(), |at| at as usize);
        let data_first = data_first.map_or(nodes.data.len(), |at| at as usize);
        Structure {
            first,
            pool_first,
            data_first,
            ops: nodes.ops[first..].to_vec(),
            operands: nodes.operands[first..].to_vec(),
            pool: nodes.pool[pool_first..].to_vec(),
            data: nodes.data[data_first..].to_vec(),
            customs: nodes.customs.to_vec(),
        }
    }

    pub fn nodes(&self) -> Nodes<'_> {
        Nodes {
            first: self.first,
            pool_first: self.pool_first,
            data_first: self.data_first,
            ops: &self.ops,
            operands: &self.operands,
            values: &[],
            pool: &self.pool,
            data: &self.data,
            customs: &self.customs,
        }
    }
}

impl Nodes<'_> {
    /// Where the operands of node `i` start in the pool, if they are kept there.
    fn pool_start(&self, i: usize) -> Option<u32> {
        match self.op(i).arity() {
            Arity::Ternary | Arity::Nary => Some(self.at(i)[0]),
            Arity::Custom => Some(self.custom(i).0.inputs_at),
            Arity::Leaf | Arity::Unary | Arity::Data | Arity::Binary => None,
        }
    }

    /// Where the constants of node `i` start, if it keeps some.
    fn data_start(&self, i: usize) -> Option<u32> {
        let op = self.op(i);
        match op.arity() {
            Arity::Data => Some(self.at(i)[1]),
            Arity::Nary if matches!(op, Op::Linear | Op::AffineData) => {
                let [at, count] = self.at(i);
                Some(self.pool_at(at)[count as usize])
            }
            _ => None,
        }
    }
}
