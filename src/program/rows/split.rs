//! A program over rows in two parts: what is the same for all rows is computed once.
//!
//! ```text
//! uniform part   instructions that no row input changes             once, on plain numbers
//! row part       all others                                         once a block of rows, in lanes
//! frontier       the uniform results that the row part reads        the only way from one to the other
//!
//! split:   for each instruction i, in order:
//!              on_rows[i]   = any operand is on_rows            (row inputs are)
//!              on_shared[i] = any operand is on_shared          (shared inputs are)
//!              append i to the row part if on_rows[i], else to the uniform part
//!
//! values:  run the uniform part; copy the frontier; for each block: run the row part
//! sum and gradient:
//!          the same; after each block, sweep the row part backwards, which adds to the adjoints of the frontier;
//!          after all blocks, add up their lanes and sweep the uniform part backwards, once
//! ```
//!
//! An operand of the row part is an index with two bits above it:
//!
//! | bit | set | not set |
//! |---|---|---|
//! | [`UNIFORM`] | index into the frontier, one number for all lanes | index into the row part's results, in lanes |
//! | [`PASSIVE`] | no shared input changes it: its adjoint is not wanted | its adjoint is |
//!
//! A test of a bit and a branch that the processor predicts cost less than a copy of every parameter in eight
//! lanes, which would not fit into the cache. A passive operand, as the data of an observation, is spared its
//! rule altogether.
//!
//! Not in the pseudo code: a guard belongs to the uniform part if both its sides do, so it is checked once and
//! before all rows; the part keeps which guard of the program it was. And the gradients of single rows want all
//! adjoints, those of uniform results too, row by row. For these there is a third code, `whole`: the program
//! as it was, except that uniform results count as inputs, for they have been computed.

use crate::op::Op;
use crate::program::body::Body;
use crate::program::code::{Check, InstVec, Side};
use crate::program::slots::{FOREIGN, MARK, Slots};
use crate::tape::Instructions;
use std::ops::Range;

/// The bit of an operand of the row part that is read from the frontier.
pub(super) const UNIFORM: u32 = FOREIGN;
/// The bit of an operand of the row part whose adjoint is not wanted.
pub(super) const PASSIVE: u32 = MARK;
/// What is left of an operand without the two bits.
pub(super) const INDEX: u32 = PASSIVE - 1;

/// A part of a program with its guards.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub code: InstVec,
    pub checks: Vec<Check>,
    /// The index of each guard in the program.
    pub check_of: Vec<usize>,
}

/// A program in two parts.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// How many of the inputs are shared.
    pub shared: usize,
    pub uniform: Part,
    /// The uniform results that the row part reads.
    pub frontier: Vec<u32>,
    pub row: Part,
    /// The outputs, as operands of the row part.
    pub outputs: Vec<u32>,
    /// The row part with slots, for values only.
    pub slots: Slots,
    /// The outputs, as operands with slots.
    pub output_slots: Vec<u32>,
    /// The whole program with uniform results as if they were inputs.
    pub whole: InstVec,
    /// The guards of the row part, for `whole`.
    pub checks: Vec<Check>,
    /// Where each uniform result is in `whole`.
    pub uniform_at: Vec<u32>,
}

