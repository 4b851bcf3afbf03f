//! The contract of the op table: every row, on every engine, against references that know nothing
//! of it.

mod common {
    pub mod apply;
    pub mod differences;
    pub mod numeric;
    pub mod partials;
}

use common::apply::{apply, operands, scalar_rows};
use common::differences::{assert_fine, derivative};
use common::numeric::{same, same_bits};
use common::partials::{dual, forward, on_f64, on_grid, on_samples, reverse};
use gradtape::op::{Arity, Op};
use gradtape::{Dual, Tape, gradient};

#[test]
fn every_row_has_samples_in_its_domain_and_records_itself_as_one_node() {
    for op in scalar_rows() {
        assert!(
            !op.info().samples.is_empty(),
            "{op:?} has no sample points: write some into its row in src/op/table.rs, after `at`"
        );
    }
    on_samples(|op, x, c| {
        assert!(
            op.in_domain(&[x, c].concat()),
            "the sample point {x:?} {c:?} in the row of {op:?} in src/op/table.rs is not in the domain of that row"
        );
        let tape = Tape::new();
        let variables = tape.vars(x);
        let y = apply(op, &variables, c);
        assert_eq!(
            tape.len(),
            x.len() + 1,
            "{op:?} is one node: the value rule of its row in src/op/table.rs is a call of its own method"
        );
        let node = tape.node(x.len());
        assert_eq!((node.op, y.index()), (op, Some(x.len())));
        assert_eq!(node.operands, (0..x.len()).collect::<Vec<_>>(), "{op:?}");
    });
}

#[test]
fn copy_is_what_a_nested_gradient_makes_of_its_inputs() {
    let tape = Tape::new();
    let x = tape.var(-1.5);
    let inner = gradient(|y| y[0].square(), &[x]);
    assert_eq!((tape.node(1).op, tape.node(1).operands.clone()), (Op::Copy, vec![0]));
    assert_eq!(tape.node(1).value, -1.5);
    assert_eq!(inner[0].backward().wrt(x), 2.0);
    assert_eq!(tape.forward(&[(x, 1.0)]).wrt(tape.var_at(1)), 1.0);
}

#[test]
fn values_are_the_same_bits_on_f64_dual_and_var() {
    let check = |op, x: &[f64], c: &[f64]| {
        let expected = on_f64(op, x, c);
        for linear in [reverse(op, x, c), dual(op, x, c)] {
            assert!(same_bits(linear.value, expected), "{op:?} at {x:?} {c:?}: {linear:?}");
        }
    };
    on_samples(check);
    scalar_rows().for_each(|op| on_grid(op, |x, c| check(op, x, c)));
}

/// All three run the same rule once, so they agree exactly, infinities and NaN included.
#[test]
fn partials_of_reverse_sweep_forward_sweep_and_dual_are_the_same_numbers() {
    let check = |op, x: &[f64], c: &[f64]| {
        let backward = reverse(op, x, c);
        for ahead in [forward(op, x, c), dual(op, x, c)] {
            // In a dual number what does not move is a constant, and 0 / x, 1^x and x^0 are flat.
            let is_flat = match op {
                Op::Div => x[0] == 0.0 && ahead.partials[1] == 0.0,
                Op::Pow => {
                    x[0] == 1.0 && ahead.partials[1] == 0.0
                        || x[1] == 0.0 && ahead.partials[0] == 0.0
                }
                _ => false,
            };
            if is_flat {
                continue;
            }
            assert!(backward.same_as(&ahead), "{op:?} at {x:?} {c:?}: {backward:?}, {ahead:?}");
        }
    };
    on_samples(check);
    scalar_rows().for_each(|op| on_grid(op, |x, c| check(op, x, c)));
}

#[test]
fn partials_agree_with_finite_differences() {
    let mut compared = 0;
    on_samples(|op, x, c| {
        if op.at_kink(&[x, c].concat()) {
            return;
        }
        for (i, partial) in reverse(op, x, c).partials.into_iter().enumerate() {
            let along = |t: f64| {
                let mut x = x.to_vec();
                x[i] = t;
                on_f64(op, &x, c)
            };
            let (reference, error) = derivative(along, x[i]);
            let scale = partial.abs() + on_f64(op, x, c).abs();
            assert_fine(op, &[x, c].concat(), error, scale);
            assert!(
                (partial - reference).abs() <= error,
                "{op:?} at {x:?} {c:?}, operand {i}: {partial} is not {reference} ± {error:e}"
            );
            compared += 1;
        }
    });
    assert!(compared > 150, "only {compared} partials were compared");
}

/// A repeated operand gets both partials; reverse and forward add the two in the same order.
#[test]
fn an_operand_used_twice_gets_the_sum_of_its_partials() {
    for op in scalar_rows().filter(|&op| operands(op) == 2) {
        for x in [0.5, 2.0, 3.25] {
            let apart = reverse(op, &[x, x], &[]);
            let tape = Tape::new();
            let v = tape.var(x);
            let y = apply(op, &[v, v], &[]);
            let sum = apart.partials[0] + apart.partials[1];
            assert!(same(y.backward().wrt(v), sum), "{op:?} at {x}");
            let d = apply(op, &[Dual::new(x, 1.0); 2], &[]);
            assert!(same(d.tangent(), sum), "{op:?} at {x}");
        }
    }
}

