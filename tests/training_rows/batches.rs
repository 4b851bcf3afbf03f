//! Mini-batches: every row once an epoch, repeatable from the seed; sums, means and weights.

use crate::{line, points};
use gradtape::optim::{Adam, Fit, Fitter, Objective, OverRows, Sgd, fit};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::{Var, lanes::Isa, sum_squares};

/// The loss of a row is the parameter times the row's number, so the slope tells which rows were used.
fn telling() -> RowProgram {
    RowProgram::record(|p, row| p[0] * row[0], &[1.0], &[1.0])
}

/// Powers of two: every set of rows has a sum of its own.
const BITS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// The slopes of one step after the other.
fn slopes(loss: &mut OverRows<'_>, steps: usize) -> Vec<f64> {
    let mut slope = [0.0];
    let step = |_| {
        let loss = loss.value_and_gradient(&[1.0], &mut slope).unwrap();
        assert_eq!(loss, slope[0]);
        loss
    };
    (0..steps).map(step).collect()
}

#[test]
fn every_row_is_used_once_an_epoch_by_batches_of_any_size() {
    let program = telling();
    for size in [1, 3, 4, 5, 10, 11, 1000] {
        let rows = Rows::row_major(&BITS, 1).unwrap();
        let mut loss = OverRows::new(&program, rows).unwrap().batches(size, 1);
        let steps = loss.steps_an_epoch();
        assert_eq!(steps, 10_usize.div_ceil(size));
        for epoch in 0..5 {
            let slopes = slopes(&mut loss, steps);
            let sets: Vec<u32> = slopes.iter().map(|&slope| slope as u32).collect();
            let sizes: Vec<usize> = sets.iter().map(|set| set.count_ones() as usize).collect();
            let (last, full) = sizes.split_last().unwrap();
            assert!(full.iter().all(|&n| n == size), "size {size}, epoch {epoch}: {sizes:?}");
            assert_eq!(full.len() * size + last, 10, "no row twice");
            assert_eq!(sets.iter().fold(0, |all, set| all | set), 1023, "no row left out");
        }
    }
}

