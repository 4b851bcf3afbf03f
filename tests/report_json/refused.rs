//! What is no report is refused, and the error says where and what to do.

use crate::reports;
use gradtape::inspect::{Report, ReportError};
use serde_json::{Value, json};

fn parsed(report: &Report) -> Value {
    serde_json::from_str(&report.json().to_string()).expect("it is JSON")
}

/// A report with one place changed: a JSON pointer, and what is put there; `null` is as if it were not there.
#[track_caller]
fn changed(report: &Value, pointer: &str, value: Value) -> String {
    let mut report = report.clone();
    *report.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
    report.to_string()
}

/// Each change must be refused with an error at this path, with these words.
#[track_caller]
fn all_refused(report: &Report, cases: &[(&str, Value, &str, &str)]) {
    let report = parsed(report);
    for (pointer, value, path, words) in cases {
        let text = changed(&report, pointer, value.clone());
        match Report::from_json(&text) {
            Err(ReportError::Field { at, problem, advice }) => {
                assert_eq!(at, *path, "{pointer} = {value}: {problem}");
                assert!(problem.contains(words), "{pointer} = {value}: {problem:?}, not {words:?}");
                assert!(!advice.is_empty());
            }
            other => panic!("{pointer} = {value}: {other:?}"),
        }
    }
}

#[test]
fn wrong_nodes() {
    all_refused(
        &reports::dosage(),
        &[
            ("/output", json!(1000), "output", "is 1000, not an index below"),
            ("/output", json!(-1), "output", "is -1, not a whole number"),
            ("/nodes", json!({}), "nodes", "is an object, not a list"),
            ("/nodes", Value::Null, "nodes", "is missing; a list goes there"),
            ("/nodes/3", json!([]), "nodes[3]", "is a list, not an object"),
            ("/nodes/3/id", json!(4), "nodes[3].id", "is 4, but its place in the list is 3"),
            ("/nodes/3/op", json!("cube"), "nodes[3].op", "is \"cube\", which is no operation"),
            ("/nodes/3/op", json!(7), "nodes[3].op", "is 7, not a text"),
            ("/nodes/10/op", json!("custom"), "nodes[10].name", "is missing; a text goes there"),
            (
                "/nodes/10/op",
                json!("mul_add"),
                "nodes[10]",
                "which the operation `mul_add` cannot have",
            ),
            ("/nodes/10/operands", json!([0]), "nodes[10].partials", "has the length"),
            (
                "/nodes/10/operands/0",
                json!(10),
                "nodes[10].operands[0]",
                "is 10, not an index below 10",
            ),
            ("/nodes/10/operands/0", json!(0.5), "nodes[10].operands[0]", "not a whole number"),
            (
                "/nodes/10/operands/0",
                json!(u64::MAX),
                "nodes[10].operands[0]",
                "not an index below",
            ),
            ("/nodes/10/operands/0", json!(1e300), "nodes[10].operands[0]", "not a whole number"),
            (
                "/nodes/10/partials",
                json!([]),
                "nodes[10].partials",
                "has the length 0, and there are",
            ),
            (
                "/nodes/10/partials/0",
                json!("nan"),
                "nodes[10].partials[0]",
                "is \"nan\", not a number",
            ),
            ("/nodes/10/constants", json!([1.0]), "nodes[10]", "1 constants"),
            ("/nodes/10/value", json!(true), "nodes[10].value", "is true, not a number"),
            ("/nodes/10/value", json!("1.5"), "nodes[10].value", "is \"1.5\", not a number"),
            ("/nodes/10/adjoint", Value::Null, "nodes[10].adjoint", "is missing; a number"),
            (
                "/nodes/10/reach",
                json!("maybe"),
                "nodes[10].reach",
                "no reach that this version knows",
            ),
            ("/nodes/0/label", json!(1), "nodes[0].label", "is 1, not a text"),
            ("/nodes/10/scope", json!(5), "nodes[10].scope", "is 5, but the innermost scope"),
            ("/nodes/10/scope", Value::Null, "nodes[10].scope", "is none, but the innermost"),
        ],
    );
}

#[test]
fn wrong_counts_of_operands() {
    let report = reports::every_op();
    for node in report.nodes.iter().filter(|node| !node.is_leaf()) {
        let id = report.nodes.iter().position(|other| std::ptr::eq(other, node)).unwrap();
        let mut text = parsed(&report);
        let changed = &mut text["nodes"][id];
        // One operand more, or one constant more: an operation that takes any number of the one does not
        // take any number of the other.
        changed["constants"].as_array_mut().unwrap().push(json!(1.5));
        let error = Report::from_json(&text.to_string()).unwrap_err();
        assert!(error.to_string().contains("cannot have"), "{:?}: {error}", node.op);
    }
}

