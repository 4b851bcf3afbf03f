//! Dual numbers: forward mode, one direction at a time.

use crate::op::{self, Flow, Op, Pull, Reading, Site, for_each_op, nary};
use crate::{Operand, Real};
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::fmt;

mod num;

/// A value and its tangent: what moves along when the input moves in one direction.
///
/// It runs the same rules as the tape, forwards. It nests: `Dual<Dual<f64>>` carries second
/// derivatives, and `Dual<Var>` records a directional derivative on a tape.
///
/// Formula: `f(x + ε t) = f(x) + ε f'(x) t` with `ε² = 0` (Clifford 1873; Griewank & Walther,
/// *Evaluating Derivatives*, 2nd ed., §3.1). Comparisons look at the value alone.
///
/// ```
/// use gradtape::{Dual, Real};
/// let x = Dual::new(3.0, 1.0);
/// let y = x * x.sin();
/// assert_eq!(y.tangent(), 3.0_f64.sin() + 3.0 * 3.0_f64.cos());
///
/// let x = Dual::new(Dual::new(2.0, 1.0), Dual::new(1.0, 0.0));
/// assert_eq!(x.powi(3).tangent().tangent(), 12.0); // (x³)'' = 6x
/// ```
#[doc(alias("forward mode", "dual number"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual<T = f64> {
    value: T,
    tangent: T,
}

impl<T: Real> Dual<T> {
    /// Pair a value with its tangent.
    #[inline]
    pub fn new(value: T, tangent: T) -> Self {
        Dual { value, tangent }
    }

    /// Make a constant: its tangent is 0.
    #[inline]
    pub fn constant(value: T) -> Self {
        Dual { value, tangent: T::from(0.0) }
    }

    /// Read the value, itself differentiable if duals are nested.
    #[inline]
    pub fn primal(self) -> T {
        self.value
    }

    /// Read the tangent.
    #[inline]
    pub fn tangent(self) -> T {
        self.tangent
    }
}

/// One operation applied to dual numbers.
struct Step<T> {
    x: Dual<T>,
    y: Dual<T>,
    z: Dual<T>,
    c: f64,
    d: f64,
    result: T,
    tangent: T,
}

impl<T: Real> Site<T> for Step<T> {
    #[inline(always)]
    fn x(&self) -> T {
        self.x.value
    }
    #[inline(always)]
    fn y(&self) -> T {
        self.y.value
    }
    #[inline(always)]
    fn z(&self) -> T {
        self.z.value
    }
    #[inline(always)]
    fn r(&self) -> T {
        self.result
    }
    #[inline(always)]
    fn c(&self) -> f64 {
        self.c
    }
    #[inline(always)]
    fn d(&self) -> f64 {
        self.d
    }
}

impl<T: Real> Pull<T> for Step<T> {
    #[inline(always)]
    fn weight(&self, which: usize) -> Option<T> {
        let w = [self.x, self.y, self.z][which].tangent;
        if w.is_exact_zero() { None } else { Some(w) }
    }
    #[inline(always)]
    #[track_caller]
    fn give(&mut self, _: usize, contribution: T) {
        self.tangent.accumulate(contribution);
    }
    fn nary(&mut self, op: Op) {
        unreachable!("{op:?} is not a scalar operation");
    }
}

impl<T: Real> Dual<T> {
    /// Run the row of `op`: its value rule, then its partials on the tangents.
    #[inline(always)]
    #[track_caller]
    fn run(op: Op, x: Dual<T>, y: Dual<T>, z: Dual<T>, c: f64, d: f64) -> Dual<T> {
        let zero = T::from(0.0);
        let mut step = Step { x, y, z, c, d, result: zero, tangent: zero };
        match op::evaluate(op, &mut step) {
            Some(value) => step.result = value,
            None => unreachable!("{op:?} is not a scalar operation"),
        }
        op::pull(op, &mut step);
        Dual { value: step.result, tangent: step.tangent }
    }

    #[inline(always)]
    #[track_caller]
    fn unary(self, op: Op) -> Dual<T> {
        let none = Dual::constant(T::from(0.0));
        Dual::run(op, self, none, none, 0.0, 0.0)
    }

