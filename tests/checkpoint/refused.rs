//! What is refused, and what the messages say.

use gradtape::checkpoint::{self, Binomial, CheckpointError, Checkpointed, Online};
use gradtape::{Tape, Var, gradient};
use std::cell::Cell;

fn run(
    steps: usize,
    slots: usize,
    step: impl FnMut(&[Var], &[Var], usize) -> Vec<Var>,
) -> Result<Checkpointed, CheckpointError> {
    let schedule = Binomial::new(steps, slots)?;
    checkpoint::gradient(steps, schedule, &[1.0, 2.0], &[0.5], step, |s| s[0] * s[1])
}

#[test]
fn a_step_that_does_not_repeat_itself_is_caught_and_named() {
    // A hidden counter.
    let calls = Cell::new(0);
    let error = run(100, 5, |s, p, _| {
        calls.set(calls.get() + 1);
        vec![s[0] * p[0], s[1] + f64::from(calls.get())]
    })
    .unwrap_err();
    let CheckpointError::NotRepeated { steps, .. } = &error else { panic!("{error}") };
    assert_eq!(steps.len(), 1, "{error}");
    assert!(error.to_string().contains("run again, does not do what it did before"), "{error}");

    // One call that goes wrong, by the last bit of one number: in whichever, the step is named.
    let plain = run(100, 5, |s, p, _| vec![s[0] * p[0], s[1] * 0.99]).expect("it repeats itself");
    let calls_of_all = plain.forward_steps + 100;
    for wrong in 0..calls_of_all {
        let (calls, at) = (Cell::new(0), Cell::new(None));
        let result = run(100, 5, |s, p, i| {
            let call = calls.replace(calls.get() + 1);
            let last = s[1] * 0.99;
            if call == wrong {
                at.set(Some(i));
                let bits = last.value().to_bits() ^ 1;
                return vec![s[0] * p[0], last + (f64::from_bits(bits) - last.value())];
            }
            vec![s[0] * p[0], last]
        });
        // The last step is run once only.
        if at.get() == Some(99) {
            continue;
        }
        let Err(CheckpointError::NotRepeated { steps, .. }) = result else {
            panic!("call {wrong}: {result:?}")
        };
        let step = at.get().expect("it was called");
        assert_eq!(steps, step..step + 1, "call {wrong}");
    }
}

#[test]
fn in_a_long_loop_it_is_caught_too_and_the_steps_among_which_it_is_are_named() {
    for wrong in [5_u64, 4_999, 12_345, 19_998] {
        let calls = Cell::new(0);
        let error = run(20_000, 4, |s, p, _| {
            let wrong = calls.replace(calls.get() + 1) == wrong;
            vec![s[0] * p[0] + if wrong { 1e-9 } else { 0.0 }, s[1] * 0.999 + s[0]]
        })
        .unwrap_err();
        let CheckpointError::NotRepeated { steps, .. } = &error else { panic!("{error}") };
        assert!(steps.contains(&(wrong as usize)) && steps.len() <= 8, "{error}");
    }
}

/// What is gone one step later, and falls between two hashes.
#[test]
fn a_difference_that_no_hash_sees_is_caught_where_the_step_is_recorded() {
    let error = run(20_000, 4, |s, p, i| {
        let is_recorded = !p[0].is_constant();
        vec![s[0] * 0.999 + p[0], s[0] + if is_recorded && i == 5_001 { 1e-9 } else { 0.0 }]
    })
    .unwrap_err();
    let CheckpointError::NotRepeated { steps, difference: Some((1, before, now)) } = &error else {
        panic!("{error}")
    };
    assert!(steps.end == 5_002 && steps.len() <= 8, "{error}");
    approx::assert_abs_diff_eq!(now - before, 1e-9, epsilon = 1e-12);
    assert!(error.to_string().contains("number 1 of the state behind it was "), "{error}");
}

