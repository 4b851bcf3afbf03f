//! Find the parameters at which a loss is least, step by step.
//!
//! [`fit()`] asks for the loss and its gradient, lets an [`Optimizer`] change the parameters, and goes on for
//! a number of steps. A [`Fitter`] does the same and can be told more: rules to stop earlier, names, an
//! observer. What happened on the way is the [`History`].
//!
//! | file | idea |
//! |---|---|
//! | `schedule` | [`Schedule`]: the learning rate as a function of the step |
//! | `optimizer` | [`Optimizer`]: parameters and gradient in, changed parameters out; what all of ours share; [`OptimizerState`] |
//! | `progress` | what an optimizer carries from step to step: its rate, its memory, clipping, groups |
//! | `first_order` | [`Sgd`], [`RmsProp`], [`Adam`], [`Lion`]: their settings and formulas |
//! | `seed` | random numbers from a seed, for batches and for weights |
//! | `norm` | lengths and means of squares that neither overflow nor underflow |
//! | `history` | [`Record`] of one step, [`History`] of all, [`Reason`] of its end, what a model looked like |
//! | `curves` | how a history samples a model, and a loss |
//! | `error` | [`FitError`]: how far a fit came, and [`FitErrorKind`]: a number that is not finite, no loss at all, a wrong setting |
//! | `objective` | [`Objective`]: loss and gradient at a point; that of a recorded closure |
//! | `batches` | rows dealt out in mini-batches |
//! | `row_checks` | what is looked at before rows are fitted, on one rank or many |
//! | `over_rows` | [`OverRows`]: loss and gradient from a program over rows, in batches if asked |
//! | `fitter` | [`fit()`], [`Fitter`], [`Fit`]: the loop |
//! | `training` | [`Training`]: epochs over rows, validated, that can be stopped and resumed; [`Plateau`] |
//! | `least_squares` | `least_squares`, `LeastSquares`: parameters from data, with standard errors and a report |
//! | `for_argmin` | `ArgminProblem`: a program for the solvers of argmin |
//!
//! ```
//! use gradtape::optim::{Sgd, fit};
//!
//! let fit = fit(|p| (p[0] - 3.0).square(), &[0.0], &mut Sgd::new(0.1), 100)?;
//! assert!((fit.parameters[0] - 3.0).abs() < 1e-8);
//! assert_eq!(fit.history.records.len(), 101);
//! # Ok::<(), gradtape::optim::FitError>(())
//! ```

mod batches;
mod curves;
mod error;
mod first_order;
mod fitter;
#[cfg(feature = "argmin")]
mod for_argmin;
mod history;
#[cfg(feature = "levenberg-marquardt")]
mod least_squares;
mod norm;
mod objective;
mod optimizer;
mod over_rows;
mod progress;
mod row_checks;
mod schedule;
mod seed;
mod training;

pub(crate) use error::setting;
pub use error::{FitError, FitErrorKind};
pub use first_order::{Adam, Lion, RmsProp, Sgd};
pub use fitter::{Fit, Fitter, Observed, fit};
#[cfg(feature = "argmin")]
pub use for_argmin::ArgminProblem;
pub(crate) use history::spread;
pub use history::{Curves, Frame, History, Reason, Record, Slice};
#[cfg(feature = "levenberg-marquardt")]
pub use least_squares::{FittedParameter, LeastSquares, LeastSquaresFit, least_squares};
pub(crate) use norm::{norm, try_in_range};
pub use objective::Objective;
pub use optimizer::{Optimizer, OptimizerState};
pub use over_rows::OverRows;
pub use schedule::Schedule;
pub(crate) use seed::{Draw, generator, hash_on};
pub use training::{Best, Epoch, Plateau, Training, TrainingState};
