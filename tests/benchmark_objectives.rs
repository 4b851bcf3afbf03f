//! What the benchmarks time is the function it claims to be: against published values, written both
//! ways, on plain `f64`, on the tape, and as a program over rows.

#[allow(dead_code, reason = "the benchmarks use the rest")]
#[path = "../benches/common/workloads/mod.rs"]
mod workloads;

use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::value_and_gradient;
use serde_json::Value;
use workloads::{
    NaryObjective, Objective, chain::Chain, dosage::Dosage, gmm::Gmm, rosenbrock::Rosenbrock,
};

/// Of a derivative, relative to the largest entry of the gradient.
const TOLERANCE: f64 = 1e-10;

fn is_close(what: &str, found: f64, expected: f64, scale: f64) {
    assert!((found - expected).abs() <= TOLERANCE * scale, "{what}: {found} is not {expected}");
}

fn agrees(what: &str, found: (f64, Vec<f64>), value: f64, gradient: &[f64]) {
    let scale = gradient.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    is_close(what, found.0, value, value.abs());
    assert_eq!(found.1.len(), gradient.len());
    found.1.iter().zip(gradient).for_each(|(&a, &b)| is_close(what, a, b, scale));
}

/// All numbers of a nested array, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().expect("a number")],
    }
}

fn gmm_agrees_with(reference: &str) {
    let case: Value = serde_json::from_str(reference).expect("valid JSON");
    let (input, output) = (&case["input"], &case["output"]);
    let size = |key: &str| input[key].as_u64().expect("a size") as usize;
    let gamma = numbers(&input["gamma"])[0];
    let gmm = Gmm::new(size("d"), size("k"), numbers(&input["x"]), gamma, size("m"));
    let names = ["alpha", "mu", "q", "l"];
    let at: Vec<f64> = names.iter().flat_map(|name| numbers(&input[name])).collect();
    let key = |name: &&str| numbers(&output[format!("gradbench_grad_{name}")]);
    let gradient: Vec<f64> = names.iter().flat_map(key).collect();
    let value = numbers(&output["gradbench_objective"])[0];

    is_close("f64", gmm.eval(&at), value, value.abs());
    is_close("f64, dot/sum", gmm.eval_nary(&at), value, value.abs());
    agrees("plain", value_and_gradient(|x| gmm.eval(x), &at), value, &gradient);
    agrees("dot/sum", value_and_gradient(|x| gmm.eval_nary(x), &at), value, &gradient);

    // A row a point: the objective is the sum over all.
    let points = Rows::row_major(gmm.data(), size("d")).expect("whole points");
    // Recorded elsewhere: there is no branch, so any parameters and any point will do.
    let (elsewhere, point) = (vec![0.5; at.len()], vec![0.25; size("d")]);
    let program = RowProgram::record(|p, x| gmm.eval_row(p, x), &elsewhere, &point);
    let mut slopes = vec![0.0; at.len()];
    let mut workspace = Workspace::new();
    let sum = program.sum(&at, points, &mut workspace).expect("no branch");
    let total = program.sum_and_gradient(&at, points, &mut slopes, &mut workspace);
    is_close("rows", sum, value, value.abs());
    agrees("rows", (total.expect("no branch"), slopes), value, &gradient);
}

#[test]
fn the_mixture_agrees_with_gradbench_with_a_wishart_prior() {
    gmm_agrees_with(include_str!("data/gradbench/gmm_d3_k4_n25.json"));
}

#[test]
fn the_mixture_agrees_with_gradbench_on_its_default_instance() {
    gmm_agrees_with(include_str!("data/gradbench/gmm_d2_k5_n1000.json"));
}

#[test]
fn the_dosage_loss_has_the_published_slopes() {
    let slopes = [
        0.7609437196206793,
        0.9672858439713443,
        0.33227637742329064,
        0.7322256677431088,
        7.142314400495206,
        1.487280551851953,
        3.459454412242783,
    ];
    let at = Dosage::start();
    let value = 1.8958781559227895;
    agrees("plain", value_and_gradient(|x| Dosage.eval(x), &at), value, &slopes);
    agrees("dot/sum", value_and_gradient(|x| Dosage.eval_nary(x), &at), value, &slopes);
}

#[test]
fn rosenbrock_and_the_chain_have_their_textbook_gradients() {
    let found = value_and_gradient(|x| Rosenbrock.eval(x), &[-1.2, 1.0][..]);
    agrees("rosenbrock", found, 24.2, &[-215.6, -88.0]);

    // y = a Σ rⁱ for i in 0..=n.
    let (at, n) = (Chain::start(), Chain::STEPS as i32);
    let (a, r) = (at[0], at[1]);
    let series: f64 = (0..=n).map(|i| r.powi(i)).sum();
    let slope: f64 = (1..=n).map(|i| f64::from(i) * r.powi(i - 1)).sum();
    let found = value_and_gradient(|x| Chain.eval(x), &at);
    agrees("chain", found, a * series, &[series, a * slope]);
}
