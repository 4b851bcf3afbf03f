//! Where something is recorded follows from its operands, and from nothing that was done with other tapes
//! before: made, kept, forgotten, dropped in any order, or unwound.

#[path = "common/panics.rs"]
mod panics;
use gradtape::nn::{Activation, Dosage, Mlp};
use gradtape::optim::{Adam, Fitter, OverRows, Sgd, fit};
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use gradtape::{
    CustomOp, Dual, Real, Tape, Var, check_gradient, custom, derivative, dot, gradient, hessian,
    hessian_vector, jacobian, jvp, nth_derivative, sum, try_gradient, vjp,
};
use panics::{message_of, panics_saying};
use std::any::Any;

/// `2x`, computed on tapes of its own at every turn.
struct Twice;

impl CustomOp for Twice {
    fn name(&self) -> &str {
        "twice"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = (Tape::new().var(x[0]) * 2.0).value();
    }
    fn vjp(&self, _: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * gradient(|x| x[0] * 2.0, &[1.0])[0];
    }
    fn vjp_recorded(&self, _: &[Var], _: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        std::mem::forget(recorded());
        Some(vec![gradient(|z| z[0] * 2.0 * w[0], &[Var::from(1.0)])[0]])
    }
}

/// Something that is done with tapes, and what is kept of it until the end of the test.
type Deed = (&'static str, fn() -> Option<Box<dyn Any>>);

fn recorded() -> Tape {
    let tape = Tape::new();
    let _ = tape.var(4.0).sqrt();
    tape
}

/// One squared residual of a line, over a row `[x, y]`; for x below 0 another branch.
fn residual() -> RowProgram {
    let residual = |p: &[Var], row: &[Var]| {
        let x = if row[0] < 0.0 { row[0] * 2.0 } else { row[0] };
        (row[1] - p[0] * x).square()
    };
    RowProgram::record(residual, &[1.0], &[1.0, 1.0])
}

const DEEDS: [Deed; 27] = [
    ("a tape made", || {
        drop(Tape::new());
        None
    }),
    ("a tape made and recorded on", || {
        drop(recorded());
        None
    }),
    ("a tape kept", || Some(Box::new(recorded()))),
    ("an empty tape kept", || Some(Box::new(Tape::new()))),
    ("tapes dropped out of order", || {
        let (first, second, third) = (recorded(), recorded(), recorded());
        drop(second);
        drop(first);
        Some(Box::new(third))
    }),
    ("a tape forgotten", || {
        std::mem::forget(recorded());
        None
    }),
    ("a scope of another tape left open", || {
        let tape = recorded();
        let scope = tape.scope("other");
        Some(Box::new((tape, scope)))
    }),
    ("a scope of another tape forgotten", || {
        let tape = recorded();
        std::mem::forget(tape.scope("other"));
        Some(Box::new(tape))
    }),
    ("a tape unwound", || {
        message_of(|| {
            let tape = recorded();
            let _scope = tape.scope("other");
            panic!("tape {}", tape.number())
        });
        None
    }),
    ("gradients", || {
        assert_eq!(gradient(|x| x[0].square(), &[3.0]), [6.0]);
        assert_eq!(derivative(|x| x.square(), 3.0), 6.0);
        assert_eq!(nth_derivative(|x| x.powi(3), 2.0, 3), 6.0);
        assert_eq!(gradient(|x| x[0].square(), &[Var::from(3.0)])[0].value(), 6.0);
        None
    }),
    ("a gradient that fails", || {
        let fails = |x: &[Var]| if x[0] > 0.0 { Err("no") } else { Ok(x[0]) };
        assert_eq!(try_gradient(fails, &[1.0]), Err("no"));
        assert!(try_gradient(fails, &[Var::from(1.0)]).is_err());
        None
    }),
    ("a gradient that panics", || {
        message_of(|| gradient(|_| panic!("inside"), &[1.0]));
        message_of(|| gradient(|_| panic!("inside"), &[Var::from(1.0)]));
        None
    }),
    ("a tape made inside a gradient and kept", || {
        let mut kept = None;
        let _ = gradient(
            |x| {
                kept = Some(recorded());
                x[0]
            },
            &[1.0],
        );
        Some(Box::new(kept))
    }),
    ("jvp, vjp and matrices", || {
        let _ = jvp(|x| x[0].square(), &[3.0], &[1.0]);
        let _ = vjp(|x| x[0].square(), &[3.0], &[1.0]);
        let _ = jacobian(|x| [x[0], x[0].square()], &[3.0]);
        let _ = hessian(|x| custom(Twice, &[x[0].square()])[0], &[3.0]);
        let _ = hessian_vector(|x| custom(Twice, x)[0], &[3.0], &[1.0]);
        None
    }),
    ("matrices that panic", || {
        message_of(|| hessian(|_| panic!("inside"), &[3.0]));
        message_of(|| jacobian(|_| -> [Var; 1] { panic!("inside") }, &[3.0]));
        None
    }),
    ("a program", || {
        let program = Program::record(|x| custom(Twice, &[x[0].square()])[0], &[3.0]);
        let (mut v, mut workspace) = ([0.0], Workspace::new());
        program.hessian_vector(&[3.0], &[1.0], &mut v, &mut workspace).expect("it has one");
        let _ = program.gradient_program().expect("it has one");
        let _ = program.report(&[3.0]).expect("it has one output");
        Some(Box::new(program))
    }),
    ("a program that panics", || {
        message_of(|| Program::record(|_| -> Var { panic!("inside") }, &[3.0]));
        None
    }),
    ("a fit", || {
        let fitted = fit(|p| (p[0] - 3.0).square(), &[0.0], &mut Adam::new(0.1), 5);
        Some(Box::new(fitted.expect("it descends")))
    }),
    ("a fit that fails", || {
        fit(|p| (p[0] - 3.0).sqrt(), &[0.0], &mut Sgd::new(0.1), 5).expect_err("√-3");
        None
    }),
    ("a fit that panics", || {
        message_of(|| fit(|_| panic!("inside"), &[0.0], &mut Sgd::new(0.1), 5));
        None
    }),
    ("a fitter kept", || {
        let fitter = Fitter::new(|p: &[Var]| p[0].square(), &[1.0]);
        Some(Box::new(fitter))
    }),
    ("a fit over rows", || {
        let (program, data) = (residual(), [1.0, 2.0, 2.0, 4.0]);
        let rows = Rows::row_major(&data, 2).expect("two rows");
        let loss = OverRows::new(&program, rows).expect("they fit the program");
        let _ =
            Fitter::with_objective(loss, &[0.0]).fit(&mut Sgd::new(0.01), 3).expect("it descends");
        None
    }),
    ("a fit over rows that fails", || {
        let program = residual();
        for data in [[1.0, 2.0, -2.0, 4.0], [1.0, 2.0, f64::NAN, 4.0], [1.0, 2.0, 1e300, 1e300]] {
            let rows = Rows::row_major(&data, 2).expect("two rows");
            let _ = OverRows::new(&program, rows)
                .and_then(|loss| Fitter::with_objective(loss, &[0.0]).fit(&mut Sgd::new(0.01), 3))
                .expect_err("a bad row");
        }
        None
    }),
    ("a check of a gradient", || {
        assert!(check_gradient(|x| x[0].tanh(), &[0.3]).expect("it is finite").confirmed);
        check_gradient(|x| x[0].sqrt(), &[-1.0]).expect_err("it is NaN");
        message_of(|| check_gradient(|_| panic!("inside"), &[-1.0]));
        None
    }),
    ("custom operations", || {
        assert_eq!(custom(Twice, &[3.0])[0], 6.0);
        let _ = custom(Twice, &[Var::from(3.0)]);
        let _ = custom(Twice, &[Dual::new(3.0, 1.0)]);
        let tape = recorded();
        let x = tape.var(3.0);
        let _ = tape.backward_recorded(custom(Twice, &[x])[0], &[x]).expect("it has a second");
        Some(Box::new(tape))
    }),
    ("a report of a network", || {
        let report = Dosage::main_ideas().report().expect("it descends");
        Some(Box::new(report))
    }),
    ("a scope on no tape", || {
        let two = <Var as Real>::scope("none", || Var::from(1.0) + 1.0);
        assert!(two.is_constant());
        None
    }),
];

#[test]
fn whatever_is_done_with_tapes_inside_a_function_its_derivatives_are_right() {
    for (name, deed) in DEEDS {
        // z² x at z = 2 has the slope 4x.
        let slope = |x: &[Var]| gradient(|z| z[0].square() * x[0], &[Var::from(2.0)])[0];
        let f = |x: &[Var]| {
            let kept = deed();
            let before = slope(x);
            let loss = Var::from(7.0).backward();
            assert_eq!(loss.wrt(x[0]), 0.0, "{name}");
            drop(kept);
            before + slope(x)
        };
        assert_eq!(gradient(f, &[4.0]), [8.0], "{name}");
        assert_eq!(jacobian(|x| [f(x), f(x)], &[4.0]).as_slice(), [8.0, 8.0], "{name}");
        assert_eq!(hessian(|x| f(x) * x[0], &[4.0]).as_slice(), [16.0], "{name}");
        assert_eq!(jvp(|x| f(x), &[4.0], &[1.0]), (vec![32.0], vec![8.0]), "{name}");
        let program = Program::record(f, &[4.0]);
        assert_eq!(program.value(&[5.0], &mut Workspace::new()), Ok(40.0), "{name}");
        let fitted = fit(|p| (f(p) - 8.0).square(), &[2.0], &mut Sgd::new(0.001), 2);
        assert_eq!(fitted.expect("it descends").history.records[0].gradient, [128.0], "{name}");
        assert!(check_gradient(f, &[4.0]).expect("it is finite").confirmed, "{name}");
    }
}

#[test]
fn whatever_is_done_with_tapes_before_scopes_and_networks_are_on_the_tape_that_records() {
    let network = Mlp::new(1).dense(2, Activation::Tanh).dense(1, Activation::Identity);
    for (name, deed) in DEEDS {
        let tape = Tape::new();
        let parameters = tape.vars(&[0.5, -0.5, 0.1, 0.2, 1.0, 2.0, 0.3]);
        let kept = deed();
        let y = <Var as Real>::scope("sample", || {
            let inner = deed();
            let y = network.forward_labelled(&parameters, &[0.5])[0];
            drop((deed(), inner));
            y
        });
        drop(kept);
        let names: Vec<String> = tape.scopes().into_iter().map(|scope| scope.name).collect();
        assert_eq!(names, ["sample", "layer 1", "layer 2"], "{name}");
        let scopes = tape.scopes();
        let parents: Vec<Option<usize>> = scopes.iter().map(|scope| scope.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(0)], "{name}");
        assert_eq!((scopes[0].start, scopes[0].end), (7, Some(tape.len())), "{name}");
        let report = tape.report(y);
        let drawn = report.network.expect("the network ran on this tape");
        assert_eq!(drawn.samples, ["sample"], "{name}");
    }
}

