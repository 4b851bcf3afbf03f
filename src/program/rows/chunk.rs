//! [`Chunks`]: rows computed chunk by chunk, by native code or by the interpreter.
//!
//! ```text
//! each chunk:  by native code, if there is some and the sweep need not be careful
//!              where a guard does not hold: the interpreter runs those blocks, and says which
//!              without native code: by the interpreter
//! ```

use super::choice::Native;
use super::data::Rows;
#[cfg(native_code)]
use super::native::{NativeWalk, Wanted, room};
use super::split::Split;
use super::walk::{Broken, Careful, Purpose, RowAdjoints, RowValues, Walk};
use crate::lanes::{Available, Lanes, run_baseline};
#[cfg(native_code)]
use crate::native::Code;
use crate::program::body::Body;
use crate::program::workspace::Buffers;
use crate::sweep::storage::cells;
use std::ops::Range;

/// The chunks of a run over rows, and what they have in common.
#[derive(Clone, Copy)]
pub(super) struct Chunks<'a> {
    pub isa: Available,
    pub split: &'a Split,
    pub body: &'a Body,
    /// Native code for what the run computes.
    #[cfg_attr(not(native_code), expect(dead_code))]
    pub native: Option<Native<'a>>,
    /// The values of the frontier.
    pub frontier: &'a [f64],
    pub rows: Rows<'a>,
}