#[test]
fn epochs_differ_and_repeat_from_the_seed() {
    let program = telling();
    let run = |seed| {
        let rows = Rows::row_major(&BITS, 1).unwrap();
        slopes(&mut OverRows::new(&program, rows).unwrap().batches(3, seed), 40)
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
    let epochs: Vec<Vec<f64>> = run(5).chunks(4).map(<[f64]>::to_vec).collect();
    assert_eq!(epochs.len(), 10);
    assert!(epochs.windows(2).all(|pair| pair[0] != pair[1]), "{epochs:?}");
}

#[test]
fn batches_of_chosen_rows_use_no_others() {
    let program = telling();
    let rows = Rows::row_major(&BITS, 1).unwrap().choose(&[9, 0, 4, 0]).unwrap();
    let mut loss = OverRows::new(&program, rows).unwrap().batches(3, 1);
    for _ in 0..5 {
        assert_eq!(slopes(&mut loss, 2).iter().sum::<f64>(), 512.0 + 1.0 + 16.0 + 1.0);
    }
}

fn batched(data: &[f64], size: usize, seed: u64, workspace: Workspace) -> Fit {
    let program = line();
    let loss = OverRows::new(&program, Rows::row_major(data, 2).unwrap())
        .unwrap()
        .mean()
        .batches(size, seed)
        .workspace(workspace);
    let fitter = Fitter::with_objective(loss, &[0.0; 2]).names(["slope", "offset"]);
    fitter.fit(&mut Adam::new(0.05), 60).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_history_with_any_instructions() {
    let data = points(50);
    let once = batched(&data, 8, 1, Workspace::new());
    assert_eq!(once, batched(&data, 8, 1, Workspace::new()));
    assert_eq!(once, batched(&data, 8, 1, Workspace::new().with_isa(Isa::Baseline)));
    assert_ne!(once.parameters, batched(&data, 8, 2, Workspace::new()).parameters);
    assert_eq!(once.history.records.len(), 61);
    assert_eq!(once.history.values_of("offset").unwrap().next(), Some(0.0));
}

#[cfg(feature = "rayon")]
#[test]
fn threads_change_no_bit_of_the_history() {
    let data = points(1000);
    let alone = batched(&data, 300, 1, Workspace::new());
    assert_eq!(alone, batched(&data, 300, 1, Workspace::new().parallel()));
}

/// Descent on one row at a time, written out.
#[test]
fn the_history_is_that_of_the_batches() {
    let data = [0.0, 1.0, 1.0, 3.0, 2.0, 5.0];
    let program = line();
    let loss = OverRows::new(&program, Rows::row_major(&data, 2).unwrap()).unwrap().batches(1, 3);
    let fitter = Fitter::with_objective(loss, &[0.5, 0.5]);
    let fit = fitter.fit(&mut Sgd::new(0.125), 9).unwrap();
    let mut used = Vec::new();
    for pair in fit.history.records.windows(2) {
        let p = &pair[0].parameters;
        let residual = |row: &[f64]| row[1] - (p[0] * row[0] + p[1]);
        let of_row = |row: &&[f64]| {
            let r = residual(row);
            pair[0].loss == r * r && pair[0].gradient == [-2.0 * r * row[0], -2.0 * r]
        };
        let row = data.chunks(2).find(of_row).expect("the loss is that of one row");
        used.push(row[0]);
        let stepped = p.iter().zip(&pair[0].gradient).map(|(p, slope)| p - 0.125 * slope);
        assert_eq!(pair[1].parameters, stepped.collect::<Vec<_>>());
    }
    for epoch in used.chunks_mut(3) {
        epoch.sort_by(f64::total_cmp);
        assert_eq!(epoch, [0.0, 1.0, 2.0]);
    }
}

#[test]
fn a_batch_of_all_rows_is_no_other_fit() {
    let (data, program) = (points(40), line());
    let rows = Rows::row_major(&data, 2).unwrap();
    let whole = OverRows::new(&program, rows).unwrap();
    let batched = OverRows::new(&program, rows).unwrap().batches(1000, 9);
    let [full, batch] = [whole, batched]
        .map(|loss| Fitter::with_objective(loss, &[0.0; 2]).fit(&mut Sgd::new(0.01), 50).unwrap());
    // The rows are added up in another order.
    for (batch, full) in batch.parameters.iter().zip(&full.parameters) {
        assert!((batch - full).abs() < 1e-14, "{batch} {full}");
    }
}

#[test]
fn a_mean_is_the_sum_over_the_number_of_rows_and_fits_as_the_closure_does() {
    let (data, program) = (points(21), line());
    let rows = Rows::row_major(&data, 2).unwrap();
    let (mut sum, mut mean) = ([0.0; 2], [0.0; 2]);
    let at = [0.5, -0.25];
    let whole = OverRows::new(&program, rows).unwrap().value_and_gradient(&at, &mut sum).unwrap();
    let mut loss = OverRows::new(&program, rows).unwrap().mean();
    assert_eq!(loss.value_and_gradient(&at, &mut mean).unwrap(), whole / 21.0);
    assert_eq!(mean, sum.map(|slope| slope / 21.0));

    let closure =
        |p: &[Var]| sum_squares(data.chunks(2).map(|row| row[1] - (p[0] * row[0] + p[1]))) / 21.0;
    let closure = fit(closure, &[0.0; 2], &mut Sgd::new(0.2), 200).unwrap();
    let fitter = Fitter::with_objective(&mut loss, &[0.0; 2]);
    let rows = fitter.fit(&mut Sgd::new(0.2), 200).unwrap();
    for (rows, closure) in rows.history.records.iter().zip(&closure.history.records) {
        for i in 0..2 {
            assert!((rows.parameters[i] - closure.parameters[i]).abs() < 1e-14, "{}", rows.step);
        }
        assert!((rows.loss - closure.loss).abs() < 1e-14, "step {}", rows.step);
    }
}

#[test]
fn whole_weights_are_rows_repeated_in_sums_and_means() {
    let (data, program) = (points(3), line());
    let rows = Rows::row_major(&data, 2).unwrap();
    let weighted = rows.weighted(&[1.0, 0.0, 3.0]).unwrap();
    let repeated = rows.choose(&[0, 2, 2, 2]).unwrap();
    for mean in [false, true] {
        let at = |rows| {
            let mut slopes = [0.0; 2];
            let mut loss = OverRows::new(&program, rows).unwrap();
            if mean {
                loss = loss.mean();
            }
            let value = loss.value_and_gradient(&[0.5, 0.25], &mut slopes).unwrap();
            [value, slopes[0], slopes[1]]
        };
        for (weighted, repeated) in at(weighted).into_iter().zip(at(repeated)) {
            assert!((weighted - repeated).abs() <= 1e-15, "{weighted} {repeated}");
        }
    }
}

#[test]
fn the_means_of_the_batches_of_an_epoch_have_the_mean_of_all_rows_as_their_mean() {
    let program = telling();
    let weights = [1.0, 0.0, 2.0, 0.5, 3.0, 0.0, 0.0, 1.5, 1.0, 2.0];
    let rows = Rows::row_major(&BITS, 1).unwrap().weighted(&weights).unwrap();
    let mut loss = OverRows::new(&program, rows).unwrap().mean().batches(2, 4);
    let expected = BITS.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() / 11.0;
    for _ in 0..20 {
        let mean = slopes(&mut loss, 5).iter().sum::<f64>() / 5.0;
        assert!((mean - expected).abs() <= 1e-13 * expected, "{mean} {expected}");
    }
}

#[test]
#[should_panic(expected = "a batch of 0 rows: give at least 1")]
fn a_batch_of_no_rows_is_refused() {
    let program = telling();
    let rows = Rows::row_major(&BITS, 1).unwrap();
    let _loss = OverRows::new(&program, rows).unwrap().batches(0, 1);
}
