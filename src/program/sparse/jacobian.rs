//! [`JacobianPlan`]: how the Jacobian of a program is found in few sweeps.

use super::structure;
use crate::program::Program;
use crate::program::error::{ReplayError, length};
use crate::program::workspace::Workspace;
use crate::sparse::{Colouring, ColouringKind, Pattern};
use crate::text::counted;
use std::fmt;

/// How the Jacobian of a program is found in few sweeps: its pattern, and colours.
///
/// Made by [`Program::jacobian_plan`] once, evaluated at any number of points, on any number of threads.
#[derive(Clone, Debug)]
pub struct JacobianPlan {
    program: Program,
    pattern: Pattern,
    colouring: Colouring,
}

impl Program {
    /// Plan the sparse Jacobian: find its pattern from the instructions, and the colours with the fewest sweeps.
    ///
    /// The pattern holds at every point: both branches of a `select` are in it. Columns that share no row are swept
    /// together forwards, rows that share no column backwards, and dense rows or columns apart, whatever takes the fewest
    /// sweeps of eight seeds. If that is no fewer than for the dense [`jacobian`](Program::jacobian), the plan has one
    /// seed a row or column, and says so.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// use gradtape::Var;
    ///
    /// // Each equation has its unknown and both neighbours.
    /// let n: usize = 1_000;
    /// let equations = |x: &[Var]| -> Vec<Var> {
    ///     let at = |i: usize| x.get(i).copied().unwrap_or_default();
    ///     (0..n).map(|i| at(i.wrapping_sub(1)) - x[i] * x[i] + at(i + 1)).collect()
    /// };
    /// let plan = Program::record(equations, &vec![1.0; n]).jacobian_plan();
    /// assert_eq!(plan.to_string(), "\
    /// Jacobian: 2998 of 1000000 entries, 3 colours of columns, 1 sweep of up to 8 seeds");
    ///
    /// let mut values = vec![0.0; plan.pattern().nonzeros()];
    /// plan.evaluate(&vec![2.0; n], &mut values, &mut Workspace::new())?;
    /// assert_eq!((plan.pattern().row(1), &values[2..5]), (&[0, 1, 2][..], &[1.0, -4.0, 1.0][..]));
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[must_use]
    #[doc(alias("sparse", "coloring", "sparsity"))]
    pub fn jacobian_plan(&self) -> JacobianPlan {
        let pattern = structure::jacobian(&self.body.code, self.inputs(), &self.body.outputs);
        let colouring = Colouring::best(&pattern);
        JacobianPlan { program: self.clone(), pattern, colouring }
    }
}

impl JacobianPlan {
    /// The places of the entries: a row an output, a column an input.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Which columns and rows are swept together.
    #[must_use]
    pub fn colouring(&self) -> &Colouring {
        &self.colouring
    }

    /// Count the sweeps of an evaluation, each of up to eight seeds.
    #[must_use]
    pub fn sweeps(&self) -> usize {
        self.colouring.sweeps()
    }

    /// The program whose Jacobian it is.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Compute the entries at `x`, in the order of the [`pattern`](JacobianPlan::pattern).
    ///
    /// They are those of [`Program::jacobian`] up to the last bits, with its zeros and infinities. Nothing is allocated
    /// once the workspace has grown.
    ///
    /// # Errors
    /// If `x` takes another branch than the recording did; if a length is wrong.
    pub fn evaluate(
        &self,
        x: &[f64],
        values: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the entries `values` of the Jacobian", self.pattern.nonzeros(), values.len())?;
        self.program.evaluate_all(x, workspace)?;
        self.program.sweep_colours(&self.pattern, &self.colouring, |_| true, values, workspace)
    }
}

impl fmt::Display for JacobianPlan {
    /// What it does, and why, in a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jacobian: ")?;
        describe(f, &self.pattern, &self.colouring)
    }
}

/// Entries, colours and sweeps, in words.
pub(super) fn describe(
    f: &mut fmt::Formatter<'_>,
    pattern: &Pattern,
    colouring: &Colouring,
) -> fmt::Result {
    let all = pattern.rows() as u128 * pattern.columns() as u128;
    write!(f, "{} of {all} entries, ", pattern.nonzeros())?;
    if colouring.kind() == ColouringKind::Dense {
        write!(f, "dense, for colours would save no sweep: ")?;
    }
    write!(f, "{colouring}, {} of up to 8 seeds", counted(colouring.sweeps(), "sweep"))
}
