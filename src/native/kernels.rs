//! [`Thunk`]: what emitted code calls for a row of the op table that it has no instructions for.
//!
//! The function of a row is its rule for the value, the same that rows without native code run, compiled for one
//! instruction set: so it has the same bits. One argument, and everything in memory:
//!
//! ```text
//! at[0], at[1], ..         the operands, in lanes
//! the blocks behind them   the constants of the row, each in lane 0
//! at[0]                    afterwards: the result
//! ```
//!
//! Invariant: a thunk is called with the address of as many blocks as its row has operands and constants, aligned, which
//! it may read and write; and on a machine with the instructions that it is compiled for. It touches nothing else, and
//! does not unwind: the value of a scalar row has no panics, and where it had one the process would end.

#![allow(unsafe_code)]

use super::memory::Block;
use crate::Real;
use crate::lanes::{Available, Job, Lanes, Target};
use crate::op::{Op, Row, Site, row, with_row};
use std::marker::PhantomData;

/// A function that computes in place.
pub(crate) type Thunk = unsafe extern "sysv64" fn(*mut Block);

/// Find the function of a scalar row, for an instruction set.
///
/// # Panics
/// If it is another row: of a leaf, of a custom operation, or with any number of operands.
pub(crate) fn thunk(op: Op, isa: Available) -> Thunk {
    assert!(op.arity().operands().is_some(), "{op:?} is no scalar row");
    isa.run(Find(op))
}

/// Find the function of `Real::hypot_slope_at(x, y, r)`, which is no row. Its operands are `x`, `y`, `r`.
pub(crate) fn hypot_slope_at(isa: Available) -> Thunk {
    isa.run(FindHypotSlope)
}

struct Find(Op);

impl Job for Find {
    type Output = Thunk;

    #[inline(always)]
    fn run<T: Target>(self) -> Thunk {
        with_row!(self.0, Row => in_place::<Value<Row>, T>)
    }
}

struct FindHypotSlope;

impl Job for FindHypotSlope {
    type Output = Thunk;

    #[inline(always)]
    fn run<T: Target>(self) -> Thunk {
        in_place::<HypotSlope, T>
    }
}

/// What a thunk computes.
trait Function {
    /// How many blocks it reads.
    fn blocks() -> usize;
    fn of<T: Target>(at: &[Block]) -> Lanes<T>;
}

/// The value of a row.
struct Value<R>(PhantomData<R>);

impl<R: Row> Function for Value<R> {
    #[inline(always)]
    fn blocks() -> usize {
        operands::<R>() + R::OP.constants()
    }

    #[inline(always)]
    fn of<T: Target>(at: &[Block]) -> Lanes<T> {
        R::evaluate(&Blocks::<R>(at, PhantomData))
    }
}

struct HypotSlope;

impl Function for HypotSlope {
    #[inline(always)]
    fn blocks() -> usize {
        3
    }

    #[inline(always)]
    fn of<T: Target>(at: &[Block]) -> Lanes<T> {
        at[0].to::<T>().hypot_slope_at(at[1].to(), at[2].to())
    }
}

#[inline(always)]
fn operands<R: Row>() -> usize {
    R::OP.arity().operands().unwrap_or(0)
}

/// Operands and constants of a row where a thunk has them.
struct Blocks<'a, R>(&'a [Block], PhantomData<R>);

impl<R: Row, T: Target> Site<Lanes<T>> for Blocks<'_, R> {
    #[inline(always)]
    fn x(&self) -> Lanes<T> {
        self.0[0].to()
    }
    #[inline(always)]
    fn y(&self) -> Lanes<T> {
        self.0[1].to()
    }
    #[inline(always)]
    fn z(&self) -> Lanes<T> {
        self.0[2].to()
    }
    #[inline(always)]
    fn r(&self) -> Lanes<T> {
        Lanes::splat(f64::NAN)
    }
    #[inline(always)]
    fn c(&self) -> f64 {
        self.0[operands::<R>()].0[0]
    }
    #[inline(always)]
    fn d(&self) -> f64 {
        self.0[operands::<R>() + 1].0[0]
    }
}

