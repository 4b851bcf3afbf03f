//! What no single field says: that indices point somewhere, that operands come before their nodes, that
//! scopes lie inside scopes, that what belongs together has the same length.
//!
//! What is found coherent can be shown by every format without a panic.

use super::JsonError;
use crate::inspect::{Curves, Network, Report, ReportNode, Run, Seen, Slice};
use crate::op::{Arity, Op};
use crate::{GuardOperand, Scope};

/// Fail unless this holds, with a path and what is wrong there.
macro_rules! ensure {
    ($holds:expr, $at:literal, $problem:literal) => {
        if !$holds {
            return Err(JsonError::field(format!($at), format!($problem)));
        }
    };
}

/// Ascertain that a report can be shown.
pub(super) fn check(report: &Report) -> Result<(), JsonError> {
    let nodes = report.nodes.len();
    if let Some(output) = report.output {
        ensure!(output < nodes, "output", "is {output}, not an index below {nodes}, of a node");
    }
    scopes(&report.scopes, nodes)?;
    let innermost = innermost(&report.scopes, nodes);
    for (i, (node, &innermost)) in report.nodes.iter().zip(&innermost).enumerate() {
        self::node(i, node, innermost)?;
    }
    guards(report)?;
    for (i, finding) in report.findings.iter().enumerate() {
        if let Some(node) = finding.node {
            ensure!(
                node < nodes,
                "findings[{i}].node",
                "is {node}, not an index below {nodes}, of a node"
            );
        }
    }
    if let Some(network) = &report.network {
        self::network(network, nodes)?;
    }
    for (i, run) in report.runs.iter().enumerate() {
        self::run(i, run)?;
    }
    Ok(())
}

/// Every scope is closed and inside its parent, and begins where the one before it in there has ended.
fn scopes(scopes: &[Scope], nodes: usize) -> Result<(), JsonError> {
    // Where the next scope may begin: inside each scope, and outside all.
    let mut free = vec![0; scopes.len()];
    let mut free_outside = 0;
    let mut latest = 0;
    for (i, scope) in scopes.iter().enumerate() {
        let start = scope.start;
        let Some(end) = scope.end else {
            return Err(JsonError::field(
                format!("scopes[{i}].end"),
                "is missing; the index after its last node goes there".into(),
            ));
        };
        if let Some(parent) = scope.parent {
            ensure!(
                parent < i,
                "scopes[{i}].parent",
                "is {parent}, not an index below {i}, of a scope before it"
            );
        }
        let last = scope.parent.map_or(nodes, |parent| scopes[parent].end.unwrap_or(nodes));
        let first = latest.max(scope.parent.map_or(free_outside, |parent| free[parent]));
        ensure!(
            start >= first,
            "scopes[{i}].start",
            "is {start}, but the scopes before it allow no less than {first}"
        );
        ensure!(end >= start, "scopes[{i}].end", "is {end}, before its start {start}");
        ensure!(end <= last, "scopes[{i}].end", "is {end}, but what is around it ends at {last}");
        *scope.parent.map_or(&mut free_outside, |parent| &mut free[parent]) = end;
        free[i] = start;
        latest = start;
    }
    Ok(())
}

/// The innermost scope around each node. They are nested and in order, so one walk finds all.
fn innermost(scopes: &[Scope], nodes: usize) -> Vec<Option<usize>> {
    let mut starting = scopes.iter().enumerate().peekable();
    let mut open: Vec<usize> = Vec::new();
    let at = |node: usize| {
        while let Some((scope, _)) = starting.next_if(|(_, scope)| scope.start <= node) {
            open.push(scope);
        }
        while open.pop_if(|&mut scope| scopes[scope].end.is_some_and(|end| end <= node)).is_some() {
        }
        open.last().copied()
    };
    (0..nodes).map(at).collect()
}

