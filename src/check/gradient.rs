//! Check what the tape computes, check a gradient of your own, assert in a test.

use super::difference::difference;
use super::judge::{Evidence, judge};
use super::probe::{Probe, Sample, Suspects, branch, sweep_rounding};
use super::report::GradientReport;
use super::taylor::taylor;
use crate::tape::NonFinite;
use crate::text::{counted, number};
use crate::{Tape, Var};
use std::fmt;

/// Check the gradient that the tape computes for `f` at `x`.
///
/// `f` is recorded once and swept backwards, and forwards once an input; then it runs 16 times an
/// input, up to 48 where the scale of an input is hard to tell, and a few times along a direction that
/// looks random but is the same in every check.
///
/// A derivative that is off by 1e-4 of itself is found; what passes unseen is less than the uncertainty
/// that the report states, of a derivative that `f` hardly depends on. Where the uncertainty is larger
/// than that, the verdict is [`Unreliable`](super::Verdict::Unreliable).
///
/// # Errors
/// If `x` is empty or not finite, or `f` is not finite at `x` or gives two values for it.
///
/// # Panics
/// If `f` uses variables of another tape.
///
/// ```
/// use gradtape::check_gradient;
///
/// let report = check_gradient(|x| (x[0] * x[1]).exp() + x[1].sqrt(), &[0.5, 2.0]).unwrap();
/// assert!(report.confirmed, "{report}");
///
/// // The square is taken off the tape, and so the sweeps miss it.
/// let report = check_gradient(|x| x[0] + x[1].value().powi(2), &[0.5, 2.0]).unwrap();
/// assert_eq!(report.worst().unwrap().name, "x[1]");
/// assert!(report.verdict.contains("`value()`"), "{report}");
/// ```
#[doc(alias("gradcheck", "check_grads"))]
#[track_caller]
pub fn check_gradient(f: impl Fn(&[Var]) -> Var, x: &[f64]) -> Result<GradientReport, CheckError> {
    GradientReport::of(f, x, None, GradientReport::TOLERANCE)
}

impl GradientReport {
    /// Check a gradient of your own for `f` at `x`, with the sweeps among the referees, or that of the
    /// tape with a tolerance of your own: the relative deviation from the difference that is let pass
    /// beside the difference's own uncertainty.
    ///
    /// A claim may be a gradient derived by hand, the result of another program, or the vjp of a
    /// [`CustomOp`](crate::CustomOp) against the same function written with plain operations.
    ///
    /// # Errors
    /// As [`check_gradient`]; also if `claimed` and `x` differ in length.
    ///
    /// # Panics
    /// As [`check_gradient`], and if the tolerance is negative or NaN.
    ///
    /// ```
    /// use gradtape::check::{GradientReport, Verdict};
    ///
    /// let claim = [6.0]; // 3x² is 12
    /// let report = GradientReport::of(|x| x[0].powi(3), &[2.0], Some(&claim), 1e-6).unwrap();
    /// assert_eq!(report.worst().unwrap().kind, Verdict::Disagree);
    /// assert!(report.verdict.starts_with("the claimed gradient says 6 at x[0], but the reverse sweep, "));
    /// ```
    #[track_caller]
    pub fn of<F: Fn(&[Var]) -> Var>(
        f: F,
        x: &[f64],
        claimed: Option<&[f64]>,
        tolerance: f64,
    ) -> Result<GradientReport, CheckError> {
        assert!(
            tolerance.is_finite() && tolerance >= 0.0,
            "the tolerance is {tolerance}: give one of 0 or more that is finite"
        );
        if let Some(claimed) = claimed.map(<[f64]>::len).filter(|&claimed| claimed != x.len()) {
            return Err(CheckError::Length { claimed, inputs: x.len() });
        }
        if x.is_empty() {
            return Err(CheckError::Empty);
        }
        if let Some(input) = x.iter().position(|x| !x.is_finite()) {
            return Err(CheckError::NonFiniteInput { input, value: x[input] });
        }
        let tape = Tape::new();
        let variables = tape.vars(x);
        let y = f(&variables);
        let value = y.value();
        if !value.is_finite() {
            let culprit = tape.first_non_finite().map(Box::new);
            return Err(CheckError::NonFiniteValue { value, culprit });
        }
        let mut probe = Probe::new(&f);
        let second = probe.sample(x);
        let Some(here) = second.filter(|second| second.value == value) else {
            let second = second.map_or(f64::NAN, |second| second.value);
            return Err(CheckError::NotRepeatable { first: value, second });
        };
        let inputs = gather(&mut probe, &tape, &variables, y, claimed, here);
        let slopes: Vec<f64> = inputs.iter().map(|input| input.subject().1).collect();
        let scales: Vec<f64> = inputs.iter().map(scale).collect();
        let taylor = taylor(&mut probe, x, &slopes, &scales, here);
        Ok(judge(value, inputs, taylor, tolerance))
    }
}

