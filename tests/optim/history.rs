//! What a fit keeps, and how little of it an error or a result prints.

use gradtape::optim::{Adam, Fit, FitError, Fitter, Objective, Optimizer, OverRows, Sgd};
use gradtape::program::{RowProgram, Rows};
use gradtape::{Real, Tape, Var, sum, sum_squares};
use std::error::Error;

/// A bowl of many parameters without a tape: its steps are cheap.
struct Bowl;

impl Objective for Bowl {
    fn value_and_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, Box<dyn Error + Send + Sync>> {
        gradient.copy_from_slice(parameters);
        Ok(parameters.iter().map(|x| x * x / 2.0).sum())
    }
}

fn descend(parameters: usize, steps: usize, every: Option<usize>) -> Fit {
    let fitter = Fitter::with_objective(Bowl, &vec![1.0; parameters]);
    let fitter = match every {
        Some(every) => fitter.record_every(every),
        None => fitter,
    };
    fitter.fit(&mut Sgd::new(1e-3), steps).unwrap()
}

#[test]
fn the_records_of_a_long_fit_take_bounded_memory_and_the_losses_are_all_there() {
    for (parameters, steps) in [(1, 300_000), (100, 10_000), (10_000, 500), (100_000, 100)] {
        let fit = descend(parameters, steps, None);
        let history = &fit.history;
        assert_eq!(history.losses.len(), steps + 1);
        let numbers: usize =
            history.records.iter().map(|r| r.parameters.len() + r.gradient.len()).sum();
        let least = 49 * 2 * parameters;
        assert!(numbers <= (1 << 19).max(least), "{parameters} parameters: {numbers} numbers");
        assert_eq!(history.thinned_from, Some(steps + 1));
        // Each record is that of its step; the first twelve and the last are among them, the others lie evenly.
        for record in &history.records {
            assert_eq!(record.loss, history.losses[record.step]);
            assert_eq!(record.gradient, record.parameters);
        }
        let kept: Vec<usize> = history.records.iter().map(|record| record.step).collect();
        assert_eq!(kept[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        assert_eq!(kept.last(), Some(&steps));
        let widest = kept.windows(2).map(|two| two[1] - two[0]).max().unwrap();
        assert!(widest <= steps / 16, "{parameters} parameters: {widest} steps without a record");
        assert_eq!(history.records.last().unwrap().parameters, fit.parameters);
    }
}

#[test]
fn a_fit_that_is_not_long_keeps_every_record_and_a_longer_one_on_request() {
    let fit = descend(7, 30_000, None);
    assert_eq!((fit.history.records.len(), fit.history.thinned_from), (30_001, None));
    let all = descend(1000, 1000, Some(1)).history;
    assert_eq!((all.records.len(), all.thinned_from), (1001, None));
    let some = descend(1000, 1000, None).history;
    assert!(some.records.len() < 300, "{}", some.records.len());
    assert_eq!(all.losses, some.losses);
    for record in &some.records {
        assert_eq!(record, &all.records[record.step]);
    }
}

#[test]
fn curves_and_slices_of_a_history_with_records_left_out_have_its_steps() {
    let history = descend(1000, 2000, None).history.named("long");
    let model = |p: &[f64], x: f64| (vec![], p[0] * x);
    let history = history.curves("x", "y", &[(1.0, 1.0)], [0.0, 1.0], model).unwrap();
    let history = history.slice("p3", [-1.0, 1.0], |p| p[3] + p[4]).unwrap();
    let (curves, slice) = (history.curves.as_ref().unwrap(), history.slice.as_ref().unwrap());
    assert_eq!(
        (curves.frames.len(), slice.losses.len()),
        (history.frames.len(), history.frames.len())
    );
    for (&frame, curve) in history.frames.iter().zip(&curves.frames) {
        assert_eq!(curve.at_data, [history.records[frame].parameters[0]]);
    }
    assert_eq!(history.frames[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(history.frames.last(), Some(&(history.records.len() - 1)));

    let tape = Tape::new();
    let kept = history.records.len();
    let page = tape.report(tape.var(1.0).exp()).with_run(history).html().to_string();
    assert!(page.contains(&format!("of {kept} records, of 2001 that there were")));
}

#[test]
fn a_grid_over_any_range_is_finite_and_rises_from_end_to_end() {
    let history = descend(3, 3, None).history;
    let grid = |low: f64, high: f64| {
        let model = |_: &[f64], x: f64| (vec![], x);
        let curves = history.clone().curves("x", "y", &[], [low, high], model).unwrap().curves;
        let slice = history.clone().slice("p0", [high, low], |p| p[0]).unwrap().slice.unwrap();
        let curves = curves.unwrap();
        assert_eq!(curves.frames[0].predicted, curves.grid);
        assert_eq!((slice.grid, &slice.losses[0][..]), (curves.grid.clone(), &curves.grid[..]));
        curves.grid
    };
    const MAX: f64 = f64::MAX;
    for [low, high] in [
        [-MAX, MAX],
        [0.0, MAX],
        [-MAX, -1.0],
        [-4.6e306, 0.0],
        [MAX / 2.0, MAX],
        [MAX.next_down(), MAX],
        [1.0, 1.0 + f64::EPSILON],
        [0.0, 5e-324],
        [-5e-324, 5e-324],
        [-3.0, 7.0],
    ] {
        let grid = grid(low, high);
        assert_eq!((grid[0], grid[40], grid.len()), (low, high, 41));
        assert!(grid.is_sorted() && grid.iter().all(|x| x.is_finite()), "{grid:?}");
        // The halves of numbers cannot overflow.
        for (k, x) in grid.iter().enumerate() {
            let share = k as f64 / 40.0;
            let expected = low / 2.0 * (1.0 - share) + high / 2.0 * share;
            let size = (low.abs() / 2.0).max(high.abs() / 2.0);
            assert!((x / 2.0 - expected).abs() <= 4.0 * f64::EPSILON * size + 1e-323, "{x:e}");
        }
    }
    for range in [[1.0, 1.0], [f64::NAN, 1.0], [0.0, f64::INFINITY], [f64::NEG_INFINITY, 0.0]] {
        let model = |_: &[f64], x: f64| (vec![], x);
        assert!(history.clone().curves("x", "y", &[], range, model).is_err(), "{range:?}");
    }
}

/// What is only drawn has four digits, and the largest number would be rounded to infinity.
#[test]
fn the_largest_numbers_of_a_curve_stay_finite_on_the_page() {
    let history = descend(3, 3, None).history.named("steep");
    let model = |_: &[f64], x: f64| (vec![], x);
    let run = history.curves("x", "y", &[], [-f64::MAX, f64::MAX], model).unwrap();
    let tape = Tape::new();
    let page = tape.report(tape.var(1.0).exp()).with_run(run).html().to_string();
    assert!(!page.contains("\"inf\"") && !page.contains("\"-inf\""));
}

#[test]
fn the_records_before_a_fault_are_bounded_too() {
    let tipping = |p: &[Var]| if p[0] < 0.5 { p[0] * f64::NAN } else { sum_squares(p) };
    let fitter = Fitter::new(tipping, &[1.0; 1000]);
    let error = fitter.fit(&mut Sgd::new(1e-4), 100_000).unwrap_err();
    let history = &error.history;
    assert_eq!((history.losses.len(), history.thinned_from), (error.step, Some(error.step)));
    assert_eq!(history.records.last().unwrap().step, error.step - 1);
    assert!(history.records.len() < 300 && error.step > 1000, "{}", history.records.len());
}

/// What is printed is a line, and says that.
#[track_caller]
fn is_short(what: &dyn std::fmt::Debug, says: &str) {
    for (printed, lines) in [(format!("{what:?}"), 1), (format!("{what:#?}"), 12)] {
        assert!(printed.len() < 600, "{} characters: {}", printed.len(), &printed[..600]);
        assert!(printed.lines().count() <= lines, "{printed}");
        assert!(printed.contains(says), "{printed}");
    }
}

#[test]
fn the_debug_of_an_error_is_a_line_that_says_what_to_do() {
    let diverging = |p: &[Var]| sum(p.iter().map(|p| -p.exp()));
    let names = (0..1000).map(|i| format!("weight {i}"));
    let error = Fitter::new(diverging, &[1.0; 1000]).names(names).fit(&mut Sgd::new(1.0), 100);
    let error: FitError = error.unwrap_err();
    is_short(&error, "lower the learning rate");
    is_short(&error.kind, "-inf");
    is_short(&error.history, "records");

    let bend = |p: &[Var], row: &[Var]| if row[0] > p[0] { row[0] } else { p[0] };
    let program = RowProgram::record(bend, &[0.0], &[1.0]);
    let numbers = [1.0, -1.0];
    let rows = Rows::row_major(&numbers, 1).unwrap();
    let loss = OverRows::new(&program, rows).unwrap();
    let error = Fitter::with_objective(loss, &[0.0]).fit(&mut Adam::new(0.1), 1).unwrap_err();
    is_short(&error, "row 1");
    let error = OverRows::new(&program, Rows::row_major(&[], 1).unwrap()).map(drop).unwrap_err();
    is_short(&error, "there are no rows to fit");

    // Every operand of a long sum, every scope and every name would be told.
    let tape = Tape::new();
    let many: Vec<Var> = (0..1000)
        .map(|i| {
            Var::scope(&format!("scope {i}"), || tape.var(-1.0).label(&format!("x{i}")).sqrt())
        })
        .collect();
    let total = sum(&many);
    is_short(&tape.first_non_finite(), "sqrt(x0)");
    let report = tape.report(total);
    is_short(&report.table().scope("nothing").map(drop).unwrap_err(), "no scope is called");
    is_short(&report.mermaid().unwrap_err(), "Mermaid draws at most");
}

#[test]
fn the_debug_of_a_fit_is_a_line() {
    let fit = descend(10_000, 300, None);
    is_short(&fit, "all steps were taken after 300 steps");
    is_short(&fit.history, "301 losses");
    is_short(&fit.history.records[3], "step 3");
    let mut adam = Adam::new(0.1);
    adam.step(&mut [1.0; 1000], &[1.0; 1000]);
    is_short(&adam, "after 1 step of 1000 parameters");
    let numbers = vec![0.5; 10_000];
    is_short(&Rows::row_major(&numbers, 2).unwrap(), "5000 rows of 2 numbers");
    is_short(&Fitter::new(|p| p[0], &[0.0; 1000]), "and 994 more");
}
