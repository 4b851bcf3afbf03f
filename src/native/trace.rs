//! [`Traced`]: a scalar that computes nothing and writes down what would be computed.
//!
//! It runs the rules of the op table and the kernels as lanes do, through the same interpreter, and what comes out is
//! [`Straight`] code with the operations of lanes in their order: so it has the bits of lanes. There is no second set of
//! rules. What lanes compute by a kernel is a call, but for a few kernels that are traced themselves.
//!
//! An operation that has just been written down is not written again; nor is an addition to the -0 that sums start from.

use super::straight::{Callee, FRESH, Inst, Kind, NONE, Predicate, Rounding, Straight, Term};
use crate::lanes::{Number, traced};
use crate::op::nary::{self, Terms, is_log_sum_exp};
use crate::op::{Op, Row, Values, for_each_op};
use crate::real::operators::derive_operators;
use crate::real::sealed::Sealed;
use crate::real::{CustomFn, float::few_products, slope};
use crate::sweep::{Primal, Scalar};
use crate::{Operand, Real};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Range, Rem, Sub};

/// A result of the code that is being traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traced(u32);

/// The places where instructions are remembered, by a hash of what they do.
const REMEMBERED: usize = 1 << 12;

/// Code that is being written.
struct Tracer {
    code: Straight,
    recent: Vec<u32>,
    /// The fewest terms that are a loop.
    loops_from: usize,
}

thread_local! {
    static TRACER: RefCell<Option<Tracer>> = const { RefCell::new(None) };
}

/// Write down what `run` computes. Sums of so many products and more are loops.
pub(crate) fn trace(loops_from: usize, run: impl FnOnce()) -> Straight {
    let recent = vec![NONE; REMEMBERED];
    let mut tracer = Tracer { code: Straight::default(), recent, loops_from };
    // The first instruction is what all sums start from.
    tracer.number(-0.0);
    let outer = TRACER.replace(Some(tracer));
    run();
    let tracer = TRACER.replace(outer);
    tracer.map(|tracer| tracer.code).unwrap_or_default()
}

impl Tracer {
    fn push(&mut self, inst: Inst) -> Traced {
        let i = self.code.insts.len() as u32;
        if inst.kind.is_effect() {
            self.code.insts.push(inst);
            return Traced(i);
        }
        let [a, b, c, d] = inst.args;
        let mixed = [u32::from(inst.kind as u8) << 8 | u32::from(inst.detail), a, b, c, d]
            .iter()
            .fold(0_u64, |hash, &x| {
                (hash.rotate_left(5) ^ u64::from(x)).wrapping_mul(0x517c_c1b7_2722_0a95)
            });
        let place = &mut self.recent[(mixed >> 52) as usize];
        if self.code.insts.get(*place as usize) == Some(&inst) {
            return Traced(*place);
        }
        *place = i;
        self.code.insts.push(inst);
        Traced(i)
    }

