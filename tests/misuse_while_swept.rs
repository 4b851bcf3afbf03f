//! A tape in the middle of a sweep, or of a rewind, is not meddled with.

#[path = "common/panics.rs"]
mod panics;
#[path = "common/twice.rs"]
mod twice;

use gradtape::tape::Mark;
use gradtape::{CustomOp, Gradient, Tape, Var, custom, dot, sum};
use panics::{called, message_of, panics_saying, says};
use std::cell::RefCell;
use twice::Twice;

#[test]
fn a_mark_fits_only_the_tape_and_the_nodes_it_was_made_for() {
    let (a, b) = (Tape::new(), Tape::new());
    let x = a.var(1.0);
    let _ = b.var(1.0);
    let mark = a.mark();
    panics_saying(&[&called(&a), &called(&b), "use a mark of this tape"], || b.rewind(mark));
    let inner = {
        let _ = x * x;
        a.mark()
    };
    a.rewind(mark);
    panics_saying(&[&called(&a), "node 2", "mark again"], || a.rewind(inner));
    // As many nodes again are not the same nodes.
    let _ = x * x;
    panics_saying(&["node 2", "mark again"], || a.rewind(inner));
    a.rewind(mark);
    a.clear();
    let _ = a.var(1.0);
    panics_saying(&["node 1", "mark again"], || a.rewind(mark));
    assert_eq!((a.len(), b.len()), (1, 1), "a refused rewind changes nothing");
}

#[test]
fn a_mark_of_an_empty_tape_fits_no_later_tape_of_the_same_number() {
    let tape = Tape::new();
    let mark = tape.mark();
    drop(tape);
    // Most likely it has the same number: they are used again, the last one first.
    let tape = Tape::new();
    let x = tape.var(1.0);
    panics_saying(&["cannot rewind", &called(&tape), "use a mark of this tape"], || {
        tape.rewind(mark)
    });
    assert_eq!((x * 2.0).backward().wrt(x), 2.0);
}

#[test]
fn a_mark_works_as_often_as_it_is_rewound_to() {
    // So often that the tape runs out of serial numbers (2⁴⁰) and is given new ones.
    let tape = Tape::new();
    let (first, last) = (tape.var(2.0), tape.vars(&[1.0; 4_000_000])[3_999_999]);
    let mark = tape.mark();
    for _ in 0..300_000 {
        tape.rewind(mark);
    }
    assert_eq!((first * last).backward().wrt(last), 2.0);
}

thread_local! {
    /// A tape that custom operations can reach.
    static SHARED: RefCell<Option<(Tape, Mark)>> = const { RefCell::new(None) };
}

/// The identity, which meddles with the tape being swept.
struct Meddler(fn(&Tape, Mark, Var) -> Var, Var);

impl CustomOp for Meddler {
    fn name(&self) -> &str {
        "meddler"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0];
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0];
        SHARED.with_borrow(|shared| {
            let (tape, mark) = shared.as_ref().expect("the test has put it there");
            let _ = (self.0)(tape, *mark, self.1);
        });
    }
}

/// What a sweep says to `meddle`, called from inside a vjp.
fn meddling(meddle: fn(&Tape, Mark, Var) -> Var) -> String {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let mark = tape.mark();
    let y = custom(Meddler(meddle, x), &[x])[0];
    SHARED.set(Some((tape, mark)));
    let message = message_of(|| y.backward());
    // The tape has come out of it whole.
    assert_eq!((x * 3.0).backward().wrt(x), 3.0);
    SHARED.set(None);
    message
}

#[test]
fn a_tape_is_not_cleared_while_it_is_being_swept() {
    let clear: fn(&Tape, Mark, Var) -> Var = |tape, _, x| {
        tape.clear();
        x
    };
    let rewind: fn(&Tape, Mark, Var) -> Var = |tape, mark, x| {
        tape.rewind(mark);
        x
    };
    for meddle in [clear, rewind] {
        says(&meddling(meddle), &["tape", "cannot be cleared or rewound", "being swept"]);
    }
}

#[test]
fn a_tape_does_not_record_while_it_is_being_swept() {
    let uses: [fn(&Tape, Mark, Var) -> Var; 10] = [
        |tape, _, _| tape.var(1.0),
        |_, _, x| x.exp(),
        |_, _, x| x * x,
        |_, _, x| x * 2.0,
        |_, _, x| x.clamp(0.0, 1.0),
        |_, _, x| x.mul_add(x, x),
        |_, _, x| sum(&[x, x]),
        |_, _, x| dot(&[x, x], &[1.0, 2.0]),
        |_, _, x| custom(Twice, &[x])[0],
        |_, _, x| if x < 2.0 { x } else { -x },
    ];
    for meddle in uses {
        says(&meddling(meddle), &["tape", "being swept", "cannot record", "custom operation"]);
    }
}

