//! GradBench's `det`: a determinant by expansion along the first row, minor by minor.

use super::{NaryObjective, Objective, scalar::Scalar, total};
use gradtape::{Real, dot};
use std::ops::Neg;

/// The largest matrix that is timed.
const LARGEST: usize = 9;

/// The determinant of a matrix of as many rows, given row by row.
pub struct Det(pub usize);

impl Det {
    fn expand<S: Copy + Neg<Output = S>>(&self, a: &[S], dot: impl Fn(&[S], &[S]) -> S) -> S {
        let opposite: Vec<S> = a.iter().map(|&a| -a).collect();
        self.minor([a, &opposite], 0, (1 << self.0) - 1, &dot)
    }

    /// Expand the minor of the rows from `row` on and of the columns that are bits of `columns`.
    fn minor<S: Copy>(
        &self,
        signed: [&[S]; 2],
        row: usize,
        columns: u32,
        dot: &impl Fn(&[S], &[S]) -> S,
    ) -> S {
        let entry = |sign: usize, column: usize| signed[sign][row * self.0 + column];
        if row + 1 == self.0 {
            return entry(0, columns.trailing_zeros() as usize);
        }
        let (mut entries, mut minors) = ([signed[0][0]; LARGEST], [signed[0][0]; LARGEST]);
        let (mut count, mut left) = (0, columns);
        while left != 0 {
            let lowest = left & left.wrapping_neg();
            entries[count] = entry(count % 2, left.trailing_zeros() as usize);
            minors[count] = self.minor(signed, row + 1, columns ^ lowest, dot);
            (count, left) = (count + 1, left ^ lowest);
        }
        dot(&entries[..count], &minors[..count])
    }
}

impl Objective for Det {
    fn eval<S: Scalar>(&self, a: &[S]) -> S {
        self.expand(a, |entries, minors| {
            let products = entries.iter().zip(minors).map(|(&entry, &minor)| entry * minor);
            total(products).expect("at least one column")
        })
    }
}

impl NaryObjective for Det {
    fn eval_nary<S: Real>(&self, a: &[S]) -> S {
        self.expand(a, |entries, minors| dot(entries, minors))
    }
}
