//! [`Loss`]: what a network is trained to make small; one row a loss.

use super::named::named;
use crate::nn;
use crate::{Real, dot, log_sum_exp};

named! {
    /// What a network is trained to make small, of one observation; the mean over all is the loss.
    ///
    /// ```
    /// use gradtape::model::Loss;
    /// assert_eq!("huber".parse::<Loss>()?, Loss::Huber);
    /// // Of logits, and a 1 at the class observed.
    /// let loss = Loss::CrossEntropy.of_one(&[0.0, 0.0], &[1.0, 0.0]);
    /// assert_eq!(loss, 2.0_f64.ln());
    /// # Ok::<(), gradtape::model::ModelError>(())
    /// ```
    Loss "loss" {
        /// The squared error, `(observed - predicted)²`: for numbers.
        Mse "mse";
        /// The absolute error: for numbers among which some are far off.
        Mae "mae";
        /// Half the squared error near 0, and the absolute error less ½ beyond 1 ([`nn::huber`]): for numbers.
        Huber "huber";
        /// The cross entropy of one logit ([`nn::binary_cross_entropy_with_logits`]): for two classes.
        BinaryCrossEntropy "binary_cross_entropy";
        /// The cross entropy of a logit for each class, `ln Σ exp zᵢ - Σ yᵢ zᵢ`: for any number of classes.
        CrossEntropy "cross_entropy";
    }
}

impl Loss {
    /// Tell whether it is one of classes, not of numbers.
    #[must_use]
    pub fn is_of_classes(self) -> bool {
        matches!(self, Loss::BinaryCrossEntropy | Loss::CrossEntropy)
    }

    /// Compute the loss of one observation. For classes, the network's outputs are logits, and the observation a 1
    /// in the place of the class and a 0 in every other; of two classes with one logit, the observation of the second.
    ///
    /// # Panics
    /// If there are not as many observations as predictions.
    #[must_use]
    #[track_caller]
    pub fn of_one<S: Real, X: Real + Into<S>>(self, predicted: &[S], observed: &[X]) -> S {
        match self {
            Loss::Mse => nn::mse(predicted, observed),
            Loss::Mae => nn::mae(predicted, observed),
            Loss::Huber => nn::huber(predicted, observed, 1.0),
            Loss::BinaryCrossEntropy => nn::binary_cross_entropy_with_logits(predicted, observed),
            Loss::CrossEntropy => log_sum_exp(predicted) - dot(predicted, observed),
        }
    }
}
