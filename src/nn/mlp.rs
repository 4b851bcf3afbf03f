//! [`Dense`]: a fully connected layer; [`Mlp`]: dense layers in a row.

use super::parameters::{size, takes};
use super::{Activation, Init, Parameters};
use crate::optim::{Draw, generator};
use crate::program::RowProgram;
use crate::tape::network::{Evaluation, Unit};
use crate::tape::remember_network;
use crate::{Real, Var, affine};
use smallvec::SmallVec;

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
    /// Describe a layer. Without inputs it is its biases.
    ///
    /// # Panics
    /// If it has no outputs, or more parameters than any memory holds.
    #[must_use]
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, activation: Activation) -> Dense {
        assert!(outputs > 0, "a layer has 0 outputs: give at least 1");
        size("a layer", outputs, inputs.saturating_add(1));
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
    fn neurons<'a, S: Real, X: Real + Into<S>>(
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

    /// The same with labels, in a form that can be written down; the name is that of the layer.
    #[track_caller]
    fn units<S: Real>(&self, parameters: &[S], input: &[S], name: &str) -> Vec<Unit<S>> {
        let (weights, biases) = parameters.split_at(self.inputs * self.outputs);
        let mut units = Vec::with_capacity(self.outputs);
        for (j, &bias) in biases.iter().enumerate() {
            let weights = weights[j * self.inputs..][..self.inputs].to_vec();
            let form = affine(&weights, input, bias);
            let output = self.activation.apply(form).label(&format!("{name}[{j}]"));
            let activation = match self.activation {
                Activation::Identity => "",
                other => other.name(),
            };
            units.push(Unit { name: "", activation, part: None, weights, bias, form, output });
        }
        units
    }
}

/// Values between two layers, on the stack if they are few.
type Hidden<S> = SmallVec<[S; 16]>;

/// A multilayer perceptron: dense layers, each fed by the one before.
///
/// It holds no numbers; [`initialize`](Mlp::initialize) makes named [`Parameters`] for it, and
/// [`forward`](Mlp::forward) takes them as one flat slice of any [`Real`].
///
/// ```
/// use gradtape::{gradient, nn::{Activation, Init, Mlp, mse}};
///
/// let network = Mlp::new(2).dense(8, Activation::Tanh).dense(1, Activation::Identity);
/// let parameters = network.initialize(Init::XavierUniform, 7);
/// assert_eq!(parameters.len(), 8 * 3 + 1 * 9);
///
/// let (inputs, observed) = ([[0.0, 1.0], [1.0, 1.0]], [1.0, 0.0]);
/// let slopes = gradient(
///     |p| mse(&inputs.map(|x| network.forward(p, &x)[0]), &observed),
///     parameters.as_slice(),
/// );
/// assert_eq!(parameters.view("layer 2.bias", &slopes)?.len(), 1);
/// # Ok::<(), gradtape::nn::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mlp {
    inputs: usize,
    layers: Vec<Dense>,
}

impl Mlp {
    /// Start a network that takes `inputs` numbers; without a layer it returns them.
    #[must_use]
    pub fn new(inputs: usize) -> Mlp {
        Mlp { inputs, layers: Vec::new() }
    }

    /// Append a layer.
    ///
    /// # Panics
    /// If it has no outputs, or the network more parameters than any memory holds.
    #[must_use]
    #[track_caller]
    pub fn dense(mut self, outputs: usize, activation: Activation) -> Mlp {
        let layer = Dense::new(self.outputs(), outputs, activation);
        size("a network", 1, self.parameter_count() + layer.parameter_count());
        self.layers.push(layer);
        self
    }

