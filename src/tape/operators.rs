//! Operators and standard traits of variables.

use super::Var;
use crate::op::Op;
use crate::real::num::derive_num_traits;
use crate::real::operators::derive_operators;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

impl Neg for Var {
    type Output = Var;
    #[inline]
    #[track_caller]
    fn neg(self) -> Var {
        self.unary(Op::Neg, -self.value)
    }
}

macro_rules! operator {
    ($($Op:ident $op:ident)*) => {$(
        impl $Op for Var {
            type Output = Var;
            #[inline]
            #[track_caller]
            fn $op(self, other: Var) -> Var {
                self.binary(Op::$Op, other, self.value.$op(other.value))
            }
        }
    )*};
}

operator! { Add add Sub sub Mul mul Div div Rem rem }

/// With a number: the row that keeps it.
macro_rules! with_number {
    ($($Op:ident $op:ident |$c:ident| $right:expr, $left:expr;)*) => {$(
        impl $Op<f64> for Var {
            type Output = Var;
            #[inline]
            #[track_caller]
            fn $op(self, other: f64) -> Var {
                let value = self.value.$op(other);
                let $c = other;
                let (op, kept) = $right;
                self.data(op, kept, value)
            }
        }
        impl $Op<Var> for f64 {
            type Output = Var;
            #[inline]
            #[track_caller]
            fn $op(self, other: Var) -> Var {
                let value = self.$op(other.value);
                let $c = self;
                let (op, kept) = $left;
                other.data(op, kept, value)
            }
        }
    )*};
}

with_number! {
    Add add |c| (Op::AddConst, c), (Op::AddConst, c);
    Sub sub |c| (Op::AddConst, -c), (Op::ConstSub, c);
    Mul mul |c| (Op::MulConst, c), (Op::MulConst, c);
    Div div |c| (Op::DivConst, c), (Op::ConstDiv, c);
}

impl Rem<f64> for Var {
    type Output = Var;
    #[track_caller]
    fn rem(self, other: f64) -> Var {
        self % Var::from(other)
    }
}

impl Rem<Var> for f64 {
    type Output = Var;
    #[track_caller]
    fn rem(self, other: Var) -> Var {
        Var::from(self) % other
    }
}

derive_operators! { [] Var }
derive_num_traits! { [] Var }
