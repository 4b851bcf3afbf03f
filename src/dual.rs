//! Dual numbers: forward mode, one direction at a time.

use crate::op::{Flow, Op, Pull, Reading, Row, Site, for_each_op, nary, row};
use crate::real::CustomFn;
use crate::real::num::derive_num_traits;
use crate::real::operators::derive_operators;
use crate::real::sealed::Sealed;
use crate::text::quoted;
use crate::{Operand, Real};
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// A value and its tangent: what moves along when the input moves in one direction.
///
/// It runs the same rules as the tape, forwards. It nests: `Dual<Dual<f64>>` carries second
/// derivatives, and `Dual<Var>` records a directional derivative on a tape.
///
/// Formula: `f(x + ε t) = f(x) + ε f'(x) t` with `ε² = 0` (Clifford 1873; Griewank & Walther,
/// *Evaluating Derivatives*, 2nd ed., §3.1). Comparisons look at the value alone.
///
/// Where 0 meets infinity it agrees with the tape: see [zero and infinity](crate#zero-and-infinity). What has the
/// tangent 0 does not move, so it is a constant, and one that is 0 blocks as a factor.
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
#[derive(Clone, Copy)]
pub struct Dual<T = f64> {
    value: T,
    tangent: T,
}

impl<T: Real> Dual<T> {
    /// Pair a value with its tangent. One of 0 says that the value does not move.
    #[inline]
    pub fn new(value: T, tangent: T) -> Self {
        Dual { value, tangent: tangent.seeded() }
    }

    /// Pair a value with a tangent that has come along a path, or [nothing](Real::nothing).
    #[inline(always)]
    pub(crate) fn with_tangent(value: T, tangent: T) -> Self {
        Dual { value, tangent }
    }

    /// Make a constant: its tangent is 0.
    #[inline]
    pub fn constant(value: T) -> Self {
        Dual { value, tangent: T::nothing() }
    }

    /// Read the value, itself differentiable if duals are nested.
    #[inline]
    pub fn primal(self) -> T {
        self.value
    }

    /// Read the tangent.
    #[inline]
    pub fn tangent(self) -> T {
        self.tangent.settled()
    }
}

/// A row at work on dual numbers.
struct Applied<'a, T> {
    op: Op,
    operands: &'a [Dual<T>],
    constants: &'a [f64],
    result: Dual<T>,
}

impl<T: Real> Site<T> for Applied<'_, T> {
    #[inline(always)]
    fn x(&self) -> T {
        self.operands[0].value
    }
    #[inline(always)]
    fn y(&self) -> T {
        self.operands[1].value
    }
    #[inline(always)]
    fn z(&self) -> T {
        self.operands[2].value
    }
    #[inline(always)]
    fn r(&self) -> T {
        self.result.value
    }
    #[inline(always)]
    fn c(&self) -> f64 {
        self.constants[0]
    }
    #[inline(always)]
    fn d(&self) -> f64 {
        self.constants[1]
    }
}

impl<T: Real> Pull<T> for Applied<'_, T> {
    const GATES: bool = true;
    #[inline(always)]
    fn weight(&self, which: usize) -> Option<T> {
        if self.is_blocked(which) { None } else { self.operands[which].weight() }
    }
    #[inline(always)]
    #[track_caller]
    fn give(&mut self, which: usize, contribution: T) {
        self.gate(which, contribution.settled());
    }
    #[inline(always)]
    #[track_caller]
    fn gate(&mut self, _: usize, contribution: T) {
        self.result.tangent.accumulate(contribution);
    }
    fn nary<R: Row>(&mut self) {
        unreachable!("{:?} is not a scalar operation", R::OP);
    }
}

impl<T: Real> Dual<T> {
    /// The tangent that a rule is applied to, unless nothing has flowed there.
    #[inline(always)]
    fn weight(&self) -> Option<T> {
        if self.tangent.is_nothing() { None } else { Some(self.tangent) }
    }

    /// Run a row: its value rule, then its partials on the tangents.
    #[inline(always)]
    #[track_caller]
    fn run<R: Row>(operands: &[Dual<T>], constants: &[f64]) -> Dual<T> {
        let result = Dual::constant(T::from(0.0));
        let mut applied = Applied { op: R::OP, operands, constants, result };
        applied.result.value = R::evaluate(&applied);
        R::pull(&mut applied);
        applied.result
    }
}

