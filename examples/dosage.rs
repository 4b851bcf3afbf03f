//! Train the dosage network, and show every number of the explanation beside the published one.
//!
//! `cargo run --release --example dosage` prints it as text;
//! `cargo run --release --example dosage -- --report FILE.html` writes a page to step through.
//!
//! With `--data FILE`, a dosage and an efficacy on each line, `--rate NUMBER` or `--start` and seven numbers with commas
//! between them it trains the network on data of your own, at that learning rate, from there.

#[path = "dosage/arguments.rs"]
pub mod arguments;
#[path = "dosage/page.rs"]
mod page;

use gradtape::nn::Dosage;
use gradtape::optim::{Fit, Sgd, fit};
use gradtape::{Real, Tape, gradient, value_and_gradient};
use page::{Done, four, heading, negative, six, table, text};
use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match arguments::read(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("dosage: {message}");
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match (&options.report, &options.own) {
        (None, None) => report(&mut out),
        (None, Some(own)) => train(&mut out, own),
        (Some(path), own) => {
            write_report(path, own.as_ref()).and_then(|()| say_where(&mut out, path))
        }
    };
    match written.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough, as in `... | head`.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dosage: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Write the page to step through: the tape, the network and the descent.
pub fn write_report(path: &Path, own: Option<&Dosage>) -> Done {
    let report = own.map_or_else(|| Ok(Dosage::published_report()), Dosage::report)?;
    fs::write(path, report.html().to_string())
        .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

/// Say where the page is and how to open it.
fn say_where(out: &mut impl Write, path: &Path) -> Done {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let kilobytes = fs::metadata(path)?.len().div_ceil(1000);
    writeln!(out, "The page is {} ({kilobytes} kB).", whole.display())?;
    Ok(writeln!(out, "Open it in any browser, by a double click or as its address.")?)
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Write the whole explanation.
pub fn report(out: &mut impl Write) -> Done {
    out.write_all(INTRODUCTION.as_bytes())?;
    let (a, b, c) = (Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2());
    title(out, "A", &a)?;
    ssr_against_b3(out, &a)?;
    chain_rule(out, &a)?;
    descent_of_b3(out, &a)?;
    title(out, "B", &b)?;
    first_step(out, &b, SLOPES_OF_B)?;
    let fit = b.fit()?;
    on_the_way(out, &b, &fit, &[0, 1, 2, 3, 10, 50, 100, 500, 1000, 2000])?;
    predictions(out, &b, &fit)?;
    title(out, "C", &c)?;
    first_step(out, &c, SLOPES_OF_C)?;
    let fit = c.fit()?;
    on_the_way(out, &c, &fit, &[0, 1, 2, 3, 10, 100, 500, 1000, 2000, 6000])?;
    predictions(out, &c, &fit)?;
    two_ends(out, &c)?;
    curves(out)
}

/// Train on data of one's own, and show where that leads.
pub fn train(out: &mut impl Write, own: &Dosage) -> Done {
    let fit = own.fit()?;
    heading(out, &own.title)?;
    let text_of = "Every number by one sweep backwards over the tape of the SSR, at each step.";
    first_step(out, own, text_of)?;
    on_the_way(out, own, &fit, &[0, 1, 2, 3, 10, 100, 500, 1000, 2000, own.steps])?;
    predictions(out, own, &fit)
}

const INTRODUCTION: &str = "\
THE DOSAGE NETWORK

A low dosage (0) and a high dosage (1) of a drug did not work, a medium one (0.5) did. Two softplus
curves, blue and orange, are scaled and added up to the green squiggle, which is to fit that data:

    blue   = w3 · softplus(w1 · dosage + b1)        softplus(x) = ln(1 + e^x)
    orange = w4 · softplus(w2 · dosage + b2)
    green  = blue + orange + b3                     the predicted efficacy
    SSR    = Σ (observed - predicted)²              the sum of squared residuals

Backpropagation finds how the SSR changes with each parameter: one sweep backwards over the tape of
the computation. Gradient descent then moves each parameter against its slope, again and again.
";

const SLOPES_OF_B: &str = "\
The last weights start at numbers drawn at random, the last bias at 0; they descend together.

The chain rule as before; only the last factor differs, which is what the parameter multiplies:

    dSSR/dw3 = Σ -2 (observed - predicted) × softplus(w1 · dosage + b1)
    dSSR/dw4 = Σ -2 (observed - predicted) × softplus(w2 · dosage + b2)
    dSSR/db3 = Σ -2 (observed - predicted) × 1";

const SLOPES_OF_C: &str = "\
Now nothing is known: all weights start at numbers drawn at random, all biases at 0.

The chain rule goes on through softplus, whose slope is e^x / (1 + e^x), to the first weights:

    dSSR/dw1 = Σ -2 (observed - predicted) × w3 × e^x / (1 + e^x) × dosage,  x = w1 · dosage + b1
    dSSR/db1 = Σ -2 (observed - predicted) × w3 × e^x / (1 + e^x) × 1
    dSSR/dw2 and dSSR/db2 likewise, with w4 and x = w2 · dosage + b2; w3, w4 and b3 as in B";

/// The table of b3 against SSR.
fn ssr_against_b3(out: &mut impl Write, dosage: &Dosage) -> Done {
    text(
        out,
        "b3 only moves the squiggle up and down. Where it is too low the slope is negative.",
    )?;
    let rows =
        [(0.0, "20.4"), (1.0, "7.8"), (2.0, "1.11"), (3.0, "0.46")].map(|(b3, published)| {
            let (ssr, slope) = value_and_gradient(|b3| dosage.ssr(b3), &[b3]);
            vec![b3.to_string(), six(ssr), published.into(), six(slope[0])]
        });
    table(out, &["b3", "SSR", "published", "slope dSSR/db3"], &rows)
}

/// dSSR/db3 at b3 = 0, term by term, and the same numbers out of one sweep.
fn chain_rule(out: &mut impl Write, dosage: &Dosage) -> Done {
    text(
        out,
        "The chain rule at b3 = 0. Each observation adds one term to the slope; the sweep leaves\n\
         the same numbers as adjoints on its way from the SSR back to b3.",
    )?;
    text(
        out,
        "    dSSR/db3 = Σ dSSR/dpredicted × dpredicted/db3 = Σ -2 (observed - predicted) × 1",
    )?;
    let tape = Tape::new();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    let swept = ssr.backward().by_label();
    let (mut sum, mut apart) = (0.0, 0.0_f64);
    let mut rows = vec![];
    for [x, observed] in Dosage::DATA {
        let predicted = dosage.predict(&dosage.start, x);
        let adjoint = swept[&format!("predicted {x}")];
        let moves_by = gradient(|p| dosage.predict(p, x), &dosage.start)[6];
        let product = -2.0 * (observed - predicted) * moves_by;
        sum += product;
        apart = apart.max((product - adjoint).abs());
        let factors = format!("-2 ({observed} - {}) × {moves_by}", negative(predicted));
        let cells = [six(predicted), factors, six(product), six(adjoint)];
        rows.push([vec![x.to_string(), observed.to_string()], cells.to_vec()].concat());
    }
    apart = apart.max((sum - swept["b3"]).abs());
    let cells = ["sum", "", "", "dSSR/db3"].map(String::from);
    rows.push([cells.to_vec(), vec![six(sum), six(swept["b3"])]].concat());
    let headings = ["dosage", "observed", "predicted", "the term", "its value", "by the sweep"];
    table(out, &headings, &rows)?;
    let verdict = if apart < 1e-12 { "agree within 1e-12" } else { "DISAGREE" };
    text(out, &format!("The terms and the sweep {verdict}. The published sum is -15.7."))
}

/// Gradient descent on b3 alone.
fn descent_of_b3(out: &mut impl Write, dosage: &Dosage) -> Done {
    let (rate, close_to_0) = (dosage.learning_rate, 0.001);
    text(
        out,
        &format!(
            "Gradient descent: step size = slope × {rate}, new b3 = old b3 - step size, until the \
             step\nsize is close to 0 (here {close_to_0})."
        ),
    )?;
    let fit = dosage.fit()?;
    let published = ["-15.7  -1.57   1.57", "-6.26  -0.626  2.19"];
    let records = &fit.history.records;
    let rows: Vec<Vec<String>> = records
        .windows(2)
        .map(|pair| {
            let (old, new) = (&pair[0], pair[1].parameters[0]);
            let slope = old.gradient[0];
            let numbers = [old.parameters[0], old.loss, slope, slope * old.learning_rate, new];
            let mut row = vec![(old.step + 1).to_string()];
            row.extend(numbers.map(six));
            row.push(published.get(old.step).map_or(String::new(), |text| text.to_string()));
            row
        })
        .collect();
    let headings =
        ["step", "old b3", "SSR", "slope", "step size", "new b3", "the last three, published"];
    table(out, &headings, &rows)?;
    let b3 = fit.parameters[0];
    text(
        out,
        &format!(
            "The end, b3 = {}, rounds to {b3:.2}. Published: {}.",
            six(b3),
            Dosage::PUBLISHED[6]
        ),
    )?;
    predictions(out, dosage, &fit)
}

/// All slopes at the start, and what one step makes of them.
fn first_step(out: &mut impl Write, recipe: &Dosage, chain_rule: &str) -> Done {
    let rate = recipe.learning_rate;
    text(out, chain_rule)?;
    text(out, &format!("One sweep gives all slopes at once; step size = slope × {rate}."))?;
    let start = recipe.trained_start();
    let (ssr, slopes) = value_and_gradient(|p| recipe.ssr(p), &start);
    let rows: Vec<Vec<String>> = recipe
        .trained_names()
        .iter()
        .zip(start.iter().zip(&slopes))
        .map(|(name, (&old, &slope))| {
            let numbers = [old, slope, slope * rate, old - slope * rate];
            [vec![name.to_string()], numbers.map(six).to_vec()].concat()
        })
        .collect();
    table(out, &["parameter", "start", "slope", "step size", "after one step"], &rows)?;
    text(out, &format!("The SSR at the start is {}.", six(ssr)))
}

/// The parameters at a few steps, and the published ones.
fn on_the_way(out: &mut impl Write, recipe: &Dosage, fit: &Fit, steps: &[usize]) -> Done {
    text(out, &format!("On the way at learning rate {}:", recipe.learning_rate))?;
    let records = &fit.history.records;
    let row = |when: String, parameters: &[f64], ssr: f64| {
        let numbers = parameters.iter().map(|&p| four(p)).collect();
        [vec![when], numbers, vec![six(ssr)]].concat()
    };
    let mut rows: Vec<Vec<String>> = steps
        .iter()
        .filter_map(|&step| records.get(step))
        .map(|record| row(record.step.to_string(), &record.parameters, record.loss))
        .collect();
    if recipe.data == Dosage::DATA {
        let published: Vec<f64> = recipe.trained.iter().map(|&i| Dosage::PUBLISHED[i]).collect();
        rows.push(row("published".into(), &published, recipe.ssr(&published)));
    }
    table(out, &[&["step"], &recipe.trained_names()[..], &["SSR"]].concat(), &rows)
}

/// What the trained network predicts.
fn predictions(out: &mut impl Write, recipe: &Dosage, fit: &Fit) -> Done {
    text(out, "At the end the squiggle misses the data by the residuals:")?;
    let all = recipe.place(&fit.parameters);
    let row = |&[x, observed]: &[f64; 2]| {
        let predicted = recipe.predict(&all, x);
        vec![x.to_string(), observed.to_string(), six(predicted), six(observed - predicted)]
    };
    let rows: Vec<Vec<String>> = recipe.data.iter().map(row).collect();
    table(out, &["dosage", "observed", "predicted", "residual"], &rows)
}

/// Where recipe C ends at other learning rates.
fn two_ends(out: &mut impl Write, dosage: &Dosage) -> Done {
    text(
        out,
        "The SSR is 0 at more than one end. Learning rates from 0.01 to 0.03 reach the published\n\
         one, to two decimals. At 0.1 the first steps overshoot, and plain descent ends at\n\
         another zero, with another squiggle through the same three points:",
    )?;
    let row = |rate: f64, steps: usize, p: &[f64]| {
        let numbers = p.iter().map(|&p| four(p)).collect();
        [vec![rate.to_string(), steps.to_string()], numbers, vec![six(dosage.ssr(p))]].concat()
    };
    let mut rows = vec![];
    for (rate, steps) in [(0.01, 20_000), (0.02, 10_000), (0.03, 6000), (0.1, 2000)] {
        let fit = fit(|p| dosage.ssr(p), &dosage.start, &mut Sgd::new(rate), steps)?;
        rows.push(row(rate, steps, &fit.parameters));
    }
    table(out, &[&["rate", "steps"], &Dosage::NAMES[..], &["SSR"]].concat(), &rows)
}

/// The curves of the published parameters, in numbers and drawn.
fn curves(out: &mut impl Write) -> Done {
    heading(out, "THE CURVES of the published parameters")?;
    text(
        out,
        "Each hidden unit bends a straight line by softplus and scales it; b3 lifts the sum.",
    )?;
    let [w1, b1, w2, b2, ..] = Dosage::PUBLISHED;
    let dosages = || (0..=10).map(|tenths| f64::from(tenths) / 10.0);
    let rows: Vec<Vec<String>> = dosages()
        .map(|x| {
            let (top, bottom) = (w1 * x + b1, w2 * x + b2);
            let [blue, orange, green] = three(x);
            let numbers = [top, top.softplus(), blue, bottom, bottom.softplus(), orange, green];
            [vec![x.to_string()], numbers.map(four).to_vec()].concat()
        })
        .collect();
    let headings = [
        "dosage",
        "w1 x + b1",
        "softplus",
        "· w3 = blue",
        "w2 x + b2",
        "softplus",
        "· w4 = orange",
        "green",
    ];
    table(out, &headings, &rows)?;
    text(out, "Drawn, b for blue, o for orange, G for green:")?;
    writeln!(out, "\n    dosage  -3        -2        -1         0         1")?;
    for x in dosages() {
        let mut line = [' '; 43];
        line[30] = '|';
        for (curve, mark) in three(x).into_iter().zip(['b', 'o', 'G']) {
            line[((curve + 3.0) * 10.0).round() as usize] = mark;
        }
        let line: String = line.iter().collect();
        writeln!(out, "    {x:>6}  {}", line.trim_end())?;
    }
    Ok(())
}

/// Blue, orange and green at a dosage.
fn three(x: f64) -> [f64; 3] {
    Dosage::details_2().curves(&Dosage::PUBLISHED, x)
}

fn title(out: &mut impl Write, letter: &str, recipe: &Dosage) -> Done {
    heading(out, &format!("{letter}. {}", recipe.title))?;
    let list = |trained: bool| {
        let chosen = (0..7).filter(|i| recipe.trained.contains(i) == trained);
        let named: Vec<String> =
            chosen.map(|i| format!("{} = {}", Dosage::NAMES[i], recipe.start[i])).collect();
        if named.is_empty() { "none".into() } else { named.join("  ") }
    };
    text(out, &format!("    known    {}\n    unknown  {} at the start", list(false), list(true)))
}
