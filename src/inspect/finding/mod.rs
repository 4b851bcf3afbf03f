//! What is noticed about a tape, and about a training on it.
//!
//! A detector reads a report and returns findings. `docs/findings.md` says what each code means.
//!
//! | file | idea |
//! |---|---|
//! | `code` | [`Finding`], [`Code`], [`Severity`] |
//! | `describe` | how findings speak of nodes and numbers |
//! | `non_finite` | where a NaN or an infinity came from, in values and in adjoints; products that underflow |
//! | `recipe` | what to do about it, operation by operation |
//! | `units` | units that are off, or hardly move, for every row |
//! | `connection` | parameters that no path, or no open path, joins to the output; unused nodes |
//! | `precision` | adjoints that shrink or grow with depth, operations at their kink, cancellation |
//! | `descent` | a loss that rises, stands still or goes in circles; steps too large or too small |
//! | `check` | what a gradient check did not confirm |

mod check;
mod code;
mod connection;
mod descent;
mod describe;
mod non_finite;
mod precision;
mod recipe;
mod units;

pub use code::{Code, Finding, Severity};
pub(super) use non_finite::constant_output;

use super::Report;
use crate::check::GradientReport;
use crate::optim::History;
use std::cmp::Reverse;

/// What looks for findings; each walks over the nodes a few times at most.
const DETECTORS: &[fn(&Report) -> Vec<Finding>] = &[
    non_finite::find,
    non_finite::find_adjoints,
    non_finite::find_underflows,
    units::find,
    precision::find_depth,
    connection::find,
    connection::find_unused,
    precision::find_kinks,
    precision::find_cancellation,
    check::find,
    descent::find,
];

/// The gravest findings first, those of one gravity by node.
fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (Reverse(finding.severity), finding.node, finding.code));
}

impl Report {
    /// Detect what there is to find in the report as it is now, the gravest first.
    ///
    /// [`Tape::report`](crate::Tape::report) and [`Report::with_check`] have done so. This is for reports that
    /// were changed or put together by hand. It does not replace [`Report::findings`], where there may be
    /// more: that a replay took another branch is not to be seen from the nodes.
    ///
    /// It takes a few walks over the nodes, and finds few things: of many of a kind the first ones are described in
    /// full, and how many more there are.
    ///
    /// # Panics
    /// If the report does not fit together: see [`Report::verify`].
    ///
    /// ```
    /// use gradtape::{Tape, inspect::Code};
    /// let tape = Tape::new();
    /// let x = tape.var(2.0).label("x");
    /// let mut report = tape.report(x.sqrt());
    /// assert!(report.findings.is_empty());
    /// report.nodes[0].value = f64::NAN;
    /// assert_eq!(report.detect()[0].code, Code::NonFiniteLeaf);
    /// ```
    #[must_use]
    pub fn detect(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = DETECTORS.iter().flat_map(|find| find(self)).collect();
        sort(&mut findings);
        findings
    }

    /// Add what the three referees of a gradient check said.
    ///
    /// A check that confirms nothing becomes a finding. A second check takes the place of the first.
    ///
    /// ```
    /// use gradtape::{Tape, Var, check_gradient};
    /// let f = |x: &[Var]| (x[0] * x[1]).sin();
    /// let tape = Tape::new();
    /// let y = f(&tape.vars(&[0.5, 2.0]));
    /// let report = tape.report(y).with_check(check_gradient(f, &[0.5, 2.0])?);
    /// assert!(report.check.unwrap().confirmed);
    /// # Ok::<(), gradtape::check::CheckError>(())
    /// ```
    #[must_use]
    pub fn with_check(mut self, check: GradientReport) -> Report {
        let before = check::find(&self);
        self.findings.retain(|finding| !before.contains(finding));
        self.check = Some(check);
        self.findings.extend(check::find(&self));
        sort(&mut self.findings);
        self
    }

    /// Add a training history, to be shown as animated panels, and what is noticed about it.
    ///
    /// ```
    /// use gradtape::optim::{Sgd, fit};
    /// use gradtape::{Tape, inspect::Code};
    /// // Of x² the curvature is 2, so a rate beyond 2/2 diverges.
    /// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(1.1), 12)?;
    /// let tape = Tape::new();
    /// let report = tape.report(tape.var(4.0).square()).with_run(fit.history);
    /// assert_eq!(report.findings[0].code, Code::LossRises);
    /// assert_eq!((report.findings[1].code, report.findings[1].step), (Code::StepTooLarge, Some(0)));
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    #[must_use]
    pub fn with_run(mut self, history: History) -> Report {
        self.runs.push(history.complete());
        self.findings.extend(descent::of(&self, self.runs.len() - 1));
        sort(&mut self.findings);
        self
    }
}
