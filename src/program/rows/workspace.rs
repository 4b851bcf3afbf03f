//! [`RowWorkspace`]: the memory of a run over rows, and where it runs.

use super::block::{Block, SUMMED};
use crate::lanes::{Isa, Lanes};
use crate::program::Workspace;

/// The memory that a run over rows needs, kept by the caller, with the choice of instructions and threads.
///
/// Once it has grown, nothing is allocated. The numbers do not depend on the instruction set nor on the
/// number of threads.
#[derive(Debug)]
pub struct RowWorkspace {
    pub(super) isa: Isa,
    pub(super) point: Workspace,
    pub(super) frontier: Vec<f64>,
    pub(super) adjoints: Vec<f64>,
    pub(super) lane: Buffers,
}

/// What one thread needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    pub narrow: Block<8>,
    pub wide: Block<16>,
    pub adjoints: Vec<Lanes<SUMMED>>,
}

impl RowWorkspace {
    /// Start without memory, for one thread and the fastest instructions of the machine.
    #[must_use]
    pub fn new() -> RowWorkspace {
        RowWorkspace {
            isa: Isa::best(),
            point: Workspace::new(),
            frontier: Vec::new(),
            adjoints: Vec::new(),
            lane: Buffers::default(),
        }
    }

    /// Use other instructions than the fastest. One that the machine lacks gives way to the baseline.
    #[must_use]
    pub fn isa(mut self, isa: Isa) -> RowWorkspace {
        self.isa = isa;
        self
    }
}

impl Default for RowWorkspace {
    fn default() -> RowWorkspace {
        RowWorkspace::new()
    }
}
