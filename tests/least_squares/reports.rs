//! The report beside that of lmfit 1.3.4 for the same fit: the same lines, with the same numbers as far as lmfit, which
//! takes differences for slopes, has them right.

use crate::models::SETS;
use gradtape::optim::{LeastSquares, LeastSquaresFit};
use gradtape::program::Rows;

/// Fit a set from start 2.
fn fit(
    name: &str,
    weight: impl Fn(f64) -> f64,
    change: impl for<'a> Fn(LeastSquares<'a>) -> LeastSquares<'a>,
    replaced: &[(usize, f64)],
) -> LeastSquaresFit {
    let set = SETS.iter().find(|set| set.name == name).unwrap();
    let mut data = set.read();
    replaced.iter().for_each(|&(i, value)| data.starts[1][i] = value);
    let weights: Vec<f64> = data.y.iter().map(|&y| weight(y)).collect();
    let x = Rows::row_major(&data.x, set.inputs()).unwrap().weighted(&weights).unwrap();
    // lmfit's report has NIST's names.
    let names: Vec<String> = (1..=set.parameters.len()).map(|i| format!("b{i}")).collect();
    let named: Vec<(&str, f64)> =
        names.iter().map(String::as_str).zip(data.starts[1].iter().copied()).collect();
    change(LeastSquares::new(set.model, x, &data.y, &named).unwrap()).fit().unwrap()
}

/// Words and numbers of a line.
fn parts(line: &str) -> Vec<Result<f64, &str>> {
    let words = line.split(|c: char| c.is_whitespace() || "()%".contains(c));
    words.filter(|word| !word.is_empty()).map(|word| word.parse().map_err(|_| word)).collect()
}

fn assert_same_report(fit: &LeastSquaresFit, theirs: &str) {
    let ours = fit.to_string();
    assert_eq!(ours.lines().count(), theirs.lines().count(), "{ours}\n{theirs}");
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        if ours.contains("fitting method") || ours.contains("function evals") {
            assert_eq!(ours.split('=').next(), theirs.split('=').next());
            continue;
        }
        let (found, expected) = (parts(ours), parts(theirs));
        assert_eq!(found.len(), expected.len(), "{ours}\n{theirs}");
        for (k, pair) in found.iter().zip(&expected).enumerate() {
            let same = match pair {
                (Ok(a), Ok(b)) => {
                    // The first number of a variable is its value; errors and correlations follow.
                    let tolerance = if k == 1 || ours.contains(" = ") { 1e-5 } else { 1e-3 };
                    let tolerance = if ours.contains("C(") { 1e-3 } else { tolerance };
                    (a - b).abs()
                        <= tolerance * b.abs() + if ours.contains('%') { 0.0051 } else { 0.0 }
                        || (a - b).abs() <= tolerance * b.abs()
                }
                (Err(a), Err(b)) => a == b,
                _ => false,
            };
            assert!(same, "{pair:?} in\n{ours}\n{theirs}");
        }
        // Columns stand where lmfit's do.
        assert_eq!(ours.find("+/-"), theirs.find("+/-"), "{ours}\n{theirs}");
    }
}

#[test]
fn a_report_is_lmfits() {
    let fit = fit("Misra1a", |_| 1.0, |problem| problem, &[]);
    assert_same_report(&fit, include_str!("../data/nist/lmfit_plain.txt"));
}

#[test]
fn with_bounds_a_report_is_lmfits() {
    let fit = fit(
        "Rat42",
        |_| 1.0,
        |problem| problem.bounds("b1", 0.0..=100.0).unwrap().bounds("b3", 0.0..).unwrap(),
        &[],
    );
    assert_same_report(&fit, include_str!("../data/nist/lmfit_bounds.txt"));
}

#[test]
fn with_a_fixed_parameter_a_report_is_lmfits() {
    let fit = fit("Lanczos3", |_| 1.0, |problem| problem.fixed("b2").unwrap(), &[(1, 0.6)]);
    assert_same_report(&fit, include_str!("../data/nist/lmfit_fixed.txt"));
}

#[test]
fn with_weights_a_report_is_lmfits() {
    // lmfit's weights are their roots.
    let fit = fit("Chwirut1", |y| 1.0 / y, |problem| problem, &[]);
    assert_same_report(&fit, include_str!("../data/nist/lmfit_weights.txt"));
}

#[test]
fn a_report_without_standard_errors_says_why() {
    let product = |p: &[gradtape::Var], x: &[gradtape::Var]| p[0] * p[1] * x[0];
    let (x, y) = ([1.0, 2.0, 3.0], [2.1, 3.9, 6.0]);
    let x = Rows::row_major(&x, 1).unwrap();
    let fit = gradtape::optim::least_squares(product, x, &y, &[("a", 1.0), ("b", 1.0)]).unwrap();
    let report = fit.to_string();
    let lines: Vec<&str> = report.lines().skip_while(|line| !line.starts_with("##")).collect();
    assert_eq!(lines[0], "##  Warning: uncertainties could not be estimated:");
    assert!(lines[1].starts_with("    the data do not tell `a`, `b` apart: "), "{report}");
    assert_eq!(lines[2], "[[Variables]]");
    assert!(
        lines[3].starts_with("    a:  1.99285714 ") && lines[3].ends_with(" (init = 1)"),
        "{report}"
    );
    assert_eq!(lines.len(), 5, "{report}");
}

/// The printed report of `docs/solvers.md`, of the set and start that it names.
#[test]
fn the_page_shows_the_report_as_it_is_printed() {
    let set = SETS.iter().find(|set| set.name == "Rat42").unwrap();
    let data = set.read();
    let x = Rows::row_major(&data.x, 1).unwrap();
    let named = set.named(&data.starts[1]);
    let fit = gradtape::optim::least_squares(set.model, x, &data.y, &named).unwrap();
    let page = include_str!("../../docs/solvers.md");
    assert!(page.contains(&format!("```text\n{fit}\n```\n")), "{fit}");
}
