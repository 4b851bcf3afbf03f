//! Trainings over rows: epochs, validation, patience, plateaus, and that one that was stopped goes on as if it were not.

use crate::message_of;
use gradtape::Var;
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{
    Adam, Epoch, FitErrorKind, Lion, Optimizer, OverRows, Plateau, Reason, Schedule, Sgd, Training,
    TrainingState,
};
use gradtape::program::{RowProgram, Rows, Workspace};

fn network() -> (Mlp, RowProgram, Vec<f64>) {
    let network = Mlp::new(2).dense(4, Activation::Tanh).dense(1, Activation::Identity);
    let program = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let start = network.initialize(Init::XavierUniform, 3).as_slice().to_vec();
    (network, program, start)
}

/// Rows of two inputs and their product.
fn data(rows: usize) -> Vec<f64> {
    let x = |i: usize, k: usize| (i * k % 17) as f64 / 8.0 - 1.0;
    (0..rows).flat_map(|i| [x(i, 5), x(i, 7), x(i, 5) * x(i, 7)]).collect()
}

fn rows(numbers: &[f64]) -> Rows<'_> {
    Rows::row_major(numbers, 3).unwrap()
}

#[test]
fn an_epoch_takes_every_row_once_and_its_loss_is_that_of_its_steps() {
    let (_, program, start) = network();
    let data = data(23);
    let loss = || OverRows::new(&program, rows(&data)).unwrap().mean();
    // At a rate of 0 the parameters stay, so that the loss of an epoch is the loss over all rows.
    for size in [1, 4, 22, 23, 100] {
        let mut training = Training::new(loss().batches(size, 1), &start, Sgd::new(0.0));
        assert_eq!(training.steps_an_epoch(), 23_usize.div_ceil(size));
        let epoch = training.epoch().unwrap().unwrap();
        let expected = loss().value(&start).unwrap();
        assert!((epoch.training_loss / expected - 1.0).abs() < 1e-14, "{size}: {epoch}");
        assert_eq!((training.steps(), epoch.epoch), (23_usize.div_ceil(size), 1));
    }
    // A sum is added up, and without batches a step is an epoch.
    let sum = || OverRows::new(&program, rows(&data)).unwrap();
    let expected = sum().value(&start).unwrap();
    for loss in [sum(), sum().batches(5, 1)] {
        let epoch = Training::new(loss, &start, Sgd::new(0.0)).epoch().unwrap().unwrap();
        assert!((epoch.training_loss / expected - 1.0).abs() < 1e-14, "{epoch}");
    }
}

/// The steps by hand: batches, gradient, optimizer.
#[test]
fn a_training_takes_the_steps_that_a_loop_of_ones_own_takes() {
    let (_, program, start) = network();
    let data = data(20);
    let loss = || OverRows::new(&program, rows(&data)).unwrap().mean().batches(6, 9);
    let mut training = Training::new(loss(), &start, Adam::new(0.02)).epochs(5);
    while training.epoch().unwrap().is_some() {}
    let (mut by_hand, mut adam, mut parameters) = (loss(), Adam::new(0.02), start);
    let mut gradient = vec![0.0; parameters.len()];
    for _ in 0..20 {
        use gradtape::optim::Objective;
        by_hand.value_and_gradient(&parameters, &mut gradient).unwrap();
        adam.step(&mut parameters, &gradient);
    }
    assert_eq!(training.parameters(), parameters);
    assert_eq!((training.reason(), training.history().len()), (Some(Reason::Epochs), 5));
    // Once ended, nothing more is done.
    assert_eq!(
        (training.epoch().unwrap(), training.step().unwrap(), training.steps()),
        (None, None, 20)
    );
}

