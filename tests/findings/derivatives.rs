//! Adjoints that are not finite, adjoints over depth, kinks, and three kinds of zero.

use super::{at, found, only, says};
use gradtape::inspect::{Code, Severity};
use gradtape::nn::huber;
use gradtape::{Tape, Var};

#[test]
fn every_way_to_lose_an_adjoint_is_told_with_its_edge() {
    type Case = (fn(&[Var]) -> Var, &'static [f64], usize, &'static str);
    let cases: [Case; 6] = [
        (|x| x[0].sqrt() + x[0], &[0.0], 0, "an infinite partial on the edge from %1 = sqrt(%0)"),
        (|x| x[0].square().sqrt(), &[0.0], 0, "0 · inf on the edge from %1 = %0²"),
        (
            |x| x[0] * 1e200 * x[1],
            &[1e-300, 1e150],
            0,
            "overflow of finite numbers on the edge from %2",
        ),
        (|x| x[0].sqrt() - x[0].sqrt(), &[0.0], 0, "inf - inf on the edge from"),
        (
            |x| x[0].atan2(x[1]),
            &[0.0, 0.0],
            0,
            "a partial that is NaN on the edge from %2 = atan2(",
        ),
        (|x| x[0] * 1e308 + x[0] * 1e308, &[1e-3], 0, "overflow of finite numbers"),
    ];
    for (f, x, node, words) in cases {
        let report = at(x, f);
        let adjoints = only(&report, Code::NonFiniteAdjoint);
        let finding = adjoints.iter().find(|finding| finding.node == Some(node));
        let finding = finding.unwrap_or_else(|| panic!("{words}: {:?}", report.findings));
        says(finding, Severity::Error, words, "∂output/∂");
    }
}

#[test]
fn what_follows_from_a_lost_adjoint_is_left_out() {
    let report = at(&[0.0], |x| (x[0] * 2.0 + 0.0).sqrt());
    let adjoints = only(&report, Code::NonFiniteAdjoint);
    assert_eq!(adjoints.len(), 1, "{:?}", report.findings);
    assert_eq!(adjoints[0].node, Some(2), "the operand of the root");
    assert!(report.nodes[0].adjoint.is_infinite());
}

#[test]
fn a_lost_adjoint_that_the_values_explain_is_told_there() {
    let report = at(&[-1.0], |x| x[0].sqrt() * 2.0);
    assert_eq!(found(&report), [(Code::NonFiniteValue, Some(1))]);
}

#[test]
fn a_steep_slope_or_a_zero_before_an_infinite_partial_loses_nothing() {
    assert_eq!(found(&at(&[1e-300], |x| x[0].sqrt())), []);
    // A 0 that is blocked beats infinity; one by value does not.
    let report = at(&[0.0], |x| Var::select(x[0], x[0].sqrt(), 1.0));
    assert_eq!(only(&report, Code::NonFiniteAdjoint).len(), 0);
    let report = at(&[0.0], |x| x[0].sqrt().square());
    let adjoints = only(&report, Code::NonFiniteAdjoint);
    assert_eq!((adjoints.len(), adjoints[0].node), (1, Some(0)));
    says(adjoints[0], Severity::Error, "0 · inf on the edge from %1 = sqrt(%0)", "∂output/∂%1 = 0");
    assert_eq!(found(&at(&[0.0, 2.0], |x| x[0].hypot(x[1]))), []);
}

#[test]
fn a_chain_of_sigmoids_vanishes_and_one_of_slopes_above_one_explodes() {
    let report = at(&[0.5], |x| (0..20).fold(x[0], |h, _| h.sigmoid()));
    assert_eq!(found(&report), [(Code::VanishingGradient, Some(1))]);
    says(&report.findings[0], Severity::Warning, "shrink by 12 orders of magnitude", "19 to 20: ");
    let report = at(&[0.5], |x| (0..20).fold(x[0], |h, _| (h * 9.0).sin()));
    assert_eq!(found(&report), [(Code::ExplodingGradient, Some(1))]);
    says(&report.findings[0], Severity::Warning, "grow by", "median |adjoint| by depth: 1 to ");
}

#[test]
fn shallow_tapes_and_changes_without_a_trend_are_no_finding() {
    let healthy: [fn(&[Var]) -> Var; 5] = [
        // Six orders of magnitude, but in one step.
        |x| (0..30).fold(x[0] * 1e-9, |h, _| h.sin()),
        |x| (0..30).fold(x[0], |h, _| h.sin()) * 1e9,
        // Few levels.
        |x| (0..7).fold(x[0], |h, _| h * 10.0),
        // Down and up again.
        |x| (0..24).fold(x[0], |h, i| if i < 12 { h * 0.1 } else { h * 10.0 }),
        // A loss that is added up term by term.
        |x| (0..200).fold(x[0], |sum, i| sum + (x[0] * f64::from(i)).sin() * 1e-7),
    ];
    for (i, f) in healthy.into_iter().enumerate() {
        assert_eq!(found(&at(&[0.3], f)), [], "case {i}");
    }
}

