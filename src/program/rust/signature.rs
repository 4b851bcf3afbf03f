//! The public functions: what they are for, their arguments, and what stands around their lines.

use super::literal::Float;
use super::step::{Item, What};
use crate::program::body::Body;
use std::fmt::Write as _;

/// What a function is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Value,
    Values,
    Gradient,
    /// Value and gradient of a sum over rows.
    Sum,
}

/// A function to be written.
pub(super) struct Function<'a> {
    pub kind: Kind,
    pub body: &'a Body,
    /// How many inputs all rows share, if there are rows.
    pub shared: Option<usize>,
}

impl Function<'_> {
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Value => "value",
            Kind::Values => "values",
            Kind::Gradient => "value_and_gradient",
            Kind::Sum => "sum_and_gradient",
        }
    }

    pub fn documentation(&self) -> &'static str {
        match self.kind {
            Kind::Value => "Compute the value.",
            Kind::Values => "Compute the outputs `y`.",
            Kind::Gradient => "Compute the value, and its derivative by each input.",
            Kind::Sum => {
                "Add up the values of all rows, from the first to the last, and the derivatives by what they share."
            }
        }
    }

    /// How many outputs go to an array, and its name.
    pub fn array(&self) -> (usize, &'static str) {
        match self.kind {
            Kind::Value => (0, "y"),
            Kind::Values => (self.body.outputs.len(), "y"),
            Kind::Gradient | Kind::Sum => (self.body.outputs.len() - 1, "gradient"),
        }
    }

    /// How many outputs are no entries of the array.
    pub fn outputs_before(&self) -> usize {
        usize::from(self.kind != Kind::Values)
    }

    /// The arguments that hold inputs: name, first input, count.
    pub fn arguments(&self) -> Vec<(&'static str, usize, usize)> {
        let inputs = self.body.inputs as usize;
        match self.shared {
            None => vec![("x", 0, inputs)],
            Some(shared) => vec![("shared", 0, shared), ("row", shared, inputs - shared)],
        }
    }

    /// The public function, around its lines.
    pub fn public(&self, float: Float, used: &[&str], lines: &[String]) -> String {
        let float = float.name();
        let (count, array) = self.array();
        let mut parameters = Vec::new();
        for (argument, _, count) in self.arguments() {
            if self.kind == Kind::Sum && argument == "row" {
                parameters.push(format!("rows: &[[{float}; {count}]]"));
                continue;
            }
            let unused = if used.contains(&argument) { "" } else { "_" };
            parameters.push(format!("{unused}{argument}: &[{float}; {count}]"));
        }
        if self.kind != Kind::Value {
            let unused = if count == 0 { "_" } else { "" };
            parameters.push(format!("{unused}{array}: &mut [{float}; {count}]"));
        }
        let result = match (self.kind, self.body.checks.is_empty()) {
            (Kind::Values, true) => String::new(),
            (Kind::Values, false) => " -> Result<(), BranchChanged>".to_owned(),
            (_, true) => format!(" -> {float}"),
            (_, false) => format!(" -> Result<{float}, BranchChanged>"),
        };
        let head = signature(&format!("pub fn {}", self.name()), &parameters, &result);
        let mut text = format!("/// {}\n", self.documentation());
        if !self.body.checks.is_empty() {
            text += "///\n/// The error is a comparison with another outcome than when it was recorded.\n";
        }
        if lines.is_empty() {
            let _ = writeln!(text, "{head}}}");
        } else {
            let _ = write!(text, "{head}\n{}\n}}\n", lines.join("\n"));
        }
        text
    }
}

/// Whether there is a guard among some items.
pub(super) fn has_guards(items: &[Item]) -> bool {
    let mut found = false;
    for item in items {
        item.steps(&mut |step| found |= matches!(step.what, What::Guard(..)));
    }
    found
}

/// The head of the loop over rows: whether it reads them, and whether errors give their numbers.
pub(super) fn loop_over_rows(reads: bool, numbers: bool) -> String {
    let row = if reads { "row" } else { "_" };
    match numbers {
        true => format!("for (at, {row}) in rows.iter().enumerate() {{"),
        false => format!("for {row} in rows {{"),
    }
}

/// The last line of a function.
pub(super) fn returned(result: &str, in_result: bool) -> String {
    match (result, in_result) {
        ("", true) => "Ok(())".into(),
        (result, true) => format!("Ok({result})"),
        (result, false) => result.into(),
    }
}

/// The head of a function, on one line or with a line for each parameter.
pub(super) fn signature(name: &str, parameters: &[String], result: &str) -> String {
    let line = format!("{name}({}){result} {{", parameters.join(", "));
    match line.len() <= 100 {
        true => line,
        false => {
            let each: String = parameters.iter().map(|p| format!("    {p},\n")).collect();
            format!("{name}(\n{each}){result} {{")
        }
    }
}
