//! Where a rule reads and writes: the operands of one operation, the values of a recording, the flow of adjoints
//! or tangents. Sweeps, dual numbers and lanes each have their own.

use crate::Real;

/// One place where an operation is applied: its operands `x`, `y`, `z`, its own result `r`, its
/// constants `c`, `d`.
pub(crate) trait Site<T> {
    fn x(&self) -> T;
    fn y(&self) -> T;
    fn z(&self) -> T;
    fn r(&self) -> T;
    fn c(&self) -> f64;
    fn d(&self) -> f64;
}

/// Where the values of operands are.
pub(crate) trait Values<T> {
    fn get(&self, operand: u32) -> T;
}

/// Values as a function of the operand.
pub(crate) struct Reading<F>(pub F);

impl<T, F: Fn(u32) -> T> Values<T> for Reading<F> {
    #[inline(always)]
    fn get(&self, operand: u32) -> T {
        (self.0)(operand)
    }
}

impl<T: Copy> Values<T> for [T] {
    #[inline(always)]
    fn get(&self, operand: u32) -> T {
        self[operand as usize]
    }
}

/// Where contributions go.
pub(crate) trait Flow<T> {
    /// Whether a constant factor 0 must let nothing through. In quick sweeps it need not: 0 · ∞ makes NaN.
    const GATES: bool = true;
    /// The adjoint (or tangent) `w` that the rule for an operand is to be applied to; none if what it would
    /// give is not wanted.
    fn weight(&self, operand: u32) -> Option<T>;
    /// Take in a contribution by value: a 0 among them has flowed.
    fn give(&mut self, operand: u32, contribution: T);
    /// Take in a contribution that is [nothing](crate::Real::nothing) where the operation is flat.
    fn gate(&mut self, operand: u32, contribution: T);
}

/// Operands and constants at hand; what is missing is NaN.
pub(crate) struct Point<'a, T> {
    pub operands: &'a [T],
    pub constants: &'a [f64],
}

impl<T: Real> Point<'_, T> {
    fn operand(&self, i: usize) -> T {
        self.operands.get(i).copied().unwrap_or(T::from(f64::NAN))
    }
    fn constant(&self, i: usize) -> f64 {
        self.constants.get(i).copied().unwrap_or(f64::NAN)
    }
}

impl<T: Real> Site<T> for Point<'_, T> {
    fn x(&self) -> T {
        self.operand(0)
    }
    fn y(&self) -> T {
        self.operand(1)
    }
    fn z(&self) -> T {
        self.operand(2)
    }
    fn r(&self) -> T {
        T::from(f64::NAN)
    }
    fn c(&self) -> f64 {
        self.constant(0)
    }
    fn d(&self) -> f64 {
        self.constant(1)
    }
}
