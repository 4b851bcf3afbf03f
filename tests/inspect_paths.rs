//! The chain rule of a report: products along paths add up to the adjoint, and what is left out is accounted
//! for.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod blocks;
    pub mod expression;
    pub mod formula;
    pub mod naive;
}

use common::blocks::blocks;
use common::expression::expressions;
use gradtape::inspect::{Path, Report};
use gradtape::nn::{Activation, Dosage, Init, Mlp};
use gradtape::{Tape, Var, sum};
use property::config;
use proptest::prelude::*;

/// Every path from the output back to a node as its operand numbers and its product, by recursion; the
/// earlier operand first.
fn by_recursion(report: &Report, node: usize) -> Vec<(Vec<usize>, f64)> {
    fn walk(
        report: &Report,
        (at, node): (usize, usize),
        operands: &mut Vec<usize>,
        (product, is_blocked): (f64, bool),
        found: &mut Vec<(Vec<usize>, f64)>,
    ) {
        if at == node {
            found.push((operands.clone(), product));
        }
        let edges = report.nodes[at].operands.iter().zip(&report.nodes[at].partials);
        for (which, (&operand, &partial)) in edges.enumerate() {
            operands.push(which);
            // Once it is blocked it stays 0.
            let blocked = is_blocked || blocks(&report.nodes[at], partial);
            let next = if blocked { 0.0 } else { product * partial };
            walk(report, (operand, node), operands, (next, blocked), found);
            operands.pop();
        }
    }
    let mut found = Vec::new();
    if let Some(output) = report.output {
        walk(report, (output, node), &mut Vec::new(), (1.0, false), &mut found);
    }
    found
}

/// The order of a list: NaN, infinities, then by magnitude.
fn magnitude(product: f64) -> f64 {
    if product.is_nan() { f64::NAN } else { product.abs() }
}

fn operands(path: &Path) -> Vec<usize> {
    path.edges.iter().map(|edge| edge.operand).collect()
}

#[test]
fn the_paths_of_all_seven_parameters_add_up_to_the_slopes() {
    for dosage in [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()] {
        let tape = Tape::new();
        let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
        for name in Dosage::NAMES {
            let node = report.find(name).unwrap();
            let paths = report.paths(node);
            assert_eq!((paths.count, paths.listed.len()), (3.0, 3), "{name}");
            let adjoint = report.nodes[node].adjoint;
            let sum: f64 = paths.listed.iter().map(|path| path.product).sum();
            assert!((sum - adjoint).abs() <= 1e-12 * adjoint.abs().max(1.0), "{name}");
            assert_eq!((paths.adjoint, paths.agrees), (adjoint, Some(true)), "{name}");
            assert_eq!(paths.remainder, None);
        }
    }
}

#[test]
fn the_slope_of_b3_is_three_times_minus_two_residuals() {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    let paths = report.paths(report.find("b3").unwrap());
    assert_eq!(paths.adjoint, -15.655108380577747);
    // The largest residual first.
    let expected = ["1", "0.5", "0"].map(|dosage| {
        let residual = report.find(&format!("residual {dosage}")).unwrap();
        let predicted = report.find(&format!("predicted {dosage}")).unwrap();
        let nodes = vec![report.output.unwrap(), residual, predicted, paths.node];
        (nodes, -2.0 * report.nodes[residual].value)
    });
    let listed: Vec<_> =
        paths.listed.iter().map(|path| (path.nodes().collect::<Vec<_>>(), path.product)).collect();
    assert_eq!(listed, expected);
}

/// A small graph from random bytes: sums, products, powers, zeros, and values that are not finite.
fn small_graph(tape: &Tape, bytes: &[(u8, usize, usize)]) -> Var {
    let mut values = tape.vars(&[0.0, 1.5, -0.5]);
    for &(op, x, y) in bytes {
        let pick = |i: usize| values[values.len() - 1 - i % values.len().min(4)];
        let (x, y) = (pick(x), pick(y));
        values.push(match op % 12 {
            0 => x + y,
            1 => x - y,
            2 | 3 => x * y,
            4 => x * x,
            5 => sum([x, y, x]),
            6 => x * 0.0,
            7 => x.sqrt(),
            8 => x.relu(),
            9 => x / y,
            10 => x * 1e200,
            _ => x.sin(),
        });
    }
    values[values.len() - 1]
}

