//! [`Recipe`]: what to predict from what, and how to train for it.

use super::named::named;
use super::{Layer, Loss, ModelError};
use crate::optim::{Adam, Lion, Optimizer, Plateau, RmsProp, Schedule, Sgd};
use crate::text::number;
use std::ops::Range;

named! {
    /// The rule by which parameters are changed.
    Method "optimizer" {
        /// [`Sgd`] with momentum 0.9.
        Sgd "sgd";
        /// [`RmsProp`].
        RmsProp "rmsprop";
        /// [`Adam`]; weight decay is added to the gradient.
        Adam "adam";
        /// [`Adam`] with decoupled weight decay.
        AdamW "adamw";
        /// [`Lion`] with decoupled weight decay.
        Lion "lion";
    }
}

named! {
    /// How the learning rate changes in the course of a training.
    Course "schedule" {
        /// It stays.
        Constant "constant";
        /// Down to 0 on a straight line.
        Linear "linear";
        /// Down to 0 on half a cosine.
        Cosine "cosine";
        /// Up to the rate in the first 3 of 10 steps, then down: [`Schedule::OneCycle`].
        OneCycle "one-cycle";
        /// Down and back to the rate after 10 epochs, then after 20, 40, ...: [`Schedule::WarmRestarts`].
        WarmRestarts "warm-restarts";
        /// A tenth each time the loss has not fallen for 10 epochs: [`Plateau`].
        Plateau "plateau";
    }
}

impl Method {
    /// The learning rate that it begins with unless another is given.
    #[must_use]
    pub fn usual_rate(self) -> f64 {
        match self {
            Method::Sgd | Method::Adam | Method::AdamW => 0.01,
            Method::RmsProp => 0.003,
            Method::Lion => 0.001,
        }
    }
}

/// What to predict from what, and how to train for it.
///
/// Every field may be changed; [`plan`](Recipe::plan) says what is wrong with them.
///
/// ```
/// use gradtape::data::Dataset;
/// use gradtape::model::{Layer, Recipe};
///
/// let x: Vec<f64> = (0..40).map(|i| f64::from(i) / 20.0 - 1.0).collect();
/// let y = x.iter().map(|x| x * x).collect();
/// let data = Dataset::new().with_numbers("x", x)?.with_numbers("y", y)?;
///
/// let mut recipe = Recipe::new("y");
/// recipe.layers = Layer::list("8,tanh")?;
/// recipe.batch = 8;
/// recipe.epochs = 200;
/// let plan = recipe.plan(&data)?;
/// let mut training = plan.training()?;
/// while let Some(epoch) = training.epoch()? {
///     println!("{epoch}");
/// }
/// let model = plan.model(training.best_parameters());
/// println!("{}", model.evaluate(&data)?);
/// # assert!(model.evaluate(&data)?.loss < 0.01);
/// # Ok::<(), gradtape::model::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Recipe {
    /// The column to predict: numbers or classes.
    pub target: String,
    /// The columns to predict it from; if there are none here, all others.
    pub inputs: Vec<String>,
    /// Whether columns of numbers, the target too, are standardized: [`Code::standard`](crate::data::Code::standard).
    pub standardize: bool,
    /// Whether rows in which a cell is missing are left out; else they are refused.
    pub drop_missing: bool,
    /// The hidden layers.
    pub layers: Vec<Layer>,
    /// What is to become small; if nothing is said, [`Loss::Mse`] for numbers and [`Loss::CrossEntropy`] for words.
    pub loss: Option<Loss>,
    /// The optimizer.
    pub method: Method,
    /// The learning rate; if none is given, [`Method::usual_rate`].
    pub learning_rate: Option<f64>,
    /// The weight decay of the weights; biases have none.
    pub weight_decay: f64,
    /// How the learning rate changes.
    pub course: Course,
    /// How many rows a step takes; 0 for all of them.
    pub batch: usize,
    /// How often every row is used, at most.
    pub epochs: usize,
    /// Stop after so many epochs without a better loss: that of validation, or of training if nothing is validated.
    pub patience: Option<usize>,
    /// The longest that a gradient may be; a longer one is shortened.
    pub clip_norm: Option<f64>,
    /// The largest that a slope may be; a larger one is cut.
    pub clip_value: Option<f64>,
    /// The shares of the rows to train on, to validate on after each epoch, and to test on at the end.
    pub split: [f64; 3],
    /// Where the random numbers begin: those of the split, of the weights and of the batches.
    pub seed: u64,
}

