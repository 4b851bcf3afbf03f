//! Dead instructions: what no output and no guard depends on.

use crate::op::Op;
use crate::program::graph::{Graph, Rebuild};
use crate::program::guards::Check;
use crate::tape::Instructions;

/// Copy what is live.
pub(super) fn dead(graph: Graph) -> Graph {
    let live = live(&graph);
    if live[graph.inputs as usize..].iter().all(|&live| live) {
        return graph;
    }
    let mut rebuild = Rebuild::new(&graph);
    for i in rebuild.computing().filter(|&i| live[i]) {
        rebuild.copy(i);
    }
    rebuild.finish()
}

/// Find what outputs and guards depend on.
pub(in crate::program) fn live(graph: &Graph) -> Vec<bool> {
    let code = &graph.code;
    let mut live = vec![false; code.insts.len()];
    let compared = graph.checks.iter().flat_map(Check::operands);
    graph.outputs.iter().copied().chain(compared).for_each(|i| live[i as usize] = true);
    for i in (0..code.insts.len()).rev() {
        let inst = &code.insts[i];
        // A custom call computes all its outputs together; the first, met last here, stands for them.
        if inst.op == Op::Custom && inst.at[1] == 0 {
            let outputs = code.calls[inst.at[0] as usize].outputs as usize;
            let any = live[i..i + outputs].contains(&true);
            live[i..i + outputs].fill(any);
        }
        if live[i] {
            code.operands(inst).iter().for_each(|&o| live[o as usize] = true);
        }
    }
    live
}
