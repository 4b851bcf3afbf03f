//! Values that are not finite.

use super::{at, found, only, says};
use gradtape::inspect::{Code, Report, Severity};
use gradtape::op::Op;
use gradtape::{CustomOp, Tape, Var, custom, log_sum_exp};

#[test]
fn the_inner_root_is_named_and_not_the_outer() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let y = {
        let _layer = tape.scope("layer 1");
        let _unit = tape.scope("root");
        (x - 2.0).sqrt().sqrt()
    };
    let report = tape.report(y);
    assert_eq!(found(&report), [(Code::NonFiniteValue, Some(2))]);
    let finding = &report.findings[0];
    says(finding, Severity::Error, "%2 = sqrt(%1) (in layer 1 / root) is NaN", "%1 = x - 2 = -1");
    assert!(finding.evidence.contains("sqrt(x) is defined where x >= 0.0"), "{finding}");
}

#[test]
fn the_line_of_code_is_named_if_the_report_knows_it() {
    let mut report = at(&[1.0], |x| (x[0] - 2.0).sqrt());
    report.nodes[2].location = Some("src/main.rs:12".into());
    let finding = &report.detect()[0];
    says(finding, Severity::Error, "%2 = sqrt(%1) (at src/main.rs:12) is NaN", "%1 = %0 - 2 = -1");
}

#[test]
fn a_label_and_an_overflow_are_in_the_message() {
    let tape = Tape::new();
    let x = tape.var(800.0).label("x");
    let report = tape.report(x.exp().label("weight") * 2.0);
    assert_eq!(found(&report), [(Code::NonFiniteValue, Some(1))]);
    says(&report.findings[0], Severity::Error, "`weight` (%1) = exp(x) is inf", "x = 800");
    assert!(report.findings[0].advice.contains("too large"));
}

/// What makes a NaN or an infinity, the point, a word of the recipe, and the same as the recipe has it.
type Recipe = (fn(&[Var]) -> Var, &'static [f64], &'static str, fn(&[Var]) -> Var);

#[test]
fn for_each_operation_there_is_a_recipe_and_it_works() {
    let recipes: [Recipe; 17] = [
        (|x| x[0].sqrt(), &[-1e-17], "max(0.0).sqrt()", |x| x[0].max(0.0).sqrt()),
        (|x| x[0].ln(), &[0.0], "(x + 1e-12).ln()", |x| (x[0] + 1e-12).ln()),
        (|x| x[0].ln(), &[-1e-20], "x.max(1e-12)", |x| x[0].max(1e-12).ln()),
        (|x| x[0].ln_1p(), &[-1.0], "max(-1.0 + 1e-12)", |x| x[0].max(-1.0 + 1e-12).ln_1p()),
        (
            |x| x[0].sin() / x[0],
            &[0.0],
            "select(y.abs(), x / y, limit)",
            |x| Var::select(x[0].abs(), x[0].sin() / x[0], Var::from(1.0)),
        ),
        (|x| x[0].sin() / x[0], &[0.0], "`sinc`", |x| x[0].sinc()),
        (|x| x[0].pow(x[1]), &[-2.0, 0.5], "x.abs().pow(y)", |x| x[0].abs().pow(x[1])),
        (|x| x[0].powf(1.0 / 3.0), &[-8.0], "`cbrt`", |x| x[0].cbrt()),
        (|x| x[0].powi(-2), &[0.0], "small constant to the base", |x| (x[0] + 1e-12).powi(-2)),
        (|x| x[0].acos(), &[1.0 + 1e-15], "clamp(-1.0, 1.0)", |x| x[0].clamp(-1.0, 1.0).acos()),
        (|x| x[0].acosh(), &[1.0 - 1e-15], "x.max(1.0).acosh()", |x| x[0].max(1.0).acosh()),
        (|x| x[0].exp().ln_1p(), &[800.0], "`softplus`", |x| x[0].softplus()),
        (|x| (x[0] * x[0]).sqrt(), &[1e200], "`hypot`", |x| x[0].hypot(0.0)),
        // Slopes.
        (|x| x[0].sqrt(), &[0.0], "(x + 1e-12).sqrt()", |x| (x[0] + 1e-12).sqrt()),
        (
            |x| x[0].sqrt(),
            &[0.0],
            "select(x, x.sqrt(), 0.0)",
            |x| Var::select(x[0], x[0].sqrt(), Var::from(0.0)),
        ),
        (|x| x[0].asin(), &[1.0], "1.0 - 1e-12", |x| x[0].clamp(-1.0 + 1e-12, 1.0 - 1e-12).asin()),
        (|x| x[0].square().sqrt(), &[0.0], "`abs`", |x| x[0].abs()),
    ];
    for (case, (bad, point, word, good)) in recipes.into_iter().enumerate() {
        let report = at(point, bad);
        let finding = &report.findings[0];
        assert!(finding.severity == Severity::Error, "case {case}: {finding}");
        assert!(finding.advice.contains(word), "case {case}: {finding}");
        let report = at(point, good);
        let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert_eq!(errors.count(), 0, "case {case}: {}", report.findings[0]);
        let inputs = report.nodes.iter().filter(|node| node.op == Op::Input);
        assert!(inputs.clone().all(|node| node.adjoint.is_finite()), "case {case}");
        assert!(report.nodes.last().is_some_and(|output| output.value.is_finite()), "case {case}");
    }
}

