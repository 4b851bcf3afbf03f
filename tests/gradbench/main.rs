//! The tool for GradBench, `examples/gradbench/`: every module in every mode against reference answers that were
//! computed elsewhere, and the protocol against whatever a line may hold.

#[allow(dead_code, reason = "what only the process needs")]
#[path = "../../examples/gradbench/main.rs"]
mod gradbench;
#[path = "../common/seed.rs"]
mod seed;

mod answers;
mod disturbed;
mod hand;
mod hand_formulas;
mod inputs;
mod lines;
mod process;

use gradbench::modes::Mode;
use gradbench::protocol;
use serde_json::{Value, json};

/// All modes, and the one that each function has for itself.
fn modes() -> [Option<Mode>; 4] {
    let [a, b, c] = Mode::ALL.map(Some);
    [None, a, b, c]
}

/// Answer a line.
fn answer(line: &str, mode: Option<Mode>) -> Value {
    let answer = protocol::answer(line.as_bytes(), mode);
    assert!(!answer.contains('\n'), "an answer is one line: {answer}");
    serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// Ask for a function, and return the whole answer.
fn asked(module: &str, function: &str, input: &Value, mode: Option<Mode>) -> Value {
    let message = json!({"id": 7, "kind": "evaluate", "module": module, "function": function, "input": input});
    answer(&message.to_string(), mode)
}

/// Ask for a function, and return its output.
fn output(module: &str, function: &str, input: &Value, mode: Option<Mode>) -> Value {
    let mut answer = asked(module, function, input, mode);
    assert_eq!(answer["success"], true, "{module}::{function} by {mode:?}: {answer}");
    answer["output"].take()
}

/// Compare an output with its reference: each number relative to itself, and all the rest exactly.
fn agrees(what: &str, found: &Value, expected: &Value, tolerance: f64) {
    if let (Value::Object(found), Value::Object(expected)) = (found, expected) {
        assert!(found.keys().eq(expected.keys()), "{what}: {found:?} is not {expected:?}");
        for (key, expected) in expected {
            agrees(&format!("{what}.{key}"), &found[key], expected, tolerance);
        }
        return;
    }
    assert_eq!(shape(found), shape(expected), "{what}");
    for (i, (a, b)) in numbers(found).into_iter().zip(numbers(expected)).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs(), "{what}, number {i}: {a} is not {b}");
    }
}

/// Compare with what is itself not exact: numbers relative to the largest.
fn is_near(what: &str, found: &Value, expected: &Value, tolerance: f64) {
    assert_eq!(shape(found), shape(expected), "{what}");
    let (found, expected) = (numbers(found), numbers(expected));
    let scale = expected.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    for (i, (a, b)) in found.iter().zip(&expected).enumerate() {
        assert!((a - b).abs() <= tolerance * scale, "{what}, number {i}: {a} is not {b}");
    }
}

/// How lists stand in each other: a text of brackets and dots.
fn shape(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(shape).collect::<String>()),
        _ => ".".to_string(),
    }
}

/// All numbers of a nested list, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap_or_else(|| panic!("{number} is no number"))],
    }
}
