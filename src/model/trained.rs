//! [`Model`]: a network, and what turns the columns of a table into its inputs and its outputs into predictions.

use super::{Evaluation, Loss, ModelError, Prediction};
use crate::Var;
use crate::data::{Code, Coder, Dataset, Samples};
use crate::nn::{Mlp, Parameters, softmax};
use crate::program::{RowProgram, Rows, Workspace};
use crate::text::{counted, number, quoted};

/// A network with its parameters, the coding of its inputs and of its target, and what it was trained for: all that
/// predicting from new data takes.
///
/// Made by [`Plan::model`](super::Plan::model), or read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) network: Mlp,
    pub(super) parameters: Parameters,
    pub(super) inputs: Coder,
    pub(super) target: String,
    pub(super) code: Code,
    pub(super) loss: Loss,
    pub(super) seed: u64,
    pub(super) command: String,
}

impl Model {
    /// Read the network.
    #[must_use]
    pub fn network(&self) -> &Mlp {
        &self.network
    }

    /// Read the parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Read how the columns of its inputs become numbers.
    #[must_use]
    pub fn inputs(&self) -> &Coder {
        &self.inputs
    }

    /// Name the column that it predicts.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Read how the column that it predicts becomes numbers.
    #[must_use]
    pub fn target_code(&self) -> &Code {
        &self.code
    }

    /// Read the loss that it was trained for.
    #[must_use]
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// Read the seed that its training began with.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Read the command that made it, as given to [`Plan::made_by`](super::Plan::made_by); empty if none was.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Refuse parts that do not go together.
    pub(super) fn checked(self) -> Result<Model, String> {
        let (found, wanted) = (self.network.inputs(), self.inputs.width());
        if found != wanted {
            return Err(format!(
                "the network takes {}, and its columns are {}",
                counted(found, "input"),
                counted(wanted, "number")
            ));
        }
        let of_classes = matches!(self.code, Code::Classes(_));
        if self.loss.is_of_classes() != of_classes {
            let kind = if of_classes { "classes" } else { "numbers" };
            return Err(format!("the loss `{}` does not go with a target of {kind}", self.loss));
        }
        let wanted = match self.loss {
            Loss::BinaryCrossEntropy if self.code.width() != 2 => {
                let classes = counted(self.code.width(), "class");
                return Err(format!(
                    "the loss `{}` is that of two classes, and the target has {classes}: take `{}`",
                    self.loss,
                    Loss::CrossEntropy
                ));
            }
            Loss::BinaryCrossEntropy => 1,
            _ => self.code.width(),
        };
        let found = self.network.outputs();
        if found != wanted {
            let found = counted(found, "output");
            return Err(format!("the network has {found}, and its target takes {wanted}"));
        }
        if self.inputs.columns.contains_key(&self.target) {
            return Err(format!("{} is both an input and the target", quoted(&self.target)));
        }
        Ok(self)
    }

    /// Turn a table with the target in it into samples.
    ///
    /// # Errors
    /// As [`Coder::encode`].
    pub fn samples(&self, data: &Dataset) -> Result<Samples, ModelError> {
        let inputs = self.inputs.encode(data)?;
        let code = Coder { columns: [(self.target.clone(), self.code.clone())].into() };
        let mut targets = code.encode(data)?;
        let mut width = code.width();
        if self.loss == Loss::BinaryCrossEntropy {
            // The second class is the one that is observed or not.
            targets = targets.chunks_exact(2).map(|row| row[1]).collect();
            width = 1;
        }
        Ok(Samples::new(&inputs, self.inputs.width(), &targets, width)?)
    }

    /// Record the loss of one observation, for rows as [`samples`](Model::samples) makes them.
    pub(super) fn loss_over_rows(&self) -> RowProgram {
        let targets = self.network.outputs();
        self.network.over_rows(targets, |predicted, observed| self.loss.of_one(predicted, observed))
    }

    /// Predict the target of every row. The table need not have the target.
    ///
    /// # Errors
    /// As [`Coder::encode`]; if a prediction is not finite.
    pub fn predict(&self, data: &Dataset) -> Result<Prediction, ModelError> {
        let inputs = self.inputs.encode(data)?;
        let width = self.inputs.width();
        let program = RowProgram::record(
            |parameters: &[Var], row: &[Var]| {
                let outputs = self.network.forward(parameters, row);
                match self.loss {
                    Loss::BinaryCrossEntropy => vec![(-outputs[0]).sigmoid(), outputs[0].sigmoid()],
                    Loss::CrossEntropy => softmax(&outputs),
                    _ => outputs,
                }
            },
            &vec![0.0; self.parameters.len()],
            &vec![0.0; width],
        );
        let mut outputs = vec![0.0; data.rows() * program.program().outputs()];
        // Without inputs every row is the same, and no slice says how many they are.
        let rows = if width == 0 { None } else { Some(Rows::row_major(&inputs, width)?) };
        let mut workspace = Workspace::new();
        match rows {
            Some(rows) => {
                program.values(self.parameters.as_slice(), rows, &mut outputs, &mut workspace)?;
            }
            None => {
                let one = program.program().value(self.parameters.as_slice(), &mut workspace)?;
                outputs.fill(one);
            }
        }
        if let Some(at) = outputs.iter().position(|x| !x.is_finite()) {
            let row = at / program.program().outputs();
            let problem = format!(
                "the prediction of this row is {}: its inputs are far from those of the training",
                number(outputs[at])
            );
            return Err(data.wrong_cell(row, &self.target, problem).into());
        }
        Ok(match &self.code {
            Code::Number { mean, scale } => {
                outputs.iter_mut().for_each(|y| *y = *y * scale + mean);
                Prediction::Numbers(outputs)
            }
            Code::Classes(classes) => {
                Prediction::Classes { classes: classes.clone(), probabilities: outputs }
            }
        })
    }

    /// Compare predictions with a table that has the target.
    ///
    /// # Errors
    /// As [`predict`](Model::predict); if there are no rows.
    pub fn evaluate(&self, data: &Dataset) -> Result<Evaluation, ModelError> {
        let samples = self.samples(data)?;
        if data.rows() == 0 {
            return Err(ModelError::Setting("there are no rows to evaluate on".into()));
        }
        let sum = self.loss_over_rows().sum(
            self.parameters.as_slice(),
            samples.rows(),
            &mut Workspace::new(),
        )?;
        let loss = sum / data.rows() as f64;
        Ok(Evaluation::of(&self.predict(data)?, data, &self.target, loss)?)
    }
}
