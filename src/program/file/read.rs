//! A program from bytes, of which nothing is trusted.

use super::bytes::{KINDS, MAGIC, Reader, VERSION, checksum};
use super::error::FileError;
use crate::CustomOp;
use crate::linear::by_name;
use crate::op::{Arity, Op};
use crate::program::body::Body;
use crate::program::code::{Check, Side};
use crate::program::passes::Pass;
use crate::program::program::Program;
use crate::tape::{AtConstants, CustomCall, Relation};
use crate::text::quoted;
use std::sync::Arc;

const RELATIONS: [Relation; 6] = [
    Relation::Less,
    Relation::LessEqual,
    Relation::Greater,
    Relation::GreaterEqual,
    Relation::Equal,
    Relation::Unordered,
];

/// Read a program of this kind, and how many of its inputs rows share.
pub(super) fn read(
    bytes: &[u8],
    kind: usize,
    operations: &[Arc<dyn CustomOp>],
) -> Result<(Program, usize), FileError> {
    let (content, stored) = sealed(bytes, kind)?;
    let computed = checksum(content);
    if computed != stored {
        return Err(FileError::Checksum { stored, computed });
    }
    let mut from = Reader::new(content);
    from.at = MAGIC.len() + 8;
    let ops = names(&mut from)?;
    let point = from.f64s("the inputs")?;
    let shared = match kind {
        0 => 0,
        _ => {
            let at = from.at;
            let shared = from.u32("the number of shared inputs")? as usize;
            check_that(shared <= point.len(), at, || {
                format!("{shared} shared inputs of {}", point.len())
            })?;
            shared
        }
    };
    let mut body = Body { inputs: point.len() as u32, ..Body::default() };
    let columns = Columns::read(&mut from, &ops)?;
    let at = from.at;
    let calls = calls(&mut from, operations)?;
    columns.build(&mut body, calls, at)?;
    tail(&mut from, &mut body)?;
    let (recorded, counts) = history(&mut from)?;
    check_that(from.left() == 0, from.at, || format!("{} bytes behind the end", from.left()))?;
    Ok((Program::restored(body, point, recorded, counts), shared))
}

/// Check the frame; return what the checksum is of, and the checksum.
fn sealed(bytes: &[u8], kind: usize) -> Result<(&[u8], u64), FileError> {
    let mut from = Reader::new(bytes);
    if from.take(MAGIC.len(), "the first bytes").ok() != Some(MAGIC) {
        return Err(FileError::NotAProgram);
    }
    let found = from.u32("the version")?;
    if found == 0 || found > VERSION {
        return Err(FileError::Version { found, known: VERSION });
    }
    let found = from.u32("the kind")? as usize;
    if found != kind {
        let found = KINDS.get(found).map_or(format!("of kind {found}"), |kind| kind.to_string());
        return Err(FileError::Kind { found, expected: KINDS[kind] });
    }
    let (at, left) = (from.at, from.left());
    let Some(end) = bytes.len().checked_sub(8).filter(|&end| end >= at) else {
        return Err(FileError::Truncated { at, what: "the checksum", needed: 8, left });
    };
    from.at = end;
    Ok((&bytes[..end], from.u64("the checksum")?))
}

fn check_that(holds: bool, at: usize, what: impl FnOnce() -> String) -> Result<(), FileError> {
    if holds { Ok(()) } else { Err(FileError::Invalid { at, what: what() }) }
}

/// The operations that occur.
fn names(from: &mut Reader<'_>) -> Result<Vec<Op>, FileError> {
    let mut ops = Vec::new();
    for _ in 0..from.count(4, "the names of operations")? {
        let at = from.at;
        let name = from.text("the name of an operation")?;
        let known = |op: &&Op| op.info().name == name && **op != Op::Input;
        match Op::ALL.iter().find(known) {
            Some(&op) => ops.push(op),
            None => return Err(FileError::UnknownOperation { at, name: name.to_string() }),
        }
    }
    Ok(ops)
}

/// The columns of instructions, and where they stand in the file.
struct Columns {
    ops: Vec<Op>,
    operands: Vec<u32>,
    constants: Vec<f64>,
    operands_at: usize,
    constants_at: usize,
}

impl Columns {
    fn read(from: &mut Reader<'_>, names: &[Op]) -> Result<Columns, FileError> {
        let n = from.count(1, "the operations")?;
        let at = from.at;
        let mut ops = Vec::with_capacity(n);
        for (i, &name) in from.take(n, "the operations")?.iter().enumerate() {
            let Some(&op) = names.get(usize::from(name)) else {
                let what = format!("operation {name} of {}", names.len());
                return Err(FileError::Invalid { at: at + i, what });
            };
            ops.push(op);
        }
        let operands_at = from.at + 4;
        let operands = from.u32s("the operands")?;
        let constants_at = from.at + 4;
        let constants = from.f64s("the constants")?;
        Ok(Columns { ops, operands, constants, operands_at, constants_at })
    }