#[test]
fn an_operation_at_its_kink_is_told_with_its_convention() {
    let report = at(&[0.0], |x| x[0].abs() + x[0]);
    assert_eq!(found(&report), [(Code::AtKink, Some(1))]);
    says(&report.findings[0], Severity::Note, "%1 = |%0| is at its kink", "abs'(0) = 0");
    let report = at(&[2.0, 2.0], |x| x[0].max(x[1]));
    says(&report.findings[0], Severity::Note, "is at its kink", "a tie shares ½ : ½");
    let report = at(&[1.0], |x| x[0].clamp(0.0, 1.0));
    says(&report.findings[0], Severity::Note, "is at its kink", "at a bound");
}

#[test]
fn beside_a_kink_or_where_it_cannot_matter_there_is_no_finding() {
    assert_eq!(found(&at(&[1e-300], |x| x[0].abs())), []);
    // The condition is 0, but no input moves it.
    let report = at(&[1.5], |x| {
        let is_zero = 1.0 - x[0].compare(Var::constant(0.0)).abs();
        Var::select(is_zero, Var::constant(1.0), x[0].square())
    });
    assert_eq!(found(&report), []);
    // Not used, or blocked later.
    let report = at(&[0.0], |x| {
        let _ = x[0].abs();
        x[0].exp()
    });
    assert_eq!(only(&report, Code::AtKink).len(), 0);
    let report = at(&[0.0], |x| x[0].abs() * 0.0 + x[0]);
    assert_eq!(only(&report, Code::AtKink).len(), 0);
}

#[test]
fn three_zeros_have_three_answers() {
    let tape = Tape::new();
    let unconnected = tape.var(1.0).label("unconnected");
    let blocked = tape.var(2.5).label("blocked");
    let zero = tape.var(0.0).label("zero");
    let y = zero.square() + blocked.floor();
    let gradient = y.backward();
    assert!([unconnected, blocked, zero].iter().all(|&x| gradient.wrt(x) == 0.0));
    let report = tape.report(y);
    assert_eq!(found(&report), [(Code::NotConnected, Some(0)), (Code::Blocked, Some(1))]);
    says(&report.findings[0], Severity::Warning, "`unconnected` (%0)", "no operation uses it");
    says(&report.findings[1], Severity::Warning, "`blocked` (%1)", "floor(blocked) = 2");
}

#[test]
fn a_lost_parameter_is_told_with_the_last_node_it_reaches() {
    let tape = Tape::new();
    let (x, w) = (tape.var(2.0).label("x"), tape.var(3.0).label("w"));
    let h = (w * x).tanh().label("h");
    let report = tape.report((x + h.value()).label("loss"));
    assert_eq!(found(&report), [(Code::NotConnected, Some(1)), (Code::UnusedNodes, Some(2))]);
    let evidence = "the last node it reaches is h = tanh(%2) = 0.999988, which does not lead to the output `loss`";
    says(&report.findings[0], Severity::Warning, "does not depend on `w` (%1)", evidence);
    says(
        &report.findings[1],
        Severity::Note,
        "2 nodes of 5 are not used",
        "with a label: `h` (%3)",
    );
}

#[test]
fn a_constant_output_depends_on_nothing_and_that_is_said_once() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0]);
    let _ = x[0] * x[1];
    let report = tape.report(Var::constant(3.0));
    assert_eq!(found(&report), [(Code::NotConnected, Some(0))]);
    says(&report.findings[0], Severity::Warning, "the output is a constant", "inputs: %0, %1");
}

#[test]
fn a_relu_that_is_off_for_one_row_is_a_note_and_the_side_that_lost_a_warning() {
    let report = at(&[-1.0], |x| x[0].relu() * 2.0);
    assert_eq!(found(&report), [(Code::Blocked, Some(0))]);
    says(&report.findings[0], Severity::Note, "is blocked, at %1", "%1 = relu(%0) = 0");
    let report = at(&[1.0, 2.0], |x| x[0].max(x[1]));
    says(&report.findings[0], Severity::Warning, "every path from %0", "max(%0, %1) = 2");
    // One open path is enough.
    assert_eq!(found(&at(&[-1.0], |x| x[0].relu() + x[0])), []);
}

#[test]
fn a_flat_piece_of_the_loss_makes_a_unit_that_is_off_no_graver() {
    // A residual of 3 is where the Huber loss is straight: its `min` has lost. The unit blocks all paths alone.
    let report = at(&[-1.0], |x| huber(&[x[0].relu()], &[3.0], 1.0));
    assert_eq!(found(&report), [(Code::Blocked, Some(0))]);
    says(&report.findings[0], Severity::Note, "is blocked, at %1", "%1 = relu(%0) = 0");
    // Here only both together do.
    let report = at(&[-1.0], |x| x[0].relu() + x[0].min(-2.0));
    says(&report.findings[0], Severity::Warning, "is blocked, at %1, %2", "%2 = min(%0, -2) = -2");
}