#[test]
fn whatever_is_done_with_tapes_constants_have_zero_derivatives_everywhere() {
    for (name, deed) in DEEDS {
        let tape = Tape::new();
        let x = tape.var(2.0).label("x");
        let kept = deed();
        let constant = Var::from(3.0);
        assert_eq!(constant.backward().wrt(x), 0.0, "{name}");
        assert_eq!(constant.backward()[x], 0.0, "{name}");
        assert_eq!(constant.backward().wrt_all(&[x, x]), [0.0, 0.0], "{name}");
        assert_eq!(constant.backward().try_wrt(x), Ok(0.0), "{name}");
        assert_eq!(constant.backward().by_label()["x"], 0.0, "{name}");
        assert_eq!(tape.backward(&[(constant, 1.0)]).wrt(x), 0.0, "{name}");
        assert_eq!(tape.forward(&[(x, 1.0)]).wrt(constant), 0.0, "{name}");
        let recorded = tape.backward_recorded(constant, &[x]).expect("there is no operation");
        assert_eq!((recorded[0].is_constant(), recorded[0].value()), (true, 0.0), "{name}");
        let report = tape.report(constant);
        assert_eq!((report.output, report.nodes[0].adjoint), (None, 0.0), "{name}");
        drop(kept);
    }
    assert_eq!(gradient(|_| Var::from(1.0), &[2.0]), [0.0]);
    assert_eq!(gradient(|_| Var::from(1.0), &[Var::from(2.0)])[0].value(), 0.0);
    assert_eq!(jacobian(|_| [Var::from(1.0)], &[2.0]).as_slice(), [0.0]);
    assert_eq!(jacobian(|_| [Var::from(1.0); 2], &[2.0]).as_slice(), [0.0, 0.0]);
    assert_eq!(jvp(|_| Var::from(1.0), &[2.0], &[1.0]), (vec![1.0], vec![0.0]));
    assert_eq!(vjp(|_| Var::from(1.0), &[2.0], &[1.0]), (vec![1.0], [0.0]));
    assert_eq!(hessian(|_| Var::from(1.0), &[2.0]).as_slice(), [0.0]);
    assert_eq!(hessian_vector(|_| Var::from(1.0), &[2.0], &[1.0]), [0.0]);
    assert_eq!(nth_derivative(|_| Var::from(1.0), 2.0, 2), 0.0);
}

