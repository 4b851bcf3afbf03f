//! The whole text: its head, the functions for value and gradient, and what they call.

use super::changed::Comparisons;
use super::functions::{all_names, called_by, needs_libm};
use super::literal::Names;
use super::options::{RustError, RustOptions};
use super::roll::rolled;
use super::signature::{Function, Kind};
use super::step::{Step, Steps, Terms, What};
use super::{array, variables};
use crate::op::Op;
use crate::program::body::Body;
use crate::program::passes::{self, Pass};
use crate::program::program::Program;
use crate::program::rows::RowProgram;
use crate::tape::Instructions;
use crate::text::{counted, folded, on_one_line};
use std::fmt::Write as _;

/// How many names the head lists.
const LISTED: usize = 24;

impl Program {
    /// Write the program as Rust source that depends on no crate, formatted as `rustfmt` does it by default.
    ///
    /// A program with one output becomes
    ///
    /// ```text
    /// pub fn value(x: &[f64; 3]) -> f64
    /// pub fn value_and_gradient(x: &[f64; 3], gradient: &mut [f64; 3]) -> f64
    /// ```
    ///
    /// and one with several `pub fn values(x: &[f64; 3], y: &mut [f64; 2])`. If it has guards they return a `Result`, and
    /// `BranchChanged` tells which comparison had another outcome than when it was recorded; what was written to `gradient`
    /// or `y` is then of no use. Variables are named after labels: their first letters and digits, small, and a number where
    /// two would be alike. The text is for edition 2021 or later.
    ///
    /// On the same platform, in `f64` and with `std`, values have the bits of the program, and gradients those of
    /// [`value_and_gradient_program`](Program::value_and_gradient_program), which are those of
    /// [`value_and_gradient`](Program::value_and_gradient) but for the sign of a zero.
    ///
    /// The inverse hyperbolic functions, the error functions, `gelu`, `lgamma` and `polygamma` are those of the crate
    /// `libm` also where there is `std`; the first lines of the text say so if it needs that.
    ///
    /// Clippy may complain about such text: put `#[allow(clippy::all)]` before the module that contains it.
    ///
    /// A large program takes memory for its results: an array on the stack, or of more than 8192 numbers a `Vec` if there
    /// is `std`.
    ///
    /// # Errors
    /// If the program calls a custom operation, such as a solution of [`linear`](crate::linear).
    ///
    /// ```
    /// use gradtape::Real;
    /// use gradtape::program::{Program, RustOptions};
    /// let program = Program::record(|x| x[0].label("width").square() * x[1].label("height"), &[2.0, 3.0]);
    /// let text = program.to_rust(&RustOptions::new())?;
    /// assert!(text.ends_with("\
    /// /// Compute the value, and its derivative by each input.
    /// pub fn value_and_gradient(x: &[f64; 2], gradient: &mut [f64; 2]) -> f64 {
    ///     let width = x[0];
    ///     let height = x[1];
    ///     let v2 = width * width;
    ///     let v3 = v2 * height;
    ///     let v4 = width * 2.0;
    ///     let v5 = height * v4;
    ///     gradient[0] = v5;
    ///     gradient[1] = v2;
    ///     v3
    /// }
    /// "));
    /// # Ok::<(), gradtape::program::RustError>(())
    /// ```
    pub fn to_rust(&self, options: &RustOptions) -> Result<String, RustError> {
        Export::new(self, options).of_a_point()
    }
}