    /// Append the instructions behind the inputs.
    fn build(self, body: &mut Body, calls: Vec<CustomCall>, at: usize) -> Result<(), FileError> {
        let Columns { ops, operands, constants, operands_at, constants_at } = self;
        let code = &mut body.code;
        code.insts.reserve_exact(ops.len() + body.inputs as usize);
        (0..body.inputs).for_each(|_| _ = code.push(Op::Input, &[], &[]));
        let (mut next, mut next_constant) = (0, 0);
        let (mut calls, mut outputs_left) = (calls.into_iter(), 0);
        let mut output = 0;
        for op in ops {
            let own = code.insts.len() as u32;
            let mut take = |n: usize| {
                let taken = operands.get(next..next + n).ok_or_else(|| FileError::Truncated {
                    at: operands_at + 4 * next,
                    what: "the operands of an instruction",
                    needed: 4 * n as u64,
                    left: 4 * (operands.len() - next),
                })?;
                let early = taken.iter().position(|&o| o >= own);
                check_that(early.is_none(), operands_at + 4 * next, || {
                    format!("instruction {own} reads what comes after it")
                })?;
                next += n;
                Ok(taken)
            };
            if op == Op::Custom {
                if outputs_left == 0 {
                    let Some(mut call) = calls.next() else {
                        let what = "more custom operations than calls".to_string();
                        return Err(FileError::Invalid { at, what });
                    };
                    let read = take(call.inputs as usize)?;
                    call.inputs_at = code.pool.len() as u32;
                    code.pool.extend_from_slice(read);
                    (outputs_left, output) = (call.outputs, 0);
                    code.calls.push(call);
                }
                code.push(Op::Custom, &[code.calls.len() as u32 - 1, output], &[]);
                (outputs_left, output) = (outputs_left - 1, output + 1);
                continue;
            }
            let whole = outputs_left == 0;
            check_that(whole, at, || format!("instruction {own} stands inside a custom call"))?;
            let shape = op.terms();
            let (read, kept) = match op.arity() {
                Arity::Leaf => (&[][..], 1),
                Arity::Unary => (take(1)?, 0),
                Arity::Data => (take(1)?, op.constants()),
                Arity::Binary => (take(2)?, 0),
                Arity::Ternary => (take(3)?, 0),
                _ => {
                    let at = operands_at + 4 * next;
                    // Not `take`: a number of operands is no operand.
                    let n = operands.get(next).copied().unwrap_or(0) as usize;
                    next += 1;
                    let terms = n.saturating_sub(usize::from(shape.bias));
                    check_that(terms > 0 && terms.is_multiple_of(shape.operands), at, || {
                        format!("instruction {own} has {n} operands")
                    })?;
                    let taken =
                        operands.get(next..next + n).filter(|all| all.iter().all(|&o| o < own));
                    let Some(taken) = taken else {
                        let what =
                            format!("instruction {own} reads what comes after it, or is cut off");
                        return Err(FileError::Invalid { at, what });
                    };
                    next += n;
                    (taken, if shape.data { terms } else { 0 })
                }
            };
            let at = constants_at + 8 * next_constant;
            let Some(kept) = constants.get(next_constant..next_constant + kept) else {
                let what = format!("instruction {own} has no constants");
                return Err(FileError::Invalid { at, what });
            };
            check_that(may_keep(op, kept), at, || {
                format!("{} cannot have the constant {}", op.info().name, kept[0])
            })?;
            next_constant += kept.len();
            code.push(op, read, kept);
        }
        let unused = operands.len() - next;
        check_that(unused == 0, operands_at, || format!("{unused} operands too many"))?;
        let unused = constants.len() - next_constant;
        check_that(unused == 0, constants_at, || format!("{unused} constants too many"))?;
        check_that(outputs_left == 0 && calls.next().is_none(), at, || {
            "custom calls without all their outputs".to_string()
        })
    }
}

/// Tell whether an operation may have these constants: two take whole numbers.
fn may_keep(op: Op, kept: &[f64]) -> bool {
    match op {
        Op::Powi => f64::from(kept[0] as i32) == kept[0],
        Op::Polygamma => f64::from(kept[0] as u32) == kept[0],
        _ => true,
    }
}