    /// Count the inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Count the outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(self.inputs, Dense::outputs)
    }

    /// Read the layers, the first first.
    #[must_use]
    pub fn layers(&self) -> &[Dense] {
        &self.layers
    }

    /// Count the parameters of all layers.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.layers.iter().map(Dense::parameter_count).sum()
    }

    /// Draw parameters from a seed: weights as `init` says, biases 0.
    ///
    /// They are named `layer 1.weight` (outputs × inputs), `layer 1.bias`, `layer 2.weight`, ... in
    /// the order of the flat vector.
    ///
    /// # Panics
    /// As [`Init::weights`].
    #[must_use]
    #[track_caller]
    pub fn initialize(&self, init: Init, seed: u64) -> Parameters {
        let mut rng = generator(seed, Draw::Weights);
        let mut parameters = Parameters::new();
        let mut insert = |name: String, shape: &[usize], values: &[f64]| {
            let inserted = parameters.insert(&name, shape, values);
            inserted.expect("numbered names differ, and each shape is that of its values");
        };
        for (i, layer) in self.layers.iter().enumerate() {
            let (n, [inputs, outputs]) = (i + 1, [layer.inputs(), layer.outputs()]);
            let weights = init.draw(inputs, outputs, &mut rng);
            insert(format!("layer {n}.weight"), &[outputs, inputs], &weights);
            insert(format!("layer {n}.bias"), &[outputs], &vec![0.0; outputs]);
        }
        parameters
    }

    /// Compute the outputs. The input may be plain data while the parameters are variables.
    ///
    /// # Panics
    /// If there are more or fewer parameters or inputs than the network takes.
    #[must_use]
    #[track_caller]
    pub fn forward<S: Real, X: Real + Into<S>>(&self, parameters: &[S], input: &[X]) -> Vec<S> {
        takes("the network", "parameters", self.parameter_count(), parameters.len());
        takes("the network", "inputs", self.inputs, input.len());
        let Some((first, rest)) = self.layers.split_first() else {
            return input.iter().map(|&x| x.into()).collect();
        };
        let (own, mut left) = parameters.split_at(first.parameter_count());
        let mut hidden: Hidden<S> = first.neurons(own, input).collect();
        for layer in rest {
            let (own, later) = left.split_at(layer.parameter_count());
            let next = layer.neurons(own, &hidden).collect();
            (hidden, left) = (next, later);
        }
        hidden.into_vec()
    }

    /// Compute the outputs as [`forward`](Mlp::forward) does, in one scope a layer (`layer 1`,
    /// ...), with every neuron labelled (`layer 1[0]`, ...).
    ///
    /// For a tape that will be looked at: the network is written down on it too, for the drawing of
    /// [`Tape::report`](crate::Tape::report). That costs time and memory, so training does without.
    ///
    /// # Panics
    /// As [`forward`](Mlp::forward).
    ///
    /// ```
    /// use gradtape::{Tape, nn::{Activation, Mlp}};
    /// let network = Mlp::new(1).dense(2, Activation::Softplus).dense(1, Activation::Identity);
    /// let tape = Tape::new();
    /// let parameters = tape.vars(&[3.34, -3.53, -1.43, 0.57, -1.22, -2.30, 2.61]);
    /// let y = network.forward_labelled(&parameters, &[0.5])[0];
    /// assert_eq!(y.backward().by_label()["layer 1[1]"], -2.30);
    /// assert_eq!(tape.scopes()[1].name, "layer 2");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn forward_labelled<S: Real, X: Real + Into<S>>(
        &self,
        parameters: &[S],
        input: &[X],
    ) -> Vec<S> {
        takes("the network", "parameters", self.parameter_count(), parameters.len());
        takes("the network", "inputs", self.inputs, input.len());
        let mut values: Vec<S> = input.iter().map(|&x| x.into()).collect();
        let inputs = values.iter().map(|&x| ("", x)).collect();
        let (mut layers, mut left) = (Vec::with_capacity(self.layers.len()), parameters);
        for (i, layer) in self.layers.iter().enumerate() {
            let (own, later) = left.split_at(layer.parameter_count());
            let name = format!("layer {}", i + 1);
            let units = S::scope(&name, || layer.units(own, &values, &name));
            values = units.iter().map(|unit| unit.output).collect();
            layers.push(units);
            left = later;
        }
        remember_network(&Evaluation { sample: None, inputs, layers });
        values
    }

    /// Record the loss of one observation as a program over rows: the shared inputs are the parameters, a row
    /// is the inputs and then `targets` numbers observed.
    ///
    /// The loss takes what is predicted and what was observed. Everything is recorded at 0; a loss that
    /// branches on its arguments is better recorded at a typical row, with
    /// [`RowProgram::record`].
    ///
    /// # Panics
    /// If the loss returns a variable of another tape.
    ///
    /// ```
    /// use gradtape::nn::{Activation, Init, Mlp, ssr};
    /// use gradtape::optim::{Adam, Fitter, OverRows};
    /// use gradtape::program::Rows;
    ///
    /// let network = Mlp::new(1).dense(4, Activation::Tanh).dense(1, Activation::Identity);
    /// let start = network.initialize(Init::XavierUniform, 1);
    /// let parabola = [-1.0, 1.0, -0.5, 0.25, 0.0, 0.0, 0.5, 0.25, 1.0, 1.0];
    /// let program = network.over_rows(1, |predicted, observed| ssr(predicted, observed));
    /// let loss = OverRows::new(&program, Rows::row_major(&parabola, 2)?)?;
    /// let fitter = Fitter::with_objective(loss, start.as_slice()).stop_at_loss(1e-3);
    /// let fit = fitter.fit(&mut Adam::new(0.05), 1000)?;
    /// assert!(fit.loss < 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn over_rows(
        &self,
        targets: usize,
        loss: impl FnOnce(&[Var], &[Var]) -> Var,
    ) -> RowProgram {
        let (shared, row) = (vec![0.0; self.parameter_count()], vec![0.0; self.inputs + targets]);
        RowProgram::record(
            |parameters, row| {
                let (input, observed) = row.split_at(self.inputs);
                loss(&self.forward(parameters, input), observed)
            },
            &shared,
            &row,
        )
    }
}
