//! The methods that start a sweep.

use super::care::{pull_duals, pull_numbers, pull_numbers_carefully, push_carefully};
use super::gradient::{Gradient, Tangents};
use super::reach::{self, Reach};
use super::recorded::pull_recorded;
use super::storage::{Kept, Results};
use crate::op::{Reading, Values};
use crate::tape::nodes::Structure;
use crate::tape::recording::Recording;
use crate::tape::{NotTwiceDifferentiable, live, misuse};
use crate::{Dual, Real, Tape, Var};
use std::panic::Location;

impl Var {
    /// Sweep backwards from this variable: the derivatives of its value with respect to every node.
    ///
    /// Of a constant they are 0 with respect to every variable of this thread.
    ///
    /// # Panics
    /// If the variable is stale.
    #[doc(alias("backprop", "backpropagation"))]
    #[track_caller]
    pub fn backward(self) -> Gradient {
        if self.is_constant() {
            return Gradient::of_constant();
        }
        let Some((home, _)) = live::find(self.tag) else { misuse::stale(self.tag) };
        let mut gradient = Gradient::new();
        sweep_into(&home, &[(self, 1.0)], &mut gradient);
        gradient
    }
}

impl Tape {
    /// Sweep backwards from seeded outputs: the derivatives of `Σ seed · output`, a vjp. From one output with
    /// the seed 1 it is [`Var::backward`].
    ///
    /// # Panics
    /// If an output is not on this tape. A constant is fine: all its derivatives are 0.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let (a, b) = (x.square(), x * 5.0);
    /// assert_eq!(tape.backward(&[(a, 1.0), (b, 10.0)]).wrt(x), 6.0 + 50.0);
    /// ```
    #[track_caller]
    pub fn backward(&self, seeds: &[(Var, f64)]) -> Gradient {
        let mut gradient = Gradient::new();
        self.backward_into(seeds, &mut gradient);
        gradient
    }

    /// Sweep backwards into a gradient of the caller's, whose memory is reused: once it is large
    /// enough, nothing is allocated.
    ///
    /// # Panics
    /// If an output is not on this tape.
    #[inline]
    #[track_caller]
    pub fn backward_into(&self, seeds: &[(Var, f64)], gradient: &mut Gradient) {
        sweep_into(&self.recording, seeds, gradient);
    }

    /// Sweep backwards and record the sweep: the derivatives come back as variables, which can be
    /// computed with and differentiated again.
    ///
    /// # Errors
    /// If a custom operation on the way has no [`vjp_recorded`](crate::CustomOp::vjp_recorded).
    ///
    /// # Panics
    /// If a variable is not on this tape.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// let slope = tape.backward_recorded(x.powi(4), &[x]).unwrap()[0]; // 4x³
    /// assert_eq!(slope.value(), 32.0);
    /// assert_eq!(slope.backward().wrt(x), 48.0); // 12x²
    /// ```
    #[track_caller]
    pub fn backward_recorded(
        &self,
        output: Var,
        wrt: &[Var],
    ) -> Result<Vec<Var>, NotTwiceDifferentiable> {
        let floor = wrt.iter().map(|&v| self.node_of(v)).min().unwrap_or(0);
        let adjoints = record_adjoints(&self.recording, output, floor)?;
        Ok(wrt
            .iter()
            .map(|&v| adjoints.get(self.node_of(v) - floor).copied().unwrap_or_default())
            .collect())
    }

    /// Sweep forwards: how fast every node changes when each seeded variable changes at its seed's rate, a
    /// jvp.
    ///
    /// # Panics
    /// If a seeded variable is not on this tape.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(2.0), tape.var(3.0));
    /// let z = x * y;
    /// assert_eq!(tape.forward(&[(x, 1.0), (y, 10.0)]).wrt(z), 3.0 + 20.0);
    /// ```
    #[track_caller]
    pub fn forward(&self, seeds: &[(Var, f64)]) -> Tangents {
        let mut tangents = self.raw_tangents(seeds);
        tangents.iter_mut().for_each(|tangent| *tangent = tangent.settled());
        Tangents { tangents, segments: self.recording.segments(), tape: self.recording.id }
    }

    /// The tangents with [nothing](Real::nothing) where nothing has flowed.
    #[track_caller]
    pub(crate) fn raw_tangents(&self, seeds: &[(Var, f64)]) -> Kept {
        let mut tangents = Kept::default();
        tangents.begin();
        tangents.resize(self.len(), f64::nothing());
        for &(variable, seed) in seeds {
            tangents[self.node_of(variable)] += seed.seeded();
        }
        let seeded = &mut Seeded(&mut tangents);
        self.recording
            .read(|nodes| push_carefully(&nodes, 0..seeded.0.len(), nodes.values, seeded));
        tangents
    }

