//! Fits whose answer has a formula.

use gradtape::optim::{LeastSquares, least_squares};
use gradtape::program::{RowProgram, Rows};
use gradtape::{Real, Var};
use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt, differentiate_numerically};

fn line<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] + p[1] * x[0]
}

const X: [f64; 6] = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0];
const Y: [f64; 6] = [1.1, 2.9, 5.2, 6.8, 11.3, 16.9];
const START: [(&str, f64); 2] = [("offset", 0.0), ("slope", 1.0)];

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{found}, {expected}");
}

/// Weighted linear regression by its formulas: offset and slope, their variances and covariance without the
/// factor σ², and χ².
fn regression(weights: &[f64]) -> ([f64; 2], [f64; 3], f64) {
    let sum = |f: &dyn Fn(usize) -> f64| (0..6).map(|i| weights[i] * f(i)).sum::<f64>();
    let (s, sx, sy) = (sum(&|_| 1.0), sum(&|i| X[i]), sum(&|i| Y[i]));
    let (sxx, sxy) = (sum(&|i| X[i] * X[i]), sum(&|i| X[i] * Y[i]));
    let d = s * sxx - sx * sx;
    let (a, b) = ((sxx * sy - sx * sxy) / d, (s * sxy - sx * sy) / d);
    let chi_square = sum(&|i| (Y[i] - a - b * X[i]).powi(2));
    ([a, b], [sxx / d, s / d, -sx / d], chi_square)
}

#[test]
fn a_weighted_line_has_the_numbers_of_the_formulas() {
    let weights = [1.0, 0.5, 2.0, 4.0, 0.25, 1.5];
    let ([a, b], [va, vb, vab], chi_square) = regression(&weights);
    let x = Rows::row_major(&X, 1).unwrap().weighted(&weights).unwrap();
    let fit = least_squares(line, x, &Y, &START).unwrap();
    close(fit.parameters[0].value, a);
    close(fit.parameters[1].value, b);
    close(fit.chi_square, chi_square);
    assert_eq!(fit.degrees_of_freedom, 4);
    close(fit.reduced_chi_square, chi_square / 4.0);
    let s2 = chi_square / 4.0;
    close(fit.parameters[0].standard_error.unwrap(), (s2 * va).sqrt());
    close(fit.parameters[1].standard_error.unwrap(), (s2 * vb).sqrt());
    let covariance = fit.covariance.as_ref().unwrap();
    close(covariance[0][1], s2 * vab);
    assert_eq!(covariance[0][1], covariance[1][0]);
    close(fit.correlation("slope", "offset").unwrap(), vab / (va * vb).sqrt());
    close(fit.residuals[2], 2.0_f64.sqrt() * (Y[2] - a - b * X[2]));
    let mean = Y.iter().sum::<f64>() / 6.0;
    let total: f64 = Y.iter().map(|y| (y - mean).powi(2)).sum();
    let left: f64 = (0..6).map(|i| (Y[i] - a - b * X[i]).powi(2)).sum();
    close(fit.r_squared.unwrap(), 1.0 - left / total);
    close(fit.aic, 6.0 * (chi_square / 6.0).ln() + 4.0);
    close(fit.bic, 6.0 * (chi_square / 6.0).ln() + 2.0 * 6.0_f64.ln());
}

#[test]
fn known_variances_are_not_scaled_by_the_residuals() {
    let weights = [1.0 / 0.09; 6];
    let (_, [va, vb, _], _) = regression(&weights);
    let x = Rows::row_major(&X, 1).unwrap().weighted(&weights).unwrap();
    let fit = LeastSquares::new(line, x, &Y, &START).unwrap().known_variances().fit().unwrap();
    close(fit.parameters[0].standard_error.unwrap(), va.sqrt());
    close(fit.parameters[1].standard_error.unwrap(), vb.sqrt());
}

