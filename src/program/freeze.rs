//! From a recording to the instructions of a program.

use super::code::Code;
use super::graph::Graph;
use super::guards::{Check, Side};
use super::passes::live;
use crate::op::Op;
use crate::tape::nodes::Nodes;
use crate::tape::{Guard, GuardOperand, Inst, Instructions, misuse};
use crate::text::number;
use crate::{Tape, Var};
use std::fmt;

/// Why a tape cannot be frozen with these inputs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FreezeError {
    /// An input is a constant or was computed, so it cannot be given another value.
    NotALeaf {
        /// Its place in the list of inputs.
        input: usize,
        /// Its label or node.
        name: String,
    },
    /// A variable is listed twice.
    Repeated {
        /// Its places in the list of inputs.
        inputs: [usize; 2],
        /// Its label or node.
        name: String,
    },
    /// An output, or a comparison that an input moves, depends on an independent variable that is not listed.
    Unlisted {
        /// Its label or node.
        name: String,
        /// Its value on the tape.
        value: f64,
    },
}

impl fmt::Display for FreezeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FreezeError::NotALeaf { input, name } => write!(
                f,
                "inputs[{input}], {name}, is not an independent variable of the tape: list variables made \
                 by `Tape::var`"
            ),
            FreezeError::Repeated { inputs: [first, second], name } => {
                write!(f, "inputs[{second}] is inputs[{first}], {name}, again: list it once")
            }
            FreezeError::Unlisted { name, value } => write!(
                f,
                "outputs or comparisons depend on {name} = {}, which is not among the inputs: list it, or \
                 record it as a constant, `Var::from({0})`",
                number(*value)
            ),
        }
    }
}

impl std::error::Error for FreezeError {}

/// Copy a recording: its inputs first, then every other node in order.
#[track_caller]
pub(super) fn freeze(
    tape: &Tape,
    inputs: &[Var],
    outputs: &[Var],
) -> Result<(Graph, Vec<f64>), FreezeError> {
    let places = input_nodes(tape, inputs)?;
    let labels = tape.recording.labels.borrow().clone();
    let name = |node: usize| match labels.get(node as u32) {
        Some(label) => format!("`{label}`"),
        None => format!("node {node}"),
    };
    // A loop, so that a panic points at the caller.
    let mut output_nodes = Vec::with_capacity(outputs.len());
    for &output in outputs {
        output_nodes.push(node_of(tape, output));
    }
    let (graph, unlisted) = tape.recording.read(|nodes| {
        let mut copy = Copying::new(&nodes, &places);
        copy.nodes();
        let output = |(&node, var): (&Option<usize>, &Var)| match node {
            Some(node) => copy.place[node],
            None => copy.graph.code.push(Op::Const, &[], &[var.value()]),
        };
        copy.graph.outputs = output_nodes.iter().zip(outputs).map(output).collect();
        copy.guards(&tape.guards(), &|scope| tape.recording.scopes.borrow().path_of(scope));
        for (node, label) in labels.iter() {
            copy.graph.labels.insert(copy.place[node as usize], label.to_string());
        }
        (copy.graph, copy.unlisted)
    });
    let live = if unlisted.is_empty() { vec![] } else { live(&graph) };
    match unlisted.into_iter().find(|&(at, _)| live[at as usize]) {
        Some((_, node)) => {
            Err(FreezeError::Unlisted { name: name(node), value: tape.var_at(node).value() })
        }
        None => Ok((graph, inputs.iter().map(|v| v.value()).collect())),
    }
}

/// The nodes of the inputs, each an independent variable and listed once.
#[track_caller]
fn input_nodes(tape: &Tape, inputs: &[Var]) -> Result<Vec<usize>, FreezeError> {
    let found: Vec<Option<usize>> = inputs.iter().map(|&input| node_of(tape, input)).collect();
    tape.recording.read(|nodes| {
        let mut listed = vec![None; nodes.values.len()];
        let mut leaves = Vec::with_capacity(inputs.len());
        for (input, node) in found.into_iter().enumerate() {
            let name = || format!("{:?}", inputs[input]);
            match node {
                Some(node) if nodes.op(node) == Op::Input => {
                    if let Some(first) = listed[node].replace(input as u32) {
                        let inputs = [first as usize, input];
                        return Err(FreezeError::Repeated { inputs, name: name() });
                    }
                    leaves.push(node);
                }
                _ => return Err(FreezeError::NotALeaf { input, name: name() }),
            }
        }
        Ok(leaves)
    })
}

