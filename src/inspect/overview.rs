//! A report in a few lines: how much there is, and what was noticed.

use super::{Report, Statistics};
use crate::text::DIGITS;
use crate::text::counted;
use crate::text::marked;
use crate::text::on_one_line;
use std::fmt;

/// How many findings are told; the others are counted.
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
        let said: Vec<String> = counts
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
        let is_any = !said.is_empty();
        is_any.then(|| format!("! NaN or infinite on the whole tape: {}", said.join(", ")))
    }

    /// How many findings there are beyond the first.
    pub(super) fn more_findings(&self) -> Option<String> {
        let more = self.findings.len().saturating_sub(FINDINGS);
        (more > 0).then(|| format!("and {}", counted(more, "more finding")))
    }
}
