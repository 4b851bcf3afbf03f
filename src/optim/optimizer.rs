//! [`Optimizer`]: parameters and gradient in, changed parameters out; and what all of ours share.
//!
//! An optimizer of this crate is its formula: the [`Rule`] that turns slopes into the direction of a step.
//! Its settings are a table for the macro [`optimizer!`], which writes everything else, once for all: the
//! constructor, a checked method for each setting, the schedule, memory for each parameter, the count of
//! steps, and the trait.

use super::Schedule;
use crate::text::{assert_same_length, counted};
use std::fmt;

/// A rule that turns a gradient into a change of the parameters.
///
/// It sees slices of numbers and nothing of where they come from, so it serves any loss, also one
/// whose gradient was not taken on a tape.
///
/// ```
/// use gradtape::optim::{Optimizer, Sgd};
///
/// let mut optimizer = Sgd::new(0.1);
/// let mut parameters = [1.0, 2.0];
/// optimizer.step(&mut parameters, &[10.0, -10.0]);
/// assert_eq!(parameters, [0.0, 3.0]);
/// ```
pub trait Optimizer {
    /// Take one step: change `parameters` in place, given the gradient of the loss there.
    ///
    /// # Panics
    /// If the two differ in length, or in length from those of the steps before (until
    /// [`reset`](Optimizer::reset)).
    #[track_caller]
    fn step(&mut self, parameters: &mut [f64], gradient: &[f64]);

    /// Read the learning rate that the next step uses, after its schedule.
    fn learning_rate(&self) -> f64;

    /// Forget momentum, moments and the count of steps, and keep the settings.
    fn reset(&mut self);
}

/// The formula of an optimizer that remembers `N` numbers for each parameter, which are 0 at first.
pub(super) trait Rule<const N: usize> {
    /// Make the formula of step `k = 0, 1, ...`. It takes a parameter, its slope and its memory, which it
    /// updates, and returns the direction `u` of the step `θ ← θ - η s(k) u`.
    fn of_step(&self, k: usize) -> impl Fn(f64, f64, &mut [f64; N]) -> f64;
}

/// What an optimizer carries from step to step.
#[derive(Clone, PartialEq)]
pub(super) struct Progress<const N: usize> {
    rate: f64,
    schedule: Schedule,
    /// How many steps were taken.
    pub steps: usize,
    memory: Vec<[f64; N]>,
}

/// Without the memory, which is as long as the parameters.
impl<const N: usize> fmt::Debug for Progress<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { rate, schedule, steps, memory } = self;
        let (steps, memory) = (counted(*steps, "step"), counted(memory.len(), "parameter"));
        write!(f, "rate {rate}, {schedule:?}, after {steps} of {memory}")
    }
}

impl<const N: usize> Progress<N> {
    #[track_caller]
    pub fn new(rate: f64) -> Progress<N> {
        let rate = not_negative("the learning rate", rate);
        Progress { rate, schedule: Schedule::Constant, steps: 0, memory: Vec::new() }
    }

    #[track_caller]
    pub fn follow(&mut self, schedule: Schedule) {
        if let Some((what, number)) = schedule.number() {
            not_negative(what, number);
        }
        self.schedule = schedule;
    }

    pub fn learning_rate(&self) -> f64 {
        self.rate * self.schedule.factor(self.steps)
    }

    pub fn reset(&mut self) {
        self.memory.clear();
        self.steps = 0;
    }

    /// Check what a step is given, and hand out the memory for it until [`done`](Progress::done).
    #[track_caller]
    pub fn begin(&mut self, parameters: &[f64], gradient: &[f64]) -> Vec<[f64; N]> {
        assert_same_length("the gradient", gradient.len(), "the point", parameters.len());
        if self.memory.is_empty() {
            self.memory.resize(parameters.len(), [0.0; N]);
        }
        assert!(
            self.memory.len() == parameters.len(),
            "the optimizer has taken steps with {} and is now given {}: call `reset` between fits, or use \
             an optimizer for each",
            counted(self.memory.len(), "parameter"),
            parameters.len()
        );
        std::mem::take(&mut self.memory)
    }

    pub fn done(&mut self, memory: Vec<[f64; N]>) {
        self.memory = memory;
        self.steps += 1;
    }
}

/// Write an optimizer from its settings; its [`Rule`] stands beside it.
///
/// A line with a check, `name = default, check "what messages call it";`, becomes a method that changes the
/// setting; a field in braces, `{ name: Type = default }`, has its method beside it.
macro_rules! optimizer {
    (
        $(#[$doc:meta])*
        $Name:ident remembers $n:literal;
        $($(#[$setting_doc:meta])* $setting:ident = $default:expr, $check:ident $what:literal;)*
        $({ $field:ident: $Type:ty = $value:expr })?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Name {
            $($setting: f64,)*
            $($field: $Type,)?
            progress: Progress<$n>,
        }

        impl $Name {
            /// Descend at a learning rate, with the default settings until the methods change them.
            ///
            /// # Panics
            /// If the rate is negative or not finite.
            #[must_use]
            #[track_caller]
            pub fn new(rate: f64) -> $Name {
                $Name {
                    $($setting: $default,)*
                    $($field: $value,)?
                    progress: Progress::new(rate),
                }
            }

            $(
                $(#[$setting_doc])*
                ///
                /// # Panics
                #[doc = optimizer!(refuses $check)]
                #[must_use]
                #[track_caller]
                pub fn $setting(mut self, $setting: f64) -> $Name {
                    self.$setting = $check($what, $setting);
                    self
                }
            )*

            /// Change the learning rate from step to step.
            ///
            /// # Panics
            /// If the schedule's factor or floor is negative or not finite.
            #[must_use]
            #[track_caller]
            pub fn schedule(mut self, schedule: Schedule) -> $Name {
                self.progress.follow(schedule);
                self
            }
        }

        impl Optimizer for $Name {
            fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
                let mut memory = self.progress.begin(parameters, gradient);
                let rate = self.learning_rate();
                let direction = self.of_step(self.progress.steps);
                let parameters = parameters.iter_mut().zip(&mut memory);
                for ((parameter, memory), &slope) in parameters.zip(gradient) {
                    *parameter -= rate * direction(*parameter, slope, memory);
                }
                drop(direction);
                self.progress.done(memory);
            }

            fn learning_rate(&self) -> f64 {
                self.progress.learning_rate()
            }

            fn reset(&mut self) {
                self.progress.reset();
            }
        }
    };
    (refuses not_negative) => { "If it is negative or not finite." };
    (refuses below_one) => { "If it is not in `[0, 1)`." };
    (refuses above_zero) => { "If it is not above 0 and finite." };
}
pub(super) use optimizer;

/// Refuse a setting that is not a finite number of at least 0.
#[track_caller]
pub(super) fn not_negative(what: &str, value: f64) -> f64 {
    assert!(
        value.is_finite() && value >= 0.0,
        "{what} is {value}: give a finite number, 0 or more"
    );
    value
}

/// Refuse a setting that is not in `[0, 1)`: the sums it weighs would grow without bound.
#[track_caller]
pub(super) fn below_one(what: &str, value: f64) -> f64 {
    assert!((0.0..1.0).contains(&value), "{what} is {value}: give a number from 0 to just below 1");
    value
}

/// Refuse a setting that is not a finite number above 0.
#[track_caller]
pub(super) fn above_zero(what: &str, value: f64) -> f64 {
    assert!(
        value.is_finite() && value > 0.0,
        "{what} is {value}: give a finite number above 0, or a slope of 0 divides 0 by 0"
    );
    value
}
