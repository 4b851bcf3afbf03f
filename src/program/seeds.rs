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
use crate::Real;
use crate::lanes::{Job, Lanes, Target};
use crate::op::Values;
use crate::sweep::care::{pull_lanes, pull_lanes_carefully, push_lanes, push_lanes_carefully};
use crate::sweep::storage::{Adjoints, Results, accumulate, cells};
use std::cell::Cell;

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
        let inputs = self.inputs();
        for first in (0..seeds).step_by(WIDTH) {
            let count = WIDTH.min(seeds - first);
            let seed = |output: usize, w: &mut Block| {
                let lanes = w.0[..count].iter_mut().enumerate();
                lanes.for_each(|(lane, w)| *w += weight(first + lane, output).seeded());
            };
            self.pull_block(count, seed, workspace)?;
            let adjoints = &workspace.seeds;
            for lane in 0..count {
                let row = &mut dx[(first + lane) * inputs..][..inputs];
                row.iter_mut()
                    .zip(adjoints)
                    .for_each(|(dx, adjoint)| *dx = adjoint.0[lane].settled());
            }
        }
        Ok(())
    }

    /// Sweep backwards once, for up to eight seeds: `seed` adds the weights of an output to its adjoints. The adjoints
    /// are then in the workspace.
    pub(super) fn pull_block(
        &self,
        count: usize,
        seed: impl Fn(usize, &mut Block),
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (code, inputs, len) = (&self.body.code, self.inputs(), self.body.code.insts.len());
        let values = &workspace.values[..len];
        let is_certain = |input: &Block| !input.0[..count].iter().any(|x| x.is_nan());
        quickly_then_carefully(code, |careful| {
            let adjoints = filled(&mut workspace.seeds, len, Block::nothing());
            for (output, &o) in self.body.outputs.iter().enumerate() {
                seed(output, &mut adjoints[o as usize]);
            }
            match careful {
                true => pull_lanes_carefully(code, inputs..len, &Splat(values), cells(adjoints)),
                false => {
                    workspace.isa.run(Backwards { code, inputs, values, adjoints: &mut *adjoints })
                }
            }
            Ok(adjoints[..inputs].iter().all(is_certain))
        })
    }

    /// Sweep forwards once for eight seeds, and call `put` with seed, output and tangent. The values are in
    /// the workspace.
    pub(super) fn push_seeds(
        &self,
        seeds: usize,
        direction: impl Fn(usize, usize) -> f64,
        workspace: &mut Workspace,
        mut put: impl FnMut(usize, usize, f64),
    ) -> Result<(), ReplayError> {
        for first in (0..seeds).step_by(WIDTH) {
            let count = WIDTH.min(seeds - first);
            let seed = |input: usize, lanes: &mut Block| {
                let lanes = lanes.0[..count].iter_mut().enumerate();
                lanes.for_each(|(lane, v)| *v = direction(first + lane, input).seeded());
            };
            self.push_block(count, seed, workspace)?;
            for (output, &o) in self.body.outputs.iter().enumerate() {
                let lanes = workspace.seeds[o as usize].0.into_iter().take(count).enumerate();
                lanes.for_each(|(lane, tangent)| put(first + lane, output, tangent.settled()));
            }
        }
        Ok(())
    }

    /// Sweep forwards once, for up to eight seeds: `seed` writes those of an input over nothing. The tangents are then
    /// in the workspace.
    pub(super) fn push_block(
        &self,
        count: usize,
        seed: impl Fn(usize, &mut Block),
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let (code, inputs, len) = (&self.body.code, self.inputs(), self.body.code.insts.len());
        let values = &workspace.values[..len];
        let tangents = sized(&mut workspace.seeds, len, Block::splat(0.0));
        for (input, lanes) in tangents[..inputs].iter_mut().enumerate() {
            *lanes = Block::nothing();
            seed(input, lanes);
        }
        quickly_then_carefully(code, |careful| {
            match careful {
                true => push_lanes_carefully(code, inputs..len, &Splat(values), tangents),
                false => {
                    workspace.isa.run(Forwards { code, inputs, values, tangents: &mut *tangents })
                }
            }
            let mut outputs = self.body.outputs.iter().map(|&o| tangents[o as usize]);
            Ok(outputs.all(|output| !output.0[..count].iter().any(|x| x.is_nan())))
        })
    }
}

/// Sweep quickly, and once more with care if the results are not certain: a NaN among them may be nothing that met
/// infinity. `sweep` takes whether to be careful, and tells whether the results are certain.
pub(super) fn quickly_then_carefully(
    code: &InstVec,
    mut sweep: impl FnMut(bool) -> Result<bool, ReplayError>,
) -> Result<(), ReplayError> {
    // A custom operation is not called where nothing has flowed, which only a careful sweep can tell.
    let is_certain = code.calls.is_empty() && sweep(false)?;
    if !is_certain {
        sweep(true)?;
    }
    Ok(())
}

/// Values that are the same for all seeds.
struct Splat<'a>(&'a [f64]);

impl<T: Target> Values<Lanes<T>> for Splat<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Lanes<T> {
        Lanes::splat(self.0[operand as usize])
    }
}

/// Adjoints of the seeds, computed with by any instructions.
#[derive(Clone, Copy)]
struct SeedAdjoints<'a>(&'a [Cell<Block>]);

impl<T: Target> Adjoints<Lanes<T>> for SeedAdjoints<'_> {
    #[inline(always)]
    fn get(self, instruction: usize) -> Lanes<T> {
        self.0[instruction].get().to()
    }
    #[inline(always)]
    fn wants(self, _: u32) -> bool {
        true
    }
    #[inline(always)]
    fn add(self, operand: u32, contribution: Lanes<T>) {
        accumulate(&self.0[operand as usize], contribution.to());
    }
}

/// Tangents likewise.
struct SeedTangents<'a>(&'a mut [Block]);

impl<T: Target> Values<Lanes<T>> for SeedTangents<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Lanes<T> {
        self.0[operand as usize].to()
    }
}

impl<T: Target> Results<Lanes<T>> for SeedTangents<'_> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: Lanes<T>) {
        self.0[instruction] = value.to();
    }
}

struct Backwards<'a> {
    code: &'a InstVec,
    inputs: usize,
    values: &'a [f64],
    adjoints: &'a mut [Block],
}

impl Job for Backwards<'_> {
    type Output = ();
    #[inline(always)]
    fn run<T: Target>(self) {
        let range = self.inputs..self.values.len();
        pull_lanes::<T>(self.code, range, &Splat(self.values), SeedAdjoints(cells(self.adjoints)));
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
    fn run<T: Target>(self) {
        let range = self.inputs..self.values.len();
        push_lanes::<T>(self.code, range, &Splat(self.values), &mut SeedTangents(self.tangents));
    }
}
