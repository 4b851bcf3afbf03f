//! What is the same for all rows is computed once: the program in two parts.
//!
//! The *uniform* part depends on shared inputs only and runs on plain numbers, once. The *row* part runs in
//! lanes, once a block of rows. It reads uniform results through the *frontier*, the list of those it needs.
//! Backwards likewise: the adjoints of the frontier are summed over all rows, then swept through the
//! uniform part once.

use crate::op::{Arity, Op};
use crate::program::code::Code;
use crate::program::graph::Graph;
use crate::program::guards::{Check, Side};
use crate::program::slots::{FOREIGN, MARK, Slots};
use crate::tape::{Inst, Instructions};

/// An operand of the row part that is read from the frontier.
pub(super) const UNIFORM: u32 = FOREIGN;
/// An operand of the row part whose adjoint nobody wants: no shared input moves it.
pub(super) const PASSIVE: u32 = MARK;
/// What is left of an operand without the two.
pub(super) const INDEX: u32 = PASSIVE - 1;

/// A part of a program with its guards, and the places of these in the whole program's list.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub code: Code,
    pub checks: Vec<Check>,
    pub check_of: Vec<usize>,
}

/// A program in two parts.
#[derive(Clone, Debug)]
pub(super) struct Split {
    pub shared: usize,
    pub uniform: Part,
    /// The uniform results that the row part reads.
    pub frontier: Vec<u32>,
    pub row: Part,
    /// The whole program with uniform results as if they were inputs, and the guards of its rows.
    pub whole: Code,
    pub checks: Vec<Check>,
    /// Where each uniform result is in the whole program.
    pub uniform_at: Vec<u32>,
    /// Operands of the row part.
    pub outputs: Vec<u32>,
    /// The row part with places, for values only.
    pub slots: Slots,
    /// The outputs as places.
    pub places: Vec<u32>,
}

impl Split {
    /// Divide a program whose first `shared` inputs are the same for all rows.
    pub fn new(graph: &Graph, shared: usize) -> Split {
        let moves = Moves::of(graph, shared);
        let mut dividing = Dividing {
            graph,
            moves: &moves,
            operand: vec![0; graph.code.insts.len()],
            uniform: Part::default(),
            frontier: Vec::new(),
            place_in_frontier: vec![None; graph.code.insts.len()],
            row: Part::default(),
        };
        dividing.instructions();
        let outputs: Vec<u32> = graph.outputs.iter().map(|&o| dividing.read(o)).collect();
        dividing.checks();
        let Dividing { uniform, frontier, row, .. } = dividing;
        let slots = Slots::assign(&row.code, &row.checks, &outputs);
        let places = outputs.iter().map(|&output| slots.place_of(output)).collect();
        let checks = row.check_of.iter().map(|&k| graph.checks[k].clone()).collect();
        let mut whole = graph.code.clone();
        let mut uniform_at = Vec::with_capacity(uniform.code.insts.len());
        for (i, inst) in whole.insts.iter_mut().enumerate() {
            if !moves.with_rows[i] {
                inst.op = Op::Input;
                uniform_at.push(i as u32);
            }
        }
        Split { shared, uniform, frontier, row, whole, checks, uniform_at, outputs, slots, places }
    }
}

/// What each result moves with.
struct Moves {
    with_rows: Vec<bool>,
    with_shared: Vec<bool>,
}

impl Moves {
    fn of(graph: &Graph, shared: usize) -> Moves {
        let code = &graph.code;
        let inputs = graph.inputs as usize;
        let spread = |first: std::ops::Range<usize>| {
            let mut moves = vec![false; code.insts.len()];
            moves[first].fill(true);
            for (i, inst) in code.insts.iter().enumerate().skip(inputs) {
                moves[i] = code.operands(inst).iter().any(|&o| moves[o as usize]);
            }
            moves
        };
        Moves { with_rows: spread(shared..inputs), with_shared: spread(0..shared) }
    }

    /// For every instruction, and the end, how many before it are of the row part.
    fn rows_before(&self) -> Vec<u32> {
        let mut count = 0;
        let after = self.with_rows.iter().map(|&in_rows| {
            count += u32::from(in_rows);
            count
        });
        std::iter::once(0).chain(after).collect()
    }
}

struct Dividing<'a> {
    graph: &'a Graph,
    moves: &'a Moves,
    /// Where each instruction went in its part.
    operand: Vec<u32>,
    uniform: Part,
    frontier: Vec<u32>,
    place_in_frontier: Vec<Option<u32>>,
    row: Part,
}

impl Dividing<'_> {
    fn instructions(&mut self) {
        let code = &self.graph.code;
        assert!(code.insts.len() < INDEX as usize, "a program over rows has at most 2^30 results");
        let mut operands = Vec::new();
        for (i, inst) in code.insts.iter().enumerate() {
            let in_rows = self.moves.with_rows[i];
            operands.clear();
            for &o in code.operands(inst) {
                operands.push(if in_rows { self.read(o) } else { self.operand[o as usize] });
            }
            let part = if in_rows { &mut self.row.code } else { &mut self.uniform.code };
            self.operand[i] = append(part, code, inst, &operands);
        }
    }

    /// A result as an operand of the row part.
    fn read(&mut self, o: u32) -> u32 {
        let i = o as usize;
        let passive = if self.moves.with_shared[i] { 0 } else { PASSIVE };
        if self.moves.with_rows[i] {
            return self.operand[i] | passive;
        }
        let (frontier, uniform) = (&mut self.frontier, self.operand[i]);
        let place = *self.place_in_frontier[i].get_or_insert_with(|| {
            frontier.push(uniform);
            frontier.len() as u32 - 1
        });
        place | UNIFORM | passive
    }

    /// Give each guard to the part that has both its sides.
    fn checks(&mut self) {
        let rows_before = self.moves.rows_before();
        for (k, check) in self.graph.checks.iter().enumerate() {
            let in_rows = check.operands().any(|o| self.moves.with_rows[o as usize]);
            let mut side = |side: Side| match side {
                Side::Value(o) if in_rows => Side::Value(self.read(o)),
                Side::Value(o) => Side::Value(self.operand[o as usize]),
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
}

/// Append an instruction of `from`, with other operands.
fn append(to: &mut Code, from: &Code, inst: &Inst, operands: &[u32]) -> u32 {
    let [call, output, _] = inst.at;
    match inst.op.arity() {
        Arity::Leaf if inst.op == Op::Input => to.push(Op::Input, &[], &[]),
        Arity::Custom => {
            to.push_output(&from.calls[call as usize], output, operands.iter().copied())
        }
        _ => to.push(inst.op, operands, from.constants(inst)),
    }
}
