//! The chain rule in the terminal: what it says, that it fits the width, and that it is honest.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod places;
}

use common::expression::expressions;
use common::places::places;
use gradtape::inspect::UnknownName;
use gradtape::nn::Dosage;
use gradtape::{Tape, Var, sum};
use property::config;
use proptest::prelude::*;

/// Compare with `tests/data/explain_dosage.txt`; `GRADTAPE_BLESS=1 cargo test` writes it anew.
#[test]
fn the_dosage_network_is_explained_as_checked_in() {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    let [b3, w1] = ["b3", "w1"].map(|name| report.explain(name).unwrap());
    let texts = [
        b3.to_string(),
        w1.to_string(),
        b3.clone().ascii().digits(3).to_string(),
        w1.clone().width(50).paths(2).to_string(),
        w1.clone().ascii().full().to_string(),
    ];
    let page = texts.join("\n\n----\n\n") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/explain_dosage.txt");
    if std::env::var_os("GRADTAPE_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    for (i, (line, expected)) in page.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "line {} of {path}", i + 1);
    }
    assert_eq!(page, expected);
}

#[test]
fn every_slope_of_every_recipe_is_ticked() {
    for dosage in [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()] {
        let tape = Tape::new();
        let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
        for name in Dosage::NAMES {
            let explanation = report.explain(name).unwrap();
            assert!(explanation.to_string().contains("  ✓\n"), "{explanation}");
            assert!(explanation.clone().ascii().to_string().contains("  ok\n"), "{explanation}");
        }
    }
}

#[test]
fn three_zeros_get_three_texts() {
    let tape = Tape::new();
    let (x, y) = (tape.var(0.0).label("x"), tape.var(-1.0).label("y"));
    let z = tape.var(1.0).label("z");
    let _unused = z.exp().label("unused");
    let loss = (x.square() + y.relu()).label("loss");
    let text = |v: Var| {
        tape.report(loss)
            .explain_node(v.index().unwrap())
            .to_string()
            .lines()
            .nth(1)
            .unwrap()
            .to_string()
    };
    assert_eq!(text(x), "loss depends on x along 1 path; the slope is truly 0 here");
    let blocked = tape.report(loss).explain_node(y.index().unwrap()).width(200).to_string();
    assert_eq!(
        blocked.lines().nth(1).unwrap(),
        "connected, but blocked: the only path from loss to y ends where an operation is constant, at \
         %5 = relu(y) = relu(-1)"
    );
    assert_eq!(
        text(z),
        "not connected: no path leads from loss to z; the last node that uses it is unused"
    );
    assert_eq!(text(loss), "loss is the output itself");
}

#[test]
fn a_product_that_underflows_is_no_true_zero() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let tiny = (x * 1e-200 * 1e-200).label("tiny");
    let second = |y: Var| {
        tape.report(y)
            .explain_node(x.index().unwrap())
            .to_string()
            .lines()
            .nth(1)
            .unwrap()
            .to_string()
    };
    assert_eq!(
        second(tiny),
        "tiny depends on x along 1 path; the slope is so small here that f64 has only 0 for it"
    );
    // A factor that is 0 is a true zero, whatever the others are.
    assert!(second((x - 1.0).square() * 1e-200 * 1e-200).ends_with("the slope is truly 0 here"));
}

#[test]
fn a_zero_keeps_its_sign_where_that_decides() {
    let tape = Tape::new();
    let x = tape.var(-0.0);
    let text = tape.report(x.signum() + x.recip()).explain_node(x.index().unwrap()).to_string();
    assert!(text.contains("%1 = signum(%0) = signum(-0) = -1\n"), "{text}");
    assert!(text.contains("%2 = 1 / %0 = 1 / (-0) = -inf\n"), "{text}");
}

