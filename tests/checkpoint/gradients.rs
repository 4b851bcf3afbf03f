//! Gradients of loops: the bits of one long tape, and closed forms.

use super::seed::{random, seeds};
use gradtape::checkpoint::{self, Action, Binomial, Multistage, Online, Slot};
use gradtape::{Var, dot, gradient, sum_squares, value_and_gradient};

/// A step with everything that a step may have, chosen by `kind` and its index.
fn step(kind: u64, s: &[Var], p: &[Var], i: usize) -> Vec<Var> {
    let (n, m) = (s.len(), p.len());
    let mut next: Vec<Var> = Vec::with_capacity(n);
    for j in 0..n {
        let (x, y, q) = (s[j], s[(j + 1) % n], p[(i + j) % m]);
        next.push(match (kind >> (4 * j)) % 8 {
            0 => (x * q + y.sin()) * 0.5,
            1 => x - 0.1 * (q * y).tanh() * p[j % m],
            // A branch that goes another way from step to step.
            2 if x > 0.1 => x * 0.7 - q * q,
            2 => x.square() + 0.3 * q,
            3 => dot(s, s) * 0.1 / (1.0 + sum_squares(p)) + q.exp() * 0.01,
            // It passes a variable on, and depends on its index.
            4 if i.is_multiple_of(3) => x,
            4 => x.cos() * q + (i as f64).sqrt() * 0.01,
            5 => x.relu() * 0.5 + y.abs().sqrt() * q,
            6 => (x + y * q).max(x * 0.5).min(2.0),
            _ => Var::select(x, x * 0.9, q * y),
        });
    }
    next
}

