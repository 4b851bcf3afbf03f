//! The naive engine: every node keeps its operands with their partials, by the rules of a textbook.

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::op::Op;
use std::f64::consts::{LN_2, LN_10, PI, SQRT_2};

/// A value, and the operands it came from, each with its partial.
pub struct Node {
    pub value: f64,
    pub edges: Vec<(usize, f64)>,
}

/// The adjoint of every node of `nodes` under the last one.
pub fn backward(nodes: &[Node]) -> Vec<f64> {
    let mut adjoints = vec![0.0; nodes.len()];
    adjoints[nodes.len() - 1] = 1.0;
    for (i, node) in nodes.iter().enumerate().rev() {
        for &(operand, partial) in &node.edges {
            adjoints[operand] += adjoints[i] * partial;
        }
    }
    adjoints
}

/// Value and partials of a scalar operation away from its kinks; `None` for those without a formula
/// in elementary functions.
pub fn textbook(op: Op, x: &[f64], c: &[f64]) -> Option<(f64, Vec<f64>)> {
    let at = |numbers: &[f64], i: usize| numbers.get(i).copied().unwrap_or(f64::NAN);
    match x.len() {
        1 => unary(op, x[0], at(c, 0), at(c, 1)).map(|(value, dx)| (value, vec![dx])),
        2 => binary(op, x[0], x[1]).map(|(value, dx, dy)| (value, vec![dx, dy])),
        _ => match (op, x[0], x[1], x[2]) {
            (Op::MulAdd, x, y, z) => Some((x * y + z, vec![y, x, 1.0])),
            (Op::Select, x, y, _) if x > 0.0 => Some((y, vec![0.0, 1.0, 0.0])),
            (Op::Select, _, _, z) => Some((z, vec![0.0, 0.0, 1.0])),
            _ => None,
        },
    }
}

fn unary(op: Op, x: f64, c: f64, d: f64) -> Option<(f64, f64)> {
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let density = (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
    let normal = (1.0 + libm::erf(x / SQRT_2)) / 2.0;
    let erf_slope = 2.0 / PI.sqrt() * (-x * x).exp();
    let s = logistic(x);
    Some(match op {
        Op::Neg => (-x, -1.0),
        Op::Recip => (1.0 / x, -1.0 / (x * x)),
        Op::Square => (x * x, 2.0 * x),
        Op::AddConst => (x + c, 1.0),
        Op::ConstSub => (c - x, -1.0),
        Op::MulConst => (c * x, c),
        Op::DivConst => (x / c, 1.0 / c),
        Op::ConstDiv => (c / x, -c / (x * x)),
        Op::Powi | Op::Powf => (x.powf(c), if c == 0.0 { 0.0 } else { c * x.powf(c - 1.0) }),
        Op::ConstPow => (c.powf(x), c.powf(x) * c.ln()),
        Op::Sqrt => (x.sqrt(), 0.5 / x.sqrt()),
        Op::Cbrt => (x.cbrt(), 1.0 / (3.0 * x.cbrt() * x.cbrt())),
        Op::Exp => (x.exp(), x.exp()),
        Op::Exp2 => (x.exp2(), x.exp2() * LN_2),
        Op::ExpM1 => (x.exp() - 1.0, x.exp()),
        Op::Ln => (x.ln(), 1.0 / x),
        Op::Ln1p => ((1.0 + x).ln(), 1.0 / (1.0 + x)),
        Op::Log2 => (x.ln() / LN_2, 1.0 / (x * LN_2)),
        Op::Log10 => (x.ln() / LN_10, 1.0 / (x * LN_10)),
        Op::Sin => (x.sin(), x.cos()),
        Op::Cos => (x.cos(), -x.sin()),
        Op::Tan => (x.tan(), 1.0 / (x.cos() * x.cos())),
        Op::Asin => (x.asin(), 1.0 / (1.0 - x * x).sqrt()),
        Op::Acos => (x.acos(), -1.0 / (1.0 - x * x).sqrt()),
        Op::Atan => (x.atan(), 1.0 / (1.0 + x * x)),
        Op::Sinh => ((x.exp() - (-x).exp()) / 2.0, x.cosh()),
        Op::Cosh => ((x.exp() + (-x).exp()) / 2.0, x.sinh()),
        Op::Tanh => (x.tanh(), 1.0 - x.tanh() * x.tanh()),
        Op::Asinh => (x.asinh(), 1.0 / (x * x + 1.0).sqrt()),
        Op::Acosh => (x.acosh(), 1.0 / (x * x - 1.0).sqrt()),
        Op::Atanh => (x.atanh(), 1.0 / (1.0 - x * x)),
        Op::Abs => (x.abs(), x.signum()),
        Op::Signum => (x.signum(), 0.0),
        Op::Floor => (x.floor(), 0.0),
        Op::Ceil => (x.ceil(), 0.0),
        Op::Round => (x.round(), 0.0),
        Op::Trunc => (x.trunc(), 0.0),
        Op::Fract => (x.fract(), 1.0),
        Op::MinConst => (x.min(c), if x < c { 1.0 } else { 0.0 }),
        Op::MaxConst => (x.max(c), if x > c { 1.0 } else { 0.0 }),
        Op::Clamp => (x.clamp(c, d), if c < x && x < d { 1.0 } else { 0.0 }),
        Op::Relu => (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }),
        Op::LeakyRelu => {
            if x > 0.0 {
                (x, 1.0)
            } else {
                (c * x, c)
            }
        }
        Op::Softplus => ((1.0 + x.exp()).ln(), s),
        Op::Sigmoid => (s, s * (1.0 - s)),
        Op::Silu => (x * s, s + x * s * (1.0 - s)),
        Op::Gelu => (x * normal, normal + x * density),
        Op::Erf => (libm::erf(x), erf_slope),
        Op::Erfc => (1.0 - libm::erf(x), -erf_slope),
        _ => return None,
    })
}

fn binary(op: Op, x: f64, y: f64) -> Option<(f64, f64, f64)> {
    let norm = x * x + y * y;
    let sign = if x < y { -1.0 } else { 1.0 };
    Some(match op {
        Op::Add => (x + y, 1.0, 1.0),
        Op::Sub => (x - y, 1.0, -1.0),
        Op::Mul => (x * y, y, x),
        Op::Div => (x / y, 1.0 / y, -x / (y * y)),
        Op::Rem => (x % y, 1.0, -(x / y).trunc()),
        Op::Pow => (x.powf(y), y * x.powf(y - 1.0), x.powf(y) * x.ln()),
        Op::Hypot => (norm.sqrt(), x / norm.sqrt(), y / norm.sqrt()),
        Op::Atan2 => (x.atan2(y), y / norm, -x / norm),
        Op::Min => {
            if x < y {
                (x, 1.0, 0.0)
            } else {
                (y, 0.0, 1.0)
            }
        }
        Op::Max => {
            if x > y {
                (x, 1.0, 0.0)
            } else {
                (y, 0.0, 1.0)
            }
        }
        Op::Compare => (sign, 0.0, 0.0),
        _ => return None,
    })
}