impl RowProgram {
    /// Write the program as Rust source that depends on no crate, as [`Program::to_rust`] does.
    ///
    /// One with one output becomes
    ///
    /// ```text
    /// pub fn value(shared: &[f64; 3], row: &[f64; 2]) -> f64
    /// pub fn sum_and_gradient(shared: &[f64; 3], rows: &[[f64; 2]], gradient: &mut [f64; 3]) -> f64
    /// ```
    ///
    /// and one with several `pub fn values(shared: &[f64; 3], row: &[f64; 2], y: &mut [f64; 4])`.
    ///
    /// `sum_and_gradient` adds up all rows from the first to the last, starting from 0, the sum and each slope: not in the
    /// order of [`sum_and_gradient`](RowProgram::sum_and_gradient), which is one for lanes and threads. What shared inputs
    /// alone determine is computed once. Elementary functions are not those of lanes but those of `std`.
    ///
    /// # Errors
    /// As [`Program::to_rust`].
    ///
    /// ```
    /// use gradtape::nn::Dosage;
    /// use gradtape::program::RustOptions;
    /// let text = Dosage::details_2().over_rows().to_rust(&RustOptions::new())?;
    /// assert!(text.contains("pub fn sum_and_gradient("));
    /// # Ok::<(), gradtape::program::RustError>(())
    /// ```
    pub fn to_rust(&self, options: &RustOptions) -> Result<String, RustError> {
        Export::new(self.program(), options).over_rows(self.shared())
    }
}

/// A program that is being written.
struct Export<'a> {
    program: &'a Program,
    options: &'a RustOptions,
    comparisons: Comparisons,
}

