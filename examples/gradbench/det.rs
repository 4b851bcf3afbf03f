//! `det`: the determinant by expansion along the first row, minor by minor.

use super::input::Input;
use super::modes::{self, Mode};
use super::objective::Objective;
use super::task::{Module, Task};
use gradtape::{Real, dot};

pub const MODULE: Module = Module {
    name: "det",
    functions: &[
        ("primal", Mode::Tape, |input| {
            let (det, a) = read(input)?;
            Task::number(modes::value(det, a))
        }),
        ("gradient", Mode::Program, |input| {
            let (det, a) = read(input)?;
            Task::list(modes::gradient(det, a))
        }),
    ],
};

/// The largest matrix: a tape of it has 30 million nodes, and one of 12 rows twelve times as many.
const LARGEST: usize = 11;

/// A square matrix of `ell` rows, which are the inputs.
struct Determinant {
    ell: usize,
}

fn read(input: &Input<'_>) -> Result<(Determinant, Vec<f64>), String> {
    let ell = input.field("ell")?.size(1..=LARGEST)?;
    Ok((Determinant { ell }, input.field("A")?.numbers(Some(ell * ell))?))
}

impl Objective for Determinant {
    fn value<S: Real>(&self, a: &[S]) -> S {
        let opposite: Vec<S> = a.iter().map(|&a| -a).collect();
        let columns: Vec<usize> = (0..self.ell).collect();
        self.minor(a, &opposite, &columns)
    }
}

impl Determinant {
    /// Expand the minor of the last rows, as many as there are `columns`, in these columns.
    fn minor<S: Real>(&self, a: &[S], opposite: &[S], columns: &[usize]) -> S {
        let n = columns.len();
        let row = (self.ell - n) * self.ell;
        if n == 1 {
            return a[row + columns[0]];
        }
        let (mut entries, mut minors) = ([S::from(0.0); LARGEST], [S::from(0.0); LARGEST]);
        let mut others = [0; LARGEST];
        others[..n - 1].copy_from_slice(&columns[1..]);
        for (i, &column) in columns.iter().enumerate() {
            entries[i] = if i % 2 == 0 { a[row + column] } else { opposite[row + column] };
            minors[i] = self.minor(a, opposite, &others[..n - 1]);
            others[i] = column;
        }
        dot(&entries[..n], &minors[..n])
    }
}
