//! The contract of the op table: every row, on every engine, against references that know nothing
//! of it.

mod common {
    pub mod apply;
    pub mod differences;
    pub mod numeric;
}

use common::apply::{apply, operands, scalar_rows, split};
use common::differences::derivative;
use common::numeric::{same, same_bits};
use gradtape::op::Op;
use gradtape::{Dual, Real, Tape, Var, gradient};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// Ordinary numbers and every special one.
const GRID: [f64; 11] = [-INF, -2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, INF, NAN];

/// A value and its partials by operand.
#[derive(Debug)]
struct Linear {
    value: f64,
    partials: Vec<f64>,
}

impl Linear {
    fn same_as(&self, other: &Linear) -> bool {
        same_bits(self.value, other.value)
            && self.partials.iter().zip(&other.partials).all(|(a, b)| same(*a, *b))
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.partials.iter().all(|p| p.is_finite())
    }
}

fn on_f64(op: Op, x: &[f64], c: &[f64]) -> f64 {
    apply(op, x, c).expect("callable")
}

/// By the reverse sweep of a tape.
fn reverse(op: Op, x: &[f64], c: &[f64]) -> Linear {
    let tape = Tape::new();
    let variables = tape.vars(x);
    let y = apply(op, &variables, c).expect("callable");
    Linear { value: y.value(), partials: y.backward().wrt_all(&variables) }
}

/// By the forward sweep of a tape.
fn forward(op: Op, x: &[f64], c: &[f64]) -> Linear {
    let tape = Tape::new();
    let variables = tape.vars(x);
    let y = apply(op, &variables, c).expect("callable");
    let partials = variables.iter().map(|&v| tape.forward(&[(v, 1.0)]).wrt(y)).collect();
    Linear { value: y.value(), partials }
}

/// By dual numbers.
fn dual(op: Op, x: &[f64], c: &[f64]) -> Linear {
    let mut linear = Linear { value: NAN, partials: Vec::new() };
    for seeded in 0..x.len() {
        let seed = |(i, &x)| Dual::new(x, if i == seeded { 1.0 } else { 0.0 });
        let duals: Vec<Dual> = x.iter().enumerate().map(seed).collect();
        let y = apply(op, &duals, c).expect("callable");
        linear.value = y.primal();
        linear.partials.push(y.tangent());
    }
    linear
}

/// The constants to try with a row: those of its samples, or the whole grid where any number is one.
fn constants(op: Op) -> Vec<Vec<f64>> {
    match op {
        Op::AddConst | Op::ConstSub | Op::MulConst | Op::DivConst | Op::ConstDiv => {
            GRID.iter().map(|&c| vec![c]).collect()
        }
        Op::Powf | Op::ConstPow | Op::MinConst | Op::MaxConst => {
            GRID.iter().map(|&c| vec![c]).collect()
        }
        _ => op.info().samples.iter().map(|point| split(op, point).1.to_vec()).collect(),
    }
}

/// Call `body` with every point of the grid: operands and constants.
fn on_grid(op: Op, mut body: impl FnMut(&[f64], &[f64])) {
    let n = operands(op).expect("a scalar row");
    let mut points = vec![Vec::new()];
    for _ in 0..n {
        points = points
            .iter()
            .flat_map(|p: &Vec<f64>| GRID.iter().map(|&x| [&p[..], &[x]].concat()))
            .collect();
    }
    for c in constants(op) {
        points.iter().for_each(|x| body(x, &c));
    }
}

/// Call `body` with every sample point of every row.
fn on_samples(mut body: impl FnMut(Op, &[f64], &[f64])) {
    for op in scalar_rows() {
        for point in op.info().samples {
            let (x, c) = split(op, point);
            body(op, x, c);
        }
    }
}

