//! Runs: what a frame shows are the engine's own numbers, and no history is too short or too odd.

use gradtape::nn::Dosage;
use gradtape::optim::{Fit, FitError, Fitter, History, Sgd, fit};
use gradtape::{Real, Var};

fn descent(dosage: &Dosage, steps: usize) -> Fit {
    let fitter = Fitter::new(|p| dosage.ssr(p), &dosage.trained_start());
    let mut descent = Sgd::new(dosage.learning_rate);
    fitter.names(dosage.trained_names()).fit(&mut descent, steps).unwrap()
}

/// A history of `steps` + 1 records, at 3, 3/2, ...
fn halving(steps: usize) -> History {
    fit(|p| p[0].square() + p[1] * 0.0, &[3.0, 1.0], &mut Sgd::new(0.25), steps).unwrap().history
}

fn line(p: &[f64], x: f64) -> (Vec<f64>, f64) {
    (vec![p[0], p[1] * x], p[0] + p[1] * x)
}

fn bits(numbers: impl IntoIterator<Item = f64>) -> Vec<u64> {
    numbers.into_iter().map(f64::to_bits).collect()
}

#[test]
fn b3_descends_as_published_until_its_steps_are_small() {
    let run = &Dosage::published_report().runs[0];
    let b3 = |i: usize| run.records[i].parameters[0];
    assert_eq!([b3(0), b3(1), b3(2)].map(|x| format!("{x:.2}")), ["0.00", "1.57", "2.19"]);
    let last = run.records.last().unwrap();
    assert_eq!(format!("{:.2}", last.parameters[0]), "2.61");
    let steps: Vec<f64> =
        run.records.windows(2).map(|r| (r[1].parameters[0] - r[0].parameters[0]).abs()).collect();
    let (end, before) = steps.split_last().unwrap();
    assert!(*end <= 0.001 && before.iter().all(|&step| step > 0.001));
}

#[test]
fn the_runs_of_the_dosage_report_are_the_recipes_to_the_bit() {
    let report = Dosage::published_report();
    assert_eq!(report.runs.len(), 2);
    for (run, recipe) in report.runs.iter().zip([Dosage::main_ideas(), Dosage::details_2()]) {
        let fit = descent(&recipe, run.records.len() - 1);
        assert_eq!((&run.records[..], run.thinned_from), (&fit.history.records[..], None));
        assert_eq!((&run.name[..], &run.loss[..]), (&recipe.title[..], "SSR"));
        assert_eq!(run.parameters, recipe.trained_names());
        let (curves, slice) = (run.curves.as_ref().unwrap(), run.slice.as_ref().unwrap());
        assert_eq!(
            (curves.frames.len(), &curves.data[..]),
            (run.frames.len(), &Dosage::DATA.map(<(f64, f64)>::from)[..])
        );
        assert_eq!((&curves.x[..], &curves.y[..]), ("dosage", "efficacy"));
        assert_eq!(curves.parts, ["blue", "orange"]);
        assert_eq!((curves.grid[0], *curves.grid.last().unwrap()), (0.0, 1.0));
        assert_eq!((slice.grid[0], *slice.grid.last().unwrap()), (-0.5, 4.5));
        assert_eq!(run.parameters[slice.parameter], "b3");
        for (&record, frame) in run.frames.iter().zip(&curves.frames) {
            let p = recipe.place(&run.records[record].parameters);
            let over = |i: usize| bits(curves.grid.iter().map(|&x| recipe.curves(&p, x)[i]));
            assert_eq!(bits(frame.parts[0].clone()), over(0));
            assert_eq!(bits(frame.parts[1].clone()), over(1));
            assert_eq!(bits(frame.predicted.clone()), over(2));
            let at_data = Dosage::DATA.map(|[x, _]| recipe.predict(&p, x));
            assert_eq!(bits(frame.at_data.clone()), bits(at_data));
        }
    }
    assert_eq!(report.runs[1].records.len(), 6001);
}

#[test]
fn the_ssr_against_b3_is_the_loss_with_the_other_parameters_of_the_step() {
    let report = Dosage::published_report();
    let [a, c] = [0, 1].map(|i| report.runs[i].slice.as_ref().unwrap());
    assert_eq!(a.losses.len(), 1);
    let ssr = |b3: f64| Dosage::main_ideas().ssr(&[b3]);
    assert_eq!(bits(a.losses[0].clone()), bits(a.grid.iter().map(|&b3| ssr(b3))));
    assert_eq!(c.losses.len(), report.runs[1].frames.len());
    for (&record, losses) in report.runs[1].frames.iter().zip(&c.losses) {
        let mut p = report.runs[1].records[record].parameters.clone();
        for (&b3, &loss) in c.grid.iter().zip(losses) {
            p[6] = b3;
            assert_eq!(loss.to_bits(), Dosage::details_2().ssr(&p).to_bits());
        }
    }
}

