//! Several seeds: vjps, jvps, Jacobian and Hessian.
//!
//! The values are the same for all seeds. The adjoints or tangents of eight of them go along in lanes, so
//! that one walk over the instructions serves eight.
//!
//! Not those of a Hessian: duals of lanes were tried, and were 2.4 times as fast as its rows one by one, where the
//! Jacobian of a gradient program is five times as fast. A sweep over them took a megabyte of the stack in
//! debug builds, and compiling the crate took twice as long.

use super::Program;
use super::code::Code;
use super::error::{ReplayError, length};
use super::workspace::{SEEDS, Seeds, Workspace, filled, sized};
use crate::lanes::{Isa, Job};
use crate::op::Values;
use crate::sweep::interpreter::{pull, push};
use crate::tape::NotTwiceDifferentiable;
use crate::{Hessian, Jacobian};

impl Program {
    /// Compute several vjps at `x`, eight in a sweep: row `k` of `dx` is [`vjp`](Program::vjp) with row `k`
    /// of `weights`.
    ///
    /// `weights` has a row of [`outputs`](Program::outputs) numbers a seed, `dx` a row of
    /// [`inputs`](Program::inputs) numbers.
    ///
    /// A single seed gives the bits of `vjp`. With more, local partials are computed by
    /// [kernels](crate::lanes::Kernel), and the last bits may differ.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[2.0, 3.0], |x| [x[0] * x[1], x[0] + x[1]]);
    /// let (mut dx, mut workspace) = ([0.0; 6], Workspace::new());
    /// let weights = [1.0, 0.0, 0.0, 1.0, 10.0, 1.0];
    /// program.vjps(&[4.0, 5.0], &weights, &mut dx, &mut workspace)?;
    /// assert_eq!(dx, [5.0, 4.0, 1.0, 1.0, 51.0, 41.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn vjps(
        &self,
        x: &[f64],
        weights: &[f64],
        dx: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let outputs = self.outputs();
        let seeds = rows("the weights `weights`", weights.len(), outputs)?;
        length("the results `dx`", seeds * self.inputs(), dx.len())?;
        if seeds == 1 {
            return self.vjp(x, weights, dx, workspace);
        }
        self.all(x, workspace)?;
        self.backwards(seeds, |seed, output| weights[seed * outputs + output], dx, workspace)
    }

    /// Compute several jvps at `x`, eight in a sweep: row `k` of `dy` is [`jvp`](Program::jvp) with row `k`
    /// of `directions`.
    ///
    /// `directions` has a row of [`inputs`](Program::inputs) numbers a seed, `dy` a row of
    /// [`outputs`](Program::outputs) numbers. Bits are those of `jvp` as [`vjps`](Program::vjps) says.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[2.0, 3.0], |x| [x[0] * x[1], x[0] + x[1]]);
    /// let (mut dy, mut workspace) = ([0.0; 4], Workspace::new());
    /// program.jvps(&[4.0, 5.0], &[1.0, 0.0, 1.0, 10.0], &mut dy, &mut workspace)?;
    /// assert_eq!(dy, [5.0, 1.0, 45.0, 11.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn jvps(
        &self,
        x: &[f64],
        directions: &[f64],
        dy: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let seeds = rows("the directions `directions`", directions.len(), inputs)?;
        length("the results `dy`", seeds * outputs, dy.len())?;
        if seeds == 1 {
            return self.jvp(x, directions, dy, workspace);
        }
        self.all(x, workspace)?;
        let direction = |seed, input| directions[seed * inputs + input];
        self.forwards(seeds, direction, workspace, |seed, output, dy_| {
            dy[seed * outputs + output] = dy_;
        });
        Ok(())
    }

    /// Compute the Jacobian at `x`: `out[j * inputs + i] = ∂yⱼ/∂xᵢ`, outputs in rows.
    ///
    /// It sweeps backwards if there are no more outputs than inputs, else forwards. The slice can be viewed
    /// by any library that takes row-major matrices; [`jacobian_matrix`](Program::jacobian_matrix) makes one.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[1.0, 1.0], |x| [x[0] * x[1].cos(), x[0] * x[1].sin()]);
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
        match (outputs, inputs) {
            (1, _) => return self.vjp(x, &[1.0], out, workspace),
            (_, 1) => return self.jvp(x, &[1.0], out, workspace),
            _ => self.all(x, workspace)?,
        }
        if outputs <= inputs {
            return self.backwards(outputs, unit, out, workspace);
        }
        self.forwards(inputs, unit, workspace, |input, output, partial| {
            out[output * inputs + input] = partial;
        });
        Ok(())
    }

    /// Compute the [`jacobian`](Program::jacobian) as a matrix of its own, which is allocated.
    ///
    /// # Errors
    /// As [`values`](Program::values).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(&[1.0, 1.0], |x| [x[0] * x[1], x[0] + x[1], x[1].square()]);
    /// let matrix = program.jacobian_matrix(&[2.0, 3.0], &mut Workspace::new())?;
    /// assert_eq!(matrix.row(2), [0.0, 6.0]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn jacobian_matrix(
        &self,
        x: &[f64],
        workspace: &mut Workspace,
    ) -> Result<Jacobian, ReplayError> {
        let mut entries = vec![0.0; self.outputs() * self.inputs()];
        self.jacobian(x, &mut entries, workspace)?;
        Ok(Jacobian::of(self.outputs(), self.inputs(), entries))
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
    /// let program = Program::record(&[1.0, 1.0], |x| x[0].powi(3) * x[1]);
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
        self.all(x, workspace)?;
        for (row, out) in out.chunks_mut(inputs.max(1)).enumerate() {
            self.second(output, |input| unit(row, input), out, workspace)?;
        }
        Ok(())
    }

    /// Compute the [`hessian`](Program::hessian) as a matrix of its own, which is allocated.
    ///
    /// # Errors
    /// As [`hessian_vector`](Program::hessian_vector).
    pub fn hessian_matrix(
        &self,
        x: &[f64],
        workspace: &mut Workspace,
    ) -> Result<Hessian, ReplayError> {
        let mut entries = vec![0.0; self.inputs() * self.inputs()];
        self.hessian(x, &mut entries, workspace)?;
        Ok(Jacobian::of(self.inputs(), self.inputs(), entries))
    }

    /// Sweep backwards once for eight seeds, and put the adjoints of the inputs into rows. The values are
    /// in the workspace.
    fn backwards(
        &self,
        seeds: usize,
        weight: impl Fn(usize, usize) -> f64,
        dx: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (code, inputs, len) = (&self.graph.code, self.inputs(), self.graph.code.insts.len());
        let values = &workspace.values[..len];
        let isa = Isa::best().available();
        for first in (0..seeds).step_by(SEEDS) {
            let adjoints = filled(&mut workspace.lanes, len, ZERO);
            let count = SEEDS.min(seeds - first);
            for (output, &o) in self.graph.outputs.iter().enumerate() {
                let lanes = adjoints[o as usize].0[..count].iter_mut().enumerate();
                lanes.for_each(|(lane, w)| *w += weight(first + lane, output));
            }
            isa.run(Backwards { code, inputs, values, adjoints: &mut *adjoints })?;
            for lane in 0..count {
                let row = &mut dx[(first + lane) * inputs..][..inputs];
                row.iter_mut().zip(&*adjoints).for_each(|(dx, adjoint)| *dx = adjoint.0[lane]);
            }
        }
        Ok(())
    }

    /// Sweep forwards once for eight seeds, and hand out the tangent of every output for every seed. The
    /// values are in the workspace.
    fn forwards(
        &self,
        seeds: usize,
        direction: impl Fn(usize, usize) -> f64,
        workspace: &mut Workspace,
        mut put: impl FnMut(usize, usize, f64),
    ) {
        let (code, inputs, len) = (&self.graph.code, self.inputs(), self.graph.code.insts.len());
        let values = &workspace.values[..len];
        let isa = Isa::best().available();
        let tangents = sized(&mut workspace.lanes, len, ZERO);
        for first in (0..seeds).step_by(SEEDS) {
            seeded(first, seeds, &mut tangents[..inputs], &direction);
            isa.run(Forwards { code, inputs, values, tangents: &mut *tangents });
            for (output, &o) in self.graph.outputs.iter().enumerate() {
                let lanes = tangents[o as usize].0.into_iter().enumerate();
                let there = lanes.take(seeds - first);
                there.for_each(|(lane, tangent)| put(first + lane, output, tangent));
            }
        }
    }
}

