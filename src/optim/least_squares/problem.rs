//! [`LeastSquares`]: a model, data and parameters, as the solver takes them.

use super::bounds::Bounds;
use crate::Var;
use crate::optim::error::{FitError, setting};
use crate::optim::over_rows::Source;
use crate::optim::row_checks::checked_weight;
use crate::program::{ReplayError, RerecordRows, RowProgram, Rows, Share, Workspace};
use crate::text::{OneLine, brief, counted, digits, list, number, on_one_line, quoted};
use levenberg_marquardt::LeastSquaresProblem;
use nalgebra::{DMatrix, DVector, Dyn, storage::Owned};
use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::ops::RangeBounds;

/// A fit by least squares that is set up: model, data, and parameters with names, starts and bounds. With the feature
/// `levenberg-marquardt`.
///
/// It minimizes `χ² = Σ wᵢ (yᵢ - f(p, xᵢ))²`. The weights `wᵢ` are those of the rows, 1 without
/// [`Rows::weighted`]; `1/σᵢ²` for an observation with the standard deviation `σᵢ`. (In lmfit a weight multiplies the
/// residual, not its square: it is the root of one here.)
///
/// [`fit`](LeastSquares::fit) solves it by the crate `levenberg-marquardt` 0.15. It also is the `LeastSquaresProblem` of
/// that crate, over nalgebra 0.34, whose parameters are the [internal numbers](LeastSquares::bounds) of those that are
/// not fixed, for whoever wants to run the solver alone.
///
/// ```
/// use gradtape::optim::LeastSquares;
/// use gradtape::program::Rows;
/// use gradtape::Real;
///
/// fn cooling<S: Real>(p: &[S], minutes: &[S]) -> S {
///     p[0] + p[1] * (-p[2] * minutes[0]).exp()
/// }
/// let minutes = [0.0, 5.0, 10.0, 20.0, 40.0, 60.0];
/// let temperature = [85.1, 68.8, 56.7, 40.6, 26.3, 22.1];
/// let fit = LeastSquares::new(
///     cooling,
///     Rows::row_major(&minutes, 1)?,
///     &temperature,
///     &[("room", 20.5), ("excess", 50.0), ("rate", 0.1)],
/// )?
/// .bounds("rate", 0.0..)?
/// .fixed("room")?
/// .fit()?;
/// let rate = fit.parameter("rate").unwrap();
/// assert!((rate.value - 0.05873).abs() < 1e-5);
/// assert!((rate.standard_error.unwrap() - 0.00053).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LeastSquares<'a> {
    rows: Rows<'a>,
    observed: &'a [f64],
    /// The square roots of the weights.
    roots: Vec<f64>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) scaled: bool,
    run: RefCell<Run<'a>>,
}

/// What changes while a model is evaluated.
struct Run<'a> {
    source: Source<'a>,
    workspace: Workspace,
    /// Why there were no residuals or slopes.
    failure: Option<FitError>,
}

/// One parameter: where it starts, where it may be, where it is.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub name: String,
    pub start: f64,
    pub bounds: Bounds,
    pub fixed: bool,
    /// What the solver moves.
    internal: f64,
}

impl Parameter {
    pub fn value(&self) -> f64 {
        if self.fixed { self.start } else { self.bounds.external(self.internal) }
    }
}

