//! What is printed, before it is printed: steps, each an instruction, a guard or an output, and loops of them.
//!
//! Every number of a step that may change from turn to turn of a loop is a [`Place`]: a base and a stride for each
//! loop around it. The results of a program are numbered as its instructions are, so `v[place]` is a result.

use crate::op::{Arity, Op};
use crate::program::body::Body;
use crate::program::code::Side;
use crate::tape::{Inst, Instructions, Relation};

/// How deep loops may stand in each other.
pub(super) const LEVELS: usize = 3;

/// The most terms that are written out; more are a loop.
pub(super) const WRITTEN_OUT: usize = 8;

/// A number that grows evenly from turn to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub base: i64,
    /// By how much it grows from one turn of the loop of each level to the next; level 0 is the innermost.
    pub strides: [i64; LEVELS],
}

impl Place {
    pub fn at(base: usize) -> Place {
        Place { base: base as i64, strides: [0; LEVELS] }
    }

    /// The number in one turn.
    pub fn in_turn(&self, turn: &[i64; LEVELS]) -> i64 {
        self.base + self.strides.iter().zip(turn).map(|(stride, t)| stride * t).sum::<i64>()
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Compute an instruction, whose number is the step's own.
    Compute(Op),
    /// Compare, and give up unless the outcome is this. The step's own number is that of the guard. The flags tell which
    /// sides are constants.
    Guard(Relation, bool, [bool; 2]),
    /// Hand out a result; the step's own number is that of the output.
    Output,
}

/// A constant, and where it stands among all: where it differs from turn to turn, it is read from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant {
    pub value: f64,
    pub at: Place,
    pub varies: bool,
}

/// How the operands of an instruction with many terms are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    /// All are listed.
    Listed,
    /// Listed are those of the first term; the others follow at these strides.
    Even { count: usize, strides: [i64; 2] },
    /// None is listed but the bias: their numbers stand in a table, from this place on.
    Table { count: usize, at: Place },
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub what: What,
    pub own: Place,
    pub operands: Vec<Place>,
    /// Of a long instruction the first constant; the others follow it.
    pub constants: Vec<Constant>,
    pub terms: Terms,
    /// Which operands are variables where the step stands; the others are read from the array.
    pub local: Vec<bool>,
    /// Whether its result is a variable, which later steps read.
    pub named: bool,
    /// Whether its result is written to the array.
    pub stored: bool,
}

impl Step {
    fn new(
        what: What,
        own: usize,
        operands: Vec<Place>,
        constants: Vec<Constant>,
        terms: Terms,
    ) -> Step {
        let (local, own) = (vec![true; operands.len()], Place::at(own));
        Step { what, own, operands, constants, terms, local, named: false, stored: false }
    }

    /// Whether anything that is written of it is another number in the next turn of a loop.
    pub fn grows(&self, level: usize) -> bool {
        let is_own = self.stored || !matches!(self.what, What::Compute(_));
        let own = is_own.then_some(&self.own);
        let is_long = self.terms != Terms::Listed;
        let constants = self.constants.iter().filter(|constant| constant.varies || is_long);
        let table = match &self.terms {
            Terms::Table { at, .. } => Some(at),
            _ => None,
        };
        let places = self.operands.iter().chain(constants.map(|constant| &constant.at));
        places.chain(own).chain(table).any(|place| place.strides[level] != 0)
    }

    /// The results that all its terms read in one turn, if they are not listed.
    pub fn unlisted(&self, turn: &[i64; LEVELS], table: &[u32]) -> Vec<usize> {
        let of_a_term = match self.what {
            What::Compute(op) => op.terms().operands,
            _ => 0,
        };
        match self.terms {
            Terms::Listed => Vec::new(),
            Terms::Even { count, strides } => {
                let columns = self.operands.iter().zip(strides).take(of_a_term);
                let column = |(first, stride): (&Place, i64)| {
                    let first = first.in_turn(turn);
                    (0..count as i64).map(move |t| (first + stride * t) as usize)
                };
                columns.flat_map(column).collect()
            }
            Terms::Table { count, at } => {
                let at = at.in_turn(turn) as usize;
                table[at..at + count * of_a_term].iter().map(|&o| o as usize).collect()
            }
        }
    }
}

/// A step, or a loop of them.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Step(Step),
    Loop { count: usize, level: usize, body: Vec<Item> },
}

impl Item {
    /// Call a function for every step, once.
    pub fn steps<'a>(&'a self, visit: &mut impl FnMut(&'a Step)) {
        match self {
            Item::Step(step) => visit(step),
            Item::Loop { body, .. } => body.iter().for_each(|item| item.steps(visit)),
        }
    }

    /// Count the statements it takes.
    pub fn statements(&self) -> usize {
        match self {
            Item::Step(_) => 1,
            Item::Loop { body, .. } => 1 + body.iter().map(Item::statements).sum::<usize>(),
        }
    }
}

