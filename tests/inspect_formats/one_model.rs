//! All formats show the same numbers, and these are the numbers of the sweep.

use super::expression::expressions;
use super::shown::{self, Shown, assert_same};
use super::{dosage, read_dot, read_table};
use gradtape::inspect::{Color, Reach, Report};
use gradtape::{Tape, Var};
use proptest::prelude::*;

/// What each format shows, with all digits and nothing cut.
fn every_format(report: &Report) -> [(&'static str, Vec<Shown>); 2] {
    let table = report.table().digits(17).width(0).rows(0).color(Color::Never);
    [
        ("table", read_table::read(&table.to_string())),
        ("DOT", read_dot::read(&report.dot().digits(17).to_string())),
    ]
}

/// What the tape and its sweeps say, without the report.
fn swept(tape: &Tape, output: Var, found: &[Shown]) {
    let gradient = tape.backward(output);
    for (node, shown) in tape.nodes().zip(found) {
        let var = tape.var_at(node.index);
        assert_eq!(shown.index, node.index);
        assert_eq!(shown.label, node.label);
        assert_eq!(shown.value.to_bits(), node.value.to_bits());
        assert_eq!(shown.adjoint, gradient.wrt(var));
        let operands: Vec<usize> = shown.operands.iter().map(|&(operand, _)| operand).collect();
        assert_eq!(operands, node.operands);
        let reach = match tape.connection(output, var) {
            gradtape::Connection::NotConnected => Reach::NotConnected,
            gradtape::Connection::Blocked { .. } => Reach::Blocked,
            gradtape::Connection::Connected => Reach::Connected,
        };
        assert_eq!(shown.reach, reach, "node {}", node.index);
    }
}

/// The chain rule with nothing but the numbers shown: each adjoint is the sum over users of their adjoint
/// times the partial.
fn adds_up(found: &[Shown], output: usize) {
    let mut sums = vec![0.0; found.len()];
    let mut sizes = vec![0.0; found.len()];
    sums[output] = 1.0;
    for node in found.iter().rev() {
        for &(operand, partial) in &node.operands {
            sums[operand] += node.adjoint * partial;
            sizes[operand] += (node.adjoint * partial).abs();
        }
    }
    for node in found {
        let apart = (sums[node.index] - node.adjoint).abs();
        assert!(apart <= 1e-14 * sizes[node.index], "{node:?}: {}", sums[node.index]);
    }
}

#[test]
fn every_format_shows_the_nodes_of_the_dosage_tape() {
    let (tape, ssr) = dosage();
    let report = tape.report(ssr);
    for (format, found) in every_format(&report) {
        assert_same(format, &found, &shown::of(&report));
        swept(&tape, ssr, &found);
        adds_up(&found, ssr.index().unwrap());
    }
}

#[test]
fn every_format_shows_numbers_that_are_not_finite_and_zeros_of_three_kinds() {
    let tape = Tape::new();
    let x = tape.vars(&[0.0, -1.0, 2.0, f64::INFINITY, 1e-300]);
    let zero = x[0].square() + x[1].relu();
    let wild = (x[4] * 1e-300).sqrt() + x[4].recip().square() + (x[3] - x[3]);
    let y = zero + wild;
    let report = tape.report(y);
    assert_eq!([0, 1, 2].map(|i| report.nodes[i].reach), {
        [Reach::Connected, Reach::Blocked, Reach::NotConnected]
    });
    for (format, found) in every_format(&report) {
        assert_same(format, &found, &shown::of(&report));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_format_shows_the_nodes_of_random_tapes(expression in expressions()) {
        let tape = Tape::new();
        let y = expression.run(&tape.vars(&expression.point));
        let report = tape.report(y);
        for (format, found) in every_format(&report) {
            assert_same(format, &found, &shown::of(&report));
            swept(&tape, y, &found);
            if let Some(output) = report.output {
                adds_up(&found, output);
            }
        }
    }
}

#[test]
fn a_tape_opens_every_format_and_each_is_that_of_its_report() {
    let (tape, ssr) = dosage();
    let report = tape.report(ssr);
    let b3 = tape.var_at(report.find("b3").expect("it is labelled"));
    let doors: [(String, String); 8] = [
        (tape.table(ssr).to_string(), report.table().to_string()),
        (tape.explain(ssr, b3).to_string(), report.explain("b3").unwrap().to_string()),
        (tape.dot(ssr).to_string(), report.dot().to_string()),
        (tape.mermaid(ssr).unwrap().to_string(), report.mermaid().unwrap().to_string()),
        (
            tape.mermaid_of(ssr, "dosage 1").unwrap().to_string(),
            report.mermaid_of("dosage 1").unwrap().to_string(),
        ),
        (tape.svg(ssr).to_string(), report.svg().to_string()),
        (tape.json(ssr).to_string(), report.json().to_string()),
        (tape.html(ssr).to_string(), report.html().to_string()),
    ];
    for (of_tape, of_report) in doors {
        assert_eq!(of_tape, of_report);
    }
}
