//! Run the function once more: its value, and how much of that value may be rounding.

use crate::op::{Arity, Op};
use crate::sweep::partials;
use crate::tape::Guard;
use crate::tape::Instructions;
use crate::{Gradient, Tape, Var};

/// The value of `f` at a point, with a bound on its rounding error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub value: f64,
    pub rounding: f64,
}

/// Evaluates `f` on a tape of its own.
pub(super) struct Probe<'f, F> {
    f: &'f F,
    tape: Tape,
    gradient: Gradient,
}

impl<'f, F: Fn(&[Var]) -> Var> Probe<'f, F> {
    pub fn new(f: &'f F) -> Self {
        Probe { f, tape: Tape::new(), gradient: Gradient::new() }
    }

    /// Run `f`; nothing if the value is not finite.
    #[track_caller]
    pub fn sample(&mut self, x: &[f64]) -> Option<Sample> {
        let y = self.record(x);
        if !y.value().is_finite() {
            return None;
        }
        self.tape.backward_into(&[(y, 1.0)], &mut self.gradient);
        let rounding = rounding(&self.tape, self.gradient.adjoints());
        Some(Sample { value: y.value(), rounding })
    }

    /// The comparisons that `f` makes at a point.
    #[track_caller]
    pub fn guards(&mut self, x: &[f64]) -> Vec<Guard> {
        let _ = self.record(x);
        self.tape.guards()
    }

    #[track_caller]
    fn record(&mut self, x: &[f64]) -> Var {
        self.tape.clear();
        (self.f)(&self.tape.vars(x))
    }
}

/// Bound the rounding error of an output to first order: `ε Σ |adjoint| · |value|` over the nodes,
/// for each node's value is off by about an ulp, and its adjoint says how much of that arrives
/// (Linnainmaa, *Taylor expansion of the accumulated rounding error*, BIT 16, 1976). An n-ary node
/// rounds each of its terms.
///
/// The adjoints may be the very ones under suspicion; the bound needs only their magnitude.
fn rounding(tape: &Tape, adjoints: &[f64]) -> f64 {
    tape.recording.read(|nodes| {
        let errors = adjoints.iter().enumerate().filter(|(_, w)| **w != 0.0).map(|(i, w)| {
            let size = match nodes.op(i) {
                Op::Input | Op::Const => 0.0,
                op if op.info().arity == Arity::Nary => partials(&nodes, nodes.values, i)
                    .iter()
                    .map(|&(operand, partial)| (partial * nodes.values[operand as usize]).abs())
                    .sum(),
                _ => nodes.values[i].abs(),
            };
            w.abs() * size
        });
        f64::EPSILON * errors.filter(|error| error.is_finite()).sum::<f64>()
    })
}

/// Bound the rounding error of the sweeps: `64 ε` of the sum of `|product of partials|` over all paths
/// from each node to the output. Where a derivative is a sum that cancels, as at a minimum, this is
/// all that the sweeps need to agree on.
pub(super) fn sweep_rounding(tape: &Tape, output: Var) -> Vec<f64> {
    let mut sums = vec![0.0; tape.len()];
    if let Some(output) = output.index() {
        sums[output] = 64.0 * f64::EPSILON;
    }
    tape.recording.read(|nodes| {
        for i in (0..sums.len()).rev() {
            if sums[i] == 0.0 {
                continue;
            }
            for (operand, partial) in partials(&nodes, nodes.values, i) {
                if partial.is_finite() {
                    sums[operand as usize] += sums[i] * partial.abs();
                }
            }
        }
    });
    sums
}
