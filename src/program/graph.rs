//! The instructions of a program, and how to walk and rebuild them.

use crate::op::nary::Terms;
use crate::op::{Arity, Op};
use crate::tape::{CustomCall, Relation};
use indexmap::IndexMap;

/// One instruction. Its index is the name of its result; operands have smaller ones.
///
/// What `at` means depends on the operation's arity:
///
/// | arity | `at` |
/// |---|---|
/// | leaf | `Const`: `[_, data, _]`; inputs need nothing, they are the first instructions in order |
/// | unary, binary, ternary | the operands |
/// | data | operand, place of its constants in `data` |
/// | n-ary | place in the pool, number of operands there without the bias, place in `data` |
/// | custom | call, output |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Inst {
    pub op: Op,
    pub at: [u32; 3],
}

/// Instructions with the pools they refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    pub insts: Vec<Inst>,
    /// Operands of n-ary instructions and of custom calls.
    pub pool: Vec<u32>,
    pub data: Vec<f64>,
    pub calls: Vec<CustomCall>,
}

/// One side of a guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    Value(u32),
    Constant(f64),
}

/// A comparison that must come out as it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Check {
    pub left: Side,
    pub relation: Relation,
    pub right: Side,
    pub outcome: bool,
    /// The values of both sides when it was recorded.
    pub recorded: [f64; 2],
    /// The instruction before which it is checked: both sides are there by then.
    pub before: u32,
    /// The path of its scope.
    pub scope: Option<String>,
}

/// A program as the passes see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub code: Code,
    /// The first instructions are the inputs, used or not.
    pub inputs: u32,
    pub outputs: Vec<u32>,
    pub checks: Vec<Check>,
    pub labels: IndexMap<u32, String>,
}

impl Code {
    /// The operands of an instruction in order, a bias last.
    #[inline(always)]
    pub fn operands<'a>(&'a self, inst: &'a Inst) -> &'a [u32] {
        let [at, count, _] = inst.at.map(|n| n as usize);
        match inst.op.arity() {
            Arity::Leaf => &[],
            Arity::Unary | Arity::Data => &inst.at[..1],
            Arity::Binary => &inst.at[..2],
            Arity::Ternary => &inst.at,
            Arity::Nary => &self.pool[at..at + count + usize::from(inst.has_bias())],
            Arity::Custom => self.call_inputs(&self.calls[at]),
        }
    }

    /// The operands of a custom call.
    #[inline]
    pub fn call_inputs(&self, call: &CustomCall) -> &[u32] {
        &self.pool[call.inputs_at as usize..][..call.inputs as usize]
    }

    /// The constants that an instruction keeps.
    pub fn constants(&self, inst: &Inst) -> &[f64] {
        let [_, at, third] = inst.at.map(|n| n as usize);
        match (inst.op, inst.op.arity()) {
            (Op::Clamp, _) => &self.data[at..at + 2],
            (Op::Const, _) | (_, Arity::Data) => &self.data[at..=at],
            (Op::Linear | Op::AffineData, _) => &self.data[third..third + at],
            _ => &[],
        }
    }

    /// The operands of an n-ary instruction.
    #[inline(always)]
    pub fn terms(&self, inst: Inst) -> Terms<'_> {
        let [at, count, data] = inst.at.map(|n| n as usize);
        let weighted = matches!(inst.op, Op::Linear | Op::AffineData);
        Terms {
            operands: &self.pool[at..at + count],
            data: if weighted { &self.data[data..data + count] } else { &[] },
            bias: if inst.has_bias() { Some(self.pool[at + count]) } else { None },
        }
    }

    /// Append an instruction that reads `operands`, and keeps `constants`; return its index.
    pub fn push(&mut self, op: Op, operands: &[u32], constants: &[f64]) -> u32 {
        let index = self.insts.len() as u32;
        let data = self.data.len() as u32;
        let at = match op.arity() {
            Arity::Nary => {
                let pool = self.pool.len() as u32;
                self.pool.extend_from_slice(operands);
                let bias = u32::from(matches!(op, Op::Affine | Op::AffineData));
                [pool, operands.len() as u32 - bias, data]
            }
            Arity::Leaf | Arity::Data => [operands.first().copied().unwrap_or(0), data, 0],
            _ => std::array::from_fn(|i| operands.get(i).copied().unwrap_or(0)),
        };
        self.data.extend_from_slice(constants);
        self.insts.push(Inst { op, at });
        index
    }

    /// Append one output of a custom call, and with the first the call itself; return its index.
    pub fn push_output(
        &mut self,
        call: &CustomCall,
        output: u32,
        inputs: impl IntoIterator<Item = u32>,
    ) -> u32 {
        if output == 0 {
            let (inputs_at, first) = (self.pool.len() as u32, self.insts.len() as u32);
            self.pool.extend(inputs);
            self.calls.push(CustomCall { inputs_at, first, ..call.clone() });
        }
        self.push(Op::Custom, &[self.calls.len() as u32 - 1, output], &[])
    }
}

impl Inst {
    #[inline(always)]
    fn has_bias(self) -> bool {
        matches!(self.op, Op::Affine | Op::AffineData)
    }
}

impl Check {
    /// The operands that are results.
    pub fn operands(&self) -> impl Iterator<Item = u32> {
        [self.left, self.right].into_iter().filter_map(|side| match side {
            Side::Value(i) => Some(i),
            Side::Constant(_) => None,
        })
    }
}

