//! [`Diff`]: two reports side by side.
//!
//! ```text
//! pair nodes whose label occurs once in each report
//! pair inputs without a label in their order
//! for each other node of the second report, in tape order, whose operands are paired:
//!     pair it with the first free node of the same operands and       the same operation and constants,
//!                                                               else  the same operation,
//!                                                               else  any operation:
//!     what changed in one place does not make all that follows it new
//! pair the outputs, and backwards the operands of pairs, if they do the same
//! what is left over was removed, or added
//! ```
//!
//! A looser pair is not made where the node of the first report has a counterpart that fits better.

use super::Report;
use crate::Node;
use crate::op::Op;
use crate::text::{DIGITS, counted, digits, on_one_line};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;

/// How many nodes of a kind are printed; the others are counted.
const SHOWN: usize = 20;
/// The part of a number by which it must have changed to be printed: less is rounding, as where a sweep adds in another order.
const ROUNDING: f64 = 1e-12;

/// What two reports have in common, and what not. Made by [`Report::diff`]; prints as a few lines.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diff<'a> {
    /// The two reports.
    pub reports: [&'a Report; 2],
    /// Nodes that stand for each other, by their indices in both.
    pub pairs: Vec<[usize; 2]>,
    /// Of these, those whose operation, constants, value or adjoint are not the same, to the last bit.
    pub changed: Vec<[usize; 2]>,
    /// The nodes of the first report that the second does not have.
    pub removed: Vec<usize>,
    /// The nodes of the second report that the first does not have.
    pub added: Vec<usize>,
    /// The pairs that compute otherwise, or from other operands.
    rewired: HashSet<[usize; 2]>,
}

impl Report {
    /// Compare with another report: of another version of the code, of other numbers, of a program before and after its
    /// passes.
    ///
    /// Nodes are paired by their labels, then by what they compute from which operands; the order of operands that may change
    /// places does not count.
    ///
    /// # Panics
    /// If one of them does not fit together: see [`Report::verify`].
    ///
    /// ```
    /// use gradtape::{Program, Tape};
    /// use gradtape::inspect::Report;
    ///
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(0.5).label("x"), tape.var(2.0).label("y"));
    /// let z = (x * y * 1.0).sin().label("z");
    /// let plain = tape.freeze_with(&[x, y], &[z], &[])?;
    /// let (before, after) = (plain.report(&[0.5, 2.0])?, tape.freeze(&[x, y], &[z])?.report(&[0.5, 2.0])?);
    /// let diff = Report::diff(&before, &after);
    /// assert_eq!((diff.pairs.len(), &diff.removed[..], &diff.added[..]), (4, &[3][..], &[][..]));
    /// assert_eq!(diff.to_string(), "\
    /// before  The tape of z, 5 nodes
    /// after   The tape of z, 4 nodes
    /// both    4 nodes, of which 1 has another operation or other numbers
    ///
    /// removed
    ///   - %3 = %2 * 1  value 1, adjoint 0.540302
    ///
    /// changed
    ///     z = sin(%3) -> sin(%2)
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn diff<'a>(&'a self, other: &'a Report) -> Diff<'a> {
        let mut pairing = Pairing::new([self, other]);
        pairing.labels();
        pairing.inputs();
        pairing.structure();
        pairing.uses();
        let old_of = |new: usize| pairing.old_of[new];
        let pairs: Vec<[usize; 2]> =
            (0..other.nodes.len()).filter_map(|b| Some([old_of(b)?, b])).collect();
        let rewired = |&[a, b]: &[usize; 2]| {
            kind(&self.nodes[a]) != kind(&other.nodes[b])
                || pairing.operands(b) != Some(pairing.own_operands(0, a))
        };
        let renumbered = |&[a, b]: &[usize; 2]| {
            let (old, new) = (&self.nodes[a], &other.nodes[b]);
            old.value.to_bits() != new.value.to_bits()
                || old.adjoint.to_bits() != new.adjoint.to_bits()
        };
        let rewired: HashSet<[usize; 2]> = pairs.iter().copied().filter(rewired).collect();
        let differs = |pair: &[usize; 2]| rewired.contains(pair) || renumbered(pair);
        let changed = pairs.iter().copied().filter(differs).collect();
        let free = |of: &[Option<usize>]| (0..of.len()).filter(|&i| of[i].is_none()).collect();
        let (removed, added) = (free(&pairing.new_of), free(&pairing.old_of));
        Diff { reports: [self, other], changed, removed, added, pairs, rewired }
    }
}

/// What a node computes, without its operands.
fn kind(node: &Node) -> (&str, Vec<u64>) {
    (&node.name, node.constants.iter().map(|c| c.to_bits()).collect())
}

/// Operands in an order that does not depend on how they were written.
fn sorted(node: &Node, mut operands: Vec<usize>) -> Vec<usize> {
    if node.op.commutes() {
        operands.sort_unstable();
    }
    operands
}

