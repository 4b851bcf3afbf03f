//! The nodes of a tape as people and tools read them.

use super::Reach;
use super::edges::partials;
use crate::Tape;
use crate::op::Op;
use crate::tape::nodes::Nodes;
use crate::tape::{Instructions, innermost};
use std::borrow::Cow;

/// One node of a tape, described.
///
/// A [`Report`](crate::inspect::Report) has all nodes of a tape with their adjoints.
/// [`Tape::node`] and [`Tape::nodes`] know of no output, so there every adjoint is 0 and every reach
/// [`Reach::NotConnected`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Its index on the tape: operands have smaller ones.
    pub index: usize,
    /// What it does.
    pub op: Op,
    /// The operation's name: that of the op table, or the custom operation's own.
    pub name: Cow<'static, str>,
    /// Its operands in order, as indices; `x * x` has two.
    pub operands: Vec<usize>,
    /// The local partial with respect to each operand.
    pub partials: Vec<f64>,
    /// The constants it keeps.
    pub constants: Vec<f64>,
    /// Its value.
    pub value: f64,
    /// The derivative of the output with respect to it, as the reverse sweep gives it.
    pub adjoint: f64,
    /// How the output depends on it.
    pub reach: Reach,
    /// Its label.
    pub label: Option<String>,
    /// The innermost scope around it, as an index into [`Tape::scopes`].
    pub scope: Option<usize>,
    /// The line of code it was recorded at, as `file:line`, if that was
    /// [remembered](Tape::record_locations). [`Tape::location`] has it in parts.
    pub location: Option<String>,
}

impl Node {
    /// Tell whether it is an independent variable or a constant.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        matches!(self.op, Op::Input | Op::Const)
    }

    /// What the columns of a tape say about node `i`.
    fn read(nodes: &Nodes<'_>, i: usize) -> Node {
        let edges = partials(nodes, nodes.values, i).into_iter();
        let (operands, partials) = edges.map(|(o, partial)| (o as usize, partial)).unzip();
        let inst = nodes.inst(i);
        Node {
            index: i,
            op: inst.op,
            name: match inst.op {
                Op::Custom => nodes.name(inst).to_string().into(),
                op => op.info().name.into(),
            },
            operands,
            partials,
            constants: nodes.constants(&inst).to_vec(),
            value: nodes.values[i],
            adjoint: 0.0,
            reach: Reach::NotConnected,
            label: None,
            scope: None,
            location: None,
        }
    }
}

impl Tape {
    /// Describe node `i`.
    ///
    /// # Panics
    /// If the tape has no node `i`.
    #[must_use]
    #[track_caller]
    pub fn node(&self, i: usize) -> Node {
        self.assert_has(i);
        let node = self.recording.read(|nodes| Node::read(&nodes, i));
        self.with_names(node, self.recording.scopes.borrow().around(i))
    }

    /// Describe all nodes in order.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        let nodes: Vec<Node> = self
            .recording
            .read(|nodes| (0..nodes.values.len()).map(|i| Node::read(&nodes, i)).collect());
        let scopes = innermost(&self.scopes(), nodes.len());
        nodes.into_iter().zip(scopes).map(|(node, scope)| self.with_names(node, scope))
    }

    fn with_names(&self, node: Node, scope: Option<usize>) -> Node {
        let i = node.index;
        Node {
            label: self.recording.labels.borrow().get(i as u32).map(str::to_string),
            scope,
            location: self.location(i).map(|at| format!("{}:{}", at.file(), at.line())),
            ..node
        }
    }
}
