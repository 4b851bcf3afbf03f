//! What is noticed about a tape.
//!
//! A detector reads a report and returns findings. `docs/findings.md` says what each code means.
//!
//! | file | idea |
//! |---|---|
//! | `code` | [`Finding`], [`Code`], [`Severity`] |
//! | `non_finite` | where a NaN or an infinity came from |
//! | `adjoint` | where one came from in the reverse sweep, and how |
//! | `units` | units that are off, or hardly move, for every row |
//! | `depth` | adjoints that shrink or grow with depth |
//! | `connection` | parameters that no path, or no open path, joins to the output |
//! | `unused` | nodes that the output does not use |
//! | `kink` | operations at their kink |
//! | `cancellation` | differences of nearly equal numbers |
//! | `check` | what a gradient check did not confirm |
//! | `words` | how nodes and numbers are named in findings |

mod adjoint;
mod cancellation;
mod check;
mod code;
mod connection;
mod depth;
mod kink;
mod non_finite;
mod units;
mod unused;
mod words;

use super::{Checked, Report};
use crate::check::GradientReport;
pub use code::{Code, Finding, Severity};
pub(super) use non_finite::constant_output;
use std::cmp::Reverse;

/// What looks for findings; each walks over the nodes a few times at most.
const DETECTORS: &[fn(&Report) -> Vec<Finding>] = &[
    non_finite::find,
    adjoint::find,
    units::find,
    depth::find,
    connection::find,
    unused::find,
    kink::find,
    cancellation::find,
    check::find,
];

/// Run all detectors: the gravest findings first, those of one gravity by node.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let mut findings: Vec<Finding> = DETECTORS.iter().flat_map(|find| find(report)).collect();
    sort(&mut findings);
    findings
}

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
    /// It takes a few walks over the nodes, and finds few things: of many of a kind the first ones are told in
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
        find(self)
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
    /// let report = tape.report(y).with_check(&check_gradient(f, &[0.5, 2.0])?);
    /// assert!(report.check.unwrap().confirmed);
    /// # Ok::<(), gradtape::check::CheckError>(())
    /// ```
    #[must_use]
    pub fn with_check(mut self, check: &GradientReport) -> Report {
        let before = check::find(&self);
        self.findings.retain(|finding| !before.contains(finding));
        self.check = Some(Checked::of(check));
        self.findings.extend(check::find(&self));
        sort(&mut self.findings);
        self
    }
}