#[test]
fn a_gradient_at_constants_is_recorded_where_what_it_captured_lives() {
    // Two tapes in turn, whichever was made, kept or used last.
    let (a, b) = (Tape::new(), Tape::new());
    let (x, y) = (a.var(3.0), b.var(5.0));
    for _ in 0..3 {
        for v in [x, y] {
            let slope = gradient(|z| z[0].square() * v, &[Var::from(2.0)])[0];
            assert_eq!((slope.value(), slope.backward().wrt(v)), (4.0 * v.value(), 4.0));
        }
    }
    // Captured by every kind of operation, also where the point is not in it.
    let f = |x: &[Var]| {
        let slopes = gradient(
            |z| {
                let kinds = [
                    sum(&[z[0], x[0], z[1]]),
                    dot(&[z[0], z[1]], x),
                    dot(x, &[z[0], z[1]]),
                    z[0].mul_add(x[0], x[1]),
                    Var::select(x[0], z[0] * x[1], z[1]),
                    custom(Twice, &[z[0] * x[1]])[0],
                    z[0].max(x[0]) * x[0],
                    x[0] * x[1],
                ];
                sum(&kinds)
            },
            &[Var::from(9.0), Var::from(2.0)],
        );
        // 1 + x₀ + x₀ + x₀ + x₁ + 2x₁ + x₀; 1 + x₁ + x₁
        assert_eq!(slopes[0].value(), 1.0 + 4.0 * x[0].value() + 3.0 * x[1].value());
        assert_eq!(slopes[1].value(), 1.0 + 2.0 * x[1].value());
        slopes[0] * slopes[1]
    };
    // (1 + 4a + 3b)(1 + 2b) at a = 2, b = 5
    assert_eq!(gradient(f, &[2.0, 5.0]), [4.0 * 11.0, 3.0 * 11.0 + 2.0 * 24.0]);
}

