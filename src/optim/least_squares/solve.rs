//! [`LeastSquares::fit`]: solve, judge where it ended, and compute the statistics.

use super::geometry::{Geometry, LARGEST_OFFSET};
use super::problem::LeastSquares;
use super::report::{FittedParameter, LeastSquaresFit};
use crate::optim::error::{FitError, FitErrorKind};
use crate::optim::history::History;
use crate::text::{counted, digits, quoted};
use levenberg_marquardt::{LevenbergMarquardt, TerminationReason};
use nalgebra::DMatrix;

/// Function evaluations for each parameter and one more, as lmfit has them.
const PATIENCE: usize = 2000;

impl LeastSquares<'_> {
    /// Fit by Levenberg and Marquardt's method, to the limits of double precision: the tolerances are
    /// `LevenbergMarquardt::new`'s, 30 times the spacing of floating-point numbers.
    ///
    /// It has converged where the residuals are orthogonal to the slopes: the relative offset of Bates and Watts, how
    /// far the parameters are from the optimum in units of their own uncertainty, is no more than 0.001. Parameters on
    /// their bounds are left out of that.
    ///
    /// # Errors
    /// A [`FitError`] of the kind [`Unconverged`](FitErrorKind::Unconverged) if it has not, with the parameters reached;
    /// one of another kind if there is no finite residual at the start or no finite slope later, if there are fewer rows
    /// than parameters to fit, or none to fit.
    pub fn fit(self) -> Result<LeastSquaresFit, FitError> {
        self.fit_with(LevenbergMarquardt::new().with_patience(PATIENCE))
    }

    /// Fit with other settings of the solver: tolerances, the bound of the first step, patience.
    ///
    /// # Errors
    /// As [`fit`](LeastSquares::fit).
    pub fn fit_with(self, solver: LevenbergMarquardt<f64>) -> Result<LeastSquaresFit, FitError> {
        self.check_start()?;
        let (problem, report) = solver.minimize(self);
        let evaluations = report.number_of_evaluations;
        if let Some(failure) = problem.take_failure() {
            return Err(FitError { step: evaluations, parameters: problem.values(), ..failure });
        }
        let unconverged = |why: String| {
            let message = format!("{why}; it ended at {}", problem.at());
            let names = problem.parameters.iter().map(|parameter| parameter.name.clone());
            FitError {
                step: evaluations,
                parameters: problem.values(),
                history: Box::new(History::new(names.collect())),
                kind: FitErrorKind::Unconverged(message),
            }
        };
        let stopped = || match &report.termination {
            TerminationReason::LostPatience => "it may make no more evaluations".to_string(),
            TerminationReason::Numerical(what) => format!("numbers overflow ({what})"),
            other if other.was_successful() => "its steps have become too small".to_string(),
            other => format!("the solver gave up ({other:?})"),
        };
        let (Some(residuals), Some(slopes)) =
            (problem.weighted_residuals(), problem.weighted_slopes())
        else {
            let failure = problem.take_failure();
            return Err(failure.unwrap_or_else(|| unconverged(stopped())));
        };
        let free = problem.free();
        let names: Vec<String> =
            free.iter().map(|&i| quoted(&problem.parameters[i].name)).collect();
        let Some(geometry) = Geometry::new(slopes.clone(), &residuals) else {
            return Err(unconverged("the singular values of its slopes were not found".into()));
        };

        let mut on_bounds = Vec::new();
        // Residuals are differences of numbers of the largest size, so their last digits are noise. And a model may
        // lose digits itself: of data that it meets to a millionth, the solver's own judgement is as good.
        let [largest, spread] = problem.size();
        let met = if report.termination.was_successful() { 1e-6 * spread } else { 0.0 };
        let rounding = 16.0 * f64::EPSILON * largest;
        let noise = met.max(rounding);
        let mut offset = geometry.relative_offset(noise);
        if offset > LARGEST_OFFSET {
            on_bounds = problem.on_bounds(&free, &slopes, &residuals);
            let inside: Vec<usize> = (0..free.len()).filter(|j| !on_bounds.contains(j)).collect();
            if !on_bounds.is_empty() {
                let slopes = slopes.select_columns(&inside);
                offset = match inside.is_empty() {
                    true => 0.0,
                    false => Geometry::new(slopes, &residuals)
                        .map_or(f64::NAN, |inside| inside.relative_offset(noise)),
                };
            }
        }
        // Residuals that are nothing but rounding have no direction.
        let of_rounding = residuals.iter().all(|r| r.abs() <= rounding);
        let exact =
            (residuals.len() == free.len() || of_rounding) && report.termination.was_successful();
        if !(offset <= LARGEST_OFFSET || exact) {
            return Err(unconverged(format!(
                "{}, and the residuals are not orthogonal to the slopes: a relative offset of {} where {} would do",
                stopped(),
                digits(offset, 2),
                LARGEST_OFFSET
            )));
        }
        let freedom = residuals.len() - free.len();
        let bounds: Vec<&str> = on_bounds.iter().map(|&j| names[j].as_str()).collect();
        let certain = match () {
            () if !on_bounds.is_empty() => Err(format!(
                "{} ended on a bound: fix it there, or widen its bounds",
                bounds.join(", ")
            )),
            () if problem.scaled && freedom == 0 => Err(format!(
                "{} for as many parameters leave nothing to estimate an error from",
                counted(residuals.len(), "row")
            )),
            () => match geometry.degenerate(&names) {
                Some(why) => Err(format!("{why}; fix a parameter, or give other data")),
                None => Ok(geometry.inverse()),
            },
        };
        Ok(problem.statistics(residuals, certain, &free, evaluations))
    }

    /// The fitted parameters that are on a bound and are held back by it: alone, each would go across, a
    /// thousand times as far as it is away.
    fn on_bounds(&self, free: &[usize], slopes: &DMatrix<f64>, residuals: &[f64]) -> Vec<usize> {
        let is_held = |&j: &usize| {
            let parameter = &self.parameters[free[j]];
            let (value, bounds) = (parameter.value(), parameter.bounds);
            let column = slopes.column(j);
            let pull: f64 = column.iter().zip(residuals).map(|(slope, r)| slope * r).sum();
            let step = pull / column.norm_squared();
            let room = if step > 0.0 { bounds.high - value } else { value - bounds.low };
            step != 0.0 && room <= step.abs() / 1000.0
        };
        (0..free.len()).filter(is_held).collect()
    }

    /// Everything that is told of a fit.
    ///
    /// The formulas are those of lmfit 1.3.4, `MinimizerResult._calculate_statistics` and `ModelResult`.
    fn statistics(
        self,
        residuals: Vec<f64>,
        inverse: Result<DMatrix<f64>, String>,
        free: &[usize],
        evaluations: usize,
    ) -> LeastSquaresFit {
        let (n, k) = (residuals.len() as f64, free.len() as f64);
        let degrees_of_freedom = residuals.len() - free.len();
        let chi_square: f64 = residuals.iter().map(|r| r * r).sum();
        let reduced_chi_square = chi_square / degrees_of_freedom.max(1) as f64;
        let scale = if self.scaled { reduced_chi_square } else { 1.0 };
        let all = self.parameters.len();
        let covariance = inverse.and_then(|inverse| {
            let mut covariance = vec![vec![0.0; all]; all];
            for (a, &i) in free.iter().enumerate() {
                for (b, &j) in free.iter().enumerate() {
                    covariance[i][j] = inverse[(a, b)] * scale;
                }
            }
            match covariance.concat().iter().all(|entry| entry.is_finite()) {
                true => Ok(covariance),
                false => Err("the covariance overflows: choose other units".into()),
            }
        });
        let error = |i: usize| {
            let covariance = covariance.as_ref().ok()?;
            free.contains(&i).then(|| covariance[i][i].sqrt())
        };
        let parameters = self.parameters.iter().enumerate().map(|(i, parameter)| FittedParameter {
            name: parameter.name.clone(),
            value: parameter.value(),
            standard_error: error(i),
            start: parameter.start,
            fixed: parameter.fixed,
        });
        let log_likelihood = -n * (chi_square.max(1e-250 * n) / n).ln();
        LeastSquaresFit {
            parameters: parameters.collect(),
            chi_square,
            reduced_chi_square,
            r_squared: self.r_squared(&residuals),
            aic: 2.0 * k - log_likelihood,
            bic: n.ln() * k - log_likelihood,
            degrees_of_freedom,
            evaluations,
            covariance,
            residuals,
        }
    }
}
