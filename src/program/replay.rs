//! Running a program for one point: values and derivatives.

use super::error::{ReplayError, length};
use super::guards::evaluate_guarded;
use super::guards::{Check, Side};
use super::slots::Placed;
use super::workspace::{Workspace, filled, sized};
use super::{BranchChanged, Compared, Program};
use crate::Dual;
use crate::op::Reading;
use crate::sweep::interpreter::{pull, push};

impl Program {
    /// Compute the outputs `y` at `x`.
    ///
    /// # Errors
    /// If `x` takes another branch than the recording did; if a length is wrong.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[2.0, 3.0], |x| [x[0] * x[1], x[0] + x[1]]);
    /// let (mut y, mut workspace) = ([0.0; 2], Workspace::new());
    /// program.values(&[4.0, 5.0], &mut y, &mut workspace)?;
    /// assert_eq!(y, [20.0, 9.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn values(
        &self,
        x: &[f64],
        y: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the outputs `y`", self.outputs(), y.len())?;
        self.few(x, workspace)?;
        let place = |o: &u32| self.slots().place[*o as usize] as usize;
        let outputs = self.graph.outputs.iter().map(place);
        y.iter_mut().zip(outputs).for_each(|(y, at)| *y = workspace.values[at]);
        Ok(())
    }

    /// Compute the only output at `x`.
    ///
    /// # Errors
    /// As [`values`](Program::values); if there is not exactly one output.
    pub fn value(&self, x: &[f64], workspace: &mut Workspace) -> Result<f64, ReplayError> {
        let mut y = [0.0];
        self.one_output()?;
        self.values(x, &mut y, workspace)?;
        Ok(y[0])
    }

    /// Compute the only output at `x`, and its gradient.
    ///
    /// # Errors
    /// As [`values`](Program::values); if there is not exactly one output.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[1.0, 1.0], |x| x[0].powi(3) * x[1]);
    /// let (mut gradient, mut workspace) = ([0.0; 2], Workspace::new());
    /// let value = program.value_and_gradient(&[2.0, 5.0], &mut gradient, &mut workspace)?;
    /// assert_eq!((value, gradient), (40.0, [60.0, 8.0]));
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn value_and_gradient(
        &self,
        x: &[f64],
        gradient: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        let output = self.one_output()?;
        self.vjp(x, &[1.0], gradient, workspace)?;
        Ok(workspace.values[output as usize])
    }

    /// Compute `dxᵢ = Σⱼ wⱼ ∂yⱼ/∂xᵢ` at `x`, what one weighting of the outputs asks of all inputs.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    pub fn vjp(
        &self,
        x: &[f64],
        w: &[f64],
        dx: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the weights `w`", self.outputs(), w.len())?;
        length("the result `dx`", self.inputs(), dx.len())?;
        self.all(x, workspace)?;
        let (inputs, len) = (self.inputs(), self.graph.code.insts.len());
        let adjoints = filled(&mut workspace.adjoints, len, 0.0);
        self.graph.outputs.iter().zip(w).for_each(|(&o, w)| adjoints[o as usize] += w);
        pull(&self.graph.code, inputs..len, &workspace.values[..len], adjoints)?;
        dx.copy_from_slice(&adjoints[..inputs]);
        Ok(())
    }

    /// Compute `dyⱼ = Σᵢ ∂yⱼ/∂xᵢ vᵢ` at `x`, how all outputs move in one direction of the inputs.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    pub fn jvp(
        &self,
        x: &[f64],
        v: &[f64],
        dy: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the result `dy`", self.outputs(), dy.len())?;
        self.tangents(x, v, workspace)?;
        let outputs = self.graph.outputs.iter();
        dy.iter_mut().zip(outputs).for_each(|(dy, &o)| *dy = workspace.tangents[o as usize]);
        Ok(())
    }

    /// Compute the product `H v` of the Hessian of the only output with a vector, at the cost of about two
    /// gradients.
    ///
    /// # Errors
    /// As [`values`](Program::values); if there is not exactly one output, or a custom operation has no
    /// second derivative.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[1.0, 1.0], |x| x[0].powi(3) * x[1]);
    /// let (mut product, mut workspace) = ([0.0; 2], Workspace::new());
    /// program.hessian_vector(&[2.0, 5.0], &[1.0, 10.0], &mut product, &mut workspace)?;
    /// assert_eq!(product, [180.0, 12.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn hessian_vector(
        &self,
        x: &[f64],
        v: &[f64],
        product: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let output = self.one_output()?;
        length("the direction `v`", self.inputs(), v.len())?;
        length("the result `product`", self.inputs(), product.len())?;
        self.all(x, workspace)?;
        self.second(output, |input| v[input], product, workspace)
    }

    /// Compute the product of the Hessian of an output with a direction; the values are in the workspace.
    pub(super) fn second(
        &self,
        output: u32,
        direction: impl Fn(usize) -> f64,
        product: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        self.along(direction, workspace);
        let (inputs, len) = (self.inputs(), self.graph.code.insts.len());
        let adjoints = filled(&mut workspace.dual_adjoints, len, Dual::from(0.0));
        adjoints[output as usize] = Dual::from(1.0);
        let (values, tangents) = (&workspace.values, &workspace.tangents);
        let value = |o: u32| Dual::new(values[o as usize], tangents[o as usize]);
        pull(&self.graph.code, inputs..len, &Reading(value), adjoints)?;
        product.iter_mut().zip(adjoints).for_each(|(p, adjoint)| *p = adjoint.tangent());
        Ok(())
    }

    /// The only output.
    pub(super) fn one_output(&self) -> Result<u32, ReplayError> {
        match self.graph.outputs[..] {
            [output] => Ok(output),
            _ => Err(ReplayError::OutputCount { outputs: self.outputs() }),
        }
    }

    /// Compute what the outputs need and keep no more than that.
    fn few(&self, x: &[f64], workspace: &mut Workspace) -> Result<(), ReplayError> {
        length("the inputs `x`", self.inputs(), x.len())?;
        let slots = self.slots();
        let values = sized(&mut workspace.values, slots.count, 0.0);
        values[..x.len()].copy_from_slice(x);
        let mut placed = Placed { values, place: &slots.place };
        let range = x.len()..slots.code.insts.len();
        let mut sides = [0.0; 2];
        evaluate_guarded(&slots.code, range, &slots.checks, &mut placed, |check, left, right| {
            sides = [left, right];
            holds(check, left, right)
        })
        .map_err(|k| self.branch_changed(k, sides, None))
    }

    /// Compute all values and keep them.
    pub(super) fn all(&self, x: &[f64], workspace: &mut Workspace) -> Result<(), ReplayError> {
        length("the inputs `x`", self.inputs(), x.len())?;
        let code = &self.graph.code;
        let values = sized(&mut workspace.values, code.insts.len(), 0.0);
        values[..x.len()].copy_from_slice(x);
        let range = x.len()..code.insts.len();
        let mut sides = [0.0; 2];
        evaluate_guarded(code, range, &self.graph.checks, values, |check, left, right| {
            sides = [left, right];
            holds(check, left, right)
        })
        .map_err(|k| self.branch_changed(k, sides, None))
    }

    /// Compute all values and their tangents in a direction.
    fn tangents(&self, x: &[f64], v: &[f64], workspace: &mut Workspace) -> Result<(), ReplayError> {
        length("the direction `v`", self.inputs(), v.len())?;
        self.all(x, workspace)?;
        self.along(|input| v[input], workspace);
        Ok(())
    }

    /// Compute all tangents in a direction; the values are in the workspace.
    fn along(&self, direction: impl Fn(usize) -> f64, workspace: &mut Workspace) {
        let (inputs, len) = (self.inputs(), self.graph.code.insts.len());
        let tangents = sized(&mut workspace.tangents, len, 0.0);
        tangents[..inputs].iter_mut().enumerate().for_each(|(i, v)| *v = direction(i));
        push(&self.graph.code, inputs..len, &workspace.values[..len], tangents);
    }

    /// Say which guard did not hold.
    pub(super) fn branch_changed(
        &self,
        k: usize,
        present: [f64; 2],
        row: Option<usize>,
    ) -> ReplayError {
        let check = &self.graph.checks[k];
        let side = |side: Side, which: usize| Compared {
            name: match side {
                Side::Value(i) => Some(self.name(i)),
                Side::Constant(_) => None,
            },
            recorded: check.recorded[which],
            present: present[which],
        };
        ReplayError::BranchChanged(Box::new(BranchChanged {
            left: side(check.left, 0),
            relation: check.relation,
            right: side(check.right, 1),
            recorded: check.outcome,
            scope: check.scope.clone(),
            row,
        }))
    }

    /// What messages call a result.
    fn name(&self, i: u32) -> String {
        match self.graph.labels.get(&i) {
            Some(label) => format!("`{label}`"),
            None if i < self.graph.inputs => format!("input {i}"),
            None => format!("%{i}"),
        }
    }
}

pub(super) fn holds(check: &Check, left: f64, right: f64) -> bool {
    check.relation.holds(left, right) == check.outcome
}
