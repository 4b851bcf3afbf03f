//! A report in a few lines: [`Statistics`], how much there is, and what was noticed.

use super::Report;
use crate::op::Op;
use crate::text::{DIGITS, counted, marked, on_one_line};
use crate::{Node, Reach};
use indexmap::IndexMap;
use std::fmt;

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
    /// Count what is on the tape.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let statistics = tape.report(x * x * x).statistics();
    /// assert_eq!((statistics.nodes, statistics.edges, statistics.depth), (3, 4, 2));
    /// assert_eq!(statistics.operations, [("mul".to_string(), 2)]);
    /// ```
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let count =
            |wanted: &dyn Fn(&Node) -> bool| self.nodes.iter().filter(|n| wanted(n)).count();
        let mut operations = IndexMap::<&str, usize>::new();
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

/// How many findings are printed; the others are counted.
pub(super) const FINDINGS: usize = 5;

impl fmt::Display for Report {
    /// Print what it is about, how much there is, and the first findings.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(3.0).label("x"), tape.var(-2.0).label("y"));
    /// let report = tape.report((x * x + y.exp()).label("z"));
    /// assert_eq!(report.to_string(), "\
    /// The tape of z
    /// 5 nodes, output %4 = 9.13534 (z)
    /// 2 independent variables, 5 edges, 2 operations deep; all lead to the output
    /// ");
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", on_one_line(&self.heading()))?;
        writeln!(f, "{}", self.extent(DIGITS))?;
        let Statistics { nodes, leaves, edges, depth, used, .. } = self.statistics();
        let leading = if used == nodes { "all".into() } else { used.to_string() };
        writeln!(
            f,
            "{}, {}, {} deep; {leading} lead to the output",
            counted(leaves, "independent variable"),
            counted(edges, "edge"),
            counted(depth, "operation"),
        )?;
        self.not_finite().map_or(Ok(()), |line| writeln!(f, "{line}"))?;
        for finding in self.findings.iter().take(FINDINGS) {
            writeln!(f, "{finding}")?;
        }
        self.more_findings().map_or(Ok(()), |more| writeln!(f, "{more}"))
    }
}

impl Report {
    /// How many nodes there are, and the output.
    pub(super) fn extent(&self, digits: usize) -> String {
        let nodes = counted(self.nodes.len(), "node");
        let Some(i) = self.output else { return format!("{nodes}, the output is a constant") };
        let node = &self.nodes[i];
        let label = node.label.as_deref().map(|label| format!(" ({})", on_one_line(label)));
        let value = marked(node.value, digits);
        format!("{nodes}, output %{i} = {value}{}", label.unwrap_or_default())
    }

    /// How much is NaN or infinite, if anything is.
    pub(super) fn not_finite(&self) -> Option<String> {
        let bad =
            |numbers: &mut dyn Iterator<Item = f64>| numbers.filter(|x| !x.is_finite()).count();
        let nodes = &self.nodes;
        let counts = [
            (bad(&mut nodes.iter().map(|node| node.value)), "value"),
            (bad(&mut nodes.iter().map(|node| node.adjoint)), "adjoint"),
            (bad(&mut nodes.iter().flat_map(|node| node.partials.iter().copied())), "partial"),
        ];
        let parts: Vec<String> = counts
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
        let is_any = !parts.is_empty();
        is_any.then(|| format!("! NaN or infinite on the whole tape: {}", parts.join(", ")))
    }

    /// How many findings there are beyond the first.
    pub(super) fn more_findings(&self) -> Option<String> {
        let more = self.findings.len().saturating_sub(FINDINGS);
        (more > 0).then(|| format!("and {}", counted(more, "more finding")))
    }
}
