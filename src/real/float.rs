//! `f64` as a [`Real`]: what the tape records is what these lines return, bit for bit.

use super::{Operand, Real, special, stable};
use smallvec::SmallVec;

impl Operand for f64 {
    type Scalar = f64;
    #[inline(always)]
    fn scalar(self) -> f64 {
        self
    }
}

/// Methods that are the same-named function of the given module.
macro_rules! forward {
    ($($module:ident :: $f:ident ( $($arg:ident : $t:ty),* );)*) => {$(
        #[inline(always)]
        fn $f(self, $($arg: $t),*) -> f64 {
            $module::$f(self, $($arg),*)
        }
    )*};
}

impl Real for f64 {
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }

    forward! {
        f64::recip(); f64::powi(n: i32); f64::powf(exponent: f64);
        f64::sqrt(); f64::cbrt(); f64::exp(); f64::exp2(); f64::exp_m1();
        f64::ln(); f64::ln_1p(); f64::log2(); f64::log10();
        f64::sin(); f64::cos(); f64::tan(); f64::asin(); f64::acos(); f64::atan();
        f64::atan2(x: f64); f64::sinh(); f64::cosh(); f64::tanh();
        f64::asinh(); f64::acosh(); f64::atanh(); f64::hypot(y: f64);
        f64::abs(); f64::signum(); f64::floor(); f64::ceil(); f64::round(); f64::trunc();
        f64::fract(); f64::min(other: f64); f64::max(other: f64); f64::mul_add(a: f64, b: f64);
        stable::clamp(lo: f64, hi: f64); stable::relu(); stable::leaky_relu(slope: f64);
        stable::softplus(); stable::sigmoid(); stable::silu(); stable::gelu();
        stable::compare(other: f64);
        special::erf(); special::erfc(); special::lgamma();
    }

    #[inline(always)]
    fn square(self) -> f64 {
        self * self
    }

    #[inline(always)]
    fn pow(self, exponent: f64) -> f64 {
        self.powf(exponent)
    }

    #[inline]
    fn polygamma(self, n: u32) -> f64 {
        special::polygamma(n, self)
    }

    #[inline(always)]
    fn select(condition: f64, a: f64, b: f64) -> f64 {
        if condition > 0.0 { a } else { b }
    }

    #[inline]
    fn log_sum_exp_of(terms: impl Iterator<Item = f64>) -> f64 {
        let terms: SmallVec<[f64; 16]> = terms.collect();
        stable::log_sum_exp(terms.iter().copied())
    }

    #[inline(always)]
    fn is_exact_zero(self) -> bool {
        self == 0.0
    }
}