impl<'a> LeastSquares<'a> {
    /// Take a model, what it predicts from parameters and one row of `x`, an observation `y` for each row, and the
    /// parameters: name and start, in the model's order.
    ///
    /// The model is a closure or a generic function by name. It may branch: each path is recorded when a row takes it
    /// first, as [`RerecordRows`] says.
    ///
    /// # Errors
    /// If lengths differ; if a number is NaN or infinite; if a weight is not above 0; if there are fewer rows than
    /// parameters, no parameters, or two of one name.
    ///
    /// # Panics
    /// Where the model itself panics, as if it reads more parameters than there are.
    pub fn new(
        model: impl Fn(&[Var], &[Var]) -> Var + Send + Sync + 'a,
        x: Rows<'a>,
        y: &'a [f64],
        parameters: &[(&str, f64)],
    ) -> Result<LeastSquares<'a>, FitError> {
        let paths = RerecordRows::new(move |p: &[Var], x: &[Var]| [model(p, x)]);
        LeastSquares::of(Source::Paths(paths), x, y, parameters)
    }

    /// Take a model that is a program already: its shared inputs are the parameters, its only output is what it
    /// predicts for a row. To minimize residuals of another kind, let the program compute them with the sign turned,
    /// and observe zeros.
    ///
    /// # Errors
    /// As [`new`](LeastSquares::new), and if the program has not exactly one output, or other inputs.
    pub fn with_program(
        model: &'a RowProgram,
        x: Rows<'a>,
        y: &'a [f64],
        parameters: &[(&str, f64)],
    ) -> Result<LeastSquares<'a>, FitError> {
        model.check_one_output(x)?;
        let (expected, found) = (model.shared(), parameters.len());
        if expected != found {
            return Err(ReplayError::Length { what: "the parameters", expected, found }.into());
        }
        LeastSquares::of(Source::Program(model), x, y, parameters)
    }

    fn of(
        source: Source<'a>,
        rows: Rows<'a>,
        observed: &'a [f64],
        parameters: &[(&str, f64)],
    ) -> Result<LeastSquares<'a>, FitError> {
        check_data(rows, observed)?;
        let mut known: Vec<Parameter> = Vec::new();
        for &(name, start) in parameters {
            let name = on_one_line(name);
            if known.iter().any(|parameter| parameter.name == name) {
                return setting(format!("there are two parameters {}", quoted(&name)));
            }
            if !start.is_finite() {
                return setting(format!(
                    "the start of {} is {}: give a finite number",
                    quoted(&name),
                    number(start)
                ));
            }
            let (bounds, fixed, internal) = (Bounds::NONE, false, start);
            known.push(Parameter { name, start, bounds, fixed, internal });
        }
        Ok(LeastSquares {
            rows,
            observed,
            roots: (0..rows.count()).map(|row| rows.weight(row).sqrt()).collect(),
            parameters: known,
            scaled: true,
            run: RefCell::new(Run { source, workspace: Workspace::new(), failure: None }),
        })
    }

    /// Keep a parameter within a range: `0.0..=1.0`, `0.0..` or `..1.0`. It may come as close to an end as numbers can.
    ///
    /// The solver moves an internal number u instead, as in MINUIT and lmfit: `p = lo + (hi - lo)/2 · (sin u + 1)`,
    /// `p = lo - 1 + √(u² + 1)` or `p = hi + 1 - √(u² + 1)`; with two bounds `u + π/2`, for the digits. Standard errors
    /// are those of p. A fit that ends on a bound has none, and says so.
    ///
    /// # Errors
    /// If there is no such parameter; if the range is empty; if the start is not inside.
    pub fn bounds(
        mut self,
        name: &str,
        range: impl RangeBounds<f64>,
    ) -> Result<LeastSquares<'a>, FitError> {
        let parameter = self.named(name)?;
        let called = quoted(&parameter.name);
        parameter.bounds = Bounds::new(&called, range)?;
        parameter.bounds.check_start(&called, parameter.start)?;
        parameter.internal = parameter.bounds.internal(parameter.start);
        Ok(self)
    }

    /// Hold a parameter at its start.
    ///
    /// # Errors
    /// If there is no such parameter.
    pub fn fixed(mut self, name: &str) -> Result<LeastSquares<'a>, FitError> {
        self.named(name)?.fixed = true;
        Ok(self)
    }

    /// Take the weights for what they are, `1/σ²` of known standard deviations.
    ///
    /// Otherwise they are relative, and the covariance is multiplied by the reduced χ², as lmfit does by default: the
    /// spread of the residuals says how large σ is.
    #[must_use]
    pub fn known_variances(mut self) -> LeastSquares<'a> {
        self.scaled = false;
        self
    }

    /// Use other instructions or threads; the numbers stay the same.
    #[must_use]
    pub fn workspace(self, workspace: Workspace) -> LeastSquares<'a> {
        self.run.borrow_mut().workspace = workspace;
        self
    }

    /// Read where the parameters are, fixed ones among them: at the start, or where a solver has left them.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.parameters.iter().map(Parameter::value).collect()
    }

    fn named(&mut self, name: &str) -> Result<&mut Parameter, FitError> {
        let names = list(self.parameters.iter(), |parameter| quoted(&parameter.name), 6);
        let name = &on_one_line(name);
        match self.parameters.iter_mut().find(|parameter| parameter.name == *name) {
            Some(parameter) => Ok(parameter),
            None => setting(format!("no parameter is called {}: there are {names}", quoted(name))),
        }
    }

    /// The indices of what is fitted.
    pub(super) fn free(&self) -> Vec<usize> {
        (0..self.parameters.len()).filter(|&i| !self.parameters[i].fixed).collect()
    }

    /// The largest observation, and how far observations are from their mean, each with its weight.
    pub(super) fn size(&self) -> [f64; 2] {
        let mean = self.mean();
        let weighted = || self.observed.iter().zip(&self.roots);
        let squared: f64 = weighted().map(|(y, root)| ((y - mean) * root).powi(2)).sum();
        let largest = weighted().map(|(y, root)| y.abs() * root).fold(0.0, f64::max);
        [largest, (squared / self.observed.len() as f64).sqrt()]
    }

    fn mean(&self) -> f64 {
        self.observed.iter().sum::<f64>() / self.observed.len() as f64
    }

    /// R², of the observations as they are.
    pub(super) fn r_squared(&self, residuals: &[f64]) -> Option<f64> {
        let mean = self.mean();
        let total: f64 = self.observed.iter().map(|y| (y - mean).powi(2)).sum();
        let left: f64 = residuals.iter().zip(&self.roots).map(|(r, root)| (r / root).powi(2)).sum();
        (total > 0.0).then_some(1.0 - left / total)
    }

    pub(super) fn take_failure(&self) -> Option<FitError> {
        self.run.borrow_mut().failure.take()
    }

    /// `√wᵢ (yᵢ - fᵢ)` of every row.
    pub(super) fn weighted_residuals(&self) -> Option<Vec<f64>> {
        let mut numbers = self.each_row(false)?;
        for ((number, &observed), root) in numbers.iter_mut().zip(self.observed).zip(&self.roots) {
            *number = root * (observed - *number);
        }
        Some(numbers)
    }

    /// `√wᵢ ∂fᵢ/∂pⱼ` of every row and every parameter that is fitted, with respect to the parameter itself.
    pub(super) fn weighted_slopes(&self) -> Option<DMatrix<f64>> {
        let slopes = self.each_row(true)?;
        let (free, width) = (self.free(), self.parameters.len() + self.rows.width());
        let rows = self.roots.len();
        let entry = |i: usize, j: usize| self.roots[i] * slopes[i * width + free[j]];
        let slopes = DMatrix::from_fn(rows, free.len(), entry);
        let bad = slopes.iter().position(|slope| !slope.is_finite());
        if let Some(bad) = bad {
            let (row, slope) = (bad % rows, slopes[bad]);
            let name = quoted(&self.parameters[free[bad / rows]].name);
            let message = format!(
                "row {}: the slope with respect to {name} is {} at {}: write the model so that it is smooth there, or \
                 keep parameters away by bounds",
                self.rows.original(row),
                number(slope),
                self.at()
            );
            self.run.borrow_mut().failure = setting::<()>(message).err();
            return None;
        }
        Some(slopes)
    }

    fn each_row(&self, slopes: bool) -> Option<Vec<f64>> {
        let (rows, values) = (self.rows, self.values());
        let width = if slopes { self.parameters.len() + rows.width() } else { 1 };
        let mut numbers = vec![0.0; rows.count() * width];
        let Run { source, workspace, failure } = &mut *self.run.borrow_mut();
        match source.each_row(slopes, &values, rows, &mut numbers, workspace) {
            Ok(()) => Some(numbers),
            Err(error) => {
                *failure = Some(error.into());
                None
            }
        }
    }

    /// Refuse a start where the model has no value.
    pub(super) fn check_start(&self) -> Result<(), FitError> {
        let free = self.free().len();
        if free == 0 {
            let all = self.parameters.len();
            return setting(match all {
                0 => "there are no parameters: give names and starts".to_string(),
                _ => {
                    format!("all {} are fixed: there is nothing to fit", counted(all, "parameter"))
                }
            });
        }
        if self.roots.len() < free {
            return setting(format!(
                "{} for {} to fit: give at least as many, or fix some",
                counted(self.roots.len(), "row"),
                counted(free, "parameter")
            ));
        }
        let Some(residuals) = self.weighted_residuals() else { return Ok(()) };
        match residuals.iter().position(|residual| !residual.is_finite()) {
            None => Ok(()),
            Some(row) => {
                let x: Vec<f64> = (0..self.rows.width()).map(|i| self.rows.get(row, i)).collect();
                setting(format!(
                    "row {}: the residual is {} at {}, where x is {}: choose another start",
                    self.rows.original(row),
                    number(residuals[row]),
                    self.at(),
                    brief(&x)
                ))
            }
        }
    }

    /// The parameters by name, for messages.
    pub(super) fn at(&self) -> String {
        let one = |parameter: &Parameter| {
            format!("{} = {}", parameter.name, digits(parameter.value(), 6))
        };
        list(self.parameters.iter(), one, 9)
    }
}

