//! [`ArgminProblem`]: a program, alone or over rows, as argmin's solvers take it.

use super::error::FitError;
use super::row_checks::checked_weight;
use crate::program::{Program, ReplayError, RowProgram, Rows, Share, Workspace};
use crate::text::{brief, number};
use argmin::core::{CostFunction, Error, Gradient, Hessian, Jacobian, Operator};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A program as a problem for the solvers of the crate `argmin` 0.11, on `Vec<f64>`. With the feature `argmin`.
///
/// | trait of argmin | of a program | over rows |
/// |---|---|---|
/// | `CostFunction` | its only output | the sum over rows of the only output, each with its weight |
/// | `Gradient`, `Hessian` | of that output | of that sum, with respect to the shared inputs |
/// | `Operator` | all outputs | the only output of every row, without weights |
/// | `Jacobian` | of all outputs | of these, with respect to the shared inputs |
///
/// Matrices are `Vec<Vec<f64>>`, row by row, on which argmin has L-BFGS, `SteepestDescent`, `NewtonCG`, `TrustRegion`
/// with `Steihaug` or `CauchyPoint`, and the solvers without derivatives. `Newton`, `Dogleg` and Gauss-Newton invert a
/// matrix, which argmin does not do for this type.
///
/// It is `Sync`, and runs on several threads at once. After the first calls it allocates what it returns, no more.
///
/// # Errors
/// The methods of these traits return an error, which ends the run of a solver (L-BFGS and the like report one of their
/// line search as the termination status, so look at that): a [`ReplayError`] if inputs take
/// another branch than the recording did, if their number is wrong, if a cost is asked for and there is not one output;
/// a message with the numbers if a slope or a second derivative is not finite. A *cost* that is NaN or infinite is
/// returned as it is, so that a `BacktrackingLineSearch` turns back from there.
///
/// ```
/// use argmin::core::Executor;
/// use argmin::solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS};
/// use gradtape::optim::ArgminProblem;
/// use gradtape::{Program, Real, Var};
///
/// let rosenbrock = |x: &[Var]| (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0;
/// let program = Program::record(rosenbrock, &[-1.2, 1.0]);
/// let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7);
/// let run = Executor::new(ArgminProblem::new(&program), solver)
///     .configure(|state| state.param(vec![-1.2, 1.0]).max_iters(100))
///     .run()?;
/// let best = run.state.best_param.unwrap();
/// assert!((best[0] - 1.0).abs() < 1e-8 && (best[1] - 1.0).abs() < 1e-8);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Debug)]
pub struct ArgminProblem<'a> {
    source: Source<'a>,
    /// Made by the first call that asks for a Hessian over rows.
    second_order: OnceLock<Result<RowProgram, ReplayError>>,
    /// What new workspaces are copies of.
    like: Workspace,
    /// One for each call at a time.
    free: Mutex<Vec<Workspace>>,
}

#[derive(Debug)]
enum Source<'a> {
    Program(&'a Program),
    Rows(&'a RowProgram, Rows<'a>),
}

impl<'a> ArgminProblem<'a> {
    /// Take a program: the parameters are its inputs.
    #[must_use]
    pub fn new(program: &'a Program) -> ArgminProblem<'a> {
        ArgminProblem::of(Source::Program(program))
    }

    /// Take a program with one output and the rows: the parameters are its shared inputs.
    ///
    /// # Errors
    /// As [`OverRows::new`](super::OverRows::new).
    ///
    /// ```
    /// use argmin::core::{CostFunction, Hessian};
    /// use gradtape::optim::ArgminProblem;
    /// use gradtape::program::{RowProgram, Rows};
    /// use gradtape::{Real, Var};
    ///
    /// let residual = |p: &[Var], row: &[Var]| (row[1] - (p[0] * row[0] + p[1])).square();
    /// let residual = RowProgram::record(residual, &[0.0; 2], &[0.0; 2]);
    /// let observations = Rows::row_major(&[1.0, 3.0, 2.0, 5.0], 2)?;
    /// let ssr = ArgminProblem::over_rows(&residual, observations)?;
    /// assert_eq!(ssr.cost(&vec![1.0, 1.0])?, 5.0);
    /// assert_eq!(ssr.hessian(&vec![1.0, 1.0])?, [[10.0, 6.0], [6.0, 4.0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over_rows(
        program: &'a RowProgram,
        rows: Rows<'a>,
    ) -> Result<ArgminProblem<'a>, FitError> {
        program.check_one_output(rows)?;
        checked_weight(&Share::alone(rows))?;
        Ok(ArgminProblem::of(Source::Rows(program, rows)))
    }

    fn of(source: Source<'a>) -> ArgminProblem<'a> {
        ArgminProblem {
            source,
            second_order: OnceLock::new(),
            like: Workspace::new(),
            free: Mutex::default(),
        }
    }

    /// Use other instructions or threads; the numbers stay the same.
    #[must_use]
    pub fn workspace(mut self, workspace: Workspace) -> ArgminProblem<'a> {
        self.like = workspace;
        self.free = Mutex::default();
        self
    }

    /// Call with a workspace of its own, at parameters of the right number.
    fn run<T>(
        &self,
        parameters: &[f64],
        call: impl FnOnce(&mut Workspace) -> Result<T, ReplayError>,
    ) -> Result<T, Error> {
        let (expected, found) = (self.parameters(), parameters.len());
        if expected != found {
            return Err(ReplayError::Length { what: "the parameters", expected, found }.into());
        }
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free().pop();
        let mut workspace = kept.unwrap_or_else(|| self.like.clone());
        let result = call(&mut workspace);
        free().push(workspace);
        Ok(result?)
    }

    fn parameters(&self) -> usize {
        match self.source {
            Source::Program(program) => program.inputs(),
            Source::Rows(program, _) => program.shared(),
        }
    }

    /// The outputs of a program, or of every row.
    fn outputs(&self) -> usize {
        match self.source {
            Source::Program(program) => program.outputs(),
            Source::Rows(_, rows) => rows.count(),
        }
    }
}

