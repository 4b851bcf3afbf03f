//! What no single field says: that operands come before their nodes, that scopes lie inside scopes, that steps go up.

use super::place::Place;
use crate::Node;
use crate::inspect::{Link, Network, Report, ReportError, Sparsity};
use crate::optim::History;
use crate::tape::{Guard, GuardOperand, Scope, innermost};

type Result = std::result::Result<(), ReportError>;

/// Every scope is closed and inside its parent, and begins where the one before it in there has ended; a node is in
/// the innermost around it.
pub(super) fn report(report: &Report, at: &Place<'_>) -> Result {
    let (nodes, scopes) = (report.nodes.len(), &report.scopes);
    let list = at.field("scopes");
    // Where the next scope may begin: inside each scope, and outside all.
    let mut free = vec![0; scopes.len()];
    let mut free_outside = 0;
    let mut latest = 0;
    for (i, &Scope { start, end, parent, .. }) in scopes.iter().enumerate() {
        let at = list.item(i);
        let Some(end) = end else {
            let problem = "is missing; the index after its last node goes there";
            return Err(at.field("end").error(problem.into()));
        };
        before(parent, i, "scope", &at.field("parent"))?;
        let last = parent.map_or(nodes, |parent| scopes[parent].end.unwrap_or(nodes));
        let first = latest.max(parent.map_or(free_outside, |parent| free[parent]));
        at.field("start").ensure(start >= first, || {
            format!("is {start}, but the scopes before it allow no less than {first}")
        })?;
        at.field("end").ensure(end >= start, || format!("is {end}, before its start {start}"))?;
        at.field("end")
            .ensure(end <= last, || format!("is {end}, but what is around it ends at {last}"))?;
        *parent.map_or(&mut free_outside, |parent| &mut free[parent]) = end;
        free[i] = start;
        latest = start;
    }
    let list = at.field("nodes");
    for (i, innermost) in innermost(scopes, nodes).into_iter().enumerate() {
        let node = &report.nodes[i];
        list.item(i).field("scope").ensure(node.scope == innermost, || {
            let name =
                |scope: Option<usize>| scope.map_or("none".into(), |scope| scope.to_string());
            let (found, right) = (name(node.scope), name(innermost));
            format!("is {found}, but the innermost scope around the node is {right}")
        })?;
    }
    Ok(())
}

/// An index of something that comes before, in the list up to `end`.
fn before(index: Option<usize>, end: usize, what: &str, at: &Place<'_>) -> Result {
    let index = index.filter(|&index| index >= end);
    index.map_or(Ok(()), |index| {
        Err(at.error(format!("is {index}, not an index below {end}, of a {what} before it")))
    })
}

/// A node has its place as its number, operands before it, and as many operands and constants as its operation
/// takes.
pub(super) fn node(node: &Node, at: &Place<'_>) -> Result {
    let (index, place) = (node.index, at.index());
    at.field("id")
        .ensure(index == place, || format!("is {index}, but its place in the list is {place}"))?;
    for (k, &operand) in node.operands.iter().enumerate() {
        before(Some(operand), index, "node", &at.field("operands").item(k))?;
    }
    let (operands, constants) = (node.operands.len(), node.constants.len());
    let (name, partials) = (node.op.info().name, node.partials.len());
    at.field("partials").ensure(partials == operands, || {
        format!("has the length {partials}, and there are {operands} operands")
    })?;
    at.ensure(node.op.takes(operands, constants), || {
        format!(
            "has {operands} operands and {constants} constants, which the operation `{name}` cannot have"
        )
    })
}

/// A comparison is of nodes that were there.
pub(super) fn guard(guard: &Guard, at: &Place<'_>) -> Result {
    let (end, nodes) = (guard.at, at.count("nodes"));
    at.field("at").ensure(end <= nodes, || format!("is {end}, but there are {nodes} nodes"))?;
    for (side, operand) in [("left", guard.left), ("right", guard.right)] {
        if let GuardOperand::Node(node) = operand {
            before(Some(node), end, "node", &at.field(side).field("node"))?;
        }
    }
    Ok(())
}

/// A link leads from a unit of one layer to one of the next.
pub(super) fn network(network: &Network, at: &Place<'_>) -> Result {
    for (i, &Link { layer, from, to, .. }) in network.links.iter().enumerate() {
        let units = |layer: Option<usize>| {
            layer.and_then(|layer| network.layers.get(layer)).map_or(0, Vec::len)
        };
        let is_there = from < units(Some(layer)) && to < units(layer.checked_add(1));
        at.field("links").item(i).ensure(is_there, || {
            format!(
                "leads from unit {from} of layer {layer} to unit {to} of the next, and one of them is not there"
            )
        })?;
    }
    Ok(())
}

/// The columns of a row ascend.
pub(super) fn sparsity(pattern: &Sparsity, at: &Place<'_>) -> Result {
    let list = at.field("entries");
    for (row, columns) in pattern.entries.iter().enumerate() {
        for (k, two) in columns.windows(2).enumerate() {
            let (before, column) = (two[0], two[1]);
            list.item(row).item(k + 1).ensure(column > before, || {
                format!("is {column}, not above {before}, the column before")
            })?;
        }
    }
    Ok(())
}

/// Steps and frames go up; where only one parameter moves, all frames may have one slice in common.
pub(super) fn history(history: &History, at: &Place<'_>) -> Result {
    let list = at.field("records");
    for (k, two) in history.records.windows(2).enumerate() {
        let (before, step) = (two[0].step, two[1].step);
        list.item(k + 1)
            .field("step")
            .ensure(step > before, || format!("is {step}, not above {before}, the step before"))?;
    }
    let records = history.records.len();
    if let Some(all) = history.thinned_from {
        at.field("thinned_from").ensure(all >= records, || {
            format!("is {all}, and there still are {records} records")
        })?;
    }
    let list = at.field("frames");
    for (k, two) in history.frames.windows(2).enumerate() {
        let (before, frame) = (two[0], two[1]);
        list.item(k + 1).ensure(frame > before, || {
            format!("is {frame}, not above {before}, the frame before")
        })?;
    }
    let Some(slice) = &history.slice else { return Ok(()) };
    let (losses, frames) = (slice.losses.len(), history.frames.len());
    let is_shared = history.parameters.len() == 1 && losses == 1;
    at.field("slice").field("losses").ensure(losses == frames || is_shared, || {
        format!("has the length {losses}, and there are {frames} frames of the history")
    })
}