fn node(i: usize, node: &ReportNode, innermost: Option<usize>) -> Result<(), JsonError> {
    let (operands, partials) = (node.operands.len(), node.partials.len());
    for (k, operand) in node.operands.iter().enumerate() {
        ensure!(
            *operand < i,
            "nodes[{i}].operands[{k}]",
            "is {operand}, not an index below {i}, of a node before it"
        );
    }
    ensure!(
        partials == operands,
        "nodes[{i}].partials",
        "has the length {partials}, and there are {operands} operands"
    );
    let (name, constants) = (node.op.info().name, node.constants.len());
    ensure!(
        takes(node.op, operands, constants),
        "nodes[{i}]",
        "has {operands} operands and {constants} constants, which the operation `{name}` cannot have"
    );
    let said = |scope: Option<usize>| scope.map_or("none".to_string(), |scope| scope.to_string());
    let (found, right) = (said(node.scope), said(innermost));
    ensure!(
        node.scope == innermost,
        "nodes[{i}].scope",
        "is {found}, but the innermost scope around the node is {right}"
    );
    Ok(())
}

/// Tell whether an operation can have so many operands and constants.
fn takes(op: Op, operands: usize, constants: usize) -> bool {
    // A sample point is operands, then constants.
    let kept = op.info().samples.first().map_or(0, |point| point.len().saturating_sub(operands));
    match (op.arity(), op) {
        (Arity::Leaf, _) => (operands, constants) == (0, 0),
        (Arity::Unary | Arity::Data, _) => (operands, constants) == (1, kept),
        (Arity::Binary, _) => (operands, constants) == (2, 0),
        (Arity::Ternary, _) => (operands, constants) == (3, 0),
        (_, Op::Dot) => operands.is_multiple_of(2) && constants == 0,
        (_, Op::Affine) => !operands.is_multiple_of(2) && constants == 0,
        (_, Op::Linear) => operands == constants,
        (_, Op::AffineData) => operands == constants + 1,
        (Arity::Nary | Arity::Custom, _) => constants == 0,
    }
}

fn guards(report: &Report) -> Result<(), JsonError> {
    let (nodes, scopes) = (report.nodes.len(), report.scopes.len());
    for (i, guard) in report.guards.iter().enumerate() {
        let at = guard.at;
        ensure!(at <= nodes, "guards[{i}].at", "is {at}, but there are {nodes} nodes");
        for (side, operand) in [("left", guard.left), ("right", guard.right)] {
            if let GuardOperand::Node(node) = operand {
                ensure!(
                    node < at,
                    "guards[{i}].{side}.node",
                    "is {node}, not an index below {at}, of a node before it"
                );
            }
        }
        if let Some(scope) = guard.scope {
            ensure!(
                scope < scopes,
                "guards[{i}].scope",
                "is {scope}, not an index below {scopes}, of a scope"
            );
        }
    }
    Ok(())
}

fn network(network: &Network, nodes: usize) -> Result<(), JsonError> {
    let samples = network.samples.len();
    for (i, layer) in network.layers.iter().enumerate() {
        for (k, unit) in layer.iter().enumerate() {
            let gives = unit.gives.len();
            ensure!(
                gives == samples,
                "network.layers[{i}][{k}].gives",
                "has the length {gives}, and there are {samples} samples"
            );
            let given = unit.gives.iter().filter_map(|seen| match seen {
                Seen::Node(node) => Some(node),
                Seen::Data(_) => None,
            });
            for node in given.chain(&unit.bias) {
                ensure!(
                    *node < nodes,
                    "network.layers[{i}][{k}]",
                    "names node {node}, not an index below {nodes}"
                );
            }
        }
    }
    for (i, link) in network.links.iter().enumerate() {
        let (layer, from, to) = (link.layer, link.from, link.to);
        let units = |layer: Option<usize>| {
            layer.and_then(|layer| network.layers.get(layer)).map_or(0, Vec::len)
        };
        ensure!(
            from < units(Some(layer)) && to < units(layer.checked_add(1)),
            "network.links[{i}]",
            "leads from unit {from} of layer {layer} to unit {to} of the next, and one of them is not there"
        );
        if let Some(weight) = link.weight {
            ensure!(
                weight < nodes,
                "network.links[{i}].weight",
                "is {weight}, not an index below {nodes}, of a node"
            );
        }
    }
    Ok(())
}