#[test]
fn a_constant_output_is_called_constant() {
    let tape = Tape::new();
    let x = tape.var(0.0).label("x");
    assert_eq!(
        tape.report(Var::from(1.0)).explain_node(x.index().unwrap()).to_string(),
        "the output is a constant: its derivative with respect to x is 0"
    );
}

#[test]
fn unlabelled_nodes_are_contracted_only_where_one_path_runs_through_them() {
    let tape = Tape::new();
    let x = tape.var(0.5).label("x");
    let one_way = (x.sin() * 2.0).label("one way");
    let two_ways = (one_way.exp() * one_way.cos()).label("two ways");
    let y = two_ways.square().label("y");
    let text = tape.report(y).explain_node(x.index().unwrap()).to_string();
    assert!(text.contains("∂one way/∂x\n"), "{text}");
    assert!(text.contains("  ∂one way/∂x = ∂one way/∂%1 × ∂%1/∂x = 2 × 0.877583 = 1.75517\n"));
    // `∂two ways/∂one way` would be the sum of both.
    assert!(!text.contains("∂two ways/∂one way"), "{text}");
    assert!(text.contains("× ∂two ways/∂%3 × ∂%3/∂one way ×"), "{text}");
    let full = tape.report(y).explain_node(x.index().unwrap()).full().to_string();
    assert!(!full.contains("∂one way/∂x"), "{full}");
}

#[test]
fn without_labels_on_the_way_every_factor_is_shown() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    let y = x.sin().exp().square();
    let text = tape.report(y).explain_node(x.index().unwrap()).to_string();
    assert!(text.contains("∂%3/∂%0 = ∂%3/∂%2 × ∂%2/∂%1 × ∂%1/∂%0\n"), "{text}");
    assert!(text.contains("    ∂%2/∂%1 = exp(%1) = exp(0.479426) = 1.61515\n"), "{text}");
}

#[test]
fn what_is_not_shown_is_accounted_for() {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let y = sum([x * 1.0, x * 2.0, x * 4.0, x * 8.0]).label("y");
    let text = tape.report(y).explain_node(x.index().unwrap()).paths(2).to_string();
    for line in [
        "y depends on x along 4 paths",
        "+ … 2 paths more",
        "sum  12",
        "not shown   3",
        "by the sweep  15",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains('✓'), "{text}");
    // Largest first where some are left out, and in tape order where none is.
    assert!(text.contains("= 1 × 8 =  8\n"), "{text}");
    assert!(tape.report(y).explain_node(x.index().unwrap()).to_string().contains("= 1 × 1 =  1\n"));
}

#[test]
fn a_sum_that_differs_gets_no_tick() {
    let tape = Tape::new();
    let x = tape.var(0.0).label("x");
    let y = (x * 3e20 + x) - x * 3e20;
    let text = tape.report(y).explain_node(x.index().unwrap()).to_string();
    assert!(text.contains("✗ differs by 1, 3.3e-21 of the largest product\n"), "{text}");
    assert!(!text.contains('✓'), "{text}");
}

#[test]
fn what_is_no_number_gets_no_tick() {
    let tape = Tape::new();
    let x = tape.var(0.0).label("x");
    let h = x.sqrt();
    let text = tape.report(h - h).explain_node(x.index().unwrap()).to_string();
    assert!(text.contains("by the sweep   NaN  neither is a number\n"), "{text}");
    assert!(!text.contains('✓'), "{text}");
}

