//! The nodes of a recording as a sweep reads them.

use super::custom::CustomCall;
use crate::op::Op;
use crate::op::nary::Terms;

/// Columns and pools, borrowed.
///
/// What `operands[i]` means depends on the operation: one or two node indices; node and place of the
/// constant; place and number of operands in the pool; custom call and output.
#[derive(Clone, Copy)]
pub(crate) struct Nodes<'a> {
    pub ops: &'a [Op],
    pub operands: &'a [[u32; 2]],
    pub values: &'a [f64],
    pub pool: &'a [u32],
    pub data: &'a [f64],
    pub customs: &'a [CustomCall],
}

impl<'a> Nodes<'a> {
    /// The first `len` nodes; values are kept as they are.
    #[inline(always)]
    pub fn first(&self, len: usize) -> Nodes<'a> {
        Nodes { ops: &self.ops[..len], operands: &self.operands[..len], ..*self }
    }

    /// The operands of n-ary node `i`, whose operation is `op`.
    #[inline(always)]
    pub fn terms(&self, op: Op, i: usize) -> Terms<'a> {
        let [at, count] = self.operands[i].map(|n| n as usize);
        let pool = &self.pool[at..];
        let data = |at: u32| &self.data[at as usize..][..count];
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
        let at = self.operands[i][0] as usize;
        [self.pool[at], self.pool[at + 1], self.pool[at + 2]]
    }

    /// The call that custom node `i` is an output of, and which output it is.
    #[inline]
    pub fn custom(&self, i: usize) -> (&'a CustomCall, usize) {
        let [call, output] = self.operands[i];
        (&self.customs[call as usize], output as usize)
    }

    /// The input nodes of a custom call.
    #[inline]
    pub fn custom_inputs(&self, call: &CustomCall) -> &'a [u32] {
        &self.pool[call.inputs_at as usize..][..call.inputs as usize]
    }

    /// The constant of a node that keeps one.
    #[inline(always)]
    pub fn constant(&self, i: usize, which: usize) -> f64 {
        self.data[self.operands[i][1] as usize + which]
    }
}

/// The columns without the values, owned: what a sweep that records needs, for it cannot borrow the
/// recording it extends.
pub(crate) struct Structure {
    ops: Vec<Op>,
    operands: Vec<[u32; 2]>,
    pool: Vec<u32>,
    data: Vec<f64>,
    customs: Vec<CustomCall>,
}

impl Structure {
    pub fn copy_of(nodes: Nodes<'_>) -> Structure {
        Structure {
            ops: nodes.ops.to_vec(),
            operands: nodes.operands.to_vec(),
            pool: nodes.pool.to_vec(),
            data: nodes.data.to_vec(),
            customs: nodes.customs.to_vec(),
        }
    }

    pub fn nodes(&self) -> Nodes<'_> {
        Nodes {
            ops: &self.ops,
            operands: &self.operands,
            values: &[],
            pool: &self.pool,
            data: &self.data,
            customs: &self.customs,
        }
    }
}
