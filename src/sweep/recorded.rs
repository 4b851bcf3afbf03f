//! Sweeps that are recorded: adjoints are variables, so that the derivative can be replayed and differentiated.
//!
//! The recording has to do right at other inputs too, where other pieces are flat. So what numbers do as they come
//! ([`nothing`](Real::nothing) beats infinity) is recorded here as a gate:
//!
//! ```text
//! gate(open, w) = 0 if open is 0, else w
//! ```
//!
//! Beside each adjoint stands how open the way to it is: always, or a variable that is 0 where all paths are
//! blocked. That of a flat piece is what its own rule makes of the openness behind it, and where paths meet it
//! is added up. Only where paths of different openness meet, and at the end, is a gate needed: on the way there,
//! what comes along a blocked path may be 0 · ∞.

use super::care::pull_carefully;
use super::interpreter::apply;
use super::storage::Adjoints;
use crate::op::{Arity, Flow, Op, Values, Zero, is_zero, zero_to};
use crate::tape::{Instructions, NotTwiceDifferentiable};
use crate::{Real, Var};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};

/// How open the way from the output is.
#[derive(Clone, Copy)]
enum Openness {
    Always,
    /// Not where this is 0. It is not negative, and never NaN: what is NaN there is the adjoint.
    Unless(Var),
}

impl Openness {
    /// That of two ways.
    fn or(self, other: Openness) -> Openness {
        match (self, other) {
            (Openness::Unless(a), Openness::Unless(b)) if a.tag == b.tag => self,
            (Openness::Unless(a), Openness::Unless(b)) => Openness::Unless(a + b),
            _ => Openness::Always,
        }
    }

    fn is_same(self, other: Openness) -> bool {
        matches!((self, other), (Openness::Unless(a), Openness::Unless(b)) if a.tag == b.tag)
    }

    /// Let `w` through a gate.
    fn gate(self, w: Var) -> Var {
        match self {
            Openness::Always => w,
            // No openness is so small: it is a product of halves.
            Openness::Unless(open) => Var::select(f64::MIN_POSITIVE - open, 0.0, w),
        }
    }
}

/// An adjoint on its way.
#[derive(Clone, Copy)]
struct Way {
    adjoint: Var,
    openness: Openness,
    /// Whether it is 0 where the way is blocked; else it may be anything there.
    is_gated: bool,
}

impl Way {
    fn gated(self) -> Var {
        if self.is_gated { self.adjoint } else { self.openness.gate(self.adjoint) }
    }

    fn join(self, other: Way) -> Way {
        let openness = self.openness.or(other.openness);
        let (a, b, is_gated) = match self.openness.is_same(other.openness) {
            true => (self.adjoint, other.adjoint, self.is_gated && other.is_gated),
            false => (self.gated(), other.gated(), true),
        };
        Way { adjoint: a + b, openness, is_gated }
    }
}

/// Sweep variables backwards from `output` to instruction `first`; the adjoint of instruction `first + i` is
/// number `i` of the result.
///
/// # Errors
/// If a custom operation on the way has no recorded vjp.
#[track_caller]
pub(crate) fn pull_recorded(
    code: &impl Instructions,
    values: &(impl Values<Var> + ?Sized),
    output: usize,
    first: usize,
    floor: usize,
) -> Result<Vec<Var>, NotTwiceDifferentiable> {
    let mut ways = vec![Cell::new(None); output + 1 - floor];
    let seed = Var::constant(1.0);
    ways[output - floor] =
        Cell::new(Some(Way { adjoint: seed, openness: Openness::Always, is_gated: true }));
    let sweep =
        Sweep { code, values, floor, ways, here: Cell::new(None), pieces: RefCell::default() };
    pull_carefully(code, first..output + 1, values, &sweep)?;
    let gated = |way: &Cell<Option<Way>>| way.get().map_or(Var::nothing(), Way::gated);
    Ok(sweep.ways.iter().map(gated).collect())
}

/// A recorded sweep at work.
struct Sweep<'a, C, V: ?Sized> {
    code: &'a C,
    values: &'a V,
    /// The instruction that the first way belongs to.
    floor: usize,
    ways: Vec<Cell<Option<Way>>>,
    /// The way to the instruction that is being swept.
    here: Cell<Option<Way>>,
    /// What the operation makes of the openness, if it has flat pieces: one an operand that is wanted, the last
    /// first.
    pieces: RefCell<SmallVec<[Var; 3]>>,
}

