//! Networks: layers against nested loops, gradients against differences, losses against hand-made
//! numbers, parameters against their names.

use gradtape::nn::{
    Activation, Dense, Dosage, Init, Mlp, Parameters, binary_cross_entropy_with_logits,
    cross_entropy_with_logits, huber, mae, mse, soft_cross_entropy_with_logits, ssr,
};
use gradtape::optim::{Adam, Fitter, Reason};
use gradtape::{Dual, Real, Tape, Var, gradient, value_and_gradient};

/// The same network in nested loops over `f64`, from the formulas alone.
fn naive(widths: &[usize], functions: &[fn(f64) -> f64], p: &[f64], input: &[f64]) -> Vec<f64> {
    let mut values = input.to_vec();
    let mut at = 0;
    for (layer, function) in functions.iter().enumerate() {
        let (inputs, outputs) = (widths[layer], widths[layer + 1]);
        let mut next = Vec::new();
        for j in 0..outputs {
            let mut z = p[at + j * inputs] * values[0];
            for i in 1..inputs {
                z += p[at + j * inputs + i] * values[i];
            }
            next.push(function(z + p[at + inputs * outputs + j]));
        }
        at += outputs * (inputs + 1);
        values = next;
    }
    assert_eq!(at, p.len());
    values
}

fn three_layers() -> (Mlp, Parameters) {
    let network = Mlp::new(3)
        .dense(5, Activation::Tanh)
        .dense(4, Activation::Relu)
        .dense(2, Activation::Identity);
    let mut parameters = network.initialize(Init::HeNormal, 11);
    parameters.set("layer 1.bias", &[0.1, -0.2, 0.3, -0.4, 0.5]).unwrap();
    parameters.set("layer 2.bias", &[0.3, 0.2, 0.1, 0.4]).unwrap();
    parameters.set("layer 3.bias", &[-1.0, 1.0]).unwrap();
    (network, parameters)
}

const INPUT: [f64; 3] = [0.5, -1.25, 2.0];

#[test]
fn an_mlp_computes_what_nested_loops_do_to_the_bit_on_every_scalar() {
    let (network, parameters) = three_layers();
    let p = parameters.as_slice();
    let functions = [f64::tanh, |z: f64| z.max(0.0), |z| z];
    let expected = naive(&[3, 5, 4, 2], &functions, p, &INPUT);

    assert_eq!(network.forward(p, &INPUT), expected);
    let duals: Vec<Dual> = p.iter().map(|&x| Dual::from(x)).collect();
    let on_duals: Vec<f64> = network.forward(&duals, &INPUT).iter().map(|y| y.value()).collect();
    assert_eq!(on_duals, expected);
    let tape = Tape::new();
    let on_tape = network.forward(&tape.vars(p), &INPUT);
    assert_eq!(on_tape.iter().map(|y| y.value()).collect::<Vec<f64>>(), expected);
}

#[test]
fn a_neuron_is_two_nodes() {
    let (network, parameters) = three_layers();
    let tape = Tape::new();
    let leaves = tape.vars(parameters.as_slice());
    let _outputs = network.forward(&leaves, &INPUT);
    // Five tanh, four relu, two identities, which are no node.
    assert_eq!(tape.len() - leaves.len(), 2 * 5 + 2 * 4 + 2);
}

#[test]
fn the_input_may_be_differentiated_too() {
    let (network, parameters) = three_layers();
    let p = parameters.as_slice();
    let tape = Tape::new();
    let (leaves, input) = (tape.vars(p), tape.vars(&INPUT));
    let slopes = network.forward(&leaves, &input)[1].backward().wrt_all(&input);
    for (i, slope) in slopes.iter().enumerate() {
        let mut x: Vec<Dual> = INPUT.iter().map(|&x| Dual::from(x)).collect();
        x[i] = Dual::new(INPUT[i], 1.0);
        let constants: Vec<Dual> = p.iter().map(|&x| Dual::from(x)).collect();
        let forward = network.forward(&constants, &x)[1].tangent();
        assert!((slope - forward).abs() <= 1e-15 * forward.abs().max(1.0), "{slope} {forward}");
    }
}

