//! [`Report`]: all there is to show of a tape and one output, as plain data.

use super::{Checked, Finding, Network, Run};
use crate::op::Op;
use crate::{Guard, Scope};

/// Hold what there is to show of a tape and one output.
///
/// It is plain data: no renderer computes a number that is not here or follows from these by adding and
/// multiplying. It stays valid when the tape is cleared or dropped. Made by
/// [`Tape::report`](crate::Tape::report) and [`Program::report`](crate::Program::report).
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0).label("x");
/// let report = tape.report((x * x).label("y"));
/// let y = &report.nodes[1];
/// assert_eq!((&y.operands[..], &y.partials[..]), (&[0, 0][..], &[3.0, 3.0][..]));
/// assert_eq!(report.nodes[0].adjoint, 6.0);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// What it is about, in a few words.
    pub title: String,
    /// The node that was swept from; none if the output is a constant.
    pub output: Option<usize>,
    /// All nodes, in tape order.
    pub nodes: Vec<ReportNode>,
    /// The scopes, outer before inner; all are closed.
    pub scopes: Vec<Scope>,
    /// The comparisons that were made while recording.
    pub guards: Vec<Guard>,
    /// What was noticed, the gravest first.
    pub findings: Vec<Finding>,
    /// What the referees of a gradient check said.
    pub check: Option<Checked>,
    /// The network that made the tape.
    pub network: Option<Network>,
    /// Training histories.
    pub runs: Vec<Run>,
    /// More that is known, as names and values: how a program was made smaller, for instance.
    pub facts: Vec<(String, String)>,
}

/// One node of a report.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReportNode {
    /// What it does.
    pub op: Op,
    /// The operation's name: that of the op table, or the custom operation's own.
    pub name: String,
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
    /// The innermost scope around it, as an index into [`Report::scopes`].
    pub scope: Option<usize>,
    /// Where it was recorded, as `file:line`, if the tape remembered.
    pub location: Option<String>,
}

/// How the output depends on a node: it tells three zeros apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Paths lead to the output and at least one carries: an adjoint of 0 is a true zero.
    Connected,
    /// Paths lead to the output, but each runs through a piece where an operation is constant.
    Blocked,
    /// No path leads to the output.
    #[default]
    NotConnected,
}

/// Count what is on a tape. Made by [`Report::statistics`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// All nodes.
    pub nodes: usize,
    /// The independent variables among them.
    pub leaves: usize,
    /// The operands of all nodes.
    pub edges: usize,
    /// The most operations on a path from a leaf.
    pub depth: usize,
    /// The nodes that lead to the output, itself included.
    pub used: usize,
    /// The nodes whose value is NaN or infinite.
    pub non_finite_values: usize,
    /// The nodes whose adjoint is NaN or infinite.
    pub non_finite_adjoints: usize,
    /// How often each operation occurs, the most frequent first.
    pub operations: Vec<(String, usize)>,
}

impl Report {
    /// Name what the report is about.
    #[must_use]
    pub fn title(mut self, title: &str) -> Report {
        self.title = title.into();
        self
    }

    /// Add a training history, to be shown as animated panels.
    #[must_use]
    pub fn with_run(mut self, run: Run) -> Report {
        self.runs.push(run);
        self
    }

    /// Add the network that made the tape.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Report {
        self.network = Some(network);
        self
    }

    /// Find a node by its label, or by its index as `%12` or `12`; of nodes with one label the first.
    ///
    /// A label comes before an index: a node that is labelled `12` is found as `12`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let labelled = self.nodes.iter().position(|node| node.label.as_deref() == Some(name));
        labelled.or_else(|| {
            let index: usize = name.strip_prefix('%').unwrap_or(name).parse().ok()?;
            (index < self.nodes.len()).then_some(index)
        })
    }

    /// List the nodes that use each node, in tape order; one that uses it twice is listed twice.
    #[must_use]
    pub fn users(&self) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            for &operand in &node.operands {
                users[operand].push(i);
            }
        }
        users
    }

    /// Count, for every node, the operations on the longest path from a leaf.
    #[must_use]
    pub fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            depths.push(node.operands.iter().map(|&o| depths[o] + 1).max().unwrap_or(0));
        }
        depths
    }

    /// Read the path of a node's scope, `outer / inner`.
    #[must_use]
    pub fn scope_path(&self, node: usize) -> Option<String> {
        self.nodes[node].scope.map(|scope| self.path_of(scope))
    }

    /// The path of a scope.
    pub(super) fn path_of(&self, scope: usize) -> String {
        let mut names = vec![self.scopes[scope].name.as_str()];
        let mut at = scope;
        while let Some(parent) = self.scopes[at].parent {
            names.push(&self.scopes[parent].name);
            at = parent;
        }
        names.reverse();
        names.join(" / ")
    }

    /// Count what is on the tape.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let count =
            |wanted: &dyn Fn(&ReportNode) -> bool| self.nodes.iter().filter(|n| wanted(n)).count();
        let mut operations = indexmap::IndexMap::<&str, usize>::new();
        for node in self.nodes.iter().filter(|node| !node.is_leaf()) {
            *operations.entry(&node.name).or_default() += 1;
        }
        operations.sort_by(|a, n, b, m| m.cmp(n).then(a.cmp(b)));
        Statistics {
            nodes: self.nodes.len(),
            leaves: count(&|node| node.op == Op::Input),
            edges: self.nodes.iter().map(|node| node.operands.len()).sum(),
            depth: self.depths().into_iter().max().unwrap_or(0),
            used: count(&|node| node.reach != Reach::NotConnected),
            non_finite_values: count(&|node| !node.value.is_finite()),
            non_finite_adjoints: count(&|node| !node.adjoint.is_finite()),
            operations: operations.into_iter().map(|(name, n)| (name.into(), n)).collect(),
        }
    }
}

impl ReportNode {
    /// Tell whether it is an independent variable or a constant.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        matches!(self.op, Op::Input | Op::Const)
    }
}
