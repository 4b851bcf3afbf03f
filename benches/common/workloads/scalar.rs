//! The few operations that the benchmark objectives need from a number.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What a plain-operator objective may do with a number.
///
/// Only what every engine offers in its own right, so that each objective is
/// written once and no engine gets a dialect of its own.
pub trait Scalar:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// The number without its derivative.
    fn value(self) -> f64;

    /// The constant `c`, living where `self` lives.
    ///
    /// Not a plain `from_f64(c)`: a variable of `reverse` borrows its tape, so a
    /// constant cannot be made from nothing there, where it is a variable of its own.
    /// Only what starts from constants calls it; the rest gets by on operations with `f64`.
    fn lift(self, c: f64) -> Self;

    /// `c - self`, each engine's own `f64 - variable`.
    ///
    /// A method because a bound on `f64` cannot be a supertrait.
    fn rsub(self, c: f64) -> Self;

    fn exp(self) -> Self;
    fn ln(self) -> Self;
    #[allow(dead_code, reason = "for objectives to come")]
    fn sqrt(self) -> Self;

    fn tanh(self) -> Self;
    fn recip(self) -> Self;

    /// `1 / (1 + e^-self)`. An engine with an operation of its own may override it.
    fn sigmoid(self) -> Self {
        ((-self).exp() + 1.0).recip()
    }

    /// `ln(1 + e^self)`. An engine with an operation of its own may override it.
    fn softplus(self) -> Self {
        (self.exp() + 1.0).ln()
    }
}

/// Implements [`Scalar`] from an engine's own functions. They are given by path, since
/// within the implementation `x.exp()` could mean the trait's own method.
macro_rules! impl_scalar {
    ($ty:ty, value: $value:expr, lift: $lift:expr, $($name:ident: $function:expr),+) => {
        impl Scalar for $ty {
            #[inline]
            fn value(self) -> f64 {
                $value(self)
            }
            #[inline]
            fn lift(self, c: f64) -> Self {
                $lift(self, c)
            }
            #[inline]
            fn rsub(self, c: f64) -> Self {
                c - self
            }
            $(#[inline]
            fn $name(self) -> Self {
                $function(self)
            })+
        }
    };
}

impl_scalar!(
    f64,
    value: |x| x,
    lift: |_, c| c,
    exp: f64::exp,
    ln: f64::ln,
    sqrt: f64::sqrt,
    tanh: f64::tanh,
    recip: f64::recip
);
impl_scalar!(
    echidna::Reverse<f64>,
    value: |x| echidna::Scalar::value(&x),
    lift: |_, c| Self::constant(c),
    exp: num_traits::Float::exp,
    ln: num_traits::Float::ln,
    sqrt: num_traits::Float::sqrt,
    tanh: num_traits::Float::tanh,
    recip: num_traits::Float::recip
);
impl_scalar!(
    echidna::BReverse<f64>,
    value: |x| echidna::Scalar::value(&x),
    lift: |_, c| Self::constant(c),
    exp: num_traits::Float::exp,
    ln: num_traits::Float::ln,
    sqrt: num_traits::Float::sqrt,
    tanh: num_traits::Float::tanh,
    recip: num_traits::Float::recip
);
impl_scalar!(
    reverse::Var<'_>,
    value: |x| Self::val(&x),
    lift: |x: Self, c| x.tape.add_var(c),
    exp: |x| Self::exp(&x),
    ln: |x| Self::ln(&x),
    sqrt: |x| Self::sqrt(&x),
    tanh: |x| Self::tanh(&x),
    recip: |x| Self::recip(&x)
);
impl_scalar!(
    gradtape::Var,
    value: Self::value,
    lift: |_, c| Self::from(c),
    exp: Self::exp,
    ln: Self::ln,
    sqrt: Self::sqrt,
    tanh: Self::tanh,
    recip: Self::recip
);
