//! Every function in every mode against the reference answers of `tests/data/gradbench/`.

use super::gradbench::MODULES;
use super::gradbench::ba::{Ba, Reprojection};
use super::gradbench::input::Input;
use super::gradbench::modes::Mode;
use super::gradbench::objective::Outputs;
use super::{agrees, is_near, modes, numbers, output};
use gradtape::Var;
use gradtape::program::{Program, Workspace};
use serde_json::{Value, json};

/// Relative to each number. The suite itself asks for 1e-4.
const TOLERANCE: f64 = 1e-10;

/// Read a reference.
macro_rules! reference {
    ($name:literal) => {{
        let text = include_str!(concat!("../data/gradbench/", $name, ".json"));
        let case: Value = serde_json::from_str(text).expect("valid JSON");
        (case["input"].clone(), case["output"].clone())
    }};
}

/// Hold functions to their answers.
fn check(module: &str, input: &Value, answers: &[(&str, &Value)]) {
    for mode in modes() {
        for (function, expected) in answers {
            let found = output(module, function, input, mode);
            agrees(&format!("{module}::{function} by {mode:?}"), &found, expected, TOLERANCE);
        }
    }
}

#[test]
fn hello_squares_and_doubles() {
    let (input, expected) = reference!("hello");
    for (i, x) in numbers(&input["x"]).into_iter().enumerate() {
        let answers = [("square", &expected["square"][i]), ("double", &expected["double"][i])];
        check("hello", &json!(x), &answers);
    }
}

fn mixture((input, expected): (Value, Value)) {
    let slopes = |key: &str| expected[format!("gradbench_grad_{key}")].clone();
    let slopes =
        json!({"alpha": slopes("alpha"), "mu": slopes("mu"), "q": slopes("q"), "l": slopes("l")});
    check("gmm", &input, &[("objective", &expected["gradbench_objective"]), ("jacobian", &slopes)]);
}

#[test]
fn gmm_agrees_with_and_without_degrees_of_freedom_of_the_prior() {
    mixture(reference!("gmm_d3_k4_n25"));
    mixture(reference!("gmm_d2_k5_n1000"));
}

#[test]
fn gmm_in_one_dimension_has_empty_rows_below_the_diagonal() {
    let input = json!({"d": 1, "k": 2, "n": 2, "alpha": [0.0, 0.0], "mu": [[0.0], [1.0]],
        "q": [[0.0], [0.0]], "l": [[], []], "x": [[0.5], [0.25]], "gamma": 1.0, "m": 0});
    for mode in modes() {
        let slopes = output("gmm", "jacobian", &input, mode);
        assert_eq!(slopes["l"], json!([[], []]));
        // With equal weights the shares of a point are those of two normal distributions.
        let share = |x: f64| 1.0 / (1.0 + (((x - 1.0).powi(2) - x * x) / 2.0).exp());
        let pull = [0.5, 0.25].map(|x| (x - 1.0) * share(x)).iter().sum::<f64>();
        agrees("mu", &slopes["mu"][1], &json!([pull]), 1e-12);
    }
}

#[test]
fn lstm_agrees() {
    let (input, expected) = reference!("lstm_l2_c8");
    check(
        "lstm",
        &input,
        &[("objective", &expected["objective"]), ("jacobian", &expected["gradient"])],
    );
}

#[test]
fn ba_agrees_in_the_form_of_the_suite() {
    let (input, expected) = reference!("ba_test");
    let p = &input["p"];
    let errors = json!({
        "reproj_error": {"elements": expected["reproj_err"], "repeated": p},
        "w_err": {"element": expected["w_err"], "repeated": p},
    });
    let part = |key: &str| expected[format!("gradbench_{key}31")].clone();
    let jacobian = json!({"rows": part("rows"), "cols": part("cols"), "vals": part("vals")});
    check("ba", &input, &[("objective", &errors), ("jacobian", &jacobian)]);
}

#[test]
fn ba_has_the_whole_sparse_jacobian() {
    let (input, expected) = reference!("ba_test");
    for mode in Mode::ALL {
        let read = || Ba::read(&Input::new(&input)).expect("a good input");
        let (rows, columns) = read().structure();
        assert_eq!(json!(rows), expected["csr_rows"]);
        assert_eq!(json!(columns), expected["csr_cols"]);
        let mut values = Vec::new();
        let mut run = read().jacobian()(mode).expect("it can be prepared");
        run(&mut values).expect("it can be run");
        agrees("values", &json!(values), &expected["csr_vals"], TOLERANCE);
    }
}

