//! Optimizers against traces of another library, the fit loop against the published descent, and
//! what happens when a number is not finite.

mod errors;
mod fits;
mod history;
mod seeds;
mod settings;
mod state;
mod steps;
mod training;

#[path = "../common/panics.rs"]
mod panics;

use panics::message_of;
