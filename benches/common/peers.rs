//! The other engines, each used in the fastest way that its documentation shows.

use gradtape::{Gradient, Tape, Var};
use reverse::Gradient as _;

use super::workloads::Objective;

/// `echidna`'s front door: one call records, sweeps and returns the gradient.
///
/// Its tape comes from a pool of the thread, so repeated calls record into memory that
/// is already there.
pub fn echidna_grad(objective: &impl Objective, x: &[f64]) -> Vec<f64> {
    echidna::grad(|x| objective.eval(x), x)
}

/// `echidna`'s bytecode: recorded and optimized once, then replayed for each gradient.
pub struct EchidnaReplay {
    tape: echidna::BytecodeTape<f64>,
    adjoints: Vec<f64>,
}

impl EchidnaReplay {
    pub fn record(objective: &impl Objective, x: &[f64]) -> Self {
        let (mut tape, _) = echidna::record(|x| objective.eval(x), x);
        tape.optimize();
        Self { tape, adjoints: Vec::new() }
    }

    /// The gradient at `x`, with the adjoints in a buffer that is kept.
    pub fn gradient(&mut self, x: &[f64]) -> Vec<f64> {
        self.tape.gradient_with_buf(x, &mut self.adjoints)
    }

    /// Entries of the tape: inputs, constants and operations.
    pub fn nodes(&self) -> usize {
        self.tape.num_ops()
    }
}

/// `reverse`, recording into one tape that is cleared and so keeps its memory.
#[derive(Default)]
pub struct ReverseTape(reverse::Tape);

impl ReverseTape {
    pub fn gradient(&self, objective: &impl Objective, x: &[f64]) -> Vec<f64> {
        self.0.clear();
        let x = self.0.add_vars(x);
        objective.eval(&x).grad().wrt(&x)
    }

    /// Entries of the tape of the last gradient: inputs and operations.
    pub fn nodes(&self) -> usize {
        self.0.len()
    }
}

/// gradtape, recording into one tape that is cleared, and sweeping into a gradient that is kept.
#[derive(Default)]
pub struct Gradtape {
    tape: Tape,
    gradient: Gradient,
    variables: Vec<Var>,
}

impl Gradtape {
    /// The gradient as a fresh vector, as the other engines return it.
    #[inline]
    pub fn gradient(&mut self, f: impl FnOnce(&[Var]) -> Var, x: &[f64]) -> Vec<f64> {
        self.sweep(f, x);
        self.variables.iter().map(|&x| self.gradient.wrt(x)).collect()
    }

    /// The gradient left where the sweep puts it: nothing is allocated. Returns the first derivative.
    #[inline]
    pub fn gradient_in_place(&mut self, f: impl FnOnce(&[Var]) -> Var, x: &[f64]) -> f64 {
        self.sweep(f, x);
        self.gradient.wrt(self.variables[0])
    }

    #[inline]
    fn sweep(&mut self, f: impl FnOnce(&[Var]) -> Var, x: &[f64]) {
        self.tape.clear();
        self.variables.clear();
        self.variables.extend(x.iter().map(|&x| self.tape.var(x)));
        let y = f(&self.variables);
        self.tape.backward_into(&[(y, 1.0)], &mut self.gradient);
    }

    /// Nodes of the tape of the last gradient: inputs and operations.
    pub fn nodes(&self) -> usize {
        self.tape.len()
    }

    /// Bytes of the columns and pools that are in use.
    pub fn bytes_per_node(&self) -> f64 {
        self.tape.bytes_used() as f64 / self.tape.len() as f64
    }
}
