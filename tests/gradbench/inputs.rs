//! Inputs that are wrong: refused with what is wrong, where, and what to give.

use super::gradbench::modes::Mode;
use super::{asked, modes};
use serde_json::{Value, json};

/// Ask, and return why it is refused.
pub fn refused(module: &str, function: &str, input: Value) -> String {
    let mut answers = modes().map(|mode| asked(module, function, &input, mode));
    for answer in &answers {
        assert_eq!(answer["success"], false, "{module}::{function} of {input}: {answer}");
        assert_eq!(answer["id"], 7);
        assert!(answer.get("output").is_none());
    }
    let error = answers[0]["error"].take();
    error.as_str().expect("a reason").to_string()
}

/// Replace a field, which may lie deeper, or take it away.
fn with(input: &Value, path: &str, value: Option<Value>) -> Value {
    let mut changed = input.clone();
    let (parent, name) = path.rsplit_once('/').expect("a path");
    let parent = changed.pointer_mut(parent).expect("a field");
    match (parent, value) {
        (Value::Object(fields), Some(value)) => fields.insert(name.to_string(), value),
        (Value::Object(fields), None) => fields.remove(name),
        (parent, value) => {
            parent[name.parse::<usize>().expect("an index")] = value.unwrap_or(Value::Null);
            None
        }
    };
    changed
}

/// A small good input of each module.
pub fn good() -> Vec<(&'static str, &'static str, Value)> {
    let gates = |rows: usize| vec![vec![0.1; 4]; rows];
    vec![
        (
            "gmm",
            "jacobian",
            json!({"d": 2, "k": 1, "n": 1, "alpha": [0.5], "mu": [[0.0, 1.0]], "q": [[0.1, 0.2]],
            "l": [[0.3]], "x": [[1.0, 2.0]], "gamma": 1.0, "m": 0}),
        ),
        (
            "lstm",
            "jacobian",
            json!({"main_params": gates(2), "extra_params": [[0.1], [0.2], [0.3]],
            "state": [[0.0], [0.0]], "sequence": [[1.0], [0.0], [1.0]]}),
        ),
        (
            "ba",
            "jacobian",
            json!({"n": 1, "m": 2, "p": 3, "cam": vec![0.5; 11], "x": [1.0, 2.0, 3.0], "w": 0.5,
            "feat": [1.0, 2.0]}),
        ),
        ("kmeans", "dir", json!({"points": [[0.0, 1.0], [2.0, 3.0]], "centroids": [[0.0, 0.0]]})),
        ("lse", "gradient", json!({"x": [1.0, 2.0]})),
        ("llsq", "gradient", json!({"x": [1.0, 2.0], "n": 4})),
        ("det", "gradient", json!({"A": [1.0, 2.0, 3.0, 4.0], "ell": 2})),
        ("ode", "gradient", json!({"x": [1.0, 2.0, 0.5], "s": 2})),
        ("particle", "rf", json!({"w": 0.0})),
        ("saddle", "fr", json!({"start": [1.0, 1.0]})),
        ("ht", "jacobian", super::hand_formulas::small()),
    ]
}

/// The path of every field, lists of numbers as one.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        for (name, field) in fields {
            let path = format!("{at}/{name}");
            paths(field, &path, found);
            found.push(path);
        }
    }
}

#[test]
fn a_field_that_is_missing_or_of_another_kind_is_named() {
    for (module, function, input) in good() {
        let mut all = Vec::new();
        paths(&input, "", &mut all);
        // What the suite sends and no formula needs.
        let unused = ["/data/model/bone_count", "/data/model/bone_names", "/data/model/triangles"];
        for path in all.iter().filter(|path| !unused.contains(&path.as_str())) {
            let name = path.trim_start_matches('/').replace('/', ".");
            let error = refused(module, function, with(&input, path, None));
            assert!(
                error.contains(&format!("input.{name} is missing")),
                "{module} {path}: {error}"
            );
            assert!(error.starts_with(&format!("{module}::{function}: ")), "{error}");
            for wrong in [json!(null), json!("text"), json!({"a": 1})] {
                let error = refused(module, function, with(&input, path, Some(wrong)));
                assert!(error.contains(&format!("input.{name}")), "{module} {path}: {error}");
            }
        }
        for wrong in [json!(null), json!(3), json!("x"), json!([]), json!({})] {
            refused(module, function, wrong);
        }
    }
}

