//! [`Objective`]: loss and gradient at a point; [`Taped`], from a recorded closure.

use super::error::FitErrorKind;
use crate::tape::NonFinite;
use crate::text::assert_same_length;
use crate::{Gradient, Tape, Var};
use std::error::Error;
use std::sync::Arc;

/// A loss that can be asked for its value and its gradient.
///
/// [`fit()`](super::fit()) makes one from a closure over variables, [`OverRows`](super::OverRows) is one for
/// a program over rows; implement it for a loss whose gradient comes from elsewhere, and hand it to
/// [`Fitter::with_objective`](super::Fitter::with_objective).
///
/// The loss is returned as it is, also if it is NaN. The loop checks it, once for all objectives,
/// and only then asks where it came from: an objective that reported trouble by itself would have
/// to look for it at every step. An error is for parameters at which there is no loss at all.
///
/// ```
/// use gradtape::optim::{Fitter, Objective, Sgd};
/// use std::error::Error;
///
/// /// Half the squared distance from a point, and its gradient by hand.
/// struct Distance([f64; 2]);
///
/// impl Objective for Distance {
///     fn value_and_gradient(
///         &mut self,
///         parameters: &[f64],
///         gradient: &mut [f64],
///     ) -> Result<f64, Box<dyn Error + Send + Sync>> {
///         for i in 0..2 {
///             gradient[i] = parameters[i] - self.0[i];
///         }
///         Ok(gradient.iter().map(|d| d * d / 2.0).sum())
///     }
/// }
///
/// let fitter = Fitter::with_objective(Distance([3.0, 4.0]), &[0.0; 2]);
/// let fit = fitter.fit(&mut Sgd::new(1.0), 1)?;
/// assert_eq!(fit.history.records[0].loss, 12.5);
/// assert_eq!(fit.parameters, [3.0, 4.0]);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
pub trait Objective {
    /// Compute the loss at `parameters`, and overwrite `gradient`, which is as long, with its slopes.
    ///
    /// # Errors
    /// If there is no loss at these parameters. The fit ends there, as
    /// [`FitErrorKind::Objective`](super::FitErrorKind::Objective).
    fn value_and_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, Box<dyn Error + Send + Sync>>;

    /// Find what made the loss of the last call infinite or NaN, or its gradient where the loss is finite, if it
    /// is known: the first such node in the order of the recording, or of the sweep.
    ///
    /// `names` are the parameters' names, or empty.
    fn non_finite(&mut self, names: &[String]) -> Option<NonFinite> {
        let _ = names;
        None
    }
}

/// Ask for loss and gradient at a point. What is not finite is the fault of the first of parameters, loss and gradient
/// in which there is such a number: the others only follow.
pub(super) fn evaluate(
    objective: &mut dyn Objective,
    parameters: &[f64],
    gradient: &mut [f64],
    loss: &mut f64,
    names: &[String],
) -> Result<(), FitErrorKind> {
    let first = |numbers: &[f64]| numbers.iter().position(|number| !number.is_finite());
    if let Some(index) = first(parameters) {
        return Err(FitErrorKind::Parameter { index });
    }
    // A slope that an objective forgets is not that of another step.
    gradient.fill(f64::NAN);
    let computed = objective.value_and_gradient(parameters, gradient);
    *loss = computed.map_err(|source| FitErrorKind::Objective(Arc::from(source)))?;
    let slope = first(gradient);
    if loss.is_finite() && slope.is_none() {
        return Ok(());
    }
    let node = objective.non_finite(names).map(Box::new);
    Err(match slope {
        Some(index) if loss.is_finite() => {
            FitErrorKind::Slope { index, slope: gradient[index], loss: *loss, node }
        }
        _ => FitErrorKind::Loss { loss: *loss, node },
    })
}

/// An objective that is lent keeps what it has built up, for the next fit.
impl<O: Objective + ?Sized> Objective for &mut O {
    fn value_and_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, Box<dyn Error + Send + Sync>> {
        (**self).value_and_gradient(parameters, gradient)
    }

    fn non_finite(&mut self, names: &[String]) -> Option<NonFinite> {
        (**self).non_finite(names)
    }
}