#[test]
fn wrong_scopes_and_guards() {
    let report = reports::dosage();
    let len = report.nodes.len();
    all_refused(
        &report,
        &[
            ("/scopes/1/start", json!(0), "scopes[1].start", "allow no less than"),
            ("/scopes/1/start", json!(len), "scopes[1].end", "before its start"),
            ("/scopes/2/end", json!(len + 1), "scopes[2].end", "what is around it ends at"),
            ("/scopes/2/end", Value::Null, "scopes[2].end", "is missing"),
            ("/scopes/2/end", json!(u64::MAX), "scopes[2].end", "what is around it ends at"),
            ("/scopes/0/name", Value::Null, "scopes[0].name", "is missing"),
        ],
    );
    let mut with_parents = parsed(&report);
    for parent in [1, 2, 100] {
        with_parents["scopes"][1]["parent"] = json!(parent);
        let error = Report::from_json(&with_parents.to_string()).unwrap_err().to_string();
        assert!(error.starts_with("`scopes[1].parent` is"), "{error}");
    }
    // The second dosage is not inside the first.
    with_parents["scopes"][1]["parent"] = json!(0);
    let error = Report::from_json(&with_parents.to_string()).unwrap_err().to_string();
    assert!(error.starts_with("`scopes[1].end` is"), "{error}");

    all_refused(
        &reports::extremes(),
        &[
            ("/guards/0/at", json!(1000), "guards[0].at", "is 1000, but there are"),
            ("/guards/0/left", json!({"node": 900}), "guards[0].left.node", "is 900, not an index"),
            ("/guards/0/left", json!({}), "guards[0].left", "not one of `node` and `constant`"),
            ("/guards/0/right", json!({"node": 0, "constant": 1}), "guards[0].right", "not one of"),
            ("/guards/0/relation", json!("<"), "guards[0].relation", "no relation"),
            ("/guards/0/outcome", json!(1), "guards[0].outcome", "is 1, not true or false"),
        ],
    );
    all_refused(
        &reports::program(),
        &[
            ("/findings/0/code", json!("E1"), "findings[0].code", "no code of a finding"),
            ("/findings/0/severity", json!("fatal"), "findings[0].severity", "no severity"),
            ("/facts/0/value", json!(3), "facts[0].value", "is 3, not a text"),
        ],
    );
    let mut finding = parsed(&reports::program());
    finding["findings"][0]["node"] = json!(99);
    let error = Report::from_json(&finding.to_string()).unwrap_err().to_string();
    assert!(error.starts_with("`findings[0].node` is 99"), "{error}");
}

#[test]
fn wrong_networks_and_checks() {
    all_refused(
        &reports::network(),
        &[
            (
                "/network/layers/1/0/bias",
                json!(999),
                "network.layers[1][0].bias",
                "is 999, not an index",
            ),
            (
                "/network/layers/1/0/gives/0",
                json!({"node": 999}),
                "network.layers[1][0].gives[0].node",
                "is 999, not an index",
            ),
            (
                "/network/layers/1/0/gives",
                json!([]),
                "network.layers[1][0].gives",
                "`samples` has the length 2",
            ),
            (
                "/network/samples",
                json!([]),
                "network.layers[0][0].gives",
                "`samples` has the length 0",
            ),
            ("/network/links/0/layer", json!(2), "network.links[0]", "of layer 2"),
            ("/network/links/0/layer", json!(u64::MAX), "network.links[0]", "is not there"),
            ("/network/links/0/from", json!(1), "network.links[0]", "from unit 1"),
            ("/network/links/1/to", json!(2), "network.links[1]", "to unit 2"),
            ("/network/links/1/weight", json!(999), "network.links[1].weight", "is 999"),
        ],
    );
    let [confirmed, ..] = reports::checks();
    all_refused(
        &confirmed,
        &[
            ("/check/inputs/0/reverse", Value::Null, "check.inputs[0].reverse", "is missing"),
            (
                "/check/inputs/0/difference/estimates/1/step",
                json!([]),
                "check.inputs[0].difference.estimates[1].step",
                "is a list, not a number",
            ),
            ("/check/confirmed", json!("yes"), "check.confirmed", "is \"yes\", not true or false"),
            ("/check/verdict", Value::Null, "check.verdict", "is missing"),
        ],
    );
}

