//! Where the interpreter keeps results and adjoints.

use crate::Real;
use crate::op::Values;
use std::cell::Cell;

/// Where results are kept.
pub(crate) trait Results<T>: Values<T> {
    /// Keep the result of an instruction.
    fn set(&mut self, instruction: usize, value: T);
}

impl<T: Copy> Results<T> for [T] {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: T) {
        self[instruction] = value;
    }
}

/// Where adjoints are kept: slices of cells, passed by value. With a `&mut` passed to the rules that are called,
/// the loop would have to reload the address of the adjoints after every instruction.
pub(crate) trait Adjoints<T>: Copy {
    /// Tell whether the instruction is among those that are swept.
    #[inline(always)]
    fn has(self, _instruction: usize) -> bool {
        true
    }
    /// Read the adjoint of an instruction.
    fn get(self, instruction: usize) -> T;
    /// The adjoint of an instruction is not needed again.
    #[inline(always)]
    fn done(self, _instruction: usize) {}
    /// Nothing has flowed to an instruction.
    #[inline(always)]
    fn unreached(self, _instruction: usize) {}
    /// Tell whether the adjoint of an operand is wanted.
    fn wants(self, operand: u32) -> bool;
    /// Add to the adjoint of an operand.
    fn add(self, operand: u32, contribution: T);
}

impl<T: Real> Adjoints<T> for &[Cell<T>] {
    #[inline(always)]
    fn get(self, instruction: usize) -> T {
        self[instruction].get()
    }
    #[inline(always)]
    fn has(self, instruction: usize) -> bool {
        instruction < self.len()
    }
    #[inline(always)]
    fn unreached(self, instruction: usize) {
        self[instruction].set(T::from(0.0));
    }
    #[inline(always)]
    fn wants(self, _: u32) -> bool {
        true
    }
    #[inline(always)]
    fn add(self, operand: u32, contribution: T) {
        accumulate(&self[operand as usize], contribution);
    }
}

/// View adjoints as cells.
#[inline(always)]
pub(crate) fn cells<T>(adjoints: &mut [T]) -> &[Cell<T>] {
    Cell::from_mut(adjoints).as_slice_of_cells()
}

/// Add to the number in a cell.
#[inline(always)]
pub(crate) fn accumulate<T: Real>(cell: &Cell<T>, contribution: T) {
    let mut sum = cell.get();
    sum.accumulate(contribution);
    cell.set(sum);
}
