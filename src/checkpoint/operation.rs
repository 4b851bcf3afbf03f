//! A loop as one operation: [`run`], the loss as a function of state and parameters.

use super::binomial::Binomial;
use super::error::CheckpointError;
use super::functions::{loss_of, seeded_gradient};
use crate::linear::kept::Kept;
use crate::tape::{CHECKPOINTED, Stored, StoredBy};
use crate::{CustomOp, Real, Var, custom};

/// Run a loop, and give its loss as one operation that can be computed with and differentiated.
///
/// On `f64` it computes; on [`Var`] it is one node, and the sweep over it is a [`gradient`](super::gradient()) with a
/// [`Binomial`] schedule; on [`Dual`](crate::Dual) it carries tangents along. So a loop can be a term of a larger loss, and its
/// state and parameters can be computed from others. In a [`Program`](crate::Program) and over rows it runs anew.
///
/// Step and loss own what they use: plain data is moved into them.
///
/// # Errors
/// As [`gradient`](super::gradient()), as far as it shows when the loop runs forwards.
///
/// # Panics
/// A sweep, if a step does not repeat itself; second derivatives, which a loop in one node does not have
/// ([`NotTwiceDifferentiable`](crate::tape::NotTwiceDifferentiable)).
///
/// ```
/// use gradtape::{Var, checkpoint, gradient};
///
/// // Growth by compound interest, whose rate is that of the year plus one that is sought.
/// let slopes = gradient(
///     |x| {
///         let step = |s: &[Var], p: &[Var], _: usize| [s[0] * (1.0 + p[0])];
///         let rate = x[1] + 0.01;
///         let end = checkpoint::run(100, 5, &[x[0]], &[rate], step, |s| s[0]).expect("finite");
///         end.ln()
///     },
///     &[2.0, 0.03],
/// );
/// approx::assert_relative_eq!(slopes[..], [1.0 / 2.0, 100.0 / 1.04], max_relative = 1e-14);
/// # Ok::<(), checkpoint::CheckpointError>(())
/// ```
#[track_caller]
pub fn run<S: Real, Y: AsRef<[Var]> + 'static>(
    steps: usize,
    slots: usize,
    state: &[S],
    parameters: &[S],
    step: impl Fn(&[Var], &[Var], usize) -> Y + Send + Sync + 'static,
    loss: impl Fn(&[Var]) -> Var + Send + Sync + 'static,
) -> Result<S, CheckpointError> {
    Binomial::new(steps, slots)?;
    let inputs = [state, parameters].concat();
    let numbers: Vec<f64> = inputs.iter().map(|x| x.value()).collect();
    let op = Loop { steps, slots, states: state.len(), step, loss, values: Kept::new() };
    // The operation takes it from what is kept.
    if let Err(error) = &*op.value_at(&numbers) {
        return Err(error.clone());
    }
    Ok(custom(op, &inputs)[0])
}

/// A loop whose inputs are state and parameters.
struct Loop<F, L> {
    steps: usize,
    slots: usize,
    states: usize,
    step: F,
    loss: L,
    values: Kept<Result<f64, CheckpointError>>,
}

impl<F, L, Y> Loop<F, L>
where
    F: Fn(&[Var], &[Var], usize) -> Y,
    L: Fn(&[Var]) -> Var,
    Y: AsRef<[Var]>,
{
    fn value_at(&self, x: &[f64]) -> std::sync::Arc<Result<f64, CheckpointError>> {
        self.values.get(x, || {
            let (state, parameters) = x.split_at(self.states);
            loss_of(self.steps, state, parameters, &self.step, &self.loss)
        })
    }
}

impl<F, L, Y> CustomOp for Loop<F, L>
where
    F: Fn(&[Var], &[Var], usize) -> Y + Send + Sync + 'static,
    L: Fn(&[Var]) -> Var + Send + Sync + 'static,
    Y: AsRef<[Var]> + 'static,
{
    fn name(&self) -> &str {
        CHECKPOINTED
    }

    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::Nothing, constants: None }
    }

    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = *self.value_at(x).as_ref().as_ref().unwrap_or(&f64::NAN);
    }

    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        if w[0] == 0.0 {
            return;
        }
        let (state, parameters) = x.split_at(self.states);
        let schedule = Binomial::new(self.steps, self.slots);
        let found = schedule.and_then(|schedule| {
            let (step, loss) = (&self.step, &self.loss);
            seeded_gradient(self.steps, schedule, state, parameters, step, loss, w[0])
        });
        match found {
            Ok(found) => dx.copy_from_slice(&[found.state, found.parameters].concat()),
            // What the value did not show.
            Err(
                error @ (CheckpointError::NotRepeated { .. } | CheckpointError::Schedule { .. }),
            ) => {
                panic!("{error}")
            }
            // Its value is NaN too.
            Err(_) => dx.fill(f64::NAN),
        }
    }
}
