//! The limits of a tape, which no test could reach by recording.

use super::CustomOp;
use super::serial;
use crate::{Tape, Var, custom, dot, log_sum_exp, sum};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn message_of<R>(body: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(_) => panic!("a panic was expected"),
        Err(payload) => *payload.downcast::<String>().expect("the message is formatted"),
    }
}

/// As many outputs as it says, each the sum of the inputs.
struct Outputs(usize);

impl CustomOp for Outputs {
    fn name(&self) -> &str {
        "outputs"
    }
    fn outputs(&self) -> usize {
        self.0
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.fill(x.iter().sum());
    }
    fn vjp(&self, _: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.fill(w.iter().sum());
    }
}

#[test]
fn at_the_limit_an_operation_is_recorded_whole_or_not_at_all() {
    type Case = (&'static str, usize, fn(Var) -> Var);
    // How many nodes each takes: constants become nodes too, where they are not kept as data.
    let cases: [Case; 12] = [
        ("unary", 1, |x| x.sin()),
        ("binary", 1, |x| x * x),
        ("with a constant as data", 1, |x| x * 2.0),
        ("with two constants as data", 1, |x| x.clamp(-1.0, 1.0)),
        ("with a constant as a node", 2, |x| x.atan2(1.5)),
        ("ternary", 3, |x| x.mul_add(1.5, 2.5)),
        ("a sum", 2, |x| sum([x, Var::from(1.5), x])),
        ("a dot product", 2, |x| dot(&[x, x], &[x, Var::from(1.5)])),
        ("a dot product with data", 1, |x| dot(&[x, x], &[1.5, 2.5])),
        ("ln of a sum of exponentials", 3, |x| log_sum_exp([x, Var::from(1.5), Var::from(2.5)])),
        ("a custom operation", 5, |x| custom(Outputs(5), &[x])[4]),
        ("a custom operation at constants, which are kept with it", 5, |x| {
            custom(Outputs(5), &[Var::from(1.5), x, Var::from(2.5)])[4]
        }),
    ];
    for (name, nodes, f) in cases {
        for locations in [false, true] {
            let tape = Tape::new();
            tape.record_locations(locations);
            let x = tape.var(0.5);
            tape.recording.limit.set(2000);
            while tape.len() + nodes < 2001 {
                let _ = tape.var(1.0);
            }
            for _ in 0..3 {
                let before = tape.len();
                let message = message_of(|| f(x));
                assert!(message.contains("no room"), "{name}: {message}");
                assert!(
                    message.contains("of 2000 nodes") && message.contains("clear it"),
                    "{message}"
                );
                assert_eq!(tape.len(), before, "{name} leaves nodes behind");
            }
            // What is there can be swept, shown and frozen.
            assert_eq!(x.backward().wrt(x), 1.0);
            assert_eq!(tape.nodes().count(), tape.len());
            assert!(tape.recording.customs.borrow().is_empty(), "{name}");
            // With one node more it fits.
            tape.recording.limit.set(2001);
            let y = f(x);
            assert_eq!(tape.len(), 2001, "{name}");
            assert!(y.backward().wrt(x).is_finite());
            assert!(message_of(|| tape.var(1.0)).contains("it holds 2001 of 2001 nodes"));
        }
    }
}

#[test]
fn a_tape_that_has_used_up_its_serial_numbers_goes_on_and_is_called_by_its_number() {
    let tape = Tape::new();
    let number = tape.number();
    let kept = tape.var(2.0).label("kept");
    let (whole, mark) = (tape.mark(), tape.mark());
    let mut old = Vec::new();
    for round in 0..3 {
        let lost = (kept * 3.0).label("lost");
        let gradient = lost.backward();
        old.push(lost);
        // As if nearly 2⁴⁰ nodes had been recorded and rewound.
        let (_, end) = tape.recording.range.get();
        tape.rewind(mark);
        let next = end - serial::MAX_NODES as u64;
        let first = (tape.recording.id + 1, 1);
        tape.recording.store.truncate(1, next, first);
        tape.rewind(mark);
        assert_ne!(tape.recording.range.get().1, end, "round {round}: another range");
        // Its number is the same, what stands lives, and what is gone is not called dropped.
        assert_eq!(tape.number(), number);
        let y = kept.square();
        assert_eq!((y.index(), y.backward().wrt(kept), gradient.wrt(kept)), (Some(1), 4.0, 3.0));
        for &lost in &old {
            let message = message_of(|| lost + 1.0);
            assert!(message.contains(&format!("of tape {number} is stale")), "{message}");
            assert!(
                message.contains("cleared or rewound") && !message.contains("dropped"),
                "{message}"
            );
            let there = std::thread::spawn(move || message_of(|| lost + 1.0)).join();
            let there = there.expect("it is refused");
            assert!(
                there.contains(&format!("of tape {number} belongs to another thread")),
                "{there}"
            );
        }
        tape.rewind(whole);
    }
    let last = kept * 2.0;
    drop(tape);
    // Another may take the number.
    let others: Vec<Tape> = (0..8).map(|_| Tape::new()).collect();
    for gone in old.into_iter().chain([kept, last]) {
        let message = message_of(|| gone + 1.0);
        assert!(message.contains(&format!("of tape {number} is stale")), "{message}");
        assert!(message.contains("has been dropped"), "{message}");
    }
    drop(others);
}
