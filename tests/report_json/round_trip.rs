//! Read back, a report is what it was.

use crate::expression::expressions;
use crate::property::config;
use crate::reports;
use gradtape::Tape;
use gradtape::inspect::{Code, Report, Severity};
use proptest::prelude::*;

/// Write, read, compare: as reports, unless there is a NaN in it, which differs from itself; as bytes always.
#[track_caller]
fn same_again(name: &str, report: &Report) {
    let text = report.json().to_string();
    let read = Report::from_json(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(read.json().to_string(), text, "{name}");
    let pretty = report.json().pretty().to_string();
    let read_pretty = Report::from_json(&pretty).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(read_pretty.json().to_string(), text, "{name}");
    // `Debug` shows every field, also those that a writer might forget.
    assert_eq!(format!("{read:?}"), format!("{report:?}"), "{name}");
    if *report == report.clone() {
        assert_eq!(read, *report, "{name}");
    }
}

#[test]
fn every_kind_of_report_is_the_same_again() {
    for (name, report) in reports::all() {
        same_again(name, &report);
    }
}

#[test]
fn a_thinned_report_is_read_as_the_thinned_one() {
    let report = reports::runs();
    let mut thinned = report.clone();
    thinned.runs = thinned.runs.into_iter().map(|run| run.thinned(70)).collect();
    let read = Report::from_json(&report.json().thinned(70).to_string()).unwrap();
    assert_eq!(read, thinned);
}

#[test]
fn every_code_and_severity_is_read() {
    let text = reports::program().json().to_string();
    for &code in Code::ALL {
        for severity in [Severity::Note, Severity::Warning, Severity::Error] {
            let text = text
                .replace("\"code\":\"branch-changed\"", &format!("\"code\":\"{code}\""))
                .replace("\"severity\":\"error\"", &format!("\"severity\":\"{severity}\""));
            let read = Report::from_json(&text).unwrap();
            let finding = &read.findings[0];
            assert_eq!((finding.code, finding.severity), (code, severity));
            same_again(code.name(), &read);
        }
    }
}

#[test]
fn a_report_from_a_later_version_may_have_more_fields() {
    let report = reports::dosage();
    let text = report.json().to_string().replace("{\"id\":", "{\"colour\":[{}],\"id\":");
    let text = text.replacen('{', "{\"later\":{\"deep\":[1,2]},", 1);
    assert_eq!(Report::from_json(&text).unwrap(), report);
}

#[test]
fn a_field_that_may_be_missing_may_be_null_too() {
    let report = reports::small()[1].clone();
    let text =
        report.json().to_string().replace("\"id\":0", "\"id\":0,\"label\":null,\"scope\":null");
    assert_eq!(Report::from_json(&text).unwrap(), report);
}

#[test]
fn scopes_and_guards_stay_consistent_through_clears_and_rewinds() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let _outer = tape.scope("outer");
    let before = x * 2.0;
    let mark = tape.mark();
    for round in 0..3 {
        let inner = tape.scope("inner");
        let _compared = before < 3.0 * f64::from(round);
        let y = x.exp() * before;
        drop(inner);
        let second = tape.scope("second");
        same_again("in a round", &tape.report(y + x));
        if round == 1 {
            drop(second);
        }
        tape.rewind(mark);
        same_again("rewound", &tape.report(before));
    }
    tape.clear();
    let x = tape.var(1.0);
    let _anew = tape.scope("anew");
    same_again("cleared", &tape.report(x.sin()));
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn random_expressions_are_the_same_again(expression in expressions()) {
        let tape = Tape::new();
        let y = expression.run(&tape.vars(&expression.point));
        same_again("a random expression", &tape.report(y));
    }

    #[test]
    fn any_bits_are_the_same_again(numbers in prop::collection::vec(any::<u64>(), 1..20)) {
        let tape = Tape::new();
        let numbers: Vec<f64> = numbers.into_iter().map(f64::from_bits).collect();
        let report = tape.report(gradtape::dot(tape.vars(&numbers), &numbers));
        let read = Report::from_json(&report.json().to_string()).unwrap();
        for (node, &number) in read.nodes.iter().zip(&numbers) {
            prop_assert!(node.value.to_bits() == number.to_bits() || number.is_nan());
        }
        same_again("any bits", &report);
    }
}
