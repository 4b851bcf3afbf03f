//! The slow path of recording: constants, other tapes, nodes between two rewinds, growing memory.
//!
//! The fast path, in `store`, checks that the operands are nodes of the active recording, of its newest
//! segment or its first, and writes. Whatever does not fit that comes here; while
//! [locations](super::locations) are remembered, everything does.
//!
//! Where an operation is recorded follows from its operands: on the one tape that they all are on. Only a
//! gradient at constants (`derive/captured.rs`) has a tape that captures variables of tapes older than itself: a
//! leaf stands for each.

use super::guards::{Guard, GuardOperand, Relation};
use super::instructions::Instructions;
use super::live;
use super::misuse;
use super::network::{Evaluation, Source, Unit};
use super::nodes::Nodes;
use super::recording::Recording;
use super::serial::CONSTANT;
use super::store;
use super::var::Var;
use crate::Real;
use crate::op::{Forms, Op};
use std::any::Any;
use std::rc::Rc;

/// Find the one live recording that all of these variables belong to, or that can capture those of the others,
/// and make it active.
///
/// # Panics
/// If a variable is stale or two live on different tapes.
#[track_caller]
pub(crate) fn common_recording(tags: impl IntoIterator<Item = u64>) -> Rc<Recording> {
    let mut home: Option<(Rc<Recording>, u64)> = None;
    for tag in tags.into_iter().filter(|&tag| tag != CONSTANT) {
        match &home {
            Some((recording, _)) if recording.locate(tag).is_some() => {}
            known => match (live::find(tag), known) {
                (None, _) => misuse::stale(tag),
                (Some((other, _)), Some((recording, _))) if recording.captures(&other) => {}
                (Some((recording, _)), Some((other, first))) if !recording.captures(other) => {
                    misuse::foreign(*first, tag)
                }
                (Some((recording, _)), _) => home = Some((recording, tag)),
            },
        }
    }
    match home {
        Some((recording, _)) => {
            recording.assert_not_read("record");
            live::activate(&recording);
            recording
        }
        None => unreachable!("called with a variable that is not constant"),
    }
}

/// The node of an operand; a constant becomes a node of its own.
#[inline]
#[track_caller]
pub(crate) fn operand(recording: &Recording, tag: u64, value: f64) -> u32 {
    match recording.store.index_of(tag) {
        Some(index) => index,
        None => operand_elsewhere(recording, tag, value),
    }
}

/// The node of an operand that is not of the newest segment, nor of the first.
#[track_caller]
fn operand_elsewhere(recording: &Recording, tag: u64, value: f64) -> u32 {
    if tag == CONSTANT {
        let index = recording.len() as u32;
        recording.push(Op::Const, 0, 0, value);
        return index;
    }
    match recording.locate_or_captured(tag) {
        Some(index) => index,
        None => capture(recording, tag),
    }
}

/// Refuse an operation on these operands, with `results` nodes and `others` more numbers in the pools, if the
/// recording has no room for all of it: constants and captured variables become nodes too.
#[track_caller]
pub(crate) fn assert_room<I: IntoIterator<Item = u64>>(
    recording: &Recording,
    tags: impl Fn() -> I,
    results: usize,
    others: usize,
) {
    // There is nearly always room for more than it can be.
    let most = tags().into_iter().count();
    if recording.has_room(most + results + others) {
        return;
    }
    let nodes =
        tags().into_iter().filter(|&tag| recording.locate_or_captured(tag).is_none()).count();
    recording.assert_room(nodes + results, most + others, most);
}

/// Let a leaf stand for a variable of another tape.
#[track_caller]
fn capture(recording: &Recording, tag: u64) -> u32 {
    let Some((home, i)) = live::find(tag).filter(|(home, _)| recording.captures(home)) else {
        misuse::stale(tag)
    };
    let first = recording.captured.borrow().as_ref().and_then(|all| all.keys().next().copied());
    if let Some((first, other)) = first.and_then(|first| Some((first, live::find(first)?.0)))
        && !(Rc::ptr_eq(&home, &other) || home.captures(&other) || other.captures(&home))
    {
        misuse::foreign(first, tag);
    }
    let value = home.read(|nodes| nodes.values[i as usize]);
    let leaf = recording.len() as u32;
    recording.push(Op::Input, 0, 0, value);
    if let Some(captured) = &mut *recording.captured.borrow_mut() {
        captured.insert(tag, leaf);
    }
    leaf
}

#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn unary(op: Op, x: u64, value: f64) -> u64 {
    if x == CONSTANT {
        return CONSTANT;
    }
    let recording = common_recording([x]);
    let x = operand(&recording, x, 0.0);
    recording.push(op, x, 0, value)
}

/// Record what is no operation of two nodes of the active recording: most often a variable with a
/// constant. The caller looks the forms up, where the operation is known to the compiler.
#[inline(never)]
#[track_caller]
pub(crate) fn binary(op: Op, forms: Forms, x: Var, y: Var, value: f64) -> Var {
    // Code that runs on constants alone is not to be slow.
    if x.tag == CONSTANT && y.tag == CONSTANT {
        return Var::constant(value);
    }
    if let (CONSTANT, Some(right)) = (y.tag, forms.right) {
        return x.data(right, [if forms.negates { -y.value } else { y.value }], value);
    }
    if let (CONSTANT, Some(left)) = (x.tag, forms.left) {
        return y.data(left, [x.value], value);
    }
    binary_slow(op, x, y, value)
}

