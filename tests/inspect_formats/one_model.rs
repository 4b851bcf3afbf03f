//! All formats show the same numbers, and these are the numbers of the sweep.

use super::expression::{Expression, expressions};
use super::shown::{self, Shown, assert_near, assert_same};
use super::three::Three;
use super::{dosage, read_dot, read_html, read_json, read_mermaid, read_svg, read_table};
use crate::property::config;
use gradtape::Reach;
use gradtape::inspect::Report;
use gradtape::{Program, Tape, Var, affine, custom, dot, gradient, log_sum_exp, sum, sum_squares};
use proptest::prelude::*;

/// What each format shows that has all digits, with nothing cut.
fn every_format(report: &Report) -> [(&'static str, Vec<Shown>); 5] {
    let table = report.table().digits(17).width(0).rows(0).color(false);
    [
        ("table", read_table::read(&table.to_string())),
        ("DOT", read_dot::read(&report.dot().digits(17).to_string())),
        ("SVG", read_svg::read(&report.svg().to_string())),
        ("JSON", read_json::read(&report.json().to_string())),
        ("HTML", read_html::read(&report.html().to_string())),
    ]
}

/// Check that every format shows the report's numbers: Mermaid six digits of them, all others all.
#[track_caller]
fn one_model(report: &Report) {
    let expected = shown::of(report);
    for (format, found) in every_format(report) {
        assert_same(format, &found, &expected);
    }
    if let Ok(mermaid) = report.mermaid() {
        assert_near("Mermaid", &read_mermaid::read(&mermaid.to_string()), &expected);
    }
}

/// What the tape and its sweeps say, without the report.
fn swept(tape: &Tape, output: Var, found: &[Shown]) {
    let gradient = tape.backward(&[(output, 1.0)]);
    for (node, shown) in tape.nodes().zip(found) {
        let var = tape.var_at(node.index);
        assert_eq!(shown.index, node.index);
        assert_eq!(shown.label, node.label);
        assert_eq!(shown.value.to_bits(), node.value.to_bits());
        let adjoint = gradient.wrt(var);
        assert!(
            shown.adjoint == adjoint || (shown.adjoint.is_nan() && adjoint.is_nan()),
            "{shown:?}"
        );
        let operands: Vec<usize> = shown.operands.iter().map(|&(operand, _)| operand).collect();
        assert_eq!(operands, node.operands);
        let reach = tape.reach(output, var);
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
        // Nothing flows from there.
        let is_blocked = node.adjoint == 0.0 && node.reach != Reach::Connected;
        for &(operand, partial) in node.operands.iter().filter(|_| !is_blocked) {
            sums[operand] += node.adjoint * partial;
            sizes[operand] += (node.adjoint * partial).abs();
        }
    }
    for node in found {
        let apart = (sums[node.index] - node.adjoint).abs();
        let both_are_nan = sums[node.index].is_nan() && node.adjoint.is_nan();
        assert!(
            both_are_nan || apart <= 1e-14 * sizes[node.index],
            "{node:?}: {}",
            sums[node.index]
        );
    }
}

#[test]
fn every_format_shows_the_nodes_of_the_dosage_tape() {
    let (tape, ssr) = dosage();
    let report = tape.report(ssr);
    assert!(report.mermaid().is_ok());
    one_model(&report);
    for (_, found) in every_format(&report) {
        swept(&tape, ssr, &found);
        adds_up(&found, ssr.index().unwrap());
    }
}

#[test]
fn every_format_shows_numbers_that_are_not_finite_and_zeros_of_four_kinds() {
    let tape = Tape::new();
    let x = tape.vars(&[0.0, -1.0, 2.0, f64::INFINITY, 1e-300, 0.0]);
    let zero = x[0].square() + x[1].relu() + x[5].abs();
    let wild = (x[4] * 1e-300).sqrt() + x[4].recip().square() + (x[3] - x[3]);
    let y = zero + wild;
    let report = tape.report(y);
    assert_eq!([0, 1, 2, 5].map(|i| report.nodes[i].reach), {
        [Reach::Connected, Reach::Blocked, Reach::NotConnected, Reach::AtKink]
    });
    one_model(&report);
    // A blocked node under an infinite adjoint: what is blocked beats infinity.
    let x = tape.var(-1.0).label("off");
    let report = tape.report(x.leaky_relu(0.0).sqrt());
    let off = &report.nodes[x.index().unwrap()];
    assert!(off.reach == Reach::Blocked && off.adjoint == 0.0, "{off:?}");
    one_model(&report);
}

#[test]
fn every_format_shows_custom_operations_sums_scopes_and_constants() {
    let tape = Tape::new();
    let x = tape.vars(&[3.0, -0.5, 1e-9]);
    let named = x[0].label("x");
    let outputs = {
        let _outer = tape.scope("outer");
        let _inner = tape.scope("inner");
        // Named as a row of the op table is.
        custom(Three("sum"), &[named, x[1]])
    };
    // Operands that repeat, constants that must be nodes, the copies that a nested gradient makes, and a tie.
    let many = sum([x[0], x[1], x[0], outputs[0], x[0]]).label("many");
    let ends = [
        many,
        log_sum_exp(&[x[1], x[1], many]),
        dot(&[x[0], x[0]], [x[0], Var::from(2.0)]),
        affine(&[x[0], x[1]], [0.5, -1e300], outputs[1]),
        sum_squares(&[x[2], x[2]]),
        gradient(|y| y[0].powi(3), &x[..1])[0],
        Var::select(x[0].max(named), outputs[2], x[1]),
        Var::from(4.0),
    ];
    let y = {
        let _scope = tape.scope("outer");
        sum(ends)
    };
    let after = (y * x[2]).label("after the output");
    for output in [y, after, many, outputs[2], named, Var::from(f64::NAN)] {
        one_model(&tape.report(output));
        for (_, found) in every_format(&tape.report(output)) {
            swept(&tape, output, &found);
        }
    }
}

/// Run an expression with scopes around its steps, and labels on what they give: some repeat, one looks like an
/// index.
fn recorded(tape: &Tape, expression: &Expression) -> Var {
    let mut values = tape.vars(&expression.point);
    for (i, step) in expression.steps.iter().enumerate() {
        let _outer = (i % 5 < 3).then(|| tape.scope(["a", "b"][i / 5 % 2]));
        let _inner = (i % 5 == 1).then(|| tape.scope("a"));
        let value = step.run(&values);
        let label = ["h", "v 1", "%0", "3"][i % 4];
        values.push(if i % 3 == 0 { value.label(label) } else { value });
    }
    values[values.len() - 1]
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn every_format_shows_the_nodes_of_random_tapes(expression in expressions()) {
        let tape = Tape::new();
        let y = recorded(&tape, &expression);
        let report = tape.report(y);
        one_model(&report);
        for (_, found) in every_format(&report) {
            swept(&tape, y, &found);
            if let Some(output) = report.output {
                adds_up(&found, output);
            }
        }
        // And those of a program of the same code, optimized, at another point.
        let there: Vec<f64> = expression.point.iter().map(|x| x * 0.9 + 0.01).collect();
        let program = Program::record(|x| expression.run(x), &expression.point);
        one_model(&program.report(&there).expect("one output"));
    }

    #[test]
    fn numbers_are_rounded_to_the_digits_asked_for(
        bits in prop::collection::vec(any::<u64>(), 1..12),
        ordinary in prop::collection::vec(-1e7..1e7_f64, 1..12),
        digits in 1..18_usize,
    ) {
        let tape = Tape::new();
        // Numbers next to the largest are rounded up beyond it.
        let any = bits.iter().map(|&bits| f64::from_bits(bits)).filter(|x| !(1e307..).contains(&x.abs()));
        let rounder = ordinary.iter().flat_map(|&x| [x, x.round(), x.round() / 100.0, x * 1e-9]);
        let x: Vec<Var> = any.chain(rounder).map(|x| tape.var(x)).collect();
        let report = tape.report(dot(&x, &x));
        let table = report.table().digits(digits).width(0).rows(0).color(false).to_string();
        let dot = report.dot().digits(digits).to_string();
        // Half a unit of the last digit, and the rounding of reading it back.
        let most = 0.5 * 10_f64.powi(1 - digits as i32) * (1.0 + 1e-9) + f64::EPSILON;
        let near = |shown: f64, x: f64| {
            let least = f64::from_bits(1);
            shown.to_bits() == x.to_bits()
                || (shown.is_nan() && x.is_nan())
                || (shown - x).abs() <= most * x.abs() + least
        };
        for found in [read_table::read(&table), read_dot::read(&dot)] {
            for (shown, node) in found.iter().zip(&report.nodes) {
                prop_assert!(near(shown.value, node.value), "{} is not {}", shown.value, node.value);
                prop_assert!(near(shown.adjoint, node.adjoint), "{shown:?} is not {node:?}");
                for ((_, shown), partial) in shown.operands.iter().zip(&node.partials) {
                    prop_assert!(near(*shown, *partial), "{} is not {}", shown, partial);
                }
            }
        }
    }
}
