//! Every setting is checked where it is given, before the first step: the message has the number and what to give.

use super::message_of;
use gradtape::check::GradientReport;
use gradtape::nn::{Activation, Dense, Dosage, Init, Mlp, huber};
use gradtape::optim::{Adam, Fitter, Optimizer, OverRows, RmsProp, Schedule, Sgd};
use gradtape::program::{RowProgram, Rows};

/// Numbers that no setting takes, and those beside its range.
const NEVER: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
const NEGATIVE: [f64; 2] = [-1e-300, -1.0];
const NOT_ABOVE_0: [f64; 4] = [-1e-300, -1.0, 0.0, -0.0];
const NOT_BELOW_1: [f64; 4] = [-1e-300, -1.0, 1.0, 2.0];
const NONE: [f64; 0] = [];

type Setting = (&'static str, &'static [f64], &'static [f64], fn(f64));

/// What messages call it, what it refuses beside numbers that are not finite, what it takes, and how to set it.
const SETTINGS: &[Setting] = &[
    ("the learning rate is", &NEGATIVE, &[0.0, 1e300], |x| drop(Sgd::new(x))),
    ("the learning rate is", &NEGATIVE, &[0.0, 1e-300], |x| drop(Adam::new(x))),
    ("the learning rate is", &NEGATIVE, &[0.0, 0.1], |x| drop(RmsProp::new(x))),
    ("the momentum is", &NOT_BELOW_1, &[0.0, 0.99], |x| drop(Sgd::new(0.1).momentum(x))),
    ("the weight decay is", &NEGATIVE, &[0.0, 2.0], |x| drop(Sgd::new(0.1).weight_decay(x))),
    ("the weight decay is", &NEGATIVE, &[0.0, 2.0], |x| drop(Adam::new(0.1).weight_decay(x))),
    ("the L2 penalty is", &NEGATIVE, &[0.0, 2.0], |x| drop(Adam::new(0.1).l2(x))),
    ("the first beta is", &NOT_BELOW_1, &[0.0, 0.5], |x| drop(Adam::new(0.1).betas(x, 0.5))),
    ("the second beta is", &NOT_BELOW_1, &[0.0, 0.5], |x| drop(Adam::new(0.1).betas(0.5, x))),
    ("epsilon is", &NOT_ABOVE_0, &[1e-300, 1.0], |x| drop(Adam::new(0.1).epsilon(x))),
    ("epsilon is", &NOT_ABOVE_0, &[1e-300, 1.0], |x| drop(RmsProp::new(0.1).epsilon(x))),
    ("the smoothing is", &NOT_BELOW_1, &[0.0, 0.5], |x| drop(RmsProp::new(0.1).smoothing(x))),
    ("the factor of the schedule is", &NEGATIVE, &[0.0, 2.0], |factor| {
        drop(Adam::new(0.1).schedule(Schedule::Step { every: 2, factor }));
    }),
    ("the factor of the schedule is", &NEGATIVE, &[0.0, 2.0], |factor| {
        drop(RmsProp::new(0.1).schedule(Schedule::Exponential { factor }));
    }),
    ("the floor of the schedule is", &NEGATIVE, &[0.0, 2.0], |floor| {
        drop(Sgd::new(0.1).schedule(Schedule::Linear { steps: 2, floor }));
    }),
    ("the floor of the schedule is", &NEGATIVE, &[0.0, 2.0], |floor| {
        let cosine = Schedule::Cosine { steps: 2, floor };
        drop(Sgd::new(0.1).schedule(cosine.after_warmup(2).after_warmup(3)));
    }),
    ("the loss to stop at is", &NONE, &[0.0, -1.0], |x| drop(plan().stop_at_loss(x))),
    ("the gradient norm to stop at is", &NEGATIVE, &[0.0, 1.0], |x| {
        drop(plan().stop_at_gradient_norm(x));
    }),
    ("the step size to stop at is", &NEGATIVE, &[0.0, 1.0], |x| drop(plan().stop_at_step_size(x))),
    ("weights are to be drawn between", &[1.5, 1e300], &[1.0, -1e300], |low| {
        drop(Init::Uniform { low, high: 1.0 }.weights(2, 2, 1));
    }),
    ("weights are to be drawn between", &[-1.5, -1e300], &[-1.0, 1e300], |high| {
        let network = Mlp::new(2).dense(1, Activation::Relu);
        drop(network.initialize(Init::Uniform { low: -1.0, high }, 1));
    }),
    ("the tolerance is", &NEGATIVE, &[0.0, 1.0], |x| {
        drop(GradientReport::of(|p| p[0], &[1.0], None, x));
    }),
];

fn plan() -> Fitter<'static> {
    Fitter::new(|p| p[0].square(), &[1.0])
}