#[test]
fn the_best_epoch_is_that_of_the_least_validation_loss_and_its_parameters_are_kept() {
    let (_, program, start) = network();
    let data = data(40);
    let (train, validation) = data.split_at(60);
    let over = |numbers| OverRows::new(&program, rows(numbers)).unwrap().mean();
    // A rate so large that the loss goes up and down.
    let mut training = Training::new(over(train).batches(5, 1), &start, Adam::new(1.0))
        .validation(over(validation))
        .epochs(30);
    let mut least = f64::INFINITY;
    while let Some(epoch) = training.epoch().unwrap() {
        let loss = epoch.validation_loss.unwrap();
        assert_eq!(loss, over(validation).value(training.parameters()).unwrap());
        assert_eq!((epoch.is_best, epoch.loss()), (loss < least, loss));
        least = least.min(loss);
        let best = training.best().unwrap();
        assert_eq!(best.loss, least);
        assert_eq!(over(validation).value(&best.parameters).unwrap(), least);
    }
    assert!(training.best().unwrap().epoch < 30, "the example does not go up and down");
}

#[test]
fn patience_ends_a_training_that_does_not_become_better() {
    let (_, program, start) = network();
    let data = data(20);
    let loss = || OverRows::new(&program, rows(&data)).unwrap().mean();
    // At a rate of 0 the first epoch is the best one.
    for patience in [1, 4] {
        let mut training = Training::new(loss(), &start, Sgd::new(0.0)).patience(patience);
        while training.epoch().unwrap().is_some() {}
        assert_eq!(training.history().len(), 1 + patience);
        assert_eq!(training.reason(), Some(Reason::Patience));
    }
    assert!(
        message_of(|| drop(Training::new(loss(), &start, Sgd::new(0.0)).patience(0))).contains('0')
    );
}

/// The rates of PyTorch's `ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.2)` for these losses.
#[test]
fn a_plateau_lowers_the_rate_as_pytorch_does() {
    let losses = [
        1.0, 0.9, 0.89995, 0.91, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.4999999, 0.499, 0.7, 0.7, 0.7, 0.7,
    ];
    let rates =
        [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2];
    // The loss over one row is what the row says; the parameter stays, for nothing depends on it.
    let program = RowProgram::record(|p: &[Var], row: &[Var]| p[0] * 0.0 + row[0], &[1.0], &[0.0]);
    let mut state: Option<TrainingState> = None;
    for (i, (loss, rate)) in losses.into_iter().zip(rates).enumerate() {
        let row = [loss];
        let over = OverRows::new(&program, Rows::row_major(&row, 1).unwrap()).unwrap();
        let plateau = Plateau::new(0.5, 2).least_rate(0.2);
        let mut training = Training::new(over, &[1.0], Sgd::new(1.0)).plateau(plateau);
        if let Some(state) = &state {
            training.restore(state).unwrap();
        }
        training.epoch().unwrap();
        assert_eq!(training.rate(), rate, "after loss {i}");
        state = Some(training.state());
    }
}

/// One of everything that a training remembers.
fn full<'a>(
    program: &'a RowProgram,
    train: &'a [f64],
    validation: &'a [f64],
    start: &[f64],
    threads: bool,
) -> Training<'a> {
    let workspace = || match threads {
        #[cfg(feature = "rayon")]
        true => Workspace::new().parallel(),
        _ => Workspace::new(),
    };
    let over =
        |numbers| OverRows::new(program, rows(numbers)).unwrap().mean().workspace(workspace());
    let schedule = Schedule::WarmRestarts { steps: 5, lengthen: 2, floor: 0.1 };
    let optimizer = Adam::new(0.3).weight_decay(0.01).decay_factor(8..12, 0.0).clip_norm(0.5);
    Training::new(over(train).batches(7, 5), start, optimizer.schedule(schedule))
        .validation(over(validation))
        .plateau(Plateau::new(0.5, 1))
        .patience(6)
        .epochs(12)
}