#[test]
fn ba_as_one_program_has_a_plan_with_the_entries_that_are_not_zero() {
    let (input, expected) = reference!("ba_test");
    let size = |name: &str| input[name].as_u64().expect("a size") as usize;
    let (n, m, p) = (size("n"), size("m"), size("p"));
    let feature = numbers(&input["feat"]);
    let x = [
        numbers(&input["cam"]).repeat(n),
        numbers(&input["x"]).repeat(m),
        numbers(&input["w"]).repeat(p),
    ]
    .concat();
    let (points, weights) = (11 * n, 11 * n + 3 * m);
    let errors = |x: &[Var]| -> Vec<Var> {
        let projection = |i: usize| {
            let (camera, point) = (&x[11 * (i % n)..][..11], &x[points + 3 * (i % m)..][..3]);
            let feature = [feature[0].into(), feature[1].into()];
            Reprojection.values(&[camera, point, &[x[weights + i]], &feature].concat())
        };
        let of_weights = x[weights..].iter().map(|w| 1.0 - w.square());
        (0..p).flat_map(projection).chain(of_weights).collect()
    };
    let plan = Program::record(errors, &x).jacobian_plan();
    let mut values = vec![0.0; plan.pattern().nonzeros()];
    plan.evaluate(&x, &mut values, &mut Workspace::new()).expect("the recorded point");
    let [rows, columns] = ["csr_rows", "csr_cols"].map(|name| numbers(&expected[name]));
    let reference = numbers(&expected["csr_vals"]);
    for row in 0..plan.pattern().rows() {
        let entries = rows[row] as usize..rows[row + 1] as usize;
        let entries = entries.filter(|&at| reference[at] != 0.0);
        let (columns, reference): (Vec<usize>, Vec<f64>) =
            entries.map(|at| (columns[at] as usize, reference[at])).unzip();
        assert_eq!(plan.pattern().row(row), columns, "row {row}");
        let own = &values[plan.pattern().starts()[row]..plan.pattern().starts()[row + 1]];
        agrees("a row", &json!(own), &json!(reference), TOLERANCE);
    }
}

#[test]
fn ba_with_a_camera_that_is_not_turned_is_the_limit_of_those_that_are() {
    let (input, _) = reference!("ba_test");
    let turned = |angle: f64| {
        let mut input = input.clone();
        (0..3).for_each(|i| input["cam"][i] = json!(angle));
        input
    };
    for mode in modes() {
        let values = |angle| output("ba", "jacobian", &turned(angle), mode)["vals"].take();
        is_near("values", &values(0.0), &values(1e-8), 1e-6);
    }
}

#[test]
fn kmeans_agrees() {
    let (input, expected) = reference!("kmeans_k4_n30_d2");
    check("kmeans", &input, &[("cost", &expected["cost"]), ("dir", &expected["dir"])]);
}

fn value_and_gradient(module: &str, (input, expected): (Value, Value)) {
    let answers = [("primal", &expected["value"]), ("gradient", &expected["gradient"])];
    check(module, &input, &answers);
}

#[test]
fn lse_agrees_far_below_zero_and_at_ties() {
    value_and_gradient("lse", reference!("lse_neg_n4"));
    value_and_gradient("lse", reference!("lse_ties_n4"));
}

#[test]
fn llsq_agrees() {
    value_and_gradient("llsq", reference!("llsq_n5_m3"));
}

#[test]
fn det_agrees() {
    value_and_gradient("det", reference!("det_ell5"));
}

#[test]
fn ode_agrees() {
    for (input, expected) in [reference!("ode_n5_s1"), reference!("ode_n5_s4")] {
        let answers =
            [("primal", &expected["primal"]), ("gradient", &expected["gradient_of_last"])];
        check("ode", &input, &answers);
    }
}

#[test]
fn particle_and_saddle_agree_in_all_four_combinations_of_modes() {
    let (_, expected) = reference!("particle");
    for function in ["ff", "fr", "rf", "rr"] {
        let found = output("particle", function, &json!({"w": 0.0}), None);
        agrees(function, &found, &expected["argmin_w"], TOLERANCE);
    }
    let (input, expected) = reference!("saddle");
    for function in ["ff", "fr", "rf", "rr"] {
        let found = output("saddle", function, &input, None);
        agrees(function, &found, &expected["output"], TOLERANCE);
    }
}

#[test]
fn what_the_readme_promises_is_what_the_tool_has() {
    let names = MODULES.map(|module| module.name);
    let evals = include_str!("../../examples/gradbench/evals.txt");
    assert_eq!(evals.lines().collect::<Vec<_>>(), names);
    assert!(names.is_sorted());
    let readme = include_str!("../../examples/gradbench/README.md");
    for module in MODULES {
        for (function, mode, _) in module.functions {
            let row = format!("| `{}` | `{function}` | {} |", module.name, mode.name());
            // The four letters of the nested ones share a row.
            let shared = format!("| `{}` | `ff` `fr` `rf` `rr` | - |", module.name);
            assert!(readme.contains(&row) || readme.contains(&shared), "no row {row}");
        }
    }
    assert!(readme.contains("GRADTAPE_MODE"));
    let dockerfile = include_str!("../../examples/gradbench/Dockerfile");
    let label = "LABEL org.opencontainers.image.source=https://github.com/gradbench/gradbench";
    assert_eq!(dockerfile.lines().last(), Some(label));
    assert!(!dockerfile.contains("native"));
    let version = env!("CARGO_PKG_VERSION");
    assert!(dockerfile.contains(&format!("ARG TAG=v{version}\n")), "the tag is not v{version}");
}
