//! [`Finding`]: something that was noticed about a tape, under a stable code.
//!
//! A detector reads a report and returns findings. `docs/findings.md` says what each code means.
//!
//! | file | idea |
//! |---|---|
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
mod connection;
mod depth;
mod kink;
mod non_finite;
mod units;
mod unused;
mod words;

use super::Report;
use crate::text::on_one_line;
pub(super) use non_finite::constant_output;
use std::cmp::Reverse;
use std::fmt;

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

/// Look a report over: the gravest findings first, those of one gravity by node.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let mut findings: Vec<Finding> = DETECTORS.iter().flat_map(|find| find(report)).collect();
    sort(&mut findings);
    findings
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (Reverse(finding.severity), finding.node, finding.code));
}

impl Report {
    /// Look the report over again: what there is to find in it as it is now, the gravest first.
    ///
    /// [`Tape::report`](crate::Tape::report) and [`Report::with_check`] have done so. It is for reports that
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
    /// assert_eq!(report.look_over()[0].code, Code::NonFiniteLeaf);
    /// ```
    #[must_use]
    pub fn look_over(&self) -> Vec<Finding> {
        find(self)
    }

    /// Change the gradient check, and the findings that follow from it.
    pub(super) fn checked_again(&mut self, check: super::Checked) {
        let before = check::find(self);
        self.findings.retain(|finding| !before.contains(finding));
        self.check = Some(check);
        self.findings.extend(check::find(self));
        sort(&mut self.findings);
    }
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// The numbers cannot be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Something that was noticed about a tape.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// How grave it is.
    pub severity: Severity,
    /// The node it is about, the first of them if there are several.
    pub node: Option<usize>,
    /// What was found, in one sentence that names the node.
    pub message: String,
    /// The numbers that show it.
    pub evidence: String,
    /// What to try.
    pub advice: String,
}

/// One row a code: its name and what it says in a few words. `docs/findings.md` has a heading for each.
macro_rules! codes {
    ($($Code:ident $name:literal $title:literal;)*) => {
        /// The kinds of findings. Their names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`: ", $title, ".")] $Code,)*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$Code),*];

            /// Read the stable name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$Code => $name),* }
            }

            /// Say in a few words what it is.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Code::$Code => $title),* }
            }
        }
    };
}

codes! {
    NonFiniteValue "non-finite-value" "a NaN or infinity came from finite operands";
    NonFiniteLeaf "non-finite-leaf" "an input is NaN or infinite";
    NonFiniteAdjoint "non-finite-adjoint" "an adjoint is NaN or infinite although the values are finite";
    NonFiniteUnjoined "non-finite-unjoined" "a NaN or infinity that no path joins to the output";
    DeadUnit "dead-unit" "a unit is off for every row";
    SaturatedUnit "saturated-unit" "a unit hardly moves with its input";
    VanishingGradient "vanishing-gradient" "adjoints shrink by orders of magnitude with depth";
    ExplodingGradient "exploding-gradient" "adjoints grow by orders of magnitude with depth";
    UnusedNodes "unused-nodes" "nodes that the output does not use";
    NotConnected "not-connected" "a parameter that no path joins to the output";
    Blocked "blocked" "a parameter whose every path is blocked";
    AtKink "at-kink" "an operation at its kink, where the derivative is a convention";
    Cancellation "cancellation" "a difference of nearly equal numbers";
    GradientCheck "gradient-check" "the referees of the gradient check disagree";
    DifferenceUnreliable "difference-unreliable" "numeric differences cannot be trusted here";
    BranchChanged "branch-changed" "a replay would have taken another branch";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Finding {
    /// Print up to three lines. What a terminal would obey in a label is written as an escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, on_one_line(&self.message))?;
        for (lead, text) in [("because", &self.evidence), ("try", &self.advice)] {
            if !text.is_empty() {
                write!(f, "\n  {lead}: {}", on_one_line(text))?;
            }
        }
        Ok(())
    }
}
