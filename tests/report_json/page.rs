//! `docs/report-schema.md` shows what is written, and describes every field, and no other.

use crate::reports;
use gradtape::inspect::Report;
use gradtape::{Real, Tape, Var};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/report-schema.md")
}

fn page() -> String {
    // A checkout on Windows may have turned the line ends.
    std::fs::read_to_string(path()).expect("the page can be read").replace("\r\n", "\n")
}

/// The block of code in this language, and where it is.
fn block<'a>(page: &'a str, language: &str) -> (usize, &'a str) {
    let start = page.find(&format!("```{language}\n")).expect("a block of code");
    let start = start + language.len() + 4;
    (start, &page[start..start + page[start..].find("```").expect("its end")])
}

/// The example of the page.
fn example() -> Report {
    let tape = Tape::new();
    let [dose, w1] = [(0.5, "dose"), (3.34, "w1")].map(|(x, name)| tape.var(x).label(name));
    let height = Var::scope("blue", || (w1 * dose - 1.43).softplus());
    let report = tape.report(height.label("height")).title("one unit");
    println!("{}", report.json().pretty());
    report
}

#[test]
fn the_example_is_what_its_code_writes() {
    let mut page = page();
    for line in block(&page, "rust").1.lines() {
        assert!(
            include_str!("page.rs").contains(line),
            "the page has code that is not tested: {line}"
        );
    }
    let expected = example().json().pretty().to_string();
    if std::env::var_os("GRADTAPE_BLESS").is_some_and(|bless| bless == "1") {
        let (start, found) = block(&page, "json");
        let end = start + found.len();
        page.replace_range(start..end, &expected);
        std::fs::write(path(), &page).expect("the page can be written");
    }
    assert_eq!(
        block(&page, "json").1,
        expected,
        "docs/report-schema.md is stale: rewrite its example with `GRADTAPE_BLESS=1 cargo test --test report_json`"
    );
}

/// The names of the fields of each kind of object, under a path like `runs[].records[]`.
type Fields = BTreeMap<String, BTreeSet<String>>;

fn collect(value: &Value, path: &str, fields: &mut Fields) {
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| collect(item, &format!("{path}[]"), fields));
        }
        Value::Object(object) => {
            for (name, value) in object {
                fields.entry(path.into()).or_default().insert(name.clone());
                let path = if path == "report" { name.clone() } else { format!("{path}.{name}") };
                collect(value, &path, fields);
            }
        }
        _ => {}
    }
}

/// What is between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_page_describes_every_field_and_no_other() {
    let mut written = Fields::new();
    for (_, report) in reports::all() {
        let json: Value = serde_json::from_str(&report.json().to_string()).expect("it is JSON");
        collect(&json, "report", &mut written);
    }
    let mut described = Fields::new();
    let page = page();
    for section in page.split("\n### ").skip(1) {
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let names: BTreeSet<String> =
            rows.filter_map(|row| quoted(row).next()).map(String::from).collect();
        let heading = section.lines().next().expect("a heading");
        for object in quoted(heading) {
            let before = described.insert(object.into(), names.clone());
            assert_eq!(before, None, "{object} is described twice");
        }
    }
    assert_eq!(described.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
    for (object, names) in &written {
        assert_eq!(&described[object], names, "{object}");
    }
}