#[test]
fn a_training_that_is_stopped_after_any_step_goes_on_with_the_same_bits() {
    let (_, program, start) = network();
    let data = data(40);
    let (train, validation) = data.split_at(90);
    let full = |threads| full(&program, train, validation, &start, threads);
    let mut whole = full(false);
    while whole.epoch().unwrap().is_some() {}
    assert!(whole.state().plateau.unwrap().0.is_some() && whole.steps() > 20);
    for stop in 0..=whole.steps() {
        let mut stopped = full(stop % 2 == 0);
        for _ in 0..stop {
            stopped.step().unwrap();
        }
        let state = stopped.state();
        // What goes on is another training, which has taken other steps.
        let mut resumed = full(stop % 3 == 0);
        for _ in 0..3 {
            resumed.step().unwrap();
        }
        resumed.restore(&state).unwrap();
        assert_eq!(resumed.state(), state, "after {stop}");
        while resumed.epoch().unwrap().is_some() {}
        let bits = |training: &Training<'_>| {
            training.parameters().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(&resumed), bits(&whole), "after {stop}");
        assert_eq!(resumed.state(), whole.state(), "after {stop}");
    }
}

#[test]
fn a_state_of_another_training_is_refused_and_changes_nothing() {
    let (_, program, start) = network();
    let data = data(40);
    let (train, validation) = data.split_at(90);
    let full = || full(&program, train, validation, &start, false);
    let mut other = full();
    for _ in 0..9 {
        other.step().unwrap();
    }
    let good = other.state();
    let mut training = full();
    training.step().unwrap();
    let before = training.state();
    let changed = |change: fn(&mut TrainingState)| {
        let mut state = good.clone();
        change(&mut state);
        state
    };
    let bad: [fn(&mut TrainingState); 19] = [
        |state| state.parameters.push(1.0),
        |state| state.parameters[3] = f64::NAN,
        |state| state.order.truncate(3),
        |state| state.order[0] = state.order[1],
        |state| state.order[0] = 1000,
        |state| state.order.clear(),
        |state| state.dealt = 3,
        |state| state.dealt = 1000,
        |state| state.so_far = f64::INFINITY,
        |state| state.steps += 1,
        |state| state.optimizer.steps += 1,
        |state| state.optimizer.rule = "Lion".into(),
        |state| state.optimizer.memory[0][0] = f64::NAN,
        |state| state.optimizer.memory.iter_mut().for_each(|column| column.truncate(3)),
        |state| state.history[0].validation_loss = None,
        |state| state.history[0].training_loss = f64::NAN,
        |state| state.history.clear(),
        |state| state.best.as_mut().unwrap().parameters.clear(),
        |state| state.plateau = None,
    ];
    for (i, change) in bad.into_iter().enumerate() {
        assert!(training.restore(&changed(change)).is_err(), "change {i}");
        assert_eq!(training.state(), before, "change {i}");
    }
    training.restore(&good).unwrap();
}

#[test]
fn more_epochs_may_be_asked_of_a_training_that_has_ended() {
    let (_, program, start) = network();
    let data = data(20);
    let make = |epochs| {
        let loss = OverRows::new(&program, rows(&data)).unwrap().mean().batches(8, 2);
        Training::new(loss, &start, Lion::new(0.01)).epochs(epochs)
    };
    let (mut short, mut long) = (make(3), make(5));
    while short.epoch().unwrap().is_some() {}
    while long.epoch().unwrap().is_some() {}
    let mut longer = make(5);
    longer.restore(&short.state()).unwrap();
    assert_eq!(longer.reason(), None);
    while longer.epoch().unwrap().is_some() {}
    assert_eq!(longer.state(), long.state());
}

#[test]
fn what_is_not_finite_ends_a_training_and_leaves_the_best_parameters() {
    let (_, program, start) = network();
    let data = data(20);
    let loss = || OverRows::new(&program, rows(&data)).unwrap().mean();
    let mut training =
        Training::new(loss(), &start, Sgd::new(0.01)).names((0..17).map(|i| format!("p{i}")));
    training.epoch().unwrap();
    training.set_learning_rate(1e300);
    let error = loop {
        if let Err(error) = training.epoch() {
            break error;
        }
    };
    assert!(!error.to_string().is_empty() && error.step >= 2, "{error}");
    assert!(training.best_parameters().iter().all(|x| x.is_finite()));
    assert!(training.best().unwrap().epoch >= 1);
    // So does a loss of validation: at 2/3 the logarithm of 0.5 less the parameter is none.
    let edge = RowProgram::record(|p: &[Var], row: &[Var]| (row[0] - p[0]).ln(), &[0.0], &[1.0]);
    let (train, validation) = ([3.0], [0.5]);
    let over = |row| OverRows::new(&edge, Rows::row_major(row, 1).unwrap()).unwrap();
    let mut training =
        Training::new(over(&train), &[0.0], Sgd::new(2.0)).validation(over(&validation));
    let error = training.epoch().unwrap_err();
    assert!(matches!(error.kind, FitErrorKind::Loss { loss, .. } if loss.is_nan()), "{error}");
    assert_eq!((error.step, training.best()), (1, None));
}

