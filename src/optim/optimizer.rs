//! [`Optimizer`]: parameters and gradient in, changed parameters out.

use crate::text::counted;

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

/// Make a memory of one number a parameter at the first step, and refuse another length later.
#[track_caller]
pub(super) fn make_room(memory: &mut Vec<f64>, parameters: usize) {
    if memory.is_empty() {
        memory.resize(parameters, 0.0);
    }
    assert!(
        memory.len() == parameters,
        "the optimizer has taken steps with {} and is now given {parameters}: call `reset` between \
         fits, or use an optimizer for each",
        counted(memory.len(), "parameter")
    );
}

/// Refuse a setting that is not a finite number of at least 0.
#[track_caller]
pub(super) fn check_not_negative(what: &str, value: f64) -> f64 {
    assert!(
        value.is_finite() && value >= 0.0,
        "{what} is {value}: give a finite number, 0 or more"
    );
    value
}

/// Refuse a setting that is not in `[0, 1)`: the sums it weighs would grow without bound.
#[track_caller]
pub(super) fn check_below_one(what: &str, value: f64) -> f64 {
    assert!((0.0..1.0).contains(&value), "{what} is {value}: give a number from 0 to just below 1");
    value
}