#[test]
fn a_weight_of_two_is_a_row_that_is_there_twice() {
    let (weights, twice) = ([1.0, 1.0, 2.0, 1.0, 1.0, 1.0], [0, 1, 2, 2, 3, 4, 5]);
    let x = Rows::row_major(&X, 1).unwrap();
    let y: Vec<f64> = twice.iter().map(|&i| Y[i]).collect();
    let weighted = least_squares(line, x.weighted(&weights).unwrap(), &Y, &START).unwrap();
    let repeated = least_squares(line, x.choose(&twice).unwrap(), &y, &START).unwrap();
    for (a, b) in weighted.values().into_iter().zip(repeated.values()) {
        close(a, b);
    }
    close(weighted.chi_square, repeated.chi_square);
    assert_eq!(repeated.degrees_of_freedom, 5);
}

#[test]
fn a_fixed_parameter_is_a_constant() {
    let x = Rows::row_major(&X, 1).unwrap();
    let fit = LeastSquares::new(line, x, &Y, &[("offset", 1.0), ("slope", 1.0)]);
    let fit = fit.unwrap().fixed("offset").unwrap().fit().unwrap();
    let sxx: f64 = X.iter().map(|x| x * x).sum();
    let slope = X.iter().zip(Y).map(|(x, y)| x * (y - 1.0)).sum::<f64>() / sxx;
    assert_eq!(fit.parameters[0].value, 1.0);
    assert!(fit.parameters[0].fixed && fit.parameters[0].standard_error.is_none());
    close(fit.parameters[1].value, slope);
    assert_eq!(fit.degrees_of_freedom, 5);
    close(fit.parameters[1].standard_error.unwrap(), (fit.chi_square / 5.0 / sxx).sqrt());
    let covariance = fit.covariance.as_ref().unwrap();
    assert_eq!((covariance[0][0], covariance[0][1], covariance[1][0]), (0.0, 0.0, 0.0));
    assert_eq!(fit.correlation("offset", "slope"), None);
}

#[test]
fn data_without_noise_are_met_with_errors_of_nothing() {
    let y: Vec<f64> = X.iter().map(|x| 3.0 * (-0.25 * x).exp()).collect();
    let decay = |p: &[Var], x: &[Var]| p[0] * (-p[1] * x[0]).exp();
    let x = Rows::row_major(&X, 1).unwrap();
    let fit = least_squares(decay, x, &y, &[("a", 1.0), ("b", 1.0)]).unwrap();
    close(fit.parameters[0].value, 3.0);
    close(fit.parameters[1].value, 0.25);
    assert!(fit.parameters[0].standard_error.unwrap() < 1e-14);
    // A model that loses digits on the way.
    let lossy = |p: &[Var], x: &[Var]| (p[0] * (-p[1] * x[0]).exp() + 1e5) - 1e5;
    let fit = least_squares(lossy, x, &y, &[("a", 1.0), ("b", 1.0)]).unwrap();
    assert!((fit.parameters[0].value - 3.0).abs() < 1e-9, "{fit}");
}

/// Among them a horizontal line, whose observations have no spread to measure residuals by, and zeros.
#[test]
fn data_that_a_line_meets_to_rounding_are_met() {
    let x: Vec<f64> = (0..9).map(|i| f64::from(i) * 0.37 - 1.0).collect();
    for (slope, height) in [
        (0.0, 2.0),
        (0.0, -1e-9),
        (0.0, 1e12),
        (0.0, 0.0),
        (3.0, 0.0),
        (1e-7, 5.0),
        (1e9, 0.1),
        (-0.3, 0.7),
    ] {
        let y: Vec<f64> = x.iter().map(|x| slope * x + height).collect();
        for start in [[1.0, 0.0], [-50.0, 3e3], [0.1, 0.1]] {
            let named = [("a", start[0]), ("b", start[1])];
            let fit = least_squares(line, Rows::row_major(&x, 1).unwrap(), &y, &named);
            let fit =
                fit.unwrap_or_else(|error| panic!("{slope} {height} from {start:?}: {error}"));
            let size = f64::max(slope.abs(), height.abs());
            for (value, expected) in fit.values().into_iter().zip([height, slope]) {
                assert!(
                    (value - expected).abs() <= 1e-13 * size + 1e-300,
                    "{slope} {height}: {fit}"
                );
            }
        }
    }
}

