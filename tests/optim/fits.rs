//! The loop: the published descent, the rules to stop, the observer, the history.

use super::message_of;
use gradtape::Var;
use gradtape::optim::{Adam, Fitter, Optimizer, Reason, RmsProp, Schedule, Sgd, fit};
use std::ops::ControlFlow;

/// The dosage network of which only the last bias is unknown, and its sum of squared residuals.
fn dosage_ssr(parameters: &[Var]) -> Var {
    let curve = |x: f64, w: f64, b: f64, out: f64| out * Var::from(w * x + b).softplus();
    [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)]
        .map(|(dose, efficacy)| {
            let blue = curve(dose, 3.34, -1.43, -1.22);
            let orange = curve(dose, -3.53, 0.57, -2.30);
            (efficacy - (blue + orange + parameters[0])).square()
        })
        .into_iter()
        .sum()
}

/// `b3`, SSR and slope of the descent at rate 0.1, from an independent double-precision program.
const DESCENT: [[f64; 3]; 11] = [
    [0.0, 20.423597677589214, -15.655108380577747],
    [1.565510838057775, 3.267828389054717, -6.262043352231099],
    [2.191715173280885, 0.5229053028891979, -2.5048173408924375],
    [2.442196907370129, 0.08371760910271552, -1.0019269363569747],
    [2.5423896010058264, 0.013447578096878335, -0.4007707745427891],
    [2.582466678460105, 0.002204373135944476, -0.16030830981711697],
    [2.598497509441817, 0.00040546034219502553, -0.06412332392684705],
    [2.6049098418345014, 0.00011763429519511406, -0.02564932957073962],
    [2.607474774791575, 7.158212767512616e-05, -0.010259731828296648],
    [2.608500747974405, 6.421378087192654e-05, -0.004103892731318393],
    [2.608911137247537, 6.303484538341458e-05, -0.0016415570925265577],
];

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12, "{found} and not {expected}");
}

fn parabola(p: &[Var]) -> Var {
    p[0].square()
}

#[test]
fn the_descent_of_b3_is_the_published_one_until_the_step_size_is_close_to_0() {
    let fitter = Fitter::new(dosage_ssr, &[0.0]).stop_at_step_size(1e-3);
    let fit = fitter.fit(&mut Sgd::new(0.1), 1000).unwrap();
    // The step from 8 to 9 is 0.00103, that from 9 to 10 is 0.00041: it is taken, and the last.
    assert_eq!((fit.reason, fit.steps, fit.history.records.len()), (Reason::StepSize, 10, 11));
    for (record, [b3, ssr, slope]) in fit.history.records.iter().zip(DESCENT) {
        near(record.parameters[0], b3);
        near(record.loss, ssr);
        near(record.gradient[0], slope);
        assert_eq!(record.learning_rate, 0.1);
    }
}

#[test]
fn the_descent_of_b3_ends_at_the_published_optimum() {
    let fitter = Fitter::new(dosage_ssr, &[0.0]).stop_at_gradient_norm(1e-13);
    let fit = fitter.fit(&mut Sgd::new(0.1), 1000).unwrap();
    assert_eq!(fit.reason, Reason::GradientNorm);
    // The mean of efficacy - (blue + orange), in 40-digit decimal arithmetic.
    near(fit.parameters[0], 2.6091847300962915);
}

#[test]
fn the_end_has_its_own_loss_and_gradient_and_is_the_last_record() {
    for (steps, size) in [(0, 0.0), (3, 0.0), (100, 0.1)] {
        let fitter = Fitter::new(|p| p[0].square() + p[1], &[4.0, 0.0]).stop_at_step_size(size);
        let fit = fitter.fit(&mut Sgd::new(0.25), steps);
        let fit = fit.unwrap_or_else(|error| panic!("{error}"));
        let [x, y] = fit.parameters[..] else { panic!("two parameters") };
        assert_eq!((fit.loss, &fit.gradient[..]), (x * x + y, &[2.0 * x, 1.0][..]));
        let last = fit.history.records.last().unwrap();
        assert_eq!((last.step, last.loss), (fit.steps, fit.loss));
        assert_eq!((&last.parameters, &last.gradient), (&fit.parameters, &fit.gradient));
        assert_eq!(fit.history.records.len(), fit.steps + 1);
    }
}

/// From 4 the parabola at rate ¼ goes to 2, 1, ½, ...: everything is exact.
#[test]
fn every_rule_stops_at_its_number_and_not_before() {
    let plan = || Fitter::new(parabola, &[4.0]);
    let table = [
        (plan(), 3, Reason::Steps, 3),
        (plan(), 0, Reason::Steps, 0),
        (plan().stop_at_loss(1.0), 9, Reason::Loss, 2),
        (plan().stop_at_loss(0.99), 9, Reason::Loss, 3),
        (plan().stop_at_loss(16.0), 9, Reason::Loss, 0),
        (plan().stop_at_gradient_norm(2.0), 9, Reason::GradientNorm, 2),
        (plan().stop_at_gradient_norm(1.99), 9, Reason::GradientNorm, 3),
        (plan().stop_at_step_size(1.0), 9, Reason::StepSize, 2),
        (plan().stop_at_step_size(0.99), 9, Reason::StepSize, 3),
        (plan().stop_at_step_size(1e-9), 9, Reason::Steps, 9),
        // Several at once: the more telling one is given.
        (plan().stop_at_step_size(1.0), 2, Reason::StepSize, 2),
        (plan().stop_at_step_size(1.0).stop_at_gradient_norm(2.0), 2, Reason::GradientNorm, 2),
        (
            plan().stop_at_step_size(1.0).stop_at_gradient_norm(2.0).stop_at_loss(1.0),
            2,
            Reason::Loss,
            2,
        ),
    ];
    for (fitter, most, reason, steps) in table {
        let plan = format!("{fitter:?}");
        let fit = fitter.fit(&mut Sgd::new(0.25), most).unwrap();
        assert_eq!((fit.reason, fit.steps), (reason, steps), "{plan}");
    }
}

