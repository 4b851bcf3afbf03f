//! Units over a batch.

use super::{found, only, says};
use gradtape::inspect::{Code, Report, Severity};
use gradtape::{Tape, Var, affine, sum_squares};

/// The SSR of a unit with a weight and a bias over rows, each a dosage and what to predict.
fn fit(w: f64, b: f64, rows: &[(f64, f64)], unit: impl Fn(Var) -> Var) -> Report {
    let tape = Tape::new();
    let (w, b) = (tape.var(w).label("w"), tape.var(b).label("b"));
    let residuals: Vec<Var> = rows.iter().map(|&(x, y)| unit(w * x + b) - y).collect();
    tape.report(sum_squares(&residuals))
}

const ROWS: [(f64, f64); 3] = [(0.25, 0.3), (0.5, 1.0), (1.0, 0.2)];

#[test]
fn a_unit_that_is_off_for_every_row_is_dead() {
    let units: [fn(Var) -> Var; 5] = [
        Var::relu,
        |z| z.leaky_relu(0.0),
        |z| z.max(0.0),
        |z| z.clamp(0.0, 1.0),
        |z| (-z).min(0.0),
    ];
    for (i, unit) in units.into_iter().enumerate() {
        let report = fit(0.5, -3.0, &ROWS, unit);
        let dead = only(&report, Code::DeadUnit);
        assert_eq!(dead.len(), 1, "unit {i}: {:?}", report.findings);
        says(dead[0], Severity::Warning, "is off all 3 times that it is evaluated", "between");
    }
    let report = fit(0.5, -3.0, &ROWS, Var::relu);
    assert_eq!(report.findings[0].node, Some(4));
    let evidence = "its operand is between -2.9 and -2.5: %3 = %2 + b = -2.875";
    says(&report.findings[0], Severity::Warning, "the unit %4 = relu(%3)", evidence);
}

#[test]
fn a_unit_that_is_on_once_or_seen_once_or_passed_by_is_not_dead() {
    let near: [Report; 5] = [
        fit(4.0, -3.0, &ROWS, Var::relu),
        fit(0.5, -3.0, &ROWS[..1], Var::relu),
        fit(0.5, -3.0, &ROWS, |z| z.leaky_relu(0.01)),
        fit(0.5, -3.0, &ROWS, |z| z + z.relu()),
        fit(0.5, -3.2, &ROWS, |z| z.floor() + z),
    ];
    let twice = super::at(&[-1.0], |x| x[0].relu() + x[0].relu());
    for (i, report) in near.iter().chain([&twice]).enumerate() {
        assert_eq!(only(report, Code::DeadUnit).len(), 0, "case {i}: {:?}", report.findings);
    }
}

#[test]
fn a_saturated_unit_is_told_on_either_side() {
    for (b, unit) in
        [(12.0, Var::sigmoid as fn(Var) -> Var), (-12.0, Var::tanh), (-12.0, Var::softplus)]
    {
        let report = fit(0.5, b, &ROWS, unit);
        assert_eq!(found(&report), [(Code::SaturatedUnit, Some(4))]);
        says(&report.findings[0], Severity::Warning, "is saturated all 3 times", "its slope is");
    }
}

#[test]
fn a_unit_that_moves_or_tells_rows_apart_or_is_a_loss_is_not_saturated() {
    assert_eq!(found(&fit(3.0, 1.0, &ROWS, Var::sigmoid)), []);
    assert_eq!(found(&fit(0.5, 12.0, &ROWS[..1], Var::sigmoid)), []);
    // A sure classifier: far on one side for some rows, far on the other for the rest.
    assert_eq!(found(&fit(60.0, -30.0, &[(0.1, 0.3), (0.9, 0.6)], Var::sigmoid)), []);
    // The loss of right and confident margins.
    let tape = Tape::new();
    let (w, b) = (tape.var(1.0), tape.var(20.0));
    let losses: Vec<Var> = [1.0, 2.0, 3.0].iter().map(|&x| (-(w * x + b)).softplus()).collect();
    assert_eq!(found(&tape.report(gradtape::sum(&losses) / 3.0)), []);
}

#[test]
fn units_with_other_parameters_are_other_units() {
    // One is off in the first row, the other in the second.
    let tape = Tape::new();
    let p = tape.vars(&[1.0, -1.5, -1.0, 1.5]);
    let unit = |k: usize, x: f64| (p[k] * x + p[k + 1]).relu();
    let residual = |x: f64| unit(0, x) + unit(2, x) - 0.7;
    let report = tape.report(residual(1.0).square() + residual(2.0).square());
    assert_eq!(found(&report), []);
    // Both evaluated with the same parameters, but with another offset: two units.
    let tape = Tape::new();
    let x = tape.var(0.5);
    let hinges = (x - 1.0).relu() + (x - 2.0).relu() + x.square();
    assert_eq!(only(&tape.report(hinges), Code::DeadUnit).len(), 0);
}

#[test]
fn data_may_be_variables_and_units_may_follow_units() {
    let tape = Tape::new();
    let w = tape.vars(&[0.5, 0.25, -9.0]);
    let rows = [[1.0, 2.0], [3.0, 0.5], [2.0, 2.0]];
    let first = |row: &[f64; 2]| {
        let x = tape.vars(row);
        affine(&[w[0], w[1]], &[x[0], x[1]], w[2]).relu()
    };
    let residuals: Vec<Var> = rows.iter().map(|row| first(row) - 1.0).collect();
    let report = tape.report(sum_squares(&residuals));
    let dead = only(&report, Code::DeadUnit);
    assert_eq!(dead.len(), 1, "{:?}", report.findings);
    says(dead[0], Severity::Warning, "all 3 times", "between");

    // The second of two layers, without a bias: its weights multiply units.
    let tape = Tape::new();
    let (w, v) = (tape.vars(&[0.5, 0.25]), tape.vars(&[-1.0, -2.0]));
    let unit = |x: f64| {
        let h = [(w[0] * x).softplus(), (w[1] * x).softplus()];
        (v[0] * h[0] + v[1] * h[1]).relu()
    };
    let report = tape.report((unit(1.0) - 1.0).square() + (unit(2.0) - 2.0).square());
    assert_eq!(only(&report, Code::DeadUnit).len(), 1, "{:?}", report.findings);
}

#[test]
fn many_dead_units_are_summed_up() {
    let tape = Tape::new();
    let biases = tape.vars(&[-1.0; 300]);
    let w = tape.var(0.5);
    let row = |x: f64| {
        let units: Vec<Var> = biases.iter().map(|&b| (w * x + b).relu()).collect();
        (gradtape::sum(&units) - x).square()
    };
    let report = tape.report(row(1.0) + row(0.5));
    let dead = only(&report, Code::DeadUnit);
    assert_eq!(dead.len(), 6);
    assert!(dead[5].message.starts_with("295 more of the same kind"), "{}", dead[5]);
    assert!(report.findings.len() <= 13, "{}", report.findings.len());
}
