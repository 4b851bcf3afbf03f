//! Odd input: sequences of unequal lengths, functions that rewind, labels of any text.

#[path = "common/panics.rs"]
mod panics;

use gradtape::{Tape, Var, dot, gradient, sum};
use panics::{message_of, panics_saying, says};

#[test]
fn sequences_of_unequal_lengths_are_refused_with_the_number_of_terms() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let before = tape.len();
    let words = ["2 terms", "same length", "first", "second"];
    panics_saying(&words, || dot(&x, &[1.0, 2.0]));
    panics_saying(&words, || dot(&x[..2], &x));
    panics_saying(&words, || dot(&[1.0, 2.0], &[1.0, 2.0, 3.0]));
    panics_saying(&words, || gradtape::affine(&x, &[1.0, 2.0], x[0]));
    panics_saying(&["0 terms"], || dot(&x, &[] as &[f64]));
    assert_eq!(tape.len(), before, "nothing was recorded");
    assert_eq!(dot(&x, &[1.0, 2.0, 3.0]).value(), 14.0);
}

#[test]
fn a_nested_gradient_whose_function_rewinds_the_tape_is_refused() {
    let tape = Tape::new();
    let mark = tape.mark();
    let x = tape.var(2.0);
    let rewinds = |_: &[Var]| {
        tape.rewind(mark);
        let z = tape.vars(&[3.0; 8]);
        sum(&z)
    };
    panics_saying(&["stale", "cleared or rewound"], || gradient(rewinds, &[x]));
}

#[test]
fn a_label_may_be_any_text() {
    let labels =
        ["", " ", "a\nb", "`", "\"{}\"", "{y}", "{x} + {y}", "η₁ 🦀", "#2", "w#2", "a / b"];
    for text in labels.into_iter().chain([&*"long ".repeat(1000)]) {
        let tape = Tape::new();
        let x = tape.var(f64::MAX).label(text);
        let y = tape.var(f64::MAX).label("y");
        let gradient = (x * y).backward();
        assert_eq!(gradient.by_label()[text], f64::MAX);
        assert_eq!(tape.node(0).label.as_deref(), Some(text));
        let culprit = tape.first_non_finite().expect("the product overflows");
        // What is more than a word is in quotes, so that it is read as one name.
        let name = if text.trim().is_empty() { "%0".into() } else { format!("`{text}`") };
        assert_eq!(culprit.expression, format!("{name} * y"));
        tape.clear();
        // A message is one line, whatever the label is.
        let name = text.replace('\n', "\\n");
        says(&message_of(|| x + 1.0), &[&format!("`{name}`"), "record it again"]);
    }
}

#[test]
fn huge_and_tiny_numbers_are_brief_in_messages() {
    let tape = Tape::new();
    let x = tape.var(1e300).label("x");
    let _ = x * x;
    let culprit = tape.first_non_finite().expect("the product overflows");
    assert_eq!(culprit.to_string(), "node 1: x * x = inf, where x = 1e300, x = 1e300");
    assert!(x > 2.5e-300);
    assert_eq!(tape.guards()[0].to_string(), "%0 > 2.5e-300 is true");
}

#[test]
fn repeated_labels_are_numbered_and_none_is_lost() {
    let tape = Tape::new();
    let labels = ["w", "w", "w#2", "w", "", ""];
    let x: Vec<Var> = labels.iter().map(|label| tape.var(1.0).label(label)).collect();
    let named = dot(&x, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).backward().by_label();
    let names: Vec<&str> = named.keys().map(String::as_str).collect();
    assert_eq!(names, ["w", "w#2", "w#2#2", "w#3", "", "#2"]);
    assert_eq!(named.values().copied().collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}
