//! Gradient checking: three referees that do not know each other, and a verdict in words.
//!
//! A reverse sweep is compared with a forward sweep of the same recording, with central differences
//! of the values of `f` over eight step sizes, and with the order at which the Taylor remainder
//! shrinks. The last two use nothing but values, so they also find what the sweeps share: a wrong
//! local rule, a wrong vjp of a [`CustomOp`](crate::CustomOp), a value that was taken off the tape.
//!
//! A difference says how far it can be trusted; where it cannot (kink, jump, cancellation, noise, edge
//! of the domain) the verdict says that instead of blaming the gradient.
//!
//! | file | idea |
//! |---|---|
//! | `doors` | [`check_gradient`], [`check_claimed`], [`assert_gradient!`](crate::assert_gradient) |
//! | `probe` | run `f` once more: its value, and how much of it is rounding |
//! | `difference` | central differences over a ladder of steps, and the plateau among them |
//! | `taylor` | the order of the Taylor remainder in a random direction |
//! | `finding` | what the referees say about one input |
//! | `clue` | what on the tape may explain a finding |
//! | `report`, `words` | [`GradientReport`], its verdict and its table |
//! | `error` | inputs that cannot be checked |

mod clue;
mod difference;
mod doors;
mod error;
mod finding;
mod probe;
mod report;
mod taylor;
mod words;

pub use difference::{Difference, Estimate};
pub use doors::{assert_agreement, check_claimed, check_gradient};
pub use error::CheckError;
pub use finding::{Doubt, Finding, Referee};
pub use report::{GradientReport, InputCheck};
pub use taylor::{Remainder, Taylor};

/// The relative deviation that [`check_gradient`] lets pass, beside the uncertainty of the difference.
pub const TOLERANCE: f64 = 1e-6;
