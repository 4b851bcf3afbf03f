//! Each optimizer by itself: the numbers of its steps, its memory, its misuse.

use super::message_of;
use gradtape::optim::{Adam, Fitter, Optimizer, Reason, RmsProp, Schedule, Sgd, fit};
use gradtape::{Var, gradient};

/// `(x - 1)² + 10 (y - x²)² + (z + xy)²/2`, with its gradient by hand.
fn slopes(p: &[f64; 3]) -> [f64; 3] {
    let (a, b) = (p[1] - p[0] * p[0], p[2] + p[0] * p[1]);
    [2.0 * (p[0] - 1.0) - 40.0 * p[0] * a + b * p[1], 20.0 * a + b * p[0], b]
}

fn loss(p: &[Var]) -> Var {
    let (a, b) = (p[1] - p[0].square(), p[2] + p[0] * p[1]);
    (p[0] - 1.0).square() + a.square() * 10.0 + b.square() / 2.0
}

const START: [f64; 3] = [-0.5, 0.75, 2.0];

/// An optimizer, and the parameters after steps 1, 2 and 10.
type Trace = (Box<dyn Optimizer>, [[f64; 3]; 3]);

fn row(optimizer: impl Optimizer + 'static, trace: [[f64; 3]; 3]) -> Trace {
    (Box::new(optimizer), trace)
}

/// Computed with optax 0.2.8 in double precision: `sgd`, `adam` and `adamw`, with
/// `add_decayed_weights` in front where the decay is part of the gradient. Those of `RmsProp` are from a few lines
/// of Python that do what PyTorch documents: `v = α v + (1 - α) g²`, then `θ - lr g / (√v + ε)`.
#[rustfmt::skip]
fn traces() -> Vec<Trace> {
    vec![
        row(Sgd::new(0.01), [
            [-0.5821875, 0.658125, 1.98375],
            [-0.6354073593298339, 0.6036069376483154, 1.9677440214843749],
            [-0.6613998764128592, 0.516631237270925, 1.8440635637278353],
        ]),
        row(Sgd::new(0.01).momentum(0.9), [
            [-0.5821875, 0.658125, 1.98375],
            [-0.709376109329834, 0.5209194376483154, 1.953119021484375],
            [-0.15304674987335803, 0.15349432859920864, 1.353707225572145],
        ]),
        row(Sgd::new(0.01).momentum(0.9).nesterov(), [
            [-0.65615625, 0.5754375, 1.969125],
            [-0.7494518734282866, 0.4657998695531984, 1.925723086330078],
            [-0.33312065285096204, 0.17078862476685328, 1.2828117330263824],
        ]),
        row(Sgd::new(0.01).momentum(0.8).nesterov().weight_decay(0.1), [
            [-0.6470374999999999, 0.583275, 1.96715],
            [-0.732240028457006, 0.48219810679563707, 1.923313644360625],
            [-0.434575345807324, 0.2630072530413193, 1.3967799886035606],
        ]),
        row(Sgd::new(0.01).momentum(0.9).schedule(Schedule::Step { every: 3, factor: 0.5 }), [
            [-0.5821875, 0.658125, 1.98375],
            [-0.709376109329834, 0.5209194376483154, 1.953119021484375],
            [-0.49703319623928144, 0.4519958291762427, 1.732993458275923],
        ]),
        row(Adam::new(0.05), [
            [-0.5499999999391635, 0.7000000000544218, 1.9500000003076923],
            [-0.5995012815479416, 0.6507436735726684, 1.900057860810683],
            [-0.7272969847638704, 0.45163077677746954, 1.5060435297628434],
        ]),
        row(Adam::new(0.05).betas(0.8, 0.9).epsilon(1e-3), [
            [-0.5499939170899358, 0.7000054415845894, 1.9500307503075032],
            [-0.5994541879532358, 0.6508024467512245, 1.9001259003027349],
            [-0.6863817557900584, 0.481710882445776, 1.5066063335855746],
        ]),
        row(Adam::new(0.05).weight_decay(0.1), [
            [-0.5474999999391635, 0.6962500000544217, 1.9400000003076923],
            [-0.594226447501012, 0.6435203011473832, 1.8803649887327023],
            [-0.6982916593899604, 0.4180554072495258, 1.4201600561988879],
        ]),
        row(Adam::new(0.05).l2(0.1), [
            [-0.5499999999387911, 0.7000000000539811, 1.9500000002739726],
            [-0.5994935558138981, 0.650736324969881, 1.9000554696786567],
            [-0.7244630948849607, 0.44860667489383327, 1.5058923393088],
        ]),
        row(Adam::new(0.05).weight_decay(0.1)
            .schedule(Schedule::Cosine { steps: 8, floor: 0.25 }), [
            [-0.5474999999391635, 0.6962500000544217, 1.9400000003076923],
            [-0.5928926328638264, 0.6450254796466368, 1.882067280592621],
            [-0.7113901307223917, 0.4878065414100723, 1.653972567392629],
        ]),
        row(Adam::new(0.05).schedule(Schedule::Exponential { factor: 0.9 }), [
            [-0.5499999999391635, 0.7000000000544218, 1.9500000003076923],
            [-0.5945511533870638, 0.6556693062208437, 1.9050520747603839],
            [-0.7372716396424767, 0.4927025041181492, 1.6766602632193972],
        ]),
        row(RmsProp::new(0.01), [
            [-0.5999999987832699, 0.6500000010884355, 1.9000000061538458],
            [-0.6501600856670214, 0.6028018693482544, 1.8317455825274862],
            [-0.6593769179617708, 0.5155918631437443, 1.5250494850554546],
        ]),
        row(RmsProp::new(0.05).smoothing(0.9).epsilon(1e-3), [
            [-0.6580530699051998, 0.5919405200351152, 1.8421932116877673],
            [-0.692223806150113, 0.5528917698802736, 1.7339204219267046],
            [-0.5640547161175172, 0.4008335818766118, 1.212345814024093],
        ]),
        row(RmsProp::new(0.01).schedule(Schedule::Exponential { factor: 0.9 }), [
            [-0.5999999987832699, 0.6500000010884355, 1.9000000061538458],
            [-0.6451440769786463, 0.6075216825222726, 1.8385710248901221],
            [-0.6770851550586631, 0.5429041966952496, 1.64944468860903],
        ]),
        row(Adam::new(0.05).schedule(Schedule::Linear { steps: 5, floor: 0.1 }), [
            [-0.5499999999391635, 0.7000000000544218, 1.9500000003076923],
            [-0.5905910508583615, 0.659609812339384, 1.9090474459201447],
            [-0.6738806537911622, 0.5762111241397558, 1.8155573764366362],
        ]),
    ]
}

