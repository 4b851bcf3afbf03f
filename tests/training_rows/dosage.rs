//! The dosage network as a program over rows, against the golden numbers of `tests/data/statquest.txt`.
//!
//! The tolerances are those of `tests/dosage_numbers.rs`, where the standard library's `exp` and `ln_1p` are
//! used: the lane kernels are off by up to 2 ulp instead of up to 1, and both tolerances have more room
//! than that.

use gradtape::nn::Dosage;
use gradtape::optim::{Fit, Fitter, OverRows, Sgd, fit};
use gradtape::program::Workspace;

/// The lines of the file whose first word begins with `kind`: that word, and the numbers after it.
fn lines(kind: &str) -> Vec<(&'static str, Vec<f64>)> {
    let lines = include_str!("../data/statquest.txt").lines().filter(|line| !line.starts_with('#'));
    let split = |line: &'static str| {
        let (name, numbers) = line.split_once(' ').unwrap();
        (name, numbers.split(' ').map(|number| number.parse().unwrap()).collect())
    };
    lines.map(split).filter(|(name, _)| name.starts_with(kind)).collect()
}

#[track_caller]
fn all_close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let apart = (got - expected).abs() / expected.abs().max(1.0);
        assert!(apart <= tolerance, "{what}, number {i}: {got} is {apart:e} from {expected}");
    }
}

fn trained(dosage: &Dosage, rate: f64, steps: usize) -> Fit {
    let program = dosage.over_rows();
    let loss = OverRows::new(&program, dosage.rows()).unwrap();
    let fitter = Fitter::with_objective(loss, &dosage.trained_start());
    fitter.fit(&mut Sgd::new(rate), steps).unwrap()
}

#[test]
fn ssr_and_slopes_are_those_of_40_digits() {
    let dosage = Dosage::details_2();
    let (program, mut workspace) = (dosage.over_rows(), Workspace::new());
    let points = lines("").into_iter().filter(|(_, numbers)| numbers.len() == 7 + 1 + 7 + 3);
    let points: Vec<_> = points.collect();
    assert_eq!(points.len(), 8);
    for (name, numbers) in points {
        let (p, expected) = (&numbers[..7], &numbers[7..15]);
        let mut got = [0.0; 8];
        let (ssr, slopes) = got.split_first_mut().unwrap();
        *ssr = program.sum_and_gradient(p, dosage.rows(), slopes, &mut workspace).unwrap();
        all_close(name, &got, expected, 1e-13);
    }
}

#[test]
fn b3_descends_as_explained() {
    let trace = lines("b3");
    assert_eq!(trace.len(), 31);
    let dosage = Dosage::main_ideas();
    let fit = trained(&dosage, dosage.learning_rate, trace.len() - 1);
    for ((_, line), record) in trace.iter().zip(&fit.history.records) {
        assert_eq!(line[0], record.step as f64);
        let got = [record.parameters[0], record.loss, record.gradient[0]];
        all_close(&format!("b3 step {}", record.step), &got, &line[1..], 1e-14);
    }
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    let [first, second, third] = [0, 1, 2].map(|step| &fit.history.records[step]);
    assert_eq!([first.loss, first.gradient[0]].map(rounded), [20.4236, -15.6551]);
    assert_eq!([second, third].map(|record| rounded(record.parameters[0])), [1.5655, 2.1917]);
    let end = trained(&dosage, dosage.learning_rate, 100).parameters;
    all_close("the limit", &end, &[2.6091847300962915], 1e-14);
}

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

/// Rounding is all that tells the two apart: other kernels, another order of adding up. Descent forgets it
/// on its way, so the bound does not grow with the steps.
#[test]
fn a_fit_over_rows_has_the_history_of_the_fit_of_the_closure() {
    for dosage in [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()] {
        let rows = trained(&dosage, dosage.learning_rate, 500);
        let (start, mut descent) = (dosage.trained_start(), Sgd::new(dosage.learning_rate));
        let loss = |p: &[gradtape::Var]| dosage.ssr(p);
        let closure = fit(loss, &start, &mut descent, 500).unwrap();
        assert_eq!((rows.steps, rows.reason), (closure.steps, closure.reason));
        assert_eq!(rows.history.records.len(), closure.history.records.len());
        for (rows, closure) in rows.history.records.iter().zip(&closure.history.records) {
            assert_eq!((rows.step, rows.learning_rate), (closure.step, closure.learning_rate));
            let what = format!("{}, step {}", dosage.title, rows.step);
            all_close(&what, &[rows.loss], &[closure.loss], 1e-14);
            all_close(&what, &rows.parameters, &closure.parameters, 1e-14);
            all_close(&what, &rows.gradient, &closure.gradient, 1e-13);
        }
    }
}

#[test]
fn what_is_not_trained_does_not_depend_on_the_parameters() {
    let [one, three, seven] =
        [Dosage::main_ideas(), Dosage::details_1(), Dosage::details_2()].map(|d| d.over_rows());
    assert_eq!((one.shared(), one.row_inputs()), (1, 2));
    assert_eq!((three.shared(), seven.shared()), (3, 7));
    assert_eq!(one.instructions().0, 0, "nothing is the same for all rows but b3");
}
