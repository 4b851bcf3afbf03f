//! Long chains, deep scopes and wide sums: nothing recurses, and nothing is lost.

use gradtape::inspect::Report;
use gradtape::{Tape, Var, sum};

/// Show a report in every format, on a stack that a recursion over nodes or scopes would not fit on.
fn shown_on_a_small_stack(name: &str, record: fn(&Tape) -> Var) {
    let show = move || {
        let tape = Tape::new();
        let output = record(&tape);
        let report = tape.report(output);
        let nodes = report.nodes.len();
        let table = report.table().rows(0).to_string();
        assert!(table.contains(&format!("%{}", nodes - 1)));
        assert_eq!(report.dot().to_string().matches("adjoint ").count(), nodes);
        assert_eq!(report.json().to_string().matches("\"adjoint\":").count(), nodes);
        let _either = report.mermaid().map(|mermaid| mermaid.to_string());
        let drawn = [report.svg().to_string(), report.html().to_string()];
        assert!(drawn.iter().all(|text| text.ends_with(">\n")));
        let paths = report.paths(0);
        assert!(paths.count >= 1.0 && paths.agrees != Some(false), "{paths:?}");
        let explained = report.explain_node(0).to_string();
        assert!(explained.contains("by the sweep"));
        assert!(report.statistics().edges >= nodes - 1);
        let _reach = tape.reach(output, tape.var_at(0)).to_string();
        read_back(&report);
    };
    let thread = std::thread::Builder::new().name(name.into()).stack_size(256 * 1024);
    thread.spawn(show).expect("a thread").join().expect("it ends");
}

#[cfg(feature = "json")]
fn read_back(report: &Report) {
    assert!(Report::from_json(&report.json().to_string()).expect("it is a report") == *report);
}

#[cfg(not(feature = "json"))]
fn read_back(_report: &Report) {}

#[test]
fn a_long_chain_is_shown_on_a_small_stack() {
    shown_on_a_small_stack("chain", |tape| (0..5_000).fold(tape.var(0.5), |x, _| x.sin()));
}

#[test]
fn deep_scopes_are_shown_on_a_small_stack() {
    shown_on_a_small_stack("scopes", |tape| {
        let mut x = tape.var(0.5);
        for round in 0..2 {
            let mut open = Vec::new();
            for depth in 0..200 {
                open.push(tape.scope(&format!("{round}, {depth}")));
                x = x.cos();
            }
            while open.pop().is_some() {}
        }
        x
    });
}

#[test]
fn a_wide_sum_is_shown_on_a_small_stack() {
    shown_on_a_small_stack("sum", |tape| sum(tape.vars(&[0.5; 5_000])));
}

#[test]
fn a_thousand_uses_of_one_leaf_are_all_there() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    let report = tape.report((1..=1000).map(|i| x * f64::from(i)).sum::<Var>());
    assert_eq!(report.nodes[0].adjoint, 500_500.0);
    let paths = report.paths_up_to(0, usize::MAX);
    assert_eq!((paths.count, paths.sum, paths.agrees), (1000.0, 500_500.0, Some(true)));
    assert_eq!(report.uses(0).iter().map(|use_| use_.1).sum::<f64>(), 500_500.0);
    let some = report.paths(0);
    assert_eq!((some.listed.len(), some.sum + some.remainder.unwrap()), (64, 500_500.0));
    // One node that takes it a thousand times.
    let report = tape.report(sum(vec![x; 1000]));
    assert_eq!((report.nodes[0].adjoint, report.paths(0).count), (1000.0, 1000.0));
    assert_eq!(report.dot().to_string().matches("n0 -> ").count(), 1000 + 1000);
}