#[test]
fn wrong_runs() {
    let short = json!([1.5]);
    let frame = "runs[0].curves.frames[2]";
    all_refused(
        &reports::runs(),
        &[
            (
                "/runs/1/records/2/parameters",
                short.clone(),
                "runs[1].records[2].parameters",
                "`parameters` has the length 7",
            ),
            (
                "/runs/1/records/2/gradient",
                short.clone(),
                "runs[1].records[2].gradient",
                "`parameters` has the length 7",
            ),
            ("/runs/0/records/2/step", json!(1), "runs[0].records[2].step", "is 1, not above 1"),
            ("/runs/1/thinned_from", json!(3), "runs[1].thinned_from", "there still are"),
            ("/runs/0/frames/3", json!(2), "runs[0].frames[3]", "is 2, not above 2"),
            ("/runs/0/frames/20", json!(21), "runs[0].frames[20]", "is 21, not an index below 21"),
            ("/runs/0/frames", json!([0]), "runs[0].curves.frames", "`frames` has the length 1"),
            (
                "/runs/0/curves/grid",
                short.clone(),
                "runs[0].curves.frames[0].parts[0]",
                "`grid` has the length 1",
            ),
            (
                "/runs/0/curves/parts",
                json!(["blue"]),
                "runs[0].curves.frames[0].parts",
                "`parts` has the length 1",
            ),
            (
                "/runs/0/curves/data/0",
                json!([1.0]),
                "runs[0].curves.data[0]",
                "a list of two numbers",
            ),
            (
                "/runs/0/curves/frames/2/predicted",
                short.clone(),
                &format!("{frame}.predicted"),
                "length 1",
            ),
            (
                "/runs/0/curves/frames/2/at_data",
                short.clone(),
                &format!("{frame}.at_data"),
                "`data` has the length 3",
            ),
            (
                "/runs/0/slice/parameter",
                json!(1),
                "runs[0].slice.parameter",
                "is 1, not an index below 1",
            ),
            (
                "/runs/0/slice/losses/0",
                short.clone(),
                "runs[0].slice.losses[0]",
                "`grid` has the length 41",
            ),
            (
                "/runs/0/slice/losses",
                json!([[], []]),
                "runs[0].slice.losses",
                "there are 21 frames",
            ),
            ("/runs/1/slice/losses", json!([[]]), "runs[1].slice.losses", "there are 36 frames"),
            ("/runs/0/loss", json!(1), "runs[0].loss", "is 1, not a text"),
        ],
    );
}

#[test]
fn other_schemas_and_versions() {
    let report = parsed(&reports::dosage());
    let later =
        Report::from_json(&changed(&report, "/schema", json!("tape-report/2"))).unwrap_err();
    assert_eq!(later, ReportError::Schema { found: Some("tape-report/2".into()) });
    assert!(later.to_string().contains("reads \"tape-report/1\""), "{later}");
    let none = ReportError::Schema { found: None };
    for text in ["{}", "[]", "1", "null", "\"tape-report/1\"", "{\"schema\":1}"] {
        assert_eq!(Report::from_json(text), Err(none.clone()), "{text}");
    }
}

#[test]
fn what_is_not_json() {
    let text = reports::dosage().json().to_string();
    let deep = text.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(5000), "]".repeat(5000)), 1);
    let cases = [
        (String::new(), "EOF"),
        (text.clone() + "x", "trailing"),
        (text.clone() + &text, "trailing"),
        (text[..text.len() - 1].into(), "EOF"),
        (text[..text.len() / 2].into(), "EOF"),
        (format!("\u{feff}{text}"), "expected value, it begins with a byte order mark (U+FEFF)"),
        (text.replacen("3.34", "03.34", 1), "invalid number"),
        (text.replacen("3.34", "NaN", 1), "expected value"),
        (deep, "recursion limit exceeded, it is nested deeper than 128 levels"),
    ];
    for (text, words) in cases {
        match Report::from_json(&text) {
            Err(ReportError::Syntax { problem, line, .. }) => {
                assert!(problem.contains(words), "{problem}, not {words}");
                assert!(!problem.contains(" at line "), "{problem}");
                assert!(line <= 1);
            }
            other => panic!("{words}: {other:?}"),
        }
    }
}

