//! What is written, as a reader sees it that knows nothing of ours: `serde_json` alone.

use crate::numeric::same_bits;
use crate::reports::{self, HOSTILE};
use gradtape::inspect::Report;
use gradtape::op::Op;
use gradtape::{Tape, nn::Dosage};
use serde_json::Value;
use std::collections::HashSet;

fn parsed(report: &Report) -> Value {
    serde_json::from_str(&report.json().to_string()).expect("it is JSON")
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        // `parse` knows NaN, inf and -inf.
        Some(text) => text.parse().expect("a number that is not finite"),
        None => value.as_f64().expect("a number"),
    }
}

#[test]
fn another_reader_finds_the_ids_values_and_adjoints_of_the_sweep_to_the_bit() {
    let tape = Tape::new();
    let dosage = Dosage::details_2();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    let gradient = tape.backward(&[(ssr, 1.0)]);
    let json = parsed(&tape.report(ssr));
    let nodes = json["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), tape.len());
    assert_eq!(json["output"].as_u64(), ssr.index().map(|i| i as u64));
    for (i, node) in nodes.iter().enumerate() {
        let variable = tape.var_at(i);
        assert_eq!(node["id"].as_u64(), Some(i as u64));
        assert_eq!(number(&node["value"]).to_bits(), variable.value().to_bits());
        assert_eq!(number(&node["adjoint"]).to_bits(), gradient.wrt(variable).to_bits());
        assert_eq!(node["label"].as_str(), tape.node(i).label.as_deref());
    }
}

#[test]
fn another_reader_finds_every_number_and_name_of_a_node() {
    for (name, report) in reports::all() {
        let json = parsed(&report);
        let nodes = json["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), report.nodes.len(), "{name}");
        for (found, node) in nodes.iter().zip(&report.nodes) {
            assert_eq!(found["op"], node.op.info().name, "{name}");
            let own = (node.op == Op::Custom).then_some(&*node.name);
            assert_eq!(found["name"].as_str(), own, "{name}");
            assert_eq!(found["label"].as_str(), node.label.as_deref(), "{name}");
            assert_eq!(found["scope"].as_u64(), node.scope.map(|i| i as u64), "{name}");
            let indices: Vec<u64> = node.operands.iter().map(|&i| i as u64).collect();
            assert_eq!(found["operands"], Value::from(indices), "{name}");
            for (field, numbers) in [
                ("value", &[node.value][..]),
                ("adjoint", &[node.adjoint]),
                ("partials", &node.partials),
                ("constants", &node.constants),
            ] {
                let found = match &found[field] {
                    Value::Array(items) => items.iter().map(number).collect(),
                    one => vec![number(one)],
                };
                assert_eq!(found.len(), numbers.len(), "{name}, {field}");
                let all_same = found.iter().zip(numbers).all(|(&a, &b)| same_bits(a, b));
                assert!(all_same, "{name}, {field}: {found:?}, not {numbers:?}");
            }
        }
    }
}

#[test]
fn the_report_of_every_operation_has_every_operation() {
    let found: HashSet<Op> = reports::every_op().nodes.iter().map(|node| node.op).collect();
    let missing: Vec<&Op> = Op::ALL.iter().filter(|op| !found.contains(op)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn nothing_that_is_written_ends_a_script_or_a_line_of_one() {
    for report in [reports::hostile(), reports::customs()] {
        for text in [report.json().to_string(), report.json().pretty().to_string()] {
            let bad = |c: char| {
                "<>&\u{7f}\u{85}\u{2028}\u{2029}".contains(c) || (c.is_control() && c != '\n')
            };
            assert!(!text.contains(bad), "{text}");
        }
        assert!(!report.json().to_string().contains('\n'));
    }
    // And nothing is lost by it.
    let json = parsed(&reports::hostile());
    let labels: Vec<&str> = json["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["label"].as_str())
        .collect();
    assert_eq!(labels, HOSTILE);
}

#[test]
fn what_is_pretty_says_the_same() {
    for (name, report) in reports::all() {
        let pretty = report.json().pretty().to_string();
        let value: Value = serde_json::from_str(&pretty).expect("it is JSON");
        assert_eq!(value, parsed(&report), "{name}");
        let lines_of_nodes = pretty.lines().filter(|line| line.starts_with("    {\"id\":")).count();
        assert_eq!(lines_of_nodes, report.nodes.len(), "{name}: one line a node");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for ((name, one), (_, other)) in reports::all().into_iter().zip(reports::all()) {
        assert_eq!(one.json().to_string(), other.json().to_string(), "{name}");
    }
}

#[test]
fn histories_are_whole_unless_asked_to_be_thinned() {
    let report = reports::runs();
    let records = |json: &Value| -> Vec<usize> {
        let runs = json["runs"].as_array().unwrap();
        runs.iter().map(|run| run["records"].as_array().unwrap().len()).collect()
    };
    let whole: Vec<usize> = report.runs.iter().map(|run| run.records.len()).collect();
    assert_eq!((whole[0], whole[2]), (21, 121));
    assert_eq!(records(&parsed(&report)), whole);
    let thinned: Value = serde_json::from_str(&report.json().thinned(60).to_string()).unwrap();
    assert!(records(&thinned).iter().all(|&n| n <= 60), "{:?}", records(&thinned));
    let runs = thinned["runs"].as_array().unwrap();
    let from: Vec<_> = runs.iter().map(|run| run["thinned_from"].as_u64()).collect();
    assert_eq!(from, [None, Some(121), Some(121), None, None]);
    // The end of the descent and what there are curves for are still there.
    let last = runs[2]["records"].as_array().unwrap().last().unwrap();
    assert_eq!(last["step"], 120);
    assert_eq!(runs[2]["frames"].as_array().unwrap().len(), report.runs[2].frames.len());
}

#[test]
fn zeros_keep_their_sign_in_readers_that_tell_integers_from_numbers() {
    let tape = Tape::new();
    let text = tape.report(tape.var(-0.0)).json().to_string();
    assert!(text.contains("\"value\":-0.0,"), "{text}");
}
