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
//! | `report` | [`GradientReport`]: what they say about each input, as plain data and as a table |
//! | `probe` | run `f` once more: its value, how much of it is rounding; what on the tape may explain a verdict |
//! | `difference` | central differences over a ladder of steps, and the plateau among them |
//! | `taylor` | the order of the Taylor remainder in a random direction |
//! | `judge` | what follows from what the referees say, and the verdict in words |
//! | `gradient` | [`check_gradient`], [`GradientReport::of`], [`assert_gradient!`](crate::assert_gradient) |

mod difference;
mod gradient;
mod judge;
mod probe;
mod report;
mod taylor;

pub use gradient::{CheckError, assert_agreement, check_gradient};
pub use report::{Difference, Estimate, GradientReport, InputCheck, Verdict};