/// A list that must have as many items as something else, and its path.
fn same_length(
    found: usize,
    expected: usize,
    what: &str,
    path: impl FnOnce() -> String,
) -> Result<(), JsonError> {
    if found == expected {
        return Ok(());
    }
    let problem = format!("has the length {found}, and there are {expected} {what}");
    Err(JsonError::field(path(), problem))
}

fn run(i: usize, run: &Run) -> Result<(), JsonError> {
    let (parameters, records) = (run.parameters.len(), run.records.len());
    for (k, record) in run.records.iter().enumerate() {
        for (name, list) in [("parameters", &record.parameters), ("gradient", &record.gradient)] {
            same_length(list.len(), parameters, "parameters", || {
                format!("runs[{i}].records[{k}].{name}")
            })?;
        }
    }
    if let Some(k) = run.records.windows(2).position(|two| two[0].step >= two[1].step) {
        let (before, step, k) = (run.records[k].step, run.records[k + 1].step, k + 1);
        ensure!(
            false,
            "runs[{i}].records[{k}].step",
            "is {step}, not above {before}, the step before"
        );
    }
    if let Some(all) = run.thinned_from {
        ensure!(
            all >= records,
            "runs[{i}].thinned_from",
            "is {all}, and there still are {records} records"
        );
    }
    let mut least = 0;
    for (k, &frame) in run.frames.iter().enumerate() {
        ensure!(
            (least..records).contains(&frame),
            "runs[{i}].frames[{k}]",
            "is {frame}, not an index from {least} to below {records}, of a record"
        );
        least = frame + 1;
    }
    if let Some(curves) = &run.curves {
        self::curves(i, curves, run.frames.len())?;
    }
    run.slice.as_ref().map_or(Ok(()), |slice| self::slice(i, slice, run))
}

fn curves(i: usize, curves: &Curves, frames: usize) -> Result<(), JsonError> {
    let (grid, data) = (curves.grid.len(), curves.data.len());
    same_length(curves.frames.len(), frames, "frames of the run", || {
        format!("runs[{i}].curves.frames")
    })?;
    for (k, frame) in curves.frames.iter().enumerate() {
        let path = |name: &str| format!("runs[{i}].curves.frames[{k}].{name}");
        same_length(frame.parts.len(), curves.parts.len(), "parts", || path("parts"))?;
        for (part, curve) in frame.parts.iter().enumerate() {
            same_length(curve.len(), grid, "inputs on the grid", || {
                path(&format!("parts[{part}]"))
            })?;
        }
        same_length(frame.predicted.len(), grid, "inputs on the grid", || path("predicted"))?;
        same_length(frame.at_data.len(), data, "observations", || path("at_data"))?;
    }
    Ok(())
}

fn slice(i: usize, slice: &Slice, run: &Run) -> Result<(), JsonError> {
    let (parameter, parameters) = (slice.parameter, run.parameters.len());
    ensure!(
        parameter < parameters,
        "runs[{i}].slice.parameter",
        "is {parameter}, not an index below {parameters}, of a parameter"
    );
    // Where only one parameter moves, all frames have one curve in common.
    let in_common = parameters == 1 && slice.losses.len() == 1;
    let expected = if in_common { 1 } else { run.frames.len() };
    same_length(slice.losses.len(), expected, "frames of the run", || {
        format!("runs[{i}].slice.losses")
    })?;
    for (k, losses) in slice.losses.iter().enumerate() {
        same_length(losses.len(), slice.grid.len(), "values on the grid", || {
            format!("runs[{i}].slice.losses[{k}]")
        })?;
    }
    Ok(())
}
