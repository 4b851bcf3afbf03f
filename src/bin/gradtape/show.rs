//! `explain`, `table`, `svg`, `dot`, `mermaid`, `report`, `check`: what the inspector makes of an expression or a report.

use crate::failure::{Failure, Outcome};
use crate::files::write;
use crate::function::Source;
use crate::output::{paints, print, width};
use clap::{Args, ValueEnum};
use gradtape::Node;
use gradtape::inspect::{Finding, Report, Severity, UnknownName};
use gradtape::op::Op;
use serde_json::{Value, json};
use std::fmt::Display;
use std::path::PathBuf;

/// Where the result goes.
#[derive(Args)]
struct Output {
    /// Write to a file instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Output {
    /// Write a result, with a newline at its end.
    fn write(&self, result: impl Display) -> Result<Outcome, Failure> {
        let mut text = result.to_string();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        write(self.output.as_deref(), &text).map(|()| Outcome::Fine)
    }
}

/// A name that nothing has; the message says which there are.
fn unknown(error: UnknownName) -> Failure {
    Failure::Misuse(error.to_string())
}

#[derive(Args)]
#[command(after_help = "Example: gradtape explain 'let y = w*x; (y - 3)^2' w=1.5 x=2 --node w")]
pub struct Explain {
    #[command(flatten)]
    source: Source,
    /// Explain these, by name or as %2; else all variables
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    node: Vec<String>,
    /// Show at most so many paths; 0 for none
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    paths: usize,
    /// Contract nothing and leave nothing out
    #[arg(long)]
    full: bool,
    /// Write in ASCII
    #[arg(long)]
    ascii: bool,
    /// Round to so many significant digits
    #[arg(long, value_name = "COUNT", default_value_t = 6)]
    digits: usize,
    /// The longest line; else as the terminal, or 100
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// Print the report in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    output: Output,
}

pub fn explain(options: &Explain) -> Result<Outcome, Failure> {
    let report = options.source.report()?;
    if options.json {
        return options.output.write(report.json());
    }
    let explained = match options.node.is_empty() {
        false => options.node.iter().map(|name| report.explain(name)).collect(),
        true => {
            let is_variable = |&i: &usize| report.nodes[i].op == Op::Input;
            let variables = (0..report.nodes.len()).filter(is_variable);
            Ok(variables.map(|i| report.explain_node(i)).collect::<Vec<_>>())
        }
    };
    let mut parts = Vec::new();
    for mut part in explained.map_err(unknown)? {
        part = part.digits(options.digits).paths(options.paths);
        part = part.width(options.width.unwrap_or_else(width));
        part = if options.full { part.full() } else { part };
        parts.push(if options.ascii { part.ascii() } else { part }.to_string());
    }
    if parts.is_empty() {
        parts.push("there is no variable to explain".into());
    }
    options.output.write(parts.join("\n\n"))
}

/// By which number of a node the rows are sorted.
#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    Value,
    Adjoint,
}

#[derive(Args)]
#[command(after_help = "Example: gradtape table 'let y = w*x; (y - 3)^2' w=1.5 x=2 --digits 17")]
pub struct Table {
    #[command(flatten)]
    source: Source,
    /// Show these nodes only, by name or as %2
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    node: Vec<String>,
    /// Show the nodes of this scope only
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,
    /// Sort by the magnitude of a number, the largest first
    #[arg(long)]
    sort: Option<Sort>,
    /// Show the last node first
    #[arg(long, conflicts_with = "sort")]
    backwards: bool,
    /// Show at most so many rows; 0 for all
    #[arg(long, value_name = "COUNT", default_value_t = 60)]
    rows: usize,
    /// Round to so many significant digits
    #[arg(long, value_name = "COUNT", default_value_t = 6)]
    digits: usize,
    /// The longest line; else as the terminal, or 100
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// Print the report in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    output: Output,
}

pub fn table(options: &Table) -> Result<Outcome, Failure> {
    let report = options.source.report()?;
    if options.json {
        return options.output.write(report.json());
    }
    let mut table = report.table().digits(options.digits).rows(options.rows);
    table = table.width(options.width.unwrap_or_else(width));
    table = table.color(paints() && options.output.output.is_none());
    if !options.node.is_empty() {
        table = table.wrt(&options.node).map_err(unknown)?;
    }
    if let Some(scope) = &options.scope {
        table = table.scope(scope).map_err(unknown)?;
    }
    let number: Option<fn(&Node) -> f64> = options.sort.map(|sort| match sort {
        Sort::Value => (|node: &Node| node.value) as fn(&Node) -> f64,
        Sort::Adjoint => |node: &Node| node.adjoint,
    });
    table = match number {
        Some(number) => table.sort_by(number),
        None => table,
    };
    options.output.write(if options.backwards { table.backwards() } else { table })
}

