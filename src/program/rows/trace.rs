//! The row part of a program as straight-line code, for [`native`](crate::native).
//!
//! It is the interpreter that writes it down: the loops of a [`Walk`](super::walk) run once over a scalar that is traced,
//! and whatever they would add to or store becomes an instruction. Results and adjoints need no places: they are the
//! scalars themselves.

use super::kind::Kind;
use super::split::{INDEX, PASSIVE, Part, Split, UNIFORM};
use crate::Real;
use crate::native::{self, Code, Form, Predicate, Straight, Traced, trace};
use crate::op::{Op, Values};
use crate::program::body::Body;
use crate::program::code::{Check, InstVec, evaluate_guarded};
use crate::sweep::interpreter::pull;
use crate::sweep::storage::{Adjoints, Results};
use crate::tape::{Instructions, Relation};
use std::cell::Cell;
use std::ops::Range;

/// Compile what rows are computed by, for so many blocks at a time if that adds up in the order of one by one. None where
/// the system does not let memory be run, or the code would be too long.
///
/// The inputs of the code are the columns of the rows, and behind them the weights; its outputs those of the program, or the
/// adjoints of all its inputs. There must be no custom operations.
pub(super) fn compile(
    split: &Split,
    body: &Body,
    kind: Kind,
    form: Form,
    blocks: usize,
) -> Option<Code> {
    let code = straight(split, body, kind);
    // Loops look at a table, and go to a sum over rows, once for all blocks. Straight code loses again what more blocks
    // save, by being fetched if it is long, and with few registers.
    let has_loops = !code.terms.is_empty();
    let most = match code.adds_once() {
        false => 1,
        true if has_loops => 4,
        true if form == Form::Vex4 || code.insts.len() > 4000 => 2,
        true => 4,
    };
    native::compile(&code, form, blocks.min(most))
}

fn straight(split: &Split, body: &Body, kind: Kind) -> Straight {
    trace(loops_from(split, kind), || match kind {
        Kind::Outputs | Kind::Sum => {
            let values = forwards_in_part(split, body);
            for (at, &output) in split.outputs.iter().enumerate() {
                values.get(output).output(at);
            }
        }
        Kind::SumAndAdjoints => {
            let values = forwards_in_part(split, body);
            let output = split.outputs[0];
            values.get(output).output(0);
            let row_inputs = body.inputs as usize - split.shared;
            let weights = Traced::input(row_inputs).seeded();
            backwards(&split.row.code, row_inputs, output, weights, &values);
        }
        Kind::Gradients => {
            let mut values = Traces(vec![Traced::NOTHING; body.code.insts.len()]);
            for (k, &at) in split.uniform_at.iter().enumerate() {
                values.0[at as usize] = Traced::uniform(k as u32);
            }
            let inputs = body.inputs as usize;
            let columns = values.0[split.shared..inputs].iter_mut().enumerate();
            columns.for_each(|(column, place)| *place = Traced::input(column));
            forwards(&split.whole, &split.checks, inputs, &mut values);
            let adjoints =
                backwards(&body.code, inputs, body.outputs[0], Traced::from(1.0), &values);
            for (at, adjoint) in adjoints[..inputs].iter().enumerate() {
                adjoint.get().get().output(at);
            }
        }
    })
}

/// The fewest terms that are a loop. Short code is faster straight; long code would be fetched for each block.
fn loops_from(split: &Split, kind: Kind) -> usize {
    /// So many operands of long sums are 100 kB of code for each block, more than a processor has at hand.
    const LONG: usize = 4000;
    let is_short = split.row.code.pool.len() < LONG;
    // Gradients of single rows have no uniform operands: all are inputs.
    if is_short || kind == Kind::Gradients { usize::MAX } else { 6 }
}

fn forwards_in_part(split: &Split, body: &Body) -> Traces {
    let Part { code, checks, .. } = &split.row;
    let inputs = body.inputs as usize - split.shared;
    let mut values = Traces(vec![Traced::NOTHING; code.insts.len()]);
    for (column, place) in values.0[..inputs].iter_mut().enumerate() {
        *place = Traced::input(column);
    }
    forwards(code, checks, inputs, &mut values);
    values
}

