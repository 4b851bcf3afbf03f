//! A [`Model`] as a file.
//!
//! ```text
//! {
//!   "format": "gradtape model",
//!   "version": 1,
//!   "command": "gradtape train --data doses.csv --target efficacy",
//!   "seed": 1,
//!   "loss": "mse",
//!   "inputs": {
//!     "dose": {"number": {"mean": 0.5, "scale": 0.408}},      (x - mean) / scale
//!     "group": {"classes": ["a", "b"]}                        one-hot
//!   },
//!   "target": "efficacy",
//!   "target_code": {"number": {"mean": 0.333, "scale": 0.471}},
//!   "layers": [{"outputs": 2, "activation": "softplus"}, {"outputs": 1, "activation": "identity"}],
//!   "parameters": {"layer 1.weight": [...], "layer 1.bias": [...], ...}    weights by rows, a row an output
//! }
//! ```
//!
//! Each kind is on lines of its own in the file. Numbers have the fewest digits that read back to the same bits.

use super::json::{self, Kind, refuse};
use super::{Layer, Loss, Model, ModelError};
use crate::data::{Code, Coder};
use crate::nn::Init;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    format: String,
    version: u64,
    command: String,
    seed: u64,
    loss: Loss,
    inputs: Coder,
    target: String,
    target_code: Code,
    layers: Vec<Layer>,
    parameters: IndexMap<String, Vec<f64>>,
}

impl Kind for ModelFile {
    const FORMAT: &'static str = "gradtape model";
    const VERSION: u64 = 1;
}

impl Model {
    /// Write the model as JSON that people can read.
    #[must_use]
    pub fn to_json(&self) -> String {
        let layer = |layer: &crate::nn::Dense| Layer {
            outputs: layer.outputs(),
            activation: layer.activation(),
        };
        let parameters = self.parameters.iter();
        json::to_text(&ModelFile {
            format: ModelFile::FORMAT.into(),
            version: ModelFile::VERSION,
            command: self.command.clone(),
            seed: self.seed,
            loss: self.loss,
            inputs: self.inputs.clone(),
            target: self.target.clone(),
            target_code: self.code.clone(),
            layers: self.network.layers().iter().map(layer).collect(),
            parameters: parameters.map(|(name, values)| (name.into(), values.to_vec())).collect(),
        })
    }

    /// Read a model that was written by [`to_json`](Model::to_json).
    ///
    /// # Errors
    /// If it is none, was cut off or changed so that its parts do not go together, or is of another version: with the
    /// place.
    pub fn from_json(text: &str) -> Result<Model, ModelError> {
        let file: ModelFile = json::from_text(text)?;
        let damaged =
            |problem: String| refuse(format!("this {} is damaged: {problem}", ModelFile::FORMAT));
        for code in file.inputs.columns.values().chain([&file.target_code]) {
            code.check().map_err(damaged)?;
        }
        // The list of parameters bounds the network: no room is made for one that is only claimed.
        let given = file.parameters.values().map(Vec::len).sum();
        let network =
            Layer::network(file.inputs.width(), &file.layers, Some(given)).map_err(damaged)?;
        let mut parameters = network.initialize(Init::Uniform { low: 0.0, high: 0.0 }, 0);
        let names: Vec<String> = parameters.names().map(String::from).collect();
        for name in &names {
            let Some(values) = file.parameters.get(name) else {
                return Err(damaged(format!("it has no parameters `{name}`")));
            };
            if let Some(at) = values.iter().position(|x| !x.is_finite()) {
                return Err(damaged(format!("number {} of `{name}` is not finite", at + 1)));
            }
            parameters.set(name, values).map_err(|error| damaged(error.to_string()))?;
        }
        if file.parameters.len() != names.len() {
            return Err(damaged("it has parameters of layers that it does not have".into()));
        }
        let model = Model {
            network,
            parameters,
            inputs: file.inputs,
            target: file.target,
            code: file.target_code,
            loss: file.loss,
            seed: file.seed,
            command: file.command,
        };
        model.checked().map_err(damaged)
    }

    /// Write the model to a file, as [`write_whole`](super::write_whole) does.
    ///
    /// # Errors
    /// If the file cannot be written; the one that was there before is left then.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelError> {
        json::save(&self.to_json(), path.as_ref())
    }

    /// Read a model from a file.
    ///
    /// # Errors
    /// As [`from_json`](Model::from_json); if the file cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Model, ModelError> {
        json::load(path.as_ref(), Model::from_json)
    }
}
