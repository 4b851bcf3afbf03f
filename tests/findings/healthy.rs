//! No false alarms.

use super::{found, only};
use crate::property::seed::seeds;
use crate::tapes::neutral_tapes;
use gradtape::inspect::Code;
use gradtape::nn::{self, Activation, Dosage, Init, Mlp};
use gradtape::optim::{Sgd, fit};
use gradtape::{Tape, Var};

#[test]
fn the_dosage_tapes_have_no_findings() {
    let tape = Tape::new();
    assert_eq!(
        found(&tape.report(Dosage::main_ideas().ssr_labelled(&tape.vars(&Dosage::PUBLISHED)))),
        []
    );
    for dosage in [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()] {
        let tape = Tape::new();
        let y = dosage.ssr(&tape.vars(&dosage.trained_start()));
        assert_eq!(found(&tape.report(y)), [], "{:?}", dosage.trained_names());
    }
}

#[test]
fn the_dosage_network_stays_without_findings_while_it_is_trained() {
    for dosage in [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()] {
        for steps in [1, 30, 1000] {
            let start = dosage.trained_start();
            let mut descent = Sgd::new(dosage.learning_rate);
            let fitted = fit(|p| dosage.ssr(p), &start, &mut descent, steps).unwrap();
            let tape = Tape::new();
            let report = tape.report(dosage.ssr(&tape.vars(&fitted.parameters)));
            assert_eq!(found(&report), [], "{:?}, {steps} steps", dosage.trained_names());
        }
    }
}

/// Two inputs of one problem are in no residual, by its definition; nothing else is found.
#[test]
fn the_published_problems_have_none_but_two_inputs_that_are_not_used() {
    for neutral in neutral_tapes() {
        let tape = Tape::new();
        let x = tape.vars(&neutral.inputs);
        let report = tape.report(neutral.run(&x)[neutral.output]);
        let expected = match &*neutral.name {
            "mgh_linear_rank1_zero_10_20_x0" => {
                vec![(Code::NotConnected, Some(0)), (Code::NotConnected, Some(9))]
            }
            _ => vec![],
        };
        assert_eq!(found(&report), expected, "{}: {:?}", neutral.name, report.findings);
    }
}

/// Rows of two numbers and what to predict.
fn rows() -> Vec<([f64; 2], f64)> {
    let row = |k: i32| {
        let (a, b) = (f64::from(k % 5) * 0.5 - 1.0, f64::from(k % 7) * 0.3 - 0.9);
        ([a, b], a * b + 0.5)
    };
    (0..24).map(row).collect()
}

/// How many units of the hidden layers give 0 for every row, by evaluating the layers on numbers.
fn off_for_all_rows(widths: &[usize], function: Activation, parameters: &[f64]) -> usize {
    let mut network = Mlp::new(2);
    let mut off = 0;
    for &width in widths {
        network = network.dense(width, function);
        let p = &parameters[..network.parameter_count()];
        let outputs: Vec<Vec<f64>> = rows().iter().map(|(x, _)| network.forward(p, x)).collect();
        off += (0..width).filter(|&j| outputs.iter().all(|y| y[j] == 0.0)).count();
    }
    off
}

#[test]
fn networks_at_their_start_have_no_findings_but_the_units_that_are_off() {
    use Activation::{Relu, Sigmoid, Silu, Softplus, Tanh};
    let mut off = Vec::new();
    for function in [Relu, Tanh, Sigmoid, Softplus, Silu] {
        for seed in (1..5).chain(seeds(4)) {
            let network =
                Mlp::new(2).dense(8, function).dense(6, function).dense(1, Activation::Identity);
            let start = network.initialize(Init::HeNormal, seed);
            let tape = Tape::new();
            let p = tape.vars(start.as_slice());
            let predicted: Vec<Var> =
                rows().iter().map(|(x, _)| network.forward(&p, x)[0]).collect();
            let observed: Vec<f64> = rows().iter().map(|&(_, y)| y).collect();
            let report = tape.report(nn::mse(&predicted, &observed));
            let dead = only(&report, Code::DeadUnit).len();
            assert_eq!(dead, off_for_all_rows(&[8, 6], function, start.as_slice()));
            // The parameters of such a unit are blocked there.
            let follows = |code: Code| matches!(code, Code::DeadUnit | Code::Blocked);
            let healthy = dead == 0;
            // Where a whole layer is off for a row, the next one is at its kink: the biases start at 0.
            let first = Mlp::new(2).dense(8, function);
            let p = &start.as_slice()[..first.parameter_count()];
            let silent = rows().iter().any(|(x, _)| first.forward(p, x).iter().all(|&y| y == 0.0));
            let other = found(&report)
                .into_iter()
                .filter(|&(code, _)| healthy || !follows(code))
                .filter(|&(code, _)| !(silent && code == Code::AtKink));
            assert_eq!(other.collect::<Vec<_>>(), [], "{function:?}, seed {seed}");
            off.push(dead);
        }
    }
    assert!(off[..4].contains(&0) && off[..4].contains(&1), "both happen: {off:?}");
}

#[test]
fn losses_of_right_and_wrong_predictions_have_no_findings() {
    let observed = [1.0, 0.0, 1.0, 0.0];
    for scale in [0.1, 1.0, 30.0] {
        type Loss = fn(&[Var], &[f64]) -> Var;
        let losses: [Loss; 4] = [
            |z, y| nn::binary_cross_entropy_with_logits(z, y),
            |z, y| nn::huber(z, y, 1.0),
            |z, y| nn::mae(z, y),
            |z, y| nn::cross_entropy_with_logits(z, y.len() - 1),
        ];
        for (i, loss) in losses.into_iter().enumerate() {
            let tape = Tape::new();
            let (w, b) = (tape.var(scale).label("w"), tape.var(0.05 * scale).label("b"));
            let z: Vec<Var> = [0.9, -1.1, 1.2, -0.7].iter().map(|&x| w * x + b).collect();
            assert_eq!(found(&tape.report(loss(&z, &observed))), [], "loss {i}, scale {scale}");
        }
    }
}

#[test]
fn a_deep_network_with_good_initial_weights_has_none() {
    let mut network = Mlp::new(2);
    for _ in 0..30 {
        network = network.dense(16, Activation::Tanh);
    }
    let network = network.dense(1, Activation::Identity);
    let start = network.initialize(Init::XavierUniform, 3);
    let tape = Tape::new();
    let p = tape.vars(start.as_slice());
    let predicted: Vec<Var> =
        rows().iter().take(4).map(|(x, _)| network.forward(&p, x)[0]).collect();
    let report = tape.report(nn::mse(&predicted, &[0.1, 0.2, 0.3, 0.4]));
    assert_eq!(found(&report), []);
}

#[test]
fn a_fit_that_has_converged_to_the_last_digit_has_none() {
    let tape = Tape::new();
    let (w, b) = (tape.var(2.0 + 1e-13), tape.var(0.1));
    let residual = |x: f64| (w * x + b) - (2.0 * x + 0.1);
    let y = residual(0.3).square() + residual(0.7).square() + residual(-1.9).square();
    assert_eq!(found(&tape.report(y)), []);
}
