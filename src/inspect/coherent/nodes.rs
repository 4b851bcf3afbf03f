//! Nodes, scopes and comparisons that fit together.

use super::Incoherent;
use crate::Node;
use crate::inspect::Report;
use crate::tape::{GuardOperand, Scope};

/// Every scope is closed and inside its parent, and begins where the one before it in there has ended.
pub(super) fn scopes(scopes: &[Scope], nodes: usize) -> Result<(), Incoherent> {
    // Where the next scope may begin: inside each scope, and outside all.
    let mut free = vec![0; scopes.len()];
    let mut free_outside = 0;
    let mut latest = 0;
    for (i, scope) in scopes.iter().enumerate() {
        let start = scope.start;
        let Some(end) = scope.end else {
            return Err(Incoherent {
                at: format!("scopes[{i}].end"),
                problem: "is missing; the index after its last node goes there".into(),
            });
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

/// As many partials and constants as the operation takes, operands before it, and the right scope.
pub(super) fn node(i: usize, node: &Node, innermost: Option<usize>) -> Result<(), Incoherent> {
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
        node.op.takes(operands, constants),
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

/// Comparisons of nodes before them.
pub(super) fn guards(report: &Report) -> Result<(), Incoherent> {
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
