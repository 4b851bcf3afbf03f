//! [`Schedule`]: the learning rate as a function of the step.

use std::f64::consts::PI;

/// What the learning rate is multiplied by at step `k = 0, 1, ...`.
///
/// | schedule | factor at step `k` |
/// |---|---|
/// | `Constant` | `1` |
/// | `Step { every: n, factor: f }` | `f^⌊k/n⌋` |
/// | `Exponential { factor: f }` | `f^k` |
/// | `Linear { steps: n, floor: c }` | `1 - (1 - c) k/n`, and `c` from step `n` on |
/// | `Cosine { steps: n, floor: c }` | `c + (1 - c)/2 · (1 + cos(π k/n))`, and `c` from step `n` on |
/// | `Warmup { steps: n, then }` | `(k + 1)/n` before step `n`, then `then` at `k - n` |
///
/// The floor is a share of the learning rate. A length of 0 steps is no such phase: `Step` never
/// steps, `Linear` and `Cosine` are at the floor, `Warmup` is what follows it.
///
/// Cosine: Loshchilov & Hutter, *SGDR: stochastic gradient descent with warm restarts*, ICLR 2017,
/// one period of it. Warm-up: Goyal et al., *Accurate, large minibatch SGD*, 2017.
///
/// ```
/// use gradtape::optim::{Adam, Optimizer, Schedule};
///
/// let schedule = Schedule::Cosine { steps: 100, floor: 0.1 }.after_warmup(4);
/// let factors: Vec<f64> = [0, 1, 2, 3, 4, 54, 104, 999].map(|k| schedule.factor(k)).to_vec();
/// assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 1.0, 0.55, 0.1, 0.1]);
///
/// let optimizer = Adam::new(0.02).schedule(schedule);
/// assert_eq!(optimizer.learning_rate(), 0.02 * 0.25);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// Keep the rate.
    #[default]
    Constant,
    /// Multiply the rate by `factor` after every `every` steps.
    Step {
        /// The length of a stair, in steps.
        every: usize,
        /// From one stair to the next.
        factor: f64,
    },
    /// Multiply the rate by `factor` after each step.
    Exponential {
        /// From one step to the next.
        factor: f64,
    },
    /// Go down to the floor on a straight line.
    Linear {
        /// When the floor is reached.
        steps: usize,
        /// The share of the rate that stays.
        floor: f64,
    },
    /// Go down to the floor on half a period of the cosine: slowly, fast, slowly.
    Cosine {
        /// When the floor is reached.
        steps: usize,
        /// The share of the rate that stays.
        floor: f64,
    },
    /// Rise to the rate on a straight line, then follow another schedule from its start.
    Warmup {
        /// How long to rise.
        steps: usize,
        /// What follows.
        then: Box<Schedule>,
    },
}

impl Schedule {
    /// Compute the factor at step `step`, the first being 0.
    #[must_use]
    pub fn factor(&self, step: usize) -> f64 {
        let share = |steps: &usize| step as f64 / *steps as f64;
        match self {
            Schedule::Constant => 1.0,
            Schedule::Step { every, factor } => {
                factor.powf(step.checked_div(*every).unwrap_or(0) as f64)
            }
            Schedule::Exponential { factor } => factor.powf(step as f64),
            Schedule::Linear { steps, floor } | Schedule::Cosine { steps, floor }
                if step >= *steps =>
            {
                *floor
            }
            Schedule::Linear { steps, floor } => 1.0 - (1.0 - floor) * share(steps),
            Schedule::Cosine { steps, floor } => {
                floor + (1.0 - floor) / 2.0 * (1.0 + (PI * share(steps)).cos())
            }
            Schedule::Warmup { steps, then } => match step.checked_sub(*steps) {
                Some(step) => then.factor(step),
                None => (step + 1) as f64 / *steps as f64,
            },
        }
    }

    /// The factor or floor that it is made with, and its name in messages.
    pub(super) fn number(&self) -> Option<(&'static str, f64)> {
        match self {
            Schedule::Constant => None,
            Schedule::Step { factor, .. } | Schedule::Exponential { factor } => {
                Some(("the factor of the schedule", *factor))
            }
            Schedule::Linear { floor, .. } | Schedule::Cosine { floor, .. } => {
                Some(("the floor of the schedule", *floor))
            }
            Schedule::Warmup { then, .. } => then.number(),
        }
    }

    /// Put a warm-up of `steps` steps before this schedule.
    #[must_use]
    pub fn after_warmup(self, steps: usize) -> Schedule {
        Schedule::Warmup { steps, then: Box::new(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule::{self, Constant, Cosine, Exponential, Linear, Step};

    fn near(schedule: &Schedule, points: &[(usize, f64)]) {
        for &(step, expected) in points {
            let found = schedule.factor(step);
            assert!(
                (found - expected).abs() <= 1e-15,
                "{schedule:?} at step {step}: {found} and not {expected}"
            );
        }
    }

    #[test]
    fn every_schedule_follows_its_formula() {
        near(&Constant, &[(0, 1.0), (1_000_000, 1.0)]);
        let halves = Step { every: 10, factor: 0.5 };
        near(&halves, &[(0, 1.0), (9, 1.0), (10, 0.5), (19, 0.5), (20, 0.25), (35, 0.125)]);
        near(&Exponential { factor: 0.9 }, &[(0, 1.0), (1, 0.9), (2, 0.81), (3, 0.729)]);
        let line = Linear { steps: 4, floor: 0.2 };
        near(&line, &[(0, 1.0), (1, 0.8), (2, 0.6), (3, 0.4), (4, 0.2), (5, 0.2)]);
        // cos(π/4) = √2/2 and cos(π/3) = 1/2 are known without a cosine.
        let r = std::f64::consts::FRAC_1_SQRT_2;
        let wave = Cosine { steps: 4, floor: 0.0 };
        near(&wave, &[(0, 1.0), (1, (1.0 + r) / 2.0), (2, 0.5), (3, (1.0 - r) / 2.0), (4, 0.0)]);
        near(&Cosine { steps: 6, floor: 0.2 }, &[(2, 0.2 + 0.4 * 1.5), (4, 0.2 + 0.4 * 0.5)]);
    }

    #[test]
    fn a_warm_up_rises_to_the_rate_and_then_the_other_schedule_starts_at_its_beginning() {
        let schedule = Step { every: 2, factor: 0.1 }.after_warmup(2);
        near(&schedule, &[(0, 0.5), (1, 1.0), (2, 1.0), (3, 1.0), (4, 0.1), (6, 0.01)]);
        let twice = Constant.after_warmup(2).after_warmup(1);
        near(&twice, &[(0, 1.0), (1, 0.5), (2, 1.0), (3, 1.0)]);
    }

    #[test]
    fn a_phase_of_no_steps_is_left_out() {
        near(&Step { every: 0, factor: 0.5 }, &[(0, 1.0), (7, 1.0)]);
        near(&Linear { steps: 0, floor: 0.3 }, &[(0, 0.3), (1, 0.3)]);
        near(&Cosine { steps: 0, floor: 0.3 }, &[(0, 0.3), (1, 0.3)]);
        near(&Exponential { factor: 0.5 }.after_warmup(0), &[(0, 1.0), (1, 0.5)]);
    }
}
