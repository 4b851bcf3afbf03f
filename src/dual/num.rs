//! Operators and standard traits of dual numbers.

use super::Dual;
use crate::Real;
use crate::op::Op;
use crate::real::num::derive_num_traits;
use crate::real::operators::derive_operators;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    #[inline]
    #[track_caller]
    fn neg(self) -> Self {
        self.unary(Op::Neg)
    }
}

macro_rules! operator {
    ($($Op:ident $op:ident)*) => {$(
        impl<T: Real> $Op for Dual<T> {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn $op(self, other: Self) -> Self {
                self.binary(Op::$Op, other)
            }
        }
        impl<T: Real> $Op<f64> for Dual<T> {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn $op(self, other: f64) -> Self {
                self.binary(Op::$Op, Dual::from(other))
            }
        }
        impl<T: Real> $Op<Dual<T>> for f64 {
            type Output = Dual<T>;
            #[inline]
            #[track_caller]
            fn $op(self, other: Dual<T>) -> Dual<T> {
                Dual::from(self).binary(Op::$Op, other)
            }
        }
    )*};
}

operator! { Add add Sub sub Mul mul Div div Rem rem }

derive_operators! { [T: Real] Dual<T> }
derive_num_traits! { [T: Real] Dual<T> }
