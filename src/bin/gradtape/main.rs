//! The command line program `gradtape`: derivatives, reports and training without a line of Rust.
//!
//! It uses what everybody can use of the library. Each command is a file with its arguments and a function `run`.
//!
//! | file | idea |
//! |---|---|
//! | `expression` | the language of expressions |
//! | `function` | an expression with values for its variables |
//! | `failure` | how a command ends, and the exit code of that |
//! | `output` | numbers, tables, JSON, the standard output |
//! | `files` | files read and written whole |
//! | `table` | the table of a file, and its columns |
//! | `reading` | tables read from files |
//! | `ranks` | the processes that train together |
//! | `progress`, `plot` | a bar, and losses as curves |
//! | **commands** | |
//! | `grad`, `at` | value and gradient, at a point or at every row of a file |
//! | `fit` | least squares |
//! | `show` | what an expression or a report looks like, and what is wrong with it |
//! | `train` | what may be said about a training |
//! | `learn` | a network on a file of one's own |
//! | `descent` | the dosage network |
//! | `predict` | what a model says, and how far off it is |
//! | `shell` | completions and the man page |

mod at;
mod descent;
mod expression;
mod failure;
mod files;
mod fit;
mod function;
mod grad;
mod learn;
mod output;
mod plot;
mod predict;
mod progress;
mod ranks;
mod reading;
mod shell;
mod show;
mod table;
mod train;

use clap::{Parser, Subcommand};
use failure::{Failure, Outcome, exit_code};
use std::process::ExitCode;

/// Differentiate expressions, see where a gradient comes from, fit and train.
#[derive(Parser)]
#[command(name = "gradtape", version, max_term_width = 80, disable_help_subcommand = true)]
#[command(help_template = "{about}\n\nUsage: {usage}\n\nCommands:\n{subcommands}{after-help}")]
#[command(after_help = "Example: gradtape grad 'softplus(w*x + b)^2' w=1.5 x=2 b=-1
Exit code: 0 fine, 1 findings or a failed check, 2 misuse")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compute value and gradient of an expression
    Grad(grad::Grad),
    /// Fit a model to data by nonlinear least squares
    Fit(fit::Fit),
    /// Spell out the chain rule of a variable in symbols and numbers
    Explain(show::Explain),
    /// Print all nodes with values, adjoints and local partials
    Table(show::Table),
    /// Draw the nodes as an SVG file
    Svg(show::Svg),
    /// Draw the nodes for Graphviz
    Dot(show::Dot),
    /// Draw the nodes for Mermaid
    Mermaid(show::Mermaid),
    /// Write a page that steps through the nodes
    Report(show::Page),
    /// Look for what is wrong; exit 1 if there are warnings or errors
    Check(show::Check),
    /// Train a network on a CSV file, or the dosage network
    Train(Box<train::Train>),
    /// Predict the target of every row of a CSV file
    Predict(predict::Predict),
    /// Say how far off a model is
    Evaluate(predict::Evaluate),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Print the man page
    Man(shell::Man),
}

fn main() -> ExitCode {
    exit_code(run())
}

fn run() -> Result<Outcome, Failure> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return shell::explained(&error),
    };
    match cli.command {
        Command::Grad(options) => grad::run(&options),
        Command::Fit(options) => fit::run(&options),
        Command::Explain(options) => show::explain(&options),
        Command::Table(options) => show::table(&options),
        Command::Svg(options) => show::svg(&options),
        Command::Dot(options) => show::dot(&options),
        Command::Mermaid(options) => show::mermaid(&options),
        Command::Report(options) => show::page(&options),
        Command::Check(options) => show::check(&options),
        Command::Train(options) => train::run(&options),
        Command::Predict(options) => predict::predict(&options),
        Command::Evaluate(options) => predict::evaluate(&options),
        Command::Completions(options) => shell::completions::<Cli>(&options),
        Command::Man(options) => shell::man::<Cli>(&options),
    }
}
