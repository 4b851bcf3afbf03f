//! Functions with several outputs, and second derivatives: one direction, or the whole matrix.
//!
//! Second derivatives are forward over reverse: the reverse sweep runs on dual numbers whose tangents came
//! from a forward sweep (Pearlmutter, *Fast exact multiplication by the Hessian*, 1994).

use super::gradient::Point;
use super::matrix::{Hessian, Jacobian};
use super::pool::with_tape;
use crate::sweep::second_order;
use crate::tape::NotTwiceDifferentiable;
use crate::text::assert_same_length;
use crate::{Gradient, Var};

/// A function that returns one variable is one with a single output.
impl AsRef<[Var]> for Var {
    fn as_ref(&self) -> &[Var] {
        std::slice::from_ref(self)
    }
}

fn values(y: &[Var]) -> Vec<f64> {
    y.iter().map(|v| v.value()).collect()
}

/// Push the direction `v` forwards through `f` at `x`: the outputs, and how they move,
/// `J v` (Jacobian-vector product).
///
/// Where 0 meets infinity it agrees with all others: see [zero and infinity](crate#zero-and-infinity).
///
/// # Panics
/// If `v` and `x` differ in length.
///
/// ```
/// use gradtape::jvp;
/// let (y, dy) = jvp(|x| [x[0] * x[1], x[0].square()], &[3.0, 4.0], &[1.0, 10.0]);
/// assert_eq!(y, [12.0, 9.0]);
/// assert_eq!(dy, [4.0 + 30.0, 6.0]);
/// ```
#[track_caller]
pub fn jvp<Y: AsRef<[Var]>>(
    f: impl FnOnce(&[Var]) -> Y,
    x: &[f64],
    v: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    assert_same_length("the direction `v`", v.len(), "the point `x`", x.len());
    with_tape(|tape| {
        let variables = tape.vars(x);
        let y = f(&variables);
        let seeds: Vec<(Var, f64)> = variables.into_iter().zip(v.iter().copied()).collect();
        let tangents = tape.forward(&seeds);
        let y = y.as_ref();
        (values(y), y.iter().map(|&y| tangents.wrt(y)).collect())
    })
}

/// Pull the weights `w` backwards through `f` at `x`: the outputs, and `wᵀ J` (vector-Jacobian
/// product).
///
/// # Panics
/// If `w` and the outputs of `f` differ in length.
///
/// ```
/// use gradtape::vjp;
/// let (y, dx) = vjp(|x| [x[0] * x[1], x[0].square()], &[3.0, 4.0], &[1.0, 10.0]);
/// assert_eq!(y, [12.0, 9.0]);
/// assert_eq!(dx, [4.0 + 60.0, 3.0]);
/// ```
#[track_caller]
pub fn vjp<X: Point<Scalar = f64> + ?Sized, Y: AsRef<[Var]>>(
    f: impl FnOnce(&[Var]) -> Y,
    x: &X,
    w: &[f64],
) -> (Vec<f64>, X::Gradient) {
    let mut dx = x.zeros();
    let y = with_tape(|tape| {
        let variables = tape.vars(x.coordinates());
        let y = f(&variables);
        let y = y.as_ref();
        let seeds: Vec<(Var, f64)> = y.iter().copied().zip(w.iter().copied()).collect();
        let gradient = tape.backward(&seeds);
        let slopes = variables.iter().map(|&variable| gradient.wrt(variable));
        dx.as_mut().iter_mut().zip(slopes).for_each(|(dx, slope)| *dx = slope);
        values(y)
    });
    // Out here, where the panic can point at the caller.
    assert_same_length("the weight `w`", w.len(), "the output of `f`", y.len());
    (y, dx)
}

