//! Conversions of `num_traits` from and to primitive numbers, written once for [`Dual`](crate::Dual) and
//! [`Var`](crate::Var). A primitive number becomes a constant. The other way the value is read, as
//! [`Real::value`](crate::Real::value) does: the derivative stays behind, and no guard is left.

macro_rules! derive_casts {
    ([$($g:tt)*] $T:ty) => {
        crate::real::cast::derive_casts! { @whole [$($g)*] $T;
            to_i64 from_i64 i64 to_u64 from_u64 u64 to_i128 from_i128 i128 to_u128 from_u128 u128 to_f32 from_f32 f32
            to_f64 from_f64 f64
        }

        impl<$($g)*> num_traits::NumCast for $T {
            fn from<N: num_traits::ToPrimitive>(n: N) -> Option<Self> {
                n.to_f64().map(<Self as From<f64>>::from)
            }
        }

        impl<$($g)*> num_traits::AsPrimitive<$T> for $T {
            /// Keeps the derivative: nothing is converted.
            #[inline]
            fn as_(self) -> Self {
                self
            }
        }

        crate::real::cast::derive_casts! { @as [$($g)*] $T;
            i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64
        }
    };
    (@whole [$($g:tt)*] $T:ty; $($to:ident $from:ident $N:ident)*) => {
        impl<$($g)*> num_traits::ToPrimitive for $T {
            $(fn $to(&self) -> Option<$N> {
                $crate::Real::value(*self).$to()
            })*
        }

        impl<$($g)*> num_traits::FromPrimitive for $T {
            $(fn $from(n: $N) -> Option<Self> {
                f64::$from(n).map(Self::from)
            })*
        }
    };
    (@as $g:tt $T:ty; $($N:ident)*) => {
        $(crate::real::cast::derive_casts! { @as_one $g $T; $N })*
    };
    (@as_one [$($g:tt)*] $T:ty; $N:ident) => {
        impl<$($g)*> num_traits::AsPrimitive<$N> for $T {
            #[inline]
            fn as_(self) -> $N {
                $crate::Real::value(self) as $N
            }
        }

        impl<$($g)*> num_traits::AsPrimitive<$T> for $N {
            #[inline]
            fn as_(self) -> $T {
                <$T>::from(self as f64)
            }
        }
    };
}
pub(crate) use derive_casts;
