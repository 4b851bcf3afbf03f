//! Parameters held by their bounds, and data that do not determine them.

use gradtape::optim::{FitErrorKind, LeastSquares, least_squares};
use gradtape::program::Rows;
use gradtape::{Real, Var};

fn decay<S: Real>(p: &[S], t: &[S]) -> S {
    p[0] * (-p[1] * t[0]).exp() + p[2]
}

const T: [f64; 8] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0];
/// About 4 exp(-0.7 t) - 0.2.
const Y: [f64; 8] = [3.79, 2.63, 1.80, 1.19, 0.78, 0.30, 0.04, -0.13];
const START: [(&str, f64); 3] = [("dose", 3.0), ("rate", 0.5), ("floor", 0.1)];

fn problem() -> LeastSquares<'static> {
    static ROWS: [f64; 8] = T;
    static OBSERVED: [f64; 8] = Y;
    LeastSquares::new(decay, Rows::row_major(&ROWS, 1).unwrap(), &OBSERVED, &START).unwrap()
}

#[test]
fn a_fit_that_is_held_by_a_bound_ends_there_and_says_so() {
    let free = problem().fit().unwrap();
    let floor = free.parameter("floor").unwrap();
    assert!(floor.value < -0.1, "{free}");
    // The optimum on the bound is that with the parameter fixed there.
    let fixed = LeastSquares::new(
        decay,
        Rows::row_major(&T, 1).unwrap(),
        &Y,
        &[("dose", 3.0), ("rate", 0.5), ("floor", 0.0)],
    );
    let fixed = fixed.unwrap().fixed("floor").unwrap().fit().unwrap();
    for bounded in [problem().bounds("floor", 0.0..), problem().bounds("floor", 0.0..=1.0)] {
        let bounded = bounded.unwrap().fit().unwrap();
        let found = bounded.values();
        assert!((0.0..1e-6).contains(&found[2]), "{bounded}");
        for (a, b) in found.iter().zip(fixed.values()) {
            assert!((a - b).abs() < 1e-6, "{bounded}\n{fixed}");
        }
        assert!(bounded.chi_square > free.chi_square);
        assert_eq!(
            bounded.covariance.as_ref().unwrap_err(),
            "`floor` ended on a bound: fix it there, or widen its bounds"
        );
        assert!(bounded.parameters.iter().all(|p| p.standard_error.is_none()));
        assert_eq!(bounded.correlation("dose", "rate"), None);
    }
}

#[test]
fn an_upper_bound_holds_as_a_lower_one() {
    let bounded = problem().bounds("rate", ..0.6).unwrap().fit().unwrap();
    let rate = bounded.parameter("rate").unwrap().value;
    assert!(rate <= 0.6 && 0.6 - rate < 1e-6, "{bounded}");
    assert!(bounded.covariance.unwrap_err().starts_with("`rate` ended on a bound"));
}

#[test]
fn standard_errors_with_bounds_are_those_without() {
    let free = problem().fit().unwrap();
    let bounded = problem()
        .bounds("dose", 0.0..=10.0)
        .unwrap()
        .bounds("rate", 0.0..)
        .unwrap()
        .bounds("floor", ..=0.5)
        .unwrap()
        .fit()
        .unwrap();
    for (a, b) in free.parameters.iter().zip(&bounded.parameters) {
        assert!((a.value - b.value).abs() < 1e-9, "{free}\n{bounded}");
        let [a, b] = [a, b].map(|p| p.standard_error.unwrap());
        assert!((a / b - 1.0).abs() < 1e-7, "{free}\n{bounded}");
    }
    let (a, b) = (free.covariance.unwrap(), bounded.covariance.unwrap());
    assert!((a[0][1] / b[0][1] - 1.0).abs() < 1e-7);
}

#[test]
fn parameters_that_the_data_do_not_tell_apart_are_named() {
    let x = Rows::row_major(&T, 1).unwrap();
    // Only the product of a and b counts; c is known.
    let model = |p: &[Var], t: &[Var]| p[0] * p[1] * (-p[2] * t[0]).exp();
    let fit = least_squares(model, x, &Y, &[("a", 1.0), ("b", 2.0), ("c", 0.5)]).unwrap();
    let why = fit.covariance.as_ref().unwrap_err();
    assert!(
        why.starts_with("the data do not tell `a`, `b` apart: ")
            || why.starts_with("the data do not tell `b`, `a` apart: "),
        "{why}"
    );
    assert!(!why.contains('c') || !why.contains("`c`"), "{why}");
    assert!(fit.parameters.iter().all(|p| p.standard_error.is_none()));
    // The predictions are those of the best fit all the same.
    let two = |p: &[Var], t: &[Var]| p[0] * (-p[1] * t[0]).exp();
    let two = least_squares(two, x, &Y, &[("ab", 2.0), ("c", 0.5)]).unwrap();
    assert!((fit.chi_square / two.chi_square - 1.0).abs() < 1e-10);
    assert!(two.covariance.is_ok());
}