impl<C: Instructions, V: Values<Var> + ?Sized> Sweep<'_, C, V> {
    fn way(&self, i: usize) -> &Cell<Option<Way>> {
        &self.ways[i - self.floor]
    }

    /// What instruction `i` makes of the openness `w`: one an operand that is wanted, or none if it has no flat
    /// pieces.
    fn pieces_of(&self, op: Op, i: usize, w: Var) -> SmallVec<[Var; 3]> {
        let [x, y, _] = self.code.inst(i).at;
        let wanted = |operand: u32| operand as usize >= self.floor;
        let value = |operand: u32| self.values.get(operand);
        // Where a convention makes a partial 0, as the rules have it.
        let unless = |condition: Var| Var::select(condition, 0.0, w);
        let corner = match op {
            Op::Hypot | Op::HypotSlope => [is_zero(value(x).hypot(value(y))); 2].map(unless),
            Op::Pow => {
                let (x, y) = (value(x), value(y));
                [is_zero(x.abs() + y.abs()), zero_to(x, y)].map(unless)
            }
            // Not flat, however small the slope.
            Op::LeakyRelu if self.code.constants(&self.code.inst(i))[0] != 0.0 => {
                return SmallVec::new();
            }
            _ if op.info().zero == Zero::Flat && op.arity() != Arity::Nary => {
                let pieces =
                    Pieces { wanted, w, keeps_sign: keeps_sign(op), open: SmallVec::new() };
                return apply(op, self.code, i, self.values, pieces).open;
            }
            _ => return SmallVec::new(),
        };
        let operands = [x, y].into_iter().zip(corner);
        operands.filter(|&(operand, _)| wanted(operand)).map(|(_, open)| open).collect()
    }
}

impl<C: Instructions, V: Values<Var> + ?Sized> Adjoints<Var> for &Sweep<'_, C, V> {
    fn has(self, i: usize) -> bool {
        i - self.floor < self.ways.len()
    }

    fn get(self, i: usize) -> Var {
        match self.way(i).get() {
            // Constants have cancelled: a 0 that has flowed, but a constant 0 would be nothing.
            Some(way) if way.adjoint.is_nothing() => {
                Var::select(self.values.get(i as u32), 0.0, 0.0)
            }
            Some(way) => way.adjoint,
            None => Var::nothing(),
        }
    }

    fn done(self, i: usize) {
        let op = self.code.op(i);
        let is_first = op != Op::Custom || self.code.inst(i).at[1] == 0;
        let here = match (is_first, self.here.get(), self.way(i).get()) {
            // The outputs of a custom call are done one after the other.
            (false, Some(before), Some(way)) => {
                Some(Way { openness: before.openness.or(way.openness), is_gated: false, ..way })
            }
            (false, before, None) => before,
            (_, _, way) => way,
        };
        self.here.set(here);
        let mut pieces = self.pieces.borrow_mut();
        pieces.clear();
        if let Some(here) = here {
            let w = match here.openness {
                Openness::Always => Var::constant(1.0),
                Openness::Unless(open) => open,
            };
            *pieces = self.pieces_of(op, i, w);
            pieces.reverse();
        }
    }

    fn wants(self, operand: u32) -> bool {
        operand as usize >= self.floor
    }

    #[track_caller]
    fn add(self, operand: u32, contribution: Var) {
        let piece = self.pieces.borrow_mut().pop();
        let (Some(here), false) = (self.here.get(), contribution.is_nothing()) else { return };
        let openness = match piece {
            None => here.openness,
            Some(open) if open.is_constant() => Openness::Always,
            Some(open) => Openness::Unless(open),
        };
        let is_gated = matches!(openness, Openness::Always);
        let new = Way { adjoint: contribution, openness, is_gated };
        let way = self.way(operand as usize);
        way.set(Some(way.get().map_or(new, |way| way.join(new))));
    }
}

/// Tell whether the rules make no negative number of a positive one, so that an instruction is saved.
fn keeps_sign(op: Op) -> bool {
    use Op::{Clamp, Max, MaxConst, Min, MinConst, Relu, Select};
    matches!(op, Clamp | Max | MaxConst | Min | MinConst | Relu | Select)
}

/// Takes what rules make of an openness.
struct Pieces<F> {
    wanted: F,
    w: Var,
    keeps_sign: bool,
    open: SmallVec<[Var; 3]>,
}

impl<F: Fn(u32) -> bool> Flow<Var> for Pieces<F> {
    fn weight(&self, operand: u32) -> Option<Var> {
        (self.wanted)(operand).then_some(self.w)
    }
    fn give(&mut self, _: u32, _: Var) {
        // By value: as open as before.
        self.open.push(self.w);
    }
    fn gate(&mut self, _: u32, open: Var) {
        let open = if self.keeps_sign { open } else { open.abs() };
        // A rule makes NaN of NaN operands, also where the way to it is blocked. The `min` of NaN and a number is the number.
        self.open.push(open.min(self.w));
    }
}