#[test]
fn labels_change_no_number_and_name_every_neuron() {
    let (network, parameters) = three_layers();
    let tape = Tape::new();
    let leaves = parameters.label(&tape.vars(parameters.as_slice())).unwrap();
    let plain = network.forward(&leaves, &INPUT);
    assert!(tape.scopes().is_empty(), "training pays for no scope");
    let labelled = network.forward_labelled(&leaves, &INPUT);
    let values = |y: &[Var]| y.iter().map(|y| y.value()).collect::<Vec<f64>>();
    assert_eq!(values(&plain), values(&labelled));

    let names: Vec<String> = tape.scopes().into_iter().map(|scope| scope.name).collect();
    assert_eq!(names, ["layer 1", "layer 2", "layer 3"]);
    let slopes = labelled[0].backward().by_label();
    assert_eq!(slopes.len(), parameters.len() + 5 + 4 + 2);
    assert_eq!(slopes["layer 3[0]"], 1.0);
    assert_eq!(
        slopes["layer 3.weight[0,2]"],
        tape.var_at(labelled_node(&tape, "layer 2[2]")).value()
    );
}

fn labelled_node(tape: &Tape, label: &str) -> usize {
    tape.nodes().find(|node| node.label.as_deref() == Some(label)).unwrap().index
}

#[test]
fn a_layer_without_inputs_is_its_biases() {
    let layer = Dense::new(0, 2, Activation::Softplus);
    let none: [f64; 0] = [];
    assert_eq!(layer.forward(&[3.0, 4.0], &none)[1], 4.0_f64.softplus());
    let slopes = gradient(|p| layer.forward(p, &none)[0], &[3.0, 4.0]);
    assert_eq!(slopes, [3.0_f64.sigmoid(), 0.0]);
}

/// The largest difference between the gradient and central differences, relative to `1 + |slope|`.
fn distance_from_differences(f: &dyn Fn(&[f64]) -> f64, slopes: &[f64], x: &[f64]) -> f64 {
    // The cube root of the rounding unit balances truncation against cancellation.
    let h = 6e-6;
    let mut worst: f64 = 0.0;
    for (i, slope) in slopes.iter().enumerate() {
        let mut moved = x.to_vec();
        moved[i] = x[i] + h;
        let up = f(&moved);
        moved[i] = x[i] - h;
        let difference = (up - f(&moved)) / (2.0 * h);
        worst = worst.max((slope - difference).abs() / (1.0 + slope.abs()));
    }
    worst
}

#[test]
fn gradients_of_networks_with_every_activation_match_central_differences() {
    for &activation in Activation::ALL {
        let network = Mlp::new(2).dense(3, activation).dense(2, activation);
        let parameters = network.initialize(Init::Uniform { low: -1.0, high: 1.0 }, 1);
        fn loss<S: Real>(network: &Mlp, p: &[S]) -> S {
            ssr(&network.forward(p, &[0.7, -0.4]), &[0.25, -0.5])
        }
        let slopes = gradient(|p| loss(&network, p), parameters.as_slice());
        let far = distance_from_differences(&|p| loss(&network, p), &slopes, parameters.as_slice());
        assert!(far < 1e-9, "{activation}: {far:e}");
        assert!(slopes.iter().any(|slope| slope.abs() > 1e-3), "{activation} is dead here");
    }
}

#[test]
fn gradients_of_every_loss_match_central_differences() {
    /// A loss and its observations, over any scalar.
    macro_rules! check {
        ($name:literal, |$p:ident| $loss:expr) => {{
            fn loss<S: Real>($p: &[S]) -> S {
                $loss
            }
            // No residual is at a kink.
            let x = [0.75, -1.5, 3.25, 0.125];
            let slopes = gradient(loss, &x);
            let far = distance_from_differences(&loss, &slopes, &x);
            assert!(far < 1e-9, "{}: {far:e}", $name);
        }};
    }
    check!("ssr", |p| ssr(p, &[1.0, 2.0, 3.0, 4.0]));
    check!("mse", |p| mse(p, &[1.0, 2.0, 3.0, 4.0]));
    check!("mae", |p| mae(p, &[1.0, 2.0, 3.0, 4.0]));
    check!("huber", |p| huber(p, &[1.0, 2.0, 3.0, 4.0], 0.5));
    check!("binary cross entropy", |p| binary_cross_entropy_with_logits(p, &[1.0, 0.0, 0.25, 1.0]));
    check!("cross entropy", |p| cross_entropy_with_logits(p, 2));
}

