//! Whatever happens to a text, reading it does not panic, and what is accepted can be shown.

use crate::property::config;
use crate::reports;
use gradtape::inspect::Report;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

/// Small reports with something of everything, for a change in a large one seldom hits what matters.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut texts = vec![reports::short_run().json().to_string()];
    let others = reports::all().into_iter().map(|(_, report)| report.json().to_string());
    texts.extend(others.filter(|text| text.len() < 12_000));
    assert!(texts.len() > 10);
    texts
});

static VALUES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    TEXTS.iter().map(|text| serde_json::from_str(text).expect("it is JSON")).collect()
});

/// Read a text, and if it is a report ask it for all that can be asked.
fn read_and_show(text: &str) -> bool {
    let report = match Report::from_json(text) {
        Ok(report) => report,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    for i in 0..report.nodes.len() {
        let _shown = (report.name(i), report.expression(i), report.scope_path(i));
    }
    let (statistics, users, depths) = (report.statistics(), report.users(), report.depths());
    assert_eq!((statistics.nodes, users.len()), (report.nodes.len(), depths.len()));
    let edges: usize = users.iter().map(Vec::len).sum();
    assert_eq!(statistics.edges, edges);
    for finding in &report.findings {
        assert!(!finding.to_string().is_empty());
    }
    for guard in &report.guards {
        assert!(!guard.to_string().is_empty());
    }
    let _thinned = report.json().thinned(2).to_string();
    let again = report.json().pretty().to_string();
    let read = Report::from_json(&again).expect("what was accepted is written as a report");
    assert_eq!(read.json().to_string(), report.json().to_string());
    true
}

/// One change to a text.
#[derive(Clone, Debug)]
enum Edit {
    Byte(usize, u8),
    Delete(usize, usize),
    Repeat(usize, usize),
    Swap(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<usize>();
    let sign = prop::sample::select(b"0123456789-+.eE\"\\,:[]{} \ntruefalsnNI\xff\x00".to_vec());
    prop_oneof![
        (at, sign).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        (at, 1..40_usize).prop_map(|(at, len)| Edit::Delete(at, len)),
        (at, 1..40_usize).prop_map(|(at, len)| Edit::Repeat(at, len)),
        (at, any::<usize>()).prop_map(|(a, b)| Edit::Swap(a, b)),
    ]
}

/// The numbers of a text, as ranges.
fn numbers(text: &[u8]) -> Vec<(usize, usize)> {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let starts = (1..text.len()).filter(|&i| {
        b":[,".contains(&text[i - 1]) && (text[i].is_ascii_digit() || text[i] == b'-')
    });
    let end = |i: usize| (i..text.len()).find(|&k| !is_part(text[k])).unwrap_or(text.len());
    starts.map(|i| (i, end(i))).collect()
}

fn edited(text: &str, edit: &Edit) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let len = bytes.len();
    if len == 0 {
        return String::new();
    }
    match *edit {
        Edit::Byte(at, byte) => bytes[at % len] = byte,
        Edit::Delete(at, count) => drop(bytes.drain(at % len..(at % len + count).min(len))),
        Edit::Repeat(at, count) => {
            let part = bytes[at % len..(at % len + count).min(len)].to_vec();
            bytes.splice(at % len..at % len, part);
        }
        Edit::Swap(a, b) => {
            let numbers = numbers(&bytes);
            if let [a, b] = [a, b].map(|i| numbers.get(i % numbers.len().max(1)))
                && let (Some(&(a, a_end)), Some(&(b, b_end))) = (a.min(b), a.max(b))
                && a_end <= b
            {
                let swapped = [
                    &bytes[..a],
                    &bytes[b..b_end],
                    &bytes[a_end..b],
                    &bytes[a..a_end],
                    &bytes[b_end..],
                ];
                bytes = swapped.concat();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Something to put into the place of a value.
fn replacement() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..30_u64).prop_map(Value::from),
        prop::sample::select(vec![u64::MAX, 1 << 32, i64::MAX as u64]).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "NaN", "-inf", "custom", "input", "sum", "affine", "mul", "powi"
        ])
        .prop_map(Value::from),
        Just(Value::Null),
        Just(Value::Array(vec![])),
        Just(Value::Object(Default::default())),
    ]
}

/// The pointers to everything in a value.
fn pointers(value: &Value, here: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                pointers(item, format!("{here}/{i}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                pointers(item, format!("{here}/{name}"), found);
            }
        }
        _ => {}
    }
    found.push(here);
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn edited_texts_do_not_panic(which in any::<usize>(), edits in prop::collection::vec(edit(), 1..3)) {
        let text = edits.iter().fold(TEXTS[which % TEXTS.len()].clone(), |text, e| edited(&text, e));
        read_and_show(&text);
    }

    #[test]
    fn edited_values_do_not_panic(
        which in any::<usize>(),
        edits in prop::collection::vec((any::<usize>(), replacement()), 1..3),
    ) {
        let mut value = VALUES[which % VALUES.len()].clone();
        for (at, replacement) in edits {
            let mut all = Vec::new();
            pointers(&value, String::new(), &mut all);
            if let Some(place) = value.pointer_mut(&all[at % all.len()]) {
                *place = replacement;
            }
        }
        read_and_show(&value.to_string());
    }
}

/// What is tested above would be worth nothing if nothing was accepted.
#[test]
fn unedited_texts_and_many_with_swapped_numbers_are_accepted() {
    assert!(TEXTS.iter().all(|text| read_and_show(text)));
    let swap = |i: usize| edited(&TEXTS[i % TEXTS.len()], &Edit::Swap(i * 7919, i * 104_729));
    let changed: Vec<String> = (0..400).map(swap).filter(|text| !TEXTS.contains(text)).collect();
    let accepted = changed.iter().filter(|text| read_and_show(text)).count();
    assert!(accepted > 20 && accepted < changed.len(), "{accepted} of {}", changed.len());
}
