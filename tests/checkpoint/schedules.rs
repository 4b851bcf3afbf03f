//! Schedules by themselves: what they cost, and that they can be followed.

use super::machine::follow;
use gradtape::checkpoint::{Action, Binomial, CheckpointError, Multistage, Online, Slot};

const STEPS: usize = 1_000;
const SLOTS: usize = 50;

/// The fewest plain steps, by trying every place for the next state: `table[slots][steps]`.
fn by_dynamic_programming() -> Vec<Vec<u64>> {
    let mut table = vec![vec![0; STEPS + 1]; SLOTS + 1];
    for steps in 2..=STEPS {
        // One slot: from the beginning each time.
        table[1][steps] = table[1][steps - 1] + steps as u64 - 1;
    }
    for slots in 2..=SLOTS {
        for steps in 2..=STEPS {
            let (fewer, same) = (&table[slots - 1], &table[slots]);
            let least = (1..steps).map(|at| at as u64 + fewer[steps - at] + same[at]).min();
            table[slots][steps] = least.expect("more than one step");
        }
    }
    table
}

#[test]
fn binomial_schedules_take_the_fewest_steps_for_every_length_and_number_of_slots() {
    let table = by_dynamic_programming();
    for (slots, row) in table.iter().enumerate().skip(1) {
        for (steps, &fewest) in row.iter().enumerate() {
            let schedule = Binomial::new(steps, slots).expect("slots");
            assert_eq!(schedule.forward_steps(), fewest, "{steps} steps, {slots} slots");
            // The first state stored is at a best place. The rest is two shorter schedules.
            if let Some(Action::Advance { from: 0, to }) = schedule.clone().nth(1) {
                let behind = if to + 1 == steps { 0 } else { table[slots - 1][steps - to] };
                assert_eq!(to as u64 + behind + row[to], fewest, "{steps} steps, {slots} slots");
            } else {
                assert!(steps < 2, "{steps} steps, {slots} slots");
            }
        }
        for steps in [0, 1, 2, 3, 7, slots, slots + 1, slots + 2, 100, 333] {
            let taken = follow(steps, Binomial::new(steps, slots).expect("slots"));
            assert_eq!(taken.forward_steps, row[steps], "{steps} steps, {slots} slots");
            assert!(taken.most[0] <= slots && taken.most[1] == 0, "{steps} steps: {taken:?}");
        }
    }
    for (slots, step_by) in [(3, 31), (5, 17), (8, 13), (20, 11), (SLOTS, 7)] {
        for (steps, &fewest) in table[slots].iter().enumerate().step_by(step_by) {
            let taken = follow(steps, Binomial::new(steps, slots).expect("slots"));
            assert_eq!(taken.forward_steps, fewest, "{steps} steps, {slots} slots");
            assert!(taken.most[0] <= slots, "{steps} steps, {slots} slots: {taken:?}");
        }
    }
}

#[test]
fn a_million_steps_with_twenty_slots_are_run_at_most_eight_times_each() {
    let schedule = Binomial::new(1_000_000, 20).expect("slots");
    // reach(20, r) = (20 + r)! / (20! r!): 888,030 for 7, 3,108,105 for 8.
    let reach = |r: u64| (1..=r).fold(1, |product, i| product * (20 + i) / i);
    let repeats = (1..).find(|&r| reach(r) >= 1_000_000).expect("it grows");
    // cost = r l - (21 + r - 1)! / (21! (r - 1)!)
    let less = (1..repeats).fold(1, |product, i| product * (21 + i) / i);
    assert_eq!(schedule.forward_steps(), repeats * 1_000_000 - less);
    assert_eq!(repeats, 8);
    let taken = follow(1_000_000, schedule.clone());
    assert_eq!(taken.forward_steps, schedule.forward_steps());
    assert_eq!(taken.most, [20, 0]);
}