#[test]
fn the_dosage_report_is_the_tape_at_the_start_with_all_seven_slopes_confirmed() {
    let report = Dosage::published_report();
    assert_eq!(report.title, "The dosage network");
    let dosage = Dosage::main_ideas();
    let slopes = gradtape::gradient(|p| dosage.ssr(p), &dosage.start);
    for (name, slope) in Dosage::NAMES.iter().zip(slopes) {
        assert_eq!(report.nodes[report.find(name).unwrap()].adjoint, slope);
    }
    assert_eq!(report.nodes[report.output.unwrap()].value, dosage.ssr(&dosage.start));
    let check = report.check.unwrap();
    assert!(check.confirmed, "{}", check.verdict);
    let names: Vec<&str> = check.inputs.iter().map(|input| &input.name[..]).collect();
    assert_eq!(names, Dosage::NAMES);
}

#[test]
fn a_report_of_the_dosage_network_leaves_the_tape_in_use_alone() {
    let tape = gradtape::Tape::new();
    let x = tape.var(2.0);
    let _report = Dosage::published_report();
    let y = Var::from(3.0) * x;
    assert_eq!((y.backward().wrt(x), tape.len()), (3.0, 2));
}

#[test]
fn frames_ascend_from_the_first_record_to_the_last_and_are_few() {
    for steps in (0..120).chain([500, 6000]) {
        let run = halving(steps).named("");
        let frames = &run.frames;
        assert!(frames.windows(2).all(|pair| pair[0] < pair[1]), "{steps}: {frames:?}");
        assert_eq!((frames[0], *frames.last().unwrap()), (0, steps));
        assert!(frames.len() <= 36 && frames.len() >= (steps + 1).min(30), "{steps}: {frames:?}");
        assert!((0..12.min(steps)).all(|i| frames[i] == i), "{steps}: {frames:?}");
    }
}

#[test]
fn a_fit_that_failed_at_once_makes_a_run_without_frames() {
    let failed = Fitter::new(|p| p[0].ln(), &[-1.0]).names(["x"]).fit(&mut Sgd::new(0.1), 3);
    let Err(FitError { history, .. }) = failed else { panic!("{failed:?}") };
    assert!(history.records.is_empty());
    let run = history.named("nothing");
    assert_eq!((run.parameters.len(), run.records.len(), run.frames.len()), (1, 0, 0));
    let run = run.curves("x", "y", &[(0.0, 1.0)], [0.0, 1.0], line).unwrap().parts(["a", "b"]);
    let run = run.slice("x", [0.0, 1.0], |p| p[0]).unwrap().thinned(0);
    assert_eq!((run.curves.unwrap().frames.len(), run.slice.unwrap().losses.len()), (0, 0));
    assert_eq!(run.thinned_from, None);
    assert_eq!(History::default().named("").parameters.len(), 0);
}

#[test]
fn one_record_is_one_frame() {
    let run = halving(0).named("").curves("x", "y", &[], [0.0, 1.0], line).unwrap();
    assert_eq!(run.frames, [0]);
    let curves = run.curves.unwrap();
    assert_eq!((curves.frames.len(), curves.frames[0].at_data.len()), (1, 0));
}

#[test]
fn parameters_without_names_are_numbered_and_parts_too() {
    let run = halving(3).named("").curves("x", "y", &[], [0.0, 1.0], line).unwrap();
    assert_eq!((&run.parameters[..], &run.loss[..]), (&["p0", "p1"].map(String::from)[..], "loss"));
    assert_eq!(run.curves.as_ref().unwrap().parts, ["part 0", "part 1"]);
    let named = run.parts(["level"]).parts(["level", "slope", "one too many"]);
    assert_eq!(named.curves.unwrap().parts, ["level", "slope"]);
}

#[test]
fn numbers_that_are_not_finite_are_kept_as_they_are() {
    let run = halving(2)
        .named("")
        .curves("x", "y", &[(0.0, f64::NAN)], [0.0, 1.0], |_, x| (vec![1.0 / x], f64::NAN))
        .unwrap()
        .slice("p1", [-1.0, 1.0], |p| p[1].ln())
        .unwrap();
    let frame = &run.curves.unwrap().frames[0];
    assert_eq!(frame.parts[0][0], f64::INFINITY);
    assert!(frame.predicted.iter().all(|y| y.is_nan()) && frame.at_data[0].is_nan());
    let losses = &run.slice.unwrap().losses[0];
    assert!(losses[0].is_nan() && losses.last() == Some(&0.0));
}

#[test]
fn a_slice_of_no_parameter_is_refused() {
    let run = halving(2).named("");
    let error = run.slice("b3", [0.0, 1.0], |_| 0.0).unwrap_err();
    assert_eq!(error.to_string(), "no parameter is called `b3`: there are `p0`, `p1`");
    let error = History::default().slice("b3", [0.0, 1.0], |_| 0.0).unwrap_err();
    assert_eq!(error.to_string(), "no parameter is called `b3`: the history has no parameters");
}

