//! [`Sgd`]: downhill, with momentum if asked.

use super::optimizer::{check_below_one, check_not_negative, make_room};
use super::{Optimizer, Schedule};
use crate::text::assert_same_length;

/// Gradient descent, with momentum, Nesterov's look-ahead and weight decay if asked.
///
/// At parameters `θ` with gradient `∇L`, for step `k = 0, 1, ...` with rate `η`, schedule `s`, weight
/// decay `d`, momentum `m` and velocity `v` (0 before the first step):
///
/// ```text
/// g = ∇L(θ) + d θ
/// v ← m v + g
/// u = v            with momentum       (m = 0: u = g, plain descent)
/// u = g + m v      with Nesterov momentum
/// θ ← θ - η s(k) u
/// ```
///
/// Momentum: Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964.
/// Look-ahead: Nesterov, *A method of solving a convex programming problem with convergence rate
/// O(1/k²)*, 1983, in the form of Sutskever, Martens, Dahl & Hinton, *On the importance of
/// initialization and momentum in deep learning*, ICML 2013. The lines above are PyTorch's
/// arrangement of them, without dampening: the rate multiplies the velocity, not what goes into it,
/// so a change of the rate takes effect at once.
///
/// ```
/// use gradtape::optim::{Optimizer, Sgd};
///
/// let mut optimizer = Sgd::new(0.5).momentum(0.5);
/// let mut x = [8.0];
/// for expected in [4.0, 0.0, -2.0] {
///     let slope = [x[0]]; // of x²/2
///     optimizer.step(&mut x, &slope);
///     assert_eq!(x[0], expected);
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sgd {
    rate: f64,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
    schedule: Schedule,
    velocity: Vec<f64>,
    steps: usize,
}

impl Sgd {
    /// Descend at a learning rate: plain, until the methods below say otherwise.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(rate: f64) -> Sgd {
        Sgd {
            rate: check_not_negative("the learning rate", rate),
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            schedule: Schedule::Constant,
            velocity: Vec::new(),
            steps: 0,
        }
    }

    /// Keep this share of the velocity from step to step; 0.9 is usual, 0 is none.
    ///
    /// # Panics
    /// If it is not in `[0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Sgd {
        self.momentum = check_below_one("the momentum", momentum);
        self
    }

    /// Look ahead by one momentum step. Without momentum this changes nothing.
    ///
    /// ```
    /// use gradtape::optim::{Optimizer, Sgd};
    /// let mut optimizer = Sgd::new(0.5).momentum(0.5).nesterov();
    /// let mut x = [8.0];
    /// optimizer.step(&mut x, &[8.0]);
    /// assert_eq!(x, [8.0 - 0.5 * (8.0 + 0.5 * 8.0)]);
    /// ```
    #[must_use]
    pub fn nesterov(mut self) -> Sgd {
        self.nesterov = true;
        self
    }

    /// Pull every parameter towards 0: `d θ` is added to the gradient, as if the loss had the term
    /// `d/2 Σ θ²`.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, decay: f64) -> Sgd {
        self.weight_decay = check_not_negative("the weight decay", decay);
        self
    }

    /// Change the learning rate from step to step.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Sgd {
        self.schedule = schedule;
        self
    }
}

impl Optimizer for Sgd {
    fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        assert_same_length("the gradient", gradient.len(), "the point", parameters.len());
        make_room(&mut self.velocity, parameters.len());
        let rate = self.learning_rate();
        let state = parameters.iter_mut().zip(&mut self.velocity);
        for ((parameter, velocity), &slope) in state.zip(gradient) {
            let slope = slope + self.weight_decay * *parameter;
            *velocity = self.momentum * *velocity + slope;
            let direction = match self.nesterov {
                true => slope + self.momentum * *velocity,
                false => *velocity,
            };
            *parameter -= rate * direction;
        }
        self.steps += 1;
    }

    fn learning_rate(&self) -> f64 {
        self.rate * self.schedule.factor(self.steps)
    }

    fn reset(&mut self) {
        self.velocity.clear();
        self.steps = 0;
    }
}
