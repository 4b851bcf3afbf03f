//! Where numbers stop being finite, and what a node computes in its operands' names.

use super::instructions::Instructions;
use super::nodes::Nodes;
use super::tape::Tape;
use super::var::Var;
use crate::text::{OneLine, counted, is_word, node_name, number};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::panic::Location;

impl Tape {
    /// Find the variable of node `i`, for instance to label it later.
    ///
    /// # Panics
    /// If the tape has no node `i`.
    #[must_use]
    #[track_caller]
    pub fn var_at(&self, i: usize) -> Var {
        self.assert_has(i);
        Var { value: self.recording.read(|nodes| nodes.values[i]), tag: self.recording.tag_of(i) }
    }

    #[track_caller]
    pub(crate) fn assert_has(&self, i: usize) {
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
        let first = self.recording.read(|nodes| {
            let finite = |i: usize| nodes.values[i].is_finite();
            (0..self.len()).find(|&i| {
                !finite(i) && nodes.operands(&nodes.inst(i)).iter().all(|&o| finite(o as usize))
            })
        });
        first.map(|i| self.non_finite(i))
    }

    /// Describe node `i` as the one where numbers stop being finite.
    pub(crate) fn non_finite(&self, i: usize) -> NonFinite {
        let labels = self.recording.labels.borrow();
        let mut same: HashMap<&str, usize> = HashMap::new();
        labels.iter().for_each(|(_, label)| *same.entry(label).or_default() += 1);
        self.recording.read(|nodes| {
            let name = |i: usize| {
                let label = labels.get(i as u32);
                let name = node_name(label, i, label.is_some_and(|label| same[label] > 1));
                // A label may be any text, and `a + b` one name.
                if is_word(&name) { name } else { format!("`{name}`") }
            };
            let inst = nodes.inst(i);
            let constants = nodes.constants(&inst);
            NonFinite {
                node: i,
                name: nodes.name(nodes.inst(i)).to_string(),
                value: nodes.values[i],
                expression: nodes.expression(i, &name),
                operands: nodes
                    .operands(&nodes.inst(i))
                    .iter()
                    .map(|&o| (name(o as usize), nodes.values[o as usize]))
                    .collect(),
                constant: constants.iter().copied().find(|c| !c.is_finite()),
                label: labels.get(i as u32).map(str::to_string),
                scope: self.recording.scopes.borrow().path(i),
                location: self.recording.locations.get(i),
            }
        })
    }
}

/// The node where numbers stop being finite: the first whose value is NaN or infinite (see
/// [`Tape::first_non_finite`]), or, in the error of a fit, the one whose adjoint is.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct NonFinite {
    /// Its index.
    pub node: usize,
    /// The operation's name.
    pub name: String,
    /// Its value: NaN or an infinity, unless it is the adjoint that is not finite.
    pub value: f64,
    /// What it computes.
    pub expression: String,
    /// Its operands and their values.
    pub operands: Vec<(String, f64)>,
    /// A constant of the operation, from the data or the code, that is NaN or infinite itself.
    pub constant: Option<f64>,
    /// Its label.
    pub label: Option<String>,
    /// Its scope.
    pub scope: Option<String>,
    /// The line of code it was recorded at, if that was [remembered](Tape::record_locations).
    pub location: Option<&'static Location<'static>>,
}

impl std::fmt::Debug for NonFinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NonFinite({self})")
    }
}

impl std::fmt::Display for NonFinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let f = &mut OneLine(f);
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
        inst.op.express(self.name(inst), &operands, self.constants(&inst))
    }
}
