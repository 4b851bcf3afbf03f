//! The program `gradtape`, run as users run it; and its parser, which is a part of it, by itself.

#[path = "../../src/bin/gradtape/expression/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the program uses all of it")]
mod expression;
#[path = "../../examples/nist/models.rs"]
mod models;
#[cfg(feature = "mpi")]
#[path = "../common/mpirun.rs"]
mod mpirun;
#[path = "../common/property.rs"]
mod property;

mod at;
mod errors;
mod files;
mod fit;
mod gradient;
mod language;
mod pages;
mod random;
mod ranks;
mod run;
mod shell;
mod show;
mod training;
