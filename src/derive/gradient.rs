//! Gradients of scalar functions, nested to any depth.

use super::spare::with_tape;
use crate::op::Op;
use crate::sweep::record_adjoints;
use crate::tape::{record, recording};
use crate::{Gradient, Real, Var};

/// A scalar at which a derivative can be taken: `f64`, or a [`Var`] to differentiate through the
/// result again.
pub trait Point: Real + sealed::Sealed {
    /// Compute value and gradient of `f` at `x`.
    #[doc(hidden)]
    fn value_and_gradient_of<F: FnOnce(&[Var]) -> Var>(f: F, x: &[Self]) -> (Self, Vec<Self>);
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for crate::Var {}
}

impl Point for f64 {
    #[track_caller]
    fn value_and_gradient_of<F: FnOnce(&[Var]) -> Var>(f: F, x: &[f64]) -> (f64, Vec<f64>) {
        with_tape(|tape| {
            let variables = tape.vars(x);
            let y = f(&variables);
            let mut gradient = Gradient::new();
            tape.backward_into(&[(y, 1.0)], &mut gradient);
            // The leaves are the first nodes.
            let mut dx = std::mem::take(&mut gradient.adjoints);
            dx.resize(x.len().max(dx.len()), 0.0);
            dx.truncate(x.len());
            dx.shrink_to_fit();
            (y.value(), dx)
        })
    }
}

impl Point for Var {
    /// Record on the tape of the outer variables. The inner variables are copies of theirs, so that
    /// what the function uses from outside is a constant to the inner derivative: no perturbation
    /// confusion.
    #[track_caller]
    fn value_and_gradient_of<F: FnOnce(&[Var]) -> Var>(f: F, x: &[Var]) -> (Var, Vec<Var>) {
        let tags: Vec<u64> = x.iter().filter(|v| !v.is_constant()).map(|v| v.tag).collect();
        let outer = match tags.is_empty() {
            true => recording::active(),
            false => Some(record::common_recording(tags)),
        };
        let Some(outer) = outer else {
            let values: Vec<f64> = x.iter().map(|v| v.value).collect();
            let (y, dx) = f64::value_and_gradient_of(f, &values);
            return (y.into(), dx.into_iter().map(Var::from).collect());
        };
        let floor = outer.len();
        let mut inner = Vec::with_capacity(x.len());
        for v in x {
            inner.push(match v.is_constant() {
                // No input of the outer function: a constant, as a node to have an adjoint.
                true => Var { value: v.value, tag: outer.push(Op::Const, 0, 0, v.value) },
                false => v.copy_of(),
            });
        }
        let y = f(&inner);
        // Had `f` cleared or rewound the tape, other nodes might stand where these stood.
        if let Some(first) = inner.first() {
            record::common_recording([first.tag]);
        }
        let mut dx = match record_adjoints(&outer, y, floor) {
            Ok(adjoints) => adjoints,
            Err(error) => panic!("{error}"),
        };
        dx.resize(x.len().max(dx.len()), Var::constant(0.0));
        dx.truncate(x.len());
        (y, dx)
    }
}

/// Compute the gradient of `f` at `x`: `[∂f/∂x₀, ∂f/∂x₁, ...]`.
///
/// At a point of [`Var`]s the gradient is recorded, so gradients nest.
///
/// # Panics
/// If `f` uses variables of another tape, or, nested, a custom operation that cannot be
/// differentiated twice.
///
/// ```
/// use gradtape::{Real, Var, gradient};
///
/// fn rosenbrock<S: Real>(x: &[S]) -> S {
///     (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
/// }
/// assert_eq!(gradient(rosenbrock, &[-1.2, 1.0]), [-215.59999999999997, -87.99999999999999]);
/// assert_eq!(gradient(|x| x[0] * x[1], &[3.0, 4.0]), [4.0, 3.0]);
///
/// // d/dx ( x · d/dy (x y²) at y = 3 ) = d/dx (x · 6x) = 12x
/// let nested = gradient(|x| x[0] * gradient(|y| x[0] * y[0].square(), &[Var::from(3.0)])[0], &[2.0]);
/// assert_eq!(nested, [24.0]);
/// ```
#[track_caller]
pub fn gradient<P: Point>(f: impl FnOnce(&[Var]) -> Var, x: &[P]) -> Vec<P> {
    P::value_and_gradient_of(f, x).1
}

/// Compute value and gradient of `f` at `x`.
///
/// # Panics
/// As [`gradient()`].
///
/// ```
/// use gradtape::value_and_gradient;
/// assert_eq!(value_and_gradient(|x| x[0].powi(3), &[2.0]), (8.0, vec![12.0]));
/// ```
#[track_caller]
pub fn value_and_gradient<P: Point>(f: impl FnOnce(&[Var]) -> Var, x: &[P]) -> (P, Vec<P>) {
    P::value_and_gradient_of(f, x)
}

/// Compute the `n`-th derivative of a function of one variable; the 0-th is its value.
///
/// The reverse sweep is recorded `n - 1` times, each on top of the last. Every one multiplies the
/// number of nodes by about three, so `n` up to 8 or so is practical.
///
/// # Panics
/// As [`gradient()`].
///
/// ```
/// use gradtape::nth_derivative;
/// assert_eq!(nth_derivative(|x| x.powi(4), 2.0, 3), 48.0); // 24x
/// let fourth = nth_derivative(|x| x.sin(), 0.5, 4);
/// assert!((fourth - 0.5_f64.sin()).abs() < 1e-15);
/// ```
#[track_caller]
pub fn nth_derivative<P: Point>(f: impl Fn(Var) -> Var, x: P, n: usize) -> P {
    fn nested(f: &dyn Fn(Var) -> Var, x: Var, n: usize) -> Var {
        match n {
            0 => f(x),
            _ => gradient(|x| nested(f, x[0], n - 1), &[x])[0],
        }
    }
    match n {
        0 => P::value_and_gradient_of(|x| f(x[0]), &[x]).0,
        _ => P::value_and_gradient_of(|x| nested(&f, x[0], n - 1), &[x]).1[0],
    }
}
