//! [`Program`]: the type, its size, and what messages say about it.

use super::body::Body;
use super::code::Side;
use super::error::{BranchChanged, ReplayError};
use super::passes::{self, Pass};
use super::slots::Slots;
use crate::text::quoted;
use std::sync::OnceLock;

/// A recording to run again.
///
/// It is `Send + Sync` and never changes: threads share it, each with a
/// [`Workspace`](super::Workspace) of its own.
#[doc(alias("jit", "trace", "compile"))]
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) body: Body,
    slots: OnceLock<Slots>,
    /// The inputs it was recorded at.
    pub(super) point: Vec<f64>,
    /// How many instructions were recorded.
    pub(super) recorded: usize,
    /// How many there were after each pass.
    pub(super) counts: Vec<(Pass, usize)>,
}

impl Program {
    /// A program of these instructions, after some passes.
    pub(super) fn new(body: Body, point: Vec<f64>, passes: &[Pass]) -> Program {
        let recorded = body.computing();
        let slots = OnceLock::new();
        Program { body, slots, point, recorded, counts: Vec::new() }.optimized(passes)
    }

    /// A program as it was written to a file.
    pub(super) fn restored(
        body: Body,
        point: Vec<f64>,
        recorded: usize,
        counts: Vec<(Pass, usize)>,
    ) -> Program {
        Program { body, slots: OnceLock::new(), point, recorded, counts }
    }

    /// Run passes on a program, in the order given.
    #[must_use]
    pub fn optimized(self, passes: &[Pass]) -> Program {
        let (body, counts) = passes::run(self.body, passes);
        let counts = [self.counts, counts].concat();
        Program { body, slots: OnceLock::new(), counts, ..self }
    }

    /// Count the inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.body.inputs as usize
    }

    /// Count the outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.body.outputs.len()
    }

    /// Count the instructions, without the inputs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.computing()
    }

    /// Tell whether nothing is computed: every output is an input.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instructions for when only the outputs are wanted, made at the first such run.
    pub(super) fn slots(&self) -> &Slots {
        let Body { code, checks, outputs, .. } = &self.body;
        self.slots.get_or_init(|| Slots::assign(code, checks, outputs))
    }

    /// The only output.
    pub(super) fn one_output(&self) -> Result<u32, ReplayError> {
        match self.body.outputs[..] {
            [output] => Ok(output),
            _ => Err(ReplayError::OutputCount { outputs: self.outputs() }),
        }
    }

    /// The error for guard `k`, whose sides have these values now.
    pub(super) fn branch_changed(
        &self,
        k: usize,
        present: [f64; 2],
        row: Option<usize>,
    ) -> ReplayError {
        let check = &self.body.checks[k];
        let name = |side: Side| match side {
            Side::Value(i) => Some(self.name(i)),
            Side::Constant(_) => None,
        };
        ReplayError::BranchChanged(Box::new(BranchChanged {
            names: [name(check.left), name(check.right)],
            relation: check.relation,
            outcome: check.outcome,
            recorded: check.recorded,
            present,
            scope: check.scope.clone(),
            row,
        }))
    }

    /// The labels of the inputs, and those of the outputs.
    pub(crate) fn labels(&self) -> [Vec<Option<String>>; 2] {
        let Body { inputs, outputs, labels, .. } = &self.body;
        let label = |i: u32| labels.get(&i).cloned();
        [(0..*inputs).map(label).collect(), outputs.iter().map(|&i| label(i)).collect()]
    }

    /// What messages call a result.
    fn name(&self, i: u32) -> String {
        match self.body.labels.get(&i) {
            Some(label) => quoted(label),
            None if i < self.body.inputs => format!("input {i}"),
            None => format!("%{i}"),
        }
    }
}