fn calls(
    from: &mut Reader<'_>,
    operations: &[Arc<dyn CustomOp>],
) -> Result<Vec<CustomCall>, FileError> {
    let mut calls = Vec::new();
    for _ in 0..from.count(17, "the custom calls")? {
        let at = from.at;
        let name = from.text("the name of a custom operation")?;
        let outputs = from.u32("the number of its outputs")?;
        let inputs = from.u32("the number of its inputs")?;
        let is_own = flag(from, "whether it is of this library")?;
        let all = from.f64s("its constants")?;
        let variables = match all.is_empty() {
            true => Vec::new(),
            false => from.u32s("the places of its variables")?,
        };
        let count = if all.is_empty() { inputs as usize } else { all.len() };
        let given = |op: &&Arc<dyn CustomOp>| {
            op.name() == name && CustomOp::outputs(&***op) == outputs as usize
        };
        let known = match is_own {
            true => by_name(name, count, outputs as usize),
            false => operations.iter().find(given).cloned(),
        };
        let Some(op) = known else {
            let (name, outputs) = (name.to_string(), outputs as usize);
            return Err(FileError::UnknownCustomOperation { at, name, outputs });
        };
        check_that(outputs > 0, at, || format!("custom operation {} has no output", quoted(name)))?;
        let rising = variables.windows(2).all(|pair| pair[0] < pair[1])
            && variables.last().is_none_or(|&last| (last as usize) < all.len());
        let fits = all.is_empty() || variables.len() == inputs as usize;
        check_that(rising && fits, at, || {
            format!("custom operation {} has variables in the wrong places", quoted(name))
        })?;
        let op = match all.is_empty() {
            true => op,
            false => Arc::new(AtConstants::from_parts(op, all, variables)),
        };
        calls.push(CustomCall { op, inputs_at: 0, inputs, outputs });
    }
    Ok(calls)
}

/// Outputs, guards and labels.
fn tail(from: &mut Reader<'_>, body: &mut Body) -> Result<(), FileError> {
    let len = body.code.insts.len() as u32;
    let at = from.at;
    body.outputs = from.u32s("the outputs")?;
    let outside = body.outputs.iter().find(|&&o| o >= len);
    check_that(outside.is_none(), at, || {
        format!("an output of {len} instructions is not among them")
    })?;
    let mut last = body.inputs;
    for _ in 0..from.count(28, "the guards")? {
        let at = from.at;
        let check = guard(from)?;
        let sides = check.operands().all(|i| i < check.before);
        check_that(sides && check.before >= last && check.before <= len, at, || {
            "a guard stands before what it compares, or out of order".to_string()
        })?;
        last = check.before;
        body.checks.push(check);
    }
    for _ in 0..from.count(8, "the labels")? {
        let at = from.at;
        let i = from.u32("a label's instruction")?;
        check_that(i < len, at, || format!("a label of instruction {i} of {len}"))?;
        let label = from.text("a label")?.to_string();
        check_that(body.labels.insert(i, label).is_none(), at, || {
            format!("a second label of instruction {i}")
        })?;
    }
    Ok(())
}

fn guard(from: &mut Reader<'_>) -> Result<Check, FileError> {
    let mut side = || {
        let at = from.at;
        match from.byte("a side of a guard")? {
            0 => Ok(Side::Value(from.u32("an operand of a guard")?)),
            1 => Ok(Side::Constant(from.f64("a constant of a guard")?)),
            other => {
                Err(FileError::Invalid { at, what: format!("a side of a guard of kind {other}") })
            }
        }
    };
    let (left, right) = (side()?, side()?);
    let at = from.at;
    let symbol = from.text("a relation")?;
    let Some(&relation) = RELATIONS.iter().find(|relation| relation.symbol() == symbol) else {
        return Err(FileError::Invalid {
            at,
            what: format!("there is no relation {}", quoted(symbol)),
        });
    };
    let outcome = flag(from, "the outcome of a guard")?;
    let recorded = [from.f64("a recorded value")?, from.f64("a recorded value")?];
    let before = from.u32("the place of a guard")?;
    let has_scope = flag(from, "whether a guard has a scope")?;
    let scope = from.text("the scope of a guard")?;
    let scope = has_scope.then(|| scope.to_string());
    Ok(Check { left, relation, right, outcome, recorded, before, scope })
}

fn flag(from: &mut Reader<'_>, what: &'static str) -> Result<bool, FileError> {
    let at = from.at;
    match from.byte(what)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(FileError::Invalid { at, what: format!("{what} is {other}") }),
    }
}

fn history(from: &mut Reader<'_>) -> Result<(usize, Vec<(Pass, usize)>), FileError> {
    let recorded = from.u32("the number of recorded instructions")? as usize;
    let mut counts = Vec::new();
    for _ in 0..from.count(8, "the passes")? {
        let at = from.at;
        let name = from.text("the name of a pass")?;
        let Some(&pass) = Pass::ALL.iter().find(|pass| pass.to_string() == name) else {
            return Err(FileError::Invalid {
                at,
                what: format!("there is no pass {}", quoted(name)),
            });
        };
        counts.push((pass, from.u32("the instructions that a pass left")? as usize));
    }
    Ok((recorded, counts))
}