/// The steps of a body in order: before the instructions those that hold a constant, each guard where both its sides
/// are there, each output behind what it hands out.
pub(super) struct Steps {
    pub steps: Vec<Step>,
    /// The constants of all instructions, then of all guards.
    pub constants: Vec<f64>,
}

impl Steps {
    /// The steps of a body.
    pub fn of(body: &Body) -> Steps {
        let mut constants = body.code.data.clone();
        let sides = body.checks.iter().flat_map(|check| [check.left, check.right]);
        constants.extend(sides.map(|side| match side {
            Side::Constant(c) => c,
            Side::Value(_) => 0.0,
        }));
        let mut all = Steps { steps: Vec::new(), constants };
        let (inputs, count) = (body.inputs as usize, body.code.insts.len());
        let is_const = |i: usize| body.code.insts[i].op == Op::Const;
        let (held, computed): (Vec<usize>, Vec<usize>) =
            (inputs..count).partition(|&i| is_const(i));
        let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (output, &o) in body.outputs.iter().enumerate() {
            outputs[o as usize].push(output);
        }
        let is_ready = |i: usize| i < inputs || is_const(i);
        held.into_iter().for_each(|i| all.compute(body, i));
        let mut checks = body.checks.iter().enumerate().peekable();
        for i in computed {
            while let Some((k, _)) = checks.next_if(|(_, check)| check.before as usize <= i) {
                all.guard(body, k);
            }
            all.compute(body, i);
            outputs[i].iter().for_each(|&output| all.output(output, i));
        }
        checks.for_each(|(k, _)| all.guard(body, k));
        for i in (0..count).filter(|&i| is_ready(i)) {
            outputs[i].iter().for_each(|&output| all.output(output, i));
        }
        all
    }

    fn compute(&mut self, body: &Body, i: usize) {
        let inst = body.code.insts[i];
        let code = &body.code;
        let first = match code.constants(&inst) {
            [] => 0,
            // Where the constants of the instruction begin.
            _ => constants_at(inst),
        };
        let constant = |(k, &value): (usize, &f64)| self.constant(value, first + k);
        let mut constants: Vec<Constant> =
            code.constants(&inst).iter().enumerate().map(constant).collect();
        let listed = || code.operands(&inst).iter().map(|&o| Place::at(o as usize)).collect();
        let shape = inst.op.terms();
        let [pool, in_terms, _] = inst.at.map(|at| at as usize);
        let is_long = inst.op.arity() == Arity::Nary && in_terms > WRITTEN_OUT * shape.operands;
        let (operands, terms) = match is_long {
            false => (listed(), Terms::Listed),
            true => {
                constants.truncate(1);
                let all = code.operands(&inst);
                let (in_terms, bias) = all.split_at(in_terms);
                let count = in_terms.len() / shape.operands;
                let (first, terms) = match even(in_terms, shape.operands) {
                    Some(strides) => (&in_terms[..shape.operands], Terms::Even { count, strides }),
                    None => (&[][..], Terms::Table { count, at: Place::at(pool) }),
                };
                let listed = first.iter().chain(bias).map(|&o| Place::at(o as usize));
                (listed.collect(), terms)
            }
        };
        let what = What::Compute(inst.op);
        self.steps.push(Step::new(what, i, operands, constants, terms));
    }

    fn guard(&mut self, body: &Body, k: usize) {
        let check = &body.checks[k];
        let at = body.code.data.len() + 2 * k;
        let (mut operands, mut constants, mut flags) = (vec![], vec![], [false; 2]);
        for (which, side) in [check.left, check.right].into_iter().enumerate() {
            match side {
                Side::Value(o) => operands.push(Place::at(o as usize)),
                Side::Constant(c) => {
                    constants.push(self.constant(c, at + which));
                    flags[which] = true;
                }
            }
        }
        let what = What::Guard(check.relation, check.outcome, flags);
        self.steps.push(Step::new(what, k, operands, constants, Terms::Listed));
    }

    fn output(&mut self, output: usize, i: usize) {
        let operands = vec![Place::at(i)];
        self.steps.push(Step::new(What::Output, output, operands, Vec::new(), Terms::Listed));
    }

    fn constant(&self, value: f64, at: usize) -> Constant {
        Constant { value, at: Place::at(at), varies: false }
    }
}

/// Where the constants of an instruction begin.
fn constants_at(inst: Inst) -> usize {
    match inst.op.arity() {
        Arity::Nary => inst.at[2] as usize,
        _ => inst.at[1] as usize,
    }
}

/// The strides at which the operands of terms follow each other, if they do evenly.
fn even(operands: &[u32], of_a_term: usize) -> Option<[i64; 2]> {
    let mut strides = [0; 2];
    for (column, stride) in strides.iter_mut().enumerate().take(of_a_term) {
        let mut each = operands.iter().skip(column).step_by(of_a_term).map(|&o| i64::from(o));
        let (first, second) = (each.next()?, each.next()?);
        *stride = second - first;
        let mut last = second;
        for o in each {
            if o - last != *stride {
                return None;
            }
            last = o;
        }
    }
    Some(strides)
}
