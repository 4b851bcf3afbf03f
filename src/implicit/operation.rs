//! A root as an operation: the parameters go in, the unknowns come out.

use super::equation::{Equation, Residual, finite};
use super::error::ImplicitError;
use crate::linear::factored;
use crate::linear::kept::Kept;
use crate::linear::{LinearError, trusted};
use crate::tape::{Stored, StoredBy};
use crate::{CustomOp, Real, Var, custom, dot, gradient};
use std::sync::Arc;

/// The solver: unknowns from parameters.
pub(super) type Solver = Arc<dyn Fn(&[f64]) -> Vec<f64> + Send + Sync>;

/// Which root is looked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Any.
    Root,
    /// Of a gradient, where the Hessian is positive definite.
    Minimum,
}

struct Root {
    kind: Kind,
    equation: Arc<Equation>,
    solver: Solver,
    /// The solution that was last found, with its doubt.
    solved: Kept<Result<(Vec<f64>, f64), ImplicitError>>,
}

/// Apply the operation that finds the root of `residual`.
#[track_caller]
pub(super) fn solved<S: Real>(
    kind: Kind,
    residual: Residual,
    solver: Solver,
    parameters: &[S],
) -> Result<Vec<S>, ImplicitError> {
    let numbers: Vec<f64> = parameters.iter().map(|p| p.value()).collect();
    finite("parameter", &numbers)?;
    let unknowns = solver(&numbers);
    let equation = Arc::new(Equation::new(residual, unknowns.len()));
    let op = Root { kind, equation, solver, solved: Kept::new() };
    let found = op.solved.get(&numbers, || op.accept(unknowns, &numbers));
    if let Err(error) = &*found {
        return Err(error.clone());
    }
    let name = op.label();
    let mut y = custom(op, parameters).into_vec();
    let doubt = y.pop().expect("the last output");
    match trusted(name, doubt) {
        true => Ok(y),
        false => unreachable!("a solution with doubt {doubt} was refused"),
    }
}

impl Root {
    fn label(&self) -> &'static str {
        match self.kind {
            Kind::Root => "implicit::root",
            Kind::Minimum => "implicit::argmin",
        }
    }

    /// The solution for the parameters `p`, and its doubt.
    fn solve(&self, p: &[f64]) -> Arc<Result<(Vec<f64>, f64), ImplicitError>> {
        self.solved.get(p, || {
            finite("parameter", p)?;
            self.accept((self.solver)(p), p)
        })
    }

    /// Polish and judge what the solver returned.
    fn accept(&self, x: Vec<f64>, p: &[f64]) -> Result<(Vec<f64>, f64), ImplicitError> {
        let n = self.equation.unknowns;
        if x.len() != n {
            return Err(ImplicitError::Solution { expected: n, found: x.len() });
        }
        if n == 0 {
            return Ok((x, 0.0));
        }
        let (x, mut doubt) = self.equation.polish(x, p)?;
        if let (Kind::Minimum, Ok(point)) = (self.kind, &*self.equation.at(&[&x, p].concat())) {
            let h = &point.jacobian;
            let symmetric = |at: usize| 0.5 * h[at] + 0.5 * h[at % n * n + at / n];
            let hessian: Vec<f64> = (0..n * n).map(symmetric).collect();
            doubt = match factored(&hessian, n) {
                Ok(of_curvature) => doubt.max(of_curvature),
                Err(LinearError::NotPositiveDefinite { row, pivot, .. }) => {
                    return Err(ImplicitError::NotAMinimum { unknown: row, pivot });
                }
                Err(error) => unreachable!("symmetric and finite: {error}"),
            };
        }
        Ok((x, doubt))
    }
}

impl CustomOp for Root {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Root => "root",
            Kind::Minimum => "argmin",
        }
    }

    /// The unknowns, then the doubt.
    fn outputs(&self) -> usize {
        self.equation.unknowns + 1
    }

    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::Nothing, constants: None }
    }

    fn value(&self, p: &[f64], y: &mut [f64]) {
        match &*self.solve(p) {
            Ok((x, doubt)) => {
                y[..x.len()].copy_from_slice(x);
                y[x.len()] = *doubt;
            }
            Err(_) => y.fill(f64::NAN),
        }
    }

    fn vjp(&self, p: &[f64], y: &[f64], w: &[f64], dp: &mut [f64]) {
        let n = self.equation.unknowns;
        // A solution without unknowns, or only the doubt is asked for.
        if w[..n].iter().all(|&w| w == 0.0) {
            return;
        }
        let at = [&y[..n], p].concat();
        let pulled = match &*self.equation.at(&at) {
            Err(_) => None,
            Ok(point) => {
                let mut adjoint = w[..n].to_vec();
                point.lu.solve_transposed(&mut adjoint);
                point.pull(&at, &adjoint, n).ok()
            }
        };
        match pulled {
            Some(pulled) => dp.iter_mut().zip(pulled).for_each(|(dp, x)| *dp = -x),
            None => dp.fill(f64::NAN),
        }
    }

    /// The adjoint `λ` is the root of `(∂F/∂x)ᵀ λ - w`, whose parameters are `x`, `p` and `w`.
    fn vjp_recorded(&self, p: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let n = self.equation.unknowns;
        let (x, w) = (&y[..n], &w[..n]);
        let (of_adjoint, of_sweep) = (self.equation.residual.clone(), &self.equation.residual);
        let residual = move |adjoint: &[Var], all: &[Var]| -> Vec<Var> {
            let (x, rest) = all.split_at(n);
            let (p, w) = rest.split_at(rest.len() - n);
            let pulled = gradient(|x| dot(of_adjoint(x, p), adjoint), x);
            pulled.into_iter().zip(w).map(|(pulled, &w)| pulled - w).collect()
        };
        let equation = self.equation.clone();
        let solver = move |all: &[f64]| {
            let (at, w) = all.split_at(all.len() - n);
            match &*equation.at(at) {
                Ok(point) => {
                    let mut adjoint = w.to_vec();
                    point.lu.solve_transposed(&mut adjoint);
                    adjoint
                }
                Err(_) => vec![f64::NAN; n],
            }
        };
        let all = [x, p, w].concat();
        let adjoint = solved(Kind::Root, Arc::new(residual), Arc::new(solver), &all).ok()?;
        let pulled = gradient(|p| dot(of_sweep(x, p), &adjoint), p);
        Some(pulled.into_iter().map(|x| -x).collect())
    }
}
