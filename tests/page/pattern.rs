//! The pattern of a sparse derivative: a square for each entry or block of them, colours with numbers, keys.

use super::browser::Browser;
use super::devtools::Page;
use super::reports::PAGE;
use super::safe::ODD;
use super::{Visit, browser};
use gradtape::inspect::{Report, Sparsity};
use gradtape::{Program, Tape, Var, sum};
use serde_json::{Value, json};

fn shown(pattern: impl Into<Sparsity>) -> Report {
    let tape = Tape::new();
    let x = tape.var(1.5).label("x");
    let y = (x.exp() * 3.0 - x).tanh() * x.square();
    tape.report(y.label("y")).with_pattern(pattern)
}

/// Each equation has its unknown and both neighbours.
pub fn band(n: usize) -> Report {
    let equations = |x: &[Var]| -> Vec<Var> {
        let at = |i: usize| x.get(i).copied().unwrap_or_default();
        (0..n).map(|i| at(i.wrapping_sub(1)) - x[i] * x[i] + at(i + 1)).collect()
    };
    shown(&Program::record(equations, &vec![1.0; n]).jacobian_plan())
}

/// A full first row, a full first column, a diagonal: colours of rows and of columns.
pub fn arrow() -> Report {
    let equations = |x: &[Var]| -> Vec<Var> {
        let rows = (1..x.len()).map(|i| x[0] * x[i]);
        [sum(x).label("whole")].into_iter().chain(rows).collect()
    };
    let program = Program::record(equations, &[1.0; 30]);
    shown(&program.jacobian_plan())
}

/// Square `k` of the page, of `count`: what the line below says of it, and its hue.
const TELL: &str = "
    const squares = all('#pattern [data-k]');
    const tell = k => (squares[k].dispatchEvent(new PointerEvent('pointerover', { bubbles: true })), text('#pattern .readout'));
    const told = squares.map((square, k) => [tell(k), square.getAttribute('class')]);";

fn found(browser: &'static Browser, report: &Report, script: &str) -> Value {
    let script = format!("{TELL}{script}");
    browser.drive(&[Visit::new(&report.html().to_string(), &script)]).remove(0)
}

#[test]
fn a_band_has_a_square_an_entry_and_a_colour_a_column() {
    let report = band(12);
    let script = "return { told, numbers: all('#pattern svg text').map(e => e.textContent), says: one('#pattern svg').getAttribute('aria-label') };";
    let found = found(browser!(), &report, script);
    let pattern = report.pattern.as_ref().expect("a pattern");
    let mut expected = vec![];
    for (row, columns) in pattern.entries.iter().enumerate() {
        for &column in columns {
            let colour = pattern.columns[column].colour.expect("a colour");
            let says = format!("∂y[{row}]/∂x[{column}], colour {colour} of the columns");
            expected.push(json!([says, format!("h{colour}")]));
        }
    }
    assert_eq!((expected.len(), &found["told"]), (34, &json!(expected)));
    let numbers = pattern.columns.iter().map(|line| line.colour.expect("one").to_string());
    assert_eq!(found["numbers"], json!(numbers.collect::<Vec<_>>()));
    let says = found["says"].as_str().expect("a label");
    assert!(
        says.starts_with("Jacobian: 34 of 144 entries, 3 colours of columns, 1 sweep"),
        "{says}"
    );
}

#[test]
fn an_entry_of_an_arrow_has_the_colour_from_which_it_is_read() {
    let report = arrow();
    let found = found(browser!(), &report, "return told;");
    let told: Vec<&str> =
        found.as_array().expect("squares").iter().filter_map(|one| one[0].as_str()).collect();
    assert_eq!(told.len(), 88);
    assert_eq!(told[3], "∂whole/∂x[3], colour 0 of the rows");
    let of = |kind: &str| told.iter().filter(|says| says.ends_with(kind)).count();
    assert_eq!((of("of the rows"), of("of the columns")), (30, 58));
    // Those of one column have one colour, all others another; three seeds, three hues.
    assert_eq!((told[30], told[31]).0.split(", ").next(), Some("∂y[1]/∂x[0]"));
    assert_ne!(told[30].rsplit(", ").next(), told[31].rsplit(", ").next());
    let hues = [0, 30, 31].map(|k| found[k][1].as_str().expect("a hue"));
    assert_eq!(hues, ["h2", "h0", "h1"]);
}

#[test]
fn a_hessian_names_both_inputs() {
    let springs = |x: &[Var]| {
        let x: Vec<Var> =
            x.iter().enumerate().map(|(i, x)| x.label(&format!("mass {i}"))).collect();
        sum(x.windows(2).map(|pair| (pair[1] - pair[0]).powi(4)))
    };
    let program = Program::record(springs, &[0.0; 40]);
    let report = shown(&program.hessian_plan().expect("one output"));
    let found = found(browser!(), &report, "return told[2][0];");
    assert!(found.to_string().contains("∂²f/∂mass 1∂mass 0, colour"), "{found}");
}

