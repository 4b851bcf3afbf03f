//! The dosage network as a program over rows: one observation recorded, all of them run.

use super::network::{DATA, NAMES, predict};
use super::recipe::Recipe;
use crate::Var;
use crate::program::{RowProgram, Rows};

/// [`DATA`] row by row.
const ROWS: [f64; 6] = {
    let [(x0, y0), (x1, y1), (x2, y2)] = DATA;
    [x0, y0, x1, y1, x2, y2]
};

/// List [`DATA`] as rows of a dosage and an efficacy.
///
/// ```
/// use gradtape::nn::dosage;
/// assert_eq!((dosage::rows().count(), dosage::rows().width()), (3, 2));
/// assert_eq!(dosage::rows().get(1, 1), 1.0);
/// ```
#[must_use]
pub fn rows() -> Rows<'static> {
    Rows::row_major(&ROWS, 2).expect("six numbers are three rows of two")
}

/// Record the squared residual of one row, a dosage and an efficacy, as a function of seven parameters.
///
/// Over [`rows`] it adds up to the [`ssr`](super::ssr).
///
/// ```
/// use gradtape::nn::dosage;
/// use gradtape::program::Workspace;
/// let (program, mut slopes) = (dosage::over_rows(), [0.0; 7]);
/// let mut workspace = Workspace::new();
/// let ssr = program.sum_and_gradient(&dosage::A.start, dosage::rows(), &mut slopes, &mut workspace)?;
/// assert!((ssr - 20.423597677589214).abs() < 1e-13);
/// assert!((slopes[6] + 15.655108380577747).abs() < 1e-13);
/// # Ok::<(), gradtape::program::ReplayError>(())
/// ```
#[must_use]
pub fn over_rows() -> RowProgram {
    let start = super::PUBLISHED;
    RowProgram::record(
        |p, row| {
            for (p, name) in p.iter().zip(NAMES) {
                _ = p.label(name);
            }
            squared_residual(p, row)
        },
        &start,
        &ROWS[..2],
    )
}

impl Recipe {
    /// Record the squared residual of one row, a dosage and an efficacy, as a function of the trained
    /// parameters; the others are constants.
    ///
    /// ```
    /// use gradtape::nn::dosage::{self, A};
    /// use gradtape::program::Workspace;
    /// let (program, mut slope) = (A.over_rows(), [0.0]);
    /// program.sum_and_gradient(&[0.0], dosage::rows(), &mut slope, &mut Workspace::new())?;
    /// assert!((slope[0] + 15.655108380577747).abs() < 1e-13);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[must_use]
    pub fn over_rows(&self) -> RowProgram {
        RowProgram::record(
            |trained, row| {
                for (p, name) in trained.iter().zip(self.trained_names()) {
                    _ = p.label(name);
                }
                squared_residual(&self.place(trained), row)
            },
            &self.trained_start(),
            &ROWS[..2],
        )
    }
}

fn squared_residual(parameters: &[Var], row: &[Var]) -> Var {
    let (dosage, observed) = (row[0].label("dosage"), row[1].label("efficacy"));
    (observed - predict(parameters, dosage)).square()
}
