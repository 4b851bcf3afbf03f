//! The same tape gives the same bytes: again, from another thread, and in another process.

use super::{Three, wild};
use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use gradtape::{Tape, Var, custom};
use std::process::Command;

/// Set in the process that only prints.
const PRINTING: &str = "GRADTAPE_TEST_PRINTS_FORMATS";
/// Stands before each line that it prints.
const MARK: &str = "format: ";

/// Every format of a report.
fn formats(report: &Report) -> Vec<(&'static str, String)> {
    let mut formats = vec![
        ("table", report.table().color(false).rows(0).to_string()),
        ("DOT", report.dot().to_string()),
        ("SVG", report.svg().to_string()),
        ("JSON", report.json().to_string()),
        ("HTML", report.html().to_string()),
        ("findings", report.findings.iter().map(|finding| format!("{finding}\n")).collect()),
    ];
    formats.extend(report.mermaid().ok().map(|mermaid| ("Mermaid", mermaid.to_string())));
    let explained = (0..report.nodes.len()).map(|i| report.explain_node(i).to_string());
    formats.push(("explain", explained.collect()));
    formats
}

/// Tapes with something of everything, recorded afresh.
fn recorded() -> Vec<(&'static str, String)> {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    let mut all = formats(&tape.report(ssr).title("dosage"));
    let tape = Tape::new();
    let genes: Vec<_> = (0..60).map(|i: u8| (i, usize::from(i) * 7, usize::from(i) * 13)).collect();
    let values = wild(&tape, &genes);
    let outer = tape.scope("outer");
    let three = custom(Three("three"), &values[..2]);
    let y: Var = values.iter().chain(&three).map(|value| value.label("repeated")).sum();
    let _outcome = y < 1.0;
    drop(outer);
    all.extend(formats(&tape.report(y.sqrt() / (y * 0.0))));
    all
}

/// FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[test]
fn every_format_is_the_same_again_and_from_another_thread() {
    let first = recorded();
    let others = [recorded(), std::thread::spawn(recorded).join().expect("it records")];
    for other in others {
        for ((format, text), (_, again)) in first.iter().zip(&other) {
            assert!(text == again, "{format} is not the same again");
        }
        assert_eq!(first.len(), other.len());
    }
}

#[test]
fn every_format_is_the_same_in_another_process() {
    let lines: Vec<String> =
        recorded().iter().map(|(name, text)| format!("{MARK}{name} {:x}", hash(text))).collect();
    if std::env::var_os(PRINTING).is_some() {
        return println!("\n{}", lines.join("\n"));
    }
    let this = std::env::current_exe().expect("the path of this program");
    let name = "stable::every_format_is_the_same_in_another_process";
    let output = Command::new(this)
        .args(["--exact", name, "--nocapture"])
        .env(PRINTING, "1")
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let printed: Vec<&str> = text.lines().filter(|line| line.starts_with(MARK)).collect();
    assert_eq!(printed, lines);
}
