//! [`TrainingState`]: a training taken down, and taken up again.

use super::run::Training;
use super::watch::{Best, Epoch};
use crate::optim::batches::Batches;
use crate::optim::error::{FitError, setting};
use crate::optim::{OptimizerState, Reason};
use crate::text::counted;

/// Everything about a [`Training`] that changes from step to step, as plain data.
///
/// With the feature `json` it can be serialized by `serde`. A number that is not finite has no form in JSON; of a
/// training that has not failed all are finite.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(deny_unknown_fields))]
pub struct TrainingState {
    /// The parameters.
    pub parameters: Vec<f64>,
    /// What the optimizer remembers.
    pub optimizer: OptimizerState,
    /// How many steps were taken.
    pub steps: usize,
    /// The order of the rows in the present epoch; empty without batches.
    pub order: Vec<usize>,
    /// How many of them are dealt.
    pub dealt: usize,
    /// The state of the generator that will shuffle them.
    pub random: u64,
    /// The part of the loss of the present epoch that the steps so far have.
    pub so_far: f64,
    /// The epochs that have ended.
    pub history: Vec<Epoch>,
    /// The best of them.
    pub best: Option<Best>,
    /// The lowest loss that the plateau has seen, and in how many epochs since it was not beaten.
    pub plateau: Option<(Option<f64>, usize)>,
    /// Why the training has ended.
    pub reason: Option<Reason>,
}

impl Training<'_> {
    /// Take the training down, between any two steps.
    #[must_use]
    pub fn state(&self) -> TrainingState {
        let (order, dealt, random) =
            self.loss.batches.as_ref().map(Batches::state).unwrap_or_default();
        TrainingState {
            parameters: self.parameters.clone(),
            optimizer: self.optimizer.state(),
            steps: self.steps,
            order,
            dealt,
            random,
            so_far: self.so_far,
            history: self.history.clone(),
            best: self.best.clone(),
            plateau: self.watch.map(|watch| (watch.lowest, watch.waited)),
            reason: self.reason,
        }
    }

    /// Go on where a state was taken: the training was made as this one is, from the same rows with the same
    /// settings. What follows has the same bits as if it had never been stopped.
    ///
    /// How many epochs are run, and the patience, may be others than before: a training that has ended for such a
    /// reason goes on if it is no longer one.
    ///
    /// # Errors
    /// If the state is not one of such a training: another number of parameters or rows, another optimizer, other
    /// batches, numbers that no steps lead to. The training is then as it was.
    pub fn restore(&mut self, state: &TrainingState) -> Result<(), FitError> {
        if let Some(problem) = self.unlike(state) {
            return setting(format!("the state is none of this training: {problem}"));
        }
        let before = self.optimizer.state();
        self.optimizer.restore(&state.optimizer)?;
        let dealt = self
            .loss
            .batches
            .as_mut()
            .is_none_or(|rows| rows.restore(&state.order, state.dealt, state.random));
        if !dealt {
            self.optimizer.restore(&before)?;
            return setting(
                "the state is none of this training: its order of rows is one of other rows or other batches",
            );
        }
        self.rate = state.optimizer.learning_rate;
        self.parameters.copy_from_slice(&state.parameters);
        self.steps = state.steps;
        self.so_far = state.so_far;
        self.history.clone_from(&state.history);
        self.best.clone_from(&state.best);
        if let (Some(watch), Some((lowest, waited))) = (&mut self.watch, state.plateau) {
            (watch.lowest, watch.waited) = (lowest, waited);
        }
        self.reason = state.reason.filter(|_| self.has_ended());
        Ok(())
    }

    /// Whether the epochs so far are as many as were asked for, or too many without a better one.
    fn has_ended(&self) -> bool {
        let run = self.history.len();
        let waited = run - self.best.as_ref().map_or(0, |best| best.epoch);
        run >= self.most_epochs || self.patience.is_some_and(|patience| waited >= patience)
    }

    /// What in a state is not as in a state of this training.
    fn unlike(&self, state: &TrainingState) -> Option<String> {
        let count = self.parameters.len();
        let lengths = [state.parameters.len()]
            .into_iter()
            .chain(state.best.as_ref().map(|best| best.parameters.len()))
            // Before the first step nothing is remembered.
            .chain(state.optimizer.memory.iter().map(Vec::len).filter(|_| state.steps > 0));
        if let Some(found) = lengths.into_iter().find(|&found| found != count) {
            return Some(format!("it has {}, this one {count}", counted(found, "parameter")));
        }
        let mut numbers = state.parameters.iter().chain([&state.so_far]);
        let best = state.best.iter().flat_map(|best| best.parameters.iter().chain([&best.loss]));
        let mut losses = state.history.iter().flat_map(|epoch| [epoch.training_loss, epoch.loss()]);
        let lowest = state.plateau.and_then(|(lowest, _)| lowest);
        if !numbers.all(|x| x.is_finite())
            || !best.chain(&lowest).all(|x| x.is_finite())
            || !losses.all(f64::is_finite)
        {
            return Some("a number of it is not finite".into());
        }
        let in_order = (1..).zip(&state.history).all(|(number, epoch)| epoch.epoch == number);
        let best = state.best.as_ref().map_or(0, |best| best.epoch);
        let best_is_there = best <= state.history.len() && (best == 0) == state.history.is_empty();
        let validated =
            |epoch: &Epoch| epoch.validation_loss.is_some() == self.validation.is_some();
        if !in_order || !best_is_there || !state.history.iter().all(validated) {
            return Some("its epochs are not those of such a training".into());
        }
        if state.plateau.is_some() != self.watch.is_some() {
            return Some("only one of the two has a plateau".into());
        }
        if state.steps != state.optimizer.steps
            || state.order.is_empty() == self.loss.batches.is_some()
        {
            return Some("its steps or its batches are not those of such a training".into());
        }
        None
    }
}