#[test]
fn gradients_at_constants_nest() {
    // d/dx of d/dy at 3 of d/dz at 5 of x² y³ z²: 10 x² y³, 270 x², 540 x.
    let at = |v: f64| Var::from(v);
    let f = |x: Var, y: Var, z: Var| x * x * y.powi(3) * z * z;
    assert_eq!(
        derivative(|x| derivative(|y| derivative(|z| f(x, y, z), at(5.0)), at(3.0)), 2.0),
        1080.0
    );
    // The levels change between points that are variables and constants.
    let mixed = |x: Var| derivative(|y| derivative(|z| f(x, y, z), y), at(3.0));
    // d/dz at z = y: 2 x² y⁴; d/dy: 8 x² y³; d/dx: 16 x y³.
    assert_eq!(derivative(mixed, 2.0), 16.0 * 2.0 * 27.0);
    let mixed =
        |x: Var| derivative(|y| gradient(|z| f(x, y, z[0]) * z[1], &[at(5.0), y])[0], at(3.0));
    // d/dz at 5 of x² y³ z² y: 10 x² y⁴; d/dy: 40 x² y³; d/dx: 80 x y³.
    assert_eq!(derivative(mixed, 2.0), 80.0 * 2.0 * 27.0);
    // Plain gradients inside, and an inner one that does not use its point.
    let plain = |x: Var| derivative(|y| x * y * gradient(|z| z[0].powi(3), &[2.0])[0], at(3.0));
    assert_eq!(derivative(plain, 2.0), 12.0);
    assert_eq!(derivative(|x| x * derivative(|_| x * x, at(1.0)), 3.0), 0.0);
    assert_eq!(
        derivative(|x| derivative(|y| x * derivative(|_| y * x, at(1.0)) + x * y, at(2.0)), 3.0),
        1.0
    );
    assert_eq!(derivative(|x| derivative(|y| derivative(|_| y, y) + x * y, at(2.0)), 3.0), 1.0);
    // Second derivatives at a constant.
    assert_eq!(derivative(|x| nth_derivative(|y| x * y.powi(4), at(2.0), 2), 1.0), 48.0);
}

