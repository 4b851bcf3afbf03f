//! Processes started by `mpirun`.

use std::ffi::OsStr;
use std::process::{Command, Output};

/// Start so many of a program, more than there are cores, by whoever runs the tests.
pub fn mpirun(ranks: usize, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("mpirun");
    command
        .args(["-n", &ranks.to_string()])
        .arg(program)
        .env("OMPI_MCA_rmaps_base_oversubscribe", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command
}

/// Run it to its end; `None`, and a line that says so, if there is no `mpirun`.
///
/// # Panics
/// If there is none and `GRADTAPE_REQUIRE_MPI` is set.
pub fn output(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            let required = std::env::var_os("GRADTAPE_REQUIRE_MPI").is_some();
            assert!(!required, "mpirun cannot be started: {error}");
            println!("skipped: mpirun cannot be started: {error}");
            None
        }
    }
}
