//! `num_traits` and `approx` for the differentiable scalars, written once for
//! [`Dual`](crate::Dual) and [`Var`](crate::Var) in terms of [`Real`](crate::Real).
//!
//! A question about a value (`is_nan`, `is_sign_negative`) is asked as a comparison, so that a tape
//! remembers the answer as a guard. `classify`, `integer_decode` and the conversions to primitive
//! numbers read the value alone.

macro_rules! derive_num_traits {
    ([$($g:tt)*] $T:ty) => {
        impl<$($g)*> num_traits::Zero for $T {
            #[inline]
            fn zero() -> Self {
                Self::from(0.0)
            }
            #[inline]
            fn is_zero(&self) -> bool {
                *self == 0.0
            }
        }

        impl<$($g)*> num_traits::One for $T {
            #[inline]
            fn one() -> Self {
                Self::from(1.0)
            }
        }

        impl<$($g)*> num_traits::Num for $T {
            type FromStrRadixErr = <f64 as num_traits::Num>::FromStrRadixErr;
            fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
                <f64 as num_traits::Num>::from_str_radix(text, radix).map(Self::from)
            }
        }

        impl<$($g)*> num_traits::ToPrimitive for $T {
            fn to_i64(&self) -> Option<i64> {
                $crate::Real::value(*self).to_i64()
            }
            fn to_u64(&self) -> Option<u64> {
                $crate::Real::value(*self).to_u64()
            }
            fn to_f64(&self) -> Option<f64> {
                Some($crate::Real::value(*self))
            }
        }

        impl<$($g)*> num_traits::FromPrimitive for $T {
            fn from_i64(n: i64) -> Option<Self> {
                f64::from_i64(n).map(Self::from)
            }
            fn from_u64(n: u64) -> Option<Self> {
                f64::from_u64(n).map(Self::from)
            }
            fn from_f64(n: f64) -> Option<Self> {
                Some(Self::from(n))
            }
        }

        impl<$($g)*> num_traits::NumCast for $T {
            fn from<N: num_traits::ToPrimitive>(n: N) -> Option<Self> {
                n.to_f64().map(<Self as From<f64>>::from)
            }
        }

        impl<$($g)*> num_traits::Inv for $T {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn inv(self) -> Self {
                $crate::Real::recip(self)
            }
        }

        impl<$($g)*> num_traits::MulAdd for $T {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $crate::Real::mul_add(self, a, b)
            }
        }

        impl<$($g)*> num_traits::Pow<i32> for $T {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn pow(self, n: i32) -> Self {
                $crate::Real::powi(self, n)
            }
        }

        impl<$($g)*> num_traits::Pow<f64> for $T {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn pow(self, n: f64) -> Self {
                $crate::Real::powf(self, n)
            }
        }

        impl<$($g)*> num_traits::Pow<$T> for $T {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn pow(self, n: Self) -> Self {
                $crate::Real::pow(self, n)
            }
        }

        impl<$($g)*> num_traits::Bounded for $T {
            fn min_value() -> Self {
                Self::from(f64::MIN)
            }
            fn max_value() -> Self {
                Self::from(f64::MAX)
            }
        }

        impl<$($g)*> num_traits::Signed for $T {
            #[inline]
            #[track_caller]
            fn abs(&self) -> Self {
                $crate::Real::abs(*self)
            }
            #[inline]
            #[track_caller]
            fn abs_sub(&self, other: &Self) -> Self {
                $crate::Real::relu(*self - *other)
            }
            /// Follow `num_traits`: 1 for +0, -1 for -0.
            #[inline]
            #[track_caller]
            fn signum(&self) -> Self {
                $crate::Real::signum(*self)
            }
            #[track_caller]
            fn is_positive(&self) -> bool {
                num_traits::Float::is_sign_positive(*self)
            }
            #[track_caller]
            fn is_negative(&self) -> bool {
                num_traits::Float::is_sign_negative(*self)
            }
        }

        crate::real::num::derive_num_traits! { @consts [$($g)*] $T;
            E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4
            FRAC_PI_6 FRAC_PI_8 LN_10 LN_2 LOG10_E LOG2_E PI SQRT_2
        }

        impl<$($g)*> num_traits::Float for $T {
            fn nan() -> Self {
                Self::from(f64::NAN)
            }
            fn infinity() -> Self {
                Self::from(f64::INFINITY)
            }
            fn neg_infinity() -> Self {
                Self::from(f64::NEG_INFINITY)
            }
            fn neg_zero() -> Self {
                Self::from(-0.0)
            }
            fn min_value() -> Self {
                Self::from(f64::MIN)
            }
            fn min_positive_value() -> Self {
                Self::from(f64::MIN_POSITIVE)
            }
            fn max_value() -> Self {
                Self::from(f64::MAX)
            }
            fn epsilon() -> Self {
                Self::from(f64::EPSILON)
            }
            #[allow(clippy::eq_op)]
            fn is_nan(self) -> bool {
                self != self
            }
            #[allow(clippy::manual_is_infinite)]
            fn is_infinite(self) -> bool {
                self == f64::INFINITY || self == f64::NEG_INFINITY
            }
            fn is_finite(self) -> bool {
                !num_traits::Float::is_nan(self) && !num_traits::Float::is_infinite(self)
            }
            fn is_normal(self) -> bool {
                $crate::Real::value(self).is_normal()
            }
            fn classify(self) -> std::num::FpCategory {
                $crate::Real::value(self).classify()
            }
            #[track_caller]
            fn is_sign_positive(self) -> bool {
                !num_traits::Float::is_sign_negative(self)
            }
            #[track_caller]
            fn is_sign_negative(self) -> bool {
                if self < 0.0 {
                    true
                } else if self > 0.0 {
                    false
                } else if self == 0.0 {
                    // No comparison tells the zeros apart, but one of their signs does.
                    $crate::Real::signum(self) < 0.0
                } else {
                    $crate::Real::value(self).is_sign_negative()
                }
            }
            #[inline]
            #[track_caller]
            fn abs_sub(self, other: Self) -> Self {
                $crate::Real::relu(self - other)
            }
            #[inline]
            #[track_caller]
            fn to_degrees(self) -> Self {
                self * (180.0 / std::f64::consts::PI)
            }
            #[inline]
            #[track_caller]
            fn to_radians(self) -> Self {
                self * (std::f64::consts::PI / 180.0)
            }
            fn integer_decode(self) -> (u64, i16, i8) {
                num_traits::Float::integer_decode($crate::Real::value(self))
            }
            crate::real::num::derive_num_traits! { @elementary }
            crate::real::num::derive_num_traits! { @methods max(other) min(other) atan2(other) }
        }

        /// Compare the values; no guard is recorded.
        impl<$($g)*> approx::AbsDiffEq for $T {
            type Epsilon = Self;
            fn default_epsilon() -> Self {
                Self::from(f64::default_epsilon())
            }
            fn abs_diff_eq(&self, other: &Self, epsilon: Self) -> bool {
                let [a, b, epsilon] = [*self, *other, epsilon].map($crate::Real::value);
                a.abs_diff_eq(&b, epsilon)
            }
        }

        impl<$($g)*> approx::RelativeEq for $T {
            fn default_max_relative() -> Self {
                Self::from(f64::default_max_relative())
            }
            fn relative_eq(&self, other: &Self, epsilon: Self, max_relative: Self) -> bool {
                let [a, b] = [*self, *other].map($crate::Real::value);
                let [epsilon, max_relative] = [epsilon, max_relative].map($crate::Real::value);
                a.relative_eq(&b, epsilon, max_relative)
            }
        }

        impl<$($g)*> approx::UlpsEq for $T {
            fn default_max_ulps() -> u32 {
                f64::default_max_ulps()
            }
            fn ulps_eq(&self, other: &Self, epsilon: Self, max_ulps: u32) -> bool {
                let [a, b, epsilon] = [*self, *other, epsilon].map($crate::Real::value);
                a.ulps_eq(&b, epsilon, max_ulps)
            }
        }
    };
    (@consts [$($g:tt)*] $T:ty; $($name:ident)*) => {
        impl<$($g)*> num_traits::FloatConst for $T {
            $(#[allow(non_snake_case)]
            fn $name() -> Self {
                Self::from(std::f64::consts::$name)
            })*
        }
    };
    // What the traits of number crates have in common.
    (@elementary) => {
        $crate::real::num::derive_num_traits! { @methods
            floor() ceil() round() trunc() fract() abs() signum() recip() sqrt() cbrt()
            exp() exp2() ln() log2() log10() sin() cos() tan() asin() acos() atan()
            exp_m1() ln_1p() sinh() cosh() tanh() asinh() acosh() atanh() hypot(other)
        }
        #[inline]
        #[track_caller]
        fn powi(self, n: i32) -> Self {
            $crate::Real::powi(self, n)
        }
        #[inline]
        #[track_caller]
        fn powf(self, exponent: Self) -> Self {
            $crate::Real::pow(self, exponent)
        }
        #[inline]
        #[track_caller]
        fn log(self, base: Self) -> Self {
            $crate::Real::ln(self) / $crate::Real::ln(base)
        }
        #[inline]
        #[track_caller]
        fn mul_add(self, a: Self, b: Self) -> Self {
            $crate::Real::mul_add(self, a, b)
        }
        #[inline]
        #[track_caller]
        fn sin_cos(self) -> (Self, Self) {
            $crate::Real::sin_cos(self)
        }
    };
    (@methods $($f:ident($($arg:ident)?))*) => {
        $(#[inline]
        #[track_caller]
        fn $f(self $(, $arg: Self)?) -> Self {
            $crate::Real::$f(self $(, $arg)?)
        })*
    };
}
pub(crate) use derive_num_traits;
