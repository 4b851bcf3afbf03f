//! Guards: comparisons that must have the outcome that was recorded.

use super::code::Code;
use crate::sweep::Primal;
use crate::sweep::interpreter::{Results, evaluate};
use crate::tape::Relation;
use std::ops::Range;

/// One side of a guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    Value(u32),
    Constant(f64),
}

/// A comparison that must come out as it was recorded.
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
    code: &Code,
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