impl<T: Real> Applied<'_, T> {
    /// Tell whether a constant makes the operation constant in an operand, as a row with a constant says it. What
    /// does not move is a constant here.
    #[inline(always)]
    fn is_blocked(&self, which: usize) -> bool {
        let constant = |i: usize| self.operands[i].constant();
        match (self.op, which) {
            (Op::Mul | Op::MulAdd, 0 | 1) => constant(1 - which) == Some(0.0),
            (Op::Div, 0) => constant(1).is_some_and(f64::is_infinite),
            (Op::Div, _) => constant(0) == Some(0.0),
            (Op::Pow, 0) => constant(1) == Some(0.0),
            (Op::Pow, _) => constant(0) == Some(1.0),
            _ => false,
        }
    }
}

/// The methods that are their row and nothing else.
macro_rules! method {
    (unary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self) -> Self {
            Dual::run::<row::$Op>(&[self], &[])
        }
    };
    (binary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, other: Self) -> Self {
            Dual::run::<row::$Op>(&[self, other], &[])
        }
    };
    (data $Op:ident $name:ident ($($arg:ident: $ty:ty),+) $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, $($arg: $ty),+) -> Self {
            Dual::run::<row::$Op>(&[self], &[$(f64::from($arg)),+])
        }
    };
    (slope $($row:tt)*) => {
        method! { unary $($row)* }
    };
    (slope_of_two $($row:tt)*) => {
        method! { binary $($row)* }
    };
    ($kind:ident $($row:tt)*) => {};
}

/// The tangent of an n-ary operation, as its terms' tangents flow in.
struct OfTerms<'a, T> {
    terms: &'a [Dual<T>],
    tangent: T,
}

impl<T: Real> Flow<T> for OfTerms<'_, T> {
    fn weight(&self, operand: u32) -> Option<T> {
        self.terms[operand as usize].weight()
    }
    fn give(&mut self, operand: u32, contribution: T) {
        self.gate(operand, contribution.settled());
    }
    fn gate(&mut self, _: u32, contribution: T) {
        self.tangent.accumulate(contribution);
    }
}

impl<T: Real> Sealed for Dual<T> {}

impl<T: Real> Operand for Dual<T> {
    type Scalar = Self;
    #[inline(always)]
    fn scalar(self) -> Self {
        self
    }
}

impl<T: Real> Real for Dual<T> {
    const NOTHING: Self = Dual { value: T::NOTHING, tangent: T::NOTHING };

    #[inline]
    fn value(self) -> f64 {
        self.value.value()
    }

    for_each_op!(method);

    #[inline]
    #[track_caller]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Dual::run::<row::MulAdd>(&[self, a, b], &[])
    }
    #[inline]
    #[track_caller]
    fn select(condition: Self, a: Self, b: Self) -> Self {
        Dual::run::<row::Select>(&[condition, a, b], &[])
    }

    fn log_sum_exp_of(terms: impl Iterator<Item = Self>) -> Self {
        let terms: SmallVec<[Self; 16]> = terms.collect();
        let operands: SmallVec<[u32; 16]> = (0..terms.len() as u32).collect();
        let value = T::log_sum_exp_of(terms.iter().map(|t| t.value));
        let mut sum = OfTerms { terms: &terms, tangent: T::nothing() };
        let site = nary::Terms { operands: &operands, data: &[], bias: None };
        // The node's own value stands after its terms'.
        let own = terms.len() as u32;
        let values = Reading(|i| terms.get(i as usize).map_or(value, |term| term.value));
        nary::pull::<row::LogSumExp, T>(site, own, &values, &mut sum);
        Dual { value, tangent: sum.tangent }
    }

    /// Run the operation on the values, then its vjp once an output for the tangent.
    #[track_caller]
    fn custom_value(op: &dyn CustomFn, x: &[Self], y: &mut [Self]) {
        let zero = T::from(0.0);
        let primals: SmallVec<[T; 8]> = x.iter().map(|x| x.value).collect();
        let mut values: SmallVec<[T; 4]> = SmallVec::from_elem(zero, y.len());
        T::custom_value(op, &primals, &mut values);
        for (j, y) in y.iter_mut().enumerate() {
            *y = Dual::constant(values[j]);
            if x.iter().all(|x| x.tangent.is_nothing()) {
                continue;
            }
            let mut w: SmallVec<[T; 4]> = SmallVec::from_elem(zero, values.len());
            w[j] = T::from(1.0);
            let Some(row) = T::custom_vjp(op, &primals, &values, &w) else {
                panic!(
                    "custom operation {} cannot be differentiated twice here: implement \
                     `CustomOp::vjp_recorded` for it, and take the second derivative with `hessian` or \
                     nested `gradient`",
                    quoted(op.name())
                );
            };
            for (x, partial) in x.iter().zip(row).filter(|(x, _)| !x.tangent.is_nothing()) {
                y.tangent.accumulate((partial * x.tangent).settled());
            }
        }
    }

    fn custom_vjp(op: &dyn CustomFn, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        let part = |of: fn(&Self) -> T| [x, y, w].map(|all| all.iter().map(of).collect::<Vec<T>>());
        let (values, tangents) = (part(|d| d.value), part(|d| d.tangent));
        let [values, tangents] = [&values, &tangents].map(|all| all.each_ref().map(Vec::as_slice));
        let dx = T::custom_vjp_along(op, values, tangents)?;
        Some(dx.into_iter().map(|[value, tangent]| Dual { value, tangent }).collect())
    }

    #[inline(always)]
    fn has_nan(self) -> bool {
        self.value.has_nan() || self.tangent.has_nan()
    }

    #[inline(always)]
    fn accumulate(&mut self, contribution: Self) {
        self.value.accumulate(contribution.value);
        self.tangent.accumulate(contribution.tangent);
    }

    #[inline(always)]
    fn constant(self) -> Option<f64> {
        if self.tangent.is_nothing() { self.value.constant() } else { None }
    }

    #[inline(always)]
    fn is_nothing(self) -> bool {
        self.value.is_nothing() && self.tangent.is_nothing()
    }

    #[inline(always)]
    fn settled(self) -> Self {
        Dual { value: self.value.settled(), ..self }
    }

    #[inline(always)]
    fn seeded(self) -> Self {
        Dual { value: self.value.seeded(), ..self }
    }
}