#[test]
fn losses_have_their_values_by_hand() {
    let (predicted, observed) = ([1.0, -2.0, 0.5], [0.0, 2.0, 0.5]);
    assert_eq!(ssr(&predicted, &observed), 1.0 + 16.0);
    assert_eq!(mse(&predicted, &observed), 17.0 / 3.0);
    assert_eq!(mae(&predicted, &observed), 5.0 / 3.0);
    assert_eq!(huber(&predicted, &observed, 2.0), (0.5 + 2.0 * (4.0 - 1.0)) / 3.0);
    // -ln 0.8 for y = 1 and logit ln 4; a soft label mixes both sides.
    let z = 4.0_f64.ln();
    let right = -(0.8_f64.ln());
    assert!((binary_cross_entropy_with_logits(&[z], &[1.0]) - right).abs() < 1e-15);
    let wrong = -(0.2_f64.ln());
    assert!((binary_cross_entropy_with_logits(&[z], &[0.0]) - wrong).abs() < 1e-15);
    let soft = binary_cross_entropy_with_logits(&[z], &[0.25]);
    assert!((soft - (0.25 * right + 0.75 * wrong)).abs() < 1e-15);
    // softmax(ln 1, ln 2, ln 5) = 1/8, 2/8, 5/8
    let logits = [1.0_f64.ln(), 2.0_f64.ln(), 5.0_f64.ln()];
    for (class, share) in [0.125_f64, 0.25, 0.625].into_iter().enumerate() {
        assert!((cross_entropy_with_logits(&logits, class) + share.ln()).abs() < 1e-15);
    }
}

#[test]
fn losses_keep_their_kinks_and_their_extremes() {
    // A prediction without error: |r| has slope 0 there, by convention.
    assert_eq!(gradient(|p| mae(p, &[1.0, 1.0]), &[1.0, 3.0]), [0.0, 0.5]);
    // At |r| = delta the two pieces of the Huber loss meet with the same slope.
    assert_eq!(gradient(|p| huber(p, &[0.0], 2.0), &[2.0]), [2.0]);
    assert_eq!(gradient(|p| huber(p, &[0.0], 2.0), &[2e9]), [2.0]);
    // Confident logits: no overflow on the wrong side, no loss of the tail on the right one.
    let (loss, slopes) =
        value_and_gradient(|z| binary_cross_entropy_with_logits(z, &[0.0, 1.0]), &[1e3, 1e3]);
    assert_eq!((loss, slopes), (500.0, [0.5, 0.0]));
    let tail = binary_cross_entropy_with_logits(&[-100.0], &[0.0]);
    assert_eq!(tail, (-100.0_f64).exp());
    assert_eq!(binary_cross_entropy_with_logits(&[f64::INFINITY], &[1.0]), 0.0);
    assert_eq!(cross_entropy_with_logits(&[1e4, -1e4], 0), 0.0);
}

#[test]
fn a_mean_over_nothing_is_nan_and_a_sum_is_zero() {
    let none: [f64; 0] = [];
    assert_eq!(ssr(&none, &none), 0.0);
    assert!(mse(&none, &none).is_nan() && mae(&none, &none).is_nan());
}

#[test]
fn the_dosage_network_is_an_mlp_with_its_parameters_reordered() {
    let network = Mlp::new(1).dense(2, Activation::Softplus).dense(1, Activation::Identity);
    let [w1, b1, w2, b2, w3, w4, b3] = Dosage::PUBLISHED;
    for tenth in 0..=10 {
        let x = f64::from(tenth) / 10.0;
        let y = network.forward(&[w1, w2, b1, b2, w3, w4, b3], &[x])[0];
        assert_eq!(y, Dosage::main_ideas().predict(&Dosage::PUBLISHED, x));
    }
}

