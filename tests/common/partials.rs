//! Values and partials of a row, by every engine, and the points to try them at.

#![allow(dead_code, reason = "each test uses its part")]

use super::apply::{apply, operands, scalar_rows, split};
use super::numeric::{same, same_bits};
use gradtape::op::Op;
use gradtape::{Dual, Tape};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// Ordinary numbers and every special one.
pub const GRID: [f64; 11] = [-INF, -2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, INF, NAN];

/// A value and its partials by operand.
#[derive(Debug)]
pub struct Linear {
    pub value: f64,
    pub partials: Vec<f64>,
}

impl Linear {
    pub fn same_as(&self, other: &Linear) -> bool {
        same_bits(self.value, other.value)
            && self.partials.iter().zip(&other.partials).all(|(a, b)| same(*a, *b))
    }

    pub fn is_finite(&self) -> bool {
        self.value.is_finite() && self.partials.iter().all(|p| p.is_finite())
    }
}

pub fn on_f64(op: Op, x: &[f64], c: &[f64]) -> f64 {
    apply(op, x, c)
}

/// By the reverse sweep of a tape.
pub fn reverse(op: Op, x: &[f64], c: &[f64]) -> Linear {
    let tape = Tape::new();
    let variables = tape.vars(x);
    let y = apply(op, &variables, c);
    Linear { value: y.value(), partials: y.backward().wrt_all(&variables) }
}

/// By the forward sweep of a tape.
pub fn forward(op: Op, x: &[f64], c: &[f64]) -> Linear {
    let tape = Tape::new();
    let variables = tape.vars(x);
    let y = apply(op, &variables, c);
    let partials = variables.iter().map(|&v| tape.forward(&[(v, 1.0)]).wrt(y)).collect();
    Linear { value: y.value(), partials }
}

/// By dual numbers.
pub fn dual(op: Op, x: &[f64], c: &[f64]) -> Linear {
    let mut linear = Linear { value: NAN, partials: Vec::new() };
    for seeded in 0..x.len() {
        let seed = |(i, &x)| Dual::new(x, if i == seeded { 1.0 } else { 0.0 });
        let duals: Vec<Dual> = x.iter().enumerate().map(seed).collect();
        let y = apply(op, &duals, c);
        linear.value = y.primal();
        linear.partials.push(y.tangent());
    }
    linear
}

/// The constants to try with a row: those of its samples, or the whole grid where any number is one.
pub fn constants(op: Op) -> Vec<Vec<f64>> {
    match op {
        Op::AddConst | Op::ConstSub | Op::MulConst | Op::DivConst | Op::ConstDiv => {
            GRID.iter().map(|&c| vec![c]).collect()
        }
        Op::Powf | Op::ConstPow | Op::MinConst | Op::MaxConst => {
            GRID.iter().map(|&c| vec![c]).collect()
        }
        _ => op.info().samples.iter().map(|point| split(op, point).1.to_vec()).collect(),
    }
}

/// Call `body` with every point of the grid: operands and constants.
pub fn on_grid(op: Op, mut body: impl FnMut(&[f64], &[f64])) {
    let n = operands(op);
    let mut points = vec![Vec::new()];
    for _ in 0..n {
        points = points
            .iter()
            .flat_map(|p: &Vec<f64>| GRID.iter().map(|&x| [&p[..], &[x]].concat()))
            .collect();
    }
    for c in constants(op) {
        points.iter().for_each(|x| body(x, &c));
    }
}

/// Call `body` with every sample point of every row.
pub fn on_samples(mut body: impl FnMut(Op, &[f64], &[f64])) {
    for op in scalar_rows() {
        for point in op.info().samples {
            let (x, c) = split(op, point);
            body(op, x, c);
        }
    }
}
