//! `gradtape train --target`: a network on a file of one's own.

use crate::failure::{Failure, Outcome, told};
use crate::output::{json, print};
use crate::progress::Bar;
use crate::train::Train;
use crate::{files, plot, ranks};
use clap::Args;
use gradtape::model::{
    Checkpoint, Course, Evaluation, Layer, Loss, Method, ModelError, Plan, Recipe,
};
use gradtape::optim::{Epoch, Training};
use gradtape::ranks::{Communicator, broadcast};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the recipe says, as far as it is given.
#[derive(Args)]
#[group(skip)]
pub struct Settings {
    /// The column to predict
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// The columns to predict it from; all others if not given
    #[arg(long, value_name = "a,b", value_delimiter = ',')]
    inputs: Vec<String>,
    /// The hidden layers: neurons, and what they apply
    #[arg(long, value_name = "32,tanh,16,tanh", value_parser = layers)]
    net: Option<Net>,
    /// What is to become small
    #[arg(long, value_parser = named::<Loss>)]
    loss: Option<Loss>,
    /// The rule by which parameters are changed
    #[arg(long, value_parser = named::<Method>)]
    optimizer: Option<Method>,
    /// The learning rate
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// How the learning rate changes
    #[arg(long, value_parser = named::<Course>)]
    schedule: Option<Course>,
    /// How many rows a step takes; 0 for all
    #[arg(long, value_name = "ROWS")]
    batch: Option<usize>,
    /// How often every row is used, at most
    #[arg(long)]
    epochs: Option<usize>,
    /// Where the random numbers begin
    #[arg(long)]
    seed: Option<u64>,
    /// The shares of rows to train, validate and test on
    #[arg(long, value_name = "0.8,0.2,0", value_parser = shares)]
    split: Option<Shares>,
    /// Stop after so many epochs without a better loss
    #[arg(long, value_name = "EPOCHS")]
    patience: Option<usize>,
    /// Shorten a longer gradient to this
    #[arg(long, value_name = "NORM")]
    clip: Option<f64>,
    /// Cut a larger slope to this
    #[arg(long, value_name = "SLOPE")]
    clip_value: Option<f64>,
    /// Pull the weights towards 0
    #[arg(long, value_name = "DECAY")]
    weight_decay: Option<f64>,
    /// Take numbers as they are
    #[arg(long)]
    no_standardize: bool,
    /// Leave out rows in which a cell is missing
    #[arg(long)]
    drop_missing: bool,
}

#[derive(Clone)]
struct Net(Vec<Layer>);

fn layers(text: &str) -> Result<Net, ModelError> {
    Layer::list(text).map(Net)
}

type Shares = [f64; 3];

fn shares(text: &str) -> Result<Shares, String> {
    let numbers: Vec<Option<f64>> =
        text.split(',').map(|share| share.trim().parse().ok()).collect();
    match numbers[..] {
        [Some(train)] => Ok([train, 1.0 - train, 0.0]),
        [Some(train), Some(validation)] => Ok([train, validation, 0.0]),
        [Some(train), Some(validation), Some(test)] => Ok([train, validation, test]),
        _ => Err("give three numbers that add up to 1, as 0.7,0.2,0.1".into()),
    }
}

/// A choice that has a name.
fn named<T: FromStr<Err = ModelError>>(name: &str) -> Result<T, ModelError> {
    name.parse()
}

