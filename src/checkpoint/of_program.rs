//! A step that is a program.

use super::error::CheckpointError;
use super::step::Step;
use crate::Real as _;
use crate::program::{Program, ReplayError, Workspace};

/// A program that takes state, parameters and perhaps the index, and gives the next state.
pub(super) struct OfProgram<'a> {
    program: &'a Program,
    workspace: Workspace,
    /// The inputs, and their adjoints.
    x: Vec<f64>,
    adjoints: Vec<f64>,
    states: usize,
    takes_index: bool,
}

impl<'a> OfProgram<'a> {
    pub fn new(
        program: &'a Program,
        state: &[f64],
        parameters: &[f64],
    ) -> Result<OfProgram<'a>, CheckpointError> {
        let (inputs, given) = (program.inputs(), state.len() + parameters.len());
        if inputs != given && inputs != given + 1 {
            let what = "state and parameters, and the index if it is used";
            let error = ReplayError::Length { what, expected: inputs, found: given };
            return Err(CheckpointError::Program { step: None, error });
        }
        if program.outputs() != state.len() {
            let (expected, found) = (state.len(), program.outputs());
            return Err(CheckpointError::StateLength { step: 0, expected, found });
        }
        let mut x = [state, parameters].concat();
        x.resize(inputs, 0.0);
        Ok(OfProgram {
            program,
            workspace: Workspace::new(),
            adjoints: vec![0.0; inputs],
            x,
            states: state.len(),
            takes_index: inputs > given,
        })
    }

    /// Take over the state before a step, and make room for the next.
    fn begin(&mut self, step: usize, state: &[f64], next: &mut Vec<f64>) {
        self.x[..self.states].copy_from_slice(state);
        if let (true, Some(last)) = (self.takes_index, self.x.last_mut()) {
            *last = step as f64;
        }
        next.resize(self.states, 0.0);
    }
}

impl Step for OfProgram<'_> {
    fn advance(
        &mut self,
        step: usize,
        state: &[f64],
        next: &mut Vec<f64>,
    ) -> Result<(), CheckpointError> {
        self.begin(step, state, next);
        let run = self.program.values(&self.x, next, &mut self.workspace);
        run.map_err(|error| CheckpointError::Program { step: Some(step), error })
    }

    fn record(
        &mut self,
        step: usize,
        state: &[f64],
        next: &mut Vec<f64>,
    ) -> Result<(), CheckpointError> {
        self.begin(step, state, next);
        let run = self.program.values_to_sweep(&self.x, next, &mut self.workspace);
        run.map_err(|error| CheckpointError::Program { step: Some(step), error })
    }

    fn pull(&mut self, adjoint: &mut [f64], of_parameters: &mut [f64]) {
        let all = self.states + of_parameters.len();
        self.adjoints.fill(f64::nothing());
        self.adjoints[self.states..all].copy_from_slice(of_parameters);
        self.program.pull_on(adjoint, &mut self.adjoints, &mut self.workspace);
        adjoint.copy_from_slice(&self.adjoints[..self.states]);
        of_parameters.copy_from_slice(&self.adjoints[self.states..all]);
    }
}
