//! [`Report`]: all there is to show of a tape and one output, as plain data.

use super::{Finding, Network, Sparsity};
use crate::Node;
use crate::check::GradientReport;
use crate::optim::History;
use crate::tape::{Guard, Scope};

/// Hold what there is to show of a tape and one output.
///
/// It is plain data, all of it public: no renderer computes a number that is not here or follows from these by adding and
/// multiplying. It stays valid when the tape is cleared or dropped. Made by
/// [`Tape::report`](crate::Tape::report) and [`Program::report`](crate::Program::report).
///
/// # What holds
/// Whoever changes a report keeps to this, and [`verify`](Report::verify) says whether it holds; asked of a report
/// of which it does not, a method or a format may panic.
///
/// - Every index is that of something there; an operand comes before its node.
/// - A node has a partial for each operand, and as many operands and constants as its operation takes.
/// - Scopes are closed, in the order in which they begin, each inside its parent; a node names the innermost.
/// - A unit of the network gives something for each sample; a link leads from one layer to the next.
/// - A pattern has the columns of the entries of each row, ascending.
/// - The steps of a history go up; its curves and losses are as many as its frames, and as long as their grid.
///
/// Numbers are free: nothing is recomputed, and any of them may be NaN.
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
    pub nodes: Vec<Node>,
    /// The scopes, outer before inner; all are closed.
    pub scopes: Vec<Scope>,
    /// The comparisons that were made while recording.
    pub guards: Vec<Guard>,
    /// What was noticed, the most severe first.
    pub findings: Vec<Finding>,
    /// The result of a gradient check.
    pub check: Option<GradientReport>,
    /// The network that made the tape.
    pub network: Option<Network>,
    /// The pattern of a sparse derivative.
    pub pattern: Option<Sparsity>,
    /// Training histories.
    pub runs: Vec<History>,
    /// What changed since another report or by passes, in order, as what happened and to what.
    pub compared: Vec<(String, String)>,
    /// More that is known, as names and values: how a program was made smaller, for instance.
    pub facts: Vec<(String, String)>,
}

impl Report {
    /// Name what the report is about.
    #[must_use]
    pub fn title(mut self, title: &str) -> Report {
        self.title = title.into();
        self
    }

    /// Add the network that made the tape.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Report {
        self.network = Some(network);
        self
    }

    /// Add the pattern of a sparse derivative, to be drawn as a panel: a [`JacobianPlan`](crate::program::JacobianPlan) or a
    /// [`HessianPlan`](crate::program::HessianPlan).
    ///
    /// ```
    /// use gradtape::{Program, Var, sum};
    /// let springs = |x: &[Var]| sum(x.windows(2).map(|pair| (pair[1] - pair[0]).powi(4)));
    /// let program = Program::record(springs, &[0.0, 1.0, 3.0, 6.0]);
    /// let report = program.report(&[0.0, 1.0, 3.0, 6.0])?.with_pattern(&program.hessian_plan()?);
    /// assert_eq!(report.pattern.unwrap().entries[1], [0, 1, 2]);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[must_use]
    pub fn with_pattern(mut self, pattern: impl Into<Sparsity>) -> Report {
        self.pattern = Some(pattern.into());
        self
    }
}
