//! What ends a fit over rows: another branch, numbers that are not finite, what does not fit together. The
//! message has the row, and the history is kept.

use crate::seed::seeds;
use crate::{line, points};
use gradtape::Var;
use gradtape::optim::{Fit, FitError, FitErrorKind, Fitter, OverRows, Sgd, fit};
use gradtape::program::{ReplayError, RowProgram, Rows, Workspace};
use std::error::Error;

/// `p - ln(p x)` for a row of x: NaN once p x is below 0.
fn barrier(p: Var, x: Var) -> Var {
    p - (p * x).ln()
}

fn barriers() -> RowProgram {
    RowProgram::record(|p, row| barrier(p[0], row[0]), &[1.0], &[1.0])
}

/// A fit of all rows with plain descent; empty names are none.
fn fit_rows(
    program: &RowProgram,
    rows: Rows<'_>,
    start: &[f64],
    names: &[&str],
    rate: f64,
    steps: usize,
) -> Result<Fit, FitError> {
    let loss = OverRows::new(program, rows)?;
    let fitter = Fitter::with_objective(loss, start).names(names.iter().copied());
    fitter.fit(&mut Sgd::new(rate), steps)
}

#[test]
fn another_branch_ends_the_fit_with_the_row_and_the_history() {
    // Where the residual of a row changes its sign, the code takes another branch.
    let program = RowProgram::record(
        |p, row| {
            let residual = (row[0] - p[0]).label("residual");
            if residual > 0.0 { residual } else { -residual }
        },
        &[0.0],
        &[1.0],
    );
    let rows = Rows::row_major(&[5.0, 1.0, 1.0], 1).unwrap();
    let error = fit_rows(&program, rows, &[0.0], &[], 0.125, 10).unwrap_err();
    let FitErrorKind::Objective(source) = &error.kind else { panic!("{error}") };
    assert_eq!((error.step, &error.parameters[..]), (3, &[1.125][..]));
    assert_eq!(error.history.losses, [7.0, 5.875, 4.75]);
    assert_eq!(error.history.records.len(), 3);
    let Some(ReplayError::BranchChanged(change)) = source.downcast_ref() else {
        panic!("{source}")
    };
    assert_eq!((change.row, change.present[0], change.outcome), (Some(1), -0.125, true));
    let told = error.to_string();
    assert!(
        told.starts_with(
            "there is no loss after step 3: row 1: `residual` > 0 is false, and was true when recorded"
        ),
        "{told}"
    );
    assert_eq!(error.source().unwrap().to_string(), source.to_string());
}

#[test]
fn a_branch_in_a_batch_is_told_with_the_row_of_the_data() {
    let program = RowProgram::record(
        |p, row| {
            if row[0] > 0.0 { row[0] * p[0] } else { p[0] }
        },
        &[0.0],
        &[1.0],
    );
    let mut data = [1.0; 10];
    data[7] = -1.0;
    for seed in seeds(5) {
        let rows = Rows::row_major(&data, 1).unwrap();
        let loss = OverRows::new(&program, rows).unwrap().batches(3, seed);
        let fitter = Fitter::with_objective(loss, &[0.0]);
        let error = fitter.fit(&mut Sgd::new(0.1), 10).unwrap_err();
        assert!(error.to_string().contains(": row 7: input 1 > 0 is false"), "{error}");
        let FitError { step, history, kind: FitErrorKind::Objective(_), .. } = error else {
            panic!()
        };
        assert!(step < 4 && history.records.len() == step, "met in the first epoch");
    }
}

