//! Networks and losses over rows: the numbers of the closure, and problems that mini-batches solve.

use gradtape::nn::{
    Activation, Init, Mlp, binary_cross_entropy_with_logits, cross_entropy_with_logits, huber, mae,
    mse, soft_cross_entropy_with_logits, ssr,
};
use gradtape::optim::{Adam, Fitter, OverRows, Schedule};
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use gradtape::{Real, Var, gradient, value_and_gradient};

/// Some inputs and some targets a row.
fn data(rows: usize, width: usize) -> Vec<f64> {
    (0..rows * width).map(|i| (i as f64 * 0.7).sin()).collect()
}

#[track_caller]
fn near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance * expected.abs().max(1.0), "{got} {expected}");
}

#[test]
fn a_network_with_every_loss_has_over_rows_the_numbers_of_the_closure() {
    type Loss = fn(&[Var], &[Var]) -> Var;
    let losses: [(&str, Loss); 6] = [
        ("ssr", |p, y| ssr(p, y)),
        ("mse", |p, y| mse(p, y)),
        ("mae", |p, y| mae(p, y)),
        ("huber", |p, y| huber(p, y, 0.5)),
        ("binary cross entropy", |p, y| binary_cross_entropy_with_logits(p, y)),
        ("cross entropy", |p, y| soft_cross_entropy_with_logits(p, y)),
    ];
    let network = Mlp::new(3).dense(5, Activation::Tanh).dense(2, Activation::Identity);
    let parameters = network.initialize(Init::XavierNormal, 5);
    let data = data(21, 5);
    for (name, loss) in losses {
        let program = network.over_rows(2, loss);
        assert_eq!((program.shared(), program.row_inputs()), (parameters.len(), 5));
        let closure = |p: &[Var]| {
            let row = |row: &[f64]| {
                let observed: Vec<Var> = row[3..].iter().map(|&y| y.into()).collect();
                loss(&network.forward(p, &row[..3]), &observed)
            };
            data.chunks(5).map(row).sum::<Var>()
        };
        let (value, slopes) = value_and_gradient(closure, parameters.as_slice());
        let (mut found, mut workspace) = (vec![0.0; slopes.len()], Workspace::new());
        let rows = Rows::row_major(&data, 5).unwrap();
        let at = parameters.as_slice();
        let sum = program.sum_and_gradient(at, rows, &mut found, &mut workspace).unwrap();
        near(sum, value, 1e-13);
        assert!(slopes.iter().any(|slope| slope.abs() > 1e-3), "{name}");
        found.iter().zip(&slopes).for_each(|(&found, &slope)| near(found, slope, 1e-13));
    }
}

/// Logits and probabilities: hard and soft, confident and infinite.
const LOGITS: [f64; 9] =
    [0.0, 0.5, -2.0, 40.0, -40.0, 800.0, -800.0, f64::INFINITY, f64::NEG_INFINITY];
const OBSERVED: [f64; 5] = [0.0, 1.0, 0.25, 0.5, 1.0 - f64::EPSILON];

/// The loss as it was written for plain data, with its branches.
fn by_branches(z: f64, y: f64) -> f64 {
    match y {
        0.0 => z.softplus(),
        1.0 => (-z).softplus(),
        _ => (-z).softplus() * y + z.softplus() * (1.0 - y),
    }
}

/// `sigmoid(z) - y`; the form for y = 1 loses no digits.
fn slope_of(z: f64, y: f64) -> f64 {
    if y == 1.0 { -(-z).sigmoid() } else { z.sigmoid() - y }
}

#[test]
fn binary_cross_entropy_is_one_recording_for_all_probabilities() {
    // Recorded where both branches of plain data would be wrong for the others.
    let program =
        Program::record(|x| binary_cross_entropy_with_logits(&x[..1], &x[1..]), &[0.5, 0.0]);
    let (mut slopes, mut workspace) = ([0.0; 2], Workspace::new());
    for z in LOGITS {
        for y in OBSERVED {
            let expected = by_branches(z, y);
            let plain = binary_cross_entropy_with_logits(&[z], &[y]);
            assert_eq!(plain.to_bits(), expected.to_bits(), "logit {z}, observed {y}");
            let value = program.value_and_gradient(&[z, y], &mut slopes, &mut workspace).unwrap();
            assert_eq!(value.to_bits(), expected.to_bits(), "logit {z}, observed {y}");
            if z.is_finite() || y == 0.0 || y == 1.0 {
                let (slope, expected) = (slopes[0], slope_of(z, y));
                let apart = (slope - expected).abs();
                assert!(apart <= 1e-15 * expected.abs().max(y), "{z} {y}: {slope} {expected}");
            }
            let on_tape = value_and_gradient(|z| binary_cross_entropy_with_logits(z, &[y]), &[z]);
            assert_eq!(on_tape.0.to_bits(), expected.to_bits());
        }
    }
    assert!(binary_cross_entropy_with_logits(&[1.0], &[f64::NAN]).is_nan());
    assert!(program.value(&[1.0, f64::NAN], &mut workspace).unwrap().is_nan());
}