    /// Find out how an output depends on a variable, and tell three zeros apart: not connected,
    /// connected but blocked, and truly zero.
    ///
    /// # Panics
    /// If a variable is not on this tape.
    ///
    /// ```
    /// use gradtape::{Reach, Tape};
    /// let tape = Tape::new();
    /// let (x, y, z) = (tape.var(0.0), tape.var(-1.0), tape.var(1.0));
    /// let loss = x.square() + y.relu();
    /// let gradient = loss.backward();
    /// assert_eq!(gradient.wrt_all(&[x, y, z]), [0.0, 0.0, 0.0]);
    /// assert_eq!(tape.reach(loss, x), Reach::Connected); // the slope of x² at 0
    /// assert_eq!(tape.reach(loss, y), Reach::Blocked);
    /// assert_eq!(tape.blocked_at(loss, y), [4]); // the dead relu
    /// assert_eq!(tape.reach(loss, z), Reach::NotConnected);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn reach(&self, output: Var, variable: Var) -> Reach {
        let from = self.node_of(variable);
        self.reaches(output).get(from).copied().unwrap_or_default()
    }

    /// List the nodes at which the paths from a variable that is [blocked](Reach::Blocked) or [at a
    /// kink](Reach::AtKink) end, seen from the output, in tape order. For any other variable there are none.
    ///
    /// # Panics
    /// If a variable is not on this tape.
    #[must_use]
    #[track_caller]
    pub fn blocked_at(&self, output: Var, variable: Var) -> Vec<usize> {
        let (from, reaches) = (self.node_of(variable), self.reaches(output));
        self.recording.read(|nodes| reach::blocked_at(from, &reaches, |i| reach::edges(&nodes, i)))
    }

    /// How an output depends on every node up to it.
    #[track_caller]
    fn reaches(&self, output: Var) -> Vec<Reach> {
        if output.is_constant() {
            return Vec::new();
        }
        let output = self.node_of(output);
        self.recording.read(|nodes| reach::reaches(output, |i| reach::edges(&nodes, i)))
    }

    /// The node of a variable on this tape.
    #[track_caller]
    pub(crate) fn node_of(&self, variable: Var) -> usize {
        node_on(&self.recording, variable)
    }
}

#[inline]
#[track_caller]
fn node_on(recording: &Recording, variable: Var) -> usize {
    match recording.locate(variable.tag) {
        Some(i) => i as usize,
        None => misuse::not_on(recording, variable.tag, variable.value),
    }
}

/// The plain sweep.
#[track_caller]
fn sweep_into(recording: &Recording, seeds: &[(Var, f64)], gradient: &mut Gradient) {
    // If a custom operation panics, the gradient is left empty and has no number for any variable.
    gradient.segments.clear();
    gradient.tape = None;
    gradient.of_constant = false;
    gradient.labels = None;
    let adjoints = &mut gradient.adjoints;
    adjoints.begin();
    let seeds = || seeds.iter().filter(|(output, _)| !output.is_constant());
    for &(output, seed) in seeds() {
        let node = node_on(recording, output);
        if node >= adjoints.len() {
            adjoints.resize(node + 1, 0.0);
        }
        adjoints[node] += seed.seeded();
    }
    recording.read(|nodes| {
        let seed_again = |adjoints: &mut [f64]| {
            for &(output, seed) in seeds() {
                adjoints[node_on(recording, output)] += seed.seeded();
            }
        };
        // Cut to one length, so that one bounds check serves all columns.
        pull_numbers(&nodes.before(adjoints.len()), 0, nodes.values, adjoints, seed_again);
    });
    recording.copy_segments(&mut gradient.segments);
    gradient.tape = Some(recording.id);
    let labels = recording.labels.borrow();
    gradient.labels = (!labels.is_empty()).then(|| labels.clone());
}

/// Go on with a sweep: pull the adjoints of all nodes from `first` on, and leave those before as they come out. With care,
/// so that what nothing has flowed to is told from 0.
pub(crate) fn pull_on(tape: &Tape, first: usize, adjoints: &mut [f64]) {
    tape.recording.read(|nodes| {
        pull_numbers_carefully(&nodes.before(adjoints.len()), first, nodes.values, adjoints);
    });
}

/// Sweep over variables, down to node `floor`: adjoint `i` belongs to node `floor + i`.
#[track_caller]
pub(crate) fn record_adjoints(
    recording: &Recording,
    output: Var,
    floor: usize,
) -> Result<Vec<Var>, NotTwiceDifferentiable> {
    if output.is_constant() {
        return Ok(Vec::new());
    }
    let last = node_on(recording, output);
    if last < floor {
        return Ok(Vec::new());
    }
    let structure = recording.read(|nodes| Structure::copy_of(nodes, floor));
    let value = |o: u32| match recording.read(|nodes| nodes.values.get(o as usize).copied()) {
        Some(value) => Var { value, tag: recording.tag_of(o as usize) },
        // Cleared by a `vjp_recorded`.
        None => misuse::stale(output.tag),
    };
    let _line = recording.locations.attribute_to(Location::caller());
    let adjoints = pull_recorded(&structure.nodes(), &Reading(value), last, floor, floor)?;
    // If a `vjp_recorded` has cleared or rewound the tape, these indices may belong to other nodes now.
    node_on(recording, output);
    Ok(adjoints)
}

/// Sweep over dual numbers: the adjoint of every node, and its derivative in the direction of the tangents.
/// That is a Hessian-vector product, forward over reverse.
pub(crate) fn second_order(
    tape: &Tape,
    output: Var,
    tangents: &[f64],
    adjoints: &mut Vec<Dual>,
) -> Result<(), NotTwiceDifferentiable> {
    if output.is_constant() {
        adjoints.clear();
        return Ok(());
    }
    let last = node_on(&tape.recording, output);
    adjoints.resize(last + 1, Dual::nothing());
    tape.recording.read(|nodes| {
        let value = |o: u32| Dual::with_tangent(nodes.values[o as usize], tangents[o as usize]);
        // Cut to one length, so that one bounds check serves all columns.
        pull_duals(&nodes.before(last + 1), 0, &Reading(value), adjoints, last)
    })
}

/// Tangents that start from seeds. A seed on a node that is not a leaf is added to the tangent that flows in.
struct Seeded<'a>(&'a mut [f64]);

impl Values<f64> for Seeded<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> f64 {
        self.0[operand as usize]
    }
}

impl Results<f64> for Seeded<'_> {
    #[inline(always)]
    fn set(&mut self, node: usize, tangent: f64) {
        self.0[node] += tangent;
    }
}
