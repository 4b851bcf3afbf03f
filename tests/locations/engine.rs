//! What the standard library and the engine call on the user's behalf.

use super::{SumAndProduct, VJP_LINE, lines, locating, on_its_line};
use gradtape::nn::{Activation, Dosage, Mlp, mse};
use gradtape::{Dual, Real, Var, custom, dot, gradient, log_sum_exp, nth_derivative, sum};

/// A line of the standard library, or of the engine, would point at the wrong place.
#[test]
fn where_only_the_standard_library_calls_there_is_no_line() {
    let tape = locating();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let pointer: fn(Var) -> Var = Var::sin;
    let without_a_line: [&dyn Fn() -> Var; 6] = [
        &|| x.iter().sum(),
        &|| x.iter().copied().sum(),
        &|| x.iter().product(),
        &|| x.iter().copied().map(Var::sin).fold(x[0], std::ops::Add::add),
        &|| x.first().copied().map(Real::exp).unwrap_or_default(),
        &|| pointer(x[0]),
    ];
    for (i, record) in without_a_line.iter().enumerate() {
        let from = tape.len();
        let _ = record();
        assert!(tape.len() > from);
        assert!(lines(&tape)[from..].iter().all(Option::is_none), "case {i}: {:?}", lines(&tape));
    }
    on_its_line!(tape, x.iter().map(|x| x.sin()).fold(x[0], |a, b| a + b));
}

#[test]
fn a_recorded_sweep_names_the_line_that_asked_for_it() {
    let tape = locating();
    let (x, y) = (tape.var(0.5), tape.var(1.5));
    let z = (x * y.sin() + dot([x, y], [y, x]) + log_sum_exp([x, y])).tanh();
    let slopes = on_its_line!(tape, tape.backward_recorded(z, &[x, y])).expect("no custom op");
    on_its_line!(tape, tape.backward_recorded(slopes[0], &[x, y])).expect("no custom op");
    // And only that: afterwards a node without a line has none again.
    let _: Var = slopes.iter().sum();
    assert_eq!(lines(&tape).last(), Some(&None));
}

#[test]
fn a_recorded_vjp_of_ones_own_names_its_own_lines() {
    let tape = locating();
    let (x, y) = (tape.var(2.0), tape.var(3.0));
    let product = custom(SumAndProduct, &[x, y])[1];
    let from = tape.len();
    let slopes = tape.backward_recorded(product, &[x]).expect("it has a recorded vjp");
    assert_eq!(slopes[0].value(), 3.0);
    let recorded = &lines(&tape)[from..];
    assert!(!recorded.is_empty() && recorded.iter().all(|&line| line == Some(VJP_LINE)));
}

#[test]
fn nested_gradients_name_the_line_of_the_gradient_around_the_users_own() {
    let tape = locating();
    let x = tape.var(2.0);
    let from = tape.len();
    let product = |p: &[Var]| p[0] * p[0] * p[1];
    let slope = gradient(product, &[x, Var::from(3.0)]);
    let (in_product, in_gradient) = (line!() - 2, line!() - 1);
    assert_eq!(slope[0].value(), 12.0);
    let recorded = &lines(&tape)[from..];
    let count = |line: u32| recorded.iter().filter(|&&found| found == Some(line)).count();
    // The copy of x and the constant first, then two products, then the sweep.
    assert_eq!(count(in_product), 2, "{recorded:?}");
    assert_eq!(count(in_gradient), recorded.len() - 2, "{recorded:?}");
    // Deeper down nobody knows, and nothing else is said instead.
    let _ = nth_derivative(|x| x.sin(), x, 2);
    assert!((0..tape.len()).filter_map(|i| tape.location(i)).all(|at| at.file() == file!()));
}

#[test]
fn dual_numbers_of_variables_name_the_line_they_are_used_on() {
    let tape = locating();
    let x = Dual::new(tape.var(0.5), tape.var(1.0));
    let y = on_its_line!(tape, x * x.sin());
    on_its_line!(tape, (y + 1.0).tanh() / x);
    on_its_line!(tape, 2.0 - -y);
    on_its_line!(tape, x.powf(1.5).mul_add(y, x));
    // The terms of a sum are added up in the engine: nobody knows for whom.
    let from = tape.len();
    let _ = sum([x, y, x]);
    assert!(tape.len() > from && lines(&tape)[from..].iter().all(Option::is_none));
}

#[test]
fn networks_name_lines_of_the_users_or_their_own() {
    let tape = locating();
    let network = Mlp::new(2).dense(3, Activation::Tanh).dense(1, Activation::Identity);
    let parameters = on_its_line!(tape, tape.vars(&[0.1; 13]));
    let y = network.forward(&parameters, &[0.5, 0.25]);
    let loss = mse(&y, &[1.0]);
    let division = tape.location(loss.index().expect("recorded")).expect("it has one");
    assert_eq!((division.file(), division.line()), (file!(), line!() - 2));
    let _ = network.forward_labelled(&parameters, &[0.5, 0.25]);
    let _ = Dosage::main_ideas().ssr_labelled(&tape.vars(&Dosage::PUBLISHED));
    for i in 0..tape.len() {
        let file = tape.location(i).expect("every node has a line").file().replace('\\', "/");
        assert!(file == file!().replace('\\', "/") || file.starts_with("src/nn/"), "{file}");
    }
}
