//! The networks that ran on a tape, as `nn` wrote them down when it ran them: none has to be guessed from
//! the nodes. Only what is labelled, to be looked at, is written down; training costs nothing.

/// Where a number of a network is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// The value of a node.
    Node(usize),
    /// Data: it is no node.
    Data(f64),
}

/// One evaluation of a network, whose numbers are named by `N`: scalars while it runs, nodes once it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluation<N> {
    /// What it was evaluated for: the name of the scope around it.
    pub sample: Option<String>,
    /// The inputs, each with its name, or an empty one.
    pub inputs: Vec<(&'static str, N)>,
    pub layers: Vec<Vec<Unit<N>>>,
}

/// A unit: `output = activation(form)`, `form = Σ weight · input + bias`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit<N> {
    /// Its name; empty if that follows from its place.
    pub name: &'static str,
    /// The function it applies; empty for a plain sum.
    pub activation: &'static str,
    /// The curve that it makes, if it makes one.
    pub part: Option<usize>,
    /// One for each unit of the layer before.
    pub weights: Vec<N>,
    pub bias: N,
    pub form: N,
    pub output: N,
}

impl<N: Copy> Evaluation<N> {
    /// Name the numbers otherwise. A unit of the last layer that has a number without a name is left out; there
    /// is nothing without an input, or any other unit.
    pub fn map<M>(&self, mut name: impl FnMut(N) -> Option<M>) -> Option<Evaluation<M>> {
        let inputs = self.inputs.iter().map(|&(text, input)| Some((text, name(input)?)));
        let inputs = inputs.collect::<Option<Vec<_>>>()?;
        let mut unit = |unit: &Unit<N>| {
            Some(Unit {
                name: unit.name,
                activation: unit.activation,
                part: unit.part,
                weights: unit.weights.iter().map(|&w| name(w)).collect::<Option<_>>()?,
                bias: name(unit.bias)?,
                form: name(unit.form)?,
                output: name(unit.output)?,
            })
        };
        let (last, before) = self.layers.split_last()?;
        let mut layers = Vec::with_capacity(self.layers.len());
        for layer in before {
            layers.push(layer.iter().map(&mut unit).collect::<Option<Vec<_>>>()?);
        }
        layers.push(last.iter().filter_map(unit).collect());
        let empty = inputs.is_empty() || layers.iter().any(Vec::is_empty);
        (!empty).then(|| Evaluation { sample: self.sample.clone(), inputs, layers })
    }
}

impl Evaluation<Source> {
    /// Tell whether every bias and output is a node, without which it cannot be shown.
    pub fn is_complete(&self) -> bool {
        let is_node = |source: Source| matches!(source, Source::Node(_));
        self.layers.iter().flatten().all(|unit| is_node(unit.bias) && is_node(unit.output))
    }
}