/// Refuse data that nothing can be fitted to.
fn check_data(rows: Rows<'_>, observed: &[f64]) -> Result<(), FitError> {
    if observed.len() != rows.count() {
        let (observed, rows) = (observed.len(), counted(rows.count(), "row"));
        return setting(format!(
            "{} for {rows} of x: give one for each",
            counted(observed, "observation")
        ));
    }
    let bad = |row: &usize| !(rows.weight(*row) > 0.0 && rows.weight(*row).is_finite());
    if let Some(row) = (0..rows.count()).find(bad) {
        return setting(format!(
            "the weight of row {} is {}: give a finite one above 0, or leave the row out (`Rows::choose`)",
            rows.original(row),
            number(rows.weight(row))
        ));
    }
    checked_weight(&Share::alone(rows))?;
    match observed.iter().position(|y| !y.is_finite()) {
        None => Ok(()),
        Some(i) => setting(format!(
            "observation {i} is {}: give a finite number, or leave the row out (`Rows::choose`)",
            number(observed[i])
        )),
    }
}

impl LeastSquaresProblem<f64, Dyn, Dyn> for LeastSquares<'_> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, internal: &DVector<f64>) {
        let free = self.parameters.iter_mut().filter(|parameter| !parameter.fixed);
        free.zip(internal.iter()).for_each(|(parameter, &u)| parameter.internal = u);
    }

    fn params(&self) -> DVector<f64> {
        let free = self.parameters.iter().filter(|parameter| !parameter.fixed);
        DVector::from_vec(free.map(|parameter| parameter.internal).collect())
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        self.weighted_residuals().map(DVector::from_vec)
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        let mut slopes = self.weighted_slopes()?;
        for (mut column, i) in slopes.column_iter_mut().zip(self.free()) {
            let parameter = &self.parameters[i];
            column *= -parameter.bounds.slope(parameter.internal);
        }
        Some(slopes)
    }
}

impl fmt::Debug for LeastSquares<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = counted(self.rows.count(), "row");
        write!(OneLine(f), "LeastSquares({rows}, {})", self.at())
    }
}