#[test]
fn equal_paths_are_one_row() {
    for (doublings, says, product) in [
        (3, "8 equal paths", "× 8 = 8.57708\n"),
        (10, "1024 equal paths", "× 1024 = 2.69815e7\n"),
        (60, "about 1.15292e18 equal paths", "= 1.15292e18\n"),
    ] {
        let tape = Tape::new();
        let x = tape.var(if doublings > 10 { 1.0 } else { 1.01 }).label("x");
        let y = (0..doublings).fold(x, |y, _| y * y).label("y");
        let text = tape.report(y).explain("x").unwrap().to_string();
        for part in [says, product, "✓"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // One row, and nothing that is not shown.
        assert_eq!(text.matches("\n           + ").count(), 0, "{text}");
        assert!(!text.contains("not shown") && !text.contains("paths more"), "{text}");
    }
}

#[test]
fn paths_that_are_not_equal_stay_apart() {
    let tape = Tape::new();
    let x = tape.var(2.0).label("x");
    // x / x passes the same nodes by partials of 1/2 and -1/2; x * x by 2 and 2.
    let text = tape.report((x / x).label("y")).explain("x").unwrap().to_string();
    assert!(text.contains("∂y/∂x (1st)\n") && text.contains("+ ∂y/∂x (2nd)\n"), "{text}");
    let z = sum([x, x, x * 3.0]).label("z");
    let text = tape.report(z).explain("x").unwrap().to_string();
    assert!(text.contains("∂z/∂x (each) × 2 equal paths\n"), "{text}");
    assert!(text.contains("by the sweep  5  ✓"), "{text}");
}

#[test]
fn equal_paths_are_ranked_by_what_they_add_up_to() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let y = sum([x * 3.0, x, x, x, x, x * 2.0]).label("y");
    let text = tape.report(y).explain("x").unwrap().paths(1).to_string();
    assert!(text.contains("(each) × 4 equal paths\n") && text.contains("… 2 paths more"), "{text}");
    assert!(text.contains("not shown  5\n") && text.contains("by the sweep  9"), "{text}");
}

#[test]
fn the_tick_is_decided_by_all_digits_and_not_by_those_shown() {
    let tape = Tape::new();
    let x = tape.var(0.0).label("x");
    let y = (x * 3e9 + x * 1e-9) - x * 3e9 + x;
    let text = tape.report(y).explain_node(x.index().unwrap()).digits(2).to_string();
    let paths = tape.report(y).paths(0);
    assert_eq!(paths.agrees, Some(false));
    assert!(text.contains('✗') && text.contains("sum") && !text.contains('✓'), "{text}");
}

#[test]
fn labels_cannot_write_to_the_terminal_or_break_lines() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("a\u{1b}[31m\n\t\u{202e}</script>");
    let y = (x * x).label("é\r");
    for text in [
        tape.report(y).explain_node(x.index().unwrap()).to_string(),
        tape.report(y).explain_node(x.index().unwrap()).ascii().to_string(),
    ] {
        assert!(!text.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')));
        assert!(text.contains("a\\u{1b}[31m\\n\\t\\u{202e}</scrip"), "{text}");
    }
    assert!(tape.report(y).explain_node(x.index().unwrap()).to_string().contains("∂é\\r/∂a"));
    assert!(
        tape.report(y)
            .explain_node(x.index().unwrap())
            .ascii()
            .to_string()
            .contains("d\\u{e9}\\r/da")
    );
    let error = tape.report(y).explain("\u{1b}[2J").unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error}");
}

#[test]
fn nodes_with_one_label_are_told_apart() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let y = x.sin().label("h").cos().label("h");
    assert!(
        tape.report(y)
            .explain_node(x.index().unwrap())
            .to_string()
            .contains("∂h (%2)/∂h (%1) × ∂h (%1)/∂x\n")
    );
}

#[test]
fn an_unknown_name_is_answered_by_those_that_come_near() {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    let error = |name: &str| report.explain(name).unwrap_err();
    assert_eq!(
        error("b4").to_string(),
        "no node is called `b4`; did you mean `b1` or `b2` or `b3`? (by index: `%0` to `%40`)"
    );
    let offered = |name: &str| match error(name) {
        UnknownName::Node { labels, near, .. } => (labels, near),
        other => panic!("{other}"),
    };
    assert_eq!(offered("ssr").0, ["SSR"]);
    assert_eq!(offered("residual").0[0], "residual 0");
    assert!(!offered("quadrature").1);
    assert_eq!(
        error("quadrature").to_string(),
        "no node is called `quadrature`; there are `w1`, `b1`, `w2` among others (by index: `%0` to `%40`)"
    );
    let empty = Tape::new();
    let error = empty.report(Var::from(0.0)).explain("x").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no node is called `x`; no node has a label (the report has no nodes)"
    );
}