impl Graph {
    /// Count how often each result is read: by instructions, guards and as an output.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.code.insts.len()];
        let read = self.code.insts.iter().flat_map(|inst| self.code.operands(inst));
        read.chain(&self.outputs).for_each(|&i| uses[i as usize] += 1);
        self.checks.iter().flat_map(Check::operands).for_each(|i| uses[i as usize] += 1);
        uses
    }

    /// Count the instructions that compute something.
    pub fn computing(&self) -> usize {
        self.code.insts.len() - self.inputs as usize
    }
}

/// A graph that is being rebuilt from another, instruction by instruction.
pub(super) struct Rebuild<'a> {
    pub from: &'a Graph,
    pub to: Graph,
    /// Where each instruction of `from` went; [`GONE`] if nowhere.
    pub place: Vec<u32>,
    buffer: Vec<u32>,
}

/// The place of an instruction that was dropped.
pub(super) const GONE: u32 = u32::MAX;

impl<'a> Rebuild<'a> {
    /// Start with the inputs in place.
    pub fn new(from: &'a Graph) -> Rebuild<'a> {
        let mut place = vec![GONE; from.code.insts.len()];
        let inputs = from.inputs as usize;
        place.iter_mut().zip(0..from.inputs).for_each(|(place, i)| *place = i);
        let mut to = Graph { inputs: from.inputs, ..Graph::default() };
        to.code.insts.reserve(from.code.insts.len());
        to.code.pool.reserve(from.code.pool.len());
        to.code.data.reserve(from.code.data.len());
        to.code.insts.extend_from_slice(&from.code.insts[..inputs]);
        Rebuild { from, to, place, buffer: Vec::new() }
    }

    /// The instructions to go through.
    pub fn computing(&self) -> std::ops::Range<usize> {
        self.from.inputs as usize..self.from.code.insts.len()
    }

    /// Copy instruction `i` with its operands renumbered.
    #[inline]
    pub fn copy(&mut self, i: usize) -> u32 {
        let inst = self.from.code.insts[i];
        let place = &self.place;
        let at = match inst.op.arity() {
            Arity::Leaf | Arity::Nary | Arity::Custom => return self.copy_pooled(i, inst),
            Arity::Unary => [place[inst.at[0] as usize], 0, 0],
            Arity::Binary => [place[inst.at[0] as usize], place[inst.at[1] as usize], 0],
            Arity::Ternary => inst.at.map(|o| place[o as usize]),
            Arity::Data => {
                let data = self.to.code.data.len() as u32;
                self.to.code.data.extend_from_slice(self.from.code.constants(&inst));
                [place[inst.at[0] as usize], data, 0]
            }
        };
        self.set(i, Inst { op: inst.op, at })
    }

    fn copy_pooled(&mut self, i: usize, inst: Inst) -> u32 {
        let (from, to) = (self.from, &mut self.to.code);
        if inst.op != Op::Custom {
            self.buffer.clear();
            let operands = from.code.operands(&inst).iter();
            self.buffer.extend(operands.map(|&o| self.place[o as usize]));
            let new = to.push(inst.op, &self.buffer, from.code.constants(&inst));
            self.place[i] = new;
            return new;
        }
        let [call, output, _] = inst.at;
        let call = &from.code.calls[call as usize];
        let inputs = from.code.call_inputs(call).iter().map(|&o| self.place[o as usize]);
        let new = to.push_output(call, output, inputs);
        self.place[i] = new;
        new
    }

    /// Put an instruction in the place of `i`.
    #[inline]
    pub fn set(&mut self, i: usize, inst: Inst) -> u32 {
        let new = self.to.code.insts.len() as u32;
        self.to.code.insts.push(inst);
        self.place[i] = new;
        new
    }

    /// Renumber outputs, guards and labels, and give up the new graph.
    pub fn finish(mut self) -> Graph {
        let (from, place) = (self.from, &self.place);
        self.to.outputs = from.outputs.iter().map(|&o| place[o as usize]).collect();
        let side = |side: Side| match side {
            Side::Value(i) => Side::Value(place[i as usize]),
            constant @ Side::Constant(_) => constant,
        };
        if !from.checks.is_empty() {
            // A guard stands before the first instruction after it that is still there.
            let next = place_of_the_next(place, self.to.code.insts.len() as u32);
            let renumber = |check: &Check| Check {
                left: side(check.left),
                right: side(check.right),
                before: next[check.before as usize],
                ..check.clone()
            };
            self.to.checks = from.checks.iter().map(renumber).collect();
            self.to.order_checks();
        }
        for (&i, label) in &from.labels {
            let at = place[i as usize];
            if at != GONE {
                self.to.labels.entry(at).or_insert_with(|| label.clone());
            }
        }
        self.to
    }
}

/// For every old index, and the end, where the first instruction from there on went.
fn place_of_the_next(place: &[u32], end: u32) -> Vec<u32> {
    let mut next = vec![end; place.len() + 1];
    for (i, &at) in place.iter().enumerate().rev() {
        next[i] = if at == GONE { next[i + 1] } else { at.min(next[i + 1]) };
    }
    next
}

impl Graph {
    /// See to it that each guard stands after both its sides, and after those before it: a comparison
    /// inside a branch means nothing if the branch is not taken.
    pub fn order_checks(&mut self) {
        let mut last = 0;
        for check in &mut self.checks {
            last = check.operands().map(|i| i + 1).fold(last.max(check.before), u32::max);
            check.before = last;
        }
    }
}