#[test]
fn a_reversed_range_is_turned_round_and_an_empty_one_is_refused() {
    let run = halving(2).named("");
    let both = [[-1.0, 2.0], [2.0, -1.0]].map(|range| {
        let run = run.clone().curves("x", "y", &[], range, line).unwrap();
        run.slice("p0", range, |p| p[0]).unwrap()
    });
    assert_eq!(both[0], both[1]);
    let grid = &both[0].slice.as_ref().unwrap().grid;
    assert_eq!((grid[0], *grid.last().unwrap()), (-1.0, 2.0));
    assert!(grid.windows(2).all(|pair| pair[0] < pair[1]));
    for range in [[1.0, 1.0], [0.0, f64::NAN], [f64::NAN, 0.0], [f64::NEG_INFINITY, 0.0]] {
        let curves = run.clone().curves("x", "y", &[], range, line).unwrap_err();
        let slice = run.clone().slice("p0", range, |p| p[0]).unwrap_err();
        for error in [curves, slice] {
            let [from, to] = range.map(|end: f64| format!("{end:?}").replace(".0", ""));
            let expected = format!("there is nothing to sample between {from} and {to}: give");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    }
    let error = run.curves("x", "y", &[], [1.0, 1.0], line).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is nothing to sample between 1 and 1: give two finite ends that differ"
    );
}

#[test]
fn a_model_whose_parts_change_in_number_is_refused() {
    let run = halving(2).named("");
    let error = run.clone().curves("x", "y", &[], [0.0, 1.0], |p, x| {
        (vec![0.0; if p[0] < 3.0 && x >= 0.5 { 1 } else { 2 }], x)
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "the model has 1 part at 0.5 in step 1 and 2 before: it must give the same parts, in the same \
         order, everywhere"
    );
    // Also where only an observation shows it.
    let at_data = run.curves("x", "y", &[(7.0, 0.0)], [0.0, 1.0], |_, x| {
        (vec![0.0; if x > 1.0 { 0 } else { 2 }], x)
    });
    let told = at_data.unwrap_err().to_string();
    assert!(
        told.starts_with("the model has 0 parts at 7 in step 0 and 2 before: it must"),
        "{told}"
    );
}

#[test]
fn a_thinned_run_keeps_its_frames_both_ends_and_every_number() {
    let whole = halving(5000).named("").curves("x", "y", &[], [0.0, 1.0], line).unwrap();
    for most in [0, 1, 10, 35, 36, 37, 50, 200, 4999, 5000] {
        let thin = whole.clone().thinned(most);
        assert!(thin.records.len() <= most.max(whole.frames.len()), "{most}");
        assert!(thin.records.windows(2).all(|pair| pair[0].step < pair[1].step), "{most}");
        assert_eq!(thin.thinned_from, Some(5001));
        assert_eq!(thin.curves, whole.curves);
        let framed = |run: &History| -> Vec<_> {
            run.frames.iter().map(|&frame| run.records[frame].clone()).collect()
        };
        assert_eq!(framed(&thin), framed(&whole));
        for record in &thin.records {
            assert_eq!(record, &whole.records[record.step]);
        }
    }
    for most in [5001, 10_000, usize::MAX] {
        assert_eq!(whole.clone().thinned(most), whole);
    }
    let twice = whole.thinned(1000).thinned(100);
    assert!(twice.records.len() <= 100);
    assert_eq!(twice.thinned_from, Some(5001));
}

#[test]
fn a_run_of_frames_only_is_not_thinned() {
    let run = halving(20).named("");
    assert_eq!(run.clone().thinned(5), run);
}

#[test]
fn a_thinned_history_is_shown_by_its_steps() {
    let fitter = Fitter::new(|p| p[0].square(), &[1.0]).record_every(30);
    let fit = fitter.fit(&mut Sgd::new(0.1), 100).unwrap();
    let run = fit.history.named("").slice("p0", [0.0, 1.0], |p| p[0].square()).unwrap();
    let steps: Vec<usize> = run.frames.iter().map(|&frame| run.records[frame].step).collect();
    assert_eq!(steps, [0, 30, 60, 90, 100]);
}

#[test]
fn the_page_says_how_much_of_a_history_it_shows_and_where_the_rest_is() {
    let says = |run: History| {
        let page = Dosage::published_report().with_run(run).html().to_string();
        let said = page.rsplit_once("The page shows ").expect("something is left out").1;
        said.split_once('"').expect("the end of the text").0.to_string()
    };
    let run = halving(5000).named("");
    let shown = run.frames.len();
    assert_eq!(
        says(run.clone()),
        format!("{shown} of 5001 records, the first ones all; JSON has the 5001.")
    );
    let thinned = run.thinned(100);
    let kept = thinned.records.len();
    let expected = format!(
        "{shown} of {kept} records, of 5001 that there were, the first ones all; JSON has the {kept}."
    );
    assert_eq!(says(thinned), expected);
}