#[test]
fn a_loss_that_becomes_nan_is_told_as_that_of_a_closure_is_and_with_the_row() {
    let rows = Rows::row_major(&[1.0, -0.5, 1.0], 1).unwrap().weighted(&[1.0, 0.0, 1.0]).unwrap();
    let error = fit_rows(&barriers(), rows, &[2.0], &["w"], 4.0, 10).unwrap_err();
    // Row 1 is NaN at the start already, and counts for nothing.
    assert_eq!(
        error.to_string(),
        "the loss is NaN after step 1: node 3 in row 0: ln(%2) = NaN, where %2 = -2: lower the learning \
         rate, or write the loss so that it is finite there"
    );
    let FitErrorKind::Loss { loss, node } = &error.kind else { panic!("{error}") };
    assert!(error.step == 1 && loss.is_nan() && error.parameters == [-2.0]);
    assert_eq!(error.history.records.len(), 1);
    let culprit = node.as_ref().unwrap();
    assert_eq!(culprit.scope.as_deref(), Some("row 0"));

    // The closure of the same loss: the same words but for the row and the numbers of nodes.
    let closure = |p: &[Var]| barrier(p[0], Var::from(1.0)) * 2.0;
    let taped = Fitter::new(closure, &[2.0]).names(["w"]).fit(&mut Sgd::new(4.0), 10).unwrap_err();
    assert!(taped.to_string().starts_with("the loss is NaN after step 1: node 2: ln(%1) = NaN"));
}

#[test]
fn names_labels_and_columns_are_in_the_message() {
    let told = |program: &RowProgram, start: f64, names: &[&str]| {
        let rows = Rows::row_major(&[3.0, -1.0], 1).unwrap();
        fit_rows(program, rows, &[start], names, 0.1, 1).unwrap_err().to_string()
    };
    let root = RowProgram::record(|p, row| p[0] / row[0].sqrt(), &[1.0], &[1.0]);
    let start = "the loss is NaN at the start: node 2 in row 1: ";
    let told_root = told(&root, 2.0, &["w"]);
    let expected = format!("{start}sqrt(row[0]) = NaN, where row[0] = -1");
    assert!(told_root.starts_with(&expected), "{told_root}");
    let labelled = RowProgram::record(
        |p, row| (p[0] + row[0].label("dosage")).label("total").ln(),
        &[1.0],
        &[1.0],
    );
    let told_label = told(&labelled, -2.0, &[]);
    assert!(told_label.contains("ln(total) = NaN, where total = -3"), "{told_label}");
    let quotient = RowProgram::record(|p, row| row[0].label("dosage") / p[0], &[1.0], &[1.0]);
    for (names, name) in [(&["w"][..], "w"), (&[], "parameters[0]")] {
        let told = told(&quotient, 0.0, names);
        let expected = format!("dosage / {name} = inf, where dosage = 3, {name} = 0");
        assert!(told.contains(&expected), "{told}");
    }
}

#[test]
fn the_row_is_the_first_in_the_data_also_of_a_shuffled_batch() {
    let mut data = [1.0; 300];
    [210, 150, 299].into_iter().for_each(|row| data[row] = -1.0);
    let program = barriers();
    for seed in seeds(4) {
        let rows = Rows::row_major(&data, 1).unwrap();
        let loss = OverRows::new(&program, rows).unwrap().batches(300, seed);
        let fitter = Fitter::with_objective(loss, &[2.0]);
        let error = fitter.fit(&mut Sgd::new(0.1), 1).unwrap_err();
        assert!(error.to_string().contains(" in row 150: ln("), "{error}");
    }
}

#[test]
fn a_parameter_that_is_not_finite_belongs_to_no_row() {
    let data = points(4);
    let rows = Rows::row_major(&data, 2).unwrap();
    let start = [1.0, f64::INFINITY];
    let error = fit_rows(&line(), rows, &start, &["a", "b"], 0.1, 1).unwrap_err();
    assert!(error.to_string().starts_with("parameter `b` is inf at the start: choose"), "{error}");
}

#[test]
fn a_weight_that_makes_a_loss_infinite_is_named_with_its_row() {
    let program = RowProgram::record(|p, row| p[0] * row[0], &[1.0], &[1.0]);
    let rows = Rows::row_major(&[1.0, 1e300], 1).unwrap().weighted(&[1.0, 1e10]).unwrap();
    let error = fit_rows(&program, rows, &[1.0], &[], 0.1, 1).unwrap_err();
    assert!(
        error.to_string().contains("in row 1: ") && error.to_string().contains("= inf"),
        "{error}"
    );
    // No row is infinite, only their sum: there is nothing to name.
    let rows = Rows::row_major(&[1e308, 1e308], 1).unwrap();
    let error = fit_rows(&program, rows, &[1.0], &[], 0.1, 1).unwrap_err();
    assert!(error.to_string().starts_with("the loss is inf at the start: choose"), "{error}");
}