impl CostFunction for ArgminProblem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        self.run(x, |workspace| match self.source {
            Source::Program(program) => program.value(x, workspace),
            Source::Rows(program, rows) => program.sum(x, rows, workspace),
        })
    }
}

impl Gradient for ArgminProblem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut slopes = vec![0.0; x.len()];
        self.run(x, |workspace| match self.source {
            Source::Program(program) => program.value_and_gradient(x, &mut slopes, workspace),
            Source::Rows(program, rows) => {
                program.sum_and_gradient(x, rows, &mut slopes, workspace)
            }
        })?;
        let name = |i: usize| format!("the slope with respect to parameters[{i}]");
        finite(slopes, name, x)
    }
}

impl Hessian for ArgminProblem<'_> {
    type Param = Vec<f64>;
    type Hessian = Vec<Vec<f64>>;

    fn hessian(&self, x: &Vec<f64>) -> Result<Vec<Vec<f64>>, Error> {
        let n = x.len();
        let mut entries = vec![0.0; n * n];
        self.run(x, |workspace| match self.source {
            Source::Program(program) => program.hessian(x, &mut entries, workspace),
            Source::Rows(program, rows) => {
                let second = self.second_order.get_or_init(|| program.second_order());
                let second = second.as_ref().map_err(Clone::clone)?;
                second.sum_hessian(x, rows, &mut entries, workspace)
            }
        })?;
        let name = |i: usize| format!("the second derivative in [{}][{}]", i / n, i % n);
        Ok(matrix(finite(entries, name, x)?, n))
    }
}

impl Operator for ArgminProblem<'_> {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.outputs()];
        self.run(x, |workspace| match self.source {
            Source::Program(program) => program.values(x, &mut outputs, workspace),
            Source::Rows(program, rows) => program.values(x, rows, &mut outputs, workspace),
        })?;
        finite(outputs, |i| format!("output {i}"), x)
    }
}

impl Jacobian for ArgminProblem<'_> {
    type Param = Vec<f64>;
    type Jacobian = Vec<Vec<f64>>;

    fn jacobian(&self, x: &Vec<f64>) -> Result<Vec<Vec<f64>>, Error> {
        // Over rows the slopes with respect to a row's own numbers come along.
        let inputs = match self.source {
            Source::Program(program) => program.inputs(),
            Source::Rows(program, _) => program.program().inputs(),
        };
        let mut entries = vec![0.0; self.outputs() * inputs];
        self.run(x, |workspace| match self.source {
            Source::Program(program) => program.jacobian(x, &mut entries, workspace),
            Source::Rows(program, rows) => program.gradients(x, rows, &mut entries, workspace),
        })?;
        let n = x.len();
        let own = entries.chunks(inputs.max(1)).flat_map(|row| &row[..n]).copied().collect();
        let name = |i: usize| format!("the derivative in [{}][{}]", i / n, i % n);
        Ok(matrix(finite(own, name, x)?, n))
    }
}

/// Refuse numbers of which one is infinite or NaN: a solver would go on with it.
fn finite(
    numbers: Vec<f64>,
    name: impl Fn(usize) -> String,
    at: &[f64],
) -> Result<Vec<f64>, Error> {
    let bad = |numbers: &[f64]| numbers.iter().position(|number| !number.is_finite());
    if let Some(i) = bad(at) {
        let message =
            format!("parameters[{i}] is {}: the solver's step was not finite", number(at[i]));
        return Err(Error::msg(message));
    }
    match bad(&numbers) {
        None => Ok(numbers),
        Some(i) => Err(Error::msg(format!(
            "{} is {} at {}: choose another start, a line search that turns back, or write the cost so that it is \
             smooth there",
            name(i),
            number(numbers[i]),
            brief(at)
        ))),
    }
}

fn matrix(entries: Vec<f64>, columns: usize) -> Vec<Vec<f64>> {
    entries.chunks(columns.max(1)).map(<[f64]>::to_vec).collect()
}
