//! Gradients of scalar functions, nested to any depth.

use super::captured::at_constants;
use super::pool::with_tape;
use crate::op::Op;
use crate::sweep::record_adjoints;
use crate::tape::{live, record};
use crate::{Gradient, Var};
use sealed::Scalar;
use smallvec::SmallVec;
use std::convert::Infallible;

/// A point at which a gradient can be taken: an array, a slice or a vector of `f64`, or of [`Var`] to
/// differentiate through the result again.
///
/// The gradient at an array is an array of the same length; at a slice or a vector it is a vector.
pub trait Point: sealed::Sealed {
    /// The type of one coordinate: `f64` or [`Var`].
    type Scalar: Scalar;
    /// The type of a gradient at such a point.
    type Gradient: AsMut<[Self::Scalar]>;
    #[doc(hidden)]
    fn coordinates(&self) -> &[Self::Scalar];
    #[doc(hidden)]
    fn zeros(&self) -> Self::Gradient;
}

impl<S: Scalar, const N: usize> Point for [S; N] {
    type Scalar = S;
    type Gradient = [S; N];
    fn coordinates(&self) -> &[S] {
        self
    }
    fn zeros(&self) -> [S; N] {
        [S::from(0.0); N]
    }
}

impl<S: Scalar> Point for [S] {
    type Scalar = S;
    type Gradient = Vec<S>;
    fn coordinates(&self) -> &[S] {
        self
    }
    fn zeros(&self) -> Vec<S> {
        vec![S::from(0.0); self.len()]
    }
}

impl<S: Scalar> Point for Vec<S> {
    type Scalar = S;
    type Gradient = Vec<S>;
    fn coordinates(&self) -> &[S] {
        self
    }
    fn zeros(&self) -> Vec<S> {
        self.as_slice().zeros()
    }
}

impl<X: Point + ?Sized> Point for &X {
    type Scalar = X::Scalar;
    type Gradient = X::Gradient;
    fn coordinates(&self) -> &[X::Scalar] {
        X::coordinates(self)
    }
    fn zeros(&self) -> X::Gradient {
        X::zeros(self)
    }
}

mod sealed {
    use crate::{Real, Var};

    pub trait Sealed {}
    impl<S: Scalar, const N: usize> Sealed for [S; N] {}
    impl<S: Scalar> Sealed for [S] {}
    impl<S: Scalar> Sealed for Vec<S> {}
    impl<X: Sealed + ?Sized> Sealed for &X {}

    /// A coordinate: `f64` or [`Var`].
    pub trait Scalar: Real {
        /// Write the gradient of `f` at `x` into `dx`, which is zero before, and return the value.
        fn try_gradient_into<E>(
            f: impl FnOnce(&[Var]) -> Result<Var, E>,
            x: &[Self],
            dx: &mut [Self],
        ) -> Result<Self, E>;
    }
}

impl Scalar for f64 {
    #[track_caller]
    fn try_gradient_into<E>(
        f: impl FnOnce(&[Var]) -> Result<Var, E>,
        x: &[f64],
        dx: &mut [f64],
    ) -> Result<f64, E> {
        with_tape(|tape| {
            // A few inputs need no memory of their own.
            let mut inputs: SmallVec<[Var; 8]> = SmallVec::with_capacity(x.len());
            x.iter().for_each(|&x| inputs.push(tape.var(x)));
            let y = f(&inputs)?;
            let mut gradient = Gradient::new();
            tape.backward_into(&[(y, 1.0)], &mut gradient);
            // The leaves are the first nodes; adjoints end at the output.
            dx.iter_mut().zip(gradient.adjoints()).for_each(|(dx, &adjoint)| *dx = adjoint);
            Ok(y.value())
        })
    }
}

impl Scalar for Var {
    /// Record on the tape of the outer variables. The inner variables are copies of theirs, so that
    /// what the function uses from outside is a constant to the inner derivative: no perturbation
    /// confusion.
    #[track_caller]
    fn try_gradient_into<E>(
        f: impl FnOnce(&[Var]) -> Result<Var, E>,
        x: &[Var],
        dx: &mut [Var],
    ) -> Result<Var, E> {
        let tags: Vec<u64> = x.iter().filter(|v| !v.is_constant()).map(|v| v.tag).collect();
        if tags.is_empty() {
            return at_constants(f, x, dx);
        }
        let outer = record::common_recording(tags);
        // Loops and not closures, for the lines of code: a closure is not `#[track_caller]`. What is no input of
        // the outer function is a constant, as a node to have an adjoint.
        let mut originals: SmallVec<[(Op, u32); 8]> = SmallVec::new();
        for v in x {
            originals.push(match v.is_constant() {
                true => (Op::Const, 0),
                false => (Op::Copy, record::operand(&outer, v.tag, v.value)),
            });
        }
        let floor = outer.len();
        let mut inner = Vec::with_capacity(x.len());
        for (v, (op, original)) in x.iter().zip(originals) {
            inner.push(Var { value: v.value, tag: outer.push(op, original, 0, v.value) });
        }
        let y = f(&inner)?;
        // Had `f` cleared or rewound the tape, other nodes might stand where these stood.
        record::common_recording([inner[0].tag]);
        // What the tape may capture does not depend on the point.
        let is_captured = !y.is_constant()
            && outer.locate(y.tag).is_none()
            && live::find(y.tag).is_some_and(|(home, _)| outer.captures(&home));
        if is_captured {
            return Ok(y);
        }
        match record_adjoints(&outer, y, floor) {
            Ok(adjoints) => dx.iter_mut().zip(adjoints).for_each(|(dx, adjoint)| *dx = adjoint),
            Err(error) => panic!("{error}"),
        }
        Ok(y)
    }
}

