//! The ranks that a training runs on: those that `mpirun` has started, or this process alone.

use crate::failure::Failure;
use gradtape::ranks::{Communicator, Local, RankError, together};
use std::fmt::Display;

/// How many processes a launcher says that it has started; 1 if none did.
fn launched() -> usize {
    let sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"];
    let size = sizes.iter().find_map(|name| std::env::var(name).ok()?.parse().ok());
    size.unwrap_or(1)
}

/// Join the others, if there are any.
#[cfg(feature = "mpi")]
pub fn join() -> Result<Box<dyn Communicator>, Failure> {
    match launched() {
        1 => Ok(Box::new(Local)),
        size => match gradtape::ranks::Mpi::new() {
            // All of them would write the same files.
            Ok(comm) if comm.size() == 1 => Failure::misuse(format!(
                "this is one of {size} processes that were started, and its MPI library knows only of itself: start them with \
                 the `mpirun` of the library that the program was built with"
            )),
            Ok(comm) => Ok(Box::new(comm)),
            Err(error) => Failure::misuse(error.to_string()),
        },
    }
}

/// Refuse to be one of many processes that know nothing of each other and write to the same files.
#[cfg(not(feature = "mpi"))]
pub fn join() -> Result<Box<dyn Communicator>, Failure> {
    match launched() {
        1 => Ok(Box::new(Local)),
        size => Failure::misuse(format!(
            "this is one of {size} processes that mpirun has started, and the program was built without MPI: build it \
             with `cargo install --path . --features cli,mpi`, or start it without mpirun"
        )),
    }
}

/// Refuse what one process does alone.
pub fn alone(what: &str) -> Result<(), Failure> {
    match launched() {
        1 => Ok(()),
        size => Failure::misuse(format!(
            "{what} takes one process, and mpirun has started {size}: start it without mpirun"
        )),
    }
}

/// What failed on one rank has failed on all.
pub fn on_all<T>(comm: &dyn Communicator, own: Result<T, Failure>) -> Result<T, Failure> {
    if comm.size() == 1 {
        return own;
    }
    together(comm, own.map_err(Said)).map_err(|error| match error {
        RankError::Failed { message, .. } => Failure::Misuse(message),
        error => Failure::Misuse(error.to_string()),
    })
}

/// A failure as text.
struct Said(Failure);

impl Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&match &self.0 {
            Failure::Misuse(text) | Failure::Unconverged(text) | Failure::Help(text) => {
                text.clone()
            }
            Failure::ClosedPipe | Failure::Told => "the output was closed".into(),
        })
    }
}