impl<'a> Export<'a> {
    fn new(program: &'a Program, options: &'a RustOptions) -> Export<'a> {
        Export { program, options, comparisons: Comparisons::default() }
    }

    /// What outputs and guards depend on, if that has no custom operation.
    fn body(&self) -> Result<Body, RustError> {
        let (body, _) = passes::run(self.program.body.clone(), &[Pass::Dead]);
        match body.code.insts.iter().find(|inst| inst.op == Op::Custom) {
            Some(&inst) => Err(RustError::Custom { name: body.code.name(inst).to_owned() }),
            None => Ok(body),
        }
    }

    /// Write the functions for one point.
    fn of_a_point(mut self) -> Result<String, RustError> {
        let body = &self.body()?;
        if body.outputs.len() != 1 {
            let text = self.function(&Function { kind: Kind::Values, body, shared: None });
            return Ok(self.whole(&text, false));
        }
        let value = self.function(&Function { kind: Kind::Value, body, shared: None });
        let both = self.program.value_and_gradient_program().map_err(RustError::Gradient)?;
        let gradient = Function { kind: Kind::Gradient, body: &both.body, shared: None };
        let gradient = self.function(&gradient);
        Ok(self.whole(&format!("{value}\n{gradient}"), false))
    }

    /// Write the functions for rows that share the first inputs.
    fn over_rows(mut self, shared: usize) -> Result<String, RustError> {
        let (body, shared) = (&self.body()?, Some(shared));
        if body.outputs.len() != 1 {
            let text = self.function(&Function { kind: Kind::Values, body, shared });
            return Ok(self.whole(&text, false));
        }
        let value = self.function(&Function { kind: Kind::Value, body, shared });
        let both = self.program.value_and_gradient_program().map_err(RustError::Gradient)?;
        let mut both = both.body;
        both.outputs.truncate(1 + shared.unwrap_or(0));
        let (both, _) = passes::run(both, &[Pass::Dead]);
        let sum = self.function(&Function { kind: Kind::Sum, body: &both, shared });
        Ok(self.whole(&format!("{value}\n{sum}"), true))
    }

    /// Head, functions, and what they call.
    fn whole(&self, functions: &str, has_rows: bool) -> String {
        let Export { program, options, .. } = self;
        let called = called_by(functions, options.float, options.no_std);
        let float = options.float.name();
        let mut text = format!("// Written by gradtape {}. ", env!("CARGO_PKG_VERSION"));
        let inputs = counted(program.inputs(), "input");
        let _ = writeln!(text, "{inputs}, {}, in {float}.", counted(program.outputs(), "output"));
        let [labels, _] = program.labels();
        let names = labels.iter().enumerate().map(|(i, label)| match label {
            Some(label) => on_one_line(label),
            None => format!("v{i}"),
        });
        if labels.iter().any(Option::is_some) {
            let shown: Vec<String> = names.take(LISTED).collect();
            let more = if labels.len() > LISTED { ", ..." } else { "" };
            for line in folded(&format!("Inputs: {}{more}", shown.join(", ")), 97) {
                let _ = writeln!(text, "// {}", line.trim_end());
            }
        }
        if needs_libm(functions) || needs_libm(&called) {
            text += "// It needs the crate `libm`, 0.2.\n";
        }
        if !self.comparisons.are_none() {
            let names_rows = functions.contains(".in_row(");
            text += &self.comparisons.text(options.float, has_rows, names_rows);
        }
        let _ = write!(text, "\n{functions}{called}");
        text
    }

    /// Write one function, with those that it is split into.
    fn function(&mut self, function: &Function<'_>) -> String {
        let body = function.body;
        let Steps { mut steps, constants } = Steps::of(body);
        for step in &mut steps {
            if let What::Guard(..) = step.what {
                let check = &body.checks[step.own.base as usize];
                step.own.base = self.comparisons.number(body, check) as i64;
            }
        }
        let mut names = Names::new(all_names());
        let label = |i: usize| body.labels.get(&(i as u32)).map(String::as_str);
        let names: Vec<String> =
            (0..body.code.insts.len()).map(|i| names.name(i, label(i))).collect();
        let is_short = |step: &Step| matches!(step.terms, Terms::Listed);
        let is_small = steps.len() <= self.options.statements && steps.iter().all(is_short);
        let (once, each) = divided(function, steps);
        let text = match is_small {
            true => variables::written(function, self.options.float, &names, [once, each]),
            false => {
                let items = [once, each].map(|steps| rolled(steps, &constants));
                array::written(function, self.options, &names, items)
            }
        };
        [self.tables(function, &text, &constants), text].concat()
    }

    /// The tables that the text of a function reads.
    fn tables(&self, function: &Function<'_>, text: &str, constants: &[f64]) -> String {
        let prefix = function.name().to_uppercase();
        let float = self.options.float;
        let mut tables = String::new();
        let mut table = |name: &str, of: &str, entries: Vec<String>| {
            let name = format!("{prefix}_{name}");
            if !text.contains(&name) {
                return;
            }
            let _ =
                writeln!(tables, "#[rustfmt::skip]\nstatic {name}: [{of}; {}] = [", entries.len());
            for entries in entries.chunks(8) {
                let _ = writeln!(tables, "    {},", entries.join(", "));
            }
            tables += "];\n\n";
        };
        if text.contains("_DATA") {
            let entries = constants.iter().map(|&c| float.literal(c)).collect();
            table("DATA", float.name(), entries);
        }
        if text.contains("_TERMS") {
            let entries = function.body.code.pool.iter().map(u32::to_string).collect();
            table("TERMS", "usize", entries);
        }
        tables
    }
}

/// Divide the steps of a sum over rows into what is done once, and what is done for each row. Of any other function there is
/// one part.
fn divided(function: &Function<'_>, steps: Vec<Step>) -> (Vec<Step>, Vec<Step>) {
    let (Kind::Sum, Some(shared)) = (function.kind, function.shared) else {
        return (steps, Vec::new());
    };
    let Body { code, inputs, .. } = function.body;
    let mut on_rows = vec![false; code.insts.len()];
    on_rows[shared..*inputs as usize].fill(true);
    for (i, inst) in code.insts.iter().enumerate().skip(*inputs as usize) {
        on_rows[i] = code.operands(inst).iter().any(|&o| on_rows[o as usize]);
    }
    steps.into_iter().partition(|step| match step.what {
        What::Compute(_) => !on_rows[step.own.base as usize],
        What::Guard(..) => step.operands.iter().all(|o| !on_rows[o.base as usize]),
        What::Output => false,
    })
}
