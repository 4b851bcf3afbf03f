//! Gradients of long loops in little memory: a few states are kept, and the steps between them run again.
//!
//! A loop of a million steps on one tape takes as much memory as all its operations. Here a *schedule* says which states
//! are kept in a few *slots*, the *checkpoints*; from these the others are computed again when the sweep comes to them, one
//! step on a tape at a time. (A [`Checkpoint`](crate::model) of `model` is something else: a training in a file.)
//!
//! ```
//! use gradtape::checkpoint::{self, Binomial};
//!
//! // A logistic map, a thousand times, with four states in memory.
//! let found = checkpoint::gradient(
//!     1_000,
//!     Binomial::new(1_000, 4)?,
//!     &[0.3],                             // the initial state
//!     &[2.8],                             // parameters
//!     |s, p, _| [p[0] * s[0] * (1.0 - s[0])], // a step: state, parameters, index
//!     |s| s[0],                           // the loss
//! )?;
//! // It ends in the fixed point 1 - 1/p, whose slope is 1/p².
//! approx::assert_relative_eq!(found.parameters[0], 1.0 / 2.8_f64.powi(2), max_relative = 1e-12);
//! assert_eq!(found.forward_steps, Binomial::new(1_000, 4)?.forward_steps());
//! # Ok::<(), checkpoint::CheckpointError>(())
//! ```
//!
//! | schedule | for |
//! |---|---|
//! | [`Binomial`] | a known number of steps: the fewest plain steps possible |
//! | [`Online`] | a loop that ends when it is done: [`gradient_while`] |
//! | [`Multistage`] | slots in memory and on disk: [`gradient_in`], which a killed run resumes |
//! | any `Vec<Action>` | what you have thought of yourself: it is checked as it is followed |
//!
//! | steps | slots | plain steps, each step | memory for a state of 1,000 numbers |
//! |---|---|---|---|
//! | 1,000 | 10 | 3.6 | 80 kB |
//! | 100,000 | 20 | 5.3 | 160 kB |
//! | 1,000,000 | 20 | 6.8 | 160 kB |
//! | 1,000,000 | 50 | 4.7 | 400 kB |
//!
//! On a larger tape, a loop is one operation: [`run`]. A step that does not branch may be a program, which runs two to three times as
//! fast: [`gradient_of_program`].
//!
//! The result has the bits of one long tape. A step that does not repeat itself, for it reads a clock or draws random
//! numbers, is found out by its states and refused.
//!
//! | file | idea |
//! |---|---|
//! | `action` | [`Action`], [`Slot`]: what a schedule is made of |
//! | `optimum` | the fewest plain steps, in closed form |
//! | `binomial`, `online`, `multistage` | the schedules |
//! | `picture` | schedules in print |
//! | `step` | what a run asks of a step; a step that is a closure |
//! | `of_program` | a step that is a program |
//! | `trail` | hashes of states, to find out steps that do not repeat themselves |
//! | `folder` | states and adjoints in files, to go on with |
//! | `write_whole` | a file that is there whole or not at all |
//! | `run` | a schedule followed; [`Checkpointed`], the result |
//! | `functions` | [`gradient`], [`gradient_while`], [`gradient_in`], [`gradient_of_program`] |
//! | `operation` | [`run`]: a loop as one operation |
//! | `error` | [`CheckpointError`] |

mod action;
mod binomial;
mod error;
mod folder;
mod functions;
mod multistage;
mod of_program;
mod online;
mod operation;
mod optimum;
mod picture;
mod run;
mod step;
mod trail;
pub(crate) mod write_whole;

pub use action::{Action, Slot};
pub use binomial::Binomial;
pub use error::CheckpointError;
pub use functions::{gradient, gradient_in, gradient_of_program, gradient_while};
pub use multistage::Multistage;
pub use online::Online;
pub use operation::run;
pub use run::Checkpointed;