#[test]
fn a_gradient_at_constants_that_captures_nothing_is_a_number_and_records_nothing() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let slope = gradient(|z| z[0].powi(3), &[Var::from(2.0)])[0];
    assert_eq!((slope.is_constant(), slope.value(), tape.len()), (true, 12.0, 1));
    assert_eq!((slope * x).backward().wrt(x), 12.0);
}

#[test]
fn what_a_function_notes_at_constants_comes_along() {
    let tape = Tape::new();
    tape.record_locations(true);
    let x = tape.var(3.0).label("x");
    let mut line = 0;
    let slope = <Var as Real>::scope("outer", || {
        gradient(
            |z| {
                <Var as Real>::scope("inner", || {
                    let larger = if z[0] < x { x } else { z[0] };
                    line = line!() + 1;
                    (z[0] * larger).label("product")
                })
            },
            &[Var::from(2.0)],
        )[0]
    });
    assert_eq!((slope.value(), slope.backward().wrt(x)), (3.0, 1.0));
    let product = (0..tape.len()).find(|&i| tape.node(i).label.as_deref() == Some("product"));
    let product = product.expect("it was recorded on the tape of `x`");
    assert_eq!(tape.location(product).map(|location| location.line()), Some(line));
    let scopes = tape.scopes();
    let names: Vec<(&str, Option<usize>)> =
        scopes.iter().map(|scope| (scope.name.as_str(), scope.parent)).collect();
    assert_eq!(names, [("outer", None), ("inner", Some(0))]);
    assert_eq!(tape.node(product).scope, Some(1));
    let guards: Vec<(String, Option<usize>)> =
        tape.guards().iter().map(|guard| (guard.to_string(), guard.scope)).collect();
    assert_eq!(guards, [("2 < %0 is true".to_string(), Some(1))]);
    // Also if the tape comes into play only there.
    let (other, late) = (Tape::new(), Tape::new());
    let (x, _) = (late.var(3.0), other.var(1.0));
    let nested = |z: &[Var]| <Var as Real>::scope("inner", || z[0].square() * x);
    let _ = <Var as Real>::scope("outer", || gradient(nested, &[Var::from(2.0)]));
    let scopes = late.scopes();
    let names: Vec<(&str, Option<usize>)> =
        scopes.iter().map(|scope| (scope.name.as_str(), scope.parent)).collect();
    assert_eq!(names, [("outer", None), ("inner", Some(0))]);
    assert!(other.scopes().is_empty());
    // And a program refuses the other branch.
    let program = Program::record(
        |x| gradient(|z| if z[0] < x[0] { z[0] * x[0] } else { z[0] }, &[Var::from(2.0)])[0],
        &[3.0],
    );
    assert_eq!(program.value(&[4.0], &mut Workspace::new()), Ok(4.0));
    program.value(&[1.0], &mut Workspace::new()).expect_err("another branch");
}

