//! [`Traced`] as a [`Real`]: what each operation of lanes is in straight-line code.
//!
//! What is a few instructions is written down as these, in the order in which lanes compute it. What lanes compute by a kernel
//! is a call, but for the kernels that are traced themselves.

use super::straight::{Callee, Inst, Kind, NONE, Predicate, Rounding, Term};
use super::trace::{Traced, binary, call, choose, push, with};
use crate::lanes::{Number, traced};
use crate::op::nary::{self, Terms, is_log_sum_exp};
use crate::op::{Op, Row, Values, for_each_op};
use crate::real::operators::derive_operators;
use crate::real::sealed::Sealed;
use crate::real::{CustomFn, float::few_products, slope};
use crate::sweep::{Primal, Scalar};
use crate::{Operand, Real};
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

impl Sealed for Traced {}

impl Operand for Traced {
    type Scalar = Self;
    fn scalar(self) -> Self {
        self
    }
}

impl From<f64> for Traced {
    fn from(x: f64) -> Self {
        with(|tracer| tracer.number(x))
    }
}

impl Neg for Traced {
    type Output = Self;
    fn neg(self) -> Self {
        binary(Kind::Xor, self, Traced::from(-0.0))
    }
}

macro_rules! arithmetic {
    ($($Op:ident $op:ident;)*) => {$(
        impl $Op for Traced {
            type Output = Self;
            fn $op(self, other: Self) -> Self {
                binary(Kind::$Op, self, other)
            }
        }
        arithmetic! { @mixed $Op $op }
    )*};
    (@mixed $Op:ident $op:ident) => {
        impl $Op<f64> for Traced {
            type Output = Self;
            fn $op(self, other: f64) -> Self {
                $Op::$op(self, Traced::from(other))
            }
        }
        impl $Op<Traced> for f64 {
            type Output = Traced;
            fn $op(self, other: Traced) -> Traced {
                $Op::$op(Traced::from(self), other)
            }
        }
    };
}

impl Mul for Traced {
    type Output = Self;
    /// What is seeded with 1 is not multiplied.
    fn mul(self, other: Self) -> Self {
        if self.is_one() {
            other
        } else if other.is_one() {
            self
        } else {
            binary(Kind::Mul, self, other)
        }
    }
}

arithmetic! { Add add; Sub sub; Div div; }
arithmetic! { @mixed Mul mul }
arithmetic! { @mixed Rem rem }
derive_operators! { [] Traced }

impl Rem for Traced {
    type Output = Self;
    fn rem(self, other: Self) -> Self {
        call(Callee::Row(Op::Rem), &[self, other])
    }
}

/// The methods that are their row: a call of what lanes compute.
macro_rules! method {
    (slope $Op:ident $name:ident () inlined) => {
        fn $name(self) -> Self {
            slope::$name(self)
        }
    };
    (unary $Op:ident $name:ident ()) => {
        method! { @simple $Op $name }
    };
    (unary $Op:ident $name:ident () $lanes:ident) => {
        method! { @kernel $Op $name }
    };
    (slope $Op:ident $name:ident () $($lanes:ident)?) => {
        method! { @call $Op $name }
    };
    (binary Min $name:ident ()) => {};
    (binary Max $name:ident ()) => {};
    (binary Compare $name:ident () $lanes:ident) => {};
    (binary $Op:ident $name:ident () $($lanes:ident)?) => {
        method! { @call_of_two $Op $name }
    };
    (slope_of_two $Op:ident $name:ident () $($lanes:ident)?) => {
        method! { @call_of_two $Op $name }
    };
    // Those that are a few operations, below.
    (@simple Recip $name:ident) => {};
    (@simple Square $name:ident) => {};
    (@simple Abs $name:ident) => {};
    (@simple Floor $name:ident) => {};
    (@simple Ceil $name:ident) => {};
    (@simple Trunc $name:ident) => {};
    (@simple Fract $name:ident) => {};
    (@simple Relu $name:ident) => {};
    (@simple $Op:ident $name:ident) => {
        method! { @call $Op $name }
    };
    (@kernel Sqrt $name:ident) => {};
    (@kernel Exp $name:ident) => {
        method! { @traced $name }
    };
    (@kernel Sigmoid $name:ident) => {
        method! { @traced $name }
    };
    (@kernel Softplus $name:ident) => {
        method! { @traced $name }
    };
    (@kernel Tanh $name:ident) => {
        method! { @traced $name }
    };
    (@kernel $Op:ident $name:ident) => {
        method! { @call $Op $name }
    };
    (@traced $name:ident) => {
        fn $name(self) -> Self {
            traced::$name(self)
        }
    };
    (@call $Op:ident $name:ident) => {
        fn $name(self) -> Self {
            call(Callee::Row(Op::$Op), &[self])
        }
    };
    (@call_of_two $Op:ident $name:ident) => {
        fn $name(self, other: Self) -> Self {
            call(Callee::Row(Op::$Op), &[self, other])
        }
    };
    ($kind:ident $($row:tt)*) => {};
}

