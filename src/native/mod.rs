//! Row programs as machine code.
//!
//! | file | idea |
//! |---|---|
//! | `straight` | [`Straight`]: what a program does to one block of rows, as straight-line code |
//! | `trace` | [`Traced`]: a scalar that writes down what lanes would compute |
//! | `x86` | instructions of x86-64 as bytes |
//! | `emit` | from straight-line code to machine code: which results are in registers, and when |
//! | `memory` | pages that are written, then run (the only `unsafe` code here) |
//! | `kernels` | elementary functions of lanes, to be called |

mod emit;
mod straight;
mod trace;
mod x86;
