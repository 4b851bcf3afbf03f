//! Several seeds in one sweep.
//!
//! The values are the same for all seeds, and the adjoints or tangents of eight seeds are lanes, so that one
//! walk over the instructions serves eight.
//!
//! Not for a Hessian: duals of lanes were tried, and were 2.4 times as fast as its rows one by one, where the
//! Jacobian of a gradient program is five times as fast. A sweep over them took a megabyte of the stack in
//! debug builds, and compiling the crate took twice as long.

use super::code::InstVec;
use super::error::ReplayError;
use super::program::Program;
use super::workspace::{Block, WIDTH, Workspace, filled, sized};
use crate::lanes::Job;
use crate::op::Values;
use crate::sweep::interpreter::{pull, push};
use crate::sweep::storage::cells;
use crate::tape::NotTwiceDifferentiable;

impl Program {
    /// Sweep backwards once for eight seeds, and write the adjoints of the inputs into the rows of `dx`. The
    /// values are in the workspace.
    pub(super) fn pull_seeds(
        &self,
        seeds: usize,
        weight: impl Fn(usize, usize) -> f64,
        dx: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (code, inputs, len) = (&self.body.code, self.inputs(), self.body.code.insts.len());
        let values = &workspace.values[..len];
        for first in (0..seeds).step_by(WIDTH) {
            let adjoints = filled(&mut workspace.seeds, len, Block::splat(0.0));
            let count = WIDTH.min(seeds - first);
            for (output, &o) in self.body.outputs.iter().enumerate() {
                let lanes = adjoints[o as usize].0[..count].iter_mut().enumerate();
                lanes.for_each(|(lane, w)| *w += weight(first + lane, output));
            }
            workspace.isa.run(Backwards { code, inputs, values, adjoints: &mut *adjoints })?;
            for lane in 0..count {
                let row = &mut dx[(first + lane) * inputs..][..inputs];
                row.iter_mut().zip(&*adjoints).for_each(|(dx, adjoint)| *dx = adjoint.0[lane]);
            }
        }
        Ok(())
    }

    /// Sweep forwards once for eight seeds, and call `put` with seed, output and tangent. The values are in
    /// the workspace.
    pub(super) fn push_seeds(
        &self,
        seeds: usize,
        direction: impl Fn(usize, usize) -> f64,
        workspace: &mut Workspace,
        mut put: impl FnMut(usize, usize, f64),
    ) {
        let (code, inputs, len) = (&self.body.code, self.inputs(), self.body.code.insts.len());
        let values = &workspace.values[..len];
        let tangents = sized(&mut workspace.seeds, len, Block::splat(0.0));
        for first in (0..seeds).step_by(WIDTH) {
            // Lanes without a seed are 0.
            let seed = |lane: usize, input: usize| match first + lane {
                seed if seed < seeds => direction(seed, input),
                _ => 0.0,
            };
            for (input, lanes) in tangents[..inputs].iter_mut().enumerate() {
                lanes.0 = std::array::from_fn(|lane| seed(lane, input));
            }
            workspace.isa.run(Forwards { code, inputs, values, tangents: &mut *tangents });
            for (output, &o) in self.body.outputs.iter().enumerate() {
                let lanes = tangents[o as usize].0.into_iter().take(seeds - first).enumerate();
                lanes.for_each(|(lane, tangent)| put(first + lane, output, tangent));
            }
        }
    }
}

/// Values that are the same for all seeds.
struct Splat<'a>(&'a [f64]);

impl Values<Block> for Splat<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Block {
        Block::splat(self.0[operand as usize])
    }
}

struct Backwards<'a> {
    code: &'a InstVec,
    inputs: usize,
    values: &'a [f64],
    adjoints: &'a mut [Block],
}

impl Job for Backwards<'_> {
    type Output = Result<(), NotTwiceDifferentiable>;
    #[inline(always)]
    fn run(self) -> Self::Output {
        let range = self.inputs..self.values.len();
        pull(self.code, range, &Splat(self.values), cells(self.adjoints))
    }
}

struct Forwards<'a> {
    code: &'a InstVec,
    inputs: usize,
    values: &'a [f64],
    tangents: &'a mut [Block],
}

impl Job for Forwards<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let range = self.inputs..self.values.len();
        push(self.code, range, &Splat(self.values), self.tangents);
    }
}
