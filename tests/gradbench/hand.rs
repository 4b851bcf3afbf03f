//! `ht` on hands made here: values against the formulas of the suite, derivatives against dual numbers and differences.

use super::gradbench::modes::Mode;
use super::hand_formulas::{BONES, by_differences, by_duals, hand, parameters, reference};
use super::seed::random;
use super::{agrees, is_near, modes, output};
use serde_json::{Value, json};

fn check(input: &Value) {
    let (theta, places) = parameters(input);
    let errors = json!(reference::<f64>(input, &theta, &places));
    let duals = by_duals(input);
    is_near("duals", &duals, &by_differences(input), 1e-8);
    for mode in modes() {
        is_near("objective", &output("ht", "objective", input, mode), &errors, 1e-13);
        is_near("jacobian", &output("ht", "jacobian", input, mode), &duals, 1e-12);
    }
}

#[test]
fn points_on_vertices_have_26_columns() {
    let input = hand(&mut random(2), BONES, 5, false, false);
    check(&input);
    let found = output("ht", "jacobian", &input, Some(Mode::Program));
    assert_eq!(
        (found.as_array().map(Vec::len), found[0].as_array().map(Vec::len)),
        (Some(15), Some(26))
    );
}

#[test]
fn points_in_triangles_have_28_columns() {
    let input = hand(&mut random(3), BONES, 5, true, false);
    check(&input);
    let found = output("ht", "jacobian", &input, Some(Mode::Program));
    assert_eq!(
        (found.as_array().map(Vec::len), found[0].as_array().map(Vec::len)),
        (Some(15), Some(28))
    );
}

#[test]
fn a_hand_may_be_mirrored_and_have_fewer_bones() {
    check(&hand(&mut random(4), 7, 4, true, true));
    check(&hand(&mut random(5), 1, 2, false, true));
}

#[test]
fn a_hand_that_is_not_turned_is_not_moved_by_the_turn() {
    let mut input = hand(&mut random(6), 9, 3, false, false);
    for i in 0..3 {
        input["theta"][i] = json!(0.0);
    }
    for mode in modes() {
        let found = output("ht", "jacobian", &input, mode);
        let duals = by_duals(&input);
        for row in 0..9 {
            // By the suite's convention, beside 0 too.
            (0..3).for_each(|column| assert_eq!(found[row][column], 0.0));
            let rest = |matrix: &Value| json!(super::numbers(&matrix[row])[3..].to_vec());
            is_near("the rest", &rest(&found), &rest(&duals), 1e-12);
        }
    }
    agrees(
        "translation",
        &json!(output("ht", "jacobian", &input, None)[0][3]),
        &json!(-1.0),
        1e-14,
    );
}

#[test]
fn a_hand_that_does_not_hang_together_is_refused() {
    let good = hand(&mut random(7), 4, 2, true, false);
    let model = "/data/model";
    let changes = [
        (format!("{model}/parents/0"), json!(0), "parents[0] must be -1"),
        (format!("{model}/parents/1"), json!(1), "parents[1] is 1"),
        (format!("{model}/parents/1"), json!(-2), "parents[1] is -2"),
        (format!("{model}/base_relatives/0/3"), json!([0, 0, 1, 1]), "give 0, 0, 0, 1"),
        (
            format!("{model}/base_positions/2"),
            json!([1, 2, 3]),
            "base_positions[2] has 3 numbers: give 4",
        ),
        ("/data/correspondences/0".to_string(), json!(1000), "correspondences[0] is 1000"),
        ("/data/correspondences/0".to_string(), json!(-1), "correspondences[0] is -1"),
        ("/theta".to_string(), json!([1.0]), "theta has 1 numbers: give 26"),
    ];
    for (path, value, why) in changes {
        let mut input = good.clone();
        *input.pointer_mut(&path).expect("it is there") = value;
        let answer = super::asked("ht", "jacobian", &input, None);
        assert_eq!(answer["success"], false, "{path}");
        assert!(
            answer["error"].as_str().is_some_and(|error| error.contains(why)),
            "{path}: {answer}"
        );
    }
}
