//! The functions of a [`Var`], as inherent methods and as [`Real`].

use super::{Tape, Var, nary, record};
use crate::Real;
use crate::op::{Op, for_each_op};

/// The methods that are their row: the value on `f64`, then the node.
macro_rules! method {
    (unary Copy $name:ident) => {};
    (unary Neg $name:ident) => {};
    (unary $Op:ident $name:ident) => {
        #[doc = concat!("Record [`Real::", stringify!($name), "`].")]
        #[inline]
        #[track_caller]
        pub fn $name(self) -> Var {
            self.unary(Op::$Op, Real::$name(self.value))
        }
    };
    (binary Add $name:ident) => {};
    (binary Sub $name:ident) => {};
    (binary Mul $name:ident) => {};
    (binary Div $name:ident) => {};
    (binary Rem $name:ident) => {};
    (binary $Op:ident $name:ident) => {
        #[doc = concat!("Record [`Real::", stringify!($name), "`] with a variable or a number.")]
        #[inline]
        #[track_caller]
        pub fn $name(self, other: impl Into<Var>) -> Var {
            let other = other.into();
            self.binary(Op::$Op, other, Real::$name(self.value, other.value))
        }
    };
    ($arity:ident $Op:ident $name:ident) => {};
}

impl Var {
    for_each_op!(method);

    /// Record [`Real::powi`].
    #[inline]
    #[track_caller]
    pub fn powi(self, n: i32) -> Var {
        // The partial needs n - 1.
        let op = if n == i32::MIN { Op::Powf } else { Op::Powi };
        self.data(op, f64::from(n), self.value.powi(n))
    }

    /// Record [`Real::powf`].
    #[inline]
    #[track_caller]
    pub fn powf(self, exponent: f64) -> Var {
        self.data(Op::Powf, exponent, self.value.powf(exponent))
    }

    /// Record [`Real::clamp`].
    #[track_caller]
    pub fn clamp(self, lo: f64, hi: f64) -> Var {
        let value = Real::clamp(self.value, lo, hi);
        Var { value, tag: record::data(Op::Clamp, self.tag, &[lo, hi], value) }
    }

    /// Record [`Real::leaky_relu`].
    #[inline]
    #[track_caller]
    pub fn leaky_relu(self, slope: f64) -> Var {
        self.data(Op::LeakyRelu, slope, self.value.leaky_relu(slope))
    }

    /// Record [`Real::polygamma`].
    #[inline]
    #[track_caller]
    pub fn polygamma(self, n: u32) -> Var {
        self.data(Op::Polygamma, f64::from(n), self.value.polygamma(n))
    }

    /// Record [`Real::digamma`].
    #[inline]
    #[track_caller]
    pub fn digamma(self) -> Var {
        self.polygamma(0)
    }

    /// Record the sine and the cosine.
    #[inline]
    #[track_caller]
    pub fn sin_cos(self) -> (Var, Var) {
        (self.sin(), self.cos())
    }

    /// Record [`Real::mul_add`] with variables or numbers.
    #[track_caller]
    pub fn mul_add(self, a: impl Into<Var>, b: impl Into<Var>) -> Var {
        self.ternary(Op::MulAdd, a.into(), b.into(), f64::mul_add)
    }

    /// Record [`Real::select`] with variables or numbers.
    #[track_caller]
    pub fn select(condition: Var, a: impl Into<Var>, b: impl Into<Var>) -> Var {
        condition.ternary(Op::Select, a.into(), b.into(), <f64 as Real>::select)
    }

    #[track_caller]
    fn ternary(self, op: Op, y: Var, z: Var, f: impl Fn(f64, f64, f64) -> f64) -> Var {
        let value = f(self.value, y.value, z.value);
        let operands = [self, y, z].map(|v| (v.tag, v.value));
        Var { value, tag: record::ternary(op, operands, value) }
    }

    /// Record a copy: a new node with the same value, whose derivative is 1.
    #[track_caller]
    pub(crate) fn copy_of(self) -> Var {
        self.unary(Op::Copy, self.value)
    }
}

/// `Real` by the inherent methods.
macro_rules! real_method {
    (unary Copy $name:ident) => {};
    (unary Neg $name:ident) => {};
    (unary $Op:ident $name:ident) => {
        #[inline]
        #[track_caller]
        fn $name(self) -> Var {
            Var::$name(self)
        }
    };
    (binary Add $name:ident) => {};
    (binary Sub $name:ident) => {};
    (binary Mul $name:ident) => {};
    (binary Div $name:ident) => {};
    (binary Rem $name:ident) => {};
    (binary $Op:ident $name:ident) => {
        #[inline]
        #[track_caller]
        fn $name(self, other: Var) -> Var {
            Var::$name(self, other)
        }
    };
    ($arity:ident $Op:ident $name:ident) => {};
}

impl Real for Var {
    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }

    for_each_op!(real_method);

    #[inline]
    #[track_caller]
    fn powi(self, n: i32) -> Var {
        Var::powi(self, n)
    }
    #[inline]
    #[track_caller]
    fn powf(self, exponent: f64) -> Var {
        Var::powf(self, exponent)
    }
    #[track_caller]
    fn clamp(self, lo: f64, hi: f64) -> Var {
        Var::clamp(self, lo, hi)
    }
    #[inline]
    #[track_caller]
    fn leaky_relu(self, slope: f64) -> Var {
        Var::leaky_relu(self, slope)
    }
    #[inline]
    #[track_caller]
    fn polygamma(self, n: u32) -> Var {
        Var::polygamma(self, n)
    }
    #[inline]
    #[track_caller]
    fn digamma(self) -> Var {
        Var::digamma(self)
    }
    #[inline]
    #[track_caller]
    fn sin_cos(self) -> (Var, Var) {
        Var::sin_cos(self)
    }
    #[track_caller]
    fn mul_add(self, a: Var, b: Var) -> Var {
        Var::mul_add(self, a, b)
    }
    #[track_caller]
    fn select(condition: Var, a: Var, b: Var) -> Var {
        Var::select(condition, a, b)
    }
    #[track_caller]
    fn label(self, name: &str) -> Var {
        Var::label(self, name)
    }
    fn scope<R>(name: &str, body: impl FnOnce() -> R) -> R {
        let _scope = Tape::active_scope(name);
        body()
    }
    #[inline]
    #[track_caller]
    fn sum_of(terms: impl Iterator<Item = Var>) -> Var {
        nary::sum(Op::Sum, terms, |x| x)
    }
    #[inline]
    #[track_caller]
    fn sum_squares_of(terms: impl Iterator<Item = Var>) -> Var {
        nary::sum(Op::SumSquares, terms, |x| x * x)
    }
    #[inline]
    #[track_caller]
    fn dot_of(pairs: impl Iterator<Item = (Var, Var)>) -> Var {
        nary::dot(pairs, None)
    }
    #[inline]
    #[track_caller]
    fn affine_of(pairs: impl Iterator<Item = (Var, Var)>, bias: Var) -> Var {
        nary::dot(pairs, Some(bias))
    }
    #[track_caller]
    fn log_sum_exp_of(terms: impl Iterator<Item = Var>) -> Var {
        nary::log_sum_exp(terms)
    }
    #[track_caller]
    fn accumulate(&mut self, contribution: Var) {
        *self = if self.is_exact_zero() { contribution } else { *self + contribution };
    }
    #[inline(always)]
    fn is_exact_zero(self) -> bool {
        // A variable that happens to be 0 still has a derivative.
        self.is_constant() && self.value == 0.0
    }
}
