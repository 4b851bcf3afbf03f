//! The operator forms that follow from the plain ones, written once for [`Dual`](crate::Dual) and
//! [`Var`](crate::Var): references, `f64` on the left, compound assignment, `Sum`, `Product`.

/// Derive every form from `T ∘ T`, `T ∘ f64` and `f64 ∘ T`.
macro_rules! derive_operators {
    ([$($g:tt)*] $T:ty) => {
        crate::real::operators::derive_operators! { @each [$($g)*] $T;
            Add add AddAssign add_assign;
            Sub sub SubAssign sub_assign;
            Mul mul MulAssign mul_assign;
            Div div DivAssign div_assign;
            Rem rem RemAssign rem_assign;
        }

        impl<$($g)*> std::ops::Neg for &$T {
            type Output = $T;
            #[inline]
            #[track_caller]
            fn neg(self) -> $T {
                -*self
            }
        }

        impl<$($g)*> std::iter::Sum for $T {
            /// Add up as one node: see [`sum`](crate::sum).
            #[inline]
            #[track_caller]
            fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
                <$T as $crate::Real>::sum_of(terms)
            }
        }

        impl<'a, $($g)*> std::iter::Sum<&'a $T> for $T {
            #[inline]
            #[track_caller]
            fn sum<I: Iterator<Item = &'a Self>>(terms: I) -> Self {
                <$T as $crate::Real>::sum_of(terms.copied())
            }
        }

        impl<$($g)*> std::iter::Product for $T {
            #[inline]
            #[track_caller]
            fn product<I: Iterator<Item = Self>>(mut factors: I) -> Self {
                let Some(mut product) = factors.next() else {
                    return <$T as From<f64>>::from(1.0);
                };
                for factor in factors {
                    product *= factor;
                }
                product
            }
        }

        impl<'a, $($g)*> std::iter::Product<&'a $T> for $T {
            #[inline]
            #[track_caller]
            fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
                <$T as std::iter::Product>::product(factors.copied())
            }
        }
    };
    (@each $g:tt $T:ty; $($Op:ident $op:ident $Assign:ident $assign:ident;)*) => {
        $(crate::real::operators::derive_operators! { @one $g $T; $Op $op $Assign $assign })*
    };
    (@one [$($g:tt)*] $T:ty; $Op:ident $op:ident $Assign:ident $assign:ident) => {
        crate::real::operators::derive_operators! { @forms [$($g)*] $Op $op;
            ($T, &$T, $T) ($T, &f64, $T) (&$T, $T, $T) (&$T, f64, $T) (&$T, &f64, $T)
            (f64, &$T, $T) (&f64, $T, $T) (&f64, &$T, $T) (&$T, &$T, $T)
        }
        crate::real::operators::derive_operators! { @assigns [$($g)*] $T; $Op $op $Assign $assign; $T, &$T, f64, &f64 }
    };
    (@assigns $g:tt $T:ty; $Op:ident $op:ident $Assign:ident $assign:ident; $($R:ty),*) => {
        $(crate::real::operators::derive_operators! { @assign $g $T; $Op $op $Assign $assign; $R })*
    };
    (@assign [$($g:tt)*] $T:ty; $Op:ident $op:ident $Assign:ident $assign:ident; $R:ty) => {
        impl<$($g)*> std::ops::$Assign<$R> for $T {
            #[inline]
            #[track_caller]
            fn $assign(&mut self, other: $R) {
                *self = std::ops::$Op::$op(*self, other.to_owned());
            }
        }
    };
    (@forms $g:tt $Op:ident $op:ident; $(($L:ty, $R:ty, $Out:ty))*) => {
        $(crate::real::operators::derive_operators! { @form $g $Op $op $L, $R, $Out })*
    };
    (@form [$($g:tt)*] $Op:ident $op:ident $L:ty, $R:ty, $Out:ty) => {
        impl<$($g)*> std::ops::$Op<$R> for $L {
            type Output = $Out;
            #[inline]
            #[track_caller]
            fn $op(self, other: $R) -> $Out {
                std::ops::$Op::$op(self.to_owned(), other.to_owned())
            }
        }
    };
}
pub(crate) use derive_operators;
