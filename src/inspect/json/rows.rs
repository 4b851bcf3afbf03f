//! The description of the model: every struct is a list of its fields, from which writer, reader and
//! [`Report::verify`](crate::inspect::Report::verify) are made, so that they cannot disagree. What no single field
//! says is a function in `rules`.
//!
//! A field has the name that it has in Rust. One that is `None` is left out.

use super::Value;
use super::field::{Bound, Field, Row, object};
#[cfg(feature = "json")]
use super::field::{expected, one_of, read};
use super::place::Place;
use super::rules;
use crate::check::{Difference, Estimate, GradientReport, InputCheck, Verdict};
use crate::inspect::{
    Code, Finding, Link, Network, Report, ReportError, Severity, Source, Sparsity, SparsityLine,
    Unit,
};
use crate::op::Op;
use crate::optim::{Curves, Frame, History, Reason, Record, Slice};
use crate::tape::{Guard, GuardOperand, Relation, Scope};
use crate::{Node, Reach};
use Bound::{Any, Below, Per};
#[cfg(feature = "json")]
use serde_json::Value as Parsed;

/// A struct as its rows.
pub(super) trait Object {
    fn rows(&self) -> Vec<Row<'_>>;
}

macro_rules! row {
    ($name:expr, $value:expr) => {
        Row { name: $name, value: $value, bounds: &[] }
    };
    ($name:expr, $value:expr, $bounds:expr) => {
        Row { name: $name, value: $value, bounds: &$bounds }
    };
}

/// A struct: its fields, each perhaps with bounds, and perhaps the rule of the whole.
macro_rules! objects {
    ($($Struct:ident { $($field:ident $(: $bounds:expr)?),* } $(=> $rule:path)?;)*) => {$(
        impl Object for $Struct {
            fn rows(&self) -> Vec<Row<'_>> {
                vec![$(row!(stringify!($field), &self.$field $(, $bounds)?)),*]
            }
        }

        impl Field for $Struct {
            fn to_json(&self) -> Value {
                to_json(self)
            }

            #[cfg(feature = "json")]
            fn from_json(value: &Parsed, at: &Place<'_>) -> Result<$Struct, ReportError> {
                Ok($Struct { $($field: read(value, stringify!($field), at)?),* })
            }

            fn verify(&self, _: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
                $($rule(self, at)?;)?
                verify(self, at)
            }
        }
    )*};
}

fn to_json(object: &impl Object) -> Value {
    self::object(object.rows().iter().map(|row| (row.name, row.value.to_json())))
}

fn verify(object: &impl Object, at: &Place<'_>) -> Result<(), ReportError> {
    let rows = object.rows();
    let lists: Vec<_> =
        rows.iter().filter_map(|row| Some((row.name, row.value.count()?))).collect();
    let here = at.with(&lists);
    rows.iter().try_for_each(|row| row.value.verify(row.bounds, &here.field(row.name)))
}

objects! {
    Report {
        title, output: [Below("nodes")], facts, scopes, guards, nodes, findings, check, network, pattern,
        runs, compared
    } => rules::report;
    Scope { name, parent, start, end };
    Guard { left, relation, right, outcome, at, scope: [Below("scopes")] } => rules::guard;
    Finding { code, severity, node: [Below("nodes")], run: [Below("runs")], step, message, evidence, advice };
    GradientReport { verdict, confirmed, value, tolerance, inputs, order, remainders };
    InputCheck { name, x, claimed, reverse, forward, difference, finding, kind, clue };
    Difference { value, uncertainty, step, estimates };
    Estimate { step, value, rounding };
    Network { samples, layers, links } => rules::network;
    Unit {
        name, activation, bias: [Below("nodes")], gives: [Per("samples"), Below("nodes")], part
    };
    Link { layer, from, to, weight: [Below("nodes")] };
    Sparsity {
        matrix, summary, columns, rows, entries: [Per("rows"), Below("columns")], rows_first
    } => rules::sparsity;
    SparsityLine { name, colour };
    History {
        name, loss, parameters, losses, records, thinned_from, reason, frames: [Any, Below("records")],
        curves, slice
    } => rules::history;
    Record { step, loss, parameters: [Per("parameters")], gradient: [Per("parameters")], learning_rate };
    Curves { x, y, data, grid, parts, frames: [Per("frames")] };
    Frame { parts: [Per("parts"), Per("grid")], predicted: [Per("grid")], at_data: [Per("data")] };
    Slice { parameter: [Below("parameters")], grid, losses: [Any, Per("grid")] };
}

/// Only a custom operation gives its name: it may be that of a row of the op table, and is a custom operation all the
/// same.
impl Object for Node {
    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = vec![row!("id", &self.index), row!("op", &self.op)];
        if self.op == Op::Custom {
            rows.push(row!("name", &self.name));
        }
        rows.extend([
            row!("operands", &self.operands),
            row!("partials", &self.partials),
            row!("constants", &self.constants),
            row!("value", &self.value),
            row!("adjoint", &self.adjoint),
            row!("reach", &self.reach),
            row!("label", &self.label),
            row!("scope", &self.scope),
            row!("location", &self.location),
        ]);
        rows
    }
}

