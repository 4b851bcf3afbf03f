//! What is what: every struct of the model is one row that names its fields, and both the writer and the
//! reader are made from it, so that they cannot disagree.
//!
//! A field has the name that it has in Rust. One that is `None` is left out.

#[cfg(feature = "json")]
use super::JsonError;
use super::Value;
#[cfg(feature = "json")]
use super::read::{At, FromJson};
use crate::inspect::{
    Checked, CheckedDifference, CheckedInput, CheckedStep, Code, Curves, Finding, Frame, Link,
    Network, Run, Seen, Severity, Slice, Unit,
};
use crate::op::Op;
use crate::optim::Record;
use crate::tape::{Guard, GuardOperand, Relation, Scope};
use crate::{Node, Reach};

/// What has a form in JSON; that of nothing is `null`.
pub(super) trait ToJson {
    fn to_json(&self) -> Value;
}

macro_rules! objects {
    ($($Struct:ident { $($field:ident)* })*) => {$(
        impl ToJson for $Struct {
            fn to_json(&self) -> Value {
                object([$((stringify!($field), self.$field.to_json())),*])
            }
        }

        #[cfg(feature = "json")]
        impl FromJson for $Struct {
            fn from_json(at: &At<'_>) -> Result<$Struct, JsonError> {
                Ok($Struct { $($field: at.get(stringify!($field))?),* })
            }
        }
    )*};
}

objects! {
    Scope { name parent start end }
    Guard { left relation right outcome at scope }
    Finding { code severity node message evidence advice }
    Checked { verdict confirmed value tolerance inputs order remainders }
    CheckedInput { name x claimed reverse forward difference finding kind clue }
    CheckedDifference { value uncertainty step estimates }
    CheckedStep { step value rounding }
    Network { samples layers links }
    Unit { name activation bias gives part }
    Link { layer from to weight }
    Run { name loss parameters records thinned_from frames curves slice }
    Record { step loss parameters gradient learning_rate }
    Curves { x y data grid parts frames }
    Frame { parts predicted at_data }
    Slice { parameter grid losses }
}

/// An object of these fields, without those that are nothing.
fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(fields.into_iter().filter(|(_, value)| *value != Value::Null).collect())
}

/// Write a node. Only a custom operation says its name: it may be that of a row of the op table, and is a
/// custom operation all the same.
pub(super) fn node(id: usize, node: &Node) -> Value {
    object([
        ("id", id.to_json()),
        ("op", node.op.to_json()),
        ("name", if node.op == Op::Custom { (&*node.name).into() } else { Value::Null }),
        ("operands", node.operands.to_json()),
        ("partials", node.partials.to_json()),
        ("constants", node.constants.to_json()),
        ("value", node.value.to_json()),
        ("adjoint", node.adjoint.to_json()),
        ("reach", node.reach.to_json()),
        ("label", node.label.to_json()),
        ("scope", node.scope.to_json()),
        ("location", node.location.to_json()),
    ])
}

#[cfg(feature = "json")]
impl FromJson for Node {
    fn from_json(at: &At<'_>) -> Result<Node, JsonError> {
        at.numbered("id")?;
        let op: Op = at.get("op")?;
        Ok(Node {
            index: at.get("id")?,
            op,
            name: if op == Op::Custom {
                at.get::<String>("name")?.into()
            } else {
                op.info().name.into()
            },
            operands: at.get("operands")?,
            partials: at.get("partials")?,
            constants: at.get("constants")?,
            value: at.get("value")?,
            adjoint: at.get("adjoint")?,
            reach: at.get("reach")?,
            label: at.get("label")?,
            scope: at.get("scope")?,
            location: at.get("location")?,
        })
    }
}