/// The objective that records a closure on a tape of its own and sweeps it backwards.
///
/// The tape is cleared and not dropped, so that after the first call it allocates nothing. The
/// parameters are its first nodes, in their order.
pub(super) struct Taped<F> {
    loss: F,
    tape: Tape,
    parameters: Vec<Var>,
    /// What the last call computed.
    loss_value: f64,
    gradient: Gradient,
}

impl<F: FnMut(&[Var]) -> Var> Taped<F> {
    /// Take the closure that computes the loss from the parameters.
    pub fn new(loss: F) -> Taped<F> {
        let (tape, gradient) = (Tape::new(), Gradient::new());
        Taped { loss, tape, parameters: Vec::new(), loss_value: f64::NAN, gradient }
    }
}

impl<F: FnMut(&[Var]) -> Var> Objective for Taped<F> {
    /// Record, sweep. This gives no error.
    fn value_and_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, Box<dyn Error + Send + Sync>> {
        assert_same_length("the gradient", gradient.len(), "the point", parameters.len());
        self.tape.clear();
        self.parameters.clear();
        self.parameters.extend(parameters.iter().map(|&value| self.tape.var(value)));
        let loss = (self.loss)(&self.parameters);
        self.tape.backward_into(&[(loss, 1.0)], &mut self.gradient);
        // The adjoints end with the loss, which may be a parameter itself, or a constant.
        gradient.fill(0.0);
        for (slope, adjoint) in gradient.iter_mut().zip(self.gradient.adjoints()) {
            *slope = *adjoint;
        }
        self.loss_value = loss.value();
        Ok(self.loss_value)
    }

    fn non_finite(&mut self, names: &[String]) -> Option<NonFinite> {
        label(&self.tape, &self.parameters, names, "parameters");
        first_fault(&self.tape, self.loss_value, &self.gradient)
    }
}

/// Label inputs by their names, and those that the code has not labelled by their places in the list `what`. This
/// is left until a label is needed: at every step it would cost more than a small loss does.
pub(super) fn label(tape: &Tape, inputs: &[Var], names: &[String], what: &str) {
    for (i, input) in inputs.iter().enumerate() {
        match names.get(i) {
            Some(name) => {
                input.label(name);
            }
            None if input.index().is_some_and(|node| tape.node(node).label.is_none()) => {
                input.label(&format!("{what}[{i}]"));
            }
            None => {}
        }
    }
}

/// The first node of a tape that is not finite, or, where the loss is, the first of the sweep, the last on the
/// tape, whose adjoint is not. The operation that uses that node has no finite derivative there.
pub(super) fn first_fault(tape: &Tape, loss: f64, gradient: &Gradient) -> Option<NonFinite> {
    if !loss.is_finite() {
        return tape.first_non_finite();
    }
    let first = gradient.adjoints().iter().rposition(|adjoint| !adjoint.is_finite());
    first.map(|node| tape.non_finite(node))
}

#[cfg(test)]
mod tests {
    use super::{Objective, Taped};

    #[test]
    fn evaluating_again_reserves_no_memory_on_the_tape() {
        let mut objective = Taped::new(|p| p.iter().map(|p| (*p * 2.0).tanh()).sum());
        let (parameters, mut gradient) = ([0.1; 100], [0.0; 100]);
        objective.value_and_gradient(&parameters, &mut gradient).unwrap();
        let reserved = objective.tape.bytes_reserved();
        for _ in 0..1000 {
            objective.value_and_gradient(&parameters, &mut gradient).unwrap();
        }
        assert_eq!(objective.tape.bytes_reserved(), reserved);
    }

    #[test]
    fn the_gradient_of_a_parameter_itself_and_of_a_constant_is_complete() {
        let (at, mut gradient) = ([5.0, 6.0, 7.0], [f64::NAN; 3]);
        let loss = Taped::new(|p| p[1]).value_and_gradient(&at, &mut gradient);
        assert_eq!((loss.unwrap(), gradient), (6.0, [0.0, 1.0, 0.0]));
        let loss = Taped::new(|_| 4.0.into()).value_and_gradient(&at, &mut gradient);
        assert_eq!(loss.unwrap(), 4.0);
        assert_eq!(gradient, [0.0; 3]);
    }
}
