//! [`Network`]: the drawing of a network, each part of which is a node of the tape.

/// The units of a network, layer by layer, and the links between them.
///
/// It holds no numbers of its own but those of data: a unit's activation, a bias and a weight are nodes of
/// the report, with value and adjoint there. [`Network::found_in`] makes it from a report.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Network {
    /// What the network was evaluated for, one name an evaluation: `dosage 0.5`.
    pub samples: Vec<String>,
    /// The units of each layer, the inputs first.
    pub layers: Vec<Vec<Unit>>,
    /// The links, each from a unit of one layer to one of the next.
    pub links: Vec<Link>,
}

/// A unit of a network.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// The function it applies; empty for an input or a plain sum.
    pub activation: String,
    /// The node of its bias; none for an input.
    pub bias: Option<usize>,
    /// What it gives for each sample.
    pub gives: Vec<Seen>,
    /// The curve that it makes, as an index into the parts of [`Curves`](crate::inspect::Curves).
    pub part: Option<usize>,
}

/// Where a number is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// At a node.
    Node(usize),
    /// In the data: it is no node.
    Data(f64),
}

/// A link of a network.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The layer of the unit that it starts from; it ends in the next.
    pub layer: usize,
    /// The unit that it starts from.
    pub from: usize,
    /// The unit that it ends at.
    pub to: usize,
    /// The node of its weight; none if the weight is a constant kept inside another node.
    pub weight: Option<usize>,
}
