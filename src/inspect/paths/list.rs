//! [`Paths`]: some or all paths from the output back to a node, and what they add up to; how many there are; what
//! each use of a node adds.

use super::search::{Path, PathEdge, Search};
use crate::Reach;
use crate::inspect::Report;

/// How many paths are listed if not asked for another number.
const LISTED: usize = 64;

/// How far the sum of all paths may be from the adjoint, relative to the adjoint or to 1.
const TOLERANCE: f64 = 1e-12;

/// Paths from the output back to a node, and what they add up to. Made by [`Report::paths`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Paths {
    /// The node.
    pub node: usize,
    /// How many paths there are, listed or not: see [`Report::path_counts`].
    pub count: f64,
    /// Those that are listed: products that are NaN or infinite first, then the largest magnitude; of equals
    /// the one that goes by earlier operands.
    pub listed: Vec<Path>,
    /// The sum of the listed products, in this order.
    pub sum: f64,
    /// The derivative of the output with respect to the node, as the reverse sweep gives it.
    pub adjoint: f64,
    /// What the paths that are not listed add up to, `adjoint - sum`; none if all are listed.
    pub remainder: Option<f64>,
    /// Whether the sum is the adjoint, `|sum - adjoint| ≤ 1e-12 · max(1, |adjoint|)` or both the same
    /// infinity or NaN; none if not all are listed.
    pub agrees: Option<bool>,
}

