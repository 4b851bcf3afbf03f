//! A variable used where it does not belong is caught at once, by a message that names the label and
//! the tapes and says what to do. Never a silent number.

#[path = "common/panics.rs"]
mod panics;
#[path = "common/twice.rs"]
mod twice;

use gradtape::{Gradient, Tape, Var, custom, dot, gradient, jacobian, log_sum_exp, sum};
use panics::{called, message_of, panics_saying, says};
use twice::Twice;

/// Every way to use a variable must end in the same message.
fn every_use_says(words: &[&str], stale: Var, live: Var) {
    panics_saying(words, || -stale);
    panics_saying(words, || stale.exp());
    panics_saying(words, || stale + 1.0);
    panics_saying(words, || 2.0 / stale);
    panics_saying(words, || stale.powi(3));
    panics_saying(words, || stale.clamp(0.0, 1.0));
    panics_saying(words, || stale * live);
    panics_saying(words, || live * stale);
    panics_saying(words, || stale * stale);
    panics_saying(words, || live.mul_add(live, stale));
    panics_saying(words, || Var::select(live, stale, live));
    panics_saying(words, || sum(&[live, stale]));
    panics_saying(words, || [live, stale].iter().sum::<Var>());
    panics_saying(words, || dot(&[live, stale], &[1.0, 2.0]));
    panics_saying(words, || dot(&[live, live], &[live, stale]));
    panics_saying(words, || log_sum_exp(&[stale, stale]));
    panics_saying(words, || custom(Twice, &[stale]));
    panics_saying(words, || stale < 0.0);
    panics_saying(words, || live == stale);
    panics_saying(words, || stale.partial_cmp(&live));
    panics_saying(words, || stale.label("late"));
    panics_saying(words, || stale.index());
    panics_saying(words, || stale.backward());
    panics_saying(words, || gradient(|x| x[0], &[stale]));
}

#[test]
fn a_variable_of_a_cleared_tape_is_refused_everywhere() {
    let tape = Tape::new();
    let stale = tape.var(1.0).label("dose");
    tape.clear();
    let live = tape.var(1.0);
    let tape = called(&tape);
    let in_use = format!("in use: {tape}");
    let words = ["`dose`", &tape, "cleared or rewound", "record it again", &in_use];
    every_use_says(&words, stale, live);
}

#[test]
fn a_variable_of_a_rewound_part_is_refused_everywhere_and_the_rest_lives() {
    let tape = Tape::new();
    let live = tape.var(1.0).label("kept");
    let mark = tape.mark();
    let stale = (live * 2.0).label("gone");
    tape.rewind(mark);
    let again = live * 3.0;
    let words = ["`gone`", &called(&tape), "cleared or rewound", "record it again"];
    every_use_says(&words, stale, live);
    assert_eq!(again.backward().wrt(live), 3.0);
}

#[test]
fn a_variable_of_a_dropped_tape_is_refused_everywhere() {
    let tape = Tape::new();
    let stale = tape.var(1.0).label("w1");
    let gone = called(&tape);
    let other = Tape::new();
    let live = other.var(1.0);
    drop(tape);
    let in_use = format!("in use: {}", called(&other));
    every_use_says(&["`w1`", &gone, "dropped", "keep the tape alive", &in_use], stale, live);
}

#[test]
fn a_dropped_tape_is_not_mistaken_for_the_one_that_took_its_number() {
    let tape = Tape::new();
    let stale = tape.var(1.0);
    drop(tape);
    // Most likely this one: numbers are used again, the last one first.
    let _tape = Tape::new();
    panics_saying(&["dropped", "keep the tape alive"], || stale + 1.0);
}

#[test]
fn a_variable_of_another_thread_is_refused_everywhere() {
    let tape = Tape::new();
    let far = tape.var(1.0).label("x");
    let its = called(&tape);
    let on_thread = move || {
        let here = Tape::new();
        let live = here.var(1.0);
        every_use_says(&[&its, "another thread", "send values"], far, live);
        panics_saying(&[&its, "another thread"], || here.backward(&[(far, 1.0)]));
    };
    std::thread::spawn(on_thread).join().expect("all uses were refused");
    assert_eq!((far * far).backward().wrt(far), 2.0);
}

#[test]
fn a_variable_that_outlived_its_thread_is_refused() {
    let stale = std::thread::spawn(|| Tape::new().var(1.0)).join().expect("it only records");
    panics_saying(&["dropped", "no tape is in use"], || stale + 1.0);
}

#[test]
fn variables_of_two_tapes_do_not_mix() {
    let (a, b) = (Tape::new(), Tape::new());
    let x = a.var(1.0).label("x");
    let y = b.var(2.0).label("y");
    let words = ["`x`", "`y`", &called(&a), &called(&b), "two tapes", "as a constant"];
    panics_saying(&words, || x * y);
    panics_saying(&words, || y * x);
    panics_saying(&words, || x.max(y));
    panics_saying(&words, || x.mul_add(x, y));
    panics_saying(&words, || sum(&[x, x, y]));
    panics_saying(&words, || dot(&[x, x], &[x, y]));
    panics_saying(&words, || dot(&[x, y], &[1.0, 2.0]));
    panics_saying(&words, || custom(Twice, &[x, y]));
    panics_saying(&words, || x < y);
    panics_saying(&words, || x == y);
    panics_saying(&words, || gradient(|v| v[0], &[x, y]));
    // Neither tape is the worse for it.
    assert_eq!((x * x).backward().wrt(x), 2.0);
    assert_eq!((y * y).backward().wrt(y), 4.0);
}

