//! The two front doors.

use super::error::ImplicitError;
use super::operation::{Kind, solved};
use crate::{Real, Var, gradient};
use std::sync::Arc;

/// Find the root `x` of `residual(x, parameters)` with a solver of your own, as a function of the parameters.
///
/// `solution` is that solver: it takes the parameters as plain numbers and returns the unknowns. `residual` takes
/// unknowns and parameters as variables and returns as many numbers as there are unknowns. It may use nothing else that is
/// differentiated; plain data is moved into it. It may branch: the branch at the solution counts.
///
/// # Errors
/// If the solution is refused: see [`ImplicitError`]. A solver that fails returns NaN.
///
/// # Panics
/// If parameters are stale or of two tapes, or the residual uses a variable of another tape.
///
/// ```
/// use gradtape::{Var, implicit, implicit::ImplicitError, jacobian};
///
/// // Where a circle of radius r meets the line y = a x, by a formula: any solver will do.
/// let residual = |x: &[Var], p: &[Var]| [x[0].square() + x[1].square() - p[0].square(), x[1] - p[1] * x[0]];
/// let solution = |p: &[f64]| {
///     let x = p[0] / (1.0 + p[1] * p[1]).sqrt();
///     vec![x, p[1] * x]
/// };
/// let slopes = jacobian(|p| implicit::root(residual, solution, p).expect("they meet"), &[5.0, 0.75]);
/// // Where they meet, (4, 3), moves along the line with the radius, and along the circle with the slope.
/// approx::assert_relative_eq!(slopes.as_slice()[..], [0.8, -1.92, 0.6, 2.56], max_relative = 1e-14);
///
/// let error = implicit::root(residual, |_| vec![3.0, 3.0], &[5.0, 0.75]).unwrap_err();
/// assert!(error.to_string().starts_with("the solution is too far from a root: residual 0 is -7,"));
/// # Ok::<(), ImplicitError>(())
/// ```
#[doc(alias("implicit_diff", "custom_root", "fixed point", "implicit function theorem"))]
#[track_caller]
pub fn root<S: Real, Y: AsRef<[Var]>>(
    residual: impl Fn(&[Var], &[Var]) -> Y + Send + Sync + 'static,
    solution: impl Fn(&[f64]) -> Vec<f64> + Send + Sync + 'static,
    parameters: &[S],
) -> Result<Vec<S>, ImplicitError> {
    let residual = move |x: &[Var], p: &[Var]| residual(x, p).as_ref().to_vec();
    solved(Kind::Root, Arc::new(residual), Arc::new(solution), parameters)
}

/// Find the `x` that minimizes `objective(x, parameters)` with an optimizer of your own, as a function of the parameters.
///
/// As [`root`] of the gradient with respect to `x`, where the Hessian must be positive definite: then
/// `dx/dp = -(∂²f/∂x²)⁻¹ ∂²f/∂x∂p`. This is how an optimum moves with its data, or a fit with its weights.
///
/// # Errors
/// If the solution is refused: see [`ImplicitError`].
///
/// # Panics
/// As [`root`]; if the objective has a custom operation without second derivatives.
///
/// ```
/// use gradtape::{Var, dot, implicit, implicit::ImplicitError, jacobian, sum_squares};
///
/// // Ridge regression through the origin: the slope that fits y = s x, and how each observation moves it.
/// let x = [1.0, 2.0, 3.0];
/// let objective = move |s: &[Var], y: &[Var]| {
///     sum_squares((0..3).map(|i| y[i] - s[0] * x[i])) + s[0].square() * 0.5
/// };
/// let by_formula = move |y: &[f64]| vec![dot(y, x) / (dot(x, x) + 0.5)];
/// let slopes = jacobian(
///     |y| implicit::argmin(objective, by_formula, y).expect("a minimum"),
///     &[2.0, 4.5, 5.5],
/// );
/// approx::assert_relative_eq!(slopes.as_slice()[..], x.map(|x| x / 14.5)[..], max_relative = 1e-14);
/// # Ok::<(), ImplicitError>(())
/// ```
#[doc(alias("bilevel", "hypergradient", "sensitivity", "influence function"))]
#[track_caller]
pub fn argmin<S: Real>(
    objective: impl Fn(&[Var], &[Var]) -> Var + Send + Sync + 'static,
    solution: impl Fn(&[f64]) -> Vec<f64> + Send + Sync + 'static,
    parameters: &[S],
) -> Result<Vec<S>, ImplicitError> {
    let residual = move |x: &[Var], p: &[Var]| gradient(|x| objective(x, p), x);
    solved(Kind::Minimum, Arc::new(residual), Arc::new(solution), parameters)
}
