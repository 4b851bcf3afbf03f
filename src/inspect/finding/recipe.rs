//! Recipes: what to write instead, or what to check, where an operation makes a NaN or an infinity.
//!
//! They rely on one rule of this engine: a branch that a `select` does not take is blocked, and a blocked zero beats an
//! infinite slope. So `select(x, x.sqrt(), 0.0)` is enough, without a second `select` inside.

use crate::op::Op;

/// Operations, whether a point of theirs (operands, then constants) is meant, and what to do.
type Recipe = (&'static [Op], fn(&[f64]) -> bool, &'static str);

/// Where a value is lost. The first row that fits is taken.
const VALUES: &[Recipe] = &[
    (&[], |p| p.iter().any(|x| !x.is_finite()), "look at the constant: it is not finite"),
    (
        &[Op::Sqrt],
        |_| true,
        "find out why the operand is negative; if it is only by rounding, write `x.max(0.0).sqrt()`, and \
         `hypot` for the length of a vector",
    ),
    (
        &[Op::Ln, Op::Log2, Op::Log10],
        |p| p[0] == 0.0,
        "the logarithm of 0 is -inf: add a small constant before it, `(x + 1e-12).ln()`, or compute the logarithm \
         without the number itself: `log_sum_exp`, `softplus` for `ln(1 + exp(x))`, a sum of logarithms for \
         that of a product",
    ),
    (
        &[Op::Ln, Op::Log2, Op::Log10],
        |_| true,
        "a logarithm takes positive numbers only: find out why the operand is negative, `x.max(1e-12)` if it is by \
         rounding, or make it positive by its form, as `x.exp()` or `x.softplus()`",
    ),
    (
        &[Op::Ln1p],
        |_| true,
        "`ln_1p` takes numbers above -1: find out why the operand is not, or keep it with `x.max(-1.0 + 1e-12)`",
    ),
    (
        &[Op::Ln1mExp],
        |_| true,
        "ln(1 - exp(x)) takes negative numbers only: of a probability of 1 nothing is left; keep x with `x.min(-1e-12)`",
    ),
    (
        &[Op::Div, Op::Recip, Op::DivConst, Op::ConstDiv],
        |p| p.last() == Some(&0.0),
        "a division by 0: add a small constant to the divisor, or choose the limit where it is 0, \
         `select(y.abs(), x / y, limit)`: the branch that is not taken is blocked, its infinite slope does no harm; \
         `sinc` is sin(x) / x",
    ),
    (
        &[Op::Rem],
        |p| p.last() == Some(&0.0),
        "a remainder by 0: look at where the divisor comes from, and choose with `select` where it is 0",
    ),
    (
        &[Op::Div, Op::Recip, Op::DivConst, Op::ConstDiv],
        |_| true,
        "the divisor is so small that the quotient is too large: add a small constant to it, scale, or subtract \
         logarithms",
    ),
    (
        &[Op::Pow, Op::Powf],
        |p| p[0] < 0.0,
        "a negative number has real powers only for whole exponents: `powi` for these, `x.abs().pow(y)` if the sign \
         does not matter, `cbrt` for the third root",
    ),
    (
        &[Op::Pow, Op::Powf, Op::Powi],
        |p| p[0] == 0.0,
        "0 to a negative power is infinite: add a small constant to the base, or choose with `select` where it is 0",
    ),
    (
        &[Op::ConstPow],
        |p| p[1] <= 0.0,
        "the base must be positive: use `powi` for whole exponents, or the size of the base",
    ),
    (
        &[Op::Acos, Op::Asin],
        |_| true,
        "a cosine or sine is between -1 and 1: if the operand is outside by rounding, write \
         `x.clamp(-1.0, 1.0).acos()`; for the angle between two vectors take `cross.atan2(dot)`, which has no edge",
    ),
    (
        &[Op::Acosh],
        |_| true,
        "`acosh` takes numbers from 1 on: `x.max(1.0).acosh()` if it is below by rounding, else look at the operand",
    ),
    (
        &[Op::Atanh],
        |_| true,
        "`atanh` takes numbers between -1 and 1: `x.clamp(-1.0 + 1e-12, 1.0 - 1e-12)` if it is at the edge by rounding, \
         else look at the operand",
    ),
    (
        &[Op::Exp, Op::Exp2, Op::ExpM1, Op::ConstPow, Op::Sinh, Op::Cosh, Op::Erfcx],
        |_| true,
        "the result is too large, `exp` overflows above 709.78: take `softplus`, `sigmoid` or `log_sum_exp`, which \
         contain it without overflow, or subtract the largest exponent first",
    ),
    (
        &[Op::Lgamma, Op::Polygamma],
        |_| true,
        "this function has poles at 0 and at the negative whole numbers: keep the operand positive, as \
         `x.softplus()` or `x.max(1e-12)`",
    ),
    (
        &[Op::Square, Op::Powi, Op::Powf, Op::Pow, Op::Mul, Op::MulConst, Op::SumSquares, Op::Dot],
        |_| true,
        "the result is too large: scale the inputs, or add logarithms in place of multiplying; `hypot` is the root \
         of a sum of two squares without overflow",
    ),
    (&[Op::Custom], |_| true, "look into the custom operation's `value` at these operands"),
    (
        &[],
        |_| true,
        "the result is too large: scale the inputs, or use a form that does not overflow, such as \
        `softplus`, `log_sum_exp`, `exp_m1` or a difference of logarithms",
    ),
];

