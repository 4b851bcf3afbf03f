//! The table on the terminal.

use super::{HOSTILE, dosage, hostile, named, read_table, visible, with_a_finding};
use gradtape::inspect::Table;
use gradtape::{Tape, Var};

fn plain(table: Table<'_>) -> String {
    table.color(false).to_string()
}

/// The indices in the first column.
fn order(text: &str) -> Vec<usize> {
    let index = |cells: &std::collections::BTreeMap<String, String>| {
        cells["node"].trim_start_matches('%').parse().expect("an index")
    };
    read_table::cells(text).iter().map(index).collect()
}

/// A chain of so many nodes.
fn chain(tape: &Tape, nodes: usize) -> Var {
    (1..nodes).fold(tape.var(0.5), |x, _| x.sin())
}

/// Compare with `tests/data/dosage_table.txt`; `GRADTAPE_BLESS=1 cargo test` writes it anew.
#[test]
fn the_dosage_table_is_the_one_that_is_checked_in() {
    let (tape, ssr) = dosage();
    let text = plain(tape.report(ssr).table());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dosage_table.txt");
    if std::env::var_os("GRADTAPE_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    for (i, (line, expected)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "line {} of {path}", i + 1);
    }
    assert_eq!(text.lines().count(), expected.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "wider than 100: {line}");
        assert_eq!(line.trim_end(), line, "blanks at the end");
    }
}

#[test]
fn the_same_tape_gives_the_same_bytes() {
    let texts = [0, 1].map(|_| {
        let (tape, ssr) = dosage();
        tape.report(ssr).table().color(true).sort_by(|node| node.adjoint).to_string()
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn rows_left_out_are_counted_and_the_ends_of_the_tape_stay() {
    let tape = Tape::new();
    let y = chain(&tape, 1000);
    for (most, shown) in [(1, 1), (2, 2), (7, 7), (999, 999), (1000, 1000), (5000, 1000), (0, 1000)]
    {
        let text = plain(tape.report(y).table().rows(most));
        let rows = order(&text);
        assert_eq!(rows.len(), shown);
        assert_eq!(rows[0], 0);
        assert_eq!(rows.last() == Some(&999), shown > 1);
        let noun = if shown == 999 { "node" } else { "nodes" };
        let gap = format!("⋮  {} {noun} left out here", 1000 - shown);
        assert_eq!(text.contains(&gap), shown < 1000, "{most}");
        let rows = if shown == 1 { "node" } else { "nodes" };
        let note = format!("{shown} {rows} of 1000 shown, {} left out by `rows`", 1000 - shown);
        assert_eq!(text.contains(&note), shown < 1000, "{text}");
    }
    assert_eq!(order(&plain(tape.report(y).table())).len(), 60, "unless told");
}

#[test]
fn of_sorted_rows_the_first_stay() {
    let tape = Tape::new();
    let y = chain(&tape, 100);
    let text = plain(tape.report(y).table().rows(3).backwards());
    assert_eq!(order(&text), [99, 98, 97]);
    assert!(text.contains("97 nodes left out here"));
}

#[test]
fn rows_are_sorted_by_magnitude_with_nan_first() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, -3.0, 0.0, f64::NAN, 2.0, f64::NEG_INFINITY]);
    let y = x[0] * 5.0 + x[1].relu() + x[4] * -7.0;
    let report = tape.report(y);
    let table = || report.table().rows(0);
    assert_eq!(order(&plain(table().sort_by(|node| node.value)))[..3], [3, 5, 9]);
    // The weights are the adjoints; of equal ones the first on the tape comes first.
    assert_eq!(order(&plain(table().sort_by(|node| node.adjoint)))[..3], [4, 0, 6]);
    assert_eq!(
        order(&plain(table().sort_by(|node| {
            node.partials.iter().map(|p| p.abs()).max_by(f64::total_cmp).unwrap_or(0.0)
        })))[..2],
        [9, 6]
    );
    assert_eq!(order(&plain(table())), (0..tape.len()).collect::<Vec<_>>());
}

#[test]
fn wide_and_narrow_numbers_stand_under_each_other() {
    let tape = Tape::new();
    let x = tape.vars(&[1e-9, 1.0, -1.234e120, -5e-324, f64::MAX, f64::NEG_INFINITY]);
    let y = x[0] * x[1] + x[2] + x[3] + x[4] + x[5];
    for digits in [1, 6, 17] {
        let text = plain(tape.report(y).table().digits(digits).width(0));
        let rows = read_table::cells(&text);
        let cells: Vec<&str> = rows[..3].iter().map(|cells| &*cells["value"]).collect();
        let last = if digits == 1 { "-1e120" } else { "-1.234e120" };
        assert_eq!(cells, ["1e-9", "1", last]);
        assert_eq!(rows[5]["value"], "!-inf");
        // Right-aligned: the value of each row ends where the rule above it ends.
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let titles = text.lines().find(|line| line.starts_with("node")).unwrap();
        let end = titles.find("value").unwrap() + "value".len();
        let rule = lines.iter().position(|line| line[..].starts_with(&['─'])).unwrap();
        for line in lines[rule..].iter().take_while(|line| !line.is_empty()) {
            assert!(line[end - 1] != ' ' && line.get(end).is_none_or(|c| *c == ' '), "{text}");
        }
    }
}