impl Report {
    /// List the paths from the output back to a node, the largest products first, of many the first 64.
    ///
    /// Which 64 that are is decided by the sizes of the products as if they neither overflowed nor underflowed,
    /// up to rounding. A listed path costs its length, however many there are.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let tape = Tape::new();
    /// let dosage = Dosage::main_ideas();
    /// let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    /// // -2 · residual · 1, once for each observation.
    /// let paths = report.paths(report.find("b3").unwrap());
    /// assert_eq!((paths.count, paths.listed.len()), (3.0, 3));
    /// assert_eq!(paths.listed[0].product, -5.2297392680713569);
    /// assert_eq!(paths.adjoint, -15.655108380577747);
    /// assert_eq!(paths.agrees, Some(true));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn paths(&self, node: usize) -> Paths {
        self.paths_up_to(node, LISTED)
    }

    /// List at most so many paths: see [`paths`](Report::paths).
    ///
    /// # Panics
    /// If the report has no such node.
    #[must_use]
    #[track_caller]
    pub fn paths_up_to(&self, node: usize, most: usize) -> Paths {
        self.list_paths(node, most, false)
    }

    /// List at most so many groups of equal paths, each as its first: see [`paths`](Report::paths). What a group adds
    /// up to decides which come first. If all are here they stand in the order of the tape, in which they are found
    /// again in the code.
    pub(in crate::inspect) fn grouped_paths(&self, node: usize, most: usize) -> Paths {
        // Of equals the first in tape order are shown, so there must be more to choose from.
        let mut paths = self.list_paths(node, most.max(LISTED), true);
        if paths.listed.len() > most {
            paths.listed.truncate(most);
            paths.sum = paths.listed.iter().map(Path::adds).fold(0.0, |sum, product| sum + product);
            (paths.remainder, paths.agrees) = (Some(paths.adjoint - paths.sum), None);
        }
        if paths.remainder.is_none() {
            paths.listed.sort_by(Path::in_tape_order);
        }
        paths
    }

    #[track_caller]
    fn list_paths(&self, node: usize, most: usize, groups: bool) -> Paths {
        self.assert_has(node);
        let adjoint = self.nodes[node].adjoint;
        let count = self.path_counts()[node];
        let output = self.output.filter(|_| count > 0.0);
        let search = output.map(|output| Search::new(&self.nodes, output, node, groups));
        let mut found = search.into_iter().flatten();
        let mut listed: Vec<Path> = found.by_ref().take(most).collect();
        listed.sort_by(Path::before);
        let sum = listed.iter().map(Path::adds).fold(0.0, |sum, product| sum + product);
        // The counts of very many paths are rounded.
        let all = if groups { found.next().is_none() } else { listed.len() as f64 == count };
        Paths {
            node,
            count,
            listed,
            sum,
            adjoint,
            remainder: (!all).then_some(adjoint - sum),
            agrees: all.then(|| agree(sum, adjoint)),
        }
    }

    /// Count, for every node, the paths from the output back to it.
    ///
    /// Two paths differ if they differ in an edge: `x * x` has two to `x`. The output itself has one, without
    /// edges; a node that the output does not use has none. Takes one sweep. The counts are exact below
    /// 2⁵³, above that they are rounded, and above 1e308 infinite.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(1.0);
    /// let y = (0..80).fold(x, |y, _| y * y);
    /// assert_eq!(tape.report(y).path_counts()[0], 2f64.powi(80));
    /// ```
    #[must_use]
    pub fn path_counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.nodes.len()];
        let Some(output) = self.output else { return counts };
        counts[output] = 1.0;
        for i in (0..=output).rev() {
            let through = counts[i];
            for &operand in &self.nodes[i].operands {
                counts[operand] += through;
            }
        }
        counts
    }

    /// List what the adjoint of a node is added up from, each use with what it adds, in the order in which the
    /// sweep adds: users from the last to the first, operands in order. A use adds the user's adjoint times the
    /// partial, and 0 where that adjoint is 0.
    ///
    /// It is the chain rule in one step, `∂output/∂node = Σ ∂output/∂user · ∂user/∂node`, and short where the
    /// paths are many. Users that do not lead to the output add nothing and are left out. The sum is the
    /// adjoint but for rounding: a rule may multiply in another order. The output's own adjoint of 1 is the
    /// seed of the sweep; it has no uses.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let report = tape.report(x * x + x);
    /// let uses = report.uses(0);
    /// let added: Vec<_> = uses.iter().map(|(edge, added)| (edge.user, *added)).collect();
    /// assert_eq!(added, [(2, 1.0), (1, 3.0), (1, 3.0)]);
    /// assert_eq!(report.nodes[0].adjoint, 7.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn uses(&self, node: usize) -> Vec<(PathEdge, f64)> {
        self.assert_has(node);
        let last = self.output.map_or(0, |output| output + 1);
        let users = (node + 1..last).rev();
        let leading = users.filter(|&i| self.nodes[i].reach != Reach::NotConnected);
        let uses = leading.flat_map(|user| {
            let at = &self.nodes[user];
            let edges = at.operands.iter().zip(&at.partials).enumerate();
            edges.filter(move |(_, (used, _))| **used == node).map(
                move |(operand, (_, &partial))| {
                    let flows = at.adjoint != 0.0 || at.reach == Reach::Connected;
                    let added =
                        if flows && at.carries(partial) { at.adjoint * partial } else { 0.0 };
                    (PathEdge { user, operand, node, partial }, added)
                },
            )
        });
        uses.collect()
    }
}

/// Whether a sum is the adjoint but for rounding.
fn agree(sum: f64, adjoint: f64) -> bool {
    let same = sum == adjoint || (sum.is_nan() && adjoint.is_nan());
    same || (sum - adjoint).abs() <= TOLERANCE * adjoint.abs().max(1.0)
}

impl Paths {
    /// Tell how far the sum is from the adjoint, relative to the largest product: of the order of 1e-16 a path it
    /// is rounding, where large products cancel.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(0.1);
    /// let y = (x * 3e20 + x) - x * 3e20;
    /// let paths = tape.report(y).paths(0);
    /// // The derivative is 1: it is lost beside 3e20, or not, as the order of adding has it.
    /// assert_eq!((paths.agrees, paths.sum, paths.adjoint), (Some(false), 1.0, 0.0));
    /// assert!(paths.relative_difference() < 1e-16);
    /// ```
    #[must_use]
    pub fn relative_difference(&self) -> f64 {
        if self.sum == self.adjoint {
            return 0.0;
        }
        let largest = self.listed.iter().map(|path| path.adds().abs()).fold(0.0, f64::max);
        (self.sum - self.adjoint).abs() / largest
    }
}
