//! The rules of the operations with any number of operands.
//!
//! One loop for numbers, one call for a scalar that records, and the partials.

use super::rows::Arity;
use super::site::{Flow, Point, Values};
use super::table::{Op, Row, row, with_row};
use crate::Real;
use smallvec::SmallVec;
use std::any::TypeId;
use std::cell::Cell;

/// How many exponentials of a log-sum-exp a sweep remembers.
const REMEMBERED: usize = 16;

thread_local! {
    /// Memory for the exponentials of a log-sum-exp of numbers.
    static EXPONENTIALS: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// Give back the memory that this thread keeps for exponentials.
pub(crate) fn release_exponentials() {
    let _ = EXPONENTIALS.try_with(Cell::take);
}

/// The operands of an n-ary node, as node indices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// The operands; for [`Op::Dot`] and [`Op::Affine`] the pairs x₀ y₀ x₁ y₁ ...
    pub operands: &'a [u32],
    /// The constant factors of [`Op::Linear`] and [`Op::AffineData`], one an operand.
    pub data: &'a [f64],
    /// The bias of [`Op::Affine`] and [`Op::AffineData`].
    pub bias: Option<u32>,
}

impl<'a> Terms<'a> {
    fn pairs(self) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.operands.chunks_exact(2).map(|p| (p[0], p[1]))
    }

    fn weighted(self) -> impl Iterator<Item = (u32, f64)> + 'a {
        self.operands.iter().copied().zip(self.data.iter().copied())
    }
}

/// Whether a row is log-sum-exp: asked in `if const`, so that its rules are not compiled for sums.
pub(crate) const fn is_log_sum_exp<R: Row>() -> bool {
    matches!(R::OP, Op::LogSumExp)
}

/// Compute the value on numbers, by the same sums from left to right as [`Real::sum_of`] and its kin.
/// Log-sum-exp is left to the scalar.
#[inline(always)]
pub(crate) fn evaluate<R: Row, T: Real>(terms: Terms<'_>, values: &(impl Values<T> + ?Sized)) -> T {
    if terms.operands.is_empty() {
        return empty(terms, values);
    }
    // To start at -0 is to start at the first term: -0 + x is x, bit for bit, for every x.
    let mut total = T::from(-0.0);
    match R::OP {
        Op::Sum => {
            for &i in terms.operands {
                total.accumulate(values.get(i));
            }
        }
        Op::SumSquares => {
            for &i in terms.operands {
                total.accumulate(values.get(i).square());
            }
        }
        Op::Dot | Op::Affine => {
            for pair in terms.operands.chunks_exact(2) {
                total.accumulate(values.get(pair[0]) * values.get(pair[1]));
            }
        }
        Op::Linear | Op::AffineData => {
            for (&i, &c) in terms.operands.iter().zip(terms.data) {
                total.accumulate(values.get(i) * c);
            }
        }
        op => unreachable!("{op:?} is not a sum"),
    }
    if let Some(bias) = terms.bias {
        total.accumulate(values.get(bias));
    }
    total
}

/// The sum of no terms is 0, to which a bias is added.
fn empty<T: Real>(terms: Terms<'_>, values: &(impl Values<T> + ?Sized)) -> T {
    let zero = T::from(0.0);
    terms.bias.map_or(zero, |bias| zero + values.get(bias))
}

/// Compute the value on a scalar that records: one node.
#[track_caller]
pub(crate) fn record<T: Real>(op: Op, terms: Terms<'_>, values: &(impl Values<T> + ?Sized)) -> T {
    let bias = || terms.bias.map_or(T::from(0.0), |i| values.get(i));
    let operands = terms.operands.iter().map(|&i| values.get(i));
    let pairs = terms.pairs().map(|(i, j)| (values.get(i), values.get(j)));
    let weighted = terms.weighted().map(|(i, c)| (values.get(i), T::from(c)));
    match op {
        Op::Sum => T::sum_of(operands),
        Op::SumSquares => T::sum_squares_of(operands),
        Op::Dot => T::dot_of(pairs),
        Op::Affine => T::affine_of(pairs, bias()),
        Op::Linear => T::dot_of(weighted),
        Op::AffineData => T::affine_of(weighted, bias()),
        Op::LogSumExp => T::log_sum_exp_of(operands),
        _ => unreachable!("{op:?} is not n-ary"),
    }
}

/// Apply a rule to the adjoint (or tangent) of an operand, if that is wanted.
macro_rules! give {
    ($flow:ident, $operand:expr, |$w:ident| $rule:expr) => {
        if let Some($w) = $flow.weight($operand) {
            $flow.give($operand, $rule);
        }
    };
}

#[inline(always)]
fn gates<T, F: Flow<T>>(_: &F) -> bool {
    F::GATES
}