impl Recipe {
    /// Predict a column from all others: one hidden layer of 16 neurons, Adam, batches of 32 rows, 200 epochs, a fifth
    /// of the rows for validation.
    #[must_use]
    pub fn new(target: &str) -> Recipe {
        Recipe {
            target: target.into(),
            inputs: Vec::new(),
            standardize: true,
            drop_missing: false,
            layers: vec![Layer { outputs: 16, activation: crate::nn::Activation::Tanh }],
            loss: None,
            method: Method::Adam,
            learning_rate: None,
            weight_decay: 0.0,
            course: Course::Constant,
            batch: 32,
            epochs: 200,
            patience: None,
            clip_norm: None,
            clip_value: None,
            split: [0.8, 0.2, 0.0],
            seed: 1,
        }
    }

    /// Refuse settings that no training has.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let above_zero = |what: &str, x: Option<f64>| match x {
            Some(x) if !(x.is_finite() && x > 0.0) => {
                Err(format!("{what} is {}: give a finite number above 0", number(x)))
            }
            _ => Ok(()),
        };
        let not_zero = |what: &str, x: Option<usize>| match x {
            Some(0) => Err(format!("{what} is 0: give at least 1")),
            _ => Ok(()),
        };
        let decay = self.weight_decay;
        let all = [
            above_zero("the learning rate", self.learning_rate),
            above_zero("the norm to clip the gradient at", self.clip_norm),
            above_zero("the value to clip slopes at", self.clip_value),
            not_zero("the number of epochs", Some(self.epochs)),
            not_zero("the patience", self.patience),
            match decay.is_finite() && decay >= 0.0 {
                true => Ok(()),
                false => Err(format!("the weight decay is {}: give 0 or more", number(decay))),
            },
            match self.split[0] > 0.0 {
                true => Ok(()),
                false => Err("the share of rows to train on is 0: give more".into()),
            },
        ];
        all.into_iter().collect::<Result<(), String>>().map_err(ModelError::Setting)
    }

    /// The learning rate that training begins with.
    fn rate(&self) -> f64 {
        self.learning_rate.unwrap_or(self.method.usual_rate())
    }

    /// Make the optimizer, for parameters of which these stretches are biases.
    pub(super) fn optimizer(
        &self,
        steps_an_epoch: usize,
        biases: &[Range<usize>],
    ) -> Box<dyn Optimizer> {
        // What all of them share; no trait has it, for a loss of their own is what most users of an optimizer set.
        macro_rules! set {
            ($optimizer:expr, $decay:ident) => {{
                let mut optimizer = $optimizer.schedule(self.schedule(steps_an_epoch));
                if self.weight_decay > 0.0 {
                    optimizer = optimizer.$decay(self.weight_decay);
                    for biases in biases {
                        optimizer = optimizer.decay_factor(biases.clone(), 0.0);
                    }
                }
                if let Some(norm) = self.clip_norm {
                    optimizer = optimizer.clip_norm(norm);
                }
                if let Some(value) = self.clip_value {
                    optimizer = optimizer.clip_value(value);
                }
                Box::new(optimizer)
            }};
        }
        let rate = self.rate();
        match self.method {
            Method::Sgd => set!(Sgd::new(rate).momentum(0.9), weight_decay),
            Method::RmsProp => set!(RmsProp::new(rate), weight_decay),
            Method::Adam => set!(Adam::new(rate), l2),
            Method::AdamW => set!(Adam::new(rate), weight_decay),
            Method::Lion => set!(Lion::new(rate), weight_decay),
        }
    }

    fn schedule(&self, steps_an_epoch: usize) -> Schedule {
        let steps = self.epochs.saturating_mul(steps_an_epoch);
        match self.course {
            Course::Constant | Course::Plateau => Schedule::Constant,
            Course::Linear => Schedule::Linear { steps, floor: 0.0 },
            Course::Cosine => Schedule::Cosine { steps, floor: 0.0 },
            Course::OneCycle => {
                Schedule::OneCycle { steps, rise: 0.3, start: 1.0 / 25.0, floor: 4e-6 }
            }
            Course::WarmRestarts => {
                let steps = steps_an_epoch.saturating_mul(10);
                Schedule::WarmRestarts { steps, lengthen: 2, floor: 0.0 }
            }
        }
    }

    /// The watch on the loss, if the schedule is one.
    pub(super) fn plateau(&self) -> Option<Plateau> {
        (self.course == Course::Plateau).then(|| Plateau::new(0.1, 10))
    }
}