#[test]
fn every_variant_takes_the_steps_computed_elsewhere() {
    for (case, (mut optimizer, trace)) in traces().into_iter().enumerate() {
        let mut parameters = START;
        for step in 1..=10 {
            let gradient = slopes(&parameters);
            optimizer.step(&mut parameters, &gradient);
            let Some(at) = [1, 2, 10].iter().position(|&known| known == step) else { continue };
            for (found, expected) in parameters.iter().zip(trace[at]) {
                assert!(
                    (found - expected).abs() <= 1e-13,
                    "case {case}, step {step}: {found} and not {expected}"
                );
            }
        }
    }
}

#[test]
fn plain_descent_subtracts_rate_times_slope_to_the_last_bit() {
    let mut parameters = START;
    Sgd::new(0.1).step(&mut parameters, &[0.3, -0.7, 1.1]);
    assert_eq!(parameters, [-0.5 - 0.1 * 0.3, 0.75 - 0.1 * -0.7, 2.0 - 0.1 * 1.1]);
}

#[test]
fn decay_in_the_gradient_is_a_quadratic_penalty_in_the_loss() {
    let penalized = |p: &[Var]| loss(p) + p.iter().map(|p| p.square()).sum::<Var>() * (0.1 / 2.0);
    let pairs: [[Box<dyn Optimizer>; 2]; 2] = [
        [Box::new(Sgd::new(0.01).weight_decay(0.1)), Box::new(Sgd::new(0.01))],
        [Box::new(Adam::new(0.05).l2(0.1)), Box::new(Adam::new(0.05))],
    ];
    for [mut decaying, mut plain] in pairs {
        let decayed = fit(loss, &START, &mut *decaying, 50).unwrap().parameters;
        let fitted = fit(penalized, &START, &mut *plain, 50).unwrap().parameters;
        for (a, b) in decayed.iter().zip(&fitted) {
            assert!((a - b).abs() <= 1e-12, "{decayed:?} and {fitted:?}");
        }
    }
}