#[test]
fn every_number_that_is_set_is_checked_where_it_is_given() {
    for &(what, refused, taken, set) in SETTINGS {
        for &number in NEVER.iter().chain(refused) {
            let told = message_of(|| set(number));
            assert!(told.starts_with(what) && told.contains(": give "), "{what} {number}: {told}");
            assert!(told.contains(&number.to_string()), "{what} {number}: {told}");
        }
        taken.iter().for_each(|&number| set(number));
    }
}

#[test]
fn the_delta_of_the_huber_loss_is_above_0_and_may_be_infinite() {
    for delta in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        let told = message_of(|| huber(&[1.0], &[2.0], delta));
        assert!(
            told.starts_with(&format!("the delta of the Huber loss is {delta}: give")),
            "{told}"
        );
    }
    assert_eq!(huber(&[1.0], &[5.0], f64::INFINITY), 8.0);
}

#[test]
fn sizes_of_layers_batches_and_intervals_that_cannot_be_are_refused() {
    let vast = usize::MAX / 2;
    let table: [(&str, fn()); 9] = [
        ("a layer has 0 outputs: give at least 1", || drop(Dense::new(2, 0, Activation::Relu))),
        ("a layer has 0 outputs: give at least 1", || drop(Mlp::new(2).dense(0, Activation::Relu))),
        ("a layer of 3 × ", || drop(Dense::new(usize::MAX, 3, Activation::Relu))),
        ("a layer of ", || drop(Dense::new(1 << 40, 1 << 40, Activation::Relu))),
        ("a layer of ", || drop(Init::HeNormal.weights(1 << 32, 1 << 32, 1))),
        ("a network of ", || {
            drop(
                Mlp::new(1 << 30).dense(1 << 29, Activation::Relu).dense(1 << 30, Activation::Relu),
            );
        }),
        ("weights are to be drawn between -1", || {
            drop(Init::Uniform { low: f64::MIN, high: f64::MAX }.weights(1, 1, 1));
        }),
        ("a batch of 0 rows: give at least 1", || {
            let program = RowProgram::record(|p, row| p[0] * row[0], &[1.0], &[1.0]);
            let rows = Rows::row_major(&[1.0], 1).unwrap();
            drop(OverRows::new(&program, rows).unwrap().batches(0, 1));
        }),
        ("trained[1] is 7: give indices of `Dosage::NAMES`", || {
            let mut dosage = Dosage::main_ideas();
            dosage.trained = vec![0, 7];
            drop(dosage.over_rows());
        }),
    ];
    for (expected, set) in table {
        let told = message_of(set);
        assert!(told.starts_with(expected), "{told}");
    }
    // Vast, but nothing is made of it.
    assert!(Init::HeUniform.weights(0, vast, 1).is_empty());
    assert_eq!(Init::Uniform { low: 0.5, high: 0.5 }.weights(1, 2, 1), [0.5, 0.5]);
}

#[test]
fn seeds_have_no_wrong_value() {
    let network = Mlp::new(2).dense(3, Activation::Tanh);
    let all = [0, 1, u64::MAX, 1 << 63].map(|seed| network.initialize(Init::HeNormal, seed));
    for (k, one) in all.iter().enumerate() {
        assert!(one.as_slice().iter().all(|w| w.is_finite()));
        assert!(all[..k].iter().all(|other| other != one));
    }
}

#[test]
fn a_fit_that_nothing_can_come_of_takes_no_step() {
    let mut rates = Vec::new();
    for dosage in [Dosage::main_ideas(), Dosage::details_2()] {
        for (field, set) in [
            (
                "the learning rate is NaN",
                (|d: &mut Dosage| d.learning_rate = f64::NAN) as fn(&mut _),
            ),
            ("the step size to stop at is -1", |d| d.step_size = Some(-1.0)),
            ("the efficacy of data[1] is NaN", |d| d.data[1][1] = f64::NAN),
            ("the start of w3 is inf", |d| d.start[4] = f64::INFINITY),
            ("there are no rows to fit", |d| d.data.clear()),
            ("trained[0] is 9", |d| d.trained[0] = 9),
        ] {
            let mut wrong = dosage.clone();
            set(&mut wrong);
            let error = wrong.fit().unwrap_err();
            assert!(error.to_string().starts_with(field), "{error}");
            rates.push(error.step);
        }
    }
    assert!(rates.iter().all(|&steps| steps == 0));
    let mut optimizer = Sgd::new(0.1);
    assert_eq!(optimizer.learning_rate(), 0.1);
    optimizer.reset();
}