#[test]
fn seeded_weights_repeat_and_have_their_spread() {
    let (fan_in, fan_out) = (200, 300);
    for (init, bound, deviation) in [
        (Init::XavierUniform, (6.0_f64 / 500.0).sqrt(), (2.0_f64 / 500.0).sqrt()),
        (Init::XavierNormal, f64::INFINITY, (2.0_f64 / 500.0).sqrt()),
        (Init::HeUniform, (6.0_f64 / 200.0).sqrt(), (2.0_f64 / 200.0).sqrt()),
        (Init::HeNormal, f64::INFINITY, (2.0_f64 / 200.0).sqrt()),
        (Init::Uniform { low: -0.5, high: 0.5 }, 0.5, (1.0_f64 / 12.0).sqrt()),
    ] {
        let weights = init.weights(fan_in, fan_out, 1);
        assert_eq!(weights, init.weights(fan_in, fan_out, 1));
        assert_ne!(weights, init.weights(fan_in, fan_out, 2));
        assert!(weights.iter().all(|w| w.abs() <= bound), "{init:?}");
        let n = weights.len() as f64;
        let mean = weights.iter().sum::<f64>() / n;
        let spread = (weights.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
        // 60,000 draws: the mean is off by about deviation / 245, the deviation by 0.3 %.
        assert!(mean.abs() < deviation / 50.0, "{init:?}: mean {mean}");
        assert!((spread / deviation - 1.0).abs() < 0.015, "{init:?}: {spread} for {deviation}");
    }
}

#[test]
fn every_activation_is_found_by_its_name() {
    for &activation in Activation::ALL {
        assert_eq!(activation.name().parse(), Ok(activation));
    }
    let error = "relo".parse::<Activation>().unwrap_err().to_string();
    let names: Vec<String> = Activation::ALL.iter().map(|a| format!("`{}`", a.name())).collect();
    assert_eq!(names[..3], ["`identity`", "`relu`", "`leaky_relu`"]);
    assert_eq!(error, format!("no activation is called `relo`: there are {}", names.join(", ")));
}

#[test]
fn parameters_say_which_names_there_are() {
    let mut parameters = Parameters::new();
    let error = parameters.get("w").unwrap_err();
    assert_eq!(error.to_string(), "no parameter is called `w`: there are none yet");

    parameters.insert("w", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    parameters.insert("b", &[], &[0.5]).unwrap();
    let error = parameters.get("v").unwrap_err();
    assert_eq!(error.to_string(), "no parameter is called `v`: there are `w`, `b`");
    let error = parameters.insert("b", &[], &[1.0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a parameter is called `b` already, choose another name: there are `w`, `b`"
    );
    let error = parameters.set("w", &[1.0]).unwrap_err();
    assert_eq!(error.to_string(), "`w` takes 6 values, not 1");
    let error = parameters.assign(&[1.0]).unwrap_err();
    assert_eq!(error.to_string(), "the flat vector of all parameters has 7 values, not 1");
    let error = parameters.insert("huge", &[usize::MAX, 2], &[1.0]).unwrap_err();
    assert_eq!(error.to_string(), format!("`huge` takes {} values, not 1", usize::MAX));

    assert_eq!(parameters.len(), 7, "what failed left nothing behind");
    assert_eq!(parameters.names().collect::<Vec<_>>(), ["w", "b"]);
}

#[test]
fn parameters_are_views_of_one_flat_vector() {
    let mut parameters = Parameters::new();
    parameters.insert("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0]).unwrap();
    parameters.insert("none", &[0], &[]).unwrap();
    parameters.insert("b", &[], &[0.5]).unwrap();
    parameters.as_mut_slice()[3] = 40.0;
    parameters.set("b", &[5.0]).unwrap();
    assert_eq!(parameters.get("w").unwrap(), [1.0, 2.0, 3.0, 40.0]);
    assert_eq!(parameters.as_slice(), [1.0, 2.0, 3.0, 40.0, 5.0]);
    assert_eq!(parameters.shape("w").unwrap(), [2, 2]);
    assert_eq!(parameters.get("none").unwrap(), [0.0; 0]);
    let names: Vec<String> = parameters.element_names().collect();
    assert_eq!(names, ["w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]", "b"]);
    parameters.assign(&[0.0; 5]).unwrap();
    assert_eq!(parameters.get("b").unwrap(), [0.0]);
}

#[test]
fn parameters_print_as_an_aligned_table() {
    let network = Mlp::new(2).dense(12, Activation::Relu);
    let mut parameters = network.initialize(Init::HeUniform, 1);
    let flat: Vec<f64> = (0..36).map(f64::from).collect();
    parameters.assign(&flat).unwrap();
    let expected = "\
name            shape   at      values
layer 1.weight  12 × 2  0..24   0.0 1.0 2.0 3.0 4.0 5.0 and 18 more
layer 1.bias    12      24..36  24.0 25.0 26.0 27.0 28.0 29.0 and 6 more
";
    assert_eq!(format!("{parameters:.1}"), expected);
}

#[test]
#[should_panic(expected = "the layer takes 6 parameters, not 5")]
fn a_layer_refuses_a_wrong_number_of_parameters() {
    let _outputs = Dense::new(2, 2, Activation::Relu).forward(&[0.0; 5], &[1.0, 2.0]);
}

#[test]
#[should_panic(expected = "the network takes 3 inputs, not 2")]
fn a_network_refuses_a_wrong_number_of_inputs() {
    let (network, parameters) = three_layers();
    let _outputs = network.forward(parameters.as_slice(), &[1.0, 2.0]);
}

#[test]
#[should_panic(
    expected = "the list of predictions has 3 entries, but that of observations has 2: give one for each"
)]
fn a_loss_refuses_observations_without_a_prediction() {
    let _loss = mse(&[1.0, 2.0, 3.0], &[1.0, 2.0]);
}

#[test]
#[should_panic(expected = "class 3 has no logit: there are 3, and classes count from 0")]
fn cross_entropy_refuses_a_class_without_a_logit() {
    let _loss = cross_entropy_with_logits(&[1.0, 2.0, 3.0], 3);
}

#[test]
fn a_small_network_learns_xor() {
    let network = Mlp::new(2).dense(4, Activation::Tanh).dense(1, Activation::Identity);
    let (inputs, observed) =
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]);
    let logits = |p: &[Var]| inputs.map(|x| network.forward(p, &x)[0]);
    let mut parameters = network.initialize(Init::XavierUniform, 1);
    let loss = |p: &[Var]| binary_cross_entropy_with_logits(&logits(p), &observed);
    let fitter = Fitter::new(loss, parameters.as_slice()).stop_at_loss(1e-3);
    let fit = fitter.fit(&mut Adam::new(0.05), 2000).unwrap();
    assert_eq!(fit.reason, Reason::Loss, "loss {} after {} steps", fit.loss, fit.steps);
    parameters.assign(&fit.parameters).unwrap();
    for (input, observed) in inputs.iter().zip(observed) {
        let probability = network.forward(parameters.as_slice(), input)[0].sigmoid();
        assert_eq!(probability.round(), observed, "{input:?}: {probability}");
    }
}