fn bytes() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    prop::collection::vec(any::<(u8, usize, usize)>(), 1..9)
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_whole_list_is_that_of_a_recursion(bytes in bytes()) {
        let tape = Tape::new();
        let report = tape.report(small_graph(&tape, &bytes));
        let counts = report.path_counts();
        for (node, &count) in counts.iter().enumerate() {
            let mut expected = by_recursion(&report, node);
            // A stable sort: equals stay in tape order.
            expected.sort_by(|a, b| magnitude(b.1).total_cmp(&magnitude(a.1)));
            let paths = report.paths_up_to(node, usize::MAX);
            prop_assert_eq!(count, expected.len() as f64);
            prop_assert_eq!(paths.count, count);
            prop_assert_eq!(paths.listed.len(), expected.len());
            for (path, (steps, product)) in paths.listed.iter().zip(&expected) {
                prop_assert_eq!(&operands(path), steps);
                let same = path.product.to_bits() == product.to_bits();
                prop_assert!(same || (path.product.is_nan() && product.is_nan()));
            }
        }
    }

    #[test]
    fn a_short_list_has_the_largest_products(expression in expressions(), most in 0..12_usize) {
        let tape = Tape::new();
        let values = expression.values(&tape.vars(&expression.point));
        let report = tape.report(values[values.len() - 1]);
        let counts = report.path_counts();
        for node in (0..counts.len()).filter(|&node| counts[node] <= 2000.0) {
            let mut sizes: Vec<f64> =
                by_recursion(&report, node).iter().map(|(_, product)| product.abs()).collect();
            sizes.sort_by(|a, b| b.total_cmp(a));
            let listed = report.paths_up_to(node, most).listed;
            prop_assert_eq!(listed.len(), most.min(sizes.len()));
            for (path, size) in listed.iter().zip(&sizes) {
                // The logarithms that decide are rounded: by 1e-14 of at most 100, a few dozen times.
                let both_are_nan = path.product.is_nan() && size.is_nan();
                prop_assert!(both_are_nan || (path.product.abs() - size).abs() <= 1e-12 * size);
            }
        }
    }

    #[test]
    fn what_is_listed_and_the_remainder_are_the_adjoint(expression in expressions()) {
        let tape = Tape::new();
        let values = expression.values(&tape.vars(&expression.point));
        let report = tape.report(values[values.len() - 1]);
        for node in 0..report.nodes.len() {
            for most in [0, 1, 3, 64] {
                let paths = report.paths_up_to(node, most);
                prop_assert_eq!(paths.remainder.is_some(), paths.count > most as f64);
                prop_assert_eq!(paths.agrees.is_none(), paths.remainder.is_some());
                if let Some(remainder) = paths.remainder {
                    let rounding = 2.0 * f64::EPSILON * paths.sum.abs().max(paths.adjoint.abs());
                    let off = (paths.sum + remainder - paths.adjoint).abs();
                    let is_lost = paths.sum.is_nan() || paths.adjoint.is_nan();
                    prop_assert!(off <= rounding || is_lost, "{} + {remainder}", paths.sum);
                }
                // Values and partials are at most 100 and path sums 1e4, so 64 roundings stay below.
                prop_assert_ne!(paths.agrees, Some(false), "{:?}", paths);
            }
        }
    }

    #[test]
    fn the_uses_of_a_node_add_up_to_its_adjoint(expression in expressions()) {
        let tape = Tape::new();
        let values = expression.values(&tape.vars(&expression.point));
        let report = tape.report(values[values.len() - 1]);
        for node in 0..report.nodes.len() {
            let uses = report.uses(node);
            prop_assert!(uses.iter().all(|(edge, _)| edge.node == node));
            prop_assert!(uses.is_sorted_by_key(|(edge, _)| (usize::MAX - edge.user, edge.operand)));
            if Some(node) != report.output {
                let sum: f64 = uses.iter().map(|(_, added)| added).sum();
                let largest = uses.iter().map(|(_, added)| added.abs()).fold(0.0, f64::max);
                let rounding = 1e-15 * (2 + uses.len()) as f64 * largest;
                let adjoint = report.nodes[node].adjoint;
                let both_are_nan = sum.is_nan() && adjoint.is_nan();
                prop_assert!(both_are_nan || (sum - adjoint).abs() <= rounding);
            }
        }
    }
}

#[test]
fn the_paths_of_a_net_of_twenty_layers_are_counted_and_the_largest_listed() {
    let hidden = (0..20).fold(Mlp::new(1), |net, _| net.dense(14, Activation::Tanh));
    let net = hidden.dense(1, Activation::Identity);
    let tape = Tape::new();
    let p = tape.vars(net.initialize(Init::XavierUniform, 3).as_slice());
    let x = tape.var(0.5);
    let report = tape.report(net.forward(&p, &[x])[0]);
    let paths = report.paths(x.index().unwrap());
    // One unit of each of the twenty layers.
    let count = 14f64.powi(20);
    assert!((paths.count - count).abs() <= 1e-14 * count, "{:e}", paths.count);
    assert_eq!(paths.listed.len(), 64);
    assert!(paths.listed.is_sorted_by_key(|path| std::cmp::Reverse(path.product.abs().to_bits())));
    let total = paths.sum + paths.remainder.unwrap();
    assert!((total - paths.adjoint).abs() <= 1e-15 * paths.adjoint.abs().max(paths.sum.abs()));
}

#[test]
fn each_operand_of_a_product_is_a_path() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let report = tape.report(x * x);
    let listed = report.paths(0).listed;
    let found: Vec<_> = listed.iter().map(|path| (operands(path), path.product)).collect();
    assert_eq!(found, [(vec![0], 3.0), (vec![1], 3.0)]);
}

