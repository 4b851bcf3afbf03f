//! Where the interpreter keeps results and adjoints, and memory for them between sweeps.

use crate::Real;
use crate::op::Values;
use std::cell::Cell;
use std::ops::{Deref, DerefMut};

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

thread_local! {
    /// The largest vector that is not in use.
    static SPARE: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// Give back the memory that this thread keeps for adjoints and tangents.
pub(crate) fn release_adjoints() {
    let _ = SPARE.try_with(Cell::take);
}

/// A vector that leaves its memory to the next: fresh memory costs as much as a sweep over it, for the system hands it
/// out page by page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Vec<f64>);

impl Kept {
    /// Make it empty, with memory that is kept if it has none.
    #[inline]
    pub fn begin(&mut self) {
        if self.0.capacity() == 0 {
            // At the end of a thread the spare vector may be gone before the last sweep.
            self.0 = SPARE.try_with(Cell::take).unwrap_or_default();
        }
        self.0.clear();
    }
}

impl Drop for Kept {
    #[inline]
    fn drop(&mut self) {
        let mine = std::mem::take(&mut self.0);
        if mine.capacity() > 0 {
            let _ = SPARE.try_with(|spare| {
                let other = spare.take();
                spare.set(if other.capacity() < mine.capacity() { mine } else { other });
            });
        }
    }
}

impl Deref for Kept {
    type Target = Vec<f64>;
    #[inline(always)]
    fn deref(&self) -> &Vec<f64> {
        &self.0
    }
}

impl DerefMut for Kept {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Vec<f64> {
        &mut self.0
    }
}
