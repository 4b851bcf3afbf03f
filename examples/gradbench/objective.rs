//! What an objective is: one number, many, or a sum over rows. Each is written once, over [`Real`].

use gradtape::program::{Program, ReplayError, RowProgram, Rows, Workspace};
use gradtape::{Dual, Real, Var, sum};
use std::ops::Sub;

/// A function of many numbers with one value.
pub trait Objective: 'static {
    /// Compute the value.
    fn value<S: Real>(&self, x: &[S]) -> S;

    /// Estimate how many operands a tape has of all its rows.
    fn operands(&self) -> usize {
        0
    }

    /// Record it as a sum over rows, if it is one.
    fn over_rows(&self, _x: &[f64]) -> Option<OverRows> {
        None
    }

    /// Record how fast it changes where all inputs grow alike, as a sum over rows, if it is one.
    fn growth_over_rows(&self, _x: &[f64]) -> Option<OverRows> {
        None
    }
}

/// A function of many numbers with many values.
pub trait Outputs: 'static {
    /// Compute the values.
    fn values<S: Real>(&self, x: &[S]) -> Vec<S>;
}

/// An objective that is a sum over rows of data, and a rest that depends on the parameters alone.
///
/// Data are plain numbers on a tape, and inputs of a program over rows: hence an `X` beside the `S`.
pub trait SumOverRows: 'static {
    /// What the parameters determine before there is a row.
    type Shared<S: Real>;

    /// Compute it.
    fn shared<S: Real>(&self, x: &[S]) -> Self::Shared<S>;

    /// Compute the term of a row.
    fn term<S, X>(&self, shared: &Self::Shared<S>, row: &[X]) -> S
    where
        S: Real + Sub<X, Output = S>,
        X: Real + Into<S>;

    /// Compute the rest.
    fn rest<S: Real>(&self, _shared: &Self::Shared<S>) -> S {
        S::from(0.0)
    }

    /// Give the rows, one after the other, and the length of one.
    fn rows(&self) -> (&[f64], usize);

    /// Estimate how many operands the term of a row has.
    fn operands_of_a_row(&self) -> usize;
}

impl<T: SumOverRows> Objective for T {
    fn value<S: Real>(&self, x: &[S]) -> S {
        let shared = self.shared(x);
        let (rows, width) = self.rows();
        sum(rows.chunks_exact(width).map(|row| self.term(&shared, row))) + self.rest(&shared)
    }

    fn operands(&self) -> usize {
        let (rows, width) = self.rows();
        (rows.len() / width).saturating_mul(self.operands_of_a_row())
    }

    fn over_rows(&self, x: &[f64]) -> Option<OverRows> {
        let term = |x: &[Var], row: &[Var]| self.term(&self.shared(x), row);
        Some(OverRows::record(self.rows(), x, term, |x| self.rest(&self.shared(x))))
    }

    fn growth_over_rows(&self, x: &[f64]) -> Option<OverRows> {
        // Forward mode, recorded: the sweep over it gives second derivatives.
        let grow = |x: &[Var]| x.iter().map(|&x| Dual::new(x, 1.0.into())).collect::<Vec<_>>();
        let term = |x: &[Var], row: &[Var]| {
            let row: Vec<Dual<Var>> = row.iter().map(|&number| Dual::constant(number)).collect();
            self.term(&self.shared(&grow(x)), &row).tangent()
        };
        let rest = |x: &[Var]| self.rest(&self.shared(&grow(x))).tangent();
        Some(OverRows::record(self.rows(), x, term, rest))
    }
}

/// A sum over rows, recorded.
pub struct OverRows {
    term: RowProgram,
    rest: Program,
    rows: Vec<f64>,
    width: usize,
}

impl OverRows {
    fn record(
        (rows, width): (&[f64], usize),
        x: &[f64],
        term: impl FnOnce(&[Var], &[Var]) -> Var,
        rest: impl FnOnce(&[Var]) -> Var,
    ) -> OverRows {
        OverRows {
            term: RowProgram::record(term, x, &rows[..width]),
            rest: Program::record(rest, x),
            rows: rows.to_vec(),
            width,
        }
    }

    /// Add up the terms, and the rest.
    pub fn sum(&self, x: &[f64], workspace: &mut Workspace) -> Result<f64, ReplayError> {
        let rows = Rows::row_major(&self.rows, self.width)?;
        Ok(self.term.sum(x, rows, workspace)? + self.rest.value(x, workspace)?)
    }

    /// Compute the gradient of the sum.
    pub fn gradient(
        &self,
        x: &[f64],
        slopes: &mut [f64],
        of_rest: &mut Vec<f64>,
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let rows = Rows::row_major(&self.rows, self.width)?;
        self.term.sum_and_gradient(x, rows, slopes, workspace)?;
        of_rest.resize(x.len(), 0.0);
        self.rest.value_and_gradient(x, of_rest, workspace)?;
        slopes.iter_mut().zip(of_rest).for_each(|(slope, rest)| *slope += *rest);
        Ok(())
    }
}
