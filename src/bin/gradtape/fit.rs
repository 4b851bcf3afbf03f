//! `gradtape fit`: nonlinear least squares of a model that is an expression.

use crate::expression::{Expression, Problem, parse, suggestion};
use crate::failure::{Failure, Outcome, seen};
use crate::function::{named_value, text_of};
use crate::output::{json, print};
use crate::table::{TableFile, computed, numbers};
use clap::Args;
use gradtape::data::Dataset;
use gradtape::optim::{FitError, FitErrorKind, LeastSquares, LeastSquaresFit};
use gradtape::program::Rows;
use gradtape::{Tape, Var};
use serde_json::{Value, json};
use std::ops::Bound;

#[derive(Args)]
#[command(override_usage = "gradtape fit --data <FILE.csv> --model <EXPRESSION>
                    --target <COLUMN> --start <VALUES> [OPTIONS]")]
#[command(after_help = "Example: gradtape fit --data misra1a.csv --model 'a*(1-exp(-b*x))' \\
                      --target y --start a=500,b=0.0001")]
pub struct Fit {
    #[command(flatten)]
    table: TableFile,
    /// The expression to fit; @FILE reads it
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    model: String,
    /// What is observed: a column, or an expression such as ln(y)
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    target: String,
    /// Where each parameter starts: a=500,b=1e-4
    #[arg(long, value_name = "VALUES", value_delimiter = ',', required = true)]
    start: Vec<String>,
    /// The least values of parameters: a=0
    #[arg(long, value_name = "VALUES", value_delimiter = ',')]
    lower: Vec<String>,
    /// The greatest values of parameters
    #[arg(long, value_name = "VALUES", value_delimiter = ',')]
    upper: Vec<String>,
    /// Hold these at their starts
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fix: Vec<String>,
    /// Weights of the squares, 1/σ²: a column or an expression
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    weights: Option<String>,
    /// Print JSON, with all digits and the covariance
    #[arg(long)]
    json: bool,
}

/// Values of parameters.
type Limits = Vec<(String, f64)>;

/// A model: an expression, and what each of its names is.
struct Model {
    text: String,
    expression: Expression,
    places: Vec<Place>,
    columns: Vec<String>,
}

#[derive(Clone, Copy)]
enum Place {
    Parameter(usize),
    Column(usize),
}

pub fn run(options: &Fit) -> Result<Outcome, Failure> {
    let read = |texts: &[String]| texts.iter().map(|text| named_value(text)).collect();
    let [starts, lower, upper]: [Result<Limits, _>; 3] =
        [read(&options.start), read(&options.lower), read(&options.upper)];
    let (starts, lower, upper) = (starts?, lower?, upper?);
    let text = text_of(&options.model)?;
    let data = options.table.read()?;
    let model = Model::new(text, &data, &options.target, &starts)?;
    let observed = computed(&data, "--target", &options.target)?;
    let weights =
        options.weights.as_deref().map(|text| computed(&data, "--weights", text)).transpose()?;
    let columns: Result<Vec<&[f64]>, _> =
        model.columns.iter().map(|name| numbers(&data, name)).collect();
    let columns = columns?;
    if columns.is_empty() {
        return Failure::misuse(
            "--model: no column of the data is in it: it is the same for every row",
        );
    }
    let mut rows = Rows::columns(&columns).map_err(|error| Failure::Misuse(error.to_string()))?;
    if let Some(weights) = &weights {
        rows = rows.weighted(weights).map_err(|error| Failure::Misuse(error.to_string()))?;
    }
    model.try_once(&starts, rows)?;
    let named: Vec<(&str, f64)> =
        starts.iter().map(|(name, start)| (name.as_str(), *start)).collect();
    let problem = LeastSquares::new(|p, x| model.record(p, x), rows, &observed, &named);
    let problem = problem.and_then(|problem| options.limited(problem, &lower, &upper));
    let fit = match problem.map_err(refused)?.fit() {
        Ok(fit) => fit,
        Err(error) => return Err(refused(error)),
    };
    print(&if options.json { in_json(&fit) } else { format!("{fit}\n") })?;
    Ok(Outcome::Fine)
}

/// A fit that found no optimum did its work; any other could not begin.
fn refused(error: FitError) -> Failure {
    match error.kind {
        FitErrorKind::Unconverged(_) => Failure::Unconverged(error.to_string()),
        _ => Failure::Misuse(error.to_string()),
    }
}

