//! What all optimizers share beyond their formulas: groups, clipping, rates that are set, states.

use crate::message_of;
use gradtape::optim::{Adam, Lion, Optimizer, OptimizerState, RmsProp, Schedule, Sgd};

const SLOPES: [[f64; 3]; 4] =
    [[0.5, -2.0, 0.1], [1.0, 0.3, -0.2], [-0.7, 0.2, 0.05], [0.4, 4.0, -0.3]];

fn run(optimizer: &mut dyn Optimizer) -> [f64; 3] {
    let mut parameters = [1.0, -0.5, 0.25];
    SLOPES.iter().for_each(|slopes| optimizer.step(&mut parameters, slopes));
    parameters
}

fn near(found: [f64; 3], expected: [f64; 3]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-13, "{found} and not {expected}");
    }
}

/// The numbers of PyTorch 2 in double precision; those of Lion in fractions, by the algorithm of the paper.
#[test]
fn decay_groups_and_clipped_slopes_are_those_of_pytorch() {
    near(
        run(&mut RmsProp::new(0.01).weight_decay(0.1)),
        [0.8237535089281133, -0.5092514362816137, 0.2785372597642185],
    );
    near(run(&mut Sgd::new(0.1).momentum(0.9).clip_value(0.4)), [0.79004, -0.52174, 0.29031]);
    // The second parameter is in a group of its own, without decay.
    near(
        run(&mut Adam::new(0.02).weight_decay(0.5).decay_factor(1..2, 0.0)),
        [0.9084960793291886, -0.4694022419822435, 0.24122451335479636],
    );
    near(
        run(&mut Adam::new(0.02).l2(0.5).decay_factor(1..2, 0.0)),
        [0.931389106480103, -0.4694022419822435, 0.20940657310112418],
    );
    near(
        run(&mut Sgd::new(0.1).momentum(0.9).weight_decay(0.5).decay_factor(1..2, 0.0)),
        [0.2684625, -0.33149999999999996, 0.1865071875],
    );
    near(
        run(&mut Lion::new(0.01).weight_decay(0.1)),
        [0.976045956011, -0.5180029780105, 0.24902147901025],
    );
    near(run(&mut Lion::new(0.01).betas(0.5, 0.75)), [0.98, -0.48, 0.25]);
}

#[test]
fn groups_may_come_in_any_order_and_not_overlap() {
    let three = |order: [(usize, f64); 3]| {
        order.into_iter().fold(Sgd::new(0.5).weight_decay(1.0), |sgd, (at, factor)| {
            sgd.decay_factor(at..at + 1, factor)
        })
    };
    for order in [[(0, 0.0), (1, 1.0), (2, 2.0)], [(2, 2.0), (0, 0.0), (1, 1.0)]] {
        let mut parameters = [8.0, 8.0, 8.0, 8.0];
        three(order).step(&mut parameters, &[0.0; 4]);
        assert_eq!(parameters, [8.0, 4.0, 0.0, 4.0]);
    }
    // An empty stretch is no group, wherever it is.
    let mut parameters = [8.0];
    Sgd::new(0.5).weight_decay(1.0).decay_factor(7..7, 0.0).step(&mut parameters, &[0.0]);
    assert_eq!(parameters, [4.0]);
    let one = || Sgd::new(0.5).decay_factor(2..4, 0.0);
    for range in [1..3, 2..4, 3..4, 0..9] {
        let message = message_of(|| drop(one().decay_factor(range.clone(), 1.0)));
        assert!(message.contains("overlap"), "{range:?}: {message}");
    }
    assert!(message_of(|| drop(one().decay_factor(5..6, f64::NAN))).contains("NaN"));
    let message = message_of(|| one().step(&mut [1.0, 2.0], &[0.0, 0.0]));
    assert_eq!(message, "a factor of decay for 2..4 of 2 parameters");
}

#[test]
fn a_gradient_is_clipped_to_its_norm_whatever_its_size() {
    for size in [1e-300, 1.0, 1e300] {
        let mut parameters = [0.0, 0.0];
        Sgd::new(1.0).clip_norm(0.5).step(&mut parameters, &[3.0 * size, -4.0 * size]);
        let expected = if size < 1.0 { [-3.0 * size, 4.0 * size] } else { [-0.3, 0.4] };
        for (found, expected) in parameters.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-15 * expected.abs(), "{size:e}: {parameters:?}");
        }
    }
    // The norm first, then each slope.
    let mut parameters = [0.0, 0.0];
    Sgd::new(1.0).clip_value(0.35).clip_norm(0.5).step(&mut parameters, &[3.0, -4.0]);
    assert_eq!(parameters, [-(3.0 * 0.1), 0.35]);
    assert!(message_of(|| drop(Adam::new(1.0).clip_norm(0.0))).contains("above 0"));
    assert!(message_of(|| drop(Adam::new(1.0).clip_value(f64::INFINITY))).contains("above 0"));
}

