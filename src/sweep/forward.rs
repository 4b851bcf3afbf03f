//! The forward sweep: one walk from the leaves on, with a tangent for every node.

use super::reverse::{Step, custom_vjp};
use crate::Var;
use crate::op::{Flow, Op};
use crate::tape::nodes::Nodes;
use crate::tape::recording::{Segment, locate_in};
use crate::tape::{misuse, serial};
use smallvec::SmallVec;

/// The tangent of every node in one direction. Made by [`Tape::forward`](crate::Tape::forward).
#[derive(Clone, Debug)]
pub struct Tangents {
    pub(super) tangents: Vec<f64>,
    pub(super) segments: SmallVec<[Segment; 1]>,
    pub(super) tape: u64,
}

impl Tangents {
    /// Read the tangents in tape order.
    #[must_use]
    pub fn tangents(&self) -> &[f64] {
        &self.tangents
    }

    /// Read the tangent of a variable: how fast it moves in the direction of the seeds.
    ///
    /// # Panics
    /// If the variable was not on the tape when the sweep was made.
    #[must_use]
    #[track_caller]
    pub fn wrt(&self, variable: Var) -> f64 {
        if variable.tag == serial::CONSTANT {
            return 0.0;
        }
        match locate_in(&self.segments, variable.tag) {
            Some(i) => self.tangents[i as usize],
            None => {
                panic!("{}", misuse::not_in_gradient(variable.tag, variable.value, Some(self.tape)))
            }
        }
    }
}

/// Tangents that flow into one node.
struct Ahead<'s> {
    tangents: &'s [f64],
    tangent: f64,
}

impl Flow<f64> for Ahead<'_> {
    #[inline(always)]
    fn weight(&self, operand: u32) -> Option<f64> {
        let w = self.tangents[operand as usize];
        // As backwards, a zero is not propagated: 0 · inf makes no NaN by itself.
        if w == 0.0 { None } else { Some(w) }
    }
    #[inline(always)]
    fn give(&mut self, _: u32, contribution: f64) {
        self.tangent += contribution;
    }
}

/// Fill in the tangents of all nodes from those of the seeded ones.
///
/// A seed on a node that is not a leaf is added to what flows in.
pub(crate) fn push_forward(nodes: &Nodes<'_>, tangents: &mut [f64]) {
    let value = |o: u32| nodes.values[o as usize];
    for i in 0..tangents.len() {
        let tangent = if nodes.op(i) == Op::Custom {
            custom(nodes, &value, tangents, i)
        } else {
            Step::run(nodes.op(i), nodes, &value, Ahead { tangents, tangent: 0.0 }, i).tangent
        };
        tangents[i] += tangent;
    }
}

/// The tangent of one output of a custom call: its vjp for that output alone, times the tangents of
/// the inputs.
fn custom<V: Fn(u32) -> f64>(nodes: &Nodes<'_>, value: &V, tangents: &[f64], i: usize) -> f64 {
    let (call, output) = nodes.custom(i);
    let mut w: SmallVec<[f64; 4]> = SmallVec::from_elem(0.0, call.outputs as usize);
    w[output] = 1.0;
    let inputs = nodes.custom_inputs(call);
    if inputs.iter().all(|&o| tangents[o as usize] == 0.0) {
        return 0.0;
    }
    let row = custom_vjp(nodes, value, call, &w).unwrap_or_default();
    let mut flow = Ahead { tangents, tangent: 0.0 };
    for (&o, partial) in inputs.iter().zip(row) {
        if let Some(w) = flow.weight(o) {
            flow.give(o, w * partial);
        }
    }
    flow.tangent
}