#[test]
fn cross_entropies_of_infinite_logits_are_their_limits() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    // Logits, class, loss, slopes.
    let table: [([f64; 3], usize, f64, [f64; 3]); 9] = [
        ([inf, 0.0, 1.0], 0, 0.0, [0.0, 0.0, 0.0]),
        ([inf, -inf, 1.0], 0, 0.0, [0.0, 0.0, 0.0]),
        ([-inf, 0.0, -inf], 1, 0.0, [0.0, 0.0, 0.0]),
        ([-inf, 0.0, 0.0], 0, inf, [-1.0, 0.5, 0.5]),
        ([-inf, 0.0, 0.0], 1, 2.0_f64.ln(), [0.0, -0.5, 0.5]),
        ([inf, 0.0, 1.0], 1, inf, [nan, -1.0, nan]),
        // Who of several that are certain is right cannot be told.
        ([inf, inf, 0.0], 0, nan, [nan, nan, nan]),
        ([inf, inf, 0.0], 2, inf, [nan, nan, -1.0]),
        ([-inf, -inf, -inf], 2, nan, [nan, nan, nan]),
    ];
    let same = |found: f64, expected: f64| match expected.is_finite() {
        true => (found - expected).abs() <= 1e-15,
        false => found == expected || (found.is_nan() && expected.is_nan()),
    };
    for (logits, class, loss, slopes) in table {
        let mut one_hot = [0.0; 3];
        one_hot[class] = 1.0;
        let by_class = value_and_gradient(|z| cross_entropy_with_logits(z, class), &logits);
        let by_data = value_and_gradient(|z| soft_cross_entropy_with_logits(z, &one_hot), &logits);
        let both = [logits, one_hot].concat();
        let by_variables =
            value_and_gradient(|x| soft_cross_entropy_with_logits(&x[..3], &x[3..]), &both[..]);
        for (value, gradient) in [
            (by_class.0, &by_class.1[..]),
            (by_data.0, &by_data.1),
            (by_variables.0, &by_variables.1),
        ] {
            assert!(same(value, loss), "{logits:?}, {class}: {value} and not {loss}");
            for (slope, expected) in gradient.iter().zip(slopes) {
                // Those of the logits that are infinite beside a wrong class are `log_sum_exp`'s.
                assert!(
                    // A probability of 0 that may move is a zero by value.
                    same(*slope, expected)
                        || expected.is_nan()
                        || (gradient.len() > 3 && slope.is_nan()),
                    "{logits:?}, {class}: {gradient:?} and not {slopes:?}"
                );
            }
        }
    }
}

#[test]
fn the_small_loss_of_a_confident_right_logit_keeps_its_digits() {
    for z in [20.0, 40.0, 300.0, 700.0] {
        // Two others: 2 exp(-z), to first order.
        let found = cross_entropy_with_logits(&[0.0, z, 0.0], 1) / (2.0 * (-z).exp());
        assert!((found - 1.0).abs() < 1e-8 && found > 0.0, "{z}: {found}");
        let slopes = gradient(|z| cross_entropy_with_logits(z, 1), &[0.0, z, 0.0]);
        let expected = (-z).exp();
        for (slope, expected) in slopes.iter().zip([expected, -2.0 * expected, expected]) {
            assert!((slope / expected - 1.0).abs() < 1e-8, "{z}: {slopes:?}");
        }
    }
}