/// Enums of names: what a name is called, all there are, and what to do about one that is not known.
macro_rules! names {
    ($($Enum:ident $what:literal $all:expr, |$x:ident| $name:expr, $advice:expr;)*) => {$(
        impl ToJson for $Enum {
            fn to_json(&self) -> Value {
                let $x = *self;
                Value::Text($name.into())
            }
        }

        #[cfg(feature = "json")]
        impl FromJson for $Enum {
            fn from_json(at: &At<'_>) -> Result<$Enum, JsonError> {
                at.one_of($what, $all, |$x| $name, $advice)
            }
        }
    )*};
}

#[cfg(feature = "json")]
const NEWER: &str = "read the report with the version of gradtape that its field `generator` names";
#[cfg(feature = "json")]
const NEWER_OP: &str = "read the report with the version of gradtape that its field `generator` names; \
                        one of the user's own has the operation `custom`, and its name in `name`";

names! {
    Op "operation" Op::ALL, |op| op.info().name, NEWER_OP;
    Code "code of a finding" Code::ALL, |code| code.name(), NEWER;
    Severity "severity" &[Severity::Note, Severity::Warning, Severity::Error],
        |severity| severity.to_string(), NEWER;
    Reach "reach" &[Reach::Connected, Reach::Blocked, Reach::NotConnected], |reach| match reach {
        Reach::Connected => "connected",
        Reach::Blocked => "blocked",
        Reach::NotConnected => "not-connected",
    }, NEWER;
    Relation "relation" &[
        Relation::Less, Relation::LessEqual, Relation::Greater, Relation::GreaterEqual,
        Relation::Equal, Relation::Unordered,
    ], |relation| match relation {
        Relation::Less => "less",
        Relation::LessEqual => "less-equal",
        Relation::Greater => "greater",
        Relation::GreaterEqual => "greater-equal",
        Relation::Equal => "equal",
        Relation::Unordered => "unordered",
    }, NEWER;
}

/// Enums of two kinds of things: an object with one field, whose name is the kind.
macro_rules! kinds {
    ($($Enum:ident { $A:ident $a:literal $B:ident $b:literal })*) => {$(
        impl ToJson for $Enum {
            fn to_json(&self) -> Value {
                match self {
                    $Enum::$A(x) => object([($a, x.to_json())]),
                    $Enum::$B(x) => object([($b, x.to_json())]),
                }
            }
        }

        #[cfg(feature = "json")]
        impl FromJson for $Enum {
            fn from_json(at: &At<'_>) -> Result<$Enum, JsonError> {
                match (at.get($a)?, at.get($b)?) {
                    (Some(x), None) => Ok($Enum::$A(x)),
                    (None, Some(x)) => Ok($Enum::$B(x)),
                    _ => Err(at.expected(concat!("one of `", $a, "` and `", $b, "`"))),
                }
            }
        }
    )*};
}

kinds! {
    GuardOperand { Node "node" Constant "constant" }
    Seen { Node "node" Data "data" }
}

/// Facts are names and values.
impl ToJson for (String, String) {
    fn to_json(&self) -> Value {
        object([("name", self.0.to_json()), ("value", self.1.to_json())])
    }
}

#[cfg(feature = "json")]
impl FromJson for (String, String) {
    fn from_json(at: &At<'_>) -> Result<(String, String), JsonError> {
        Ok((at.get("name")?, at.get("value")?))
    }
}

/// Observations are input and output.
impl ToJson for (f64, f64) {
    fn to_json(&self) -> Value {
        Value::list([self.0, self.1])
    }
}

#[cfg(feature = "json")]
impl FromJson for (f64, f64) {
    fn from_json(at: &At<'_>) -> Result<(f64, f64), JsonError> {
        match Vec::from_json(at)?[..] {
            [x, y] => Ok((x, y)),
            _ => Err(at.expected("a list of two numbers")),
        }
    }
}

macro_rules! plain {
    ($($Plain:ident)*) => {$(
        impl ToJson for $Plain {
            fn to_json(&self) -> Value {
                self.clone().into()
            }
        }
    )*};
}

plain! { bool usize f64 String }

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Value {
        Value::List(self.iter().map(T::to_json).collect())
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}