fn loss(s: &[Var]) -> Var {
    sum_squares(s.iter().map(|x| x - 0.3)) + s[0].sin()
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn the_bits_are_those_of_one_long_tape_for_every_schedule() {
    for seed in seeds(60) {
        let mut rng = random(seed);
        let (n, m, steps) = (rng.usize(1..5), rng.usize(1..4), rng.usize(0..80));
        let kind = rng.u64(..);
        let mut numbers =
            |count: usize| -> Vec<f64> { (0..count).map(|_| rng.f64() * 2.0 - 1.0).collect() };
        let (state, parameters) = (numbers(n), numbers(m));
        let point = [&parameters[..], &state].concat();
        let whole = |x: &[Var]| {
            let (p, s) = x.split_at(m);
            loss(&(0..steps).fold(s.to_vec(), |s, i| step(kind, &s, p, i)))
        };
        let (value, slopes) = value_and_gradient(whole, &point);
        let slots = [1, 2, 3, 7, 100][seed as usize % 5];
        let by = |schedule: Vec<Action>| {
            checkpoint::gradient(
                steps,
                schedule,
                &state,
                &parameters,
                |s, p, i| step(kind, s, p, i),
                loss,
            )
            .expect("it repeats itself")
        };
        let binomial = by(Binomial::new(steps, slots).expect("slots").collect());
        let online = checkpoint::gradient_while(
            |_, i| i < steps,
            Online::new(slots).expect("slots"),
            &state,
            &parameters,
            |s, p, i| step(kind, s, p, i),
            loss,
        )
        .expect("it repeats itself");
        for found in
            [&binomial, &by(Multistage::new(steps, slots, 0).expect("slots").collect()), &online]
        {
            assert_eq!(found.loss.to_bits(), value.to_bits(), "seed {seed}");
            assert_eq!(bits(&found.parameters), bits(&slopes[..m]), "seed {seed}, {steps} steps");
            assert_eq!(bits(&found.state), bits(&slopes[m..]), "seed {seed}, {steps} steps");
            assert_eq!(found.steps, steps);
        }
        assert_eq!(
            binomial.forward_steps,
            Binomial::new(steps, slots).expect("slots").forward_steps()
        );
    }
}

#[test]
fn a_long_geometric_sequence_has_the_slope_of_its_closed_form() {
    let (steps, a) = (10_000, 1.0001_f64);
    let schedule = Binomial::new(steps, 12).expect("slots");
    let found =
        checkpoint::gradient(steps, schedule, &[2.0], &[a], |s, p, _| [s[0] * p[0]], |s| s[0]);
    let found = found.expect("a product");
    // s₀ aⁿ, and its slopes n s₀ aⁿ⁻¹ and aⁿ.
    let power = (steps as f64 * a.ln()).exp();
    approx::assert_relative_eq!(found.loss, 2.0 * power, max_relative = 1e-10);
    approx::assert_relative_eq!(found.parameters[0], 2e4 * power / a, max_relative = 1e-10);
    approx::assert_relative_eq!(found.state[0], power, max_relative = 1e-10);
}

/// One tape has fewer variables there, and may add in another order.
#[test]
fn states_that_are_one_variable_a_parameter_or_a_constant_have_their_gradients_too() {
    let step = |s: &[Var], p: &[Var], i: usize| {
        let product = s[0] * p[0] + s[1] * s[2] * 0.3 + s[3];
        [product, product, p[1], Var::from(0.01 * i as f64), p[0] * s[4]]
    };
    let end = |s: &[Var]| sum_squares(s) + s[0] * s[1];
    let (state, parameters) = ([0.5, 0.4, 0.3, 0.2, 0.1], [0.8, 0.6]);
    let schedule = Binomial::new(40, 4).expect("slots");
    let found = checkpoint::gradient(40, schedule, &state, &parameters, step, end)
        .expect("it repeats itself");
    let whole = |x: &[Var]| {
        let first = [x[2], x[3], x[4], x[5], x[6]];
        end(&(0..40).fold(first, |s, i| step(&s, &x[..2], i)))
    };
    let (loss, slopes) = value_and_gradient(whole, &[&parameters[..], &state].concat());
    assert_eq!(found.loss.to_bits(), loss.to_bits());
    approx::assert_relative_eq!(found.parameters[..], slopes[..2], max_relative = 1e-13);
    approx::assert_relative_eq!(found.state[..], slopes[2..], max_relative = 1e-13);
}

/// What nothing has flowed to is told from a 0 that has flowed, across steps.
#[test]
fn zero_and_infinity_are_as_on_one_tape() {
    // Blocked in a later step: nothing reaches the infinite slope of the root.
    let blocked = |s: &[Var], _: &[Var], i: usize| {
        [if i == 0 { s[0].sqrt() } else { Var::select(s[0], s[0], 0.5 * s[1]) }, s[1]]
    };
    // A zero by value that meets it.
    let by_value =
        |s: &[Var], _: &[Var], i: usize| [if i == 0 { s[0].sqrt() } else { s[0].square() }, s[1]];
    fn both(step: impl Fn(&[Var], &[Var], usize) -> [Var; 2]) -> [Vec<f64>; 2] {
        let schedule = Binomial::new(3, 2).expect("slots");
        let found = checkpoint::gradient(3, schedule, &[0.0, 1.0], &[], &step, |s| s[0] + s[1])
            .expect("finite");
        let whole = |x: &[Var]| {
            let s = (0..3).fold([x[0], x[1]], |s, i| step(&s, &[], i));
            s[0] + s[1]
        };
        [found.state, gradient(whole, &[0.0, 1.0]).to_vec()]
    }
    let [found, expected] = both(blocked);
    assert_eq!(found, expected);
    assert_eq!(found, [0.0, 1.5]);
    let [found, expected] = both(by_value);
    assert!(found[0].is_nan() && expected[0].is_nan(), "{found:?} {expected:?}");
    assert_eq!(found[1], expected[1]);
}

#[test]
fn a_schedule_of_ones_own_is_followed() {
    let (zero, one) = (Slot::Memory(usize::MAX), Slot::Memory(7));
    let actions = vec![
        Action::Store { slot: zero, step: 0 },
        Action::Advance { from: 0, to: 1 },
        Action::Store { slot: one, step: 1 },
        Action::Advance { from: 1, to: 2 },
        Action::Reverse { step: 2 },
        Action::Restore { slot: one, step: 1 },
        Action::Reverse { step: 1 },
        Action::Restore { slot: zero, step: 0 },
        Action::Reverse { step: 0 },
    ];
    let run = |actions: Vec<Action>| {
        checkpoint::gradient(3, actions, &[2.0], &[3.0], |s, p, _| [s[0] * p[0]], |s| s[0].square())
    };
    let found = run(actions.clone()).expect("three products");
    assert_eq!((found.loss, found.parameters[0], found.state[0]), (2916.0, 5832.0, 2916.0));
    // With any action left out it is refused.
    for left_out in 0..actions.len() {
        let mut fewer = actions.clone();
        let gone = fewer.remove(left_out);
        let error = run(fewer).expect_err(&format!("without `{gone}`"));
        assert!(matches!(error, checkpoint::CheckpointError::Schedule { .. }), "{error}");
    }
}

#[test]
fn a_loop_of_no_steps_has_the_gradient_of_its_loss() {
    let nothing = |s: &[Var], _: &[Var], _: usize| [s[0]];
    let schedule = Binomial::new(0, 1).expect("slots");
    let found = checkpoint::gradient(0, schedule, &[3.0], &[1.0], nothing, |s| s[0].square())
        .expect("a loss");
    assert_eq!(
        (found.loss, &found.state[..], &found.parameters[..]),
        (9.0, &[6.0][..], &[0.0][..])
    );
    let never = Online::new(1).expect("slots");
    let found =
        checkpoint::gradient_while(|_, _| false, never, &[3.0], &[], nothing, |s| s[0].square());
    assert_eq!(found.expect("a loss").state, [6.0]);
}

#[test]
fn a_step_may_take_gradients_itself() {
    // Newton's method, with derivatives that are recorded: d/dp of the root of x³ = p is 1 / (3 x²).
    let newton = |s: &[Var], p: &[Var], _: usize| {
        let f = |x: Var| x.powi(3) - p[0];
        [s[0] - f(s[0]) / gradtape::derivative(f, s[0])]
    };
    let schedule = Binomial::new(12, 3).expect("slots");
    let found =
        checkpoint::gradient(12, schedule, &[3.0], &[8.0], newton, |s| s[0]).expect("it converges");
    approx::assert_relative_eq!(found.loss, 2.0, max_relative = 1e-15);
    approx::assert_relative_eq!(found.parameters[0], 1.0 / 12.0, max_relative = 1e-14);
}