/// The node of a variable on this tape; a constant has none.
#[track_caller]
fn node_of(tape: &Tape, variable: Var) -> Option<usize> {
    if variable.is_constant() {
        return None;
    }
    match tape.recording.locate(variable.tag) {
        Some(node) => Some(node as usize),
        None => misuse::not_on(&tape.recording, variable.tag, variable.value()),
    }
}

struct Copying<'a> {
    nodes: &'a Nodes<'a>,
    graph: Graph,
    /// Where each node went.
    place: Vec<u32>,
    /// Whether each node moves with an input.
    moves: Vec<bool>,
    /// Independent variables that are not inputs: instruction and node.
    unlisted: Vec<(u32, usize)>,
}

impl<'a> Copying<'a> {
    fn new(nodes: &'a Nodes<'a>, inputs: &[usize]) -> Copying<'a> {
        let len = nodes.values.len();
        let mut graph = Graph { inputs: inputs.len() as u32, ..Graph::default() };
        graph.code = Code {
            insts: Vec::with_capacity(len + 1),
            pool: Vec::with_capacity(nodes.pool().len()),
            data: Vec::with_capacity(nodes.data().len()),
            calls: Vec::with_capacity(nodes.calls().len()),
        };
        let (mut place, mut moves) = (vec![u32::MAX; len], vec![false; len]);
        for &node in inputs {
            place[node] = graph.code.push(Op::Input, &[], &[]);
            moves[node] = true;
        }
        Copying { nodes, graph, place, moves, unlisted: Vec::new() }
    }

    fn nodes(&mut self) {
        let mut operands = Vec::new();
        for node in 0..self.nodes.values.len() {
            if self.moves[node] {
                continue;
            }
            let inst = self.nodes.inst(node);
            operands.clear();
            for &o in self.nodes.operands(&inst) {
                self.moves[node] |= self.moves[o as usize];
                operands.push(self.place[o as usize]);
            }
            self.place[node] = self.node(node, inst, &operands);
        }
    }

    fn node(&mut self, node: usize, inst: Inst, operands: &[u32]) -> u32 {
        let (nodes, code) = (self.nodes, &mut self.graph.code);
        match inst.op {
            Op::Input | Op::Const => {
                let at = code.push(Op::Const, &[], &[nodes.values[node]]);
                if inst.op == Op::Input {
                    self.unlisted.push((at, node));
                }
                at
            }
            Op::Custom => {
                let [call, output, _] = inst.at;
                code.push_output(&nodes.calls()[call as usize], output, operands.iter().copied())
            }
            op => code.push(op, operands, nodes.constants(&inst)),
        }
    }

    /// Keep the guards that another input could fail.
    fn guards(&mut self, guards: &[Guard], scope: &dyn Fn(usize) -> String) {
        let value = |operand| match operand {
            GuardOperand::Node(node) => self.nodes.values[node],
            GuardOperand::Constant(c) => c,
        };
        let side = |operand| match operand {
            GuardOperand::Node(node) => Side::Value(self.place[node]),
            GuardOperand::Constant(c) => Side::Constant(c),
        };
        let moves = |o| matches!(o, GuardOperand::Node(node) if self.moves[node]);
        let next = self.next_instructions();
        let kept = guards.iter().filter(|guard| moves(guard.left) || moves(guard.right));
        let check = |guard: &Guard| Check {
            left: side(guard.left),
            relation: guard.relation,
            right: side(guard.right),
            outcome: guard.outcome,
            recorded: [value(guard.left), value(guard.right)],
            before: next[guard.at],
            scope: guard.scope.map(scope),
        };
        self.graph.checks = kept.map(check).collect();
        self.graph.order_checks();
    }

    /// For each node, and the end of the tape, the first instruction from there on.
    fn next_instructions(&self) -> Vec<u32> {
        let mut next = vec![self.graph.code.insts.len() as u32; self.place.len() + 1];
        for (node, &at) in self.place.iter().enumerate().rev() {
            // The inputs stand first, wherever their nodes are.
            next[node] = if at < self.graph.inputs { next[node + 1] } else { at };
        }
        next
    }
}
