//! `lse`: `ln Σ exp xᵢ`.
//!
//! The suite asks for it made of its parts, not by a function of the library with a derivative of its own: else this
//! file were `gradtape::log_sum_exp`.

use super::input::Input;
use super::modes::{self, Evaluate, Mode, Prepare};
use super::objective::Objective;
use super::task::{Module, Task};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::{Real, derivative, sum};

pub const MODULE: Module = Module {
    name: "lse",
    functions: &[
        ("primal", Mode::Tape, |input| Task::number(prepare(read(input)?, false))),
        ("gradient", Mode::Program, |input| Task::list(prepare(read(input)?, true))),
    ],
};

struct LogSumExp;

fn read(input: &Input<'_>) -> Result<Vec<f64>, String> {
    let x = input.field("x")?.numbers(None)?;
    match x.is_empty() {
        true => Err("input.x has no numbers: give at least one".to_string()),
        false => Ok(x),
    }
}

/// Find the largest by its value: whichever it is, shifting by it does not change the result.
fn largest<S: Real>(x: &[S]) -> S {
    let larger = |a: S, b: S| if b.value() > a.value() { b } else { a };
    x.iter().copied().reduce(larger).expect("`read` refuses an empty list")
}

impl Objective for LogSumExp {
    fn value<S: Real>(&self, x: &[S]) -> S {
        let shift = largest(x);
        let exponentials: Vec<S> = x.iter().map(|&x| (x - shift).exp()).collect();
        sum(&exponentials).ln() + shift
    }
}

fn prepare(x: Vec<f64>, is_gradient: bool) -> Prepare {
    Box::new(move |mode| match (mode, is_gradient) {
        (Mode::Rows, _) => Ok(over_rows(x, is_gradient)),
        (_, false) => modes::value(LogSumExp, x)(mode),
        (_, true) => modes::gradient(LogSumExp, x)(mode),
    })
}

/// A row is one `xᵢ`. The logarithm is a function of the sum, so the chain rule at it is ours.
fn over_rows(x: Vec<f64>, is_gradient: bool) -> Evaluate {
    let term = RowProgram::record(|shift, row| (row[0] - shift[0]).exp(), &[0.0], &[0.0]);
    let (mut workspace, mut slopes) = (Workspace::new(), vec![0.0; 2 * x.len()]);
    Box::new(move |out| {
        let shift = [largest(&x)];
        let mut run = || {
            let rows = Rows::row_major(&x, 1)?;
            let total = term.sum(&shift, rows, &mut workspace)?;
            if !is_gradient {
                out.push(total.ln() + shift[0]);
                return Ok(());
            }
            term.gradients(&shift, rows, &mut slopes, &mut workspace)?;
            let outer = derivative(|total| total.ln(), total);
            out.extend(slopes.chunks_exact(2).map(|slopes| slopes[1] * outer));
            Ok(())
        };
        run().map_err(|error: gradtape::program::ReplayError| error.to_string())
    })
}
