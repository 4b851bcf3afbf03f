//! [`RowWorkspace`]: the memory of a run over rows, and where it runs.

use super::spread::Threads;
use crate::lanes::{Available, Isa};

/// The memory that a run over rows needs, kept by the caller, with the choice of instructions and threads.
///
/// Once it has grown, nothing is allocated, but by custom operations. The numbers depend neither on the instruction set nor on the
/// number of threads.
///
/// ```
/// use gradtape::{lanes::Isa, program::RowWorkspace};
/// let fastest = RowWorkspace::new();
/// let for_comparison = RowWorkspace::new().with_isa(Isa::Baseline);
/// assert_eq!((fastest.isa(), for_comparison.isa()), (Isa::best(), Isa::Baseline));
/// ```
#[derive(Debug)]
pub struct RowWorkspace {
    pub(super) isa: Available,
    pub(super) threads: Threads,
    /// Values and adjoints of the uniform part.
    pub(super) values: Vec<f64>,
    pub(super) adjoints: Vec<f64>,
    pub(super) frontier: Vec<f64>,
    /// What each chunk gives: its sum, and its adjoints at the frontier.
    pub(super) sums: Vec<f64>,
}

impl RowWorkspace {
    /// Start without memory, for one thread and the fastest instructions of the machine.
    #[must_use]
    pub fn new() -> RowWorkspace {
        RowWorkspace {
            isa: Isa::best().available(),
            threads: Threads::default(),
            values: Vec::new(),
            adjoints: Vec::new(),
            frontier: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Use other instructions than the fastest. A set that the machine lacks gives way to the baseline.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> RowWorkspace {
        self.isa = isa.available();
        self
    }

    /// Read which instructions are used.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa.isa()
    }
}

impl Default for RowWorkspace {
    fn default() -> RowWorkspace {
        RowWorkspace::new()
    }
}