impl Chunks<'_> {
    /// Run native code; tell whether it has computed all.
    ///
    /// Where a guard does not hold, the interpreter runs those blocks, for the row and the guard that are refused. It
    /// decides alike; if it ever did not, it would have to compute the rows.
    #[cfg(native_code)]
    fn by_native(
        &self,
        code: &Code,
        rows: Range<usize>,
        uniform: &[f64],
        wanted: Wanted<'_>,
        buffers: &mut Buffers,
    ) -> Result<bool, Broken> {
        let totals = if let Wanted::Sum { totals, .. } = &wanted { totals.len() } else { 0 };
        let data = &self.rows;
        let [room, adjoints] = buffers.of_native_code(room(code, data.width()), totals);
        // With AVX-512 the compiler gathers columns, which processors of AMD do number by number in microcode.
        let walk = NativeWalk { code, data, rows, uniform, room, adjoints, wanted };
        let done = self.isa.run_up_to_avx2(walk);
        let Err(rows) = done else { return Ok(true) };
        self.interpreted(rows, Purpose::Outputs { outputs: &[], out: &mut [] }, buffers)?;
        Ok(false)
    }

    /// Run a walk that sweeps; if with care, then by the code for the baseline.
    fn walk(&self, careful: bool, walk: Walk<'_>) -> Result<(), Broken> {
        if careful { run_baseline(Careful(walk)) } else { self.interpret(walk) }
    }

    /// With native code the interpreter has the first blocks, and no code for AVX-512: that would take longer to compile than it
    /// saves.
    #[cfg(native_code)]
    fn interpret(&self, walk: Walk<'_>) -> Result<(), Broken> {
        self.isa.run_up_to_avx2(walk)
    }
    #[cfg(not(native_code))]
    fn interpret(&self, walk: Walk<'_>) -> Result<(), Broken> {
        self.isa.run(walk)
    }

    /// Compute some rows, and keep no more than the outputs need.
    #[cfg_attr(not(native_code), expect(unused_mut))]
    pub fn outputs_only(
        &self,
        rows: Range<usize>,
        mut purpose: Purpose<'_>,
        buffers: &mut Buffers,
    ) -> Result<(), Broken> {
        #[cfg(native_code)]
        if let Some(code) = self.native {
            let wanted = match &mut purpose {
                Purpose::Outputs { outputs, out } => {
                    Wanted::Each { width: outputs.len(), settled: false, out }
                }
                Purpose::Sum { out, .. } => Wanted::Sum { sum: out, totals: &mut [] },
                _ => unreachable!("only outputs"),
            };
            if self.by_native(code, rows.clone(), self.frontier, wanted, buffers)? {
                return Ok(());
            }
        }
        self.interpreted(rows, purpose, buffers)
    }

    fn interpreted(
        &self,
        rows: Range<usize>,
        purpose: Purpose<'_>,
        buffers: &mut Buffers,
    ) -> Result<(), Broken> {
        let slots = &self.split.slots;
        let values = RowValues {
            frontier: self.frontier,
            rows: buffers.values(slots.count),
            slot: Some(&slots.slot),
        };
        self.interpret(Walk {
            code: &slots.code,
            checks: &slots.checks,
            data: &self.rows,
            rows,
            inputs: 0..self.rows.width(),
            values,
            purpose,
        })
    }

    /// Add up the only output over some rows, each with its weight; `totals` takes the adjoints of the
    /// frontier.
    pub fn sum_and_adjoints(
        &self,
        rows: Range<usize>,
        sum: &mut f64,
        totals: &mut [f64],
        buffers: &mut Buffers,
        careful: bool,
    ) -> Result<(), Broken> {
        #[cfg(native_code)]
        if let (Some(code), false) = (self.native, careful) {
            let wanted = Wanted::Sum { sum, totals };
            if self.by_native(code, rows.clone(), self.frontier, wanted, buffers)? {
                return Ok(());
            }
        }
        let Split { row: part, outputs, .. } = &self.split;
        let len = part.code.insts.len();
        let mut taken = buffers.take_adjoints(len, self.frontier.len());
        let [of_results, of_frontier] = &mut taken;
        let adjoints = RowAdjoints { frontier: cells(of_frontier), rows: cells(of_results) };
        let values = RowValues { frontier: self.frontier, rows: buffers.values(len), slot: None };
        let done = self.walk(
            careful,
            Walk {
                code: &part.code,
                checks: &part.checks,
                data: &self.rows,
                rows,
                inputs: 0..self.rows.width(),
                values,
                purpose: Purpose::SumAndAdjoints { output: outputs[0], adjoints, sum, totals },
            },
        );
        buffers.give_back(taken);
        done
    }

    /// Compute the gradient of the only output of some rows with respect to all inputs: the whole program in
    /// lanes, the uniform part too. `out` takes them row by row.
    ///
    /// The `uniform` values have been computed on plain numbers, and their guards have been checked there. Lanes,
    /// whose functions are kernels, could decide otherwise, so they do not check them again.
    pub fn gradients(
        &self,
        uniform: &[f64],
        rows: Range<usize>,
        out: &mut [f64],
        buffers: &mut Buffers,
        careful: bool,
    ) -> Result<(), Broken> {
        let (body, split) = (self.body, self.split);
        #[cfg(native_code)]
        if let (Some(code), false) = (self.native, careful) {
            let wanted = Wanted::Each { width: body.inputs as usize, settled: true, out };
            let uniform = &uniform[..split.uniform.code.insts.len()];
            if self.by_native(code, rows.clone(), uniform, wanted, buffers)? {
                return Ok(());
            }
        }
        let code = &body.code;
        let mut taken = buffers.take_adjoints(code.insts.len(), 0);
        let adjoints = RowAdjoints { frontier: &[], rows: cells(&mut taken[0]) };
        let values = buffers.values(code.insts.len());
        for (&at, &value) in split.uniform_at.iter().zip(uniform) {
            values[at as usize] = Lanes::splat(value);
        }
        let done = self.walk(
            careful,
            Walk {
                code: &split.whole,
                checks: &split.checks,
                data: &self.rows,
                rows,
                inputs: split.shared..body.inputs as usize,
                values: RowValues { frontier: &[], rows: values, slot: None },
                purpose: Purpose::Gradients { code, output: body.outputs[0], adjoints, out },
            },
        );
        buffers.give_back(taken);
        done
    }
}
