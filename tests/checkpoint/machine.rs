//! A machine that follows a schedule without computing anything, and accepts only what is possible.

use gradtape::checkpoint::{Action, Slot};
use std::collections::BTreeMap;

/// What a schedule took.
#[derive(Debug, Default, PartialEq)]
pub struct Taken {
    pub forward_steps: u64,
    /// The most states that were stored at a time, in memory and on disk.
    pub most: [usize; 2],
    /// How often memory and disk were written or read.
    pub uses: [usize; 2],
}

/// Follow a schedule of so many steps.
///
/// # Panics
/// If the state at hand is not the one that an action is about; if a slot holds another state than is restored or
/// freed, or is written while it holds one; if a step is not reversed in its turn; if something is left at the end.
pub fn follow(steps: usize, actions: impl Iterator<Item = Action>) -> Taken {
    let mut taken = Taken::default();
    let (mut at, mut end) = (Some(0), steps);
    let mut slots: BTreeMap<Slot, usize> = BTreeMap::new();
    let kind = |slot| usize::from(matches!(slot, Slot::Disk(_)));
    for action in actions {
        match action {
            Action::Advance { from, to } => {
                assert_eq!(at, Some(from), "{action}");
                assert!(from < to && to < end, "{action}, up to {end}");
                taken.forward_steps += (to - from) as u64;
                at = Some(to);
            }
            Action::Store { slot, step } => {
                assert_eq!(at, Some(step), "{action}");
                assert_eq!(slots.insert(slot, step), None, "{action}");
                taken.uses[kind(slot)] += 1;
                for (which, most) in taken.most.iter_mut().enumerate() {
                    *most = slots.keys().filter(|slot| kind(**slot) == which).count().max(*most);
                }
            }
            Action::Restore { slot, step } => {
                assert_eq!(slots.get(&slot), Some(&step), "{action}");
                taken.uses[kind(slot)] += 1;
                at = Some(step);
            }
            Action::Free { slot, step } => {
                assert_eq!(slots.remove(&slot), Some(step), "{action}");
                // While an online schedule goes forwards, one that gives way is lost for what follows.
                assert!(step >= end || end == steps, "{action}, though it is before {end}");
            }
            Action::Reverse { step } => {
                assert_eq!((at, step + 1), (Some(step), end), "{action}");
                (at, end) = (None, step);
            }
        }
    }
    assert_eq!(end, 0, "steps are left");
    assert!(slots.is_empty(), "left: {slots:?}");
    taken
}
