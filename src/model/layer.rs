//! [`Layer`]: the layers of a network in few words.

use super::ModelError;
use crate::nn::{Activation, Mlp};
use crate::text::quoted;

/// A layer of a network: how many neurons, and what they apply.
///
/// ```
/// use gradtape::model::Layer;
/// use gradtape::nn::Activation;
/// let layers = Layer::list("32,tanh,16")?;
/// assert_eq!((layers[0].outputs, layers[0].activation), (32, Activation::Tanh));
/// assert_eq!((layers[1].outputs, layers[1].activation), (16, Activation::Tanh));
/// # Ok::<(), gradtape::model::ModelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(deny_unknown_fields))]
pub struct Layer {
    /// How many neurons it has.
    pub outputs: usize,
    /// What each of them applies to its affine form.
    pub activation: Activation,
}

impl Layer {
    /// Read hidden layers from a text: a number of neurons, and what they apply if that is not `tanh`, then the next
    /// layer, separated by commas. A text that is empty or says `none` is no layer.
    ///
    /// # Errors
    /// If a number is not from 1 to 1,000,000, or no activation has a name.
    pub fn list(text: &str) -> Result<Vec<Layer>, ModelError> {
        let mut layers = Vec::<Layer>::new();
        let mut is_named = true;
        let text = text.trim();
        let words = text.split(',').map(str::trim).filter(|_| !["", "none"].contains(&text));
        for word in words {
            let is_number = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
            match (word.parse(), layers.last_mut()) {
                (Ok(outputs @ 1..=1_000_000), _) => {
                    layers.push(Layer { outputs, activation: Activation::Tanh });
                    is_named = false;
                }
                (Err(_), Some(last)) if !is_number && !is_named => {
                    let names = |activation: Activation| activation.name();
                    last.activation =
                        ModelError::one_of("activation", word, Activation::ALL, names)?;
                    is_named = true;
                }
                _ => {
                    return Err(ModelError::Setting(format!(
                        "{} is no part of a list of layers: give numbers of neurons from 1 to 1000000, each with an \
                         activation behind it or without, as `32,tanh,16,tanh`",
                        quoted(word)
                    )));
                }
            }
        }
        Ok(layers)
    }

    /// Make a network of layers that has as many parameters as are `given`, or whatever number it has; or say why
    /// there is none.
    pub(super) fn network(
        inputs: usize,
        layers: &[Layer],
        given: Option<usize>,
    ) -> Result<Mlp, String> {
        let (mut count, mut width) = (0_usize, inputs);
        for layer in layers {
            if layer.outputs == 0 {
                return Err("it has a layer of 0 outputs".into());
            }
            let size = width.checked_add(1).and_then(|width| width.checked_mul(layer.outputs));
            let sum = size.and_then(|size| count.checked_add(size));
            // What any memory holds.
            count = sum.filter(|&sum| sum < 1 << 32).ok_or("its layers are too large")?;
            width = layer.outputs;
        }
        match given {
            Some(given) if given != count => {
                Err(format!("its layers take {count} parameters, and {given} are given"))
            }
            _ => Ok(layers.iter().fold(Mlp::new(inputs), |network, layer| {
                network.dense(layer.outputs, layer.activation)
            })),
        }
    }
}
