//! [`Report`]: all there is to show of a tape and one output, as plain data.

use super::{Finding, Network};
use crate::Node;
use crate::check::{Estimate, GradientReport, InputCheck, Verdict};
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
    pub check: Option<Checked>,
    /// The network that made the tape.
    pub network: Option<Network>,
    /// Training histories.
    pub runs: Vec<History>,
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

    /// Add a training history, to be shown as animated panels.
    #[must_use]
    pub fn with_run(mut self, history: History) -> Report {
        self.runs.push(history.complete());
        self
    }

    /// Add the network that made the tape.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Report {
        self.network = Some(network);
        self
    }
}

/// The result of a gradient check, as plain data.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// The verdict in words.
    pub verdict: String,
    /// Whether all agree on every input.
    pub confirmed: bool,
    /// The value of the function.
    pub value: f64,
    /// The relative deviation that was let pass.
    pub tolerance: f64,
    /// What was found about each input.
    pub inputs: Vec<CheckedInput>,
    /// The power of the step that the Taylor remainder shrinks with, if it follows one.
    pub order: Option<f64>,
    /// The Taylor remainders, largest step first.
    pub remainders: Vec<Estimate>,
}

/// What the referees of a gradient check found about one input.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckedInput {
    /// Its name.
    pub name: String,
    /// Its value.
    pub x: f64,
    /// The derivative that was claimed, if one was.
    pub claimed: Option<f64>,
    /// The derivative by the reverse sweep.
    pub reverse: f64,
    /// The derivative by the forward sweep.
    pub forward: f64,
    /// The derivative by central differences, if the function is finite around the point.
    pub difference: Option<CheckedDifference>,
    /// What follows: `agree`, `kink`, ...
    pub finding: String,
    /// Which kind of finding that is: `agree`, `unreliable`, `kink`, `disagree` or `non-finite`.
    pub kind: String,
    /// What on the tape may explain it.
    pub clue: Option<String>,
}

/// A derivative as values of the function tell it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckedDifference {
    /// The estimate on the plateau.
    pub value: f64,
    /// How far it may be off.
    pub uncertainty: f64,
    /// The step of the plateau.
    pub step: f64,
    /// The estimate at every step, largest step first.
    pub estimates: Vec<Estimate>,
}

impl Checked {
    /// Copy what a check found.
    pub(super) fn of(check: &GradientReport) -> Checked {
        Checked {
            verdict: check.summary(),
            confirmed: check.is_ok(),
            value: check.value(),
            tolerance: check.tolerance(),
            inputs: check.inputs().iter().map(input).collect(),
            order: check.order(),
            remainders: check.remainders().to_vec(),
        }
    }
}

fn input(input: &InputCheck) -> CheckedInput {
    let difference = input.difference.as_ref().map(|difference| CheckedDifference {
        value: difference.best.value,
        uncertainty: difference.uncertainty,
        step: difference.best.step,
        estimates: difference.estimates.clone(),
    });
    CheckedInput {
        name: input.name.clone(),
        x: input.x,
        claimed: input.claimed,
        reverse: input.reverse,
        forward: input.forward,
        difference,
        finding: input.verdict.to_string(),
        kind: kind(&input.verdict).into(),
        clue: input.clue.clone(),
    }
}

fn kind(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Agree => "agree",
        Verdict::Unreliable(_) => "unreliable",
        Verdict::Kink { .. } => "kink",
        Verdict::Disagree { .. } => "disagree",
        Verdict::NonFinite { .. } => "non-finite",
    }
}
