//! The report of a training: the network at one of its rows.

use super::Report;
use crate::Tape;
use crate::model::{ModelError, Plan};
use crate::optim::{History, Training};
use crate::text::number;

impl Plan {
    /// Report on a training: the network with the best parameters at the first row that it is trained on, with the loss
    /// of that row and its derivatives, the loss of each epoch as a history, that of validation as another, and as facts how
    /// the training went.
    ///
    /// # Errors
    /// If the network does not fit a tape.
    ///
    /// ```
    /// use gradtape::data::Dataset;
    /// use gradtape::model::Recipe;
    ///
    /// let data = Dataset::new()
    ///     .with_numbers("x", vec![0.0, 1.0, 2.0, 3.0, 4.0])?
    ///     .with_numbers("y", vec![0.0, 1.0, 4.0, 9.0, 16.0])?;
    /// let plan = Recipe::new("y").plan(&data)?;
    /// let mut training = plan.training()?;
    /// training.epoch()?;
    /// let report = plan.report(&training)?;
    /// assert_eq!(report.runs[0].records[0].loss, training.history()[0].training_loss);
    /// assert_eq!(report.network.unwrap().layers.len(), 3); // the inputs, and two layers
    /// assert!(report.nodes.iter().any(|node| node.label.as_deref() == Some("layer 1.weight[0,0]")));
    /// # Ok::<(), gradtape::model::ModelError>(())
    /// ```
    pub fn report(&self, training: &Training<'_>) -> Result<Report, ModelError> {
        let tape = Tape::new();
        let loss = self.on_tape(&tape, training.best_parameters())?;
        let mut report = tape.report(loss).title("A trained network");
        let epochs = training.history();
        let run = |name: &str, loss: &dyn Fn(usize) -> Option<f64>| {
            let losses = epochs.iter().enumerate();
            let losses = losses.filter_map(|(i, e)| Some((e.epoch, loss(i)?, e.learning_rate)));
            History { reason: training.reason(), ..History::of_losses(losses).named(name) }
        };
        let runs = [
            run("training, by epoch", &|i| Some(epochs[i].training_loss)),
            run("validation, by epoch", &|i| epochs[i].validation_loss),
        ];
        for run in runs.into_iter().filter(|run| !run.records.is_empty()) {
            report = report.with_run(run);
        }
        let [train, validate, test] = self.rows();
        let mut fact = |name: &str, value: String| report.facts.push((name.into(), value));
        fact("rows to train, validate and test on", format!("{train}, {validate}, {test}"));
        fact("epochs", training.history().len().to_string());
        if let Some(best) = training.best() {
            fact("best epoch", best.epoch.to_string());
            fact("its loss", number(best.loss));
        }
        if let Some(reason) = training.reason() {
            fact("stopped because", reason.to_string());
        }
        Ok(report)
    }
}
