//! Bad input: an error with numbers and names, before anything is fitted.

use gradtape::optim::{FitError, LeastSquares, LeastSquaresFit, least_squares};
use gradtape::program::{RowProgram, Rows};
use gradtape::{Real, Var};

fn line<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] + p[1] * x[0]
}

const NAMED: [(&str, f64); 2] = [("a", 0.0), ("b", 1.0)];

fn message<T>(result: Result<T, FitError>) -> String {
    result.err().expect("it is refused").to_string()
}

fn fit(x: &[f64], y: &[f64], named: &[(&str, f64)]) -> Result<LeastSquaresFit, FitError> {
    least_squares(line, Rows::row_major(x, 1).unwrap(), y, named)
}

#[test]
fn data_that_nothing_can_be_fitted_to_are_refused() {
    let (x, y) = ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]);
    assert_eq!(
        message(fit(&[1.0, f64::NAN, 3.0], &y, &NAMED)),
        "row 1, column 0 of the data is NaN: give a finite number, leave the row out (`Rows::choose`) or give it the \
         weight 0"
    );
    assert_eq!(
        message(fit(&x, &[1.0, 2.0, f64::INFINITY], &NAMED)),
        "observation 2 is inf: give a finite number, or leave the row out (`Rows::choose`)"
    );
    assert_eq!(
        message(fit(&x, &y[..2], &NAMED)),
        "2 observations for 3 rows of x: give one for each"
    );
    assert_eq!(
        message(fit(&x[..1], &y[..1], &NAMED)),
        "1 row for 2 parameters to fit: give at least as many, or fix some"
    );
    assert_eq!(message(fit(&[], &[], &NAMED)), "there are no rows to fit: give at least one");
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let weights = [1.0, weight, 1.0];
        let rows = Rows::row_major(&x, 1).unwrap().weighted(&weights).unwrap();
        let found = message(least_squares(line, rows, &y, &NAMED));
        let weight = if weight.is_nan() { "NaN".into() } else { weight.to_string() };
        let expected = format!(
            "the weight of row 1 is {weight}: give a finite one above 0, or leave the row out (`Rows::choose`)"
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn parameters_that_make_no_sense_are_refused_by_name() {
    let (x, y) = ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]);
    let refused = |named: &[(&str, f64)]| message(fit(&x, &y, named));
    assert_eq!(refused(&[("a", 1.0), ("a", 2.0)]), "there are two parameters `a`");
    assert_eq!(
        refused(&[("a", 1.0), ("b", f64::NAN)]),
        "the start of `b` is NaN: give a finite number"
    );
    let empty = least_squares(|_, x| x[0], Rows::row_major(&x, 1).unwrap(), &y, &[]);
    assert_eq!(message(empty), "there are no parameters: give names and starts");
    let problem = || LeastSquares::new(line, Rows::row_major(&x, 1).unwrap(), &y, &NAMED).unwrap();
    assert_eq!(
        message(problem().fixed("slope")),
        "no parameter is called `slope`: there are `a`, `b`"
    );
    assert_eq!(
        message(problem().bounds("c", 0.0..)),
        "no parameter is called `c`: there are `a`, `b`"
    );
    assert_eq!(
        message(problem().bounds("b", 2.0..=1.0)),
        "the bounds of `b` are 2 and 1: give a lower one that is less than the upper one"
    );
    assert_eq!(
        message(problem().bounds("b", 2.0..=3.0)),
        "the start of `b`, 1, is below its bound 2: give one inside, or fix the parameter"
    );
    assert_eq!(
        message(problem().bounds("a", 0.0..)),
        "the start of `a`, 0, is on its bound 0: give one inside, or fix the parameter"
    );
    let all = problem().fixed("a").unwrap().fixed("b").unwrap();
    assert_eq!(message(all.fit()), "all 2 parameters are fixed: there is nothing to fit");
}

#[test]
fn a_model_without_a_value_or_a_slope_is_refused_with_its_row() {
    let x = Rows::row_major(&[4.0, 1.0, 9.0], 1).unwrap();
    let root = |p: &[Var], x: &[Var]| (x[0] - p[0]).sqrt();
    let y = [1.0, 1.0, 1.0];
    let found = message(least_squares(root, x, &y, &[("shift", 2.0)]));
    assert_eq!(
        found,
        "row 1: the residual is NaN at shift = 2, where x is [1]: choose another start"
    );
    let found = message(least_squares(root, x, &y, &[("shift", 1.0)]));
    assert!(
        found.starts_with("row 1: the slope with respect to `shift` is -inf at shift = 1: "),
        "{found}"
    );
}

#[test]
fn steps_to_where_there_is_no_value_are_taken_back() {
    // The full first step leads beyond 1, where the first row has no value.
    let x = [1.0, 4.0, 9.0];
    let y: Vec<f64> = x.iter().map(|x| f64::sqrt(x - 0.99)).collect();
    let root = |p: &[Var], x: &[Var]| (x[0] - p[0]).sqrt();
    let fit =
        least_squares(root, Rows::row_major(&x, 1).unwrap(), &y, &[("shift", -20.0)]).unwrap();
    assert!((fit.parameters[0].value - 0.99).abs() < 1e-9, "{fit}");
}

#[test]
fn programs_of_another_shape_are_refused() {
    let (x, y) = ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]);
    let rows = Rows::row_major(&x, 1).unwrap();
    let refused = |program: &RowProgram| {
        message(LeastSquares::with_program(program, rows, &y, &NAMED).map(|_| ()))
    };
    let two = RowProgram::record(|p, _| [p[0], p[1]], &[0.0; 2], &[0.0]);
    assert!(refused(&two).contains("the program has 2"));
    let wide = RowProgram::record(|p, x| p[0] * x[0] + p[1] * x[1], &[0.0; 2], &[0.0; 2]);
    assert_eq!(refused(&wide), "a row: the program takes 2 numbers, not 1");
    let three = RowProgram::record(|p, x| p[0] * x[0] + p[1] * p[2], &[0.0; 3], &[0.0]);
    assert_eq!(refused(&three), "the parameters: the program takes 3 numbers, not 2");
    let branching = RowProgram::record(
        |p, x| if x[0] > p[0] { x[0] * p[1] } else { p[0] * p[1] },
        &[0.0, 1.0],
        &[1.0],
    );
    let problem = LeastSquares::with_program(&branching, rows, &y, &[("a", 1.5), ("b", 1.0)]);
    let found = message(problem.unwrap().fit());
    assert!(found.contains("the code takes another branch here"), "{found}");
}
