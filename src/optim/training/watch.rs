//! What is watched after each epoch: [`Epoch`], [`Best`], [`Plateau`].

use crate::optim::progress::not_negative;
use crate::text::digits;
use std::fmt;

/// What came of an epoch. Prints as one line.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Epoch {
    /// Which it is, the first being 1.
    pub epoch: usize,
    /// The loss over its rows, each taken at the step that used it: of losses by the mean the mean, of others the sum.
    pub training_loss: f64,
    /// The loss over the validation rows after its last step.
    pub validation_loss: Option<f64>,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// Whether its [`loss`](Epoch::loss) is less than that of every epoch before it.
    pub is_best: bool,
}

impl Epoch {
    /// The loss that decides: that of validation, or of training where nothing is validated.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.validation_loss.unwrap_or(self.training_loss)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = if self.is_best { "  best" } else { "" };
        write!(f, "epoch {:>4}  training {:<12}", self.epoch, digits(self.training_loss, 6))?;
        if let Some(loss) = self.validation_loss {
            write!(f, "  validation {:<12}", digits(loss, 6))?;
        }
        write!(f, "  rate {}{best}", digits(self.learning_rate, 3))
    }
}

/// The epoch with the least loss, and the parameters after its last step.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Best {
    /// Which epoch it is, the first being 1.
    pub epoch: usize,
    /// Its [`Epoch::loss`].
    pub loss: f64,
    /// The parameters after its last step.
    pub parameters: Vec<f64>,
}

/// Lower the learning rate where the loss stops falling: a schedule that looks.
///
/// After an epoch the loss that decides, [`Epoch::loss`], counts as lower if it is less than the lowest so far by more
/// than the share `threshold` of that. Once it was not lower in more than `patience` epochs in a row, the learning rate
/// is multiplied by `factor`, and the count begins anew. The rules, and the threshold, are those of PyTorch's
/// `ReduceLROnPlateau`.
///
/// ```
/// use gradtape::optim::Plateau;
/// let plateau = Plateau::new(0.5, 10).least_rate(1e-6);
/// assert_eq!((plateau.factor, plateau.patience), (0.5, 10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plateau {
    /// What the learning rate is multiplied by.
    pub factor: f64,
    /// How many epochs in a row the loss may fail to be lower.
    pub patience: usize,
    /// By which share of itself the lowest loss must be beaten.
    pub threshold: f64,
    /// The learning rate is not lowered below this.
    pub least_rate: f64,
}

impl Plateau {
    /// Lower the rate by a factor after more than `patience` epochs.
    ///
    /// # Panics
    /// If the factor is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(factor: f64, patience: usize) -> Plateau {
        let factor = not_negative("the factor of the plateau", factor);
        Plateau { factor, patience, threshold: 1e-4, least_rate: 0.0 }
    }

    /// Change the share by which the lowest loss must be beaten, which is 1e-4.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn threshold(mut self, threshold: f64) -> Plateau {
        self.threshold = not_negative("the threshold of the plateau", threshold);
        self
    }

    /// Do not go below this learning rate.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn least_rate(mut self, rate: f64) -> Plateau {
        self.least_rate = not_negative("the least learning rate", rate);
        self
    }
}

/// A plateau that is looked for: the lowest loss so far, and in how many epochs since it was not beaten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    pub plateau: Plateau,
    pub lowest: Option<f64>,
    pub waited: usize,
}

impl Watch {
    /// Look at the loss of an epoch, and return the learning rate that follows.
    pub fn look(&mut self, loss: f64, rate: f64) -> f64 {
        let Plateau { factor, patience, threshold, least_rate } = self.plateau;
        let is_lower = self.lowest.is_none_or(|lowest| loss < lowest - threshold * lowest.abs());
        (self.lowest, self.waited) = match is_lower {
            true => (Some(loss), 0),
            false => (self.lowest, self.waited.saturating_add(1)),
        };
        if self.waited <= patience {
            return rate;
        }
        self.waited = 0;
        // Never up.
        rate.min((rate * factor).max(least_rate))
    }
}
