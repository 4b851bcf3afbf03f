//! The Hessian of a sum over rows, row by row of the matrix.
//!
//! ```text
//! s(p, v, row) = Σᵢ select(vᵢ, ∂f/∂pᵢ, 0)     a program over rows, with p and v shared
//! H eᵢ         = the slopes of its sum with respect to p, at v = eᵢ
//! ```
//!
//! With `select` in place of a product, what v leaves out is blocked: it cannot make a NaN of an infinite slope.

use super::data::Rows;
use super::program::RowProgram;
use crate::program::error::{ReplayError, length};
use crate::program::program::Program;
use crate::program::workspace::Workspace;
use crate::{Var, sum};

impl RowProgram {
    /// Make the program for [`sum_hessian`](RowProgram::sum_hessian).
    pub(crate) fn second_order(&self) -> Result<RowProgram, ReplayError> {
        let gradient = self.program().gradient_program()?;
        let (n, point) = (self.shared(), &self.program().point);
        let (shared, row) = point.split_at(n);
        let chosen = |x: &[Var]| {
            let (shared, others) = x.split_at(n);
            let (v, row) = others.split_at(n);
            let slopes = gradient.on_tape(&[shared, row].concat());
            [sum(v.iter().zip(slopes).map(|(&v, slope)| Var::select(v, slope, 0.0)))]
        };
        Program::record(chosen, &[shared, &vec![1.0; n], row].concat()).over_rows(2 * n)
    }

    /// Compute the Hessian of the sum over all rows, each with its weight, with respect to the shared inputs, of the
    /// program that [`second_order`](RowProgram::second_order) was made from. `out` takes it row by row.
    pub(crate) fn sum_hessian(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let n = self.shared() / 2;
        length("the shared inputs", n, shared.len())?;
        length("the Hessian", n * n, out.len())?;
        let mut inputs = [shared, &vec![0.0; n]].concat();
        let mut slopes = vec![0.0; 2 * n];
        for (i, out) in out.chunks_mut(n.max(1)).enumerate() {
            inputs[n..].fill(0.0);
            inputs[n + i] = 1.0;
            self.sum_and_gradient(&inputs, rows, &mut slopes, workspace)?;
            out.copy_from_slice(&slopes[..n]);
        }
        Ok(())
    }
}