    fn number(&mut self, x: f64) -> Traced {
        // Constants are few, or each occurs once; those that have just been written are found.
        let bits = x.to_bits();
        let known = self.code.constants.iter().rev().take(16).position(|c| c.to_bits() == bits);
        let count = self.code.constants.len();
        let at = match known {
            Some(back) => count - 1 - back,
            None => {
                self.code.constants.push(x);
                count
            }
        };
        self.push(Inst { kind: Kind::Number, detail: 0, args: [at as u32, NONE, NONE, NONE] })
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
fn with<R>(write: impl FnOnce(&mut Tracer) -> R) -> R {
    TRACER.with_borrow_mut(|tracer| write(tracer.as_mut().expect("a trace is being written")))
}

fn push(kind: Kind, detail: u8, args: [u32; 4]) -> Traced {
    with(|tracer| tracer.push(Inst { kind, detail, args }))
}

fn call(callee: Callee, args: &[Traced]) -> Traced {
    let arg = |i: usize| args.get(i).map_or(NONE, |arg| arg.0);
    with(|tracer| {
        let callee = tracer.callee(callee);
        let args = [arg(0), arg(1), arg(2), callee];
        tracer.push(Inst { kind: Kind::Call, detail: 0, args })
    })
}

fn binary(kind: Kind, a: Traced, b: Traced) -> Traced {
    push(kind, 0, [a.0, b.0, NONE, NONE])
}

/// `yes` where `a` compares with `b` so, else `no`.
fn choose(a: Traced, predicate: Predicate, b: Traced, yes: Traced, no: Traced) -> Traced {
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

    fn is_one(self) -> bool {
        with(|tracer| {
            let Inst { kind, args: [at, ..], .. } = tracer.code.insts[self.0 as usize];
            kind == Kind::Number && tracer.code.constants[at as usize] == 1.0
        })
    }

    fn round_in(self, rounding: Rounding) -> Traced {
        push(Kind::Round, rounding as u8, [self.0, NONE, NONE, NONE])
    }
}

impl Sealed for Traced {}

impl Operand for Traced {
    type Scalar = Self;
    fn scalar(self) -> Self {
        self
    }
}

impl From<f64> for Traced {
    fn from(x: f64) -> Self {
        with(|tracer| tracer.number(x))
    }
}

impl Neg for Traced {
    type Output = Self;
    fn neg(self) -> Self {
        binary(Kind::Xor, self, Traced::from(-0.0))
    }
}

macro_rules! arithmetic {
    ($($Op:ident $op:ident;)*) => {$(
        impl $Op for Traced {
            type Output = Self;
            fn $op(self, other: Self) -> Self {
                binary(Kind::$Op, self, other)
            }
        }
        arithmetic! { @mixed $Op $op }
    )*};
    (@mixed $Op:ident $op:ident) => {
        impl $Op<f64> for Traced {
            type Output = Self;
            fn $op(self, other: f64) -> Self {
                $Op::$op(self, Traced::from(other))
            }
        }
        impl $Op<Traced> for f64 {
            type Output = Traced;
            fn $op(self, other: Traced) -> Traced {
                $Op::$op(Traced::from(self), other)
            }
        }
    };
}

impl Mul for Traced {
    type Output = Self;
    /// What is seeded with 1 is not multiplied.
    fn mul(self, other: Self) -> Self {
        if self.is_one() {
            other
        } else if other.is_one() {
            self
        } else {
            binary(Kind::Mul, self, other)
        }
    }
}

arithmetic! { Add add; Sub sub; Div div; }
arithmetic! { @mixed Mul mul }
arithmetic! { @mixed Rem rem }
derive_operators! { [] Traced }

impl Rem for Traced {
    type Output = Self;
    fn rem(self, other: Self) -> Self {
        call(Callee::Row(Op::Rem), &[self, other])
    }
}

/// The methods that are their row: a call of what lanes compute.
macro_rules! method {
    (slope $Op:ident $name:ident () inlined) => {
        fn $name(self) -> Self {
            slope::$name(self)
        }
    };
    (unary $Op:ident $name:ident ()) => {
        method! { @simple $Op $name }
    };
    (unary $Op:ident $name:ident () $lanes:ident) => {
        method! { @kernel $Op $name }
    };
    (slope $Op:ident $name:ident () $($lanes:ident)?) => {
        method! { @call $Op $name }
    };
    (binary Min $name:ident ()) => {};
    (binary Max $name:ident ()) => {};
    (binary Compare $name:ident () $lanes:ident) => {};
    (binary $Op:ident $name:ident () $($lanes:ident)?) => {
        method! { @call_of_two $Op $name }
    };
    (slope_of_two $Op:ident $name:ident () $($lanes:ident)?) => {
        method! { @call_of_two $Op $name }
    };
    // Those that are a few operations, below.
    (@simple Recip $name:ident) => {};
    (@simple Square $name:ident) => {};
    (@simple Abs $name:ident) => {};
    (@simple Floor $name:ident) => {};
    (@simple Ceil $name:ident) => {};
    (@simple Trunc $name:ident) => {};
    (@simple Fract $name:ident) => {};
    (@simple Relu $name:ident) => {};
    (@simple $Op:ident $name:ident) => {
        method! { @call $Op $name }
    };
    (@kernel Sqrt $name:ident) => {};
    (@kernel Exp $name:ident) => {
        method! { @traced $name }
    };
    (@kernel Sigmoid $name:ident) => {
        method! { @traced $name }
    };
    (@kernel Softplus $name:ident) => {
        method! { @traced $name }
    };
    (@kernel Tanh $name:ident) => {
        method! { @traced $name }
    };
    (@kernel $Op:ident $name:ident) => {
        method! { @call $Op $name }
    };
    (@traced $name:ident) => {
        fn $name(self) -> Self {
            traced::$name(self)
        }
    };
    (@call $Op:ident $name:ident) => {
        fn $name(self) -> Self {
            call(Callee::Row(Op::$Op), &[self])
        }
    };
    (@call_of_two $Op:ident $name:ident) => {
        fn $name(self, other: Self) -> Self {
            call(Callee::Row(Op::$Op), &[self, other])
        }
    };
    ($kind:ident $($row:tt)*) => {};
}

impl Real for Traced {
    /// The instruction that every trace begins with.
    const NOTHING: Self = Traced(0);
    const IN_LANES: bool = true;

    /// Not known. No rule of lanes reads it; sweeps ask whether it is finite.
    fn value(self) -> f64 {
        0.0
    }

    for_each_op!(method);

    fn recip(self) -> Self {
        1.0 / self
    }
    fn square(self) -> Self {
        self * self
    }
    fn sqrt(self) -> Self {
        push(Kind::Sqrt, 0, [self.0, NONE, NONE, NONE])
    }
    fn abs(self) -> Self {
        binary(Kind::And, self, Traced::from(f64::from_bits(u64::MAX >> 1)))
    }
    fn floor(self) -> Self {
        self.round_in(Rounding::Down)
    }
    fn ceil(self) -> Self {
        self.round_in(Rounding::Up)
    }
    fn trunc(self) -> Self {
        self.round_in(Rounding::TowardsZero)
    }
    fn fract(self) -> Self {
        self - self.trunc()
    }
    fn powi(self, n: i32) -> Self {
        few_products(self, n).unwrap_or_else(|| self.powf(f64::from(n)))
    }
    fn powf(self, exponent: f64) -> Self {
        self.pow(Traced::from(exponent))
    }
    fn polygamma(self, n: u32) -> Self {
        call(Callee::Row(Op::Polygamma), &[self, Traced::from(f64::from(n))])
    }
    fn min(self, other: Self) -> Self {
        let smaller = choose(other, Predicate::Unordered, other, self, other);
        let smaller = choose(self, Predicate::Less, other, self, smaller);
        choose(self, Predicate::Equal, other, binary(Kind::Or, self, other), smaller)
    }
    fn max(self, other: Self) -> Self {
        let larger = choose(other, Predicate::Unordered, other, self, other);
        let larger = choose(self, Predicate::Greater, other, self, larger);
        choose(self, Predicate::Equal, other, binary(Kind::And, self, other), larger)
    }
    fn clamp(self, lo: f64, hi: f64) -> Self {
        let clamped = self.max(Traced::from(lo)).min(Traced::from(hi));
        choose(self, Predicate::Unordered, self, self, clamped)
    }
    fn relu(self) -> Self {
        let zero = Traced::from(0.0);
        choose(self, Predicate::LessEqual, zero, zero, self)
    }
    fn leaky_relu(self, slope: f64) -> Self {
        let mut below = slope * self;
        if slope == 0.0 {
            let lowest = Traced::from(f64::NEG_INFINITY);
            below = choose(self, Predicate::Equal, lowest, Traced::from(-slope), below);
        }
        choose(self, Predicate::GreaterEqual, Traced::from(0.0), self, below)
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        push(Kind::MulAdd, 0, [self.0, a.0, b.0, NONE])
    }
    fn compare(self, other: Self) -> Self {
        let below = choose(self, Predicate::Less, other, Traced::from(-1.0), Traced::from(0.0));
        let sign = choose(self, Predicate::Greater, other, Traced::from(1.0), below);
        choose(self, Predicate::Unordered, other, Traced::from(f64::NAN), sign)
    }
    fn select(condition: Self, a: Self, b: Self) -> Self {
        choose(condition, Predicate::Greater, Traced::from(0.0), a, b)
    }
    fn hypot_slope_at(self, y: Self, r: Self) -> Self {
        call(Callee::HypotSlopeAt, &[self, y, r])
    }

    fn custom_value(op: &dyn CustomFn, _: &[Self], _: &mut [Self]) {
        unreachable!("{} takes plain numbers, and its programs are not traced", op.name())
    }
    fn custom_vjp(op: &dyn CustomFn, _: &[Self], _: &[Self], _: &[Self]) -> Option<Vec<Self>> {
        unreachable!("{} takes plain numbers, and its programs are not traced", op.name())
    }

    /// What starts at -0 starts at the first term.
    fn accumulate(&mut self, contribution: Self) {
        *self = if self.is_nothing() { contribution } else { *self + contribution };
    }

    fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }
    fn has_nan(self) -> bool {
        false
    }
    fn constant(self) -> Option<f64> {
        None
    }
    fn settled(self) -> Self {
        self + 0.0
    }
    fn seeded(self) -> Self {
        choose(self, Predicate::Equal, Traced::from(0.0), Self::NOTHING, self)
    }
}

impl Number for Traced {
    type Bits = Traced;

