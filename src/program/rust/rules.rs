//! How one operation is written in Rust: its row, as a line of text.

use super::literal::Float;
use crate::op::Op;

/// Functions that are methods of a number, of `std` or without it of a trait of the text's own. All others are functions
/// by their own name, from [`functions`](super::functions).
pub(super) const METHODS: &[&str] = &[
    "sqrt", "cbrt", "exp", "exp2", "exp_m1", "ln", "ln_1p", "log2", "log10", "sin", "cos", "tan",
    "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "hypot", "abs", "signum", "floor",
    "ceil", "round", "trunc", "mul_add",
];

/// Functions whose formulas, bounds or tables are for `f64`: an `f32` goes there and back.
pub(super) const WIDE: &[&str] = &[
    "silu",
    "gelu",
    "acosh",
    "asinh",
    "atanh",
    "erf",
    "erfc",
    "erfcx",
    "sinc",
    "sinc_slope",
    "sinc_bend",
    "lgamma",
    "polygamma",
    "silu_slope",
    "gelu_slope",
    "atan2_slope",
];

/// Write a scalar operation. `receivers` are the operands as a method can be called on them.
pub(super) fn scalar(
    op: Op,
    operands: &[String],
    receivers: &[String],
    constants: &[String],
    float: Float,
) -> String {
    let form = match op {
        Op::Copy => "{x}",
        Op::Neg => "-{x}",
        Op::Recip => "1.0 / {x}",
        Op::Fract => "{x} - {x.}.trunc()",
        Op::Square => "{x} * {x}",
        Op::Add => "{x} + {y}",
        Op::Sub => "{x} - {y}",
        Op::Mul => "{x} * {y}",
        Op::Div => "{x} / {y}",
        Op::Rem => "{x} % {y}",
        // To subtract a number is to add it with the other sign, to the bit.
        Op::AddConst if constants[0].starts_with('-') => "{x} - {-c}",
        Op::AddConst => "{x} + {c}",
        Op::ConstSub => "{c} - {x}",
        Op::MulConst => "{x} * {c}",
        Op::DivConst => "{x} / {c}",
        Op::ConstDiv => "{c} / {x}",
        Op::Powf => "{x.}.powf({c})",
        Op::Pow => "{x.}.powf({y})",
        Op::MinConst => "min({x}, {c})",
        Op::MaxConst => "max({x}, {c})",
        Op::ConstPow => "{c.}.powf({x})",
        _ => return call(op, operands, receivers, constants, float),
    };
    let typed = |c: &str| match c.trim_start_matches('-').starts_with(|d: char| d.is_ascii_digit())
    {
        true if c.starts_with('-') => format!("({c}_{})", float.name()),
        true => format!("{c}_{}", float.name()),
        false => c.to_owned(),
    };
    let get = |list: &[String], i: usize| list.get(i).cloned().unwrap_or_default();
    let c = get(constants, 0);
    form.replace("{x.}", &get(receivers, 0))
        .replace("{x}", &get(operands, 0))
        .replace("{y}", &get(operands, 1))
        .replace("{c.}", &typed(&c))
        .replace("{-c}", c.trim_start_matches('-'))
        .replace("{c}", &c)
}

/// A call of the operation by its name.
fn call(
    op: Op,
    operands: &[String],
    receivers: &[String],
    constants: &[String],
    float: Float,
) -> String {
    let name = op.info().name;
    if METHODS.contains(&name) {
        return format!("{}.{name}({})", receivers[0], operands[1..].join(", "));
    }
    let is_wide = float == Float::F32 && WIDE.contains(&name);
    let mut arguments: Vec<String> = operands.to_vec();
    if is_wide {
        arguments.iter_mut().for_each(|x| *x = format!("f64::from({x})"));
    }
    arguments.extend_from_slice(constants);
    if op == Op::Polygamma {
        // The order comes first.
        arguments.reverse();
    }
    let call = format!("{name}({})", arguments.join(", "));
    if is_wide { format!("wide::{call} as f32") } else { call }
}

/// Whether the constants of an operation are whole numbers, and kinds of functions rather than numbers.
pub(super) fn counts(op: Op) -> bool {
    matches!(op, Op::Powi | Op::Polygamma)
}