#[test]
fn a_number_is_never_cut() {
    let tape = Tape::new();
    let x =
        tape.var(-1.2345678901234568e-300).label("a label that is longer than all of this line");
    let y = (x * 0.1234567890123456) * x + x;
    let text = plain(tape.report(y).table().digits(17).width(1));
    assert!(text.contains("-1.2345678901234568e-300"), "{text}");
    assert!(text.contains("columns left out at this width"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    // A cell with several numbers is cut between two of them.
    let many = tape.vars(&[0.1234567; 30]);
    let text = plain(tape.report(gradtape::sum_squares(&many)).table().width(72));
    let last = text.lines().rfind(|line| line.starts_with(" %34")).unwrap();
    assert!(last.ends_with("0.246913 …"), "{text}");
}

#[test]
fn what_is_not_finite_is_marked_and_counted_even_where_it_is_not_shown() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let w = tape.var(2.0).label("w");
    let y = (x - 2.0).sqrt().sqrt() * w;
    let text = plain(tape.report(y).table());
    assert_eq!(read_table::cells(&text)[3]["value"], "!NaN");
    let counted = "! NaN or infinite on the whole tape: 3 values, 4 adjoints, 3 partials\n";
    assert!(text.contains(counted), "{text}");
    assert!(text.contains("output %5 = !NaN"));
    // The row of `w` alone has a finite value.
    assert!(plain(tape.report(y).table().wrt(["w"]).unwrap()).contains(counted));
    assert!(plain(tape.report(y).table().rows(1)).contains(counted));
    let _scope = tape.scope("empty");
    assert!(plain(tape.report(y).table().scope("empty").unwrap()).contains(counted));
    let text = plain(tape.report(w * 2.0).table());
    assert!(text.contains("3 values, 3 partials") && !text.contains("0 adjoints"), "{text}");
}

#[test]
fn finite_tapes_have_no_marks() {
    let (tape, ssr) = dosage();
    assert!(!plain(tape.report(ssr).table()).contains('!'));
}

#[test]
fn three_zeros_are_three_cells() {
    let tape = Tape::new();
    let x = tape.vars(&[0.0, -1.0, 1.0]);
    let text = plain(tape.report(x[0].square() + x[1].relu()).table());
    let rows = read_table::cells(&text);
    assert_eq!([0, 1, 2].map(|i| &*rows[i]["adjoint"]), ["0", "blocked", "-"]);
    assert!(text.contains("-: no path leads to the output"));
    assert!(text.contains("blocked: each path"));
}

#[test]
fn a_constant_output_is_connected_to_nothing() {
    let tape = Tape::new();
    let _unused = tape.var(1.0);
    let text = plain(tape.report(Var::from(2.0)).table());
    assert!(text.starts_with("1 node, the output is a constant\n"), "{text}");
    assert_eq!(read_table::cells(&text)[0]["adjoint"], "-");
    let empty = Tape::new();
    assert_eq!(plain(empty.report(Var::from(2.0)).table()), "0 nodes, the output is a constant\n");
}

#[test]
fn names_choose_rows_and_unknown_names_are_refused() {
    let (tape, ssr) = dosage();
    let more: &[String] = &["12".into()];
    let report = tape.report(ssr);
    let text = plain(report.table().wrt(["b3", "%9", "w1"]).unwrap().wrt(more).unwrap());
    assert_eq!(order(&text), [0, 6, 9, 12]);
    assert!(text.contains("4 nodes of 41 shown"));
    let unknown = |name: &str| report.table().wrt(["b3", name]).unwrap_err().to_string();
    assert!(unknown("b4").contains("no node is called `b4`; did you mean `b1` or `b2` or `b3`?"));
    assert!(
        unknown("99").contains("no node is called `99`; there are `w1`, `b1`, `w2` among others")
    );
    assert_eq!(report.explain("99").unwrap_err().to_string(), unknown("99"));
    // Of nodes with one label all.
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let y = (x + 1.0).label("x") * 2.0;
    assert_eq!(order(&plain(tape.report(y).table().wrt(["x"]).unwrap())), [0, 1]);
}

#[test]
fn scopes_are_chosen_by_name_path_or_number() {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    for _ in 0..2 {
        let _row = tape.scope("row");
        x = x.sin();
        let _inner = tape.scope("inner");
        x = x.cos();
    }
    let shown = |name: &str| order(&plain(tape.report(x).table().scope(name).unwrap()));
    assert_eq!(shown("row"), [1, 2, 3, 4]);
    assert_eq!(shown("row#2"), [3, 4]);
    assert_eq!(shown("inner"), [2, 4]);
    assert_eq!(shown("row / inner#1"), [2]);
    for unknown in ["rows", "row#0", "row#3", "row#x", ""] {
        let text = tape.report(x).table().scope(unknown).unwrap_err().to_string();
        let note = format!("no scope is called `{unknown}`; there are `row`, `row / inner`");
        assert!(text.contains(&note), "{text}");
    }
    let unknown = Tape::new().report(Var::from(1.0)).table().scope("a").unwrap_err();
    assert_eq!(unknown.to_string(), "no scope is called `a`: the tape has no scopes");
}

#[test]
fn hostile_labels_stay_in_their_cells() {
    let ((tape, y), (tame, z)) = (hostile(), named(|i| format!("label {i}")));
    let text = plain(tape.report(y).table().width(0));
    assert_eq!(text.lines().count(), plain(tame.report(z).table().width(0)).lines().count());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{2028}']));
    for label in HOSTILE {
        assert!(text.contains(&visible(label)), "{label} is missing in\n{text}");
    }
    // Each name finds its nodes, whatever is in it.
    for label in HOSTILE {
        assert!(tape.report(y).table().wrt([label]).is_ok());
        assert!(tape.report(y).table().scope(label).is_ok());
    }
    let report = tape.report(y);
    let unknown = report.table().wrt(["\u{1b}[31m\n"]).unwrap_err().to_string()
        + &report.table().scope("\r").unwrap_err().to_string();
    assert!(unknown.chars().all(|c| !c.is_control()), "{unknown:?}");
}

#[test]
fn colours_change_nothing_but_colours() {
    let tape = Tape::new();
    let x = tape.vars(&[0.0, -1.0, 1.0, -4.0]);
    let y = x[0].square() + x[1].relu() + x[3].sqrt();
    let painted = tape.report(y).table().color(true).to_string();
    let mut bare = String::new();
    for part in painted.split("\x1b[") {
        bare += if bare.is_empty() { part } else { part.split_once('m').unwrap().1 };
    }
    assert_eq!(bare, plain(tape.report(y).table()));
    assert!(painted.contains("\x1b[1;31m!NaN\x1b[0m"));
}

#[test]
fn findings_are_listed_below_and_the_rest_is_counted() {
    let mut report = with_a_finding();
    let finding = report.findings[0].clone();
    let lead = "error[branch-changed]: this point takes another branch";
    assert_eq!(plain(report.table()).matches(lead).count(), 1);
    report.findings = vec![finding; 7];
    let text = plain(report.table().width(60));
    assert_eq!(text.matches(lead).count(), 5);
    assert!(text.ends_with("and 2 more findings\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
}

#[test]
fn titles_and_locations_are_shown_where_there_are_any() {
    let (tape, ssr) = dosage();
    let mut report = tape.report(ssr).title("Main\nideas");
    assert!(!plain(report.table()).contains("recorded at"));
    report.nodes[2].location = Some("src/main.rs:12".into());
    let text = plain(report.table().width(0));
    assert!(text.starts_with("Main\\nideas\n41 nodes, "), "{text}");
    let rows = read_table::cells(&text);
    assert_eq!((&*rows[1]["recorded at"], &*rows[2]["recorded at"]), ("", "src/main.rs:12"));
    assert!(
        plain(report.table().width(60)).contains("columns left out at this width: recorded at")
    );
}

#[test]
fn weights_of_a_layer_are_told_apart_where_there_is_little_room() {
    let tape = Tape::new();
    let names = [1, 2].into_iter().flat_map(|layer| {
        (0..12).map(move |k| format!("layer {layer}.weight[{},{}]", k / 4, k % 4))
    });
    let weights: Vec<Var> = names.map(|name| tape.var(-0.123456789).label(&name)).collect();
    let y = weights.iter().map(|w| w.softplus() * -1.23456e-5).sum::<Var>();
    let report = tape.report(y);
    for width in [50, 60, 80] {
        let text = report.table().width(width).rows(0).to_string();
        let cells: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split("  ").find(|c| c.starts_with("layer")))
            .collect();
        let distinct: std::collections::BTreeSet<_> = cells.iter().collect();
        assert!(cells.len() == 24 && distinct.len() == cells.len(), "{width}:\n{text}");
    }
}