impl Settings {
    /// The options that are given, without the number of epochs, which may be another when a training is resumed.
    fn all_given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("--inputs", !self.inputs.is_empty()),
            ("--net", self.net.is_some()),
            ("--loss", self.loss.is_some()),
            ("--optimizer", self.optimizer.is_some()),
            ("--lr", self.lr.is_some()),
            ("--schedule", self.schedule.is_some()),
            ("--batch", self.batch.is_some()),
            ("--epochs", self.epochs.is_some()),
            ("--seed", self.seed.is_some()),
            ("--split", self.split.is_some()),
            ("--patience", self.patience.is_some()),
            ("--clip", self.clip.is_some()),
            ("--clip-value", self.clip_value.is_some()),
            ("--weight-decay", self.weight_decay.is_some()),
            ("--no-standardize", self.no_standardize),
            ("--drop-missing", self.drop_missing),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name)
    }

    /// The first of these options that is given.
    pub fn given(&self) -> Option<&'static str> {
        self.all_given().next()
    }

    fn recipe(&self, target: &str) -> Recipe {
        let mut recipe = Recipe::new(target);
        recipe.inputs.clone_from(&self.inputs);
        if let Some(Net(layers)) = &self.net {
            recipe.layers.clone_from(layers);
        }
        recipe.standardize = !self.no_standardize;
        recipe.drop_missing = self.drop_missing;
        recipe.loss = self.loss;
        recipe.learning_rate = self.lr;
        recipe.patience = self.patience;
        recipe.clip_norm = self.clip;
        recipe.clip_value = self.clip_value;
        let Recipe { method, course, batch, epochs, seed, split, weight_decay, .. } = &mut recipe;
        *method = self.optimizer.unwrap_or(*method);
        *course = self.schedule.unwrap_or(*course);
        *batch = self.batch.unwrap_or(*batch);
        *epochs = self.epochs.unwrap_or(*epochs);
        *seed = self.seed.unwrap_or(*seed);
        *split = self.split.unwrap_or(*split);
        *weight_decay = self.weight_decay.unwrap_or(*weight_decay);
        recipe
    }
}

fn failed(error: impl Into<ModelError>) -> Failure {
    Failure::Misuse(error.into().to_string())
}

/// Train on the ranks that there are. The first prints and writes files; what fails is said by it too.
pub fn run(options: &Train) -> Result<Outcome, Failure> {
    let comm = ranks::join()?;
    let outcome = on_ranks(options, &*comm);
    match comm.size() {
        1 => outcome,
        _ => outcome.map_err(|failure| told(failure, comm.rank() == 0)),
    }
}

fn on_ranks(options: &Train, comm: &dyn Communicator) -> Result<Outcome, Failure> {
    if let Some(option) = options.dosage.given() {
        return Failure::misuse(format!(
            "{option} is for the dosage network: with --target, the rate is --lr and the length --epochs"
        ));
    }
    let Some(data) = &options.data else {
        return Failure::misuse("there are no rows: name a file with --data FILE.csv");
    };
    if !(options.every >= 0.0 && options.every.is_finite()) {
        return Failure::misuse(format!("--every is {}: give seconds, 0 or more", options.every));
    }
    let paths = Paths::new(options);
    let checkpoint = match options.resume {
        false => None,
        true => Some(ranks::on_all(comm, resumed(options, &paths))?),
    };
    let recipe = match (&checkpoint, &options.recipe.target) {
        (Some(checkpoint), _) => checkpoint.recipe().clone(),
        (None, Some(target)) => options.recipe.recipe(target),
        (None, None) => {
            return Failure::misuse("nothing is to be predicted: name a column with --target");
        }
    };
    let plan = plan(options, comm, &recipe, data)?;
    let plan = match &checkpoint {
        Some(checkpoint) => plan.made_by(checkpoint.command()),
        None => plan.made_by(&command()),
    };
    let training = match &checkpoint {
        Some(checkpoint) => plan.resume_on(comm, checkpoint),
        None => plan.training_on(comm),
    };
    let mut training = training.map_err(failed)?;
    let stop = stop_on_ctrl_c()?;
    let work = Work { options, comm, plan: &plan, paths: &paths };
    let stopped = work.train(&mut training, &stop)?;
    let result = match comm.rank() {
        0 => result(options, &plan, &training, &paths, stopped),
        _ => Ok(Outcome::Fine),
    };
    ranks::on_all(comm, result)
}

/// Read the rows, and plan for them. Where every step takes all rows, each rank has its own; batches take any.
///
/// Coded and split, the rows are in the plan; twice a large file may not fit the memory.
fn plan(
    options: &Train,
    comm: &dyn Communicator,
    recipe: &Recipe,
    data: &Path,
) -> Result<Plan, Failure> {
    if comm.size() > 1 && data == Path::new("-") {
        return Failure::misuse("several ranks cannot read the standard input: name a file");
    }
    match recipe.batch {
        0 => recipe.plan_on(comm, &options.reading.read_share(data, comm)?).map_err(failed),
        _ => {
            let own = options.reading.read(data);
            let plan = own.and_then(|table| recipe.plan(&table).map_err(failed));
            ranks::on_all(comm, plan)
        }
    }
}