#[derive(Args)]
#[command(after_help = "Example: gradtape svg 'softplus(w*x + b)^2' w=1.5 x=2 b=-1 -o tape.svg")]
pub struct Svg {
    #[command(flatten)]
    source: Source,
    /// Draw the innermost group around this node of a large tape
    #[arg(long, value_name = "NAME")]
    around: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub fn svg(options: &Svg) -> Result<Outcome, Failure> {
    let report = options.source.report()?;
    let mut drawing = report.svg();
    if let Some(name) = &options.around {
        drawing = drawing.around(name).map_err(unknown)?;
    }
    options.output.write(drawing)
}

#[derive(Args)]
#[command(after_help = "Example: gradtape dot 'sin(x*y)' x=1 y=2 | dot -Tsvg -o tape.svg")]
pub struct Dot {
    #[command(flatten)]
    source: Source,
    /// Draw this scope only, and what its edges touch
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,
    /// Round to so many significant digits
    #[arg(long, value_name = "COUNT", default_value_t = 6)]
    digits: usize,
    #[command(flatten)]
    output: Output,
}

pub fn dot(options: &Dot) -> Result<Outcome, Failure> {
    let report = options.source.report()?;
    let mut drawing = report.dot().digits(options.digits);
    if let Some(scope) = &options.scope {
        drawing = drawing.scope(scope).map_err(unknown)?;
    }
    options.output.write(drawing)
}

#[derive(Args)]
#[command(after_help = "Example: gradtape mermaid 'sin(x*y)' x=1 y=2")]
pub struct Mermaid {
    #[command(flatten)]
    source: Source,
    /// Draw this scope only, and what its edges touch
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub fn mermaid(options: &Mermaid) -> Result<Outcome, Failure> {
    let report = options.source.report()?;
    let drawing = match &options.scope {
        Some(scope) => report.mermaid_of(scope),
        None => report.mermaid(),
    };
    options.output.write(drawing.map_err(|error| Failure::Misuse(error.to_string()))?)
}

#[derive(Args)]
#[command(
    after_help = "Example: gradtape report 'softplus(w*x + b)^2' w=1.5 x=2 b=-1 -o page.html"
)]
pub struct Page {
    #[command(flatten)]
    source: Source,
    /// What the page is called; by default as the expression
    #[arg(long)]
    title: Option<String>,
    /// Write the report in JSON, which every other command reads
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    output: Output,
}

pub fn page(options: &Page) -> Result<Outcome, Failure> {
    let mut report = options.source.report()?;
    if let Some(title) = &options.title {
        report = report.title(title);
    }
    match options.json {
        true => options.output.write(report.json()),
        false => options.output.write(report.html()),
    }
}

#[derive(Args)]
#[command(after_help = "Example: gradtape check 'sqrt(sqrt(x - 2))' x=1")]
pub struct Check {
    #[command(flatten)]
    source: Source,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn check(options: &Check) -> Result<Outcome, Failure> {
    let report = options.source.report()?;
    let findings = all_findings(&report);
    let text = match options.json {
        true => format!(
            "{}\n",
            json!({ "findings": findings.iter().map(in_json).collect::<Vec<Value>>() })
        ),
        false if findings.is_empty() => format!("no findings in {} nodes\n", report.nodes.len()),
        false => findings.iter().map(|finding| format!("{finding}\n")).collect(),
    };
    print(&text)?;
    let is_grave = findings.iter().any(|finding| finding.severity != Severity::Note);
    Ok(if is_grave { Outcome::Findings } else { Outcome::Fine })
}

/// What is found now, and what was found when the report was made: that a replay took another branch is not to be seen
/// from the nodes.
fn all_findings(report: &Report) -> Vec<Finding> {
    let mut all = report.detect();
    all.extend(
        report.findings.iter().filter(|known| !all.contains(known)).cloned().collect::<Vec<_>>(),
    );
    all
}

fn in_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code.name(),
        "severity": finding.severity.to_string(),
        "node": finding.node,
        "message": finding.message,
        "advice": finding.advice,
    })
}