/// Call a function with the instructions of `T`, and write its result over its first operand.
unsafe extern "sysv64" fn in_place<F: Function, T: Target>(at: *mut Block) {
    // SAFETY: the caller has so many blocks there, for this call alone.
    let at = unsafe { std::slice::from_raw_parts_mut(at, F::blocks()) };
    T::call(InPlace::<F>(at, PhantomData));
}

struct InPlace<'a, F>(&'a mut [Block], PhantomData<F>);

impl<F: Function> Job for InPlace<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<T: Target>(self) {
        self.0[0] = F::of::<T>(self.0).to();
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Thunk, hypot_slope_at, thunk};
    use crate::Real;
    use crate::lanes::{Isa, Lanes, WIDTH};
    use crate::op::{Op, Row, Site, row, with_row};

    fn call(thunk: Thunk, at: &mut [Block]) {
        // SAFETY: there are as many blocks as the row has operands and constants, and the machine has the instructions.
        unsafe { thunk(at.as_mut_ptr()) }
    }

    /// Bits, with one NaN for all: IEEE 754 leaves its sign and payload open.
    fn bits(lanes: Block) -> [u64; WIDTH] {
        lanes.0.map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() })
    }

    /// Lanes at a sample point and near it, and among special values.
    fn around(samples: &[&[f64]], i: usize) -> Block {
        let special = [0.0, -0.0, f64::INFINITY, f64::NAN, 1e300];
        let mut lanes = [0.0; WIDTH];
        for (lane, number) in lanes.iter_mut().enumerate() {
            let sample = samples[lane % samples.len()][i];
            *number = if lane < 3 { sample } else { special[(lane + i) % special.len()] };
        }
        Lanes::new(lanes)
    }

    struct Given<'a>(&'a [Block], [f64; 2]);

    impl Site<Block> for Given<'_> {
        fn x(&self) -> Block {
            self.0[0]
        }
        fn y(&self) -> Block {
            self.0[1]
        }
        fn z(&self) -> Block {
            self.0[2]
        }
        fn r(&self) -> Block {
            unreachable!("a value does not read itself")
        }
        fn c(&self) -> f64 {
            self.1[0]
        }
        fn d(&self) -> f64 {
            self.1[1]
        }
    }

    #[test]
    fn every_scalar_row_has_a_function_with_its_bits_on_every_instruction_set() {
        let mut rows = 0;
        for &op in Op::ALL {
            let Some(operands) = op.arity().operands() else { continue };
            rows += 1;
            let samples = op.info().samples;
            let x: Vec<Block> = (0..operands).map(|i| around(samples, i)).collect();
            let mut constants = [f64::NAN; 2];
            constants[..op.constants()].copy_from_slice(&samples[0][operands..]);
            let value = with_row!(op, Row => Row::evaluate(&Given(&x, constants)));
            // In the other lanes of a constant is what the code had there.
            let mut of_constants = [Block::splat(f64::NAN); 2];
            (0..2).for_each(|k| of_constants[k].0[0] = constants[k]);
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                let mut at = [&x[..], &of_constants[..op.constants()]].concat();
                let behind = at.len();
                at.push(Block::splat(7.0));
                call(thunk(op, isa.available()), &mut at);
                assert_eq!(bits(at[0]), bits(value), "{op:?}, {isa}");
                assert_eq!(at[behind], Block::splat(7.0), "{op:?} writes too far");
            }
        }
        assert!(rows > 50, "{rows} rows");
    }

    #[test]
    fn the_slope_of_hypot_at_a_result_has_a_function() {
        let (x, y) =
            (Block::new([3.0, 0.5, -4.0, 0.0, 1e200, 1e-200, f64::NAN, -0.0]), Block::splat(2.0));
        let r = x.hypot(y);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let mut at = [x, y, r];
            call(hypot_slope_at(isa.available()), &mut at);
            let expected = x.hypot_slope_at(y, r);
            assert_eq!(bits(at[0]), bits(expected), "{isa}");
        }
    }

    #[test]
    #[should_panic(expected = "Affine is no scalar row")]
    fn a_row_of_any_number_of_operands_has_none() {
        thunk(Op::Affine, Isa::Baseline.available());
    }
}