#[test]
fn the_output_has_one_path_to_itself_and_what_is_not_connected_none() {
    let tape = Tape::new();
    let (x, z) = (tape.var(3.0), tape.var(1.0));
    let y = x.sin();
    let after = y.cos();
    let report = tape.report(y);
    let own = report.paths(y.index().unwrap());
    assert_eq!((own.count, own.sum, own.adjoint, own.agrees), (1.0, 1.0, 1.0, Some(true)));
    assert!(own.listed[0].edges.is_empty());
    for node in [z, after].map(|v| v.index().unwrap()) {
        let paths = report.paths(node);
        assert_eq!((paths.count, paths.sum, paths.agrees), (0.0, 0.0, Some(true)));
        assert!(paths.listed.is_empty());
        assert!(report.uses(node).is_empty());
    }
    // Nothing is connected to a constant.
    let nowhere = tape.report(Var::from(1.0));
    assert_eq!((nowhere.paths(0).count, nowhere.path_counts()), (0.0, vec![0.0; 4]));
    assert!(nowhere.uses(0).is_empty());
}

#[test]
fn a_zero_on_the_way_keeps_an_infinity_behind_it_from_mattering() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let blocked = tape.report(x.sqrt() * 0.0).paths(0);
    assert_eq!(
        (blocked.listed[0].product, blocked.adjoint, blocked.agrees),
        (0.0, 0.0, Some(true))
    );
    // The other way round too.
    let behind = tape.report((x * 0.0).sqrt()).paths(0);
    assert_eq!((behind.listed[0].product, behind.adjoint, behind.agrees), (0.0, 0.0, Some(true)));
    // A 0 by value does not keep it, on the path and in the sweep.
    for by_value in [x.sqrt().square(), x.square().sqrt()] {
        let not_a_number = tape.report(by_value).paths(0);
        assert!(not_a_number.listed[0].product.is_nan() && not_a_number.adjoint.is_nan());
        assert_eq!(not_a_number.agrees, Some(true));
    }
}

#[test]
fn paths_that_are_not_finite_come_first() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = sum([x * 1e300, x.sqrt(), x.square().sqrt(), x * 0.0]);
    let report = tape.report(y);
    let listed = report.paths(0).listed;
    let products: Vec<f64> = listed.iter().map(|path| path.product).collect();
    assert!(products[0].is_nan());
    assert_eq!(products[1..], [f64::INFINITY, 1e300, 0.0]);
    // Of a list cut short the first stay.
    let short = report.paths_up_to(0, 2);
    let both =
        [&short.listed[..], &listed[..2]].map(|list| list.iter().map(operands).collect::<Vec<_>>());
    assert_eq!(both[0], both[1]);
    assert!(short.remainder.unwrap().is_nan());
}

#[test]
fn a_zero_behind_an_infinity_is_looked_for_where_another_edge_is_larger() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let v = sum([x * 1.0, x.square()]);
    // Two paths are infinite, and the last is inf · 0.
    let report = tape.report(sum([x.sqrt(), v.sqrt()]));
    let first = &report.paths_up_to(0, 1).listed[0];
    assert!(first.product.is_nan());
    assert_eq!(operands(first), [1, 0, 1, 0]);
}

#[test]
fn of_equal_products_the_first_in_tape_order_are_listed() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let y = sum([x; 3]);
    let report = tape.report(sum([y; 3]));
    let listed = report.paths_up_to(0, 5).listed;
    let found: Vec<_> = listed.iter().map(operands).collect();
    assert_eq!(found, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]]);
}

#[test]
fn a_sum_that_is_not_the_adjoint_is_never_said_to_be() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    // The two infinite paths cancel at `h`, and 0 · ∞ is as little a number as ∞ - ∞.
    let h = x.sqrt();
    let infinite = tape.report(h - h).paths(0);
    assert!(infinite.sum.is_nan() && infinite.adjoint.is_nan());
    assert_eq!(infinite.agrees, Some(true));

    // Rounding alone: the order of adding decides whether 1 survives beside 3e20.
    let cancelled = tape.report((x * 3e20 + x) - x * 3e20).paths(0);
    assert_eq!((cancelled.sum, cancelled.adjoint), (1.0, 0.0));
    assert_eq!(cancelled.agrees, Some(false));
    assert!(cancelled.relative_difference() < f64::EPSILON);
}

#[test]
fn an_overflow_on_the_way_is_that_of_the_sweep() {
    let tape = Tape::new();
    let x = tape.var(1e-300);
    let y = ((x * 1e-200) * 1e200) * 1e200;
    let paths = tape.report(y).paths(0);
    assert_eq!((paths.sum, paths.adjoint), (f64::INFINITY, f64::INFINITY));
    assert_eq!(paths.agrees, Some(true));
    let y = ((x * 1e200) * 1e-200) * 1e-200;
    let paths = tape.report(y).paths(0);
    assert_eq!((paths.sum, paths.adjoint, paths.agrees), (0.0, 0.0, Some(true)));
}
