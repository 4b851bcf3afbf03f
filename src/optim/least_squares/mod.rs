//! [`least_squares`]: parameters of a model from data, with standard errors and a report.
//!
//! | file | idea |
//! |---|---|
//! | `bounds` | a parameter kept within its bounds by a transformation |
//! | `problem` | [`LeastSquares`]: model, data and parameters, as the solver takes them |
//! | `geometry` | whether slopes and residuals are those of an optimum, and how sure its parameters are |
//! | `report` | [`LeastSquaresFit`], [`FittedParameter`]: what was found, printed as lmfit does |
//! | `solve` | solving, judging where that ended, statistics |

mod bounds;
mod geometry;
mod problem;
mod report;
mod solve;

pub use problem::LeastSquares;
pub use report::{FittedParameter, LeastSquaresFit};

use super::error::FitError;
use crate::Var;
use crate::program::Rows;

/// Fit a model to data by least squares. With the feature `levenberg-marquardt`.
///
/// The model predicts an observation from parameters and one row of `x`; `y` has an observation for each row, and the
/// parameters are name and start, in the model's order. The sum of `w (y - f)²` is made least, by exact slopes, to
/// the limits of double precision. For bounds, fixed parameters and known variances there is [`LeastSquares`].
///
/// The result has parameters with standard errors, residuals, covariance, R² and information criteria, and prints itself
/// as a report.
///
/// # Errors
/// As [`LeastSquares::new`] and [`LeastSquares::fit`].
///
/// # Panics
/// As [`LeastSquares::new`].
///
/// ```
/// use gradtape::optim::least_squares;
/// use gradtape::program::Rows;
/// use gradtape::Real;
///
/// fn saturation<S: Real>(p: &[S], concentration: &[S]) -> S {
///     p[0] * concentration[0] / (p[1] + concentration[0])
/// }
/// let concentration = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// let rate = [1.32, 2.24, 3.33, 4.52, 5.30, 5.88];
/// let x = Rows::row_major(&concentration, 1)?;
/// let fit = least_squares(saturation, x, &rate, &[("v_max", 5.0), ("k_m", 1.0)])?;
/// println!("{fit}");
/// let v_max = fit.parameter("v_max").unwrap();
/// assert!((v_max.value - 6.6139).abs() < 1e-4);
/// assert!((v_max.standard_error.unwrap() - 0.0507).abs() < 1e-4);
/// assert!((fit.correlation("v_max", "k_m").unwrap() - 0.8343).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn least_squares(
    model: impl Fn(&[Var], &[Var]) -> Var + Send + Sync,
    x: Rows<'_>,
    y: &[f64],
    parameters: &[(&str, f64)],
) -> Result<LeastSquaresFit, FitError> {
    LeastSquares::new(model, x, y, parameters)?.fit()
}
