//! Functions with several outputs: one direction in, one direction out, or the whole matrix.

use super::matrix::Jacobian;
use super::spare::with_tape;
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
pub fn vjp<Y: AsRef<[Var]>>(
    f: impl FnOnce(&[Var]) -> Y,
    x: &[f64],
    w: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let (y, dx) = with_tape(|tape| {
        let variables = tape.vars(x);
        let y = f(&variables);
        let y = y.as_ref();
        let seeds: Vec<(Var, f64)> = y.iter().copied().zip(w.iter().copied()).collect();
        (values(y), tape.backward_seeded(&seeds).wrt_all(&variables))
    });
    // Out here, where the panic can point at the caller.
    assert_same_length("the weight `w`", w.len(), "the output of `f`", y.len());
    (y, dx)
}

/// Compute all derivatives of all outputs of `f` at `x`: outputs in rows, inputs in columns.
///
/// `f` runs once; then the tape is swept once an output or once an input, whichever is fewer.
///
/// ```
/// use gradtape::jacobian;
/// // Polar to Cartesian coordinates.
/// let j = jacobian(|p| [p[0] * p[1].cos(), p[0] * p[1].sin()], &[2.0, 0.0]);
/// assert_eq!(j.as_slice(), [1.0, 0.0, 0.0, 2.0]);
/// ```
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