struct Pairing<'a> {
    reports: [&'a Report; 2],
    /// For each node of the second report the one of the first, and the other way round.
    old_of: Vec<Option<usize>>,
    new_of: Vec<Option<usize>>,
    /// In each report, for each node the first that computes the same: what is computed twice may be computed once in the
    /// other.
    first: [Vec<usize>; 2],
}

/// For each node the first that computes the same from the same operands.
fn firsts(report: &Report) -> Vec<usize> {
    let mut known = HashMap::new();
    let mut first: Vec<usize> = Vec::with_capacity(report.nodes.len());
    for (i, node) in report.nodes.iter().enumerate() {
        let operands = sorted(node, node.operands.iter().map(|&o| first[o]).collect());
        // Two inputs are two, however alike; a constant is what its value is.
        let own = if node.op == Op::Input { i as u64 } else { 0 };
        let value = if node.is_leaf() { node.value.to_bits() } else { 0 };
        let at = *known.entry((kind(node), operands, own, value)).or_insert(i);
        first.push(at);
    }
    first
}

impl<'a> Pairing<'a> {
    fn new(reports: [&'a Report; 2]) -> Pairing<'a> {
        let none = |report: &Report| vec![None; report.nodes.len()];
        let first = reports.map(firsts);
        Pairing { reports, old_of: none(reports[1]), new_of: none(reports[0]), first }
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.old_of[new] = Some(old);
        self.new_of[old] = Some(new);
    }

    fn labels(&mut self) {
        let once = self.reports.map(|report| {
            let mut at = IndexMap::<&str, Option<usize>>::new();
            for (i, node) in report.nodes.iter().enumerate() {
                if let Some(label) = &node.label {
                    at.entry(label).and_modify(|at| *at = None).or_insert(Some(i));
                }
            }
            at
        });
        for (label, old) in &once[0] {
            if let (Some(old), Some(Some(new))) = (*old, once[1].get(label)) {
                self.pair(old, *new);
            }
        }
    }

    fn inputs(&mut self) {
        let free = |report: &Report, of: &[Option<usize>]| -> Vec<usize> {
            let is_input = |i: &usize| report.nodes[*i].op == Op::Input && of[*i].is_none();
            (0..of.len()).filter(is_input).collect()
        };
        let old = free(self.reports[0], &self.new_of);
        for (old, new) in old.into_iter().zip(free(self.reports[1], &self.old_of)) {
            self.pair(old, new);
        }
    }

    /// The operands of a node, each the first that computes the same.
    fn own_operands(&self, report: usize, node: usize) -> Vec<usize> {
        let node = &self.reports[report].nodes[node];
        sorted(node, node.operands.iter().map(|&o| self.first[report][o]).collect())
    }

    /// The operands of a node of the second report, as they are in the first.
    fn operands(&self, new: usize) -> Option<Vec<usize>> {
        let node = &self.reports[1].nodes[new];
        let old = |o: usize| self.old_of[o].or(self.old_of[self.first[1][o]]);
        let operands: Option<Vec<usize>> =
            node.operands.iter().map(|&o| Some(self.first[0][old(o)?])).collect();
        Some(sorted(node, operands?))
    }

    fn structure(&mut self) {
        let [a, b] = self.reports;
        // What there is in the second report, to leave a better fit its place.
        let here: Vec<Vec<usize>> =
            (0..b.nodes.len()).map(|new| self.own_operands(1, new)).collect();
        let fits: HashSet<_> =
            b.nodes.iter().zip(&here).map(|(node, at)| (at, kind(node))).collect();
        let names: HashSet<_> =
            b.nodes.iter().zip(&here).map(|(node, at)| (at, &*node.name)).collect();
        let mut free: HashMap<Vec<usize>, VecDeque<usize>> = HashMap::new();
        for old in (0..a.nodes.len()).filter(|&old| self.new_of[old].is_none()) {
            free.entry(self.own_operands(0, old)).or_default().push_back(old);
        }
        for (new, node) in b.nodes.iter().enumerate() {
            if self.old_of[new].is_some() {
                continue;
            }
            let Some(candidates) = self.operands(new).and_then(|at| free.get_mut(&at)) else {
                continue;
            };
            let same_value =
                |old: &Node| !node.is_leaf() || old.value.to_bits() == node.value.to_bits();
            let place = |holds: &dyn Fn(&Node) -> bool| {
                candidates.iter().position(|&old| holds(&a.nodes[old]))
            };
            let exact = place(&|old| kind(old) == kind(node) && same_value(old));
            let loose = || {
                place(&|old| old.name == node.name && !fits.contains(&(&here[new], kind(old))))
                    .or_else(|| place(&|old| !names.contains(&(&here[new], &*old.name))))
            };
            let found = if node.is_leaf() { exact } else { exact.or_else(loose) };
            if let Some(old) = found.and_then(|k| candidates.remove(k)) {
                self.pair(old, new);
            }
        }
    }

    /// From the outputs back: what is used in the same place.
    fn uses(&mut self) {
        let [a, b] = self.reports;
        let alike = |old: usize, new: usize| {
            let (old, new) = (&a.nodes[old], &b.nodes[new]);
            old.name == new.name && old.operands.len() == new.operands.len() && !new.is_leaf()
        };
        let pair = |this: &mut Self, old: usize, new: usize| {
            let is_free = this.new_of[old].is_none() && this.old_of[new].is_none();
            if is_free && alike(old, new) {
                this.pair(old, new);
            }
        };
        if let Some((old, new)) = a.output.zip(b.output) {
            pair(self, old, new);
        }
        for new in (0..b.nodes.len()).rev() {
            let Some(old) = self.old_of[new].filter(|&old| alike(old, new)) else { continue };
            for (&old, &new) in a.nodes[old].operands.iter().zip(&b.nodes[new].operands) {
                pair(self, old, new);
            }
        }
    }
}

impl Diff<'_> {
    /// Whether a pair differs by more than rounding, or in what it computes.
    fn is_real(&self, [a, b]: [usize; 2]) -> bool {
        let (old, new) = (&self.reports[0].nodes[a], &self.reports[1].nodes[b]);
        let moved = |x: f64, y: f64| {
            !(x == y
                || x.is_nan() && y.is_nan()
                || (x - y).abs() <= ROUNDING * x.abs().max(y.abs()))
        };
        self.rewired.contains(&[a, b])
            || moved(old.value, new.value)
            || moved(old.adjoint, new.adjoint)
    }

    /// How a pair is computed before and after, if that is not the same.
    fn does(&self, [a, b]: [usize; 2]) -> Option<String> {
        let (old, new) = (self.reports[0].expression(a), self.reports[1].expression(b));
        let text = || format!("{} -> {}", on_one_line(&old), on_one_line(&new));
        self.rewired.contains(&[a, b]).then(text)
    }

    /// Each change in a line: a sign for what happened, and what.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let gone = |report: usize, i: usize| {
            let (report, node) = (self.reports[report], &self.reports[report].nodes[i]);
            let (name, does) = (on_one_line(&report.name(i)), on_one_line(&report.expression(i)));
            format!(
                "{name} = {does}  value {}, adjoint {}",
                digits(node.value, DIGITS),
                digits(node.adjoint, DIGITS)
            )
        };
        let change = |pair: [usize; 2]| {
            let [a, b] = pair;
            let (old, new) = (&self.reports[0].nodes[a], &self.reports[1].nodes[b]);
            let number = |name: &str, x: f64, y: f64| {
                (x != y && !(x.is_nan() && y.is_nan()))
                    .then(|| format!("{name} {} -> {}", digits(x, DIGITS), digits(y, DIGITS)))
            };
            let parts = [
                number("value", old.value, new.value),
                number("adjoint", old.adjoint, new.adjoint),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            let does = self.does(pair).map(|does| format!(" = {does}")).unwrap_or_default();
            let gap = if parts.is_empty() { "" } else { "  " };
            format!("{}{does}{gap}{}", on_one_line(&self.reports[1].name(b)), parts.join(", "))
        };
        let removed = self.removed.iter().map(|&i| ("-", gone(0, i)));
        let added = self.added.iter().map(|&i| ("+", gone(1, i)));
        let changed = self
            .changed
            .iter()
            .filter(|pair| self.is_real(**pair))
            .map(|&pair| (" ", change(pair)));
        removed.chain(added).chain(changed).collect()
    }

