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
/// | `WarmRestarts { steps: n, lengthen: m, floor: c }` | `Cosine` over `n` steps, again over `n m`, over `n m²`, ... |
/// | `OneCycle { steps: n, rise, start, floor: c }` | half a cosine from `start` to 1 in `rise (n - 1)` steps, then to `c` at step `n - 1`; `c` from there on |
///
/// The floor is a share of the learning rate. A length of 0 steps is no such phase: `Step` never
/// steps, `Linear` and `Cosine` are at the floor, `Warmup` is what follows it.
///
/// Cosine: Loshchilov & Hutter, *SGDR: stochastic gradient descent with warm restarts*, ICLR 2017,
/// one period of it; `WarmRestarts` has all of them. Warm-up: Goyal et al., *Accurate, large minibatch SGD*, 2017. One
/// cycle: L. N. Smith, N. Topin, *Super-convergence: very fast training of neural networks using large learning rates*,
/// 2018, as PyTorch's `OneCycleLR` arranges it, where the rate is the highest one.
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
    /// Go down to the floor on half a period of the cosine, go back to the rate at once, and so on.
    WarmRestarts {
        /// The length of the first period.
        steps: usize,
        /// How many times longer each period is than the one before; 1 or more.
        lengthen: usize,
        /// The share of the rate that stays.
        floor: f64,
    },
    /// Rise to the rate and go down to the floor, both on half a period of the cosine.
    OneCycle {
        /// When the floor is reached.
        steps: usize,
        /// The share of the steps in which it rises, from 0 to 1; 0.3 is usual.
        rise: f64,
        /// The share of the rate to begin with; 1/25 is usual.
        start: f64,
        /// The share of the rate to end with; 4e-6 is usual.
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
            Schedule::Cosine { steps, floor } => half_wave(1.0, *floor, share(steps)),
            Schedule::WarmRestarts { steps: 0, floor, .. } => *floor,
            Schedule::WarmRestarts { steps, lengthen, floor } => {
                let (mut at, mut period) = (step, *steps);
                if *lengthen <= 1 {
                    at %= period;
                }
                while at >= period {
                    at -= period;
                    period = period.saturating_mul(*lengthen);
                }
                half_wave(1.0, *floor, at as f64 / period as f64)
            }
            Schedule::OneCycle { steps, rise, start, floor } => {
                let last = steps.saturating_sub(1) as f64;
                let top = (rise * *steps as f64 - 1.0).clamp(0.0, last);
                match step as f64 {
                    at if at >= last => *floor,
                    at if at < top => half_wave(*start, 1.0, at / top),
                    at => half_wave(1.0, *floor, (at - top) / (last - top)),
                }
            }
            Schedule::Warmup { steps, then } => match step.checked_sub(*steps) {
                Some(step) => then.factor(step),
                None => (step + 1) as f64 / *steps as f64,
            },
        }
    }

    /// The numbers that it is made with, and their names in messages.
    pub(super) fn numbers(&self) -> Vec<(&'static str, f64)> {
        match self {
            Schedule::Constant => vec![],
            Schedule::Step { factor, .. } | Schedule::Exponential { factor } => {
                vec![("the factor of the schedule", *factor)]
            }
            Schedule::Linear { floor, .. }
            | Schedule::Cosine { floor, .. }
            | Schedule::WarmRestarts { floor, .. } => vec![("the floor of the schedule", *floor)],
            Schedule::OneCycle { rise, start, floor, .. } => vec![
                ("the share of the steps in which the schedule rises", *rise),
                ("the start of the schedule", *start),
                ("the floor of the schedule", *floor),
            ],
            Schedule::Warmup { then, .. } => then.numbers(),
        }
    }

    /// Put a warm-up of `steps` steps before this schedule.
    #[must_use]
    pub fn after_warmup(self, steps: usize) -> Schedule {
        Schedule::Warmup { steps, then: Box::new(self) }
    }
}

/// Half a period of the cosine, from one number to another; the share of the way is from 0 to 1.
fn half_wave(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (PI * share).cos())
}

#[cfg(test)]
mod tests {
    use super::Schedule::{
        self, Constant, Cosine, Exponential, Linear, OneCycle, Step, WarmRestarts,
    };

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

    /// The factors of PyTorch's `CosineAnnealingWarmRestarts` and `OneCycleLR`, by PyTorch 2.
    #[test]
    fn restarts_and_one_cycle_are_those_of_pytorch() {
        let all = |schedule: &Schedule, expected: &[f64]| {
            near(schedule, &expected.iter().copied().enumerate().collect::<Vec<_>>());
        };
        let growing = [
            1.0,
            0.775,
            0.325,
            1.0,
            0.9397114317029974,
            0.775,
            0.55,
            0.325,
            0.16028856829700258,
            1.0,
            0.9846666218300807,
            0.9397114317029974,
        ];
        all(&WarmRestarts { steps: 3, lengthen: 2, floor: 0.1 }, &growing);
        let r = 0.8535533905932737;
        let equal = [1.0, r, 0.5, 1.0 - r, 1.0, r, 0.5, 1.0 - r, 1.0];
        for lengthen in [0, 1] {
            all(&WarmRestarts { steps: 4, lengthen, floor: 0.0 }, &equal);
        }
        let usual = [
            0.04,
            0.52,
            1.0,
            0.9504846320134737,
            0.8117456539497631,
            0.6112620219362893,
            0.38874197806371075,
            0.18825834605023697,
            0.049519367986526286,
            4e-6,
            4e-6,
        ];
        all(&OneCycle { steps: 10, rise: 0.3, start: 0.04, floor: 4e-6 }, &usual);
        let own = [
            0.1,
            0.22012665767657813,
            0.516371457886109,
            0.83057041083643,
            0.9949738718013078,
            0.9742939527525992,
            0.874381118711465,
            0.7146319344208255,
            0.5206128370846529,
            0.3233748589222534,
            0.1544841854219551,
            0.0409702678924173,
            0.001,
        ];
        all(&OneCycle { steps: 13, rise: 0.4, start: 0.1, floor: 0.001 }, &own);
        // Far on, restarts take no more time than the logarithm of the step.
        near(&WarmRestarts { steps: 1, lengthen: 2, floor: 0.0 }, &[(usize::MAX / 2, 1.0)]);
    }

    #[test]
    fn a_phase_of_no_steps_is_left_out() {
        near(&WarmRestarts { steps: 0, lengthen: 2, floor: 0.3 }, &[(0, 0.3), (9, 0.3)]);
        for (steps, rise) in [(0, 0.3), (1, 0.3), (0, 0.0), (1, 1.0)] {
            near(&OneCycle { steps, rise, start: 0.5, floor: 0.3 }, &[(0, 0.3), (1, 0.3)]);
        }
        near(
            &OneCycle { steps: 3, rise: 0.0, start: 0.5, floor: 0.0 },
            &[(0, 1.0), (1, 0.5), (2, 0.0)],
        );
        near(
            &OneCycle { steps: 3, rise: 1.0, start: 0.5, floor: 0.0 },
            &[(0, 0.5), (1, 0.75), (2, 0.0)],
        );
        near(&Step { every: 0, factor: 0.5 }, &[(0, 1.0), (7, 1.0)]);
        near(&Linear { steps: 0, floor: 0.3 }, &[(0, 0.3), (1, 0.3)]);
        near(&Cosine { steps: 0, floor: 0.3 }, &[(0, 0.3), (1, 0.3)]);
        near(&Exponential { factor: 0.5 }.after_warmup(0), &[(0, 1.0), (1, 0.5)]);
    }
}
