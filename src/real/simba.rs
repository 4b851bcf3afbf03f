//! simba's traits for the differentiable scalars, written once for [`Dual`](crate::Dual) and [`Var`](crate::Var), and
//! for each version of simba: what nalgebra asks of the entries of a matrix.
//!
//! What the traits ask about a value (`is_sign_negative`, `try_sqrt`, `to_subset`, the sign in `to_exp`) is asked as a
//! comparison, so a tape remembers the answer as a guard. Signs are copied by a product, without one.

macro_rules! derive_simba {
    ($simba:ident: [$($g:tt)*] $T:ty) => {
        impl<$($g)*> $simba::simd::SimdValue for $T {
            const LANES: usize = 1;
            type Element = Self;
            type SimdBool = bool;
            #[inline(always)]
            fn splat(value: Self) -> Self {
                value
            }
            #[inline(always)]
            fn extract(&self, _: usize) -> Self {
                *self
            }
            // SAFETY: there is nothing to be promised: the only lane is returned whatever the index.
            #[allow(unsafe_code)]
            #[inline(always)]
            unsafe fn extract_unchecked(&self, _: usize) -> Self {
                *self
            }
            #[inline(always)]
            fn replace(&mut self, _: usize, value: Self) {
                *self = value;
            }
            // SAFETY: as above.
            #[allow(unsafe_code)]
            #[inline(always)]
            unsafe fn replace_unchecked(&mut self, _: usize, value: Self) {
                *self = value;
            }
            #[inline(always)]
            fn select(self, condition: bool, other: Self) -> Self {
                if condition { self } else { other }
            }
        }

        impl<$($g)*> $simba::scalar::Field for $T {}

        impl<$($g)*> $simba::scalar::SubsetOf<Self> for $T {
            #[inline]
            fn to_superset(&self) -> Self {
                *self
            }
            #[inline]
            fn from_superset_unchecked(element: &Self) -> Self {
                *element
            }
            #[inline]
            fn is_in_subset(_: &Self) -> bool {
                true
            }
        }

        $crate::real::simba::derive_simba! { @subset $simba: [$($g)*] $T; f32 }
        $crate::real::simba::derive_simba! { @subset $simba: [$($g)*] $T; f64 }

        impl<$($g)*> $simba::scalar::ComplexField for $T {
            type RealField = Self;
            $crate::real::num::derive_num_traits! { @elementary }
            $crate::real::num::derive_num_traits! { @methods sinc() }
            $crate::real::simba::derive_simba! { @itself from_real(x) conjugate(self) real(self) }
            $crate::real::simba::derive_simba! { @as
                modulus() abs() norm1() abs() modulus_squared() square() powc(exponent) pow(exponent)
            }
            #[inline]
            fn imaginary(self) -> Self {
                Self::from(0.0)
            }
            #[inline]
            #[track_caller]
            fn argument(self) -> Self {
                Self::from(if self >= 0.0 { 0.0 } else { std::f64::consts::PI })
            }
            #[inline]
            #[track_caller]
            fn scale(self, factor: Self) -> Self {
                self * factor
            }
            #[inline]
            #[track_caller]
            fn unscale(self, factor: Self) -> Self {
                self / factor
            }
            #[inline]
            #[track_caller]
            fn to_exp(self) -> (Self, Self) {
                if self >= 0.0 { (self, Self::from(1.0)) } else { (-self, Self::from(-1.0)) }
            }
            /// `sinh(x) / x`, near 0 by its series: the derivatives of the quotient cancel there.
            #[track_caller]
            fn sinhc(self) -> Self {
                if $crate::Real::square(self) >= 1.0 {
                    return $crate::Real::sinh(self) / self;
                }
                // 1 / (2k + 1)!; the next term is below 1e-19, and below 1e-15 in the eighth derivative.
                let square = $crate::Real::square(self);
                let term = |k: u32| f64::from((2 * k) * (2 * k + 1)).recip();
                (1..=12).rev().fold(Self::from(1.0), |sum, k| square * sum * term(k) + 1.0)
            }
            #[track_caller]
            fn is_finite(&self) -> bool {
                num_traits::Float::is_finite(*self)
            }
            #[track_caller]
            fn try_sqrt(self) -> Option<Self> {
                if self >= 0.0 { Some($crate::Real::sqrt(self)) } else { None }
            }
        }

        impl<$($g)*> $simba::scalar::RealField for $T {
            #[track_caller]
            fn is_sign_positive(&self) -> bool {
                num_traits::Float::is_sign_positive(*self)
            }
            #[track_caller]
            fn is_sign_negative(&self) -> bool {
                num_traits::Float::is_sign_negative(*self)
            }
            #[inline]
            #[track_caller]
            fn copysign(self, sign: Self) -> Self {
                $crate::Real::abs(self) * $crate::Real::signum(sign)
            }
            /// A NaN stays one, which `max` would take for no number.
            #[track_caller]
            fn clamp(self, min: Self, max: Self) -> Self {
                match num_traits::Float::is_nan(self) {
                    true => self,
                    false => $crate::Real::min($crate::Real::max(self, min), max),
                }
            }
            fn min_value() -> Option<Self> {
                Some(Self::from(f64::MIN))
            }
            fn max_value() -> Option<Self> {
                Some(Self::from(f64::MAX))
            }
            fn two_pi() -> Self {
                Self::from(std::f64::consts::TAU)
            }
            $crate::real::num::derive_num_traits! { @methods max(other) min(other) atan2(other) }
            $crate::real::simba::derive_simba! { @consts
                pi PI frac_pi_2 FRAC_PI_2 frac_pi_3 FRAC_PI_3 frac_pi_4 FRAC_PI_4 frac_pi_6 FRAC_PI_6
                frac_pi_8 FRAC_PI_8 frac_1_pi FRAC_1_PI frac_2_pi FRAC_2_PI frac_2_sqrt_pi FRAC_2_SQRT_PI
                e E log2_e LOG2_E log10_e LOG10_E ln_2 LN_2 ln_10 LN_10
            }
        }
    };
    (@subset $simba:ident: [$($g:tt)*] $T:ty; $F:ident) => {
        /// A plain number is a constant. A variable that is read as one leaves its derivative behind, which is how
        /// nalgebra counts the squarings of a matrix exponential; the number has to be the same when it is replayed.
        impl<$($g)*> $simba::scalar::SubsetOf<$T> for $F {
            #[inline]
            fn to_superset(&self) -> $T {
                <$T>::from(f64::from(*self))
            }
            #[inline]
            fn from_superset_unchecked(element: &$T) -> $F {
                $crate::Real::value(*element) as $F
            }
            #[track_caller]
            fn is_in_subset(element: &$T) -> bool {
                *element == $crate::Real::value(*element)
            }
        }
    };
    (@itself $($f:ident($x:ident))*) => {
        $(#[inline]
        fn $f($x: Self) -> Self {
            $x
        })*
    };
    (@as $($f:ident($($arg:ident)?) $method:ident($($same:ident)?))*) => {
        $(#[inline]
        #[track_caller]
        fn $f(self $(, $arg: Self)?) -> Self {
            $crate::Real::$method(self $(, $same)?)
        })*
    };
    (@consts $($f:ident $name:ident)*) => {
        $(fn $f() -> Self {
            Self::from(std::f64::consts::$name)
        })*
    };
}
pub(crate) use derive_simba;