#[test]
fn binary_cross_entropy_keeps_its_extremes_in_lanes() {
    let program = RowProgram::record(|z, y| binary_cross_entropy_with_logits(z, y), &[0.5], &[0.5]);
    let mut workspace = Workspace::new();
    for z in LOGITS {
        let mut losses = [0.0; 5];
        let rows = Rows::row_major(&OBSERVED, 1).unwrap();
        program.values(&[z], rows, &mut losses, &mut workspace).unwrap();
        for (&found, y) in losses.iter().zip(OBSERVED) {
            let expected = by_branches(z, y);
            let ulps = (found.to_bits() as i64).abs_diff(expected.to_bits() as i64);
            // 2 ulp of the kernel and one of the standard library; a mixture of two adds one.
            assert!(ulps <= 4, "logit {z}, observed {y}: {found} {expected}");
        }
        // Of certain observations the slope is finite, whatever the logit.
        let mut slope = [0.0];
        let certain = Rows::row_major(&OBSERVED[..2], 1).unwrap();
        program.sum_and_gradient(&[z], certain, &mut slope, &mut workspace).unwrap();
        near(slope[0], slope_of(z, 0.0) + slope_of(z, 1.0), 1e-15);
    }
}

#[test]
fn a_certain_observation_has_the_slope_of_any_other() {
    // The losses are straight lines in a probability: -z y + softplus(z), and Σ pᵢ (ln Σ exp zⱼ - zᵢ).
    for z in [0.5, -2.0, 40.0] {
        for y in OBSERVED {
            let slopes = gradient(|x| binary_cross_entropy_with_logits(&x[..1], &x[1..]), &[z, y]);
            near(slopes[1], -z, 1e-15);
        }
    }
    let (z, p) = ([1.0, 2.0, 5.0].map(f64::ln), [0.0, 1.0, 0.0]);
    let slopes = gradient(|x| soft_cross_entropy_with_logits(&x[..3], &x[3..]), &[z, p].concat());
    for (slope, share) in slopes[3..].iter().zip([0.125, 0.25, 0.625]) {
        near(*slope, -f64::ln(share), 1e-15);
    }
}

#[test]
fn the_soft_cross_entropy_of_a_class_is_that_of_the_class_to_the_bit() {
    let logits = [0.5, -3.0, 2.25, f64::NEG_INFINITY];
    for class in 0..3 {
        let mut one_hot = [0.0; 4];
        one_hot[class] = 1.0;
        let expected = value_and_gradient(|z| cross_entropy_with_logits(z, class), &logits);
        let plain = value_and_gradient(|z| soft_cross_entropy_with_logits(z, &one_hot), &logits);
        assert_eq!(plain.0.to_bits(), expected.0.to_bits());
        let program =
            Program::record(|x| soft_cross_entropy_with_logits(&x[..4], &x[4..]), &[1.0; 8]);
        let (at, mut slopes) = ([logits, one_hot].concat(), [0.0; 8]);
        let value = program.value_and_gradient(&at, &mut slopes, &mut Workspace::new()).unwrap();
        assert_eq!(value.to_bits(), expected.0.to_bits());
        for (found, slopes) in [(&plain.1[..], &expected.1), (&slopes[..4], &expected.1)] {
            found.iter().zip(slopes).for_each(|(&found, &slope)| near(found, slope, 1e-15));
        }
    }
    // Soft labels by their definition.
    let shares = [0.125, 0.25, 0.625];
    let z: [f64; 3] = [1.0, 2.0, 5.0].map(f64::ln);
    let expected: f64 = shares.iter().zip([0.5, 0.25, 0.25]).map(|(s, p)| -p * f64::ln(*s)).sum();
    near(soft_cross_entropy_with_logits(&z, &[0.5, 0.25, 0.25]), expected, 1e-15);
}

#[test]
fn a_small_network_learns_xor_in_batches() {
    let network = Mlp::new(2).dense(4, Activation::Tanh).dense(1, Activation::Identity);
    let data = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0];
    let program =
        network.over_rows(1, |logits, observed| binary_cross_entropy_with_logits(logits, observed));
    let rows = Rows::row_major(&data, 3).unwrap();
    let loss = OverRows::new(&program, rows).unwrap().mean().batches(2, 1);
    let mut parameters = network.initialize(Init::XavierUniform, 1);
    let steps = 1000 * loss.steps_an_epoch();
    let fitter = Fitter::with_objective(loss, parameters.as_slice()).record_every(0);
    let fit = fitter.fit(&mut Adam::new(0.05), steps).unwrap();
    parameters.assign(&fit.parameters).unwrap();
    for row in data.chunks(3) {
        let probability = network.forward(parameters.as_slice(), &row[..2])[0].sigmoid();
        assert!((probability - row[2]).abs() < 0.01, "{row:?}: {probability}");
    }
}

#[test]
fn a_small_network_learns_a_sine_in_batches() {
    let network = Mlp::new(1).dense(12, Activation::Tanh).dense(1, Activation::Identity);
    let point = |i: usize| {
        let x = i as f64 / 32.0 - 1.0;
        [x, (3.0 * x).sin()]
    };
    let data: Vec<f64> = (0..=64).flat_map(point).collect();
    let program = network.over_rows(1, |predicted, observed| ssr(predicted, observed));
    let rows = Rows::row_major(&data, 2).unwrap();
    let loss = OverRows::new(&program, rows).unwrap().mean().batches(16, 1);
    let start = network.initialize(Init::Uniform { low: -2.0, high: 2.0 }, 1);
    let steps = 400 * loss.steps_an_epoch();
    let mut adam = Adam::new(0.03).schedule(Schedule::Cosine { steps, floor: 0.01 });
    let fitter = Fitter::with_objective(loss, start.as_slice()).record_every(100);
    let fit = fitter.fit(&mut adam, steps).unwrap();
    let mut workspace = Workspace::new();
    let mut mean = |p: &[f64]| program.sum(p, rows, &mut workspace).unwrap() / 65.0;
    let (before, after) = (mean(start.as_slice()), mean(&fit.parameters));
    assert!(before > 0.5 && after < 0.005, "{before} {after}");
}