const ZERO: Seeds = crate::lanes::Lanes([0.0; SEEDS]);

/// How many rows of a width a slice holds.
fn rows(what: &'static str, found: usize, width: usize) -> Result<usize, ReplayError> {
    match found.checked_div(width) {
        Some(rows) if rows * width == found => Ok(rows),
        None if found == 0 => Ok(0),
        _ => Err(ReplayError::Uneven { what, width, found }),
    }
}

/// The entries of the identity.
fn unit(row: usize, column: usize) -> f64 {
    f64::from(u8::from(row == column))
}

/// Seed the tangents of the inputs for the seeds from `first` on; lanes without a seed are 0.
fn seeded(
    first: usize,
    seeds: usize,
    inputs: &mut [Seeds],
    direction: impl Fn(usize, usize) -> f64,
) {
    for (input, lanes) in inputs.iter_mut().enumerate() {
        let seed = |lane: usize| match first + lane {
            seed if seed < seeds => direction(seed, input),
            _ => 0.0,
        };
        lanes.0 = std::array::from_fn(seed);
    }
}

/// Values that are the same for all seeds.
struct Same<'a>(&'a [f64]);

impl Values<Seeds> for Same<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Seeds {
        Seeds::splat(self.0[operand as usize])
    }
}

struct Backwards<'a> {
    code: &'a Code,
    inputs: usize,
    values: &'a [f64],
    adjoints: &'a mut [Seeds],
}

impl Job for Backwards<'_> {
    type Output = Result<(), NotTwiceDifferentiable>;
    #[inline(always)]
    fn run(self) -> Self::Output {
        let range = self.inputs..self.values.len();
        pull(self.code, range, &Same(self.values), self.adjoints)
    }
}

struct Forwards<'a> {
    code: &'a Code,
    inputs: usize,
    values: &'a [f64],
    tangents: &'a mut [Seeds],
}

impl Job for Forwards<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let range = self.inputs..self.values.len();
        push(self.code, range, &Same(self.values), self.tangents);
    }
}
