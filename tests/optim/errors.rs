//! Numbers that are not finite: the error says where they came from, and the history is kept.

use gradtape::nn::{huber, mse};
use gradtape::optim::{FitError, FitErrorKind, Fitter, Objective, Sgd, fit};
use gradtape::{Var, affine, dot};
use std::error::Error;

/// From 2 at rate 8 the first step goes to -2, where the logarithm is NaN.
fn barrier(p: &[Var]) -> Var {
    p[0] - p[0].ln()
}

#[test]
fn a_loss_that_becomes_nan_names_the_first_bad_node_and_keeps_the_history() {
    let fitter = Fitter::new(barrier, &[2.0]).names(["w"]);
    let error = fitter.fit(&mut Sgd::new(8.0), 10).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the loss is NaN after step 1: node 1: ln(w) = NaN, where w = -2: lower the learning \
         rate, or write the loss so that it is finite there"
    );
    let FitError { step, parameters, history, kind, .. } = error;
    let FitErrorKind::Loss { loss, node } = kind else { panic!("{kind:?}") };
    assert!(step == 1 && loss.is_nan());
    let culprit = node.expect("a taped loss knows the node");
    assert_eq!((culprit.node, culprit.operands), (1, vec![("w".to_string(), -2.0)]));
    assert_eq!(parameters, [-2.0]);
    assert_eq!((history.records.len(), &history.parameters[..]), (1, &["w".to_string()][..]));
    assert_eq!(history.records[0].gradient, [0.5]);
}

#[test]
fn without_names_the_message_has_the_labels_of_the_closure_or_the_positions() {
    let labelled = |p: &[Var]| barrier(&[p[0].label("width")]);
    let error = fit(labelled, &[2.0], &mut Sgd::new(8.0), 9).unwrap_err();
    assert!(error.to_string().contains("ln(width) = NaN, where width = -2"), "{error}");
    let error = fit(barrier, &[2.0], &mut Sgd::new(8.0), 9).unwrap_err();
    assert!(error.to_string().contains("ln(parameters[0]) = NaN"), "{error}");
}

#[test]
fn a_thinned_history_keeps_the_last_good_record_of_a_failed_fit() {
    // x doubles at every step until its square overflows.
    let fitter = Fitter::new(|p| -p[0].square(), &[1.0]).record_every(100);
    let error = fitter.fit(&mut Sgd::new(0.5), 10_000).unwrap_err();
    // 2^512 squared is the first that is not finite.
    let FitErrorKind::Loss { loss, .. } = &error.kind else { panic!("{error}") };
    assert_eq!((error.step, *loss), (512, f64::NEG_INFINITY));
    let history = &error.history;
    let kept: Vec<usize> = history.records.iter().map(|record| record.step).collect();
    assert_eq!(kept, [0, 100, 200, 300, 400, 500, 511]);
    assert_eq!(history.records.last().unwrap().parameters, [2.0_f64.powi(511)]);
}

#[test]
fn a_start_that_is_not_finite_is_named() {
    for start in [f64::NAN, f64::INFINITY] {
        let fitter = Fitter::new(|p| p[0] + p[1], &[1.0, start]).names(["a", "b"]);
        let error = fitter.fit(&mut Sgd::new(0.1), 10).unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with(&format!("parameter `b` is {start} at the start: choose")),
            "{told}"
        );
        assert!(told.ends_with("choose a start where loss and gradient are finite"), "{told}");
        assert!(error.history.records.is_empty());
    }
}

#[test]
fn a_parameter_that_is_not_finite_is_an_error_although_the_loss_hides_it() {
    let hiding = |p: &[Var]| p[0].square() + p[1].clamp(0.0, 1.0);
    let fitter = Fitter::new(hiding, &[1.0, f64::INFINITY]).names(["a", "b"]);
    let error = fitter.fit(&mut Sgd::new(0.1), 10).unwrap_err();
    assert!(error.to_string().starts_with("parameter `b` is inf at the start"), "{error}");
}

