//! [`Finding`]: something that was noticed about a tape, under a stable [`Code`].

use crate::text::on_one_line;
use std::fmt;

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
    Underflow "underflow" "a product or power that became 0 although nothing in it is";
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