#[test]
fn a_long_path_is_shown_by_its_ends_unless_asked_for_in_full() {
    let tape = Tape::new();
    let x = tape.var(0.5).label("x");
    let y = (0..100).fold(x, |y, _| y.sin()).label("y");
    let short = tape.report(y).explain_node(x.index().unwrap()).to_string();
    assert!(short.contains("× … 76 factors … × "), "{short}");
    // What is between is one factor with its number, so that the product is that of what is shown.
    let (_, numbers) = short.split_once("\n\n").unwrap().1.split_once("\n\n").unwrap();
    let (numbers, _) =
        numbers.split_once(" = ").map(|(_, n)| n.split_once("sum").unwrap()).unwrap();
    let (factors, product) = numbers.rsplit_once('=').unwrap();
    let factors = factors.replace("(… 76 factors:", "").replace(')', "");
    let shown: Vec<f64> = factors.split('×').map(|text| text.trim().parse().unwrap()).collect();
    let product: f64 = product.trim().parse().unwrap();
    assert_eq!(shown.len(), 25, "{short}");
    assert!((shown.iter().product::<f64>() / product - 1.0).abs() < 1e-4, "{short}");
    assert!(short.contains("  and 76 more nodes"), "{short}");
    let full = tape.report(y).explain_node(x.index().unwrap()).full().to_string();
    assert!(!full.contains('…') && full.contains("∂%50/∂%49 = cos(%49)"), "{full}");
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn no_line_exceeds_the_width_and_ascii_is_ascii(
        expression in expressions(),
        width in 0..140_usize,
        label in "[ a-z<&\"é\n\u{7}\u{1b}\u{202e}重み😀\u{301}]{0,60}",
        every in 1..5_usize,
        (digits, full) in (0..20_usize, any::<bool>()),
    ) {
        let tape = Tape::new();
        let inputs = tape.vars(&expression.point);
        let values = expression.values(&inputs);
        for (i, value) in values.iter().enumerate().step_by(every) {
            if !value.is_constant() {
                let _named = value.label(&format!("{label}{}", i % 7));
            }
        }
        let y = values[values.len() - 1];
        let report = tape.report(y);
        let limit = if width == 0 { usize::MAX } else { width.max(40) };
        for i in 0..report.nodes.len() {
            let explanation = report.explain_node(i).width(width).digits(digits);
            let explanation = if full { explanation.full() } else { explanation };
            let (text, ascii) = (explanation.to_string(), explanation.clone().ascii().to_string());
            prop_assert!(ascii.is_ascii(), "{ascii}");
            for line in text.lines().chain(ascii.lines()) {
                prop_assert!(places(line) <= limit, "{line}");
                prop_assert_eq!(line.trim_end(), line);
            }
            // The tick is there if and only if all paths are, and agree.
            let is_chain = ascii.contains("by the sweep");
            let ticked = ascii.lines().any(|line| line.ends_with("  ok"));
            let is_whole = !ascii.lines().any(|line| line.trim_start().starts_with("not shown"));
            let adjoint = report.nodes[i].adjoint;
            let paths = report.paths_up_to(i, 5000);
            if paths.agrees.is_some() {
                let agrees = paths.agrees == Some(true) && !adjoint.is_nan();
                let close = paths.relative_difference() < 1e-15;
                prop_assert!(ticked == (is_chain && is_whole && agrees) || close, "{}", ascii);
            }
            prop_assert!(!ticked || is_whole && is_chain && !adjoint.is_nan(), "{}", ascii);
        }
    }
}
