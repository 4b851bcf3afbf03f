//! The rows.
//!
//! One row reads: arity, variant, method name, printed form, then
//!
//! - `value` of the operands `x`, `y`, `z` and the constants `c`, `d`;
//! - `dx`, `dy`, `dz`: the printed form of the local partial, then the rule that is run: the adjoint (or
//!   tangent) `w` times the local partial. What a rule lists after `w` is all it needs (operands, the
//!   result `r`), and all that a sweep loads;
//! - `commutes |x, y|`: these two may change places without changing a bit;
//! - `constant`: the rows that keep a constant operand, `x ∘ c` and `c ∘ x`;
//! - `domain`: where value and partials are defined (elsewhere the value is NaN or infinite);
//! - `kink`: where the derivative jumps, and the convention used there;
//! - `zero`: what a partial of exactly 0 means: `Never` happens, `Stationary` is a true zero of the
//!   derivative, `Flat` is a piece where the function is constant (or underflows to it);
//! - `lanes`: how lanes compute the value, if not as `f64` does in each lane: by a `kernel` of the name of the
//!   method, or by code `composed` of kernels in `src/lanes/real.rs`; `inlined` is either, in sweeps too;
//!   `same_kernel` and `same_composed` have the bits of `f64`; `called` is what each lane leaves to a function of
//!   `f64`, too long to be inlined;
//! - `at`: sample points for the contract tests, operands then constants.
//!
//! Sample points must suit finite differences, of up to the third derivative: inside the domain and away from
//! its edges, with numbers between about ¼ and 10, and no kink, jump or pole within a tenth of their size.
//!
//! The printed form of a partial is what a textbook has: in the operands, and in the result `{r}` only
//! where the textbook uses it, as `1 - {r}²` for `tanh`. The rule beside it may go another way, one that
//! loses no digits and keeps the convention at a kink; a test compares the two.
//!
//! The rules are generic over [`Real`](crate::Real), so `f64`, `Dual` and `Var` run the same row: a
//! sweep over `Var` records the derivative. That is why they branch with `select` and `compare`,
//! which replay, and never with `if` on a value.
//!
//! A recorded rule is differentiated as it is written. Where that would lose digits or miss a limit, the derivative is
//! a row of its own, of the kind `slope` (`slope_of_two` operands), whose method is hidden.
//!
//! NaN and the outside of the domain: a NaN operand makes a partial NaN unless the function is linear in it, and where
//! the value is NaN or infinite no partial is finite. At an infinite operand a limit that is known is the partial.

use super::rows::{Arity, Info, Shape, Zero, op_rows};
use super::rules::{
    atan2_bend, erf_slope, erfcx_slope, finite, flat, gelu_bend, is_zero, number, product, side,
    silu_bend, sinc_twist, times, unless, zero_to,
};
use super::site::{Point, Site};
use super::words::{
    arity, commutes, constants, flow, is_function, is_kernel, negates, optional, shape,
};
use crate::Real;
use std::f64::consts::{LN_2, LOG10_E};

/// The rows that keep a constant operand of a binary operation, if there are any.
#[derive(Clone, Copy)]
pub(crate) struct Forms {
    /// `x ∘ c`.
    pub right: Option<Op>,
    /// `c ∘ x`.
    pub left: Option<Op>,
    /// Whether `x ∘ c` keeps `-c`: `x - c` is kept as `x + (-c)`, which IEEE arithmetic rounds to the same
    /// bits.
    pub negates: bool,
}

/// A site that takes in what the rules give; `which` counts its operands from 0.
///
/// Rules are plain code between `weight` and `give`, and not closures handed down, so that a sweep over
/// lanes is compiled as a whole for one instruction set.
pub(crate) trait Pull<T>: Site<T> {
    /// See [`Flow::GATES`](super::Flow::GATES).
    const GATES: bool;
    fn weight(&self, which: usize) -> Option<T>;
    fn give(&mut self, which: usize, contribution: T);
    fn gate(&mut self, which: usize, contribution: T);
    /// An n-ary operation: its rules are in [`super::nary`].
    fn nary<R: Row>(&mut self);
}

