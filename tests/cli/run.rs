//! A run of the program, and what it said.

use std::process::{Command, Output, Stdio};

pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The program with these arguments, in no terminal and with no settings of the environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradtape"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

pub fn finished(output: Output) -> Run {
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    Run {
        code: output.status.code().expect("it ends by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

pub fn run(arguments: &[&str]) -> Run {
    finished(program(arguments).output().expect("the program runs"))
}

/// What a run that goes well prints.
pub fn printed(arguments: &[&str]) -> String {
    let Run { code, out, err } = run(arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
    out
}

/// What a run of misuse says, without its `error: `.
pub fn refused(arguments: &[&str]) -> String {
    let Run { code, out, err } = run(arguments);
    assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
    let message = err.strip_prefix("error: ").unwrap_or_else(|| panic!("{arguments:?}: {err}"));
    message.trim_end().to_string()
}
