//! Descents: each kind of trouble where it was built in, and silence where a descent goes well.

use super::says;
use crate::property::seed::seeds;
use gradtape::inspect::{Code, Finding, Report, Severity};
use gradtape::nn::{Activation, Dosage, Init, Mlp, mse};
use gradtape::optim::{Adam, Fit, FitError, Fitter, History, Optimizer, Sgd, fit};
use gradtape::{Real, Tape, Var, sum};

const TRAINING: [Code; 5] =
    [Code::LossRises, Code::LossFlat, Code::LossOscillates, Code::StepTooLarge, Code::StepTooSmall];

fn report(history: History) -> Report {
    let tape = Tape::new();
    tape.report(tape.var(1.0).square()).with_run(history.named("a run"))
}

/// What is found of a descent.
fn of(history: History) -> Vec<Finding> {
    let report = report(history);
    report.verify().expect("it fits together");
    assert_eq!(report.detect(), report.findings);
    report.findings.into_iter().filter(|finding| TRAINING.contains(&finding.code)).collect()
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[track_caller]
fn has(history: History, code: Code) -> Finding {
    let found = of(history);
    let it = found.iter().find(|finding| finding.code == code);
    it.unwrap_or_else(|| panic!("{code} is not among {found:?}")).clone()
}

fn descend(
    loss: impl Fn(&[Var]) -> Var,
    start: &[f64],
    mut optimizer: impl Optimizer,
    steps: usize,
) -> Fit {
    fit(loss, start, &mut optimizer, steps).expect("finite")
}

/// A bowl with the curvatures 1 and 10 along its axes.
fn bowl<S: Real>(x: &[S]) -> S {
    x[0].square() * 0.5 + x[1].square() * 5.0
}

#[test]
fn the_published_descents_have_none() {
    assert_eq!(codes(&of(History::default())), []);
    let report = Dosage::published_report();
    assert_eq!(report.findings, []);
    for dosage in [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()] {
        assert_eq!(of(dosage.fit().unwrap().history), [], "{}", dosage.title);
        // The rates that are said to end there too.
        for rate in [0.01, 0.02, 0.03] {
            let mut other = dosage.clone();
            other.learning_rate = rate;
            assert_eq!(of(other.fit().unwrap().history), [], "{} at {rate}", dosage.title);
        }
    }
}

#[test]
fn descents_of_many_problems_at_rates_that_suit_them_have_none() {
    fn rosenbrock<S: Real>(x: &[S]) -> S {
        (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
    }
    fn offset<S: Real>(x: &[S]) -> S {
        bowl(x) + 1e4
    }
    fn cosh<S: Real>(x: &[S]) -> S {
        sum(x.iter().map(|&x| x.cosh()))
    }
    type Loss = fn(&[Var]) -> Var;
    let problems: [(&str, Loss, f64, [f64; 2]); 4] = [
        ("bowl", bowl, 10.0, [3.0, -2.0]),
        ("rosenbrock", rosenbrock, 1500.0, [-1.2, 1.0]),
        ("offset", offset, 10.0, [3.0, -2.0]),
        ("cosh", cosh, 10.0, [2.0, -3.0]),
    ];
    for (name, loss, curvature, start) in problems {
        for steps in [20, 100, 1500] {
            // Up to 1.8 / L: above the best rate, where it goes from side to side and still falls.
            for share in [0.1, 0.5, 1.0, 1.8] {
                let found = of(descend(loss, &start, Sgd::new(share / curvature), steps).history);
                assert_eq!(found, [], "{name}, {share} / L, {steps} steps");
            }
            for momentum in [0.5, 0.9] {
                let sgd = Sgd::new(0.3 * (1.0 - momentum) / curvature).momentum(momentum);
                let found = of(descend(loss, &start, sgd, steps).history);
                assert_eq!(found, [], "{name}, momentum {momentum}, {steps} steps");
            }
            for rate in [0.003, 0.01, 0.05] {
                let found = of(descend(loss, &start, Adam::new(rate), steps).history);
                assert_eq!(found, [], "{name}, Adam {rate}, {steps} steps");
            }
        }
    }
}

fn rows() -> Vec<([f64; 2], f64)> {
    let at = |k: i32| [f64::from(k % 6) * 0.4 - 1.0, f64::from(k / 6) * 0.5 - 1.0];
    (0..24).map(|k| (at(k), (at(k)[0] * 2.0).sin() * at(k)[1])).collect()
}

fn network(activation: Activation) -> Mlp {
    Mlp::new(2).dense(6, activation).dense(4, activation).dense(1, Activation::Identity)
}

fn network_loss(network: &Mlp, p: &[Var]) -> Var {
    let rows = rows();
    let predicted: Vec<Var> = rows.iter().map(|(x, _)| network.forward(p, x)[0]).collect();
    let observed: Vec<f64> = rows.iter().map(|row| row.1).collect();
    mse(&predicted, &observed)
}

#[test]
fn networks_that_learn_have_none() {
    for (activation, seed) in [Activation::Tanh, Activation::Softplus, Activation::Silu]
        .into_iter()
        .flat_map(|a| (1..4).chain(seeds(2)).map(move |seed| (a, seed)))
    {
        let network = network(activation);
        let start = network.initialize(Init::XavierUniform, seed);
        for steps in [60, 400] {
            let runs: [Box<dyn Optimizer>; 3] = [
                Box::new(Sgd::new(0.05)),
                Box::new(Sgd::new(0.02).momentum(0.9)),
                Box::new(Adam::new(0.005)),
            ];
            for (k, mut optimizer) in runs.into_iter().enumerate() {
                let fit =
                    fit(|p| network_loss(&network, p), start.as_slice(), &mut *optimizer, steps);
                let found = of(fit.expect("finite").history);
                assert_eq!(found, [], "{activation:?}, seed {seed}, optimizer {k}, {steps} steps");
            }
        }
    }
}

/// One gradient of another batch a step: noise that neither rises nor is a cycle.
#[test]
fn batches_have_none() {
    for seed in (1..9).chain(seeds(4)) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut row = move || {
            let x = rng.f64() * 2.0 - 1.0;
            (x, 1.5 * x - 0.5 + 0.3 * (rng.f64() - 0.5))
        };
        let batch = |p: &[Var]| {
            let residuals = (0..8).map(|_| row()).map(|(x, y)| (p[0] * x + p[1] - y).square());
            sum(residuals.collect::<Vec<_>>()) / 8.0
        };
        let fitter = Fitter::new(batch, &[0.0, 0.0]);
        let found = of(fitter.fit(&mut Sgd::new(0.1), 600).unwrap().history);
        assert_eq!(found, [], "seed {seed}");
    }
}

#[test]
fn a_rate_beyond_two_over_the_curvature_is_too_large() {
    // The curvature is 10, so the border is 0.2.
    for rate in [0.201, 0.25, 0.5, 2.0] {
        let history = descend(bowl, &[1.0, 1.0], Sgd::new(rate), 60).history;
        let finding = has(history.clone(), Code::StepTooLarge);
        says(&finding, Severity::Warning, "too large", "of its length, so that a rate of 0.1");
        assert_eq!((finding.run, finding.node), (Some(0), None));
        has(history, Code::LossRises);
    }
    for rate in [0.05, 0.15, 0.195] {
        assert_eq!(of(descend(bowl, &[1.0, 1.0], Sgd::new(rate), 60).history), [], "{rate}");
    }
    // The history of an error tells it too.
    let error: FitError = fit(bowl, &[1.0, 1.0], &mut Sgd::new(3.0), 10_000).unwrap_err();
    has(*error.history, Code::StepTooLarge);
}

#[test]
fn a_single_step_that_leaps_far_up_is_too_large() {
    let steep = |x: &[Var]| x[0].square().square() + x[1].square();
    let finding = has(descend(steep, &[3.0, 1.0], Sgd::new(0.1), 1).history, Code::StepTooLarge);
    assert_eq!(finding.step, Some(0));
}

#[test]
fn a_rate_that_leads_nowhere_is_too_small() {
    for (rate, steps) in [(1e-9, 100), (1e-9, 2000), (1e-6, 100), (1e-300, 50), (0.0, 50)] {
        let finding =
            has(descend(bowl, &[3.0, 2.0], Sgd::new(rate), steps).history, Code::StepTooSmall);
        says(&finding, Severity::Warning, "too small", "no parameter moved");
    }
    let mut dosage = Dosage::details_2();
    (dosage.learning_rate, dosage.steps) = (1e-9, 500);
    has(dosage.fit().unwrap().history, Code::StepTooSmall);
    let finding = has(descend(bowl, &[3.0, 2.0], Adam::new(1e-9), 500).history, Code::StepTooSmall);
    assert!(finding.evidence.contains("a rate of 1e-9"), "{finding}");
}

#[test]
fn a_loss_that_stands_still_is_flat() {
    // Saturated from the start.
    let saturated = |p: &[Var]| {
        let unit = |x: f64| (p[0] * x + p[1]).sigmoid();
        (unit(0.5) - 0.2).square() + (unit(1.0) - 0.4).square()
    };
    let finding =
        has(descend(saturated, &[20.0, 30.0], Sgd::new(0.1), 200).history, Code::LossFlat);
    says(&finding, Severity::Warning, "does not change", "practically 0");
    // Dead: the slope is exactly 0.
    let dead = |p: &[Var]| (p[0].relu() - 1.0).square();
    has(descend(dead, &[-1.0], Adam::new(0.1), 50).history, Code::LossFlat);
}

#[test]
fn a_plateau_between_two_falls_is_told_with_its_steps() {
    // Along p1 it falls at once, along p0 behind a ledge far away.
    let ledge = |p: &[Var]| (p[0] - 12.0).tanh() * -1.0 + (p[1] * p[1]) + p[0] * -1e-4;
    let run = descend(ledge, &[0.0, 1.5], Adam::new(0.02), 900);
    let finding = has(run.history, Code::LossFlat);
    assert!(finding.message.contains("stands still from step"), "{finding}");
}

/// At 2 / L it goes from side to side for ever, at the same loss.
#[test]
fn a_rate_of_two_over_the_curvature_is_too_large() {
    has(descend(bowl, &[0.0, 1.0], Sgd::new(0.2), 200).history, Code::StepTooLarge);
}

#[test]
fn the_loss_of_a_cycle_between_two_heights_oscillates() {
    // Between a steep and a shallow side, plain descent jumps from one to the other.
    let valley = |p: &[Var]| {
        let x = p[0];
        x.square().sqrt() + x * 0.25
    };
    let finding = has(descend(valley, &[0.35], Sgd::new(0.4), 100).history, Code::LossOscillates);
    says(&finding, Severity::Warning, "goes up and down", "with a period of");
    assert!(finding.advice.contains("learning rate"));
}

#[test]
fn a_loss_that_is_higher_at_the_end_than_it_was_rises() {
    // Noise free, without a single step along which it rises beyond its start: a target that moves away.
    let mut step = 0.0;
    let drifting = move |p: &[Var]| {
        step += 1.0;
        (p[0] - 0.06 * step * f64::from(step as i32 > 60)).square() + 0.1
    };
    let fitter = Fitter::new(drifting, &[2.0]);
    let finding = has(fitter.fit(&mut Sgd::new(0.02), 300).unwrap().history, Code::LossRises);
    says(&finding, Severity::Warning, "rises", "at the start");
    assert!((40..120).contains(&finding.step.unwrap()), "{finding}");
}

#[test]
fn each_run_of_several_has_its_own_findings() {
    let good = descend(bowl, &[1.0, 1.0], Sgd::new(0.1), 50).history.named("good");
    let bad = descend(bowl, &[1.0, 1.0], Sgd::new(0.3), 50).history.named("bad");
    let tape = Tape::new();
    let report = tape.report(tape.var(1.0).square()).with_run(good).with_run(bad);
    let runs: Vec<_> = report.findings.iter().map(|finding| finding.run).collect();
    assert_eq!(runs, [Some(1), Some(1)]);
    assert!(report.findings[0].message.contains("`bad`"), "{}", report.findings[0]);
}
