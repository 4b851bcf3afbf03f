//! [`Stop`], the rules that end a fit; [`Reason`], which one did.

use std::fmt;

/// When to end a fit: after a number of steps at the latest, and earlier by the rules given.
///
/// A rule holds when its quantity is *at or below* the number given, so 0 asks for exactly 0.
///
/// ```
/// use gradtape::optim::{Reason, Sgd, Stop, fit};
///
/// let stop = Stop::after(100).loss(0.25);
/// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(0.25), &stop)?;
/// assert_eq!((fit.reason, fit.steps, fit.loss), (Reason::Loss, 3, 0.25)); // 4, 2, 1, ½
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stop {
    /// The most steps to take.
    pub steps: usize,
    /// End after a step that changes no parameter by more than this. That step is taken.
    pub step_size: Option<f64>,
    /// End where the Euclidean norm of the gradient is no more than this.
    pub gradient_norm: Option<f64>,
    /// End where the loss is no more than this.
    pub loss: Option<f64>,
}

impl Stop {
    /// End after `steps` steps; with 0 the loss and the gradient are taken at the start, no more.
    #[must_use]
    pub fn after(steps: usize) -> Stop {
        Stop { steps, step_size: None, gradient_norm: None, loss: None }
    }

    /// End after a step that changes no parameter by more than `size`; that step is taken.
    ///
    /// It watches the change and not the distance to go: steps are also small at a small learning
    /// rate, as a warm-up or a decaying schedule makes it.
    #[must_use]
    pub fn step_size(mut self, size: f64) -> Stop {
        self.step_size = Some(size);
        self
    }

    /// End where the Euclidean norm of the gradient is no more than `norm`.
    #[must_use]
    pub fn gradient_norm(mut self, norm: f64) -> Stop {
        self.gradient_norm = Some(norm);
        self
    }

    /// End where the loss is no more than `loss`.
    #[must_use]
    pub fn loss(mut self, loss: f64) -> Stop {
        self.loss = Some(loss);
        self
    }

    /// Find the rule that holds, the more telling first. `change` is the size of the step that led
    /// here; at the start there was none.
    pub(super) fn reason(
        &self,
        steps: usize,
        change: Option<f64>,
        gradient: &[f64],
        loss: f64,
    ) -> Option<Reason> {
        let norm = || gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        if self.loss.is_some_and(|least| loss <= least) {
            Some(Reason::Loss)
        } else if self.gradient_norm.is_some_and(|least| norm() <= least) {
            Some(Reason::GradientNorm)
        } else if change.zip(self.step_size).is_some_and(|(change, least)| change <= least) {
            Some(Reason::StepSize)
        } else if steps >= self.steps {
            Some(Reason::Steps)
        } else {
            None
        }
    }
}

/// Which rule ended a fit. If several held at once, the observer's goes first, then the loss, the
/// gradient, the step size and the number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// [`Stop::steps`] were taken.
    Steps,
    /// The last step changed no parameter by more than [`Stop::step_size`].
    StepSize,
    /// The gradient is no longer than [`Stop::gradient_norm`].
    GradientNorm,
    /// The loss is no more than [`Stop::loss`].
    Loss,
    /// The observer broke off.
    Observer,
}

impl fmt::Display for Reason {
    /// What happened, to follow "stopped because".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Steps => "all steps were taken",
            Reason::StepSize => "the step size is close to 0",
            Reason::GradientNorm => "the gradient is close to 0",
            Reason::Loss => "the loss is low enough",
            Reason::Observer => "the observer asked for it",
        })
    }
}
