//! The tool for GradBench, the benchmark suite of automatic differentiation: a process that answers lines of JSON.
//!
//! `cargo run --release --example gradbench`, then for instance
//! `{"id":0,"kind":"evaluate","module":"hello","function":"double","input":3.0}`.
//!
//! `README.md` beside this file says how the suite runs it. Each objective is a file of its own, written once over
//! `Real`; `modes.rs` makes values and derivatives of it.
//!
//! | file | idea |
//! |---|---|
//! | `protocol` | a line is answered, whatever is in it |
//! | `input` | numbers and their shapes, read with errors that say where |
//! | `task` | what a module offers; runs, and how long they take |
//! | `objective` | what an objective is: one number, many, or a sum over rows |
//! | `modes` | values and gradients on a tape, by a program, over rows |
//! | `matrices` | the same of many values: outputs and Jacobians |
//! | `descent` | the gradient descent of `particle` and `saddle` |
//! | `hand` | the model of a hand that `ht` poses |
//! | all others | one module of the suite each |

pub(crate) mod ba;
mod descent;
mod det;
mod gmm;
mod hand;
mod hello;
mod ht;
pub(crate) mod input;
mod kmeans;
mod llsq;
mod lse;
mod lstm;
mod matrices;
pub(crate) mod modes;
pub(crate) mod objective;
mod ode;
mod particle;
pub(crate) mod protocol;
mod saddle;
pub(crate) mod task;

use modes::Mode;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use task::Module;

/// What the tool can do, in the order of `evals.txt`.
pub(crate) const MODULES: [&Module; 12] = [
    &ba::MODULE,
    &det::MODULE,
    &gmm::MODULE,
    &hello::MODULE,
    &ht::MODULE,
    &kmeans::MODULE,
    &llsq::MODULE,
    &lse::MODULE,
    &lstm::MODULE,
    &ode::MODULE,
    &particle::MODULE,
    &saddle::MODULE,
];

fn main() -> ExitCode {
    let mode = match std::env::var("GRADTAPE_MODE") {
        Err(_) => None,
        Ok(name) => match Mode::named(&name) {
            Some(mode) => Some(mode),
            None => {
                eprintln!(
                    "gradbench: GRADTAPE_MODE is {name:?}: set it to tape, program or rows, or not at all"
                );
                return ExitCode::from(2);
            }
        },
    };
    match serve(mode, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever asked has gone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gradbench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Answer each line, until there are no more.
///
/// # Errors
/// If a line cannot be read or its answer cannot be written.
pub fn serve(mode: Option<Mode>, mut lines: impl BufRead, mut out: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            writeln!(out, "{}", protocol::answer(&line, mode))?;
            out.flush()?;
        }
        line.clear();
    }
    Ok(())
}
