//! The program `gradtape`, run as users run it.

mod gradient;
mod run;
