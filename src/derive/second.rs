//! Second derivatives, forward over reverse: the reverse sweep runs on dual numbers whose tangents
//! came from a forward sweep (Pearlmutter, *Fast exact multiplication by the Hessian*, 1994).

use super::matrix::{Hessian, Jacobian};
use super::spare::with_tape;
use crate::sweep::{Tangents, second_order};
use crate::text::assert_same_length;
use crate::{Dual, Tape, Var};

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
    with_tape(|tape| {
        let variables = tape.vars(x);
        let y = f(&variables);
        let mut matrix = Jacobian::zeros(x.len(), x.len());
        let mut adjoints = Vec::new();
        for (row, &variable) in variables.iter().enumerate() {
            let tangents = tape.forward(&[(variable, 1.0)]);
            sweep(tape, y, &tangents, &mut adjoints);
            for (column, adjoint) in adjoints.iter().take(x.len()).enumerate() {
                matrix.set(row, column, adjoint.tangent());
            }
        }
        matrix
    })
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
#[track_caller]
pub fn hessian_vector(f: impl FnOnce(&[Var]) -> Var, x: &[f64], v: &[f64]) -> Vec<f64> {
    assert_same_length("the vector `v`", v.len(), "the point `x`", x.len());
    with_tape(|tape| {
        let variables = tape.vars(x);
        let y = f(&variables);
        let seeds: Vec<(Var, f64)> = variables.into_iter().zip(v.iter().copied()).collect();
        let mut adjoints = Vec::new();
        sweep(tape, y, &tape.forward(&seeds), &mut adjoints);
        (0..x.len()).map(|i| adjoints.get(i).map_or(0.0, |a| a.tangent())).collect()
    })
}

#[track_caller]
fn sweep(tape: &Tape, y: Var, tangents: &Tangents, adjoints: &mut Vec<Dual>) {
    if let Err(error) = second_order(tape, y, tangents.tangents(), adjoints) {
        panic!("{error}");
    }
}