#[test]
fn a_parameter_that_the_model_does_not_use_is_named() {
    let model = |p: &[Var], t: &[Var]| p[0] * (-p[2] * t[0]).exp();
    let x = Rows::row_major(&T, 1).unwrap();
    let named = [("a", 1.0), ("lag", 2.0), ("c", 0.5)];
    let fit = least_squares(model, x, &Y, &named).unwrap();
    assert_eq!(
        fit.covariance.as_ref().unwrap_err(),
        "the model does not move with `lag` here; fix a parameter, or give other data"
    );
    assert_eq!(fit.parameters[1].value, 2.0);
    let fit = LeastSquares::new(model, x, &Y, &named).unwrap().fixed("lag").unwrap().fit().unwrap();
    assert!(fit.covariance.is_ok());
}

#[test]
fn units_do_not_make_a_fit_degenerate() {
    // The same fit in units 1e12 and 1e-12 as large.
    let model = |p: &[Var], t: &[Var]| p[0] * 1e-12 * (-p[1] * 1e12 * t[0]).exp();
    let x = Rows::row_major(&T, 1).unwrap();
    let plain = |p: &[Var], t: &[Var]| p[0] * (-p[1] * t[0]).exp();
    let plain = least_squares(plain, x, &Y, &[("a", 3.0), ("b", 0.5)]).unwrap();
    let fit = least_squares(model, x, &Y, &[("a", 3e12), ("b", 0.5e-12)]).unwrap();
    for (i, unit) in [1e12, 1e-12].into_iter().enumerate() {
        let [a, b] = [&fit, &plain].map(|fit| fit.parameters[i].standard_error.unwrap());
        assert!((a / unit / b - 1.0).abs() < 1e-7, "{fit}\n{plain}");
    }
}

#[test]
fn as_many_rows_as_parameters_leave_no_errors_to_estimate() {
    let x = Rows::row_major(&T[..3], 1).unwrap();
    let fit = least_squares(decay, x, &Y[..3], &START).unwrap();
    assert!(fit.chi_square < 1e-20, "{fit}");
    assert_eq!(
        fit.covariance.as_ref().unwrap_err(),
        "3 rows for as many parameters leave nothing to estimate an error from"
    );
    let known = LeastSquares::new(decay, x, &Y[..3], &START).unwrap().known_variances();
    assert!(known.fit().unwrap().covariance.is_ok());
}

#[test]
fn a_fit_without_an_optimum_is_an_error_that_says_where_it_ended() {
    // Ever better with ever larger parameters: no logistic curve is a straight line.
    let logistic = |p: &[Var], t: &[Var]| p[0] / ((-p[1] * (t[0] - p[2])).exp() + 1.0);
    let (t, y): (Vec<f64>, Vec<f64>) =
        (0..20).map(|i| (f64::from(i), (0.3 * f64::from(i)).exp())).unzip();
    let x = Rows::row_major(&t, 1).unwrap();
    let error = least_squares(logistic, x, &y, &[("top", 100.0), ("rate", 1.0), ("middle", 10.0)]);
    let error = error.unwrap_err();
    assert!(matches!(error.kind, FitErrorKind::Unconverged(_)), "{error}");
    let message = error.to_string();
    assert!(message.starts_with("no optimum was found in 8000 evaluations: "), "{message}");
    assert!(
        message.contains("a relative offset of ") && message.contains("it ended at top = "),
        "{message}"
    );
    assert_eq!(error.parameters.len(), 3);
}

#[test]
fn a_fit_that_may_not_go_on_is_an_error() {
    use levenberg_marquardt::LevenbergMarquardt;
    let error = problem().fit_with(LevenbergMarquardt::new().with_patience(1)).unwrap_err();
    assert!(matches!(error.kind, FitErrorKind::Unconverged(_)), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("it may make no more evaluations, and the residuals are not orthogonal"),
        "{message}"
    );
    assert_eq!(error.parameters.len(), 3);
    assert!(error.step > 0);
}