#[test]
fn a_rate_that_is_set_is_multiplied_by_the_schedule() {
    let mut optimizer = Sgd::new(1.0).schedule(Schedule::Step { every: 1, factor: 0.5 });
    let mut x = [0.0];
    optimizer.step(&mut x, &[1.0]);
    optimizer.set_learning_rate(8.0);
    assert_eq!(optimizer.learning_rate(), 4.0);
    optimizer.step(&mut x, &[1.0]);
    assert_eq!(x, [-5.0]);
    assert!(message_of(|| Sgd::new(1.0).set_learning_rate(-1.0)).contains("-1"));
}

fn all() -> Vec<Box<dyn Optimizer>> {
    let schedule = || Schedule::Exponential { factor: 0.9 };
    vec![
        Box::new(Sgd::new(0.1).momentum(0.9).nesterov().schedule(schedule())),
        Box::new(RmsProp::new(0.01).weight_decay(0.1).schedule(schedule())),
        Box::new(Adam::new(0.02).l2(0.1).clip_norm(1.0).schedule(schedule())),
        Box::new(Lion::new(0.01).weight_decay(0.1).schedule(schedule())),
    ]
}

#[test]
fn an_optimizer_goes_on_from_its_state_with_the_same_bits() {
    for stop in 0..=SLOPES.len() {
        for ((mut whole, mut first), mut second) in all().into_iter().zip(all()).zip(all()) {
            let expected = run(&mut *whole);
            let mut parameters = [1.0, -0.5, 0.25];
            let (before, after) = SLOPES.split_at(stop);
            before.iter().for_each(|slopes| first.step(&mut parameters, slopes));
            // Another step of the second must leave no trace.
            second.step(&mut [0.0; 3], &[9.0; 3]);
            second.restore(&first.state()).unwrap();
            after.iter().for_each(|slopes| second.step(&mut parameters, slopes));
            assert_eq!(parameters.map(f64::to_bits), expected.map(f64::to_bits));
            assert_eq!(second.state(), whole.state());
        }
    }
}

#[test]
fn a_state_that_no_steps_lead_to_is_refused_and_changes_nothing() {
    let mut adam = Adam::new(0.02);
    run(&mut adam);
    let good = adam.state();
    let bad = [
        OptimizerState { rule: "Sgd".into(), ..good.clone() },
        OptimizerState { learning_rate: f64::NAN, ..good.clone() },
        OptimizerState { learning_rate: -1.0, ..good.clone() },
        OptimizerState { steps: 0, ..good.clone() },
        OptimizerState { memory: vec![], ..good.clone() },
        OptimizerState { memory: vec![vec![0.0; 3]; 3], ..good.clone() },
        OptimizerState { memory: vec![vec![0.0; 3], vec![0.0; 2]], ..good.clone() },
        OptimizerState { memory: vec![vec![0.0; 3], vec![f64::INFINITY; 3]], ..good.clone() },
        OptimizerState { memory: vec![vec![], vec![]], ..good.clone() },
    ];
    for state in bad {
        let error = adam.restore(&state).expect_err("a bad state").to_string();
        assert!(error.contains("Adam"), "{state:?}: {error}");
        assert_eq!(adam.state(), good);
    }
}

#[test]
fn clipping_by_norm_works_for_norms_that_are_far_apart_or_beyond_all_numbers() {
    let mut x = [0.0; 4];
    Sgd::new(1.0).clip_norm(2.0).step(&mut x, &[f64::MAX; 4]);
    assert_eq!(x, [-1.0; 4]);
    let mut x = [0.0; 2];
    Sgd::new(1.0).clip_norm(5e-200).step(&mut x, &[3e200, -4e200]);
    assert!((x[0] / -3e-200 - 1.0).abs() < 1e-15 && (x[1] / 4e-200 - 1.0).abs() < 1e-15, "{x:?}");
}

#[test]
fn a_root_below_0_is_refused() {
    let mut adam = Adam::new(0.1);
    adam.step(&mut [1.0], &[1.0]);
    let mut state = adam.state();
    state.memory[1][0] = -1e200;
    assert!(adam.restore(&state).is_err());
    state.memory[1][0] = 1e200;
    adam.restore(&state).unwrap();
}