#[test]
fn misuse_at_constants_is_refused() {
    let (a, b) = (Tape::new(), Tape::new());
    let (x, y) = (a.var(3.0).label("x"), b.var(5.0).label("y"));
    let at = [Var::from(2.0)];
    panics_saying(&["`x`", "`y`", "two tapes"], || gradient(|z| z[0] * x * y, &at));
    panics_saying(&["`x`", "`y`", "two tapes"], || gradient(|z| z[0] * x + z[0] * y, &at));
    panics_saying(&["two tapes"], || gradient(|z| z[0] * recorded().var(1.0), &at));
    panics_saying(&["two tapes"], || {
        gradient(|z| z[0] * gradient(|w| w[0] * z[0], &[1.0])[0], &at)
    });
    let stale = recorded().var(1.0);
    panics_saying(&["dropped"], || gradient(|z| z[0] * stale, &at));
    let other = Tape::new();
    let w = other.var(1.0);
    panics_saying(&["cleared or rewound"], || {
        gradient(
            |z| {
                let y = z[0] * w;
                other.clear();
                y
            },
            &at,
        )
    });
    let mut leaked = Var::from(0.0);
    let _ = gradient(
        |z| {
            leaked = z[0] * x;
            leaked
        },
        &at,
    );
    panics_saying(&["stale"], || leaked + 1.0);
    // Nothing of it has changed what is right.
    let slope = gradient(|z| z[0].square() * x, &at)[0];
    assert_eq!((slope.value(), slope.backward().wrt(x)), (12.0, 4.0));
}

#[test]
fn a_scope_is_open_on_each_tape_that_records_in_it_and_on_no_other() {
    let (a, b, c) = (Tape::new(), Tape::new(), Tape::new());
    let (x, y) = (a.var(1.0), b.var(1.0));
    let _ = c.var(1.0);
    let mut late = None;
    <Var as Real>::scope("outer", || {
        let _ = x.sin();
        <Var as Real>::scope("inner", || {
            let _ = (y.sin(), x.cos(), y.cos());
        });
        let tape = Tape::new();
        let z = tape.var(1.0);
        let _ = <Var as Real>::scope("its own", || z.sin());
        late = Some(tape);
    });
    let _ = (x.sin(), y.sin());
    let scopes = |tape: &Tape| -> Vec<(String, Option<usize>, usize, Option<usize>)> {
        let all = tape.scopes().into_iter();
        all.map(|scope| (scope.name, scope.parent, scope.start, scope.end)).collect()
    };
    let outer = || "outer".to_string();
    let inner = || "inner".to_string();
    assert_eq!(scopes(&a), [(outer(), None, 1, Some(3)), (inner(), Some(0), 2, Some(3))]);
    assert_eq!(scopes(&b), [(outer(), None, 1, Some(3)), (inner(), Some(0), 1, Some(3))]);
    assert_eq!(scopes(&c), []);
    let late = late.expect("made in the scope");
    assert_eq!(scopes(&late), [("its own".to_string(), None, 1, Some(2))]);
    // Of a scope that unwinds nothing is left open.
    message_of(|| <Var as Real>::scope("unwound", || panic!("at {}", x.tan())));
    let _ = x.exp();
    assert_eq!(scopes(&a)[2], ("unwound".to_string(), None, 4, Some(5)));
}