#[test]
fn a_sweep_that_panicked_leaves_no_numbers_in_the_callers_gradient() {
    struct GivesUp;
    impl CustomOp for GivesUp {
        fn name(&self) -> &str {
            "gives_up"
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            y[0] = x[0];
        }
        fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
            assert!(w[0] != 7.0, "no");
            dx[0] = w[0];
        }
    }
    let tape = Tape::new();
    let x = tape.var(2.0).label("x");
    let y = custom(GivesUp, &[x])[0];
    let mut gradient = Gradient::new();
    tape.backward_into(&[(y, 1.0)], &mut gradient);
    assert_eq!(gradient.wrt(x), 1.0);
    assert_eq!(message_of(|| tape.backward_into(&[(y, 7.0)], &mut gradient)), "no");
    says(
        &gradient.try_wrt(x).expect_err("the sweep was not finished").to_string(),
        &["`x`", "empty"],
    );
    assert!(gradient.by_label().is_empty(), "by label there is no number either");
    tape.backward_into(&[(y, 3.0)], &mut gradient);
    assert_eq!(gradient.wrt(x), 3.0);
}

/// The identity, whose recorded vjp rewinds the tape and records as many nodes again.
struct Rewinds;

impl CustomOp for Rewinds {
    fn name(&self) -> &str {
        "rewinds"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0];
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0];
    }
    fn vjp_recorded(&self, _x: &[Var], _y: &[Var], _w: &[Var]) -> Option<Vec<Var>> {
        SHARED.with_borrow(|shared| {
            let (tape, mark) = shared.as_ref().expect("the test has put it there");
            tape.rewind(*mark);
            let _ = tape.vars(&[0.0; 20]);
        });
        Some(vec![Var::from(1.0)])
    }
}

#[test]
fn a_recorded_vjp_that_rewinds_what_is_swept_is_refused() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let mark = tape.mark();
    let y = custom(Rewinds, &[x.exp().square()])[0];
    SHARED.set(Some((tape, mark)));
    SHARED.with_borrow(|shared| {
        let tape = &shared.as_ref().expect("just set").0;
        panics_saying(&["cleared or rewound"], || tape.backward_recorded(y, &[x]));
        assert_eq!(x.square().backward().wrt(x), 4.0);
    });
    SHARED.set(None);
}

/// The identity, which records on the shared tape when it is dropped.
struct RecordsInTheEnd(Var);

impl CustomOp for RecordsInTheEnd {
    fn name(&self) -> &str {
        "records_in_the_end"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0];
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0];
    }
}

impl Drop for RecordsInTheEnd {
    fn drop(&mut self) {
        assert_eq!(custom(Twice, &[self.0])[0].backward().wrt(self.0), 2.0);
    }
}

#[test]
fn an_operation_may_use_the_tape_when_a_rewind_drops_it() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let mark = tape.mark();
    let _ = custom(RecordsInTheEnd(x), &[x]);
    tape.rewind(mark);
    assert_eq!(tape.len(), 2, "the leaf, and what was recorded in the end");
    assert_eq!(custom(Twice, &[x])[0].backward().wrt(x), 2.0);
}

/// The identity, which labels a new leaf of the shared tape when it is dropped.
struct LabelsInTheEnd;

impl CustomOp for LabelsInTheEnd {
    fn name(&self) -> &str {
        "labels_in_the_end"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0];
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0];
    }
}

impl Drop for LabelsInTheEnd {
    fn drop(&mut self) {
        SHARED.with_borrow(|shared| {
            let (tape, _) = shared.as_ref().expect("set by the test");
            let last = tape.var(7.0).label("last");
            assert!(last > 0.0);
        });
    }
}

#[test]
fn what_an_operation_notes_when_a_clear_drops_it_is_gone_with_the_next_clear() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let mark = tape.mark();
    let _ = custom(LabelsInTheEnd, &[x]);
    SHARED.set(Some((tape, mark)));
    SHARED.with_borrow(|shared| {
        let (tape, _) = shared.as_ref().expect("just set");
        tape.clear();
        assert_eq!((tape.len(), tape.guards().len()), (1, 1), "noted in the end");
        tape.clear();
        let y = tape.var(3.0).square();
        assert_eq!(tape.guards().len(), 0);
        assert!(y.backward().by_label().is_empty(), "the label was another node's");
    });
    SHARED.set(None);
}