#[test]
fn what_the_output_absorbs_is_a_warning() {
    // The value is 0, but the slope is 0 · inf.
    let report = at(&[800.0], |x| x[0].exp().recip());
    let absorbed = only(&report, Code::NonFiniteValue);
    assert_eq!((absorbed.len(), absorbed[0].node), (1, Some(1)));
    assert_eq!(absorbed[0].severity, Severity::Error);
    // The other branch is taken.
    let report = at(&[1.0, -1.0], |x| Var::select(x[0], x[1].square(), x[1].ln()));
    let absorbed = only(&report, Code::NonFiniteValue);
    assert_eq!((absorbed.len(), absorbed[0].severity), (1, Severity::Warning));
}

#[test]
fn of_several_culprits_those_that_spoil_the_output_come_first() {
    let report = at(&[800.0, -1.0], |x| x[0].exp().recip() + x[1].ln());
    let nodes: Vec<_> = only(&report, Code::NonFiniteValue).iter().map(|f| f.node).collect();
    assert_eq!(nodes, [Some(4), Some(2)]);
    assert_eq!(report.findings[0].node, Some(4));
}

#[test]
fn an_input_differs_from_a_computed_value() {
    let report = at(&[f64::NAN, 1.0], |x| x[0].sqrt() * x[1]);
    assert_eq!(found(&report), [(Code::NonFiniteLeaf, Some(0))]);
    says(&report.findings[0], Severity::Error, "the input %0 is NaN", "%0 = NaN");
    let report = at(&[f64::INFINITY], |x| x[0].atan());
    assert_eq!(report.findings[0].severity, Severity::Warning, "the output is finite");
    // A mask that is meant: worth knowing, no more.
    let report = at(&[1.0], |x| log_sum_exp(&[x[0], Var::constant(f64::NEG_INFINITY)]));
    assert_eq!(found(&report), [(Code::NonFiniteLeaf, Some(1))]);
    says(&report.findings[0], Severity::Note, "the constant %1 is -inf", "%1 = -inf");
}

#[test]
fn what_the_output_does_not_use_is_a_note() {
    let tape = Tape::new();
    let x = tape.var(-1.0).label("x");
    let entropy = x.ln();
    let _ = entropy * 2.0;
    let report = tape.report(x.square());
    assert_eq!(found(&report), [(Code::NonFiniteUnjoined, Some(1)), (Code::UnusedNodes, Some(1))]);
    says(&report.findings[0], Severity::Note, "%1 = ln(x) is NaN, but", "x = -1");
}