    #[inline(always)]
    #[track_caller]
    fn data(self, op: Op, constants: &[f64]) -> Dual<T> {
        let none = Dual::constant(T::from(0.0));
        let at = |k: usize| constants.get(k).copied().unwrap_or(0.0);
        Dual::run(op, self, none, none, at(0), at(1))
    }

    #[inline(always)]
    #[track_caller]
    fn binary(self, op: Op, y: Dual<T>) -> Dual<T> {
        Dual::run(op, self, y, Dual::constant(T::from(0.0)), 0.0, 0.0)
    }
}

/// The methods that are their row and nothing else.
macro_rules! method {
    (unary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self) -> Self {
            self.unary(Op::$Op)
        }
    };
    (binary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, other: Self) -> Self {
            self.binary(Op::$Op, other)
        }
    };
    (data $Op:ident $name:ident ($($arg:ident: $ty:ty),+) $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, $($arg: $ty),+) -> Self {
            self.data(Op::$Op, &[$(f64::from($arg)),+])
        }
    };
    ($kind:ident $($row:tt)*) => {};
}

/// The tangent of an n-ary operation, as its terms' tangents flow in.
struct Along<'a, T> {
    terms: &'a [Dual<T>],
    tangent: T,
}

impl<T: Real> Flow<T> for Along<'_, T> {
    fn weight(&self, operand: u32) -> Option<T> {
        let w = self.terms[operand as usize].tangent;
        if w.is_exact_zero() { None } else { Some(w) }
    }
    fn give(&mut self, _: u32, contribution: T) {
        self.tangent.accumulate(contribution);
    }
}

impl<T: Real> Operand for Dual<T> {
    type Scalar = Self;
    #[inline(always)]
    fn scalar(self) -> Self {
        self
    }
}

impl<T: Real> Real for Dual<T> {
    #[inline]
    fn value(self) -> f64 {
        self.value.value()
    }

    for_each_op!(method);

    #[inline]
    #[track_caller]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Dual::run(Op::MulAdd, self, a, b, 0.0, 0.0)
    }
    #[inline]
    #[track_caller]
    fn select(condition: Self, a: Self, b: Self) -> Self {
        Dual::run(Op::Select, condition, a, b, 0.0, 0.0)
    }

    fn log_sum_exp_of(terms: impl Iterator<Item = Self>) -> Self {
        let terms: SmallVec<[Self; 16]> = terms.collect();
        let operands: SmallVec<[u32; 16]> = (0..terms.len() as u32).collect();
        let value = T::log_sum_exp_of(terms.iter().map(|t| t.value));
        let mut along = Along { terms: &terms, tangent: T::from(0.0) };
        let site = nary::Terms { operands: &operands, data: &[], bias: None };
        // The node's own value stands after its terms'.
        let own = terms.len() as u32;
        let values = Reading(|i| terms.get(i as usize).map_or(value, |term| term.value));
        nary::pull(Op::LogSumExp, site, own, &values, &mut along);
        Dual { value, tangent: along.tangent }
    }

    #[inline(always)]
    fn accumulate(&mut self, contribution: Self) {
        self.value.accumulate(contribution.value);
        self.tangent.accumulate(contribution.tangent);
    }

    #[inline(always)]
    fn is_exact_zero(self) -> bool {
        self.value.is_exact_zero() && self.tangent.is_exact_zero()
    }
}

impl<T: Real> From<f64> for Dual<T> {
    #[inline]
    fn from(value: f64) -> Self {
        Dual::constant(T::from(value))
    }
}

impl<T: Real> PartialEq for Dual<T> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Real> PartialOrd for Dual<T> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Real> PartialEq<f64> for Dual<T> {
    #[inline]
    fn eq(&self, other: &f64) -> bool {
        self.value == *other
    }
}

impl<T: Real> PartialOrd<f64> for Dual<T> {
    #[inline]
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        self.value.partial_cmp(other)
    }
}

impl<T: Real> fmt::Display for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)?;
        f.write_str(" + ")?;
        fmt::Display::fmt(&self.tangent, f)?;
        f.write_str(" ε")
    }
}