#[test]
fn lists_that_are_too_short_too_long_or_hold_something_else_are_refused() {
    for (module, function, input) in good() {
        let mut all = Vec::new();
        paths(&input, "", &mut all);
        let free = [
            "/x",
            "/A",
            "/points",
            "/centroids",
            "/sequence",
            "/data/model/bone_names",
            "/data/model/triangles",
        ];
        for path in &all {
            let Some(Value::Array(list)) = input.pointer(path) else { continue };
            if path.ends_with("bone_names") || path.ends_with("triangles") || list.is_empty() {
                continue;
            }
            let mut holds_text = list.clone();
            holds_text[0] = json!("text");
            let error = refused(module, function, with(&input, path, Some(json!(holds_text))));
            assert!(error.contains("[0]"), "{module} {path}: {error}");
            if free.contains(&path.as_str()) && !["gmm", "ba", "det"].contains(&module) {
                refused(module, function, with(&input, path, Some(json!([]))));
                continue;
            }
            let longer = [&list[..], &list[..1]].concat();
            for wrong in [json!(longer), json!(list[1..]), json!([])] {
                refused(module, function, with(&input, path, Some(wrong)));
            }
        }
    }
}

#[test]
fn sizes_that_are_negative_broken_or_huge_are_refused() {
    let sizes = [
        ("gmm", vec!["/d", "/k", "/n", "/m"]),
        ("ba", vec!["/n", "/m", "/p"]),
        ("llsq", vec!["/n"]),
        ("det", vec!["/ell"]),
        ("ode", vec!["/s"]),
    ];
    for (module, fields) in sizes {
        let (_, function, input) =
            good().into_iter().find(|(name, ..)| *name == module).expect("a good input");
        for field in fields {
            for wrong in [json!(-1), json!(1.5), json!(1e300), json!(u64::MAX), json!(i64::MIN)] {
                let error = refused(module, function, with(&input, field, Some(wrong.clone())));
                let name = field.trim_start_matches('/');
                assert!(error.contains(&format!("input.{name} is ")), "{field} {wrong}: {error}");
                assert!(error.contains("give a whole number from"), "{field} {wrong}: {error}");
            }
        }
    }
    for (module, function, field, size) in
        [("ba", "jacobian", "/p", 1_000_000_000_u64), ("ode", "gradient", "/s", 1 << 24)]
    {
        let (.., input) =
            good().into_iter().find(|(name, ..)| *name == module).expect("it is there");
        let error = refused(module, function, with(&input, field, Some(json!(size))));
        assert!(error.contains("numbers of memory: give a smaller instance"), "{error}");
    }
}

#[test]
fn rows_that_do_not_fit_on_a_tape_are_refused_there() {
    let input = json!({"x": vec![0.5; 10_000], "n": 30_000});
    for mode in [Mode::Tape, Mode::Program] {
        let answer = asked("llsq", "gradient", &input, Some(mode));
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(error.contains("a tape of all rows would take more than"), "{error}");
    }
}

#[test]
fn a_result_that_is_no_number_is_refused_with_its_place() {
    let error = refused("hello", "square", json!(1e200));
    assert!(error.contains("number 0 of the output is inf"), "{error}");
    let error = refused("det", "primal", json!({"A": [1e200, 0.0, 0.0, 1e200], "ell": 2}));
    assert!(error.contains("inf"), "{error}");
    // A centroid that is nearest to no point: 0 / 0.
    let empty = json!({"points": [[0.0]], "centroids": [[0.0], [9.0]]});
    let error = refused("kmeans", "dir", empty);
    assert!(error.contains("number 1 of the output is NaN"), "{error}");
}

#[test]
fn searches_that_come_to_no_end_are_given_up() {
    let no_end = |module: &str, function: &str, input: Value| {
        let answer = asked(module, function, &input, None);
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{input}: {answer}"));
        assert!(error.contains("no minimum in 10000 steps: start nearer"), "{error}");
    };
    for function in ["ff", "fr", "rf", "rr"] {
        // From these the particle never comes down.
        for w in [2.0, -1e3, 1e300] {
            no_end("particle", function, json!({"w": w}));
        }
        no_end("saddle", function, json!({"start": [1e300, 0.0]}));
    }
}