#[test]
fn nothing_to_train_and_wrong_lengths_are_errors() {
    let (_, program, start) = network();
    let data = data(20);
    let loss = || OverRows::new(&program, rows(&data)).unwrap();
    let error = Training::new(loss(), &[], Sgd::new(0.1)).epoch().unwrap_err().to_string();
    assert_eq!(error, "there are no parameters to train: give a start with at least one");
    let error = Training::new(loss(), &start[1..], Sgd::new(0.1)).epoch().unwrap_err().to_string();
    assert!(error.contains("16") && error.contains("17"), "{error}");
    let mut bad = start.clone();
    bad[2] = f64::NAN;
    let error = Training::new(loss(), &bad, Sgd::new(0.1)).epoch().unwrap_err();
    assert!(matches!(error.kind, FitErrorKind::Parameter { index: 2 }), "{error}");
    let _ = Training::new(loss(), &start, Sgd::new(0.1))
        .epochs(0)
        .epoch()
        .unwrap()
        .map(|epoch: Epoch| panic!("{epoch}"));
}

#[test]
fn parameters_that_are_not_finite_are_never_the_best() {
    let product = RowProgram::record(|p: &[Var], row: &[Var]| p[0] * row[0], &[1.0], &[1.0]);
    let loss = OverRows::new(&product, Rows::row_major(&[1.0], 1).unwrap()).unwrap();
    // The loss is finite, and the step from it goes beyond all numbers.
    let mut training = Training::new(loss, &[-1.7e308], Sgd::new(1.7e308)).epochs(1);
    let error = training.epoch().unwrap_err();
    assert!(matches!(error.kind, FitErrorKind::Parameter { index: 0 }), "{error}");
    assert_eq!(training.best(), None);
}

#[test]
fn a_batch_whose_step_failed_is_still_to_come() {
    let edge = RowProgram::record(|p: &[Var], row: &[Var]| (p[0] * row[0]).ln(), &[1.0], &[1.0]);
    let data = [1.0, -1.0, 1.0, 1.0];
    let over = || OverRows::new(&edge, Rows::row_major(&data, 1).unwrap()).unwrap().batches(1, 1);
    let make = || Training::new(over(), &[1.0], Sgd::new(0.0));
    let mut training = make();
    let error = training.epoch().unwrap_err();
    assert!(matches!(error.kind, FitErrorKind::Loss { .. }), "{error}");
    let state = training.state();
    assert_eq!((state.dealt, state.steps), (error.step % 4, error.step));
    let mut resumed = make();
    resumed.restore(&state).unwrap();
    for training in [&mut training, &mut resumed] {
        assert_eq!(training.step().unwrap_err().to_string(), error.to_string());
        assert_eq!(training.state(), state);
    }
}

#[test]
fn counts_of_a_state_that_are_too_large_are_refused_or_go_no_further() {
    let (_, program, start) = network();
    let data = data(20);
    let make = || {
        let loss = OverRows::new(&program, rows(&data)).unwrap().mean();
        Training::new(loss, &start, Adam::new(0.1)).plateau(Plateau::new(0.5, 2))
    };
    let mut training = make();
    training.epoch().unwrap();
    let good = training.state();
    let mut state = good.clone();
    (state.steps, state.optimizer.steps) = (usize::MAX, usize::MAX);
    assert!(make().restore(&state).unwrap_err().to_string().contains("damaged"));
    let mut state = good;
    state.plateau = Some((Some(-1e300), usize::MAX));
    let mut resumed = make();
    resumed.restore(&state).unwrap();
    resumed.epoch().unwrap();
}