#[test]
fn sizes_at_the_ends_of_their_range_are_counted() {
    let forward = |steps, slots| Binomial::new(steps, slots).expect("slots").forward_steps();
    assert_eq!(forward(0, 5), 0);
    assert_eq!(forward(1, usize::MAX), 0);
    assert_eq!(forward(1_000, usize::MAX), 999);
    assert_eq!(forward(1 << 40, 1), u64::MAX);
    assert_eq!(forward(usize::MAX, usize::MAX), u64::MAX - 1);
    assert_eq!(Binomial::new(5, 0).unwrap_err(), CheckpointError::NoSlots);
    assert_eq!(Online::new(0).unwrap_err(), CheckpointError::NoSlots);
    assert_eq!(Multistage::new(5, 0, 0).unwrap_err(), CheckpointError::NoSlots);
    assert_eq!(Binomial::new(0, 3).expect("slots").count(), 0);
}

/// The actions of an online schedule that is told of its end after so many steps.
fn online(steps: usize, slots: usize) -> Vec<Action> {
    let mut schedule = Online::new(slots).expect("slots");
    let (mut actions, mut at) = (Vec::new(), 0);
    while at + 1 < steps {
        let action = schedule.next().expect("it goes on");
        if let Action::Advance { to, .. } = action {
            at = to;
        }
        actions.push(action);
    }
    if steps > 0 {
        schedule.end();
        actions.extend(schedule);
    }
    actions
}

#[test]
fn online_schedules_take_at_most_1_38_times_the_fewest_steps() {
    let mut worst = (0.0, 0, 0);
    for slots in (1..=12).chain([15, 20, 30, 40, SLOTS]) {
        for steps in (1..=70).chain((71..=STEPS).step_by(if slots < 3 { 301 } else { 59 })) {
            let fewest = Binomial::new(steps, slots).expect("slots").forward_steps();
            let taken = follow(steps, online(steps, slots).into_iter());
            assert!(taken.most[0] <= slots, "{steps} steps, {slots} slots: {taken:?}");
            assert!(taken.forward_steps >= fewest);
            if fewest == 0 {
                assert_eq!(taken.forward_steps, 0);
                continue;
            }
            let ratio = taken.forward_steps as f64 / fewest as f64;
            if ratio > worst.0 {
                worst = (ratio, steps, slots);
            }
            assert!(
                ratio <= if slots < 3 { 1.38 } else { 1.2 },
                "{steps} steps, {slots} slots: {ratio}"
            );
        }
    }
    println!("worst: {worst:?}");
}

#[test]
fn multistage_schedules_are_binomial_and_keep_on_disk_what_is_used_least() {
    for (steps, memory, disk) in
        [(1, 1, 1), (50, 0, 4), (50, 4, 0), (333, 3, 5), (1_000, 2, 10), (40, 30, 30)]
    {
        let schedule = Multistage::new(steps, memory, disk).expect("slots");
        let taken = follow(steps, schedule.clone());
        let fewest = Binomial::new(steps, memory + disk).expect("slots").forward_steps();
        assert_eq!((taken.forward_steps, schedule.forward_steps()), (fewest, fewest));
        assert!(taken.most[0] <= memory && taken.most[1] <= disk, "{taken:?}");
        // Of the same schedule with one kind of slots: how often each place is used.
        let mut uses = vec![0; memory + disk];
        for action in Binomial::new(steps, memory + disk).expect("slots") {
            if let Action::Store { slot: Slot::Memory(i), .. }
            | Action::Restore { slot: Slot::Memory(i), .. } = action
            {
                uses[i] += 1;
            }
        }
        uses.sort_unstable();
        let least: usize = uses.iter().rev().skip(memory).sum();
        assert_eq!(taken.uses[1], least, "{steps} steps, {memory} + {disk} slots");
    }
}

#[test]
fn a_schedule_is_drawn_as_its_ways_forwards() {
    let shown = Binomial::new(6, 2).expect("slots").to_string();
    assert_eq!(
        shown,
        "6 steps reversed by 8 plain ones; 3 stores, at most 2 at a time\n\
         o--o-<\n\x20  r<\n\x20  <\n\
         ro<\n\x20<\n<"
    );
    // A long one is counted only.
    let long = Binomial::new(100_000, 10).expect("slots").to_string();
    assert_eq!(long.lines().count(), 1);
    assert!(long.starts_with("100000 steps reversed by 832040 plain ones;"), "{long}");
}