#[test]
fn a_slope_that_is_not_finite_names_the_row_and_the_node() {
    // The slope of a root at 0: where the parameter is 0 times the row.
    let program = RowProgram::record(|p, row| (p[0] * row[0]).sqrt(), &[1.0], &[1.0]);
    let rows = Rows::row_major(&[4.0, 9.0, 0.0], 1).unwrap();
    let error = fit_rows(&program, rows, &[1.0], &["w"], 0.1, 1).unwrap_err();
    let told = error.to_string();
    let FitErrorKind::Slope { index: 0, loss, node, .. } = error.kind else { panic!("{told}") };
    assert_eq!((error.step, loss), (0, 2.0 + 3.0));
    let node = node.unwrap();
    assert_eq!(
        (node.name.as_str(), node.scope.as_deref(), node.value),
        ("mul", Some("row 2"), 0.0)
    );
    assert!(
        told.contains("with respect to `w` is NaN at the start, where the loss is 5"),
        "{told}"
    );
    assert!(told.contains("at node 2 in row 2 (mul, value 0)"), "{told}");
}

/// What the fit says of a program, rows and a start that do not fit together.
fn refused(program: &RowProgram, rows: Rows<'_>, start: &[f64]) -> String {
    let error = fit_rows(program, rows, start, &[], 0.1, 1).unwrap_err();
    assert!(error.history.records.is_empty());
    error.to_string()
}

#[test]
fn programs_rows_and_starts_that_do_not_fit_together_are_errors() {
    let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let pairs = Rows::row_major(&data, 2).unwrap();
    assert_eq!(
        refused(&line(), Rows::row_major(&data, 3).unwrap(), &[0.0; 2]),
        "a row: the program takes 2 numbers, not 3"
    );
    assert_eq!(
        refused(&line(), pairs, &[0.0; 3]),
        "there is no loss at the start: the parameters: the program takes 2 numbers, not 3"
    );
    let two = RowProgram::record(|p, row| [p[0] * row[0], row[1]], &[1.0], &[1.0, 1.0]);
    assert!(refused(&two, pairs, &[0.0]).starts_with("a gradient belongs to one output"));
    assert_eq!(
        refused(&line(), pairs.choose(&[]).unwrap(), &[0.0; 2]),
        "there are no rows to fit: give at least one"
    );
    for (weights, sum) in
        [([0.0; 3], "0"), ([1.0, f64::NAN, 1.0], "NaN"), ([1.0, -2.0, 0.5], "-0.5")]
    {
        let told = refused(&line(), pairs.weighted(&weights).unwrap(), &[0.0; 2]);
        assert!(
            told.starts_with(&format!("the weights of the rows add up to {sum}: give")),
            "{told}"
        );
    }
    let no_rows = OverRows::new(&line(), pairs.choose(&[]).unwrap()).err();
    let no_rows = no_rows.map(|error| error.to_string());
    assert_eq!(no_rows.as_deref(), Some("there are no rows to fit: give at least one"));
    let error = fit_rows(&line(), pairs, &[], &[], 0.1, 1).unwrap_err();
    assert!(error.to_string().starts_with("there are no parameters to fit"), "{error}");
    let sum = |p: &[Var]| p[0].square();
    assert!(fit(sum, &[1.0], &mut Sgd::new(0.1), 1).is_ok());
}

