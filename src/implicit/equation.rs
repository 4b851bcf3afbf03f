//! The equation `F(x, p) = 0`: recorded, linearized at a point, and solved to the last digits.

use super::error::ImplicitError;
use crate::linear::kept::Kept;
use crate::linear::lu::{Lu, Pivoting};
use crate::program::{Program, ReplayError, Workspace};
use crate::{Tape, Var};
use std::sync::{Arc, OnceLock};

/// The residual as a function of unknowns and parameters.
pub(super) type Residual = Arc<dyn Fn(&[Var], &[Var]) -> Vec<Var> + Send + Sync>;

/// How far a Newton step may move what the solver returned: a millionth of the largest unknown, or a billionth.
const NEAR: [f64; 2] = [1e-6, 1e-9];
/// How far a last one may move what is left after polishing. Of a well-conditioned system it is rounding.
const THERE: [f64; 2] = [1e-8, 1e-11];
/// How many Newton steps polish a solution. From a millionth two are enough.
const POLISH: usize = 4;

pub(super) struct Equation {
    pub residual: Residual,
    /// How many unknowns there are.
    pub unknowns: usize,
    /// The residual, recorded at the first point.
    program: OnceLock<Arc<Program>>,
    /// What was last linearized.
    points: Kept<Result<Point, ImplicitError>>,
}

/// The residual at a point, and its derivative with respect to the unknowns, factored.
pub(super) struct Point {
    program: Arc<Program>,
    residual: Vec<f64>,
    /// Row-major.
    pub jacobian: Vec<f64>,
    pub lu: Lu,
}

impl Equation {
    pub fn new(residual: Residual, unknowns: usize) -> Equation {
        Equation { residual, unknowns, program: OnceLock::new(), points: Kept::new() }
    }

    /// Linearize at a point: unknowns, then parameters.
    pub fn at(&self, point: &[f64]) -> Arc<Result<Point, ImplicitError>> {
        self.points.get(point, || self.linearize(point))
    }

    fn linearize(&self, point: &[f64]) -> Result<Point, ImplicitError> {
        let n = self.unknowns;
        let recorded = match self.program.get() {
            Some(program) => program.clone(),
            None => {
                let program = self.record(point)?;
                self.program.get_or_init(|| program).clone()
            }
        };
        let (mut residual, mut workspace) = (vec![0.0; n], Workspace::new());
        let program = match recorded.values(point, &mut residual, &mut workspace) {
            Ok(()) => recorded,
            Err(ReplayError::BranchChanged(_)) => {
                let program = self.record(point)?;
                program
                    .values(point, &mut residual, &mut workspace)
                    .map_err(ImplicitError::Residual)?;
                program
            }
            Err(error) => return Err(ImplicitError::Residual(error)),
        };
        finite("residual", &residual)?;
        let jacobian = by_unknowns(&program, point, n, &mut workspace)?;
        let column_is_zero = |j: usize| (0..n).all(|i| jacobian[i * n + j] == 0.0);
        if let Some(unknown) = (0..n).find(|&j| column_is_zero(j)) {
            return Err(ImplicitError::Undetermined { unknown });
        }
        if let Some(residual) = jacobian.chunks(n).position(|row| row.iter().all(|&x| x == 0.0)) {
            return Err(ImplicitError::Unsolvable { residual });
        }
        let lu = Lu::new(&jacobian, n, Pivoting::Partial);
        // Not finite either, if the estimate overflows.
        if lu.rcond >= f64::EPSILON {
            Ok(Point { program, residual, jacobian, lu })
        } else {
            Err(ImplicitError::Singular { rcond: lu.rcond })
        }
    }

    fn record(&self, point: &[f64]) -> Result<Arc<Program>, ImplicitError> {
        let tape = Tape::new();
        let inputs = tape.vars(point);
        let (x, p) = inputs.split_at(self.unknowns);
        let outputs = (self.residual)(x, p);
        match outputs.len() == self.unknowns {
            // It runs a few times only: passes would cost more than they save.
            true => {
                let program = tape.freeze_with(&inputs, &outputs, &[]);
                program.map(Arc::new).map_err(ImplicitError::Captured)
            }
            false => {
                let (unknowns, residuals) = (self.unknowns, outputs.len());
                Err(ImplicitError::Length { unknowns, residuals })
            }
        }
    }

