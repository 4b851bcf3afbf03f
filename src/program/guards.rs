//! Guards: comparisons that must have the outcome that was recorded.

use super::code::InstVec;
use crate::sweep::Primal;
use crate::sweep::interpreter::evaluate;
use crate::sweep::storage::Results;
use crate::tape::Relation;
use std::ops::Range;

/// One side of a guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    Value(u32),
    Constant(f64),
}

/// A comparison that must have the outcome that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Check {
    pub left: Side,
    pub relation: Relation,
    pub right: Side,
    pub outcome: bool,
    /// The values of both sides when it was recorded.
    pub recorded: [f64; 2],
    /// The instruction before which it is checked: both sides are there by then.
    pub before: u32,
    /// The path of its scope.
    pub scope: Option<String>,
}

impl Check {
    /// Tell whether the outcome is the recorded one.
    #[inline(always)]
    pub fn holds(&self, left: f64, right: f64) -> bool {
        self.relation.holds(left, right) == self.outcome
    }

    /// The operands that are results.
    pub fn operands(&self) -> impl Iterator<Item = u32> {
        [self.left, self.right].into_iter().filter_map(|side| match side {
            Side::Value(i) => Some(i),
            Side::Constant(_) => None,
        })
    }
}

/// Compute the instructions of a range, and check each guard as soon as both its sides are there.
///
/// `holds` compares the two sides. The error is the place of the first guard that does not hold.
#[inline(always)]
pub(super) fn evaluate_guarded<T: Primal>(
    code: &InstVec,
    range: Range<usize>,
    checks: &[Check],
    values: &mut (impl Results<T> + ?Sized),
    mut holds: impl FnMut(&Check, T, T) -> bool,
) -> Result<(), usize> {
    let mut done = range.start;
    for (k, check) in checks.iter().enumerate() {
        let before = check.before as usize;
        if done < before {
            evaluate(code, done..before, values);
            done = before;
        }
        let side = |side: Side| match side {
            Side::Value(i) => values.get(i),
            Side::Constant(c) => T::from(c),
        };
        if !holds(check, side(check.left), side(check.right)) {
            return Err(k);
        }
    }
    evaluate(code, done..range.end, values);
    Ok(())
}

/// Compute all instructions behind the inputs on plain numbers. The error is the first guard that does not
/// hold, with the values of its sides.
pub(super) fn evaluate_checked(
    code: &InstVec,
    inputs: usize,
    checks: &[Check],
    values: &mut (impl Results<f64> + ?Sized),
) -> Result<(), (usize, [f64; 2])> {
    let mut sides = [0.0; 2];
    evaluate_guarded(code, inputs..code.insts.len(), checks, values, |check, left, right| {
        sides = [left, right];
        check.holds(left, right)
    })
    .map_err(|k| (k, sides))
}
