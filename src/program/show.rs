//! A program in print: one line an instruction, guards where they are checked.

use super::Program;
use super::code::Code;
use super::guards::{Check, Side};
use crate::op::{Arity, Op};
use crate::tape::{Inst, Instructions};
use crate::text::{counted, number, on_one_line};
use std::fmt;

/// How many terms of an n-ary instruction are written out.
const SHOWN: usize = 8;

/// The column where labels start, unless all lines are shorter.
const COLUMN: usize = 48;

/// A line, and what is known about it.
struct Line {
    text: String,
    note: Option<String>,
}

impl fmt::Display for Program {
    /// Each result is named `%0`, `%1`, ..., the inputs first; labels and scopes stand behind a `;`.
    ///
    /// ```
    /// use gradtape::program::Program;
    /// use gradtape::Real;
    /// let program = Program::record(&[3.0, 4.0], |x| {
    ///     let r = x[0].hypot(x[1]).label("r");
    ///     if r < 10.0 { r * 2.0 } else { r }
    /// });
    /// assert_eq!(program.to_string(), "\
    /// program: 2 inputs, 2 instructions, 1 guard, 1 output
    /// %0 = input
    /// %1 = input
    /// %2 = hypot(%0, %1)     ; r
    /// guard %2 < 10 is true
    /// %3 = %2 * 2
    /// return %3
    /// ");
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            counted(self.inputs(), "input"),
            counted(self.len(), "instruction"),
            counted(self.graph.checks.len(), "guard"),
            counted(self.outputs(), "output"),
        ];
        writeln!(f, "program: {}", counts.join(", "))?;
        let lines = self.lines();
        let width = |line: &Line| line.text.chars().count();
        let column = lines.iter().map(width).max().unwrap_or(0).min(COLUMN) + 2;
        for line in lines {
            match &line.note {
                None => writeln!(f, "{}", line.text)?,
                Some(note) => {
                    let gap = column.saturating_sub(width(&line)).max(2);
                    writeln!(f, "{}{:gap$}; {note}", line.text, "")?;
                }
            }
        }
        let outputs: Vec<String> = self.graph.outputs.iter().map(|&o| name(o)).collect();
        writeln!(f, "return {}", outputs.join(", "))
    }
}

impl Program {
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut checks = self.graph.checks.iter().peekable();
        for (i, &inst) in self.graph.code.insts.iter().enumerate() {
            // What compares inputs alone is checked first of all, and stands below the list of them.
            let due = |check: &&Check| check.before as usize <= i && i >= self.inputs();
            while let Some(check) = checks.next_if(due) {
                lines.push(guard(check));
            }
            let text = format!("%{i} = {}", expression(&self.graph.code, inst));
            let label = self.graph.labels.get(&(i as u32));
            lines.push(Line { text, note: label.map(|label| on_one_line(label)) });
        }
        lines.extend(checks.map(guard));
        lines
    }
}

fn name(i: u32) -> String {
    format!("%{i}")
}

fn guard(check: &Check) -> Line {
    let side = |side| match side {
        Side::Value(i) => name(i),
        Side::Constant(c) => number(c),
    };
    let (left, right) = (side(check.left), side(check.right));
    let text = format!("guard {left} {} {right} is {}", check.relation.symbol(), check.outcome);
    Line { text, note: check.scope.as_ref().map(|path| format!("in {}", on_one_line(path))) }
}

/// What an instruction computes, in its operands' names.
fn expression(code: &Code, inst: Inst) -> String {
    let operands: Vec<String> = code.operands(&inst).iter().map(|&o| name(o)).collect();
    let constants = code.constants(&inst);
    match (inst.op, inst.op.info().arity) {
        (Op::Const, _) => number(constants[0]),
        (Op::Custom, _) => {
            let [call, output, _] = inst.at;
            let call = &code.calls[call as usize];
            let text = format!("{}({})", call.op.name(), listed(&operands, ", "));
            if call.outputs == 1 { text } else { format!("{text}[{output}]") }
        }
        (_, Arity::Nary) => nary(code, inst),
        // x - 2 is kept as x + (-2).
        (Op::AddConst, _) if constants[0] < 0.0 => {
            format!("{} - {}", operands[0], number(-constants[0]))
        }
        _ => inst.op.express(&operands, constants),
    }
}

/// An n-ary instruction with its terms written out.
fn nary(code: &Code, inst: Inst) -> String {
    let terms = code.terms(inst);
    let operands = terms.operands.iter();
    let each: Vec<String> = match inst.op {
        Op::SumSquares => operands.map(|&o| format!("%{o}²")).collect(),
        Op::Dot | Op::Affine => {
            let product = |pair: &[u32]| match pair {
                [x, y] if x == y => format!("%{x}²"),
                pair => pair.iter().map(|&o| name(o)).collect::<Vec<_>>().join(" * "),
            };
            terms.operands.chunks(2).map(product).collect()
        }
        Op::Linear | Op::AffineData => {
            operands.zip(terms.data).map(|(o, &c)| format!("%{o} * {}", number(c))).collect()
        }
        _ => operands.map(|&o| name(o)).collect(),
    };
    match (inst.op, terms.bias) {
        (Op::LogSumExp, _) => format!("log_sum_exp({})", listed(&each, ", ")),
        (_, Some(bias)) => format!("{} + %{bias}", listed(&each, " + ")),
        (_, None) => listed(&each, " + "),
    }
}

/// A list, cut if it is long.
fn listed(all: &[String], between: &str) -> String {
    match all.len().saturating_sub(SHOWN) {
        0 => all.join(between),
        more => format!("{}{between}... and {more} more", all[..SHOWN].join(between)),
    }
}
