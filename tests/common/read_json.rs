//! A reader of the JSON of a report, by `serde_json` alone.

#![allow(dead_code, reason = "each test uses its part")]

use super::shown::Shown;
use gradtape::Reach;
use serde_json::Value;

/// A number, or the text that stands for one that is not finite.
#[track_caller]
pub fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => match &**text {
            "NaN" => f64::NAN,
            "inf" => f64::INFINITY,
            "-inf" => f64::NEG_INFINITY,
            other => panic!("\"{other}\" is no number"),
        },
        value => value.as_f64().unwrap_or_else(|| panic!("{value} is no number")),
    }
}

pub fn index(value: &Value) -> usize {
    value.as_u64().expect("an index") as usize
}

/// The nodes of a report.
#[track_caller]
pub fn read(text: &str) -> Vec<Shown> {
    let report: Value = serde_json::from_str(text).expect("it is JSON");
    let nodes = report["nodes"].as_array().expect("a list of nodes");
    nodes.iter().map(node).collect()
}

#[track_caller]
fn node(node: &Value) -> Shown {
    let list = |name: &str| node[name].as_array().expect("a list").iter();
    assert_eq!(list("operands").len(), list("partials").len(), "one partial an operand");
    Shown {
        index: index(&node["id"]),
        label: node["label"].as_str().map(str::to_string),
        value: number(&node["value"]),
        adjoint: number(&node["adjoint"]),
        reach: match node["reach"].as_str() {
            Some("connected") => Reach::Connected,
            Some("blocked") => Reach::Blocked,
            Some("at-kink") => Reach::AtKink,
            Some("not-connected") => Reach::NotConnected,
            other => panic!("{other:?} is no reach"),
        },
        operands: list("operands").map(index).zip(list("partials").map(number)).collect(),
    }
}
