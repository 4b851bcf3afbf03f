//! `hello`: the square of a number, and its derivative.

use super::input::Input;
use super::modes::{self, Mode};
use super::objective::Objective;
use super::task::{Module, Task};
use gradtape::Real;

pub const MODULE: Module = Module {
    name: "hello",
    functions: &[
        ("square", Mode::Tape, |input| Task::number(modes::value(Square, read(input)?))),
        ("double", Mode::Tape, |input| Task::number(modes::gradient(Square, read(input)?))),
    ],
};

struct Square;

impl Objective for Square {
    fn value<S: Real>(&self, x: &[S]) -> S {
        x[0].square()
    }
}

fn read(input: &Input<'_>) -> Result<Vec<f64>, String> {
    Ok(vec![input.number()?])
}
