//! The protocol: what is asked is answered, what is wrong is refused, and the next line is answered as if nothing had been.

use super::gradbench::modes::Mode;
use super::gradbench::serve;
use super::inputs::{good, refused};
use super::{answer, asked};
use serde_json::json;

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