    /// Polish a solution for the parameters `p`. Return it with how doubtful it is: at most 1.
    pub fn polish(&self, mut x: Vec<f64>, p: &[f64]) -> Result<(Vec<f64>, f64), ImplicitError> {
        finite("unknown", &x)?;
        let at = |x: &[f64]| self.at(&[x, p].concat());
        let point = at(&x);
        let (residual, mut step) = newton_step(&point)?;
        doubt(NEAR, residual, &x, &step)?;
        let is_rounding = |x: &[f64], step: &[f64]| {
            x.iter().zip(step).all(|(x, d)| d.abs() <= 4.0 * f64::EPSILON * x.abs())
        };
        for _ in 0..POLISH {
            if is_rounding(&x, &step) {
                break;
            }
            let moved: Vec<f64> = x.iter().zip(&step).map(|(x, step)| x - step).collect();
            // A step that does not halve is rounding too, and so is one that leads where nothing is defined.
            let Ok((_, next)) = newton_step(&at(&moved)) else { break };
            if size(&next).is_nan() || size(&next) > 0.5 * size(&step) {
                break;
            }
            (x, step) = (moved, next);
        }
        // Where it ended, for the sweep to find.
        let last = at(&x);
        let (residual, step) = newton_step(&last)?;
        let doubt = doubt(THERE, residual, &x, &step)?;
        Ok((x, doubt))
    }
}

impl Point {
    /// Compute `wᵀ dF/dp`, all but the first `unknowns` numbers of the vjp.
    pub fn pull(&self, point: &[f64], w: &[f64], unknowns: usize) -> Result<Vec<f64>, ReplayError> {
        let mut pulled = vec![0.0; point.len()];
        self.program.vjp(point, w, &mut pulled, &mut Workspace::new())?;
        Ok(pulled.split_off(unknowns))
    }
}

/// The Jacobian with respect to the first `n` inputs, eight columns at a time.
fn by_unknowns(
    program: &Program,
    point: &[f64],
    n: usize,
    workspace: &mut Workspace,
) -> Result<Vec<f64>, ImplicitError> {
    let mut jacobian = vec![0.0; n * n];
    for first in (0..n).step_by(8) {
        let columns = (n - first).min(8);
        let mut directions = vec![0.0; columns * point.len()];
        (0..columns).for_each(|j| directions[j * point.len() + first + j] = 1.0);
        let mut found = vec![0.0; columns * n];
        program.jvp(point, &directions, &mut found, workspace).map_err(ImplicitError::Residual)?;
        for (j, column) in found.chunks(n).enumerate() {
            column.iter().enumerate().for_each(|(i, &x)| jacobian[i * n + first + j] = x);
        }
    }
    finite("entry of the row-major Jacobian", &jacobian)?;
    Ok(jacobian)
}

/// The residual, and the step `(∂F/∂x)⁻¹ F` that Newton's method would take back.
fn newton_step(point: &Result<Point, ImplicitError>) -> Result<(&[f64], Vec<f64>), ImplicitError> {
    let point = point.as_ref().map_err(ImplicitError::clone)?;
    let mut step = point.residual.clone();
    point.lu.solve(&mut step);
    Ok((&point.residual, step))
}

/// How far the step moves the solution, in units of what is allowed; an error if that is more than 1.
fn doubt(
    [relative, absolute]: [f64; 2],
    residual: &[f64],
    x: &[f64],
    step: &[f64],
) -> Result<f64, ImplicitError> {
    let doubt = size(step) / (relative * size(x) + absolute);
    if doubt <= 1.0 {
        return Ok(doubt);
    }
    let largest = |numbers: &[f64]| {
        // From behind, so that of equals the first is named.
        let indices = (0..numbers.len()).rev();
        indices.max_by(|&i, &j| numbers[i].abs().total_cmp(&numbers[j].abs())).unwrap_or(0)
    };
    let (i, j) = (largest(residual), largest(step));
    let (residual, unknown) = ((i, residual[i]), (j, x[j]));
    Err(ImplicitError::NotConverged { residual, unknown, step: step[j].abs() })
}

/// The largest size; NaN if there is one.
fn size(numbers: &[f64]) -> f64 {
    numbers.iter().map(|x| x.abs()).fold(0.0, |m, x| if x > m || x.is_nan() { x } else { m })
}

pub(super) fn finite(what: &'static str, numbers: &[f64]) -> Result<(), ImplicitError> {
    match numbers.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(index) => Err(ImplicitError::NotFinite { what, index, value: numbers[index] }),
    }
}
