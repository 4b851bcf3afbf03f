//! Quickly, and once more with care: how sweeps treat zero and infinity.
//!
//! A careful sweep tells *nothing*, which beats infinity, from a 0 that has flowed, which with infinity makes NaN. That
//! costs an addition an edge, and in lanes a mask. A quick one does neither, and finds out whether it would have
//! mattered:
//!
//! ```text
//! numbers   quickly: skip an instruction whose adjoint is 0, unless it may have an infinite partial: 0 · ∞ makes NaN
//! duals     quickly: skip nothing
//! lanes     quickly: skip nothing
//! in doubt  where there is a NaN: start again, carefully
//! ```
//!
//! A finite number has finite partials in most rows of the op table; those where that is not so are `steep`, and only
//! they are looked at, besides results that are not finite themselves.

use super::interpreter::{pull, push};
use super::scalar::Scalar;
use super::storage::{Adjoints, Results, cells};
use crate::lanes::{Lanes, Target};
use crate::op::Values;
use crate::tape::{Instructions, NotTwiceDifferentiable};
use crate::{Dual, Real};
use std::ops::Range;

/// Sweep backwards over a range of instructions, and tell nothing apart from a 0 that has flowed.
#[inline(always)]
pub(crate) fn pull_carefully<T: Scalar>(
    code: &(impl Instructions + ?Sized),
    range: Range<usize>,
    values: &(impl Values<T> + ?Sized),
    adjoints: impl Adjoints<T>,
) -> Result<(), NotTwiceDifferentiable> {
    pull::<true, T>(code, range, values, adjoints).map(|_| ())
}

/// Sweep numbers backwards over the instructions from `first` on: quickly, and once more with care where that is in doubt.
///
/// The adjoints are zeros with the seeds added to them, which `seed_again` does if need be.
#[inline(always)]
pub(crate) fn pull_numbers(
    code: &impl Instructions,
    first: usize,
    values: &[f64],
    adjoints: &mut [f64],
    seed_again: impl Fn(&mut [f64]),
) {
    if !pull_numbers_quickly(code, first, values, adjoints) {
        adjoints.fill(f64::nothing());
        seed_again(adjoints);
        pull_numbers_carefully(code, first, values, adjoints);
    }
}

/// Sweep numbers backwards, and tell whether the adjoints are certain.
#[inline(always)]
pub(crate) fn pull_numbers_quickly(
    code: &impl Instructions,
    first: usize,
    values: &[f64],
    adjoints: &mut [f64],
) -> bool {
    let swept = pull::<false, f64>(code, first..adjoints.len(), values, cells(adjoints));
    matches!(swept, Ok(true)) && !adjoints[..first].iter().any(|adjoint| adjoint.is_nan())
}

/// Sweep numbers backwards with care.
#[cold]
#[inline(never)]
pub(crate) fn pull_numbers_carefully(
    code: &impl Instructions,
    first: usize,
    values: &[f64],
    adjoints: &mut [f64],
) {
    let range = first..adjoints.len();
    expect_first_derivative(pull_carefully::<f64>(code, range, values, cells(adjoints)));
}

/// Sweep dual numbers backwards from an output over the instructions from `first` on, as [`pull_numbers`] does.
///
/// Adjoints of +0 flow, so in a quick sweep there is nothing that could beat infinity unseen. All are swept: that the
/// partials of a 0 are finite says nothing of *their* derivatives.
#[inline(always)]
pub(crate) fn pull_duals(
    code: &impl Instructions,
    first: usize,
    values: &impl Values<Dual>,
    adjoints: &mut [Dual],
    output: usize,
) -> Result<(), NotTwiceDifferentiable> {
    let range = first..adjoints.len();
    // A custom operation is not called where nothing has flowed, which only a careful sweep can tell.
    if code.calls().is_empty() {
        adjoints.fill(Dual::nothing().settled());
        adjoints[output] += Dual::from(1.0);
        pull::<false, Dual>(code, range.clone(), values, cells(adjoints))?;
        if !adjoints.iter().any(|adjoint| adjoint.has_nan()) {
            return Ok(());
        }
    }
    adjoints.fill(Dual::nothing());
    adjoints[output] += Dual::from(1.0);
    pull_carefully(code, range, values, cells(adjoints))
}

/// Sweep lanes backwards, quickly: every lane where something flowed that only a careful sweep can tell has NaN
/// among the adjoints that are left. Not if there are custom calls.
#[inline(always)]
pub(crate) fn pull_lanes<T: Target>(
    code: &impl Instructions,
    range: Range<usize>,
    values: &impl Values<Lanes<T>>,
    adjoints: impl Adjoints<Lanes<T>>,
) {
    let swept = pull::<false, Lanes<T>>(code, range, values, adjoints);
    debug_assert!(swept.is_ok(), "lanes are swept without a look at them");
}

/// Sweep lanes backwards with care. Not inlined, so it is compiled for the baseline, and once.
#[cold]
#[inline(never)]
pub(crate) fn pull_lanes_carefully(
    code: &impl Instructions,
    range: Range<usize>,
    values: &impl Values<Lanes>,
    adjoints: impl Adjoints<Lanes>,
) {
    expect_first_derivative(pull_carefully::<Lanes>(code, range, values, adjoints));
}

/// A first derivative cannot fail: every custom operation has a plain vjp.
#[inline(always)]
fn expect_first_derivative(swept: Result<(), NotTwiceDifferentiable>) {
    if let Err(error) = swept {
        unreachable!("every custom operation has a plain vjp: {error}");
    }
}

/// Fill in the tangents of a range of instructions from those before.
#[inline(always)]
pub(crate) fn push_carefully<T: Scalar>(
    code: &(impl Instructions + ?Sized),
    range: Range<usize>,
    values: &(impl Values<T> + ?Sized),
    tangents: &mut (impl Results<T> + ?Sized),
) {
    push::<true, T>(code, range, values, tangents);
}

/// Fill in tangents in lanes, quickly, as [`pull_lanes`] does.
#[inline(always)]
pub(crate) fn push_lanes<T: Target>(
    code: &impl Instructions,
    range: Range<usize>,
    values: &impl Values<Lanes<T>>,
    tangents: &mut (impl Results<Lanes<T>> + ?Sized),
) {
    push::<false, Lanes<T>>(code, range, values, tangents);
}

/// Fill in tangents in lanes with care.
#[cold]
#[inline(never)]
pub(crate) fn push_lanes_carefully(
    code: &impl Instructions,
    range: Range<usize>,
    values: &impl Values<Lanes>,
    tangents: &mut (impl Results<Lanes> + ?Sized),
) {
    push::<true, Lanes>(code, range, values, tangents);
}
