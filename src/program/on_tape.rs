//! A program run over variables: its instructions are recorded on a tape again.
//!
//! This serves two purposes. The inspector shows the tape: where a number came from, node by node. And a
//! recorded sweep is frozen into a program of its own, the gradient. The rules of the op table branch by
//! `select` and `compare` only, so the gradient has the guards of the program and no others, and can be
//! optimized, printed, run over rows and differentiated again.

use super::code::{Check, Side, evaluate_guarded};
use super::error::ReplayError;
use super::program::Program;
use crate::sweep::interpreter::evaluate;
use crate::sweep::pull_recorded;
use crate::tape::network::Source;
use crate::tape::{remember, remember_network};
use crate::{Tape, Var};

impl Program {
    /// Make the gradient of the only output a program of its own, with one output an input.
    ///
    /// It refuses the inputs that this one refuses. Adjoints are added up in the order of
    /// [`value_and_gradient`](Program::value_and_gradient), and the numbers are equal to its numbers, except that a
    /// zero may have the other sign. What is blocked beats infinity here too.
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
    /// let program = Program::record(|x| x[0].powi(3) * x[1], &[1.0, 1.0]);
    /// let gradient = program.gradient_program()?; // 3x²y, x³
    /// let mut hessian = [0.0; 4];
    /// gradient.jacobian(&[2.0, 5.0], &mut hessian, &mut Workspace::new())?;
    /// assert_eq!(hessian, [60.0, 12.0, 12.0, 0.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[track_caller]
    pub fn gradient_program(&self) -> Result<Program, ReplayError> {
        self.recorded_gradient(&[])
    }

    /// Make value and gradient of the only output one program: its first output is the value, then comes
    /// one an input.
    ///
    /// # Errors
    /// As [`gradient_program`](Program::gradient_program).
    ///
    /// # Panics
    /// As [`gradient_program`](Program::gradient_program).
    #[track_caller]
    pub fn value_and_gradient_program(&self) -> Result<Program, ReplayError> {
        self.recorded_gradient(&self.body.outputs)
    }

    /// Record values and a sweep at the point of the recording, and freeze it: the outputs are these values,
    /// then the gradient.
    #[track_caller]
    fn recorded_gradient(&self, values_too: &[u32]) -> Result<Program, ReplayError> {
        let output = self.one_output()? as usize;
        let tape = Tape::new();
        let (code, inputs) = (&self.body.code, self.inputs());
        let mut values = tape.vars(&self.point);
        values.resize(code.insts.len(), Var::from(0.0));
        let range = inputs..values.len();
        let mut sides = [0.0; 2];
        let again = |check: &Check, left: Var, right: Var| {
            sides = [left.value(), right.value()];
            compare(&tape, check, left, right)
        };
        evaluate_guarded(code, range.clone(), &self.body.checks, &mut values[..], again)
            .map_err(|k| self.branch_changed(k, sides, None))?;
        self.label(&values);
        let adjoints = pull_recorded(code, &values[..], output, inputs, 0)?;
        let gradient = (0..inputs).map(|i| adjoints.get(i).copied().unwrap_or_default());
        let mut outputs: Vec<Var> = values_too.iter().map(|&o| values[o as usize]).collect();
        outputs.extend(gradient);
        match tape.freeze(&values[..inputs], &outputs) {
            Ok(program) => Ok(program),
            Err(error) => unreachable!("the inputs are all the leaves there are: {error}"),
        }
    }

    /// Record on a tape what the program computes, as if its code ran there, and return the outputs.
    ///
    /// Labels come along, and so do comparisons, with the outcome that was recorded; they are not checked.
    pub(crate) fn on_tape(&self, inputs: &[Var]) -> Vec<Var> {
        let code = &self.body.code;
        let mut values = inputs.to_vec();
        values.resize(code.insts.len(), Var::from(0.0));
        evaluate(code, inputs.len()..code.insts.len(), &mut values[..]);
        self.label(&values);
        let side = |side: Side| match side {
            Side::Value(i) => values[i as usize],
            Side::Constant(c) => Var::from(c),
        };
        for check in &self.body.checks {
            remember(side(check.left), check.relation, side(check.right), check.outcome);
        }
        self.body.outputs.iter().map(|&o| values[o as usize]).collect()
    }

    /// Write down again what the code noted besides its operations: labels, and networks.
    fn label(&self, values: &[Var]) {
        for (&i, label) in &self.body.labels {
            values[i as usize].label(label);
        }
        for run in &self.body.networks {
            let run = run.map(|source| match source {
                Source::Node(i) => Some(values[i]),
                Source::Data(x) => Some(Var::from(x)),
            });
            run.iter().for_each(remember_network);
        }
    }
}

/// Record a guard again, in its scope; tell whether it holds.
#[track_caller]
fn compare(tape: &Tape, check: &Check, left: Var, right: Var) -> bool {
    // The path of the scope becomes the name of one scope: that is its path then.
    let _scope = check.scope.as_ref().map(|path| tape.scope(path));
    remember(left, check.relation, right, check.outcome);
    check.holds(left.value(), right.value())
}
