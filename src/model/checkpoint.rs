//! [`Checkpoint`]: a training in a file, to go on in another process.

use super::json::{self, Kind};
use super::spread::agree_on;
use super::{ModelError, Plan, Recipe};
use crate::optim::{Training, TrainingState, hash_on};
use crate::ranks::{Communicator, Local};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A training in a file. (The checkpoints of long loops are another thing: see [`checkpoint`](crate::checkpoint).)
///
/// Everything about a training but the data: the recipe, the parameters, what the optimizer remembers, the order of the
/// rows, where in it the training is, the random numbers to come, and the history.
///
/// A training that is stopped after any step, saved, and resumed in another process ends with the same bits as one that
/// was not stopped.
///
/// ```
/// use gradtape::data::Dataset;
/// use gradtape::model::{Checkpoint, Recipe};
///
/// let data = Dataset::new()
///     .with_numbers("x", (0..50).map(f64::from).collect())?
///     .with_numbers("y", (0..50).map(|i| f64::from(i * i)).collect())?;
/// let mut recipe = Recipe::new("y");
/// recipe.epochs = 4;
/// let plan = recipe.plan(&data)?;
///
/// let mut whole = plan.training()?;
/// while whole.epoch()?.is_some() {}
///
/// let mut stopped = plan.training()?;
/// stopped.step()?;
/// let file = plan.checkpoint(&stopped).to_json();
/// // Another process: the recipe is in the file.
/// let checkpoint = Checkpoint::from_json(&file)?;
/// let plan = checkpoint.recipe().plan(&data)?;
/// let mut resumed = plan.resume(&checkpoint)?;
/// while resumed.epoch()?.is_some() {}
/// assert_eq!(resumed.parameters(), whole.parameters());
/// # Ok::<(), gradtape::model::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    format: String,
    version: u64,
    command: String,
    recipe: Recipe,
    /// In hexadecimal digits, for many readers of JSON round whole numbers beyond 2⁵³.
    data: String,
    training: TrainingState,
}

impl Kind for Checkpoint {
    const FORMAT: &'static str = "gradtape checkpoint";
    const VERSION: u64 = 1;
}

impl Checkpoint {
    /// Read the recipe.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Say what made the model, as [`Plan::made_by`] was told.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Write it as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }

    /// Read what [`to_json`](Checkpoint::to_json) wrote. What it says is looked at by [`Plan::resume`].
    ///
    /// # Errors
    /// If it is none, was cut off, or is of another version.
    pub fn from_json(text: &str) -> Result<Checkpoint, ModelError> {
        json::from_text(text)
    }

    /// Write it to a file, as [`write_whole`](super::write_whole) does.
    ///
    /// # Errors
    /// If the file cannot be written; the one that was there before is left then.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelError> {
        json::save(&self.to_json(), path.as_ref())
    }

    /// Read it from a file.
    ///
    /// # Errors
    /// As [`from_json`](Checkpoint::from_json); if the file cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Checkpoint, ModelError> {
        json::load(path.as_ref(), Checkpoint::from_json)
    }
}

impl Plan {
    /// Take down where a training of this plan is.
    #[must_use]
    pub fn checkpoint(&self, training: &Training<'_>) -> Checkpoint {
        Checkpoint {
            format: Checkpoint::FORMAT.into(),
            version: Checkpoint::VERSION,
            command: self.start.command.clone(),
            recipe: self.recipe().clone(),
            data: format!("{:016x}", self.fingerprint()),
            training: training.state(),
        }
    }

    /// Go on where a checkpoint was taken.
    ///
    /// # Errors
    /// If it is of another recipe, or of data of which a number is another; if it was changed so that its parts do not
    /// go together.
    pub fn resume(&self, checkpoint: &Checkpoint) -> Result<Training<'_>, ModelError> {
        self.resume_on(&Local, checkpoint)
    }

    /// The same on every rank of several, which need not be as many as the checkpoint was taken on.
    ///
    /// # Errors
    /// As [`resume`](Plan::resume) and [`training_on`](Plan::training_on); if the checkpoints of the ranks differ.
    pub fn resume_on<'a>(
        &'a self,
        comm: &'a dyn Communicator,
        checkpoint: &Checkpoint,
    ) -> Result<Training<'a>, ModelError> {
        if comm.size() > 1 {
            let written = hash_on(0, checkpoint.to_json().bytes().map(u64::from));
            let written = format!("one with the fingerprint {written:016x}");
            agree_on(comm, "the checkpoint", &written)?;
        }
        if checkpoint.recipe != *self.recipe() {
            return Err(ModelError::Setting(
                "the checkpoint is of another recipe: make the plan from its own".into(),
            ));
        }
        if checkpoint.data != format!("{:016x}", self.fingerprint()) {
            return Err(ModelError::Setting(
                "the data are not those that the checkpoint was taken with: resume with the same file".into(),
            ));
        }
        let mut training = self.training_on(comm)?;
        training.restore(&checkpoint.training)?;
        Ok(training)
    }
}
