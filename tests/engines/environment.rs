//! The environment variable, each time in a process of its own: it is read once.

use super::{dosage, rows, wide};
use gradtape::nn::Dosage;
use gradtape::program::{Engine, Workspace};
use std::process::Command;

/// What the children print.
#[test]
#[ignore = "run by the tests below"]
fn child() {
    let (program, mut workspace) = (dosage(), Workspace::new());
    let sum = program.sum(&Dosage::details_2().start, rows(&[0.5, 1.0], 2), &mut workspace);
    let forced = Workspace::new().with_engine(Engine::Interpreter);
    println!("engine {}, forced {}", workspace.engine(), forced.engine());
    println!("sum {:x}", sum.expect("no guards").to_bits());
    println!("{}", program.stats(&workspace));
}

/// The output of a child, with the variable or without.
fn with(word: Option<&str>) -> String {
    let mut child = Command::new(std::env::current_exe().expect("a test is a program"));
    child.args(["--ignored", "--exact", "environment::child", "--nocapture"]);
    match word {
        Some(word) => child.env("GRADTAPE_ENGINE", word),
        None => child.env_remove("GRADTAPE_ENGINE"),
    };
    let output = child.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn assert_says(word: Option<&str>, expected: &[&str]) {
    let text = with(word);
    expected
        .iter()
        .for_each(|part| assert!(text.contains(part), "{word:?}: no {part:?} in\n{text}"));
}

#[test]
fn the_variable_names_the_engine_of_a_workspace_that_names_none() {
    assert_says(Some("interpreter"), &["engine interpreter, forced interpreter", ": asked for"]);
    assert_says(Some("native"), &["engine native, forced interpreter"]);
    assert_says(Some("auto"), &["engine auto, forced interpreter"]);
    for nothing in [None, Some("")] {
        assert_says(nothing, &["engine auto"]);
        assert!(!with(nothing).contains("GRADTAPE_ENGINE"));
    }
    if let Some(isa) = wide().last() {
        assert_says(Some("native"), &[&format!("native, {isa}, ")]);
        assert_says(Some("auto"), &["sum               interpreter", "1 of 512 blocks"]);
    }
}

#[test]
fn an_unknown_word_counts_as_auto_and_the_statistics_say_so() {
    for word in ["turbo", "Native", "native "] {
        let warning = format!(
            "GRADTAPE_ENGINE: {word:?} is none of auto, interpreter and native; auto is used"
        );
        assert_says(Some(word), &["engine auto, forced interpreter", &warning]);
    }
}

#[test]
fn the_numbers_do_not_depend_on_the_variable() {
    let sum = |word| {
        let text = with(word);
        text.lines().find(|line| line.starts_with("sum ")).expect("a sum").to_string()
    };
    assert!(["auto", "interpreter", "native"].into_iter().all(|word| sum(Some(word)) == sum(None)));
}
