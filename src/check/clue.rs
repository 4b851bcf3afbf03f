//! What on the tape may explain a finding about an input.

use super::probe::Probe;
use super::words::short;
use crate::op::Op;
use crate::tape::Guard;
use crate::{Node, Reach, Tangents, Tape, Var};

/// What was noticed about one input; which of it matters depends on the finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Clues {
    /// An operation at its kink, or a comparison that comes out otherwise a step away.
    pub kink: Option<String>,
    /// A missing path, or a custom operation on the way.
    pub path: Option<String>,
}

/// The nodes that may explain something: few of them.
pub(super) struct Suspects {
    kinked: Vec<Node>,
    custom: Vec<Node>,
}

impl Suspects {
    /// Go once over the tape.
    pub fn on(tape: &Tape) -> Suspects {
        let at_kink = |node: &Node| {
            let operands = node.operands.iter().map(|&o| tape.var_at(o).value());
            let point: Vec<f64> = operands.chain(node.constants.iter().copied()).collect();
            node.op.info().kink.is_some() && node.op.at_kink(&point)
        };
        let (custom, others): (Vec<Node>, Vec<Node>) = tape
            .nodes()
            .filter(|n| n.op == Op::Custom || at_kink(n))
            .partition(|n| n.op == Op::Custom);
        Suspects { kinked: others, custom }
    }

    /// The operation at its kink that moves with the input of these tangents.
    pub fn kink(&self, tangents: &Tangents) -> Option<String> {
        let node = self.kinked.iter().find(|node| moves(node, tangents))?;
        let (_, convention) = node.op.info().kink?;
        Some(format!("{} is at its kink ({convention})", name(node)))
    }

    /// Why the sweeps may be wrong together about an input.
    pub fn path(
        &self,
        tape: &Tape,
        input: Var,
        output: Var,
        tangents: &Tangents,
    ) -> Option<String> {
        if let Some(node) = self.custom.iter().find(|node| moves(node, tangents)) {
            return Some(format!(
                "both sweeps use the vjp of custom operation `{}` (node %{}): compare it with its \
                 value",
                node.name, node.index
            ));
        }
        match tape.reach(output, input) {
            Reach::NotConnected => Some(
                "no path on the tape leads from it to the output: perhaps f reads it with \
                 `value()`"
                    .to_string(),
            ),
            Reach::Blocked => {
                let node = tape.node(*tape.blocked_at(output, input).first()?);
                Some(format!("its paths on the tape are blocked at {}", name(&node)))
            }
            Reach::Connected => None,
        }
    }
}

/// Tell whether a node's operands move along the tangents.
fn moves(node: &Node, tangents: &Tangents) -> bool {
    node.operands.iter().any(|&o| tangents.tangents()[o] != 0.0)
}

fn name(node: &Node) -> String {
    match &node.label {
        Some(label) => format!("{} `{label}` (node %{})", node.name, node.index),
        None => format!("{} (node %{})", node.name, node.index),
    }
}

/// Find the first comparison that comes out otherwise a step to the left or right of `x[i]`.
#[track_caller]
pub(super) fn branch<F: Fn(&[Var]) -> Var>(
    probe: &mut Probe<'_, F>,
    here: &[Guard],
    x: &[f64],
    i: usize,
    input: &str,
    step: f64,
) -> Option<String> {
    [(step, '+'), (-step, '-')].into_iter().find_map(|(offset, sign)| {
        let mut moved = x.to_vec();
        moved[i] += offset;
        let there = probe.guards(&moved);
        let same = |a: &Guard, b: &Guard| a.relation == b.relation && a.outcome == b.outcome;
        let guard = here.iter().zip(&there).find(|(a, b)| !same(a, b))?.0;
        Some(format!(
            "the comparison `{guard}` comes out otherwise at {input} {sign} {}",
            short(step)
        ))
    })
}
