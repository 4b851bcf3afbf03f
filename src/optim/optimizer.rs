//! [`Optimizer`]: parameters and gradient in, changed parameters out; and what all of ours share.
//!
//! An optimizer of this crate is its formula: the [`Rule`] that turns slopes into the direction of a step.
//! Its settings are a table for the macro [`optimizer!`], which writes everything else, once for all: the
//! constructor, a checked method for each setting, the schedule, memory for each parameter, the count of
//! steps, and the trait.

use super::error::FitError;

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

    /// Change the learning rate that the schedule multiplies; it takes effect with the next step.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64);

    /// Forget momentum, moments and the count of steps, and keep the settings.
    fn reset(&mut self);

    /// Take down everything that changes from step to step.
    fn state(&self) -> OptimizerState;

    /// Go on from a state, also one of another process: the steps that follow have the same bits. The settings are not
    /// part of it; they are those that this optimizer was made with.
    ///
    /// # Errors
    /// If the state is one of another rule, or such that no steps lead to it; nothing is changed then.
    fn restore(&mut self, state: &OptimizerState) -> Result<(), FitError>;
}

macro_rules! forward {
    ($($Pointer:ty),*) => { $(
        /// The optimizer that it points to.
        impl<O: Optimizer + ?Sized> Optimizer for $Pointer {
            fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
                (**self).step(parameters, gradient);
            }

            fn learning_rate(&self) -> f64 {
                (**self).learning_rate()
            }

            fn set_learning_rate(&mut self, rate: f64) {
                (**self).set_learning_rate(rate);
            }

            fn reset(&mut self) {
                (**self).reset();
            }

            fn state(&self) -> OptimizerState {
                (**self).state()
            }

            fn restore(&mut self, state: &OptimizerState) -> Result<(), FitError> {
                (**self).restore(state)
            }
        }
    )* };
}
forward!(&mut O, Box<O>);

/// What an optimizer remembers between steps, as plain data. Part of a [`TrainingState`](super::TrainingState).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(deny_unknown_fields))]
pub struct OptimizerState {
    /// The name of the rule: `Adam`.
    pub rule: String,
    /// The learning rate that the schedule multiplies.
    pub learning_rate: f64,
    /// How many steps were taken.
    pub steps: usize,
    /// Lists of a number for each parameter, as the velocities; empty lists before the first step.
    pub memory: Vec<Vec<f64>>,
}

/// The formula of an optimizer that remembers `N` numbers for each parameter, which are 0 at first.
pub(super) trait Rule<const N: usize> {
    /// The list of the memory whose numbers are roots, and so not negative.
    const ROOT: Option<usize> = None;

    /// Make the formula of step `k = 0, 1, ...` for parameters whose decay is that of the settings times a factor. It
    /// takes a parameter, its slope and its memory, which it updates, and returns the direction `u` of the step
    /// `θ ← θ - η s(k) u`.
    fn of_step(&self, k: usize, decay_factor: f64) -> impl Fn(f64, f64, &mut [f64; N]) -> f64;
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
            /// If a number of the schedule, its factor or its floor, is negative or not finite.
            #[must_use]
            #[track_caller]
            pub fn schedule(mut self, schedule: Schedule) -> $Name {
                self.progress.follow(schedule);
                self
            }

            /// Shorten a gradient that is longer than `longest` to that length, in the Euclidean norm of all slopes. This
            /// comes before everything else that is done with a gradient.
            ///
            /// R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks*, ICML
            /// 2013.
            ///
            /// # Panics
            /// If `longest` is not above 0 and finite.
            #[must_use]
            #[track_caller]
            pub fn clip_norm(mut self, longest: f64) -> $Name {
                self.progress.clip_norm = limit("the norm to clip at", longest);
                self
            }

            /// Cut every slope to `-largest..=largest`, after [`clip_norm`](Self::clip_norm).
            ///
            /// # Panics
            /// If `largest` is not above 0 and finite.
            #[must_use]
            #[track_caller]
            pub fn clip_value(mut self, largest: f64) -> $Name {
                self.progress.clip_value = limit("the value to clip at", largest);
                self
            }

            /// Multiply the weight decay, and the L2 penalty if there is one, of a stretch of the parameters by a
            /// factor: 0 leaves them out, as biases mostly are.
            ///
            /// # Panics
            /// If the factor is negative or not finite; if the stretch overlaps one that has its factor already. A
            /// step panics if there are not so many parameters.
            ///
            /// ```
            /// use gradtape::optim::{Optimizer, Sgd};
            /// let mut optimizer = Sgd::new(0.5).weight_decay(0.5).decay_factor(1..2, 0.0);
            /// let mut parameters = [8.0, 8.0];
            /// optimizer.step(&mut parameters, &[0.0, 0.0]);
            /// assert_eq!(parameters, [6.0, 8.0]);
            /// ```
            #[must_use]
            #[track_caller]
            pub fn decay_factor(mut self, range: Range<usize>, factor: f64) -> $Name {
                self.progress.decay_factor(range, factor);
                self
            }
        }

        impl Optimizer for $Name {
            fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
                let mut memory = self.progress.begin(parameters, gradient);
                let rate = self.learning_rate();
                let shorter = self.progress.shortening(gradient);
                let largest = self.progress.clip_value;
                for (range, factor) in self.progress.stretches(parameters.len()) {
                    let direction = self.of_step(self.progress.steps, factor);
                    let memory = memory[range.clone()].iter_mut();
                    let parameters = parameters[range.clone()].iter_mut().zip(memory);
                    for ((parameter, memory), &slope) in parameters.zip(&gradient[range]) {
                        let slope = shorter.as_ref().map_or(slope, |shorter| shorter.shorten(slope));
                        let slope = slope.clamp(-largest, largest);
                        *parameter -= rate * direction(*parameter, slope, memory);
                    }
                }
                self.progress.done(memory);
            }

            fn learning_rate(&self) -> f64 {
                self.progress.learning_rate()
            }

            fn set_learning_rate(&mut self, rate: f64) {
                self.progress.set_rate(rate);
            }

            fn reset(&mut self) {
                self.progress.reset();
            }

            fn state(&self) -> OptimizerState {
                self.progress.state(stringify!($Name))
            }

            fn restore(&mut self, state: &OptimizerState) -> Result<(), FitError> {
                let root = <$Name as Rule<$n>>::ROOT;
                self.progress.restore(stringify!($Name), root, state)
            }
        }
    };
    (refuses not_negative) => { "If it is negative or not finite." };
    (refuses below_one) => { "If it is not in `[0, 1)`." };
    (refuses above_zero) => { "If it is not above 0 and finite." };
}
pub(super) use optimizer;
