//! Running a program at one point: values and derivatives.
//!
//! If only the outputs are wanted, results share slots ([`slots`](super::slots)); for derivatives every
//! value is kept.

use super::code::evaluate_checked;
use super::error::{ReplayError, length, seeds};
use super::program::Program;
use super::slots::InSlots;
use super::workspace::{Workspace, filled, sized};
use crate::op::Reading;
use crate::sweep::care::{pull_duals, pull_numbers, pull_numbers_carefully, push_carefully};
use crate::{Dual, Real};

impl Program {
    /// Compute the outputs `y` at `x`.
    ///
    /// # Errors
    /// If `x` takes another branch than the recording did; if a length is wrong.
    pub fn values(
        &self,
        x: &[f64],
        y: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the outputs `y`", self.outputs(), y.len())?;
        self.evaluate_outputs(x, workspace)?;
        let slot = |o: &u32| self.slots().slot[*o as usize] as usize;
        let outputs = self.body.outputs.iter().map(slot);
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
    /// let program = Program::record(|x| x[0].powi(3) * x[1], &[1.0, 1.0]);
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
        length("the result `gradient`", self.inputs(), gradient.len())?;
        self.evaluate_all(x, workspace)?;
        self.pull_adjoints(&[1.0], gradient, workspace);
        Ok(workspace.values[output as usize])
    }

