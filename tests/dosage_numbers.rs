//! The golden numbers of the dosage network: `tests/data/statquest.txt`, whole, whose points were
//! computed to 40 digits, and the page that the example prints.

use gradtape::nn::Dosage;
use gradtape::optim::{Fit, Sgd, fit};
use gradtape::{Real, Tape, sum_squares, value_and_gradient};

#[path = "../examples/dosage.rs"]
#[allow(dead_code)]
mod example;

/// The lines of the file whose first word begins with `kind`: that word, and the numbers after it.
fn lines(kind: &str) -> Vec<(&'static str, Vec<f64>)> {
    let lines = include_str!("data/statquest.txt").lines().filter(|line| !line.starts_with('#'));
    let split = |line: &'static str| {
        let (name, numbers) = line.split_once(' ').unwrap();
        (name, numbers.split(' ').map(|number| number.parse().unwrap()).collect())
    };
    lines.map(split).filter(|(name, _)| name.starts_with(kind)).collect()
}

/// The difference, relative where the number is larger than 1.
fn apart(got: f64, expected: f64) -> f64 {
    (got - expected).abs() / expected.abs().max(1.0)
}

#[track_caller]
fn all_close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let apart = apart(got, expected);
        assert!(apart <= tolerance, "{what}, number {i}: {got} is {apart:e} from {expected}");
    }
}

/// A fit at another rate, for a number of steps.
fn trained(dosage: &Dosage, rate: f64, steps: usize) -> Fit {
    let start = dosage.trained_start();
    fit(|p| dosage.ssr(p), &start, &mut Sgd::new(rate), steps).unwrap()
}

#[test]
fn every_line_of_the_file_is_tested() {
    let count = |kind: &str| lines(kind).len();
    let points = count("pt2video")
        + count("published")
        + count("details1")
        + count("details2")
        + count("pt1video");
    assert_eq!(points, 8);
    assert_eq!(
        (count("b3"), count("details_pt1"), count("details_pt2"), count("relu")),
        (31, 14, 43, 35)
    );
    assert_eq!(lines("").len(), 8 + 31 + 14 + 43 + 35);
}

#[test]
fn ssr_slopes_and_predictions_are_those_of_40_digits() {
    let points = lines("").into_iter().filter(|(_, numbers)| numbers.len() == 7 + 1 + 7 + 3);
    let points: Vec<_> = points.collect();
    assert_eq!(points.len(), 8);
    for (name, numbers) in points {
        let (p, expected) = numbers.split_at(7);
        let dosage = Dosage::details_2();
        let (ssr, slopes) = value_and_gradient(|p| dosage.ssr(p), p);
        let predicted = Dosage::DATA.map(|[x, _]| dosage.predict(p, x));
        let got = [&[ssr], &slopes[..], &predicted].concat();
        all_close(name, &got, expected, 1e-13);
    }
}

#[test]
fn predictions_are_plain_arithmetic_to_the_bit_on_a_tape_too() {
    let dosage = Dosage::details_2();
    let starts = [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()].map(|d| d.start);
    for p in [&[Dosage::PUBLISHED], &starts[..]].concat() {
        let [w1, b1, w2, b2, w3, w4, b3] = p;
        let tape = Tape::new();
        let leaves = tape.vars(&p);
        for i in 0..=40 {
            let x = f64::from(i) / 20.0 - 0.5;
            let plain = w3 * (w1 * x + b1).softplus() + w4 * (w2 * x + b2).softplus() + b3;
            assert_eq!(dosage.predict(&p, x), plain);
            assert_eq!(dosage.predict(&leaves, x).value(), plain);
            let [blue, orange, green] = dosage.curves(&p, x);
            assert_eq!(blue + orange + b3, green);
        }
    }
}

#[test]
fn b3_descends_as_explained() {
    let trace = lines("b3");
    let dosage = Dosage::main_ideas();
    let fit = trained(&dosage, dosage.learning_rate, trace.len() - 1);
    for ((_, line), record) in trace.iter().zip(&fit.history.records) {
        assert_eq!(line[0], record.step as f64);
        let got = [record.parameters[0], record.loss, record.gradient[0]];
        all_close(&format!("b3 step {}", record.step), &got, &line[1..], 1e-14);
    }
}

