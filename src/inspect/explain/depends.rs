//! How the output depends on the node: three kinds of zero, three texts.

use super::names::Names;
use crate::Reach;
use crate::inspect::{Path, Paths};
use crate::text::folded;

/// The most nodes that are named as blocking.
const NAMED: usize = 4;

/// The value first, then how the output depends on the node.
pub(super) fn depends(names: &Names<'_>, paths: &Paths) -> Vec<String> {
    let node = paths.node;
    let number = |i: usize| names.style.number(names.report.nodes[i].value);
    let name = names.node(node);
    let Some(output) = names.report.output else {
        let text = format!("the output is a constant: its derivative with respect to {name} is 0");
        return folded(&text, names.style.width);
    };
    let of = names.node(output);
    let slope = names.style.number(paths.adjoint);
    let derivative = names.derivative(output, node);
    let mut head =
        vec![format!("{derivative} = {slope},"), format!("where {name} = {}", number(node))];
    if node != output {
        head.push(format!("and {of} = {}", number(output)));
    }
    let mut lines = names.style.wrap("", &head);
    let text = match names.report.nodes[node].reach {
        _ if node == output => format!("{of} is the output itself"),
        Reach::Connected => {
            let along = format!("{of} depends on {name} along {}", count(names, paths.count));
            match paths.adjoint == 0.0 && paths.agrees != Some(false) {
                true if underflows(paths) => {
                    format!("{along}; the slope is so small here that f64 has only 0 for it")
                }
                true => format!("{along}; the slope is truly 0 here"),
                false => along,
            }
        }
        Reach::Blocked => format!(
            "connected, but blocked: {} from {of} to {name} ends where an operation is constant, at {}",
            match paths.count {
                1.0 => "the only path".into(),
                many => format!("each of the {}", count(names, many)),
            },
            blocks(names, node).join(", ")
        ),
        Reach::NotConnected => {
            format!("not connected: no path leads from {of} to {name}; {}", last(names, node))
        }
    };
    lines.extend(folded(&text, names.style.width));
    lines
}

/// Whether a product is 0 although none of its factors is.
fn underflows(paths: &Paths) -> bool {
    let is_lost =
        |path: &Path| path.product == 0.0 && path.edges.iter().all(|edge| edge.partial != 0.0);
    paths.listed.iter().any(is_lost)
}

/// A number of paths in words; those beyond 2⁵³ are rounded.
pub(super) fn count(names: &Names<'_>, count: f64) -> String {
    match count {
        1.0 => "1 path".into(),
        c if c < 1e15 => format!("{c} paths"),
        c => format!("about {} paths", names.style.number(c)),
    }
}

/// Where the paths end on the way from the output to a node that is blocked.
fn blocks(names: &Names<'_>, node: usize) -> Vec<String> {
    let at = names.report.blocked_at(node);
    let mut texts: Vec<String> = at.iter().take(NAMED).map(|&i| stated(names, i)).collect();
    if at.len() > NAMED {
        texts.push(format!("and at {} more", at.len() - NAMED));
    }
    texts
}

/// A node with its expression in names and in numbers: `h = relu(%1) = relu(-2)`.
fn stated(names: &Names<'_>, node: usize) -> String {
    let [symbols, numbers] = names.expressions(node);
    format!("{} = {symbols} = {numbers}", names.node(node))
}

/// Where a node that does not reach the output ends up.
fn last(names: &Names<'_>, node: usize) -> String {
    let reached = names.report.dependents(node);
    match reached.iter().rposition(|&reached| reached) {
        Some(last) if last != node => format!("the last node that uses it is {}", names.node(last)),
        _ => "nothing uses it".into(),
    }
}