    /// Compute `dxᵢ = Σⱼ wⱼ ∂yⱼ/∂xᵢ` at `x`: the gradient of a weighted sum of the outputs.
    ///
    /// `w` may be several seeds, a row of [`outputs`](Program::outputs) numbers each. Then `dx` has a row of
    /// [`inputs`](Program::inputs) numbers for each, and eight seeds are computed in one sweep. Local partials
    /// are then computed by [kernels](crate::lanes::Kernel), so the last bits may differ from those of a
    /// single seed.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(|x| [x[0] * x[1], x[0] + x[1]], &[2.0, 3.0]);
    /// let (mut dx, mut workspace) = ([0.0; 6], Workspace::new());
    /// program.vjp(&[4.0, 5.0], &[10.0, 1.0], &mut dx[..2], &mut workspace)?;
    /// assert_eq!(dx[..2], [51.0, 41.0]);
    ///
    /// // Three seeds at once.
    /// program.vjp(&[4.0, 5.0], &[1.0, 0.0, 0.0, 1.0, 10.0, 1.0], &mut dx, &mut workspace)?;
    /// assert_eq!(dx, [5.0, 4.0, 1.0, 1.0, 51.0, 41.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn vjp(
        &self,
        x: &[f64],
        w: &[f64],
        dx: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let seeds = seeds(("the weights `w`", w.len(), outputs), (dx.len(), inputs))?;
        length("the result `dx`", seeds * inputs, dx.len())?;
        self.evaluate_all(x, workspace)?;
        match seeds {
            1 => self.pull_adjoints(w, dx, workspace),
            _ => {
                self.pull_seeds(seeds, |seed, output| w[seed * outputs + output], dx, workspace)?
            }
        }
        Ok(())
    }

    /// Compute `dyⱼ = Σᵢ ∂yⱼ/∂xᵢ vᵢ` at `x`: how the outputs change in a direction of the inputs.
    ///
    /// `v` may be several directions, a row of [`inputs`](Program::inputs) numbers each, and `dy` then has a
    /// row of [`outputs`](Program::outputs) numbers for each, as in [`vjp`](Program::vjp).
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
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let seeds = seeds(("the directions `v`", v.len(), inputs), (dy.len(), outputs))?;
        length("the result `dy`", seeds * outputs, dy.len())?;
        self.evaluate_all(x, workspace)?;
        if seeds == 1 {
            self.push_tangents(&|input| v[input], workspace);
            self.read_tangents(dy, workspace);
        } else {
            let direction = |seed, input| v[seed * inputs + input];
            self.push_seeds(seeds, direction, workspace, |seed, output, tangent| {
                dy[seed * outputs + output] = tangent;
            })?;
        }
        Ok(())
    }

    /// Compute the Jacobian at `x`: `out[j * inputs + i] = ∂yⱼ/∂xᵢ`, one output a row.
    ///
    /// It sweeps backwards if there are no more outputs than inputs, else forwards, and computes eight rows or
    /// columns at a time, as [`vjp`](Program::vjp) does. Any library that takes row-major matrices can view
    /// the slice.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(|x| [x[0] * x[1].cos(), x[0] * x[1].sin()], &[1.0, 1.0]);
    /// let (mut matrix, mut workspace) = ([0.0; 4], Workspace::new());
    /// program.jacobian(&[2.0, 0.0], &mut matrix, &mut workspace)?;
    /// assert_eq!(matrix, [1.0, 0.0, 0.0, 2.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn jacobian(
        &self,
        x: &[f64],
        out: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        length("the Jacobian `out`", outputs * inputs, out.len())?;
        self.evaluate_all(x, workspace)?;
        match (outputs, inputs) {
            (1, _) => self.pull_adjoints(&[1.0], out, workspace),
            (_, 1) => {
                self.push_tangents(&|_| 1.0, workspace);
                self.read_tangents(out, workspace);
            }
            _ if outputs <= inputs => self.pull_seeds(outputs, identity, out, workspace)?,
            _ => self.push_seeds(inputs, identity, workspace, |input, output, partial| {
                out[output * inputs + input] = partial;
            })?,
        }
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
    /// let program = Program::record(|x| x[0].powi(3) * x[1], &[1.0, 1.0]);
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
        self.evaluate_all(x, workspace)?;
        self.pull_duals(output, &|input| v[input], product, workspace)
    }

    /// Compute the Hessian of the only output at `x`: `out[i * inputs + j] = ∂²y/∂xᵢ∂xⱼ`. Each row is
    /// [`hessian_vector`](Program::hessian_vector) with a unit vector, to the bit.
    ///
    /// For Hessians at many points take the [`jacobian`](Program::jacobian) of the
    /// [`gradient_program`](Program::gradient_program), which computes eight rows at a time.
    ///
    /// # Errors
    /// As [`hessian_vector`](Program::hessian_vector).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(|x| x[0].powi(3) * x[1], &[1.0, 1.0]);
    /// let (mut matrix, mut workspace) = ([0.0; 4], Workspace::new());
    /// program.hessian(&[2.0, 5.0], &mut matrix, &mut workspace)?;
    /// assert_eq!(matrix, [60.0, 12.0, 12.0, 0.0]); // 6xy, 3x², 3x², 0
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn hessian(
        &self,
        x: &[f64],
        out: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (inputs, output) = (self.inputs(), self.one_output()?);
        length("the Hessian `out`", inputs * inputs, out.len())?;
        self.evaluate_all(x, workspace)?;
        for (row, out) in out.chunks_mut(inputs.max(1)).enumerate() {
            self.pull_duals(output, &|input| identity(row, input), out, workspace)?;
        }
        Ok(())
    }

    /// Compute the outputs; other values are overwritten once they are no longer needed.
    fn evaluate_outputs(&self, x: &[f64], workspace: &mut Workspace) -> Result<(), ReplayError> {
        length("the inputs `x`", self.inputs(), x.len())?;
        let slots = self.slots();
        let values = sized(&mut workspace.values, slots.count, 0.0);
        values[..x.len()].copy_from_slice(x);
        let mut results = InSlots { values, slot: &slots.slot };
        evaluate_checked(&slots.code, x.len(), &slots.checks, &mut results)
            .map_err(|(k, sides)| self.branch_changed(k, sides, None))
    }

    /// Compute all values and keep them.
    pub(super) fn evaluate_all(
        &self,
        x: &[f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the inputs `x`", self.inputs(), x.len())?;
        let code = &self.body.code;
        let values = sized(&mut workspace.values, code.insts.len(), 0.0);
        values[..x.len()].copy_from_slice(x);
        evaluate_checked(code, x.len(), &self.body.checks, values)
            .map_err(|(k, sides)| self.branch_changed(k, sides, None))
    }

    /// Sweep backwards from the outputs with weights `w`. This and the methods below take all values from the
    /// workspace.
    fn pull_adjoints(&self, w: &[f64], dx: &mut [f64], workspace: &mut Workspace) {
        let (inputs, len) = (self.inputs(), self.body.code.insts.len());
        let adjoints = filled(&mut workspace.adjoints, len, 0.0);
        let seed = |adjoints: &mut [f64]| {
            let outputs = self.body.outputs.iter().zip(w);
            outputs.for_each(|(&o, w)| adjoints[o as usize] += w.seeded());
        };
        seed(adjoints);
        pull_numbers(&self.body.code, inputs, &workspace.values[..len], adjoints, seed);
        dx.iter_mut().zip(adjoints).for_each(|(dx, adjoint)| *dx = adjoint.settled());
    }

    /// Compute the outputs `y` at `x`, and keep in the workspace what [`pull_on`](Program::pull_on) needs.
    pub(crate) fn values_to_sweep(
        &self,
        x: &[f64],
        y: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the outputs `y`", self.outputs(), y.len())?;
        self.evaluate_all(x, workspace)?;
        let outputs = self.body.outputs.iter();
        y.iter_mut().zip(outputs).for_each(|(y, &o)| *y = workspace.values[o as usize]);
        Ok(())
    }

    /// Go on with a sweep: add what flows from the outputs, whose adjoints are `w`, to the adjoints of the inputs. With
    /// care, so that what nothing has flowed to is told from 0.
    pub(crate) fn pull_on(&self, w: &[f64], of_inputs: &mut [f64], workspace: &mut Workspace) {
        let (inputs, len) = (self.inputs(), self.body.code.insts.len());
        let adjoints = filled(&mut workspace.adjoints, len, f64::nothing());
        adjoints[..inputs].copy_from_slice(of_inputs);
        let outputs = self.body.outputs.iter().zip(w);
        outputs.for_each(|(&o, w)| adjoints[o as usize] += w);
        pull_numbers_carefully(&self.body.code, inputs, &workspace.values[..len], adjoints);
        of_inputs.copy_from_slice(&adjoints[..inputs]);
    }

    /// Compute all tangents in a direction. `dyn`, as below, so that the sweep is compiled once.
    fn push_tangents(&self, direction: &dyn Fn(usize) -> f64, workspace: &mut Workspace) {
        let (inputs, len) = (self.inputs(), self.body.code.insts.len());
        let tangents = sized(&mut workspace.tangents, len, 0.0);
        tangents[..inputs].iter_mut().enumerate().for_each(|(i, v)| *v = direction(i).seeded());
        push_carefully(&self.body.code, inputs..len, &workspace.values[..len], tangents);
    }

    fn read_tangents(&self, dy: &mut [f64], workspace: &Workspace) {
        let outputs = self.body.outputs.iter();
        dy.iter_mut()
            .zip(outputs)
            .for_each(|(dy, &o)| *dy = workspace.tangents[o as usize].settled());
    }

    /// Compute the product of the Hessian of an output with a direction: tangents forwards, then dual
    /// adjoints backwards.
    fn pull_duals(
        &self,
        output: u32,
        direction: &dyn Fn(usize) -> f64,
        product: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        self.push_tangents(direction, workspace);
        let (code, len) = (&self.body.code, self.body.code.insts.len());
        let (values, tangents) = (&workspace.values[..len], &workspace.tangents[..len]);
        let adjoints = sized(&mut workspace.dual_adjoints, len, Dual::nothing());
        let value = |o: u32| Dual::with_tangent(values[o as usize], tangents[o as usize]);
        pull_duals(code, self.inputs(), &Reading(value), adjoints, output as usize)?;
        product.iter_mut().zip(adjoints).for_each(|(p, adjoint)| *p = adjoint.tangent());
        Ok(())
    }
}

/// The entries of the identity matrix.
fn identity(row: usize, column: usize) -> f64 {
    f64::from(u8::from(row == column))
}
