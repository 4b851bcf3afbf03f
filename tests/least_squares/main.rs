//! Least squares: NIST's certified values, lmfit's reports, closed forms, bounds, refusals.
#![cfg(feature = "levenberg-marquardt")]

mod bounds;
mod closed_forms;
#[path = "../../examples/nist/models.rs"]
mod models;
mod nist;
mod refusals;
mod reports;
