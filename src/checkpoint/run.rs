//! [`Run`]: follow a schedule, one action after the other.

use super::action::{Action, Slot};
use super::error::CheckpointError;
use super::folder::Folder;
use super::step::Step;
use super::trail::Trail;
use crate::Real;
use std::collections::BTreeMap;

/// A loss at the end of a loop, its gradient, and what that took.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Checkpointed {
    /// The loss.
    pub loss: f64,
    /// Its derivatives with respect to the parameters.
    pub parameters: Vec<f64>,
    /// Its derivatives with respect to the initial state.
    pub state: Vec<f64>,
    /// How many steps the loop has.
    pub steps: usize,
    /// How many were run on plain numbers; each was recorded once beside.
    pub forward_steps: u64,
}

/// A state that is kept in memory, with its step.
#[derive(Default)]
struct Kept {
    step: Option<usize>,
    state: Vec<f64>,
}

/// The state of affairs between two actions.
pub(super) struct Run<S, L> {
    step: S,
    /// Taken when the last step is reversed.
    loss: Option<L>,
    /// The state at hand, and the next one.
    pub state: Vec<f64>,
    pub next: Vec<f64>,
    at: Option<usize>,
    memory: BTreeMap<usize, Kept>,
    folder: Option<Folder>,
    /// What of the work is in the folder: the steps from here on.
    saved: usize,
    trail: Trail,
    pub forward_steps: u64,
    /// The steps from here on are reversed; what state that was, and its adjoint.
    end: usize,
    behind: Vec<f64>,
    adjoint: Vec<f64>,
    of_parameters: Vec<f64>,
    value: f64,
}

impl<S: Step, L: FnOnce(&[f64], &mut Vec<f64>) -> Result<f64, CheckpointError>> Run<S, L> {
    /// Begin. `loss` takes the last state, writes its adjoint and returns the loss.
    pub fn new(
        step: S,
        loss: L,
        state: &[f64],
        parameters: usize,
    ) -> Result<Run<S, L>, CheckpointError> {
        if state.is_empty() {
            return Err(CheckpointError::EmptyState);
        }
        finite("the initial state: number", state)?;
        let mut trail = Trail::new();
        trail.reached(0, state)?;
        Ok(Run {
            step,
            loss: Some(loss),
            state: state.to_vec(),
            next: Vec::new(),
            at: Some(0),
            memory: BTreeMap::new(),
            folder: None,
            saved: usize::MAX,
            trail,
            forward_steps: 0,
            end: usize::MAX,
            behind: Vec::new(),
            adjoint: Vec::new(),
            of_parameters: vec![f64::nothing(); parameters],
            value: 0.0,
        })
    }

    /// The number of steps is known.
    pub fn ends_at(&mut self, steps: usize) {
        self.end = steps;
    }

    /// Use the slots of a folder, and go on with what was done there before. Return the files with their states that are
    /// still of use, in the order of these, and the step from which on all are reversed.
    pub fn use_folder(
        &mut self,
        mut folder: Folder,
        steps: usize,
    ) -> Result<(Vec<(usize, usize)>, usize), CheckpointError> {
        self.end = steps;
        let mut numbers = Vec::new();
        if let Some(end) = folder.read_adjoint(&mut numbers)? {
            let (loss, rest) = numbers.split_at(1);
            let (behind, rest) = rest.split_at(self.state.len());
            let (adjoint, of_parameters) = rest.split_at(self.state.len());
            self.loss = None;
            self.value = loss[0];
            self.behind = behind.to_vec();
            self.adjoint = adjoint.to_vec();
            self.of_parameters = of_parameters.to_vec();
            (self.end, self.saved) = (end, end);
        }
        let mut stored = folder.states()?;
        // Files that there was no time to remove.
        for (file, _) in stored.extract_if(.., |&mut (_, step)| step >= self.end) {
            folder.remove_state(file)?;
        }
        self.folder = Some(folder);
        Ok((stored, self.end))
    }

    /// Write down what is done, before a file goes that this makes useless.
    fn save(&mut self) -> Result<(), CheckpointError> {
        let is_new = self.loss.is_none() && self.end < self.saved;
        if let (Some(folder), true) = (&mut self.folder, is_new) {
            let loss = [self.value];
            let parts = [&loss, &self.behind[..], &self.adjoint, &self.of_parameters];
            folder.write_adjoint(self.end, parts)?;
            self.saved = self.end;
        }
        Ok(())
    }

    /// Compute the state behind the one at hand.
    pub fn look_ahead(&mut self, step: usize) -> Result<(), CheckpointError> {
        self.step.advance(step, &self.state, &mut self.next)?;
        self.forward_steps += 1;
        self.check_next(step)
    }

    /// Go on to the state that was computed.
    pub fn go_ahead(&mut self, step: usize) {
        std::mem::swap(&mut self.state, &mut self.next);
        self.at = Some(step + 1);
    }

    /// Look at the state behind a step.
    fn check_next(&mut self, step: usize) -> Result<(), CheckpointError> {
        let (expected, found) = (self.state.len(), self.next.len());
        if expected != found {
            return Err(CheckpointError::StateLength { step, expected, found });
        }
        if let Some(index) = self.next.iter().position(|x| !x.is_finite()) {
            return Err(CheckpointError::NotFinite { step, index, value: self.next[index] });
        }
        self.trail.reached(step + 1, &self.next)
    }

