//! What is wrong with an expression, with a caret under the place and what to write instead.

use crate::run::refused;

/// Every message, by the text that it is about. The values are `x=1` and `y=2`, as far as they occur.
const MESSAGES: &str = include_str!("errors.txt");

#[test]
fn every_mistake_is_shown_where_it_is() {
    let mut shown = String::new();
    for case in MESSAGES.split("\n\n").filter(|case| !case.is_empty()) {
        let text =
            case.lines().next().expect("a case begins with its text").trim_start_matches("> ");
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let is_used = |value: &&str| {
            words.contains(&&value[..1]) || words.contains(&&*format!("2{}", &value[..1]))
        };
        let values = ["x=1", "y=2"].into_iter().filter(is_used);
        let arguments: Vec<&str> = ["grad", text].into_iter().chain(values).collect();
        shown += &format!("> {text}\n{}\n\n", refused(&arguments));
    }
    if std::env::var_os("GRADTAPE_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/errors.txt");
        std::fs::write(path, &shown).expect("the file can be written");
        return;
    }
    assert_eq!(shown, MESSAGES);
}

#[test]
fn a_bad_value_is_refused_with_its_name() {
    let cases: [(&[&str], &str); 14] = [
        (&["x=1", "x^2"], "`x=1` is a value: the expression comes first, and then the values"),
        (
            &["x", "x=1e999"],
            "this number is too large: the largest is 1.7976931348623157e308; write inf for infinity\n  1e999\n  ^^^^^",
        ),
        (&["x*y", "x=1"], "`y` has no value: give it one, as y=1\n  x*y\n    ^"),
        (&["rate", "rat=1"], "`rat` is not in the expression; did you mean `rate`?"),
        (&["x", "x=1", "zz=1"], "`zz` is not in the expression: leave it out"),
        (&["x", "x=1", "x=2"], "`x` has two values: give one"),
        (&["x", "x=q"], "the value of `x` is no number\n  q\n  ^"),
        (&["x", "x="], "the expression ends where a value should follow\n  \n  ^"),
        (&["x", "=1"], "`=1` has no name before the `=`"),
        (
            &["x", "x"],
            "`x` is no value of a variable: write a name, `=` and its value, and put an expression with spaces in quotes",
        ),
        (&["x", "x=1", "--wrt", "y"], "--wrt: the expression has no variable `y`"),
        (
            &["e", "e=1"],
            "`e` is a constant here: write it in backquotes for the variable\n  e\n  ^",
        ),
        (
            &["let a = 1; a*x", "x=1", "a=2"],
            "`a` is bound here, and so it takes no value: leave the value out\n  let a = 1; a*x\n      ^",
        ),
        (
            &["sum(x, y, 2, 3)", "x=1", "y=2"],
            "`x` counts here, and so it takes no value: sum(i, 1, n, term) counts by its first argument; to add four values write a + b + c + d\n  sum(x, y, 2, 3)\n      ^",
        ),
    ];
    for (arguments, message) in cases {
        assert_eq!(refused(&[&["grad"], arguments].concat()), message, "{arguments:?}");
    }
}

#[test]
fn what_would_steer_a_terminal_is_not_printed() {
    for text in ["x\u{1b}[31m", "\u{202e}x + ?", "x=\u{1b}]0;title\u{7}"] {
        let message = refused(&["grad", text, "a\u{1b}[31m=1"]);
        assert!(!message.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{message:?}");
    }
}
