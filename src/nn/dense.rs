//! [`Dense`]: a fully connected layer.

use super::Activation;
use crate::{Real, affine};

/// A fully connected layer: `yⱼ = activation(Σᵢ wⱼᵢ xᵢ + bⱼ)`.
///
/// It holds no numbers. Its parameters are a stretch of a flat vector: the weights by rows, one row
/// an output, then the biases. On a tape a neuron is two nodes, the affine form and the activation.
///
/// ```
/// use gradtape::{gradient, nn::{Activation, Dense}};
/// let layer = Dense::new(2, 1, Activation::Identity);
/// assert_eq!(layer.forward(&[3.0, 4.0, 5.0], &[1.0, -2.0]), [0.0]);
/// assert_eq!(gradient(|p| layer.forward(p, &[1.0, -2.0])[0], &[3.0, 4.0, 5.0]), [1.0, -2.0, 1.0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dense {
    inputs: usize,
    outputs: usize,
    activation: Activation,
}

impl Dense {
    /// Describe a layer.
    #[must_use]
    pub fn new(inputs: usize, outputs: usize, activation: Activation) -> Dense {
        Dense { inputs, outputs, activation }
    }

    /// Count the inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Count the outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Read the activation.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Count the parameters: `outputs · (inputs + 1)`.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.outputs * (self.inputs + 1)
    }

    /// Compute the outputs. The input may be plain data while the parameters are variables.
    ///
    /// # Panics
    /// If there are more or fewer parameters or inputs than the layer takes.
    #[must_use]
    #[track_caller]
    pub fn forward<S: Real, X: Real + Into<S>>(&self, parameters: &[S], input: &[X]) -> Vec<S> {
        takes("the layer", "parameters", self.parameter_count(), parameters.len());
        takes("the layer", "inputs", self.inputs, input.len());
        self.neurons(parameters, input).collect()
    }

    /// The outputs one by one; the lengths are the caller's to check.
    #[inline]
    pub(super) fn neurons<'a, S: Real, X: Real + Into<S>>(
        &'a self,
        parameters: &'a [S],
        input: &'a [X],
    ) -> impl Iterator<Item = S> + 'a {
        let (weights, biases) = parameters.split_at(self.inputs * self.outputs);
        biases.iter().enumerate().map(move |(j, &bias)| {
            let row = &weights[j * self.inputs..][..self.inputs];
            self.activation.apply(affine(row, input, bias))
        })
    }
}

/// Refuse a wrong number of something.
#[inline]
#[track_caller]
pub(super) fn takes(who: &str, what: &str, expected: usize, found: usize) {
    assert!(expected == found, "{who} takes {expected} {what}, not {found}");
}
