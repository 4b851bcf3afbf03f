//! The protocol: what is asked is answered, what is wrong is refused with what, where and what to do, and the next line
//! is answered as if nothing had been.

use super::gradbench::modes::Mode;
use super::gradbench::serve;
use super::seed::seeds;
use super::{answer, asked, modes};
use fastrand::Rng;
use serde_json::{Value, json};

/// Ask, and return why it is refused.
fn refused(module: &str, function: &str, input: Value) -> String {
    let mut answers = modes().map(|mode| asked(module, function, &input, mode));
    for answer in &answers {
        assert_eq!(answer["success"], false, "{module}::{function} of {input}: {answer}");
        assert_eq!(answer["id"], 7);
        assert!(answer.get("output").is_none());
    }
    let error = answers[0]["error"].take();
    error.as_str().expect("a reason").to_string()
}

#[test]
fn a_session_is_answered_line_by_line() {
    let lines = [
        r#"{"id":0,"kind":"start","eval":"hello","config":{"min_runs":1}}"#,
        r#"{"id":1,"kind":"define","module":"hello"}"#,
        r#"{"id":2,"kind":"evaluate","module":"hello","function":"square","input":3.0,"description":"3"}"#,
        r#"{"id":3,"kind":"analysis","of":2,"valid":true}"#,
        r#"{"id":"four","kind":"something new"}"#,
        "",
        r#"{"id":5,"kind":"define","module":"nothing"}"#,
    ];
    let mut out = Vec::new();
    serve(None, lines.join("\n").as_bytes(), &mut out).expect("it can be written");
    let out = String::from_utf8(out).expect("answers are text");
    let answers: Vec<&str> = out.lines().collect();
    assert_eq!(answers[0], r#"{"id":0,"tool":"gradtape"}"#);
    assert_eq!(answers[1], r#"{"id":1,"success":true}"#);
    assert!(
        answers[2]
            .starts_with(r#"{"id":2,"success":true,"output":9.0,"timings":[{"name":"prepare","#)
    );
    assert_eq!(answers[3], r#"{"id":3}"#);
    assert_eq!(answers[4], r#"{"id":"four"}"#);
    assert!(answers[5].contains(r#""success":false"#));
    assert!(answers[5].contains("ask for one of ba, det, gmm, hello, ht, "));
    assert_eq!(answers.len(), 6);
    // The last line needs no end; a mode that was chosen is told.
    let started = answer(lines[0], Some(Mode::Rows));
    assert_eq!(started, json!({"id": 0, "tool": "gradtape", "config": {"mode": "rows"}}));
}

#[test]
fn runs_are_as_many_and_as_long_as_asked() {
    let timings = |runs: u32, seconds: f64| {
        let input = json!({"x": [1.0, 2.0], "min_runs": runs, "min_seconds": seconds});
        let answer = asked("lse", "gradient", &input, None);
        let timings = answer["timings"].as_array().expect("timings").clone();
        assert_eq!(timings[0]["name"], "prepare");
        assert!(timings[1..].iter().all(|timing| timing["name"] == "evaluate"));
        let each = timings[1..].iter().map(|timing| timing["nanoseconds"].as_u64().expect("whole"));
        (timings.len() - 1, each.sum::<u64>())
    };
    assert_eq!(timings(1, 0.0).0, 1);
    assert_eq!(timings(20, 0.0).0, 20);
    let (runs, total) = timings(3, 0.01);
    assert!(runs >= 3 && total >= 10_000_000, "{runs} runs took {total} ns");
}

#[test]
fn lines_that_are_no_messages_are_refused_and_survived() {
    let refused = [
        ("{", "not JSON"),
        ("}{", "not JSON"),
        ("nonsense", "not JSON"),
        ("{\"id\":1,\"kind\":\"start\"} {", "not JSON"),
        (
            "{\"id\":1,\"kind\":\"evaluate\",\"module\":\"hello\",\"function\":\"square\",\"input\":1e999}",
            "not JSON",
        ),
        ("[1, 2]", "is a list: send one JSON object"),
        ("7", "is a number"),
        ("null", "is null"),
        ("{\"kind\":\"start\"}", "no `id`"),
        ("{\"id\":1}", "no `kind`"),
        ("{\"id\":1,\"kind\":3}", "no `kind`"),
        ("{\"id\":1,\"kind\":\"define\"}", "no `module`"),
        ("{\"id\":1,\"kind\":\"define\",\"module\":[]}", "`module` is a list"),
        ("{\"id\":1,\"kind\":\"evaluate\",\"module\":\"hello\"}", "no `function`"),
        (
            "{\"id\":1,\"kind\":\"evaluate\",\"module\":\"hello\",\"function\":\"square\"}",
            "no `input`",
        ),
        (
            "{\"id\":1,\"kind\":\"evaluate\",\"module\":\"fft\",\"function\":\"square\",\"input\":1}",
            "no module \"fft\"",
        ),
        (
            "{\"id\":1,\"kind\":\"evaluate\",\"module\":\"hello\",\"function\":\"cube\",\"input\":1}",
            "ask for one of square, double",
        ),
    ];
    for (line, why) in refused {
        let answer = answer(line, None);
        assert_eq!(answer["success"], false, "{line}: {answer}");
        assert!(
            answer["error"].as_str().is_some_and(|error| error.contains(why)),
            "{line}: {answer}"
        );
        assert_eq!(
            answer.get("id").is_some_and(|id| id == 1),
            line.contains("\"id\":1") && !why.contains("JSON")
        );
    }
    let (module, function, input) = &good()[0];
    let whole = json!({"id": 1, "kind": "evaluate", "module": module, "function": function, "input": input});
    let whole = whole.to_string();
    for end in 1..whole.len() {
        assert_eq!(answer(&whole[..end], None)["success"], false, "{}", &whole[..end]);
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(answer(&deep, None)["success"], false);

    let mut out = Vec::new();
    let mut lines = b"\xff\xfe{\n\0\n".to_vec();
    lines.extend(br#"{"id":1,"kind":"evaluate","module":"hello","function":"double","input":4}"#);
    serve(None, &lines[..], &mut out).expect("it goes on");
    let out = String::from_utf8(out).expect("answers are text");
    let answers: Vec<&str> = out.lines().collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[2].contains(r#""output":8.0"#));
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
        ("ht", "jacobian", super::hand::small()),
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
fn runs_that_cannot_be_are_refused() {
    for (field, wrong) in [
        ("min_runs", json!(0)),
        ("min_runs", json!(-3)),
        ("min_runs", json!(1e18)),
        ("min_runs", json!("two")),
        ("min_seconds", json!(-1.0)),
        ("min_seconds", json!(1e300)),
        ("min_seconds", json!([])),
    ] {
        let error = refused("lse", "primal", json!({"x": [1.0], field: wrong}));
        assert!(error.contains(&format!("input.{field} is ")), "{error}");
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

/// Change something somewhere: a number, a list, a field.
fn disturb(value: &mut Value, rng: &mut Rng) {
    let goes_on = rng.u8(..5) > 0;
    match value {
        Value::Object(fields) if goes_on && !fields.is_empty() => {
            let which = rng.usize(..fields.len());
            disturb(fields.values_mut().nth(which).expect("a field"), rng);
        }
        Value::Array(items) if goes_on && !items.is_empty() => {
            let which = rng.usize(..items.len());
            match rng.u8(..6) {
                0 => drop(items.remove(which)),
                1 => items.push(items[which].clone()),
                _ => disturb(&mut items[which], rng),
            }
        }
        _ => {
            let odd = [
                json!(0),
                json!(-0.0),
                json!(1),
                json!(-1),
                json!(2),
                json!(7),
                json!(0.5),
                json!(1e-320),
                json!(1e155),
                json!(1e308),
                json!(-1e308),
                json!(-800.0),
                json!(800.0),
                json!(u64::MAX),
                json!(null),
                json!(""),
                json!([]),
                json!({}),
                json!([[]]),
                json!(true),
            ];
            *value = odd[rng.usize(..odd.len())].clone();
        }
    }
}

#[test]
fn whatever_an_input_holds_the_answer_is_an_output_or_a_reason() {
    // The searches take long, and read one or two numbers.
    let good: Vec<_> =
        good().into_iter().filter(|(name, ..)| !["particle", "saddle"].contains(name)).collect();
    let (mut outputs, mut reasons) = (0, 0);
    for seed in seeds(2000) {
        let rng = &mut Rng::with_seed(seed);
        let (module, function, mut input) = good[rng.usize(..good.len())].clone();
        (0..rng.usize(1..4)).for_each(|_| disturb(&mut input, rng));
        let answer = asked(module, function, &input, modes()[rng.usize(..4)]);
        match answer["success"].as_bool() {
            Some(true) => outputs += 1,
            _ => {
                reasons += 1;
                let error = answer["error"].as_str().unwrap_or_else(|| panic!("{input}: {answer}"));
                assert!(error.starts_with(&format!("{module}::{function}: ")), "{error}");
                assert!(!error.contains("panic"), "seed {seed}, {module}, {input}: {error}");
            }
        }
    }
    assert!(outputs > 100 && reasons > 100, "{outputs} outputs, {reasons} reasons");
}