#[test]
fn blocks_of_a_large_pattern_have_all_its_entries() {
    let report = band(1000);
    let script = "
        const counts = told.map(([says]) => Number(says.match(/: ([\\d,]+) of/)[1].replace(',', '')));
        const shades = squares.map(square => Number(square.getAttribute('opacity')));
        return { sum: counts.reduce((sum, n) => sum + n, 0), first: told[0], last: told.at(-1), rows: Math.max(...data.pattern.cells.map((_, r) => r)) + 1,
          darkest: counts[shades.indexOf(Math.max(...shades))] === Math.max(...counts), texts: all('#pattern svg text').length };";
    let found = found(browser!(), &report, script);
    let expected = json!({
        "sum": 2998,
        "first": ["rows 0–8, columns 0–8: 25 of 81 places", null],
        "last": ["row 999, column 999: 1 of 1 place", null],
        "rows": 112, "darkest": true, "texts": 0,
    });
    assert_eq!(found, expected);
}

#[test]
fn few_columns_of_many_rows_keep_their_colours() {
    let rows = |x: &[Var]| (0..500).map(|i| x[i % 20].sin()).collect::<Vec<_>>();
    let report = shown(&Program::record(rows, &[1.0; 20]).jacobian_plan());
    let script = "return { said: told[0][0], hue: told[0][1], texts: all('#pattern svg text').map(e => e.textContent) };";
    let found = found(browser!(), &report, script);
    let said = "rows 0–4, column 0: 1 of 5 places, colour 0 of the columns";
    assert_eq!(found, json!({ "said": said, "hue": "h0", "texts": vec!["0"; 20] }));
}

#[test]
fn hostile_labels_stay_text() {
    for text in ODD {
        let equations = |x: &[Var]| {
            let x: Vec<Var> = x.iter().map(|x| x.label(text)).collect();
            x.iter().map(|x| x.square().label(text)).collect::<Vec<_>>()
        };
        let report = shown(&Program::record(equations, &[1.0; 20]).jacobian_plan());
        let script = "return { hacked: Boolean(window.hacked), inside: all('#pattern .readout *').length, scripts: all('script').length, says: told[0][0] };";
        let found = found(browser!(), &report, script);
        let says = found["says"].as_str().expect("a text");
        assert!(says.starts_with('∂') && says.ends_with("colour 0 of the columns"), "{says}");
        assert!(!says.contains(['\n', '\u{202e}', '\0']), "{says:?}");
        let rest = [&found["hacked"], &found["inside"], &found["scripts"]];
        assert_eq!(rest, [&json!(false), &json!(0), &json!(2)], "{text:?}");
    }
}

#[test]
fn arrow_keys_go_from_square_to_square_and_escape_leaves() {
    let mut page = Page::open(browser!(), &arrow().html().to_string(), "");
    let inside = "document.activeElement.matches('#pattern svg')";
    let mut tabs = 0;
    while page.read(inside) != true {
        page.key("Tab");
        tabs += 1;
        assert!(tabs < 100, "Tab does not come to the drawing");
    }
    let step = "document.querySelector('#slider').value";
    let before = page.read(step);
    let told = |page: &mut Page, key: &str| {
        page.key(key);
        let says = page.read("document.querySelector('#pattern .readout').textContent");
        let says = says.as_str().expect("a text").to_owned();
        says.split(", ").next().expect("an entry").to_owned()
    };
    for (key, entry) in [
        ("ArrowRight", "∂whole/∂x[1]"),
        ("ArrowLeft", "∂whole/∂x[0]"),
        ("ArrowLeft", "∂whole/∂x[0]"),
        ("ArrowDown", "∂y[1]/∂x[0]"),
        ("ArrowDown", "∂y[2]/∂x[0]"),
        ("ArrowRight", "∂y[2]/∂x[2]"),
        ("ArrowDown", "∂y[3]/∂x[3]"),
        ("ArrowUp", "∂y[2]/∂x[2]"),
        ("End", "∂y[29]/∂x[29]"),
        ("ArrowDown", "∂y[29]/∂x[29]"),
        ("Home", "∂whole/∂x[0]"),
    ] {
        assert_eq!(told(&mut page, key), entry, "{key}");
    }
    // The tape stood still.
    assert_eq!(page.read(step), before);
    // One stop: the next Tab leads on, Shift and Tab back; Escape leaves.
    page.key("Tab");
    assert_eq!(page.read(inside), false);
    page.key("Shift+Tab");
    assert_eq!(page.read(inside), true);
    page.key("Escape");
    assert_eq!(page.read("document.activeElement === document.body"), true);
}

#[test]
fn without_a_pattern_the_page_has_nothing_of_it() {
    for word in ["function patternPanel", ".pattern{", "\"pattern\":"] {
        assert!(!PAGE.contains(word), "{word}");
        assert!(arrow().html().to_string().contains(word), "{word}");
    }
}

#[test]
fn a_pattern_without_entries_says_so() {
    let constants = |x: &[Var]| vec![Var::from(1.0), x[0] * 0.0 + 2.0];
    let mut report = shown(&Program::record(constants, &[1.0]).jacobian_plan());
    let pattern = report.pattern.as_mut().expect("a pattern");
    pattern.entries.iter_mut().for_each(Vec::clear);
    report.verify().expect("a report");
    let script = "return [squares.length, one('#pattern svg').getAttribute('role')];";
    let found = found(browser!(), &report, script);
    assert_eq!(found, json!([0, "img"]));
}