    /// What is compared, and how much of it there is.
    pub(super) fn summary(&self) -> [(&'static str, String); 3] {
        let extent = |report: &Report| {
            format!("{}, {}", on_one_line(&report.heading()), counted(report.nodes.len(), "node"))
        };
        let real = self.changed.iter().filter(|pair| self.is_real(**pair)).count();
        let verb = if real == 1 { "has" } else { "have" };
        let mut both = format!(
            "{}, of which {real} {verb} another operation or other numbers",
            counted(self.pairs.len(), "node")
        );
        let rounded = self.changed.len() - real;
        if rounded > 0 {
            both += &format!("; {rounded} differ by rounding or in the numbers of their operands");
        }
        [("before", extent(self.reports[0])), ("after", extent(self.reports[1])), ("both", both)]
    }
}

impl fmt::Display for Diff<'_> {
    /// Print what is compared, then what was removed, added and changed, the first of each kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in self.summary() {
            writeln!(f, "{name:<7} {text}")?;
        }
        let lines = self.lines();
        for (sign, title) in [("-", "removed"), ("+", "added"), (" ", "changed")] {
            let of_kind: Vec<&String> =
                lines.iter().filter(|line| line.0 == sign).map(|line| &line.1).collect();
            if of_kind.is_empty() {
                continue;
            }
            writeln!(f, "\n{title}")?;
            for line in of_kind.iter().take(SHOWN) {
                writeln!(f, "  {sign} {line}")?;
            }
            if of_kind.len() > SHOWN {
                writeln!(f, "  and {} more", of_kind.len() - SHOWN)?;
            }
        }
        Ok(())
    }
}
