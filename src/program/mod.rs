//! Programs: a recording, frozen, that runs again for other inputs.
//!
//! A tape holds one evaluation. A [`Program`] is what was computed there without the numbers: optimized, to
//! be run any number of times, by any number of threads. It knows which comparisons the recorded code
//! made, and refuses inputs that would have come out otherwise: a replay gives the numbers that the code
//! itself would give, or an error.
//!
//! | file | idea |
//! |---|---|
//! | `code` | the instructions |
//! | `guards` | comparisons that must have the outcome that was recorded |
//! | `graph` | what the passes rebuild |
//! | `freeze` | from a tape to instructions |
//! | `passes` | [`Pass`]: what makes a program smaller |
//! | `slots` | places for results, when only the outputs are wanted |
//! | `workspace` | [`Workspace`]: the memory of a replay |
//! | `replay` | values and derivatives at one point |
//! | `seeds` | several seeds: Jacobian, Hessian |
//! | `derivative` | the gradient of a program as another program |
//! | `rerecord` | [`Rerecord`]: a program for every path that is met |
//! | `show` | a program in print |
//! | `stats` | [`Stats`]: what each pass removed |
//! | `thaw` | from instructions back to a tape, to see where a number came from |
//! | `rows` | [`RowProgram`]: many rows at once |
//! | `error` | [`ReplayError`], [`BranchChanged`] |
//!
//! ```
//! use gradtape::program::{Program, ReplayError, Workspace};
//! use gradtape::Real;
//!
//! let program = Program::record(&[3.0], |x| if x[0] > 0.0 { x[0] } else { x[0].square() });
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
mod derivative;
mod error;
mod freeze;
mod graph;
mod guards;
mod passes;
mod replay;
mod rerecord;
mod rows;
mod seeds;
mod show;
mod slots;
mod stats;
mod thaw;
mod workspace;

pub use error::{BranchChanged, Compared, ReplayError};
pub use freeze::FreezeError;
pub use passes::Pass;
pub use rerecord::Rerecord;
pub use rows::{RowProgram, RowWorkspace, Rows, RowsError};
pub use stats::Stats;
pub use workspace::Workspace;

use crate::derive::Resume;
use crate::{Tape, Var};
use graph::Graph;
use slots::Slots;
use std::sync::OnceLock;

/// A recording to run again.
///
/// It is `Send + Sync` and never changes: threads share it, each with a [`Workspace`] of its own.
#[derive(Clone, Debug)]
pub struct Program {
    graph: Graph,
    slots: OnceLock<Slots>,
    /// The inputs it was recorded at.
    point: Vec<f64>,
    /// How many instructions there were at first, and after each pass.
    history: Vec<(Option<Pass>, usize)>,
}

impl Program {
    /// Record a function at a point, and freeze it.
    ///
    /// The function returns one variable or several. The point matters only where the code branches: it
    /// chooses the branch that is recorded.
    ///
    /// # Panics
    /// If the function returns a variable of another tape.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[0.0, 0.0], |x| x[0] * x[1]);
    /// assert_eq!(program.value(&[3.0, 4.0], &mut Workspace::new())?, 12.0);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[track_caller]
    pub fn record<Y: AsRef<[Var]>>(x0: &[f64], f: impl FnOnce(&[Var]) -> Y) -> Program {
        recorded(x0, f, &Pass::ALL)
    }

    /// Record a function at a point as it is: no pass is run.
    ///
    /// # Panics
    /// As [`record`](Program::record).
    #[track_caller]
    pub fn record_plain<Y: AsRef<[Var]>>(x0: &[f64], f: impl FnOnce(&[Var]) -> Y) -> Program {
        recorded(x0, f, &[])
    }

    /// Run passes on a program, in the order given.
    #[must_use]
    pub fn optimized(self, passes: &[Pass]) -> Program {
        Program::of(self.graph, self.point, self.history, passes)
    }

    fn of(
        graph: Graph,
        point: Vec<f64>,
        mut history: Vec<(Option<Pass>, usize)>,
        passes: &[Pass],
    ) -> Program {
        let (graph, left) = passes::run(graph, passes);
        history.extend(left.into_iter().map(|(pass, count)| (Some(pass), count)));
        Program { graph, slots: OnceLock::new(), point, history }
    }

    /// The instructions for when only the outputs are wanted, made at the first such run.
    fn slots(&self) -> &Slots {
        let Graph { code, checks, outputs, .. } = &self.graph;
        self.slots.get_or_init(|| Slots::assign(code, checks, outputs))
    }

    /// Count the inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.graph.inputs as usize
    }

    /// Count the outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.graph.outputs.len()
    }

    /// Count the instructions, without the inputs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.graph.computing()
    }

    /// Tell whether nothing is computed: every output is an input.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[track_caller]
fn recorded<Y: AsRef<[Var]>>(x0: &[f64], f: impl FnOnce(&[Var]) -> Y, passes: &[Pass]) -> Program {
    // Whoever was recording goes on recording there.
    let _before = Resume::afterwards();
    let tape = Tape::new();
    let inputs = tape.vars(x0);
    let outputs = f(&inputs);
    match frozen(&tape, &inputs, outputs.as_ref(), passes) {
        Ok(program) => program,
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn frozen(
    tape: &Tape,
    inputs: &[Var],
    outputs: &[Var],
    passes: &[Pass],
) -> Result<Program, FreezeError> {
    let (graph, point) = freeze::freeze(tape, inputs, outputs)?;
    let history = vec![(None, graph.computing())];
    Ok(Program::of(graph, point, history, passes))
}

impl Tape {
    /// Freeze what is recorded: outputs as a function of inputs, to be run again for other values.
    ///
    /// The inputs must be independent variables, and all that the outputs depend on. The whole tape up to
    /// here is taken to belong to the function, so all its guards are the program's.
    ///
    /// # Errors
    /// If an input is no independent variable or is listed twice, or an output depends on one that is not
    /// listed.
    ///
    /// # Panics
    /// If a variable is not on this tape.
    ///
    /// ```
    /// use gradtape::{Tape, program::Workspace};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(3.0), tape.var(4.0));
    /// let program = tape.freeze(&[x, y], &[x.hypot(y)])?;
    /// assert_eq!(program.value(&[5.0, 12.0], &mut Workspace::new())?, 13.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn freeze(&self, inputs: &[Var], outputs: &[Var]) -> Result<Program, FreezeError> {
        frozen(self, inputs, outputs, &Pass::ALL)
    }

    /// Freeze what is recorded as it is: no pass is run.
    ///
    /// # Errors
    /// As [`freeze`](Tape::freeze).
    ///
    /// # Panics
    /// As [`freeze`](Tape::freeze).
    #[track_caller]
    pub fn freeze_plain(&self, inputs: &[Var], outputs: &[Var]) -> Result<Program, FreezeError> {
        frozen(self, inputs, outputs, &[])
    }
}
