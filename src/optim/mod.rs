//! Find the parameters at which a loss is least, step by step.
//!
//! [`fit`] asks an [`Objective`] for the loss and its gradient, lets an [`Optimizer`] change the
//! parameters, and goes on until a rule of [`Stop`] holds. What happened on the way is the
//! [`History`].
//!
//! | file | idea |
//! |---|---|
//! | `optimizer` | [`Optimizer`]: parameters and gradient in, changed parameters out |
//! | `sgd` | [`Sgd`]: downhill, with momentum if asked |
//! | `adam` | [`Adam`]: every parameter at its own scale |
//! | `schedule` | [`Schedule`]: the learning rate as a function of the step |
//! | `stop` | [`Stop`], the rules that end a fit; [`Reason`], which one did |
//! | `objective` | [`Objective`]: loss and gradient at a point; [`Taped`], from a recorded closure |
//! | `over_rows` | [`OverRows`]: loss and gradient from a program over rows |
//! | `over_rows_error` | [`OverRowsError`]: a program and rows that make no loss together |
//! | `batches` | all rows in a seeded order, some at a time |
//! | `history` | [`Record`] of one step, [`History`] of all |
//! | `error` | [`FitError`]: a number that is not finite, and where it came from; no loss at all |
//! | `fitter` | [`Fitter`]: the loop, with names, an observer and thinned records |
//! | `fit` | [`fit()`], [`fit_observed`], [`fit_rows`], [`Fit`] |
//!
//! ```
//! use gradtape::optim::{Reason, Sgd, Stop, fit};
//!
//! let mut optimizer = Sgd::new(0.1);
//! let stop = Stop::after(1000).step_size(1e-9);
//! let fit = fit(|p| (p[0] - 3.0).square(), &[0.0], &mut optimizer, &stop)?;
//! assert!((fit.parameters[0] - 3.0).abs() < 1e-8);
//! assert_eq!(fit.reason, Reason::StepSize);
//! assert_eq!(fit.history.len(), fit.steps + 1);
//! # Ok::<(), gradtape::optim::FitError>(())
//! ```

mod adam;
mod batches;
mod error;
mod fit;
mod fitter;
mod history;
mod objective;
mod optimizer;
mod over_rows;
mod over_rows_error;
mod schedule;
mod sgd;
mod stop;

pub use adam::Adam;
pub use error::FitError;
pub use fit::{Fit, fit, fit_observed, fit_rows};
pub use fitter::Fitter;
pub use history::{History, Record};
pub use objective::{Objective, ObjectiveError, Taped};
pub use optimizer::Optimizer;
pub use over_rows::OverRows;
pub use over_rows_error::OverRowsError;
pub use schedule::Schedule;
pub use sgd::Sgd;
pub use stop::{Reason, Stop};
