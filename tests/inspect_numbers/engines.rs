//! Values, partials, adjoints and reach, by engines that share nothing with the report.

use super::expression::expressions;
use super::naive;
use super::property::config;
use super::tapes::{neutral_tapes, tolerance};
use super::{genes, wild};
use gradtape::inspect::Report;
use gradtape::{Reach, Tape};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The sum of the partials by each operand.
fn by_operand(edges: impl IntoIterator<Item = (usize, f64)>) -> BTreeMap<usize, f64> {
    let mut sums = BTreeMap::new();
    for (operand, partial) in edges {
        *sums.entry(operand).or_insert(0.0) += partial;
    }
    sums
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn every_node_has_the_value_partials_and_adjoint_of_the_textbook(expression in expressions()) {
        let tape = Tape::new();
        let values = expression.values(&tape.vars(&expression.point));
        let nodes = expression.naive();
        let adjoints = naive::backward(&nodes);
        let report = tape.report(values[values.len() - 1]);
        let size = 1e-12 * expression.size;
        // A step may return a variable that is there already: its adjoint belongs to all of these.
        let mut expected = vec![0.0; report.nodes.len()];
        let mut is_new = vec![true; report.nodes.len()];
        // A constant that had to become a node, and a product of a pair with a constant 0.
        let is_helper = |i: usize| values.iter().all(|v| v.index() != Some(i));
        for (k, variable) in values.iter().enumerate() {
            prop_assert!((variable.value() - nodes[k].value).abs() <= 1e-9);
            let Some(i) = variable.index() else { continue };
            let node = &report.nodes[i];
            prop_assert_eq!(node.value.to_bits(), variable.value().to_bits());
            if std::mem::take(&mut is_new[i]) && k >= expression.point.len() {
                let on_tape = |&(o, partial): &(usize, f64)| Some((values[o].index()?, partial));
                let textbook = by_operand(nodes[k].edges.iter().filter_map(on_tape));
                let given = node.operands.iter().copied().zip(node.partials.iter().copied());
                for (operand, partial) in by_operand(given) {
                    if is_helper(operand) {
                        continue;
                    }
                    let expected = textbook.get(&operand).copied();
                    let close = expected.is_some_and(|e| (partial - e).abs() <= 1e-11 * (1.0 + e.abs()));
                    prop_assert!(close, "{node:?} by %{operand}: {expected:?}");
                }
            }
            expected[i] += if k + 1 == values.len() { 0.0 } else { adjoints[k] };
        }
        if let Some(output) = report.output {
            expected[output] = 1.0;
            let told = report.nodes.iter().zip(expected).filter(|(node, _)| !is_helper(node.index));
            for (node, expected) in told {
                prop_assert!((node.adjoint - expected).abs() <= size, "{node:?} is not {expected}");
            }
        }
    }
}

#[test]
fn the_published_problems_have_the_gradient_of_fifty_digits() {
    for problem in neutral_tapes() {
        let tape = Tape::new();
        let inputs = tape.vars(&problem.inputs);
        let output = problem.run(&inputs)[problem.output];
        let report = tape.report(output);
        let value = report.nodes[report.output.expect("it depends on its inputs")].value;
        assert!((value - problem.value).abs() <= 1e-12 * problem.value.abs(), "{}", problem.name);
        let largest = problem.gradient.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
        for (i, &expected) in problem.gradient.iter().enumerate() {
            let adjoint = report.nodes[i].adjoint;
            let most = tolerance(&problem.name, expected, largest);
            assert!((adjoint - expected).abs() <= most, "{}: {adjoint}, {expected}", problem.name);
        }
    }
}

/// Whether any path leads from `at` back to `node`, and whether any leads over edges that are not flat. A
/// partial of 0 is flat for the operations of [`wild`] that have pieces or steps.
fn by_recursion(report: &Report, at: usize, node: usize) -> Reach {
    if at == node {
        return Reach::Connected;
    }
    let here = &report.nodes[at];
    let is_flat = matches!(
        &*here.name,
        "relu"
            | "max"
            | "min"
            | "select"
            | "floor"
            | "clamp"
            | "signum"
            | "powi"
            | "mul_const"
            | "abs"
    );
    let x = |k: usize| report.nodes[here.operands[k]].value;
    let mut found = Reach::NotConnected;
    for (k, (&operand, &partial)) in here.operands.iter().zip(&here.partials).enumerate() {
        // Where the slope jumps, or the value does.
        let at_kink = match &*here.name {
            "relu" | "abs" | "signum" => x(0) == 0.0,
            "select" => k == 0 && x(0) == 0.0,
            "floor" => x(0).fract() == 0.0,
            _ => false,
        };
        let edge = match partial == 0.0 {
            true if at_kink => Reach::AtKink,
            true if is_flat => Reach::Blocked,
            _ => Reach::Connected,
        };
        let path = match by_recursion(report, operand, node) {
            Reach::NotConnected => continue,
            Reach::Connected => edge,
            Reach::AtKink if edge == Reach::Blocked => Reach::Blocked,
            Reach::AtKink => Reach::AtKink,
            Reach::Blocked => Reach::Blocked,
        };
        found = found.min(path);
    }
    found
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn how_any_output_depends_on_any_node_is_what_the_tape_says_and_every_path(genes in genes(9)) {
        let tape = Tape::new();
        wild(&tape, &genes);
        for to in 0..tape.len() {
            let output = tape.var_at(to);
            let gradient = tape.backward(&[(output, 1.0)]);
            let report = tape.report(output);
            prop_assert_eq!(report.output, Some(to));
            for (from, node) in report.nodes.iter().enumerate() {
                let variable = tape.var_at(from);
                let said = tape.reach(output, variable);
                prop_assert_eq!(node.reach, said, "%{} from %{}: {:?}", to, from, &report.nodes);
                prop_assert_eq!(node.reach, by_recursion(&report, to, from), "%{} from %{}: {:?}", to, from, &report.nodes);
                prop_assert_eq!(node.adjoint.to_bits(), gradient.wrt(variable).to_bits());
                prop_assert!(node.reach == Reach::Connected || node.adjoint == 0.0);
            }
        }
    }

    #[test]
    fn what_nothing_uses_is_counted(genes in genes(12)) {
        let tape = Tape::new();
        let values = wild(&tape, &genes);
        let report = tape.report(values[values.len() / 2]);
        let output = report.output.expect("nothing here is a constant");
        // Backwards closure, by asking every node again until nothing changes.
        let mut used = vec![output];
        loop {
            let more: Vec<usize> = used.iter().flat_map(|&i| tape.node(i).operands).collect();
            let before = used.len();
            used.extend(more);
            used.sort_unstable();
            used.dedup();
            if used.len() == before {
                break;
            }
        }
        let statistics = report.statistics();
        prop_assert_eq!(statistics.used, used.len());
        prop_assert_eq!(statistics.nodes, tape.len());
        let connected = |i: &usize| report.nodes[*i].reach != Reach::NotConnected;
        prop_assert_eq!((0..tape.len()).filter(connected).collect::<Vec<_>>(), used);
    }
}
