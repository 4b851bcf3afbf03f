//! What the benchmarks time is the function it claims to be: against published values, written both
//! ways, on plain `f64`, on the tape, and as a program over rows.

#[allow(dead_code, reason = "the benchmarks use the rest")]
#[path = "../benches/common/workloads/mod.rs"]
mod workloads;

use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::value_and_gradient;
use serde_json::Value;
use workloads::{
    NaryObjective, Objective, chain::Chain, det::Det, dosage::Dosage, gmm::Gmm, kmeans::KMeans,
    llsq::Llsq, lse::Lse, lstm::Lstm, ode::Ode, rosenbrock::Rosenbrock,
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

/// Input and output of a reference.
macro_rules! reference {
    ($name:literal) => {{
        let text = include_str!(concat!("data/gradbench/", $name, ".json"));
        let case: Value = serde_json::from_str(text).expect("valid JSON");
        (case["input"].clone(), case["output"].clone())
    }};
}

/// Holds an objective to its value and gradient, written both ways, on plain `f64` and on the tape.
fn both_agree(f: &(impl Objective + NaryObjective), at: &[f64], value: f64, gradient: &[f64]) {
    is_close("f64", f.eval(at), value, value.abs());
    is_close("f64, dot/sum", f.eval_nary(at), value, value.abs());
    agrees("plain", value_and_gradient(|x| f.eval(x), at), value, gradient);
    agrees("dot/sum", value_and_gradient(|x| f.eval_nary(x), at), value, gradient);
}

fn gmm_agrees_with((input, output): (Value, Value)) {
    let size = |key: &str| input[key].as_u64().expect("a size") as usize;
    let gamma = numbers(&input["gamma"])[0];
    let gmm = Gmm::new(size("d"), size("k"), numbers(&input["x"]), gamma, size("m"));
    let names = ["alpha", "mu", "q", "l"];
    let at: Vec<f64> = names.iter().flat_map(|name| numbers(&input[name])).collect();
    let key = |name: &&str| numbers(&output[format!("gradbench_grad_{name}")]);
    let gradient: Vec<f64> = names.iter().flat_map(key).collect();
    let value = numbers(&output["gradbench_objective"])[0];

    both_agree(&gmm, &at, value, &gradient);

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
    gmm_agrees_with(reference!("gmm_d3_k4_n25"));
}

#[test]
fn the_mixture_agrees_with_gradbench_on_its_default_instance() {
    gmm_agrees_with(reference!("gmm_d2_k5_n1000"));
}

#[test]
fn the_recurrent_network_agrees_with_gradbench() {
    let (input, output) = reference!("lstm_l2_c8");
    let lstm = Lstm::new(14, numbers(&input["state"]), numbers(&input["sequence"]));
    let at = [numbers(&input["main_params"]), numbers(&input["extra_params"])].concat();
    both_agree(&lstm, &at, numbers(&output["objective"])[0], &numbers(&output["gradient"]));
}

#[test]
fn the_differential_equation_agrees_with_gradbench() {
    for (steps, (input, output)) in [(1, reference!("ode_n5_s1")), (4, reference!("ode_n5_s4"))] {
        let value = *numbers(&output["primal"]).last().expect("a component");
        let gradient = numbers(&output["gradient_of_last"]);
        both_agree(&Ode { steps }, &numbers(&input["x"]), value, &gradient);
    }
}

#[test]
fn exponentials_least_squares_and_determinants_agree_with_gradbench() {
    fn check(f: &(impl Objective + NaryObjective), at: &Value, output: &Value) {
        both_agree(f, &numbers(at), numbers(&output["value"])[0], &numbers(&output["gradient"]));
    }
    for (input, output) in [reference!("lse_neg_n4"), reference!("lse_ties_n4")] {
        check(&Lse, &input["x"], &output);
    }
    let (input, output) = reference!("llsq_n5_m3");
    check(&Llsq::new(5, 3), &input["x"], &output);
    let (input, output) = reference!("det_ell5");
    check(&Det(5), &input["A"], &output);
}

#[test]
fn the_clusters_agree_with_gradbench() {
    let (input, output) = reference!("kmeans_k4_n30_d2");
    let kmeans = KMeans::new(2, numbers(&input["points"]));
    let gradient = numbers(&output["grad_centroids"]);
    both_agree(&kmeans, &numbers(&input["centroids"]), numbers(&output["cost"])[0], &gradient);
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
    both_agree(&Dosage, &at, value, &slopes);
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