impl Real for Traced {
    const NOTHING: Self = Traced::NOTHING;
    const IN_LANES: bool = true;

    /// Not known. No rule of lanes reads it; sweeps ask whether it is finite.
    fn value(self) -> f64 {
        0.0
    }

    for_each_op!(method);

    fn recip(self) -> Self {
        1.0 / self
    }
    fn square(self) -> Self {
        self * self
    }
    fn sqrt(self) -> Self {
        push(Kind::Sqrt, 0, [self.0, NONE, NONE, NONE])
    }
    fn abs(self) -> Self {
        binary(Kind::And, self, Traced::from(f64::from_bits(u64::MAX >> 1)))
    }
    fn floor(self) -> Self {
        self.round_in(Rounding::Down)
    }
    fn ceil(self) -> Self {
        self.round_in(Rounding::Up)
    }
    fn trunc(self) -> Self {
        self.round_in(Rounding::TowardsZero)
    }
    fn fract(self) -> Self {
        self - self.trunc()
    }
    fn powi(self, n: i32) -> Self {
        few_products(self, n).unwrap_or_else(|| self.powf(f64::from(n)))
    }
    fn powf(self, exponent: f64) -> Self {
        self.pow(Traced::from(exponent))
    }
    fn polygamma(self, n: u32) -> Self {
        call(Callee::Row(Op::Polygamma), &[self, Traced::from(f64::from(n))])
    }
    fn min(self, other: Self) -> Self {
        let smaller = choose(other, Predicate::Unordered, other, self, other);
        let smaller = choose(self, Predicate::Less, other, self, smaller);
        choose(self, Predicate::Equal, other, binary(Kind::Or, self, other), smaller)
    }
    fn max(self, other: Self) -> Self {
        let larger = choose(other, Predicate::Unordered, other, self, other);
        let larger = choose(self, Predicate::Greater, other, self, larger);
        choose(self, Predicate::Equal, other, binary(Kind::And, self, other), larger)
    }
    fn clamp(self, lo: f64, hi: f64) -> Self {
        let clamped = self.max(Traced::from(lo)).min(Traced::from(hi));
        choose(self, Predicate::Unordered, self, self, clamped)
    }
    fn relu(self) -> Self {
        let zero = Traced::from(0.0);
        choose(self, Predicate::LessEqual, zero, zero, self)
    }
    fn leaky_relu(self, slope: f64) -> Self {
        let mut below = slope * self;
        if slope == 0.0 {
            let lowest = Traced::from(f64::NEG_INFINITY);
            below = choose(self, Predicate::Equal, lowest, Traced::from(-slope), below);
        }
        choose(self, Predicate::GreaterEqual, Traced::from(0.0), self, below)
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        push(Kind::MulAdd, 0, [self.0, a.0, b.0, NONE])
    }
    fn compare(self, other: Self) -> Self {
        let below = choose(self, Predicate::Less, other, Traced::from(-1.0), Traced::from(0.0));
        let sign = choose(self, Predicate::Greater, other, Traced::from(1.0), below);
        choose(self, Predicate::Unordered, other, Traced::from(f64::NAN), sign)
    }
    fn select(condition: Self, a: Self, b: Self) -> Self {
        choose(condition, Predicate::Greater, Traced::from(0.0), a, b)
    }
    fn hypot_slope_at(self, y: Self, r: Self) -> Self {
        call(Callee::HypotSlopeAt, &[self, y, r])
    }

    fn custom_value(op: &dyn CustomFn, _: &[Self], _: &mut [Self]) {
        unreachable!("{} takes plain numbers, and its programs are not traced", op.name())
    }
    fn custom_vjp(op: &dyn CustomFn, _: &[Self], _: &[Self], _: &[Self]) -> Option<Vec<Self>> {
        unreachable!("{} takes plain numbers, and its programs are not traced", op.name())
    }

    /// What starts at -0 starts at the first term.
    fn accumulate(&mut self, contribution: Self) {
        *self = if self.is_nothing() { contribution } else { *self + contribution };
    }

    fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }
    fn has_nan(self) -> bool {
        false
    }
    fn constant(self) -> Option<f64> {
        None
    }
    fn settled(self) -> Self {
        self + 0.0
    }
    fn seeded(self) -> Self {
        choose(self, Predicate::Equal, Traced::from(0.0), Self::NOTHING, self)
    }
}

impl Number for Traced {
    type Bits = Traced;

    fn if_less(self, bound: f64, yes: Self, no: Self) -> Self {
        choose(self, Predicate::Less, Traced::from(bound), yes, no)
    }
    fn if_more(self, bound: f64, yes: Self, no: Self) -> Self {
        choose(self, Predicate::Greater, Traced::from(bound), yes, no)
    }
    fn bits(self) -> Self {
        self
    }
    fn half(bits: Self) -> Self {
        push(Kind::ShiftRight, 1, [bits.0, NONE, NONE, NONE])
    }
    fn minus(bits: Self, other: Self) -> Self {
        binary(Kind::IntegerSub, bits, other)
    }
    fn with_sign_of(self, other: Self) -> Self {
        let sign = binary(Kind::And, other, Traced::from(-0.0));
        binary(Kind::Or, self.abs(), sign)
    }
    fn of_exponent(bits: Self) -> Self {
        push(Kind::ShiftLeft, 52, [bits.0, NONE, NONE, NONE])
    }
}

impl Scalar for Traced {
    /// Nothing flows from an instruction to which nothing has flowed; where a partial may be infinite the sweep asks its rule.
    fn is_zero_or_nan(self) -> bool {
        self.is_nothing()
    }
}

impl Primal for Traced {
    fn nary_value<R: Row>(terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self {
        if const { is_log_sum_exp::<R>() } {
            return log_sum_exp(terms.operands, values);
        }
        if let Some(looped) = as_loop(R::OP, terms, values) {
            // The bias is added last.
            return terms.bias.map_or(looped, |bias| looped + values.get(bias));
        }
        nary::evaluate::<R, Self>(terms, values)
    }
}

/// A long sum of products as a loop, if all are of a uniform number and one that is not, both of the same kinds.
fn as_loop(op: Op, terms: Terms<'_>, values: &(impl Values<Traced> + ?Sized)) -> Option<Traced> {
    let pairs: Vec<[Traced; 2]> = match op {
        Op::Dot | Op::Affine => terms
            .operands
            .chunks_exact(2)
            .map(|pair| [values.get(pair[0]), values.get(pair[1])])
            .collect(),
        _ => return None,
    };
    with(|tracer| {
        if pairs.len() < tracer.loops_from {
            return None;
        }
        let kind = |x: Traced| tracer.code.insts[x.0 as usize].kind;
        let mut found = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let [x, y] = if kind(pair[0]) == Kind::Uniform { [pair[1], pair[0]] } else { pair };
            let is_input = kind(x) == Kind::Input;
            let alike = found.first().is_none_or(|&(_, before)| before == is_input);
            let x_varies = !matches!(kind(x), Kind::Uniform | Kind::Number | Kind::Cell);
            if kind(y) != Kind::Uniform || !x_varies || !alike {
                return None;
            }
            found.push((Term { x: x.0, y: y.0, cell: NONE, sum: NONE }, is_input));
        }
        let at = tracer.code.terms.len() as u32;
        tracer.code.terms.extend(found.iter().map(|&(term, _)| term));
        let args = [at, found.len() as u32, NONE, NONE];
        Some(tracer.push(Inst { kind: Kind::Dot, detail: 0, args }))
    })
}

/// As lanes compute it.
fn log_sum_exp(operands: &[u32], values: &(impl Values<Traced> + ?Sized)) -> Traced {
    if let &[only] = operands {
        return values.get(only);
    }
    let terms = || operands.iter().map(|&i| values.get(i));
    let lowest = Traced::from(f64::NEG_INFINITY);
    let max = terms().fold(lowest, |m, t| choose(t, Predicate::Greater, m, t, m));
    let (mut rest, mut others) = (Traced::from(0.0), Traced::from(-1.0));
    for term in terms() {
        let or = |yes, no| choose(term, Predicate::Equal, max, yes, no);
        others += or(Traced::from(1.0), Traced::from(0.0));
        rest += or(Traced::from(0.0), (term - max).exp());
    }
    max + (rest + others).ln_1p()
}

/// They are not ordered: their numbers are not known.
impl PartialOrd for Traced {
    fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
        None
    }
}

impl PartialEq<f64> for Traced {
    fn eq(&self, _: &f64) -> bool {
        false
    }
}

impl PartialOrd<f64> for Traced {
    fn partial_cmp(&self, _: &f64) -> Option<Ordering> {
        None
    }
}

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}