#[test]
fn a_constant_output_that_is_not_finite_is_an_error_without_a_node() {
    let tape = Tape::new();
    let _ = tape.var(1.0);
    let report = tape.report(Var::constant(-1.0).sqrt());
    assert_eq!(found(&report)[0], (Code::NonFiniteValue, None));
    assert_eq!(report.findings[0].severity, Severity::Error);
    assert_eq!(found(&Tape::new().report(Var::constant(1.0))), []);
}

#[test]
fn a_custom_operation_is_named() {
    struct Gap;
    impl CustomOp for Gap {
        fn name(&self) -> &str {
            "gap"
        }
        fn value(&self, _: &[f64], y: &mut [f64]) {
            y[0] = f64::NAN;
        }
        fn vjp(&self, _: &[f64], _: &[f64], _: &[f64], dx: &mut [f64]) {
            dx[0] = 1.0;
        }
    }
    let report = at(&[2.0], |x| custom(Gap, x)[0]);
    assert_eq!(found(&report), [(Code::NonFiniteValue, Some(1))]);
    says(&report.findings[0], Severity::Error, "%1 = gap(%0) is NaN", "%0 = 2");
}

#[test]
fn of_many_the_first_are_described_and_the_rest_counted() {
    let tape = Tape::new();
    let x = tape.vars(&vec![-1.0; 1000]);
    let roots: Vec<Var> = x.iter().map(|x| x.sqrt()).collect();
    let report = tape.report(gradtape::sum(&roots));
    let nodes: Vec<_> = (1000..1006).map(|i| (Code::NonFiniteValue, Some(i))).collect();
    assert_eq!(found(&report), nodes);
    let rest = &report.findings[5].message;
    assert!(rest.starts_with("995 more of the same kind: %1005, "), "{rest}");
    assert!(rest.ends_with("and 989 more"), "{rest}");
}

#[test]
fn finite_values_at_the_edge_of_the_domain_are_no_findings() {
    assert_eq!(found(&at(&[1e300], |x| x[0].sqrt())), []);
    assert_eq!(found(&at(&[709.0], |x| x[0].exp().ln())), []);
    assert_eq!(found(&at(&[1e-300], |x| x[0].ln() * 1e-3)), []);
}

#[test]
fn a_product_that_underflows_is_named_where_it_makes_the_output_zero_or_infinite() {
    // A likelihood of fifty observations, and its logarithm.
    let product = |x: &[Var]| (0..50).fold(Var::from(1.0), |all, _| all * x[0]);
    for output in [at(&[1e-8], product), at(&[1e-8], |x| product(x).ln())] {
        let [finding] = only(&output, Code::Underflow)[..] else { panic!("{:?}", found(&output)) };
        // Node k is the k-th power: 1e-320 is the last that is a number of f64.
        assert_eq!(finding.node, Some(41), "the first product that is 0");
        says(finding, Severity::Warning, "is 0 although nothing in it is", "the output");
    }
    let exponential = at(&[-800.0], |x| (x[0].exp() + (x[0] - 5.0).exp()).ln());
    assert_eq!(only(&exponential, Code::Underflow).len(), 2);
}

#[test]
fn what_is_zero_by_its_factors_or_does_no_harm_is_no_underflow() {
    let silent = |report: Report| assert!(only(&report, Code::Underflow).is_empty());
    silent(at(&[0.0, 3.0], |x| x[0] * x[1]));
    silent(at(&[1.0, 1.0], |x| (x[0] - x[1]).square()));
    // A far tail beside other terms is nothing.
    silent(at(&[-800.0, 1.0], |x| (x[0].exp() + x[1].exp()).ln()));
    silent(at(&[0.0, 1e-200], |x| x[0] + (x[1] * x[1]) * 0.0 + 1.0));
    silent(at(&[-800.0], |x| x[0].softplus() + 1.0));
}