    fn if_less(self, bound: f64, yes: Self, no: Self) -> Self {
        choose(self, Predicate::Less, Traced::from(bound), yes, no)
    }
    fn if_more(self, bound: f64, yes: Self, no: Self) -> Self {
        choose(self, Predicate::Greater, Traced::from(bound), yes, no)
    }
    fn bits(self) -> Self {
        self
    }
    fn half(bits: Self) -> Self {
        push(Kind::ShiftRight, 1, [bits.0, NONE, NONE, NONE])
    }
    fn minus(bits: Self, other: Self) -> Self {
        binary(Kind::IntegerSub, bits, other)
    }
    fn with_sign_of(self, other: Self) -> Self {
        let sign = binary(Kind::And, other, Traced::from(-0.0));
        binary(Kind::Or, self.abs(), sign)
    }
    fn of_exponent(bits: Self) -> Self {
        push(Kind::ShiftLeft, 52, [bits.0, NONE, NONE, NONE])
    }
}

impl Scalar for Traced {
    /// Nothing flows from an instruction to which nothing has flowed.
    fn is_zero_or_nan(self) -> bool {
        self.is_nothing()
    }
}

impl Primal for Traced {
    fn nary_value<R: Row>(terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self {
        if const { is_log_sum_exp::<R>() } {
            return log_sum_exp(terms.operands, values);
        }
        if let Some(looped) = as_loop(R::OP, terms, values) {
            // The bias is added last.
            return terms.bias.map_or(looped, |bias| looped + values.get(bias));
        }
        nary::evaluate::<R, Self>(terms, values)
    }
}

/// A long sum of products as a loop, if all are of a uniform number and one that is not, both of the same kinds.
fn as_loop(op: Op, terms: Terms<'_>, values: &(impl Values<Traced> + ?Sized)) -> Option<Traced> {
    let pairs: Vec<[Traced; 2]> = match op {
        Op::Dot | Op::Affine => terms
            .operands
            .chunks_exact(2)
            .map(|pair| [values.get(pair[0]), values.get(pair[1])])
            .collect(),
        _ => return None,
    };
    with(|tracer| {
        if pairs.len() < tracer.loops_from {
            return None;
        }
        let kind = |x: Traced| tracer.code.insts[x.0 as usize].kind;
        let mut found = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let [x, y] = if kind(pair[0]) == Kind::Uniform { [pair[1], pair[0]] } else { pair };
            let is_input = kind(x) == Kind::Input;
            let alike = found.first().is_none_or(|&(_, before)| before == is_input);
            let x_varies = !matches!(kind(x), Kind::Uniform | Kind::Number | Kind::Cell);
            if kind(y) != Kind::Uniform || !x_varies || !alike {
                return None;
            }
            found.push((Term { x: x.0, y: y.0, cell: NONE, sum: NONE }, is_input));
        }
        let at = tracer.code.terms.len() as u32;
        tracer.code.terms.extend(found.iter().map(|&(term, _)| term));
        let args = [at, found.len() as u32, NONE, NONE];
        Some(tracer.push(Inst { kind: Kind::Dot, detail: 0, args }))
    })
}

/// As lanes compute it.
fn log_sum_exp(operands: &[u32], values: &(impl Values<Traced> + ?Sized)) -> Traced {
    if let &[only] = operands {
        return values.get(only);
    }
    let terms = || operands.iter().map(|&i| values.get(i));
    let lowest = Traced::from(f64::NEG_INFINITY);
    let max = terms().fold(lowest, |m, t| choose(t, Predicate::Greater, m, t, m));
    let (mut rest, mut others) = (Traced::from(0.0), Traced::from(-1.0));
    for term in terms() {
        let or = |yes, no| choose(term, Predicate::Equal, max, yes, no);
        others += or(Traced::from(1.0), Traced::from(0.0));
        rest += or(Traced::from(0.0), (term - max).exp());
    }
    max + (rest + others).ln_1p()
}

/// They are not ordered: their numbers are not known.
impl PartialOrd for Traced {
    fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
        None
    }
}

impl PartialEq<f64> for Traced {
    fn eq(&self, _: &f64) -> bool {
        false
    }
}

impl PartialOrd<f64> for Traced {
    fn partial_cmp(&self, _: &f64) -> Option<Ordering> {
        None
    }
}

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}
