//! [`Training`]: the loop, a step at a time.

use super::watch::{Best, Epoch, Plateau, Watch};
use crate::optim::batches::Batches;
use crate::optim::error::{FitError, setting};
use crate::optim::objective::{Objective, evaluate};
use crate::optim::progress::not_negative;
use crate::optim::{FitErrorKind, History, Optimizer, OverRows, Reason};
use crate::text::counted;
use std::fmt;

/// A training over rows: steps make epochs, epochs are validated, and the best parameters are kept.
///
/// The loop is the caller's, who may print, save, change the learning rate or give up between two steps; so there
/// is nothing to observe it by. [`epoch`](Training::epoch) runs to the end of an epoch, [`step`](Training::step) one
/// batch. It ends after as many [`epochs`](Training::epochs) as were asked for, or when
/// [`patience`](Training::patience) does; without either it goes on for as long as it is asked to.
///
/// [`state`](Training::state) takes it down between any two steps. A training that is made as this one was and
/// [`restore`](Training::restore)d, in this process or another, goes on with the same bits.
///
/// Against overfitting there are validation, patience and weight decay. Dropout and batch normalization are left out on
/// purpose: with them the loss of a row depends on random masks or on the other rows of its batch, so that a program
/// over rows could not have it, and networks of the size that a tape of scalars is for do not need them.
///
/// ```
/// use gradtape::nn::{Activation, Init, Mlp, mse};
/// use gradtape::optim::{Adam, OverRows, Training};
/// use gradtape::program::Rows;
///
/// let network = Mlp::new(1).dense(8, Activation::Tanh).dense(1, Activation::Identity);
/// let program = network.over_rows(1, |predicted, observed| mse(predicted, observed));
/// let parabola: Vec<f64> = (0..60).map(|i| f64::from(i) / 30.0 - 1.0).flat_map(|x| [x, x * x]).collect();
/// let (train, validation) = parabola.split_at(80);
///
/// let loss = OverRows::new(&program, Rows::row_major(train, 2)?)?.mean().batches(8, 1);
/// let start = network.initialize(Init::XavierUniform, 1);
/// let mut training = Training::new(loss, start.as_slice(), Adam::new(0.02))
///     .validation(OverRows::new(&program, Rows::row_major(validation, 2)?)?.mean())
///     .epochs(100)
///     .patience(20);
/// while let Some(epoch) = training.epoch()? {
///     println!("{epoch}");
/// }
/// let best = training.best().expect("at least one epoch was run");
/// println!("epoch {} was best, with a loss of {}", best.epoch, best.loss);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is trained before `epoch` or `step`"]
pub struct Training<'a> {
    pub(super) loss: OverRows<'a>,
    pub(super) validation: Option<OverRows<'a>>,
    pub(super) optimizer: Box<dyn Optimizer + 'a>,
    pub(super) rate: f64,
    pub(super) parameters: Vec<f64>,
    gradient: Vec<f64>,
    names: Vec<String>,
    pub(super) most_epochs: usize,
    pub(super) patience: Option<usize>,
    pub(super) watch: Option<Watch>,
    /// The part of the loss of the present epoch that the steps so far have.
    pub(super) so_far: f64,
    pub(super) steps: usize,
    pub(super) history: Vec<Epoch>,
    pub(super) best: Option<Best>,
    pub(super) reason: Option<Reason>,
}

