//! A variable that is computed and not used is a mistake that the compiler reports; a label is not.

#![deny(unused_must_use)]

use gradtape::{Real, Tape};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn a_label_may_stand_as_a_statement() {
    fn generic<S: Real>(x: S) {
        x.label("generic");
    }
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    x[0].label("a");
    Real::label(x[1], "b");
    generic(x[2]);
    let labels: Vec<Option<String>> = tape.nodes().map(|node| node.label).collect();
    assert_eq!(labels, ["a", "b", "generic"].map(|label| Some(label.to_string())));
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the source is there") {
        let path = entry.expect("it can be listed").path();
        match path.is_dir() {
            true => sources(&path, into),
            false => into.push(path),
        }
    }
}

#[test]
fn every_function_that_returns_a_variable_must_have_its_result_used() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("source is text");
        let (mut attributes, mut signature) = (String::new(), String::new());
        for line in text.lines().map(str::trim) {
            if line.starts_with("pub fn ") || line.starts_with("pub const fn ") {
                signature = line.to_string();
            } else if !signature.is_empty() {
                signature += line;
            } else if line.starts_with("#[") {
                attributes += line;
            } else if !line.starts_with("///") {
                attributes.clear();
            }
            if !signature.is_empty()
                && (line.ends_with('{') || line.ends_with(',') && line.starts_with("where"))
            {
                let result =
                    signature.rsplit("->").next().unwrap_or_default().trim_start().to_string();
                let is_variable = ["Var {", "(Var, Var) {", "Vec<Var> {", "ScalarOf<"];
                if is_variable.iter().any(|start| result.starts_with(start)) {
                    found += 1;
                    let may_stand = signature.contains("fn label(");
                    let what = format!("{}: {signature}", file.display());
                    assert_ne!(attributes.contains("#[must_use"), may_stand, "{what}");
                }
                (attributes, signature) = (String::new(), String::new());
            }
        }
    }
    assert!(found > 15, "{found} functions: has their form changed?");
}
