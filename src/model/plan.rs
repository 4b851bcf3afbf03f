//! [`Plan`]: a recipe and data, ready to train.

use super::spread::{Spread, agree_on_recipe};
use super::{Layer, Loss, Model, ModelError, Recipe};
use crate::data::{Code, Coder, Column, Dataset, Samples};
use crate::nn::{Activation, Init, Mlp};
use crate::optim::{OverRows, Training};
use crate::program::{RowProgram, Workspace};
use crate::ranks::{Communicator, Local};
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
    rows: [usize; 3],
    /// Over how many ranks the samples are spread; 1 if all are here.
    ranks: usize,
    fingerprint: u64,
}

impl Recipe {
    /// Code and split data, and draw the parameters to begin with.
    ///
    /// Numbers are standardized by the rows to train on; classes are those of all rows. For batches the rows to train on
    /// are in the order in which they were drawn, without in that of the data.
    ///
    /// # Errors
    /// If a setting is wrong or does not go with the data; if a column is missing; if a cell of a column that is
    /// used is missing or not finite; if the target is the same in every row.
    pub fn plan(&self, data: &Dataset) -> Result<Plan, ModelError> {
        self.plan_on(&Local, data)
    }

    /// Make the plan on every rank of several, of data of which each has its share, one after the other, as
    /// `Csv::read_share` reads them. A model that is trained by it has the same bits for every number of ranks.
    ///
    /// Every step must take all rows: a [`batch`](Recipe::batch) of 0. For batches each rank makes the
    /// [`plan`](Recipe::plan) of all data, and begins with [`Plan::training_on`] as well.
    ///
    /// # Errors
    /// As [`plan`](Recipe::plan), on all ranks what the first of them finds; if the recipes, the columns or their lists of
    /// words differ; if there are batches; if a rank is gone.
    pub fn plan_on(&self, comm: &dyn Communicator, data: &Dataset) -> Result<Plan, ModelError> {
        self.check()?;
        let spread = Spread::new(self, comm)?;
        spread.agree_on_columns(data)?;
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
        if spread.count(data.rows())? == 0 {
            return Err(ModelError::Setting("there are no rows to train on".into()));
        }
        let (rows, [train, validation, test]) = spread.split(data, &recipe)?;
        let loss = recipe.loss_for(data)?;
        let code = recipe.target_code(comm, loss, data, &train)?;
        let inputs = recipe.input_codes(comm, data, &train)?;
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
        let train = spread.share(start.samples(&train))?;
        let validation = match rows[1] {
            0 => None,
            _ => Some(spread.share(start.samples(&validation))?),
        };
        let fingerprint = spread.fingerprint(&train, validation.as_ref())?;
        let test = spread.at_first(test)?.filter(|test| test.rows() > 0);
        let program = start.loss_over_rows();
        let ranks = comm.size();
        Ok(Plan { recipe, start, program, train, validation, test, rows, ranks, fingerprint })
    }

    fn loss_for(&self, data: &Dataset) -> Result<Loss, ModelError> {
        Ok(match (self.loss, data.column(&self.target)?) {
            (Some(loss), _) => loss,
            (None, Column::Numbers(_)) => Loss::Mse,
            (None, Column::Words { .. }) => Loss::CrossEntropy,
        })
    }

    fn target_code(
        &self,
        comm: &dyn Communicator,
        loss: Loss,
        data: &Dataset,
        train: &Dataset,
    ) -> Result<Code, ModelError> {
        let constant = |found: &str| -> Result<Code, ModelError> {
            let problem = format!("{found}, so there is nothing to learn");
            Err(data.wrong_column(&self.target, problem).into())
        };
        if loss.is_of_classes() {
            return match Code::classes_on(comm, data, &self.target)? {
                Code::Classes(classes) if classes.len() < 2 => {
                    constant("every row is of one class")
                }
                code => Ok(code),
            };
        }
        // Asked first, for it says what is wrong with the numbers.
        let standard = Code::standard_on(comm, data, &self.target)?;
        if let Code::Number { mean, .. } = standard {
            let others = data.numbers(&self.target)?.iter().filter(|&&y| y != mean).count();
            if Spread::over(comm).count(others)? == 0 {
                return constant("every row has the same number");
            }
        }
        Ok(match self.standardize {
            true => Code::standard_on(comm, train, &self.target)?,
            false => Code::AS_IS,
        })
    }

    fn input_codes(
        &self,
        comm: &dyn Communicator,
        data: &Dataset,
        train: &Dataset,
    ) -> Result<Coder, ModelError> {
        let mut coder = Coder::default();
        for name in &self.inputs {
            let code = match data.column(name)? {
                Column::Words { .. } => Code::classes_on(comm, data, name)?,
                Column::Numbers(_) if self.standardize => Code::standard_on(comm, train, name)?,
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

    /// Count the rows to train on, to validate on, and to test on, on all ranks.
    #[must_use]
    pub fn rows(&self) -> [usize; 3] {
        self.rows
    }

    /// Read the rows to test on, which training never sees; none if their share is 0. Of several ranks the first has all
    /// of them, the others none.
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
        self.training_on(&Local)
    }

    /// Begin to train on every rank of several. Each takes all steps; together they compute them.
    ///
    /// # Errors
    /// If the samples are refused: [`OverRows::share`], [`OverRows::ranks`]; if the recipes differ; if the plan was made for
    /// another number of ranks; if a rank is gone.
    pub fn training_on<'a>(
        &'a self,
        comm: &'a dyn Communicator,
    ) -> Result<Training<'a>, ModelError> {
        let recipe = &self.recipe;
        agree_on_recipe(comm, recipe)?;
        let loss = self.over_rows(comm, &self.train)?;
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
            training = training.validation(self.over_rows(comm, validation)?);
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
        let width = self.train.inputs() + self.train.targets();
        let Some(row) = self.train.as_slice().get(..width) else {
            return Err(ModelError::Setting(
                "this rank has no row to train on: make the report on rank 0".into(),
            ));
        };
        let (inputs, observed) = row.split_at(self.train.inputs());
        let inputs: Vec<Var> = inputs
            .iter()
            .zip(model.inputs.names())
            .map(|(&x, name)| tape.var(x).label(&name))
            .collect();
        let predicted = model.network.forward_labelled(&parameters, &inputs);
        Ok(model.loss.of_one(&predicted, observed).label("loss"))
    }

    fn over_rows<'a>(
        &'a self,
        comm: &'a dyn Communicator,
        samples: &'a Samples,
    ) -> Result<OverRows<'a>, ModelError> {
        let workspace = Workspace::new();
        #[cfg(feature = "rayon")]
        let workspace = workspace.parallel();
        let (program, rows) = (&self.program, samples.rows());
        let loss = match (self.ranks, comm.size()) {
            (1, 1) => OverRows::new(program, rows)?,
            (1, _) => OverRows::new(program, rows)?.ranks(comm)?,
            (ranks, size) if ranks == size => OverRows::share(program, rows, comm)?,
            (ranks, size) => {
                return Err(ModelError::Setting(format!(
                    "the plan has the rows of one rank of {ranks}, and the training was begun on {size}: begin it on \
                     those that it was made on (`Plan::training_on`)"
                )));
            }
        };
        Ok(loss.mean().workspace(workspace))
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