impl<'a> Training<'a> {
    /// Train parameters from a start. Without [`batches`](OverRows::batches) every step takes all rows, and is an
    /// epoch.
    pub fn new(loss: OverRows<'a>, start: &[f64], optimizer: impl Optimizer + 'a) -> Training<'a> {
        let rate = optimizer.state().learning_rate;
        Training {
            loss,
            validation: None,
            optimizer: Box::new(optimizer),
            rate,
            parameters: start.to_vec(),
            gradient: vec![f64::NAN; start.len()],
            names: Vec::new(),
            most_epochs: usize::MAX,
            patience: None,
            watch: None,
            so_far: 0.0,
            steps: 0,
            history: Vec::new(),
            best: None,
            reason: None,
        }
    }

    /// Compute the loss over other rows after each epoch; it then decides which epoch is best.
    pub fn validation(mut self, loss: OverRows<'a>) -> Training<'a> {
        self.validation = Some(loss);
        self
    }

    /// Run at most so many epochs.
    pub fn epochs(mut self, epochs: usize) -> Training<'a> {
        self.most_epochs = epochs;
        self
    }

    /// Stop once so many epochs in a row were not better than the best before them.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn patience(mut self, epochs: usize) -> Training<'a> {
        assert!(epochs > 0, "a patience of 0 epochs: give at least 1");
        self.patience = Some(epochs);
        self
    }

    /// Lower the learning rate where the loss stops falling.
    pub fn plateau(mut self, plateau: Plateau) -> Training<'a> {
        self.watch = Some(Watch { plateau, lowest: None, waited: 0 });
        self
    }

    /// Name the parameters, in their order, for messages.
    ///
    /// # Panics
    /// If there are names but not one for each parameter.
    #[track_caller]
    pub fn names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Training<'a> {
        self.names = names.into_iter().map(Into::into).collect();
        assert!(
            self.names.is_empty() || self.names.len() == self.parameters.len(),
            "{} for {}: give one for each, or none",
            counted(self.names.len(), "name"),
            counted(self.parameters.len(), "parameter")
        );
        self
    }

    /// Take a step. Returns the epoch if that was its last one. Once the training has ended nothing is done.
    ///
    /// # Errors
    /// If a parameter, the loss, a slope, or the loss of validation is not finite; if a row takes another branch than
    /// the recording did; if there are no parameters, or more or fewer than the program takes. The best parameters
    /// are there still.
    pub fn step(&mut self) -> Result<Option<Epoch>, FitError> {
        if self.parameters.is_empty() {
            return setting("there are no parameters to train: give a start with at least one");
        }
        if self.reason.is_none() && self.history.len() >= self.most_epochs {
            self.reason = Some(Reason::Epochs);
        }
        if self.reason.is_some() {
            return Ok(None);
        }
        let mut loss = f64::NAN;
        let (parameters, gradient) = (&self.parameters, &mut self.gradient);
        let evaluated = evaluate(&mut self.loss, parameters, gradient, &mut loss, &self.names);
        if let Err(kind) = evaluated {
            // No step was taken, so its batch is still to come, here and in the state.
            let was_dealt = !matches!(kind, FitErrorKind::Parameter { .. });
            if let Some(batches) = self.loss.batches.as_mut().filter(|_| was_dealt) {
                batches.take_back();
            }
            return Err(self.failed(kind));
        }
        let learning_rate = self.optimizer.learning_rate();
        self.optimizer.step(&mut self.parameters, &self.gradient);
        self.steps += 1;
        self.so_far += loss * self.loss.share_of_epoch();
        match self.loss.batches.as_ref().is_none_or(Batches::is_at_end) {
            true => self.end_epoch(learning_rate).map(Some),
            false => Ok(None),
        }
    }

    /// Take the steps that are left of an epoch; none if the training has ended.
    ///
    /// # Errors
    /// As [`step`](Training::step).
    pub fn epoch(&mut self) -> Result<Option<Epoch>, FitError> {
        loop {
            let epoch = self.step()?;
            if epoch.is_some() || self.reason.is_some() {
                return Ok(epoch);
            }
        }
    }

    fn end_epoch(&mut self, learning_rate: f64) -> Result<Epoch, FitError> {
        let training_loss = std::mem::take(&mut self.so_far);
        let validation_loss = self.validate()?;
        let loss = validation_loss.unwrap_or(training_loss);
        let epoch = self.history.len() + 1;
        let is_best = self.best.as_ref().is_none_or(|best| loss < best.loss);
        if is_best {
            self.best = Some(Best { epoch, loss, parameters: self.parameters.clone() });
        }
        let epoch = Epoch { epoch, training_loss, validation_loss, learning_rate, is_best };
        self.history.push(epoch);
        if let Some(watch) = &mut self.watch {
            let rate = watch.look(loss, self.rate);
            self.set_learning_rate(rate);
        }
        let waited = epoch.epoch - self.best.as_ref().map_or(0, |best| best.epoch);
        if self.patience.is_some_and(|patience| waited >= patience) {
            self.reason = Some(Reason::Patience);
        } else if epoch.epoch >= self.most_epochs {
            self.reason = Some(Reason::Epochs);
        }
        Ok(epoch)
    }

    fn validate(&mut self) -> Result<Option<f64>, FitError> {
        // Also without validation: no step follows that would find it, and the epoch may be the best.
        if let Some(index) = self.parameters.iter().position(|x| !x.is_finite()) {
            return Err(self.failed(FitErrorKind::Parameter { index }));
        }
        let Some(validation) = &mut self.validation else { return Ok(None) };
        let kind = match validation.value(&self.parameters) {
            Ok(loss) if loss.is_finite() => return Ok(Some(loss)),
            Ok(loss) => {
                let node = validation.non_finite(&self.names).map(Box::new);
                FitErrorKind::Loss { loss, node }
            }
            Err(error) => FitErrorKind::Program(error),
        };
        Err(self.failed(kind))
    }

    fn failed(&self, kind: FitErrorKind) -> FitError {
        let history = Box::new(History::new(self.names.clone()));
        FitError { step: self.steps, parameters: self.parameters.clone(), history, kind }
    }

    /// Change the learning rate that the schedule multiplies, from the next step on.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn set_learning_rate(&mut self, rate: f64) {
        self.rate = not_negative("the learning rate", rate);
        self.optimizer.set_learning_rate(rate);
    }

    /// Read the learning rate that the schedule multiplies.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Read the parameters as they are now.
    #[must_use]
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// Find the best epoch so far; none before the first has ended.
    #[must_use]
    pub fn best(&self) -> Option<&Best> {
        self.best.as_ref()
    }

    /// Read the parameters of the best epoch so far; before the first has ended those of now.
    #[must_use]
    pub fn best_parameters(&self) -> &[f64] {
        self.best.as_ref().map_or(&self.parameters, |best| &best.parameters)
    }

    /// List the epochs that have ended.
    #[must_use]
    pub fn history(&self) -> &[Epoch] {
        &self.history
    }

    /// Count the steps taken.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Count the steps of an epoch.
    #[must_use]
    pub fn steps_an_epoch(&self) -> usize {
        self.loss.steps_an_epoch()
    }

    /// Say why it has ended; none while it goes on.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }
}

impl fmt::Debug for Training<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, epochs) = (counted(self.steps, "step"), counted(self.history.len(), "epoch"));
        write!(
            f,
            "Training({} after {steps}, {epochs}",
            counted(self.parameters.len(), "parameter")
        )?;
        self.reason.map_or(Ok(()), |reason| write!(f, ", ended because {reason}"))?;
        f.write_str(")")
    }
}
