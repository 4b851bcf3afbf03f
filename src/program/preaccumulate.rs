//! Preaccumulation: a region of a tape, replaced by its Jacobian.

use super::body::Body;
use super::program::Program;
use super::workspace::Workspace;
use crate::op::Op;
use crate::tape::nodes::Nodes;
use crate::tape::{Instructions, PREACCUMULATED, Stored, StoredBy, misuse};
use crate::text::{counted, quoted};
use crate::{CustomOp, Tape, Var, custom};
use indexmap::IndexSet;
use std::fmt;

/// What became of a region.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preaccumulated {
    /// What the region returned, on the tape as it is now.
    pub outputs: Vec<Var>,
    /// How many variables from before the region it depends on.
    pub inputs: usize,
    /// How many nodes it had.
    pub nodes: usize,
    /// The bytes that it took.
    pub bytes_before: usize,
    /// The bytes that stand for it now.
    pub bytes_after: usize,
}

/// Why a region stays as it was recorded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NotPreaccumulated {
    /// Its Jacobian would take as much memory, or more.
    NotSmaller {
        /// What the region returned.
        outputs: Vec<Var>,
        /// How many variables from before the region it depends on.
        inputs: usize,
        /// The bytes that it takes.
        bytes: usize,
        /// The bytes that its Jacobian would take.
        bytes_as_jacobian: usize,
    },
    /// An independent variable was made in it, whose gradient would be lost.
    Independent {
        /// What the region returned.
        outputs: Vec<Var>,
        /// The label or node of that variable.
        name: String,
    },
}

impl NotPreaccumulated {
    /// Go on with what the region returned: it is recorded, node by node.
    #[must_use]
    pub fn into_outputs(self) -> Vec<Var> {
        match self {
            NotPreaccumulated::NotSmaller { outputs, .. }
            | NotPreaccumulated::Independent { outputs, .. } => outputs,
        }
    }
}

impl fmt::Display for NotPreaccumulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotPreaccumulated::NotSmaller { outputs, inputs, bytes, bytes_as_jacobian } => write!(
                f,
                "the region takes {bytes} bytes, and its Jacobian of {} by {} would take {bytes_as_jacobian}: it \
                 stays as it is; take a longer region with fewer inputs and outputs",
                counted(outputs.len(), "output"),
                counted(*inputs, "input")
            ),
            NotPreaccumulated::Independent { name, .. } => write!(
                f,
                "the independent variable {name} was made in the region, and its gradient would be lost: make it \
                 before"
            ),
        }
    }
}

impl std::error::Error for NotPreaccumulated {}

impl Tape {
    /// Record a region, and replace its nodes by its Jacobian where that takes less memory.
    ///
    /// A long computation with few inputs and outputs (a step of a solver, a function with a loop inside) then costs the
    /// later sweep `inputs · outputs` products, and the tape as many numbers, however many operations it has. The inputs
    /// are found: the variables from before that the region uses. Values and first derivatives stay as they are.
    ///
    /// It saves memory, not time: the region is swept right away. What it forgets cannot be had later. Second derivatives
    /// through it are an error that names it, a program refuses other inputs, and variables of the region that are not
    /// returned are stale.
    ///
    /// # Errors
    /// If the region would not become smaller, or an independent variable was made in it. It then stays recorded, and the
    /// error has its outputs.
    ///
    /// # Panics
    /// If the region records on another tape, or clears or rewinds this one.
    ///
    /// ```
    /// use gradtape::Tape;
    ///
    /// let tape = Tape::new();
    /// let (rate, mut level) = (tape.var(0.5), tape.var(1.0));
    /// for _ in 0..10 {
    ///     // A hundred small steps of a decay become one node.
    ///     let step = tape.preaccumulate(|| {
    ///         let level = (0..100).fold(level, |level, _| level - level * rate * 0.001);
    ///         [level]
    ///     })?;
    ///     assert!(step.bytes_after * 20 < step.bytes_before);
    ///     level = step.outputs[0];
    /// }
    /// let slope = level.backward().wrt(rate);
    /// approx::assert_relative_eq!(slope, -(1.0_f64 - 0.0005).powi(999), max_relative = 1e-12);
    /// # Ok::<(), gradtape::program::NotPreaccumulated>(())
    /// ```
    #[doc(alias("checkpoint", "local preaccumulation"))]
    #[track_caller]
    pub fn preaccumulate<Y: AsRef<[Var]>>(
        &self,
        region: impl FnOnce() -> Y,
    ) -> Result<Preaccumulated, NotPreaccumulated> {
        let (mark, from, bytes) = (self.mark(), self.len(), self.bytes_used());
        let outputs = region().as_ref().to_vec();
        // A loop, so that a panic points at the caller.
        let mut computed = Vec::new();
        for output in &outputs {
            match self.recording.locate(output.tag) {
                _ if output.is_constant() => {}
                Some(node) if (node as usize) < from => {}
                Some(node) => computed.push(node as usize),
                None => misuse::not_on(&self.recording, output.tag, output.value()),
            }
        }
        let (nodes, bytes) = (self.len() - from, self.bytes_used() - bytes);
        let found = self.recording.read(|nodes| Region::find(&nodes, from, &computed));
        let region = match found {
            Ok(region) => region,
            Err(leaf) => {
                let name = match self.recording.labels.borrow().get(leaf as u32) {
                    Some(label) => quoted(label),
                    None => format!("node {leaf}"),
                };
                return Err(NotPreaccumulated::Independent { outputs, name });
            }
        };
        let (inputs, bytes_after) = (region.inputs.len(), region.bytes());
        if bytes_after >= bytes {
            let (bytes, bytes_as_jacobian) = (bytes, bytes_after);
            return Err(NotPreaccumulated::NotSmaller {
                outputs,
                inputs,
                bytes,
                bytes_as_jacobian,
            });
        }
        let y = computed.iter().map(|&node| self.var_at(node).value()).collect();
        let (inputs, op) = region.linearized(y);
        self.rewind(mark);
        let inputs: Vec<Var> = inputs.iter().map(|&node| self.var_at(node as usize)).collect();
        let mut outputs = outputs;
        if !computed.is_empty() {
            let mut replaced = custom(op, &inputs).into_iter();
            // Its own node is gone: then it is the next of those that were computed.
            let is_gone =
                |output: &Var| !output.is_constant() && self.recording.locate(output.tag).is_none();
            for output in outputs.iter_mut().filter(|output| is_gone(output)) {
                *output = replaced.next().expect("an output each");
            }
            let moved = replaced.next().expect("the last output");
            // A recording remembers that the inputs were these: for others the Jacobian is another.
            let _scope = self.scope("preaccumulate");
            assert!(
                moved.label("moved since preaccumulate") == 0.0,
                "the inputs are those of the region"
            );
        }
        Ok(Preaccumulated {
            outputs,
            inputs: inputs.len(),
            nodes,
            bytes_before: bytes,
            bytes_after,
        })
    }
}

