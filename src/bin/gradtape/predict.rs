//! `gradtape predict` and `gradtape evaluate`: what a model says about the rows of a file, and how far off it is.

use crate::failure::{Failure, Outcome};
use crate::files;
use crate::output::{json, number, print};
use crate::table::TableFile;
use clap::Args;
use gradtape::data::Dataset;
use gradtape::model::{Evaluation, Model, ModelError, Prediction, Scores};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Example: gradtape predict model.json --data new.csv -o predicted.csv")]
pub struct Predict {
    /// The model, as `gradtape train` wrote it
    #[arg(value_name = "MODEL.json")]
    model: PathBuf,
    #[command(flatten)]
    table: TableFile,
    /// Write to a file and not to the standard output
    #[arg(short, long, value_name = "FILE.csv")]
    output: Option<PathBuf>,
    /// Print the probability of every class
    #[arg(long)]
    probabilities: bool,
    /// Print JSON, a line for each row
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Example: gradtape evaluate model.json --data test.csv")]
pub struct Evaluate {
    /// The model, as `gradtape train` wrote it
    #[arg(value_name = "MODEL.json")]
    model: PathBuf,
    #[command(flatten)]
    table: TableFile,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn failed(error: ModelError) -> Failure {
    Failure::Misuse(error.to_string())
}

pub fn predict(options: &Predict) -> Result<Outcome, Failure> {
    let model = Model::load(&options.model).map_err(failed)?;
    let data = options.table.read()?;
    let prediction = model.predict(&data).map_err(failed)?;
    let columns = columns(&model, &prediction, options.probabilities)?;
    let text = match options.json {
        true => lines(&columns, data.rows()),
        false => table(&data, &columns)?,
    };
    files::write(options.output.as_deref(), &text)?;
    Ok(Outcome::Fine)
}

pub fn evaluate(options: &Evaluate) -> Result<Outcome, Failure> {
    let model = Model::load(&options.model).map_err(failed)?;
    let data = options.table.read()?;
    let evaluation = model.evaluate(&data).map_err(failed)?;
    print(&match options.json {
        true => format!("{}\n", scores(&evaluation)),
        false => evaluation.to_string(),
    })?;
    Ok(Outcome::Fine)
}

/// A column of what is predicted: its name, and a cell for each row, a word or a number.
type Column = (String, Vec<Value>);

fn columns(model: &Model, prediction: &Prediction, all: bool) -> Result<Vec<Column>, Failure> {
    let target = model.target();
    match prediction {
        Prediction::Numbers(_) if all => {
            Failure::misuse(format!("--probabilities: `{target}` is a number and has none"))
        }
        Prediction::Numbers(numbers) => {
            let cells = numbers.iter().map(|&y| json(y)).collect();
            Ok(vec![(format!("predicted {target}"), cells)])
        }
        Prediction::Classes { classes, probabilities } => {
            let best: Vec<(&str, f64)> =
                (0..prediction.rows()).filter_map(|row| prediction.class(row)).collect();
            let named = best.iter().map(|(class, _)| Value::from(*class)).collect();
            let mut columns = vec![(format!("predicted {target}"), named)];
            if all {
                for (place, class) in classes.iter().enumerate() {
                    let column = probabilities.iter().skip(place).step_by(classes.len());
                    columns
                        .push((format!("probability {class}"), column.map(|&p| json(p)).collect()));
                }
            } else {
                columns.push(("probability".into(), best.iter().map(|(_, p)| json(*p)).collect()));
            }
            Ok(columns)
        }
        _ => Failure::misuse("this model predicts what this program does not know"),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.as_f64().map_or_else(|| value.to_string(), number),
    }
}

/// The file with columns behind its own.
fn table(data: &Dataset, columns: &[Column]) -> Result<String, Failure> {
    let wrong =
        |error: csv::Error| Failure::Misuse(format!("the table cannot be written: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names: Vec<&str> = data.names().collect();
    let heads = columns.iter().map(|(name, _)| name.as_str());
    writer.write_record(names.iter().copied().chain(heads)).map_err(wrong)?;
    for row in 0..data.rows() {
        let mut record = Vec::with_capacity(names.len() + columns.len());
        for name in &names {
            let text = data.text(row, name).map_err(|error| Failure::Misuse(error.to_string()))?;
            record.push(text.unwrap_or_default().into_owned());
        }
        record.extend(columns.iter().map(|(_, cells)| cell(&cells[row])));
        writer.write_record(&record).map_err(wrong)?;
    }
    let bytes = writer.into_inner().map_err(|error| wrong(error.into_error().into()))?;
    String::from_utf8(bytes).map_err(|error| Failure::Misuse(error.to_string()))
}

/// An object for each row, on a line of its own.
fn lines(columns: &[Column], rows: usize) -> String {
    let line = |row: usize| {
        let fields = columns.iter().map(|(name, cells)| (name.clone(), cells[row].clone()));
        Value::Object(fields.collect()).to_string() + "\n"
    };
    (0..rows).map(line).collect()
}

/// How far off a model is, in JSON.
pub fn scores(evaluation: &Evaluation) -> Value {
    let mut answer = serde_json::json!({ "rows": evaluation.rows, "loss": json(evaluation.loss) });
    match &evaluation.scores {
        Scores::Numbers { rmse, mae, r_squared } => {
            answer["rmse"] = json(*rmse);
            answer["mae"] = json(*mae);
            answer["r_squared"] = json(*r_squared);
        }
        Scores::Classes { accuracy, classes, confusion } => {
            answer["accuracy"] = json(*accuracy);
            answer["classes"] = classes.clone().into();
            answer["confusion"] = confusion.clone().into();
        }
        _ => {}
    }
    answer
}