#[test]
fn decoupled_decay_shrinks_a_parameter_of_slope_0_geometrically() {
    let mut optimizer = Adam::new(0.5).weight_decay(0.5);
    let mut parameters = [64.0];
    for expected in [48.0, 36.0, 27.0] {
        optimizer.step(&mut parameters, &[0.0]);
        assert_eq!(parameters, [expected]);
    }
}

#[test]
fn the_gradient_written_by_hand_here_is_the_gradient() {
    let by_tape = gradient(loss, &START);
    for (a, b) in by_tape.iter().zip(slopes(&START)) {
        assert!((a - b).abs() <= 1e-14);
    }
}

#[test]
fn the_learning_rate_is_that_of_the_next_step() {
    let mut sgd = Sgd::new(0.5).schedule(Schedule::Exponential { factor: 0.5 });
    let mut x = [0.0];
    for rate in [0.5, 0.25, 0.125] {
        assert_eq!(sgd.learning_rate(), rate);
        let before = x[0];
        sgd.step(&mut x, &[1.0]);
        assert_eq!(before - x[0], rate);
    }
}

#[test]
fn reset_forgets_the_steps_and_keeps_the_settings() {
    for (mut optimizer, _) in traces() {
        let mut run = || {
            let mut parameters = START;
            for _ in 0..3 {
                let gradient = slopes(&parameters);
                optimizer.step(&mut parameters, &gradient);
            }
            optimizer.reset();
            (parameters, optimizer.learning_rate())
        };
        assert_eq!(run(), run());
    }
}

