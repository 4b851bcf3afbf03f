//! Native code: machine code for a block of eight rows, written into memory and run from there.
//!
//! ```text
//! trace   the interpreter runs the rules once on a scalar that writes down what lanes would compute: straight-line code
//! emit    one walk over it gives out registers and writes instructions
//! run     the bytes go into pages that are then run, and no longer written
//! ```
//!
//! | file | idea |
//! |---|---|
//! | `straight` | [`Straight`]: what a program does to one block of rows, as straight-line code |
//! | `trace` | [`Traced`]: a scalar that writes down what lanes would compute |
//! | `scalar` | that scalar as a [`Real`](crate::Real) |
//! | `x86` | instructions of x86-64 as bytes, in the encodings of AVX2 and AVX-512: [`Form`] |
//! | `uses` | where each result is used next |
//! | `emit` | which results are in registers, and when |
//! | `loops` | long sums of products as loops |
//! | `memory` | [`Code`]: pages that are written or run, never both; the call, and what it asks for (`unsafe`) |
//! | `kernels` | the value of a row of the op table as a function that code can call (`unsafe`) |

mod emit;
mod kernels;
mod loops;
mod memory;
mod scalar;
mod straight;
#[cfg(test)]
mod tests;
mod trace;
mod uses;
mod x86;

pub(crate) use emit::emit as compile;
pub(crate) use memory::Code;
pub(crate) use straight::{Predicate, Straight};
pub(crate) use trace::{Traced, trace};
pub(crate) use x86::Form;
