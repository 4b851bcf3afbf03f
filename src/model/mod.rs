//! Models: from a table of your own to predictions, with all that is needed to repeat it in files.
//!
//! A [`Recipe`] says what to predict from what, and how to train for it. With data it becomes a [`Plan`], from which a
//! [`Training`](crate::optim::Training) is begun, and what comes out is a [`Model`]: it takes new data as they are. With
//! the feature `json` models are files that people can read, and a `Checkpoint` is a training in a file, which goes on in
//! another process with the same bits.
//!
//! | file | idea |
//! |---|---|
//! | `recipe` | [`Recipe`]: what to predict from what, and how; [`Method`], [`Course`] |
//! | `layer` | [`Layer`]: the layers of a network in few words |
//! | `loss` | [`Loss`]: what is to become small |
//! | `named` | choices that have a name: one row a choice |
//! | `spread` | what a plan does on several ranks |
//! | `plan` | [`Plan`]: a recipe and data, ready to train |
//! | `trained` | [`Model`]: a network, its parameters, and how columns become its inputs |
//! | `prediction` | [`Prediction`], [`Evaluation`]: what a model says, and how far off it is |
//! | `model_file` | a model as JSON |
//! | `checkpoint` | `Checkpoint`: a training in a file |
//! | `json` | what such files have in common |
//! | `error` | [`ModelError`] |
//!
//! ```
//! use gradtape::data::Dataset;
//! use gradtape::model::Recipe;
//!
//! let x: Vec<f64> = (0..60).map(|i| f64::from(i) / 10.0).collect();
//! let side: Vec<&str> = x.iter().map(|&x| if x < 3.0 { "left" } else { "right" }).collect();
//! let data = Dataset::new().with_numbers("x", x.clone())?.with_words("side", &side)?;
//!
//! let mut recipe = Recipe::new("side");
//! recipe.epochs = 50;
//! let plan = recipe.plan(&data)?;
//! let mut training = plan.training()?;
//! while training.epoch()?.is_some() {}
//!
//! let model = plan.model(training.best_parameters());
//! let new = Dataset::new().with_numbers("x", vec![0.5, 5.5])?;
//! let predicted = model.predict(&new)?;
//! assert_eq!(predicted.class(0).unwrap().0, "left");
//! assert_eq!(predicted.class(1).unwrap().0, "right");
//! # Ok::<(), gradtape::model::ModelError>(())
//! ```

#[cfg(feature = "json")]
mod checkpoint;
mod error;
#[cfg(feature = "json")]
mod json;
mod layer;
mod loss;
#[cfg(feature = "json")]
mod model_file;
mod named;
mod plan;
mod prediction;
mod recipe;
mod spread;
mod trained;

pub use crate::checkpoint::write_whole::write_whole;
#[cfg(feature = "json")]
pub use checkpoint::Checkpoint;
pub use error::ModelError;
pub use layer::Layer;
pub use loss::Loss;
pub use plan::Plan;
pub use prediction::{Evaluation, Prediction, Scores};
pub use recipe::{Course, Method, Recipe};
pub use trained::Model;
