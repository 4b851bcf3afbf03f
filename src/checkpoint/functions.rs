//! The front doors.

use super::action::Action;
use super::error::CheckpointError;
use super::online::Online;
use super::run::{Checkpointed, Run, finite};
use super::step::{Closure, loss_at};
use crate::Var;
use crate::derive::with_tape;

/// Compute the loss at the end of a loop and its gradient, in the memory that a schedule has slots for.
///
/// `step` takes state, parameters and its index, and returns the next state; `loss` takes the last state. Both run on
/// variables, as the functions of [`gradient`](crate::gradient()) do. A step is run again and again: it may depend on
/// nothing but what it is given. It may branch on that.
///
/// The result has the bits of [`gradient`](crate::gradient()) over the whole loop on one tape, whatever the schedule.
/// Only if a step returns a variable twice, a parameter as it is, or a constant, can the last bits differ, for there the one tape
/// has fewer variables.
///
/// Memory: the slots, two states more, the tape of one step, and 32 kB of hashes. Once warm, nothing is allocated
/// but by the step itself: let it return an array, not a vector.
///
/// # Errors
/// If a step does not repeat itself, returns a state of another length, or one that is not finite; if a step or the loss
/// depends on other variables; if the state is empty, or the schedule does not fit the steps.
///
/// # Panics
/// As [`gradient`](crate::gradient()): if variables are used after their time.
///
/// ```
/// use gradtape::checkpoint::{self, Binomial};
///
/// // A pendulum that swings a hundred thousand steps: how far out it is then, and what that depends on.
/// let (steps, time) = (100_000, 1e-4);
/// let found = checkpoint::gradient(
///     steps,
///     Binomial::new(steps, 20)?,
///     &[0.5, 0.0],
///     &[9.81, 0.1],
///     |s, p, _| {
///         let speed = s[1] - (p[0] * s[0].sin() + p[1] * s[1]) * time;
///         [s[0] + speed * time, speed]
///     },
///     |s| s[0],
/// )?;
/// assert_eq!(found.forward_steps, 534_220);
/// # Ok::<(), checkpoint::CheckpointError>(())
/// ```
#[doc(alias("checkpointing", "remat", "revolve", "scan", "adjoint"))]
pub fn gradient<Y: AsRef<[Var]>>(
    steps: usize,
    schedule: impl IntoIterator<Item = Action>,
    state: &[f64],
    parameters: &[f64],
    step: impl FnMut(&[Var], &[Var], usize) -> Y,
    loss: impl FnOnce(&[Var]) -> Var,
) -> Result<Checkpointed, CheckpointError> {
    finite("parameter", parameters)?;
    with_tape(|tape| {
        let step = Closure::new(tape, step, parameters);
        let mut run = Run::new(step, on_a_tape(loss), state, parameters.len())?;
        run.ends_at(steps);
        schedule.into_iter().try_for_each(|action| run.apply(action))?;
        run.finish(steps)
    })
}

/// Compute the same of a loop that goes on while `more` says so.
///
/// `more` takes a state and its number, as plain numbers: the loop ends at the first state for which it is false.
/// It is asked once for each state.
///
/// # Errors
/// As [`gradient`].
///
/// # Panics
/// As [`gradient`].
///
/// ```
/// use gradtape::checkpoint::{self, Online};
///
/// // Newton's iteration for √p, until it stands still.
/// let mut before = 0.0;
/// let found = checkpoint::gradient_while(
///     |s, _| (s[0] - before).abs() > 1e-15 * std::mem::replace(&mut before, s[0]),
///     Online::new(5)?,
///     &[1.0],
///     &[2.0],
///     |s, p, _| [(s[0] + p[0] / s[0]) * 0.5],
///     |s| s[0],
/// )?;
/// assert_eq!(found.steps, 6);
/// assert!((found.parameters[0] - 0.5 / 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), checkpoint::CheckpointError>(())
/// ```
#[doc(alias("while_loop", "online checkpointing"))]
pub fn gradient_while<Y: AsRef<[Var]>>(
    mut more: impl FnMut(&[f64], usize) -> bool,
    mut schedule: Online,
    state: &[f64],
    parameters: &[f64],
    step: impl FnMut(&[Var], &[Var], usize) -> Y,
    loss: impl FnOnce(&[Var]) -> Var,
) -> Result<Checkpointed, CheckpointError> {
    finite("parameter", parameters)?;
    with_tape(|tape| {
        let step = Closure::new(tape, step, parameters);
        let mut run = Run::new(step, on_a_tape(loss), state, parameters.len())?;
        let mut at = 0;
        if !more(state, 0) {
            run.ends_at(0);
            return run.finish(0);
        }
        loop {
            run.look_ahead(at)?;
            if !more(&run.next, at + 1) {
                break;
            }
            // Up to the next state, which is computed already.
            for action in schedule.by_ref() {
                if let Action::Advance { .. } = action {
                    break;
                }
                run.apply(action)?;
            }
            run.go_ahead(at);
            at += 1;
        }
        schedule.end();
        run.ends_at(at + 1);
        schedule.try_for_each(|action| run.apply(action))?;
        run.finish(at + 1)
    })
}

/// The loss on a tape of its own.
fn on_a_tape(
    loss: impl FnOnce(&[Var]) -> Var,
) -> impl FnOnce(&[f64], &mut Vec<f64>) -> Result<f64, CheckpointError> {
    |state, adjoint| with_tape(|tape| loss_at(tape, loss, state, adjoint))
}
