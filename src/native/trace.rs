//! [`Traced`]: a scalar that computes nothing and writes down what would be computed.
//!
//! It runs the rules of the op table and the kernels as lanes do, through the same interpreter, and what comes out is
//! [`Straight`] code with the operations of lanes in their order: so it has the bits of lanes. There is no second set of
//! rules. What lanes compute by a kernel is a call, but for a few kernels that are traced themselves.
//!
//! An operation that has just been written down is not written again; nor is an addition to the -0 that sums start from.

use super::straight::{Callee, FRESH, Inst, Kind, NONE, Predicate, Rounding, Straight};
use std::cell::RefCell;
use std::ops::Range;

/// A result of the code that is being traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traced(pub(super) u32);

/// The places where instructions are remembered, by a hash of what they do.
const REMEMBERED: usize = 1 << 12;

/// An odd number whose product mixes bits: that of the compiler's own hash, from π.
const MIX: u64 = 0x517c_c1b7_2722_0a95;

/// Code that is being written.
pub(super) struct Tracer {
    pub code: Straight,
    recent: Vec<u32>,
    /// The same for constants, which others do not displace.
    numbers: Vec<u32>,
    /// The fewest terms that are a loop.
    pub loops_from: usize,
}

thread_local! {
    static TRACER: RefCell<Option<Tracer>> = const { RefCell::new(None) };
}

/// Write down what `run` computes. Sums of so many products and more are loops.
pub(crate) fn trace(loops_from: usize, run: impl FnOnce()) -> Straight {
    let (recent, numbers) = (vec![NONE; REMEMBERED], vec![NONE; REMEMBERED]);
    let mut tracer = Tracer { code: Straight::default(), recent, numbers, loops_from };
    // The first instruction is what all sums start from.
    tracer.number(-0.0);
    let outer = TRACER.replace(Some(tracer));
    run();
    let tracer = TRACER.replace(outer);
    tracer.map(|tracer| tracer.code).unwrap_or_default()
}

impl Traced {
    /// The first instruction of every trace: -0.
    pub const NOTHING: Traced = Traced(0);
}

impl Tracer {
    pub fn push(&mut self, inst: Inst) -> Traced {
        let i = self.code.insts.len() as u32;
        if inst.kind.is_effect() {
            self.code.insts.push(inst);
            return Traced(i);
        }
        let [a, b, c, d] = inst.args;
        let mixed = [u32::from(inst.kind as u8) << 8 | u32::from(inst.detail), a, b, c, d]
            .iter()
            .fold(0_u64, |hash, &x| (hash.rotate_left(5) ^ u64::from(x)).wrapping_mul(MIX));
        let place = &mut self.recent[(mixed >> (64 - REMEMBERED.ilog2())) as usize];
        if self.code.insts.get(*place as usize) == Some(&inst) {
            return Traced(*place);
        }
        *place = i;
        self.code.insts.push(inst);
        Traced(i)
    }

    pub fn number(&mut self, x: f64) -> Traced {
        // What sums start from is known by its place.
        if x.to_bits() == (-0.0_f64).to_bits() && !self.code.insts.is_empty() {
            return Traced::NOTHING;
        }
        let hash = x.to_bits().wrapping_mul(MIX) >> (64 - REMEMBERED.ilog2());
        let place = &mut self.numbers[hash as usize];
        if let Some(inst) = self.code.insts.get(*place as usize)
            && self.code.constants[inst.args[0] as usize].to_bits() == x.to_bits()
        {
            return Traced(*place);
        }
        *place = self.code.insts.len() as u32;
        let at = self.code.constants.len() as u32;
        self.code.constants.push(x);
        self.code.insts.push(Inst { kind: Kind::Number, detail: 0, args: [at, NONE, NONE, NONE] });
        Traced(*place)
    }

    fn callee(&mut self, callee: Callee) -> u32 {
        let known = self.code.callees.iter().position(|&known| known == callee);
        known.unwrap_or_else(|| {
            self.code.callees.push(callee);
            self.code.callees.len() - 1
        }) as u32
    }
}

/// # Panics
/// Outside of [`trace`]: nothing else makes such scalars.
pub(super) fn with<R>(write: impl FnOnce(&mut Tracer) -> R) -> R {
    TRACER.with_borrow_mut(|tracer| write(tracer.as_mut().expect("a trace is being written")))
}

