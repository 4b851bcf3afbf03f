//! [`Action`]: what a schedule is made of.

use std::fmt;

/// Where a state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// In memory, at this place.
    Memory(usize),
    /// In a file, of this number.
    Disk(usize),
}

/// One action of a schedule. State `i` is the one before step `i`; state 0 is the initial state.
///
/// ```
/// use gradtape::checkpoint::{Action, Slot};
/// assert_eq!(Action::Advance { from: 3, to: 7 }.to_string(), "advance 3 to 7");
/// assert_eq!(Action::Store { slot: Slot::Memory(1), step: 7 }.to_string(), "store 7 in memory 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Run the steps `from`, ..., `to - 1` on plain numbers: from state `from` to state `to`.
    Advance {
        /// The state at hand.
        from: usize,
        /// The state that is reached.
        to: usize,
    },
    /// Keep the state at hand.
    Store {
        /// Where.
        slot: Slot,
        /// Which state it is.
        step: usize,
    },
    /// Read a state back; it stays where it is kept.
    Restore {
        /// From where.
        slot: Slot,
        /// Which state it is.
        step: usize,
    },
    /// A state that is kept is not needed again.
    Free {
        /// Where.
        slot: Slot,
        /// Which state it is.
        step: usize,
    },
    /// Record the step from the state at hand, and sweep backwards over it. The first step reversed is the last there
    /// is; each one after it is the step before.
    Reverse {
        /// The step.
        step: usize,
    },
}

impl Action {
    /// Count the steps that it runs on plain numbers.
    #[must_use]
    pub fn forward_steps(&self) -> usize {
        match *self {
            Action::Advance { from, to } => to.saturating_sub(from),
            _ => 0,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Slot::Memory(i) => write!(f, "memory {i}"),
            Slot::Disk(i) => write!(f, "disk {i}"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Advance { from, to } => write!(f, "advance {from} to {to}"),
            Action::Store { slot, step } => write!(f, "store {step} in {slot}"),
            Action::Restore { slot, step } => write!(f, "restore {step} from {slot}"),
            Action::Free { slot, step } => write!(f, "free {step} in {slot}"),
            Action::Reverse { step } => write!(f, "reverse {step}"),
        }
    }
}