/// The nodes from some node on, as a program of what they use from before.
struct Region {
    /// The nodes from before.
    inputs: IndexSet<u32>,
    point: Vec<f64>,
    body: Body,
}

impl Region {
    /// Copy the nodes; an independent variable among them is an error.
    fn find(nodes: &Nodes<'_>, from: usize, outputs: &[usize]) -> Result<Region, usize> {
        let all = from..nodes.values.len();
        let is_constant = |o: u32| nodes.op(o as usize) == Op::Const;
        let mut inputs = IndexSet::new();
        for i in all.clone() {
            if nodes.op(i) == Op::Input {
                return Err(i);
            }
            let inst = nodes.inst(i);
            let operands = nodes.operands(&inst).iter().copied();
            inputs.extend(operands.filter(|&o| (o as usize) < from && !is_constant(o)));
        }
        let mut body = Body { inputs: inputs.len() as u32, ..Body::default() };
        (0..inputs.len()).for_each(|_| _ = body.code.push(Op::Input, &[], &[]));
        let mut new_index = vec![0; all.len()];
        for i in all {
            let inst = nodes.inst(i);
            let mut operands = Vec::with_capacity(2);
            for &o in nodes.operands(&inst).iter() {
                operands.push(match inputs.get_index_of(&o) {
                    Some(input) => input as u32,
                    None if o as usize >= from => new_index[o as usize - from],
                    None => body.code.push(Op::Const, &[], &[nodes.values[o as usize]]),
                });
            }
            new_index[i - from] = match inst.op {
                Op::Const => body.code.push(Op::Const, &[], &[nodes.values[i]]),
                _ => body.code.copy(nodes, &inst, &operands),
            };
        }
        body.outputs = outputs.iter().map(|&node| new_index[node - from]).collect();
        let point = inputs.iter().map(|&input| nodes.values[input as usize]).collect();
        Ok(Region { inputs, point, body })
    }

    /// The bytes of what will stand for it: a node for each output and one for the guard, the operands, and what the
    /// operation keeps.
    fn bytes(&self) -> usize {
        let (inputs, outputs) = (self.inputs.len(), self.body.outputs.len());
        if outputs == 0 {
            return 0;
        }
        let kept =
            size_of::<Linearized>() + size_of::<f64>() * (inputs * outputs + inputs + outputs);
        (outputs + 1) * Tape::BYTES_PER_NODE + size_of::<u32>() * inputs + kept
    }

    /// The nodes from before, and the operation on them that has the values `y`.
    fn linearized(self, y: Box<[f64]>) -> (IndexSet<u32>, Linearized) {
        let Region { inputs, point, body } = self;
        let program = Program::new(body, point, &[]);
        let x = program.point.clone().into_boxed_slice();
        let mut jacobian = vec![0.0; program.inputs() * program.outputs()].into_boxed_slice();
        match program.jacobian(&x, &mut jacobian, &mut Workspace::new()) {
            Ok(()) => (inputs, Linearized { x, y, jacobian }),
            Err(error) => unreachable!("there are no guards, and lengths fit: {error}"),
        }
    }
}

/// A region as the linear function that it is at the point where it was recorded.
struct Linearized {
    x: Box<[f64]>,
    y: Box<[f64]>,
    /// A row an output.
    jacobian: Box<[f64]>,
}

impl CustomOp for Linearized {
    fn name(&self) -> &str {
        PREACCUMULATED
    }

    /// Its own, then whether the inputs have moved.
    fn outputs(&self) -> usize {
        self.y.len() + 1
    }

    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::Nothing, constants: None }
    }

    fn value(&self, x: &[f64], y: &mut [f64]) {
        if x.iter().zip(&self.x).all(|(x, known)| x.to_bits() == known.to_bits()) {
            y[..self.y.len()].copy_from_slice(&self.y);
        } else {
            y.fill(f64::NAN);
        }
    }

    fn vjp(&self, _: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        if dx.is_empty() {
            return;
        }
        for (&w, row) in w.iter().zip(self.jacobian.chunks_exact(dx.len())) {
            for (dx, &partial) in dx.iter_mut().zip(row) {
                // Through a slope of 0 nothing flows, not even infinity.
                if w != 0.0 && partial != 0.0 {
                    *dx += w * partial;
                }
            }
        }
    }
}