impl<T: Real> fmt::Debug for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, tangent) = (self.value, self.tangent());
        f.debug_struct("Dual").field("value", &value).field("tangent", &tangent).finish()
    }
}

impl<T: Real> Default for Dual<T> {
    fn default() -> Self {
        Dual::from(0.0)
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
        fmt::Display::fmt(&self.tangent(), f)?;
        f.write_str(" ε")
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    #[inline]
    #[track_caller]
    fn neg(self) -> Self {
        Dual::run::<row::Neg>(&[self], &[])
    }
}

macro_rules! operator {
    ($($Op:ident $op:ident)*) => {$(
        impl<T: Real> $Op for Dual<T> {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn $op(self, other: Self) -> Self {
                Dual::run::<row::$Op>(&[self, other], &[])
            }
        }
        impl<T: Real> $Op<f64> for Dual<T> {
            type Output = Self;
            #[inline]
            #[track_caller]
            fn $op(self, other: f64) -> Self {
                Dual::run::<row::$Op>(&[self, Dual::from(other)], &[])
            }
        }
        impl<T: Real> $Op<Dual<T>> for f64 {
            type Output = Dual<T>;
            #[inline]
            #[track_caller]
            fn $op(self, other: Dual<T>) -> Dual<T> {
                Dual::run::<row::$Op>(&[Dual::from(self), other], &[])
            }
        }
    )*};
}

operator! { Add add Sub sub Mul mul Div div Rem rem }

derive_operators! { [T: Real] Dual<T> }
derive_num_traits! { [T: Real] Dual<T> }
crate::real::cast::derive_casts! { [T: Real] Dual<T> }

impl<T: Real + num_traits::ConstZero> num_traits::ConstZero for Dual<T> {
    const ZERO: Self = Dual { value: T::ZERO, tangent: T::NOTHING };
}

impl<T: Real + num_traits::ConstOne> num_traits::ConstOne for Dual<T> {
    const ONE: Self = Dual { value: T::ONE, tangent: T::NOTHING };
}

#[cfg(feature = "simba-0_9")]
crate::real::simba::derive_simba! { simba_0_9: [T: Real + Send + Sync] Dual<T> }
#[cfg(feature = "simba-0_10")]
crate::real::simba::derive_simba! { simba_0_10: [T: Real + Send + Sync] Dual<T> }
#[cfg(feature = "ndarray-0_16")]
impl<T: Real> ndarray_0_16::ScalarOperand for Dual<T> {}
#[cfg(feature = "ndarray-0_17")]
impl<T: Real> ndarray::ScalarOperand for Dual<T> {}