/// Where the slope is infinite inside the domain: a vertical tangent, at the edge or the kink.
fn is_vertical(op: Op, point: &[f64]) -> bool {
    match (op, point) {
        (Op::Sqrt | Op::Cbrt, &[x]) => x == 0.0,
        (Op::Asin | Op::Acos, &[x]) => x.abs() == 1.0,
        (Op::Acosh, &[x]) => x == 1.0,
        // x^y with 0 < y < 1.
        (Op::Powf | Op::Pow, &[x, y]) => x == 0.0 && y < 1.0,
        _ => false,
    }
}

#[test]
fn value_and_partials_are_finite_inside_the_domain_unless_the_tangent_is_vertical() {
    let finite = |v: &[f64]| v.iter().all(|x| x.is_finite());
    for op in scalar_rows() {
        on_grid(op, |x, c| {
            let point = [x, c].concat();
            if !finite(&point) || !op.in_domain(&point) {
                return;
            }
            let linear = reverse(op, x, c);
            if !is_vertical(op, &point) {
                assert!(linear.is_finite(), "{op:?} at {point:?}: {linear:?}");
            } else {
                assert!(linear.value.is_finite(), "{op:?} at {point:?}: {linear:?}");
                assert!(
                    !linear.partials.iter().any(|p| p.is_nan()),
                    "{op:?} at {point:?}: {linear:?}"
                );
            }
        });
    }
}

/// Values that exist although the derivative, and so the point, is outside the domain.
fn has_a_value_outside(op: Op, point: &[f64]) -> bool {
    match (op, point) {
        // A negative base with a whole exponent has a value, but no derivative by the exponent.
        (Op::Pow, &[x, y]) => x < 0.0 && y == y.trunc(),
        (Op::ConstPow, &[y, c]) => (c < 0.0 && y == y.trunc()) || (c == 0.0 && y == 0.0),
        // IEEE 754 gives the angle of the origin a value; it has no direction to move in.
        (Op::Atan2, &[y, x]) => x == 0.0 && y == 0.0,
        _ => false,
    }
}

#[test]
fn outside_the_domain_the_value_is_not_finite() {
    let mut outside = 0;
    for op in scalar_rows() {
        on_grid(op, |x, c| {
            let point = [x, c].concat();
            if op.in_domain(&point) || point.iter().any(|x| x.is_nan()) {
                return;
            }
            outside += 1;
            let value = on_f64(op, x, c);
            let documented = has_a_value_outside(op, &point);
            let at_infinity = point.iter().any(|x| x.is_infinite());
            assert!(
                documented || at_infinity || !value.is_finite(),
                "{op:?} at {point:?} is outside the domain and yet {value}"
            );
        });
    }
    assert!(outside > 100, "only {outside} points were outside a domain");
}

/// The rows that make a number of a NaN, as IEEE 754 and `f64` do.
fn absorbs_nan(op: Op, x: &[f64], c: &[f64]) -> bool {
    match (op, x, c) {
        // The other operand decides, whatever the NaN stands for.
        (Op::Min | Op::Max, &[x, y], _) => !(x.is_nan() && y.is_nan()),
        (Op::MinConst | Op::MaxConst, &[x], &[c]) => !(x.is_nan() && c.is_nan()),
        (Op::Hypot, &[x, y], _) => x.is_infinite() || y.is_infinite(),
        (Op::Pow, &[x, y], _) | (Op::Powf, &[x], &[y]) | (Op::ConstPow, &[y], &[x]) => {
            y == 0.0 || x == 1.0
        }
        (Op::Powi, _, &[n]) => n == 0.0,
        // A NaN condition is not above 0, and the other branch is not looked at.
        (Op::Select, &[condition, a, b], _) => !(if condition > 0.0 { a } else { b }).is_nan(),
        _ => false,
    }
}

#[test]
fn a_nan_operand_makes_a_nan_value() {
    for op in scalar_rows() {
        on_grid(op, |x, c| {
            if x.iter().chain(c).any(|x| x.is_nan()) {
                let value = on_f64(op, x, c);
                assert_eq!(
                    value.is_nan(),
                    !absorbs_nan(op, x, c),
                    "{op:?} at {x:?} {c:?}: {value}"
                );
            }
        });
    }
}

#[test]
fn a_row_names_the_constants_of_a_call() {
    for &op in Op::ALL {
        let info = op.info();
        let is_form = info.arity == Arity::Data && !info.is_function;
        let named = if is_form { 1 } else { info.parameters.len() };
        assert_eq!(named, op.constants(), "{op:?}");
    }
    assert_eq!(Op::Clamp.info().parameters, [("lo", "f64"), ("hi", "f64")]);
    assert_eq!(Op::Polygamma.info().parameters, [("n", "u32")]);
    let called = [Op::Sin, Op::Pow, Op::MulAdd, Op::Clamp, Op::Dot].map(|op| op.info().is_function);
    assert_eq!(called, [true; 5]);
    let not = [Op::Input, Op::Neg, Op::AddConst, Op::TanhSlope, Op::Linear, Op::Custom];
    assert_eq!(not.map(|op| op.info().is_function), [false; 6]);
}
