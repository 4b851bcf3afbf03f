//! [`Plan`]: a recipe and data, ready to train.

use super::{Layer, Loss, Model, ModelError, Recipe};
use crate::data::{Code, Coder, Column, Dataset, Samples};
use crate::nn::{Activation, Init, Mlp};
use crate::optim::{OverRows, Training, hash};
use crate::program::{RowProgram, Workspace};
use crate::text::quoted;
use crate::{Tape, Var};

/// A recipe and the data it is for, coded and split: what a training borrows.
///
/// The same recipe and the same data give the same plan, in every process: a training that was stopped is resumed with
/// its own.
#[derive(Debug)]
pub struct Plan {
    recipe: Recipe,
    /// The model before the first step.
    pub(super) start: Model,
    program: RowProgram,
    train: Samples,
    validation: Option<Samples>,
    test: Option<Dataset>,
    fingerprint: u64,
}

impl Recipe {
    /// Code and split data, and draw the parameters to begin with.
    ///
    /// Numbers are standardized by the rows to train on; classes are those of all rows.
    ///
    /// # Errors
    /// If a setting is wrong or does not go with the data; if a column is missing; if a cell of a column that is
    /// used is missing or not finite; if the target is the same in every row.
    pub fn plan(&self, data: &Dataset) -> Result<Plan, ModelError> {
        self.check()?;
        let mut recipe = self.clone();
        data.column(&recipe.target)?;
        if recipe.inputs.is_empty() {
            let others = data.names().filter(|&name| name != recipe.target);
            recipe.inputs = others.map(String::from).collect();
        }
        if recipe.inputs.contains(&recipe.target) {
            let target = quoted(&recipe.target);
            return Err(ModelError::Setting(format!("{target} is both an input and the target")));
        }
        let used: Vec<&String> = recipe.inputs.iter().chain([&recipe.target]).collect();
        let kept = if recipe.drop_missing { Some(data.without_missing(&used)?) } else { None };
        let data = kept.as_ref().unwrap_or(data);
        if data.rows() == 0 {
            return Err(ModelError::Setting("there are no rows to train on".into()));
        }
        let [train, validation, test] = data.split(recipe.split, recipe.seed)?;
        let loss = recipe.loss_for(data)?;
        let code = recipe.target_code(loss, data, &train)?;
        let inputs = recipe.input_codes(data, &train)?;
        let network = recipe.network(&inputs, &code, loss)?;
        let parameters = network.initialize(recipe.init(), recipe.seed);
        let start = Model {
            network,
            parameters,
            inputs,
            target: recipe.target.clone(),
            code,
            loss,
            seed: recipe.seed,
            command: String::new(),
        };
        let start = start.checked().map_err(ModelError::Setting)?;
        let train = start.samples(&train)?;
        let validation = match validation.rows() {
            0 => None,
            _ => Some(start.samples(&validation)?),
        };
        let all = [Some(&train), validation.as_ref()].into_iter().flatten();
        let fingerprint = hash(all.flat_map(|samples| samples.as_slice()).map(|x| x.to_bits()));
        let test = Some(test).filter(|test| test.rows() > 0);
        let program = start.loss_over_rows();
        Ok(Plan { recipe, start, program, train, validation, test, fingerprint })
    }

    fn loss_for(&self, data: &Dataset) -> Result<Loss, ModelError> {
        Ok(match (self.loss, data.column(&self.target)?) {
            (Some(loss), _) => loss,
            (None, Column::Numbers(_)) => Loss::Mse,
            (None, Column::Words { .. }) => Loss::CrossEntropy,
        })
    }

    fn target_code(&self, loss: Loss, data: &Dataset, train: &Dataset) -> Result<Code, ModelError> {
        let constant = |found: &str| -> Result<Code, ModelError> {
            let problem = format!("{found}, so there is nothing to learn");
            Err(data.wrong_column(&self.target, problem).into())
        };
        if loss.is_of_classes() {
            return match Code::classes(data, &self.target)? {
                Code::Classes(classes) if classes.len() < 2 => {
                    constant("every row is of one class")
                }
                code => Ok(code),
            };
        }
        // Asked first, for it says what is wrong with the numbers.
        let standard = Code::standard(data, &self.target)?;
        if let Code::Number { mean, .. } = standard
            && data.numbers(&self.target)?.iter().all(|&y| y == mean)
        {
            return constant("every row has the same number");
        }
        if self.standardize { Ok(Code::standard(train, &self.target)?) } else { Ok(Code::AS_IS) }
    }

    fn input_codes(&self, data: &Dataset, train: &Dataset) -> Result<Coder, ModelError> {
        let mut coder = Coder::default();
        for name in &self.inputs {
            let code = match data.column(name)? {
                Column::Words { .. } => Code::classes(data, name)?,
                Column::Numbers(_) if self.standardize => Code::standard(train, name)?,
                Column::Numbers(_) => Code::AS_IS,
            };
            if coder.columns.insert(name.clone(), code).is_some() {
                return Err(data.wrong_column(name, "it is named twice: name it once").into());
            }
        }
        Ok(coder)
    }