    /// Do all that a schedule says, for so many steps.
    pub fn follow(
        mut self,
        steps: usize,
        schedule: impl IntoIterator<Item = Action>,
    ) -> Result<Checkpointed, CheckpointError> {
        self.ends_at(steps);
        schedule.into_iter().try_for_each(|action| self.apply(action))?;
        self.finish(steps)
    }

    /// Do what an action says.
    pub fn apply(&mut self, action: Action) -> Result<(), CheckpointError> {
        let refused =
            |problem: String| Err(CheckpointError::Schedule { action: Some(action), problem });
        match action {
            Action::Advance { from: step, .. }
            | Action::Store { step, .. }
            | Action::Reverse { step }
                if self.at != Some(step) =>
            {
                refused(match self.at {
                    Some(at) => format!("state {at} is at hand"),
                    None => "no state is at hand".to_string(),
                })
            }
            Action::Advance { from, to } if from > to || to >= self.end => {
                refused(format!("the steps from {} on are reversed or not there", self.end))
            }
            Action::Advance { from, to } => {
                for step in from..to {
                    self.look_ahead(step)?;
                    self.go_ahead(step);
                }
                Ok(())
            }
            Action::Store { slot: Slot::Memory(place), step } => {
                let kept = self.memory.entry(place).or_default();
                if let Some(before) = kept.step.replace(step) {
                    return refused(format!("state {before} is kept there"));
                }
                kept.state.clone_from(&self.state);
                Ok(())
            }
            Action::Restore { slot: Slot::Memory(place), step } => {
                let kept = self.memory.entry(place).or_default();
                if kept.step != Some(step) {
                    return refused(match kept.step {
                        Some(other) => format!("state {other} is kept there"),
                        None => "nothing is kept there".to_string(),
                    });
                }
                self.state.clone_from(&kept.state);
                self.at = Some(step);
                self.trail.restored(step);
                Ok(())
            }
            Action::Free { slot: Slot::Memory(place), .. } => {
                self.memory.entry(place).or_default().step = None;
                Ok(())
            }
            Action::Store { slot: Slot::Disk(file), step } => {
                let Some(folder) = &mut self.folder else { return no_folder(action) };
                folder.write_state(file, step, &self.state)
            }
            Action::Restore { slot: Slot::Disk(file), step } => {
                self.save()?;
                let Some(folder) = &mut self.folder else { return no_folder(action) };
                folder.read_state(file, step, &mut self.state)?;
                self.at = Some(step);
                self.trail.restored(step);
                Ok(())
            }
            Action::Free { slot: Slot::Disk(file), .. } => {
                self.save()?;
                let Some(folder) = &self.folder else { return no_folder(action) };
                folder.remove_state(file)
            }
            Action::Reverse { step } if step + 1 != self.end => {
                refused(format!("the steps that are left are the first {}", self.end))
            }
            Action::Reverse { step } => self.reverse(step),
        }
    }

    /// Record the step from the state at hand, and sweep back over it.
    fn reverse(&mut self, step: usize) -> Result<(), CheckpointError> {
        self.step.record(step, &self.state, &mut self.next)?;
        self.check_next(step)?;
        match self.loss.take() {
            Some(loss) => self.value = loss(&self.next, &mut self.adjoint)?,
            None => self.compare(step)?,
        }
        self.step.pull(&mut self.adjoint, &mut self.of_parameters);
        std::mem::swap(&mut self.state, &mut self.behind);
        (self.at, self.end) = (None, step);
        Ok(())
    }

    /// The state that a recorded step made must be the one that the step behind it was recorded from.
    fn compare(&self, step: usize) -> Result<(), CheckpointError> {
        let differs = |(now, before): (&f64, &f64)| now.to_bits() != before.to_bits();
        match self.next.iter().zip(&self.behind).position(differs) {
            None => Ok(()),
            Some(i) => Err(CheckpointError::NotRepeated {
                steps: self.trail.steps(step + 1),
                difference: Some((i, self.behind[i], self.next[i])),
            }),
        }
    }

    /// The result, once all steps are reversed.
    pub fn finish(mut self, steps: usize) -> Result<Checkpointed, CheckpointError> {
        if self.end > 0 {
            let problem = format!("{} of {steps} steps are left", self.end);
            return Err(CheckpointError::Schedule { action: None, problem });
        }
        // Of no steps there is the loss of the initial state.
        if let Some(loss) = self.loss.take() {
            self.value = loss(&self.state, &mut self.adjoint)?;
        }
        if let Some(folder) = &self.folder {
            folder.remove_adjoint()?;
        }
        let settled = |adjoints: Vec<f64>| adjoints.into_iter().map(Real::settled).collect();
        Ok(Checkpointed {
            loss: self.value,
            parameters: settled(self.of_parameters),
            state: settled(self.adjoint),
            steps,
            forward_steps: self.forward_steps,
        })
    }
}

/// Refuse a slot on disk where there is none.
fn no_folder(action: Action) -> Result<(), CheckpointError> {
    let problem = "there is no folder: use `checkpoint::gradient_in`".to_string();
    Err(CheckpointError::Schedule { action: Some(action), problem })
}

/// Refuse numbers that are not finite.
pub(super) fn finite(what: &'static str, numbers: &[f64]) -> Result<(), CheckpointError> {
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(CheckpointError::Input { what, index, value: numbers[index] }),
        None => Ok(()),
    }
}
