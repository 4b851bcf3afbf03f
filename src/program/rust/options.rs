//! What may be chosen, and what may go wrong.

use super::literal::Float;
use crate::program::error::ReplayError;
use crate::text::{OneLine, quoted};
use std::fmt::{self, Write as _};

/// How a program is written as Rust source: for `std` and in `f64`, unless it is told otherwise.
///
/// ```
/// use gradtape::program::{Program, RustOptions};
/// let program = Program::record(|x| x[0] * x[1], &[2.0, 3.0]);
/// let text = program.to_rust(&RustOptions::new().f32().no_std())?;
/// assert!(text.contains("pub fn value(x: &[f32; 2]) -> f32 {"));
/// # Ok::<(), gradtape::program::RustError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RustOptions {
    pub(super) float: Float,
    pub(super) no_std: bool,
    pub(super) statements: usize,
}

impl Default for RustOptions {
    fn default() -> RustOptions {
        RustOptions::new()
    }
}

impl RustOptions {
    /// Write for `std`, in `f64`.
    #[must_use]
    pub fn new() -> RustOptions {
        RustOptions { float: Float::F64, no_std: false, statements: 200 }
    }

    /// Compute in `f32`. Constants are rounded to it, those beyond its range to infinity or 0; special functions whose formulas are for `f64` compute in that and
    /// round their result.
    #[must_use]
    pub fn f32(mut self) -> RustOptions {
        self.float = Float::F32;
        self
    }

    /// Use no `std`: elementary functions are those of the crate `libm`, whose last bits may be other ones. In a crate that has
    /// `std` the compiler takes its methods all the same, and warns that a trait is not used.
    #[must_use]
    pub fn no_std(mut self) -> RustOptions {
        self.no_std = true;
        self
    }

    /// Put about this many statements into a function, at least 10: 200 unless set. `rustc` takes more than twice as
    /// long for a function that is twice as long.
    #[must_use]
    pub fn statements(mut self, count: usize) -> RustOptions {
        self.statements = count.max(10);
        self
    }
}

/// Why a program cannot be written as Rust.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RustError {
    /// It calls a custom operation, whose code is not in the program.
    Custom {
        /// The name of the operation.
        name: String,
    },
    /// There is no gradient program.
    Gradient(ReplayError),
}

impl fmt::Display for RustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RustError::Custom { name } => write!(
                OneLine(f),
                "the program calls the custom operation {}, whose code it does not have: write the function with \
                 operations of `Real`, or run the program itself",
                quoted(name)
            ),
            RustError::Gradient(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RustError {}
