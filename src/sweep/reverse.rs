//! The reverse sweep: one walk from the output back to the leaves.
//!
//! For each node in reverse order, with adjoint `w = ∂output/∂node`, every operand's adjoint grows by
//! `w · ∂node/∂operand` (Griewank & Walther, *Evaluating Derivatives*, 2nd ed., §3.2). The rules come
//! from the op table and are generic, and so is the sweep: over `f64` it gives the gradient, over
//! `Dual` a Hessian-vector product, over `Var` it records the gradient so that it can be
//! differentiated again.

use crate::op::{self, Flow, Op, Pull, Reading, Site, nary};
use crate::tape::nodes::Nodes;
use crate::tape::{CustomCall, NotTwiceDifferentiable};
use crate::{Dual, Real, Tape, Var};
use smallvec::SmallVec;

/// A scalar that adjoints can be made of: what a custom operation's vjp must be called with.
pub(crate) trait Adjoint: Real {
    /// Compute `dx = wᵀ ∂y/∂x`, or `None` where the operation does not offer it for this scalar.
    fn custom_vjp(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>>;
}

impl Adjoint for f64 {
    fn custom_vjp(call: &CustomCall, x: &[f64], y: &[f64], w: &[f64]) -> Option<Vec<f64>> {
        let mut dx = vec![0.0; x.len()];
        call.op.vjp(x, y, w, &mut dx);
        Some(dx)
    }
}

impl Adjoint for Var {
    fn custom_vjp(call: &CustomCall, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let dx = call.op.vjp_recorded(x, y, w)?;
        assert!(
            dx.len() == x.len(),
            "`vjp_recorded` of custom operation `{}` returned {} derivatives for {} inputs",
            call.op.name(),
            dx.len(),
            x.len()
        );
        Some(dx)
    }
}

impl Adjoint for Dual<f64> {
    /// Record the vjp on a tape of its own, and push the tangents through that.
    fn custom_vjp(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        let tape = Tape::new();
        let all: Vec<Dual> = [x, y, w].concat();
        let vars: Vec<Var> = all.iter().map(|d| tape.var(d.primal())).collect();
        let (xs, rest) = vars.split_at(x.len());
        let (ys, ws) = rest.split_at(y.len());
        let dx = Var::custom_vjp(call, xs, ys, ws)?;
        let seeds: Vec<(Var, f64)> =
            vars.iter().zip(&all).map(|(&v, d)| (v, d.tangent())).collect();
        let tangents = tape.forward(&seeds);
        Some(dx.into_iter().map(|v| Dual::new(v.value(), tangents.wrt(v))).collect())
    }
}

/// One node of a sweep: where its operands' values are, and where contributions flow.
pub(super) struct Step<'s, 'a, T, V, F> {
    pub nodes: &'s Nodes<'a>,
    pub value: &'s V,
    pub flow: F,
    pub i: usize,
    /// The operands, or what the node has in their place.
    pub at: [u32; 3],
    pub scalar: std::marker::PhantomData<T>,
}

impl<'s, 'a, T: Real, V: Fn(u32) -> T, F: Flow<T>> Step<'s, 'a, T, V, F> {
    /// Offer every operand of node `i`, whose operation is `op`, its rule. Not for custom nodes.
    #[inline(always)]
    pub fn run(op: Op, nodes: &'s Nodes<'a>, value: &'s V, flow: F, i: usize) -> F {
        let [a, b] = nodes.at(i);
        let mut step =
            Step { nodes, value, flow, i, at: [a, b, 0], scalar: std::marker::PhantomData };
        op::pull(op, &mut step);
        step.flow
    }
}

impl<T: Real, V: Fn(u32) -> T, F> Site<T> for Step<'_, '_, T, V, F> {
    #[inline(always)]
    fn x(&self) -> T {
        (self.value)(self.at[0])
    }
    #[inline(always)]
    fn y(&self) -> T {
        (self.value)(self.at[1])
    }
    #[inline(always)]
    fn z(&self) -> T {
        (self.value)(self.at[2])
    }
    #[inline(always)]
    fn r(&self) -> T {
        (self.value)(self.i as u32)
    }
    #[inline(always)]
    fn c(&self) -> f64 {
        self.nodes.constant(self.i, 0)
    }
    #[inline(always)]
    fn d(&self) -> f64 {
        self.nodes.constant(self.i, 1)
    }
    #[inline(always)]
    fn gather(&mut self) {
        self.at = self.nodes.ternary(self.i);
    }
}

impl<T: Real, V: Fn(u32) -> T, F: Flow<T>> Pull<T> for Step<'_, '_, T, V, F> {
    #[inline(always)]
    fn weight(&self, which: usize) -> Option<T> {
        self.flow.weight(self.at[which])
    }
    #[inline(always)]
    fn give(&mut self, which: usize, contribution: T) {
        self.flow.give(self.at[which], contribution);
    }
    #[inline(always)]
    fn nary(&mut self, op: Op) {
        let terms = self.nodes.terms(op, self.i);
        nary::pull(op, terms, self.i as u32, &Reading(self.value), &mut self.flow);
    }
}

/// Adjoints, from node `floor` on, that grow by what flows back from one node.
struct Back<'s, T> {
    adjoints: &'s mut [T],
    w: T,
    floor: usize,
}