    fn network(&self, inputs: &Coder, code: &Code, loss: Loss) -> Result<Mlp, ModelError> {
        let outputs = if loss == Loss::BinaryCrossEntropy { 1 } else { code.width() };
        let last = Layer { outputs, activation: Activation::Identity };
        let layers: Vec<Layer> = self.layers.iter().copied().chain([last]).collect();
        let network = Layer::network(inputs.width(), &layers, None);
        network
            .map_err(|problem| ModelError::Setting(format!("there is no such network: {problem}")))
    }

    /// Weights that suit the first activation: those of He, *Delving deep into rectifiers*, for such as are 0 on one side.
    fn init(&self) -> Init {
        match self.layers.first().map(|layer| layer.activation) {
            Some(
                Activation::Relu | Activation::LeakyRelu | Activation::Silu | Activation::Gelu,
            ) => Init::HeUniform,
            _ => Init::XavierUniform,
        }
    }
}

impl Plan {
    /// Read the recipe, with the inputs named.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Count the rows to train on, to validate on, and to test on.
    #[must_use]
    pub fn rows(&self) -> [usize; 3] {
        let samples = |samples: &Samples| samples.rows().count();
        let validation = self.validation.as_ref().map_or(0, samples);
        [samples(&self.train), validation, self.test.as_ref().map_or(0, Dataset::rows)]
    }

    /// Read the rows to test on, which training never sees; none if their share is 0.
    #[must_use]
    pub fn test(&self) -> Option<&Dataset> {
        self.test.as_ref()
    }

    /// What the samples are, in one number: another if a bit of them is another.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Begin to train. With the feature `rayon` all cores take part; the numbers are the same.
    ///
    /// # Errors
    /// If the samples are refused: [`OverRows::new`].
    pub fn training(&self) -> Result<Training<'_>, ModelError> {
        let recipe = &self.recipe;
        let loss = self.over_rows(&self.train)?;
        let loss = match recipe.batch {
            0 => loss,
            batch => loss.batches(batch, recipe.seed),
        };
        let names = self.start.parameters.names();
        let biases: Vec<_> = names
            .filter(|name| name.ends_with(".bias"))
            .map(|name| self.start.parameters.range(name))
            .collect::<Result<_, _>>()?;
        let optimizer = recipe.optimizer(loss.steps_an_epoch(), &biases);
        let start = self.start.parameters.as_slice();
        let mut training = Training::new(loss, start, optimizer);
        if let Some(validation) = &self.validation {
            training = training.validation(self.over_rows(validation)?);
        }
        if let Some(patience) = recipe.patience {
            training = training.patience(patience);
        }
        if let Some(plateau) = recipe.plateau() {
            training = training.plateau(plateau);
        }
        Ok(training.names(self.start.parameters.element_names()).epochs(recipe.epochs))
    }

    /// Record the loss of the first row to train on, with everything labelled.
    pub(crate) fn on_tape(&self, tape: &Tape, parameters: &[f64]) -> Result<Var, ModelError> {
        let model = &self.start;
        let parameters = model.parameters.label(&tape.vars(parameters))?;
        let row = &self.train.as_slice()[..self.train.inputs() + self.train.targets()];
        let (inputs, observed) = row.split_at(self.train.inputs());
        let inputs: Vec<Var> = inputs
            .iter()
            .zip(model.inputs.names())
            .map(|(&x, name)| tape.var(x).label(&name))
            .collect();
        let predicted = model.network.forward_labelled(&parameters, &inputs);
        Ok(model.loss.of_one(&predicted, observed).label("loss"))
    }

    fn over_rows<'a>(&'a self, samples: &'a Samples) -> Result<OverRows<'a>, ModelError> {
        let workspace = Workspace::new();
        #[cfg(feature = "rayon")]
        let workspace = workspace.parallel();
        Ok(OverRows::new(&self.program, samples.rows())?.mean().workspace(workspace))
    }

    /// Make the model of some parameters, as [`Training::parameters`] and [`Training::best_parameters`] have them.
    ///
    /// # Panics
    /// If there are more or fewer parameters than the network has.
    #[must_use]
    #[track_caller]
    pub fn model(&self, parameters: &[f64]) -> Model {
        let mut model = self.start.clone();
        if let Err(error) = model.parameters.assign(parameters) {
            panic!("{error}");
        }
        model
    }

    /// Write down what makes the model, for whoever reads it: a command line, say.
    #[must_use]
    pub fn made_by(mut self, command: &str) -> Plan {
        self.start.command = command.into();
        self
    }
}