/// Train at the rate in the trace's name and compare at its steps: the parameters, and the root of
/// the SSR, which is in the units of the residuals.
///
/// On one machine the farthest number is 7e-15 off, in 28,000 steps of C at four rates: descent
/// contracts towards its end and so forgets its rounding errors. 1e-12 leaves room for the `exp` of
/// other machines.
#[track_caller]
fn follows(dosage: &Dosage, trace: &str) {
    let rate = trace.split_once("lr").unwrap().1.parse().unwrap();
    let lines: Vec<_> = lines(trace).into_iter().filter(|&(name, _)| name == trace).collect();
    assert!(lines.len() >= 10);
    let fit = trained(dosage, rate, lines.last().unwrap().1[0] as usize);
    for (_, line) in &lines {
        let (step, expected, ssr) = (line[0] as usize, &line[1..8], line[8]);
        let record = &fit.history.records[step];
        let what = format!("{trace} step {step}");
        all_close(&what, &dosage.place(&record.parameters), expected, 1e-12);
        all_close(&what, &[record.loss.sqrt()], &[ssr.sqrt()], 1e-12);
    }
}

#[test]
fn the_last_layer_trains_as_in_details_part_1() {
    follows(&Dosage::details_1(), "details_pt1_trace_lr0.1");
}

#[test]
fn all_parameters_train_as_in_details_part_2_at_every_rate() {
    for rate in ["0.1", "0.05", "0.03", "0.01"] {
        follows(&Dosage::details_2(), &format!("details_pt2_trace_lr{rate}"));
    }
}

/// Round to the two decimals of the published numbers.
fn two_decimals(p: &[f64]) -> Vec<f64> {
    p.iter().map(|p| (p * 100.0).round() / 100.0).collect()
}

#[test]
fn every_recipe_ends_where_it_is_said_to() {
    let [main, one, two] = [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()];
    let a = trained(&main, main.learning_rate, 100).parameters;
    // The mean of what is missing without b3, from 40 digits.
    all_close("A", &a, &[2.609184730096291], 1e-14);
    let b = trained(&one, one.learning_rate, 2000).parameters;
    all_close("B", &b, &[-1.215898, -2.303807, 2.606661], 5e-7);
    let rates = [(0.01, 20_000), (0.02, 10_000), (two.learning_rate, 6000)];
    for (rate, steps) in rates {
        let end = trained(&two, rate, steps);
        assert_eq!(two_decimals(&end.parameters), Dosage::PUBLISHED, "at rate {rate}");
        assert!(end.loss < 1e-20, "at rate {rate}: {}", end.loss);
    }
    let other = trained(&two, 0.1, 2000);
    all_close(
        "C at 0.1",
        &other.parameters,
        &[3.2616, -1.9333, -3.3466, 0.5432, -1.4815, -2.2453, 2.4482],
        5e-5,
    );
    assert!(other.loss < 1e-20, "a zero of the SSR, too");
}

#[test]
fn parameters_that_are_not_trained_record_nothing() {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr(&tape.vars(&dosage.trained_start()));
    // b3; for each observation a sum and a residual; the SSR.
    assert_eq!(tape.len(), 1 + 3 * 2 + 1);
    assert_eq!(ssr.value(), dosage.ssr(&dosage.start));
}

#[test]
fn labels_change_no_number() {
    let dosage = Dosage::details_2();
    for p in [Dosage::PUBLISHED, dosage.start] {
        let plain = value_and_gradient(|p| dosage.ssr(p), &p);
        assert_eq!(value_and_gradient(|p| dosage.ssr_labelled(p), &p), plain);
        let tape = Tape::new();
        let slopes = dosage.ssr_labelled(&tape.vars(&p)).backward().by_label();
        assert_eq!(Dosage::NAMES.map(|name| slopes[name]).to_vec(), plain.1);
        assert_eq!(slopes["SSR"], 1.0);
    }
}

/// The relu network of the same explanation, all but its last bias published:
/// relu(-40.8 relu(1.7 x - 0.85) + 2.7 relu(12.6 x) + bias). Its kink is met at dosage 0.5.
fn relu_ssr<S: Real>(bias: S) -> S {
    sum_squares(Dosage::DATA.iter().map(|&[x, observed]| {
        let top = (1.7 * x - 0.85).relu() * -40.8;
        let bottom = (12.6 * x).relu() * 2.7;
        S::from(observed) - (bias + (top + bottom)).relu()
    }))
}

#[test]
fn the_relu_network_descends_as_published() {
    let trace = lines("relu");
    let fit = fit(|p| relu_ssr(p[0]), &[0.0], &mut Sgd::new(0.1), trace.len() - 1).unwrap();
    for ((_, line), record) in trace.iter().zip(&fit.history.records) {
        assert_eq!(line[0], record.step as f64);
        let got = [record.parameters[0], record.loss, record.gradient[0]];
        all_close(&format!("relu epoch {}", record.step), &got, &line[1..], 1e-14);
    }
}

