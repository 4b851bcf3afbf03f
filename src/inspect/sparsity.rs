//! [`Sparsity`]: where a matrix of derivatives has entries and which of them share a sweep, as plain data.

use crate::program::{HessianPlan, JacobianPlan};
use crate::sparse::{Colouring, Pattern};
use std::fmt;

/// The places of the entries of a sparse Jacobian or Hessian, and the colours by which a plan finds them.
///
/// Made from a [`JacobianPlan`] or a [`HessianPlan`], for [`Report::with_pattern`](super::Report::with_pattern). Names are the labels of the program's
/// inputs and outputs.
///
/// ```
/// use gradtape::{Program, Var, inspect::Sparsity};
/// let differences = |x: &[Var]| (0..9).map(|i| x[i + 1] - x[i]).collect::<Vec<_>>();
/// let shown = Sparsity::from(&Program::record(differences, &[0.0; 10]).jacobian_plan());
/// assert_eq!((shown.matrix.as_str(), &shown.entries[8][..]), ("Jacobian", &[8, 9][..]));
/// assert_eq!((shown.columns[8].colour, shown.columns[9].colour), (Some(0), Some(1)));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Sparsity {
    /// Which matrix: `Jacobian` or `Hessian`.
    pub matrix: String,
    /// The plan in a line: entries, colours and sweeps.
    pub summary: String,
    /// The columns, one an input.
    pub columns: Vec<SparsityLine>,
    /// The rows, one an output of a Jacobian, or an input of a Hessian.
    pub rows: Vec<SparsityLine>,
    /// The columns of the entries of each row, ascending.
    pub entries: Vec<Vec<usize>>,
    /// Whether an entry whose row and column both have a colour is read from that of the row.
    pub rows_first: bool,
}

/// A row or a column of a [`Sparsity`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SparsityLine {
    /// The label of the input or output that it belongs to.
    pub name: Option<String>,
    /// Its colour: lines of one colour share a seed. Without one it needs no seed.
    pub colour: Option<usize>,
}

impl From<&JacobianPlan> for Sparsity {
    fn from(plan: &JacobianPlan) -> Sparsity {
        let [inputs, outputs] = plan.program().labels();
        of("Jacobian", plan, plan.pattern(), plan.colouring(), [outputs, inputs])
    }
}

impl From<&HessianPlan> for Sparsity {
    fn from(plan: &HessianPlan) -> Sparsity {
        let [inputs, _] = plan.gradient_program().labels();
        of("Hessian", plan, plan.pattern(), plan.colouring(), [inputs.clone(), inputs])
    }
}

/// Put it together, with the names of rows and columns.
fn of(
    matrix: &str,
    plan: &dyn fmt::Display,
    pattern: &Pattern,
    colouring: &Colouring,
    [rows, columns]: [Vec<Option<String>>; 2],
) -> Sparsity {
    let lines = |names: Vec<Option<String>>, colour: &dyn Fn(usize) -> Option<usize>| {
        let line = |(i, name)| SparsityLine { name, colour: colour(i) };
        names.into_iter().enumerate().map(line).collect()
    };
    Sparsity {
        matrix: matrix.into(),
        summary: plan.to_string(),
        columns: lines(columns, &|column| colouring.column(column)),
        rows: lines(rows, &|row| colouring.row(row)),
        entries: (0..pattern.rows()).map(|row| pattern.row(row).to_vec()).collect(),
        rows_first: colouring.rows_first(),
    }
}
