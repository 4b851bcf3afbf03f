//! The optimizers: [`Sgd`], [`RmsProp`], [`Adam`], [`Lion`]. Each is its settings and its formula.

use super::error::FitError;
use super::norm::root_mean;
use super::optimizer::{OptimizerState, Rule, optimizer};
use super::progress::{Progress, above_zero, below_one, limit, not_negative};
use super::{Optimizer, Schedule};
use std::ops::Range;

optimizer! {
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
    Sgd remembers 1;
    /// Keep this share of the velocity from step to step; 0.9 is usual, 0 (the default) is none.
    momentum = 0.0, below_one "the momentum";
    /// Pull every parameter towards 0: `d θ` is added to the gradient, as if the loss had the term
    /// `d/2 Σ θ²`. The default is 0.
    weight_decay = 0.0, not_negative "the weight decay";
    { nesterov: bool = false }
}

impl Rule<1> for Sgd {
    fn of_step(&self, _k: usize, decay_factor: f64) -> impl Fn(f64, f64, &mut [f64; 1]) -> f64 {
        let weight_decay = self.weight_decay * decay_factor;
        move |parameter, slope, [velocity]| {
            let slope = slope + weight_decay * parameter;
            *velocity = self.momentum * *velocity + slope;
            if self.nesterov { slope + self.momentum * *velocity } else { *velocity }
        }
    }
}

impl Sgd {
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
}

optimizer! {
    /// RMSProp: each slope is divided by the root of the mean of its recent squares.
    ///
    /// At parameters `θ` with gradient `∇L`, for step `k = 0, 1, ...` with rate `η`, schedule `s`, weight decay `d`
    /// and mean square `v` (0 before the first step), element by element:
    ///
    /// ```text
    /// g = ∇L(θ) + d θ
    /// v ← ρ v + (1 - ρ) g²
    /// θ ← θ - η s(k) g / (√v + ε)
    /// ```
    ///
    /// Tieleman & Hinton, *Lecture 6.5: rmsprop, divide the gradient by a running average of its recent
    /// magnitude*, Coursera, 2012, who take `ρ = 0.9`. The lines above are PyTorch's arrangement (`ε` beside
    /// the root, not under it as in Keras) with its defaults `ρ = 0.99` (its `alpha`) and `ε = 1e-8`; 0.01 is its
    /// learning rate. The first steps are long, for `v` starts at 0: of the first one the size is
    /// `η / √(1 - ρ)`, 10 times the rate.
    ///
    /// ```
    /// use gradtape::optim::{Optimizer, RmsProp};
    ///
    /// let mut optimizer = RmsProp::new(0.01).smoothing(0.75);
    /// let mut parameters = [1.0, 1.0];
    /// // The first step is twice the learning rate, whatever the size of the slope.
    /// optimizer.step(&mut parameters, &[1000.0, -0.001]);
    /// assert!((parameters[0] - 0.98).abs() < 1e-6);
    /// assert!((parameters[1] - 1.02).abs() < 1e-6);
    /// ```
    RmsProp remembers 1;
    /// Keep this share `ρ` of the mean square from step to step. The default is 0.99.
    smoothing = 0.99, below_one "the smoothing";
    /// Add this to the root of the mean square, so that a slope that was always 0 moves nothing. The
    /// default is 1e-8.
    epsilon = 1e-8, above_zero "epsilon";
    /// Pull every parameter towards 0: `d θ` is added to the gradient, as if the loss had the term
    /// `d/2 Σ θ²`. The default is 0.
    weight_decay = 0.0, not_negative "the weight decay";
}

impl Rule<1> for RmsProp {
    const ROOT: Option<usize> = Some(0);

    fn of_step(&self, _k: usize, decay_factor: f64) -> impl Fn(f64, f64, &mut [f64; 1]) -> f64 {
        let weight_decay = self.weight_decay * decay_factor;
        // The root is kept in place of `v`, which would overflow where no step does.
        move |parameter, slope, [root]| {
            let slope = slope + weight_decay * parameter;
            *root = root_mean(self.smoothing, *root, slope);
            slope / (*root + self.epsilon)
        }
    }
}

optimizer! {
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
    /// `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8`. A learning rate of 0.001 is usual for networks.
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
    Adam remembers 2;
    /// Add this to the root of the second moment, so that a slope that was always 0 moves nothing. The
    /// default is 1e-8.
    epsilon = 1e-8, above_zero "epsilon";
    /// Shrink every parameter by the share `η s(k) d` of itself at each step, beside the gradient:
    /// decoupled, AdamW. The default is 0.
    weight_decay = 0.0, not_negative "the weight decay";
    /// Add `l θ` to the gradient, as if the loss had the term `l/2 Σ θ²`. The default is 0.
    l2 = 0.0, not_negative "the L2 penalty";
    { betas: [f64; 2] = [0.9, 0.999] }
}