/// Compare with `tests/data/dosage.txt`; `GRADTAPE_BLESS=1 cargo test` writes it anew.
#[test]
fn the_example_prints_the_page_that_is_checked_in() {
    let mut page = Vec::new();
    example::report(&mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dosage.txt");
    if std::env::var_os("GRADTAPE_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    for (i, (line, expected)) in page.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "line {} of {path}", i + 1);
    }
    assert_eq!(page.lines().count(), expected.lines().count());
    for line in page.lines() {
        assert!(line.chars().count() <= 100, "wider than 100: {line}");
        assert_eq!(line.trim_end(), line, "blanks at the end");
    }
}

/// A file that this test alone writes.
fn file(name: &str, text: &str) -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_example_takes_a_page_to_write_data_rate_and_start() {
    let call = |arguments: &[&str]| example::arguments::read(arguments.iter().map(|&a| a.into()));
    assert_eq!(call(&[]), Ok(example::arguments::Options::default()));
    let page = call(&["--report", "a b.html"]).unwrap();
    assert_eq!((page.report, page.own), (Some("a b.html".into()), None));
    let doses = file("doses.txt", "# dosage, efficacy\n0 0.1\n\n0.5, 0.8\n 1;0.2\n");
    let own = call(&[
        "--rate",
        "0.02",
        "--start",
        "1,-1, 2,0,3,4,0.5",
        "--data",
        doses.to_str().unwrap(),
    ]);
    let own = own.unwrap().own.unwrap();
    assert_eq!((own.learning_rate, own.start), (0.02, [1.0, -1.0, 2.0, 0.0, 3.0, 4.0, 0.5]));
    assert_eq!(own.data, [[0.0, 0.1], [0.5, 0.8], [1.0, 0.2]]);
    for (arguments, complaint) in [
        (&["--verbose"][..], "there is no argument \"--verbose\": call it"),
        (&["page.html", "--report"], "there is no argument \"page.html\": call it"),
        (&["--report"], "`--report` needs a value: call it"),
        (&["--report", ""], "`--report` needs a value: call it"),
        (&["--report", "a.html", "b.html"], "there is no argument \"b.html\": call it"),
        (&["--rate", "fast"], "`--rate` is given \"fast\", which is no number: call it"),
        (&["--start", "1,2"], "`--start` has 2 numbers, not 7: call it"),
        (&["--data", "no such file"], "cannot read no such file: "),
    ] {
        let told = call(arguments).unwrap_err();
        assert!(told.starts_with(complaint), "{told}");
    }
}

#[test]
fn a_line_of_data_that_cannot_be_read_is_named_with_its_file() {
    let call = |path: &std::path::Path| {
        example::arguments::read(["--data".into(), path.into()]).unwrap_err()
    };
    for (i, line) in ["0.5", "1 2 3", "one 2", "1 NaN"].into_iter().enumerate() {
        let path = file(&format!("bad data {i}.txt"), &format!("0 0\n{line}\n"));
        let expected = format!("{}, line 2: {line:?} is not a dosage", path.display());
        assert!(call(&path).starts_with(&expected), "{}", call(&path));
    }
    let empty = file("no data.txt", "# nothing\n");
    assert!(call(&empty).contains("no data.txt has no data: give"), "{}", call(&empty));
}

#[test]
fn data_of_ones_own_are_trained_on_and_shown() {
    let mut own = Dosage::new(&[[0.0, 0.2], [0.5, 0.9], [0.75, 0.5], [1.0, 0.1]]);
    own.steps = 50;
    let mut text = Vec::new();
    example::train(&mut text, &own).unwrap();
    let text = String::from_utf8(text).unwrap();
    let end = &own.fit().unwrap().parameters;
    assert!(text.contains(&format!("{:.4}", end[0])) && !text.contains("published"), "{text}");
    let path = file("own page.html", "");
    example::write_report(&path, Some(&own)).unwrap();
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.contains("dosage 0.75") && page.contains(&own.title));
    // What cannot be trained is said, and no page is written.
    own.learning_rate = 1e6;
    let error = example::write_report(&path, Some(&own)).unwrap_err().to_string();
    assert!(error.contains("lower the learning rate"), "{error}");
    own.data.clear();
    let error = example::train(&mut Vec::new(), &own).unwrap_err().to_string();
    assert_eq!(error, "there are no rows to fit: give at least one");
}

#[test]
fn a_page_that_cannot_be_written_names_the_file_and_the_reason() {
    let nowhere = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("no such folder/page.html");
    let message = example::write_report(&nowhere, None).unwrap_err().to_string();
    let expected = format!("cannot write {}: ", nowhere.display());
    let reason = message.strip_prefix(&expected).expect(&message);
    assert!(!reason.is_empty());
}

#[test]
fn the_page_is_written_to_the_file() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("dosage page.html");
    example::write_report(&path, None).unwrap();
    let page = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(page, Dosage::published_report().html().to_string());
    for shown in
        ["<!DOCTYPE html>", "The dosage network", "only b3 is unknown", "all seven parameters"]
    {
        assert!(page.contains(shown), "the page lacks {shown}");
    }
}
