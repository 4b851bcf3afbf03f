//! [`Kind`]: what rows are computed for; [`Refusal`]: why there is no native code for it.

use std::fmt;

/// What rows are computed for, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All outputs of each row.
    Outputs,
    /// The weighted sum of the only output.
    Sum,
    /// That, and its adjoints at the frontier.
    SumAndAdjoints,
    /// The gradient of the only output of each row with respect to all inputs.
    Gradients,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Outputs, Kind::Sum, Kind::SumAndAdjoints, Kind::Gradients];

    /// The method that computes it.
    pub fn method(self) -> &'static str {
        match self {
            Kind::Outputs => "values",
            Kind::Sum => "sum",
            Kind::SumAndAdjoints => "sum_and_gradient",
            Kind::Gradients => "gradients",
        }
    }

    /// Whether it sweeps backwards.
    pub fn sweeps(self) -> bool {
        matches!(self, Kind::SumAndAdjoints | Kind::Gradients)
    }
}

/// Why there is no native code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There are custom operations, which are called row by row.
    CustomOperations,
    /// The system does not let memory be run, or the code would be too long for its jumps.
    NotExecutable,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::CustomOperations => "custom operations",
            Refusal::NotExecutable => {
                "the system does not let memory be run, or the code is too long"
            }
        })
    }
}