/// Where the files of a training are.
struct Paths {
    model: PathBuf,
    checkpoint: PathBuf,
}

impl Paths {
    fn new(options: &Train) -> Paths {
        let model = options.model.clone();
        let checkpoint =
            options.checkpoint.clone().unwrap_or_else(|| model.with_extension("checkpoint.json"));
        Paths { model, checkpoint }
    }

    /// The checkpoint last: where it is, the model is that of it or a later one.
    fn save(&self, plan: &Plan, training: &Training<'_>) -> Result<(), Failure> {
        plan.model(training.best_parameters()).save(&self.model).map_err(failed)?;
        plan.checkpoint(training).save(&self.checkpoint).map_err(failed)
    }
}

/// The command line, as far as it says what is trained.
fn command() -> String {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let quoted =
        words.map(|word| match word.is_empty() || word.contains([' ', '\'', '"', '\\', '$']) {
            true => format!("'{}'", word.replace('\'', "'\\''")),
            false => word,
        });
    ["gradtape".to_string()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}

fn resumed(options: &Train, paths: &Paths) -> Result<Checkpoint, Failure> {
    if let Some(option) = options.recipe.given() {
        return Failure::misuse(format!(
            "{option} cannot be changed when a training is resumed: leave it out, or begin anew without --resume"
        ));
    }
    let checkpoint = Checkpoint::load(&paths.checkpoint).map_err(failed)?;
    match &options.recipe.target {
        Some(target) if *target != checkpoint.recipe().target => Failure::misuse(format!(
            "{} predicts `{}`, not `{target}`: leave --target out, or name the checkpoint with --checkpoint",
            paths.checkpoint.display(),
            checkpoint.recipe().target
        )),
        _ => Ok(checkpoint),
    }
}

/// A mark that Ctrl-C sets. Pressed again it ends the process at once.
fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    let handled = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    handled.map_err(|error| Failure::Misuse(format!("Ctrl-C cannot be waited for: {error}")))?;
    Ok(stop)
}

/// A training under way, on one rank.
struct Work<'a> {
    options: &'a Train,
    comm: &'a dyn Communicator,
    plan: &'a Plan,
    paths: &'a Paths,
}

impl Work<'_> {
    /// Train until the end, or until told to stop: then true.
    fn train(&self, training: &mut Training<'_>, stop: &AtomicBool) -> Result<bool, Failure> {
        let Work { options, comm, plan, paths } = *self;
        let tells = !(options.quiet || options.json) && comm.rank() == 0;
        let bar = Bar::new(plan.recipe().epochs, !tells);
        // At once: what cannot be written is known before anything is computed, and a training that is killed in its
        // first seconds can be resumed.
        self.save(training)?;
        let (every, mut saved) = (Duration::try_from_secs_f64(options.every), Instant::now());
        let every = every.unwrap_or(Duration::MAX);
        while training.reason().is_none() {
            let [stops, saves] = self.decided(stop, saved.elapsed() >= every)?;
            if stops {
                self.save(training)?;
                bar.end();
                return Ok(true);
            }
            if saves {
                self.save(training)?;
                saved = Instant::now();
            }
            let step = training.step();
            let epoch = match step {
                Ok(epoch) => epoch,
                Err(error) => {
                    bar.end();
                    // What is best so far is kept; the last checkpoint is from before the failure.
                    if comm.rank() == 0 {
                        plan.model(training.best_parameters())
                            .save(&paths.model)
                            .map_err(failed)?;
                    }
                    return Err(failed(error));
                }
            };
            if let Some(epoch) = epoch {
                bar.set(epoch.epoch, &losses(&epoch));
                if tells && is_shown(epoch.epoch) {
                    bar.line(&epoch.to_string());
                }
            }
        }
        self.save(training)?;
        bar.end();
        Ok(false)
    }

    /// Whether to stop, and whether to save, as the first rank has it: all do the same.
    fn decided(&self, stop: &AtomicBool, is_time: bool) -> Result<[bool; 2], Failure> {
        let own = [stop.load(Ordering::Relaxed), is_time];
        let mut of_first = own.map(|own| f64::from(u8::from(own)));
        broadcast(self.comm, &mut of_first, 0)
            .map_err(|error| Failure::Misuse(error.to_string()))?;
        Ok(of_first.map(|x| x == 1.0))
    }

    /// Write model and checkpoint, which the first rank does for all.
    fn save(&self, training: &Training<'_>) -> Result<(), Failure> {
        let saved = match self.comm.rank() {
            0 => self.paths.save(self.plan, training),
            _ => Ok(()),
        };
        ranks::on_all(self.comm, saved)
    }
}