impl<T: Real> Flow<T> for Back<'_, T> {
    #[inline(always)]
    fn weight(&self, operand: u32) -> Option<T> {
        if operand as usize >= self.floor { Some(self.w) } else { None }
    }
    #[inline(always)]
    fn give(&mut self, operand: u32, contribution: T) {
        self.adjoints[operand as usize - self.floor].accumulate(contribution);
    }
}

/// Sweep from the last adjoint back to node `floor`.
///
/// `adjoints[i]` belongs to node `floor + i`; the caller seeds the outputs and zeroes the rest. What
/// would flow to nodes before `floor` is not computed. A zero adjoint is not propagated.
#[inline(always)]
pub(crate) fn reverse<T: Adjoint, V: Fn(u32) -> T>(
    nodes: &Nodes<'_>,
    value: &V,
    adjoints: &mut [T],
    floor: usize,
) -> Result<(), NotTwiceDifferentiable> {
    /// The operations met most, whose rules call no function, are compiled here, each for itself; all
    /// others are a call away. Were their calls in this loop, its variables would live in memory.
    macro_rules! pull {
        ($op:ident, $w:ident, $i:ident; $($Near:ident)*) => {
            match $op {
                Op::Input | Op::Const => {}
                Op::Custom => custom(nodes, value, adjoints, floor, $i)?,
                $(Op::$Near => {
                    Step::run(Op::$Near, nodes, value, Back { adjoints, w: $w, floor }, $i);
                })*
                _ => far(nodes, value, Back { adjoints, w: $w, floor }, $i),
            }
        };
    }

    // Cut to one length, so that one look at the index serves all three columns.
    let nodes = &nodes.before(floor + adjoints.len());
    for i in (floor..floor + adjoints.len()).rev() {
        let (op, w) = (nodes.op(i), adjoints[i - floor]);
        // The first output of a custom call pulls for all of them.
        if !w.is_exact_zero() || op == Op::Custom {
            pull! { op, w, i;
                Copy Neg Recip Square Add Sub Mul Div AddConst ConstSub MulConst DivConst ConstDiv
                Exp Sqrt Sum SumSquares Dot Linear Affine AffineData
            }
        }
    }
    Ok(())
}

/// Pull one node whose rule is not compiled into the loop of the sweep.
#[inline(never)]
fn far<T: Adjoint, V: Fn(u32) -> T>(nodes: &Nodes<'_>, value: &V, flow: Back<'_, T>, i: usize) {
    Step::run(nodes.op(i), nodes, value, flow, i);
}

/// Pull the adjoints of all outputs of a custom call, once, at its first output: all later nodes are
/// done by then.
#[cold]
#[inline(never)]
fn custom<T: Adjoint, V: Fn(u32) -> T>(
    nodes: &Nodes<'_>,
    value: &V,
    adjoints: &mut [T],
    floor: usize,
    i: usize,
) -> Result<(), NotTwiceDifferentiable> {
    let (call, output) = nodes.custom(i);
    if output > 0 {
        return Ok(());
    }
    // The output that is swept from may be followed by others of the same call.
    let w: SmallVec<[T; 4]> = (0..call.outputs as usize)
        .map(|j| adjoints.get(i - floor + j).copied().unwrap_or(T::from(0.0)))
        .collect();
    if w.iter().all(|w| w.is_exact_zero()) {
        return Ok(());
    }
    for (&operand, dx) in nodes.custom_inputs(call).iter().zip(custom_vjp(nodes, value, call, &w)?)
    {
        if operand as usize >= floor {
            adjoints[operand as usize - floor].accumulate(dx);
        }
    }
    Ok(())
}

/// Call the vjp of a custom operation with the values of its nodes.
pub(super) fn custom_vjp<T: Adjoint, V: Fn(u32) -> T>(
    nodes: &Nodes<'_>,
    value: &V,
    call: &CustomCall,
    w: &[T],
) -> Result<Vec<T>, NotTwiceDifferentiable> {
    let x: SmallVec<[T; 8]> = nodes.custom_inputs(call).iter().map(|&o| value(o)).collect();
    let y: SmallVec<[T; 4]> = (call.first..call.first + call.outputs).map(value).collect();
    T::custom_vjp(call, &x, &y, w).ok_or_else(|| NotTwiceDifferentiable {
        op: call.op.name().to_string(),
        node: call.first as usize,
    })
}

/// The edges of one node: its operands, each with its local partial.
struct Edges(SmallVec<[(u32, f64); 2]>);

impl Flow<f64> for Edges {
    fn weight(&self, _: u32) -> Option<f64> {
        Some(1.0)
    }
    fn give(&mut self, operand: u32, contribution: f64) {
        self.0.push((operand, contribution));
    }
}

/// List the operands of node `i` in order, each with its local partial: the rules with `w = 1`.
pub(crate) fn partials(nodes: &Nodes<'_>, i: usize) -> SmallVec<[(u32, f64); 2]> {
    let value = |o: u32| nodes.values[o as usize];
    if nodes.op(i) != Op::Custom {
        return Step::run(nodes.op(i), nodes, &value, Edges(SmallVec::new()), i).0;
    }
    let (call, output) = nodes.custom(i);
    let mut w: SmallVec<[f64; 4]> = SmallVec::from_elem(0.0, call.outputs as usize);
    w[output] = 1.0;
    let dx = custom_vjp(nodes, &value, call, &w).unwrap_or_default();
    nodes.custom_inputs(call).iter().copied().zip(dx).collect()
}