#[test]
fn the_gradient_norm_is_euclidean_and_the_step_size_is_the_largest_change() {
    let plane = |p: &[Var]| p[0] * 3.0 + p[1] * -4.0;
    let plan = || Fitter::new(plane, &[0.0; 2]);
    let ends = |fitter: Fitter<'_>| fitter.fit(&mut Sgd::new(1.0), 1).unwrap().reason;
    assert_eq!(ends(plan().stop_at_gradient_norm(5.0)), Reason::GradientNorm);
    assert_eq!(ends(plan().stop_at_gradient_norm(4.99)), Reason::Steps);
    assert_eq!(ends(plan().stop_at_step_size(4.0)), Reason::StepSize);
    assert_eq!(ends(plan().stop_at_step_size(3.99)), Reason::Steps);
}

#[test]
fn the_observer_sees_every_record_also_those_not_kept() {
    let mut seen = Vec::new();
    let fitter = Fitter::new(parabola, &[1.0]).record_every(4).observer(|record| {
        seen.push((record.step, record.loss));
        ControlFlow::Continue(())
    });
    let fit = fitter.fit(&mut Sgd::new(0.25), 10).unwrap();
    let losses: Vec<(usize, f64)> = (0..=10).map(|k| (k, 0.25_f64.powi(k as i32))).collect();
    assert_eq!(seen, losses);
    let kept: Vec<usize> = fit.history.records.iter().map(|record| record.step).collect();
    assert_eq!(kept, [0, 4, 8, 10]);
}

#[test]
fn a_history_of_every_0th_record_has_the_first_and_the_last() {
    for steps in [0, 1, 7] {
        let fitter = Fitter::new(parabola, &[1.0]).record_every(0);
        let fit = fitter.fit(&mut Sgd::new(0.25), steps).unwrap();
        let mut kept: Vec<usize> = fit.history.records.iter().map(|record| record.step).collect();
        assert_eq!(kept.pop(), Some(steps));
        assert_eq!(kept, if steps == 0 { vec![] } else { vec![0] });
    }
}

#[test]
fn the_observer_can_break_off_and_is_named_before_other_rules() {
    let fitter = Fitter::new(parabola, &[4.0]).stop_at_loss(1.0).observer(|record| {
        if record.loss <= 1.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let fit = fitter.fit(&mut Sgd::new(0.25), 9).unwrap();
    assert_eq!((fit.reason, fit.steps, fit.loss), (Reason::Observer, 2, 1.0));
}

#[test]
fn two_fits_with_one_optimizer_go_on_as_one_and_a_reset_starts_anew() {
    let schedule = Schedule::Exponential { factor: 0.9 };
    let optimizers: [Box<dyn Optimizer>; 3] = [
        Box::new(Sgd::new(0.1).momentum(0.9).schedule(schedule.clone())),
        Box::new(RmsProp::new(0.1).schedule(schedule.clone())),
        Box::new(Adam::new(0.1).schedule(schedule)),
    ];
    for mut optimizer in optimizers {
        let mut run =
            |start: &[f64], steps| fit(parabola, start, &mut *optimizer, steps).unwrap().parameters;
        let half = run(&[4.0], 5);
        let both = run(&half, 5);
        optimizer.reset();
        let whole = fit(parabola, &[4.0], &mut *optimizer, 10).unwrap();
        assert_eq!(whole.parameters, both);
    }
}

#[test]
fn records_carry_the_rate_of_the_step_that_follows() {
    let schedule = Schedule::Step { every: 2, factor: 0.5 };
    let mut optimizer = Sgd::new(0.5).schedule(schedule);
    let fit = fit(|p| p[0], &[0.0], &mut optimizer, 4).unwrap();
    let rates: Vec<f64> = fit.history.records.iter().map(|r| r.learning_rate).collect();
    assert_eq!(rates, [0.5, 0.5, 0.25, 0.25, 0.125]);
    for pair in fit.history.records.windows(2) {
        let moved = pair[0].parameters[0] - pair[1].parameters[0];
        assert_eq!(moved, pair[0].learning_rate);
    }
}

#[test]
fn the_loss_may_take_another_branch_at_every_step() {
    // |x| by hand: the branch flips when a step crosses 0.
    let loss = |p: &[Var]| if p[0] > 0.0 { p[0] } else { -p[0] };
    let fit = fit(loss, &[1.0], &mut Sgd::new(0.75), 4).unwrap();
    let path: Vec<f64> = fit.history.records.iter().map(|r| r.parameters[0]).collect();
    assert_eq!(path, [1.0, 0.25, -0.5, 0.25, -0.5]);
}

#[test]
fn names_must_be_one_for_each_parameter() {
    let fitter = Fitter::new(parabola, &[1.0]).names(["x", "y"]);
    let told = message_of(|| fitter.fit(&mut Sgd::new(0.1), 1));
    assert!(told.contains("2 names for 1 parameter:"), "{told}");
}
