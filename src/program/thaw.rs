//! From instructions back to a tape: to look at what a program computes, node by node.

use super::Program;
use super::run::evaluate;
use crate::Var;

impl Program {
    /// Record on a tape what the program computes, as if its code ran there, and return the outputs.
    ///
    /// Labels come along; comparisons do not, and are not checked.
    pub(crate) fn on_tape(&self, inputs: &[Var]) -> Vec<Var> {
        let code = &self.graph.code;
        let mut values = inputs.to_vec();
        values.resize(code.insts.len(), Var::from(0.0));
        evaluate(code, inputs.len()..code.insts.len(), &mut values[..]);
        for (&i, label) in &self.graph.labels {
            _ = values[i as usize].label(label);
        }
        self.graph.outputs.iter().map(|&o| values[o as usize]).collect()
    }
}
