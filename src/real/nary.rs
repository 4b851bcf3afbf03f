//! Sums, dot products and their kin: one function each, and on a tape **one node** each.
//!
//! Every one adds from left to right, so a tape, a dual number and plain `f64` agree to the bit. What one operator says is
//! recorded as that: a sum of two is the node of `x + y`.

use super::{Operand, Real};
use crate::text::counted;
use std::panic::Location;

/// The scalar of a sequence.
type ScalarOf<I> = <<I as IntoIterator>::Item as Operand>::Scalar;

/// Add up a sequence: `Σᵢ xᵢ`, one node on a tape. An empty sum is 0.
///
/// Takes slices, arrays and iterators, by value or by reference.
///
/// ```
/// use gradtape::{gradient, sum};
/// assert_eq!(sum(&[1.0, 2.0, 3.5]), 6.5);
/// assert_eq!(gradient(|x| sum(x).square(), &[1.0, 2.0]), [6.0, 6.0]);
/// ```
#[inline]
#[must_use]
#[track_caller]
pub fn sum<I: IntoIterator<Item: Operand>>(terms: I) -> ScalarOf<I> {
    Real::sum_of(terms.into_iter().map(Operand::scalar))
}

/// Add up squares: `Σᵢ xᵢ²`, one node on a tape.
///
/// ```
/// use gradtape::{gradient, sum_squares};
/// let gradient = gradient(|x| sum_squares(x.iter().map(|&x| x - 1.0)), &[3.0, 0.0]);
/// assert_eq!(gradient, [4.0, -2.0]);
/// ```
#[inline]
#[must_use]
#[track_caller]
pub fn sum_squares<I: IntoIterator<Item: Operand>>(terms: I) -> ScalarOf<I> {
    Real::sum_squares_of(terms.into_iter().map(Operand::scalar))
}

/// Compute the dot product `Σᵢ aᵢ bᵢ`, one node on a tape.
///
/// `b` may be variables or plain `f64` data; a constant among variables (`Var::from(2.0)`) is fine
/// on either side.
///
/// # Panics
/// If the sequences differ in length: the message gives the number of terms of the shorter one.
///
/// ```
/// use gradtape::{dot, gradient};
/// let data = [10.0, 20.0];
/// assert_eq!(gradient(|w| dot(w, &data), &[0.5, 0.25]), data);
/// assert_eq!(gradient(|w| dot(w, w), &[0.5, 0.25]), [1.0, 0.5]);
/// ```
#[inline]
#[must_use]
#[track_caller]
pub fn dot<A, B>(a: A, b: B) -> ScalarOf<A>
where
    A: IntoIterator<Item: Operand>,
    B: IntoIterator<Item: Operand>,
    ScalarOf<B>: Into<ScalarOf<A>>,
{
    Real::dot_of(pairs(a, b))
}

/// Compute `w·x + b`, what a neuron does, as one node on a tape: the products from left to right,
/// the bias last.
///
/// # Panics
/// If `w` and `x` differ in length.
///
/// ```
/// use gradtape::{affine, gradient};
/// let x = [1.0, -2.0];
/// assert_eq!(gradient(|p| affine(&p[..2], &x, p[2]), &[3.0, 4.0, 5.0]), [1.0, -2.0, 1.0]);
/// ```
#[doc(alias("linear", "dense"))]
#[inline]
#[must_use]
#[track_caller]
pub fn affine<A, B>(w: A, x: B, bias: ScalarOf<A>) -> ScalarOf<A>
where
    A: IntoIterator<Item: Operand>,
    B: IntoIterator<Item: Operand>,
    ScalarOf<B>: Into<ScalarOf<A>>,
{
    Real::affine_of(pairs(w, x), bias)
}

/// Compute `ln Σᵢ exp(xᵢ)` as one node on a tape, with the maximum shifted out so that nothing
/// overflows: `m + ln Σᵢ exp(xᵢ - m)`. The empty one is -∞.
///
/// Its gradient is the softmax, `exp(xᵢ - result)`.
///
/// ```
/// use gradtape::{gradient, log_sum_exp};
/// assert_eq!(log_sum_exp(&[-1000.0, -1000.0]), -1000.0 + 2.0_f64.ln());
/// let softmax = gradient(|x| log_sum_exp(x), &[7.0, 7.0]);
/// assert!((softmax[0] - 0.5).abs() < 1e-15);
/// ```
#[doc(alias("logsumexp", "logaddexp"))]
#[inline]
#[must_use]
#[track_caller]
pub fn log_sum_exp<I: IntoIterator<Item: Operand>>(terms: I) -> ScalarOf<I> {
    Real::log_sum_exp_of(terms.into_iter().map(Operand::scalar))
}

/// Walk two sequences in step and refuse a leftover.
#[inline(always)]
#[track_caller]
fn pairs<A, B>(a: A, b: B) -> Pairs<A::IntoIter, B::IntoIter>
where
    A: IntoIterator,
    B: IntoIterator,
{
    Pairs { a: a.into_iter(), b: b.into_iter(), count: 0, caller: Location::caller() }
}

struct Pairs<A, B> {
    a: A,
    b: B,
    count: usize,
    caller: &'static Location<'static>,
}

impl<A, B> Iterator for Pairs<A, B>
where
    A: Iterator<Item: Operand>,
    B: Iterator<Item: Operand>,
    ScalarOf<B>: Into<ScalarOf<A>>,
{
    type Item = (ScalarOf<A>, ScalarOf<A>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        match (self.a.next(), self.b.next()) {
            (Some(a), Some(b)) => {
                self.count += 1;
                Some((a.scalar(), b.scalar().into()))
            }
            (None, None) => None,
            (a, _) => unequal(self.count, a.is_some(), self.caller),
        }
    }
}

#[cold]
#[inline(never)]
fn unequal(count: usize, first_goes_on: bool, caller: &Location<'_>) -> ! {
    let (long, short) = if first_goes_on { ("first", "second") } else { ("second", "first") };
    let count = counted(count, "term");
    panic!(
        "the {short} sequence of the dot product at {caller} ends after {count}, but the {long} goes on: \
         give both the same length"
    )
}
