//! The rules of the operations with any number of operands.
//!
//! Values are computed by the same left-to-right sums as on plain `f64`
//! ([`Real::dot_of`] and its kin).

use super::{Flow, Op};
use crate::Real;

/// How many exponentials of a log-sum-exp a sweep remembers.
const REMEMBERED: usize = 16;

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

    /// Every operand in order, the bias last.
    pub fn all(self) -> impl Iterator<Item = u32> + 'a {
        self.operands.iter().copied().chain(self.bias)
    }
}

/// Compute the value.
#[inline(always)]
pub(crate) fn evaluate<T: Real>(op: Op, terms: Terms<'_>, value: impl Fn(u32) -> T) -> T {
    let bias = || terms.bias.map_or(T::from(0.0), &value);
    let values = terms.operands.iter().map(|&i| value(i));
    let pairs = terms.pairs().map(|(i, j)| (value(i), value(j)));
    let weighted = terms.weighted().map(|(i, c)| (value(i), T::from(c)));
    match op {
        Op::Sum => T::sum_of(values),
        Op::SumSquares => T::sum_squares_of(values),
        Op::Dot => T::dot_of(pairs),
        Op::Affine => T::affine_of(pairs, bias()),
        Op::Linear => T::dot_of(weighted),
        Op::AffineData => T::affine_of(weighted, bias()),
        Op::LogSumExp => T::log_sum_exp_at(values),
        _ => unreachable!("{op:?} is not n-ary"),
    }
}

/// Offer every operand its rule, in operand order; `r` is the node's value.
#[inline(always)]
pub(crate) fn pull<T: Real>(
    op: Op,
    terms: Terms<'_>,
    r: impl FnOnce() -> T,
    value: impl Fn(u32) -> T,
    flow: &mut impl Flow<T>,
) {
    match op {
        Op::Sum => terms.operands.iter().for_each(|&i| flow.take(i, |w| w)),
        Op::SumSquares => {
            terms.operands.iter().for_each(|&i| flow.take(i, |w| w * (value(i) * 2.0)));
        }
        Op::Dot | Op::Affine => {
            for (i, j) in terms.pairs() {
                flow.take(i, |w| w * value(j));
                flow.take(j, |w| w * value(i));
            }
        }
        Op::Linear | Op::AffineData => {
            terms.weighted().for_each(|(i, c)| flow.take(i, |w| w * c));
        }
        Op::LogSumExp => {
            // A large `r` is rounded, and exp(xᵢ - r) off by that much relatively. The sum of all is
            // then off from 1 by the same factor, and divides it out again.
            let r = r();
            let share = |i: u32| (value(i) - r).exp();
            let mut shares = [r; REMEMBERED];
            let total = T::sum_of(terms.operands.iter().enumerate().map(|(k, &i)| {
                let share = share(i);
                if let Some(remembered) = shares.get_mut(k) {
                    *remembered = share;
                }
                share
            }));
            for (k, &i) in terms.operands.iter().enumerate() {
                // Of a long sum the rest are computed twice, which costs less than to allocate.
                let share = shares.get(k).copied().unwrap_or_else(|| share(i));
                flow.take(i, |w| w * (share / total));
            }
        }
        _ => unreachable!("{op:?} is not n-ary"),
    }
    if let Some(bias) = terms.bias {
        flow.take(bias, |w| w);
    }
}
