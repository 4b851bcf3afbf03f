//! [`Step`]: what a run asks of a step; and a step that is a closure.
//!
//! ```text
//! advance   state → next, on constants: nothing is recorded
//! record    the same on a tape of its own: parameters and state are its leaves
//! pull      adjoint of parameters = what has flowed so far; of the state = nothing; of next = what it is given
//!           sweep back over what was recorded
//!           given on: the adjoints of parameters and state
//! ```
//!
//! On one long tape the adjoint of a parameter is one sum, to which the steps add from the last to the first. So each sweep
//! here goes on with that sum: its additions are the same, in the same order. It sweeps with care, which tells a 0 that
//! has flowed from nothing, so that this is kept from step to step too.

use super::error::CheckpointError;
use crate::sweep::pull_on;
use crate::tape::live::Capture;
use crate::tape::misuse;
use crate::{Real as _, Tape, Var};

/// What a run asks of a step.
pub(super) trait Step {
    /// Compute the next state.
    fn advance(
        &mut self,
        step: usize,
        state: &[f64],
        next: &mut Vec<f64>,
    ) -> Result<(), CheckpointError>;

    /// Compute the next state, and keep what a sweep needs.
    fn record(
        &mut self,
        step: usize,
        state: &[f64],
        next: &mut Vec<f64>,
    ) -> Result<(), CheckpointError>;

    /// Sweep back over the step that was recorded last: `adjoint` is that of the next state before and that of the state
    /// after it, and to `of_parameters` is added.
    fn pull(&mut self, adjoint: &mut [f64], of_parameters: &mut [f64]);
}

/// A step that is a closure.
pub(super) struct Closure<'t, F> {
    tape: &'t Tape,
    capture: Capture<'t>,
    run: F,
    parameters: &'t [f64],
    constants: Vec<Var>,
    variables: Vec<Var>,
    state: Vec<Var>,
    /// The nodes of the next state; none for a constant.
    outputs: Vec<Option<u32>>,
    adjoints: Vec<f64>,
}

impl<'t, F> Closure<'t, F> {
    /// A step that records on a tape that is kept for it.
    pub fn new(tape: &'t Tape, run: F, parameters: &'t [f64]) -> Closure<'t, F> {
        Closure {
            tape,
            capture: Capture::start(&tape.recording),
            run,
            parameters,
            constants: parameters.iter().map(|&p| p.into()).collect(),
            variables: Vec::new(),
            state: Vec::new(),
            outputs: Vec::new(),
            adjoints: Vec::new(),
        }
    }
}

impl<F: FnMut(&[Var], &[Var], usize) -> Y, Y: AsRef<[Var]>> Step for Closure<'_, F> {
    fn advance(
        &mut self,
        step: usize,
        state: &[f64],
        next: &mut Vec<f64>,
    ) -> Result<(), CheckpointError> {
        self.state.clear();
        self.state.extend(state.iter().map(|&x| Var::from(x)));
        let result = (self.run)(&self.state, &self.constants, step);
        next.clear();
        next.extend(result.as_ref().iter().map(|x| x.value()));
        match result.as_ref().iter().find(|x| !x.is_constant()) {
            Some(x) => Err(captured(Some(step), x.tag)),
            None => Ok(()),
        }
    }

    fn record(
        &mut self,
        step: usize,
        state: &[f64],
        next: &mut Vec<f64>,
    ) -> Result<(), CheckpointError> {
        self.tape.clear();
        self.variables.clear();
        self.variables.extend(self.parameters.iter().map(|&p| self.tape.var(p)));
        self.state.clear();
        self.state.extend(state.iter().map(|&x| self.tape.var(x)));
        let result = (self.run)(&self.state, &self.variables, step);
        let outputs = result.as_ref();
        next.clear();
        next.extend(outputs.iter().map(|x| x.value()));
        self.outputs.clear();
        for &x in outputs {
            self.outputs.push(nodes_of(self.tape, &self.capture, x, Some(step))?);
        }
        Ok(())
    }

    fn pull(&mut self, adjoint: &mut [f64], of_parameters: &mut [f64]) {
        let (parameters, leaves) = (of_parameters.len(), of_parameters.len() + adjoint.len());
        self.adjoints.clear();
        self.adjoints.extend_from_slice(of_parameters);
        self.adjoints.resize(self.tape.len(), f64::nothing());
        for (output, &w) in self.outputs.iter().zip(&*adjoint) {
            if let &Some(node) = output {
                self.adjoints[node as usize] += w;
            }
        }
        pull_on(self.tape, leaves, &mut self.adjoints);
        of_parameters.copy_from_slice(&self.adjoints[..parameters]);
        adjoint.copy_from_slice(&self.adjoints[parameters..leaves]);
    }
}

/// The node of a result; none for a constant.
fn nodes_of(
    tape: &Tape,
    capture: &Capture<'_>,
    result: Var,
    step: Option<usize>,
) -> Result<Option<u32>, CheckpointError> {
    if let Some(tag) = capture.first() {
        return Err(captured(step, tag));
    }
    match tape.recording.locate(result.tag) {
        _ if result.is_constant() => Ok(None),
        Some(node) => Ok(Some(node)),
        // As it is from outside, or stale.
        None => Err(captured(step, result.tag)),
    }
}

/// The error for a variable that is not from here.
fn captured(step: Option<usize>, tag: u64) -> CheckpointError {
    CheckpointError::Captured { step, name: misuse::describe(tag) }
}

/// Compute a loss, and the adjoint of the state it is of, if that of the loss is `seed`.
pub(super) fn loss_at(
    tape: &Tape,
    loss: impl FnOnce(&[Var]) -> Var,
    state: &[f64],
    seed: f64,
    adjoint: &mut Vec<f64>,
) -> Result<f64, CheckpointError> {
    let capture = Capture::start(&tape.recording);
    let variables = tape.vars(state);
    let y = loss(&variables);
    let output = nodes_of(tape, &capture, y, None)?;
    if !y.value().is_finite() {
        return Err(CheckpointError::Loss { value: y.value() });
    }
    adjoint.clear();
    adjoint.resize(tape.len().max(state.len()), f64::nothing());
    if let Some(node) = output {
        adjoint[node as usize] += seed.seeded();
        pull_on(tape, state.len(), adjoint);
    }
    adjoint.truncate(state.len());
    Ok(y.value())
}
