//! Regions replaced by their Jacobians: the same values and slopes, less memory, and no silent second derivatives.

#[path = "common/numeric.rs"]
mod numeric;
#[path = "common/panics.rs"]
mod panics;

use gradtape::program::{NotPreaccumulated, ReplayError, Workspace};
use gradtape::{Real, Tape, Var, gradient, jacobian, sum};
use numeric::close;
use panics::panics_saying;

/// Two outputs of three inputs, in several hundred operations of all kinds.
fn long<S: Real>(x: &[S]) -> Vec<S> {
    let (mut a, mut b) = (x[0], x[1]);
    for i in 0..60 {
        let term = S::sum_of([a * x[2], b.sin(), S::from(0.1)].into_iter());
        a = a * 0.9 + term.tanh() * 0.1;
        b = S::dot_of([(a, b), (x[2], x[1])].into_iter()) * 0.3
            + b.max(a) * 0.2
            + f64::from(i) * 1e-3;
    }
    vec![a, b]
}

const POINT: [f64; 3] = [0.3, -0.7, 1.1];

#[test]
fn values_have_the_same_bits_and_slopes_the_same_digits() {
    let expected = jacobian(long, &POINT);
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let plain = long(&POINT);
    let done = tape.preaccumulate(|| long(&x)).unwrap();
    assert_eq!((done.inputs, done.outputs.len()), (3, 2));
    // Three inputs, two outputs and the guard's.
    assert_eq!(tape.len(), 6);
    assert!(done.nodes > 400 && done.bytes_before > 20 * done.bytes_after);
    for (j, y) in done.outputs.iter().enumerate() {
        assert_eq!(y.value().to_bits(), plain[j].to_bits());
        close(&y.backward().wrt_all(&x), expected.row(j), 1e-14, "slopes");
    }
    // Among other operations, before and behind.
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let scaled: Vec<Var> = x.iter().map(|&x| x * 1.5).collect();
    let y = sum(tape.preaccumulate(|| long(&scaled)).unwrap().outputs).exp() + scaled[1];
    let by_nodes = |x: &[Var]| {
        let scaled: Vec<Var> = x.iter().map(|&x| x * 1.5).collect();
        sum(long(&scaled)).exp() + scaled[1]
    };
    close(&y.backward().wrt_all(&x), &gradient(by_nodes, &POINT), 1e-13, "slopes");
    let tangents = tape.forward(&[(x[0], 1.0), (x[2], -2.0)]);
    let slopes = gradient(by_nodes, &POINT);
    close(&[tangents.wrt(y)], &[slopes[0] - 2.0 * slopes[2]], 1e-13, "tangent");
}

#[test]
fn regions_nest_and_follow_each_other() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let outer = tape.preaccumulate(|| {
        let first = tape.preaccumulate(|| long(&x)).unwrap().outputs;
        let second = long(&[first[0], first[1], x[2]]);
        tape.preaccumulate(|| long(&[second[1], second[0], x[0]])).unwrap().outputs
    });
    let by_nodes = |x: &[Var]| {
        let first = long(x);
        let second = long(&[first[0], first[1], x[2]]);
        long(&[second[1], second[0], x[0]])[1]
    };
    let y = outer.unwrap().outputs[1];
    close(&y.backward().wrt_all(&x), &gradient(by_nodes, &POINT), 1e-13, "slopes");
}

#[test]
fn what_the_region_passes_on_stays_itself() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let region = || {
        let y = long(&x);
        [x[1], y[1], Var::from(4.0), y[1], y[0]]
    };
    let out = tape.preaccumulate(region).unwrap().outputs;
    assert_eq!(out[0].index(), x[1].index());
    assert!(out[2].is_constant() && out[2].value() == 4.0);
    let expected = jacobian(long, &POINT);
    for (at, row) in [(1, 1), (3, 1), (4, 0)] {
        close(&out[at].backward().wrt_all(&x), expected.row(row), 1e-14, "slopes");
    }
    // Nothing of it is used: nothing is left of it.
    let len = tape.len();
    let none = tape
        .preaccumulate(|| {
            long(&x);
            [x[0]]
        })
        .unwrap();
    assert_eq!((none.bytes_after, tape.len()), (0, len));
}

#[test]
fn a_region_that_would_grow_stays_as_it_is() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let error = tape.preaccumulate(|| [x[0] * x[1] + x[2]]).unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with(
            "the region takes 34 bytes, and its Jacobian of 1 output by 3 inputs would take"
        ),
        "{said}"
    );
    assert!(matches!(error, NotPreaccumulated::NotSmaller { inputs: 3, bytes: 34, .. }));
    let y = error.into_outputs()[0];
    assert_eq!(y.backward().wrt_all(&x), [2.0, 1.0, 1.0]);
    assert_eq!(tape.len(), 5);
}

#[test]
fn a_variable_made_in_a_region_keeps_its_gradient() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let mut made = Var::from(0.0);
    let region = || {
        made = tape.var(2.0).label("made");
        long(&[x[0], x[1], made])
    };
    let error = tape.preaccumulate(region).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the independent variable `made` was made in the region, and its gradient would be lost: make it before"
    );
    let slope = error.into_outputs()[0].backward().wrt(made);
    close(&[slope], &[jacobian(long, &[0.3, -0.7, 2.0])[(0, 2)]], 1e-14, "slope");
}

#[test]
fn a_second_derivative_is_an_error_that_names_it() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let y = tape.preaccumulate(|| long(&x)).unwrap().outputs[0];
    let program = tape.freeze(&x, &[y]).unwrap();
    let mut second = [0.0; 9];
    let error = program.hessian(&POINT, &mut second, &mut Workspace::new()).unwrap_err();
    assert!(matches!(error, ReplayError::NotTwiceDifferentiable(_)));
    let said = error.to_string();
    assert!(
        said.contains("`preaccumulated`")
            && said.ends_with("record its region without `preaccumulate`"),
        "{said}"
    );
    // A gradient that is itself recorded.
    panics_saying(&["record its region without `preaccumulate`"], || {
        gradient(|x: &[Var]| tape.preaccumulate(|| long(x)).unwrap().outputs[0], &x[..])
    });
}

#[test]
fn a_program_refuses_other_inputs() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let y = tape.preaccumulate(|| long(&x)).unwrap().outputs[0] * x[0];
    let program = tape.freeze(&x, &[y]).unwrap();
    let (mut slopes, mut workspace) = ([0.0; 3], Workspace::new());
    let value = program.value_and_gradient(&POINT, &mut slopes, &mut workspace).unwrap();
    assert_eq!(value, y.value());
    let error = program.value(&[0.3, -0.7, 1.2], &mut workspace).unwrap_err();
    assert!(error.to_string().contains("in scope preaccumulate"), "{error}");
}

#[test]
fn misuse_is_named() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let kept = std::cell::Cell::new(x[0]);
    let y = tape
        .preaccumulate(|| {
            let y = long(&x);
            kept.set(y[1]);
            [y[0]]
        })
        .unwrap();
    // A variable of the region that was not returned.
    panics_saying(&["rewound"], || kept.get() * 2.0);
    assert!(y.outputs[0].value().is_finite());
    let other = Tape::new();
    let foreign = other.var(1.0);
    panics_saying(&["tape"], || tape.preaccumulate(|| [foreign * 2.0]));
    panics_saying(&["mark"], || {
        tape.preaccumulate(|| {
            tape.clear();
            let x = tape.vars(&POINT);
            long(&long(&[x[0], x[1], x[2]]).iter().chain(&x).copied().collect::<Vec<_>>())
        })
    });
}
