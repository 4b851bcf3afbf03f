//! `gradtape train` without a target: the dosage network, by gradient descent.

use crate::failure::{Failure, Outcome};
use crate::output::{aligned, json, print};
use crate::progress::Bar;
use crate::table::numbers;
use crate::train::Train;
use crate::{files, plot};
use clap::{Args, ValueEnum};
use gradtape::nn::Dosage;
use gradtape::optim::{Fit, FitError, Sgd};
use std::ops::ControlFlow;

#[derive(Args)]
#[group(skip)]
pub struct Settings {
    /// Which descent of the explanation
    #[arg(long, value_enum, ignore_case = true)]
    recipe: Option<Recipe>,
    /// The learning rate of the dosage network
    #[arg(long)]
    rate: Option<f64>,
    /// How many steps the dosage network takes
    #[arg(long)]
    steps: Option<usize>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Recipe {
    /// b3 alone is unknown
    A,
    /// w3, w4 and b3
    B,
    /// All seven parameters
    C,
}

impl Settings {
    /// The first of these options that is given.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("--recipe", self.recipe.is_some()),
            ("--rate", self.rate.is_some()),
            ("--steps", self.steps.is_some()),
        ];
        given.iter().find(|(_, is_given)| *is_given).map(|(name, _)| *name)
    }
}

pub fn run(options: &Train) -> Result<Outcome, Failure> {
    if let Some(option) = options.recipe.given() {
        return Failure::misuse(format!(
            "{option} is for a network on your own file: name the column to predict with --target, or leave \
             {option} out to train the dosage network"
        ));
    }
    let dosage = network(options)?;
    let bar = Bar::new(dosage.steps, options.quiet || options.json);
    let fitter = dosage.fitter().map_err(failed)?.observer(|record| {
        bar.set(record.step, &format!("SSR {:.6}", record.loss));
        ControlFlow::Continue(())
    });
    let fit = fitter.fit(&mut Sgd::new(dosage.learning_rate), dosage.steps).map_err(failed)?;
    bar.end();
    if let Some(path) = &options.report {
        let page = dosage.report().map_err(failed)?.html().to_string();
        files::write(Some(path), &page)?;
    }
    if let Some(path) = &options.plot {
        let losses: Vec<f64> = fit.history.losses.clone();
        plot::write(path, "step", &[("SSR", losses)])?;
    }
    print(&if options.json { in_json(&dosage, &fit) } else { in_words(&dosage, &fit) })?;
    Ok(Outcome::Fine)
}

fn failed(error: FitError) -> Failure {
    Failure::Misuse(error.to_string())
}

/// The network that the options describe.
fn network(options: &Train) -> Result<Dosage, Failure> {
    let settings = &options.dosage;
    let mut dosage = match settings.recipe.unwrap_or(Recipe::C) {
        Recipe::A => Dosage::main_ideas(),
        Recipe::B => Dosage::details_1(),
        Recipe::C => Dosage::details_2(),
    };
    if let Some(path) = &options.data {
        let data = options.reading.read(path)?;
        let names: Vec<&str> = data.names().collect();
        let [dose, efficacy] = names[..] else {
            return Err(Failure::in_file(
                path,
                format!(
                    "the dosage network takes two columns, dosage and efficacy, and here are {}: leave the others out, \
                     or name the one to predict with --target",
                    names.len()
                ),
            ));
        };
        let rows = numbers(&data, dose)?.iter().zip(numbers(&data, efficacy)?);
        dosage.data = rows.map(|(&dose, &efficacy)| [dose, efficacy]).collect();
    }
    if let Some(rate) = settings.rate {
        dosage.learning_rate = rate;
    }
    if let Some(steps) = settings.steps {
        dosage.steps = steps;
    }
    Ok(dosage)
}

/// The steps to print: all of the first few, then ever fewer, and the last.
fn shown(steps: usize) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..=4).collect();
    let mut decade = 10;
    while decade < steps {
        shown.extend([decade, 2 * decade, 5 * decade]);
        decade = decade.saturating_mul(10);
    }
    shown.retain(|&step| step < steps);
    shown.push(steps);
    shown
}

fn in_words(dosage: &Dosage, fit: &Fit) -> String {
    let count = dosage.data.len();
    let rows = if count == 1 { "row" } else { "rows" };
    let mut text =
        format!("{}\n{count} {rows}, learning rate {}\n\n", dosage.title, dosage.learning_rate);
    let names = dosage.trained_names();
    let mut table = vec![vec!["step".to_string(), "SSR".to_string()]];
    table[0].extend(names.iter().map(ToString::to_string));
    let records = &fit.history.records;
    for step in shown(fit.steps) {
        // Records are thinned where there are many; the nearest one that was kept is shown under its own number.
        let at = records.partition_point(|record| record.step < step).min(records.len() - 1);
        let record = &records[at];
        let mut row = vec![record.step.to_string(), fixed(record.loss)];
        row.extend(record.parameters.iter().map(|&x| fixed(x)));
        if table.last() != Some(&row) {
            table.push(row);
        }
    }
    text += &aligned(&table);
    text += &format!("\nstopped because {}\n\n", fit.reason);
    let mut table = vec![["dosage", "observed", "predicted"].map(String::from).to_vec()];
    for &[dose, observed] in &dosage.data {
        let predicted = dosage.predict(&fit.parameters, dose);
        table.push(vec![dose.to_string(), observed.to_string(), fixed(predicted)]);
    }
    text + &aligned(&table)
}

/// Six decimals, without the sign of what rounds to 0.
fn fixed(x: f64) -> String {
    let text = format!("{x:.6}");
    if text == "-0.000000" { text[1..].to_string() } else { text }
}

fn in_json(dosage: &Dosage, fit: &Fit) -> String {
    let names = dosage.trained_names();
    let parameters: serde_json::Map<String, serde_json::Value> =
        names.iter().zip(&fit.parameters).map(|(name, &x)| (name.to_string(), json(x))).collect();
    let predicted = dosage.data.iter().map(|&[dose, observed]| {
        let predicted = json(dosage.predict(&fit.parameters, dose));
        serde_json::json!({ "dosage": dose, "observed": observed, "predicted": predicted })
    });
    let answer = serde_json::json!({
        "title": dosage.title,
        "steps": fit.steps,
        "reason": fit.reason.to_string(),
        "ssr": json(fit.loss),
        "parameters": parameters,
        "rows": predicted.collect::<Vec<_>>(),
    });
    format!("{answer}\n")
}
