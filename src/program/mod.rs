//! Programs: a recording, frozen, that runs again for other inputs.
//!
//! A tape holds one evaluation. A [`Program`] has its operations without the numbers: optimized, and ready to
//! run any number of times, on any number of threads. It knows which comparisons the recorded code made, and
//! refuses inputs for which one of them has another outcome. So a replay gives the numbers that the code itself
//! would give, or an error.
//!
//! ```
//! use gradtape::program::{Program, ReplayError, Workspace};
//! use gradtape::Real;
//!
//! let program = Program::record(|x| if x[0] > 0.0 { x[0] } else { x[0].square() }, &[3.0]);
//! let (mut slope, mut workspace) = ([0.0], Workspace::new());
//! assert_eq!(program.value_and_gradient(&[5.0], &mut slope, &mut workspace)?, 5.0);
//!
//! // For -5 the code takes the other branch.
//! let error = program.value(&[-5.0], &mut workspace).unwrap_err();
//! assert!(matches!(error, ReplayError::BranchChanged { .. }));
//! # Ok::<(), ReplayError>(())
//! ```
//!
//! # What guards see
//!
//! Comparisons of variables: `<`, `==`, `partial_cmp` and the like, with a variable or a number. They do not see
//! a branch on a plain number: on `x.value()`, on `x.classify()` or another conversion, or on the comparisons
//! of `approx`. A replay takes such a branch as it was recorded, without an error. Write the condition of a loop
//! with `<`, and the program refuses an input that needs another number of iterations.
//!
//! `select`, `compare`, `min`, `max`, `clamp`, `abs`, `relu` and the like are operations as any other. They do
//! not branch, leave no guard, and replay for every input.

mod body;
mod chunks;
mod code;
mod engine;
mod error;
mod file;
mod freeze;
mod on_tape;
mod passes;
mod preaccumulate;
#[allow(clippy::module_inception, reason = "the folder's main type has a file of its own")]
mod program;
mod replay;
mod rerecord;
mod rows;
mod rust;
mod seeds;
mod show;
mod slots;
mod sparse;
mod tree;
mod workspace;

pub use engine::Engine;
pub use error::{BranchChanged, FreezeError, ReplayError};
pub use file::FileError;
pub use passes::Pass;
pub use preaccumulate::{NotPreaccumulated, Preaccumulated};
pub use program::Program;
pub use rerecord::Rerecord;
pub(crate) use rows::Share;
pub use rows::{MethodStats, RerecordRows, RowProgram, RowStats, Rows};
pub use rust::{RustError, RustOptions};
pub use show::Stats;
pub use sparse::{HessianPlan, JacobianPlan};
pub use workspace::Workspace;
