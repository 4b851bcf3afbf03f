//! [`Lanes`] as a [`Real`]: every operation in each lane, with the kernels for elementary functions.

use super::{Lanes, Target, WIDTH, kernels};
use crate::op::for_each_op;
use crate::real::operators::derive_operators;
use crate::real::sealed::Sealed;
use crate::real::{CustomFn, float::few_products, slope};
use crate::{Operand, Real};
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

impl<T: Target> Sealed for Lanes<T> {}

impl<T: Target> Operand for Lanes<T> {
    type Scalar = Self;
    #[inline(always)]
    fn scalar(self) -> Self {
        self
    }
}

impl<T: Target> From<f64> for Lanes<T> {
    #[inline(always)]
    fn from(x: f64) -> Self {
        Lanes::splat(x)
    }
}

impl<T: Target> Neg for Lanes<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|x| -x)
    }
}

macro_rules! arithmetic {
    ($($Op:ident $op:ident $symbol:tt;)*) => {$(
        impl<T: Target> $Op for Lanes<T> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: Self) -> Self {
                self.zip(other, |a, b| a $symbol b)
            }
        }
        impl<T: Target> $Op<f64> for Lanes<T> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: f64) -> Self {
                self.map(|a| a $symbol other)
            }
        }
        impl<T: Target> $Op<Lanes<T>> for f64 {
            type Output = Lanes<T>;
            #[inline(always)]
            fn $op(self, other: Lanes<T>) -> Lanes<T> {
                other.map(|b| self $symbol b)
            }
        }
    )*};
}

arithmetic! { Add add +; Sub sub -; Mul mul *; Div div /; Rem rem %; }
derive_operators! { [T: Target] Lanes<T> }

/// The methods that are their row: in each lane that of `f64`, or the kernel of the same name.
///
/// The function is called by its name: one that is passed to `map` is inlined only where it is small.
macro_rules! method {
    (unary $Op:ident $name:ident ()) => {
        method! { @each $name, Real::$name }
    };
    (unary $Op:ident $name:ident () kernel) => {
        #[inline(always)]
        fn $name(self) -> Self {
            kernels::blocks::$name(&self)
        }
    };
    (slope $Op:ident $name:ident ()) => {
        method! { @each $name, Real::$name }
    };
    (slope $Op:ident $name:ident () composed) => {
        #[inline(always)]
        fn $name(self) -> Self {
            slope::$name(self)
        }
    };
    // What the sweeps of the most frequent rows take: some nanoseconds saved in each.
    (slope $Op:ident $name:ident () inlined) => {
        #[inline(always)]
        fn $name(self) -> Self {
            slope::$name(self.to::<T::Inlined>()).to()
        }
    };
    (unary $Op:ident $name:ident () inlined) => {
        #[inline(always)]
        fn $name(self) -> Self {
            kernels::blocks::$name::<T::Inlined>(&self.to()).to()
        }
    };
    (slope_of_two $Op:ident $name:ident ()) => {
        method! { @both $name, Real::$name }
    };
    (unary $Op:ident $name:ident () same_kernel) => {
        method! { unary $Op $name () inlined }
    };
    (binary $Op:ident $name:ident ()) => {
        method! { @both $name, Real::$name }
    };
    (binary $Op:ident $name:ident () kernel) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            kernels::blocks::$name(&self, &other)
        }
    };
    ($kind:ident $Op:ident $name:ident ($($arg:ident: $ty:ty),*) called) => {
        method! { @called $kind $name ($($arg: $ty),*) }
    };
    (@called binary $name:ident ()) => {
        #[inline(never)]
        fn $name(self, other: Self) -> Self {
            self.zip(other, Real::$name)
        }
    };
    (@called slope_of_two $name:ident ()) => {
        method! { @called binary $name () }
    };
    (@called $kind:ident $name:ident ($($arg:ident: $ty:ty),*)) => {
        #[inline(never)]
        fn $name(self, $($arg: $ty),*) -> Self {
            self.map(|x| Real::$name(x, $($arg),*))
        }
    };
    (data $Op:ident $name:ident ($($arg:ident: $ty:ty),+)) => {
        #[inline(always)]
        fn $name(self, $($arg: $ty),+) -> Self {
            self.map(|x| Real::$name(x, $($arg),+))
        }
    };
    (@each $name:ident, $f:path) => {
        #[inline(always)]
        fn $name(self) -> Self {
            self.map(|x| $f(x))
        }
    };
    (@both $name:ident, $f:path) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            self.zip(other, |x, y| $f(x, y))
        }
    };
    // An operator, a row without a method, or one that is composed below.
    ($kind:ident $($row:tt)*) => {};
}

