//! How a command ends, well or not.

use crate::expression::{Problem, steers};
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// How a command that did its work ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// All is well: exit 0.
    Fine,
    /// A check failed, or there are findings: exit 1.
    Findings,
}

/// Why a command did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Whoever read the output has gone, as `head` does: exit 0, and quietly.
    ClosedPipe,
    /// A bad argument, file or expression, with what to do about it: exit 2.
    Misuse(String),
    /// A fit that found no optimum, with what was reached: exit 1.
    Unconverged(String),
    /// The help, which was not asked for: exit 2.
    Help(String),
    /// Of several ranks the first says it: exit 2.
    Told,
}

impl Failure {
    pub fn misuse<T>(message: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Misuse(message.into()))
    }

    /// What is wrong with an expression, with a caret under the place.
    pub fn in_text(problem: &Problem, text: &str) -> Failure {
        Failure::Misuse(problem.show(text))
    }

    /// What is wrong with a file.
    pub fn in_file(path: &Path, problem: impl Display) -> Failure {
        let name = match path == Path::new("-") {
            true => "the standard input".into(),
            false => seen(&path.to_string_lossy()),
        };
        Failure::Misuse(format!("{name}: {problem}"))
    }
}

/// A name as it may be shown on one line: what a terminal would obey is written as an escape.
pub fn seen(name: &str) -> String {
    let escaped = |c: char| match steers(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    name.chars().map(escaped).collect()
}

/// Say on the standard error how a command ended, if not well, and make the exit code of it.
pub fn exit_code(result: Result<Outcome, Failure>) -> ExitCode {
    match result {
        Ok(Outcome::Fine) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(Failure::Unconverged(message)) => said(&format!("error: {message}"), 1),
        Err(Failure::Misuse(message)) => said(&format!("error: {message}"), 2),
        Err(Failure::Help(text)) => said(text.trim_end(), 2),
        Err(Failure::Told) => ExitCode::from(2),
    }
}

/// Say it now, for the first of several ranks: once all have left, `mpirun` may end them at any time.
pub fn told(failure: Failure, is_first: bool) -> Failure {
    if is_first {
        exit_code(Err(failure));
    }
    Failure::Told
}

/// Say it on the standard error. Where that cannot be said, the exit code says it.
fn said(text: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(code)
}