#[test]
fn a_slope_that_is_not_finite_names_the_parameter_and_the_node() {
    // The slope of a root at 0.
    let length = |p: &[Var]| p[0] + (p[1].square() + p[2].square()).sqrt();
    let fitter = Fitter::new(length, &[1.0, 0.0, 0.0]).names(["a", "b", "c"]);
    let error = fitter.fit(&mut Sgd::new(0.1), 10).unwrap_err();
    let told = error.to_string();
    let FitErrorKind::Slope { index: 1, slope, loss, node } = error.kind else { panic!("{told}") };
    assert!(error.step == 0 && slope.is_nan() && loss == 1.0);
    let node = node.expect("a taped loss knows the node");
    assert_eq!((node.name.as_str(), node.node, node.value), ("add", 5, 0.0));
    assert!(
        told.contains("with respect to `b` is NaN at the start, where the loss is 1"),
        "{told}"
    );
    assert!(told.contains("node 5 (add, value 0)"), "{told}");
}

#[test]
fn a_loss_without_a_tape_reports_what_it_can() {
    struct Broken;
    impl Objective for Broken {
        fn value_and_gradient(
            &mut self,
            parameters: &[f64],
            gradient: &mut [f64],
        ) -> Result<f64, Box<dyn Error + Send + Sync>> {
            gradient.fill(1.0);
            Ok(parameters[0].sqrt())
        }
    }
    let fitter = Fitter::with_objective(Broken, &[2.5]);
    let error = fitter.fit(&mut Sgd::new(1.0), 10).unwrap_err();
    assert!(error.to_string().starts_with("the loss is NaN after step 3: lower"), "{error}");
    assert_eq!(error.history.records.len(), 3);
}

#[test]
fn a_loss_that_cannot_be_computed_ends_the_fit_with_its_reason_and_the_history() {
    /// Parameters below 0 have no loss.
    struct Above;
    impl Objective for Above {
        fn value_and_gradient(
            &mut self,
            parameters: &[f64],
            gradient: &mut [f64],
        ) -> Result<f64, Box<dyn Error + Send + Sync>> {
            gradient.fill(1.0);
            if parameters[0] < 0.0 { Err("below the ground".into()) } else { Ok(parameters[0]) }
        }
    }
    let fitter = Fitter::with_objective(Above, &[2.5]).record_every(100);
    let error = fitter.fit(&mut Sgd::new(1.0), 10).unwrap_err();
    assert_eq!(error.to_string(), "there is no loss after step 3: below the ground");
    assert_eq!(error.source().unwrap().to_string(), "below the ground");
    assert_eq!(error.clone().to_string(), error.to_string());
    let kept: Vec<usize> = error.history.records.iter().map(|r| r.step).collect();
    assert_eq!(kept, [0, 2], "the first and the last good one");
    let FitError { step: 3, parameters, kind: FitErrorKind::Objective(_), .. } = error else {
        panic!("{error}")
    };
    assert_eq!(parameters, [-0.5]);
    let fitter = Fitter::with_objective(Above, &[-1.0]);
    let error = fitter.fit(&mut Sgd::new(1.0), 10).unwrap_err();
    assert_eq!(error.to_string(), "there is no loss at the start: below the ground");
    assert!(error.history.records.is_empty());
}

#[test]
fn a_start_without_parameters_is_an_error() {
    let error = fit(|_| Var::from(1.0), &[], &mut Sgd::new(0.1), 1).unwrap_err();
    let expected = "there are no parameters to fit: give a start with at least one";
    assert_eq!(error.to_string(), expected);
    assert!(error.history.records.is_empty() && error.parameters.is_empty() && error.step == 0);
}

type Loss<'a> = &'a dyn Fn(&[Var]) -> Var;

#[test]
fn a_number_of_the_data_that_is_not_finite_is_told_as_that() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let [ones, data] = [[1.0, 1.0, 1.0], [1.0, 2.0, bad]];
        let losses: [Loss<'_>; 7] = [
            &|p| mse(&[p[0], p[0] * 2.0, p[0]], &data),
            &|p| mse(&data.map(|x| p[0] * x), &ones),
            &|p| huber(&[p[0], p[0] * 2.0, p[0]], &data, 1.0),
            &|p| affine(&[p[0]; 3], &data, p[0]),
            &|p| dot(&[p[0], p[0], 1.0.into()], &[p[0], 1.0.into(), bad.into()]).square(),
            &|p| p[0] + Var::from(bad),
            &|p| if p[0] < 0.9 { p[0] * bad } else { p[0].square() },
        ];
        for (case, loss) in losses.into_iter().enumerate() {
            let error = fit(loss, &[1.0], &mut Sgd::new(0.1), 5).unwrap_err();
            let told = error.to_string();
            let advice = format!(
                ": this {bad} is in the data or the code, not in a parameter: mend it there"
            );
            assert!(told.ends_with(&advice), "case {case}: {told}");
        }
    }
}