/// Compute all derivatives of all outputs of `f` at `x`: outputs in rows, inputs in columns.
///
/// `f` runs once; then the tape is swept once an output or once an input, whichever is fewer.
///
/// Where 0 meets infinity it agrees with all others: see [zero and infinity](crate#zero-and-infinity).
///
/// ```
/// use gradtape::jacobian;
/// // Polar to Cartesian coordinates.
/// let j = jacobian(|p| [p[0] * p[1].cos(), p[0] * p[1].sin()], &[2.0, 0.0]);
/// assert_eq!(j.as_slice(), [1.0, 0.0, 0.0, 2.0]);
/// ```
#[doc(alias("jacrev", "jacfwd"))]
#[track_caller]
pub fn jacobian<Y: AsRef<[Var]>>(f: impl FnOnce(&[Var]) -> Y, x: &[f64]) -> Jacobian {
    with_tape(|tape| {
        let variables = tape.vars(x);
        let y = f(&variables);
        let y = y.as_ref();
        let mut matrix = Jacobian::zeros(y.len(), x.len());
        if y.len() <= x.len() {
            let mut gradient = Gradient::new();
            for (row, &output) in y.iter().enumerate() {
                tape.backward_into(&[(output, 1.0)], &mut gradient);
                for (column, &variable) in variables.iter().enumerate() {
                    matrix.set(row, column, gradient.wrt(variable));
                }
            }
        } else {
            for (column, &variable) in variables.iter().enumerate() {
                let tangents = tape.forward(&[(variable, 1.0)]);
                for (row, &output) in y.iter().enumerate() {
                    matrix.set(row, column, tangents.wrt(output));
                }
            }
        }
        matrix
    })
}

/// Compute the Hessian of `f` at `x`: `∂²f / ∂xᵢ ∂xⱼ`.
///
/// `f` runs once; then the tape is swept forwards and backwards once an input.
///
/// # Panics
/// If `f` uses a custom operation that cannot be differentiated twice.
///
/// ```
/// use gradtape::hessian;
/// let h = hessian(|x| x[0].powi(3) * x[1], &[2.0, 5.0]);
/// assert_eq!(h.as_slice(), [60.0, 12.0, 12.0, 0.0]); // 6xy, 3x², 3x², 0
/// ```
#[track_caller]
pub fn hessian(f: impl FnOnce(&[Var]) -> Var, x: &[f64]) -> Hessian {
    let hessian = with_tape(|tape| {
        let variables = tape.vars(x);
        let y = f(&variables);
        let mut matrix = Jacobian::zeros(x.len(), x.len());
        let mut adjoints = Vec::new();
        for (row, &variable) in variables.iter().enumerate() {
            second_order(tape, y, &tape.raw_tangents(&[(variable, 1.0)]), &mut adjoints)?;
            for (column, adjoint) in adjoints.iter().take(x.len()).enumerate() {
                matrix.set(row, column, adjoint.tangent());
            }
        }
        Ok(matrix)
    });
    expect_twice(hessian)
}

/// Compute the product `H v` of the Hessian of `f` at `x` with a vector, at the cost of about two
/// gradients, without the Hessian.
///
/// # Panics
/// If `v` and `x` differ in length, or `f` uses a custom operation that cannot be differentiated
/// twice.
///
/// ```
/// use gradtape::hessian_vector;
/// assert_eq!(hessian_vector(|x| x[0].powi(3) * x[1], &[2.0, 5.0], &[1.0, 10.0]), [180.0, 12.0]);
/// ```
#[doc(alias = "hvp")]
#[track_caller]
pub fn hessian_vector<X: Point<Scalar = f64> + ?Sized>(
    f: impl FnOnce(&[Var]) -> Var,
    x: &X,
    v: &[f64],
) -> X::Gradient {
    let point = x.coordinates();
    assert_same_length("the vector `v`", v.len(), "the point `x`", point.len());
    let mut product = x.zeros();
    let swept = with_tape(|tape| {
        let variables = tape.vars(point);
        let y = f(&variables);
        let seeds: Vec<(Var, f64)> = variables.into_iter().zip(v.iter().copied()).collect();
        let mut adjoints = Vec::new();
        second_order(tape, y, &tape.raw_tangents(&seeds), &mut adjoints)?;
        let entries = adjoints.iter().map(|adjoint| adjoint.tangent());
        product.as_mut().iter_mut().zip(entries).for_each(|(product, entry)| *product = entry);
        Ok(())
    });
    expect_twice(swept);
    product
}

/// Panic at the caller of the function if a sweep was not possible; a closure does not know its caller.
#[track_caller]
fn expect_twice<R>(swept: Result<R, NotTwiceDifferentiable>) -> R {
    match swept {
        Ok(swept) => swept,
        Err(error) => panic!("{error}"),
    }
}
