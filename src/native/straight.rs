//! [`Straight`]: what a program does to one block of rows, as straight-line code.
//!
//! An instruction is the name of its result. Arguments are earlier instructions. There are no branches, and no loops but
//! two, for long sums of products. Memory is read by leaves and written by effects alone.
//!
//! | kind | result |
//! |---|---|
//! | leaves | a row input, a uniform number, a constant |
//! | arithmetic | IEEE operations with one rounding each, and operations on the bits |
//! | `Choose` | `c` where `a` compares with `b` as the predicate says, else `d` |
//! | `Call` | an elementary function by the kernels of lanes |
//! | `Dot` | a sum of products, as a loop |
//! | effects | an output is written, a sum in memory is added to, a guard is checked |

use crate::op::Op;
use std::ops::Range;

/// The argument that is not there.
pub(crate) const NONE: u32 = u32::MAX;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The number of each row in a column: `args[0]`.
    Input,
    /// The same number for all rows: `args[0]` among the uniform ones.
    Uniform,
    /// A constant: `args[0]` among [`Straight::constants`].
    Number,
    /// What has been added to cell `args[0]`.
    Cell,
    Add,
    Sub,
    Mul,
    Div,
    Sqrt,
    /// `a · b + c` with one rounding.
    MulAdd,
    /// Rounded to an integer, as `detail` says: see [`Rounding`].
    Round,
    /// Operations on the bits.
    And,
    Or,
    Xor,
    IntegerSub,
    /// Shifted by `detail` bits.
    ShiftLeft,
    ShiftRight,
    /// `c` where `a` compares with `b` as the predicate `detail` says, else `d`.
    Choose,
    /// A function of the first three arguments: `args[3]` among [`Straight::callees`].
    Call,
    /// The sum of the products `x · y` of `args[1]` terms from `args[0]` on, from the first to the last: a loop.
    Dot,
    /// Write `a` to output `args[1]`.
    Output,
    /// Add `a` to running sum `args[1]`.
    Accumulate,
    /// Add `a` to cell `args[1]`; if `detail` is [`FRESH`], set it.
    AddToCell,
    /// For each of `args[2]` terms from `args[1]` on, add `a · y` to the cell of `x` and `a · x` to the running sum of `y`, if
    /// there are such: a loop. If `detail` is [`FRESH`], set the cells.
    Spread,
    /// Leave if `a` compares with `b` as the predicate `detail` says in any row.
    Guard,
}

impl Kind {
    /// Whether it does something besides having a result.
    pub fn is_effect(self) -> bool {
        matches!(
            self,
            Kind::Output | Kind::Accumulate | Kind::AddToCell | Kind::Spread | Kind::Guard
        )
    }

    /// How many of its arguments are results, besides those of its terms.
    pub fn arity(self) -> usize {
        match self {
            Kind::Input | Kind::Uniform | Kind::Number | Kind::Cell | Kind::Dot => 0,
            Kind::Sqrt | Kind::Round | Kind::ShiftLeft | Kind::ShiftRight => 1,
            Kind::Output | Kind::Accumulate | Kind::AddToCell | Kind::Spread => 1,
            Kind::Add | Kind::Sub | Kind::Mul | Kind::Div | Kind::Guard => 2,
            Kind::And | Kind::Or | Kind::Xor | Kind::IntegerSub => 2,
            Kind::MulAdd | Kind::Call => 3,
            Kind::Choose => 4,
        }
    }

    /// Whether the first two arguments may change places.
    pub fn commutes(self) -> bool {
        matches!(self, Kind::Add | Kind::Mul | Kind::And | Kind::Or | Kind::Xor)
    }
}

/// How a comparison comes out: the predicates of the `vcmppd` instruction, none of which signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Predicate {
    Equal = 0x00,
    Unordered = 0x03,
    NotEqual = 0x04,
    Ordered = 0x07,
    Less = 0x11,
    LessEqual = 0x12,
    NotLess = 0x15,
    NotLessEqual = 0x16,
    NotGreaterEqual = 0x19,
    NotGreater = 0x1a,
    GreaterEqual = 0x1d,
    Greater = 0x1e,
}

/// Directions of [`Kind::Round`], as the instruction has them; inexact results raise no flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Rounding {
    Down = 0x09,
    Up = 0x0a,
    TowardsZero = 0x0b,
}

/// What a call computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Callee {
    /// The value of a row of the op table. Constants are arguments behind the operands.
    Row(Op),
    /// [`hypot_slope_at`](crate::Real), which is no row.
    HypotSlopeAt,
}

/// Of a cell: nothing has been added to it before.
pub(crate) const FRESH: u8 = 1;

/// A term of a loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// A result that differs from row to row.
    pub x: u32,
    /// A uniform number or a constant.
    pub y: u32,
    /// Where contributions to `x` are added up, if they are wanted.
    pub cell: u32,
    /// Where contributions to `y` are added up, if they are wanted.
    pub sum: u32,
}

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inst {
    pub kind: Kind,
    pub detail: u8,
    pub args: [u32; 4],
}

impl Inst {
    /// The arguments that are results.
    #[inline]
    pub fn operands(&self) -> &[u32] {
        &self.args[..self.kind.arity()]
    }

    /// The terms of a loop.
    #[inline]
    pub fn terms(&self) -> Range<usize> {
        let (at, count) = match self.kind {
            Kind::Dot => (self.args[0], self.args[1]),
            Kind::Spread => (self.args[1], self.args[2]),
            _ => (0, 0),
        };
        at as usize..(at + count) as usize
    }
}

/// Straight-line code for one block of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Straight {
    pub insts: Vec<Inst>,
    pub constants: Vec<f64>,
    pub callees: Vec<Callee>,
    pub terms: Vec<Term>,
    /// How many cells there are: sums in memory, of each row its own, that loops add to.
    pub cells: u32,
}

impl Straight {
    /// Whether every running sum is added to once: only then do several blocks at a time add in the order of one by one.
    pub fn adds_once(&self) -> bool {
        let mut seen = Vec::new();
        let mut is_first = |at: u32| {
            let at = at as usize;
            if at >= seen.len() {
                seen.resize(at + 1, false);
            }
            !std::mem::replace(&mut seen[at], true)
        };
        self.insts.iter().all(|inst| match inst.kind {
            Kind::Accumulate => is_first(inst.args[1]),
            Kind::Spread => {
                self.terms[inst.terms()].iter().all(|term| term.sum == NONE || is_first(term.sum))
            }
            _ => true,
        })
    }
}
