//! Operators, comparisons and standard traits of variables. A comparison is remembered as a guard.

use super::guards::Relation;
use super::record::remember;
use super::var::Var;
use crate::op::Op;
use crate::real::num::derive_num_traits;
use crate::real::operators::derive_operators;
use std::cmp::Ordering;
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

/// With a number: the row that keeps it, if there is one.
macro_rules! with_number {
    ($($Op:ident $op:ident)*) => {$(
        impl $Op<f64> for Var {
            type Output = Var;
            #[inline]
            #[track_caller]
            fn $op(self, other: f64) -> Var {
                let value = self.value.$op(other);
                let forms = const { Op::$Op.forms() };
                match forms.right {
                    Some(op) => self.data(op, [if forms.negates { -other } else { other }], value),
                    None => self.binary(Op::$Op, Var::from(other), value),
                }
            }
        }
        impl $Op<Var> for f64 {
            type Output = Var;
            #[inline]
            #[track_caller]
            fn $op(self, other: Var) -> Var {
                let value = self.$op(other.value);
                match const { Op::$Op.forms().left } {
                    Some(op) => other.data(op, [self], value),
                    None => Var::from(self).binary(Op::$Op, other, value),
                }
            }
        }
    )*};
}

with_number! { Add add Sub sub Mul mul Div div Rem rem }

impl PartialEq for Var {
    /// Compare the values; the outcome is remembered as a guard.
    #[track_caller]
    fn eq(&self, other: &Var) -> bool {
        let outcome = self.value == other.value;
        remember(*self, Relation::Equal, *other, outcome);
        outcome
    }
}

impl PartialOrd for Var {
    #[track_caller]
    fn partial_cmp(&self, other: &Var) -> Option<Ordering> {
        let outcome = self.value.partial_cmp(&other.value);
        remember(*self, outcome.into(), *other, true);
        outcome
    }
    #[track_caller]
    fn lt(&self, other: &Var) -> bool {
        let outcome = self.value < other.value;
        remember(*self, Relation::Less, *other, outcome);
        outcome
    }
    #[track_caller]
    fn le(&self, other: &Var) -> bool {
        let outcome = self.value <= other.value;
        remember(*self, Relation::LessEqual, *other, outcome);
        outcome
    }
    #[track_caller]
    fn gt(&self, other: &Var) -> bool {
        let outcome = self.value > other.value;
        remember(*self, Relation::Greater, *other, outcome);
        outcome
    }
    #[track_caller]
    fn ge(&self, other: &Var) -> bool {
        let outcome = self.value >= other.value;
        remember(*self, Relation::GreaterEqual, *other, outcome);
        outcome
    }
}

/// The same comparisons with a number on either side.
macro_rules! compare_with_number {
    ($(($L:ty, $R:ty))*) => {$(
        impl PartialEq<$R> for $L {
            #[track_caller]
            fn eq(&self, other: &$R) -> bool {
                Var::from(*self).eq(&Var::from(*other))
            }
        }
        impl PartialOrd<$R> for $L {
            #[track_caller]
            fn partial_cmp(&self, other: &$R) -> Option<Ordering> {
                Var::from(*self).partial_cmp(&Var::from(*other))
            }
            #[track_caller]
            fn lt(&self, other: &$R) -> bool {
                Var::from(*self).lt(&Var::from(*other))
            }
            #[track_caller]
            fn le(&self, other: &$R) -> bool {
                Var::from(*self).le(&Var::from(*other))
            }
            #[track_caller]
            fn gt(&self, other: &$R) -> bool {
                Var::from(*self).gt(&Var::from(*other))
            }
            #[track_caller]
            fn ge(&self, other: &$R) -> bool {
                Var::from(*self).ge(&Var::from(*other))
            }
        }
    )*};
}

compare_with_number! { (Var, f64) (f64, Var) }

derive_operators! { [] Var }
derive_num_traits! { [] Var }
crate::real::cast::derive_casts! { [] Var }

impl num_traits::ConstZero for Var {
    const ZERO: Var = Var::constant(0.0);
}

impl num_traits::ConstOne for Var {
    const ONE: Var = Var::constant(1.0);
}

#[cfg(feature = "simba-0_9")]
crate::real::simba::derive_simba! { simba_0_9: [] Var }
#[cfg(feature = "simba-0_10")]
crate::real::simba::derive_simba! { simba_0_10: [] Var }
#[cfg(feature = "ndarray-0_16")]
impl ndarray_0_16::ScalarOperand for Var {}
#[cfg(feature = "ndarray-0_17")]
impl ndarray::ScalarOperand for Var {}
