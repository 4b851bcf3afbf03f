//! `gradtape grad`: value, gradient and Hessian of an expression.

use crate::at;
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::function::{Function, Given};
use crate::output::{aligned, json, number, print};
use clap::Args;
use gradtape::check::CheckError;
use gradtape::program::RustOptions;
use gradtape::{Program, check_gradient, hessian, try_value_and_gradient};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(after_help = "Example: gradtape grad 'softplus(w*x + b)^2' w=1.5 x=2 b=-1")]
pub struct Grad {
    #[command(flatten)]
    given: Given,
    /// Print second derivatives too
    #[arg(long, conflicts_with_all = ["at", "check", "program"])]
    hessian: bool,
    /// Take a point from each row of a CSV file, columns by name, and print a row for each
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["check", "program"])]
    at: Option<PathBuf>,
    /// Compare with forward sweeps and differences; exit 1 if they disagree
    #[arg(long, conflicts_with = "program")]
    check: bool,
    /// Print the frozen program and its statistics
    #[arg(long)]
    program: bool,
    /// Write value and gradient as Rust source, to FILE if one is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-",
        conflicts_with_all = ["hessian", "at", "check", "program", "json"])]
    rust: Option<PathBuf>,
    /// Print JSON; NaN and infinity are the texts "NaN", "inf", "-inf"
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Grad) -> Result<Outcome, Failure> {
    if let Some(path) = &options.at {
        return at::run(&options.given, path, options.json);
    }
    let function = Function::read(&options.given)?;
    let recorded = try_value_and_gradient(|x| function.record(x), &function.point);
    let (value, gradient) = recorded.map_err(|problem| function.failure(&problem))?;
    if options.check {
        return check(&function, options.json);
    }
    if options.program {
        return program(&function, options.json);
    }
    if let Some(path) = &options.rust {
        let program = Program::record(|x| function.labelled(x), &function.point);
        let text = program.to_rust(&RustOptions::new());
        let text = text.or_else(|error| Failure::misuse(error.to_string()))?;
        files::write((path != Path::new("-")).then_some(path), &text)?;
        return Ok(Outcome::Fine);
    }
    let second = options.hessian.then(|| hessian(|x| function.labelled(x), &function.point));
    if options.json {
        let mut answer = answer(&function, value, &gradient);
        if let Some(second) = &second {
            let row = |i: usize| second.row(i).iter().map(|&x| json(x)).collect();
            answer["hessian"] = (0..function.names.len()).map(row).collect::<Vec<Value>>().into();
        }
        print(&format!("{answer}\n"))?;
        return Ok(Outcome::Fine);
    }
    let mut text = format!("value  {}\n", number(value));
    if !function.names.is_empty() {
        let mut rows = vec![["variable", "at", "derivative"].map(String::from).to_vec()];
        for ((name, &x), &derivative) in function.names.iter().zip(&function.point).zip(&gradient) {
            rows.push(vec![name.clone(), number(x), number(derivative)]);
        }
        text += &format!("\n{}", aligned(&rows));
    }
    if let Some(second) = &second {
        let mut rows = vec![vec!["hessian".to_string()]];
        rows[0].extend(function.names.iter().cloned());
        for (i, name) in function.names.iter().enumerate() {
            let mut row = vec![name.clone()];
            row.extend(second.row(i).iter().map(|&x| number(x)));
            rows.push(row);
        }
        text += &format!("\n{}", aligned(&rows));
    }
    print(&text)?;
    Ok(Outcome::Fine)
}

/// Value and gradient in JSON.
pub fn answer(function: &Function, value: f64, gradient: &[f64]) -> Value {
    let each = function.names.iter().zip(&function.point).zip(gradient);
    let variables: Vec<Value> = each
        .map(|((name, &x), &d)| json!({ "name": name, "value": json(x), "derivative": json(d) }))
        .collect();
    json!({ "value": json(value), "variables": variables })
}

fn check(function: &Function, as_json: bool) -> Result<Outcome, Failure> {
    let report = match check_gradient(|x| function.labelled(x), &function.point) {
        Ok(report) => report,
        // The expression has no gradient there, which is what was asked.
        Err(error @ CheckError::NonFiniteValue { .. }) => {
            let text = match as_json {
                true => {
                    format!("{}\n", json!({ "confirmed": false, "verdict": error.to_string() }))
                }
                false => format!("{error}\n"),
            };
            print(&text)?;
            return Ok(Outcome::Findings);
        }
        Err(CheckError::NonFiniteInput { input, value }) => {
            let name = &function.names[input];
            return Failure::misuse(format!(
                "`{name}` is {value}: check the gradient at a finite point"
            ));
        }
        Err(CheckError::Empty) => {
            return Failure::misuse(
                "the expression has no variable: there is no gradient to check",
            );
        }
        Err(error) => return Failure::misuse(error.to_string()),
    };
    let row = |input: &gradtape::check::InputCheck| {
        json!({
            "name": input.name,
            "value": json(input.x),
            "reverse": json(input.reverse),
            "forward": json(input.forward),
            "difference": input.difference.as_ref().map(|difference| json(difference.value)),
            "finding": input.finding,
        })
    };
    print(&match as_json {
        false => report.to_string(),
        true => format!(
            "{}\n",
            json!({
                "confirmed": report.confirmed,
                "verdict": report.verdict,
                "value": json(report.value),
                "variables": report.inputs.iter().map(row).collect::<Vec<Value>>(),
            })
        ),
    })?;
    Ok(if report.confirmed { Outcome::Fine } else { Outcome::Findings })
}

fn program(function: &Function, as_json: bool) -> Result<Outcome, Failure> {
    let program = Program::record(|x| function.labelled(x), &function.point);
    let stats = program.stats();
    print(&match as_json {
        false => format!("{program}\n{stats}"),
        true => format!(
            "{}\n",
            json!({
                "inputs": function.names,
                "recorded": stats.recorded,
                "instructions": stats.instructions,
                "guards": stats.guards,
                "bytes": stats.bytes,
                "text": program.to_string(),
            })
        ),
    })?;
    Ok(Outcome::Fine)
}
