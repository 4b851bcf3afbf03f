//! Programs over rows: parameters that all rows share, data that each row has of its own.
//!
//! | file | idea |
//! |---|---|
//! | `data` | [`Rows`]: the data, borrowed |
//! | `split` | the part that is the same for all rows, and the part that is not |
//! | `block` | a block of rows in lanes: where values and adjoints are |
//! | `walk` | the walk over rows, block by block: the only loops over lanes |
//! | `chunk` | the work on a run of rows |
//! | `spread` | chunks one after the other, or over threads |
//! | `workspace` | [`RowWorkspace`]: memory, instructions, threads |
//! | `replay` | the methods of [`RowProgram`] |

mod block;
mod chunk;
mod data;
mod replay;
mod split;
mod spread;
mod walk;
mod workspace;

pub use data::{Rows, RowsError};
pub use workspace::RowWorkspace;

use super::error::length;
use super::{Program, ReplayError};
use crate::Var;
use split::Split;

/// A program that runs over many rows at once, in vector instructions and on several threads.
///
/// Its first inputs are *shared*: the parameters, the same for all rows. The others are those of a row: one
/// observation. What depends on shared inputs alone is computed once, not once a row.
///
/// Elementary functions of row values are the kernels of [`lanes`](crate::lanes), which differ from the standard
/// library's by at most 2 ulp. All else is the same arithmetic, in the same order, as in the code itself. A
/// comparison of such a value with one that it equals to the last bits may therefore come out otherwise than in
/// the code; all methods here decide it alike.
///
/// What shared inputs alone determine is computed, custom operations included, whichever branch a row takes.
///
/// ```
/// use gradtape::program::{RowProgram, RowWorkspace, Rows};
/// use gradtape::{Real, nn::dosage};
///
/// // One observation is recorded; the program runs over all.
/// let residual = RowProgram::record(&dosage::C.start, &[0.5, 1.0], |p, row| {
///     let blue = p[4] * (p[0] * row[0] + p[1]).softplus();
///     let orange = p[5] * (p[2] * row[0] + p[3]).softplus();
///     (row[1] - (blue + orange + p[6])).square()
/// });
/// let observations = Rows::row_major(&[0.0, 0.0, 0.5, 1.0, 1.0, 0.0], 2)?;
/// let (mut slopes, mut workspace) = ([0.0; 7], RowWorkspace::new());
/// let ssr = residual.sum_and_gradient(&dosage::C.start, observations, &mut slopes, &mut workspace)?;
/// assert!((ssr - 1.8958781559227895).abs() < 1e-15);
/// assert!((slopes[6] - 3.45945441).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RowProgram {
    program: Program,
    split: Split,
}

impl Program {
    /// Run over rows: the first `shared` inputs are the same for all of them, the others are a row's own.
    ///
    /// # Errors
    /// If the program has fewer inputs than that.
    pub fn over_rows(self, shared: usize) -> Result<RowProgram, ReplayError> {
        length("the shared inputs", self.inputs(), shared.max(self.inputs()))?;
        Ok(RowProgram { split: Split::new(&self.graph, shared), program: self })
    }
}

impl RowProgram {
    /// Record a function of parameters and one observation, and freeze it.
    ///
    /// The two points matter only where the code branches.
    ///
    /// # Panics
    /// If the function returns a variable of another tape.
    #[track_caller]
    pub fn record<Y: AsRef<[Var]>>(
        shared: &[f64],
        row: &[f64],
        f: impl FnOnce(&[Var], &[Var]) -> Y,
    ) -> RowProgram {
        let program = Program::record(&[shared, row].concat(), |x| {
            let (shared, row) = x.split_at(shared.len());
            f(shared, row)
        });
        RowProgram { split: Split::new(&program.graph, shared.len()), program }
    }

    /// Read the program for one row.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Count the shared inputs.
    #[must_use]
    pub fn shared(&self) -> usize {
        self.split.shared
    }

    /// Count the inputs of a row.
    #[must_use]
    pub fn row_inputs(&self) -> usize {
        self.program.inputs() - self.shared()
    }

    /// Count the instructions that run once, and those that run for every row.
    #[must_use]
    pub fn instructions(&self) -> (usize, usize) {
        let computing = |part: &split::Part, inputs: usize| part.code.insts.len() - inputs;
        let Split { uniform, row, .. } = &self.split;
        (computing(uniform, self.shared()), computing(row, self.row_inputs()))
    }
}