/// Compute all behind the inputs; leave where a guard does not hold.
fn forwards(code: &InstVec, checks: &[Check], inputs: usize, values: &mut Traces) {
    let range = inputs..code.insts.len();
    let all_hold = evaluate_guarded(code, range, checks, values, |check, left: Traced, right| {
        left.leave_if(broken(check.relation, check.outcome), right);
        true
    });
    debug_assert!(all_hold.is_ok(), "a trace holds every guard");
}

/// How two sides compare where a guard does not hold.
fn broken(relation: Relation, outcome: bool) -> Predicate {
    use Predicate as P;
    let [holds, fails] = match relation {
        Relation::Less => [P::Less, P::NotLess],
        Relation::LessEqual => [P::LessEqual, P::NotLessEqual],
        Relation::Greater => [P::Greater, P::NotGreater],
        Relation::GreaterEqual => [P::GreaterEqual, P::NotGreaterEqual],
        Relation::Equal => [P::Equal, P::NotEqual],
        Relation::Unordered => [P::Unordered, P::Ordered],
    };
    if outcome { fails } else { holds }
}

/// Sweep backwards from an output, quickly; return the adjoints of all results.
fn backwards(
    code: &InstVec,
    inputs: usize,
    output: u32,
    seed: Traced,
    values: &Traces,
) -> Vec<Cell<Adjoint>> {
    let range = inputs..code.insts.len();
    let adjoints = vec![Cell::new(Adjoint::Sum(Traced::NOTHING)); code.insts.len()];
    let places = TracedAdjoints(&adjoints);
    for i in range.clone() {
        if loop_of(code, i, values).is_some() {
            for &o in code.operands(&code.insts[i]) {
                places.keep_in_cell(o);
            }
        }
    }
    if places.wants(output) {
        places.add(output, seed);
        for i in range.rev() {
            let is_spread = loop_of(code, i, values).is_some_and(|at| spread(code, i, at, places));
            if !is_spread {
                let swept = pull::<false, Traced>(code, i..i + 1, values, places);
                debug_assert!(swept.is_ok(), "there are no custom operations");
            }
        }
    }
    adjoints
}

/// Where the terms of an instruction are that was traced as a loop, if they are its own: its result may be that of another
/// (`affine([d], [1], b)` is `d + b`), and a result that differs from row to row may be traced as a uniform number
/// (`select(x, p, p)` is `p`).
fn loop_of(code: &InstVec, i: usize, values: &Traces) -> Option<Range<usize>> {
    let at = match code.op(i) {
        Op::Dot => values.0[i].terms(false)?,
        Op::Affine => values.0[i].terms(true)?,
        _ => return None,
    };
    let mut pairs = code.terms(code.insts[i]).operands.chunks_exact(2);
    let are_its_own =
        pairs.len() == at.len() && pairs.all(|pair| (pair[0] ^ pair[1]) & UNIFORM != 0);
    are_its_own.then_some(at)
}

/// Sweep by a loop over an instruction that was traced as a loop, if what is wanted is the same in all terms.
fn spread(code: &InstVec, i: usize, at: Range<usize>, places: TracedAdjoints<'_>) -> bool {
    let w = places.get(i);
    if w.is_nothing() {
        return true;
    }
    let terms = code.terms(code.insts[i]);
    // The operand that differs from row to row, and the uniform one.
    let sorted = |pair: &[u32]| match pair[0] & UNIFORM {
        0 => [pair[0], pair[1]],
        _ => [pair[1], pair[0]],
    };
    let pairs: Vec<[u32; 2]> = terms.operands.chunks_exact(2).map(sorted).collect();
    let wanted = pairs[0].map(|o| places.wants(o));
    if pairs.iter().any(|pair| pair.map(|o| places.wants(o)) != wanted) {
        return false;
    }
    let [to_cells, to_sums] = wanted;
    // One loop either sets all its cells or adds to them.
    let fresh = to_cells && places.all_fresh(pairs.iter().map(|&[x, _]| x));
    for (at, &[x, y]) in at.clone().zip(&pairs) {
        let cell = if to_cells { places.cell_to_add_to(x, fresh) } else { None };
        Traced::in_term(at, cell, to_sums.then_some(y & INDEX));
    }
    if to_cells || to_sums {
        w.spread(at, fresh);
    }
    if let Some(bias) = terms.bias.filter(|&bias| places.wants(bias)) {
        places.add(bias, w);
    }
    true
}

