//! [`Finding`]: something that was noticed about a tape or a training, under a stable [`Code`].

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

/// Something that was noticed about a tape or a training.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// How grave it is.
    pub severity: Severity,
    /// The node it is about, the first of them if there are several.
    pub node: Option<usize>,
    /// The training history it is about, as an index into [`Report::runs`](crate::inspect::Report::runs).
    pub run: Option<usize>,
    /// The step of that history at which it begins.
    pub step: Option<usize>,
    /// What was found, in one sentence that names the node.
    pub message: String,
    /// The numbers that show it.
    pub evidence: String,
    /// What to try.
    pub advice: String,
}

impl Finding {
    /// A finding as the row of its code has it; where the row does not suit, severity and advice are replaced.
    pub(in crate::inspect) fn new(
        code: Code,
        node: impl Into<Option<usize>>,
        message: impl Into<String>,
        evidence: impl Into<String>,
    ) -> Finding {
        let (severity, advice) = code.usual();
        Finding {
            code,
            severity,
            node: node.into(),
            run: None,
            step: None,
            message: message.into(),
            evidence: evidence.into(),
            advice: advice.into(),
        }
    }
}

/// One row a code: its name, how grave it usually is, what it says in a few words, and what to try, unless that depends
/// on more. `docs/findings.md` has a heading for each.
macro_rules! codes {
    ($($Code:ident $name:literal $Severity:ident $title:literal $advice:literal;)*) => {
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

            /// How grave it usually is, and what to try.
            fn usual(self) -> (Severity, &'static str) {
                match self { $(Code::$Code => (Severity::$Severity, $advice)),* }
            }
        }
    };
}

codes! {
    NonFiniteValue "non-finite-value" Error "a NaN or infinity came from finite operands" "";
    NonFiniteLeaf "non-finite-leaf" Error "an input is NaN or infinite"
        "look at where the number comes from: a file with gaps, a division before recording, a training step \
         that was too large";
    NonFiniteAdjoint "non-finite-adjoint" Error "an adjoint is NaN or infinite although the values are finite" "";
    NonFiniteUnjoined "non-finite-unjoined" Error "a NaN or infinity that no path joins to the output"
        "nothing, if it is meant to be unused; else look for where the path to the output was lost";
    Underflow "underflow" Warning "a product or power that became 0 although nothing in it is"
        "add logarithms in place of multiplying many small numbers, take `log_sum_exp` in place of the \
         logarithm of a sum of exponentials, or scale the factors";
    DeadUnit "dead-unit" Warning "a unit is off for every row"
        "no derivative gets through, so training never turns it on again: lower the learning rate, \
         start from another bias, or use `leaky_relu` or `softplus`";
    SaturatedUnit "saturated-unit" Warning "a unit hardly moves with its input"
        "hardly any derivative gets through: start from smaller weights, scale the inputs, or lower the \
         learning rate";
    VanishingGradient "vanishing-gradient" Warning "adjoints shrink by orders of magnitude with depth"
        "what is far from the output hardly learns: use units that do not saturate, initialize by fan-in, \
         normalize, or add paths around layers";
    ExplodingGradient "exploding-gradient" Warning "adjoints grow by orders of magnitude with depth"
        "what is far from the output moves it wildly: initialize by fan-in, scale weights or inputs down, \
         or clip the gradient";
    UnusedNodes "unused-nodes" Note "nodes that the output does not use"
        "nothing, if they belong to another output; else leave the computation out, or look for where \
         its result was lost";
    NotConnected "not-connected" Warning "a parameter that no path joins to the output"
        "pass it on as a `Var`: its `value()`, or a copy of the number made before, is not on the \
         tape; if it is not a parameter of this output, leave it out";
    Blocked "blocked" Warning "a parameter whose every path is blocked"
        "its derivative is exactly 0 here, though not everywhere: move the point, or use an operation \
         with a slope there, such as `leaky_relu` or `softplus` in place of `relu`";
    AtKink "at-kink" Note "an operation at its kink, where the derivative is a convention"
        "the derivative jumps here, and what is given is one choice: if it matters, move the point a \
         little and compare, or use a smooth operation";
    Cancellation "cancellation" Warning "a difference of nearly equal numbers"
        "rewrite the difference so that the large terms cancel on paper: `exp_m1`, `ln_1p`, \
         `1 - cos x` as `2 sin²(x/2)`, `√a - √b` as `(a - b) / (√a + √b)`, or subtract a common \
         offset from the data first";
    LossRises "loss-rises" Warning "a loss that is higher at the end than it was"
        "take the parameters of the best step, lower the learning rate, or let it decay; if each step takes other \
         rows, look at the loss over all of them";
    LossFlat "loss-flat" Warning "a loss that stands still"
        "if this is no minimum, the descent starts on a plateau: look for dead or saturated units, for parameters that are \
         not connected, and start from other values";
    LossOscillates "loss-oscillates" Warning "a loss that goes up and down"
        "lower the learning rate, let it decay, or use less momentum: steps lead across the lowest point and back";
    StepTooLarge "step-too-large" Warning "steps beyond the point where the loss rises again"
        "lower the learning rate to that of the evidence or below, or clip the gradient";
    StepTooSmall "step-too-small" Warning "steps that lead nowhere in the number taken"
        "raise the learning rate, by factors of 10 until the loss falls, or use `Adam`, whose steps do not depend on the \
         size of the slope";
    GradientCheck "gradient-check" Error "the referees of the gradient check disagree" "";
    DifferenceUnreliable "difference-unreliable" Warning "numeric differences cannot be trusted here" "";
    BranchChanged "branch-changed" Error "a replay would have taken another branch"
        "record a program at this point, let `Rerecord` do it, or write the branch with `select`, `max` or `min`";
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
