//! The rules of the table are themselves differentiated: second and third derivatives of every row.

mod common {
    pub mod apply;
    pub mod differences;
    pub mod numeric;
}

use common::apply::{apply, scalar_rows, split};
use common::differences::{assert_fine, derivative};
use common::numeric::relative_error;
use gradtape::op::Op;
use gradtape::{Dual, Real, Var, hessian, nth_derivative};

type Unit = fn(Var) -> Var;

/// A row as a function of one variable: along a line through a point.
#[derive(Clone, Copy)]
struct Line<'a> {
    op: Op,
    point: &'a [f64],
    constants: &'a [f64],
    direction: &'a [f64],
}

impl Line<'_> {
    fn at<S: Real>(self, t: S) -> S {
        let operand = |(&x, &d): (&f64, &f64)| t * d + x;
        let operands: Vec<S> = self.point.iter().zip(self.direction).map(operand).collect();
        apply(self.op, &operands, self.constants)
    }
}

/// Call `body` with every row at every sample point away from its kinks, along each operand and
/// across all of them.
fn on_lines(body: impl Fn(Line<'_>)) {
    const ACROSS: [f64; 3] = [0.8, -0.6, 0.5];
    for op in scalar_rows() {
        for sample in op.info().samples.iter().filter(|sample| !op.at_kink(sample)) {
            let (point, constants) = split(op, sample);
            let n = point.len();
            body(Line { op, point, constants, direction: &ACROSS[..n] });
            for i in 0..n {
                let mut direction = [0.0; 3];
                direction[i] = 1.0;
                body(Line { op, point, constants, direction: &direction[..n] });
            }
        }
    }
}

fn first(line: Line<'_>, t: f64) -> f64 {
    line.at(Dual::new(t, 1.0)).tangent()
}

fn second(line: Line<'_>, t: f64) -> f64 {
    let t = Dual::new(Dual::new(t, 1.0), Dual::new(1.0, 0.0));
    line.at(t).tangent().tangent()
}

fn assert_derivative(what: &str, line: Line<'_>, found: f64, lower: impl Fn(f64) -> f64) {
    let Line { op, point, constants, direction } = line;
    let (reference, error) = derivative(&lower, 0.0);
    assert!(
        !found.is_nan(),
        "{what} of {op:?} at {point:?} {constants:?} is NaN: a branch of a `select` in its rule that is not chosen \
         must be finite too, for derivatives multiply it by 0"
    );
    assert_fine(op, &[point, constants].concat(), error, found.abs() + lower(0.0).abs());
    assert!(
        (found - reference).abs() <= error,
        "{what} of {op:?} at {point:?} {constants:?} along {direction:?}: {found} is not {reference} ± {error:e}"
    );
}

#[test]
fn second_derivatives_by_every_route_agree_with_differences_of_the_first() {
    on_lines(|line| {
        let routes = [
            ("forward over reverse", hessian(|t| line.at(t[0]), &[0.0])[(0, 0)]),
            ("reverse over reverse", nth_derivative(|t| line.at(t), 0.0, 2)),
            ("forward over forward", second(line, 0.0)),
        ];
        for (route, found) in routes {
            assert_derivative(route, line, found, |t| first(line, t));
        }
    });
}

#[test]
fn third_derivatives_agree_with_differences_of_the_second() {
    on_lines(|line| {
        let found = nth_derivative(|t| line.at(t), 0.0, 3);
        assert_derivative("third derivative", line, found, |t| second(line, t));
    });
}

/// A rule with `|x|` in it would have a kink here, and its third derivative would be 0.
#[test]
fn even_rules_are_smooth_at_zero() {
    let at_zero: [(&str, Unit, usize, f64); 5] = [
        ("sigmoid", Var::sigmoid, 3, -1.0 / 8.0),
        ("softplus", Var::softplus, 4, -1.0 / 8.0),
        ("silu", Var::silu, 4, -1.0 / 2.0),
        ("tanh", Var::tanh, 3, -2.0),
        ("tanh", Var::tanh, 5, 16.0),
    ];
    for (name, f, n, expected) in at_zero {
        for zero in [0.0, -0.0] {
            let found = nth_derivative(f, zero, n);
            let error = relative_error(found, expected);
            assert!(error <= 1e-15, "derivative {n} of {name} at {zero}: {found}, not {expected}");
        }
    }
}

/// `x^y` at `y = 0` has slope 0 along `x`, but not at the next `y`.
#[test]
fn the_mixed_derivative_of_a_power_is_symmetric_at_exponent_zero() {
    let h = hessian(|v| v[0].pow(v[1]), &[2.0, 0.0]);
    assert_eq!(h.as_slice(), [0.0, 0.5, 0.5, 2.0_f64.ln() * 2.0_f64.ln()]);
}

/// Far out, where the function is flat or straight, nothing overflows into a NaN on the way.
#[test]
fn saturated_units_have_second_derivatives_of_zero() {
    let units: [(&str, Unit); 10] = [
        ("tanh", Var::tanh),
        ("sigmoid", Var::sigmoid),
        ("softplus", Var::softplus),
        ("silu", Var::silu),
        ("gelu", Var::gelu),
        ("relu", Var::relu),
        ("erf", Var::erf),
        ("erfc", Var::erfc),
        ("atan", Var::atan),
        ("asinh", Var::asinh),
    ];
    for (name, f) in units {
        for x in [-1e200, -1e9, -1500.0, -800.0, 800.0, 1500.0, 1e9, 1e200] {
            let forward = hessian(|v| f(v[0]), &[x])[(0, 0)];
            let reverse = nth_derivative(f, x, 2);
            // The slopes of atan and asinh fall off as powers.
            assert!(forward.abs() <= 4e-6, "{name} at {x}: {forward} forward over reverse");
            assert!(reverse.abs() <= 4e-6, "{name} at {x}: {reverse} reverse over reverse");
        }
    }
}