impl<T: Target> Real for Lanes<T> {
    const NOTHING: Self = Lanes::new([-0.0; WIDTH]);

    /// The number in the first lane. No rule reads it: there is no one value.
    #[inline(always)]
    fn value(self) -> f64 {
        self.0[0]
    }

    for_each_op!(method);

    #[inline(always)]
    fn powi(self, n: i32) -> Self {
        few_products(self, n).unwrap_or_else(|| self.powf(f64::from(n)))
    }
    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        self.pow(Lanes::splat(exponent))
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self.zip3(a, b, f64::mul_add)
    }
    #[inline(always)]
    fn hypot_slope_at(self, y: Self, r: Self) -> Self {
        self.zip3(y, r, slope::hypot_slope_at)
    }
    #[inline(always)]
    fn compare(self, other: Self) -> Self {
        // Two masks and a NaN where there is one: three branches would not become vector instructions.
        self.zip(other, |x, y| {
            let sign = f64::from(u8::from(x > y)) - f64::from(u8::from(x < y));
            if x.is_nan() | y.is_nan() { f64::NAN } else { sign }
        })
    }
    #[inline(always)]
    fn select(condition: Self, a: Self, b: Self) -> Self {
        condition.zip3(a, b, |condition, a, b| if condition > 0.0 { a } else { b })
    }

    /// Lane by lane: an operation of the user's takes plain numbers.
    fn custom_value(op: &dyn CustomFn, x: &[Self], y: &mut [Self]) {
        let mut numbers: SmallVec<[f64; 4]> = SmallVec::from_elem(0.0, y.len());
        for lane in 0..WIDTH {
            numbers.fill(0.0);
            op.value(&lane_of(x, lane), &mut numbers);
            y.iter_mut().zip(&numbers).for_each(|(y, &number)| y.0[lane] = number);
        }
    }

    fn custom_vjp(op: &dyn CustomFn, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        let mut dx = vec![Lanes::nothing(); x.len()];
        for lane in 0..WIDTH {
            let w = lane_of(w, lane);
            if w.iter().all(|w| w.is_nothing()) {
                continue;
            }
            let numbers = f64::custom_vjp(op, &lane_of(x, lane), &lane_of(y, lane), &w)?;
            dx.iter_mut().zip(numbers).for_each(|(dx, number)| dx.0[lane] = number.settled());
        }
        Some(dx)
    }

    #[inline(always)]
    fn accumulate(&mut self, contribution: Self) {
        *self = self.zip(contribution, |a, b| a + b);
    }

    #[inline(always)]
    fn is_nothing(self) -> bool {
        // Or-ed bits: comparisons would not become vector instructions.
        let other = |x: f64| x.to_bits() ^ (-0.0_f64).to_bits();
        let [a, b, c, d, e, f, g, h] = self.0;
        other(a) | other(b) | other(c) | other(d) | other(e) | other(f) | other(g) | other(h) == 0
    }

    const IN_LANES: bool = true;

    #[inline(always)]
    fn has_nan(self) -> bool {
        // A sum, because comparisons one by one would not become vector instructions.
        let [a, b, c, d, e, f, g, h] = self.0;
        (a + b + c + d + e + f + g + h).is_nan()
    }

    fn constant(self) -> Option<f64> {
        None
    }

    #[inline(always)]
    fn seeded(self) -> Self {
        self.map(Real::seeded)
    }

    #[inline(always)]
    fn settled(self) -> Self {
        self.map(|x| x + 0.0)
    }
}

/// Lanes compare only where all agree. No rule compares them.
impl<T: Target> PartialOrd for Lanes<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let first = self.0[0].partial_cmp(&other.0[0]);
        let agree = (1..WIDTH).all(|lane| self.0[lane].partial_cmp(&other.0[lane]) == first);
        if agree { first } else { None }
    }
}

impl<T: Target> PartialEq<f64> for Lanes<T> {
    fn eq(&self, other: &f64) -> bool {
        *self == Lanes::splat(*other)
    }
}

impl<T: Target> PartialOrd<f64> for Lanes<T> {
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        self.partial_cmp(&Lanes::splat(*other))
    }
}

impl<T: Target> fmt::Display for Lanes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0).finish()
    }
}

fn lane_of<T: Target>(lanes: &[Lanes<T>], lane: usize) -> SmallVec<[f64; 8]> {
    lanes.iter().map(|lanes| lanes.0[lane]).collect()
}
