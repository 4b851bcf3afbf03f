//! From a tape to the model: one sweep for the adjoints, one walk for everything else.

use super::{Reach, Report, ReportNode};
use crate::sweep::{carries, partials};
use crate::tape::nodes::Nodes;
use crate::{Scope, Tape, Var};

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
        let (nodes, reach) = recording.read(|columns| {
            let adjoint = |i: usize| gradient.adjoints().get(i).copied().unwrap_or(0.0);
            let nodes: Vec<ReportNode> = (0..columns.ops.len())
                .map(|i| ReportNode {
                    label: labels.get(i as u32).map(str::to_string),
                    scope: innermost[i],
                    location: tape.location(i).map(|at| format!("{}:{}", at.file(), at.line())),
                    ..node(&columns, i, adjoint(i))
                })
                .collect();
            let reach = reach(&columns, &nodes, output);
            (nodes, reach)
        });
        let mut report =
            Report { output, nodes, scopes, guards: tape.guards(), ..Report::default() };
        for (node, reach) in report.nodes.iter_mut().zip(reach) {
            node.reach = reach;
        }
        report
    }
}

/// What the columns say about node `i`.
fn node(columns: &Nodes<'_>, i: usize, adjoint: f64) -> ReportNode {
    let (operands, partials) =
        partials(columns, i).into_iter().map(|(o, partial)| (o as usize, partial)).unzip();
    ReportNode {
        op: columns.op(i),
        name: columns.name(i).to_string(),
        operands,
        partials,
        constants: columns.constants_of(i),
        value: columns.values[i],
        adjoint,
        reach: Reach::NotConnected,
        label: None,
        scope: None,
        location: None,
    }
}

/// How the output depends on every node: one walk back from it.
fn reach(columns: &Nodes<'_>, nodes: &[ReportNode], output: Option<usize>) -> Vec<Reach> {
    let mut reach = vec![Reach::NotConnected; nodes.len()];
    let Some(output) = output else { return reach };
    reach[output] = Reach::Connected;
    for i in (0..=output).rev().filter(|&i| !nodes[i].operands.is_empty()) {
        let here = reach[i];
        if here == Reach::NotConnected {
            continue;
        }
        for (&operand, &partial) in nodes[i].operands.iter().zip(&nodes[i].partials) {
            if here == Reach::Connected && carries(columns, i, partial) {
                reach[operand] = Reach::Connected;
            } else if reach[operand] == Reach::NotConnected {
                reach[operand] = Reach::Blocked;
            }
        }
    }
    reach
}

/// The scopes, those still open closed at the end of the tape.
fn closed(mut scopes: Vec<Scope>, len: usize) -> Vec<Scope> {
    for scope in &mut scopes {
        scope.end.get_or_insert(len);
    }
    scopes
}

/// The innermost scope around each node: inner ones come later and overwrite.
fn innermost(scopes: &[Scope], len: usize) -> Vec<Option<usize>> {
    let mut innermost = vec![None; len];
    for (i, scope) in scopes.iter().enumerate() {
        innermost[scope.start..scope.end.unwrap_or(len)].fill(Some(i));
    }
    innermost
}
