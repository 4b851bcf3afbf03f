//! How a node with any number of operands is written, once all of them are known.
//!
//! ```text
//! append the nodes of the operands to the pool, and of the bias; add up the value
//! append the constants to the data, and their place to the pool
//! write the node
//! ```
//!
//! Nothing of the user's runs meanwhile, and nothing is half written: where an operand is no node of the active store's
//! newest or first segment, or there is no room, the caller takes the slow path.

use super::columns::{Segments, Store, with_active};
use crate::op::Op;
use crate::tape::serial::CONSTANT;
use crate::tape::var::Var;

/// Record a node over one or more terms of `W` operands each, and a bias; a constant bias becomes a node of its own. Its value is what
/// `finish` makes of the sum of `term` from left to right, and the bias added to that.
///
/// Added up here, so that terms are walked only once. Constants are left to [`mixed`]: what they need would take this
/// loop its registers.
#[inline(always)]
pub(crate) fn nary<const W: usize>(
    op: Op,
    terms: &[[Var; W]],
    bias: Option<Var>,
    term: impl Fn([f64; W]) -> f64,
    finish: impl FnOnce(f64) -> f64,
) -> Option<Var> {
    with_active(|store| {
        let at = begin(store, bias)?;
        // To start at -0 is to start at the first term: -0 + x is x, bit for bit, for every x.
        let (mut total, segments) = (-0.0, store.segments());
        store.pool.extend(terms, 1, |operands| {
            let nodes = segments.nodes_of(operands)?;
            total += term(values_of(operands));
            Some(nodes)
        })?;
        end(store, op, (at, terms.len() * W, None), bias, finish(total))
    })
}

/// The same where some operands are constants, which become nodes of their own. A term with a constant is arranged first:
/// `None` if it is one for the slow path.
#[inline(never)]
pub(crate) fn mixed<const W: usize>(
    op: Op,
    terms: &[[Var; W]],
    bias: Option<Var>,
    term: impl Fn([f64; W]) -> f64,
    finish: impl FnOnce(f64) -> f64,
    arrange: impl Fn([Var; W]) -> Option<[Var; W]>,
) -> Option<Var> {
    with_active(|store| {
        let (nodes, at) = (store.len(), begin(store, bias)?);
        // To start at -0 is to start at the first term: -0 + x is x, bit for bit, for every x.
        let (mut total, segments) = (-0.0, store.segments());
        let found = store.pool.extend(terms, 1, |&operands| {
            total += term(values_of(&operands));
            segments.nodes_of(&operands).or_else(|| store.nodes_of(segments, arrange(operands)?))
        });
        // Of constants alone nothing is recorded; most often there is none.
        let is_constant = || terms.as_flattened().iter().chain(&bias).all(|v| v.tag == CONSTANT);
        let has_none = store.len() == nodes && !terms.is_empty();
        let y = match found {
            Some(()) if has_none || !is_constant() => {
                end(store, op, (at, terms.len() * W, None), bias, finish(total))
            }
            _ => None,
        };
        if y.is_none() {
            store.take_back(nodes, at);
        }
        y
    })
}

/// Record a node over products of a variable with a constant, which is kept as data: `None` also if a pair has none.
#[inline(always)]
pub(crate) fn weighted(op: Op, pairs: &[[Var; 2]], bias: Option<Var>) -> Option<Var> {
    with_active(|store| {
        let (at, data_at) = (begin(store, bias)?, store.data.len());
        let (mut total, segments) = (-0.0, store.segments());
        store.pool.extend_both(&store.data, pairs, 2, |&[x, y]| {
            let (operand, constant) = split([x, y])?;
            total += x.value * y.value;
            Some((segments.index_of(operand.tag)?, constant))
        })?;
        let nodes = store.len();
        let y = end(store, op, (at, pairs.len(), Some(data_at as u32)), bias, total);
        if y.is_none() {
            store.take_back(nodes, at);
        }
        y
    })
}

/// The values of the operands of a term. A loop, as below: the adapters of arrays are calls where nothing is inlined
/// from one unit of code generation into another, which without link-time optimization is everywhere.
#[inline(always)]
pub(crate) fn values_of<const W: usize>(operands: &[Var; W]) -> [f64; W] {
    let (mut values, mut k) = ([0.0; W], 0);
    while k < W {
        values[k] = operands[k].value;
        k += 1;
    }
    values
}

impl Segments {
    /// The nodes of the operands of a term, if all are nodes.
    #[inline(always)]
    fn nodes_of<const W: usize>(self, operands: &[Var; W]) -> Option<[u32; W]> {
        let (mut nodes, mut k) = ([0; W], 0);
        while k < W {
            nodes[k] = self.index_of(operands[k].tag)?;
            k += 1;
        }
        Some(nodes)
    }
}

/// Where the operands of the next node will lie, if there is room for it and the bias is no obstacle.
#[inline(always)]
fn begin(store: &Store, bias: Option<Var>) -> Option<usize> {
    let is_ready = store.has_room_for(2) && bias.is_none_or(|bias| store.takes(bias));
    is_ready.then(|| store.pool.len())
}

/// Write a node whose operands lie `at`, `count` of them, and whose data lie `data_at`.
#[inline(always)]
fn end(
    store: &Store,
    op: Op,
    (at, count, data_at): (usize, usize, Option<u32>),
    bias: Option<Var>,
    total: f64,
) -> Option<Var> {
    let mut value = total;
    if let Some(bias) = bias {
        value += bias.value;
        store.pool.push([[store.node_of(bias)?]])?;
    }
    if let Some(data_at) = data_at {
        store.pool.push([[data_at]])?;
    }
    Some(Var { value, tag: store.write(op, at as u32, count as u32, value)? })
}

/// The operand and the constant of a pair that has one. Of two constants the first is the operand.
#[inline(always)]
pub(crate) fn split([x, y]: [Var; 2]) -> Option<(Var, f64)> {
    match (x.tag, y.tag) {
        (_, CONSTANT) => Some((x, y.value)),
        (CONSTANT, _) => Some((y, x.value)),
        _ => None,
    }
}

impl Store {
    /// Tell whether this is a constant, or a node of the newest segment or the first.
    fn takes(&self, v: Var) -> bool {
        v.tag == CONSTANT || self.index_of(v.tag).is_some()
    }

    /// The nodes of the operands of a term; constants become some.
    #[inline(never)]
    fn nodes_of<const W: usize>(&self, segments: Segments, operands: [Var; W]) -> Option<[u32; W]> {
        let mut nodes = [0; W];
        for (node, v) in nodes.iter_mut().zip(operands) {
            *node = match v.tag {
                CONSTANT => self.node_of(v)?,
                tag => segments.index_of(tag)?,
            };
        }
        Some(nodes)
    }

    /// The node of what it takes; a constant becomes one, if there is room.
    fn node_of(&self, v: Var) -> Option<u32> {
        if v.tag != CONSTANT {
            return self.index_of(v.tag);
        }
        let node = self.len() as u32;
        self.write(Op::Const, 0, 0, v.value)?;
        Some(node)
    }
}
