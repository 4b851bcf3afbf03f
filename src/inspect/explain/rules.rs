//! What each node on the way computes, and its local partials.

use super::factors::factors;
use super::names::Names;
use crate::inspect::{PathEdge, Paths};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The most nodes whose rules are shown.
const RULES: usize = 24;

/// The contracted factors in all their edges, then the nodes on the way with their local partials.
pub(super) fn rules(names: &Names<'_>, paths: &Paths, full: bool) -> Vec<Vec<String>> {
    let contracted = contracted(names, paths, full);
    let mut sections = Vec::new();
    if !contracted.is_empty() {
        sections.push([vec!["factors of several operations".to_string()], contracted].concat());
    }
    sections.push([vec!["local rules".to_string()], nodes(names, paths, full)].concat());
    sections
}

fn contracted(names: &Names<'_>, paths: &Paths, full: bool) -> Vec<String> {
    let style = names.style;
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    let mut left_out = 0;
    for factor in factors(names, &paths.listed, full).into_iter().flatten() {
        if factor.edges.len() == 1 || !seen.insert((factor.user(), factor.node())) {
            continue;
        }
        if seen.len() > RULES {
            left_out += 1;
            continue;
        }
        let product = |text: &dyn Fn(&PathEdge) -> String| -> Vec<String> {
            let sign = |i: usize| if i == 0 { "=" } else { style.times() };
            let edges = factor.edges.iter().enumerate();
            edges.map(|(i, edge)| format!("{} {}", sign(i), text(edge))).collect()
        };
        let mut pieces = product(&|&edge| names.partial(edge));
        pieces.extend(product(&|edge| style.enclosed(edge.partial)));
        pieces.push(format!("= {}", style.number(factor.value())));
        lines.extend(style.wrap(&format!("  {} ", factor.text(names)), &pieces));
    }
    lines.extend(more(left_out, "more factor"));
    lines
}

fn nodes(names: &Names<'_>, paths: &Paths, full: bool) -> Vec<String> {
    let mut on_the_way: BTreeMap<Reverse<usize>, BTreeMap<usize, PathEdge>> = BTreeMap::new();
    for edge in paths.listed.iter().flat_map(|path| &path.edges) {
        on_the_way.entry(Reverse(edge.user)).or_default().insert(edge.operand, *edge);
    }
    let shown = if full { on_the_way.len() } else { RULES };
    let left_out = on_the_way.len().saturating_sub(shown);
    let mut lines = Vec::new();
    for (Reverse(node), edges) in on_the_way.into_iter().take(shown) {
        let [symbols, numbers] = names.expressions(node);
        let value = names.style.value(names.report.nodes[node].value);
        lines.extend(equation(names, "  ", &names.node(node), &[symbols, numbers, value]));
        for edge in edges.into_values() {
            let [symbols, numbers] = names.partials(edge);
            let equal = [symbols, numbers, names.style.number(edge.partial)];
            lines.extend(equation(names, "    ", &names.partial(edge), &equal));
        }
    }
    lines.extend(more(left_out, "more node"));
    lines
}

fn more(left_out: usize, noun: &str) -> Option<String> {
    (left_out > 0).then(|| format!("  and {}", crate::text::counted(left_out, noun)))
}

/// `left = a = b = c`, without repeating what is the same, in lines of the width.
fn equation(names: &Names<'_>, margin: &str, left: &str, equal: &[String]) -> Vec<String> {
    let mut sides: Vec<&String> = equal.iter().filter(|side| !side.is_empty()).collect();
    sides.dedup();
    let pieces: Vec<String> = sides.into_iter().map(|side| format!("= {side}")).collect();
    names.style.wrap(&format!("{margin}{left} "), &pieces)
}