/// Whether the line of an epoch is printed: 1, 2, 5, 10, 20, 50, ...
fn is_shown(epoch: usize) -> bool {
    let decade = 10_usize.pow(epoch.max(1).ilog10());
    epoch.is_multiple_of(decade) && [1, 2, 5].contains(&(epoch / decade))
}

fn losses(epoch: &Epoch) -> String {
    match epoch.validation_loss {
        Some(loss) => format!("training {:.6} validation {loss:.6}", epoch.training_loss),
        None => format!("training {:.6}", epoch.training_loss),
    }
}

/// What there is to say of a training.
struct Trained<'a> {
    plan: &'a Plan,
    training: &'a Training<'a>,
    paths: &'a Paths,
    tested: Option<Evaluation>,
    stopped: bool,
}

/// Say what came of it, and draw it.
fn result(
    options: &Train,
    plan: &Plan,
    training: &Training<'_>,
    paths: &Paths,
    stopped: bool,
) -> Result<Outcome, Failure> {
    let history = training.history();
    let model = plan.model(training.best_parameters());
    let tested = plan.test().map(|test| model.evaluate(test)).transpose().map_err(failed)?;
    if let Some(path) = &options.plot {
        let curve =
            |loss: fn(&Epoch) -> Option<f64>| history.iter().filter_map(loss).collect::<Vec<f64>>();
        let mut curves = vec![("training", curve(|epoch| Some(epoch.training_loss)))];
        let validation = curve(|epoch| epoch.validation_loss);
        if !validation.is_empty() {
            curves.push(("validation", validation));
        }
        plot::write(path, "epoch", &curves)?;
    }
    if let Some(path) = &options.report {
        let report = plan.report(training).map_err(failed)?;
        files::write(Some(path), &report.html().to_string())?;
    }
    let trained = Trained { plan, training, paths, tested, stopped };
    print(&if options.json { in_json(&trained) } else { in_words(&trained) })?;
    Ok(Outcome::Fine)
}

fn in_words(trained: &Trained<'_>) -> String {
    let Trained { plan, training, paths, tested, stopped } = trained;
    let [train, validate, test] = plan.rows();
    let mut text =
        format!("rows        {train} to train, {validate} to validate, {test} to test\n");
    text += &format!("parameters  {}\n", training.parameters().len());
    let why = match training.reason() {
        Some(reason) => reason.to_string(),
        None => "it was told to".into(),
    };
    text += &format!("epochs      {}, stopped because {why}\n", training.history().len());
    if let Some(best) = training.best() {
        text += &format!("best        epoch {}, loss {:.6}\n", best.epoch, best.loss);
    }
    text += &format!("model       {}\n", paths.model.display());
    if *stopped {
        text += &format!(
            "checkpoint  {}; the same command with --resume goes on\n",
            paths.checkpoint.display()
        );
    }
    if let Some(tested) = tested {
        text += &format!("\nOn the rows to test:\n{tested}");
    }
    text
}

fn in_json(trained: &Trained<'_>) -> String {
    let Trained { plan, training, paths, tested, stopped } = trained;
    let [train, validate, test] = plan.rows();
    let shown = |path: &Path| path.display().to_string();
    let answer = serde_json::json!({
        "rows": { "train": train, "validate": validate, "test": test },
        "parameters": training.parameters().len(),
        "epochs": training.history().len(),
        "steps": training.steps(),
        "stopped": stopped,
        "reason": training.reason().map(|reason| reason.to_string()),
        "best": training.best().map(|best| serde_json::json!({ "epoch": best.epoch, "loss": json(best.loss) })),
        "model": shown(&paths.model),
        "checkpoint": shown(&paths.checkpoint),
        "test": tested.as_ref().map(crate::predict::scores),
    });
    format!("{answer}\n")
}
