//! What a listing costs, counted in beginnings of paths that were looked at.

use super::search::Search;
use crate::{Tape, Var, sum};

const LAYERS: usize = 20;
const UNITS: usize = 14;
const MOST: usize = 64;

/// List paths through layers in which every unit takes all units of the layer before, times `weight(i, j)`.
#[track_caller]
fn costs_no_more_than_its_length(weight: impl Fn(usize, usize) -> f64) {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let mut units = vec![x; UNITS];
    for _ in 0..LAYERS {
        let unit = |j: usize| sum(units.iter().enumerate().map(|(i, &unit)| unit * weight(i, j)));
        let next: Vec<Var> = (0..UNITS).map(unit).collect();
        units = next;
    }
    let report = tape.report(sum(units));
    assert!(report.path_counts()[0] > 1e23);
    let mut search = Search::new(&report.nodes, report.output.unwrap(), 0);
    // The output, then a sum and a product a layer, and the leaf.
    let nodes = 1 + 2 * LAYERS + 1;
    let steps = (0..MOST * nodes).filter_map(|_| search.step());
    let found = steps.flatten().take(MOST).count();
    assert_eq!(found, MOST, "paths in {} steps", MOST * nodes);
}

#[test]
fn products_that_are_equal_to_the_bit_cost_their_length() {
    for weight in [1.0, 0.5, -0.3, 0.0, f64::NAN, f64::INFINITY, 1e-300, 1e300] {
        costs_no_more_than_its_length(|_, _| weight);
    }
}

#[test]
fn products_that_are_equal_up_to_rounding_cost_their_length() {
    // Along a path the factors cancel: all products are that of the ends.
    let scale = |i: usize| 1.0 + 0.1 * (i as f64).sin();
    costs_no_more_than_its_length(|i, j| scale(i) / scale(j));
}

#[test]
fn products_that_differ_and_mixtures_of_special_ones_cost_their_length() {
    costs_no_more_than_its_length(|i, j| ((3 * i + 5 * j) as f64).cos());
    let special = [0.0, 1.0, f64::NAN, f64::NEG_INFINITY, -2.0, 1e-200, 1e200];
    costs_no_more_than_its_length(|i, j| special[(i * 5 + j) % special.len()]);
    // One unit is never reached by anything but zeros.
    costs_no_more_than_its_length(|_, j| if j == 3 { 0.0 } else { 1.0 });
}