#[test]
fn a_variable_from_outside_a_front_door_is_refused_with_a_hint() {
    let tape = Tape::new();
    let w = tape.var(3.0).label("w");
    let words = ["`w`", "two tapes", "`gradient` and the like"];
    panics_saying(&words, || gradient(|x| x[0] * w, &[1.0]));
    panics_saying(&words, || jacobian(|x| [x[0] * w], &[1.0]));
    panics_saying(&["`w`", "not on tape"], || gradient(|_| w, &[1.0]));
    // What the hint says works.
    assert_eq!(gradient(|x| x[0] * w, &[Var::from(1.0)])[0].value(), 3.0);
    assert_eq!(gradient(|x| x[0] * w.value(), &[1.0]), [3.0]);
}

#[test]
fn a_variable_leaked_from_a_front_door_is_stale() {
    let mut leaked = Var::from(0.0);
    let _ = gradient(
        |x| {
            leaked = x[0].label("inner");
            x[0] * x[0]
        },
        &[1.0],
    );
    panics_saying(&["`inner`", "record it again"], || leaked + 1.0);
}

#[test]
fn a_gradient_knows_only_the_variables_of_its_sweep() {
    let (tape, other) = (Tape::new(), Tape::new());
    let x = tape.var(3.0).label("x");
    let foreign = other.var(1.0).label("elsewhere");
    let gradient = (x * x).backward();
    let later = tape.var(5.0).label("later");
    let constant = Var::from(2.5);
    let (here, there) = (called(&tape), called(&other));
    let cases: [(Var, &[&str]); 3] = [
        (foreign, &["`elsewhere`", &here, &there, "the variable's own tape"]),
        (later, &["`later`", &here, "after this gradient", "take the gradient again"]),
        (constant, &["constant 2.5", "no tape", "Tape::var"]),
    ];
    for (variable, words) in cases {
        let panicked = message_of(|| gradient.wrt(variable));
        says(&panicked, words);
        assert_eq!(message_of(|| gradient[variable]), panicked);
        assert_eq!(message_of(|| gradient.wrt_all(&[x, variable])), panicked);
        let error = gradient.try_wrt(variable).expect_err("there is no such derivative");
        assert_eq!(error.to_string(), panicked);
    }
    assert_eq!(gradient.try_wrt(x), Ok(6.0));
}

#[test]
fn a_gradient_outlives_its_tape_and_still_refuses_newer_variables() {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let gradient = (x * x).backward();
    tape.clear();
    let newer = tape.var(3.0).label("newer");
    assert_eq!(gradient.wrt(x), 6.0);
    panics_saying(&["`newer`", "after this gradient"], || gradient.wrt(newer));
    drop(tape);
    assert_eq!(gradient.wrt(x), 6.0);
    panics_saying(&["`newer`", "dropped"], || gradient.wrt(newer));
}

#[test]
fn an_empty_gradient_has_no_numbers() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    panics_saying(&["`x`", "empty, or of a constant"], || Gradient::new().wrt(x));
    // A constant depends on no variable, whichever tape it is on.
    assert_eq!(Var::from(2.0).backward().wrt(x), 0.0);
    assert_eq!(tape.backward(&[(Var::from(2.0), 1.0)]).wrt(x), 0.0);
    let other = Tape::new();
    assert_eq!(Var::from(2.0).backward().wrt(x), 0.0);
    // A tape that was asked knows only its own.
    let words = ["`x`", &called(&other), "not in this gradient"];
    panics_saying(&words, || other.backward(&[(Var::from(2.0), 1.0)]).wrt(x));
    // Neither a constant nor what is gone is a variable.
    panics_saying(&["constant 3", "Tape::var"], || Var::from(2.0).backward().wrt(Var::from(3.0)));
    drop(tape);
    panics_saying(&["`x`", "dropped"], || Var::from(2.0).backward().wrt(x));
}

#[test]
fn a_constant_has_zero_derivatives_on_the_tape_in_use() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    assert_eq!(tape.backward(&[(Var::from(2.0), 1.0)]).wrt(x), 0.0);
    assert_eq!(Var::from(2.0).backward().wrt(x), 0.0);
}

#[test]
fn a_tape_answers_only_for_its_own_variables() {
    let (a, b) = (Tape::new(), Tape::new());
    let x = a.var(1.0);
    let y = b.var(2.0).label("y");
    let words = ["`y`", &called(&a), &called(&b), "is not on"];
    panics_saying(&words, || a.backward(&[(y, 1.0)]));
    panics_saying(&words, || a.backward(&[(x, 1.0), (y, 1.0)]));
    panics_saying(&words, || a.forward(&[(y, 1.0)]));
    panics_saying(&words, || a.backward_recorded(x, &[y]));
    panics_saying(&words, || a.backward_recorded(y, &[x]));
    panics_saying(&words, || a.reach(x, y));
    panics_saying(&words, || a.reach(y, x));
    let constant = Var::from(2.5);
    panics_saying(&["constant 2.5", "Tape::var"], || a.forward(&[(constant, 1.0)]));
    panics_saying(&["constant 2.5", "Tape::var"], || a.reach(x, constant));
    let tangents = a.forward(&[(x, 1.0)]);
    panics_saying(&["`y`", &called(&a), &called(&b)], || tangents.wrt(y));
    panics_saying(&["node 7", &called(&a), "has 1 node:"], || a.node(7));
    panics_saying(&["node 7", &called(&a), "has 1 node:"], || a.var_at(7));
}