#[test]
fn every_row_has_samples_in_its_domain_and_records_itself_as_one_node() {
    for op in scalar_rows() {
        assert!(!op.info().samples.is_empty(), "{op:?} has no sample points");
    }
    on_samples(|op, x, c| {
        assert!(op.in_domain(&[x, c].concat()), "{op:?} at {x:?} {c:?}");
        let tape = Tape::new();
        let variables = tape.vars(x);
        let y = apply(op, &variables, c).unwrap_or_else(|| panic!("{op:?} is missing in `apply`"));
        assert_eq!(tape.len(), x.len() + 1, "{op:?} is one node");
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
            assert!(
                error <= 1e-9 * (1e-3 + scale),
                "{op:?} at {x:?} {c:?}: {error:e} is too coarse"
            );
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
    for op in scalar_rows().filter(|&op| operands(op) == Some(2)) {
        for x in [0.5, 2.0, 3.25] {
            let apart = reverse(op, &[x, x], &[]);
            let tape = Tape::new();
            let v = tape.var(x);
            let y = apply(op, &[v, v], &[]).expect("callable");
            let sum = apart.partials[0] + apart.partials[1];
            assert!(same(y.backward().wrt(v), sum), "{op:?} at {x}");
            let d = apply(op, &[Dual::new(x, 1.0); 2], &[]).expect("callable");
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
fn the_conventions_at_kinks_are_kept() {
    let kinks: &[(Op, &[f64], &[f64], &[f64])] = &[
        (Op::Abs, &[0.0], &[], &[0.0]),
        (Op::Abs, &[-0.0], &[], &[0.0]),
        (Op::Relu, &[0.0], &[], &[0.0]),
        (Op::Relu, &[-0.0], &[], &[0.0]),
        (Op::LeakyRelu, &[0.0], &[0.1], &[0.1]),
        (Op::Min, &[2.0, 2.0], &[], &[0.5, 0.5]),
        (Op::Max, &[2.0, 2.0], &[], &[0.5, 0.5]),
        (Op::Max, &[-0.0, 0.0], &[], &[0.5, 0.5]),
        (Op::MinConst, &[2.0], &[2.0], &[0.5]),
        (Op::MaxConst, &[2.0], &[2.0], &[0.5]),
        // clamp = min(max(x, lo), hi): each tie shares ½.
        (Op::Clamp, &[0.0], &[0.0, 1.0], &[0.5]),
        (Op::Clamp, &[1.0], &[0.0, 1.0], &[0.5]),
        (Op::Clamp, &[1.0], &[1.0, 1.0], &[0.25]),
        (Op::Clamp, &[0.5], &[0.0, 1.0], &[1.0]),
        (Op::Clamp, &[-3.0], &[0.0, 1.0], &[0.0]),
        (Op::Clamp, &[0.5], &[1.0, 0.0], &[0.0]),
        (Op::Sqrt, &[0.0], &[], &[INF]),
        (Op::Sqrt, &[-0.0], &[], &[INF]),
        (Op::Cbrt, &[0.0], &[], &[INF]),
        (Op::Cbrt, &[-0.0], &[], &[INF]),
        (Op::Hypot, &[0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::Hypot, &[-0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::Signum, &[0.0], &[], &[0.0]),
        (Op::Floor, &[2.0], &[], &[0.0]),
        (Op::Ceil, &[2.0], &[], &[0.0]),
        (Op::Round, &[2.5], &[], &[0.0]),
        (Op::Trunc, &[2.0], &[], &[0.0]),
        (Op::Fract, &[2.0], &[], &[1.0]),
        (Op::Compare, &[2.0, 2.0], &[], &[0.0, 0.0]),
        (Op::Select, &[0.0, 2.0, 3.0], &[], &[0.0, 0.0, 1.0]),
        (Op::Rem, &[6.0, 2.0], &[], &[1.0, -3.0]),
        (Op::Pow, &[0.0, 2.0], &[], &[0.0, 0.0]),
        (Op::Pow, &[0.0, 1.0], &[], &[1.0, 0.0]),
        (Op::Pow, &[0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::Powi, &[0.0], &[0.0], &[0.0]),
        (Op::Powi, &[0.0], &[1.0], &[1.0]),
        (Op::Powf, &[0.0], &[0.0], &[0.0]),
        (Op::Powf, &[0.0], &[1.0], &[1.0]),
    ];
    for &(op, x, c, partials) in kinks {
        for linear in [reverse(op, x, c), forward(op, x, c), dual(op, x, c)] {
            assert_eq!(linear.partials, partials, "{op:?} at {x:?} {c:?}");
        }
    }
    // No kink that a row declares is left out here.
    for op in scalar_rows().filter(|op| op.info().kink.is_some()) {
        let asserted = kinks.iter().any(|(o, x, c, _)| *o == op && op.at_kink(&[*x, *c].concat()));
        assert!(asserted, "the kink of {op:?} is not asserted");
    }
}

/// A zero adjoint is not propagated, so an infinite slope does not make 0 · inf = NaN by itself.
#[test]
fn a_blocked_path_does_not_turn_an_infinite_slope_into_nan() {
    let x = 0.0;
    assert_eq!(gradient(|v| v[0].sqrt() * 0.0 + v[0], &[x]), [1.0]);
    assert_eq!((Dual::new(x, 0.0).sqrt()).tangent(), 0.0);
    assert_eq!(gradient(|v| Var::select(v[0], v[0].ln(), v[0] * 3.0), &[x]), [3.0]);
}

/// The remainder's slope counts whole quotients: the exact one, not the rounded `x / y`.
#[test]
fn the_remainder_counts_the_quotient_that_its_value_has() {
    // 1.0 / 0.1 rounds to 10, but 1.0 % 0.1 = 1.0 - 9 · 0.1.
    assert_eq!(reverse(Op::Rem, &[1.0, 0.1], &[]).partials, [1.0, -9.0]);
    assert_eq!(reverse(Op::Rem, &[-1.0, 0.1], &[]).partials, [1.0, 9.0]);
    assert_eq!(reverse(Op::Rem, &[5.5, -2.0], &[]).partials, [1.0, 2.0]);
}

#[test]
fn forms_with_a_constant_operand_equal_those_with_two_variables() {
    type Binary = (Op, Op, Op);
    /// The row of two variables, that of `x ∘ c`, that of `c ∘ x`.
    const FORMS: [Binary; 7] = [
        (Op::Add, Op::AddConst, Op::AddConst),
        (Op::Sub, Op::AddConst, Op::ConstSub),
        (Op::Mul, Op::MulConst, Op::MulConst),
        (Op::Div, Op::DivConst, Op::ConstDiv),
        (Op::Pow, Op::Powf, Op::ConstPow),
        (Op::Min, Op::MinConst, Op::MinConst),
        (Op::Max, Op::MaxConst, Op::MaxConst),
    ];
    for (op, right, left) in FORMS {
        on_grid(op, |point, _| {
            let &[x, c] = point else { unreachable!("two operands") };
            let both = reverse(op, point, &[]);
            let tape = Tape::new();
            let v = tape.var(x);
            let kept = apply(op, &[v, Var::from(c)], &[]).expect("callable");
            assert_eq!((tape.node(1).op, tape.len()), (right, 2));
            assert!(same_bits(kept.value(), both.value), "{op:?} at {x} with constant {c} right");
            // NaN^0 is 1: flat for an exponent that is the constant 0, unknown for one that moves.
            if !(op == Op::Pow && x.is_nan() && c == 0.0) {
                let partial = kept.backward().wrt(v);
                assert!(same(partial, both.partials[0]), "{op:?} at {x} with constant {c} right");
            }

            let (c, x) = (x, c);
            let tape = Tape::new();
            let v = tape.var(x);
            let kept = apply(op, &[Var::from(c), v], &[]).expect("callable");
            assert_eq!((tape.node(1).op, tape.len()), (left, 2));
            assert!(same_bits(kept.value(), both.value), "{op:?} at {x} with constant {c} left");
            let partial = kept.backward().wrt(v);
            assert!(same(partial, both.partials[1]), "{op:?} at {x} with constant {c} left");
        });
    }
}

#[test]
fn a_plain_number_beside_an_operator_is_the_same_as_a_constant() {
    let tape = Tape::new();
    let x = tape.var(0.3);
    for c in [-2.5, 0.1, 3.0] {
        let k = Var::from(c);
        let pairs: [(Var, Var); 10] = [
            (x + c, x + k),
            (c + x, k + x),
            (x - c, x - k),
            (c - x, k - x),
            (x * c, x * k),
            (c * x, k * x),
            (x / c, x / k),
            (c / x, k / x),
            (x % c, x % k),
            (c % x, k % x),
        ];
        for (i, (number, constant)) in pairs.into_iter().enumerate() {
            assert!(same_bits(number.value(), constant.value()), "form {i} with {c}");
            assert_eq!(number.backward().wrt(x), constant.backward().wrt(x), "form {i} with {c}");
        }
    }
}

#[test]
fn an_integer_power_at_the_ends_of_its_range_has_a_slope() {
    assert_eq!(gradient(|v| v[0].powi(i32::MAX), &[1.0]), [f64::from(i32::MAX)]);
    assert_eq!(gradient(|v| v[0].powi(i32::MIN), &[1.0]), [f64::from(i32::MIN)]);
    assert_eq!(gradient(|v| v[0].powi(i32::MIN), &[-1.0]), [-f64::from(i32::MIN)]);
    assert_eq!(Dual::new(1.0, 1.0).powi(i32::MIN).tangent(), f64::from(i32::MIN));
}