/// Compute the gradient of `f` at `x`: `[∂f/∂x₀, ∂f/∂x₁, ...]`.
///
/// At an array the gradient is an array of the same length, else a vector. At a point of [`Var`]s it is
/// recorded, so gradients nest.
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
/// let [dx, dy] = gradient(rosenbrock, &[-1.2, 1.0]);
/// assert_eq!((dx, dy), (-215.59999999999997, -87.99999999999999));
///
/// let point: Vec<f64> = vec![3.0, 4.0];
/// let slopes: Vec<f64> = gradient(|x| x[0] * x[1], &point);
/// assert_eq!(slopes, [4.0, 3.0]);
///
/// // d/dx ( x · d/dy (x y²) at y = 3 ) = d/dx (x · 6x) = 12x
/// let nested = gradient(|x| x[0] * gradient(|y| x[0] * y[0].square(), &[Var::from(3.0)])[0], &[2.0]);
/// assert_eq!(nested, [24.0]);
/// ```
#[doc(alias("grad", "backprop", "autograd", "autodiff"))]
#[track_caller]
pub fn gradient<X: Point + ?Sized>(f: impl FnOnce(&[Var]) -> Var, x: &X) -> X::Gradient {
    value_and_gradient(f, x).1
}

/// Compute value and gradient of `f` at `x`.
///
/// # Panics
/// As [`gradient()`].
///
/// ```
/// use gradtape::value_and_gradient;
/// assert_eq!(value_and_gradient(|x| x[0].powi(3), &[2.0]), (8.0, [12.0]));
/// ```
#[doc(alias = "value_and_grad")]
#[track_caller]
pub fn value_and_gradient<X: Point + ?Sized>(
    f: impl FnOnce(&[Var]) -> Var,
    x: &X,
) -> (X::Scalar, X::Gradient) {
    let Ok(both) = try_value_and_gradient(|x| Ok::<Var, Infallible>(f(x)), x);
    both
}

/// Compute the gradient of a function that can fail.
///
/// # Errors
/// That of `f`.
///
/// # Panics
/// As [`gradient()`].
///
/// ```
/// use gradtape::{Real, try_gradient};
///
/// fn area<S: Real>(x: &[S]) -> Result<S, String> {
///     if x[0] < 0.0 { Err("negative length".to_string()) } else { Ok(x[0] * x[1]) }
/// }
/// assert_eq!(try_gradient(area, &[3.0, 4.0]), Ok([4.0, 3.0]));
/// assert_eq!(try_gradient(area, &[-3.0, 4.0]), Err("negative length".to_string()));
/// ```
#[track_caller]
pub fn try_gradient<X: Point + ?Sized, E>(
    f: impl FnOnce(&[Var]) -> Result<Var, E>,
    x: &X,
) -> Result<X::Gradient, E> {
    Ok(try_value_and_gradient(f, x)?.1)
}

/// Compute value and gradient of a function that can fail.
///
/// # Errors
/// That of `f`.
///
/// # Panics
/// As [`gradient()`].
#[track_caller]
pub fn try_value_and_gradient<X: Point + ?Sized, E>(
    f: impl FnOnce(&[Var]) -> Result<Var, E>,
    x: &X,
) -> Result<(X::Scalar, X::Gradient), E> {
    let mut dx = x.zeros();
    let y = X::Scalar::try_gradient_into(f, x.coordinates(), dx.as_mut())?;
    Ok((y, dx))
}

/// Compute the derivative of a function of one variable at `x`, an `f64` or a [`Var`].
///
/// # Panics
/// As [`gradient()`].
///
/// ```
/// use gradtape::derivative;
/// assert_eq!(derivative(|x| x.powi(3), 2.0), 12.0);
/// // At a variable it is recorded: d/dx (x · 2x) = 4x.
/// assert_eq!(derivative(|x| x * derivative(|y| y.square(), x), 3.0), 12.0);
/// ```
#[doc(alias = "grad")]
#[track_caller]
pub fn derivative<S: Scalar>(f: impl FnOnce(Var) -> Var, x: S) -> S {
    gradient(|x| f(x[0]), &[x])[0]
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
pub fn nth_derivative<S: Scalar>(f: impl Fn(Var) -> Var, x: S, n: usize) -> S {
    fn nested<S: Scalar>(f: &dyn Fn(Var) -> Var, x: S, n: usize) -> S {
        let inner = |x: &[Var]| if n > 1 { nested(f, x[0], n - 1) } else { f(x[0]) };
        let (y, [slope]) = value_and_gradient(inner, &[x]);
        if n == 0 { y } else { slope }
    }
    nested(&f, x, n)
}
