//! From a recording to the instructions of a program.

use super::body::Body;
use super::code::{Check, InstVec, Side};
use super::error::FreezeError;
use super::passes::{Pass, live};
use super::program::Program;
use crate::op::{Arity, Op};
use crate::tape::network::Source;
use crate::tape::nodes::Nodes;
use crate::tape::{Guard, GuardOperand, Inst, Instructions, misuse};
use crate::text::quoted;
use crate::{Tape, Var};

impl Program {
    /// Record a function at a point, and freeze it.
    ///
    /// The function returns one variable or several. The point matters only where the code branches: it
    /// chooses the branch that is recorded.
    ///
    /// # Panics
    /// If the function returns a variable of another tape.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// let program = Program::record(|x| x[0] * x[1], &[0.0, 0.0]);
    /// assert_eq!(program.value(&[3.0, 4.0], &mut Workspace::new())?, 12.0);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[track_caller]
    pub fn record<Y: AsRef<[Var]>>(f: impl FnOnce(&[Var]) -> Y, x: &[f64]) -> Program {
        let tape = Tape::new();
        let inputs = tape.vars(x);
        let outputs = f(&inputs);
        match tape.freeze(&inputs, outputs.as_ref()) {
            Ok(program) => program,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Tape {
    /// Freeze what is recorded: outputs as a function of inputs, to be run again for other values.
    ///
    /// The inputs must be independent variables, and all that the outputs depend on. The whole tape up to
    /// here is taken to belong to the function, so all its guards are the program's.
    ///
    /// # Errors
    /// If an input is no independent variable or is listed twice, or an output depends on one that is not
    /// listed.
    ///
    /// # Panics
    /// If a variable is not on this tape.
    ///
    /// ```
    /// use gradtape::{Tape, program::Workspace};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(3.0), tape.var(4.0));
    /// let program = tape.freeze(&[x, y], &[x.hypot(y)])?;
    /// assert_eq!(program.value(&[5.0, 12.0], &mut Workspace::new())?, 13.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn freeze(&self, inputs: &[Var], outputs: &[Var]) -> Result<Program, FreezeError> {
        self.freeze_with(inputs, outputs, &Pass::ALL)
    }

    /// Freeze what is recorded, and run the given passes: none leaves it as it is.
    ///
    /// # Errors
    /// As [`freeze`](Tape::freeze).
    ///
    /// # Panics
    /// As [`freeze`](Tape::freeze).
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let y = x * 1.0 + x;
    /// let (recorded, optimized) = (tape.freeze_with(&[x], &[y], &[])?, tape.freeze(&[x], &[y])?);
    /// assert_eq!((recorded.len(), optimized.len()), (2, 1));
    /// # Ok::<(), gradtape::program::FreezeError>(())
    /// ```
    #[track_caller]
    pub fn freeze_with(
        &self,
        inputs: &[Var],
        outputs: &[Var],
        passes: &[Pass],
    ) -> Result<Program, FreezeError> {
        let body = body_of(self, inputs, outputs)?;
        let point = inputs.iter().map(|input| input.value()).collect();
        Ok(Program::new(body, point, passes))
    }
}

/// Copy a recording: its inputs first, then every other node in order.
#[track_caller]
fn body_of(tape: &Tape, inputs: &[Var], outputs: &[Var]) -> Result<Body, FreezeError> {
    let leaves = input_nodes(tape, inputs)?;
    let labels = tape.recording.labels.borrow().clone();
    let name = |node: usize| match labels.get(node as u32) {
        Some(label) => quoted(label),
        None => format!("node {node}"),
    };
    // A loop, so that a panic points at the caller.
    let mut output_nodes = Vec::with_capacity(outputs.len());
    for &output in outputs {
        output_nodes.push(node_of(tape, output));
    }
    let (body, unlisted) = tape.recording.read(|nodes| {
        let mut copier = Copier::new(&nodes, &leaves);
        copier.nodes();
        let output = |(&node, var): (&Option<usize>, &Var)| match node {
            Some(node) => copier.new_index[node],
            None => copier.body.code.push(Op::Const, &[], &[var.value()]),
        };
        copier.body.outputs = output_nodes.iter().zip(outputs).map(output).collect();
        copier.guards(&tape.guards(), &|scope| tape.recording.scopes.borrow().path_of(scope));
        for (node, label) in labels.iter() {
            copier.body.labels.insert(copier.new_index[node as usize], label.to_string());
        }
        let renumber = |source: Source| match source {
            Source::Node(node) => Some(Source::Node(copier.new_index[node] as usize)),
            data @ Source::Data(_) => Some(data),
        };
        let networks = tape.recording.networks.borrow();
        copier.body.networks = networks.iter().filter_map(|(_, run)| run.map(renumber)).collect();
        (copier.body, copier.unlisted)
    });
    let live = if unlisted.is_empty() { vec![] } else { live(&body) };
    match unlisted.into_iter().find(|&(at, _)| live[at as usize]) {
        Some((_, node)) => {
            Err(FreezeError::Unlisted { name: name(node), value: tape.var_at(node).value() })
        }
        None => Ok(body),
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

/// A copy of a recording under way.
struct Copier<'a> {
    nodes: &'a Nodes<'a>,
    body: Body,
    /// The instruction of each node.
    new_index: Vec<u32>,
    /// Whether each node depends on an input.
    active: Vec<bool>,
    /// Independent variables that are not inputs: instruction and node.
    unlisted: Vec<(u32, usize)>,
}

impl<'a> Copier<'a> {
    fn new(nodes: &'a Nodes<'a>, inputs: &[usize]) -> Copier<'a> {
        let len = nodes.values.len();
        let mut body = Body { inputs: inputs.len() as u32, ..Body::default() };
        body.code = InstVec {
            insts: Vec::with_capacity(len + 1),
            pool: Vec::with_capacity(nodes.pool().len()),
            data: Vec::with_capacity(nodes.data().len()),
            calls: Vec::with_capacity(nodes.calls().len()),
        };
        let (mut new_index, mut active) = (vec![u32::MAX; len], vec![false; len]);
        for &node in inputs {
            new_index[node] = body.code.push(Op::Input, &[], &[]);
            active[node] = true;
        }
        Copier { nodes, body, new_index, active, unlisted: Vec::new() }
    }

    fn nodes(&mut self) {
        let mut operands = Vec::new();
        for node in 0..self.nodes.values.len() {
            // An input, which is copied already.
            if self.active[node] {
                continue;
            }
            let inst = self.nodes.inst(node);
            let active = |o: u32| self.active[o as usize];
            let new_index = |o: u32| self.new_index[o as usize];
            // Most nodes have one or two operands and nothing in the pools.
            let [a, b, _] = inst.at;
            let (is_active, at) = match inst.op.arity() {
                Arity::Unary => (active(a), [new_index(a), 0, 0]),
                Arity::Binary => (active(a) || active(b), [new_index(a), new_index(b), 0]),
                _ => {
                    operands.clear();
                    operands.extend(self.nodes.operands(&inst).iter().map(|&o| new_index(o)));
                    self.active[node] = self.nodes.operands(&inst).iter().any(|&o| active(o));
                    self.new_index[node] = self.node(node, inst, &operands);
                    continue;
                }
            };
            self.active[node] = is_active;
            self.new_index[node] = self.body.code.insts.len() as u32;
            self.body.code.insts.push(Inst { op: inst.op, at });
        }
    }

    fn node(&mut self, node: usize, inst: Inst, operands: &[u32]) -> u32 {
        let (nodes, code) = (self.nodes, &mut self.body.code);
        match inst.op {
            Op::Input | Op::Const => {
                let at = code.push(Op::Const, &[], &[nodes.values[node]]);
                if inst.op == Op::Input {
                    self.unlisted.push((at, node));
                }
                at
            }
            _ => code.copy(nodes, &inst, operands),
        }
    }

    /// Copy the guards that depend on an input: no other can have another outcome.
    fn guards(&mut self, guards: &[Guard], scope: &dyn Fn(usize) -> String) {
        let value = |operand| match operand {
            GuardOperand::Node(node) => self.nodes.values[node],
            GuardOperand::Constant(c) => c,
        };
        let side = |operand| match operand {
            GuardOperand::Node(node) => Side::Value(self.new_index[node]),
            GuardOperand::Constant(c) => Side::Constant(c),
        };
        let active = |o| matches!(o, GuardOperand::Node(node) if self.active[node]);
        let next = self.next_instructions();
        let kept = guards.iter().filter(|guard| active(guard.left) || active(guard.right));
        let check = |guard: &Guard| Check {
            left: side(guard.left),
            relation: guard.relation,
            right: side(guard.right),
            outcome: guard.outcome,
            recorded: [value(guard.left), value(guard.right)],
            before: next[guard.at],
            scope: guard.scope.map(scope),
        };
        self.body.checks = kept.map(check).collect();
        self.body.order_checks();
    }

    /// For each node, and the end of the tape, the first instruction from there on.
    fn next_instructions(&self) -> Vec<u32> {
        let mut next = vec![self.body.code.insts.len() as u32; self.new_index.len() + 1];
        for (node, &at) in self.new_index.iter().enumerate().rev() {
            // The inputs stand first, wherever their nodes are.
            next[node] = if at < self.body.inputs { next[node + 1] } else { at };
        }
        next
    }
}