#[cold]
#[inline(never)]
#[track_caller]
fn binary_slow(op: Op, x: Var, y: Var, value: f64) -> Var {
    if x.tag == CONSTANT && y.tag == CONSTANT {
        return Var::constant(value);
    }
    let recording = common_recording([x.tag, y.tag]);
    assert_room(&recording, || [x.tag, y.tag], 1, 0);
    let a = operand(&recording, x.tag, x.value);
    let b = operand(&recording, y.tag, y.value);
    Var { value, tag: recording.push(op, a, b, value) }
}

/// Record one operand with its constants.
#[cold]
#[inline(never)]
#[track_caller]
fn data(op: Op, x: u64, constants: &[f64], value: f64) -> u64 {
    if x == CONSTANT {
        return CONSTANT;
    }
    let recording = common_recording([x]);
    recording.assert_room(1, 0, constants.len());
    let x = operand(&recording, x, 0.0);
    let at = recording.push_data(constants.iter().copied());
    recording.push(op, x, at, value)
}

impl Var {
    #[inline(always)]
    #[track_caller]
    pub(crate) fn unary(self, op: Op, value: f64) -> Var {
        let tag = match store::unary(op, self.tag, value) {
            Some(tag) => tag,
            None => unary(op, self.tag, value),
        };
        Var { value, tag }
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn binary(self, op: Op, other: Var, value: f64) -> Var {
        match store::binary(op, self.tag, other.tag, value) {
            Some(tag) => Var { value, tag },
            None => binary(op, op.forms(), self, other, value),
        }
    }

    /// Record an operation that keeps constants.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn data<const N: usize>(self, op: Op, constants: [f64; N], value: f64) -> Var {
        let tag = match store::data(op, self.tag, constants, value) {
            Some(tag) => tag,
            None => data(op, self.tag, &constants, value),
        };
        Var { value, tag }
    }
}

/// Remember a comparison; one between constants always comes out the same and is not kept.
#[track_caller]
pub(crate) fn remember(left: Var, relation: Relation, right: Var, outcome: bool) {
    let tag = if left.tag == CONSTANT { right.tag } else { left.tag };
    if tag == CONSTANT {
        return;
    }
    // Most often both sides are nodes of the tape that has the fast path.
    let quickly = |recording: &Recording| {
        if !store::is_active(&recording.store) || recording.store.is_being_read() {
            return None;
        }
        let side = |v: Var| match v.tag {
            CONSTANT => Some(GuardOperand::Constant(v.value)),
            tag => Some(GuardOperand::Node(recording.store.index_of(tag)? as usize)),
        };
        let (left, right) = (side(left)?, side(right)?);
        keep_guard(recording, left, relation, right, outcome);
        Some(())
    };
    if live::with(tag, quickly).is_none() {
        remember_slowly(left, relation, right, outcome);
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn remember_slowly(left: Var, relation: Relation, right: Var, outcome: bool) {
    let recording = common_recording([left.tag, right.tag]);
    let side = |v: Var| match v.tag {
        CONSTANT => GuardOperand::Constant(v.value),
        tag => GuardOperand::Node(operand(&recording, tag, v.value) as usize),
    };
    let (left, right) = (side(left), side(right));
    keep_guard(&recording, left, relation, right, outcome);
}

#[inline]
fn keep_guard(
    recording: &Recording,
    left: GuardOperand,
    relation: Relation,
    right: GuardOperand,
    outcome: bool,
) {
    let (at, scope) = (recording.len(), recording.scopes.borrow().innermost());
    recording.annotated.set(true);
    recording.guards.borrow_mut().push(Guard { left, relation, right, outcome, at, scope });
}

/// Write down on its tape a network that ran there. Of other scalars than variables nothing is kept.
pub(crate) fn remember_network<S: Real>(run: &Evaluation<S>) {
    let variable = |x: S| (&x as &dyn Any).downcast_ref::<Var>().copied();
    let Some(run) = run.map(variable) else { return };
    let outputs = run.layers.last().into_iter().flatten().map(|unit| unit.output);
    let found = outputs.filter(|output| !output.is_constant()).find_map(|o| live::find(o.tag));
    let Some((recording, _)) = found else { return };
    let kept = run.map(|x| match x.is_constant() {
        true => Some(Source::Data(x.value)),
        false => recording.locate_or_captured(x.tag).map(|i| Source::Node(i as usize)),
    });
    let Some(mut kept) = kept else { return };
    recording.read(|nodes| {
        kept.layers.iter_mut().flatten().for_each(|unit| find_constants(unit, nodes));
    });
    if !kept.is_complete() {
        return;
    }
    if kept.sample.is_none() {
        let scopes = recording.scopes.borrow();
        kept.sample = scopes.innermost().map(|scope| scopes.all()[scope].name.clone());
    }
    recording.annotated.set(true);
    recording.networks.borrow_mut().push((recording.len(), kept));
}

/// Constants may have become nodes when an affine form was recorded: find those of a unit.
fn find_constants(unit: &mut Unit<Source>, nodes: Nodes<'_>) {
    let Source::Node(form) = unit.form else { return };
    let inst = nodes.inst(form);
    let step = match inst.op {
        Op::Affine => 2,
        Op::AffineData => 1,
        _ => return,
    };
    let operands = nodes.operands(&inst);
    let Some((terms, bias)) = operands.split_at_checked(unit.weights.len() * step) else {
        return;
    };
    let numbers = unit.weights.iter_mut().chain([&mut unit.bias]);
    for (number, operands) in numbers.zip(terms.chunks(step).chain([bias])) {
        // A constant may stand first or second in its pair.
        let &mut Source::Data(x) = number else { continue };
        let is_it = |i: usize| nodes.op(i) == Op::Const && nodes.values[i].to_bits() == x.to_bits();
        if let Some(i) = operands.iter().map(|&o| o as usize).find(|&i| is_it(i)) {
            *number = Source::Node(i);
        }
    }
}
