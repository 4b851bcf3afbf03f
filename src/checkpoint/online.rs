//! [`Online`]: a schedule for a loop that does not know when it ends.
//!
//! ```text
//! at each state i:    if there is a free slot:  store i
//!                     else:  for each stored state but the first: what would it cost to reverse i + 1 steps, were this
//!                            one replaced by i?  Store i in the place of the cheapest, if that is cheaper than to go on
//! at the end:         reverse as `Binomial` does, between the states that are stored
//! ```
//!
//! The costs are exact, for the closed form has them. A stored state that goes leaves its slot to all that stand behind
//! it. Which one is cheapest to replace among those before the last does not depend on i: it is looked for once a store.

use super::action::{Action, Slot};
use super::binomial::Reversal;
use super::error::CheckpointError;
use super::optimum::cost;

/// A schedule for a loop that does not know beforehand when it ends.
///
/// The problem is that of Stumm and Walther (New algorithms for optimal online checkpointing, SIAM J. Sci. Comput. 32,
/// 2010). The rule is a greedy one by exact costs: of the states that are stored, the one that the reversal would miss least
/// gives way. With up to 50 slots and 1,000 steps it costs at most 1.38 times what [`Binomial`](super::Binomial) does, which knows the number
/// beforehand; with three slots or more at most 1.2 times, with seven 1.11 times. A million
/// steps with 20 slots cost 1.004 times as much.
///
/// As an iterator it goes on without end, until [`end`](Online::end) is called.
///
/// ```
/// use gradtape::checkpoint::{Action, Online};
///
/// let mut schedule = Online::new(2)?;
/// let begun: Vec<String> = schedule.by_ref().take(4).map(|action| action.to_string()).collect();
/// assert_eq!(begun, ["store 0 in memory 0", "advance 0 to 1", "store 1 in memory 1", "advance 1 to 2"]);
/// schedule.end(); // The step from state 2 is the last.
/// let rest: Vec<String> = schedule.map(|action| action.to_string()).collect();
/// assert_eq!(rest[..2], ["reverse 2", "restore 1 from memory 1"]);
/// assert_eq!(rest.last().unwrap(), "free 0 in memory 0");
/// # Ok::<(), gradtape::checkpoint::CheckpointError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Online {
    reversal: Reversal,
    /// The state at hand while the loop runs, and whether what to do with it is decided.
    at: usize,
    decided: bool,
    ended: bool,
    /// A stored state before the last that can be replaced, by its place, and what that would cost.
    cheapest: Option<(usize, i128)>,
}

impl Online {
    /// Plan with so many slots, of which the initial state takes one.
    ///
    /// # Errors
    /// If there is no slot.
    pub fn new(slots: usize) -> Result<Online, CheckpointError> {
        if slots == 0 {
            return Err(CheckpointError::NoSlots);
        }
        let reversal = Reversal::new(usize::MAX, slots);
        Ok(Online { reversal, at: 0, decided: false, ended: false, cheapest: None })
    }

    /// Say that the step from the state at hand is the last one. From now on the actions are those of the reversal.
    pub fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            (self.reversal.end, self.reversal.at) = (self.at + 1, Some(self.at));
        }
    }

    /// What it costs to reverse the steps between stored states `i` and `i + 1`, if the first is at `place`.
    fn between(&self, i: usize, place: usize) -> i128 {
        let stored = &self.reversal.stored;
        self.cost(stored[i + 1] - stored[i], place)
    }

    /// What so many steps cost from a stored state, if there are `place` stored before it.
    fn cost(&self, steps: usize, place: usize) -> i128 {
        cost(steps as u64, (self.reversal.count - place) as u64).into()
    }

    /// Find the stored state, but for the first and the last, that is cheapest to replace.
    fn find_cheapest(&self) -> Option<(usize, i128)> {
        let stored = &self.reversal.stored;
        let last = stored.len() - 1;
        // What those behind it gain by its slot.
        let mut gained = 0;
        let mut best: Option<(usize, i128)> = None;
        for j in (1..last).rev() {
            let merged = self.cost(stored[j + 1] - stored[j - 1], j - 1);
            let price = merged - self.between(j - 1, j - 1) - self.between(j, j) - gained;
            if best.is_none_or(|(_, least)| price < least) {
                best = Some((j, price));
            }
            gained += self.between(j, j) - self.between(j, j - 1);
        }
        best
    }

    /// The place of the state that the one at hand should replace, if any.
    fn replaced(&self) -> Option<usize> {
        let stored = &self.reversal.stored;
        let last = stored.len() - 1;
        if last == 0 {
            return None;
        }
        // The loop would end behind the step from here, whose state is at hand: this step is free.
        let go_on = self.cost(self.at - stored[last], last);
        let before = self
            .cheapest
            .map(|(place, price)| (place, price + self.cost(self.at - stored[last], last - 1)));
        let merged = self.cost(self.at - stored[last - 1], last - 1);
        let at_last = (last, merged - self.between(last - 1, last - 1));
        let (place, price) = before.filter(|&(_, price)| price < at_last.1).unwrap_or(at_last);
        (price <= go_on).then_some(place)
    }

    /// Store the state at hand, or make room for it, or neither.
    fn decide(&mut self) -> Option<Action> {
        if self.reversal.stored.len() < self.reversal.count {
            self.decided = true;
            let action = self.reversal.store(self.at);
            // Asked for only when no slot is free.
            if self.reversal.stored.len() == self.reversal.count {
                self.cheapest = self.find_cheapest();
            }
            return Some(action);
        }
        let Some(place) = self.replaced() else {
            self.decided = true;
            return None;
        };
        let step = self.reversal.stored.remove(place);
        // Its slot is the last in order from now on.
        let slot: Slot = self.reversal.slots.remove(place);
        self.reversal.slots.insert(self.reversal.stored.len(), slot);
        Some(Action::Free { slot, step })
    }
}

impl Iterator for Online {
    type Item = Action;
    fn next(&mut self) -> Option<Action> {
        if self.ended {
            return self.reversal.next();
        }
        if !self.decided
            && let Some(action) = self.decide()
        {
            return Some(action);
        }
        let from = self.at;
        (self.at, self.decided) = (from + 1, false);
        Some(Action::Advance { from, to: self.at })
    }
}
