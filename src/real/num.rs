//! `num_traits` and `approx` for the differentiable scalars, written once for
//! [`Dual`](crate::Dual) and [`Var`](crate::Var) in terms of [`Real`](crate::Real).
//!
//! A question about a value (`is_nan`, `is_sign_negative`) is asked as a comparison, so that a tape
//! remembers the answer as a guard. `classify` and `integer_decode` read the value alone, as the conversions in
//! `cast` do.

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

        impl<$($g)*> num_traits::Inv for $T {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn inv(self) -> Self {
                $crate::Real::recip(self)
            }
        }

        impl<$($g)*> num_traits::Inv for &$T {
            type Output = $T;
            #[inline]
            #[track_caller]
            fn inv(self) -> $T {
                $crate::Real::recip(*self)
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

        impl<$($g)*> num_traits::MulAddAssign for $T {
            #[inline]
            #[track_caller]
            fn mul_add_assign(&mut self, a: Self, b: Self) {
                *self = $crate::Real::mul_add(*self, a, b);
            }
        }

        crate::real::num::derive_num_traits! { @powers [$($g)*] $T;
            i8 => powi i32, u8 => powi i32, i16 => powi i32, u16 => powi i32, i32 => powi i32,
            f32 => powf f64, f64 => powf f64, $T => pow $T
        }

        /// Chosen by `select`, as `%` is a number: nothing branches, so no guard is left.
        impl<$($g)*> num_traits::Euclid for $T {
            #[track_caller]
            fn div_euclid(&self, v: &Self) -> Self {
                let (quotient, one) = ($crate::Real::trunc(*self / *v), Self::from(1.0));
                let step = <Self as $crate::Real>::select(*v, -one, one);
                <Self as $crate::Real>::select(-(*self % *v), quotient + step, quotient)
            }
            #[track_caller]
            fn rem_euclid(&self, v: &Self) -> Self {
                let rest = *self % *v;
                <Self as $crate::Real>::select(-rest, rest + $crate::Real::abs(*v), rest)
            }
        }

        /// Signs of zeros are compared as numbers; that of a NaN is read from its value alone.
        impl<$($g)*> num_traits::float::TotalOrder for $T {
            #[track_caller]
            fn total_cmp(&self, other: &Self) -> std::cmp::Ordering {
                let sign = |x: &Self| $crate::Real::signum(*x);
                match self.partial_cmp(other) {
                    Some(std::cmp::Ordering::Equal) if *self == 0.0 => {
                        sign(self).partial_cmp(&sign(other)).expect("signs are numbers")
                    }
                    Some(order) => order,
                    None => {
                        // Which of the two it is decides, so a guard is left for each.
                        let _ = [self, other].map(|x| num_traits::Float::is_nan(*x));
                        let [a, b] = [self, other].map(|x| $crate::Real::value(*x));
                        a.total_cmp(&b)
                    }
                }
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
                num_traits::Float::abs_sub(*self, *other)
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
            FRAC_PI_6 FRAC_PI_8 LN_10 LN_2 LOG10_2 LOG10_E LOG2_10 LOG2_E PI SQRT_2 TAU
        }

        impl<$($g)*> num_traits::Float for $T {
            crate::real::num::derive_num_traits! { @float }
            /// 0 for two equal infinities, whose difference is NaN; a NaN stays one.
            #[track_caller]
            fn abs_sub(self, other: Self) -> Self {
                let order = $crate::Real::compare(self, other);
                <Self as $crate::Real>::select(order, self - other, $crate::Real::relu(order))
            }
            crate::real::num::derive_num_traits! { @elementary }
            crate::real::num::derive_num_traits! { @methods atan2(other) }
        }

        impl<$($g)*> num_traits::float::FloatCore for $T {
            crate::real::num::derive_num_traits! { @float }
            crate::real::num::derive_num_traits! { @methods
                floor() ceil() round() trunc() fract() abs() signum() recip()
            }
            #[inline]
            #[track_caller]
            fn powi(self, n: i32) -> Self {
                $crate::Real::powi(self, n)
            }
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
    // What `Float` and `FloatCore` have in common: constants, questions and the simplest functions.
    (@float) => {
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
        $crate::real::num::derive_num_traits! { @methods max(other) min(other) }
    };
    // A power by what `f64` takes as well, and by references.
    (@powers $g:tt $T:ty; $($N:ty => $f:ident $As:ty),*) => {
        $(crate::real::num::derive_num_traits! { @power $g $T; $N; $f $As })*
    };
    (@power $g:tt $T:ty; $N:ty; $f:ident $As:ty) => {
        crate::real::num::derive_num_traits! { @power_forms $g $T, $f, $As;
            ($T, $N) ($T, &$N) (&$T, $N) (&$T, &$N)
        }
    };
    (@power_forms $g:tt $T:ty, $f:ident, $As:ty; $(($Base:ty, $N:ty))*) => {
        $(crate::real::num::derive_num_traits! { @power_form $g $T, $f, $As; $Base, $N })*
    };
    (@power_form [$($g:tt)*] $T:ty, $f:ident, $As:ty; $Base:ty, $N:ty) => {
        impl<$($g)*> num_traits::Pow<$N> for $Base {
            type Output = $T;
            #[inline]
            #[track_caller]
            fn pow(self, n: $N) -> $T {
                $crate::Real::$f(self.to_owned(), <$As>::from(n.to_owned()))
            }
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
