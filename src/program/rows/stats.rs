//! [`RowStats`]: the size of a program over rows, and what runs it.

use super::choice::Runs;
use super::kind::Kind;
use super::program::RowProgram;
use crate::lanes::Isa;
use crate::program::engine::wrong_environment;
use crate::program::workspace::Workspace;
use crate::text::counted;
use std::fmt;

/// The size of a program over rows, and what runs it. Made by [`RowProgram::stats`]; it prints as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowStats {
    /// How many instructions run once.
    pub uniform: usize,
    /// How many instructions run for every row.
    pub row: usize,
    /// How many uniform results the rows read.
    pub frontier: usize,
    /// How many guards are checked once, and how many for every row.
    pub guards: (usize, usize),
    /// What runs each method. One with several outputs has only `values`.
    pub methods: Vec<MethodStats>,
    /// What is wrong with the environment variable `GRADTAPE_ENGINE`.
    pub warning: Option<&'static str>,
}

/// What runs a method of a program over rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodStats {
    /// The method of [`RowProgram`].
    pub method: &'static str,
    /// The instruction set.
    pub isa: Isa,
    /// The bytes of machine code, of that for the most rows if there is more than one; `None` if the interpreter runs.
    pub code: Option<usize>,
    /// Why.
    pub why: String,
}

impl RowProgram {
    /// Say how large the program is, and what would run each method with this workspace now: it compiles nothing.
    ///
    /// ```
    /// use gradtape::program::{Engine, RowProgram, Workspace};
    /// let line = RowProgram::record(|p, x| p[0].exp() * x[0] + p[1], &[1.0, 0.0], &[0.0]);
    /// let stats = line.stats(&Workspace::new().with_engine(Engine::Interpreter));
    /// assert_eq!((stats.uniform, stats.row, stats.frontier), (1, 1, 2)); // exp; one affine form
    /// assert_eq!(stats.methods[0].method, "values");
    /// assert_eq!((stats.methods[0].code, &*stats.methods[0].why), (None, "asked for"));
    /// println!("{stats}");
    /// ```
    #[must_use]
    pub fn stats(&self, workspace: &Workspace) -> RowStats {
        let (uniform, row) = self.instructions();
        let methods = Kind::ALL
            .into_iter()
            .filter(|&kind| kind == Kind::Outputs || self.program().outputs() == 1);
        let of_method = |kind: Kind| {
            let (code, why) = match self.runs(kind, workspace) {
                Runs::Native { bytes, why } => (Some(bytes), why.to_string()),
                Runs::Interpreter(why) => (None, why),
            };
            // See `Chunks::interpret`.
            let most = if cfg!(native_code) { Isa::Avx2 } else { Isa::Avx512 };
            let isa = if code.is_some() { workspace.isa() } else { workspace.isa().min(most) };
            MethodStats { method: kind.method(), isa, code, why }
        };
        let (frontier, guards) = self.frontier_and_guards();
        let methods = methods.map(of_method).collect();
        RowStats { uniform, row, frontier, guards, methods, warning: wrong_environment() }
    }
}

impl fmt::Display for RowStats {
    /// One line a part and a method, aligned.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |instructions: usize, guards: usize| {
            format!("{}, {}", counted(instructions, "instruction"), counted(guards, "guard"))
        };
        writeln!(f, "once              {}", part(self.uniform, self.guards.0))?;
        writeln!(f, "between           {}", counted(self.frontier, "number"))?;
        writeln!(f, "each row          {}", part(self.row, self.guards.1))?;
        for MethodStats { method, isa, code, why } in &self.methods {
            let what = match code {
                Some(bytes) => format!("native, {isa}, {}", counted(*bytes, "byte")),
                None => format!("interpreter, {isa}"),
            };
            writeln!(f, "{method:<17} {what}: {why}")?;
        }
        self.warning.map_or(Ok(()), |warning| writeln!(f, "{warning}"))
    }
}
