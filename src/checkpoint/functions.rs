//! The front doors.

use super::action::Action;
use super::error::CheckpointError;
use super::folder::Folder;
use super::multistage::Multistage;
use super::of_program::OfProgram;
use super::online::Online;
use super::run::{Checkpointed, Run, finite};
use super::step::{Closure, loss_at};
use super::trail::{hash, mix};
use crate::derive::with_tape;
use crate::{Program, Var};
use std::path::Path;

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
    seeded_gradient(steps, schedule, state, parameters, step, loss, 1.0)
}

/// The same, times `seed`: the adjoint of the loss.
pub(super) fn seeded_gradient<Y: AsRef<[Var]>>(
    steps: usize,
    schedule: impl IntoIterator<Item = Action>,
    state: &[f64],
    parameters: &[f64],
    step: impl FnMut(&[Var], &[Var], usize) -> Y,
    loss: impl FnOnce(&[Var]) -> Var,
    seed: f64,
) -> Result<Checkpointed, CheckpointError> {
    finite("parameter", parameters)?;
    with_tape(|tape| {
        let step = Closure::new(tape, step, parameters);
        Run::new(step, on_a_tape(loss, seed), state, parameters.len())?.follow(steps, schedule)
    })
}

/// The loss alone.
pub(super) fn loss_of<Y: AsRef<[Var]>>(
    steps: usize,
    state: &[f64],
    parameters: &[f64],
    step: impl FnMut(&[Var], &[Var], usize) -> Y,
    loss: impl FnOnce(&[Var]) -> Var,
) -> Result<f64, CheckpointError> {
    finite("parameter", parameters)?;
    with_tape(|tape| {
        let step = Closure::new(tape, step, parameters);
        let mut run = Run::new(step, on_a_tape(loss, 1.0), state, parameters.len())?;
        for step in 0..steps {
            run.look_ahead(step)?;
            run.go_ahead(step);
        }
        run.ends_at(0);
        Ok(run.finish(steps)?.loss)
    })
}

/// Compute the same as [`gradient`] where the step is a program, which neither records nor allocates.
///
/// The program takes state and parameters, in this order, and gives the next state. If it takes one number more, that is
/// the index of the step. Its values have the bits of the code that was recorded; its sweep adds in the order
/// that its passes have left, so the last bits of a gradient may differ from those of the closure.
///
/// # Errors
/// As [`gradient`]; if the program takes or gives another number of values, or a step another branch than was recorded.
///
/// # Panics
/// As [`gradient`], in the loss.
///
/// ```
/// use gradtape::{Program, checkpoint::{self, Binomial}};
///
/// let step = Program::record(|x| [x[1] * x[0] * (1.0 - x[0])], &[0.3, 2.8]);
/// let schedule = Binomial::new(1_000, 5)?;
/// let found = checkpoint::gradient_of_program(1_000, schedule, &[0.3], &[2.8], &step, |s| s[0])?;
/// approx::assert_relative_eq!(found.parameters[0], 1.0 / 2.8_f64.powi(2), max_relative = 1e-12);
/// # Ok::<(), checkpoint::CheckpointError>(())
/// ```
pub fn gradient_of_program(
    steps: usize,
    schedule: impl IntoIterator<Item = Action>,
    state: &[f64],
    parameters: &[f64],
    step: &Program,
    loss: impl FnOnce(&[Var]) -> Var,
) -> Result<Checkpointed, CheckpointError> {
    finite("parameter", parameters)?;
    let step = OfProgram::new(step, state, parameters)?;
    Run::new(step, on_a_tape(loss, 1.0), state, parameters.len())?.follow(steps, schedule)
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
        let mut run = Run::new(step, on_a_tape(loss, 1.0), state, parameters.len())?;
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
        run.follow(at + 1, schedule)
    })
}

/// Compute the same as [`gradient`] with slots in memory and on disk, and go on where a run before was ended.
///
/// The states on disk are files in `folder`, which is made if it is not there; each is written whole or not at all, with a
/// checksum. When one is read or given up, what has been swept so far is written too. So a run that is killed, panics or
/// finds the disk full is resumed by the same call, to the same bits: forwards from the last state on disk, backwards from the
/// last time one was read. At the end the files are removed. One run at a time may use a folder.
///
/// Files tell their loop by its number of steps, slots, initial state and parameters, not by its code. A step that was changed in
/// between is found out, as one that does not repeat itself, if it changes a state up to the last one that is saved. A change of
/// later steps that have been swept already, of derivatives alone, or of the loss is not: remove the folder when the code has changed.
///
/// # Errors
/// As [`gradient`]; if a file cannot be read or written, is damaged, or is of another loop.
///
/// # Panics
/// As [`gradient`].
///
/// ```
/// use gradtape::checkpoint::{self, Multistage};
///
/// let folder = std::env::temp_dir().join(format!("gradtape-loop-{}", std::process::id()));
/// let mut run = |broken: bool| {
///     let step = move |s: &[gradtape::Var], p: &[gradtape::Var], i: usize| {
///         let factor = if broken && i == 700 { f64::NAN } else { 1.0 };
///         [s[0] * p[0].cos() * factor]
///     };
///     checkpoint::gradient_in(&folder, Multistage::new(1_000, 3, 4)?, &[1.0], &[0.01], step, |s| s[0])
/// };
/// run(true).unwrap_err(); // It gets to step 700.
/// let found = run(false)?;
/// assert!(found.forward_steps < Multistage::new(1_000, 3, 4)?.forward_steps());
/// # std::fs::remove_dir(&folder).expect("it is empty");
/// # Ok::<(), checkpoint::CheckpointError>(())
/// ```
#[doc(alias("resume", "multistage", "offload"))]
pub fn gradient_in<Y: AsRef<[Var]>>(
    folder: impl AsRef<Path>,
    mut schedule: Multistage,
    state: &[f64],
    parameters: &[f64],
    step: impl FnMut(&[Var], &[Var], usize) -> Y,
    loss: impl FnOnce(&[Var]) -> Var,
) -> Result<Checkpointed, CheckpointError> {
    finite("parameter", parameters)?;
    let sizes = [schedule.steps, schedule.memory, schedule.disk, state.len(), parameters.len()];
    let sizes = sizes.iter().fold(0, |hash, &size| mix(hash ^ size as u64));
    let fingerprint = hash(hash(sizes, state), parameters);
    with_tape(|tape| {
        let step = Closure::new(tape, step, parameters);
        let mut run = Run::new(step, on_a_tape(loss, 1.0), state, parameters.len())?;
        let folder = Folder::open(folder.as_ref(), fingerprint, state.len(), parameters.len())?;
        let (stored, end) = run.use_folder(folder, schedule.steps)?;
        schedule.resume(&stored, end);
        let steps = schedule.steps;
        schedule.try_for_each(|action| run.apply(action))?;
        run.finish(steps)
    })
}

/// The loss on a tape of its own, with its adjoint.
fn on_a_tape(
    loss: impl FnOnce(&[Var]) -> Var,
    seed: f64,
) -> impl FnOnce(&[f64], &mut Vec<f64>) -> Result<f64, CheckpointError> {
    move |state, adjoint| with_tape(|tape| loss_at(tape, loss, state, seed, adjoint))
}