impl Fit {
    /// Set bounds, and what is held.
    fn limited<'a>(
        &self,
        mut problem: LeastSquares<'a>,
        lower: &Limits,
        upper: &Limits,
    ) -> Result<LeastSquares<'a>, FitError> {
        let find = |list: &Limits, name: &str| {
            let found = list.iter().find(|(known, _)| known == name);
            found.map_or(Bound::Unbounded, |(_, limit)| Bound::Included(*limit))
        };
        let mut names: Vec<&String> = lower.iter().chain(upper).map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        for name in names {
            problem = problem.bounds(name, (find(lower, name), find(upper, name)))?;
        }
        for name in &self.fix {
            problem = problem.fixed(name)?;
        }
        Ok(problem)
    }
}

impl Model {
    /// Tell columns and parameters apart: what is no column must have a start.
    fn new(
        text: String,
        data: &Dataset,
        target: &str,
        starts: &[(String, f64)],
    ) -> Result<Model, Failure> {
        let in_model = |problem: &Problem| match Failure::in_text(problem, &text) {
            Failure::Misuse(message) => Failure::Misuse(format!("--model: {message}")),
            other => other,
        };
        let expression = parse(&text).map_err(|problem| in_model(&problem))?;
        let (mut places, mut columns) = (Vec::new(), Vec::new());
        for (name, at) in &expression.inputs {
            let parameter = starts.iter().position(|(known, _)| known == name);
            let is_column = data.names().any(|known| known == name);
            let message = match parameter {
                _ if name == target => {
                    format!("`{name}` is the target: the model is to predict it")
                }
                Some(_) if is_column => {
                    format!("`{name}` is a column and has a start too: leave the start out")
                }
                Some(parameter) => {
                    places.push(Place::Parameter(parameter));
                    continue;
                }
                None if is_column => {
                    places.push(Place::Column(columns.len()));
                    columns.push(name.clone());
                    continue;
                }
                None => {
                    let known = data.names().chain(starts.iter().map(|(name, _)| name.as_str()));
                    let advice = suggestion(name, known);
                    format!(
                        "`{name}` is no column and has no start: give it one, as --start {name}=1{advice}"
                    )
                }
            };
            return Err(in_model(&Problem { at: at.clone(), message }));
        }
        let used = || expression.inputs.iter().map(|(name, _)| name.as_str());
        if let Some((name, _)) = starts.iter().find(|(name, _)| !used().any(|used| used == name)) {
            let advice = match suggestion(name, used()) {
                none if none.is_empty() => ": leave it out".into(),
                near => near,
            };
            return Failure::misuse(format!(
                "--start: `{}` is not in the model{advice}",
                seen(name)
            ));
        }
        Ok(Model { text, expression, places, columns })
    }

    fn recorded(&self, p: &[Var], x: &[Var]) -> Result<Var, Problem> {
        let input = |place: &Place| match *place {
            Place::Parameter(i) => p[i],
            Place::Column(i) => x[i],
        };
        self.expression.record(&self.places.iter().map(input).collect::<Vec<Var>>())
    }

    /// The prediction for a row; NaN where it cannot be computed.
    #[must_use]
    fn record(&self, p: &[Var], x: &[Var]) -> Var {
        self.recorded(p, x).unwrap_or(Var::constant(f64::NAN))
    }

    /// Say what is wrong with the model, if it cannot be evaluated at the start and the first row.
    fn try_once(&self, starts: &[(String, f64)], rows: Rows<'_>) -> Result<(), Failure> {
        let tape = Tape::new();
        let p = tape.vars(&starts.iter().map(|(_, start)| *start).collect::<Vec<f64>>());
        let x: Vec<f64> = (0..rows.width()).map(|column| rows.get(0, column)).collect();
        let tried = self.recorded(&p, &tape.vars(&x));
        tried.map(|_| ()).map_err(|problem| Failure::in_text(&problem, &self.text))
    }
}

fn in_json(fit: &LeastSquaresFit) -> String {
    let parameters: Vec<Value> = fit
        .parameters
        .iter()
        .map(|p| {
            json!({
                "name": p.name,
                "value": json(p.value),
                "standard_error": p.standard_error.map(json),
                "start": json(p.start),
                "fixed": p.fixed,
            })
        })
        .collect();
    let row = |row: &Vec<f64>| row.iter().map(|&x| json(x)).collect::<Value>();
    let covariance = fit.covariance.as_ref();
    let answer = json!({
        "parameters": parameters,
        "covariance": covariance.ok().map(|rows| rows.iter().map(row).collect::<Value>()),
        "no_covariance_because": covariance.err(),
        "chi_square": json(fit.chi_square),
        "reduced_chi_square": json(fit.reduced_chi_square),
        "r_squared": fit.r_squared.map(json),
        "aic": json(fit.aic),
        "bic": json(fit.bic),
        "rows": fit.residuals.len(),
        "degrees_of_freedom": fit.degrees_of_freedom,
        "evaluations": fit.evaluations,
    });
    format!("{answer}\n")
}