/// Such a number is JSON, and no number of a report.
#[test]
fn a_number_beyond_the_range_of_64_bits_is_named_with_its_place() {
    let report = reports::dosage();
    let (text, pretty) = (report.json().to_string(), report.json().pretty().to_string());
    let digits = "9".repeat(400);
    let shown = format!("{}...", &digits[..40]);
    for (number, shown) in [
        ("1e400", "1e400"),
        ("-1e309", "-1e309"),
        ("1.8E+308", "1.8E+308"),
        ("1e99999999999999999999", "1e99999999999999999999"),
        (&digits, &shown),
    ] {
        let (line, from) = ("\n", "\"value\":3.34,");
        for text in [&text, &pretty] {
            let (at, before) = (text.find("3.34").unwrap(), text.split(from).next().unwrap());
            let changed = text.replacen(from, &from.replace("3.34", number), 1);
            assert_ne!(changed, *text);
            let node = before.matches("\"id\":").count() - 1;
            let column = at - text[..at].rfind(line).map_or(0, |end| end + 1) + 1;
            let expected = format!(
                "`nodes[{node}].value` is {shown}, at line {}, column {column}: a 64-bit number is at most \
                 about 1.8e308: write a smaller one, or an infinity as the text `\"inf\"` or `\"-inf\"`",
                text[..at].matches(line).count() + 1
            );
            assert_eq!(Report::from_json(&changed).unwrap_err().to_string(), expected);
        }
    }
    // At the ends of the range numbers are what they are elsewhere: rounded to the nearest.
    for (number, value) in
        [("1.7976931348623157e308", f64::MAX), ("1e-400", 0.0), ("5e-324", 5e-324)]
    {
        let read = Report::from_json(&text.replacen("3.34,", &format!("{number},"), 1)).unwrap();
        assert!(read.nodes.iter().any(|node| node.value == value), "{number}");
    }
    for (text, at) in
        [("1e400", "`report` is 1e400"), ("[0,{\"a\":[1,-1e400]}]", "`[1].a[1]` is -1e400")]
    {
        let error = Report::from_json(text).unwrap_err().to_string();
        assert!(error.starts_with(at), "{error}");
    }
    // An index that is too large for an index.
    for number in ["1e30", "18446744073709551616", "-1", "0.5"] {
        let changed = text.replacen("\"output\":", &format!("\"output\":{number},\"was\":"), 1);
        let error = Report::from_json(&changed).unwrap_err().to_string();
        assert!(error.starts_with("`output` is "), "{error}");
    }
}

#[test]
fn a_field_given_twice() {
    let text = reports::dosage().json().to_string();
    let cases = [
        ("{\"id\":3,", "{\"id\":3,\"id\":3,", "`nodes[3]` has the field \"id\" twice"),
        ("{\"id\":3,", "{\"id\":3,\"\\u0069d\" \n:4,", "`nodes[3]` has the field \"id\" twice"),
        ("{\"schema\"", "{\"title\":\"a\",\"schema\"", "`report` has the field \"title\" twice"),
        (
            "{\"id\":3,",
            "{\"x\":{\"y\":[0,{\"z\\\\\\\"\":1,\"z\\\\\\\"\":1}]},\"id\":3,",
            "`nodes[3].x.y[1]` has the field \"z\\\\\\\"\" twice",
        ),
    ];
    for (from, to, words) in cases {
        let twice = text.replacen(from, to, 1);
        assert_ne!(twice, text);
        let error = Report::from_json(&twice).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
    // What only looks like it is not.
    let once = text.replacen(
        "{\"id\":3,",
        "{\"a\":\"\\\"a\\\":\",\"b\":[\"a\",\"a\"],\"c\":{\"a\":{}},\"id\":3,",
        1,
    );
    assert_eq!(Report::from_json(&once).unwrap(), reports::dosage());
}

#[test]
fn wrong_patterns() {
    all_refused(
        &reports::pattern(),
        &[
            ("/pattern", json!([]), "pattern", "is a list, not an object"),
            ("/pattern/matrix", Value::Null, "pattern.matrix", "is missing; a text goes there"),
            ("/pattern/rows_first", json!(1), "pattern.rows_first", "not true or false"),
            (
                "/pattern/rows",
                json!([{}, {}]),
                "pattern.entries",
                "has the length 30, but `rows` has the length 2",
            ),
            ("/pattern/entries", json!([[0]]), "pattern.entries", "has the length 1, but `rows`"),
            (
                "/pattern/columns",
                json!([{}, {}, {}]),
                "pattern.entries[0][3]",
                "is 3, not an index below 3, of `columns`",
            ),
            (
                "/pattern/entries/7/1",
                json!(30),
                "pattern.entries[7][1]",
                "is 30, not an index below 30, of `columns`",
            ),
            (
                "/pattern/entries/7",
                json!([7, 0]),
                "pattern.entries[7][1]",
                "is 0, not above 7, the column before",
            ),
            ("/pattern/entries/7", json!([7, 7]), "pattern.entries[7][1]", "is 7, not above 7"),
            ("/pattern/rows/3", json!(3), "pattern.rows[3]", "is 3, not an object"),
            (
                "/pattern/columns/0/colour",
                json!("red"),
                "pattern.columns[0].colour",
                "is \"red\", not a whole number",
            ),
        ],
    );
}