impl Split {
    /// Divide a program whose first `shared` inputs are the same for all rows.
    pub fn new(body: &Body, shared: usize) -> Split {
        let inputs = body.inputs as usize;
        let on_rows = dependents(body, shared..inputs);
        let mut splitter = Splitter {
            body,
            on_rows: &on_rows,
            on_shared: &dependents(body, 0..shared),
            new_index: vec![0; body.code.insts.len()],
            uniform: Part::default(),
            frontier: Vec::new(),
            frontier_index: vec![None; body.code.insts.len()],
            row: Part::default(),
        };
        splitter.instructions();
        let outputs: Vec<u32> = body.outputs.iter().map(|&o| splitter.row_operand(o)).collect();
        splitter.checks();
        let Splitter { uniform, frontier, row, .. } = splitter;
        let slots = Slots::assign(&row.code, &row.checks, &outputs);
        let output_slots = outputs.iter().map(|&output| slots.slot_of(output)).collect();
        let checks = row.check_of.iter().map(|&k| body.checks[k].clone()).collect();
        let mut whole = body.code.clone();
        let mut uniform_at = Vec::with_capacity(uniform.code.insts.len());
        for (i, inst) in whole.insts.iter_mut().enumerate() {
            if !on_rows[i] {
                inst.op = Op::Input;
                uniform_at.push(i as u32);
            }
        }
        Split {
            shared,
            uniform,
            frontier,
            row,
            outputs,
            slots,
            output_slots,
            whole,
            checks,
            uniform_at,
        }
    }
}

/// For every result, whether it depends on one of these inputs.
fn dependents(body: &Body, on: Range<usize>) -> Vec<bool> {
    let code = &body.code;
    let mut depends = vec![false; code.insts.len()];
    depends[on].fill(true);
    for (i, inst) in code.insts.iter().enumerate().skip(body.inputs as usize) {
        depends[i] = code.operands(inst).iter().any(|&o| depends[o as usize]);
    }
    depends
}

/// A split under way.
struct Splitter<'a> {
    body: &'a Body,
    on_rows: &'a [bool],
    on_shared: &'a [bool],
    /// The index of each instruction in its part.
    new_index: Vec<u32>,
    uniform: Part,
    frontier: Vec<u32>,
    frontier_index: Vec<Option<u32>>,
    row: Part,
}

impl Splitter<'_> {
    fn instructions(&mut self) {
        let code = &self.body.code;
        assert!(code.insts.len() < INDEX as usize, "a program over rows has at most 2^30 results");
        let mut operands = Vec::new();
        for (i, inst) in code.insts.iter().enumerate() {
            let in_rows = self.on_rows[i];
            operands.clear();
            for &o in code.operands(inst) {
                let uniform = self.new_index[o as usize];
                operands.push(if in_rows { self.row_operand(o) } else { uniform });
            }
            let part = if in_rows { &mut self.row.code } else { &mut self.uniform.code };
            self.new_index[i] = part.copy(code, inst, &operands);
        }
    }

    /// A result as an operand of the row part.
    fn row_operand(&mut self, o: u32) -> u32 {
        let i = o as usize;
        let passive = if self.on_shared[i] { 0 } else { PASSIVE };
        if self.on_rows[i] {
            return self.new_index[i] | passive;
        }
        let (frontier, uniform) = (&mut self.frontier, self.new_index[i]);
        let index = *self.frontier_index[i].get_or_insert_with(|| {
            frontier.push(uniform);
            frontier.len() as u32 - 1
        });
        index | UNIFORM | passive
    }

    /// Give each guard to the part that has both its sides.
    fn checks(&mut self) {
        let rows_before = self.rows_before();
        for (k, check) in self.body.checks.iter().enumerate() {
            let in_rows = check.operands().any(|o| self.on_rows[o as usize]);
            let mut side = |side: Side| match side {
                Side::Value(o) if in_rows => Side::Value(self.row_operand(o)),
                Side::Value(o) => Side::Value(self.new_index[o as usize]),
                constant @ Side::Constant(_) => constant,
            };
            let (left, right) = (side(check.left), side(check.right));
            let of_rows = rows_before[check.before as usize];
            let before = if in_rows { of_rows } else { check.before - of_rows };
            let part = if in_rows { &mut self.row } else { &mut self.uniform };
            part.checks.push(Check { left, right, before, ..check.clone() });
            part.check_of.push(k);
        }
    }

    /// For every instruction, and the end, how many before it are in the row part.
    fn rows_before(&self) -> Vec<u32> {
        let mut count = 0;
        let after = self.on_rows.iter().map(|&in_rows| {
            count += u32::from(in_rows);
            count
        });
        std::iter::once(0).chain(after).collect()
    }
}
