//! The whole idea of a tape in sixty lines, compared number for number with the real one. The comments say
//! what gradtape does in its place.

use std::cell::RefCell;
use std::ops::{Add, Mul};

/// A node: its operands and the local partial with each. gradtape stores the operation instead, and computes
/// the partials in the sweep (`src/op/table.rs`): so one recording can also be printed, replayed, and
/// differentiated twice.
type Node = Vec<(usize, f64)>;

thread_local! {
    /// One tape a thread. gradtape has as many as you like, in columns of 17 bytes a node (`src/tape/store/`).
    static TAPE: RefCell<Vec<Node>> = const { RefCell::new(Vec::new()) };
}

/// A value and where it stands on the tape. gradtape's `Var` has a serial number in place of an index, unlike
/// any other ever given out, so that a variable that outlived its tape is an error, not another node.
#[derive(Clone, Copy)]
struct Number {
    value: f64,
    node: usize,
}

/// Append a node.
fn record(value: f64, operands: &[(Number, f64)]) -> Number {
    TAPE.with_borrow_mut(|tape| {
        tape.push(operands.iter().map(|&(operand, partial)| (operand.node, partial)).collect());
        Number { value, node: tape.len() - 1 }
    })
}

impl Number {
    fn sin(self) -> Number {
        record(self.value.sin(), &[(self, self.value.cos())])
    }

    /// `exp' = exp`. In gradtape's table: `Exp(x) = x.exp(), w => [w * r]`, for every scalar.
    fn exp(self) -> Number {
        let value = self.value.exp();
        record(value, &[(self, value)])
    }
}

impl Add for Number {
    type Output = Number;
    fn add(self, other: Number) -> Number {
        record(self.value + other.value, &[(self, 1.0), (other, 1.0)])
    }
}

impl Mul for Number {
    type Output = Number;
    fn mul(self, other: Number) -> Number {
        record(self.value * other.value, &[(self, other.value), (other, self.value)])
    }
}

/// Record `f` at `x`, then walk backwards: every node hands its adjoint, times the local partial, on to its
/// operands. gradtape hands nothing on where an operation is flat, for 0 times an infinite partial would be NaN.
fn gradient(f: impl Fn(&[Number]) -> Number, x: &[f64]) -> Vec<f64> {
    let leaves: Vec<Number> = x.iter().map(|&value| record(value, &[])).collect();
    let output = f(&leaves);
    let tape = TAPE.take();
    let mut adjoints = vec![0.0; output.node + 1];
    adjoints[output.node] = 1.0;
    for node in (0..=output.node).rev() {
        for &(operand, partial) in &tape[node] {
            adjoints[operand] += adjoints[node] * partial;
        }
    }
    adjoints[..x.len()].to_vec()
}

fn main() {
    let x = [0.5, 1.25, -2.0];
    let small = gradient(|x| (x[0] * x[1] + x[2].sin()).exp() * x[1] + x[0] * x[0], &x);
    let real = gradtape::gradient(|x| (x[0] * x[1] + x[2].sin()).exp() * x[1] + x[0] * x[0], &x);
    for (i, (small, real)) in small.iter().zip(real).enumerate() {
        println!("df/dx{i} = {small}, and {real} by gradtape");
        assert_eq!(small.to_bits(), real.to_bits());
    }
}