/// Where a slope is infinite though the value is not.
const SLOPES: &[Recipe] = &[
    (
        &[Op::Sqrt],
        |p| p[0] == 0.0,
        "the slope of a root is infinite at 0: add a small constant under it, `(x + 1e-12).sqrt()`, use a form \
         without it, such as `hypot`, `abs` or the square itself, or `select(x, x.sqrt(), 0.0)`: the branch that is \
         not taken is blocked, and that beats its infinite slope",
    ),
    (
        &[Op::Cbrt, Op::Pow, Op::Powf],
        |p| p[0] == 0.0,
        "the slope of a root or of a power below 1 is infinite at 0: add a small constant to the base, or choose with \
         `select` where it is 0: the branch that is not taken is blocked, and that beats its infinite slope",
    ),
    (
        &[Op::Acos, Op::Asin],
        |_| true,
        "the slope is infinite at -1 and 1: for the angle between two vectors take `cross.atan2(dot)`; else keep away \
         with `x.clamp(-1.0 + 1e-12, 1.0 - 1e-12)`",
    ),
    (
        &[Op::Acosh, Op::Atanh, Op::Ln1mExp],
        |_| true,
        "the slope is infinite at the edge of the domain: keep away from it with `clamp`, `min` or `max`",
    ),
    (
        &[Op::Div, Op::Recip, Op::ConstDiv],
        |_| true,
        "1 / y² is too large where y is small: add a small constant to the divisor, or subtract logarithms",
    ),
    (
        &[Op::Custom],
        |_| true,
        "look into the custom operation's `vjp` at these operands: it must be finite there",
    ),
    (
        &[],
        |_| true,
        "keep away from the point where the slope is infinite: add a small constant, or choose with `select`: the \
         branch that is not taken is blocked, and that beats its infinite slope",
    ),
];

fn find(recipes: &[Recipe], op: Op, point: &[f64]) -> &'static str {
    let fits =
        |(ops, is_meant, _): &&Recipe| (ops.is_empty() || ops.contains(&op)) && is_meant(point);
    recipes.iter().find(fits).map_or("", |&(.., recipe)| recipe)
}

/// Say what to do where an operation makes a NaN or an infinity of finite operands.
pub(super) fn of_value(op: Op, point: &[f64]) -> &'static str {
    find(VALUES, op, point)
}

/// Say what to do where an operation is steep without end.
pub(super) fn of_slope(op: Op, point: &[f64]) -> &'static str {
    find(SLOPES, op, point)
}

pub(super) const UNDEFINED_SLOPE: &str = "the derivative is not defined at this point: keep the operand away from it, or correct the `vjp` of a custom \
     operation";
pub(super) const ZERO_TIMES_INFINITY: &str = "a slope that is 0 by its value meets an infinite one, and their product could be anything: remove the infinite one, \
     as by `hypot` or `abs` in place of a root of a square; or choose with `select`, for only a zero that is blocked, \
     by a branch not taken or a flat piece, beats infinity";
pub(super) const OVERFLOW: &str =
    "the slope is larger than f64 can hold: scale the inputs, or take the logarithm of the output";
pub(super) const INFINITY_MINUS_INFINITY: &str = "two paths give infinities of both signs: remove the infinite slopes that they come from, or combine both terms into \
     one before the operation that is steep";
