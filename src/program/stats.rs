//! [`Stats`]: how large a program is, and what each pass removed.

use super::{Pass, Program};
use crate::tape::Inst;
use crate::text::counted;
use std::fmt;

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
    pub places: usize,
    /// How many values are kept if derivatives are wanted, each with an adjoint: inputs and instructions.
    pub values: usize,
    /// How many bytes the program takes, without labels and custom operations.
    pub bytes: usize,
}

impl Program {
    /// Say how large the program is, and what each pass removed.
    ///
    /// ```
    /// use gradtape::program::{Pass, Program};
    /// let program = Program::record(&[1.0, 2.0], |x| {
    ///     let _unused = x[0].exp();
    ///     (x[0] * 1.0 + x[1]).sin() * (x[0] + x[1]).sin()
    /// });
    /// let stats = program.stats();
    /// assert_eq!((stats.recorded, stats.instructions), (7, 3)); // add, sin, square
    /// assert_eq!(stats.removed[0], (Pass::Dead, 1));
    /// println!("{stats}");
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (code, values) = (&self.graph.code, self.graph.code.insts.len());
        let left = self.history.iter().map(|&(_, left)| left);
        let removed = self.history.iter().skip(1).zip(left);
        let instructions = values * size_of::<Inst>() + code.pool.len() * 4 + code.data.len() * 8;
        Stats {
            inputs: self.inputs(),
            outputs: self.outputs(),
            recorded: self.history.first().map_or(self.len(), |&(_, recorded)| recorded),
            removed: removed
                .filter_map(|(&(pass, now), before)| Some((pass?, before.saturating_sub(now))))
                .collect(),
            instructions: self.len(),
            guards: self.graph.checks.len(),
            places: self.slots().count,
            values,
            // The instructions are there twice: with all values kept, and with places for few.
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
            let change = match removed {
                0 => "0".to_string(),
                _ => format!("-{removed}"),
            };
            writeln!(f, "{pass:<11} {change:>width$}")?;
        }
        let guards = counted(self.guards, "guard");
        writeln!(f, "now         {now:>width$} {}, {guards}", instructions(now))?;
        let (places, values) = (self.places, self.values);
        writeln!(f, "outputs     {places:>width$} places, {} bytes", 8 * places)?;
        writeln!(f, "derivatives {values:>width$} values and adjoints, {} bytes", 16 * values)?;
        writeln!(f, "program     {:>width$} bytes", self.bytes)
    }
}
