//! What `docs/inspecting.md` shows as printed is what its code prints.
//!
//! Its blocks run as documentation tests, but what they print is lost there. So each block that prints stands
//! here again, line by line the same, which is checked; and what it prints is compared with the page.

use gradtape::nn::Dosage;
use gradtape::{Program, Tape, Var, check_gradient, sum};
use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::path::Path;

thread_local! {
    static PRINTED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keep what is printed.
macro_rules! println {
    ($($text:tt)*) => {{
        let line = format!($($text)*) + "\n";
        PRINTED.with_borrow_mut(|all| all.push_str(&line));
    }};
}

type Done = Result<(), Box<dyn Error>>;

fn first_look() -> Done {
    let tape = Tape::new();
    let dose = tape.var(0.5).label("dose");
    let w1 = tape.var(3.34).label("w1");
    let b1 = tape.var(-1.43).label("b1");
    let y = (w1 * dose + b1).softplus().label("y");
    println!("{}", tape.report(y).table());
    Ok(())
}

fn parameters() -> Done {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    let report = tape.report(ssr);
    println!("{}", report.table().wrt(Dosage::NAMES)?.sort_by(|node| node.adjoint).digits(4));
    Ok(())
}

fn chain_rule() -> Done {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    println!("{}", tape.report(ssr).explain("b3")?);
    Ok(())
}

fn finding() -> Done {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let y = (x - 2.0).sqrt().sqrt().label("y");
    println!("{}", tape.report(y).findings[0]);
    Ok(())
}

fn three_zeros() -> Done {
    let tape = Tape::new();
    let bottom = tape.var(0.0).label("bottom");
    let dead = tape.var(-2.0).label("dead");
    let forgotten = tape.var(1.0).label("forgotten");
    let _penalty = forgotten.square().label("penalty");
    let kinked = tape.var(0.0).label("kinked");
    let loss = (bottom.square() + dead.relu() + kinked.abs()).label("loss");
    for name in ["bottom", "dead", "forgotten", "kinked"] {
        println!("{}\n", tape.report(loss).explain(name)?.paths(0));
    }
    Ok(())
}

fn mermaid() -> Done {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let y = (x * x).label("y");
    println!("{}", tape.report(y).mermaid()?);
    Ok(())
}

fn check() -> Done {
    let f = |x: &[Var]| (x[0] * x[1]).sin();
    let point = [0.5, 2.0];
    let tape = Tape::new();
    let y = f(&tape.vars(&point));
    let report = tape.report(y).with_check(check_gradient(f, &point)?);
    println!("{}", report.check.unwrap().verdict);
    Ok(())
}

fn pattern() -> Done {
    let springs = |x: &[Var]| sum(x.windows(2).map(|pair| (pair[1] - pair[0]).powi(4)));
    let at: Vec<f64> = (0..40).map(f64::from).collect();
    let program = Program::record(springs, &at);
    let report = program.report(&at)?.with_pattern(&program.hessian_plan()?);
    println!("{}", report.pattern.as_ref().unwrap().summary);
    Ok(())
}

fn program() -> Done {
    let program = Program::record(|x| (x[0] * x[1] + x[1] * x[0]).sin() * 1.0, &[3.0, 4.0]);
    let report = program.report(&[0.5, 2.0])?;
    println!("{}", report.table());
    for (name, count) in &report.facts {
        println!("{name}: {count}");
    }
    Ok(())
}

/// The blocks that print, in the order of the page.
const PRINTING: [fn() -> Done; 9] =
    [first_look, parameters, chain_rule, finding, three_zeros, mermaid, check, pattern, program];

/// A block of the page that prints: its code, and where what it prints stands.
struct Shown {
    code: Vec<String>,
    printed: std::ops::Range<usize>,
}

/// The blocks of code after which, with nothing but a blank line between, stands what they print.
fn shown(lines: &[&str]) -> Vec<Shown> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let end = |from: usize| from + lines[from..].iter().position(|l| *l == "```").unwrap_or(0);
        if lines[at] != "```rust" {
            at += 1;
            continue;
        }
        let close = end(at);
        if matches!(lines.get(close + 2), Some(&("```text" | "```mermaid"))) {
            let is_code = |line: &&str| {
                !line.is_empty() && !line.starts_with("use ") && !line.starts_with("# ")
            };
            let code = lines[at + 1..close].iter().map(|line| line.trim()).filter(is_code);
            let printed = close + 3..end(close + 2);
            found.push(Shown { code: code.map(String::from).collect(), printed });
        }
        at = close + 1;
    }
    found
}

/// What a block prints, without colours, which a terminal may have asked for, and blanks at the end.
fn printed(block: fn() -> Done) -> String {
    PRINTED.take();
    block().expect("the block runs");
    let text = PRINTED.take();
    let mut plain = String::new();
    for (k, part) in text.split("\u{1b}[").enumerate() {
        plain += if k == 0 { part } else { part.split_once('m').map_or(part, |(_, rest)| rest) };
    }
    plain.trim_end().to_string()
}

#[test]
fn what_the_page_shows_as_printed_is_printed_by_its_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/inspecting.md");
    let page = fs::read_to_string(&path).expect("the page can be read").replace("\r\n", "\n");
    let lines: Vec<&str> = page.lines().collect();
    let blocks = shown(&lines);
    assert_eq!(blocks.len(), PRINTING.len(), "a block that prints is missing here or there");

    let trimmed = |line: &str| line.trim().to_string();
    let own: Vec<String> =
        include_str!("inspecting_page.rs").lines().map(trimmed).filter(|l| !l.is_empty()).collect();
    let mut written = String::new();
    let mut last = 0;
    for (block, run) in blocks.iter().zip(PRINTING) {
        let stands_here = own.windows(block.code.len()).any(|window| window == block.code);
        assert!(stands_here, "tests/inspecting_page.rs runs other code than {:#?}", block.code);
        written += &lines[last..block.printed.start].join("\n");
        written += &format!("\n{}\n", printed(run));
        last = block.printed.end;
    }
    written += &(lines[last..].join("\n") + "\n");

    if std::env::var_os("GRADTAPE_BLESS").is_some_and(|bless| bless == "1") {
        fs::write(&path, &written).expect("the page can be written");
        return;
    }
    let differs = page.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(
        page == written,
        "docs/inspecting.md is stale, first at {differs:?}: rewrite it with \
         `GRADTAPE_BLESS=1 cargo test --test inspecting_page`"
    );
}
