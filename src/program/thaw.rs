//! From instructions back to a tape: to look at what a program computes, node by node.

use super::Program;
use super::guards::Side;
use crate::Var;
use crate::sweep::interpreter::evaluate;
use crate::tape::remember;

impl Program {
    /// Record on a tape what the program computes, as if its code ran there, and return the outputs.
    ///
    /// Labels come along, and so do comparisons, with the outcome that was recorded; they are not checked.
    pub(crate) fn on_tape(&self, inputs: &[Var]) -> Vec<Var> {
        let code = &self.graph.code;
        let mut values = inputs.to_vec();
        values.resize(code.insts.len(), Var::from(0.0));
        evaluate(code, inputs.len()..code.insts.len(), &mut values[..]);
        for (&i, label) in &self.graph.labels {
            _ = values[i as usize].label(label);
        }
        let side = |side: Side| match side {
            Side::Value(i) => values[i as usize],
            Side::Constant(c) => Var::from(c),
        };
        for check in &self.graph.checks {
            remember(side(check.left), check.relation, side(check.right), check.outcome);
        }
        self.graph.outputs.iter().map(|&o| values[o as usize]).collect()
    }
}