#[test]
fn a_model_may_branch_and_its_rows_take_both_branches() {
    let knee = |p: &[Var], x: &[Var]| {
        if x[0] < 2.5 { p[0] * x[0] } else { p[0] * 2.5 + p[1] * (x[0] - 2.5) }
    };
    let y: Vec<f64> =
        X.iter().map(|&x| if x < 2.5 { 2.0 * x } else { 5.0 + 0.5 * (x - 2.5) }).collect();
    let x = Rows::row_major(&X, 1).unwrap();
    let fit = least_squares(knee, x, &y, &[("first", 1.0), ("second", 1.0)]).unwrap();
    close(fit.parameters[0].value, 2.0);
    close(fit.parameters[1].value, 0.5);
}

#[test]
fn a_program_is_a_model_and_of_several_inputs() {
    let program = RowProgram::record(
        |p: &[Var], x: &[Var]| [p[0] + p[1] * x[0] + p[2] * x[1].square()],
        &[0.0; 3],
        &[0.0; 2],
    );
    let z = [1.0, -1.0, 2.0, 0.5, -2.0, 1.5];
    let y: Vec<f64> = (0..6).map(|i| 1.0 + 2.0 * X[i] - 3.0 * z[i] * z[i]).collect();
    let columns: [&[f64]; 2] = [&X, &z];
    let x = Rows::columns(&columns).unwrap();
    let named = [("a", 0.0), ("b", 0.0), ("c", 0.0)];
    let fit = LeastSquares::with_program(&program, x, &y, &named).unwrap().fit().unwrap();
    for (found, expected) in fit.values().into_iter().zip([1.0, 2.0, -3.0]) {
        close(found, expected);
    }
}

/// The slopes that the solver gets, bounds and weights included, against differences in the complex plane's stead: those
/// of the solver's own crate.
#[test]
fn the_solvers_problem_has_the_slopes_of_its_residuals() {
    let weights = [1.0, 0.5, 2.0, 4.0, 0.25, 1.5];
    let x = Rows::row_major(&X, 1).unwrap().weighted(&weights).unwrap();
    let model = |p: &[Var], x: &[Var]| p[0] + p[1] * (-p[2] * x[0]).exp() + p[3] * x[0];
    let named = [("a", 0.5), ("b", 2.0), ("c", 0.25), ("d", 1.5)];
    let mut problem = LeastSquares::new(model, x, &Y, &named)
        .unwrap()
        .bounds("a", ..1.0)
        .unwrap()
        .bounds("b", 0.0..=3.0)
        .unwrap()
        .bounds("c", 0.0..)
        .unwrap();
    let differences = differentiate_numerically(&mut problem).unwrap();
    let slopes = problem.jacobian().unwrap();
    assert_eq!(slopes.shape(), (6, 4));
    assert!((&slopes - differences).amax() < 1e-6, "{slopes}");
    for (value, (_, start)) in problem.values().into_iter().zip(named) {
        assert!((value / start - 1.0).abs() < 1e-15);
    }
}

#[test]
fn the_solver_can_be_run_alone() {
    let x = Rows::row_major(&X, 1).unwrap();
    let problem = LeastSquares::new(line, x, &Y, &START).unwrap();
    let (problem, report) = LevenbergMarquardt::new().minimize(problem);
    assert!(report.termination.was_successful());
    let ([a, b], _, chi_square) = regression(&[1.0; 6]);
    close(problem.values()[0], a);
    close(problem.values()[1], b);
    close(report.objective_function, chi_square / 2.0);
}
