//! [`Binomial`]: the schedule with the fewest steps, for a loop whose length is known.
//!
//! ```text
//! while there are steps to reverse:
//!     a = the last state that is stored; e = the step after the last one that is left
//!     if the state at hand was used up:  restore a
//!     if a is the state before e:        reverse it, free its slot
//!     else:                              advance to the best place between a and e; store it there, or
//!                                        reverse if that is the last step
//! ```

use super::action::{Action, Slot};
use super::error::CheckpointError;
use super::optimum::{cost, split};
use super::picture::draw;
use std::fmt;

/// States that are stored, and the steps that are left to reverse. The other schedules end with it.
#[derive(Clone, Debug)]
pub(super) struct Reversal {
    /// The states that are stored, in their order.
    pub stored: Vec<usize>,
    /// The slots: first those of the stored states, then those to be taken next. What is beyond is in memory.
    pub slots: Vec<Slot>,
    /// How many slots there are.
    pub count: usize,
    /// The steps from here on are reversed.
    pub end: usize,
    /// The state at hand.
    pub at: Option<usize>,
}

impl Reversal {
    pub fn new(end: usize, count: usize) -> Reversal {
        Reversal { stored: Vec::new(), slots: Vec::new(), count, end, at: Some(0) }
    }

    /// The slot of a stored state, by its place among them.
    pub fn slot(&mut self, place: usize) -> Slot {
        while self.slots.len() <= place {
            self.slots.push(Slot::Memory(self.slots.len()));
        }
        self.slots[place]
    }

    /// Store the state at hand behind all that are stored.
    pub fn store(&mut self, step: usize) -> Action {
        self.stored.push(step);
        Action::Store { slot: self.slot(self.stored.len() - 1), step }
    }

    pub fn next(&mut self) -> Option<Action> {
        let last = self.stored.last().copied();
        let slot = self.slot(self.stored.len().saturating_sub(1));
        match (last, self.at) {
            (Some(step), _) if step >= self.end => {
                self.stored.pop();
                Some(Action::Free { slot, step })
            }
            _ if self.end == 0 => None,
            (_, Some(step)) if step + 1 == self.end && last.is_some() => {
                (self.end, self.at) = (step, None);
                Some(Action::Reverse { step })
            }
            (Some(step), None) => {
                self.at = Some(step);
                Some(Action::Restore { slot, step })
            }
            (Some(from), Some(at)) if from == at => {
                let free = self.count - self.stored.len() + 1;
                let to = from + split((self.end - from) as u64, free as u64) as usize;
                self.at = Some(to);
                Some(Action::Advance { from, to })
            }
            (_, Some(at)) => Some(self.store(at)),
            (None, None) => None,
        }
    }
}

/// The schedule with the fewest plain steps, for a loop whose length is known: Griewank and Walther's, of 2000.
///
/// With `s` slots it reverses a loop of `(s + r)! / (s! r!)` steps so that none is run more than `r` times on plain
/// numbers: with 20 slots, ten thousand steps at most 4 times, a million 8 times.
///
/// It is an iterator of its [`Action`]s, and prints as a picture of them.
///
/// ```
/// use gradtape::checkpoint::{Action, Binomial};
///
/// let schedule = Binomial::new(10, 3)?;
/// assert_eq!(schedule.forward_steps(), 15);
/// assert_eq!(schedule.clone().map(|action| action.forward_steps()).sum::<usize>(), 15);
/// assert_eq!(schedule.clone().filter(|action| matches!(action, Action::Reverse { .. })).count(), 10);
/// println!("{schedule}");
/// # Ok::<(), gradtape::checkpoint::CheckpointError>(())
/// ```
#[doc(alias("revolve", "treeverse"))]
#[derive(Clone, Debug)]
pub struct Binomial(Reversal);

impl Binomial {
    /// Plan a loop of so many steps with so many slots, of which the initial state takes one.
    ///
    /// # Errors
    /// If there is no slot.
    pub fn new(steps: usize, slots: usize) -> Result<Binomial, CheckpointError> {
        if slots == 0 {
            return Err(CheckpointError::NoSlots);
        }
        Ok(Binomial(Reversal::new(steps, slots)))
    }

    /// Count the plain steps of a schedule from its beginning: the fewest possible, in closed form. Beside these each step is
    /// recorded once.
    #[must_use]
    pub fn forward_steps(&self) -> u64 {
        cost(self.0.end as u64, self.0.count as u64)
    }
}

impl Iterator for Binomial {
    type Item = Action;
    fn next(&mut self) -> Option<Action> {
        self.0.next()
    }
}

impl fmt::Display for Binomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        draw(self.clone(), f)
    }
}