/// Offer every operand its rule, in operand order; `own` is where the node's value is.
#[inline(always)]
pub(crate) fn pull<R: Row, T: Real>(
    terms: Terms<'_>,
    own: u32,
    values: &(impl Values<T> + ?Sized),
    flow: &mut impl Flow<T>,
) {
    if const { is_log_sum_exp::<R>() } {
        return pull_log_sum_exp(terms.operands, own, values, flow);
    }
    match R::OP {
        Op::Sum => {
            for &i in terms.operands {
                give!(flow, i, |w| w);
            }
        }
        Op::SumSquares => {
            for &i in terms.operands {
                give!(flow, i, |w| w * (values.get(i) * 2.0));
            }
        }
        Op::Dot | Op::Affine => {
            for pair in terms.operands.chunks_exact(2) {
                give!(flow, pair[0], |w| w * values.get(pair[1]));
                give!(flow, pair[1], |w| w * values.get(pair[0]));
            }
        }
        Op::Linear | Op::AffineData => {
            for (&i, &c) in terms.operands.iter().zip(terms.data) {
                match flow.weight(i) {
                    // A constant factor 0 lets nothing through.
                    Some(_) if gates(flow) && c == 0.0 => flow.gate(i, T::nothing()),
                    Some(w) => flow.give(i, w * c),
                    None => {}
                }
            }
        }
        op => unreachable!("{op:?} is not a sum"),
    }
    if let Some(bias) = terms.bias {
        give!(flow, bias, |w| w);
    }
}

/// Each operand's share of the sum.
///
/// ```text
/// eᵢ = exp(xᵢ - r)             r is rounded: the sum of all eᵢ is off from 1 by the same factor,
/// share of xᵢ = eᵢ / Σ eⱼ      and divides it out again
/// ```
///
/// That is for lanes, if no result is infinite; [numbers](log_sum_exp_of_numbers) keep the exponentials of any count. All
/// else goes the [careful](careful_log_sum_exp) way.
#[inline(always)]
fn pull_log_sum_exp<T: Real>(
    operands: &[u32],
    own: u32,
    values: &(impl Values<T> + ?Sized),
    flow: &mut impl Flow<T>,
) {
    let r = values.get(own);
    if TypeId::of::<T>() == TypeId::of::<f64>() && r.value().is_finite() {
        return log_sum_exp_of_numbers(operands, own, values, flow);
    }
    if !T::IN_LANES {
        return careful_log_sum_exp(operands, own, values, flow);
    }
    let mut remembered = [r; REMEMBERED];
    let mut total = T::from(-0.0);
    for (k, &i) in operands.iter().enumerate() {
        let e = (values.get(i) - r).exp();
        if let Some(place) = remembered.get_mut(k) {
            *place = e;
        }
        total.accumulate(e);
    }
    if total.has_nan() {
        // Copies: were `values` lent to a call, the sweep would have to keep them in memory.
        let x: SmallVec<[T; REMEMBERED]> = operands.iter().map(|&i| values.get(i)).collect();
        for (&i, share) in operands.iter().zip(shares_of(&x, r)) {
            give!(flow, i, |w| w * share);
        }
        return;
    }
    for (k, &i) in operands.iter().enumerate() {
        // Of a long sum the rest are computed twice, which costs less than to allocate.
        let e = match remembered.get(k) {
            Some(&e) => e,
            None => (values.get(i) - r).exp(),
        };
        give!(flow, i, |w| w * (e / total));
    }
}

/// The shares where a result `r` may be infinite: as above in all lanes where it is not.
#[cold]
#[inline(never)]
fn shares_of<T: Real>(x: &[T], r: T) -> SmallVec<[T; REMEMBERED]> {
    let infinite = r.abs() - f64::MAX;
    let mut shares: SmallVec<[T; REMEMBERED]> =
        x.iter().map(|&x| at_infinity(x - r, infinite).exp()).collect();
    let mut total = T::from(-0.0);
    shares.iter().for_each(|&e| total.accumulate(e));
    shares.iter_mut().for_each(|e| *e /= total);
    shares
}

/// The difference of a term from the result; of infinity from itself 0.
#[inline(always)]
#[track_caller]
fn at_infinity<T: Real>(below: T, infinite: T) -> T {
    // Infinity less itself is no number, and is not above 0.
    T::select(-below, below, T::select(infinite, T::from(0.0), below))
}

