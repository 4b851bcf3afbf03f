//! From a tape to the model: one sweep for the adjoints, one walk for everything else.

use super::scopes::{closed, innermost};
use super::{Reach, Report, ReportNode};
use crate::op::Op;
use crate::sweep::partials;
use crate::tape::Instructions;
use crate::tape::nodes::Nodes;
use crate::{Tape, Var};

impl Report {
    /// Describe a tape and the sweep from one of its outputs.
    #[track_caller]
    pub(super) fn of(tape: &Tape, output: Var) -> Report {
        let gradient = tape.backward(output);
        let output = output.index();
        let recording = &tape.recording;
        let labels = recording.labels.borrow().clone();
        let scopes = closed(tape.scopes(), tape.len());
        let innermost = innermost(&scopes, tape.len());
        let nodes = recording.read(|columns| {
            let adjoint = |i: usize| gradient.adjoints().get(i).copied().unwrap_or(0.0);
            (0..columns.values.len())
                .map(|i| ReportNode {
                    label: labels.get(i as u32).map(str::to_string),
                    scope: innermost[i],
                    location: tape.location(i).map(|at| format!("{}:{}", at.file(), at.line())),
                    ..node(&columns, i, adjoint(i))
                })
                .collect()
        });
        let mut report =
            Report { output, nodes, scopes, guards: tape.guards(), ..Report::default() };
        let reaches = report.reaches();
        for (node, reach) in report.nodes.iter_mut().zip(reaches) {
            node.reach = reach;
        }
        report
    }
}

/// What the columns say about node `i`.
fn node(columns: &Nodes<'_>, i: usize, adjoint: f64) -> ReportNode {
    let (operands, partials) = partials(columns, columns.values, i)
        .into_iter()
        .map(|(o, partial)| (o as usize, partial))
        .unzip();
    let inst = columns.inst(i);
    ReportNode {
        op: inst.op,
        name: match inst.op {
            Op::Custom => columns.name(inst).to_string().into(),
            op => op.info().name.into(),
        },
        operands,
        partials,
        constants: columns.constants(&inst).to_vec(),
        value: columns.values[i],
        adjoint,
        reach: Reach::NotConnected,
        label: None,
        scope: None,
        location: None,
    }
}