#[test]
fn data_that_are_not_finite_are_refused_before_the_first_step_with_row_and_column() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut data = points(8);
        data[2 * 5 + 1] = bad;
        let told = refused(&line(), Rows::row_major(&data, 2).unwrap(), &[0.0; 2]);
        assert!(told.starts_with(&format!("row 5, column 1 of the data is {bad}: give")), "{told}");
        // The row of the data, also of columns and of chosen rows.
        let (x, y): (Vec<f64>, Vec<f64>) = data.chunks(2).map(|row| (row[0], row[1])).unzip();
        let columns = [&x[..], &y[..]];
        let rows = Rows::columns(&columns).unwrap().choose(&[7, 5, 0]).unwrap();
        assert!(refused(&line(), rows, &[0.0; 2]).starts_with("row 5, column 1 of the data is"));
        let loss = OverRows::rerecord(|p, row| p[0] - row[1], rows).map(drop).unwrap_err();
        assert!(loss.to_string().starts_with("row 5, column 1 of the data is"), "{loss}");
        // Rows that are not chosen, and those that count for nothing, may be anything.
        let rows = Rows::row_major(&data, 2).unwrap();
        assert!(
            fit_rows(&line(), rows.choose(&[0, 1, 2]).unwrap(), &[0.0; 2], &[], 0.1, 9).is_ok()
        );
        let mut weights = [1.0; 8];
        weights[5] = 0.0;
        let fit = fit_rows(&line(), rows.weighted(&weights).unwrap(), &[0.0; 2], &[], 0.1, 9);
        assert!(fit.unwrap().parameters.iter().all(|p| p.is_finite()));
    }
    // A program may still be evaluated there.
    let data = [f64::INFINITY, f64::NAN];
    let program = RowProgram::record(|p, row| (row[0] * p[0]).tanh(), &[1.0], &[1.0]);
    let (mut out, mut workspace) = ([0.0; 2], Workspace::new());
    program.values(&[1.0], Rows::row_major(&data, 1).unwrap(), &mut out, &mut workspace).unwrap();
    assert!(out[0] == 1.0 && out[1].is_nan());
    let weights = [1.0, f64::NAN, 1.0];
    let rows = Rows::row_major(&[1.0, 2.0, 3.0], 1).unwrap().weighted(&weights).unwrap();
    let told = refused(&program, rows, &[0.0]);
    assert!(told.ends_with("; that of row 1 is NaN"), "{told}");
}

/// |x - p|, whose branch differs from row to row and changes on the way.
fn distance(p: &[Var], row: &[Var]) -> Var {
    if row[0] > p[0] { row[0] - p[0] } else { p[0] - row[0] }
}

#[test]
fn a_refused_row_is_told_of_a_way_that_takes_it() {
    let data: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101) / 8.0).collect();
    let rows = Rows::row_major(&data, 1).unwrap();
    let program = RowProgram::record(distance, &[0.0], &[1.0]);
    let error = fit_rows(&program, rows, &[0.0], &[], 0.01, 100).unwrap_err();
    assert!(error.to_string().contains("`OverRows::rerecord` in a fit"), "{error}");

    // The same as a closure, which is recorded anew at every step.
    let loss = OverRows::rerecord(distance, rows).unwrap().mean();
    let over_rows = Fitter::with_objective(loss, &[0.0]).fit(&mut Sgd::new(0.1), 300).unwrap();
    let closure = |p: &[Var]| data.iter().map(|&x| distance(p, &[x.into()])).sum::<Var>() / 200.0;
    let taped = fit(closure, &[0.0], &mut Sgd::new(0.1), 300).unwrap();
    assert!((over_rows.parameters[0] - taped.parameters[0]).abs() < 1e-12);
    assert!((over_rows.parameters[0] - 6.25).abs() < 0.1, "the median");
    // Batches meet the paths in another order.
    let loss = OverRows::rerecord(distance, rows).unwrap().mean().batches(32, 5);
    let batches = Fitter::with_objective(loss, &[0.0]).fit(&mut Sgd::new(0.1), 300).unwrap();
    assert!((batches.parameters[0] - 6.25).abs() < 0.5, "{}", batches.parameters[0]);
}

#[test]
fn a_number_that_is_not_finite_on_one_path_names_its_row_there() {
    let bent = |p: &[Var], row: &[Var]| {
        let x = (p[0] * row[0]).label("x");
        if x > 0.0 { x.square() } else { x.label("below").sqrt() }
    };
    let rows = Rows::row_major(&[1.0, 2.0, -3.0, 4.0], 1).unwrap();
    let loss = OverRows::rerecord(bent, rows).unwrap();
    let fitter = Fitter::with_objective(loss, &[1.0]).names(["w"]);
    let error = fitter.fit(&mut Sgd::new(0.1), 1).unwrap_err();
    let told = error.to_string();
    assert!(
        told.starts_with("the loss is NaN at the start: node 3 in row 2: sqrt(below) = NaN"),
        "{told}"
    );
}
