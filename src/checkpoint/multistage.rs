//! [`Multistage`]: states in memory and on disk.
//!
//! ```text
//! run the binomial schedule with all slots, and count how often each is written and read
//! give memory to those that are used most, and disk to the others
//! ```

use super::action::{Action, Slot};
use super::binomial::Reversal;
use super::error::CheckpointError;
use super::optimum::cost;
use super::picture::draw;
use std::cmp::Reverse;
use std::fmt;

/// The schedule of [`Binomial`](super::Binomial) with slots in memory and on disk: the states that are used most are kept in
/// memory (Stumm and Walther, MultiStage approaches for optimal offline checkpointing, SIAM J. Sci. Comput. 31, 2009).
///
/// So it has the fewest plain steps for all its slots together, and of its states those on disk are written and read least.
///
/// ```
/// use gradtape::checkpoint::{Action, Multistage, Slot};
///
/// let schedule = Multistage::new(1_000, 3, 5)?;
/// let writes = |on_disk: bool| {
///     let is_write = move |action: &Action| {
///         matches!(action, Action::Store { slot, .. } if matches!(slot, Slot::Disk(_)) == on_disk)
///     };
///     schedule.clone().filter(is_write).count()
/// };
/// assert_eq!((writes(false), writes(true)), (531, 120));
/// # Ok::<(), gradtape::checkpoint::CheckpointError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Multistage {
    reversal: Reversal,
    /// What comes before all else when a run is resumed.
    first: Option<Action>,
    pub(super) steps: usize,
    pub(super) memory: usize,
    pub(super) disk: usize,
}

impl Multistage {
    /// Plan a loop of so many steps with slots in memory and on disk, of which the initial state takes one.
    ///
    /// # Errors
    /// If there is no slot.
    pub fn new(steps: usize, memory: usize, disk: usize) -> Result<Multistage, CheckpointError> {
        if memory == 0 && disk == 0 {
            return Err(CheckpointError::NoSlots);
        }
        let reversal = Reversal::new(steps, memory.saturating_add(disk));
        let mut schedule = Multistage { reversal, first: None, steps, memory, disk };
        schedule.assign();
        Ok(schedule)
    }

    /// Count the plain steps of a schedule from its beginning: the fewest possible with as many slots. Beside these each
    /// step is recorded once.
    #[must_use]
    pub fn forward_steps(&self) -> u64 {
        cost(self.steps as u64, self.reversal.count as u64)
    }

    /// Go on where files are left: `stored` are the files with their states, in the order of these; the steps from `end` on
    /// are reversed. What was in memory is lost.
    pub(super) fn resume(&mut self, stored: &[(usize, usize)], end: usize) {
        let reversal = &mut self.reversal;
        reversal.end = end;
        reversal.stored = stored.iter().map(|&(_, step)| step).collect();
        reversal.slots = stored.iter().map(|&(file, _)| Slot::Disk(file)).collect();
        reversal.at = if stored.is_empty() { Some(0) } else { None };
        self.first = None;
        if !stored.is_empty() && stored[0].1 != 0 {
            // The initial state is at hand; it had its place in memory, or there would be a file.
            let is_taken = |file: &usize| stored.iter().any(|(taken, _)| taken == file);
            let slot = match (self.memory, (0..self.disk).find(|file| !is_taken(file))) {
                (0, Some(file)) => Slot::Disk(file),
                // Without memory and a free file the last one gives way.
                (0, None) => {
                    reversal.stored.pop();
                    reversal.slots.pop().unwrap_or(Slot::Disk(0))
                }
                _ => Slot::Memory(0),
            };
            reversal.stored.insert(0, 0);
            reversal.slots.insert(0, slot);
            self.first = Some(Action::Store { slot, step: 0 });
        }
        self.assign();
    }

    /// Give the slots that are not taken yet to memory and disk, by how often they will be used.
    fn assign(&mut self) {
        let reversal = &mut self.reversal;
        let taken = reversal.slots.clone();
        // More slots than steps are not used.
        let most = reversal.count.min(taken.len() + self.steps);
        // Slots of the trial are numbered by their place.
        let mut trial = reversal.clone();
        trial.slots = (0..most).map(Slot::Memory).collect();
        let mut uses = vec![0_u64; most];
        while let Some(action) = trial.next() {
            if let Action::Store { slot, .. } | Action::Restore { slot, .. } = action
                && let Slot::Memory(place) = slot
            {
                uses[place] += 1;
            }
        }
        let is_free = |slot: &Slot| !taken.contains(slot);
        let in_memory = (0..self.memory.min(most)).map(Slot::Memory).filter(is_free);
        let on_disk = (0..self.disk.min(most)).map(Slot::Disk).filter(is_free);
        let mut places: Vec<usize> = (taken.len()..most).collect();
        places.sort_by_key(|&place| Reverse(uses[place]));
        let mut slots = taken.clone();
        slots.resize(most, Slot::Memory(0));
        for (&place, slot) in places.iter().zip(in_memory.chain(on_disk)) {
            slots[place] = slot;
        }
        self.reversal.slots = slots;
    }
}

impl Iterator for Multistage {
    type Item = Action;
    fn next(&mut self) -> Option<Action> {
        self.first.take().or_else(|| self.reversal.next())
    }
}

impl fmt::Display for Multistage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        draw(self.clone(), f)
    }
}
