//! The gradient of a program as another program.
//!
//! The program runs over variables of a tape, forwards and backwards, and what that records is frozen. The
//! rules of the op table branch by `select` and `compare` only, so the derivative is as free as the
//! program itself: it has the same guards and no others, and can be printed, optimized, run over lanes
//! and differentiated again.

use super::error::ReplayError;
use super::guards::Check;
use super::guards::evaluate_guarded;
use super::{Pass, Program, frozen, replay};
use crate::derive::Resume;
use crate::sweep::interpreter::pull;
use crate::tape::remember;
use crate::{Tape, Var};

impl Program {
    /// Make the gradient of the only output a program of its own, with one output an input.
    ///
    /// It refuses the inputs that this one refuses. Adjoints are added up in the order of
    /// [`value_and_gradient`](Program::value_and_gradient), and the numbers are equal to its numbers, but for
    /// what comes of zeros: an adjoint that is 0 at one point only cannot be left out of a program, so it
    /// makes NaN with an infinite partial, and a zero may have the other sign.
    ///
    /// # Errors
    /// If there is not exactly one output, or a custom operation has no
    /// [`vjp_recorded`](crate::CustomOp::vjp_recorded).
    ///
    /// # Panics
    /// If the `vjp_recorded` of a custom operation returns a variable of another tape.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[1.0, 1.0], |x| x[0].powi(3) * x[1]);
    /// let gradient = program.gradient_program()?; // 3x²y, x³
    /// let mut workspace = Workspace::new();
    /// let hessian = gradient.jacobian_matrix(&[2.0, 5.0], &mut workspace)?;
    /// assert_eq!(hessian.as_slice(), [60.0, 12.0, 12.0, 0.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[track_caller]
    pub fn gradient_program(&self) -> Result<Program, ReplayError> {
        self.derivative(&[])
    }

    /// Make value and gradient of the only output one program: its first output is the value, then comes
    /// one an input.
    ///
    /// # Errors
    /// As [`gradient_program`](Program::gradient_program).
    ///
    /// # Panics
    /// As [`gradient_program`](Program::gradient_program).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[1.0, 1.0], |x| x[0].exp() * x[1]);
    /// let both = program.value_and_gradient_program()?;
    /// let mut y = [0.0; 3];
    /// both.values(&[0.0, 5.0], &mut y, &mut Workspace::new())?;
    /// assert_eq!(y, [5.0, 5.0, 1.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[track_caller]
    pub fn value_and_gradient_program(&self) -> Result<Program, ReplayError> {
        self.derivative(&self.graph.outputs)
    }

    /// Record a gradient at the point of the recording; the outputs are these values, then the gradient.
    #[track_caller]
    fn derivative(&self, values_too: &[u32]) -> Result<Program, ReplayError> {
        let output = self.one_output()? as usize;
        let _before = Resume::afterwards();
        let tape = Tape::new();
        let (code, inputs) = (&self.graph.code, self.inputs());
        let mut values = tape.vars(&self.point);
        values.resize(code.insts.len(), Var::from(0.0));
        let range = inputs..values.len();
        let mut sides = [0.0; 2];
        let again = |check: &Check, left: Var, right: Var| {
            sides = [left.value(), right.value()];
            compare(&tape, check, left, right)
        };
        evaluate_guarded(code, range.clone(), &self.graph.checks, &mut values[..], again)
            .map_err(|k| self.branch_changed(k, sides, None))?;
        for (&i, label) in &self.graph.labels {
            let _labelled = values[i as usize].label(label);
        }
        let mut adjoints = vec![Var::from(0.0); values.len()];
        adjoints[output] = Var::from(1.0);
        pull(code, range, &values[..], &mut adjoints[..])?;
        let mut outputs: Vec<Var> = values_too.iter().map(|&o| values[o as usize]).collect();
        outputs.extend(&adjoints[..inputs]);
        match frozen(&tape, &values[..inputs], &outputs, &Pass::ALL) {
            Ok(program) => Ok(program),
            Err(error) => unreachable!("the inputs are all the leaves there are: {error}"),
        }
    }
}

/// Make a comparison again so that the tape remembers it as the program does.
#[track_caller]
fn compare(tape: &Tape, check: &Check, left: Var, right: Var) -> bool {
    // The path of the scope becomes the name of one scope: that is its path then.
    let _scope = check.scope.as_ref().map(|path| tape.scope(path));
    remember(left, check.relation, right, check.outcome);
    replay::holds(check, left.value(), right.value())
}
