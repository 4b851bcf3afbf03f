//! Cancellation: where digits are lost that the output needs.

use super::{at, found, only, says};
use gradtape::inspect::{Code, Severity};
use gradtape::{Var, affine, dot, sum};

type Case = (fn(&[Var]) -> Var, &'static [f64], usize);

#[test]
fn a_difference_that_costs_the_output_its_digits_is_told() {
    let cases: [Case; 9] = [
        (|x| (1.0 - x[0].cos()) / x[0].square(), &[1e-6], 2),
        (|x| (x[0].exp() - 1.0) / x[0], &[1e-11], 2),
        (|x| (x[0] + 1.0).sqrt() - x[0].sqrt(), &[1e13], 4),
        // The small root of x² - bx + c.
        (|x| -x[0] + (x[0].square() - x[1] * 4.0).sqrt(), &[1e6, 1e-3], 7),
        // The probability of the other class.
        (|x| (1.0 - x[0].sigmoid()).ln(), &[30.0], 2),
        (|x| sum(&[x[0], x[1], x[2]]), &[1e12, 1.5, -1e12], 3),
        (|x| dot(&[x[0], x[1]], &[x[1], x[2]]), &[1e6, 1e6, -1e6 + 1e-6], 3),
        (|x| affine(&[x[0]], &[x[1]], x[2]), &[1e6, 1e6, -1e12 + 1e-1], 3),
        (|x| dot(&[x[0], x[1]], &[1e5, -1.0]), &[1e5, 1e10 - 1e-3], 2),
    ];
    for (i, (f, x, node)) in cases.into_iter().enumerate() {
        let report = at(x, f);
        let told = only(&report, Code::Cancellation);
        assert_eq!(told.len(), 1, "case {i}: {:?}", report.findings);
        assert_eq!(told[0].node, Some(node), "case {i}");
    }
    let report = at(&[1e-6], |x| (1.0 - x[0].cos()) / x[0].square());
    let finding = &report.findings[0];
    says(
        finding,
        Severity::Warning,
        "%2 = 1 - %1 loses 13 of its 16 digits",
        "add up to 2, its value is 5e-13",
    );
    assert!(finding.evidence.contains("about 3 digits are left"), "{finding}");
}

#[test]
fn what_costs_nothing_is_let_pass() {
    let cases: [Case; 10] = [
        // A few digits.
        (|x| (x[0].exp() - 1.0) / x[0], &[1e-5], 0),
        // Two numbers that were given.
        (|x| (x[0] - x[1]).ln(), &[1e9 + 1e-4, 1e9], 0),
        (|x| (x[0] - 2.0).recip(), &[2.0 + 1e-13], 0),
        // Residuals of a fit that has converged.
        (|x| (x[0] * 3.0 - 1.0).square(), &[(1.0 + 1e-12) / 3.0], 0),
        (|x| ((x[0] * 3.0 - 1.0) / 0.5).powi(2), &[(1.0 + 1e-12) / 3.0], 0),
        (|x| (x[0] * 3.0 - 1.0).abs(), &[(1.0 + 1e-12) / 3.0], 0),
        (
            |x| {
                let r = x[0] * 3.0 - 1.0;
                r * r
            },
            &[(1.0 + 1e-12) / 3.0],
            0,
        ),
        // Exactly 0 is meant.
        (|x| x[0].exp() - x[0].exp(), &[1.0], 0),
        // It matters little to the output.
        (|x| x[0].exp() + (x[0].exp() - 1.0), &[1e-11], 0),
        (|x| (x[0].exp() - 1.0) + 5.0, &[1e-11], 0),
    ];
    for (i, (f, x, _)) in cases.into_iter().enumerate() {
        assert_eq!(found(&at(x, f)), [], "case {i}");
    }
}