impl Rule<2> for Adam {
    const ROOT: Option<usize> = Some(1);

    fn of_step(&self, k: usize, decay_factor: f64) -> impl Fn(f64, f64, &mut [f64; 2]) -> f64 {
        let [beta1, beta2] = self.betas;
        let (weight_decay, l2) = (self.weight_decay * decay_factor, self.l2 * decay_factor);
        // The moments start at 0, and these take that bias out of them.
        let [bias1, bias2] = self.betas.map(|beta| 1.0 - beta.powf((k + 1) as f64));
        // The root is kept in place of `v`, which would overflow where no step does; and what is taken out of both
        // moments multiplies their quotient (section 2 of the paper), so that the largest slope stays one.
        let bias = bias2.sqrt() / bias1;
        // Above 0 for every epsilon: 0 / 0 would move a parameter of slope 0 to nowhere.
        let epsilon = (self.epsilon * bias2.sqrt()).max(f64::from_bits(1));
        move |parameter, slope, [first, root]| {
            let slope = slope + l2 * parameter;
            *first = beta1 * *first + (1.0 - beta1) * slope;
            *root = root_mean(beta2, *root, slope);
            *first / (*root + epsilon) * bias + weight_decay * parameter
        }
    }
}

impl Adam {
    /// Keep these shares of the first and second moment from step to step.
    ///
    /// # Panics
    /// If one is not in `[0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn betas(mut self, first: f64, second: f64) -> Adam {
        self.betas = [below_one("the first beta", first), below_one("the second beta", second)];
        self
    }
}

optimizer! {
    /// Lion: every parameter moves by the learning rate, in the direction that a mean of its slopes points to.
    ///
    /// At parameters `θ` with gradient `∇L`, for step `k = 0, 1, ...` with rate `η`, schedule `s`, weight decay `d`
    /// and moment `m` (0 before the first step), element by element:
    ///
    /// ```text
    /// c = β₁ m + (1 - β₁) ∇L(θ)
    /// m ← β₂ m + (1 - β₂) ∇L(θ)
    /// θ ← θ - η s(k) (sign(c) + d θ)
    /// ```
    ///
    /// Chen et al., *Symbolic discovery of optimization algorithms*, NeurIPS 2023 (algorithm 2), with their defaults
    /// `β₁ = 0.9`, `β₂ = 0.99`. The sign of 0 is 0. Its rate is 3 to 10 times smaller than Adam's, and its weight
    /// decay as many times larger.
    ///
    /// ```
    /// use gradtape::optim::{Lion, Optimizer};
    ///
    /// let mut optimizer = Lion::new(0.25);
    /// let mut parameters = [1.0, 1.0, 1.0];
    /// optimizer.step(&mut parameters, &[1000.0, -0.001, 0.0]);
    /// assert_eq!(parameters, [0.75, 1.25, 1.0]);
    /// ```
    Lion remembers 1;
    /// Shrink every parameter by the share `η s(k) d` of itself at each step, beside the gradient:
    /// decoupled. The default is 0.
    weight_decay = 0.0, not_negative "the weight decay";
    { betas: [f64; 2] = [0.9, 0.99] }
}

impl Rule<1> for Lion {
    fn of_step(&self, _k: usize, decay_factor: f64) -> impl Fn(f64, f64, &mut [f64; 1]) -> f64 {
        let [beta1, beta2] = self.betas;
        let weight_decay = self.weight_decay * decay_factor;
        move |parameter, slope, [moment]| {
            let mean = beta1 * *moment + (1.0 - beta1) * slope;
            *moment = beta2 * *moment + (1.0 - beta2) * slope;
            // `signum` of 0 is 1, and of NaN it is NaN.
            let sign = if mean == 0.0 { 0.0 } else { mean.signum() };
            sign + weight_decay * parameter
        }
    }
}

impl Lion {
    /// Weigh the moment by the first share for the direction of a step, and keep the second share of it.
    ///
    /// # Panics
    /// If one is not in `[0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn betas(mut self, first: f64, second: f64) -> Lion {
        self.betas = [below_one("the first beta", first), below_one("the second beta", second)];
        self
    }
}