/// Compute every input's derivative in every way.
#[track_caller]
fn gather<F: Fn(&[Var]) -> Var>(
    probe: &mut Probe<'_, F>,
    tape: &Tape,
    variables: &[Var],
    y: Var,
    claimed: Option<&[f64]>,
    here: Sample,
) -> Vec<Evidence> {
    let x: Vec<f64> = variables.iter().map(|v| v.value()).collect();
    let reverse = tape.backward(&[(y, 1.0)]).wrt_all(variables);
    let rounding = sweep_rounding(tape, y);
    let suspects = Suspects::on(tape);
    let guards = tape.guards();
    let ask = |(i, &variable): (usize, &Var)| {
        let name = tape.node(i).label.unwrap_or_else(|| format!("x[{i}]"));
        let tangents = tape.forward(&[(variable, 1.0)]);
        let plateau = difference(probe, &x, i, here);
        let step = plateau.as_ref().map_or(0.0, |plateau| plateau.difference.step);
        let kink = suspects.kink(&tangents).or_else(|| branch(probe, &guards, &x, i, &name, step));
        Evidence {
            name,
            x: x[i],
            claimed: claimed.map(|claimed| claimed[i]),
            reverse: reverse[i],
            forward: tangents.wrt(y),
            plateau,
            sweep_rounding: rounding[i],
            kink,
            path: suspects.path(tape, variable, y, &tangents),
        }
    };
    variables.iter().enumerate().map(ask).collect()
}

/// The scale of a coordinate: that of its difference, else its size, else 1.
fn scale(input: &Evidence) -> f64 {
    let size = if input.x == 0.0 { 1.0 } else { input.x.abs() };
    input.plateau.as_ref().map_or(size, |plateau| plateau.scale)
}

/// Panic with the report unless the gradient is confirmed. The function behind
/// [`assert_gradient!`](crate::assert_gradient).
///
/// # Panics
/// If a referee disagrees, nothing can be confirmed, or [`check_gradient`] returns an error.
#[doc(hidden)]
#[track_caller]
pub fn assert_agreement(f: impl Fn(&[Var]) -> Var, x: &[f64], tolerance: f64) {
    match GradientReport::of(f, x, None, tolerance) {
        Ok(report) => assert!(report.confirmed, "the gradient is not confirmed\n{report}"),
        Err(error) => panic!("the gradient cannot be checked: {error}"),
    }
}

/// Assert in a test that the gradient of a function at a point is confirmed by all referees of
/// [`check_gradient`].
///
/// A tolerance is relative, and comes on top of the uncertainty of the difference; without one it is
/// 1e-6.
///
/// # Panics
/// With the whole report, if a referee disagrees, if the point is at a kink or the difference is
/// unreliable there (so that nothing is confirmed), or if [`check_gradient`] returns an error.
///
/// [`check_gradient`]: crate::check_gradient
///
/// ```
/// use gradtape::assert_gradient;
/// assert_gradient!(|x| x[0].tanh() * x[1], &[0.3, -2.0]);
/// assert_gradient!(|x| x[0].tanh() * x[1], &[0.3, -2.0], tolerance = 1e-8);
/// ```
#[macro_export]
macro_rules! assert_gradient {
    ($f:expr, $x:expr $(,)?) => {
        $crate::check::assert_agreement($f, $x, $crate::check::GradientReport::TOLERANCE)
    };
    ($f:expr, $x:expr, tolerance = $tolerance:expr $(,)?) => {
        $crate::check::assert_agreement($f, $x, $tolerance)
    };
}

/// Say why there is nothing to check.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckError {
    /// The point has no coordinates.
    Empty,
    /// A coordinate of the point is NaN or infinite.
    NonFiniteInput {
        /// Its index.
        input: usize,
        /// Its value.
        value: f64,
    },
    /// The function is NaN or infinite at the point.
    NonFiniteValue {
        /// The value.
        value: f64,
        /// The node it came from; none if `f` returned it as a constant.
        culprit: Option<Box<NonFinite>>,
    },
    /// The function gave two values for one point.
    NotRepeatable {
        /// The value of the first run.
        first: f64,
        /// The value of the second run.
        second: f64,
    },
    /// The claimed gradient and the point differ in length.
    Length {
        /// The length of the gradient.
        claimed: usize,
        /// The length of the point.
        inputs: usize,
    },
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Empty => {
                f.write_str("the point has no coordinates: give at least one input to check")
            }
            CheckError::NonFiniteInput { input, value } => {
                write!(f, "x[{input}] is {value}: check the gradient at a finite point")
            }
            CheckError::NonFiniteValue { value, culprit } => {
                write!(f, "f is {value} at this point, so it has no gradient here: ")?;
                match culprit {
                    Some(culprit) => write!(f, "it came from {culprit}"),
                    None => f.write_str("it returned that as a constant"),
                }
            }
            CheckError::NotRepeatable { first, second } => write!(
                f,
                "f gave {} and then {} at the same point: it depends on more than its inputs (seed \
                 its random numbers anew in each run)",
                number(*first),
                number(*second)
            ),
            CheckError::Length { claimed, inputs } => write!(
                f,
                "the claimed gradient has {}, but the point has {}: give one for each",
                counted(*claimed, "entry"),
                counted(*inputs, "coordinate")
            ),
        }
    }
}

impl std::error::Error for CheckError {}