op_rows! { ($)
    // Arithmetic.
    operator Copy copy_of "{x}"
        value |x| x; dx "1" |w| w;
        domain |x| true; zero Never; at [[-1.5], [2.0]];
    operator Neg neg "-{x}"
        value |x| -x; dx "-1" |w| -w;
        domain |x| true; zero Never; at [[-1.5], [0.0], [2.0]];
    unary Recip recip "1 / {x}"
        value |x| x.recip(); dx "-1 / {x}²" |w, r| -(w * r * r);
        domain |x| x != 0.0; zero Underflow, steep; at [[-2.0], [0.5], [3.0]];
    unary Square square "{x}²"
        value |x| x.square(); dx "2 * {x}" |w, x| w * (x * 2.0);
        domain |x| true; zero Stationary; at [[-1.5], [0.0], [3.0]];
    operator Add add "{x} + {y}"
        value |x, y| x + y; dx "1" |w| w; dy "1" |w| w;
        commutes |x, y|;
        constant AddConst(c), AddConst(c);
        domain |x| true; zero Never; at [[1.5, -0.25]];
    operator Sub sub "{x} - {y}"
        value |x, y| x - y; dx "1" |w| w; dy "-1" |w| -w;
        constant AddConst(-c), ConstSub(c);
        domain |x| true; zero Never; at [[1.5, -0.25]];
    operator Mul mul "{x} * {y}"
        value |x, y| x * y; dx "{y}" |w, y| w * y; dy "{x}" |w, x| w * x;
        commutes |x, y|;
        constant MulConst(c), MulConst(c);
        domain |x| true; zero Stationary; at [[1.5, -0.25], [0.0, 2.0]];
    operator Div div "{x} / {y}"
        value |x, y| x / y; dx "1 / {y}" |w, y| w / y; dy "-{x} / {y}²" |w, y, r| -(w / y * r);
        constant DivConst(c), ConstDiv(c);
        domain |y| y != 0.0; zero Stationary, steep; at [[1.5, -0.25], [0.0, 2.0], [2.0, 3.0]];
    operator Rem rem "{x} % {y}"
        value |x, y| x % y; dx "1" |w, r| w * number(r);
        dy "-({x} - {r}) / {y}" gate |w, x, y, r| {
            let quotient = ((x - r) / y).round();
            unless(is_zero(quotient), -(w * quotient))
        };
        domain |y| y != 0.0; zero Flat, steep;
        kink |x, y| x != 0.0 && x % y == 0.0 => "the quotient is truncated: d/dy = -(x - r) / y, also where it jumps";
        at [[5.5, 2.0], [-5.5, 2.0]];
    ternary MulAdd mul_add "mul_add({x}, {y}, {z})"
        value |x, y, z| x.mul_add(y, z); dx "{y}" |w, y| w * y; dy "{x}" |w, x| w * x; dz "1" |w| w;
        commutes |x, y|;
        domain |x| true; zero Stationary; at [[1.5, -0.25, 2.0]];

    // The same with a constant operand: the constant is kept, one node is saved.
    form AddConst add_const "{x} + {c}"
        value |x, c| x + c; dx "1" |w| w;
        domain |x| true; zero Never; at [[1.5, -0.25]];
    form ConstSub const_sub "{c} - {x}"
        value |x, c| T::from(c) - x; dx "-1" |w| -w;
        domain |x| true; zero Never; at [[1.5, -0.25]];
    form MulConst mul_const "{x} * {c}"
        value |x, c| x * c; dx "{c}" |w, c| w * c;
        flat |c| c == 0.0; domain |x| true; zero Flat; at [[1.5, -0.25]];
    form DivConst div_const "{x} / {c}"
        value |x, c| x / c; dx "1 / {c}" |w, c| w / c;
        flat |c| c.is_infinite(); domain |c| c != 0.0; zero Flat, steep; at [[1.5, 3.0]];
    form ConstDiv const_div "{c} / {x}"
        value |x, c| T::from(c) / x; dx "-{c} / {x}²" |w, x, r| -(w / x * r);
        flat |c| c == 0.0; domain |x| x != 0.0; zero Underflow, steep; at [[3.0, 2.0], [-0.5, 2.0]];

    // Powers and roots.
    data Powi powi(n: i32) "{x}^{c}"
        value |x, c| x.powi(c as i32);
        dx "{c} * {x}^({c} - 1)" |w, x, c| match c as i32 {
            0 => T::from(0.0),
            // There is no exponent below the least one.
            i32::MIN => w * (x.powf(c - 1.0) * c),
            n => w * (x.powi(n - 1) * c),
        };
        flat |c| c == 0.0; domain |x, c| x != 0.0 || c >= 0.0; zero Stationary, steep;
        lanes composed; at [[-1.5, 3.0], [2.0, -2.0], [0.0, 0.0], [0.0, 1.0]];
    data Powf powf(exponent: f64) "{x}^{c}"
        value |x, c| x.powf(c);
        dx "{c} * {x}^({c} - 1)" |w, x, c| if c == 0.0 { T::from(0.0) } else { w * times(x.powf(c - 1.0), c) };
        flat |c| c == 0.0; domain |x, c| x > 0.0 || (x == 0.0 && c >= 0.0) || (c == c.trunc() && x != 0.0); zero Stationary, steep;
        lanes composed; at [[1.5, 2.5], [2.0, -0.5], [0.0, 2.0], [1.0, 0.0]];
    binary Pow pow "{x}^{y}"
        value |x, y| x.pow(y);
        dx "{y} * {x}^({y} - 1)"
            gate |w, x, y| unless(is_zero(x.abs() + y.abs()), w * product(x.pow(y - 1.0), y));
        dy "{x}^{y} * ln({x})"
            gate |w, x, y, r| unless(zero_to(x, y), w * product(r, x.ln() + flat(y)));
        constant Powf(c), ConstPow(c);
        domain |x, y| x > 0.0 || (x == 0.0 && y >= 0.0); zero Stationary, steep;
        kink |x| x == 0.0 => "d/dy 0^y = 0, d/dx x^0 = 0";
        lanes kernel; at [[1.5, 2.5], [2.0, -0.5]];
    form ConstPow const_pow "{c}^{x}"
        value |x, c| T::from(c).pow(x);
        dx "{c}^{x} * ln({c})" |w, x, r, c| match c == 0.0 {
            true => T::select(-x, w * (r * c.ln()), flat(x)),
            false => w * (times(r, c.ln()) + flat(x)),
        };
        flat |c| c == 1.0; domain |x, c| c > 0.0 || (c == 0.0 && x >= 0.0); zero Underflow, steep; lanes composed; at [[3.0, 2.0], [-0.5, 0.3]];
    unary Sqrt sqrt "sqrt({x})"
        value |x| x.sqrt(); dx "1 / (2 * sqrt({x}))" |w, r| w / ((r + 0.0) * 2.0);
        domain |x| x >= 0.0; zero Underflow, steep;
        kink |x| x == 0.0 => "sqrt'(0) = +inf";
        lanes same_kernel; at [[0.25], [2.0]];
    unary Cbrt cbrt "cbrt({x})"
        value |x| x.cbrt(); dx "1 / (3 * cbrt({x})²)" |w, r| w / (r * 3.0) / r;
        domain |x| true; zero Underflow, steep;
        kink |x| x == 0.0 => "cbrt'(0) = +inf";
        lanes kernel; at [[-8.0], [0.3]];
    binary Hypot hypot "hypot({x}, {y})"
        value |x, y| x.hypot(y);
        dx "{x} / {r}" gate |w, x, y, r| unless(is_zero(r), w * x.hypot_slope_at(y, r));
        dy "{y} / {r}" gate |w, x, y, r| unless(is_zero(r), w * y.hypot_slope_at(x, r));
        domain |x| true; zero Stationary;
        kink |x, y| x == 0.0 && y == 0.0 => "hypot'(0, 0) = (0, 0)";
        lanes called; at [[3.0, -4.0], [0.5, 0.0]];

    // Exponentials and logarithms.
    unary Exp exp "exp({x})"
        value |x| x.exp(); dx "exp({x})" |w, r| w * r;
        domain |x| true; zero Underflow; lanes inlined; at [[-1.0], [0.0], [2.0]];
    unary Exp2 exp2 "exp2({x})"
        value |x| x.exp2(); dx "exp2({x}) * ln(2)" |w, r| w * (r * LN_2);
        domain |x| true; zero Underflow; lanes called; at [[-1.0], [0.5]];
    unary ExpM1 exp_m1 "exp_m1({x})"
        value |x| x.exp_m1(); dx "exp({x})" |w, x| w * x.exp();
        domain |x| true; zero Underflow; lanes kernel; at [[-1.0], [1e-9], [2.0]];
    unary Ln ln "ln({x})"
        value |x| x.ln(); dx "1 / {x}" |w, x, r| w / x * number(r);
        domain |x| x > 0.0; zero Underflow, steep; lanes kernel; at [[0.1], [3.0]];
    unary Ln1p ln_1p "ln_1p({x})"
        value |x| x.ln_1p(); dx "1 / (1 + {x})" |w, x, r| w / (x + 1.0) * number(r);
        domain |x| x > -1.0; zero Underflow, steep; lanes kernel; at [[-0.5], [1e-9], [2.0]];
    unary Log2 log2 "log2({x})"
        value |x| x.log2(); dx "1 / ({x} * ln(2))" |w, x, r| w / (x * LN_2) * number(r);
        domain |x| x > 0.0; zero Underflow, steep; lanes called; at [[0.1], [3.0]];
    unary Log10 log10 "log10({x})"
        value |x| x.log10(); dx "1 / ({x} * ln(10))" |w, x, r| w / x * LOG10_E * number(r);
        domain |x| x > 0.0; zero Underflow, steep; lanes called; at [[0.1], [3.0]];

    // Trigonometry.
    unary Sin sin "sin({x})"
        value |x| x.sin(); dx "cos({x})" |w, x| w * x.cos();
        domain |x| x.is_finite(); zero Stationary; lanes inlined; at [[-1.0], [0.3], [4.0]];
    unary Cos cos "cos({x})"
        value |x| x.cos(); dx "-sin({x})" |w, x| -(w * x.sin());
        domain |x| x.is_finite(); zero Stationary; lanes inlined; at [[-1.0], [0.3], [4.0]];
    unary Tan tan "tan({x})"
        value |x| x.tan(); dx "1 / cos({x})²" |w, r| w * (r.square() + 1.0);
        domain |x| x.is_finite(); zero Never; lanes kernel; at [[-1.0], [0.3], [2.0]];
    // 1 - x² with one rounding keeps its digits near ±1, and its derivative -2x near 0; (1-x)(1+x)
    // does only the first.
    unary Asin asin "asin({x})"
        value |x| x.asin(); dx "1 / sqrt(1 - {x}²)" |w, x| w / (-x).mul_add(x, T::from(1.0)).sqrt();
        domain |x| x.abs() <= 1.0; zero Never, steep; lanes called; at [[-0.9], [0.3]];
    unary Acos acos "acos({x})"
        value |x| x.acos(); dx "-1 / sqrt(1 - {x}²)" |w, x| -(w / (-x).mul_add(x, T::from(1.0)).sqrt());
        domain |x| x.abs() <= 1.0; zero Never, steep; lanes called; at [[-0.9], [0.3]];
    unary Atan atan "atan({x})"
        value |x| x.atan(); dx "1 / (1 + {x}²)" |w, x| w * x.atan_slope();
        domain |x| true; zero Underflow; lanes kernel; at [[-2.0], [0.3]];
    binary Atan2 atan2 "atan2({x}, {y})"
        value |x, y| x.atan2(y);
        dx "{y} / ({x}² + {y}²)" |w, x, y| w * x.atan2_slope(y);
        dy "-{x} / ({x}² + {y}²)" |w, x, y| -(w * y.atan2_slope(x));
        domain |x, y| x != 0.0 || y != 0.0; zero Stationary, steep; lanes called; at [[1.0, 2.0], [-1.5, -0.5]];

    // Hyperbolic functions.
    unary Sinh sinh "sinh({x})"
        value |x| x.sinh(); dx "cosh({x})" |w, x| w * x.cosh();
        domain |x| true; zero Never; lanes inlined; at [[-1.0], [2.0]];
    unary Cosh cosh "cosh({x})"
        value |x| x.cosh(); dx "sinh({x})" |w, x| w * x.sinh();
        domain |x| true; zero Stationary; lanes inlined; at [[-1.0], [2.0]];
    unary Tanh tanh "tanh({x})"
        value |x| x.tanh(); dx "1 - {r}²" |w, x, r| w * x.tanh_slope_at(r);
        domain |x| true; zero Underflow; lanes kernel; at [[-1.0], [0.3], [9.0]];
    unary Asinh asinh "asinh({x})"
        value |x| x.asinh(); dx "1 / sqrt({x}² + 1)" |w, x| w / x.hypot(T::from(1.0));
        domain |x| true; zero Underflow; lanes called; at [[-1.0], [2.0]];
    unary Acosh acosh "acosh({x})"
        value |x| x.acosh(); dx "1 / sqrt({x}² - 1)" |w, x| w / (x - 1.0).sqrt() / (x + 1.0).sqrt();
        domain |x| x >= 1.0; zero Underflow, steep; lanes called; at [[1.1], [3.0]];
    unary Atanh atanh "atanh({x})"
        value |x| x.atanh(); dx "1 / (1 - {x}²)" |w, x, r| w / (-x).mul_add(x, T::from(1.0)) * number(r);
        domain |x| x.abs() < 1.0; zero Never; lanes called; at [[-0.9], [0.3]];

    // Pieces.
    unary Abs abs "|{x}|"
        value |x| x.abs(); dx "1 if {x} > 0, -1 if {x} < 0, else 0"
            gate |w, x| T::select(x, w, T::select(-x, (-w).settled(), x.blocked()));
        domain |x| true; zero Flat;
        kink |x| x == 0.0 => "abs'(0) = 0";
        at [[-1.5], [2.0]];
    unary Signum signum "signum({x})"
        value |x| x.signum(); dx "0" gate |_w| T::nothing();
        domain |x| true; zero Flat;
        kink |x| x == 0.0 => "signum' = 0, also at its jump";
        at [[-1.5], [2.0]];
    unary Floor floor "floor({x})"
        value |x| x.floor(); dx "0" gate |_w| T::nothing();
        domain |x| true; zero Flat;
        kink |x| x == x.floor() => "floor' = 0, also at its jumps";
        at [[-1.5], [2.25]];
    unary Ceil ceil "ceil({x})"
        value |x| x.ceil(); dx "0" gate |_w| T::nothing();
        domain |x| true; zero Flat;
        kink |x| x == x.floor() => "ceil' = 0, also at its jumps";
        at [[-1.5], [2.25]];
    unary Round round "round({x})"
        value |x| x.round(); dx "0" gate |_w| T::nothing();
        domain |x| true; zero Flat;
        kink |x| x.fract().abs() == 0.5 => "round' = 0, also at its jumps";
        lanes same_kernel; at [[-1.25], [2.25]];
    unary Trunc trunc "trunc({x})"
        value |x| x.trunc(); dx "0" gate |_w| T::nothing();
        domain |x| true; zero Flat;
        kink |x| x != 0.0 && x == x.trunc() => "trunc' = 0, also at its jumps";
        at [[-1.5], [2.25]];
    unary Fract fract "fract({x})"
        value |x| x.fract(); dx "1" |w, r| w * number(r);
        domain |x| x.is_finite(); zero Never;
        kink |x| x != 0.0 && x == x.trunc() => "fract' = 1, also at its jumps";
        at [[-1.25], [2.25]];
    binary Min min "min({x}, {y})"
        value |x, y| x.min(y);
        dx "1 if {x} < {y}, ½ if {x} = {y}, else 0" gate |w, x, y| side(y.compare(x), w);
        dy "1 if {y} < {x}, ½ if {y} = {x}, else 0" gate |w, x, y| side(x.compare(y), w);
        commutes |x, y|;
        constant MinConst(c), MinConst(c);
        domain |x| true; zero Flat, steep;
        kink |x, y| x == y => "a tie shares ½ : ½";
        at [[1.0, 2.0], [3.0, -2.0]];
    binary Max max "max({x}, {y})"
        value |x, y| x.max(y);
        dx "1 if {x} > {y}, ½ if {x} = {y}, else 0" gate |w, x, y| side(x.compare(y), w);
        dy "1 if {y} > {x}, ½ if {y} = {x}, else 0" gate |w, x, y| side(y.compare(x), w);
        commutes |x, y|;
        constant MaxConst(c), MaxConst(c);
        domain |x| true; zero Flat, steep;
        kink |x, y| x == y => "a tie shares ½ : ½";
        at [[1.0, 2.0], [3.0, -2.0]];
    form MinConst min_const "min({x}, {c})"
        value |x, c| x.min(T::from(c));
        dx "1 if {x} < {c}, ½ if {x} = {c}, else 0" gate |w, x, c| side(T::from(c).compare(x), w);
        domain |x| true; zero Flat, steep;
        kink |x, c| x == c => "a tie shares ½ : ½";
        at [[1.0, 2.0], [3.0, -2.0]];
    form MaxConst max_const "max({x}, {c})"
        value |x, c| x.max(T::from(c));
        dx "1 if {x} > {c}, ½ if {x} = {c}, else 0" gate |w, x, c| side(x.compare(T::from(c)), w);
        domain |x| true; zero Flat, steep;
        kink |x, c| x == c => "a tie shares ½ : ½";
        at [[1.0, 2.0], [3.0, -2.0]];
    data Clamp clamp(lo: f64, hi: f64) "clamp({x}, {c}, {d})"
        value |x, c, d| x.clamp(c, d);
        dx "1 if {c} < {x} < {d}, 0 if {x} < {c} or {x} > {d}, else ½"
            gate |w, x, c, d| side(x.compare(T::from(c)), side(T::from(d).compare(x), w));
        domain |x| true; zero Flat;
        kink |x, c, d| x == c || x == d => "at a bound: min(max(x, lo), hi), a tie shares ½";
        at [[0.5, 0.0, 1.0], [-3.0, 0.0, 1.0], [3.0, 0.0, 1.0]];
    binary Compare compare "compare({x}, {y})"
        value |x, y| x.compare(y); dx "0" gate |_w| T::nothing(); dy "0" gate |_w| T::nothing();
        domain |x| true; zero Flat;
        kink |x, y| x == y => "compare' = 0, also at its jump";
        lanes same_composed; at [[1.0, 2.0], [3.0, -2.0]];
    ternary Select select "select({x} > 0, {y}, {z})"
        value |x, y, z| T::select(x, y, z);
        dx "0" gate |_w| T::nothing();
        dy "1 if {x} > 0, else 0" gate |w, x| T::select(x, w, T::nothing());
        dz "0 if {x} > 0, else 1" gate |w, x| T::select(x, T::nothing(), w);
        domain |x| true; zero Flat;
        kink |x| x == 0.0 => "the condition has derivative 0, also at its jump";
        at [[1.0, 2.0, 3.0], [-1.0, 2.0, 3.0]];

    // Units of neural networks, and special functions.
    unary Relu relu "relu({x})"
        value |x| x.relu(); dx "1 if {x} > 0, else 0" gate |w, x| T::select(x, w, x.blocked());
        domain |x| true; zero Flat;
        kink |x| x == 0.0 => "relu'(0) = 0";
        at [[-1.5], [2.0]];
    data LeakyRelu leaky_relu(slope: f64) "leaky_relu({x}, {c})"
        value |x, c| x.leaky_relu(c); dx "1 if {x} > 0, else {c}"
            gate |w, x, c| T::select(x, w, if c == 0.0 { x.blocked() } else { (w * (flat(x) + c)).settled() });
        domain |x| true; zero Flat;
        kink |x| x == 0.0 => "leaky_relu'(0) = slope";
        at [[-1.5, 0.1], [2.0, 0.1]];
    unary Softplus softplus "softplus({x})"
        value |x| x.softplus(); dx "sigmoid({x})" |w, x| w * x.sigmoid();
        domain |x| true; zero Underflow; lanes kernel; at [[-3.0], [0.0], [2.0]];
    unary Ln1mExp ln_1m_exp "ln(1 - exp({x}))"
        value |x| x.ln_1m_exp(); dx "1 / (1 - exp(-{x}))" |w, x, r| -(w * (x.exp() / (-x.exp_m1() + 0.0)) * number(r));
        domain |x| x < 0.0; zero Underflow, steep; lanes called; at [[-3.0], [-0.3]];
    unary Sigmoid sigmoid "sigmoid({x})"
        value |x| x.sigmoid();
        dx "{r} * (1 - {r})" |w, x, r| w * x.sigmoid_slope_at(r);
        domain |x| true; zero Underflow; lanes inlined; at [[-3.0], [0.0], [2.0]];
    unary Silu silu "silu({x})"
        value |x| x.silu();
        dx "sigmoid({x}) * (1 + {x} * (1 - sigmoid({x})))" |w, x| w * x.silu_slope();
        domain |x| true; zero Stationary; lanes kernel; at [[-3.0], [0.0], [2.0]];
    unary Gelu gelu "gelu({x})"
        value |x| x.gelu();
        dx "(1 + erf({x} / sqrt(2))) / 2 + {x} * exp(-{x}² / 2) / sqrt(2 * π)" |w, x| w * x.gelu_slope();
        domain |x| true; zero Stationary; lanes kernel; at [[-3.0], [0.0], [2.0]];
    unary Erf erf "erf({x})"
        value |x| x.erf(); dx "2 / sqrt(π) * exp(-{x}²)" |w, x| w * erf_slope(x);
        domain |x| true; zero Underflow; lanes kernel; at [[-1.0], [0.3]];
    unary Erfc erfc "erfc({x})"
        value |x| x.erfc();
        dx "-2 / sqrt(π) * exp(-{x}²)" |w, x| -(w * erf_slope(x));
        domain |x| true; zero Underflow; lanes kernel; at [[-1.0], [0.3], [3.0]];
    unary Erfcx erfcx "erfcx({x})"
        value |x| x.erfcx(); dx "2 * {x} * {r} - 2 / sqrt(π)" |w, x, r| w * erfcx_slope(x, r);
        domain |x| true; zero Underflow; lanes kernel; at [[-1.5], [0.3], [2.0], [9.0]];
    unary Sinc sinc "sinc({x})"
        value |x| x.sinc(); dx "0 if {x} = 0, else (cos({x}) - {r}) / {x}" |w, x| w * x.sinc_slope();
        domain |x| true; zero Stationary; lanes called; at [[-2.0], [0.0], [0.3], [5.0]];
    unary Lgamma lgamma "lgamma({x})"
        value |x| x.lgamma(); dx "digamma({x})" |w, x| w * x.polygamma(0);
        domain |x| x > 0.0 || x != x.floor(); zero Stationary, steep; lanes called; at [[0.3], [4.5], [-0.5]];
    data Polygamma polygamma(n: u32) "polygamma({c}, {x})"
        value |x, c| x.polygamma(c as u32);
        dx "polygamma({c} + 1, {x})" |w, x, c| w * x.polygamma((c as u32).saturating_add(1));
        domain |x| x > 0.0 || x != x.floor(); zero Underflow, steep; lanes called; at [[0.3, 0.0], [4.5, 1.0]];

    // Derivatives that are rows of their own, because theirs is not that of the formula: see `src/real/slope.rs`.
    slope SigmoidSlope sigmoid_slope "sigmoid'({x})"
        value |x| x.sigmoid_slope();
        dx "{r} * (1 - 2 * sigmoid({x}))" |w, x, r| -(w * (r * (x * 0.5).tanh()));
        domain |x| true; zero Stationary; lanes inlined; at [[-3.0], [0.0], [2.0]];
    slope TanhSlope tanh_slope "tanh'({x})"
        value |x| x.tanh_slope(); dx "-2 * tanh({x}) * {r}" |w, x, r| -(w * (r * x.tanh() * 2.0));
        domain |x| true; zero Stationary; lanes inlined; at [[-3.0], [0.3], [2.0]];
    slope SiluSlope silu_slope "silu'({x})"
        value |x| x.silu_slope();
        dx "sigmoid({x}) * (1 - sigmoid({x})) * (2 + {x} * (1 - 2 * sigmoid({x})))"
            |w, x| w * (x.sigmoid_slope() * silu_bend(x));
        domain |x| true; zero Stationary; lanes inlined; at [[-3.0], [0.3], [2.0]];
    slope GeluSlope gelu_slope "gelu'({x})"
        value |x| x.gelu_slope(); dx "(2 - {x}²) * exp(-{x}² / 2) / sqrt(2 * π)" |w, x| w * gelu_bend(x);
        domain |x| true; zero Stationary; lanes inlined; at [[-3.0], [0.3], [2.0]];
    slope AtanSlope atan_slope "atan'({x})"
        value |x| x.atan_slope(); dx "-2 * {x} * {r}²" |w, x, r| -(w * (finite(x) * r * r * 2.0));
        domain |x| true; zero Stationary; lanes called; at [[-2.0], [0.3]];
    slope SincSlope sinc_slope "sinc'({x})"
        value |x| x.sinc_slope();
        dx "-1 / 3 if {x} = 0, else ((2 - {x}²) * sin({x}) - 2 * {x} * cos({x})) / {x}^3" |w, x| w * x.sinc_bend();
        domain |x| true; zero Stationary; lanes called; at [[-2.0], [0.6], [5.0]];
    slope SincBend sinc_bend "sinc''({x})"
        value |x| x.sinc_bend();
        dx "0 if {x} = 0, else -(3 * {r} + sin({x}) / {x}) / {x} - (cos({x}) - sin({x}) / {x}) / {x}" |w, x, r| w * sinc_twist(x, r);
        domain |x| true; zero Stationary; lanes called; at [[-2.0], [0.6], [5.0]];
    slope_of_two HypotSlope hypot_slope "hypot'({x}, {y})"
        value |x, y| x.hypot_slope(y);
        dx "{y}² / hypot({x}, {y})^3" gate |w, x, y| {
            let r = x.hypot(y);
            unless(is_zero(r), w * (y.hypot_slope(x).square() / r))
        };
        dy "-{x} * {y} / hypot({x}, {y})^3" gate |w, x, y, r| {
            let whole = x.hypot(y);
            unless(is_zero(whole), -(w * (r * y.hypot_slope(x) / whole)))
        };
        domain |x| true; zero Stationary, steep;
        kink |x, y| x == 0.0 && y == 0.0 => "hypot''(0, 0) = 0";
        lanes called; at [[3.0, -4.0], [0.5, 0.0]];
    slope_of_two Atan2Slope atan2_slope "atan2'({x}, {y})"
        value |x, y| x.atan2_slope(y);
        dx "-2 * {x} * {y} / ({x}² + {y}²)²" |w, x, y, r| -(w * (r * y.atan2_slope(x) * 2.0));
        dy "({x}² - {y}²) / ({x}² + {y}²)²" |w, x, y| w * atan2_bend(x, y);
        domain |x, y| x != 0.0 || y != 0.0; zero Stationary, steep; lanes called; at [[1.0, 2.0], [-1.5, -0.5]];

    // Any number of operands: the rules are in `nary`, here is what the rest of the table needs. The
    // printed partials are those of one term, operand by operand, then that of the bias.
    => nary {
        Sum sum sum (x) "sum" "Σ xᵢ" "w" ["1"] Never;
        SumSquares sum_squares sum (x) "sum_squares" "Σ xᵢ²" "w · 2 xᵢ" ["2 * {x}"] Stationary;
        Dot dot sum (x y) "dot" "Σ xᵢ yᵢ" "w · yᵢ, w · xᵢ" ["{y}", "{x}"] Stationary;
        Linear linear sum (x c) "dot" "Σ xᵢ cᵢ" "w · cᵢ" ["{c}"] Flat;
        Affine affine sum (x y) + bias "affine" "Σ xᵢ yᵢ + b" "w · yᵢ, w · xᵢ, w" ["{y}", "{x}", "1"] Stationary;
        AffineData affine_data sum (x c) + bias "affine" "Σ xᵢ cᵢ + b" "w · cᵢ, w" ["{c}", "1"] Flat;
        LogSumExp log_sum_exp list (x) "log_sum_exp" "ln Σ exp(xᵢ)"
            "w · exp(xᵢ - r) / Σ exp(xⱼ - r); from ½ on 1 less the others" ["exp({x} - {r})"] Underflow lanes composed;
    }
}
