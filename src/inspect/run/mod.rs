//! A training history to show.
//!
//! | file | idea |
//! |---|---|
//! | `model` | [`Run`]: the steps, and which of them have a frame |
//! | `sample` | curves and losses at the steps that have a frame |
//! | `thin` | fewer steps |
//! | `error` | [`RunError`]: why a run cannot be shown so |

mod error;
mod model;
mod sample;
mod thin;

pub use error::RunError;
pub use model::{Curves, Frame, Run, Slice};
pub(super) use thin::spread;
