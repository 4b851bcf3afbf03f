//! The nodes of a tape as people and tools read them.

use super::instructions::Instructions;
use super::nodes::Nodes;
use super::{Tape, Var};
use crate::op::{Arity, Op};
use crate::text::{counted, number};
use std::panic::Location;

/// One node of a tape, described.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Its index on the tape: operands have smaller ones.
    pub index: usize,
    /// What it does.
    pub op: Op,
    /// The operation's name: that of the op table, or the custom operation's own.
    pub name: String,
    /// Its operands in order, as node indices; `x * x` has two.
    pub operands: Vec<usize>,
    /// The constants it keeps.
    pub constants: Vec<f64>,
    /// Its value.
    pub value: f64,
    /// Its label.
    pub label: Option<String>,
    /// The path of the innermost scope around it.
    pub scope: Option<String>,
    /// The line of code it was recorded at, if that was [remembered](Tape::record_locations).
    pub location: Option<&'static Location<'static>>,
}

impl Tape {
    /// Describe node `i`.
    ///
    /// # Panics
    /// If the tape has no node `i`.
    #[must_use]
    #[track_caller]
    pub fn node(&self, i: usize) -> Node {
        self.assert_has(i);
        let labels = self.recording.labels.borrow();
        let scopes = self.recording.scopes.borrow();
        self.recording.read(|nodes| {
            let inst = nodes.inst(i);
            Node {
                index: i,
                op: inst.op,
                name: nodes.name(inst).to_string(),
                operands: nodes.operands(&inst).iter().map(|&o| o as usize).collect(),
                constants: nodes.constants(&inst).to_vec(),
                value: nodes.values[i],
                label: labels.get(i as u32).map(str::to_string),
                scope: scopes.path(i),
                location: self.recording.locations.get(i),
            }
        })
    }

    /// Describe all nodes in order.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        (0..self.len()).map(|i| self.node(i))
    }

    /// Find the variable of node `i`, for instance to label it later.
    ///
    /// # Panics
    /// If the tape has no node `i`.
    #[track_caller]
    pub fn var_at(&self, i: usize) -> Var {
        self.assert_has(i);
        Var { value: self.recording.read(|nodes| nodes.values[i]), tag: self.recording.tag_of(i) }
    }

    #[track_caller]
    pub(super) fn assert_has(&self, i: usize) {
        assert!(
            i < self.len(),
            "node {i} is not on tape {}, which has {}: ask for one below `Tape::len`",
            self.number(),
            counted(self.len(), "node")
        );
    }

    /// Find the first node whose value is not finite although its operands' values are: where a NaN
    /// or an infinity came from, not where it showed.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(1.0).label("x");
    /// let y = (x - 2.0).sqrt().sqrt() + 1.0;
    /// assert!(y.value().is_nan());
    /// let culprit = tape.first_non_finite().unwrap();
    /// assert_eq!(culprit.to_string(), "node 2: sqrt(%1) = NaN, where %1 = -1");
    /// ```
    #[must_use]
    pub fn first_non_finite(&self) -> Option<NonFinite> {
        let labels = self.recording.labels.borrow();
        self.recording.read(|nodes| {
            let finite = |i: usize| nodes.values[i].is_finite();
            let i = (0..self.len()).find(|&i| {
                !finite(i) && nodes.operands(&nodes.inst(i)).iter().all(|&o| finite(o as usize))
            })?;
            let name = |i: usize| match labels.get(i as u32) {
                Some(label) => format!("`{label}`"),
                None => format!("%{i}"),
            };
            Some(NonFinite {
                node: i,
                value: nodes.values[i],
                expression: nodes.expression(i, &name),
                operands: nodes
                    .operands(&nodes.inst(i))
                    .iter()
                    .map(|&o| (name(o as usize), nodes.values[o as usize]))
                    .collect(),
                label: labels.get(i as u32).map(str::to_string),
                scope: self.recording.scopes.borrow().path(i),
                location: self.recording.locations.get(i),
            })
        })
    }
}

/// The first node that made a number that is not finite. See [`Tape::first_non_finite`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NonFinite {
    /// Its index.
    pub node: usize,
    /// Its value: NaN or an infinity.
    pub value: f64,
    /// What it computes.
    pub expression: String,
    /// Its operands and their values.
    pub operands: Vec<(String, f64)>,
    /// Its label.
    pub label: Option<String>,
    /// Its scope.
    pub scope: Option<String>,
    /// The line of code it was recorded at, if that was [remembered](Tape::record_locations).
    pub location: Option<&'static Location<'static>>,
}

impl std::fmt::Display for NonFinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "node {}", self.node)?;
        if let Some(label) = &self.label {
            write!(f, " `{label}`")?;
        }
        if let Some(scope) = &self.scope {
            write!(f, " in {scope}")?;
        }
        if let Some(location) = self.location {
            write!(f, " at {}:{}", location.file(), location.line())?;
        }
        write!(f, ": {} = {}", self.expression, number(self.value))?;
        // A long sum would drown the message.
        const SHOWN: usize = 6;
        for (i, (name, value)) in self.operands.iter().take(SHOWN).enumerate() {
            let lead = if i == 0 { ", where" } else { "," };
            write!(f, "{lead} {name} = {}", number(*value))?;
        }
        if self.operands.len() > SHOWN {
            write!(f, " and {} more", self.operands.len() - SHOWN)?;
        }
        Ok(())
    }
}

impl Nodes<'_> {
    /// What node `i` computes, in its operands' names.
    pub fn expression(&self, i: usize, name: &impl Fn(usize) -> String) -> String {
        let inst = self.inst(i);
        let operands: Vec<String> =
            self.operands(&inst).iter().map(|&o| name(o as usize)).collect();
        match inst.op.arity() {
            Arity::Leaf => inst.op.info().name.to_string(),
            Arity::Nary | Arity::Custom => format!("{}({})", self.name(inst), operands.join(", ")),
            _ => inst.op.express(&operands, self.constants(&inst)),
        }
    }
}