pub(super) fn push(kind: Kind, detail: u8, args: [u32; 4]) -> Traced {
    with(|tracer| tracer.push(Inst { kind, detail, args }))
}

pub(super) fn call(callee: Callee, args: &[Traced]) -> Traced {
    let arg = |i: usize| args.get(i).map_or(NONE, |arg| arg.0);
    with(|tracer| {
        let callee = tracer.callee(callee);
        let args = [arg(0), arg(1), arg(2), callee];
        tracer.push(Inst { kind: Kind::Call, detail: 0, args })
    })
}

pub(super) fn binary(kind: Kind, a: Traced, b: Traced) -> Traced {
    push(kind, 0, [a.0, b.0, NONE, NONE])
}

/// `yes` where `a` compares with `b` so, else `no`.
pub(super) fn choose(
    a: Traced,
    predicate: Predicate,
    b: Traced,
    yes: Traced,
    no: Traced,
) -> Traced {
    if yes == no {
        return yes;
    }
    push(Kind::Choose, predicate as u8, [a.0, b.0, yes.0, no.0])
}

impl Traced {
    /// The number of each row in a column.
    pub fn input(column: usize) -> Traced {
        push(Kind::Input, 0, [column as u32, NONE, NONE, NONE])
    }

    /// A number that is the same for all rows.
    pub fn uniform(at: u32) -> Traced {
        push(Kind::Uniform, 0, [at, NONE, NONE, NONE])
    }

    /// Write an output.
    pub fn output(self, at: usize) {
        push(Kind::Output, 0, [self.0, at as u32, NONE, NONE]);
    }

    /// Add to a running sum.
    pub fn accumulate_at(self, at: u32) {
        push(Kind::Accumulate, 0, [self.0, at, NONE, NONE]);
    }

    /// Leave where this compares with another number so.
    pub fn leave_if(self, predicate: Predicate, other: Traced) {
        push(Kind::Guard, predicate as u8, [self.0, other.0, NONE, NONE]);
    }

    /// A new cell.
    pub fn cell() -> u32 {
        with(|tracer| {
            tracer.code.cells += 1;
            tracer.code.cells - 1
        })
    }

    /// What has been added to a cell.
    pub fn of_cell(cell: u32) -> Traced {
        push(Kind::Cell, 0, [cell, NONE, NONE, NONE])
    }

    /// Add to a cell, or set it if it is fresh.
    pub fn add_to_cell(self, cell: u32, fresh: bool) {
        push(Kind::AddToCell, if fresh { FRESH } else { 0 }, [self.0, cell, NONE, NONE]);
    }

    /// Where the terms of a loop are whose result this is, but for the bias of an affine form.
    pub fn terms(self, has_bias: bool) -> Option<Range<usize>> {
        with(|tracer| {
            let insts = &tracer.code.insts;
            let mut inst = insts[self.0 as usize];
            if has_bias && inst.kind == Kind::Add {
                inst = insts[inst.args[0] as usize];
            }
            (inst.kind == Kind::Dot).then(|| inst.terms())
        })
    }

    /// Where the contributions to a term are added up.
    pub fn in_term(at: usize, cell: Option<u32>, sum: Option<u32>) {
        with(|tracer| {
            let term = &mut tracer.code.terms[at];
            (term.cell, term.sum) = (cell.unwrap_or(NONE), sum.unwrap_or(NONE));
        });
    }

    /// Spread this over the terms of a loop, to their cells and running sums.
    pub fn spread(self, terms: Range<usize>, fresh: bool) {
        let (at, count) = (terms.start as u32, terms.len() as u32);
        push(Kind::Spread, if fresh { FRESH } else { 0 }, [self.0, at, count, NONE]);
    }

    pub(super) fn is_one(self) -> bool {
        with(|tracer| {
            let Inst { kind, args: [at, ..], .. } = tracer.code.insts[self.0 as usize];
            kind == Kind::Number && tracer.code.constants[at as usize] == 1.0
        })
    }

    pub(super) fn round_in(self, rounding: Rounding) -> Traced {
        push(Kind::Round, rounding as u8, [self.0, NONE, NONE, NONE])
    }
}
