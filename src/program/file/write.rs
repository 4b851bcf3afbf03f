//! A program as bytes.

use super::bytes::{MAGIC, VERSION, Writer, checksum};
use super::error::FileError;
use crate::op::{Arity, Op};
use crate::program::code::{Check, InstVec, Side};
use crate::program::program::Program;
use crate::tape::{CustomCall, Instructions, StoredBy};
use indexmap::IndexSet;

/// Write a program, over rows if it has shared inputs.
pub(super) fn write(program: &Program, shared: Option<usize>) -> Result<Vec<u8>, FileError> {
    let body = &program.body;
    let (code, inputs) = (&body.code, body.inputs as usize);
    let mut out = Writer::default();
    out.0.extend(MAGIC);
    out.u32(VERSION);
    out.u32(u32::from(shared.is_some()));
    let names: IndexSet<Op> = code.insts[inputs..].iter().map(|inst| inst.op).collect();
    out.count(names.len());
    names.iter().for_each(|op| out.text(op.info().name));
    out.f64s(&program.point);
    if let Some(shared) = shared {
        out.count(shared);
    }
    instructions(code, inputs, &names, &mut out);
    out.count(code.calls.len());
    code.calls.iter().try_for_each(|made| call(made, &mut out))?;
    out.u32s(&body.outputs);
    out.count(body.checks.len());
    body.checks.iter().for_each(|made| check(made, &mut out));
    out.count(body.labels.len());
    for (&i, label) in &body.labels {
        out.u32(i);
        out.text(label);
    }
    out.count(program.recorded);
    out.count(program.counts.len());
    for &(pass, left) in &program.counts {
        out.text(&pass.to_string());
        out.count(left);
    }
    let sum = checksum(&out.0);
    out.u64(sum);
    Ok(out.0)
}

/// The columns of operations, operands and constants.
fn instructions(code: &InstVec, inputs: usize, names: &IndexSet<Op>, out: &mut Writer) {
    let (mut operands, mut constants) = (Vec::new(), Vec::new());
    out.count(code.insts.len() - inputs);
    for inst in &code.insts[inputs..] {
        let name = names.get_index_of(&inst.op).expect("every name was collected");
        out.byte(u8::try_from(name).expect("fewer than 256 operations"));
        let read = code.operands(inst);
        match inst.op.arity() {
            Arity::Custom if inst.at[1] > 0 => {}
            Arity::Nary => {
                operands.push(read.len() as u32);
                operands.extend(read);
            }
            _ => operands.extend(read),
        }
        constants.extend(code.constants(inst));
    }
    out.u32s(&operands);
    out.f64s(&constants);
}

fn call(call: &CustomCall, out: &mut Writer) -> Result<(), FileError> {
    let name = call.op.name();
    out.text(name);
    out.u32(call.outputs);
    out.u32(call.inputs);
    let stored = call.op.stored();
    match stored.by {
        StoredBy::Name => out.byte(0),
        StoredBy::OwnName => out.byte(1),
        StoredBy::Nothing => return Err(FileError::Unwritable { name: name.to_string() }),
    }
    let (inputs, variables) = stored.constants.unwrap_or_default();
    out.f64s(inputs);
    if !inputs.is_empty() {
        out.u32s(variables);
    }
    Ok(())
}

fn check(check: &Check, out: &mut Writer) {
    for side in [check.left, check.right] {
        match side {
            Side::Value(i) => {
                out.byte(0);
                out.u32(i);
            }
            Side::Constant(c) => {
                out.byte(1);
                out.f64(c);
            }
        }
    }
    out.text(check.relation.symbol());
    out.byte(u8::from(check.outcome));
    check.recorded.iter().for_each(|&x| out.f64(x));
    out.u32(check.before);
    out.byte(u8::from(check.scope.is_some()));
    out.text(check.scope.as_deref().unwrap_or(""));
}
