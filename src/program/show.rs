//! A program in print, one line an instruction, and [`Stats`], its size in numbers.

use super::code::{Check, InstVec, Side};
use super::passes::Pass;
use super::program::Program;
use crate::op::Op;
use crate::tape::{Inst, Instructions};
use crate::text::{counted, number, on_one_line};
use std::fmt;

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
    /// use gradtape::{Real, Var};
    /// let norm = |x: &[Var]| {
    ///     let r = x[0].hypot(x[1]).label("r");
    ///     if r < 10.0 { r * 2.0 } else { r }
    /// };
    /// let program = Program::record(norm, &[3.0, 4.0]);
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
            counted(self.body.checks.len(), "guard"),
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
        let outputs: Vec<String> = self.body.outputs.iter().map(|&o| name(o)).collect();
        writeln!(f, "return {}", outputs.join(", "))
    }
}

impl Program {
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut checks = self.body.checks.iter().peekable();
        for (i, &inst) in self.body.code.insts.iter().enumerate() {
            // What compares inputs alone is checked first of all, and stands below the list of them.
            let due = |check: &&Check| check.before as usize <= i && i >= self.inputs();
            while let Some(check) = checks.next_if(due) {
                lines.push(guard(check));
            }
            let text = format!("%{i} = {}", expression(&self.body.code, inst));
            let label = self.body.labels.get(&(i as u32));
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
fn expression(code: &InstVec, inst: Inst) -> String {
    let operands: Vec<String> = code.operands(&inst).iter().map(|&o| name(o)).collect();
    let write = |name: &str| inst.op.express(name, &operands, code.constants(&inst));
    if inst.op != Op::Custom {
        return write(inst.op.info().name);
    }
    let [call, output, _] = inst.at;
    let call = &code.calls[call as usize];
    let text = write(&on_one_line(call.op.name()));
    if call.outputs == 1 { text } else { format!("{text}[{output}]") }
}

/// The size of a program in numbers. Made by [`Program::stats`]; it prints as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// How many inputs there are.
    pub inputs: usize,
    /// How many outputs there are.
    pub outputs: usize,
    /// How many instructions were recorded, without the inputs.
    pub recorded: usize,
    /// How many instructions each pass removed, in the order in which they ran.
    pub removed: Vec<(Pass, usize)>,
    /// How many instructions there are now, without the inputs.
    pub instructions: usize,
    /// How many guards there are.
    pub guards: usize,
    /// How many numbers a workspace holds at a time if only the outputs are wanted.
    pub slots: usize,
    /// How many values are kept if derivatives are wanted, each with an adjoint: inputs and instructions.
    pub values: usize,
    /// How many bytes the program takes, without labels and custom operations.
    pub bytes: usize,
}

impl Program {
    /// Say how large the program is, and what each pass removed.
    ///
    /// ```
    /// use gradtape::Var;
    /// use gradtape::program::{Pass, Program};
    /// let wasteful = |x: &[Var]| {
    ///     let _unused = x[0].exp();
    ///     (x[0] * 1.0 + x[1]).sin() * (x[0] + x[1]).sin()
    /// };
    /// let program = Program::record(wasteful, &[1.0, 2.0]);
    /// let stats = program.stats();
    /// assert_eq!((stats.recorded, stats.instructions), (7, 3)); // add, sin, square
    /// assert_eq!(stats.removed[0], (Pass::Dead, 1));
    /// println!("{stats}");
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (code, values) = (&self.body.code, self.body.code.insts.len());
        let before = std::iter::once(self.recorded).chain(self.counts.iter().map(|&(_, n)| n));
        let removed = self.counts.iter().zip(before);
        let instructions = values * size_of::<Inst>() + code.pool.len() * 4 + code.data.len() * 8;
        Stats {
            inputs: self.inputs(),
            outputs: self.outputs(),
            recorded: self.recorded,
            removed: removed
                .map(|(&(pass, now), before)| (pass, before.saturating_sub(now)))
                .collect(),
            instructions: self.len(),
            guards: self.body.checks.len(),
            slots: self.slots().count,
            values,
            // The instructions are there twice: with all results kept, and with slots.
            bytes: size_of::<Program>() + 2 * instructions + (values + self.outputs()) * 4,
        }
    }
}

impl fmt::Display for Stats {
    /// One line a pass, aligned.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.recorded.max(self.values).max(self.bytes).to_string().len() + 1;
        let instructions = |n: usize| if n == 1 { "instruction" } else { "instructions" };
        let (recorded, now) = (self.recorded, self.instructions);
        writeln!(f, "recorded    {recorded:>width$} {}", instructions(recorded))?;
        for (pass, removed) in &self.removed {
            writeln!(f, "{pass:<11} {removed:>width$} removed")?;
        }
        let guards = counted(self.guards, "guard");
        writeln!(f, "now         {now:>width$} {}, {guards}", instructions(now))?;
        let (slots, values) = (self.slots, self.values);
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        writeln!(f, "outputs     {slots:>width$} slot{}, {} bytes", plural(slots), 8 * slots)?;
        let (s, bytes) = (plural(values), 16 * values);
        writeln!(f, "derivatives {values:>width$} value{s} and adjoint{s}, {bytes} bytes")?;
        writeln!(f, "program     {:>width$} bytes", self.bytes)
    }
}