#[test]
fn a_step_that_returns_another_state_is_refused() {
    let error = run(10, 3, |s, _, i| if i == 4 { vec![s[0]] } else { s.to_vec() }).unwrap_err();
    assert_eq!(error, CheckpointError::StateLength { step: 4, expected: 2, found: 1 });
    let error = run(10, 3, |s, _, i| if i == 9 { vec![s[0]; 3] } else { s.to_vec() }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 9 was given a state of 2 numbers and returned 3: a state keeps its length"
    );
    let error = run(100, 3, |s, _, _| vec![s[0], s[1] * 1e9]).unwrap_err();
    assert_eq!(error.to_string(), "step 34 made number 1 of the state inf: it must be finite");
    let error =
        run(3, 3, |s, _, i| vec![s[0], if i == 2 { (s[0] - 5.0).ln() } else { s[1] }]).unwrap_err();
    assert!(
        matches!(error, CheckpointError::NotFinite { step: 2, index: 1, value } if value.is_nan()),
        "{error}"
    );
}

#[test]
fn bad_input_is_refused() {
    let one = |schedule, state: &[f64], parameters: &[f64]| {
        let step = |s: &[Var], _: &[Var], _: usize| s.to_vec();
        checkpoint::gradient(5, schedule, state, parameters, step, |s| s[0].ln())
            .unwrap_err()
            .to_string()
    };
    let five = || Binomial::new(5, 2).expect("slots");
    assert!(one(five(), &[], &[]).starts_with("the state has no numbers"));
    assert_eq!(
        one(five(), &[1.0, f64::NAN], &[]),
        "the initial state: number 1 is NaN: it must be finite"
    );
    assert_eq!(one(five(), &[1.0], &[f64::INFINITY]), "parameter 0 is inf: it must be finite");
    assert_eq!(one(five(), &[-1.0], &[]), "the loss is NaN: it must be finite");
    let of = |steps| Binomial::new(steps, 2).expect("slots");
    assert_eq!(
        one(of(4), &[1.0], &[]),
        "the schedule says reverse 3, but the steps that are left are the first 5"
    );
    assert_eq!(
        one(of(6), &[1.0], &[]),
        "the schedule says advance 3 to 5, but the steps from 5 on are reversed or not there"
    );
    let error = Binomial::new(5, 0).unwrap_err().to_string();
    assert_eq!(
        error,
        "a schedule of 0 slots cannot keep the initial state: give it one at least, better ten or more"
    );
    // On disk, without a folder.
    let schedule = checkpoint::Multistage::new(5, 0, 2).expect("slots");
    let error =
        checkpoint::gradient(5, schedule, &[1.0], &[], |s, _, _| [s[0]], |s| s[0]).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the schedule says store 0 in disk 1, but there is no folder"),
        "{error}"
    );
}

#[test]
fn variables_from_outside_are_refused_and_named() {
    let tape = Tape::new();
    let rate = tape.var(0.5).label("rate");
    for (steps, slots) in [(1, 1), (2, 1), (10, 3)] {
        let error = run(steps, slots, |s, _, _| vec![s[0] * rate, s[1]]).unwrap_err();
        let CheckpointError::Captured { step: Some(0), name } = &error else { panic!("{error}") };
        assert!(name.contains("tape"), "{name}");
    }
    let once = run(1, 1, |s, _, _| vec![s[0] * rate, s[1]]).unwrap_err().to_string();
    assert!(once.starts_with("step 0 depends on variable `rate` (node 0 of tape "), "{once}");
    // Only in the last step; only in the loss; as it is.
    let error =
        run(10, 3, |s, _, i| if i == 9 { vec![rate, s[1]] } else { s.to_vec() }).unwrap_err();
    assert!(matches!(error, CheckpointError::Captured { step: Some(9), .. }), "{error}");
    let schedule = Binomial::new(5, 2).expect("slots");
    let error = checkpoint::gradient(5, schedule, &[1.0], &[], |s, _, _| [s[0]], |s| s[0] * rate)
        .unwrap_err();
    assert!(matches!(error, CheckpointError::Captured { step: None, .. }), "{error}");
    // Inside another gradient the outer variables are from outside too: never a silent 0.
    gradient(
        |x| {
            let schedule = Online::new(2).expect("slots");
            let error = checkpoint::gradient_while(
                |_, i| i < 5,
                schedule,
                &[1.0],
                &[],
                |s, _, _| [s[0] * x[0]],
                |s| s[0],
            );
            assert!(
                matches!(error, Err(CheckpointError::Captured { step: Some(0), .. })),
                "{error:?}"
            );
            x[0]
        },
        &[3.0],
    );
}