/// Results.
struct Traces(Vec<Traced>);

impl Values<Traced> for Traces {
    fn get(&self, operand: u32) -> Traced {
        let at = operand & INDEX;
        match operand & UNIFORM {
            0 => self.0[at as usize],
            _ => Traced::uniform(at),
        }
    }
}

impl Results<Traced> for Traces {
    fn set(&mut self, instruction: usize, value: Traced) {
        self.0[instruction] = value;
    }
}

/// An adjoint so far.
#[derive(Clone, Copy)]
enum Adjoint {
    Sum(Traced),
    /// Loops add to it.
    InCell {
        cell: u32,
        fresh: bool,
    },
}

impl Adjoint {
    fn get(self) -> Traced {
        match self {
            Adjoint::Sum(sum) => sum,
            Adjoint::InCell { fresh: true, .. } => Traced::NOTHING,
            Adjoint::InCell { cell, .. } => Traced::of_cell(cell),
        }
    }
}

/// Adjoints of results; those of the frontier are added to where they are.
#[derive(Clone, Copy)]
struct TracedAdjoints<'a>(&'a [Cell<Adjoint>]);

impl TracedAdjoints<'_> {
    /// The adjoint of an operand will be added to by a loop, if it is wanted.
    fn keep_in_cell(self, o: u32) {
        if o & UNIFORM != 0 || !self.wants(o) {
            return;
        }
        let place = &self.0[(o & INDEX) as usize];
        if matches!(place.get(), Adjoint::Sum(_)) {
            place.set(Adjoint::InCell { cell: Traced::cell(), fresh: true });
        }
    }

    /// Whether nothing has been added to any of these cells, and each is there once.
    fn all_fresh(self, operands: impl Iterator<Item = u32>) -> bool {
        let mut seen = Vec::new();
        for o in operands.filter(|&o| self.wants(o)) {
            match self.0[(o & INDEX) as usize].get() {
                Adjoint::InCell { cell, fresh: true } => seen.push(cell),
                _ => return false,
            }
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        seen.len() == count
    }

    /// The cell of an operand, for a loop that sets it or adds to it.
    fn cell_to_add_to(self, o: u32, sets: bool) -> Option<u32> {
        let place = &self.0[(o & INDEX) as usize];
        let Adjoint::InCell { cell, fresh } = place.get() else { return None };
        if fresh && !sets {
            Traced::NOTHING.add_to_cell(cell, true);
        }
        place.set(Adjoint::InCell { cell, fresh: false });
        Some(cell)
    }
}

impl Adjoints<Traced> for TracedAdjoints<'_> {
    fn get(self, instruction: usize) -> Traced {
        self.0[instruction].get().get()
    }
    fn wants(self, operand: u32) -> bool {
        operand & PASSIVE == 0
    }
    fn add(self, operand: u32, contribution: Traced) {
        let at = operand & INDEX;
        if operand & UNIFORM != 0 {
            return contribution.accumulate_at(at);
        }
        let place = &self.0[at as usize];
        match place.get() {
            Adjoint::Sum(mut sum) => {
                sum.accumulate(contribution);
                place.set(Adjoint::Sum(sum));
            }
            Adjoint::InCell { cell, fresh } => {
                contribution.add_to_cell(cell, fresh);
                place.set(Adjoint::InCell { cell, fresh: false });
            }
        }
    }
}