impl Field for Node {
    fn to_json(&self) -> Value {
        to_json(self)
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<Node, ReportError> {
        let op: Op = read(value, "op", at)?;
        Ok(Node {
            index: read(value, "id", at)?,
            op,
            name: match op {
                Op::Custom => read(value, "name", at)?,
                op => op.info().name.into(),
            },
            operands: read(value, "operands", at)?,
            partials: read(value, "partials", at)?,
            constants: read(value, "constants", at)?,
            value: read(value, "value", at)?,
            adjoint: read(value, "adjoint", at)?,
            reach: read(value, "reach", at)?,
            label: read(value, "label", at)?,
            scope: read(value, "scope", at)?,
            location: read(value, "location", at)?,
        })
    }

    fn verify(&self, _: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
        rules::node(self, at)?;
        verify(self, at)
    }
}

/// Enums of names: either a table of them, or all there are, what one is called, and what to do about a name that is
/// not known.
macro_rules! names {
    ($Enum:ident $what:literal { $($Variant:ident $name:literal),* }) => {
        names!($Enum $what &[$($Enum::$Variant),*], |x| match x {
            $($Enum::$Variant => $name),*
        }, NEWER);
    };
    ($Enum:ident $what:literal $all:expr, |$x:ident| $name:expr, $advice:expr) => {
        impl Field for $Enum {
            fn to_json(&self) -> Value {
                let $x = *self;
                Value::Text($name.into())
            }

            #[cfg(feature = "json")]
            fn from_json(value: &Parsed, at: &Place<'_>) -> Result<$Enum, ReportError> {
                one_of(value, at, $what, $all, |$x| $name, $advice)
            }
        }
    };
}

#[cfg(feature = "json")]
const NEWER: &str = "read the report with the version of gradtape that its field `generator` names";
#[cfg(feature = "json")]
const NEWER_OP: &str = "read the report with the version of gradtape that its field `generator` names; \
                        one of the user's own has the operation `custom`, and its name in `name`";

names!(Op "operation" Op::ALL, |op| op.info().name, NEWER_OP);
names!(Code "code of a finding" Code::ALL, |code| code.name(), NEWER);
names!(Severity "severity" { Note "note", Warning "warning", Error "error" });
names!(Reach "reach" {
    Connected "connected", AtKink "at-kink", Blocked "blocked", NotConnected "not-connected"
});
names!(Relation "relation" {
    Less "less", LessEqual "less-equal", Greater "greater", GreaterEqual "greater-equal",
    Equal "equal", Unordered "unordered"
});
names!(Reason "reason to stop" {
    Steps "steps", StepSize "step-size", GradientNorm "gradient-norm", Loss "loss", Observer "observer",
    Epochs "epochs", Patience "patience"
});
names!(Verdict "kind of verdict" {
    Agree "agree", Unreliable "unreliable", Kink "kink", Disagree "disagree",
    NonFinite "non-finite"
});

/// Enums of two kinds of things: an object with one field, whose name is the kind.
macro_rules! kinds {
    ($($Enum:ident { $A:ident $a:literal $B:ident $b:literal })*) => {$(
        impl Field for $Enum {
            fn to_json(&self) -> Value {
                match self {
                    $Enum::$A(x) => object([($a, x.to_json())]),
                    $Enum::$B(x) => object([($b, x.to_json())]),
                }
            }

            #[cfg(feature = "json")]
            fn from_json(value: &Parsed, at: &Place<'_>) -> Result<$Enum, ReportError> {
                match (read(value, $a, at)?, read(value, $b, at)?) {
                    (Some(x), None) => Ok($Enum::$A(x)),
                    (None, Some(x)) => Ok($Enum::$B(x)),
                    _ => Err(expected(value, at, concat!("one of `", $a, "` and `", $b, "`"))),
                }
            }

            fn verify(&self, bounds: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
                match self {
                    $Enum::$A(x) => x.verify(bounds, &at.field($a)),
                    $Enum::$B(x) => x.verify(bounds, &at.field($b)),
                }
            }
        }
    )*};
}

kinds! {
    GuardOperand { Node "node" Constant "constant" }
    Source { Node "node" Data "data" }
}

impl Report {
    /// Check that the report is consistent, so that every method and every format works on it.
    ///
    /// A report that this crate made does, and one that `Report::from_json` has read; it is for reports that
    /// were changed or put together by hand. [`Report`] lists what must hold. It takes a walk over the
    /// nodes.
    ///
    /// # Errors
    /// If it does not; the error names the first place found.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let mut report = tape.report(tape.var(2.0).sqrt());
    /// assert_eq!(report.verify(), Ok(()));
    /// report.nodes[1].operands[0] = 7;
    /// assert_eq!(
    ///     report.verify().unwrap_err().to_string(),
    ///     "`nodes[1].operands[0]` is 7, not an index below 1, of a node before it: correct the report \
    ///      there, or make it anew with `Tape::report`"
    /// );
    /// ```
    pub fn verify(&self) -> Result<(), ReportError> {
        Field::verify(self, &[], &Place::ROOT)
    }
}
