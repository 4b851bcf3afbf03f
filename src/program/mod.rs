//! Programs: a recording, frozen, that runs again for other inputs.
//!
//! A tape holds one evaluation. A [`Program`] is what was computed there without the numbers: optimized, to
//! be run any number of times, by any number of threads. It knows which comparisons the recorded code
//! made, and refuses inputs that would have come out otherwise: a replay gives the numbers that the code
//! itself would give, or an error.
//!
//! ```
//! use gradtape::program::{Program, ReplayError, Workspace};
//! use gradtape::Real;
//!
//! let program = Program::record(|x| if x[0] > 0.0 { x[0] } else { x[0].square() }, &[3.0]);
//! let (mut slope, mut workspace) = ([0.0], Workspace::new());
//! assert_eq!(program.value_and_gradient(&[5.0], &mut slope, &mut workspace)?, 5.0);
//!
//! // For -5 the code would have gone the other way.
//! let error = program.value(&[-5.0], &mut workspace).unwrap_err();
//! assert!(matches!(error, ReplayError::BranchChanged { .. }));
//! # Ok::<(), ReplayError>(())
//! ```
//!
//! # What guards see
//!
//! Comparisons of variables: `<`, `==`, `partial_cmp` and the like, with a variable or a number. What is read as
//! a plain number is out of their sight: a branch on `x.value()`, on `x.classify()` or another conversion, or
//! on the comparisons of `approx`, is taken as it was when recorded, without a word. Write a loop that ends
//! when numbers are close with `<`, and the program will refuse an input that needs another number of turns.
//!
//! `select`, `compare`, `min`, `max`, `clamp`, `abs`, `relu` and their kin are operations like any other. They
//! branch nowhere, leave no guard, and replay for every input.

mod code;
mod error;
mod freeze;
mod graph;
mod guards;
mod on_tape;
mod passes;
#[allow(clippy::module_inception, reason = "the folder's main type has a file of its own")]
mod program;
mod replay;
mod rerecord;
mod rows;
mod seeds;
mod show;
mod slots;
mod workspace;

pub use error::{BranchChanged, FreezeError, ReplayError, RowsError};
pub use passes::Pass;
pub use program::Program;
pub use rerecord::Rerecord;
pub use rows::{RowProgram, Rows};
pub use show::Stats;
pub use workspace::Workspace;
