//! [`Adam`]: every parameter at its own scale.

use super::optimizer::{check_below_one, check_not_negative, make_room};
use super::{Optimizer, Schedule};
use crate::text::assert_same_length;

/// Adam, and with weight decay AdamW.
///
/// At parameters `θ` with gradient `∇L`, for step `k = 0, 1, ...` with rate `η`, schedule `s` and
/// moments `m`, `v` (0 before the first step), element by element:
///
/// ```text
/// g = ∇L(θ) + l θ
/// m ← β₁ m + (1 - β₁) g
/// v ← β₂ v + (1 - β₂) g²
/// m̂ = m / (1 - β₁^(k+1))
/// v̂ = v / (1 - β₂^(k+1))
/// θ ← θ - η s(k) (m̂ / (√v̂ + ε) + d θ)
/// ```
///
/// Kingma & Ba, *Adam: a method for stochastic optimization*, ICLR 2015, with their defaults
/// `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8`.
///
/// **Two kinds of weight decay.** [`weight_decay`](Adam::weight_decay) sets `d`, the *decoupled*
/// decay of AdamW: Loshchilov & Hutter, *Decoupled weight decay regularization*, ICLR 2019. As in
/// PyTorch's `AdamW` and optax's `adamw` it is multiplied by the learning rate.
/// [`l2`](Adam::l2) sets `l`, the penalty `l/2 Σ θ²` as part of the loss, which the moments see and
/// rescale: that is what the argument `weight_decay` of PyTorch's `Adam` means.
///
/// ```
/// use gradtape::optim::{Adam, Optimizer};
///
/// let mut optimizer = Adam::new(0.1);
/// let mut parameters = [1.0, 1.0];
/// // The first step is the learning rate, whatever the size of the slope.
/// optimizer.step(&mut parameters, &[1000.0, -0.001]);
/// assert!((parameters[0] - 0.9).abs() < 1e-6);
/// assert!((parameters[1] - 1.1).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    rate: f64,
    betas: [f64; 2],
    epsilon: f64,
    weight_decay: f64,
    l2: f64,
    schedule: Schedule,
    first: Vec<f64>,
    second: Vec<f64>,
    steps: usize,
}

impl Adam {
    /// Take steps of about the learning rate; 0.001 is usual for networks.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(rate: f64) -> Adam {
        Adam {
            rate: check_not_negative("the learning rate", rate),
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            weight_decay: 0.0,
            l2: 0.0,
            schedule: Schedule::Constant,
            first: Vec::new(),
            second: Vec::new(),
            steps: 0,
        }
    }

    /// Keep these shares of the first and second moment from step to step.
    ///
    /// # Panics
    /// If one is not in `[0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn betas(mut self, first: f64, second: f64) -> Adam {
        self.betas =
            [check_below_one("the first beta", first), check_below_one("the second beta", second)];
        self
    }

    /// Add this to the root of the second moment, so that a slope that was always 0 moves nothing.
    ///
    /// # Panics
    /// If it is not above 0 and finite.
    #[must_use]
    #[track_caller]
    pub fn epsilon(mut self, epsilon: f64) -> Adam {
        assert!(
            epsilon.is_finite() && epsilon > 0.0,
            "epsilon is {epsilon}: give a finite number above 0, or a slope of 0 divides 0 by 0"
        );
        self.epsilon = epsilon;
        self
    }

    /// Shrink every parameter by the share `η s(k) d` of itself at each step, beside the gradient:
    /// decoupled, AdamW.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, decay: f64) -> Adam {
        self.weight_decay = check_not_negative("the weight decay", decay);
        self
    }

    /// Add `l θ` to the gradient, as if the loss had the term `l/2 Σ θ²`.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn l2(mut self, penalty: f64) -> Adam {
        self.l2 = check_not_negative("the L2 penalty", penalty);
        self
    }

    /// Change the learning rate from step to step.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Adam {
        self.schedule = schedule;
        self
    }
}

impl Optimizer for Adam {
    fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        assert_same_length("the gradient", gradient.len(), "the point", parameters.len());
        make_room(&mut self.first, parameters.len());
        make_room(&mut self.second, parameters.len());
        let rate = self.learning_rate();
        self.steps += 1;
        let [beta1, beta2] = self.betas;
        // The moments start at 0, and these take that bias out of them.
        let [bias1, bias2] = self.betas.map(|beta| 1.0 - beta.powf(self.steps as f64));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, (first, second)), &slope) in
            parameters.iter_mut().zip(moments).zip(gradient)
        {
            let slope = slope + self.l2 * *parameter;
            *first = beta1 * *first + (1.0 - beta1) * slope;
            *second = beta2 * *second + (1.0 - beta2) * slope * slope;
            let scaled = (*first / bias1) / ((*second / bias2).sqrt() + self.epsilon);
            *parameter -= rate * (scaled + self.weight_decay * *parameter);
        }
    }

    fn learning_rate(&self) -> f64 {
        self.rate * self.schedule.factor(self.steps)
    }

    fn reset(&mut self) {
        self.first.clear();
        self.second.clear();
        self.steps = 0;
    }
}