#[test]
fn wrong_lengths_and_settings_are_refused_with_their_numbers() {
    let told = message_of(|| Sgd::new(0.1).step(&mut [1.0, 2.0], &[1.0]));
    assert!(
        told.contains("the gradient has 1 entry, but the point has 2: give one for each"),
        "{told}"
    );
    let mut used = Adam::new(0.1);
    used.step(&mut [1.0, 2.0], &[1.0, 1.0]);
    let told = message_of(|| used.step(&mut [1.0], &[1.0]));
    assert!(told.contains("with 2 parameters and is now given 1: call `reset`"), "{told}");
    used.reset();
    used.step(&mut [1.0], &[1.0]);

    let settings: [(&str, fn()); 13] = [
        ("the learning rate is -0.1", || drop(Sgd::new(-0.1))),
        ("the learning rate is NaN", || drop(Adam::new(f64::NAN))),
        ("the momentum is 1:", || drop(Sgd::new(0.1).momentum(1.0))),
        ("the weight decay is -1", || drop(Sgd::new(0.1).weight_decay(-1.0))),
        ("the second beta is 1:", || drop(Adam::new(0.1).betas(0.9, 1.0))),
        ("epsilon is 0:", || drop(Adam::new(0.1).epsilon(0.0))),
        ("the weight decay is inf", || drop(Adam::new(0.1).weight_decay(f64::INFINITY))),
        ("the L2 penalty is -1", || drop(Adam::new(0.1).l2(-1.0))),
        ("the learning rate is inf", || drop(RmsProp::new(f64::INFINITY))),
        ("the smoothing is 1:", || drop(RmsProp::new(0.1).smoothing(1.0))),
        ("epsilon is NaN:", || drop(RmsProp::new(0.1).epsilon(f64::NAN))),
        ("the factor of the schedule is -0.5:", || {
            drop(Sgd::new(0.1).schedule(Schedule::Exponential { factor: -0.5 }.after_warmup(3)));
        }),
        ("the floor of the schedule is NaN:", || {
            drop(Adam::new(0.1).schedule(Schedule::Cosine { steps: 3, floor: f64::NAN }));
        }),
    ];
    for (expected, setting) in settings {
        let told = message_of(setting);
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn one_slope_of_any_size_neither_stops_an_optimizer_nor_spoils_what_it_remembers() {
    let optimizers: [fn() -> Box<dyn Optimizer>; 7] = [
        || Box::new(Adam::new(0.1)),
        || Box::new(Adam::new(0.1).weight_decay(0.01)),
        || Box::new(Adam::new(0.1).betas(0.0, 0.0)),
        || Box::new(Adam::new(0.1).betas(0.9, 0.5).l2(0.1)),
        || Box::new(RmsProp::new(0.1)),
        || Box::new(RmsProp::new(0.1).smoothing(0.0)),
        || Box::new(RmsProp::new(0.1).smoothing(0.5)),
    ];
    for make in optimizers {
        for size in [1e100, 1.4e154, 1e155, 1e200, 1e300, f64::MAX] {
            let (mut huge, mut large) = (make(), make());
            let (mut a, mut b) = ([1.0], [1.0]);
            // A step depends on the slopes of before by their proportions: so 1e30 is large enough to compare with.
            for share in [1.0, -0.5, 0.25, 0.75, -1.0, 0.1] {
                let before = a;
                huge.step(&mut a, &[share * size]);
                large.step(&mut b, &[share * 1e30]);
                assert!((a[0] - b[0]).abs() < 1e-12, "{size:e}: {a:?} and {b:?}");
                assert!((a[0] - before[0]).abs() > 1e-3, "{size:e}: {before:?} stays");
            }
        }
    }
    // Too small to be squared, they are divided by epsilon, or by their own root where that is smaller.
    for size in [1e-160, 1e-170, 1e-200, 1e-300] {
        let small: [Box<dyn Optimizer>; 2] = [
            Box::new(Adam::new(0.1).epsilon(1e-306)),
            Box::new(RmsProp::new(0.1).smoothing(0.0).epsilon(1e-306)),
        ];
        for mut optimizer in small {
            let mut x = [1.0];
            optimizer.step(&mut x, &[size]);
            assert!((x[0] - 0.9).abs() < 1e-6, "{size:e}: {x:?}");
        }
    }
}

#[test]
fn a_slope_of_0_moves_nothing_whatever_epsilon_is() {
    for epsilon in [f64::from_bits(1), f64::MIN_POSITIVE, 1e-300, 1.0] {
        let optimizers: [Box<dyn Optimizer>; 2] = [
            Box::new(Adam::new(0.1).epsilon(epsilon)),
            Box::new(RmsProp::new(0.1).epsilon(epsilon)),
        ];
        for mut optimizer in optimizers {
            let mut x = [1.0];
            (0..3).for_each(|_| optimizer.step(&mut x, &[0.0]));
            assert_eq!(x, [1.0], "{epsilon:e}");
        }
    }
}

#[test]
fn adam_forgets_a_huge_slope_as_fast_as_its_second_moment_does() {
    // After the spike, v is β₂^k of it: slopes of 1 count again when that is small beside 1.
    let mut adam = Adam::new(0.1).betas(0.0, 0.25);
    let mut x = [0.0];
    adam.step(&mut x, &[1e200]);
    for _ in 0..1500 {
        adam.step(&mut x, &[1.0]);
    }
    let before = x[0];
    adam.step(&mut x, &[1.0]);
    assert!((before - x[0] - 0.1).abs() < 1e-6, "{before} and {x:?}");
}

#[test]
fn what_an_optimizer_cannot_represent_is_told_with_the_name_of_the_parameter() {
    // The velocity overflows: it is a sum, and each slope is finite.
    let steep = |p: &[Var]| p[0] * 1.5e308 + p[1].square();
    let fitter = Fitter::new(steep, &[0.0, 1.0]).names(["steep", "flat"]);
    let error = fitter.fit(&mut Sgd::new(1e-310).momentum(0.9), 10).unwrap_err();
    assert!(
        error.to_string().starts_with("parameter `steep` is -inf after step 2: lower"),
        "{error}"
    );
}

#[test]
fn the_rule_on_the_gradient_norm_neither_overflows_nor_underflows() {
    let ends = |slopes: [f64; 2], norm: f64| {
        let plane = move |p: &[Var]| p[0] * slopes[0] + p[1] * slopes[1];
        let fitter = Fitter::new(plane, &[0.0; 2]).stop_at_gradient_norm(norm);
        fitter.fit(&mut Sgd::new(0.0), 1).unwrap().reason
    };
    for size in [1e-300, 1e-200, 1e-100, 1.0, 1e155, 1e200, 1e307] {
        let slopes = [3.0 * size, -4.0 * size];
        assert_eq!(ends(slopes, 5.0 * size * (1.0 + 1e-12)), Reason::GradientNorm, "{size:e}");
        assert_eq!(ends(slopes, 5.0 * size * (1.0 - 1e-12)), Reason::Steps, "{size:e}");
        assert_eq!(ends(slopes, 0.0), Reason::Steps, "{size:e}");
    }
}