/// The same for one number whose result is finite. Its exponentials are computed once, and it does what
/// [`careful_log_sum_exp`] does, to the bit.
#[inline(never)]
fn log_sum_exp_of_numbers<T: Real>(
    operands: &[u32],
    own: u32,
    values: &(impl Values<T> + ?Sized),
    flow: &mut impl Flow<T>,
) {
    // At the end of a thread the memory may be gone before the last sweep.
    let mut exponentials = EXPONENTIALS.try_with(Cell::take).unwrap_or_default();
    let (r, mut total) = (values.get(own), -0.0);
    exponentials.clear();
    exponentials.extend(operands.iter().map(|&i| {
        let e = (values.get(i) - r).exp().value();
        total += e;
        e
    }));
    // Only the largest has a share above ½. The others are added up in the order of the careful way.
    let others = || {
        exponentials.iter().skip(1).fold((-0.0, exponentials[0]), |(rest, largest), &e| {
            if e > largest { (rest + largest, e) } else { (rest + e, largest) }
        })
    };
    for (&i, e) in operands.iter().zip(&exponentials) {
        let share = match e / total {
            share if share > 0.5 => -(others().0 / total) + 1.0,
            share => share,
        };
        give!(flow, i, |w| w * T::from(share));
    }
    let _ = EXPONENTIALS.try_with(|memory| memory.set(exponentials));
}

/// The same for what is to be differentiated, with digits for its derivative, and limits where the result is infinite.
///
/// ```text
/// eᵢ = exp(xᵢ - r), or whether xᵢ = r where r is infinite
/// share of xᵢ = eᵢ / Σ eⱼ
///             = 1 - Σⱼ≠ᵢ eⱼ / Σ eⱼ  if above ½                its derivative is the sum of the others' shares,
///                                                            where that of the quotient is 1 less the share
/// ```
///
/// Only the largest has a share above ½, so one sum of all the others will do.
#[inline(never)]
fn careful_log_sum_exp<T: Real>(
    operands: &[u32],
    own: u32,
    values: &(impl Values<T> + ?Sized),
    flow: &mut impl Flow<T>,
) {
    let Some((&first, others)) = operands.split_first() else { return };
    let r = values.get(own);
    let infinite = r.abs() - f64::MAX;
    let exponential = |i: u32| at_infinity(values.get(i) - r, infinite).exp();
    let mut largest = exponential(first);
    let mut remembered = [largest; REMEMBERED];
    let (mut total, mut rest) = (largest, T::from(-0.0));
    for (k, &i) in others.iter().enumerate() {
        let e = exponential(i);
        if let Some(place) = remembered.get_mut(k + 1) {
            *place = e;
        }
        total.accumulate(e);
        let larger = e - largest;
        rest.accumulate(T::select(larger, largest, e));
        largest = T::select(larger, e, largest);
    }
    let all_but_rest = -(rest / total) + 1.0;
    for (k, &i) in operands.iter().enumerate() {
        // Of a long sum the rest are computed twice, which costs less than to allocate.
        let e = match remembered.get(k) {
            Some(&e) => e,
            None => exponential(i),
        };
        let share = e / total;
        give!(flow, i, |w| w * T::select(share - 0.5, all_but_rest, share));
    }
}

impl Op {
    /// Apply the operation the way a user writes it: `Op::Clamp` to `[x]` and `[0.0, 1.0]` is
    /// `x.clamp(0.0, 1.0)`, `Op::Dot` to `[a, b, c, d]` is `a * b + c * d` as one node.
    ///
    /// `None` if the operation does not take so many operands and constants, for a leaf, and for a custom
    /// operation.
    ///
    /// ```
    /// use gradtape::{gradient, op::Op};
    /// assert_eq!(Op::Clamp.apply(&[2.5], &[0.0, 1.0]), Some(1.0));
    /// assert_eq!(gradient(|x| Op::Mul.apply(x, &[]).unwrap(), &[3.0, 4.0]), [4.0, 3.0]);
    /// assert_eq!(Op::Mul.apply(&[3.0], &[]), None);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn apply<T: Real>(self, operands: &[T], constants: &[f64]) -> Option<T> {
        let is_leaf = matches!(self.arity(), Arity::Leaf | Arity::Custom);
        if is_leaf || !self.takes(operands.len(), constants.len()) {
            return None;
        }
        if self.arity() != Arity::Nary {
            let point = Point { operands, constants };
            return Some(with_row!(self, Row => Row::evaluate(&point)));
        }
        let all: SmallVec<[u32; 16]> = (0..operands.len() as u32).collect();
        let (in_terms, bias) = all.split_at(all.len() - usize::from(self.terms().bias));
        let terms = Terms { operands: in_terms, data: constants, bias: bias.first().copied() };
        Some(record(self, terms, operands))
    }

    /// Tell whether a node of the operation can have so many operands and constants.
    pub(crate) fn takes(self, operands: usize, constants: usize) -> bool {
        let term = self.terms();
        match (self.arity(), self.arity().operands()) {
            (Arity::Leaf, _) => (operands, constants) == (0, 0),
            (_, Some(count)) => (operands, constants) == (count, self.constants()),
            (_, None) => operands.checked_sub(usize::from(term.bias)).is_some_and(|in_terms| {
                let data = if term.data { in_terms } else { 0 };
                in_terms.is_multiple_of(term.operands) && constants == data
            }),
        }
    }
}
