//! The modes: values and derivatives of an objective on a tape, by a program, and over rows.
//!
//! | mode | prepared once | each run |
//! |---|---|---|
//! | `tape` | nothing | values on plain numbers; derivatives by recording and sweeping |
//! | `program` | the objective is recorded and frozen | replays |
//! | `rows` | the term of one row is recorded and frozen | eight rows at a time; else as `program` |

use super::input::within_limit;
use super::objective::Objective;
use gradtape::program::{Program, ReplayError, Workspace};
use gradtape::{gradient as tape_gradient, hessian_vector};

/// Where derivatives come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    Tape,
    Program,
    Rows,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Tape, Mode::Program, Mode::Rows];

    /// The name that `GRADTAPE_MODE` has for it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Tape => "tape",
            Mode::Program => "program",
            Mode::Rows => "rows",
        }
    }

    /// Find a mode by its name.
    pub fn named(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What is timed as one run. It appends its numbers.
pub type Evaluate = Box<dyn FnMut(&mut Vec<f64>) -> Result<(), String>>;

/// What is done once before the runs, and timed as such.
pub type Prepare = Box<dyn FnOnce(Mode) -> Result<Evaluate, String>>;

/// Let a computation write `count` numbers behind those that are there.
pub fn append(
    out: &mut Vec<f64>,
    count: usize,
    write: impl FnOnce(&mut [f64]) -> Result<(), ReplayError>,
) -> Result<(), String> {
    let start = out.len();
    out.resize(start + count, 0.0);
    write(&mut out[start..]).map_err(|error| error.to_string())
}

/// Record sums over rows in the mode that wants them. In the others all rows have to fit on a tape.
fn over_rows<R>(
    mode: Mode,
    objective: &impl Objective,
    record: impl FnOnce() -> Option<R>,
) -> Result<Option<R>, String> {
    let recorded = if mode == Mode::Rows { record() } else { None };
    if recorded.is_none() {
        within_limit("a tape of all rows", &[objective.operands()])?;
    }
    Ok(recorded)
}

/// Compute the value of an objective.
pub fn value(objective: impl Objective, x: Vec<f64>) -> Prepare {
    Box::new(move |mode| {
        let mut workspace = Workspace::new();
        Ok(match over_rows(mode, &objective, || objective.over_rows(&x))? {
            _ if mode == Mode::Tape => Box::new(move |out| {
                out.push(objective.value(&x));
                Ok(())
            }),
            Some(sum) => Box::new(move |out| {
                out.push(sum.sum(&x, &mut workspace).map_err(|error| error.to_string())?);
                Ok(())
            }),
            None => {
                let program = Program::record(|x| objective.value(x), &x);
                Box::new(move |out| append(out, 1, |out| program.values(&x, out, &mut workspace)))
            }
        })
    })
}

/// Compute the gradient of an objective.
pub fn gradient(objective: impl Objective, x: Vec<f64>) -> Prepare {
    Box::new(move |mode| {
        let (mut workspace, mut of_rest) = (Workspace::new(), Vec::new());
        Ok(match over_rows(mode, &objective, || objective.over_rows(&x))? {
            _ if mode == Mode::Tape => Box::new(move |out| {
                out.extend(tape_gradient(|x| objective.value(x), &x));
                Ok(())
            }),
            Some(sum) => Box::new(move |out| {
                append(out, x.len(), |out| sum.gradient(&x, out, &mut of_rest, &mut workspace))
            }),
            None => {
                let program = Program::record(|x| objective.value(x), &x);
                Box::new(move |out| {
                    append(out, x.len(), |out| {
                        program.value_and_gradient(&x, out, &mut workspace)?;
                        Ok(())
                    })
                })
            }
        })
    })
}

/// Compute the gradient of an objective, then the row sums of its Hessian, which are the diagonal if there is
/// nothing else in it.
pub fn gradient_and_row_sums(objective: impl Objective, x: Vec<f64>) -> Prepare {
    Box::new(move |mode| {
        let (mut workspace, mut of_rest) = (Workspace::new(), Vec::new());
        let (n, ones) = (x.len(), vec![1.0; x.len()]);
        let both = || Some((objective.over_rows(&x)?, objective.growth_over_rows(&x)?));
        Ok(match over_rows(mode, &objective, both)? {
            _ if mode == Mode::Tape => Box::new(move |out| {
                out.extend(tape_gradient(|x| objective.value(x), &x));
                out.extend(hessian_vector(|x| objective.value(x), &x, &ones));
                Ok(())
            }),
            Some((sum, growth)) => Box::new(move |out| {
                append(out, 2 * n, |out| {
                    let (slopes, row_sums) = out.split_at_mut(n);
                    sum.gradient(&x, slopes, &mut of_rest, &mut workspace)?;
                    growth.gradient(&x, row_sums, &mut of_rest, &mut workspace)
                })
            }),
            None => {
                let program = Program::record(|x| objective.value(x), &x);
                Box::new(move |out| {
                    append(out, 2 * n, |out| {
                        let (slopes, row_sums) = out.split_at_mut(n);
                        program.value_and_gradient(&x, slopes, &mut workspace)?;
                        program.hessian_vector(&x, &ones, row_sums, &mut workspace)
                    })
                })
            }
        })
    })
}

/// Compute something of the numbers that a run has made.
pub fn then(first: Prepare, mut change: impl FnMut(&mut Vec<f64>) + 'static) -> Prepare {
    Box::new(|mode| {
        let mut first = first(mode)?;
        Ok(Box::new(move |out| {
            first(out)?;
            change(out);
            Ok(())
        }))
    })
}

/// Run one task after the other.
pub fn both(first: Prepare, second: Prepare) -> Prepare {
    Box::new(|mode| {
        let (mut first, mut second) = (first(mode)?, second(mode)?);
        Ok(Box::new(move |out| {
            first(out)?;
            second(out)
        }))
    })
}
