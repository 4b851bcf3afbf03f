//! Training: epochs over rows, validated, that can be stopped after any step and resumed.
//!
//! | file | idea |
//! |---|---|
//! | `run` | [`Training`]: the loop, a step at a time |
//! | `watch` | what is watched after each epoch: [`Epoch`], [`Best`], [`Plateau`] |
//! | `state` | [`TrainingState`]: a training taken down, and taken up again |

mod run;
mod state;
mod watch;

pub use run::Training;
pub use state::TrainingState;
pub use watch::{Best, Epoch, Plateau};
