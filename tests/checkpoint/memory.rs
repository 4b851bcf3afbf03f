//! The memory of a run: that of its slots and of one step, however long the loop is.

use super::counting::{allocations, most_bytes};
use gradtape::Var;
use gradtape::checkpoint::{self, Binomial, Checkpointed, Online};
use gradtape::{Tape, release_memory};

/// A pendulum with friction.
fn swing(s: &[Var], p: &[Var], _: usize) -> [Var; 2] {
    let speed = s[1] - (p[0] * s[0].sin() + p[1] * s[1]) * 1e-4;
    [s[0] + speed * 1e-4, speed]
}

fn run(steps: usize, slots: usize) -> Checkpointed {
    let schedule = Binomial::new(steps, slots).expect("slots");
    checkpoint::gradient(steps, schedule, &[1.0, 0.0], &[9.81, 0.1], swing, |s| s[0])
        .expect("it repeats itself")
}

/// In a release build a million steps, which take as much; in a debug build it would take a minute.
#[test]
fn a_long_loop_takes_no_more_than_its_slots_one_step_and_its_hashes() {
    let steps = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    release_memory();
    let mut found = None;
    let bytes = most_bytes(|| found = Some(run(steps, 20)));
    println!("{steps} steps: {bytes} bytes");
    // 40 kB of them hashes, which are twice there while every second is dropped.
    assert!(bytes < 120_000, "{bytes} bytes");
    assert_eq!(found.expect("it ran").steps, steps);
    release_memory();
    let online = Online::new(20).expect("slots");
    let bytes = most_bytes(|| {
        let more = |_: &[f64], i: usize| i < steps;
        let found =
            checkpoint::gradient_while(more, online, &[1.0, 0.0], &[9.81, 0.1], swing, |s| s[0]);
        assert_eq!(found.expect("it repeats itself").steps, steps);
    });
    assert!(bytes < 120_000, "{bytes} bytes");
    // The one tape has 17 bytes for each of 9 nodes a step.
    release_memory();
    let steps = 10_000;
    let long = most_bytes(|| {
        let tape = Tape::new();
        let (s, p) = (tape.vars(&[1.0, 0.0]), tape.vars(&[9.81, 0.1]));
        let last = (0..steps).fold([s[0], s[1]], |s, i| swing(&s, &p, i));
        drop(last[0].backward());
    });
    assert!(long > steps * 17 * 9, "{long} bytes");
}

/// However long the loop, the same few: for slots and buffers, and as the hashes double.
#[test]
fn a_step_allocates_nothing() {
    run(3_000, 8);
    let few = allocations(|| drop(run(500, 8)));
    let many = allocations(|| drop(run(3_000, 8)));
    // The hashes of 3,000 states grow three times more than those of 500.
    assert!(many <= few + 3, "{few}, then {many} for six times the steps");
    assert!(few < 60, "{few} allocations");
}
