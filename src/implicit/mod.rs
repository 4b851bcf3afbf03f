//! What equations and optima determine: functions without a formula, with exact derivatives.
//!
//! A solver finds `x` with `F(x, p) = 0`, or the `x` that minimizes `f(x, p)`. How it does that has nothing to do with
//! how `x` depends on `p`: the implicit function theorem has that, `dx/dp = -(∂F/∂x)⁻¹ ∂F/∂p`. So the solver runs on
//! plain numbers, whichever it is, and the residual is recorded once, as a program. The solution is one operation
//! with an output for each unknown. A reverse sweep costs one solve with the transposed Jacobian and one vjp of the
//! residual, however many iterations the solver took.
//!
//! Derivatives of every order are exact. The adjoint of a root solves an equation too, `(∂F/∂x)ᵀ λ = w`, so it is a root
//! itself, recorded by the same rule. (Unrolled iterations have derivatives that lag behind, and the usual "one Newton
//! step on the tape" has a wrong Hessian.)
//!
//! **A solution is checked.** It is refused if a Newton step would still move it by more than a millionth, if the
//! Jacobian is singular to working precision, or if a minimum is none. What is left is polished: Newton steps bring the
//! solution down to rounding, so derivatives do not depend on where the solver stopped.
//!
//! On `f64` the functions compute, on [`Dual`](crate::Dual) they carry tangents along, on [`Var`] they record. In
//! a [`Program`](crate::Program) and over rows the solver runs anew for new parameters, and a guard refuses those
//! for which the solution would be refused here.
//!
//! ```
//! use gradtape::{gradient, hessian, implicit};
//!
//! // Kepler's equation: the eccentric anomaly E with E - e sin E = M.
//! let anomaly = |p: &[gradtape::Var]| {
//!     let residual = |x: &[gradtape::Var], p: &[gradtape::Var]| [x[0] - p[0] * x[0].sin() - p[1]];
//!     let solver = |p: &[f64]| {
//!         let mut e = p[1];
//!         for _ in 0..60 {
//!             e = p[1] + p[0] * e.sin();
//!         }
//!         vec![e]
//!     };
//!     implicit::root(residual, solver, p).expect("the iteration converges")[0]
//! };
//! let slopes = gradient(anomaly, &[0.5, 1.0]);
//! let e: f64 = 1.4987011335178484;
//! approx::assert_relative_eq!(slopes[1], 1.0 / (1.0 - 0.5 * e.cos()), max_relative = 1e-14);
//! // d²E/dM² = -e sin E / (1 - e cos E)³
//! let bend = -0.5 * e.sin() / (1.0 - 0.5 * e.cos()).powi(3);
//! approx::assert_relative_eq!(hessian(anomaly, &[0.5, 1.0])[(1, 1)], bend, max_relative = 1e-13);
//! ```
//!
//! [`Var`]: crate::Var

mod equation;
mod error;
mod functions;
mod operation;

pub use error::ImplicitError;
pub use functions::{argmin, root};
